"""Learning platforms' own tables with scores in them: what the platform reads back, and what is left as it was.

The platforms' readers are written again here from what they are known to do: Canvas's gradebook_importer.rb, and
Moodle's importgradeslib.php. Of Blackboard and Brightspace there is a description alone, in their help.
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from marked_by_hand import HOSTILE, scored, unreadable, with_tests, written

from grader.intake.entries import Unreadable
from grader.intake.learning_platforms import Submitter
from grader.intake.roster import Student
from grader.judging import results
from grader.reporting.exports.marked import ColumnError, ExportError, Marked

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Essay (7),Doubling (8),Current Score,Final Score\r\n"
    ",,,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,10,100,(read only),(read only)\r\n"
    '"Lee, Ann",101,s001,alee,"Sec 1, A",9.5,,88.00,70.00\r\n'
    '"Ray, Bob",102,s002,bray,Sec 1,,42,,\r\n'
    '"Student, Test",199,,,Sec 1,,,,\r\n'
)
ANN, BOB = Submitter("101", "leeann"), Submitter("102", "raybob")
WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 678,Ann Lee,s001,ann@x.org,Submitted for grading,,100.00,Yes,"Friday, 6 November, 10:22 AM",-,\n'
    'Participant 12,Bob Ray,s002,bob@x.org,Submitted for grading,41.00,100.00,Yes,-,"Friday, 6 November",'
    '"Well, done"\n'
)
BEWERTUNG = (
    "ID,Vollständiger Name,ID-Nummer,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
    "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
    'Teilnehmer/in678,"Ann Lee",s001,ann@x.org,"Zur Bewertung abgegeben",,"50,00",Ja,"Freitag, 6. November",-,\n'
    'Teilnehmer/in12,"Bob Ray",s002,bob@x.org,"Zur Bewertung abgegeben","13,50","50,00",Ja,-,-,\n'
)
NOTE = (
    "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être modifiée,"
    "Dernière modification (note),Commentaires\n"
    'Participant678,Ann Lee,ann@x.org,Remis pour évaluation,,"100,00",Oui,-,\n'
    'Participant12,Bob Ray,bob@x.org,Remis pour évaluation,,"100,00",Oui,-,\n'
)
CALIFICACION = (
    "Identificador,Nombre completo,Estado,Calificación,Calificación máxima,La calificación puede cambiarse,"
    "Última modificación (calificación),Comentarios de retroalimentación\n"
    'Participante678,Ann Lee,Enviado para calificar,,"100,00",Sí,-,\n'
    'Participante12,Bob Ray,Enviado para calificar,,"100,00",Sí,-,\n'
)
BLIND = (
    "Identifier,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)\n"
    "Participant 678,Submitted for grading,,100.00,Yes,-\nParticipant 12,Submitted for grading,,100.00,Yes,-\n"
)
MOODLE = Submitter("678", "Ann Lee", local=True), Submitter("12", "Bob Ray", local=True)
GRADEBOOK = (
    "Vorname,Nachname,ID-Nummer,E-Mail-Adresse,Aufgabe: Doubling (Punkte),Aufgabe: Doubling (Feedback),"
    'Aufgabe: Essay (Punkte),Zuletzt geladen\nAnn,Lee,s001,ann@x.org,-,,"7,50",1800000000\n'
    "Bob,Ray,s002,bob@x.org,-,,-,1800000000\n"
)
BLACKBOARD = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Availability"\t"Doubling [Total Pts: 100 Score] |123"'
    '\t"Total [Total Pts: up to 100 Score] |9"\r\n"Lee"\t"Ann"\t"ab1234"\t"s001"\t"Yes"\t""\t"5.00"\r\n'
    '"Ray"\t"Bob"\t"b_r"\t"s002"\t"Yes"\t"3.00"\t""\r\n'
).encode("utf-16")
BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Doubling Points Grade <Numeric MaxPoints:100 Weight:10>,"
    "Calculated Final Grade Numerator,End-of-Line Indicator\n#s001,#ann,Lee,Ann,,7,#\n#s002,#bob,Ray,Bob,1,,#\n"
)


def filled(
    tmp_path: Path,
    form: str,
    table: str | bytes,
    *scores: float,
    who: tuple[Submitter, ...],
    column: str | None = None,
) -> tuple[bytes, str]:
    """What becomes of a platform's table with these scores, and all that is told of it."""
    into = tmp_path / "table.csv"
    into.write_bytes(table if isinstance(table, bytes) else table.encode())
    marked = [scored(score, f"sub{n}", one) for n, (score, one) in enumerate(zip(scores, who, strict=True))]
    content, told = written(form, *marked, into=into, column=column)
    lists = [f"{title}: {line}" for title, lines in told.lists.items() for line in lines]
    return content, "\n".join([*told.sentences, *lists])


