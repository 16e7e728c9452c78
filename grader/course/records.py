"""The course's record types: the NamedTuples that its given modules define. They cross the wire by their names.

Each is an attribute of this module: `from grader.course.records import Params`. They are made from the fields that
stand in the module, which itself is not run here.
"""

import ast
from collections import namedtuple
from typing import Any

from grader.course.catalogue import GIVEN, tree_of


def _declared(module: str) -> dict[str, list[str]]:
    """The records that a given module defines, with their fields."""
    classes = [node for node in tree_of(module).body if isinstance(node, ast.ClassDef)]
    return {
        node.name: [ast.unparse(part.target) for part in node.body if isinstance(part, ast.AnnAssign)]
        for node in classes
        if any(ast.unparse(base) in ("NamedTuple", "typing.NamedTuple") for base in node.bases)
    }


HOMES = {name: module for module in GIVEN for name in _declared(module)}
"""The given module in which each record is defined."""
RECORDS: dict[str, Any] = {
    name: namedtuple(name, fields) for module in GIVEN for name, fields in _declared(module).items()
}
"""The types by their names."""
globals().update(RECORDS)
