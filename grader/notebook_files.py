"""Stand-in until the real one is merged."""

from typing import NamedTuple


class Cell(NamedTuple):
    """A code cell."""

    id: str
    source: str
