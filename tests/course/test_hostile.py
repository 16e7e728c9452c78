"""The hostile corpus, marked as one cohort by the command: every attack is seen, from outside, to fail.

An attack of each kind is made in every run of the tests, the others among the proofs.
"""

import csv
import json
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fixtures import selected, with_proofs
from hostile import ATTACKS
from hostile.attack import RIGHT, Attack
from sample_cohort import ISOLATION, solutions

from grader.course.catalogue import STAGES
from grader.course.location import ROOT

if ISOLATION != "kernel":
    pytest.skip(
        "nothing confines the attacks here, and what they are watched with is Linux's", allow_module_level=True
    )

from hostile import watch
from hostile.surroundings import Surroundings, planted

LIMITS = ("--time-limit", "1", "--total-limit", "30")
LONGEST = 3000
"""Seconds for the whole run on a slow and busy machine, which takes a fraction of that."""
LARGEST = 2_200_000
"""kB of any one process: PyTorch, the gigabyte that a worker may take, and a margin."""
MOST = 50
"""Processes at a time: those of two marking processes, and a margin that what the attacks try goes beyond."""
THREADS = 50
"""Threads of any one process: those of the command, and a margin; a worker has one."""
SECRETS = ("BEGIN SOLUTION", "mark.points", "def central_differences", '"digest"', "git_version", "found-out")
"""Text of the solutions, the suites, the results, of PyTorch, which the NumPy stages do without, and the word of
attacks that found something out about the machine."""
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\udc80-\udcff]")
"""What moves a terminal's cursor or turns its text around."""

PART = {attack.name.partition("-")[0]: attack for attack in reversed(ATTACKS)}.values()
"""The first attack of each kind."""
WHOLE = {stage.file: content.decode("utf-8") for stage, content in zip(STAGES, solutions().values(), strict=True)}
NEIGHBOURS: dict[str, tuple[dict[str, str], float]] = {
    f"{family}-0": (WHOLE, 100.0) if family == "memory" else ({STAGES[0].file: RIGHT}, 10.0)
    for family in sorted({attack.name.partition("-")[0] for attack in ATTACKS})
}
"""Innocent submissions among the attacks, and what they earn."""


@dataclass
class Aftermath:
    """What was found when attacks had been marked: `reached` … `segments` are empty where all went well."""

    attacks: list[Any]
    results: list[dict[str, Any]]
    raw: bytes
    table: str
    terminal: str
    watched: watch.Watched
    around: Surroundings
    reached: list[str]
    victim: list[str]
    changed: list[str]
    left: list[str]
    segments: list[str]

    def of(self, attack: Attack) -> dict[str, Any]:
        """The result of one attack, by its name, or by what it printed where it is handed in under another."""
        begins = f"attack {attack.name} begins"
        name = None if attack.folder else attack.name
        [found] = [r for r in self.results if (r["submission"] == name if name else begins in said_by(r))]
        return found


@pytest.fixture(scope="session")
def aftermath(request: pytest.FixtureRequest) -> Iterator[Aftermath]:
    """Attacks and their neighbours marked by the command, and everything seen of it from outside."""
    attacks = selected(request, "attack")
    with planted() as around:
        world = around.world(around.cohort / "objects-0" / STAGES[0].file)
        for name, (files, _) in NEIGHBOURS.items():
            (around.cohort / name).mkdir()
            for file, text in files.items():
                secret = f"\n# {around.canary(f'{name}/{file}')}\n"
                (around.cohort / name / file).write_text(text + secret, encoding="utf-8")
        for attack in attacks:
            attack.write(around.cohort, world)
        before = around.snapshot()
        command = [sys.executable, "-m", "grader", "grade", str(around.cohort), "--out", str(around.out)]
        command += ["--no-gradebook"]
        watched = watch.run(
            [*command, "--seed", "1", "--jobs", "2", *LIMITS],
            mark=around.token,
            limit=LONGEST,
            output=around.root / "terminal.txt",
            folder=around.folders[1],
            environment=around.environment | {"PYTHONPATH": str(ROOT)},
        )
        after = around.snapshot()
        raw = (around.out / "results.jsonl").read_bytes()
        yield Aftermath(
            attacks=attacks,
            results=[json.loads(line) for line in raw.split(b"\n")[:-1]],
            raw=raw,
            table=(around.out / "scores.csv").read_text(encoding="utf-8"),
            terminal=(around.root / "terminal.txt").read_text(encoding="utf-8", errors="surrogateescape"),
            watched=watched,
            around=around,
            reached=around.reached(),
            victim=around.victim_changes(),
            changed=sorted(path for path in before | after if before.get(path) != after.get(path)),
            left=around.left_names(),
            segments=around.left_segments(),
        )


def said_by(result: dict[str, Any]) -> str:
    """Everything in a result that a submission may have had a word in."""
    messages = [test["message"] for stage in result["stages"] for test in stage["tests"]]
    return "\n".join([result["error"] or "", *(stage["output"] for stage in result["stages"]), *messages])


