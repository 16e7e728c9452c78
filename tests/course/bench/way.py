"""What the ways of marking share: the environment, and the shape of one marking of a cohort."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cohort import LEARNERS, Learner
from bench.measure import Usage

HERE = Path(__file__).resolve().parent
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1")
"""For everybody: on arrays this small a second thread only waits."""


@dataclass(frozen=True)
class Marked:
    """A cohort marked once: what it took for all of it, and every submission's score."""

    usage: Usage
    scores: dict[str, float]


@dataclass(frozen=True)
class Way:
    """A way of marking: its name, and a function that marks the cohort in a new, empty folder."""

    name: str
    mark: Callable[[Path], Marked]


@dataclass(frozen=True)
class Setup:
    """The kit's interpreter, the one that the peers are installed in, and whose submissions are marked."""

    kit: Path
    peers: Path
    learners: Sequence[Learner] = LEARNERS

    def peer(self, command: str) -> Path:
        """A command of the peers' environment."""
        return self.peers.parent / command


def environment(python: Path, home: Path, **more: str) -> dict[str, str]:
    """What commands get: their environment's own commands, one thread, this folder's modules, and a home.

    Jupyter and IPython keep their files under `home`.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST"))}
    home.mkdir(parents=True, exist_ok=True)
    own = {name: str(home) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    own["PATH"] = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    paths = os.pathsep.join([str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return kept | ONE_THREAD | own | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": ""} | more


def stamp() -> str:
    """The time of day, for progress."""
    return time.strftime("%H:%M:%S")
