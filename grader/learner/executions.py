"""What a kernel has run: the cells as the notebook holds them now, as far as its front end tells them apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from grader.inside.cells.order import in_place
from grader.intake.notebook_files import Cell, id_of

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""The form of a cell's id in a notebook's file, of nbformat 4.5."""


@dataclass(frozen=True)
class Origin:
    """From which cell code came: what tells the cell from others, and its id in the notebook's file.

    Both are "" where the front end says nothing, as nbclient and a terminal.
    """

    cell: str = ""
    id: str = ""


def origin_of(metadata: Mapping[str, Any]) -> Origin:
    """From which cell an execute request comes, by the metadata that the front end sends with it.

    JupyterLab and Notebook 7 send the cell's id as `cellId`, with the cell's own metadata beside it; VS Code sends
    the address of its editor as `cellId`, the same way (src/kernels/execution/cellExecution.ts of vscode-jupyter);
    Colab sends `cell_id` within `colab` (google/colab/_history.py of colabtools).
    """
    colab = metadata.get("colab")
    told = [metadata.get("cellId"), colab.get("cell_id") if isinstance(colab, Mapping) else None]
    cell = next((found for found in told if isinstance(found, str)), "")
    return Origin(cell, id_of({"id": cell if _CELL_ID.fullmatch(cell) else None, "metadata": metadata}))


class Executions:
    """The cells that a kernel has run.

    Where the shell's history is kept, the request of which cell was each entry's; code that the history does not
    keep (silent, or run by a front end for itself) is no cell's.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._origins: dict[int, Origin] = {}
        self._deleted: set[str] = set()

    def note(self, _: object) -> None:
        """Remember which cell is about to be run; for IPython's event `pre_run_cell`."""
        request = getattr(self._shell, "parent_header", {})  # a shell without a front end has none
        metadata = request.get("metadata", {})
        origin = origin_of(metadata)
        self._deleted |= {id for id in metadata.get("deletedCells", ()) if isinstance(id, str)}
        self._deleted.discard(origin.cell)
        self._origins[len(self._history())] = origin

    def cells(self) -> dict[int, Cell]:
        """The cells, in the order in which the notebook may hold them, by the number that it shows beside each.

        Of a cell that was run again only the last text counts. One that was deleted since does not count; one that
        was cut and pasted does not either until it is run again.
        """
        runs, sources = self._runs()
        numbers = {cell: number for number, cell in runs.items()}
        kept = {number: cell for number, cell in runs.items() if cell not in self._deleted}
        placed = in_place(list(kept.values()), {cell: sources[cell] for cell in kept.values()})
        return {numbers[cell]: Cell(self._origin(numbers[cell]).id, sources[cell]) for cell in placed}

    def forgotten(self) -> bool:
        """Whether a cell was run that has been deleted since, or cut and pasted."""
        return any(cell in self._deleted for cell in self._runs()[0].values())

    def _runs(self) -> tuple[dict[int, str | int], dict[str | int, str]]:
        """Which cell each entry of the history is of, and what each cell held when it was run last.

        A cell is told by its front end's word for it, else by the number of its entry.
        """
        runs, sources = {}, {}
        for number, source in enumerate(self._history()):
            if source:
                cell = self._origin(number).cell or number
                runs[number], sources[cell] = cell, source
        return runs, sources

    def _origin(self, number: int) -> Origin:
        return self._origins.get(number, Origin())

    def _history(self) -> list[str]:
        history = self._shell.history_manager
        return history.input_hist_raw if history else []


@cache
def executions_of(shell: InteractiveShell) -> Executions:
    """What a kernel's shell has run; the same also after `%reload_ext`."""
    return Executions(shell)
