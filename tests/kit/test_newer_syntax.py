"""Syntax of a newer Python is told apart from a mistake."""

import ast
import sys

import pytest

from grader.inside.newer_syntax import MAX_SOURCE, needed_python

BEFORE = "import numpy as np\n\n\ndef relu(a):\n    return np.maximum(a, 0)\n\n\n"
NEWER = {
    "type Batch = np.ndarray": "3.12",
    "type Pair[T] = tuple[T, T]": "3.12",
    "def first[T](items: list[T]) -> T:\n    return items[0]": "3.12",
    "class Box[T, *Ts]:\n    pass": "3.12",
    'def f(d):\n    return f"{d["key"]}"': "3.12",
    "def f(d):\n    return f'{', '.join(d)}'": "3.12",
    "def f(d):\n    return f\"{'\\n'.join(d)}\"": "3.12",
    "x = f'{a!r:>{w}} {b == c} {d:%H:%M}' f'{', '.join(d)}'": "3.12",
    "x = f'{f'{f'{a}'}'}'": "3.12",
    'def f(d):\n    return f"{\n        d  # a remark\n    }"': "3.12",
    "class Box[T = int]:\n    pass": "3.13",
    "try:\n    pass\nexcept ValueError, TypeError:\n    pass": "3.14",
    'def f(a):\n    return t"{a}"': "3.14",
    'def f(d):\n    return t"{d["key"]}"': "3.14",
    "type A = int\ntry:\n    pass\nexcept A, B:\n    pass": "3.14",
    "lazy import json": "3.15",
    "lazy from json import loads": "3.15",
    "def f(rows):\n    return [*row for row in rows]": "3.15",
}
MISTAKES = (
    *("def f(:\n    pass", "x = = 3", "def f(a)\n    return a", "print 'x'", "return (a", 'f"{a"', "f'{a[}'"),
    *('x = f"abc\nprint(f"{x}")', "type = = 3", "a[", "except A, B:", "def f[T", "'''", "don't\"", "\0"),
    *("  x = 1\n y = 2", "if a:\nreturn 1", "[*a for", "lazy import", "print f'{a}'", "try:\n    f"),
)


@pytest.mark.parametrize(("source", "python"), NEWER.items())
def test_newer_syntax(source: str, python: str) -> None:
    """The Python that a source needs is told, where it is newer than the one here."""
    needs = tuple(map(int, python.split("."))) > sys.version_info[:2]
    assert needed_python(BEFORE + source) == (python if needs else "")


@pytest.mark.parametrize("source", MISTAKES)
def test_mistakes(source: str) -> None:
    """What no Python can read is no newer syntax."""
    with pytest.raises((SyntaxError, ValueError)):
        ast.parse(source)
    assert needed_python(BEFORE + source) == ""


@pytest.mark.parametrize(
    "part", ['f"{', "def f[", "[*a ", "type a[", "except a,", 't"', "f'''{{", "type A = int\n"]
)
def test_nobody_waits_for_it(part: str) -> None:
    """However a source is built, it is read a few times from front to back, or not at all."""
    assert needed_python(part * (MAX_SOURCE // len(part)) + "\nx = = 3") == ""
    assert needed_python(part * MAX_SOURCE) == ""
