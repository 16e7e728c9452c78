"""The wire's encoding: whatever a learner's object is, it costs its own side, and no method of its is trusted."""

import contextlib
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import values_of_the_wire as vw
from transports import DOUBLE, in_this_process
from values_of_the_wire import Pair, crossed

from grader import wire
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer
from grader.wire import Malformed, Opaque, values

CUT = [
    (object(), "object"),
    (set(), "set"),
    (np.ma.masked_array([1.0, 2.0], mask=[True, False]), "MaskedArray"),
    (np.array(["a"]), "str"),
    (np.array([object()]), "object"),
    (np.zeros(2, "M8[s]"), "datetime64"),
    (np.zeros(2, [("a", "f8")]), "void"),
    (np.zeros((1,) * 33), "shape (1, 1, 1"),
    (np.zeros((0, 2**26)), "shape (0, 67108864)"),
    (np.str_("a"), "str_"),
    ({1: 2}, "keys that are not strings"),
    (10**5000, "too many digits"),
    (torch.ones(2, dtype=torch.bfloat16), "bfloat16"),
    (torch.ones(2).to_sparse(), "Tensor"),
    (torch.ones(2, device="meta"), "Tensor"),
    ([0] * (values.MAX_VALUES + 1), "list of 100001 entries"),
    ([0.0] * (values.MAX_VALUES + 1), "list of 100001 entries"),
]


@pytest.mark.parametrize(("value", "shown"), CUT, ids=[shown for _, shown in CUT])
def test_what_is_not_carried_crosses_by_its_types_name(value: Any, shown: str) -> None:
    """What is no plain data, or too much, arrives as the name of its type; its neighbours arrive whole."""
    got, neighbour = crossed([value, 1])
    assert isinstance(got, Opaque)
    assert shown in got.type_name
    assert neighbour == 1


@pytest.mark.parametrize(
    "claims",
    [
        np.broadcast_to(np.float64(1), (2**20, 2**20)),
        np.lib.stride_tricks.as_strided(np.zeros(1), (2**40,), (0,)),
        np.broadcast_to(np.zeros(1, ">f8"), (2**15, 2**15)),
        torch.zeros(1).expand(2**20, 2**20),
        torch.zeros(1, dtype=torch.complex64).expand(2**24),
    ],
    ids=["broadcast", "strided", "byte-swapped", "expanded tensor", "complex tensor"],
)
def test_a_view_that_claims_gigabytes_is_told_by_its_shape(claims: Any) -> None:
    """A few bytes that claim to be gigabytes are made contiguous by nobody."""
    with vw.memory_below(2**20):
        message = wire.encode(claims)
    assert len(message) < 200
    assert "shape" in wire.decode(message).type_name


def test_subclasses_become_plain() -> None:
    """An object that pretends loses its pretence, and no method of its class is asked."""
    got = crossed([hostile(kind)(value) for kind, value in PLAIN] + [np.ones(2).view(hostile(np.ndarray))])
    assert vw.same(got, [value for _, value in PLAIN] + [np.ones(2)])


PLAIN: list[tuple[type, Any]] = [
    (float, 1.5),
    (int, 7),
    (str, "a\N{GREEK SMALL LETTER PI}"),
    (bytes, b"abc"),
    (list, [1.0, 2.0]),
    (list, [1, None]),
    (tuple, (1, 2)),
    (dict, {"a": 1}),
    (OrderedDict, {"a": 1}),
    (np.float64, np.float64(0.5)),
    (np.float32, np.float32(0.5)),
]


def hostile(kind: type) -> type:
    """A subclass of `kind` that ends its process in every method that an encoder might call."""

    def end(*args: Any, **kwargs: Any) -> Any:
        raise SystemExit

    special = [
        *("len", "iter", "getitem", "contains", "reversed", "length_hint", "array", "array_interface", "bytes"),
        *("array_struct", "array_ufunc", "array_function", "array_wrap", "repr", "str", "format", "float", "int"),
        *("index", "bool", "hash", "eq", "lt", "complex", "reduce_ex", "buffer", "getattr", "copy"),
    ]
    ordinary = ("keys", "items", "values", "get", "copy", "encode", "tobytes", "view", "astype", "tolist", "item")
    body: dict[str, Any] = {f"__{name}__": end for name in special}
    body |= dict.fromkeys(ordinary, end) | {"__class__": property(end)}
    return type("Hostile", (kind,), body)


class Raising(type):
    """A metaclass whose classes have no name, no order and no hash."""

    @property
    def __name__(cls) -> Any:
        raise SystemExit

    @property
    def _fields(cls) -> Any:
        raise SystemExit

    def __eq__(cls, other: object) -> bool:
        raise KeyError

    def __hash__(cls) -> int:
        raise RecursionError


