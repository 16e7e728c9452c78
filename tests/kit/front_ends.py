"""Notebooks open in a front end, with a kernel of their own: cells are edited, moved and run as learners do."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, output_from_msg

from grader.publishing.execution import PATIENCE, private_kernels

Sends = Callable[[NotebookNode, list[str]], dict[str, Any]]
"""The metadata of a request to execute this cell, after the cells of these ids were deleted."""


def jupyterlab(cell: NotebookNode, deleted: list[str]) -> dict[str, Any]:
    """As CodeCell.execute of JupyterLab 4 and Notebook 7 has it (packages/cells/src/widget.ts)."""
    return {**cell.metadata, "deletedCells": deleted, "recordTiming": False, "cellId": cell.id}


def vscode(cell: NotebookNode, deleted: list[str]) -> dict[str, Any]:
    """As vscode-jupyter has it (src/kernels/execution/cellExecution.ts): the address of the cell's editor."""
    return {"cellId": f"vscode-notebook-cell:/course/a.ipynb#{cell.id.encode().hex()}", **cell.metadata}


def colab(cell: NotebookNode, deleted: list[str]) -> dict[str, Any]:
    """As Colab's kernel reads it (google/colab/_history.py of colabtools): an id of Colab's own."""
    return {"colab": {"cell_id": cell.id.encode().hex()[-12:]}}


def nothing(cell: NotebookNode, deleted: list[str]) -> dict[str, Any]:
    """As nbclient has it."""
    return {}


class OpenNotebook:
    """A notebook in a front end; `made` is how it stands, with the outputs of the cells that were run."""

    def __init__(self, made: NotebookNode, sends: Sends, client: Any) -> None:
        self.made = made
        self._sends = sends
        self._client = client
        self._deleted: list[str] = []

    def __getitem__(self, id: str) -> NotebookNode:
        """The cell of an id."""
        return self.made.cells[self._index(id)]

    def run(self, *ids: str) -> str:
        """Run cells, also after one that fails; gives what the last one printed."""
        for id in ids:
            self._execute(self[id])
        return self.printed(ids[-1])

    def write(self, id: str, source: str) -> str:
        """Run a cell with another source; gives what it printed."""
        self[id].source = source
        return self.run(id)

    def write_all(self, written: NotebookNode, *but: str) -> None:
        """Run every cell but some, from top to bottom, each with its source in another notebook."""
        for cell in written.cells:
            if cell.cell_type == "code" and cell.id not in but:
                self.write(cell.id, cell.source)

    def insert(self, before: str, id: str, source: str) -> None:
        """Put a new cell before another one."""
        self.made.cells.insert(self._index(before), new_code_cell(source, id=id))

    def add(self, before: str, id: str, source: str) -> None:
        """Put a new cell before another one, and run it."""
        self.insert(before, id, source)
        self.run(id)

    def delete(self, id: str) -> NotebookNode:
        """Take a cell away; gives the cell, to be put elsewhere."""
        self._deleted.append(id)
        cell: NotebookNode = self.made.cells.pop(self._index(id))
        return cell

    def paste(self, before: str, cell: NotebookNode) -> None:
        """Put a cell that was taken away before another one."""
        self.made.cells.insert(self._index(before), cell)

    def move(self, id: str, before: str) -> None:
        """Move a cell."""
        self.paste(before, self.made.cells.pop(self._index(id)))

    def printed(self, id: str) -> str:
        """What a cell printed when it was run last."""
        return "".join(output.text for output in self[id].outputs if output.output_type == "stream")

    def failures(self) -> list[NotebookNode]:
        """What cells that were run said of errors, and warned of."""
        outputs = [output for cell in self.made.cells for output in cell.get("outputs", ())]
        return [output for output in outputs if output.get("name") == "stderr" or output.output_type == "error"]

    def points(self, id: str) -> float:
        """What a check gave."""
        [result] = [output for output in self[id].outputs if output.output_type == "execute_result"]
        return float(result.data["text/plain"])

    def _index(self, id: str) -> int:
        return next(index for index, cell in enumerate(self.made.cells) if cell.id == id)

    def _execute(self, cell: NotebookNode) -> None:
        content = {"code": cell.source, "silent": False, "store_history": True, "stop_on_error": True}
        content |= {"user_expressions": {}, "allow_stdin": False}
        message = self._client.session.msg(
            "execute_request", content, metadata=self._sends(cell, list(self._deleted))
        )
        self._client.shell_channel.send(message)
        cell.outputs = []
        while True:
            told = self._client.get_iopub_msg(timeout=PATIENCE)
            if told["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if told["msg_type"] == "status" and told["content"]["execution_state"] == "idle":
                break
            if told["msg_type"] in ("stream", "display_data", "execute_result", "error"):
                cell.outputs.append(output_from_msg(told))
        self._deleted.clear()


@contextlib.contextmanager
def opened(made: NotebookNode, sends: Sends, seed: int) -> Iterator[OpenNotebook]:
    """A notebook in a front end, with a kernel whose checks draw their data from this seed."""
    with private_kernels() as config:
        manager = KernelManager(kernel_name="python3", config=config)
        manager.start_kernel(extra_arguments=["--log-level=40"], env=os.environ | {"CHAINRULE_SEED": str(seed)})
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
            yield OpenNotebook(made, sends, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
