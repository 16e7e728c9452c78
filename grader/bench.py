"""Where a learner's code runs: one stage is loaded on the bench, its functions are called, objects are kept.

The untrusted side of the wire. In marking, a bench stands in a worker process; in a learner's own `pytest`
it stands in the same process, so that breakpoints and debuggers work. Either way it takes messages and
gives messages, and the suites cannot tell the difference.
"""

import builtins
import contextlib
import functools
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from grader import probes, wire
from grader.cells.sources import sources_of

NOT_NUMPY = ("torch", "jax", "autograd", "tensorflow", "scipy", "sympy")
"""Array and calculus libraries that the NumPy stages do without."""


MAX_TEXT = 20_000
"""Characters of an exception's message that are passed on: a right one may quote whole arrays."""


class ReferenceTask:
    """A reference function under the name of a learner's, which may have given that attributes of its own."""

    def __init__(self, function: Callable[..., Any], own: Callable[[], Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._own = own

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the reference."""
        return self._function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own(), name)


class EarlierStage(ModuleType):
    """A stage before the one on the bench, as that one imports it.

    The contract's names are the reference's, so that a mistake costs its own stage only; any other name is
    the learner's own. The learner's module runs only when such a name is asked for.
    """

    def __init__(self, name: str, reference: dict[str, Any], run_own: Callable[[], ModuleType]) -> None:
        super().__init__(name)
        self.__dict__["_run_own"] = run_own
        for task, function in reference.items():
            own = functools.partial(lambda task: getattr(self._own_module(), task), task)
            self.__dict__[task] = ReferenceTask(function, own)

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            own = self._own_module()
            listed = getattr(own, "__all__", [n for n in vars(own) if not n.startswith("_")])
            return sorted({*listed, *(n for n in self.__dict__ if not n.startswith("_"))})
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._own_module(), name)

    def _own_module(self) -> ModuleType:
        if "_own" not in self.__dict__:
            self.__dict__["_own"] = self.__dict__["_run_own"]()
        return self.__dict__["_own"]  # type: ignore[no-any-return]


class Bench:
    """One stage of one submission, and the objects kept between calls.

    `source_of` gives the learner's own source of an earlier stage, None where there is none; `printed` what the
    learner's code printed since it was last asked; `to_raise` names exceptions that go through (a learner's own
    Ctrl-C, where the bench stands in the suites' process).
    """

    def __init__(
        self,
        source_of: Callable[[str], str | None],
        printed: Callable[[], str] = str,
        to_raise: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._source_of = source_of
        self._printed = printed
        self._to_raise = to_raise
        self._life = 0
        self._kept: list[Any] = []
        self._module = ModuleType("nothing_loaded")
        self._xor = ModuleType("xor")
        self._hidden: tuple[str, ...] = ()
        self._replaced: dict[str, ModuleType | None] = {}
        self._own_files: dict[str, str] = {}
        self._places: dict[str, list[Any]] = {}
        self.last_error: BaseException | None = None

    def answer(self, message: bytes) -> bytes:
        """Carry out one request and pack the reply: a value, or what was raised."""
        request = wire.decode(message, self._revive)
        reply: dict[str, Any] = {"id": request["id"]}
        try:
            with hidden_modules(self._hidden):
                reply |= self._answer_to(request)
        except self._to_raise:
            raise
        except BaseException as error:
            self.last_error = error
            reply["raised"] = self._described(error)
        reply["printed"] = self._printed()
        try:
            return wire.encode(reply)
        except wire.Malformed as error:
            return wire.encode({"id": request["id"], "raised": self._described(error), "printed": ""})

    def close(self) -> None:
        """Put back the modules that loading a stage replaced."""
        for name, module in self._replaced.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        self._replaced.clear()

    def _answer_to(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["do"] == "load":
            return self._load(request)
        if request["do"] == "read":
            return {"value": sources_of(request["notebook"])}
        return self._call(request)

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run the stage's module, with the given module and the earlier stages where it can import them."""
        files: dict[str, str] = request["files"]
        self._life = request["life"]
        self._own_files = {path: f"{name}.py" for name, path in files.items()}
        self._places = {files[name]: places for name, places in request["places"].items()}
        if request["numpy_only"]:
            self._hidden = NOT_NUMPY
        else:
            probes.use_one_thread()
        with hidden_modules(self._hidden):
            self._xor = self._install(_module("xor", request["xor"], "xor.py"))
            for name, reference in request["references"].items():
                whole = _module(name, reference["source"], f"reference {name}.py")
                names = {task: getattr(whole, task) for task in reference["tasks"]}
                self._install(EarlierStage(name, names, self._runner(name, files)))
            name = request["stage"]
            module = ModuleType(name)
            self._install(module)
            _run(module, request["source"], files[name])
            self._module = module
        return {"value": None}

    def _runner(self, name: str, files: dict[str, str]) -> Callable[[], ModuleType]:
        def run_own() -> ModuleType:
            source = self._source_of(name)
            if source is None:
                raise ModuleNotFoundError(f"{name}.py is missing", name=name)
            return _module(name, source, files[name])

        return run_own

    def _install(self, module: ModuleType) -> ModuleType:
        self._replaced.setdefault(module.__name__, sys.modules.get(module.__name__))
        sys.modules[module.__name__] = module
        return module

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the stage, or a probe of the kit's, and report its value and its arguments."""
        home = self._module if request["do"] == "call" else probes
        function = getattr(home, request["name"])
        if not callable(function):
            kind = type(function).__name__
            raise TypeError(f"its name was given to a value of type {kind}, and is no function any more")
        args = request["args"]
        with probes.COUNTERS[request["count"]]() as count:
            value = function(*args, **request["kwargs"])
        reply: dict[str, Any] = {"value": self._keep(value) if request["keep"] else value, "count": count.number}
        if request["watch"]:
            reply["after"] = args
        return reply

    def _keep(self, value: Any) -> wire.Handle:
        self._kept.append(value)
        return wire.Handle(len(self._kept) - 1, self._life)

    def _revive(self, value: Any) -> Any:
        """The learner's side of what crossed: tensors of PyTorch, the contract's tuples, objects kept."""
        if isinstance(value, wire.Handle):
            return self._kept[value.number]
        if isinstance(value, wire.Tensor):
            return probes.tensor(value.array, value.requires_grad)
        return getattr(self._xor, type(value).__name__)(*value)

    def _described(self, error: BaseException) -> dict[str, Any]:
        """An exception as data; one whose class or text raises in turn is told without them."""
        try:
            return self._description(error)
        except BaseException:  # a learner's class may raise anything when it is looked at
            return {"type": "an exception", "kinds": [], "text": "it cannot be shown", "where": "", "hidden": None}

    def _description(self, error: BaseException) -> dict[str, Any]:
        """An exception's classes, its text, and the learner's line that it passed last."""
        places = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
        if isinstance(error, SyntaxError):
            places.append((error.filename or "", error.lineno or 1))
        own = [place for file, line in places if file in self._own_files and (place := self._place(file, line))]
        kinds = [kind.__name__ for kind in type(error).__mro__ if vars(builtins).get(kind.__name__) is kind]
        return {
            "type": type(error).__name__,
            "kinds": kinds,
            "text": (error.msg if isinstance(error, SyntaxError) else str(error))[:MAX_TEXT],
            "where": own[-1] if own else "",
            "hidden": getattr(error, "name", None) if isinstance(error, ImportError) else None,
        }

    def _place(self, file: str, line: int) -> str:
        """A line of the learner's own, told by its cell where there is one; empty for what is not theirs."""
        for start, cell, first in reversed(self._places.get(file, [])):
            if line >= start:
                return f"{cell}, line {first + line - start}" if cell else ""
        return f"{self._own_files[file]}, line {line}"


@contextlib.contextmanager
def hidden_modules(names: tuple[str, ...]) -> Iterator[None]:
    """Make the named modules impossible to import for a while, loaded or not."""
    missing = object()
    before = {name: sys.modules.get(name, missing) for name in names}
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]  # None stops an import
    try:
        yield
    finally:
        for name, module in before.items():
            if module is missing:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module  # type: ignore[assignment]


def _module(name: str, source: str, filename: str) -> ModuleType:
    module = ModuleType(name)
    _run(module, source, filename)
    return module


def _run(module: ModuleType, source: str, filename: str) -> None:
    """Run a source as the body of a module, known to tracebacks and debuggers by its file's name."""
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
