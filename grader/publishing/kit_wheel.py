"""A wheel of the kit as it runs here, with the course of this process in it, and the versions it was tried with.

A host needs no other file of either, and no index has to know the kit or the course. It is made of what is
installed, from a clone or from another wheel, so that a host marks with the same engine.
"""

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from email import message_from_string
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from grader import __version__
from grader.course.catalogue import suite_files
from grader.course.finding import IS_INSTALLED, CourseError, settings_of
from grader.course.finding import KIT as HOME
from grader.course.location import LIBRARIES, PYPROJECT, SOLUTIONS, TESTS
from grader.outside.pytorch import IS_NEEDED

KIT = "chainrule"
PACKAGE = Path(__file__).parents[1]
COURSE = "bundled"
"""The package's folder for a course, which grader/course/finding.py knows."""
OPENED_IN_1980 = (1980, 1, 1, 0, 0, 0)
"""The time of each file in an archive, so that the same files make the same archive."""
LICENSE = "LICENSE"
_ABOUT = ("METADATA", "entry_points.txt", f"licenses/{LICENSE}")
_TAG = "py3-none-any"
_WHEEL = f"Wheel-Version: 1.0\nGenerator: {KIT}\nRoot-Is-Purelib: true\nTag: {_TAG}\n"


def wheel_name() -> str:
    """The name of the wheel's file."""
    return f"{KIT}-{__version__}-{_TAG}.whl"


def wheel() -> bytes:
    """The wheel: the kit's modules, what marking needs of the course, and what installers read."""
    about = f"{KIT}-{__version__}.dist-info"
    files = {f"{PACKAGE.name}/{name}": path.read_bytes() for name, path in _modules().items()}
    files |= {f"{PACKAGE.name}/{COURSE}/{name}": path.read_bytes() for name, path in course_files().items()}
    files |= {f"{about}/{name}": text.encode() for name, text in _about().items()}
    files[f"{about}/WHEEL"] = _WHEEL.encode()
    record = f"{about}/RECORD"
    return archive(files | {record: _record(files, record)})


def _about() -> dict[str, str]:
    """What installers read: as it was installed, or of a clone as its pyproject.toml says it today."""
    if IS_INSTALLED:
        installed = metadata.distribution(KIT)
        return {name: text for name in _ABOUT if (text := installed.read_text(name)) is not None}
    project = settings_of(HOME)["project"]
    lines = ["Metadata-Version: 2.4", f"Name: {KIT}", f"Version: {__version__}"]
    lines += [f"Requires-Python: {project['requires-python']}"]
    lines += [f"License-Expression: {project['license']}", f"License-File: {LICENSE}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in project["dependencies"]]
    for extra, needed in project["optional-dependencies"].items():
        lines += [f"Provides-Extra: {extra}", *(f"Requires-Dist: {_for(extra, one)}" for one in needed)]
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    points = [f"[{group}]\n" + "".join(f"{n} = {o}\n" for n, o in own.items()) for group, own in groups.items()]
    return {
        "METADATA": "\n".join(lines) + "\n",
        "entry_points.txt": "\n".join(points),
        f"licenses/{LICENSE}": (HOME / LICENSE).read_text(encoding="utf-8"),
    }


def _for(extra: str, text: str) -> Requirement:
    """A requirement that holds where an extra is asked for."""
    requirement = Requirement(text)
    own = f"({requirement.marker}) and " if requirement.marker else ""
    requirement.marker = Marker(f'{own}extra == "{extra}"')
    return requirement


def course_files() -> dict[str, Path]:
    """What marking reads of the course, by the path in it."""
    found = {PYPROJECT.name: PYPROJECT}
    found |= {f"{SOLUTIONS.name}/{path.name}": path for path in sorted(SOLUTIONS.glob("*.py"))}
    return found | {f"{TESTS.name}/{path.relative_to(TESTS).as_posix()}": path for path in suite_files()}


def _modules() -> dict[str, Path]:
    """The kit's own files, by their path in the package; no course, and nothing that Python has compiled."""
    paths = (path for path in sorted(PACKAGE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    named = {path.relative_to(PACKAGE).as_posix(): path for path in paths}
    return {name: path for name, path in named.items() if not name.startswith(f"{COURSE}/")}


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    """The list of a wheel's files, each with its hash and size."""
    table = io.StringIO()
    lines = csv.writer(table, lineterminator="\n")
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.writerow([name, f"sha256={digest}", len(content)])
    lines.writerow([own, "", ""])
    return table.getvalue().encode()


def archive(files: Mapping[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    """A zip of files by their names, with Unix's permissions."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, content in files.items():
            header = zipfile.ZipInfo(name, OPENED_IN_1980)
            header.create_system = 3  # Unix, whose permissions follow
            header.external_attr = (0o100755 if name in executable else 0o100644) << 16
            header.compress_type = zipfile.ZIP_DEFLATED
            archived.writestr(header, content)
    return packed.getvalue()


def requirements() -> list[str]:
    """What a host installs: the wheel, beside it PyTorch and the course's own libraries where it needs any.

    Raises CourseError where a library of the course's is not installed here, so that its version is not known.
    """
    extra = "[torch]" if IS_NEEDED else ""
    return [f"./{wheel_name()}{extra}", *_libraries()]


def constraints() -> list[str]:
    """The versions of all that these bring, as they are installed here. Raises CourseError as they do."""
    wanted = [Requirement(f"{KIT}[torch]" if IS_NEEDED else KIT), *map(Requirement, _libraries())]
    versions: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        requirement = wanted.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            wanted += _needed(name, extras)
            versions[name] = Version(metadata.version(name)).public
        except metadata.PackageNotFoundError:  # of another system than this one
            continue
    return [f"{name}=={version}" for name, version in sorted(versions.items()) if name != KIT]


def _needed(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a distribution needs, with some of its extras, on this system. Raises PackageNotFoundError."""
    own = message_from_string(_about()["METADATA"]).get_all("Requires-Dist", []) if name == KIT else None
    for text in metadata.requires(name) or () if own is None else own:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def _libraries() -> list[str]:
    """The distributions that hold what the course lets learners import. Raises CourseError."""
    holders = metadata.packages_distributions()
    if missing := [name for name in LIBRARIES if name not in holders]:
        raise CourseError(
            f"{missing[0]}, which the course lets learners import, is not installed here: install it, so that the "
            "host gets the same version"
        )
    return sorted({holders[name][0] for name in LIBRARIES})
