"""Attacks for secrets: planted ones, the solutions, the suites, other submissions, the results, other memories."""

from hostile.attack import RIGHT, Attack

SHOW = """
def show(path, text):
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    import re

    words = ("BEGIN[ ]SOLUTION", "mark[.]points", '["]digest"', "def[ ]central_differences", "canary[-][0-9a-f]+")
    hits = re.findall("|".join(words), text)
    return path, len(text), sorted(set(hits))
"""
"""Prints of a text what gives it away."""

ATTACKS = (
    Attack(
        "secrets-opened",
        "planted secrets, solutions, suites, results and a neighbour's work, by the ways to open a file",
        """
import io, linecache, pathlib
import numpy as np

ways = dict(
    open=lambda p: open(p, "rb").read(),
    os=lambda p: os.read(os.open(p, os.O_RDONLY), 10 ** 6),
    path=lambda p: pathlib.Path(p).read_bytes(),
    code=lambda p: io.open_code(p).read(),
    numpy=lambda p: np.fromfile(p, np.uint8).tobytes(),
    memmap=lambda p: bytes(np.memmap(p, np.uint8, "r")),
    lines=lambda p: "".join(linecache.getlines(p)) or 1 / 0,
    relative=lambda p: open(os.path.relpath(p), "rb").read(),
)
for path in WORLD["secrets"]:
    for name, way in ways.items():
        attempt(name, lambda: show(path, way(path)))
""",
        at_most=10,
        base=RIGHT + SHOW,
    ),
    Attack(
        "secrets-by-the-c-library",
        "the same, past Python: fopen, openat2, mmap, handles, and descriptors of folders",
        """
import ctypes

def by_fopen(path):
    c = libc()
    c.fopen.restype = c.fgets.restype = ctypes.c_void_p
    file, buffer = c.fopen(path.encode(), b"r"), ctypes.create_string_buffer(4096)
    if not file:
        raise OSError(ctypes.get_errno())
    c.fread(buffer, 1, 4095, ctypes.c_void_p(file))
    return buffer.raw

def by_openat2(path):
    how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, 0)
    return os.read(syscall("openat2", -100, path.encode(), how, 24), 4096)

def by_handle(path):
    handle, mount = ctypes.create_string_buffer(b"\\x80\\0\\0\\0" + bytes(136)), ctypes.c_int()
    call(libc().name_to_handle_at, -100, path.encode(), handle, ctypes.byref(mount), 0)
    return os.read(syscall("open_by_handle_at", os.open("/", os.O_RDONLY), handle, 0), 4096)

def by_folder(path):
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    return os.read(os.open(os.path.basename(path), os.O_RDONLY, dir_fd=folder), 4096)

def by_place(path):
    os.open(path, os.O_PATH)
    os.chdir(os.path.dirname(path))
    return open(os.path.basename(path)).read()

for path in WORLD["secrets"]:
    for way in (by_fopen, by_openat2, by_handle, by_folder, by_place):
        attempt(way.__name__, lambda: show(path, way(path)))
""",
        at_most=10,
        base=RIGHT + SHOW,
    ),
    Attack(
        "secrets-by-names",
        "names of files, by listing every folder that could hold something",
        """
import glob

here = [
    "",
    ".",
    "..",
    "/",
    "/home",
    "/root",
    "/tmp",
    "/proc",
    "/dev/shm",
    "/proc/self/cwd",
    "/proc/self/fd",
    "/etc",
]
for folder in [*WORLD["folders"], WORLD["out"], WORLD["cohort"], WORLD["kit"], WORLD["home"], *here]:
    attempt(f"list {folder}", lambda: show(folder, " ".join(os.listdir(folder))))
    attempt(f"glob {folder}", lambda: show(folder, " ".join(glob.glob(folder + "/*")) or 1 / 0))
for link in (
    WORLD["link"],
    "/proc/self/cwd",
    "/proc/self/exe",
    f"/proc/{os.getppid()}/cwd",
    f"/proc/{os.getppid()}/exe",
    f"/proc/{WORLD['victim']}/exe",
    f"/proc/{WORLD['victim']}/fd/{WORLD['victim_file']}",
    "/proc/self/fd/0",
):
    attempt(f"link {link}", lambda: (show(link, os.readlink(link)), os.readlink(link)))
""",
        at_most=10,
        base=RIGHT + SHOW,
    ),
    Attack(
        "secrets-of-the-machine",
        "what the machine is called and what is set up on it",
        """
import ctypes, platform, posix, socket

buffer = ctypes.create_string_buffer(512)
attempt("uname", found(lambda: os.uname().nodename))
attempt("posix", found(lambda: posix.uname().nodename))
attempt("node", found(platform.node))
attempt("name", found(socket.gethostname))
attempt("c", found(lambda: call(libc().gethostname, buffer, 512) + 1))
attempt("c", found(lambda: call(libc().uname, buffer) + 1))
attempt("domain", found(lambda: call(libc().getdomainname, buffer, 512) + 1))
attempt("file", found(lambda: open("/proc/sys/kernel/hostname").read()))
for folder in ("/etc", "/etc/ssl", "/lib", "/usr/lib", "/usr/lib64", f"/usr/lib/{os.uname().machine}-linux-gnu"):
    attempt(folder, found(lambda: os.listdir(folder)))
    attempt(folder, found(lambda: list(os.scandir(os.open(folder, os.O_RDONLY)))))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "secrets-of-the-environment",
        "what the environment holds, in Python, in C and in /proc",
        """
import ctypes

def in_c():
    strings = ctypes.POINTER(ctypes.c_char_p).in_dll(libc(), "environ")
    found = []
    while strings and strings[len(found)] is not None:
        found.append(strings[len(found)])
    return show("environ", b" ".join(found))

attempt("python", lambda: show("environ", repr(dict(os.environ))))
attempt("c", in_c)
attempt("getenv", lambda: os.getenv("CHAINRULE_CANARY") or 1 / 0)
for pid in ("self", "thread-self", os.getpid(), os.getppid(), 1, WORLD["victim"]):
    attempt(f"proc {pid}", lambda: show("environ", open(f"/proc/{pid}/environ", "rb").read()))
    attempt(f"arguments {pid}", lambda: show("arguments", open(f"/proc/{pid}/cmdline", "rb").read()))
""",
        at_most=10,
        base=RIGHT + SHOW,
    ),
    Attack(
        "secrets-of-other-processes",
        "expected values and secrets in the memory of other processes, through /proc and by system calls",
        """
import ctypes

address, length = WORLD["victim_address"], WORLD["victim_length"]

def by_mem(pid):
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        memory.seek(address)
        return show(f"mem {pid}", memory.read(length))

def by_readv(pid):
    buffer = ctypes.create_string_buffer(length)
    local = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), length)
    remote = (ctypes.c_uint64 * 2)(address, length)
    syscall("process_vm_readv", pid, local, 1, remote, 1, 0)
    return show("readv", buffer.raw)

