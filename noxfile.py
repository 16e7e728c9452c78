"""The kit's sessions; all share one virtual environment, so that PyTorch is installed once."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
ENVIRONMENT = ROOT / ".nox" / "kit"
PEERS = ROOT / ".nox" / "peers"
LOWEST = ROOT / ".nox" / "lowest"
IN_ENVIRONMENT = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
PYTHON = ENVIRONMENT / IN_ENVIRONMENT
CONSTRAINTS = ROOT / "constraints.txt"
BENCH = ROOT / "tests" / "course" / "bench"
HELPERS = {"PYTHONPATH": str(ROOT / "tests" / "kit")}
"""Where the scripts of tests/course find what they share with the engine's tests."""
CORES = ("-n", "logical", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
"""A file's tests share what they make once, so each file is run by one process."""
SAMPLE = ROOT / "build" / "cohort"
CACHE = {"CHAINRULE_CACHE": str(ROOT / "build" / "cache")}
"""Where tests and proofs keep, for one another, what the known mistakes of this course gave."""

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["tests", "lint"]


def run(session: nox.Session, *command: str) -> None:
    """Run `python -m …` in the shared environment."""
    prepare(session)
    session.run(str(PYTHON), "-m", *command)


def run_script(session: nox.Session, name: str, *arguments: str) -> None:
    """Run a script of tests/course in the shared environment; it finds the helpers of tests/kit."""
    prepare(session)
    session.run(str(PYTHON), str(ROOT / "tests" / "course" / name), *arguments, env=HELPERS)


def prepare(session: nox.Session) -> None:
    """Make the shared environment, or bring it up to date."""
    install(session, ENVIRONMENT, CONSTRAINTS, [], "-e", f"{ROOT}[dev]")


def prepare_peers(session: nox.Session) -> None:
    """Make the environment of the benchmark's peers, or bring it up to date; the kit is in it too."""
    pinned = BENCH / "peers.txt"
    install(session, PEERS, CONSTRAINTS, [pinned], "-e", f"{ROOT}[grading,notebooks]", "-r", str(pinned))


def install(session: nox.Session, environment: Path, versions: Path, pins: list[Path], *what: str) -> None:
    """Install into an environment, made where it is missing, unless nothing has changed since the last time.

    versions: the exact ones of what is installed.
    """
    python = environment / IN_ENVIRONMENT
    if not python.exists():
        session.run(sys.executable, "-m", "virtualenv", "--quiet", str(environment))
    decides = [ROOT / "pyproject.toml", versions, *pins]
    stamp, wanted = environment / "installed.txt", "".join(path.read_text(encoding="utf-8") for path in decides)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        session.log("installing the kit and what it needs (PyTorch is the largest part)")
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        session.run(str(python), *pip, *what, "-c", str(versions))
        stamp.write_text(wanted, encoding="utf-8")


def with_commands() -> dict[str, str]:
    """The PATH with the shared environment's commands, of which nbgrader calls alembic."""
    return {"PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"}


def run_tests(session: nox.Session, of: str, *options: str) -> None:
    """Run the tests of the engine (kit) or of the course on all cores, module by module; shows the slowest."""
    prepare(session)
    command = ("pytest", str(ROOT / "tests" / of), "-W", "error", "--strict-markers", "--durations=10", *CORES)
    session.run(str(PYTHON), "-m", *command, *options, *session.posargs, env=CACHE if of == "course" else {})


@nox.session
def tests(session: nox.Session) -> None:
    """Check what is made of the solutions, run the suites on these, then test the engine and the course."""
    prepare(session)
    suites = [str(PYTHON), "-m", "pytest", "--impl", str(ROOT / "solutions")]
    with tempfile.TemporaryFile() as told:  # each takes one core, and they are shown one after the other
        with subprocess.Popen(suites, cwd=ROOT, stdout=told, stderr=told) as running:
            run(session, "grader", "check")
        told.seek(0)
        print(told.read().decode("utf-8", "replace"), flush=True)
    if running.returncode:
        session.error("the suites did not pass on the solutions")
    run_tests(session, "kit")
    run_tests(session, "course")


@nox.session
def proofs(session: nox.Session) -> None:
    """Run the tests that take long: the attacks, samples, styles and ways to mark that `tests` leaves out."""
    run_tests(session, "kit", "--proofs=alone")
    run_tests(session, "course", "--proofs=alone")


@nox.session
def package(session: nox.Session) -> None:
    """Build the wheel, install it without PyTorch into an environment of its own, and use it there."""
    prepare(session)
    built, environment = ROOT / "build" / "wheel", ROOT / ".nox" / "package"
    shutil.rmtree(built, ignore_errors=True)
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    session.run(str(PYTHON), *pip, "wheel", "--no-deps", "--wheel-dir", str(built), str(ROOT))
    session.run(sys.executable, "-m", "virtualenv", "--quiet", "--clear", str(environment))
    (wheel,) = built.glob("*.whl")
    python = str(environment / IN_ENVIRONMENT)
    session.run(python, *pip, "install", str(wheel), "-c", str(ROOT / "constraints.txt"))
    tests = str(ROOT / "tests" / "package")
    session.run(str(PYTHON), "-m", "pytest", tests, "-W", "error", env={"CHAINRULE_INSTALLED": str(environment)})


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
def nbgrader(session: nox.Session) -> None:
    """Run a command of nbgrader's in a folder of results or a course: `nox -s nbgrader -- results export`."""
    prepare(session)
    folder, *command = session.posargs or ["results", "--help"]
    session.chdir(folder)
    session.run(str(PYTHON), "-m", "nbgrader", *command, env=with_commands())


@nox.session
def formgrader(session: nox.Session) -> None:
    """Open nbgrader's formgrader on a folder of results or a course: `nox -s formgrader -- results`."""
    prepare(session)
    folder, *options = session.posargs or ["results"]
    session.chdir(folder)
    command = ["jupyterlab", "--LabApp.default_url=/formgrader", *options]
    session.run(str(PYTHON), "-m", *command, env=with_commands())


@nox.session
def course(session: nox.Session) -> None:
    """Make a course for nbgrader in the folder given after `--`."""
    run(session, "grader", "course", *(session.posargs or [str(ROOT / "build" / "course")]))


@nox.session
def doctor(session: nox.Session) -> None:
    """Show what this machine offers for keeping learners' code apart, and prove it."""
    run(session, "grader", "doctor")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting, GitHub's files against their schemas, by the hooks of commits; and types."""
    prepare(session)
    session.run(str(PYTHON), "-m", "pre_commit", "run", "--all-files", env=with_commands())
    run(session, "mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation in build/docs, and follow its pages; `-- linkcheck` also visits outside links."""
    strict = ("-q", "-W", "--keep-going", "-n", "-d", str(ROOT / "build" / "doctrees"))
    for builder, output in {"html": "docs", **{name: name for name in session.posargs}}.items():
        run(session, "sphinx", "-b", builder, *strict, str(ROOT / "docs"), str(ROOT / "build" / output))
    cores = ("-n", "logical", "--maxprocesses", "4", "--dist", "worksteal")
    session.run(str(PYTHON), "-m", "pytest", str(ROOT / "tests" / "docs"), "-W", "error", *cores, env=CACHE)


@nox.session
def lowest(session: nox.Session) -> None:
    """Run the suites and the engine's tests with the lowest versions of what pyproject.toml names.

    But for the tests of what is told and drawn with the versions of constraints.txt. Libraries of then may warn of
    those that they stand on.
    """
    prepare(session)
    LOWEST.mkdir(parents=True, exist_ok=True)
    pins = LOWEST / "requirements.txt"
    wanted = ("--extra", "dev", "--resolution", "lowest-direct", "--output-file", str(pins))
    compiling = ("uv", "pip", "compile", "--quiet", "--python", str(PYTHON))
    session.run(str(PYTHON), "-m", *compiling, str(ROOT / "pyproject.toml"), *wanted)
    install(session, LOWEST / "environment", pins, [], "-e", f"{ROOT}[dev]")
    python = str(LOWEST / "environment" / IN_ENVIRONMENT)
    session.run(python, "-m", "pytest", "--impl", str(ROOT / "solutions"))
    kit = ROOT / "tests" / "kit"
    apart = (f"--ignore={kit / 'test_four_ways.py'}", f"--deselect={kit / 'test_figures.py'}::test_overview")
    session.run(python, "-m", "pytest", str(kit), *apart, *CORES, *session.posargs)


@nox.session
def seeds(session: nox.Session) -> None:
    """Run the suites on the solutions with many seeds: `nox -s seeds -- 200`; none may fail."""
    run_script(session, "many_seeds.py", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Prove the suites on wrong and on right versions of the solutions; see `nox -s mutants -- --help`."""
    run_script(session, "mutate.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the suites as a learner runs them, and marking beside nbgrader, otter and more; see `-- --help`."""
    prepare_peers(session)
    run_script(session, "benchmark.py", "--peers", str(PEERS / IN_ENVIRONMENT), *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Draw the pictures of the README and the documentation, in docs/pictures."""
    prepare(session)
    session.run(str(PYTHON), str(ROOT / "docs" / "pictures" / "draw.py"), *session.posargs)
