"""What an epoch of a learner's loader must hold, and in which order its samples came."""

import numpy as np

from grader import judge
from grader.impl import Impl
from grader.wire import Handle, Tensor

Rng = np.random.Generator
Batches = list[tuple[np.ndarray, np.ndarray]]


def data(rng: Rng, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples that can be told apart, with labels that tell whose they are."""
    X = rng.uniform(-1.0, 1.0, size=(n, 3))
    return X, np.where(X[:, 0] > X[:, 1], 1.0, 0.0)


def epoch(impl: Impl, loader: Handle, X: np.ndarray, y: np.ndarray) -> Batches:
    """One epoch's batches, of which X and y were found to belong together and to be complete."""
    call = "make_loader(X, y)"
    judge.holds("DataLoader" in impl.probe("class_names", loader), call, "a DataLoader", "something else")
    batches = impl.probe("epoch", loader)
    for batch in batches:
        pair = len(batch) == 2 and all(isinstance(part, Tensor) for part in batch)
        judge.holds(pair, f"a batch of {call}", "two tensors, X and y", f"{len(batch)} parts, not two tensors")
    got_X = [a.array for a, _ in batches]
    got_y = [b.array for _, b in batches]
    for a, b in zip(got_X, got_y, strict=True):
        shaped = a.ndim == 2 and a.shape[1] == X.shape[1] and b.shape == a.shape[:1]
        judge.holds(shaped, f"a batch of {call}", "X (B, D) and y (B,)", f"shapes {a.shape} and {b.shape}")
    all_X, all_y = (np.concatenate(parts) if parts else np.empty(0) for parts in (got_X, got_y))
    n = len(all_y)
    judge.holds(n == len(y), f"an epoch of {call}", f"{len(y)} samples", f"{n} samples")
    taken, given = np.argsort(all_X[:, 0]), np.argsort(X[:, 0])
    judge.array(f"the X of an epoch of {call}, sorted", all_X[taken], X[given].astype(np.float32))
    judge.array(f"the y that come with each X of {call}", all_y[taken], y[given].astype(np.float32))
    return list(zip(got_X, got_y, strict=True))


def order(X: np.ndarray, batches: Batches) -> list[int]:
    """Which sample came when."""
    came = np.concatenate([a[:, 0] for a, _ in batches])
    return [int(np.argmin(np.abs(X[:, 0].astype(np.float32) - x))) for x in came]


def check_sizes(call: str, batches: Batches, n: int, size: int) -> None:
    """The batches are of this size, but for the last."""
    sizes = [len(b) for _, b in batches]
    right = [min(size, n - at) for at in range(0, n, size)]
    judge.holds(sizes == right, f"{call} of {n} samples", f"batches of {right}", f"batches of {sizes}")


def check_shuffled(call: str, order: list[int]) -> None:
    """The samples did not come in their own order."""
    judge.holds(order != sorted(order), call, "shuffled batches", "the samples in their own order")
