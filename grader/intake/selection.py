"""Which files of a submission count: one for each stage, as a module or in a notebook; and why others do not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage
from grader.intake.archives import is_archive, unsupported_archive
from grader.intake.candidates import Files, Module, NotebookFile, best, later
from grader.intake.entries import Unreadable, listed, shown
from grader.intake.learning_platforms import MAX_TIME, is_stage_file, time_of
from grader.intake.names import claim_of, looks_like
from grader.intake.platform_exports import is_export
from grader.intake.source_text import Unread
from grader.intake.uploads import RELEASED, Upload
from grader.intake.walking import Place, Walk, walk


@dataclass
class Selection:
    """The files that count, by stage and by notebook, and sentences on what does not.

    A module whose source is Unread stands for a stage for which nothing else counts. stamp: when nbgrader took
    them in, by its own record.
    """

    modules: dict[Stage, Module] = field(default_factory=dict)
    notebooks: dict[Notebook, NotebookFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stamp: datetime | None = None

    @property
    def sources(self) -> dict[str, str]:
        """The stages' sources by the stages' names, in the course's order."""
        found = {s.name: self.modules[s].source for s in STAGES if s in self.modules}
        return {name: source for name, source in found.items() if isinstance(source, str)}

    @property
    def unread(self) -> dict[str, str]:
        """Why a stage's file could not be read, by the stage's name."""
        found = {s.name: self.modules[s].source for s in STAGES if s in self.modules}
        return {name: source.why for name, source in found.items() if isinstance(source, Unread)}

    @property
    def places(self) -> list[Place]:
        """Where what counts lies."""
        modules = [one.place for one in self.modules.values() if not isinstance(one.source, Unread)]
        return [*modules, *(one.place for one in self.notebooks.values())]

    @property
    def handed_in(self) -> datetime | None:
        """When: by nbgrader's record, else when the last of what counts was written to disk, by itself or in an
        archive; None where nothing tells.
        """
        changed = [time for place in self.places if (time := place.changed())]
        return self.stamp or max(changed, default=None)


def select(uploads: list[Upload], alone: bool = False) -> Selection:
    """The stages' files and the notebooks that count, of all files in all uploads.

    uploads: what was handed in last first. alone: whether the submission may be a folder of submissions. Raises
    Unreadable when nothing can be read.
    """
    files, selection, holds_nothing, left = Files(), Selection(), [], []
    for number, upload in enumerate(uploads):
        if number and not files.unwritten():
            left += [upload] if upload.holds_files or upload.is_notebook or is_stage_file(upload.file) else []
            continue
        try:
            found = walk(upload)
        except Unreadable as error:
            files.problems.append(f"{shown(upload.file)}: {error}" if len(uploads) > 1 else str(error))
            continue
        if alone:
            _check_alone(found, upload)
        if not (upload.named and upload.named.typed):
            holds_nothing.append(_nothing_in(found.top))
        files.add(found)
        if stamp := _stamp(found):
            selection.stamp = max(stamp, selection.stamp or stamp)
    files.look_into_unnamed()
    _select_notebooks(selection, files)
    _select_modules(selection, files)
    _settle(selection)
    if not (selection.sources or selection.notebooks):
        nothing = [_nothing_in(upload.file for upload in uploads)]
        why = [*selection.unread.values(), *files.problems] or files.ignored
        why = why or (holds_nothing if len(holds_nothing) == 1 else nothing)
        raise Unreadable("; ".join(why[:5]))
    selection.notes = [*files.problems, *selection.notes, *_missing(selection, files)]
    if left:
        names = listed(upload.file for upload in left)
        selection.notes.append(f"not looked at, as every stage was handed in later: {names}")
    return selection


def _nothing_in(names: Iterable[str]) -> str:
    """That nothing of the course is among the names."""
    names = list(names)
    other = unsupported_archive(names)
    what = f"it holds {listed(names)}" if names else "it is empty"
    return f"no stage file ({STAGES[0].file}, …) and no notebook in it; {what}" + (f"; {other}" if other else "")


def _check_alone(found: Walk, upload: Upload) -> None:
    """Raise Unreadable where what may be several learners' work lies in as many folders, archives or uploads."""
    if upload.holds_files and is_export({name.rstrip("/"): name.endswith("/") for name in found.top}):
        raise Unreadable(f"it holds what a learning platform's export does: {listed(found.top)}")
    paths = [place.path.split("/") for place in found.files if claim_of(place.name)]
    paths += [[*place.path.split("/"), ""] for place, _ in found.others if place.path.endswith(".zip")]
    while paths and all(len(path) > 1 for path in paths) and len({path[0] for path in paths}) == 1:
        paths = [path[1:] for path in paths]
    folders = {path[0] for path in paths}
    is_one = found.is_clone or folders <= RELEASED or any(len(path) == 1 for path in paths)
    if len(folders) > 1 and not is_one:
        raise Unreadable(f"stage files in more than one folder: {listed(folders)}; only one can be marked")


