"""Runs notebooks in kernels, for tests, on machines where other kernels start at the same time."""

import os
import sys
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

LONG = 1000
"""Seconds within which a kernel is there, and any cell done, on the busiest machine."""
CONFIG = Config({"KernelManager": {"transport": "tcp" if sys.platform == "win32" else "ipc"}})
"""A kernel binds its ports some time after they were found to be free; files of its own nobody takes meanwhile."""


def execute(notebook: NotebookNode, added: dict[str, str] | None = None, **options: Any) -> NotebookNode:
    """Run a notebook from top to bottom, in place, with this added to the environment; gives it."""
    quiet = ["--log-level=40"]
    client = NotebookClient(
        notebook, config=CONFIG, timeout=LONG, startup_timeout=LONG, extra_arguments=quiet, **options
    )
    executed: NotebookNode = client.execute(env=os.environ | (added or {}))
    return executed
