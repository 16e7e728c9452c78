"""How known mistakes are told: which failures are alike, and what is told of a learner's code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import chainrule
from isolation import ISOLATION
from notebook_forms import notebook_of

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.finding import CourseError
from grader.course.mistakes import mistakes_in, mistakes_of
from grader.course.new_mistake import with_mistake
from grader.course.records import Pair
from grader.judging import judge, naming, results
from grader.judging.kept_runs import CACHE
from grader.judging.likeness import distance, likeness
from grader.judging.naming import Names
from grader.judging.suites import suites
from grader.marking.record import opened_record
from grader.outside.client import SameProcess, load_request
from grader.outside.verdicts import NoAnswer, Verdict, Wrong
from grader.publishing.assembly import text
from grader.wire import Opaque, Tensor

X = np.array([1.0, -2.0, 3.0])
PAIR = Pair(np.ones((2, 2)), np.array(0.5))
FIRST = STAGES[0]
SQUARED = "import numpy as np\ndef double(x):\n    return np.power(x, 2)\n"

AGREE = [
    (X, X + 1e-12),
    (X.astype(np.float32) * (1 + 1e-6), X.astype(np.float32)),
    (np.float64(2.0), np.array(2.0)),
    *((same, same) for same in (2.0, np.nan, None, {"a"}, PAIR)),
    (np.array([np.inf, np.nan]), np.array([np.inf, np.nan])),
    (Tensor(X), Tensor(X)),
    ({"loss": [1.0, 2.0], "accuracy": [0.5]}, {"loss": [1.0, 2.0]}),
]
DIFFER = [
    *((X, other) for other in (X + 1e-6, X.astype(np.float32), X[:, np.newaxis], Tensor(X))),
    *((other, X) for other in (list(X), Tensor(X), X * np.nan, Opaque("Liar"))),
    *((other, 2.0) for other in (2, np.array(2.0), np.nan, Opaque("Liar"))),
    (tuple(PAIR), PAIR),
    ({"loss": [1.0]}, {"accuracy": [1.0]}),
    ([1.0, 2.0], [1.0]),
    ({"a"}, None),
]


@pytest.mark.parametrize(("pair", "agree"), [*((p, True) for p in AGREE), *((p, False) for p in DIFFER)])
def test_agreement(pair: tuple[Any, Any], agree: bool) -> None:
    """Two answers agree where they are of one type, shape and dtype and, up to rounding, of the same values."""
    assert (distance(*pair) is not None) == agree


def verdict_on(got: Any, call: str = "f(x)", expected: Any = PAIR) -> Verdict:
    """How a test ends that gets this of a call."""
    with pytest.raises(Verdict) as caught:
        if isinstance(got, NoAnswer):
            raise got
        (judge.record if isinstance(expected, Pair) else judge.array)(call, got, expected)
    return caught.value


def raised(text: str, *kinds: str) -> NoAnswer:
    """An exception of the learner's code."""
    return NoAnswer("error", f"f raised {kinds[0]}: {text}", (*kinds, "Exception"), text)


def test_failures_are_alike_by_all_that_is_wrong() -> None:
    """Answers are alike in all, in what the mistake makes wrong, or in the part that was compared first."""
    mistaken = verdict_on(Pair(2 * PAIR.a, PAIR.b))
    both = verdict_on(Pair(2 * PAIR.a, 2 * PAIR.b))
    other = verdict_on(Pair(3 * PAIR.a, PAIR.b))
    assert likeness(mistaken, mistaken) == (0, 0.0)
    assert likeness(both, mistaken) == (1, 0.0)
    assert likeness(mistaken, both) == (2, 0.0)
    assert likeness(other, mistaken) is None
    assert likeness(verdict_on(Pair(2 * PAIR.a, PAIR.b), "g(x)"), mistaken) is None


def test_exceptions_are_alike_by_kind_and_text() -> None:
    """What was raised is compared by its kind and its text, but for numbers; no exception is like an answer."""
    known = raised("index 3 is out of bounds", "IndexError", "LookupError")
    assert likeness(raised("index 5 is out of bounds", "IndexError", "LookupError"), known) is not None
    assert likeness(raised("no such key", "IndexError", "LookupError"), known) is None
    assert likeness(raised("index 3 is out of bounds", "KeyError", "LookupError"), known) is None
    assert likeness(known, verdict_on(2 * X, expected=X)) is None
    refused = [Wrong("f(x)\n  expected: ValueError", raised("no", "TypeError")) for _ in range(2)]
    assert likeness(*refused) is not None


