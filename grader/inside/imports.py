"""What a learner's module may import where it is tested: the same on their own machine and when it is marked.

Python's own library, NumPy, PyTorch in stages that use it, given modules, earlier stages, and what the course
lists are there. For plotting there is a stand-in. Any other library is not, installed or not: importing it at the
top of a module costs nothing, and what uses it meets a sentence. The untrusted side of the wire.
"""

import ast
import builtins
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import FrameType
from typing import Any

from grader.inside.refusals import asked_for_input
from grader.inside.stand_in import StandIn

NOT_NUMPY = ("torch", "jax", "autograd", "tensorflow", "scipy", "sympy")
"""Array and calculus libraries that the NumPy stages do without."""
DRAWING = ("matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "bokeh", "altair", "IPython", "google")
"""Libraries that show something, and no task needs; google.colab is one of them."""
USES = "call getitem setitem delitem iter next len contains bool float int index enter mro_entries neg abs"
USES += " add radd sub rsub mul rmul matmul rmatmul truediv rtruediv pow rpow lt le gt ge mod floordiv"


class NotThere(ModuleNotFoundError):
    """A library that is not there when a learner's code is marked."""


class Absent:
    """Stands for a library that is not there, and for all that is imported from it: whoever uses it is told."""

    def __init__(self, error: ModuleNotFoundError) -> None:
        self.__dict__["_error"] = error

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return []
        if name.startswith("__") and name.endswith("__") and name != "__version__":
            raise AttributeError(name)
        raise self._error.with_traceback(None)


def _used(self: Absent, *args: Any, **kwargs: Any) -> Any:
    raise self._error.with_traceback(None)


for _way in USES.split():
    setattr(Absent, f"__{_way}__", _used)


class Imports:
    """The `__import__` of a learner's modules.

    numpy_only: whether the stage does without PyTorch; libraries: what the course lists beside NumPy and PyTorch;
    given: the modules that the kit provides.
    """

    def __init__(self, numpy_only: bool, libraries: Iterable[str], given: Iterable[str]) -> None:
        self._numpy_only = numpy_only
        has = ["NumPy", *([] if numpy_only else ["PyTorch"]), *libraries]
        self._has = f"{', '.join(has)} and Python's own library"
        roots = {"numpy", *([] if numpy_only else ["torch"])}
        self._there = {*sys.stdlib_module_names, *roots, *given}
        self._listed = set(libraries)
        self._at_the_top: dict[str, set[int]] = {}

    def namespace(self, source: str, filename: str) -> dict[str, Any]:
        """The builtins of a module with this source, of a file of this name."""
        self._at_the_top[filename] = _lines_at_the_top(source)
        return {**vars(builtins), "__import__": self, "input": asked_for_input}

    def __call__(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """Import a module, as Python's own function does."""
        root = name.partition(".")[0]
        if level or root in self._there:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if root in self._listed:
            try:
                return builtins.__import__(name, globals, locals, fromlist or (), level)
            except ModuleNotFoundError as error:
                if error.name != root:
                    raise
        if root in DRAWING:
            return StandIn()
        told = f"{root} is not there when this is marked: marking has {self._has}"
        is_instead_of_numpy = self._numpy_only and root in NOT_NUMPY
        missing = (ModuleNotFoundError if is_instead_of_numpy else NotThere)(told, name=root)
        if self._is_at_the_top(sys._getframe(1)):
            return _absent(missing, name, tuple(fromlist or ()))
        raise missing

    def _is_at_the_top(self, frame: FrameType) -> bool:
        """Whether a module's own top level imports, and no `try` waits for the import to fail."""
        lines = self._at_the_top.get(frame.f_code.co_filename, ())
        return frame.f_code.co_name == "<module>" and frame.f_lineno in lines


def _absent(error: ModuleNotFoundError, name: str, names: tuple[str, ...]) -> Absent:
    """What an import statement takes its names from."""
    found = Absent(error)
    inner = found
    for part in () if names else name.split(".")[1:]:  # import a.b as c looks for b in a
        outer, inner = inner, Absent(error)
        outer.__dict__[part] = inner
    for part in names:
        inner.__dict__[part] = Absent(error)
    return found


def _lines_at_the_top(source: str) -> set[int]:
    """The lines of import statements outside functions, classes and `try`."""
    found: set[int] = set()
    todo: list[ast.stmt] = list(ast.parse(source).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.If | ast.With | ast.For | ast.While):
            todo += [*node.body, *getattr(node, "orelse", [])]
    return found
