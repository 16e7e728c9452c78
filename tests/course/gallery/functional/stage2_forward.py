"""Pure functions composed, stage 2: reductions and selections, not a single index."""

import operator
from functools import partial, reduce
from itertools import compress, starmap

import numpy as np
from stage1_relu import composed, relu
from xor import D, Forward, H

plus = lambda b: partial(operator.add, b)
times = lambda W: partial(np.inner, W)
turned = np.ndarray.transpose


def affine(x, W, b):
    return composed(times(W), turned, plus(b))(x)


def forward(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(composed(times(params.W2), np.ravel, plus(params.b2))(h1), a1, h1)


def loss(f, y):
    if operator.ne(*map(np.shape, (f, y))):
        raise ValueError("unlike shapes")
    return reduce(operator.truediv, (np.vdot(f - y, f - y), 2, len(f)))


def accuracy(f, y):
    right = starmap(operator.eq, zip(np.greater_equal(f, 0.5), map(bool, y)))
    return operator.truediv(sum(right), len(y))


def check_shapes(params, d=D, h=H):
    unlike = map(operator.ne, map(np.shape, params), ((h, d), (h,), (1, h), ()))
    if names := tuple(compress(params._fields, unlike)):
        raise ValueError(names)