def test_words_are_compared_where_there_is_no_value() -> None:
    """A test that says in words what is wrong is compared by them."""
    words = [Wrong(f"f(x)\n  got: {what}") for what in ("nothing after 3 s", "nothing after 4 s", "something")]
    assert likeness(words[0], words[1]) is not None
    assert likeness(words[0], words[2]) is None


def told(source: str, names: Names | None = None, task: str = "double") -> list[results.TestResult]:
    """What the tests of a task say of a source of stage 1, in this process."""
    own = {FIRST.name: source}
    load = load_request(FIRST, own, {FIRST.name: FIRST.file})
    return suites().run(FIRST, lambda _: SameProcess(load, own, ()), 7, task, names)


def test_a_mistake_is_told_however_it_was_made() -> None:
    """Another way to write the same wrong code is told by name, first what was done, then what to look at."""
    first = told(SQUARED)[0]
    assert first.mistake == "squared"
    assert first.message.startswith("The numbers were squared. What is twice 3, and what is 3 times 3?\ndouble(x)")


@pytest.mark.parametrize(
    "source",
    [
        "def double(x):\n    return 2 * x + 1\n",
        "def double(x):\n    return x + x\n",
        "def double(x):\n    raise KeyError('x')\n",
    ],
)
def test_nothing_is_guessed(source: str) -> None:
    """What is not the same as any known mistake, or not always, is told nothing."""
    assert {test.mistake for test in told(source)} == {""}


def test_what_there_was_no_time_for_is_told_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without time nothing new is run; what is run afterwards is known when the same test fails again."""
    monkeypatch.setenv(CACHE, str(tmp_path))
    naming._runs.clear()
    names = Names(wait=0.0)
    assert {test.mistake for test in told(SQUARED, names)} == {""}
    assert names.open
    names.go_on(lambda: False)
    assert names.open
    names.go_on(lambda: True)
    assert not names.open
    assert told(SQUARED, Names(wait=0.0))[0].mistake == "squared"


def test_nothing_is_told_where_nobody_asks() -> None:
    """A run that needs points alone looks for no mistakes, and may end with the first test that fails."""
    tests = suites().run(
        FIRST,
        lambda _: SameProcess(load_request(FIRST, {FIRST.name: SQUARED}, {FIRST.name: FIRST.file}), {}, ()),
        7,
        "double",
        Names(tells=False),
        until_lost=True,
    )
    assert {test.mistake for test in tests} == {""}
    assert [test.message for test in tests[1:]] == ["not tried: points are lost already"] * (len(tests) - 1)


FILE = '''"""Stage 1 as it should not be written."""

from math import pi

FACTOR = 3


def times(x):
    return FACTOR * x


def double__tripled(x):
    """It was tripled.

    How many times is twice?
    """
    return times(x)


def double__tripled__by_hand(x):
    return x + x + x


double__halved = Edit("It was halved.", "Twice.", {"x + x": "x / 2"}, {"x + x": "x * pi / 2 / pi"})
'''


def test_a_file_of_mistakes() -> None:
    """A mistake is a definition with what it uses, or an edit of the solution, in one way or in several."""
    tripled, halved = mistakes_in(FIRST, FILE)
    assert (tripled.task, tripled.name) == ("double", "tripled")
    assert (tripled.says, tripled.look) == ("It was tripled.", "How many times is twice?")
    first, second = tripled.ways
    assert "FACTOR = 3\n\n\ndef times(x):" in first and "def double(x):" in first and "def both(" in first
    assert "return x + x + x" in second and "FACTOR" not in second
    assert ["return x / 2" in halved.ways[0], "return x * pi / 2 / pi" in halved.ways[1]] == [True, True]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def double__a(x):\n    return 1\n", "double__a needs a docstring"),
        (
            "def triple__a(x):\n    '''A.\n\n    B.'''\n",
            "triple__a is not named <task>__<mistake>",
        ),
        ("double__a = Edit('A.', 'B.', {'x * x': 'x'})\n", "the solution's double holds no 'x * x'"),
        ("double__a = 3\n", "double__a is no Edit"),
        ("double__a = Edit(says, 'B.')\n", "double__a is no Edit"),
        ("def double__a(x:\n", "line 1: "),
    ],
)
def test_a_file_of_mistakes_that_is_none(text: str, says: str) -> None:
    """What cannot be understood is refused, with the line and what is wrong."""
    with pytest.raises(CourseError, match="line 1: ") as caught:
        mistakes_in(FIRST, text, "stage1_double.py")
    assert says in str(caught.value)


WRONG = '''import numpy as np, math
from functools import reduce
SCALE: float = 3.0
def _by__scale(x):
\treturn reduce(lambda a, b: a, [SCALE * x])
def unused(): return SCALE
def double(x):
\t"""Of the stub."""
\treturn _by__scale(x) * math.exp(0)
def both(pair): return pair
'''


def test_a_wrong_module_becomes_a_mistake() -> None:
    """What of a module makes the task wrong is kept, under the mistake's name, with its sentences."""
    text = with_mistake("", FIRST, "double", WRONG, "scaled", "It was\nscaled.", 'See "\\".')
    again = with_mistake(text, FIRST, "double", "def double(x): return -x", "negated", "Negated.", "Sign?")
    scaled, negated = mistakes_in(FIRST, again)
    assert (scaled.says, scaled.look) == ("It was scaled.", 'See "\\".')
    assert "unused" not in again and "def both" not in again and "Of the stub" not in again
    assert told(scaled.ways[0])[0].outcome == "failed"
    assert told(negated.ways[0], Names(added={FIRST.name: again}))[0].mistake == "negated"
    with pytest.raises(CourseError, match="there is a mistake scaled of double already"):
        with_mistake(again, FIRST, "double", WRONG, "scaled", "It was scaled.", "See.")


