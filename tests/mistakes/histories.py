"""What comes of a training run, as predictions look at it: its history, its length, its two parts."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging.likeness import NEAR, distance
from grader.judging.mistakes import UNKNOWN, Either, Seen
from mistakes import training_runs
from mistakes.training_runs import RECORDS, SHOWN, Path, Record, Rule, Task, entries, path

ROUND_NUMBERS = (1, 10, 20, 50, 100, 200, 250, 300, 400, 500, 1000, 1500, 2000, 3000, 5000, 10000)
"""Numbers of epochs that people write down."""
LAST_RESORT = 0.9 * NEAR
"""What a prediction is off by on purpose, for any other one that fits to come closer."""


def note(seen: Seen, got: Any) -> None:
    """Note what train returned: as a whole, its parameters, its history, and the first entries of each list."""
    seen["returned"], seen["anything"] = got, 0.0
    if isinstance(got, tuple) and len(got) == 2 and isinstance(got[1], dict):
        seen["params"], seen["history"] = got
        seen["first"] = {key: v[:SHOWN] if isinstance(v, list) else v for key, v in got[1].items()}


def of_rules(*rules: Rule) -> Callable[[Task], Either]:
    """Predict the loss of runs by these rules, where it is another one than the right rule's."""
    return lambda task: Either([_losses(task, path(task, rule)) for rule in rules])


def of_starts(*starts: Callable[[Task], Params]) -> Callable[[Task], Either]:
    """Predict the loss of runs from other parameters."""
    return lambda task: Either([_losses(task, path(task, start=start(task))) for start in starts])


def _losses(task: Task, places: Path) -> Any:
    losses = entries(task, places[:-1], RECORDS["loss"])
    right = entries(task, path(task)[:-1], RECORDS["loss"])
    return UNKNOWN if distance(losses, right) is not None else Seen(first={"loss": losses})


def recorded(key: str, *records: Record) -> Callable[[Task], Either]:
    """Predict one list of the history, made of other entries, where they differ from the right ones."""

    def predict(task: Task) -> Either:
        places = path(task)[:-1]
        right = entries(task, places, RECORDS[key])
        made = [entries(task, places, record) for record in records] if key in task.keys else []
        return Either([_list(task, places, key, one) for one in made if distance(one, right) is None])

    return predict


def recorded_later(task: Task) -> Either:
    """Predict any list of the history, taken after each step."""
    places = path(task)
    found = []
    for key in task.keys:
        before, after = (entries(task, part, RECORDS[key]) for part in (places[:-1], places[1:]))
        if distance(after, before) is None:
            found.append(_list(task, places[:-1], key, after))
    return Either(found if task.epochs > 1 else found[:1])


def _list(task: Task, places: Path, key: str, made: list[float]) -> Seen:
    """One list of the history; with fractions, which agree by chance in other runs, the right losses as well."""
    fractions = key in ("accuracy", "relu_active")
    losses = {"loss": entries(task, places, RECORDS["loss"])} if fractions else {}
    return Seen(first={**losses, key: made})


def parameters(which: Callable[[Path], Params], further: int = 0) -> Callable[[Task], Any]:
    """Predict parameters of another place on the right way, where the whole way is predicted."""

    def predict(task: Task) -> Any:
        if task.epochs > SHOWN:
            return UNKNOWN
        losses = entries(task, path(task)[:-1], RECORDS["loss"])
        return Seen(params=which(path(task, further=further)), first={"loss": losses})

    return predict


def returned(fits: Callable[[Any], bool]) -> Callable[[Task], Seen]:
    """Predict by what train returned as a whole."""
    return lambda task: Seen(returned=fits)


def in_history(fits: Callable[[dict[Any, Any], Task], bool]) -> Callable[[Task], Seen]:
    """Predict by the history."""
    return lambda task: Seen(history=lambda got: fits(got, task))


