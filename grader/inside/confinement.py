"""What a worker may still do once a learner's code runs in it: next to nothing. Linux only.

The fork server shuts itself in once (`enter`): it stops being root, and Landlock leaves it nothing to write and
nothing to read but Python's own files; each worker inherits that. A worker then bounds itself (`limit`): memory,
processor time, files, and by seccomp its system calls. Both are for good.

The system calls are an allow-list: those that NumPy and PyTorch made while the solutions were marked, and what
Python's memory, clocks and reading of files need elsewhere. Whatever is not named fails with EPERM, so a call that
tomorrow's kernel adds is denied today. New threads are not named: the kernel shares processors out by threads, so
that a worker with hundreds would leave next to nothing to the submissions beside it. Some pass with certain
arguments only: other processes' clocks and processors are denied, and ways to open a file that Landlock does not
know in every version. Paths are left to Landlock. Left open is the `stat` of a path that is guessed, without which
nothing can be imported.
"""

import contextlib
import ctypes
import errno
import os
import resource
import signal
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import landlockpy
import seccompy
from landlockpy import AccessFS, Scope
from seccompy import Action, CmpOp, Filter

NOBODY = 65534
"""The user and group that own nothing."""
MAX_DESCRIPTORS = 64
"""Open files of a worker."""

ALLOWED = (
    *("read", "readv", "pread64", "write", "writev", "recvfrom", "sendto", "shutdown", "close", "close_range"),
    *("dup", "dup2", "dup3", "lseek", "poll", "ppoll", "select", "pselect6", "getcwd", "getdents64"),
    *("stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"),
    *("brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "membarrier"),
    *("futex", "sched_yield", "set_robust_list", "rseq", "set_tid_address"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "getrandom", "getcpu"),
    *("times", "sysinfo", "nanosleep", "time", "gettimeofday", "exit", "exit_group"),
)
"""System calls that pass whatever their arguments; those that this architecture lacks are left out."""
FCNTL = (0, 1, 2, 3, 4, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; to own a descriptor is to send signals."""
IOCTL = (0x5401, 0x5421)
"""TCGETS, which isatty asks, and FIONBIO, which a socket's time-out sets."""
OPENING = {"open": 1, "openat": 2}
"""The system calls that open a file by its path, and which of their arguments holds the flags."""
OPENED = (
    (os.O_RDONLY, os.O_ACCMODE | os.O_TRUNC),
    (os.O_WRONLY, os.O_ACCMODE),
    (os.O_RDWR, os.O_ACCMODE),
)
"""Ways to open a file, each a value of the flags under a mask. Before its version 3 (Linux 6.2) Landlock lets
files be emptied that are not opened for writing: but to read or, by the fourth access mode, for neither."""
CLOCKS = ("clock_gettime", "clock_getres", "clock_nanosleep")
MOST_CLOCKS = 16
"""Clocks of the machine and of the caller have smaller numbers; others belong to processes, or to descriptors."""
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_NAME = 1, 8, 15
CAP_DAC_READ_SEARCH = 1 << 2
CAPABILITY_VERSION = 0x20080522


class LayerMissing(Exception):
    """A layer that this machine does not offer; the text says which, and what to do."""


@dataclass(frozen=True)
class Limits:
    """Bounds of a worker: bytes of memory beyond what its fork server holds, seconds of processor time."""

    memory: int
    seconds: int


def enter(libraries: Iterable[Path], owner: bool = False) -> None:
    """Stop being root, and keep nothing but the reading of Python's installation and these libraries.

    owner: read also what is for its owner's eyes alone, as who marks can; root then stays root in name, and no
    learner's code may be run.
    Raises LayerMissing; then nothing may be run here.
    """
    check_kernel()
    if threads := other_threads():
        raise LayerMissing(
            f"a library has started {len(threads)} more thread{'s' * (len(threads) > 1)} "
            f"({', '.join(sorted(set(threads)))}), and Landlock would bind only the first"
        )
    readable = [*_standard_library(), *_shared_libraries(), *libraries]
    with landlockpy.Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as rules:
        for path in readable:
            rules.allow_path(path, AccessFS.READ_FILE | AccessFS.READ_DIR if path.is_dir() else AccessFS.READ_FILE)
        for folder in {Path(place).resolve() for place in sys.path} & {path.parent for path in readable}:
            rules.allow_path(folder, AccessFS.READ_DIR)  # imports list it; all names below it can be listed too
        rules.allow_path("/dev/urandom", AccessFS.READ_FILE)
        rules.allow_path(os.devnull, AccessFS.READ_FILE | AccessFS.WRITE_FILE)
        if owner:
            _keep_only_reading()
        else:
            _keep_capabilities(_leave_root(readable) if os.geteuid() == 0 else 0)
        rules.restrict()
    _filter()  # compiled once, for all workers


def address_space() -> int:
    """Bytes of address space that this process takes."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()


def other_threads() -> list[str]:
    """The names of this process's threads but for the first."""
    names = []
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it may just have ended
            names += [] if thread.name == str(os.getpid()) else [(thread / "comm").read_text("utf-8").strip()]
    return names


def end_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends, or end it here where that has happened already."""
    _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def limit(limits: Limits, mapped: int) -> None:
    """Bound this process for good, and take from it all system calls but those of a worker; see `bound`."""
    bound(limits, mapped)
    filter_calls()


def filter_calls(links: bool = False) -> None:
    """Take from this process, for good, all system calls that are not on the allow-list.

    links: whether it may see where links lead, as who reads a folder must.
    """
    _filter(links).load()


def bound(limits: Limits, mapped: int) -> None:
    """Bound what this process may take, for good.

    mapped: bytes of address space that the fork server takes, of which a worker's memory is counted on top.
    """
    bounds = {
        resource.RLIMIT_AS: mapped + limits.memory,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for kind, most in bounds.items():
        resource.setrlimit(kind, (most, most))


def check_kernel() -> None:
    """Raise LayerMissing where the kernel lacks a layer."""
    if not landlockpy.supported():  # any version will do: what the first left open, the allow-list denies
        raise LayerMissing(
            "Landlock is not there; it takes Linux 5.13 or later, built with CONFIG_SECURITY_LANDLOCK, and "
            "landlock in the boot option lsm= if there is one"
        )
    try:
        found = seccompy.supported() and bool(seccompy.audit_arch())
    except seccompy.SeccompError as error:
        raise LayerMissing(f"seccomp cannot be used: {error}; it takes an x86-64 or ARM64 machine") from None
    if not found:
        raise LayerMissing("seccomp filters are not there; the kernel needs CONFIG_SECCOMP_FILTER")


def _standard_library() -> list[Path]:
    """Python's own modules, without the libraries that were installed beside them."""
    homes = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    packages = ("site-packages", "dist-packages")
    return [entry for home in homes for entry in home.iterdir() if entry.name not in packages]


def _shared_libraries() -> list[Path]:
    """The shared libraries beside those that are loaded, which modules imported later may need."""
    mapped = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    loaded = {Path(line.split(maxsplit=5)[5]) for line in mapped if ".so" in line}
    homes = {path.parent for path in loaded if "packages" not in str(path) and path.parent.is_dir()}
    cache_of_loader = Path("/etc/ld.so.cache")
    beside = [entry for home in homes for entry in home.glob("*.so*") if entry.is_file()]
    return [*beside, *([cache_of_loader] if cache_of_loader.exists() else [])]


def _leave_root(readable: list[Path]) -> int:
    """Become nobody; gives the capability that is needed to read Python where it is in a place of root's alone."""
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        _libc().prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except PermissionError:
        raise LayerMissing("root cannot become another user here; run this as an ordinary user") from None
    return 0 if all(os.access(path, os.R_OK) for path in readable) else CAP_DAC_READ_SEARCH


def _keep_only_reading() -> None:
    """Give up every capability but that to read, which in a container root may not have."""
    try:
        _keep_capabilities(CAP_DAC_READ_SEARCH if os.geteuid() == 0 else 0)
    except LayerMissing:
        _keep_capabilities(0)


def _keep_capabilities(kept: int) -> None:
    """Give up every capability but these, also those that an ordinary user may have been lent."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    if _libc().syscall(seccompy.syscall_nr("capset"), header, data):
        raise LayerMissing("capabilities cannot be given up here; run this as an ordinary user")


@cache
def _filter(links: bool = False) -> Filter:
    """The allow-list of system calls."""
    rules = Filter(default=int(Action.ERRNO) | errno.EPERM)
    for call in ALLOWED:
        with contextlib.suppress(ValueError):  # of another architecture
            rules.allow(call)
    for call, flags in OPENING.items():
        for value, mask in OPENED:
            with contextlib.suppress(ValueError):
                rules.allow(call, args=[(flags, CmpOp.MASKED_EQ, value, mask)])
    for call in CLOCKS:
        rules.allow(call, args=[(0, CmpOp.LT, MOST_CLOCKS)])
    rules.allow("sched_getaffinity", args={0: 0})  # one's own processors
    for command in FCNTL:
        rules.allow("fcntl", args={1: command})
    for request in IOCTL:
        rules.allow("ioctl", args={1: request})
    rules.allow("prctl", args={0: PR_SET_NAME})
    for call in ("readlink", "readlinkat"):  # Landlock lets any link be read: to a worker, nothing is one
        with contextlib.suppress(ValueError):
            if links:
                rules.allow(call)
            else:
                rules.errno(call, errno.EINVAL)
    rules.allow("prlimit64", args={0: 0, 2: 0})  # to read one's own limits
    return rules


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
