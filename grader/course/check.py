"""Says what a course lacks, read off its files: nothing of it is run."""

import ast
import re
from collections.abc import Iterator
from itertools import chain

from grader.course.catalogue import BEGIN, END, GIVEN, STAGES, Stage, source_of, task_name, tree_of
from grader.course.finding import CourseError
from grader.course.hints import TITLES
from grader.course.location import HINTS, MISTAKES, SOLUTIONS, TESTS
from grader.course.points import CLASS, points, task_of_class
from grader.course.stubs import stub

_REGION = re.compile(rf"{BEGIN}\n(.*?)^ *{END}", re.DOTALL | re.MULTILINE)


def problems() -> Iterator[str]:
    """A sentence for each thing that is missing, wrong, or of no use."""
    if not STAGES:
        yield f"{SOLUTIONS.name}/ holds no stage: `chainrule new stage NAME` writes the beginnings of one"
    for stage in STAGES:
        yield from chain(_in_solution(stage), _in_suite(stage), _in_hints(stage))
    yield from _strays()


def _in_solution(stage: Stage) -> Iterator[str]:
    """What the stub, the notebook and the page of reading cannot be made of."""
    where = f"{SOLUTIONS.name}/{stage.file}"
    page = ast.get_docstring(tree_of(stage.name)) or ""
    if not re.match(rf"Stage {stage.number}: ", page):
        yield f"{where} does not begin with a page of reading whose first line is `Stage {stage.number}: …`"
    if not stage.tasks:
        yield f"{where} has no task: no function or class holds {BEGIN}"
    try:
        stub(source_of(stage.name))
    except ValueError as error:
        yield f"{where}: {error}"
    for node in tree_of(stage.name).body[1:]:
        if why := _unfit_for_notebooks(stage, node):
            yield f"{where}, line {node.lineno}: {why}"


def _unfit_for_notebooks(stage: Stage, node: ast.stmt) -> str:
    """Why a statement cannot stand in a notebook, where what is no task runs before the tasks; "" where it can."""
    match node:
        case ast.FunctionDef() | ast.ClassDef() if node.name in stage.tasks:
            return ""
        case ast.If() if ast.unparse(node.test) == "__name__ == '__main__'":
            return ""
        case ast.ImportFrom() if node.level or any(alias.name == "*" for alias in node.names):
            return "notebooks cannot take a relative import, or a star; name the module and what is imported"
        case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
            return ""
        case ast.Assign() | ast.AnnAssign() | ast.Expr(value=ast.Constant()):
            used = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)} & {*stage.tasks}
            return (
                f"notebooks run this before {', '.join(sorted(used))} is written; move it into a function"
                if used
                else ""
            )
    kind = type(node).__name__.lower()
    return f"notebooks cannot take a statement of this kind ({kind}) between the tasks; move it into a function"


def _in_suite(stage: Stage) -> Iterator[str]:
    """What the suite lacks: a class for each task, points beside each test, a sentence on each."""
    where = f"{TESTS.name}/{stage.suite.name}"
    if not stage.suite.is_file():
        yield f"{where} is missing: the suite of {stage.name}"
        return
    try:
        worth = points()
        tree = ast.parse(stage.suite.read_text(encoding="utf-8"))
    except (CourseError, SyntaxError) as error:
        yield f"{where}: {error}"
        return
    for task in stage.tasks:
        if not worth[stage.name, task]:
            wanted = f"{CLASS}{task.title().replace('_', '')}"
            yield f"{where} has no test of {task_name(stage, task)}: no class {wanted} whose tests have points"
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith(CLASS):
            if task_of_class(stage, node.name) is None:
                yield f"{where}, line {node.lineno}: {node.name} is named like no task of {stage.name}"
            yield from (f"{where}, line {test.lineno}: {what}" for test in node.body for what in _in_test(test))


def _in_test(test: ast.stmt) -> Iterator[str]:
    if isinstance(test, ast.FunctionDef) and test.name.startswith("test"):
        marks = [ast.unparse(mark.func) for mark in test.decorator_list if isinstance(mark, ast.Call)]
        if "pytest.mark.points" not in marks:
            yield f"{test.name} has no points: @pytest.mark.points(1)"
        if not ast.get_docstring(test):
            yield f"{test.name} has no docstring, which is what learners read of it"


def _in_hints(stage: Stage) -> Iterator[str]:
    """Hints that are not three for each task, and what gives a solution away."""
    path = HINTS / f"{stage.name}.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    levels = [f"### {title}" for title in TITLES]
    wanted = [line for task in stage.tasks for line in (f"## {task}", *levels)]
    if text and re.findall(r"^##+ .+$", text, re.MULTILINE) != wanted:
        yield (
            f"{HINTS.name}/{path.name} must have the headings {', '.join(f'## {task}' for task in stage.tasks)}, "
            f"and under each of them {', '.join(levels)}"
        )
    page = ast.get_docstring(tree_of(stage.name)) or ""
    for where, shown in (
        (f"{HINTS.name}/{path.name}", text),
        (f"the page of {SOLUTIONS.name}/{stage.file}", page),
    ):
        for part in giveaways(stage):
            if contains(tokens(shown), part):
                yield f"{where} gives the solution away: {' '.join(part)}"


def giveaways(stage: Stage) -> list[list[str]]:
    """Every expression of a stage's solutions, of three tokens or more, that its stub does not show, as tokens.

    A chain of attributes alone, such as params.W1, is a name, and so is a row of names: neither solves anything.
    """
    given = tokens(_REGION.sub("", source_of(stage.name)).rpartition('"""\n\nimport')[2])
    found = []
    for region in _REGION.findall(source_of(stage.name)):
        lines = region.splitlines()
        indent = len(lines[0]) - len(lines[0].lstrip())
        tree = ast.parse("def f():\n" + "\n".join(" " + line[indent:] for line in lines))
        for node in ast.walk(tree):
            names = ast.Name | ast.Attribute | ast.Constant | ast.Tuple | ast.JoinedStr
            telling = isinstance(node, ast.expr) and not isinstance(node, names)
            if telling and len(part := tokens(ast.unparse(node))) >= 3 and not contains(given, part):
                found.append(part)
    return found


def tokens(text: str) -> list[str]:
    """The words and signs of a text, code or prose."""
    return re.findall(r"\w+|[^\w\s]", text)


def contains(text: list[str], part: list[str]) -> bool:
    """Whether a part stands in a text."""
    return any(text[n : n + len(part)] == part for n in range(len(text) - len(part) + 1))


def _strays() -> Iterator[str]:
    """Suites, hints and mistakes of stages that there are not."""
    names = {stage.name for stage in STAGES}
    folders = ((TESTS, "test_stage*.py"), (MISTAKES, "stage[0-9]_*.py"), (HINTS, "*.md"))
    for folder, pattern in folders:
        for path in sorted(folder.glob(pattern)):
            name = path.stem.removeprefix("test_")
            if name not in names and not any(name.startswith(f"stage{stage.number}_") for stage in STAGES):
                yield f"{path.parent.name}/{path.name} belongs to no stage"
    for path in sorted(SOLUTIONS.glob("stage*.py")):
        if path.stem not in names | {*GIVEN}:
            yield f"{SOLUTIONS.name}/{path.name} is named like no stage: stage1_name.py, in small letters"