class Nameless(type):
    """A metaclass whose classes' names are numbers."""

    __name__ = 5  # type: ignore[assignment]


class Fieldless(type):
    """A metaclass that says of a tuple what it likes."""

    _fields = property(lambda cls: sys.exit())


class TensorOfItsOwn(torch.Tensor):
    """A tensor that ends its process when it is worked with."""

    @classmethod
    def __torch_function__(cls, *args: Any, **kwargs: Any) -> Any:
        raise SystemExit


@pytest.mark.parametrize(
    "made",
    [
        lambda: Raising("Raising", (), {})(),
        lambda: Fieldless("Fieldless", (tuple,), {})((1, 2)),
        lambda: torch.ones(2).as_subclass(TensorOfItsOwn),
    ],
    ids=["hash of a class", "fields of a class", "tensor"],
)
def test_what_a_class_raises_while_it_is_sent_is_malformed(made: Callable[[], Any]) -> None:
    """Where a learner's code runs while its object is sent, SystemExit too is an error of that call."""
    with pytest.raises(Malformed, match="cannot be sent"):
        wire.encode(made())


def test_a_ctrl_c_while_sending_goes_through() -> None:
    """A learner who stops the suites in their own process is obeyed."""
    stopping = type("Stopping", (type,), {"__hash__": lambda cls: (_ for _ in ()).throw(KeyboardInterrupt)})
    with pytest.raises(KeyboardInterrupt):
        wire.encode(stopping("Stopped", (), {})())


def test_names_of_types_are_texts() -> None:
    """The name of a type is a bounded text, whatever its metaclass says."""
    assert crossed(Nameless("Named", (), {})()) == Opaque("Named")
    assert crossed(type("N" * 10_000, (), {})()) == Opaque("N" * 200)
    assert crossed(Opaque("\ud800")) == Opaque("?")
    assert crossed(type("\N{GREEK SMALL LETTER PI}" * 200, (), {})()) == Opaque("\N{GREEK SMALL LETTER PI}" * 150)


def test_named_tuples_of_another_length_are_tuples() -> None:
    """A tuple that only claims the fields of a record is a tuple."""
    for entries, arrives in (((1, 2), Pair(1, 2)), ((1,), (1,))):
        assert vw.same(crossed(type("Claims", (tuple,), {"_fields": Pair._fields})(entries)), arrives)


def test_deep_values_cross_cut() -> None:
    """A list in a list in a list, 100,000 levels deep, is cut where it is too deep."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested too deeply" in repr(crossed(deep))


ENDLESS: list[Any] = []
ENDLESS += [ENDLESS, ENDLESS, ENDLESS]
MANY = {"array": np.zeros(2**18), "bytes": b"a" * 2**21, "text": "a" * 2**21}


@pytest.mark.parametrize(
    "value", [ENDLESS, *([one] * 90_000 for one in MANY.values())], ids=["holds itself", *MANY]
)
def test_what_has_no_end_is_malformed(value: Any) -> None:
    """A list that holds itself, or one large thing again and again, is not written to the end."""
    with pytest.raises(Malformed):
        wire.encode(value)


SOURCE = "a" * 2**20 + "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        ("a\ud800b", "a?b"),
        ({"\udfff": 1}, {"?": 1}),
        (SOURCE, SOURCE),
        ("a" * (values.MAX_TEXT + 9), "a" * values.MAX_TEXT),
        ({np.str_("W1"): 1.0}, {"W1": 1.0}),
    ],
    ids=["surrogate", "surrogate as a key", "source", "longer than any source", "NumPy's string as a key"],
)
def test_texts_are_unicode_and_bounded(value: Any, arrives: Any) -> None:
    """A text that is no Unicode, too long, or NumPy's arrives as a plain one; a source is not cut."""
    assert vw.same(crossed(value), arrives)


def test_what_cannot_be_sent_is_an_error_of_its_call() -> None:
    """A result that cannot be sent is told as what was raised, and the next call is answered."""
    source = "class Meta(type):\n    __hash__ = lambda cls: exit()\nclass Unsent(metaclass=Meta): pass\n"
    with contextlib.closing(
        in_this_process(DOUBLE, f"{source}def double(a):\n    return Unsent() if a else 1.0")
    ) as way:
        way.load()
        impl = Client(way)
        with pytest.raises(NoAnswer, match="double raised Malformed"):
            impl.double(True)
        assert impl.double(False) == 1.0
