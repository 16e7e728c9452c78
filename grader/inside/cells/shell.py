"""The notebook's shell in a stage's module, where there is none: what magics ran is run, all else does nothing.

The untrusted side of the wire: imports nothing but the standard library.
"""

import ast

from grader.inside.cells.statements import BROKEN

OF_THE_SHELL = ("get_ipython", "display")
"""Names that IPython puts into every notebook."""
MAX_TIMED = 2**24
"""Calls of %time times characters of a cell at the most that are put in place."""
SHELL = '''
def get_ipython():
    """Stand for the notebook's shell: whatever is asked of it does nothing."""

    class Shell:
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            answer = [] if name.startswith("getoutput") else None
            return lambda *args, **kwargs: answer

    return Shell()


def display(*objects, **options):
    """Show nothing."""
'''


def is_of_the_shell(node: ast.stmt) -> bool:
    """Whether it imports from IPython nothing but what stands in for the shell."""
    return (
        isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] == "IPython"
        and all(alias.name in OF_THE_SHELL and not alias.asname for alias in node.names)
    )


def without_time(tree: ast.Module, source: str) -> str:
    """The source with what the line magic %time runs in the place of its call, in functions too.

    The code runs where it stands, with the names that are there, and lines keep their numbers.
    """
    if "run_line_magic" not in source:
        return source
    lines = source.split("\n")
    whole = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [(node, line) for node in ast.walk(tree) if isinstance(node, ast.Call) and (line := _timed(node))]
    if len(found) * len(source) > MAX_TIMED:
        return source
    for node, line in sorted(found, key=lambda pair: (-pair[0].lineno, -pair[0].col_offset)):
        if node.lineno == node.end_lineno and _is_line(line, "exec" if id(node) in whole else "eval"):
            text = lines[node.lineno - 1].encode()
            code = line if id(node) in whole else f"({line})"
            new = text[: node.col_offset] + code.encode() + text[node.end_col_offset :]
            lines[node.lineno - 1] = new.decode()
    timed = "\n".join(lines)
    return timed if _is_code(timed, "exec") else source


def _timed(call: ast.Call) -> str:
    """The code that a call of the line magic %time runs; "" for other calls."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name("get_ipython")), attr="run_line_magic"),
            args=[ast.Constant("time"), ast.Constant(str(line))],
        ):
            return line.strip()
    return ""


def _is_line(text: str, mode: str) -> bool:
    """Whether a text is Python of one line, with nothing that would change what stands behind it."""
    return "\n" not in text and "#" not in text and _is_code(text, mode)


def _is_code(text: str, mode: str) -> bool:
    try:
        compile(text, "magic", mode, flags=ast.PyCF_ONLY_AST, dont_inherit=True)
    except BROKEN:
        return False
    return True
