"""Where a learner's code runs: one stage is loaded, its functions are called, objects are kept.

The untrusted side of the wire. In marking, a runtime stands in a worker process; in a learner's own `pytest`
it stands in the same process, so that breakpoints and debuggers work. Either way it takes messages and
gives messages, and the suites cannot tell the difference.
"""

import contextlib
import functools
import importlib
import linecache
import sys
from collections.abc import Callable, Collection, Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from grader import wire
from grader.inside import probes, refusals
from grader.inside.cells.sources import sources_of
from grader.inside.counters import COUNTERS
from grader.inside.imports import NOT_NUMPY, Imports
from grader.inside.raised import Sources

Builtins = Callable[[str, str], dict[str, Any]]
"""Gives the builtins of a module with a source, of a file of this name."""


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
    """A stage before the loaded one, as that one imports it.

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
            try:
                own = self._own_module()
            except Exception:  # missing or broken: then the contract's names alone are brought in
                own = ModuleType(self.__name__)
            listed = getattr(own, "__all__", [n for n in vars(own) if not n.startswith("_")])
            return sorted({*listed, *(n for n in self.__dict__ if not n.startswith("_"))})
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._own_module(), name)

    def _own_module(self) -> ModuleType:
        if "_own" not in self.__dict__:
            self.__dict__["_own"] = self.__dict__["_run_own"]()
        return self.__dict__["_own"]  # type: ignore[no-any-return]


class Provided(MetaPathFinder, Loader):
    """Finds given modules and the stages before the loaded one for `import`, and runs each when it is imported."""

    def __init__(self, names: Collection[str], make: Callable[[str], ModuleType]) -> None:
        self._names = names
        self._make = make

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where such a module comes from: from here."""
        return ModuleSpec(fullname, self) if fullname in self._names else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module, run now."""
        return self._make(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to run."""


