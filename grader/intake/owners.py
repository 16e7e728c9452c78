"""Whose the entries of a cohort are, and which submissions there are: by names alone, before any is read.

The names that tell are a platform's, in its export, or the instructor's: of the path given, and of what lies in a
folder given. Nothing inside a submission tells, as learners write it.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from grader.intake.archives import contents, is_archive, without_ending
from grader.intake.entries import Entry, Folder, Unreadable, digest_of_name, file_on_disk, folder, folder_on_disk
from grader.intake.gradescope import platform as gradescope
from grader.intake.gradescope import read_metadata
from grader.intake.learning_platforms import MAX_METADATA, METADATA, Submitter
from grader.intake.notebook_files import ENDING, put_before
from grader.intake.platform_exports import Platform, is_companion, is_download, is_export, platform_of
from grader.intake.uploads import Upload, has_stage_files, is_kit, is_notebook, resubmissions
from grader.outside.plain_text import plain_text

SUBMITTED, UNFINISHED = "Submitted files", "Working files"
"""Teams' folders; in each one for every learner, and in that one for the assignment and for each version."""
DEPTH = 3
"""Folders at the most, one in the other, that wrap an export."""
MAX_NAME = 150
"""Characters of a submission's name at the most."""
MAX_LABELS = 50
"""A platform's names of one submission's files at the most that are kept."""