def canvas_reads(content: bytes, heading: str) -> dict[str, str]:
    """The grades that Canvas finds in a file for an assignment, by its users' numbers, as its importer does."""
    text = content.decode("utf-8-sig")
    first = text.splitlines()[:3]
    sizes = {mark: {len(next(csv.reader([line], delimiter=mark))) for line in first} for mark in ";,"}
    mark = ";" if len(sizes[";"]) == 1 and max(sizes[";"]) > 1 else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if any(row)]
    head = rows[0]
    assert "Student" in head[0] and "ID" in head[1] and "SIS Login ID" in head[3] and "Section" in head[4]
    totals = re.compile(r"(Current|Final|Override) (Score|Points|Grade)")
    assert heading in [one for one in head[5:] if not totals.search(one)]
    grades = {}
    for row in rows[1:]:
        if "Points Possible" in row[0] or all(re.fullmatch(r"\s*(Manual Posting.*)?\s*", cell) for cell in row):
            continue
        cell = row[head.index(heading)].strip()
        grades[row[1] or row[2]] = re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cell)
    return grades


def moodle_reads(content: bytes, strings: dict[str, str]) -> dict[str, tuple[str, str]]:
    """The grades and comments that Moodle, in a language, finds in a worksheet, by participant."""
    rows = [*csv.reader(io.StringIO(content.decode(), newline=""))]
    grade, identifier, _ = (rows[0].index(strings[what]) for what in ("grade", "recordid", "lastmodifiedgrade"))
    comment = rows[0].index(strings["comment"]) if "comment" in strings else None
    found = {}
    for row in rows[1:]:
        number = row[identifier][len(strings["hiddenuser"]) :]
        grades = row[grade].replace(" ", "").replace(strings["decsep"], ".")
        found[number] = grades, row[comment] if comment else ""
    return found


def test_canvas(tmp_path: Path) -> None:
    """Canvas finds the scores; each other byte is the gradebook's, its rows of no student among them."""
    content, told = filled(tmp_path, "canvas", CANVAS, 87.5, 100, who=(ANN, BOB))
    assert content.decode() == CANVAS.replace(",9.5,,88", ",9.5,87.5,88").replace(",,42,,", ",,100,,")
    assert canvas_reads(content, "Doubling (8)") == {"101": "87.5", "102": "100", "199": ""}
    assert told == "2 of 2 students have a score in the column Doubling (8)."


def test_canvas_in_another_locale(tmp_path: Path) -> None:
    """Semicolons, decimal commas, the mark of UTF-8 and the ends of lines stay Canvas's."""
    table = (
        CANVAS.replace(",", ";").replace("Lee; Ann", "Lee, Ann").replace("9.5", "9,5").replace("88.00", "88,00")
    )
    content, _ = filled(tmp_path, "canvas", table.encode("utf-8-sig"), 87.5, 40, who=(ANN, BOB))
    assert content == table.replace(";9,5;;88", ";9,5;87,5;88").replace(";;42;;", ";;40;;").encode("utf-8-sig")
    assert canvas_reads(content, "Doubling (8)")["101"] == "87.5"


def test_canvas_with_names_in_two_columns(tmp_path: Path) -> None:
    """Canvas may part last and first names."""
    table = (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,Doubling (8)\r\n"
        "    Points Possible,,,,,,100\r\nLee,Ann,,s001,alee,A,\r\n"
    )
    content, told = filled(tmp_path, "canvas", table, 5, who=(Submitter("9", "leeann"),))
    assert content.decode() == table.replace("alee,A,", "alee,A,5")
    assert told == "1 of 1 students have a score in the column Doubling (8)."


def test_windows_encoding(tmp_path: Path) -> None:
    """A table in Windows-1252 stays one."""
    table = CANVAS.replace("Lee, Ann", "Müller, Zoë").encode("cp1252")
    content, _ = filled(tmp_path, "canvas", table, 5, 6, who=(Submitter("1", "müllerzoë"), BOB))
    assert content == table.replace(b",9.5,,88", b",9.5,5,88").replace(b",,42,,", b",,6,,")


