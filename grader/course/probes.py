"""A course's own probes: functions of tests/probes.py that its suites call beside a learner's code."""

import ast

from grader.course.location import TESTS

PATH = TESTS / "probes.py"
SOURCE = PATH.read_text(encoding="utf-8") if PATH.is_file() else ""
"""Their text, which a worker is given; empty where the course has none."""
RETURNS = {
    node.name: ast.unparse(node.returns) if node.returns else ""
    for node in ast.parse(SOURCE).body
    if isinstance(node, ast.FunctionDef)
}
"""What each says that it returns: a worker's reply must be that."""