def of_lengths(fits: Callable[[list[float], list[float], Task], bool]) -> Callable[[Task], Seen]:
    """Predict by the list of losses, whose length is wrong, and the right losses of the first epochs."""

    def predict(task: Task) -> Seen:
        right = entries(task, path(task)[:-1], RECORDS["loss"])

        def is_so(history: Any) -> bool:
            losses = history.get("loss")
            return (
                _are_floats(losses) and bool(losses) and len(losses) != task.epochs and fits(losses, right, task)
            )

        return Seen(history=is_so)

    return predict


def _are_floats(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(v, (float, np.floating)) for v in values)


def begins_right(losses: list[float], right: list[float]) -> bool:
    """Whether the losses are right as far as both go."""
    shown = min(len(losses), len(right))
    return _are_floats(losses) and distance([float(v) for v in losses[:shown]], right[:shown]) is not None


def not_every_epoch(losses: list[float], right: list[float], task: Task) -> bool:
    """Whether the losses are those of every so many epochs; not where only a special run is so short."""
    if task.special:
        return False
    for stride in range(2, task.epochs + 1):
        if len(losses) == math.ceil(task.epochs / stride) and begins_right(losses, right[::stride]):
            return len(losses) == 1 or not begins_right(losses[1:2], right[1:2])
    return False


def one_sample_an_epoch(task: Task) -> Any:
    """Predict losses that each come of a step on one sample, whichever it is, from the parameters before."""
    right = entries(task, path(task)[:-1], RECORDS["loss"])

    def fits(losses: Any) -> bool:
        if not _are_floats(losses) or len(losses) < 2 or begins_right(losses, right):
            return False
        params, loss = task.params, RECORDS["loss"]
        for got in losses[1:]:
            alone = [_after_one(task, params, which) for which in range(len(task.y))]
            apart = [distance(got, loss(task.X, task.y, p)) for p in alone]
            near = [k for k, d in enumerate(apart) if d is not None]
            if not near:
                return False
            params = alone[near[0]]
        return True

    return Seen(first=lambda got: isinstance(got, dict) and fits(got.get("loss"))) if len(task.y) > 1 else UNKNOWN


def _after_one(task: Task, params: Params, which: int) -> Params:
    one = slice(which, which + 1)
    return training_runs.moved(params, training_runs.chain_rule.right(task.X[one], task.y[one], params), task.lr)


def several_steps(task: Task) -> Any:
    """Predict losses that fall about as if each epoch took a step for each of some batches, in whatever order."""
    n = len(task.y)
    if n < 50:
        return UNKNOWN
    steps = sorted({math.ceil(n / size) for size in (8, 10, 16, 20, 25, 32, 40, 50, 64, 100, 128)})
    right = entries(task, path(task, further=2 * max(steps)), RECORDS["loss"])

    def fits(got: Any) -> bool:
        losses = got.get("loss") if isinstance(got, dict) else None
        if not _are_floats(losses) or len(losses) < 3:
            return False
        begins = math.isclose(losses[0], right[0], rel_tol=1e-9)
        return begins and any(
            all(abs(losses[epoch] - right[epoch * k]) < 0.1 * right[0] for epoch in (1, 2))
            and not begins_right(losses, right)
            for k in steps
        )

    return Seen(first=fits)


def drifts(task: Task) -> Seen:
    """Predict a history whose first entries are right, and whose later ones are off by more than rounding."""
    places = path(task)[:-1]
    right = {key: entries(task, places, RECORDS[key]) for key in task.keys}

    def fits(got: Any) -> bool:
        if not isinstance(got, dict) or not all(isinstance(got.get(key), list) for key in right):
            return False
        if not all(len(got[key]) == len(values) for key, values in right.items()):
            return False
        first = all(distance(got[key][:1], values[:1]) is not None for key, values in right.items())
        return first and distance(got["loss"], right["loss"], near=1e-5) is None

    return Seen(first=fits, anything=LAST_RESORT)