@pytest.mark.parametrize(
    ("column", "cells"),
    [("Essay (7)", ",5,42"), ("essay", ",5,42"), ("Doubling", ",,50"), (" doubling  (8)", ",,50"), (None, ",,50")],
)
def test_the_column(tmp_path: Path, column: str | None, cells: str) -> None:
    """The column is the one that is named, by its heading or title; else the one with the course's title.

    Where it is worth something else than the course, scores are scaled to it, and that is said.
    """
    content, told = filled(tmp_path, "canvas", CANVAS, 50, who=(BOB,), column=column)
    assert f"Sec 1{cells}".encode() in content
    said = "The column is worth 10 points and the course 100: every score is multiplied by 0.1."
    assert (said in told) == (cells == ",5,42")


def test_a_column_without_points(tmp_path: Path) -> None:
    """Into a column that is worth nothing scores are written as they are."""
    table = CANVAS.replace(",10,100,", ",10,0,")
    content, told = filled(tmp_path, "canvas", table, 50, who=(BOB,))
    assert b",,50," in content
    assert "worth 0 points and the course 100: scores are written as they are." in told


def test_which_column_is_not_said(tmp_path: Path) -> None:
    """Of several columns none is guessed; the only one there is taken. No total of Canvas's takes scores."""
    several = CANVAS.replace("Doubling (8)", "Other (8)")
    with pytest.raises(ColumnError, match=r"say which .* --column HEADING; there are Essay \(7\), Other \(8\)"):
        filled(tmp_path, "canvas", several, 5, who=(ANN,))
    with pytest.raises(ColumnError, match=r"no column that can take scores is headed Final Score; there are"):
        filled(tmp_path, "canvas", CANVAS, 5, who=(ANN,), column="Final Score")
    with pytest.raises(ColumnError, match="no column that can take scores"):
        totals = CANVAS.replace("Essay (7)", "Override Score (2026)").replace(",10,100", ",,100")
        filled(tmp_path, "canvas", totals, 5, who=(ANN,), column="Override Score (2026)")
    with pytest.raises(ColumnError, match="more than one column is headed Essay"):
        filled(tmp_path, "canvas", CANVAS.replace("Doubling", "Essay"), 5, who=(ANN,), column="Essay")
    content, _ = filled(tmp_path, "canvas", several.replace("Essay (7)", "Notes"), 5, who=(ANN,))
    assert b"9.5,5,88" in content
    with pytest.raises(
        ExportError, match="no column of this table can take scores: make the assignment in Canvas"
    ):
        filled(tmp_path, "canvas", "Student,ID,SIS User ID,SIS Login ID,Section\nAnn,1,,,A\n", 5, who=(ANN,))


def test_excused_students_stay_excused(tmp_path: Path) -> None:
    """Where Canvas has EX nothing is written, and that is said."""
    content, told = filled(tmp_path, "canvas", CANVAS.replace(",,42,", ",,EX,"), 5, who=(BOB,))
    assert b",,EX,," in content
    assert "Excused, and left so: sub0: row 5" in told


def test_what_fits_nobody_is_listed(tmp_path: Path) -> None:
    """Submissions without a row and rows without a submission are listed; a row without one stays as it is."""
    content, told = filled(tmp_path, "canvas", CANVAS, 5, 6, who=(Submitter("77", "evezoe"), ANN))
    assert b",,42,," in content
    assert "Submissions without a row: sub0: nobody in the roster fits evezoe" in told
    assert "Rows without a submission, left as they were: Ray, Bob (102)" in told
    assert "1 of 2 students have a score" in told


def test_of_several_submissions_the_last_counts(tmp_path: Path) -> None:
    """What was handed in last counts, whatever it is worth; where nothing tells, the better one. Both are said."""
    (tmp_path / "table.csv").write_text(CANVAS, encoding="utf-8")
    late, early = scored(10, "late", ANN, hour=15), scored(90, "early", ANN, hour=9)
    content, told = written("canvas", late, early, into=tmp_path / "table.csv")
    assert canvas_reads(content, "Doubling (8)")["101"] == "10"
    [line] = told.lists["More than one submission"]
    assert line == "Lee, Ann (101): late counts, not early; it was handed in last"
    content, told = written("canvas", scored(10, "a", ANN), scored(90, "b", ANN), into=tmp_path / "table.csv")
    assert canvas_reads(content, "Doubling (8)")["101"] == "90"
    assert told.lists["More than one submission"][0].endswith(
        "nothing tells which was handed in last, so the better score counts"
    )