def _stamp(found: Walk) -> datetime | None:
    """nbgrader's time, which stands beside what a learner packed; within, it would be the learner's."""
    trusted = {home: one for home, one in found.stamps.items() if home in {"", *found.homes}}
    uploads = {place.upload for place in found.files}
    if not trusted or any(upload.named or not upload.entry.is_folder for upload in uploads):
        return None
    try:
        return time_of(trusted[max(trusted)].read(MAX_TIME).decode("utf-8", "replace").strip())
    except Unreadable:
        return None


def _select_notebooks(selection: Selection, files: Files) -> None:
    """Choose the file that counts for each notebook."""
    for which in NOTEBOOKS:
        certain = [one for one in files.notebooks if which in one.certain]
        perhaps = [one for one in files.notebooks if which in one.perhaps and one.of(which)]
        several = len(certain) + len(perhaps) > 1
        if perhaps and not any(one.of(which) for one in certain):
            certain = perhaps
        if not certain:
            continue
        counts = best(certain, lambda one: 2 * bool(one.of(which)))  # noqa: B023 -- called here and now
        selection.notebooks[which] = counts
        others = [one for one in certain if one is not counts and one.cells != counts.cells]
        if counts.claim.form == "module":
            selection.notes.append(f"{shown(counts.place.full_path)} counts as {which.file}")
        if several and others:
            are_empty = bool(counts.of(which)) and not any(one.of(which) for one in others)
            selection.notes.append(_again(which.file, counts.place, [one.place for one in others], are_empty))


def _select_modules(selection: Selection, files: Files) -> None:
    """Choose the file that counts for each stage."""
    for stage in STAGES:
        found = files.modules.get(stage, [])
        sure = [one for one in found if one.is_borne_out]
        files.others += [(one.place, "its name is not the stage's") for one in found if one not in sure]
        if not sure:
            continue
        counts = best(sure, lambda one: one.work)
        selection.modules[stage] = counts
        others = [one for one in sure if one is not counts and one.source != counts.source]
        if others:
            are_empty = counts.work > 0 and not any(one.work for one in others)
            selection.notes.append(_again(stage.file, counts.place, [one.place for one in others], are_empty))
        elif counts.claim.plain[0] and not (counts.place.upload.named and is_stage_file(counts.place.name)):
            selection.notes.append(f"{shown(counts.place.full_path)} counts as {stage.file}")


def _again(file: str, counts: Place, others: list[Place], are_empty: bool) -> str:
    """That something came more than once; are_empty: whether nothing is written in the others."""
    why = ", in which nothing is written" if are_empty else ""
    paths = [place.full_path for place in others]
    return f"{file} came more than once: {shown(counts.full_path)} counts, not {listed(paths)}{why}"


def _settle(selection: Selection) -> None:
    """Let one form count where a stage came in both: that with work; of two with work the later, or the module."""
    modules, notes = selection.modules, selection.notes
    for which, notebook in [*selection.notebooks.items()]:
        both = [stage for stage in which.stages if stage in modules]
        written = notebook.of(which) if both or notebook.place.in_clone else set()
        unwritten = [stage for stage in both if stage in written and modules[stage].work < 2]
        earlier = [
            stage
            for stage in both
            if stage in written and stage not in unwritten and later(notebook.place, modules[stage].place) > 0
        ]
        for stage in both:
            if stage in unwritten + earlier:
                source = modules.pop(stage).source
                notes += [source.why] if isinstance(source, Unread) else []
        kept = [stage for stage in both if stage in modules]
        is_released = not written and notebook.place.in_clone
        for stages, counts in (
            (unwritten, "the notebook counts, as the file is not written"),
            (earlier, "the notebook counts, as it is later"),
            ([] if is_released else kept, "the file counts"),
        ):
            names = ", ".join(stage.file for stage in stages)
            notes += [f"{names} came in {which.file} as well: {counts}"] if names else []
        if len(kept) == len(which.stages):
            del selection.notebooks[which]
    absent = [one for one in NOTEBOOKS if one not in selection.notebooks and not modules.keys() & {*one.stages}]
    if selection.notebooks and absent:
        notes.append(f"missing: {', '.join(one.file for one in absent)}")


def _missing(selection: Selection, files: Files) -> list[str]:
    """What looks like a stage that is missing, and was not taken."""
    there = {stage for one in selection.notebooks for stage in one.stages} | selection.modules.keys()
    missing = [stage for stage in STAGES if stage not in there]
    unwritten = files.unwritten() if files.others else set()
    notes = []
    for place, why in files.others:
        claimed = looks_like(place.name)
        stages = [stage for stage in claimed if stage in unwritten]
        other = unsupported_archive([place.name])
        if stages:
            lacks = "which is missing" if stages[0] in missing else "in which nothing is written"
            named = ", ".join(stage.file for stage in stages)
            notes.append(f"{shown(place.full_path)} was not taken for {named}, {lacks}: {why}")
        elif (is_archive(place.name) or other) and missing and not claimed:
            notes.append(other or f"{shown(place.full_path)} was not opened: {why}")
    return notes + (files.ignored if missing else [])
