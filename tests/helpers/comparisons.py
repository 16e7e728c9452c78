"""Comparisons that several stages of this course need beside the kit's own in `judge`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.judging import judge
from grader.judging.showing import shown

FRACTION = 1e-6
"""For a fraction of some dozen samples, which may be held in float32; the next fraction is 0.01 away."""


@judge.of_whole_answers
def differences(call: str, got: Any, expected: Mapping[str, float], tolerance: float = judge.FLOAT64) -> None:
    """`got` is a dict with exactly the expected keys and floats of the expected values."""
    if not isinstance(got, dict):
        judge.fail(call, f"a dict of {', '.join(expected)}", shown(got), got, dict(expected))
    if set(got) != set(expected):
        judge.fail(
            call,
            f"a dict of the keys {', '.join(expected)}",
            f"the keys {shown(sorted(got))}",
            got,
            dict(expected),
        )
    for name, value in expected.items():
        judge.number(judge.part(call, f"[{name!r}]"), got[name], value, tolerance)


@judge.of_whole_answers
def history(
    call: str,
    got: Any,
    expected: Mapping[str, Sequence[float]],
    tolerance: float,
) -> None:
    """`got` is a History: a list of floats under each expected key, compared entry by entry."""
    if not isinstance(got, dict):
        judge.fail(call, "a dict (History)", shown(got), got, dict(expected))
    for key, values in expected.items():
        if not isinstance(got.get(key), list):
            judge.fail(
                f"{call}, history[{key!r}]", "a list of floats", shown(got.get(key)), got.get(key), list(values)
            )
        if len(got[key]) != len(values):
            length = f"{len(values)} entries, one an epoch"
            judge.fail(f"{call}, history[{key!r}]", length, f"{len(got[key])}", got[key], list(values))
        if not _all_close(got[key], values, tolerance):
            for epoch, (entry, value) in enumerate(zip(got[key], values, strict=True)):
                judge.number(f"{call}, history[{key!r}][{epoch}]", entry, value, tolerance)


def _all_close(got: Sequence[Any], expected: Sequence[float], tolerance: float) -> bool:
    """Whether plain floats are as `judge.number` wants each; at once, as long runs have thousands."""
    if not all(type(entry) is float for entry in got):
        return False
    right = np.asarray(expected)
    return bool(np.all(np.abs(np.asarray(got) - right) <= tolerance * np.maximum(1.0, np.abs(right))))


def same(call: str, got: Any, expected: Any) -> None:
    """Names, shapes or flags are as expected."""
    if got != expected:
        judge.fail(call, f"{expected}", f"{got}", got, expected)


def names_in(text: str, names: Iterable[str]) -> set[str]:
    """Those of the names, such as a record's fields, that stand in an error's text."""
    return {name for name in names if re.search(rf"(?<![A-Za-z0-9]){name}(?![A-Za-z0-9])", text)}
