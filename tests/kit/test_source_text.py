"""Modules that are no UTF-8: a declared encoding is honoured, and what is no text costs its own stage alone."""

import codecs
import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fixtures import with_proofs
from handed_in import FIRST, SECOND, TWO, put, read_all, under
from isolation import ISOLATION

from grader.intake.learners_folder import modules_in
from grader.intake.source_text import Undecodable, decoded
from grader.intake.submissions import read_cohort
from grader.judging import results
from grader.judging.pytest_plugin import same_process
from grader.judging.suites import suites
from grader.learner.watch import files
from grader.learner.watch.running import Runner
from grader.marking.mark import Settings, mark

WORK = b"def double(x):\n    return x + x\n\n\ndef both(pair):\n    return type(pair)(*map(double, pair))  # "
SEED = 7


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"# coding: cp1252\nx = '\xfc\x80'", "# coding: cp1252\nx = 'ü€'"),
        (b"#!/usr/bin/env python\r\n# -*- coding: latin-1 -*-\r\n# \xfc", None),
        (b"# vim: set fileencoding=koi8-r :\nx = '\xc1'", "# vim: set fileencoding=koi8-r :\nx = 'а'"),
        (b"# \xfc\n# coding: iso-8859-15\n# \xa4", "# ü\n# coding: iso-8859-15\n# €"),
        (b"# Mac\r# coding: mac-roman\rx = '\x9f'\r", "# Mac\r# coding: mac-roman\rx = 'ü'\r"),
        (codecs.BOM_UTF8 + "x = 'ü'".encode(), "x = 'ü'"),
        (codecs.BOM_UTF8 + b"# coding: utf-8\n", "# coding: utf-8\n"),
        (b"# coding: utf8\n# \xc3\xbc", "# coding: utf8\n# ü"),
        ("x = 1\n\n# coding: cp1252\n# ü".encode(), "x = 1\n\n# coding: cp1252\n# ü"),
        ("# coding: gbk\n# 你好".encode("gbk"), "# coding: gbk\n# 你好"),
        ("# coding: shift_jis\n# \\ 日本".encode("shift_jis"), "# coding: shift_jis\n# \\ 日本"),
        (codecs.BOM_UTF8 + b"x = (\r\n    1\r\n)\r\n", "x = (\r\n    1\r\n)\r\n"),
        (b"", ""),
    ],
)
def test_declared_encodings(content: bytes, text: str | None) -> None:
    """A module is decoded as Python does it: by UTF-8's mark, by one of its first two lines, else as UTF-8."""
    assert decoded(content) == (text or content.decode("latin-1"))


CIPHERS = "rot13 rot_13 zlib bz2 hex base64 uu unicode_escape raw_unicode_escape utf-7 punycode idna mbcs oem"
OTHERS = "undefined utf-16 utf-32 cp037 cp500 hz no-such .. encodings.cp1252 __init__ aliases " + "a" * 5000


@pytest.mark.parametrize("name", f"{CIPHERS} {OTHERS}".split(), ids=lambda name: name[:50])
def test_encodings_of_no_use(name: str) -> None:
    """An encoding that is none, or in which a module's own characters are others, is told and never applied."""
    with pytest.raises(Undecodable, match=r"^(?=.{0,249}$)declares .*; save it as UTF-8$"):
        decoded(f"# coding: {name}\nx = 1".encode())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x = 1\n\n# \xe9\n", "is not UTF-8 text: line 3 holds the byte 0xe9; save it as UTF-8, or declare"),
        (b"x = 1\r\r# \xe9\r", "is not UTF-8 text: line 3 holds"),
        (b"x = 1\r\n\r\n# \xe9\r\n", "is not UTF-8 text: line 3 holds"),
        (b"# coding: utf-8\n# \xe9", "is not UTF-8 text: line 2 holds"),
        (b"# coding: ascii\n# \xe9", "is not ascii text, as it declares: line 2 holds"),
        (codecs.BOM_UTF8 + b"# coding: cp1252\n", "begins with UTF-8's mark"),
        ("x = 1".encode("utf-16"), "is UTF-16 text"),
        ("x = 1".encode("utf-32"), "is UTF-16 text, or UTF-32"),
        ("x = 1\n".encode("utf-16-le"), "holds a null byte in line 1"),
        (b"x = 1\ny = '\0'", "holds a null byte in line 2"),
    ],
)
def test_what_is_no_text(content: bytes, says: str) -> None:
    """What cannot be decoded is told with its line and byte."""
    with pytest.raises(Undecodable, match=f"^{re.escape(says)}"):
        decoded(content)


