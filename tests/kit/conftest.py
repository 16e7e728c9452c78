"""The maintainers' tests: pytest's own output, the same examples in every run, and one thread for PyTorch."""

import importlib.util
import os

import pytest

FOR_MAINTAINERS = importlib.util.find_spec("hypothesis") is not None
"""In a learner's environment `pytest tests` runs the suites alone."""

collect_ignore_glob = [] if FOR_MAINTAINERS else ["*"]


def pytest_configure(config: pytest.Config) -> None:
    """Show these tests as pytest does; draw the same examples in every run, and wait for them."""
    if not FOR_MAINTAINERS:
        return
    import hypothesis

    os.environ["OMP_NUM_THREADS"] = "1"  # several would wait for one another, the longer the busier the machine
    config.option.full = True
    slow = hypothesis.HealthCheck.too_slow
    hypothesis.settings.register_profile(
        "kit", deadline=None, derandomize=True, database=None, suppress_health_check=[slow]
    )
    hypothesis.settings.load_profile("kit")