@dataclass(frozen=True)
class HandedIn:
    """A submission that has not been read: its name, and of what it consists, what was handed in last first.

    error: why there is nothing to read; alone: whether nothing but this entry was given, which may be a cohort.
    """

    name: str
    uploads: tuple[Upload, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    alone: bool = False

    @property
    def submitters(self) -> tuple[Submitter, ...]:
        """Whom the learning platform names."""
        newest = self.uploads[0].named if self.uploads else None
        return newest.submitters if newest else ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The names that the learning platform gave to what was handed in."""
        return tuple(one.label for one in self.uploads if one.named)[:MAX_LABELS]

    def is_plain(self) -> bool:
        """Whether it is nothing but a few modules, which leave nothing to be taken apart."""
        return all(one.is_plain() for one in self.uploads)


def in_folder(path: Path, cohort: bool) -> list[HandedIn]:
    """What a folder on disk holds: submissions, or an export that lies alone in it, or stage files.

    Raises Unreadable where it is empty, and OSError.
    """
    root = _submitted(folder_on_disk(path))
    if (has_stage_files(root) or is_kit(root)) and not cohort:
        return [own_folder(path)]
    if len(root) == 1 and platform_of(_kinds(root)) is None:
        [(label, entry)] = root.items()
        export = _export(_contents(entry)) if is_download(without_ending(label)) else {}
        return divided(export or root)
    return divided(root)


def _submitted(root: Folder) -> Folder:
    """The learners' folders in what Teams keeps of an assignment, which are beside those of unfinished work."""
    is_teams = SUBMITTED in root and root.keys() <= {SUBMITTED, UNFINISHED} and root[SUBMITTED].is_folder
    return _contents(root[SUBMITTED]) if is_teams else root


def own_folder(path: Path) -> HandedIn:
    """A folder as one submission, out of which no link may lead. Raises OSError."""
    return one_upload(path.resolve().name, folder(folder_on_disk(path, path)))


def in_archive(path: Path, root: Folder, cohort: bool) -> list[HandedIn]:
    """What an archive holds: a platform's export, what it is said to be with `cohort`, else one submission.

    Raises Unreadable where it is empty.
    """
    name = without_ending(path.name)
    is_learners = has_stage_files(root) or platform_of({path.name: False}) is not None
    export = {} if is_learners and not cohort else _export(root)
    if export:
        return divided(export)
    if not cohort:
        return [one_upload(name, replace(file_on_disk(path), unpacked=lambda: _unwrapped(root)))]
    return divided(_unwrapped(root) if name.startswith(tuple(root)) else root)  # as programs pack a folder


def divided(root: Folder) -> list[HandedIn]:
    """The submissions in a folder of them, by the names of its entries. Raises Unreadable where it is empty."""
    if not root:
        raise Unreadable("holds no submission: it is empty")
    platform, handed_in = _platform(root)
    owners: dict[str, list[Upload]] = {}
    for label in sorted(root, key=lambda label: (not root[label].is_folder and is_archive(label), label)):
        if root[label].is_folder or not (label == METADATA or is_companion(platform, label)):
            upload = Upload(label, root[label], platform.read(label, root[label].is_folder) if platform else None)
            owners.setdefault(_owner(upload), []).append(upload)
    for uploads in owners.values():
        numbers = resubmissions(uploads)
        uploads.sort(key=lambda one: (one.named.number if one.named else 0, numbers[one.label]), reverse=True)
    names = _names(owners)
    handed_in += [_handed_in(names[owner], uploads, platform) for owner, uploads in owners.items()]
    return [replace(one, alone=platform is None) for one in handed_in] if len(handed_in) == 1 else handed_in


def one_upload(name: str, entry: Entry, label: str | None = None) -> HandedIn:
    """A submission of one entry that no platform named. label: the entry's name, where it is another."""
    return HandedIn(_fitting(name), (Upload(label or name, entry),), alone=True)


def _platform(root: Folder) -> tuple[Platform | None, list[HandedIn]]:
    """Whose export this is, and what is wrong with what it says, in place of a submission."""
    if METADATA not in root or root[METADATA].is_folder:
        return platform_of(_kinds(root)), []
    try:
        return gradescope(read_metadata(root[METADATA].read(MAX_METADATA))), []
    except Unreadable as error:
        return None, [HandedIn(METADATA, error=str(error))]


def _export(root: Folder) -> Folder:
    """The folder that a platform exported: `root`, or one down a line of single folders; empty for none."""
    for _ in range(DEPTH):
        if (submitted := _submitted(root)) is not root:
            return submitted
        if is_export(_kinds(root)) or len(root) != 1:
            break
        root = _unwrapped(root)
    return root if is_export(_kinds(root)) else {}


def _unwrapped(root: Folder) -> Folder:
    """What is in the only folder that there is; else all that there is."""
    alone = next(iter(root.values())) if len(root) == 1 else None
    return _contents(alone) if alone and alone.is_folder else root


def _contents(entry: Entry) -> Folder:
    """What is in a folder or an archive, each entry a submission perhaps; nothing where it cannot be read."""
    try:
        return folder_on_disk(entry.place) if entry.place else contents(entry)
    except (Unreadable, OSError):
        return {}


def _kinds(root: Folder) -> dict[str, bool]:
    return {name: entry.is_folder for name, entry in root.items()}


def _owner(upload: Upload) -> str:
    """Whose an upload is: the same text for all of one submission's, and for no others'."""
    if upload.named:
        return f"{upload.named.platform}/{upload.named.owner}"
    before = put_before(upload.label)
    return f"by prefix/{before}" if before else f"/{upload.label}"


def _handed_in(name: str, uploads: list[Upload], platform: Platform | None) -> HandedIn:
    notes = []
    times = sorted({upload.named.created for upload in uploads if upload.named and upload.named.created})
    if len(times) > 1:
        notes.append(f"handed in {len(times)} times, last at {times[-1]:%Y-%m-%d %H:%M}")
    if times and uploads[0].named and uploads[0].named.attempt is None:
        uploads[0] = replace(uploads[0], named=replace(uploads[0].named, attempt=len(times)))
    if any(upload.named and upload.named.late for upload in uploads):
        notes.append("late, by what Canvas says")
    if platform and not uploads[0].named:
        notes.append(f"of nobody whom {platform.name} names, so it goes by its own name")
    return HandedIn(name, tuple(uploads), tuple(notes))


def _names(owners: dict[str, list[Upload]]) -> dict[str, str]:
    """A name for each owner's submission, by its own entries as far as nobody else could have it too.

    Names that differ in case or in Unicode's ways to write them count as the same, as file systems take them.
    """
    best = {owner: _best(uploads[0]) for owner, uploads in owners.items()}
    labels = {owner: "" if uploads[0].named else _fitting(uploads[0].label) for owner, uploads in owners.items()}
    wanted = Counter(key for owner in owners for key in {_key(best[owner]), _key(labels[owner])})
    labelled = Counter(map(_key, labels.values()))
    names = {}
    for owner in owners:
        if best[owner] and wanted[_key(best[owner])] == 1:
            names[owner] = best[owner]
        elif labels[owner] and labelled[_key(labels[owner])] == 1:
            names[owner] = labels[owner]
        else:
            tries = (f"{best[owner] or 'submission'}-{digest_of_name(owner + '/' * n)}" for n in count())
            names[owner] = next(name for name in tries if not wanted[_key(name)])
    return names


def _best(upload: Upload) -> str:
    """The platform's name for who handed in, or the entry's without an ending; "" where there is none."""
    if upload.named:
        return _fitting(upload.named.name)
    if upload.entry.is_folder:
        return _fitting(upload.label)
    stem = upload.label[: -len(ENDING)] if is_notebook(upload.label) else without_ending(upload.label)
    return _fitting(put_before(upload.label) or stem)


def _fitting(text: str) -> str:
    """A text as a submission's name; where it is not printable, or too long, a digest tells it from all others."""
    name = plain_text(text[:MAX_NAME], 10 * MAX_NAME)[:MAX_NAME]
    return name if name == text else f"{name}-{digest_of_name(text)}"


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())