@pytest.mark.parametrize("attack", with_proofs(ATTACKS, PART))
def test_attack(attack: Attack, aftermath: Aftermath) -> None:
    """The attack was made, earned no more than honest points, and came by no secret, in bounded words."""
    result = aftermath.of(attack)
    said, ends = said_by(result), {test["outcome"] for stage in result["stages"] for test in stage["tests"]}
    assert result["status"] == "graded"
    assert f"attack {attack.name} begins" in said or ends & {"crashed", "timeout"}, "the attack did not even begin"
    assert attack.at_least <= result["score"] <= attack.at_most, attack.tries
    assert not [place for place, canary in aftermath.around.canaries.items() if canary in said], attack.tries
    assert not [text for text in SECRETS if text in said], attack.tries
    assert len(json.dumps(result)) < 200_000


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbour(name: str, aftermath: Aftermath) -> None:
    """An innocent submission among the attacks gets every point."""
    [result] = [result for result in aftermath.results if result["submission"] == name]
    assert result["score"] == NEIGHBOURS[name][1], said_by(result)


def test_marking_goes_on_to_its_end(aftermath: Aftermath) -> None:
    """The command ends as it should, with one result for each submission and no other."""
    assert aftermath.watched.code == 0, aftermath.terminal[-3000:]
    assert len(aftermath.results) == len(aftermath.attacks) + len(NEIGHBOURS)
    assert len({result["submission"] for result in aftermath.results}) == len(aftermath.results)
    assert {result["seed"] for result in aftermath.results} == {1}


def test_results_are_lines_to_every_reader(aftermath: Aftermath) -> None:
    """No reader takes what a submission printed for a line or a row of its own."""
    assert len(aftermath.raw.decode("utf-8").splitlines()) == len(aftermath.results)
    rows = list(csv.DictReader(aftermath.table.splitlines(keepends=True)))
    assert len(rows) == len(aftermath.results)
    assert [float(row["score"]) for row in rows] == [r["score"] for r in sorted(aftermath.results, key=by_name)]


def by_name(result: dict[str, Any]) -> str:
    """The order of scores.csv."""
    return str(result["submission"])


def test_terminal_is_not_commanded(aftermath: Aftermath) -> None:
    """Nothing that moves a terminal's cursor or turns its text around gets there, or to the table."""
    assert not UNSEEN.findall(aftermath.terminal)
    assert not UNSEEN.findall(aftermath.table)


def test_secrets_are_nowhere(aftermath: Aftermath) -> None:
    """No planted secret is in any output of the marking."""
    everything = aftermath.terminal + aftermath.table + aftermath.raw.decode("utf-8")
    assert not [place for place, canary in aftermath.around.canaries.items() if canary in everything]


def test_nothing_was_reached(aftermath: Aftermath) -> None:
    """No listener on this machine, of any kind, heard from a worker."""
    assert aftermath.reached == []


def test_files_are_as_they_were(aftermath: Aftermath) -> None:
    """No file outside was made, changed, renamed or touched, and nothing is left in System V's tables."""
    assert aftermath.changed == []
    assert aftermath.left == []
    assert aftermath.segments == []


def test_other_processes_are_unharmed(aftermath: Aftermath) -> None:
    """A process of another program got no signal, and kept its memory, limits, priority and processors."""
    assert aftermath.victim == []


def test_no_process_was_started(aftermath: Aftermath) -> None:
    """No process came of a worker, at no time, and none of any kind is left behind."""
    assert aftermath.watched.marked == set()
    assert aftermath.watched.left == []
    assert aftermath.watched.most < MOST


def test_memory_and_threads_are_bounded(aftermath: Aftermath) -> None:
    """No process, a worker or who marks, grew beyond what a worker may take, nor had threads by the thousand."""
    assert aftermath.watched.largest < LARGEST
    assert aftermath.watched.threads < THREADS


def test_the_watch_sees(tmp_path: Path) -> None:
    """What the tests above rely on to see an attack that succeeds does see it."""
    with planted() as around:
        world, before = around.world(tmp_path), around.snapshot()
        assert around.victim_changes() == []
        with socket.create_connection(("127.0.0.1", world["tcp"])) as tcp, socket.socket(socket.AF_UNIX) as unix:
            assert tcp.fileno() > 0
            unix.connect("\0" + world["abstract"])
            assert around.reached() == ["tcp", "abstract"]
        mischief = (
            f"import os, signal; os.kill({world['victim']}, signal.SIGURG); "
            f"open({str(around.folders[3])!r} + '/{around.token}', 'x'); "
            f"os.utime({str(around.planted[0])!r}, (1, 1)); "
            "os.fork() and os.wait() or os.setsid() or os.fork() or signal.pause()"
        )
        command, folder = [sys.executable, "-c", mischief], around.folders[1]
        watched = watch.run(
            command, around.token, LONGEST, tmp_path / "out", folder, around.environment, grace=0.1
        )
        after = around.snapshot()
        changed = {path for path in before | after if before.get(path) != after.get(path)}
        assert {str(around.folders[3] / around.token), str(around.planted[0])} <= changed
        assert around.left_names() == [str(around.folders[3] / around.token)]
        assert len(watched.left) == 1
        assert len(around.victim_changes()) == 1
