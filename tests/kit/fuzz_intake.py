"""Coverage-guided fuzzing of what reads submissions, run by hand: bytes become a submission, or one with an error.

atheris (libFuzzer for Python) is no dependency of the kit. In an environment of its own:

    pip install atheris -r <(grep -v torch constraints.txt)
    export CHAINRULE_COURSE=tests/kit/course PYTHONPATH=.
    nice python tests/kit/fuzz_intake.py CORPUS -max_total_time=600 -timeout=10 -rss_limit_mb=2048

CORPUS is an empty folder, or one of an earlier run to go on from; other options are libFuzzer's. The first byte
says what the rest is: a notebook, an archive, names of files, or a name in one line and what that file holds. An
input that raises, takes too long, or comes back with a text that is not plain is written to a file.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader"]):
    from handed_in import tarred, zipped

    from grader.intake import owners, submissions
    from grader.intake.entries import Entry, Unreadable, folder
    from grader.intake.uploads import Upload

MODULE = b"def double(a):\n    return a\n"
NOTEBOOK = b'{"nbformat": 4, "cells": [{"cell_type": "code", "id": "a", "source": ["x = 1"], "outputs": [1.5]}]}'
NAMES = b"leeann_4711_900_stage1_double.py\nAnn Lee_12_assignsubmission_file_stage1_double.py\n01_doubling.ipynb"


def honest() -> list[bytes]:
    """Inputs to begin with: one of each kind."""
    packed = zipped({"a/stage1_double.py": MODULE, "a/01_doubling.ipynb": NOTEBOOK})
    archives = [b"\1" + packed, b"\1" + tarred({"é" * 60 + "/stage1_double.py": MODULE})]
    named = [b"\3stage1_double (1).py\n# coding: cp1252\n" + MODULE, b"\3work.py\n# In[1]:\n" + MODULE]
    return [b"\0" + NOTEBOOK, *archives, b"\2" + NAMES, *named]


def read(data: bytes) -> None:
    """Read one input as what its first byte says."""
    kind, content = data[:1], data[1:]

    def whole(limit: int) -> bytes:
        return content

    if kind == b"\2":
        names = content.decode("utf-8", "surrogateescape").split("\n")
        entries = {name: Entry(lambda limit: MODULE) for name in names if name}
    elif kind == b"\3":
        name, _, text = content.partition(b"\n")
        stub = Entry(lambda limit: b"def double(a): ...")
        held = {"stage1_double.py": stub, name.decode("utf-8", "replace") or "x.py": Entry(lambda limit: text)}
        entries = {"ann": folder(held)}
    else:
        inner = {("01_doubling.ipynb" if kind == b"\0" else "a.zip"): Entry(whole)}
        entries = {"ann": folder(inner)}
    try:
        handed_in = owners.divided(entries)
    except Unreadable:
        return
    assert len({one.name for one in handed_in}) == len(handed_in)
    for one in handed_in:
        found = submissions.read(one)
        texts = [found.name, found.error or "", *found.notes]
        assert all(text.isprintable() and len(text) < 2000 for text in texts), texts
        assert isinstance(one.uploads, tuple) and all(isinstance(upload, Upload) for upload in one.uploads)


def main() -> None:
    """Write the first inputs where there is a folder for them, and run until libFuzzer stops."""
    for place in filter(Path.is_dir, map(Path, sys.argv[1:])):
        for number, content in enumerate(honest()):
            (place / f"honest-{number}").write_bytes(content)
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