class Runtime:
    """One stage of one submission, and the objects kept between calls.

    `source_of` gives the learner's own source of an earlier stage, None where there is none; `reference_of` the
    reference for it, its source and the names of its tasks; `printed` what the learner's code printed since it was
    last asked; `to_raise` names exceptions that go through (a learner's own Ctrl-C, where the runtime stands in
    the suites' process).
    """

    def __init__(
        self,
        source_of: Callable[[str], str | None],
        reference_of: Callable[[str], dict[str, Any]],
        printed: Callable[[], str] = str,
        to_raise: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._source_of = source_of
        self._reference_of = reference_of
        self._printed = printed
        self._to_raise = to_raise
        self._life = 0
        self._kept: list[Any] = []
        self._module = ModuleType("nothing_loaded")
        self._records: dict[str, Any] = {}
        self._probes_source = ""
        self._provided = Provided((), ModuleType)
        self._hidden: tuple[str, ...] = ()
        self._imports = Imports(True, (), ())
        self._own: list[dict[str, Any]] = []
        self._replaced: dict[str, ModuleType | None] = {}
        self._sources = Sources({}, {})
        self.last_error: BaseException | None = None

    def answer(self, message: bytes) -> bytes:
        """Carry out one request and pack the reply: a value, or what was raised."""
        request = wire.decode(message, self._revive, self._records)
        reply: dict[str, Any] = {"id": request["id"]}
        try:
            with hidden_modules(self._hidden), refusals.harmless():
                reply |= self._answer_to(request)
        except self._to_raise:
            raise
        except BaseException as error:
            self.last_error = error
            reply["raised"] = self._sources.described(error)
        reply["printed"] = self._printed()
        try:
            return wire.encode(reply, self._records)
        except wire.Malformed as error:
            return wire.encode({"id": request["id"], "raised": self._sources.described(error), "printed": ""})

    def close(self) -> None:
        """Put back the modules that loading a stage replaced."""
        self._provide((), ModuleType)
        for name, module in self._replaced.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        self._replaced.clear()
        refusals.forget(self._own)

    def _answer_to(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["do"] == "load":
            return self._load(request)
        if request["do"] == "forget":
            self._kept[request["number"]] = None
            return {"value": None}
        if request["do"] == "read":
            return {"value": sources_of(request["notebook"])}
        return self._call(request)

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run the stage's module, with the given module and the earlier stages where it can import them."""
        files: dict[str, str] = request["files"]
        self._life = request["life"]
        places = {files[name]: places for name, places in request["places"].items()}
        self._sources = Sources({path: f"{name}.py" for name, path in files.items()}, places)
        self._probes_source = request["probes"]
        earlier: list[str] = request["earlier"]
        self._imports = Imports(
            request["numpy_only"], request["libraries"], [*request["given"], *earlier, request["stage"]]
        )
        if request["numpy_only"]:
            self._hidden = NOT_NUMPY
        else:
            probes.use_one_thread()
            probes.as_at_the_start()
            probes.own_classes()
        with hidden_modules(self._hidden):
            given: dict[str, str] = request["given"]
            self._provide([*given, *earlier], functools.partial(self._provided_module, given, files))
            homes: dict[str, str] = request["records"]
            self._records = {name: getattr(importlib.import_module(home), name) for name, home in homes.items()}
            name = request["stage"]
            module = ModuleType(name)
            self._install(module)
            run = self._run_own if request["is_learners"] else _run
            run(module, request["source"], files[name])
            self._module = module
        return {"value": None}

    def _provide(self, names: Collection[str], make: Callable[[str], ModuleType]) -> None:
        """Have `import` find the modules of these names from now on, and no others."""
        if self._provided in sys.meta_path:
            sys.meta_path.remove(self._provided)
        self._provided = Provided(names, make)
        if names:
            sys.meta_path.insert(0, self._provided)
        for name in names:
            self._replaced.setdefault(name, sys.modules.get(name))
            sys.modules.pop(name, None)

    def _provided_module(self, given: dict[str, str], files: dict[str, str], name: str) -> ModuleType:
        """A given module; or an earlier stage, with the contract's names from the reference."""
        if name in given:
            return _module(name, given[name], f"{name}.py")
        reference = self._reference_of(name)
        whole = _module(name, reference["source"], f"reference {name}.py")
        tasks = {task: getattr(whole, task) for task in reference["tasks"]}
        return EarlierStage(name, tasks, self._runner(name, files))

    def _runner(self, name: str, files: dict[str, str]) -> Callable[[], ModuleType]:
        def run_own() -> ModuleType:
            source = self._source_of(name)
            if source is None:
                raise ModuleNotFoundError(f"{name}.py is missing", name=name)
            module = ModuleType(name)
            self._run_own(module, source, files[name])
            return module

        return run_own

    def _run_own(self, module: ModuleType, source: str, filename: str) -> None:
        """Run a module of the learner's, which imports and does what one may that is marked."""
        _run(module, source, filename, self._builtins)

    def _builtins(self, source: str, filename: str) -> dict[str, Any]:
        """The builtins of a module of the learner's with this source."""
        self._own.append(self._imports.namespace(source, filename))
        refusals.watch(self._own[-1])
        return self._own[-1]

    def _install(self, module: ModuleType) -> ModuleType:
        self._replaced.setdefault(module.__name__, sys.modules.get(module.__name__))
        sys.modules[module.__name__] = module
        return module

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the stage, or a probe of the kit's, and report its value and its arguments."""
        name = request["name"]
        probed: Any = probes if hasattr(probes, name) else self._own_probes
        home = self._module if request["do"] == "call" else probed
        settled = vars(home).get("__settled__", {})  # of cells: with names as they were at the task's check
        function = settled[name] if name in settled else getattr(home, name)
        if not callable(function):
            value = type(function).__name__
            raise probes.Unfit(f"{name} is no function: the name was given a value, of type {value}")
        args = request["args"]
        kwargs = request.get("kwargs", {})
        if what := request.get("count"):
            with (COUNTERS if what in COUNTERS else self._own_probes.COUNTERS)[what]() as count:
                value = function(*args, **kwargs)
            reply = {"value": value, "count": count.number}
        else:
            reply = {"value": function(*args, **kwargs)}
        if request.get("keep"):
            reply["value"] = self._keep(reply["value"])
        if request.get("watch"):
            reply["after"] = args
        return reply

    @functools.cached_property
    def _own_probes(self) -> Any:
        """The course's probes, run when one is first asked for."""
        return _module("probes", self._probes_source, "probes.py")

    def _keep(self, value: Any) -> wire.Handle:
        self._kept.append(value)
        return wire.Handle(len(self._kept) - 1, self._life)

    def _revive(self, value: Any) -> Any:
        """The learner's side of what crossed: tensors of PyTorch, objects kept."""
        if isinstance(value, wire.Handle):
            return self._kept[value.number]
        return probes.tensor(value.array, value.requires_grad)


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


def _run(module: ModuleType, source: str, filename: str, builtins: Builtins | None = None) -> None:
    """Run a source as the body of a module, known to tracebacks and debuggers by its file's name."""
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    code = compile(source, filename, "exec", dont_inherit=True)
    if builtins:
        module.__dict__["__builtins__"] = builtins(source, filename)
    exec(code, module.__dict__)