def test_words_and_helpers_keep_the_tasks_name() -> None:
    """Only the definition itself takes the mistake's name: no sentence, and nothing that it uses."""
    source = "def times(x):\n    return {'double': 3}['double'] * x\ndef double(x):\n    return times(x)\n"
    text = with_mistake("", FIRST, "double", source, "tripled", "double tripled it.", "What does double mean?")
    (known,) = mistakes_in(FIRST, text)
    assert (known.says, known.look) == ("double tripled it.", "What does double mean?")
    assert "{'double': 3}['double']" in known.ways[0]


@pytest.fixture
def add(tmp_path: Path) -> Callable[..., str]:
    """Runs `chainrule mistakes add` on a source, for a folder beside the results."""

    def run(
        source: str, name: str = "tripled", task: str = "1.double", says: str = "It was tripled.", code: int = 0
    ) -> str:
        wrong, folder = tmp_path / "wrong.py", tmp_path / "mistakes"
        wrong.write_text(source, encoding="utf-8")
        given = [task, wrong, says, "How often?", "--name", name, "--mistakes", folder, "--isolation", ISOLATION]
        return chainrule("mistakes", "add", *given, code=code)

    return run


TRIPLED = "def double(x):\n    return 3 * x\n"


def test_an_instructor_adds_a_mistake(add: Callable[..., str], tmp_path: Path) -> None:
    """A wrong file becomes a mistake in a folder, under the name and with the sentences that are given."""
    assert "kept in" in add(TRIPLED)
    (known,) = mistakes_in(FIRST, (tmp_path / "mistakes" / FIRST.file).read_text(encoding="utf-8"))
    assert (known.task, known.name, known.says, known.look) == (
        "double",
        "tripled",
        "It was tripled.",
        "How often?",
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"source": "def double(x):\n    return x + x\n"}, "it loses no points: all tests of double pass"),
        ({"source": SQUARED}, "it is known already, as squared: The numbers were squared."),
        ({"source": "import random\ndef double(x):\n    return x * random.random()\n"}, "it cannot be told"),
        ({"source": "def double(x:\n"}, "the wrong code is no Python"),
        ({"source": "x = 1\n"}, "the wrong code defines no double"),
        ({"source": "x = \x00"}, "wrong.py holds a null byte"),
        ({"says": "…", "name": ""}, "'' cannot name a mistake"),
        ({"name": "Not a name"}, "'Not a name' cannot name a mistake"),
        ({"says": " "}, "a mistake needs a sentence"),
    ],
)
def test_what_is_no_new_mistake(
    add: Callable[..., str], tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    """What loses no points, is known, or cannot be told is not kept, and the reason is said."""
    assert says in add(**{"source": TRIPLED, "code": 1} | changes)
    assert not (tmp_path / "mistakes").exists()


GUARDED = "FACTOR = float(3)\n\n\ndef times(x):\n    return FACTOR * x\n"
"""What stands above a task in a notebook: a call that may fail, and a helper."""


def test_a_mistake_of_a_submission(tmp_path: Path) -> None:
    """Wrong answers that several gave, without a name: one sentence on one of them reaches all of them."""
    cohort, out, mine = (tmp_path / name for name in ("cohort", "out", "mine"))
    wrongs = {"ann": "def double(x):\n    return x + x + x\n", "ben": TRIPLED}
    for name, source in wrongs.items():
        (cohort / name).mkdir(parents=True)
        (cohort / name / FIRST.file).write_text(source, encoding="utf-8")
    made = notebook_of(NOTEBOOKS[0], {FIRST.name: f"{GUARDED}\n\ndef double(x):\n    return times(x)\n"})
    (cohort / "cleo.ipynb").write_text(text(made), encoding="utf-8")
    marking: list[str | Path] = ["grade", cohort, "--out", out, "--no-gradebook", "--isolation", ISOLATION]
    assert "3 × 1.double: the same wrong answer, without a name yet" in chainrule(*marking)
    adding: list[str | Path] = ["mistakes", "add", "1.double", "It was tripled.", "How often?", "--results", out]
    adding += ["--mistakes", mine, "--isolation", ISOLATION]
    assert "kept in" in chainrule(*adding, "--of", "cleo")
    assert "return times(x)" in (mine / FIRST.file).read_text(encoding="utf-8")
    assert "3 × 1.double: it was tripled" in chainrule(*marking, "--mistakes", mine)
    with opened_record(out) as record:
        for name in ("ann", "ben", "cleo"):
            told = [test for stage in record.result(name).stages for test in stage.tests if test.mistake]
            assert told and told[0].message.startswith("It was tripled. How often?")
    assert "holds no submission 'benn'; did you mean 'ben'?" in chainrule(*adding, "--of", "benn", code=1)
    adding[2] = "2.slope"
    assert "ann has no code for stage 2" in chainrule(*adding, "--of", "ann", code=1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "what is missing: WRONG and SAYS, or --of SUBMISSION and SAYS"),
        (["--of", "ann"], "what is missing: SAYS"),
        (["--of", "ann", "wrong.py", "It was tripled.", "How?"], "with --of there is no WRONG"),
        (["nowhere.py", "It was tripled."], "File 'nowhere.py' does not exist"),
    ],
)
def test_words_that_do_not_fit(words: list[str], says: str) -> None:
    """What is missing, or too much, is said, with and without a submission."""
    assert says in chainrule("mistakes", "add", "1.double", *words, "--mistakes", "mine", code=2)


def test_a_submission_needs_results(tmp_path: Path) -> None:
    """A folder without results is refused, with what to give."""
    given = ["mistakes", "add", "1.double", "It was tripled.", "--of", "ann", "--mistakes", "mine"]
    assert "holds no results" in chainrule(*given, "--results", tmp_path, "--isolation", ISOLATION, code=1)


def test_a_task_that_is_none(add: Callable[..., str]) -> None:
    """A task that no stage has is refused, with those that there are."""
    assert "stage 1 has no task 'treble'" in add(TRIPLED, task="1.treble", code=2)


def test_the_courses_own_mistakes_are_listed() -> None:
    """Each with its task, its name and its sentence."""
    assert "1.double squared: The numbers were squared." in chainrule("mistakes", "list", "1.double")
    assert len(mistakes_of(FIRST)) == 3
