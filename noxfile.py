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
    """Run `python -m …` in the shared environment."""
    prepare(session)
    session.run(str(PYTHON), "-m", *command)


def run_script(session: nox.Session, name: str, *arguments: str) -> None:
    """Run a script of tests/kit in the shared environment."""
    prepare(session)
    session.run(str(PYTHON), str(ROOT / "tests" / "kit" / name), *arguments)


def prepare(session: nox.Session) -> None:
    """Make the shared environment, or bring it up to date."""
    if not PYTHON.exists():
        session.run(sys.executable, "-m", "virtualenv", "--quiet", str(ENVIRONMENT))
    stamp, wanted = ENVIRONMENT / "installed.txt", _wanted()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        session.log("installing the kit and what it needs (PyTorch is the largest part)")
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        session.run(str(PYTHON), *install, "-e", f"{ROOT}[dev]", "-c", str(ROOT / "constraints.txt"))
        stamp.write_text(wanted, encoding="utf-8")


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
    run_script(session, "sample_cohort.py", str(SAMPLE))
    options = ["--time-limit", "3"]
    if sys.platform != "linux":  # the samples are the kit's own: they may be marked where nothing confines them
        options += ["--isolation", "process"]
    run(session, "grader", "grade", str(SAMPLE), "--out", str(ROOT / "results"), *options)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and types."""
    run(session, "ruff", "check", str(ROOT))
    run(session, "ruff", "format", "--check", str(ROOT))
    run(session, "mypy")


@nox.session
def seeds(session: nox.Session) -> None:
    """Run the suites on the solutions with many seeds: `nox -s seeds -- 200`; none may fail."""
    run_script(session, "many_seeds.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the suites as a learner runs them, and the marking of the sample cohort."""
    run_script(session, "benchmark.py", *session.posargs)