def test_a_group_and_a_rejected_submission(tmp_path: Path) -> None:
    """Each member of a group has the group's score. What was rejected has no points, and is listed."""
    (tmp_path / "table.csv").write_text(CANVAS, encoding="utf-8")
    content, _ = written("canvas", scored(60, "team", ANN, BOB), into=tmp_path / "table.csv")
    assert {"101": "60", "102": "60"}.items() <= canvas_reads(content, "Doubling (8)").items()
    content, told = written("canvas", unreadable("bob", "a broken archive", BOB), into=tmp_path / "table.csv")
    assert canvas_reads(content, "Doubling (8)")["102"] == "0"
    assert told.lists["Rejected, written as 0 points"] == ["bob: a broken archive"]


def test_a_student_that_the_marking_knew(tmp_path: Path) -> None:
    """What matches nobody by itself is found by the student that the marking's roster named."""
    (tmp_path / "table.csv").write_text(CANVAS, encoding="utf-8")
    known = scored(60, "folder 9", students=(Student("s002", "Robert"),))
    content, told = written("canvas", known, into=tmp_path / "table.csv")
    assert canvas_reads(content, "Doubling (8)")["102"] == "60"
    assert "Submissions without a row" not in told.lists


ENGLISH = {"grade": "Grade", "recordid": "Identifier", "lastmodifiedgrade": "Last modified (grade)", "decsep": "."}
ENGLISH |= {"hiddenuser": "Participant ", "comment": "Feedback comments"}
GERMAN = {
    "grade": "Bewertung",
    "recordid": "ID",
    "lastmodifiedgrade": "Zuletzt geändert (Bewertung)",
    "decsep": ",",
}
GERMAN |= {"hiddenuser": "Teilnehmer/in", "comment": "Feedback als Kommentar"}
FRENCH = {"grade": "Note", "recordid": "Identifiant", "lastmodifiedgrade": "Dernière modification (note)"}
FRENCH |= {"hiddenuser": "Participant", "comment": "Commentaires", "decsep": ","}
SPANISH = {"grade": "Calificación", "recordid": "Identificador", "hiddenuser": "Participante", "decsep": ","}
SPANISH |= {
    "lastmodifiedgrade": "Última modificación (calificación)",
    "comment": "Comentarios de retroalimentación",
}
HIDDEN = {what: text for what, text in ENGLISH.items() if what != "comment"}


@pytest.mark.parametrize(
    ("table", "strings", "ann", "written_as"),
    [
        (WORKSHEET, ENGLISH, "87.5", ",87.5,100.00"),
        (BEWERTUNG, GERMAN, "43.75", ',"43,75","50,00"'),
        (NOTE, FRENCH, "87.5", ',"87,5","100,00"'),
        (CALIFICACION, SPANISH, "87.5", ',"87,5","100,00"'),
        (BLIND, HIDDEN, "87.5", ",87.5,100.00"),
    ],
    ids=["English", "German, of 50", "French", "Spanish, without emails", "hidden names"],
)
def test_moodle_worksheet(tmp_path: Path, table: str, strings: dict[str, str], ann: str, written_as: str) -> None:
    """Moodle finds grades and comments in its worksheet, in the site's language, of hidden participants too.

    All other cells stay as they were, and what a person commented does.
    """
    content, _ = filled(tmp_path, "moodle", table, 87.5, 40, who=MOODLE)
    found = moodle_reads(content, strings)
    assert found["678"][0] == ann and written_as in content.decode()
    if "comment" in strings:
        assert found["678"][1] == "Doubling: 87.5 of 100 points"
    if table is WORKSHEET:
        assert found["12"] == ("40", "Well, done")
    numbers = r'"?\b(87[.,]5|43[.,]75|40|20|41\.00|13,50)"?|"?Doubling: [\d.]+ of 100 points"?'
    assert re.sub(numbers, "", content.decode()) == re.sub(numbers, "", table)


