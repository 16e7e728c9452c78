"""Tells statements that cannot raise when they run, such as a plain definition, from those that need a guard.

The untrusted side of the wire: imports nothing but the standard library.
"""

import ast
from collections.abc import Container

ALWAYS_THERE = {"abc", "collections", "copy", "dataclasses", "functools", "itertools", "math", "numpy", "operator"}
ALWAYS_THERE |= {"random", "re", "time", "typing", "warnings"}
"""Modules whose import fails in no worker."""
CLASSES = {"None", "float", "int", "str", "bool", "tuple", "list", "dict", "np.ndarray", "torch.Tensor"}
SAFE_NAMES = CLASSES | {"object", "Exception", "ValueError", "nn.Module", "nn.Sequential"}
"""Python's and the libraries' names that a default, an annotation or a base may be without any guard."""
GENERIC = {"tuple", "list", "dict"}


def is_safe(node: ast.stmt, imported: Container[str]) -> bool:
    """Whether a statement raises nothing: plain definitions, constants, the usual libraries.

    imported: names that the stage's own imports have bound before.
    """
    match node:
        case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]):
            shown = [arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
            values = [*node.args.defaults, *node.args.kw_defaults]
            return all(part is None or _is_plain(part, imported) for part in [*shown, node.returns, *values])
        case ast.ClassDef(decorator_list=[], keywords=[]):
            return all(_is_plain(base, imported) for base in node.bases) and all(
                is_safe(part, imported) for part in node.body
            )
        case ast.Assign(targets=[ast.Name()]) | ast.Expr() | ast.AnnAssign(target=ast.Name()):
            shown = [node.annotation] if isinstance(node, ast.AnnAssign) else []
            return all(part is None or _is_plain(part, imported) for part in [node.value, *shown])
        case ast.Import():
            return all(alias.name in ALWAYS_THERE for alias in node.names)
        case ast.ImportFrom():
            return node.module == "__future__"
    return isinstance(node, ast.Pass)


def _is_plain(node: ast.expr, imported: Container[str]) -> bool:
    """Whether evaluating raises nothing: constants, and what is known to be in libraries."""
    match node:
        case ast.Constant() | ast.Lambda(args=ast.arguments(args=[], kwonlyargs=[], vararg=None, kwarg=None)):
            return True
        case ast.Name():
            return node.id in SAFE_NAMES or node.id in imported
        case ast.Attribute(value=ast.Name()):
            return ast.unparse(node) in SAFE_NAMES
        case ast.Tuple() | ast.List():
            return all(_is_plain(part, imported) for part in node.elts)
        case ast.Dict():
            keys = all(isinstance(key, ast.Constant) for key in node.keys)
            return keys and all(_is_plain(part, imported) for part in node.values)
        case ast.UnaryOp(op=ast.USub()):
            return isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, int | float)
        case ast.Subscript():
            return ast.unparse(node.value) in GENERIC and _is_plain(node.slice, imported)
        case ast.BinOp(op=ast.BitOr()):
            return all(ast.unparse(part) in CLASSES for part in (node.left, node.right))
    return False
