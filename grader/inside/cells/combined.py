"""Tells of which stage each cell is in a notebook that holds stages of several of the course's notebooks.

The untrusted side of the wire.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CHECK = re.compile(r"""check_task\(\s*+["'](\w++)["']\s*+,\s*+["'](\w++)["']""")
"""The check of a task: its stage, and the task."""


@dataclass(frozen=True)
class Combined:
    """Which cells, by their places, are of which stage of another notebook; nothing where one stands alone.

    shared: names that are tasks of several stages.
    """

    stages: Mapping[int, str] = field(default_factory=dict)
    shared: Collection[str] = ()

    def hides(self, cell: int, name: str) -> bool:
        """Whether what a cell makes under a name is of another notebook's stage."""
        return cell in self.stages and name in self.shared


def combined(notebook: Mapping[str, Any], defines: Sequence[Collection[str]]) -> Combined:
    """Read it from ids of cells first, then from the stages of checks, then from what only one stage defines.

    notebook: as `sources_of` is told it; defines: names that each cell makes, but for imports. A cell that nothing
    tells is of the stage of the next one that is told and shares a task with it, or else of the one before it.
    """
    own = [stage["stage"] for stage in notebook["stages"]]
    all_stages = [*notebook["stages"], *notebook.get("others", ())]
    tasks = {stage["stage"]: set(stage["cells"]) for stage in all_stages}
    ids = {id: stage["stage"] for stage in all_stages for id in stage["cells"].values()}
    by_ids = {n: ids[id] for n, (_, id, _) in enumerate(notebook["cells"]) if id in ids}
    by_checks = {
        n: stage
        for n, (_, _, source) in enumerate(notebook["cells"])
        if len(found := {stage for stage, _ in CHECK.findall(source)} & set(tasks)) == 1
        for stage in found
    }
    count = Counter(task for found in tasks.values() for task in found)
    only = {task: stage for stage, found in tasks.items() for task in found if count[task] == 1}
    by_names = {
        n: stage
        for n, names in enumerate(defines)
        if len(found := {only[name] for name in names if name in only}) == 1
        for stage in found
    }
    told = by_names | by_checks | by_ids if by_ids or by_checks else by_names
    others = set(told.values()) - set(own)
    if not others or not set(told.values()) & set(own):
        return Combined()
    shared = {task for task in count if count[task] > 1}
    held = [told.get(n) or _beside(n, told, tasks, shared & set(names)) for n, names in enumerate(defines)]
    return Combined({n: stage for n, stage in enumerate(held) if stage not in own}, shared)


def _beside(place: int, told: Mapping[int, str], tasks: Mapping[str, set[str]], shared: set[str]) -> str:
    """The stage of a cell that nothing tells, by those around it."""
    after = next((told[n] for n in sorted(told) if n > place), "")
    before = next((told[n] for n in sorted(told, reverse=True) if n < place), "")
    near = [stage for stage in (after, before) if stage and (not shared or shared & tasks[stage])]
    return (near or [after or before])[0]
