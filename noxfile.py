"""The kit's sessions; all share one virtual environment, so that PyTorch is installed once."""

import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
ENVIRONMENT = ROOT / ".nox" / "kit"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
SAMPLE = ROOT / "build" / "cohort"

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["tests", "lint"]


def run(session: nox.Session, *command: str) -> None:
    """Run `python -m …` in the shared environment, which is made and brought up to date first."""
    if not PYTHON.exists():
        session.run(sys.executable, "-m", "virtualenv", "--quiet", str(ENVIRONMENT))
    stamp, wanted = ENVIRONMENT / "installed.txt", _wanted()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        session.log("installing the kit and what it needs (PyTorch is the largest part)")
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        session.run(str(PYTHON), *install, "-e", f"{ROOT}[dev]", "-c", str(ROOT / "constraints.txt"))
        stamp.write_text(wanted, encoding="utf-8")
    session.run(str(PYTHON), "-m", *command)


def _wanted() -> str:
    """What decides whether the environment is up to date."""
    return "".join((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "constraints.txt"))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the six suites on the solutions, check the stubs, then run the kit's own tests."""
    run(session, "grader", "release", "--check")
    run(session, "pytest", "--impl", str(ROOT / "solutions"))
    run(session, "pytest", str(ROOT / "tests" / "kit"), "-W", "error", *session.posargs)


@nox.session
def grade(session: nox.Session) -> None:
    """Mark the folder given after `--` (and further options), or the cohort that ships with the kit."""
    if session.posargs:
        run(session, "grader", "grade", *session.posargs)
        return
    run(session, "tests.kit.sample_cohort", str(SAMPLE))
    run(session, "grader", "grade", str(SAMPLE), "--out", str(ROOT / "results"), "--time-limit", "3")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and types."""
    run(session, "ruff", "check", str(ROOT))
    run(session, "ruff", "format", "--check", str(ROOT))
    run(session, "mypy")


@nox.session
def seeds(session: nox.Session) -> None:
    """Run the suites on the solutions with many seeds: `nox -s seeds -- 200`; none may fail."""
    run(session, "tests.kit.many_seeds", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure a learner's first runs: the suites on the solutions, each in a process of its own."""
    run(session, "tests.kit.bench_suites", *session.posargs)
