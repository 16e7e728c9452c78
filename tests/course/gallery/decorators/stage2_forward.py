"""Decorators, stage 2: what a function needs and gives is said above it."""

import functools
import inspect

import numpy as np
import xor
from stage1_relu import lifted, relu

__all__ = ["accuracy", "affine", "check_shapes", "forward", "loss"]


def of_one_shape(function):
    def checked(f, y):
        shapes = {np.shape(f), np.shape(y)}
        if len(shapes) > 1:
            raise ValueError(f"{function.__name__} needs one shape and got {len(shapes)}")
        return function(f, y)

    return checked


def gives(kind):
    def decorator(function):
        @functools.wraps(function)
        def converted(*args, **kwargs):
            return kind(function(*args, **kwargs))

        return converted

    return decorator


@gives(np.array)
def affine(x, W, b):
    return [W.dot(sample) + b for sample in x]


@gives(lambda parts: xor.Forward(*parts))
def forward(X, params):
    hidden = functools.partial(affine, W=params.W1, b=params.b1)
    output = functools.partial(affine, W=params.W2, b=params.b2)
    a1 = hidden(X)
    h1 = relu(a1)
    yield from ([row[0] for row in output(h1)] @ np.eye(len(X)), a1, h1)


@of_one_shape
@gives(float)
def loss(f, y):
    return np.average((f - y) ** 2, weights=np.full(len(y), 0.5)) / 2


@gives(np.float64)
def accuracy(f, y):
    classes = lifted(lambda score: score >= 0.5)(f)
    return np.average(classes == y)


def shape_rule(name):
    def decorator(rule):
        shape_rule.rules[name] = rule
        return rule

    return decorator


shape_rule.rules = {}
shape_rule("W1")(lambda d, h: (h, d))
shape_rule("b1")(lambda d, h: (h,))
shape_rule("W2")(lambda d, h: (1, h))
shape_rule("b2")(lambda d, h: ())


def check_shapes(params, d=inspect.signature(xor.init_params).parameters["d"].default, h=xor.H):
    found = {name: np.asarray(getattr(params, name)).shape for name in shape_rule.rules}
    wrong = filter(lambda name: found[name] != shape_rule.rules[name](d, h), found)
    if text := "\n".join(wrong):
        raise ValueError("these have other shapes than they should:\n" + text)