def test_comments_are_text(tmp_path: Path) -> None:
    """Nothing in a comment is markup but the ends of its lines; one of an earlier export is replaced."""
    (tmp_path / "table.csv").write_text(WORKSHEET, encoding="utf-8")
    hostile = unreadable("ann", "<img src=x onerror=alert(1)> & =1+1", MOODLE[0])
    content, _ = written("moodle", hostile, into=tmp_path / "table.csv")
    comment = moodle_reads(content, ENGLISH)["678"][1]
    assert comment.startswith("Doubling: 0 of 100 points<br>Nothing of it could be read: &lt;img src=x onerror=")
    (tmp_path / "table.csv").write_bytes(content)
    content, _ = written("moodle", scored(50, "ann", MOODLE[0]), into=tmp_path / "table.csv")
    assert moodle_reads(content, ENGLISH)["678"] == ("50", "Doubling: 50 of 100 points")


def test_what_a_comment_says(tmp_path: Path) -> None:
    """A comment has each stage's points, and why some are lost: the mistake, or the call with what came."""
    (tmp_path / "table.csv").write_text(WORKSHEET, encoding="utf-8")
    tripled = results.TestResult("double", "a", 0, 1, "failed", "You tripled.\nexpected: 2", "tripled")
    wrong = results.TestResult("other", "b", 0, 1, "failed", "double(1)\n  expected: 2\n  got: 5\n  more")
    unwritten = [results.TestResult(name, "c", 0, 2, "not written", "-") for name in ("one", "two", "two")]
    passed = results.TestResult("fine", "d", 1, 1, "passed", "")
    ann = with_tests("ann", tripled, wrong, *unwritten, passed)
    ann = Marked(ann.result, replace(ann.submission, submitters=MOODLE[:1]))
    content, _ = written("moodle", ann, into=tmp_path / "table.csv")
    assert moodle_reads(content, ENGLISH)["678"][1].split("<br>") == [
        "Doubling: 1 of 9 points",
        "1 doubling: 1 of 9",
        "– not written yet: one, two",
        "– double: You tripled.",
        "– other: double(1); expected: 2; got: 5",
    ]


def test_a_comment_that_the_encoding_lacks(tmp_path: Path) -> None:
    """Characters that a table's encoding has not are written as HTML writes them."""
    (tmp_path / "table.csv").write_bytes(WORKSHEET.replace("Ann Lee", "Zoë Lee").encode("cp1252"))
    content, _ = written("moodle", unreadable("ann", "王", MOODLE[0]), into=tmp_path / "table.csv")
    assert "Zoë Lee" in content.decode("cp1252") and "&#29579;" in content.decode("cp1252")


def test_a_scale_takes_no_points(tmp_path: Path) -> None:
    """A worksheet of an assignment that is marked by a scale says why nothing can be written."""
    table = WORKSHEET.replace("Maximum Grade", "Scale").replace("100.00", "fail pass")
    with pytest.raises(
        ExportError, match="no column of this table can take scores: the assignment must give points"
    ):
        filled(tmp_path, "moodle", table, 5, who=MOODLE[:1])


def test_moodle_gradebook(tmp_path: Path) -> None:
    """Points go into the column of the item's points, not of its comments, with the language's comma."""
    who = Submitter("678", "Ann Lee", local=True), Submitter(None, None, "bob@x.org")
    content, _ = filled(tmp_path, "moodle-gradebook", GRADEBOOK, 87.5, 40, who=who)
    ann, bob = [*csv.reader(io.StringIO(content.decode(), newline=""))][1:]
    assert (ann[4:7], bob[4:7]) == (["87,5", "", "7,50"], ["40", "", "-"])


def test_blackboard(tmp_path: Path) -> None:
    """Blackboard's tabs, UTF-16 and quotes stay; calculated columns take nothing."""
    who = Submitter("ab1234", before="Doubling"), Submitter("r", before="Doubling_b")
    content, told = filled(tmp_path, "blackboard", BLACKBOARD, 87.5, 40, who=who)
    expected = BLACKBOARD.decode("utf-16").replace('"Yes"\t""', '"Yes"\t"87.5"').replace('"3.00"', '"40"')
    assert content == expected.encode("utf-16")
    commas = BLACKBOARD.decode("utf-16").replace("\t", ",").encode("utf-8-sig")
    content, told = filled(tmp_path, "blackboard", commas, 87.5, 40, who=who)
    assert content == expected.replace("\t", ",").encode("utf-8-sig")
    german = BLACKBOARD.decode("utf-16").replace("Total Pts:", "Gesamtpunkte:").replace("100 Score", "100 Punkte")
    for one, other in (("Last", "Nach"), ("First", "Vor"), ("Username", "Benutzername"), ("Student", "Matrikel")):
        german = german.replace(one, other)
    content, told = filled(tmp_path, "blackboard", german.encode("utf-16"), 87.5, 40, who=who)
    assert told.startswith("2 of 2 students")


