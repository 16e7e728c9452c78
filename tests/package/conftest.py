"""The tests of the kit as a package: `nox -s package` builds the wheel and makes an environment of it."""

import pytest


@pytest.hookimpl(tryfirst=True)  # before the kit's plugin chooses its output
def pytest_configure(config: pytest.Config) -> None:
    """Show these tests as pytest does."""
    config.option.full = True
