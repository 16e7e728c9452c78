"""Runs notebooks in kernels, for who maintains the kit, on machines where other kernels start at the same time."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

PATIENCE = 1000
"""Seconds within which a kernel is there, and any cell done, on the busiest machine."""


@contextlib.contextmanager
def private_kernels() -> Iterator[Config]:
    """The configuration of kernels that are spoken to through files in a folder of their own, one after the other.

    A kernel binds its ports some time after they were found to be free, and another program may have them then.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = {"transport": "ipc", "ip": str(Path(folder) / "kernel")}
        yield Config({"KernelManager": {} if sys.platform == "win32" else files})


def execute(notebook: NotebookNode, added: dict[str, str] | None = None, **options: Any) -> NotebookNode:
    """Run a notebook from top to bottom, in place, with this added to the environment; gives it.

    options: of nbclient's. Raises nbclient's CellExecutionError when a cell does, unless they allow errors.
    """
    quiet = ["--log-level=40"]
    with private_kernels() as config:
        client = NotebookClient(
            notebook, config=config, timeout=PATIENCE, startup_timeout=PATIENCE, extra_arguments=quiet, **options
        )
        executed: NotebookNode = client.execute(env=os.environ | (added or {}))
    return executed