def test_brightspace(tmp_path: Path) -> None:
    """Brightspace's marks before ids and at the ends of lines stay; ids alone do, without names."""
    who = Submitter("184832-1", "Ann Lee", local=True), Submitter("bob")
    content, _ = filled(tmp_path, "brightspace", BRIGHTSPACE, 87.5, 40, who=who)
    assert content.decode() == BRIGHTSPACE.replace("Ann,,7", "Ann,87.5,7").replace("Bob,1,", "Bob,40,")
    plain = "Username,Doubling Points Grade,End-of-Line Indicator\n#bob,,#\n"
    content, _ = filled(tmp_path, "brightspace", plain, 40, who=(Submitter("bob"),))
    assert content.decode() == plain.replace(",,", ",40,")


TABLES: dict[str, str | bytes] = {
    "canvas": CANVAS,
    "moodle": WORKSHEET,
    "moodle-gradebook": GRADEBOOK,
    "blackboard": BLACKBOARD,
    "brightspace": BRIGHTSPACE,
}


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("given", TABLES)
def test_another_platforms_table(tmp_path: Path, form: str, given: str) -> None:
    """Another platform's table is told as what it is; each platform knows its own."""
    if given == form:
        filled(tmp_path, form, TABLES[given], who=())
        return
    with pytest.raises(ExportError, match=f"it looks like .*: chainrule export {given}$"):
        filled(tmp_path, form, TABLES[given], who=())


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(
    ("table", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"a,b\n1,2\n", "headings are those of no platform"),
        (b"\x00\x01\x02\x81", "neither UTF-8"),
        (b"PK\x03\x04 a workbook\x81", "neither UTF-8"),
    ],
)
def test_no_table(tmp_path: Path, form: str, table: bytes, why: str) -> None:
    """What is no table of any platform's says so."""
    with pytest.raises((ExportError, Unreadable), match=why):
        filled(tmp_path, form, table, who=())


def test_ids_of_two_students(tmp_path: Path) -> None:
    """A table that has an id twice, with different names, says in which rows."""
    with pytest.raises(Unreadable, match=r"table\.csv: rows 4 and 5 have the same id: 101"):
        filled(tmp_path, "canvas", CANVAS.replace("102", "101"), who=())


def test_hostile_names_stay(tmp_path: Path) -> None:
    """Names in a platform's table are its own, and stay as they are, whatever they hold."""
    rows = io.StringIO(newline="")
    names = [name.encode("utf-8", "ignore").decode() for name in HOSTILE]
    csv.writer(rows).writerows([name, str(n), f"s{n}", "", "A", "", "1"] for n, name in enumerate(names, 1))
    table = "Student,ID,SIS User ID,SIS Login ID,Section,Doubling (8),Essay (7)\r\n" + rows.getvalue()
    who = [Submitter(str(n), "x") for n in range(1, len(names) + 1)]
    content, _ = filled(tmp_path, "canvas", table, *(7.25 for _ in who), who=tuple(who))
    assert content.decode() == table.replace(",A,,1", ",A,7.25,1")


def test_three_thousand_rows(tmp_path: Path) -> None:
    """A large course is one table like any other."""
    rows = "".join(f'"Last{n}, First{n}",{n},s{n},login{n},A,\r\n' for n in range(3000))
    table = "Student,ID,SIS User ID,SIS Login ID,Section,Doubling (8)\r\n" + rows
    who = tuple(Submitter(str(n), f"last{n}first{n}") for n in range(3000))
    content, told = filled(tmp_path, "canvas", table, *(n / 30 for n in range(3000)), who=who)
    assert canvas_reads(content, "Doubling (8)")["2999"] == "99.97"
    assert told == "3000 of 3000 students have a score in the column Doubling (8)."


MADE: dict[str, tuple[Submitter, Callable[[bytes], object], object]] = {
    "canvas": (ANN, lambda content: canvas_reads(content, "Doubling"), {"101": "87.5"}),
    "moodle": (MOODLE[0], lambda content: moodle_reads(content, ENGLISH)["678"][0], "87.5"),
    "moodle-gradebook": (
        Submitter("1", "Ann Lee", "ann@x.org"),
        lambda content: content.decode().splitlines()[1],
        "Ann Lee,,ann@x.org,87.5",
    ),
    "blackboard": (
        Submitter("ab1234", before="Doubling"),
        lambda content: content.decode("utf-16").splitlines()[1],
        "\t\tab1234\t87.5",
    ),
}


