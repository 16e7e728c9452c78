"""Reads Gradescope's file about who submitted what, as `submission_metadata.yml` in its download."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import yaml  # type: ignore[import-untyped]

from grader.intake.entries import Unreadable
from grader.intake.learning_platforms import METADATA, PlatformName, Submitter, folder_number, time_of
from grader.intake.platform_exports import Platform

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""PyYAML's parser in C where it has been built, which is ten times as fast."""
NOTHING = ("", "~", "null")
MAX_TEXT = 255
"""Characters of a name, an id or an email at the most; longer ones are passed over."""
DEPTH = 4
"""Keys and numbers that lead to what is read: submission, `:submitters`, which of them, `:name`."""
MAX_NESTING = 100
"""Levels at the most; the parser's time grows with their square."""

Metadata = dict[str, tuple[tuple[Submitter, ...], int | None, datetime | None]]
"""Gradescope's folders: who submitted each, which of their attempts it is, and when it came."""
Path = tuple[str | int, ...]


def read_metadata(content: bytes) -> Metadata:
    """Who submitted what, and when. Raises Unreadable when this is no such file.

    Only its texts are read, as they pass: no tag in it makes anything, nothing that it refers to is repeated,
    what it holds besides takes no memory, and an id with leading zeros stays as it is.
    """
    people: dict[str, dict[int, dict[str, str]]] = {}
    earlier: dict[str, int] = {}
    created: dict[str, datetime] = {}
    try:
        for path, value in _texts(content.decode("utf-8-sig")):
            match path:
                case (str(name), ":submitters", int(number), str(key)) if _tells(value):
                    people.setdefault(name, {}).setdefault(number, {})[key] = value
                case (str(name), ":history", int(number), *_):
                    earlier[name] = number + 1
                case (str(name), ":created_at") if found := time_of(value):
                    created[name] = found
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Unreadable(f"{METADATA} is not as Gradescope writes it: {str(error).splitlines()[0]}") from None
    return {
        name: (
            tuple(Submitter(s.get(":sid"), s.get(":name"), s.get(":email")) for s in found.values()),
            earlier[name] + 1 if name in earlier else None,
            created.get(name),
        )
        for name, found in people.items()
        if folder_number(name) is not None
    }


def _tells(value: str) -> bool:
    return value not in NOTHING and len(value) <= MAX_TEXT


def platform(metadata: Metadata) -> Platform:
    """Gradescope, with what its file says."""

    def read(name: str, is_folder: bool) -> PlatformName | None:
        number = folder_number(name)
        if number is None or name not in metadata:
            return None
        submitters, attempt, created = metadata[name]
        ids = sorted(filter(None, (s.id or s.email for s in submitters)))  # a name may be anybody's
        owner = str(ids) if len(ids) == len(submitters) else name
        return PlatformName("Gradescope", owner, submitters, number=number, attempt=attempt, created=created)

    return Platform("Gradescope", read)


def _texts(document: str) -> Iterator[tuple[Path, str]]:
    """Each text that is no key, down to DEPTH, with the keys and numbers that lead to it."""
    above: list[_Level] = []
    anchors: dict[str, str] = {}
    for event in yaml.parse(document, Loader=LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            above.pop()
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(above) > MAX_NESTING:
                raise Unreadable(f"{METADATA} is nested too deeply")
            if above:
                above[-1].take(None)
            above.append(_Level("" if isinstance(event, yaml.MappingStartEvent) else -1))
        elif isinstance(event, yaml.NodeEvent):
            value = event.value if isinstance(event, yaml.ScalarEvent) else anchors.get(event.anchor)
            if isinstance(event, yaml.ScalarEvent) and event.anchor:
                anchors[event.anchor] = event.value
            if above and above[-1].take(value) and value is not None and len(above) <= DEPTH:
                yield tuple(level.at for level in above), value


@dataclass
class _Level:
    """Where in one mapping or sequence the reading is: at which key, or at which number."""

    at: str | int
    is_key: bool = False

    def take(self, key: str | None) -> bool:
        """Go to the next node. Returns whether it is a value: an item of a sequence, or what a key leads to."""
        if isinstance(self.at, int):
            self.at += 1
            return True
        self.is_key = not self.is_key
        if self.is_key:
            self.at = key or ""
        return not self.is_key
