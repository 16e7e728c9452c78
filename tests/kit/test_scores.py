"""scores.csv: a line for each submission, and with a roster for each student."""

import csv
from pathlib import Path

from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.judging.results import Result
from grader.marking.scores import write_scores

ANN, BOB, EVE = Student("a1", "Ann"), Student("b2", "=Bob"), Student("e3", "Eve")


def result(name: str) -> Result:
    """A rejected submission's result."""
    return Result(name, "modules", "rejected", "no file", 0.0, 100.0, "kernel", 1, "", 0.1)


def rows(path: Path) -> list[dict[str, str]]:
    """The table's rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_without_a_roster(tmp_path: Path) -> None:
    """Without a roster there is a line for each submission; a name is never a spreadsheet's formula."""
    write_scores([result("=1+1")], tmp_path / "scores.csv")
    [row] = rows(tmp_path / "scores.csv")
    assert row["submission"] == "'=1+1"
    assert row["status"] == "rejected"
    assert "student" not in row


def test_with_a_roster(tmp_path: Path) -> None:
    """With a roster each student has a line: members of a group, who is absent, and nobody's submissions."""
    matching = Matching({"team": (ANN, BOB), "stray": ()}, absent=(EVE,))
    write_scores([result("stray"), result("team")], tmp_path / "scores.csv", matching)
    told = [
        (row["student"], row["name"], row["submission"], row["status"]) for row in rows(tmp_path / "scores.csv")
    ]
    assert told == [
        ("", "", "stray", "rejected"),
        ("a1", "Ann", "team", "rejected"),
        ("b2", "'=Bob", "team", "rejected"),
        ("e3", "Eve", "", "absent"),
    ]
