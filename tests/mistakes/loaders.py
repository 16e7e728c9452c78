"""The known mistakes of make_loader: of what an epoch holds, of the batches' sizes, and of their order."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen

CONTENTS = (
    # from X, y; the test notes the loader's classes, and of the batches how many parts they have, their axes,
    # dtypes and sizes, and what came in the order of the first column of X: that column, and the labels
    Mistake(
        "nothing_returned",
        "The function gives None.",
        "Does every way through it end in a `return` with the result?",
        lambda X, y: Seen(kinds=["NoneType"]),
    ),
    Mistake(
        "other_container",
        "What came is not a DataLoader.",
        "A list of batches would be the same in every epoch; a data set alone makes no batches.",
        lambda X, y: Seen(kinds=lambda kinds: "DataLoader" not in kinds),
    ),
    Mistake(
        "arrays_in_data_set",
        "A TensorDataset was made of NumPy arrays.",
        "Convert them first; it takes tensors.",
        lambda X, y: Raised("TypeError", "'int' object is not callable"),
    ),
    Mistake(
        "labels_missing",
        "A batch holds X alone.",
        "The training needs the labels of just these samples, so they have to come along.",
        lambda X, y: Seen(parts=lambda parts: set(parts) == {1}),
    ),
    Mistake(
        "labels_first",
        "A batch holds y first, and then X.",
        "It is unpacked as X, y.",
        lambda X, y: Seen(axes=lambda axes: set(axes) == {(1, 2)}),
    ),
    Mistake(
        "y_as_column",
        "y came as a column, (B, 1).",
        "Scores are (B,), and the two would broadcast to (B, B).",
        lambda X, y: Seen(axes=lambda axes: set(axes) == {(2, 2)}),
    ),
    Mistake(
        "labels_as_integers",
        "y came as whole numbers or truth values.",
        "The loss subtracts y from scores: it should be of their dtype.",
        lambda X, y: Seen(dtypes=lambda dtypes: all(b[0] in "iub" for _, b in dtypes) and bool(dtypes)),
    ),
    Mistake(
        "double_precision",
        "The batches hold float64, the arrays' own dtype.",
        "The models are float32, and tensors of two dtypes do not go together.",
        lambda X, y: Seen(dtypes=lambda dtypes: any("float64" in pair for pair in dtypes)),
    ),
    Mistake(
        "last_batch_dropped",
        "The samples that are left over for a smaller last batch did not come.",
        "Every sample comes once an epoch; the last batch may be smaller.",
        lambda X, y: Seen(sizes=lambda sizes: _without_last(sizes, len(y))),
    ),
    Mistake(
        "samples_repeated",
        "Samples came more than once in an epoch.",
        "Each comes once: a shuffle, not a draw with replacement.",
        lambda X, y: Seen(X=lambda came: np.unique(came).size < len(came)),
    ),
    Mistake(
        "pairs_torn",
        "The labels do not belong to their samples: X and y were shuffled apart.",
        "One order holds for both.",
        lambda X, y: Seen(y=lambda came: sorted(came) == sorted(y)),
    ),
)


def _without_last(sizes: list[int], n: int) -> bool:
    return sum(sizes) < n and len(set(sizes)) <= 1 and all(n - sum(sizes) < size for size in sizes)


SIZES = (
    # from the number of samples, the batch size, and whether it was given; the test notes the batches' sizes
    Mistake(
        "other_default_batch_size",
        "Where no batch size is given, it is not 32.",
        "Look at the default.",
        lambda n, size, given: UNKNOWN if given else Seen(sizes=lambda sizes: bool(sizes)),
    ),
    Mistake(
        "number_of_batches",
        "As many batches came as one batch should have samples.",
        "batch_size is how many samples stand in a batch.",
        lambda n, size, given: Either([Seen(sizes=_of(n, k)) for k in {n // size, -(-n // size)} - {0, size}]),
    ),
    Mistake(
        "batch_size_ignored",
        "The batch_size that was given was not used.",
        "Follow it from the arguments on: who makes the batches?",
        lambda n, size, given: Either([Seen(sizes=[n]), Seen(sizes=[1] * n), Seen(sizes=_of(n, 16))]),
    ),
)


def _of(n: int, size: int) -> list[int]:
    return [min(size, n - at) for at in range(0, n, size)]


def _told(**facts: bool) -> Callable[[], Any]:
    return lambda: Seen(facts)


ORDERS = (
    # from nothing; where an order is wrong the test notes what `minibatches.orders_told` finds
    Mistake(
        "not_shuffled",
        "The samples came in their own order: nothing was shuffled.",
        "Batches that are the same in every epoch teach less; the loader can shuffle.",
        _told(shuffled=False),
    ),
    Mistake(
        "only_batches_shuffled",
        "The same samples always share a batch: only the batches' order was shuffled.",
        "It is the samples that should be shuffled, before batches are made.",
        _told(blocks=True),
    ),
    Mistake(
        "same_order_every_epoch",
        "Every epoch had the same order: it was shuffled once, or the generator starts anew each time.",
        "The order has to be drawn when an epoch begins, from a generator that goes on.",
        _told(anew=False),
    ),
    Mistake(
        "orders_in_turn",
        "After some epochs the same orders come again.",
        "Orders that were drawn beforehand are used up; each epoch has a draw of its own.",
        _told(anew=True, keeps_on=False),
    ),
    Mistake(
        "generator_missing",
        "The batches follow torch's global generator, and the seed is not used.",
        "The loader takes a generator of its own; the seed is for that.",
        _told(repeats=False, follows_torch=True),
    ),
    Mistake(
        "not_reproducible",
        "The same seed gives other batches each time: the seed is drawn, or a generator is kept between calls.",
        "Each call should begin anew, from the seed that it is given.",
        _told(repeats=False),
    ),
    Mistake(
        "global_generator",
        "What others draw from torch's global generator changes the batches: the loader shuffles with that one.",
        "Seeding it only helps until the next one draws, and takes the others' draws away from them.",
        _told(apart_from_torch=False),
    ),
    Mistake(
        "drawn_while_iterated",
        "What others draw between two batches changes the rest: the order comes from a global generator.",
        "Seeding that one again when an epoch begins only helps until somebody else draws.",
        _told(apart_while_iterated=False),
    ),
    Mistake(
        "session_in_seed",
        "In another session the same seed gives other batches: more than the seed goes into the order.",
        "The time, a draw or an id differs each time that the module is imported, and so does the hash of a text.",
        _told(same_in_sessions=False),
    ),
    Mistake(
        "generator_shared",
        "Making another loader changes this one's batches: they share a generator.",
        "Each loader needs one of its own.",
        _told(apart_from_loaders=False),
    ),
    Mistake(
        "seed_ignored",
        "Other seeds give the same batches: the seed that is given is not used, or not all of it.",
        "What is the generator seeded with?",
        _told(seeds_differ=False),
    ),
    Mistake(
        "other_default_seed",
        "Where no seed is given, it is not 0.",
        "Look at the default.",
        _told(default_is_zero=False),
    ),
)

MAKE_LOADER = (*CONTENTS, *SIZES, *ORDERS)
