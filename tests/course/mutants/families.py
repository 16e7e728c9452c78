"""Names that are easily taken for each other."""

ATTRIBUTES = (
    ("f", "a1", "h1"),
    ("W1", "W2"),
    ("b1", "b2"),
    ("max", "min", "mean", "sum", "median"),
    ("maximum", "minimum"),
    ("abs", "square", "sqrt", "sign"),
    ("outer", "inner"),
    ("zeros_like", "ones_like"),
    ("zeros", "ones", "randn"),
    ("randn", "rand"),
    ("float64", "float32", "int64"),
    ("relu", "sigmoid", "tanh", "abs"),
    ("ReLU", "Sigmoid", "LeakyReLU", "Identity"),
    ("no_grad", "enable_grad"),
    ("SGD", "Adam", "Adagrad"),
    ("cat", "stack"),
    ("step", "zero_grad"),
    ("shape", "size", "ndim"),
    ("detach", "clone"),
    ("double", "float", "long"),
    ("parameters", "buffers"),
    ("append", "extend"),
    ("norm", "sum", "max"),
    ("flatten", "ravel"),
)
"""Attributes and methods by family: each is replaced by the others of each family that holds it."""

NAMES = (
    ("relu", "relu_grad"),
    ("loss", "accuracy"),
    ("D", "H"),
    ("float", "int"),
    ("list", "tuple"),
    ("Params", "Forward"),
    ("forward", "backward"),
    ("backward", "numerical_grad"),
    ("zip", "map"),
)
"""Functions and types by family, where the module knows both."""


def relatives(name: str, families: tuple[tuple[str, ...], ...]) -> list[str]:
    """The names that this one is easily taken for."""
    found = [other for family in families if name in family for other in family if other != name]
    return list(dict.fromkeys(found))
