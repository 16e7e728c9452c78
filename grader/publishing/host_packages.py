"""What is handed to a host so that it marks with the kit: Gradescope, PrairieLearn and Classroom 50.

All three hold the same folder: the kit's wheel with the course, the versions of all libraries, and a script that
installs them. A host has the internet while it builds an image; Classroom 50 builds none, and each run installs.
"""

import json
import sys
import uuid
from collections.abc import Mapping
from html import escape
from pathlib import Path

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.location import ASSIGNMENT, TITLE
from grader.outside.workers import Isolation
from grader.publishing.kit_wheel import archive, constraints, requirements, wheel, wheel_name

TEMPLATES = Path(__file__).parent / "templates" / "hosts"
FOLDER = "chainrule"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The version for hosts: that with which the libraries' versions were tried, which is this one."""
PRAIRIELEARN_SECONDS = 300
"""After which PrairieLearn ends a run: some 15 for the start, 60 at the most for a learner's calls, and the rest
for the suites and for machines that are slower."""


def gradescope_zip(isolation: Isolation) -> bytes:
    """The archive that is uploaded as Gradescope's autograder. Raises CourseError."""
    words = {"ISOLATION": isolation}
    scripts = {name: _filled(f"gradescope/{name}", words) for name in ("setup.sh", "run_autograder")}
    return archive({**scripts, **_package()}, executable=tuple(scripts))


def prairielearn_files(isolation: Isolation, image: str) -> dict[str, bytes]:
    """The question, and the folder of which its image is built, by their paths. Raises CourseError.

    image: the name under which the image will be found.
    """
    info = {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"chainrule/{ASSIGNMENT}")),
        "title": TITLE,
        "topic": TITLE,
        "type": "v3",
        "singleVariant": True,
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True,
            "image": image,
            "entrypoint": "/chainrule/mark",
            "timeout": PRAIRIELEARN_SECONDS,
        },
    }
    names = ",".join([*(stage.file for stage in STAGES), *(which.file for which in NOTEBOOKS)])
    words = {"ISOLATION": isolation, "PYTHON": PYTHON, "TITLE": escape(TITLE), "FILES": escape(names)}
    return {
        "question/info.json": _json(info),
        "question/question.html": _filled("prairielearn/question.html", words),
        "image/Dockerfile": _filled("prairielearn/Dockerfile", words),
        "image/mark": _filled("prairielearn/mark", words),
        **{f"image/{name}": content for name, content in _package().items()},
    }


def classroom50_files(isolation: Isolation) -> dict[str, bytes]:
    """What goes into an assignment's folder of autograders, and its runtime. Raises CourseError."""
    return {
        "autograder.py": _filled("classroom50/autograder.py", {"ISOLATION": isolation}),
        "runtime.json": _json({"runs-on": "ubuntu-latest", "python": PYTHON}),
        **_package(),
    }


def _package() -> dict[str, bytes]:
    files = {
        "install.sh": _filled("install.sh", {"PYTHON": PYTHON}),
        "requirements.txt": "".join(f"{line}\n" for line in requirements()).encode(),
        "constraints.txt": "".join(f"{line}\n" for line in constraints()).encode(),
        wheel_name(): wheel(),
    }
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def _json(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _filled(template: str, words: Mapping[str, str]) -> bytes:
    """A template, in which a word between two @ stands for what is told of it."""
    text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    for word, told in words.items():
        text = text.replace(f"@{word}@", told)
    return text.encode()
