"""Finds what of a notebook one stage needs, by following names from its tasks.

The untrusted side of the wire.
"""

import builtins

from grader.inside.cells.parsing import parse
from grader.inside.cells.pool import Cell, Pool


class Slice:
    """What of a notebook one stage needs."""

    def __init__(self, pool: Pool, number: int) -> None:
        self._pool = pool
        stage = pool.stages[number]
        self.tasks = list(stage["cells"])
        self.chosen = pool.chosen[number]
        self._earlier = {task for other in pool.stages[:number] for task in other["cells"]}
        self._later = {task: id for other in pool.stages[number + 1 :] for task, id in other["cells"].items()}
        self._stages = {other["stage"] for other in pool.stages[number:]}
        self._known = {*dir(builtins), "__name__", "__file__"}
        self._known |= {name for statement in parse(stage["header"]).statements for name in statement.binds}
        checks = {task: pool.checks.get((stage["stage"], task), 0) for task in self.tasks}
        self.end = max((max(cell.end, checks[task]) for task, cell in self.chosen.cells.items()), default=0)
        self._ends = {task: min(checks[task] or self.end, self.end) for task in self.tasks}
        for task, cell in self.chosen.cells.items():
            self._ends[task] = max(self._ends[task], cell.end)
        self.broken: dict[str, Cell] = dict(self.chosen.broken)
        self._late: set[str] = set()
        always = {index for index in range(self.end) if self._is_always_kept(index)}
        needs = {need for index in always for need in self._needs(index, self.end)}
        self.kept = always | self._followed(needs | set(self._ends.items()))[0]
        self.settled = self._settled()
        """Tasks by the statement before which they are settled: it gives a name of theirs another meaning."""
        late = ", ".join(sorted(self._late))
        if late:
            self.chosen.notes.append(f"{late}: defined only after the cells of {stage['stage']} that need it")

    def _is_always_kept(self, index: int) -> bool:
        statement = self._pool.statements[index]
        return statement.is_future or (
            statement.is_star and getattr(statement.node, "module", "") not in self._stages
        )

    def _settled(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for task, end in self._ends.items():
            own, names = self._followed({(task, end)})
            others = [n for n in sorted(self.kept - own) if n >= end]
            first = next((n for n in others if self._pool.statements[n].binds & names - set(self.tasks)), None)
            if first is not None:
                found.setdefault(first, []).append(task)
        return found

    def _followed(self, needs: set[tuple[str, int]]) -> tuple[set[int], set[str]]:
        """All statements that names need, each bound before the statement beside it; and all those names."""
        todo, seen, found = list(needs), set(needs), set()
        while todo:
            name, at = todo.pop()
            for index in self._reaching(name, at):
                found.add(index)
                fresh = set(self._needs(index, at)) - seen
                seen |= fresh
                todo += fresh
        return found, {name for name, _ in seen}

    def _needs(self, index: int, at: int) -> list[tuple[str, int]]:
        """Names that a statement needs, with the statement before which each must be bound."""
        statement = self._pool.statements[index]
        needs = [(name, index) for name in statement.uses.now]
        needs += [(name, max(index, at)) for name in statement.uses.later]
        if statement.looks_up_names:
            plain = [s for s in self._pool.statements[: self.end] if s.is_definition]
            needs += [(name, at) for s in plain for name in s.binds]
        return needs

    def _reaching(self, name: str, at: int) -> list[int]:
        """Statements that may have had a hand in what a name is when the one at `at` runs."""
        pool = self._pool
        binders = self._binders(name)
        found = self._back_to_definite(binders, at)
        if not found and at in self._ends.values():
            at = self.end
            found = self._back_to_definite(binders, at)
        if not found and at >= self.end and name not in self._known and name not in self._later:
            at = len(pool.statements)
            found = self._back_to_definite(binders, at)
            if found:
                self._late.add(name)
            else:
                self._blame(name)
        elif not found and name not in self._known:
            self._blame(name)
        since = found[-1] if found else 0
        changers = (index for index in pool.changers.get(name, []) if index < at)
        return [*found, *(index for index in changers if index > since or not found)]

    def _binders(self, name: str) -> list[int]:
        binders = self._pool.binders.get(name, [])
        if name in self._known or name in self.tasks:  # the header's, or this stage's own, not another notebook's
            binders = [index for index in binders if name not in self._pool.homes[index].others]
        if name in self._earlier:
            return []
        if name in self.chosen.cells:
            home = self.chosen.cells[name]
            return [index for index in binders if home.start <= index < home.end]
        if name in self.tasks:
            return []
        if name in self._later:
            own = self._later[name]
            return [index for index in binders if index < self.end and self._pool.homes[index].id != own]
        return binders

    def _back_to_definite(self, binders: list[int], at: int) -> list[int]:
        """The bindings before `at`, last first, back to one after which no earlier one matters."""
        found = []
        for index in reversed(binders):
            if index < at:
                found.append(index)
                if self._pool.statements[index].is_definite:
                    break
        return found

    def _blame(self, name: str) -> None:
        """Where a name is bound by nothing, remember the broken cell that was to bind it."""
        broken = [cell for cell in self._pool.cells if name in cell.parsed.names]
        if broken and name not in self._earlier:
            self.broken.setdefault(name, broken[-1])
