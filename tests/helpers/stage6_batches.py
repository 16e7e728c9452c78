"""What an epoch of a learner's loader must hold, and in which order its samples came."""

from contextlib import suppress

import numpy as np

from grader.judging import judge
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer
from grader.wire import Handle, Tensor
from helpers import comparisons

Rng = np.random.Generator
Batches = list[tuple[np.ndarray, np.ndarray]]

SAME_REMAINDERS = 8_192_000
"""Two seeds so far apart are the same modulo 1000, 2**16 and any part of these."""


def data(rng: Rng, n: int, d: int = 3, classes: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Samples (N, D) that can be told apart, with labels that tell whose they are.

    classes: whether the labels are 0 and 1, or numbers of all kinds, each another.
    """
    X = rng.uniform(-1.0, 1.0, size=(n, d))
    X[:, 0] = (
        2 * (rng.permutation(n) + rng.uniform(0.1, 0.9, size=n)) / n - 1
    )  # no two of them the same in float32
    return X, np.where(X[:, 0] > 0, 1.0, 0.0) if classes else rng.permutation(n) / 4 - n / 8


def made(impl: Client, X: np.ndarray, y: np.ndarray, *args: int, **given: int) -> Handle:
    """The learner's loader."""
    loader: Handle = impl.call("make_loader", X, y, *args, **given, keep=True)
    return loader


def made_in_another_session(impl: Client, X: np.ndarray, y: np.ndarray, size: int, seed: int) -> Handle | None:
    """The loader that the learner's code makes where it is loaded anew; None where it can be loaded once only."""
    with suppress(NoAnswer):
        loader: Handle = impl.probe("made_anew", "stage6_module", "make_loader", X, y, size, seed, keep=True)
        return loader
    return None


def epoch(
    impl: Client,
    loader: Handle,
    X: np.ndarray,
    y: np.ndarray,
    call: str = "make_loader(X, y)",
    disturbed: bool = False,
) -> Batches:
    """One epoch's batches, of which X and y were found to belong together and to be complete.

    disturbed: whether others draw from the global generators between two batches.
    """
    kinds = impl.probe("class_names", loader)
    judge.holds("NoneType" not in kinds, call, "a DataLoader", "None")
    judge.holds("DataLoader" in kinds, call, "a DataLoader", "something else")
    batches = impl.probe("epoch", loader, disturbed)
    for batch in batches:
        pair = len(batch) == 2 and all(isinstance(part, Tensor) for part in batch)
        parts = f"{len(batch)} parts, not two tensors"
        judge.holds(pair, f"a batch of {call}", "two tensors, X and y", parts, len(batch))
    pairs = [(a.array, b.array) for a, b in batches]
    for a, b in pairs:
        shaped = a.ndim == 2 and a.shape[1] == X.shape[1] and b.shape == a.shape[:1]
        got = f"shapes {a.shape} and {b.shape}"
        judge.holds(shaped, f"a batch of {call}", "X (B, D) and y (B,)", got, (a.shape, b.shape))
    all_X, all_y = (np.concatenate(parts) for parts in zip(*pairs, strict=True)) if pairs else np.empty((2, 0, 1))
    n = len(all_y)
    judge.holds(n == len(y), f"an epoch of {call}", f"{len(y)} samples", f"{n} samples", n)
    came, given = np.argsort(all_X[:, 0]), np.argsort(X[:, 0])
    judge.array(f"the X of an epoch of {call}, sorted", all_X[came], X[given].astype(np.float32))
    judge.array(f"the y that come with each X of {call}", all_y[came], y[given].astype(np.float32))
    return pairs


def order(X: np.ndarray, batches: Batches) -> list[int]:
    """Which sample came when."""
    came = np.concatenate([a[:, 0] for a, _ in batches])
    return [int(np.argmin(np.abs(X[:, 0].astype(np.float32) - x))) for x in came]


def check_sizes(call: str, batches: Batches, n: int, size: int) -> None:
    """The batches are of this size, but for the last."""
    sizes = [len(b) for _, b in batches]
    right = [min(size, n - at) for at in range(0, n, size)]
    call = f"{call} of {n} samples"
    comparisons.same(f"{call}, the batches' sizes", sorted(sizes, reverse=True), right)
    judge.holds(sizes == right, call, "the smaller batch at the end", "the smaller batch before others")


def check_shuffled(call: str, order: list[int]) -> None:
    """The samples did not come in their own order, nor in one that is near it.

    Of many shuffled samples, neighbours seldom follow each other, and most come far from their own place: a third
    of the way on average.
    """
    places = np.argsort(order)
    followed = float(np.mean(np.abs(np.diff(order)) == 1))
    moved = float(np.mean(np.abs(places - np.arange(len(order))))) / len(order)
    judge.holds(order != sorted(order), call, "shuffled batches", "the samples in their own order")
    judge.holds(followed < 0.4, call, "shuffled batches", "samples behind those that they had been behind before")
    judge.holds(moved > 0.12, call, "shuffled batches", "the samples near the places that they had before")


def check_batches(call: str, orders: list[list[int]], size: int) -> None:
    """Batches of one epoch are not made of the same samples as those of another."""
    batches = [frozenset(order[at : at + size]) for order in orders for at in range(0, len(order), size)]
    holds = len(set(batches)) > 0.6 * len(batches)
    judge.holds(holds, call, "batches of other samples in each epoch", "the same samples always share a batch")


def check_order(impl: Client, right: bool, call: str, expected: str, got: str) -> None:
    """A fact about the order of the samples; where it is wrong, further loaders are made to see why."""
    if not right:
        facts = orders_told(impl)
        judge.fail(call, expected, got, facts, dict.fromkeys(facts, True))


def orders_told(impl: Client) -> dict[str, bool]:
    """What the orders of some loaders tell of where they come from; of a right loader all of it is true."""
    X, y = data(np.random.default_rng(0), 41)

    def fresh(**given: int) -> Handle:
        return made(impl, X, y, **given)

    def taken(loader: Handle) -> list[int]:
        return order(X, epoch(impl, loader, X, y))

    def in_another_session() -> list[int]:
        loader = made_in_another_session(impl, X, y, 32, 5)
        return first if loader is None else taken(loader)

    def reseeded() -> list[int]:
        impl.probe("seed", 7)
        return taken(fresh(seed=5))

    loader = fresh(seed=5)
    first, second = taken(loader), taken(loader)
    told = {
        "shuffled": first != sorted(first),
        "anew": first != second,
        "repeats": taken(fresh(seed=5)) == first,
        "repeats_after_seeding_torch": reseeded() == reseeded(),
        "seeds_differ": all(taken(fresh(seed=seed)) != first for seed in (6, 7, 5 + SAME_REMAINDERS)),
        "keeps_on": len({tuple(order) for order in (first, second, *(taken(loader) for _ in range(10)))}) == 12,
        "default_is_zero": taken(fresh()) == taken(fresh(seed=0)),
        "mixed": not _came_in_blocks(taken(fresh(batch_size=5, seed=5))),
    }
    loader = fresh(seed=5)
    impl.probe("draw", 11)
    told["apart_from_torch"] = taken(loader) == first
    told["apart_while_iterated"] = (
        order(X, epoch(impl, fresh(batch_size=5, seed=5), X, y, disturbed=True)) == first
    )
    told["same_in_sessions"] = in_another_session() == first
    loader = fresh(seed=5)
    taken(fresh(seed=6))
    return told | {"apart_from_loaders": taken(loader) == first}


def _came_in_blocks(order: list[int]) -> bool:
    """Whether each sample but the last of a batch of 5 is followed by its neighbour."""
    apart = np.diff(order)
    return float(np.mean(apart == 1)) > 0.7
