"""Pure functions composed, stage 1."""

from functools import partial, reduce

import numpy as np


def composed(*functions):
    """The functions one after the other, the first one first."""
    return lambda value: reduce(lambda so_far, function: function(so_far), functions, value)


above = partial(np.less, 0)
relu_grad = lambda a: composed(above, partial(np.asarray, dtype=a.dtype))(a)
relu = lambda a: np.add(a, np.abs(a)) * a.dtype.type(0.5)