Tests = list[results.TestResult]


def by_pytest(folder: Path) -> Tests:
    """A stage's results as in a learner's pytest."""
    return suites().run(FIRST, lambda stage: same_process(stage, folder), SEED)


def by_watch(folder: Path) -> Tests:
    """A stage's results as in watch mode."""
    with contextlib.closing(Runner(SEED, 60.0)) as runner:
        run = runner.start(FIRST, files.read(folder)).result()
    assert run is not None
    return list(run.tests)


def by_marking(folder: Path) -> Tests:
    """A stage's results as it is marked."""
    [submission] = read_cohort(folder)
    return list(mark(submission, Settings(seed=SEED, isolation=ISOLATION)).stages[0].tests)


CONTENTS = {
    "declared": (b"# coding: cp1252\n" + WORK + b"\xfc", ""),
    "Mac": (WORK.replace(b"\n", b"\r"), ""),
    "not UTF-8": (WORK + b"\xfc", "stage1_double.py is not UTF-8 text: line 6 holds the byte 0xfc"),
    "cipher": (b"# coding: rot13\n" + WORK, "stage1_double.py declares "),  # 3.14 knows of none
    "UTF-16": (WORK.decode().encode("utf-16"), "stage1_double.py is UTF-16 text"),
    "null": (WORK + b"\0", "stage1_double.py holds a null byte in line 6"),
}
"""What a file holds, and how what is said of it begins; "" where it is right."""


@pytest.mark.parametrize("name", with_proofs(CONTENTS, ["declared", "not UTF-8"]))
@pytest.mark.parametrize("way", [by_pytest, by_watch, by_marking])
def test_every_way_says_the_same(tmp_path: Path, way: Callable[[Path], Tests], name: str) -> None:
    """pytest, watch mode and marking read a module in the same way, and say the same of what is no text."""
    content, says = CONTENTS[name]
    put(tmp_path, TWO | {FIRST.file: content})
    tests = way(tmp_path)
    assert {test.task for test in tests} == {*FIRST.tasks}
    assert all(test.points == (0 if says else test.max_points) for test in tests)
    assert all(test.message.startswith(says) for test in tests)


def test_one_file_costs_its_own_stage(tmp_path: Path) -> None:
    """Where one module cannot be read the others count."""
    [ann] = read_all(tmp_path, under("ann", TWO | {FIRST.file: b"\xff"}))
    assert (ann.error, list(ann.sources), list(ann.unread)) == (None, [SECOND.name], [FIRST.name])


def test_a_file_in_another_case(tmp_path: Path) -> None:
    """A stage's file counts in another case where there is no other, as on disks that know no case."""
    put(tmp_path, {"Stage1_Double.py": b"", "stage2_slope.py": b"", "STAGE2_FORWARD.py": b"x"})
    found = modules_in(tmp_path)
    assert found[FIRST.name].path.name == "Stage1_Double.py"
    assert found[SECOND.name].path.name.lower() == "stage2_slope.py"
    assert by_pytest(tmp_path)[0].message == "stage1_double.py defines no double"
    assert modules_in(tmp_path / "nothing") == {}


@pytest.mark.parametrize("name", ["stage1_double (1).py", "Copy of stage1_double.py", "stage1_double.py.txt"])
def test_copies_are_tested_as_they_are_marked(tmp_path: Path, name: str) -> None:
    """A copy counts under the name that a browser or a cloud gave it, where the stage's own file is not there."""
    (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "test_stage1_double.py").write_text("", encoding="utf-8")
    assert [one.path for one in modules_in(tmp_path).values()] == [tmp_path / name]
    (tmp_path / "stage1_double.py").write_text("", encoding="utf-8")
    assert [one.path for one in modules_in(tmp_path).values()] == [tmp_path / "stage1_double.py"]
