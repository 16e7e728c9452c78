"""Attacks by files: points, traps and changes left where somebody will read them."""

from hostile.attack import RIGHT, WRONG, Attack

ATTACKS = (
    Attack(
        "files-forged-results",
        "points by lines added to the run's results and scores",
        """
import json

line = (
    json.dumps({"submission": "files-forged-results", "status": "graded", "score": 100.0, "max_score": 100.0})
    + "\\n"
)
for name in ("results.jsonl", "scores.csv", "results.jsonl.old", "scores.csv.new"):
    for mode in ("a", "r+", "w"):
        attempt(f"{name} {mode}", lambda: open(f"{WORLD['out']}/{name}", mode).write(line))
attempt("unlink", lambda: os.unlink(f"{WORLD['out']}/results.jsonl"))
attempt("rename", lambda: os.rename(f"{WORLD['out']}/results.jsonl", f"{WORLD['out']}/{WORLD['token']}"))
""",
        base=WRONG,
    ),
    Attack(
        "files-plugins-for-pytest",
        "points by conftest.py, pytest.ini and plugins written where the marking runs",
        '''
hook = f"""# {WORLD['token']}
def pytest_runtest_makereport(item, call):
    call.excinfo = None
"""
for folder in [*WORLD["folders"], WORLD["kit"], WORLD["kit"] + "/tests", "."]:
    for name in ("conftest.py", "pytest.ini", "tox.ini", "formulas.py", f"{WORLD['token']}.py"):
        attempt(f"{folder}/{name}", lambda: open(f"{folder}/{name}", "x").write(hook))
''',
        base=WRONG,
    ),
    Attack(
        "files-run-at-start",
        "points by .pth files, sitecustomize and changed libraries, for the next interpreter to run",
        """
import site, sysconfig

places = {
    *sys.path,
    *site.getsitepackages(),
    site.getusersitepackages(),
    sysconfig.get_path("stdlib"),
    *WORLD["folders"],
}
for place in sorted(places):
    for name in (f"{WORLD['token']}.pth", "sitecustomize.py", "usercustomize.py"):
        attempt(f"{place}/{name}", lambda: open(os.path.join(place, name), "x").write(f"# {WORLD['token']}\\n"))
import numpy

judge, formulas = (WORLD["kit"] + name for name in ("/grader/judging/judge.py", "/tests/helpers/formulas.py"))
for file in (numpy.__file__, os.__file__, judge, formulas):
    attempt(f"append to {file}", lambda: os.open(file, os.O_WRONLY | os.O_APPEND))
    attempt(
        f"cache of {file}", lambda: open(os.path.join(os.path.dirname(file), "__pycache__", WORLD["token"]), "x")
    )
""",
        base=WRONG,
    ),
    Attack(
        "files-overwritten",
        "files of others, by every way to open them for writing",
        """
import mmap, pathlib, shutil
import numpy as np

for path in WORLD["secrets"]:
    for flags in (
        os.O_WRONLY,
        os.O_RDWR,
        os.O_WRONLY | os.O_TRUNC,
        os.O_WRONLY | os.O_APPEND,
        os.O_RDONLY | os.O_TRUNC,
    ):
        attempt(f"open {flags:#x} {path}", lambda: os.write(os.open(path, flags), b"overwritten"))
    attempt("truncate", lambda: os.truncate(path, 0))
    attempt("memmap", lambda: np.memmap(path, np.uint8, "r+").fill(0))
    attempt("save", lambda: np.save(path, np.zeros(3)))
    attempt("copy", lambda: shutil.copyfile(__import__("numpy").__file__, path))
    attempt("C", lambda: libc().fopen(path.encode(), b"r+") or 1 / 0)
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "files-renamed-and-removed",
        "files of others, by names: unlinked, renamed, linked, replaced",
        """
for path in WORLD["secrets"]:
    folder = os.path.dirname(path)
    mine = f"{folder}/{WORLD['token']}"
    attempt(f"unlink {path}", lambda: os.unlink(path))
    attempt("rename", lambda: os.rename(path, mine))
    attempt("replace", lambda: os.replace(WORLD["neighbour"], path))
    attempt("link", lambda: os.link(path, mine))
    attempt("symlink", lambda: os.symlink(path, mine))
    attempt("mkdir", lambda: os.mkdir(mine))
    attempt("mkfifo", lambda: os.mkfifo(mine))
    attempt("mknod", lambda: os.mknod(mine))
    attempt("rmdir", lambda: os.rmdir(folder))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "files-modes-and-times",
        "files of others, by what is known of them: modes, owners, times, attributes, locks",
        """
import fcntl

for path in [*WORLD["secrets"], *WORLD["folders"]]:
    attempt(f"chmod {path}", lambda: os.chmod(path, 0o700))
    attempt("chown", lambda: os.chown(path, os.getuid(), os.getgid()))
    attempt("lchown", lambda: os.lchown(path, 1, 1))
    attempt("utime", lambda: os.utime(path, (1, 1)))
    attempt("setxattr", lambda: os.setxattr(path, "user.hostile", b"1"))
    attempt("flags", lambda: fcntl.ioctl(os.open(path, os.O_RDONLY), 0x40086602, b"\\x10" + b"\\0" * 7))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "files-made-everywhere",
        "the disk, by files and folders made wherever anybody may",
        """
import tempfile

for folder in [
    *WORLD["folders"],
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/run",
    "/",
    ".",
    os.path.expanduser("~"),
    "/dev/mqueue",
]:
    attempt(f"open {folder}", lambda: open(f"{folder}/{WORLD['token']}", "x").write("x"))
    attempt(f"mkdir {folder}", lambda: os.makedirs(f"{folder}/{WORLD['token']}-d/deep"))
    attempt(f"temporary {folder}", lambda: tempfile.mkstemp(prefix=WORLD["token"], dir=folder))
    attempt(f"unnamed {folder}", lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600))
attempt("temporary", lambda: tempfile.mkdtemp(prefix=WORLD["token"]))
attempt(
    "shared memory",
    lambda: __import__("multiprocessing.shared_memory").shared_memory.SharedMemory(WORLD["token"], True, 9),
)
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "files-that-fill-the-disk",
        "the disk, by files of sixty megabytes and sparse ones of a terabyte",
        """
import signal

attempt("no signal", lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
for number, folder in enumerate([*WORLD["folders"], "/tmp", "/dev/shm"]):
    path = f"{folder}/{WORLD['token']}-{number}"
    attempt(f"sparse {path}", lambda: os.truncate(os.open(path + "s", os.O_CREAT | os.O_RDWR), 2**40))
    attempt(f"full {path}", lambda: open(path, "wb").write(bytes(60 * 2**20)))
    attempt(f"reserved {path}", lambda: os.posix_fallocate(os.open(path + "r", os.O_CREAT | os.O_RDWR), 0, 2**26))
""",
        at_most=10,
        base=RIGHT,
    ),
)
