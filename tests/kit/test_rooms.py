"""The rooms of grader/, from the top down, and that each imports only from those below it."""

import ast
from functools import cache
from pathlib import Path

import grader

ROOT = Path(__file__).parents[2]
ENGINE = Path(grader.__file__).parent
ROOMS = (
    "commands",
    "learner",
    "gradebook",
    "reporting",
    "marking",
    "publishing",
    "judging",
    "intake",
    "outside",
    "inside",
    "course",
    "wire",
)
"""Each may import from those that stand after it here; what stands in no room (cli, kernel) from all."""
UNTRUSTED = {"inside": {"inside", "wire"}, "wire": {"wire"}, "course": {"course"}}
"""What a learner's code may see of the kit, and what knows a course and nothing else: all that they may import."""


def imported(path: Path) -> set[str]:
    """The kit's modules that a module imports anywhere in it, by their full names."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.split(".")[0] == "grader"}


def room_of(path: Path) -> str:
    """The room in which a module stands; empty for the modules of the top."""
    return path.relative_to(ENGINE).parts[0] if path.parent != ENGINE else ""


@cache
def arrows() -> dict[tuple[str, str], set[str]]:
    """From room to room: the modules that import across, by their paths in grader/."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted(ENGINE.rglob("*.py")):
        for name in imported(path):
            there = name.split(".")[1] if name != "grader" else ""
            if there in ROOMS and there != room_of(path):
                found.setdefault((room_of(path), there), set()).add(str(path.relative_to(ENGINE)))
    return found


def picture() -> str:
    """A table: each room, those that it stands on (which no others lead to), and what it holds."""
    below = {room: {other for other in ROOMS if (room, other) in arrows()} for room in ROOMS}
    rows = []
    for room in ROOMS:
        through = {further for other in below[room] for further in reached(other, below)}
        stands_on = ", ".join(f"`{other}/`" for other in ROOMS if other in below[room] - through)
        rows.append(f"| `{room}/` | {stands_on or 'nothing'} | {docstring(room)} |")
    return "\n".join(["| room | stands on | holds |", "|---|---|---|", *rows])


def docstring(room: str) -> str:
    """What a room holds, by the first line of its docstring."""
    source = (ENGINE / room / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def reached(room: str, below: dict[str, set[str]]) -> set[str]:
    """All rooms to which arrows lead from a room."""
    return below[room].union(*(reached(other, below) for other in below[room]))


def test_the_picture_is_true() -> None:
    """The documentation's table of the rooms is made of the imports."""
    assert picture() in (ROOT / "docs" / "understand" / "house.md").read_text(encoding="utf-8")


def test_every_folder_is_a_room() -> None:
    """No folder of grader/ stands beside the rooms."""
    assert {path.parent.name for path in ENGINE.glob("*/__init__.py")} == set(ROOMS)


def test_arrows_point_down() -> None:
    """No room imports from one above it."""
    up = {
        f"{one} imports {other}": paths
        for (one, other), paths in arrows().items()
        if one and ROOMS.index(other) < ROOMS.index(one)
    }
    assert not up


def test_wall() -> None:
    """What runs beside learners' code imports the wire alone; the wire imports nothing of the kit's."""
    through = {
        f"{one} imports {other}": paths
        for (one, other), paths in arrows().items()
        if one in UNTRUSTED and other not in UNTRUSTED[one]
    }
    assert not through
