"""A solved stage beside its solution, to compare: task by task the learner's code, then the reference."""

import ast

from grader.course.catalogue import Stage, source_of
from grader.course.notebook_layout import segment
from grader.course.stubs import unmarked


def compared(stage: Stage, source: str) -> str:
    """The tasks of a stage as Markdown, each as the learner's source has it and as the solution has it."""
    own, reference = _definitions(source), _definitions(unmarked(source_of(stage.name)))
    parts = [f"# Stage {stage.number}: {stage.title}\n"]
    for task in stage.tasks:
        parts += [f"## {task}\n", "Yours:\n", _code(own.get(task, "")), "The solution:\n", _code(reference[task])]
    return "\n".join(parts)


def _code(text: str) -> str:
    return f"~~~~\n{text or 'It has another name, or is made in another way.'}\n~~~~\n"


def _definitions(source: str) -> dict[str, str]:
    """The functions and classes at the top of a source, by their names; of several with one name the last."""
    found = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return {node.name: segment(source, node) for node in found}