def by_pidfd(pid):
    return show(
        "pidfd", os.read(syscall("pidfd_getfd", syscall("pidfd_open", pid, 0), WORLD["victim_file"], 0), 4096)
    )

def by_ptrace(pid):
    syscall("ptrace", 0x4206, pid, 0, 0)
    return show("ptrace", syscall("ptrace", 1, pid, address, 0).to_bytes(8, "little"))

for pid in (WORLD["victim"], os.getppid()):
    for way in (by_mem, by_readv, by_pidfd, by_ptrace):
        attempt(f"{way.__name__} {pid}", lambda: way(pid))
    for file in ("maps", "stack", "status", "fd", "root", "cwd", "fdinfo", "task"):
        attempt(f"{file} {pid}", lambda: show(file, str(os.listdir(f"/proc/{pid}/{file}"))))
        attempt(f"{file} {pid}", lambda: show(file, open(f"/proc/{pid}/{file}").read()))
attempt(
    "file of the victim", lambda: show("fd", open(f"/proc/{WORLD['victim']}/fd/{WORLD['victim_file']}").read())
)
attempt("all", lambda: [pid for pid in os.listdir("/proc") if pid.isdigit()])
""",
        at_most=10,
        base=RIGHT + SHOW,
    ),
    Attack(
        "secrets-through-the-kits-modules",
        "solutions and suites, through module paths, resources and the worker's own loaders",
        """
import importlib.resources, importlib.util, inspect, pkgutil, runpy, zipimport

for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").split(".")[0] in ("grader", "xor", "stage1_relu"):
        attempt(f"source of {module.__name__}", lambda: show(module.__name__, inspect.getsource(module)))
        folder = os.path.dirname(getattr(module, "__file__", "") or "")
        attempt(f"beside {module.__name__}", lambda: show(folder, str(os.listdir(os.path.dirname(folder) or "."))))
beside = "solutions/stage1_relu.py", "tests/helpers/formulas.py", "tests/test_stage1_relu.py"
for name in (*beside, "grader/judging/judge.py"):
    path = f"{WORLD['kit']}/{name}"
    attempt(f"run {name}", lambda: show(name, repr(runpy.run_path(path))))
    attempt(f"data {name}", lambda: show(name, pkgutil.get_data("grader", "../" + name)))
    spec = importlib.util.spec_from_file_location("taken", path)
    attempt(f"loader {name}", lambda: show(name, spec.loader.get_data(path)))
""",
        at_most=10,
        base=RIGHT + SHOW,
    ),
)
