"""Forks workers from a process that has imported what learners use, and is shut in. Linux only, untrusted side.

`python -m grader.inside.fork_server KIND ISOLATION`: KIND is numpy, torch or notebooks, ISOLATION kernel or
process. It holds nothing of the suites, of the solutions or of any submission. It has no address: its stdin is a
connection whose other end the trusted side's processes share, and nobody else comes by. On it the server says
READY, or why it cannot be; what libraries print to stdout and stderr means nothing. Then each message asks for a
worker: its limits, and with them two connections, the worker's own and one for its life, on which its exit code
is told when it has ended. Who closes that before ends the worker. The server ends, and its workers with it, when
nobody holds the other end of its stdin any more.
"""

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.inside import confinement, probes, worker
from grader.inside.confinement import LayerMissing, Limits

LOADED = {
    "numpy": ("numpy.random",),
    "torch": ("numpy.random", "torch", "grader.inside.warm"),
    "notebooks": ("numpy", "IPython.core.inputtransformer2"),
}
"""What a server of each kind imports beforehand, in this order."""
NUMPY_STAGES_READ = ("numpy", "msgpack")
"""How the names of installed libraries begin that a worker may read which does without PyTorch."""
KIT = ("grader", "chainrule")
"""How the names of the kit's own files begin, where it is installed beside the libraries."""


@dataclass
class Forked:
    """A worker that runs, and the connection to who asked for it."""

    pid: int
    pidfd: int
    life: socket.socket
    wanted: bool = True


class ForkServer:
    """Takes requests, forks workers, tells of their ends; it waits for nobody."""

    def __init__(self, requests: socket.socket, mapped: int | None) -> None:
        """requests: where they come; mapped: bytes that this process maps, None where workers have no limits."""
        self._requests = requests
        self._mapped = mapped
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Serve until nobody is left who could ask."""
        self._selector.register(self._requests, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._requests:
                    self._follow(key.data, key.fd)
                elif not self._take_request():
                    return

    def _take_request(self) -> bool:
        """Fork the worker that is asked for; False when nobody is left who could ask."""
        message, descriptors, _, _ = socket.recv_fds(self._requests, worker.FORK_REQUEST.size, 2)
        if len(descriptors) == 2:
            connection, life = descriptors
            memory, seconds, processor = worker.FORK_REQUEST.unpack(message)
            self._fork(socket.socket(fileno=life), connection, Limits(memory, seconds), processor)
            os.close(connection)
        else:  # a descriptor too many for this process: who asks finds the other end closed
            for descriptor in descriptors:
                os.close(descriptor)
        return bool(message)

    def _fork(self, life: socket.socket, connection: int, limits: Limits, processor: int) -> None:
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
        forked = Forked(pid, os.pidfd_open(pid), life)
        self._selector.register(forked.pidfd, selectors.EVENT_READ, forked)
        self._selector.register(life, selectors.EVENT_READ, forked)

    def _become_worker(self, connection: int, limits: Limits) -> None:
        worker.leave_descriptors(connection)
        wire_end = socket.socket(fileno=connection)
        if self._mapped is not None:
            try:
                confinement.limit(limits, self._mapped)
            except (OSError, ValueError) as error:
                worker.refuse(wire_end, f"a worker could not be confined: {error}")
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed()  # else each would draw the same
        worker.serve(wire_end)

    def _follow(self, forked: Forked, descriptor: int) -> None:
        """A worker has ended, or who asked for it is gone."""
        if descriptor != forked.pidfd:
            if forked.life.fileno() >= 0:  # else its end was told in the same round
                self._selector.unregister(forked.life)
                forked.wanted = False
                os.kill(forked.pid, signal.SIGKILL)
            return
        _, status = os.waitpid(forked.pid, 0)
        self._selector.unregister(forked.pidfd)
        os.close(forked.pidfd)
        if forked.wanted:
            self._selector.unregister(forked.life)
        with forked.life, contextlib.suppress(OSError):  # who asked may be gone altogether
            forked.life.send(worker.EXIT_CODE.pack(os.waitstatus_to_exitcode(status)))


def main() -> None:
    """Warm up, shut in, serve."""
    kind, isolation = sys.argv[1:]
    trusted = socket.socket(fileno=sys.stdin.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who marks
    _forget_the_host()
    try:
        _import(kind)
        parent = _go_on_alone(kind) if confinement.other_threads() else 0
        mapped = confinement.address_space() if isolation == "kernel" else None
        _shut_in(kind, isolation)
        if parent:
            confinement.end_with_parent(parent)  # only now: a change of user would undo it
    except LayerMissing as error:
        trusted.send(str(error).encode())
        return
    gc.collect()
    gc.freeze()  # so that no collection in a worker copies the pages that it shares
    trusted.send(worker.READY.encode())
    ForkServer(trusted, mapped).run()


def _forget_the_host() -> None:
    """Have Python tell the system and the machine's kind without its name; the kernel tells workers neither."""
    told = os.uname()
    nameless = os.uname_result((told.sysname, "", told.release, told.version, told.machine))
    vars(os)["uname"] = lambda: nameless


def _import(kind: str) -> None:
    """Import what learners use.

    Raises LayerMissing where PyTorch sees an accelerator: autograd has a thread for each, which no fork copies.
    """
    for module in LOADED[kind]:
        importlib.import_module(module)
    if kind == "torch" and (seen := probes.accelerators()):
        raise LayerMissing(f"PyTorch sees {seen}, which the environment did not hide; install PyTorch's CPU build")


def _go_on_alone(kind: str) -> int:
    """Go on in a fork of this process, which has one thread, whatever the libraries have started here.

    The driver of NVIDIA's devices keeps a thread when PyTorch has asked it for devices, though it shows none; and
    Landlock binds one thread alone. This process waits for the fork and ends as it ended. Gives this process's id.
    """
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        if kind == "torch":
            sys.modules["grader.inside.warm"].take_step()  # what needed a lost thread hangs here, not in workers
        return server
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, sys.stdin.fileno())  # the connection is the fork's alone
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code) if code >= 0 else os.kill(server, -code)
    os._exit(1)


def _shut_in(kind: str, isolation: str) -> None:
    """Put out of reach what workers do without. Raises LayerMissing."""
    homes = _homes(kind)
    libraries = _libraries(kind, homes)
    worker.leave_the_kit()
    os.environ.clear()
    os.environ.update(worker.ENVIRONMENT)
    if kind != "torch":  # where no other library is readable none is to be found: an import that may fail does
        sys.path[:] = [place for place in sys.path if Path(place).resolve() not in homes]
    if isolation == "kernel":
        confinement.enter(libraries)


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


if __name__ == "__main__":
    main()
