"""Fingerprints of code, by winnowing: which runs of tokens stand for a text when it is compared with others.

A text is taken apart into tokens and these into all runs of K tokens. Of each WINDOW runs that follow one another
the one with the smallest hash is kept (S. Schleimer, D. Wilkerson and A. Aiken, Winnowing: local algorithms for
document fingerprinting, SIGMOD 2003). So whatever two texts share is found from K + WINDOW - 1 tokens on, and
neither the order of functions nor what stands between them counts.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache

import numpy as np

from grader.course.catalogue import GIVEN, STAGES, tree_of
from grader.reporting.python_tokens import Token, tokens

K = 7
"""Tokens of a run: `v = v . mean ( v` is seven."""
WINDOW = 4
"""Runs that follow one another of which one is kept."""
CHUNK = 2_000_000
"""Tokens that are hashed at a time."""
TEXTS = 512
"""Texts of which the runs are kept: who is in one pair of near-identical submissions is often in others."""

Run = tuple[str, ...]
Hashes = tuple[np.ndarray, np.ndarray]
"""Hashes, and for each the number of the text that it is of."""


def fingerprints(texts: Iterable[str]) -> Hashes:
    """What winnowing keeps of texts."""
    return _hashed(texts, winnow=True)


def hashes_of(texts: Iterable[str]) -> Hashes:
    """All runs of texts: what is to be left out of fingerprints is known by these."""
    return _hashed(texts, winnow=False)


@lru_cache(TEXTS)
def runs(text: str) -> Mapping[Run, list[int]]:
    """The runs of K tokens of a text, each with the numbers of the tokens that it begins with."""
    made: dict[Run, list[int]] = {}
    found = _tokens_of(text)
    for place in range(len(found) - K + 1):
        made.setdefault(tuple(token.text for token in found[place : place + K]), []).append(place)
    return made


def lines_of(text: str, both: Collection[Run]) -> frozenset[int]:
    """The lines of a text, counted from 0, on which tokens of these runs stand."""
    places = [place for run, begins in runs(text).items() if run in both for place in begins]
    found = _tokens_of(text) if places else []
    return frozenset(token.line for place in places for token in found[place : place + K])


@cache
def _kept() -> frozenset[str]:
    """Names that are the course's: tasks, and what the given modules define."""
    defined = (getattr(node, "name", "") for name in GIVEN for node in tree_of(name).body)
    return frozenset([*defined, *(task for stage in STAGES for task in stage.tasks)])


def _tokens_of(text: str) -> list[Token]:
    return tokens(text, _kept())


def _hashed(texts: Iterable[str], winnow: bool) -> Hashes:
    hashes, owners = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    numbers: list[int] = []
    lengths: list[int] = []
    first = 0

    def hash_them() -> None:
        nonlocal first
        made, whose = _hashes_of_runs(np.array(numbers, np.uint64), np.array(lengths, np.int64))
        kept = _winnowed(made, whose) if winnow else slice(None)
        hashes.append(made[kept])
        owners.append(whose[kept] + first)
        first += len(lengths)
        numbers.clear()
        lengths.clear()

    for text in texts:
        found = _tokens_of(text)
        numbers += [_number(token.text) for token in found]
        lengths.append(len(found))
        if len(numbers) > CHUNK:
            hash_them()
    hash_them()
    return np.concatenate(hashes), np.concatenate(owners)


@lru_cache(2**16)
def _number(token: str) -> int:
    """A number for a token, the same in every run of the kit."""
    return zlib.crc32(token.encode("utf-8", "surrogatepass"))


def _hashes_of_runs(numbers: np.ndarray, lengths: np.ndarray) -> Hashes:
    """The hash of each run of K tokens that stand in one text, and the number of that text."""
    whose = np.repeat(np.arange(len(lengths)), lengths)
    count = max(0, len(numbers) - K + 1)
    made = np.zeros(count, np.uint64)
    for place in range(K):
        made = made * np.uint64(0x100000001B3) + numbers[place : place + count]
    inside = whose[:count] == whose[K - 1 :]
    return _mixed(made[inside]), whose[:count][inside]


def _winnowed(hashes: np.ndarray, whose: np.ndarray) -> np.ndarray:
    """Which of the hashes are fingerprints: of each WINDOW in one text the smallest, of equal ones the last.

    A text of fewer keeps one.
    """
    if not len(hashes):
        return np.empty(0, np.int64)
    places = np.arange(len(hashes))
    begins = np.r_[True, whose[1:] != whose[:-1]]
    rank = np.cumsum(begins) - 1
    since = places - np.flatnonzero(begins)[rank]
    until = np.r_[np.flatnonzero(begins)[1:], len(hashes)][rank] - places
    apart = places + rank * (WINDOW - 1)  # room behind each text, so that no window reaches into the next
    padded = np.full(len(hashes) + (rank[-1] + 1) * (WINDOW - 1), np.iinfo(np.uint64).max)
    padded[apart] = hashes
    back = np.zeros(len(padded), np.int64)
    back[apart] = places
    starts = apart[(until >= WINDOW) | (since == 0)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[starts]
    return np.unique(back[starts + WINDOW - 1 - np.argmin(windows[:, ::-1], axis=1)])


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Numbers of 64 bits made of others, in no order of theirs: the last steps of splitmix64 (G. Steele, 2014)."""
    first: np.ndarray = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    second: np.ndarray = (first ^ (first >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    third: np.ndarray = second ^ (second >> np.uint64(31))
    return third
