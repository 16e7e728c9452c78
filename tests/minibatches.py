"""What an epoch of a learner's loader must hold, and in which order its samples came."""

import numpy as np
from mistakes import naming
from mistakes.loaders import CONTENTS, ORDERS, SIZES

from grader import judge
from grader.impl import Impl
from grader.wire import Handle, Tensor

Rng = np.random.Generator
Batches = list[tuple[np.ndarray, np.ndarray]]


def data(rng: Rng, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples that can be told apart, with labels that tell whose they are."""
    X = rng.uniform(-1.0, 1.0, size=(n, 3))
    return X, np.where(X[:, 0] > X[:, 1], 1.0, 0.0)


def made(impl: Impl, X: np.ndarray, y: np.ndarray, **given: int) -> Handle:
    """The learner's loader."""
    with naming(CONTENTS, X, y):
        loader: Handle = impl.call("make_loader", X, y, **given, keep=True)
    return loader


def epoch(impl: Impl, loader: Handle, X: np.ndarray, y: np.ndarray) -> Batches:
    """One epoch's batches, of which X and y were found to belong together and to be complete."""
    call = "make_loader(X, y)"
    with naming(CONTENTS, X, y) as seen:
        seen["kinds"] = impl.probe("class_names", loader)
        judge.holds("DataLoader" in seen["kinds"], call, "a DataLoader", "something else")
        batches = impl.probe("epoch", loader)
        seen["parts"] = [len(batch) for batch in batches]
        for batch in batches:
            pair = len(batch) == 2 and all(isinstance(part, Tensor) for part in batch)
            judge.holds(pair, f"a batch of {call}", "two tensors, X and y", f"{len(batch)} parts, not two tensors")
        got_X = [a.array for a, _ in batches]
        got_y = [b.array for _, b in batches]
        seen["axes"] = [(a.ndim, b.ndim) for a, b in zip(got_X, got_y, strict=True)]
        for a, b in zip(got_X, got_y, strict=True):
            shaped = a.ndim == 2 and a.shape[1] == X.shape[1] and b.shape == a.shape[:1]
            judge.holds(shaped, f"a batch of {call}", "X (B, D) and y (B,)", f"shapes {a.shape} and {b.shape}")
        seen["dtypes"] = [(a.dtype.name, b.dtype.name) for a, b in zip(got_X, got_y, strict=True)]
        seen["sizes"] = [len(b) for b in got_y]
        all_X, all_y = (np.concatenate(parts) if parts else np.empty(0) for parts in (got_X, got_y))
        n = len(all_y)
        if n > len(y):
            seen["X"] = np.sort(all_X[:, 0])
        judge.holds(n == len(y), f"an epoch of {call}", f"{len(y)} samples", f"{n} samples")
        taken, given = np.argsort(all_X[:, 0]), np.argsort(X[:, 0])
        seen["X"] = all_X[taken, 0]
        judge.array(f"the X of an epoch of {call}, sorted", all_X[taken], X[given].astype(np.float32))
        seen["y"] = all_y[taken]
        judge.array(f"the y that come with each X of {call}", all_y[taken], y[given].astype(np.float32))
    return list(zip(got_X, got_y, strict=True))


def order(X: np.ndarray, batches: Batches) -> list[int]:
    """Which sample came when."""
    came = np.concatenate([a[:, 0] for a, _ in batches])
    return [int(np.argmin(np.abs(X[:, 0].astype(np.float32) - x))) for x in came]


def check_sizes(call: str, batches: Batches, n: int, size: int, given: bool = True) -> None:
    """The batches are of this size, but for the last; given: whether it was said in the call."""
    sizes = [len(b) for _, b in batches]
    right = [min(size, n - at) for at in range(0, n, size)]
    with naming(ORDERS) as told, naming(SIZES, n, size, given) as seen:
        seen["sizes"] = sizes
        told["blocks"] = sorted(sizes) == sorted(right)
        judge.holds(sizes == right, f"{call} of {n} samples", f"batches of {right}", f"batches of {sizes}")


def check_shuffled(call: str, order: list[int]) -> None:
    """The samples did not come in their own order."""
    with naming(ORDERS) as seen:
        seen["shuffled"] = order != sorted(order)
        judge.holds(seen["shuffled"], call, "shuffled batches", "the samples in their own order")


def check_order(impl: Impl, right: bool, call: str, expected: str, got: str) -> None:
    """A fact about the order of the samples; where it is wrong, further loaders are made to see why."""
    if not right:
        with naming(ORDERS) as seen:
            seen |= orders_told(impl)
            judge.holds(False, call, expected, got)


def orders_told(impl: Impl) -> dict[str, bool]:
    """What the orders of some loaders, fresh ones and one taken twice, tell of where they come from."""
    X, y = data(np.random.default_rng(0), 41)

    def fresh(**given: int) -> Handle:
        return made(impl, X, y, **given)

    def taken(loader: Handle) -> list[int]:
        return order(X, epoch(impl, loader, X, y))

    def reseeded() -> list[int]:
        impl.probe("seed", 7)
        return taken(fresh(seed=5))

    loader = fresh(seed=5)
    first, second = taken(loader), taken(loader)
    told = {
        "shuffled": first != sorted(first),
        "anew": first != second,
        "repeats": taken(fresh(seed=5)) == first,
        "follows_torch": reseeded() == reseeded(),
        "seeds_differ": all(taken(fresh(seed=seed)) != first for seed in (6, 7)),
        "default_is_zero": taken(fresh()) == taken(fresh(seed=0)),
        "blocks": _came_in_blocks(taken(fresh(batch_size=5, seed=5))),
    }
    loader = fresh(seed=5)
    impl.probe("draw", 11)
    told["apart_from_torch"] = taken(loader) == first
    loader = fresh(seed=5)
    taken(fresh(seed=6))
    return told | {"apart_from_loaders": taken(loader) == first}


def _came_in_blocks(order: list[int]) -> bool:
    """Whether each sample but the last of a batch of 5 is followed by its neighbour."""
    apart = np.diff(order)
    return float(np.mean(apart == 1)) > 0.7
