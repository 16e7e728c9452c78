"""Helper classes, stage 2: a network is a chain of layers, a measure is an object to be called."""

from dataclasses import astuple, dataclass

import numpy as np
from stage1_relu import relu
from xor import D, Forward, H


@dataclass
class Affine:
    W: np.ndarray
    b: np.ndarray

    def __call__(self, x):
        return np.inner(x, self.W) + self.b


class Network:
    def __init__(self, params):
        self.hidden = Affine(params.W1, params.b1)
        self.output = Affine(params.W2, params.b2)

    def __call__(self, X):
        a1 = self.hidden(X)
        h1 = relu(a1)
        return Forward(f=self.output(h1).reshape(len(X)), a1=a1, h1=h1)


class Measure:
    def __init__(self, of_each):
        self.of_each = of_each

    def __call__(self, f, y):
        if f.shape != y.shape:
            raise Mismatch(f.shape, y.shape)
        return self.of_each(f, y).mean()


class Mismatch(ValueError):
    pass


@dataclass(frozen=True)
class Shapes:
    W1: tuple
    b1: tuple
    W2: tuple
    b2: tuple = ()

    @classmethod
    def of(cls, params):
        return cls(*(np.shape(p) for p in params))

    def unlike(self, other):
        pairs = zip(self.__dataclass_fields__, astuple(self), astuple(other))
        return [name for name, one, two in pairs if one != two]


def affine(x, W, b):
    return Affine(W, b)(x)


def forward(X, params):
    return Network(params)(X)


loss = Measure(lambda f, y: (f - y) ** 2 / 2)
accuracy = Measure(lambda f, y: (f >= 0.5) == y.astype(bool))


def check_shapes(params, d=D, h=H):
    if names := Shapes((h, d), (h,), (1, h)).unlike(Shapes.of(params)):
        raise Mismatch("not of the shape that fits: " + ", ".join(names))
