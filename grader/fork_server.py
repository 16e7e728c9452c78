"""Forks workers from a process that has imported what learners use, and is shut in. Linux only, untrusted side.

`python -m grader.fork_server KIND ISOLATION DESCRIPTOR`: KIND is numpy, torch or notebooks, ISOLATION kernel or
process, DESCRIPTOR a listening Unix socket. It holds nothing of the suites, of the solutions or of any submission.
Its stdin is a connection, on which it says READY, or why it cannot be; what libraries print to stdout and stderr
means nothing. Then who connects to DESCRIPTOR sends a worker's connection and its limits; what comes back is the
worker's exit code when it has ended. Who closes the connection before ends the worker. The server ends, and its
workers with it, when its stdin is closed.
"""

import contextlib
import gc
import importlib
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from grader import confinement, probes, worker
from grader.confinement import LayerMissing, Limits

REQUEST_LIMIT = 5.0
"""Seconds for a request to come, once connected."""
LOADED = {
    "numpy": {"numpy": "NumPy"},
    "torch": {"numpy": "NumPy", "torch": "PyTorch", "grader.warm": "PyTorch"},
    "notebooks": {"numpy": "NumPy", "IPython.core.inputtransformer2": "IPython"},
}
"""What a server of each kind imports beforehand, in this order, and the name of the library at work in it."""
NUMPY_STAGES_READ = ("numpy", "msgpack")
"""How the names of installed libraries begin that a worker may read which does without PyTorch."""
KIT = ("grader", "chainrule")
"""How the names of the kit's own files begin, where it is installed beside the libraries."""


@dataclass
class Forked:
    """A worker that runs, and who asked for it."""

    pid: int
    pidfd: int
    client: socket.socket
    wanted: bool = True


class ForkServer:
    """Accepts requests, forks workers, tells of their ends."""

    def __init__(self, listener: socket.socket, owner: int, mapped: int | None) -> None:
        """owner: the user who may ask; mapped: bytes that this process maps, None where workers have no limits."""
        self._listener = listener
        self._owner = owner
        self._mapped = mapped
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Serve until stdin is closed."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._take_request()
                elif key.fileobj is sys.stdin:
                    return
                else:
                    self._follow(key.data, key.fd)

    def _take_request(self) -> None:
        client, _ = self._listener.accept()
        client.settimeout(REQUEST_LIMIT)
        _, user, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        try:
            message, descriptors, _, _ = socket.recv_fds(client, worker.FORK_REQUEST.size, 1)
            memory, seconds, processor = worker.FORK_REQUEST.unpack(message)
        except (OSError, struct.error):
            client.close()
            return
        if user == self._owner and descriptors:
            self._fork(client, descriptors[0], Limits(memory, seconds), processor)
        for descriptor in descriptors:
            os.close(descriptor)

    def _fork(self, client: socket.socket, connection: int, limits: Limits, processor: int) -> None:
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                confinement.end_with_parent(server)
                if processor >= 0:
                    os.sched_setaffinity(0, {processor})
                self._become_worker(connection, limits)
            finally:
                os._exit(1)
        forked = Forked(pid, os.pidfd_open(pid), client)
        self._selector.register(forked.pidfd, selectors.EVENT_READ, forked)
        self._selector.register(client, selectors.EVENT_READ, forked)

    def _become_worker(self, connection: int, limits: Limits) -> None:
        worker.leave_descriptors(connection)
        wire_end = socket.socket(fileno=connection)
        if self._mapped is not None:
            try:
                confinement.limit(limits, self._mapped)
            except (OSError, ValueError) as error:
                worker.refuse(wire_end, f"a worker could not be confined: {error}")
        worker.serve(wire_end)

    def _follow(self, forked: Forked, descriptor: int) -> None:
        """A worker has ended, or who asked for it is gone."""
        if descriptor != forked.pidfd:
            if forked.client.fileno() >= 0:  # else its end was told in the same round
                self._selector.unregister(forked.client)
                forked.wanted = False
                os.kill(forked.pid, signal.SIGKILL)
            return
        _, status = os.waitpid(forked.pid, 0)
        self._selector.unregister(forked.pidfd)
        os.close(forked.pidfd)
        if forked.wanted:
            self._selector.unregister(forked.client)
        with forked.client, contextlib.suppress(OSError):  # who asked may be gone altogether
            forked.client.send(worker.EXIT_CODE.pack(os.waitstatus_to_exitcode(status)))


def main() -> None:
    """Warm up, shut in, serve."""
    kind, isolation, descriptor = sys.argv[1:]
    owner = os.geteuid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who marks
    _forget_the_host()
    try:
        starter = _import(kind)
        mapped = _address_space() if isolation == "kernel" else None
        _shut_in(kind, starter, isolation)
    except LayerMissing as error:
        os.write(sys.stdin.fileno(), str(error).encode())
        return
    gc.collect()
    gc.freeze()  # so that no collection in a worker copies the pages that it shares
    os.write(sys.stdin.fileno(), worker.READY.encode())
    ForkServer(socket.socket(fileno=int(descriptor)), owner, mapped).run()


def _forget_the_host() -> None:
    """Have Python tell the system and the machine's kind without its name; the kernel tells workers neither."""
    told = os.uname()
    nameless = os.uname_result((told.sysname, "", told.release, told.version, told.machine))
    vars(os)["uname"] = lambda: nameless


def _import(kind: str) -> str:
    """Import what learners use; gives the first library after which there were more threads, if there were.

    Raises LayerMissing where PyTorch sees an accelerator: autograd has a thread for each, which no fork copies.
    """
    starter = ""
    for module, library in LOADED[kind].items():
        importlib.import_module(module)
        if confinement.other_threads():
            starter = starter or library
    if kind == "torch" and (seen := probes.accelerators()):
        raise LayerMissing(f"PyTorch sees {seen}, which the environment did not hide; install PyTorch's CPU build")
    return starter


def _shut_in(kind: str, starter: str, isolation: str) -> None:
    """Put out of reach what workers do without. Raises LayerMissing."""
    homes = _homes(kind)
    libraries = _libraries(kind, homes)
    worker.leave_the_kit()
    os.environ.clear()
    os.environ.update(worker.ENVIRONMENT)
    if kind != "torch":  # where no other library is readable none is to be found: an import that may fail does
        sys.path[:] = [place for place in sys.path if Path(place).resolve() not in homes]
    if isolation == "kernel":
        confinement.enter(libraries, starter)


def _homes(kind: str) -> set[Path]:
    """The folders that the libraries were installed to."""
    names = {"numpy", "msgpack", *(module.partition(".")[0] for module in LOADED[kind])} - set(KIT)
    return {Path(sys.modules[name].__path__[0]).resolve().parent for name in names}


def _libraries(kind: str, homes: set[Path]) -> list[Path]:
    """What is installed that workers may read."""
    entries = [entry for home in homes for entry in home.iterdir()]
    if kind == "torch":
        return [entry for entry in entries if not entry.name.startswith(KIT)]
    return [entry for entry in entries if entry.name.startswith(NUMPY_STAGES_READ)]


def _address_space() -> int:
    """Bytes of address space that this process takes."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main()
