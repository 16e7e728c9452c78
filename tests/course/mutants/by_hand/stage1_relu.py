"""Stage 1 as it should not be written: one definition for each known mistake."""

import numpy as np


def relu__absolute(a):
    return np.abs(a)


def relu__identity(a):
    return np.array(a)


def relu__negative_part(a):
    return np.minimum(a, 0)


def relu__slope_for_value(a):
    return (a > 0).astype(a.dtype)


def relu__leaky(a):
    return np.where(a > 0, a, 0.01 * a).astype(a.dtype)


def relu__clipped_above(a):
    return np.clip(a, 0, 6)


def relu__softplus(a):
    return np.log1p(np.exp(-np.abs(a))) + np.maximum(a, 0)


def relu__maximum_of_all(a):
    return max(0.0, np.max(a))


def relu__no_zero_dimensional(a):
    result = np.array(a)
    for i in range(len(a)):
        result[i] = np.maximum(a[i], 0)
    return result


def relu__nothing_returned(a):
    np.maximum(a, 0)


def relu__single_precision(a):
    return np.maximum(a, 0).astype(np.float32)


def relu__double_precision(a):
    return np.maximum(a, 0).astype(np.float64)


def relu__integers_returned(a):
    return np.maximum(a, 0).astype(int)


def relu__list_for_array(a):
    return [x if x > 0 else 0.0 for x in np.ravel(a)]


def relu__argument_changed(a):
    a[a < 0] = 0
    return a


def relu__empty_not_provided_for(a):
    return np.vectorize(lambda x: max(x, 0.0))(a).astype(a.dtype)


def relu__truth_of_an_array(a):
    return a if a > 0 else 0 * a


def relu_grad__one_at_zero(a):
    return (a >= 0).astype(a.dtype)


def relu_grad__half_at_zero(a):
    return np.heaviside(a, 0.5).astype(a.dtype)


def relu_grad__nan_at_zero(a):
    with np.errstate(invalid="ignore", over="ignore"):
        return np.maximum(a, 0) / a


def relu_grad__value_for_slope(a):
    return np.maximum(a, 0)


def relu_grad__sign_for_slope(a):
    return np.sign(a)


def relu_grad__opposite(a):
    return (a < 0).astype(a.dtype)


def relu_grad__tiny_as_zero(a):
    return (a > 1e-8).astype(a.dtype)


def relu_grad__differences_for_slope(a):
    step = 1e-6
    return ((np.maximum(a + step, 0) - np.maximum(a - step, 0)) / (2 * step)).astype(a.dtype)


def relu_grad__jacobian(a):
    return np.diag((a > 0).astype(a.dtype).ravel())


def relu_grad__no_zero_dimensional(a):
    slope = np.zeros_like(a)
    for i in range(len(a)):
        slope[i] = a[i] > 0
    return slope


def relu_grad__booleans_returned(a):
    return a > 0


def relu_grad__flattened(a):
    return np.array([1.0 if x > 0 else 0.0 for x in a.flat], dtype=a.dtype)


def relu__other_activation(a):
    return (1 / (1 + np.exp(-a.astype(np.float64)))).astype(a.dtype)
