"""Helper classes, stage 4."""

import numpy as np
import torch
from torch.nn import functional
from xor import Forward, Params


class Layer:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def __call__(self, x):
        return functional.linear(x, self.W) + self.b


class SquaredError:
    def __call__(self, f, y):
        self.same_shape(f, y)
        return functional.mse_loss(f, y, reduction="mean").mul(0.5)

    @staticmethod
    def same_shape(one, other):
        if one.shape != other.shape:
            raise ValueError(f"{[*one.shape]} is not {[*other.shape]}")


class Gap(SquaredError):
    def __call__(self, array, tensor):
        tensor = torch.Tensor.numpy(tensor.detach())
        self.same_shape(array, tensor)
        return np.linalg.norm(np.subtract(array, tensor).ravel(), ord=np.inf)


def to_torch(params):
    return Params(*(torch.from_numpy(p.copy()) for p in params))


def forward(X, params):
    a1 = Layer(params.W1, params.b1)(X)
    h1 = functional.relu(a1)
    return Forward(Layer(params.W2, params.b2)(h1).squeeze(1), a1, h1)


loss, agreement = SquaredError(), Gap()
