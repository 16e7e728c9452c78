"""Attacks by system calls made directly: each tries a way out, then what would be open behind it."""

from hostile.attack import RIGHT, Attack

BEHIND = """
import socket

def out():
    '''Outside, if there was a way: read a secret, reach a listener, leave a file.'''
    def connect():
        with socket.socket() as s:
            s.settimeout(0.3)
            s.connect(("127.0.0.1", WORLD["tcp"]))
    attempt("read", lambda: open(WORLD["secrets"][0]).read())
    attempt("write", lambda: open(WORLD["folders"][0] + "/" + WORLD["token"], "x"))
    attempt("connect", connect)
"""
"""What is tried behind each way out."""

ATTACKS = (
    Attack(
        "system-calls-for-namespaces",
        "another view of the machine: namespaces, mounts, roots",
        """
c = libc()
for name, flag in dict(
    user=0x10000000, mounts=0x20000, network=0x40000000, pids=0x20000000, ipc=0x08000000
).items():
    attempt(f"unshare {name}", lambda: call(c.unshare, 0x10000000 | flag))
for kind in ("user", "mnt", "net", "pid"):
    attempt(f"setns {kind}", lambda: call(c.setns, os.open(f"/proc/1/ns/{kind}", os.O_RDONLY), 0))
folder = WORLD["folders"][0].encode()
attempt("mount", lambda: call(c.mount, b"none", folder, b"tmpfs", 0, 0))
attempt("bind", lambda: call(c.mount, WORLD["kit"].encode(), folder, 0, 4096, 0))
attempt("umount", lambda: call(c.umount2, folder, 2))
attempt("tree", lambda: syscall("open_tree", -100, b"/", 1))
attempt("fsopen", lambda: syscall("fsopen", b"tmpfs", 0))
attempt("chroot", lambda: os.chroot(WORLD["folders"][0]))
attempt("pivot", lambda: call(c.pivot_root, b".", b"."))
out()
""",
        at_most=10,
        base=RIGHT + BEHIND,
    ),
    Attack(
        "system-calls-past-the-filter",
        "what a filter may have forgotten: io_uring, bpf, keys, events, user faults, personalities",
        """
import ctypes

buffer = ctypes.create_string_buffer(4096)
attempt("io_uring", lambda: syscall("io_uring_setup", 8, buffer))
attempt("bpf", lambda: syscall("bpf", 0, buffer, 72))
attempt("perf", lambda: syscall("perf_event_open", buffer, 0, -1, -1, 0))
attempt("userfaultfd", lambda: syscall("userfaultfd", 1))
attempt("add key", lambda: syscall("add_key", b"user", WORLD["token"].encode(), b"x", 1, -3))
attempt("session keyring", lambda: syscall("keyctl", 0, -3, 1))
attempt("filter", lambda: syscall("seccomp", 1, 0, buffer))
attempt("personality", lambda: call(libc().personality, 0x0040000))
attempt("kernel log", lambda: call(libc().klogctl, 3, buffer, 4096))
attempt("ports", lambda: call(libc().iopl, 3))
attempt("host name", lambda: call(libc().sethostname, b"", -1))
attempt("module", lambda: call(libc().syscall, 313, -1, b"", 0))
attempt("quota", lambda: call(libc().quotactl, 0x800001, 0, 0, 0))
attempt("accounting", lambda: call(libc().acct, WORLD["folders"][0].encode() + b"/" + WORLD["token"].encode()))
out()
""",
        at_most=10,
        base=RIGHT + BEHIND,
    ),
    Attack(
        "system-calls-for-limits",
        "more than its share, by limits and privileges taken back",
        """
import mmap, resource

most = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
for name in ("AS", "CPU", "DATA", "FSIZE", "NOFILE", "NPROC", "STACK", "MEMLOCK", "CORE"):
    kind = getattr(resource, f"RLIMIT_{name}")
    attempt(f"limit {name}", lambda: resource.setrlimit(kind, most))
    attempt(f"limit {name}", lambda: resource.prlimit(0, kind, most))
for option, value in (
    (1, 0),
    (4, 1),
    (8, 1),
    (22, 0),
    (38, 0),
    (15, 1),
    (24, 7),
    (28, 0),
    (36, 1),
    (47, 2),
    (53, 1),
    (59, 1),
):
    attempt(f"prctl {option}", lambda: call(libc().prctl, option, value, 0, 0, 0))
for name in ("setuid", "seteuid", "setgid", "setegid", "setresuid", "setgroups", "setfsuid"):
    attempt(name, lambda: call(getattr(libc(), name), *[0] * (3 if "res" in name else 2)))
attempt("nice", lambda: os.nice(-20))
attempt("lock", lambda: call(libc().mlockall, 3))

def balloon():
    held = [mmap.mmap(-1, 2**27) for _ in range(24)]
    for piece in held:
        piece.write(b"x" * 2**27)
    return len(held)

attempt("balloon", balloon)
out()
""",
        at_most=10,
        base=RIGHT + BEHIND,
    ),
    Attack(
        "system-calls-that-empty-files",
        "files of others emptied, by every way to open one",
        """
import ctypes

more = (0, os.O_CREAT, os.O_APPEND, os.O_NONBLOCK, os.O_NOFOLLOW, os.O_SYNC, 0o100000, 1 << 33)
for path in WORLD["secrets"]:
    for mode in range(4):
        for flags in more:
            attempt("openat", lambda: call(libc().openat, -100, path.encode(), mode | os.O_TRUNC | flags, 0o666))
            attempt("open", lambda: call(libc().open, path.encode(), mode | os.O_TRUNC | flags, 0o666))
    how = (ctypes.c_uint64 * 3)(os.O_TRUNC, 0, 0)
    attempt("openat2", lambda: syscall("openat2", -100, path.encode(), how, 24))
    attempt("creat", lambda: call(libc().creat, path.encode(), 0o666))
    attempt("truncate", lambda: os.truncate(path, 0))
    attempt("append", lambda: open(path, "ab").truncate(0))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "system-calls-on-time-and-machine",
        "the machine itself: its clock, its devices, its consoles",
        """
import fcntl, time

attempt("clock", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time() + 0.0))
for device in (
    "/dev/mem",
    "/dev/kmsg",
    "/dev/tty",
    "/dev/console",
    "/dev/fuse",
    "/dev/net/tun",
    "/dev/kvm",
    "/dev/ptmx",
    "/dev/loop-control",
    "/dev/uinput",
    "/dev/vda",
    "/dev/sda",
    "/dev/nvme0n1",
):
    attempt(device, lambda: os.open(device, os.O_RDONLY | os.O_NONBLOCK))
for fd in range(3):
    attempt("push a key", lambda: fcntl.ioctl(fd, 0x5412, b"\\n"))
    attempt("paste", lambda: fcntl.ioctl(fd, 0x541C, b"\\x03"))
    attempt("terminal", lambda: os.ttyname(fd))
attempt("sync", os.sync)
out()
""",
        at_most=10,
        base=RIGHT + BEHIND,
    ),
)
