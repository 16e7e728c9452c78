"""Stand-in until the real one is merged."""

from typing import Any


def sources_of(notebook: dict[str, Any]) -> dict[str, Any]:
    """Each stage's module: header and the cells of its tasks."""
    found = {}
    for stage in notebook["stages"]:
        parts = [stage["header"]]
        for task, cell_id in stage["cells"].items():
            named = [s for i, s in notebook["cells"] if i == cell_id] or [
                s for i, s in notebook["cells"] if f"def {task}(" in s or f"class {task}(" in s
            ]
            parts += named[-1:]
        found[stage["stage"]] = {"source": "\n\n".join(parts), "places": [[1, "the cell", 1]], "notes": []}
    return found
