"""scores.csv: a line for each submission, and with a roster for each student."""

import csv
from pathlib import Path

import pytest
from results_by_hand import rejected

from grader.course.catalogue import STAGES
from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.marking.scores import write_scores

ANN, BOB, EVE = Student("a1", "Ann"), Student("b2", "=Bob"), Student("e3", "Eve")


def rows(path: Path, *names: str, matching: Matching | None = None) -> list[dict[str, str]]:
    """The rows of the table of these rejected submissions."""
    write_scores([rejected(name, "no file") for name in names], path, matching)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_without_a_roster(tmp_path: Path) -> None:
    """Without a roster there is a line for each submission; of one that was rejected all points are 0.0."""
    [row] = rows(tmp_path / "scores.csv", "ann")
    assert (row["submission"], row["status"], row["score"]) == ("ann", "rejected", "0.0")
    assert {row[stage.name] for stage in STAGES} == {"0.0"}
    assert "student" not in row


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_formulas(tmp_path: Path, begin: str) -> None:
    """A name is never a spreadsheet's formula, however it begins."""
    [row] = rows(tmp_path / "scores.csv", f"{begin}1+1")
    assert row["submission"] == f"'{begin}1+1"


def test_with_a_roster(tmp_path: Path) -> None:
    """With a roster each student has a line: members of a group, who is absent, and nobody's submissions."""
    matching = Matching({"team": (ANN, BOB), "stray": ()}, absent=(EVE,))
    made = rows(tmp_path / "scores.csv", "stray", "team", matching=matching)
    assert [(row["student"], row["name"], row["submission"], row["status"]) for row in made] == [
        ("", "", "stray", "rejected"),
        ("a1", "Ann", "team", "rejected"),
        ("b2", "'=Bob", "team", "rejected"),
        ("e3", "Eve", "", "absent"),
    ]