@pytest.mark.parametrize("form", MADE)
def test_a_table_without_the_platforms(form: str) -> None:
    """Without the platform's table one is made by the ids in the platform's download; who has none is listed."""
    who, read, expected = MADE[form]
    content, told = written(form, scored(87.5, "ann", who), scored(5, "stray"))
    assert read(content) == expected
    assert ["stray"] in told.lists.values()


@pytest.mark.parametrize("form", ["canvas", "moodle-gradebook", "blackboard", "brightspace"])
def test_a_table_by_the_markings_roster(form: str) -> None:
    """The roster of the marking gives ids where the download has none."""
    content, told = written(form, scored(87.5, "ann", students=(Student("s1", "Ann Lee"),)))
    row = content.decode("utf-16" if form == "blackboard" else "utf-8").splitlines()[-1]
    assert "s1" in row and "87.5" in row
    assert not told.lists


def test_canvas_number_and_a_rosters_id() -> None:
    """Canvas's own number goes before a roster's id, also where the roster was Canvas's and begins with it."""
    plain = scored(87.5, "ann", ANN, students=(Student("s1", "Ann Lee", ("s1",)),))
    from_canvas = scored(40, "bob", BOB, students=(Student("102", "Bob Ray", ("102", "s002", "bray")),))
    rows = [*csv.reader(io.StringIO(written("canvas", plain, from_canvas)[0].decode(), newline=""))]
    assert rows[2:] == [["Ann Lee", "101", "s1", "", "", "87.5"], ["Bob Ray", "102", "s002", "", "", "40"]]


@pytest.mark.parametrize("form", TABLES)
def test_nobody_has_an_id(form: str) -> None:
    """Where no submission has an id for the platform, there is no table, and what is lacking is said."""
    with pytest.raises(ExportError, match=r"nothing tells .*: give the platform's own table with --into"):
        written(form, scored(5, "stray"))


def test_a_made_table_has_a_student_once() -> None:
    """In a table that the kit makes, too, a student's last submission alone has a row."""
    late, early = scored(10, "late", ANN, hour=15), scored(90, "early", ANN, hour=9)
    content, told = written("canvas", late, early)
    assert canvas_reads(content, "Doubling") == {"101": "10"}
    assert told.lists["More than one submission"] == ["101: late counts, not early; it was handed in last"]


def test_user_names_with_underscores() -> None:
    """What all names of Blackboard's download begin with is the assignment's; the rest is the user's."""
    ann, bob = Submitter("lee", before="Week_3_ann"), Submitter("bob", before="Week_3")
    content, _ = written("blackboard", scored(1, "a", ann), scored(2, "b", bob))
    assert [row.split("\t")[2] for row in content.decode("utf-16").splitlines()[1:]] == ["ann_lee", "bob"]


def test_titles_that_platforms_keep() -> None:
    """A title that a platform would not take for an assignment's is refused, and another one can be named."""
    ann = scored(5, "ann", ANN, students=(Student("s1", "Ann"),))
    for title in ("Final Grade", "My Current Score", "Section"):
        with pytest.raises(ExportError, match="Canvas keeps the heading"):
            written("canvas", ann, column=title)
    with pytest.raises(ExportError, match="Brightspace takes no"):
        written("brightspace", ann, column="50% of it")
    with pytest.raises(ColumnError, match="leave out --column"):
        written("moodle", scored(5, "ann", MOODLE[0]), column="Homework 3")
    content, _ = written("canvas", scored(5, "ann", ANN), column="Homework 3")
    assert canvas_reads(content, "Homework 3") == {"101": "5"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_made_table_holds_no_formula(name: str) -> None:
    """In a table that the kit makes no name is a formula, and each row has as many cells as the first."""
    students = (Student("s1", name.encode("utf-8", "replace").decode()),)
    for form in ("canvas", "blackboard", "moodle-gradebook"):
        content, _ = written(form, scored(5, "x", students=students))
        text = content.decode("utf-16" if form == "blackboard" else "utf-8")
        rows = [*csv.reader(io.StringIO(text, newline=""), delimiter="\t" if form == "blackboard" else ",")]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)
