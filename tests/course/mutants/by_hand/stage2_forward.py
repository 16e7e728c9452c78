"""Stage 2 as it should not be written: one definition for each known mistake."""

import numpy as np
from stage1_relu import relu
from stage2_forward import affine
from xor import D, Forward, H, Params


def affine__bias_forgotten(x, W, b):
    return x @ W.T


def affine__weights_not_transposed(x, W, b):
    return x @ W + b


def affine__weights_reshaped(x, W, b):
    return x @ W.reshape(W.shape[1], W.shape[0]) + b


def affine__bias_subtracted(x, W, b):
    return x @ W.T - b


def affine__bias_as_column(x, W, b):
    return x @ W.T + b.reshape(-1, 1)


def affine__relu_inside(x, W, b):
    return relu(x @ W.T + b)


def affine__two_inputs_counted_on(x, W, b):
    return np.outer(x[:, 0], W[:, 0]) + np.outer(x[:, 1], W[:, 1]) + b


def affine__transposed(x, W, b):
    return W @ x.T + b[:, None]


def affine__squeezed(x, W, b):
    return np.squeeze(x @ W.T + b)


def affine__sign_flipped(x, W, b):
    return -(x @ W.T + b)


def affine__float_for_array(x, W, b):
    return float(np.sum(x @ W.T + b))


def forward__fields_swapped(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(affine(h1, params.W2, params.b2)[:, 0], h1, a1)


def forward__a1_after_relu(X, params):
    a1 = affine(X, params.W1, params.b1)
    a1[a1 < 0] = 0
    return Forward(affine(a1, params.W2, params.b2)[:, 0], a1, a1)


def forward__relu_forgotten(X, params):
    a1 = affine(X, params.W1, params.b1)
    return Forward(affine(a1, params.W2, params.b2)[:, 0], a1, a1)


def forward__b1_forgotten(X, params):
    a1 = X @ params.W1.T
    h1 = relu(a1)
    return Forward(affine(h1, params.W2, params.b2)[:, 0], a1, h1)


def forward__b2_forgotten(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward((h1 @ params.W2.T)[:, 0], a1, h1)


def forward__sigmoid_added(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(1 / (1 + np.exp(-affine(h1, params.W2, params.b2)[:, 0])), a1, h1)


def forward__f_as_column(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(affine(h1, params.W2, params.b2), a1, h1)


def forward__f_broadcast(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(h1 @ params.W2.T + np.full(len(X), params.b2), a1, h1)


def forward__f_of_no_axis(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(affine(h1, params.W2, params.b2).squeeze(), a1, h1)


def forward__two_inputs_counted_on(X, params):
    a1 = affine(X[:, :2], params.W1[:, :2], params.b1)
    h1 = relu(a1)
    return Forward(affine(h1, params.W2, params.b2)[:, 0], a1, h1)


def forward__rule_for_network(X, params):
    a1 = affine(X, params.W1, params.b1)
    return Forward(np.where(X[:, 0] * X[:, -1] < 0, 1.0, 0.0), a1, relu(a1))


def forward__other_container(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return affine(h1, params.W2, params.b2)[:, 0], a1, h1


def forward__sizes_counted_on(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(affine(h1, params.W2, params.b2).reshape(200), a1, h1)


def forward__not_a_number(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(affine(np.sqrt(a1 - np.abs(a1).max()), params.W2, params.b2)[:, 0], a1, h1)


def forward__digits_lost(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(affine(h1, params.W2, params.b2)[:, 0].round(6), a1, h1)


def loss__summed(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.sum(0.5 * (f - y) ** 2))


def loss__half_forgotten(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.mean((f - y) ** 2))


def loss__fixed_number_of_samples(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.sum(0.5 * (f - y) ** 2) / 200)


def loss__absolute_error(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.mean(np.abs(f - y)))


def loss__root_taken(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.sqrt(np.mean(0.5 * (f - y) ** 2)))


def loss__divided_by_one_less(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.sum(0.5 * (f - y) ** 2) / max(len(y) - 1, 1))


def loss__loss_of_decisions(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.mean(0.5 * ((f >= 0.5) - y) ** 2))


def loss__shapes_not_compared(f, y):
    return float(np.mean(0.5 * (f - y) ** 2))


def loss__right_shapes_refused(f, y):
    if f.shape != y.shape or f.ndim != 2:
        raise ValueError("f and y must be columns")
    return float(np.mean(0.5 * (f - y) ** 2))


def loss__zero_d_for_float(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return np.array(np.mean(0.5 * (f - y) ** 2))


def loss__array_for_float(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return 0.5 * (f - y) ** 2


def loss__other_exception(f, y):
    assert f.shape == y.shape, "f and y differ in shape"
    return float(np.mean(0.5 * (f - y) ** 2))


def accuracy__half_left_out(f, y):
    return float(np.mean((f > 0.5) == (y == 1.0)))


def accuracy__counted(f, y):
    return float(np.sum((f >= 0.5) == (y == 1.0)))


def accuracy__fixed_number_of_samples(f, y):
    return float(np.sum((f >= 0.5) == (y == 1.0)) / 200)


def accuracy__in_percent(f, y):
    return float(np.mean((f >= 0.5) == (y == 1.0)) * 100)


def accuracy__error_rate(f, y):
    return float(np.mean((f >= 0.5) != (y == 1.0)))


def accuracy__threshold_at_zero(f, y):
    return float(np.mean((f > 0) == (y == 1.0)))


def accuracy__scores_compared(f, y):
    return float(np.mean(f == y))


def accuracy__positives_only(f, y):
    return float(np.mean((f >= 0.5) * y))


def accuracy__predictions_only(f, y):
    return float(np.mean(f >= 0.5))


def accuracy__classes_weighed_alike(f, y):
    right = (f >= 0.5) == (y == 1.0)
    return float(np.mean([np.mean(right[y == c]) for c in np.unique(y)]))


def accuracy__rounded(f, y):
    return round(float(np.mean((f >= 0.5) == (y == 1.0))), 2)


def accuracy__scores_rounded(f, y):
    return float(np.mean(np.round(f) == y))


def accuracy__integer_for_float(f, y):
    return sum((f >= 0.5) == (y == 1.0)) // len(y)


def check_shapes__never_refused(params, d=D, h=H):
    wanted = Params((h, d), (h,), (1, h), ())
    for name, array, shape in zip(params._fields, params, wanted, strict=True):
        if np.shape(array) != shape:
            print(f"{name} has a wrong shape")


def check_shapes__first_only(params, d=D, h=H):
    wanted = Params((h, d), (h,), (1, h), ())
    for name, array, shape in zip(params._fields, params, wanted, strict=True):
        if np.shape(array) != shape:
            raise ValueError(f"{name} has a wrong shape")


def check_shapes__sizes_only(params, d=D, h=H):
    sizes = Params(h * d, h, h, 1)
    wrong = [name for name, p, size in zip(params._fields, params, sizes, strict=True) if np.size(p) != size]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__axes_only(params, d=D, h=H):
    axes = Params(2, 1, 2, 0)
    wrong = [name for name, p, ndim in zip(params._fields, params, axes, strict=True) if np.ndim(p) != ndim]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__b2_unchecked(params, d=D, h=H):
    wanted = {"W1": (h, d), "b1": (h,), "W2": (1, h)}
    wrong = [name for name, shape in wanted.items() if np.shape(getattr(params, name)) != shape]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__b2_of_one_entry(params, d=D, h=H):
    wanted = {"W1": (h, d), "b1": (h,), "W2": (1, h)}
    wrong = [name for name, shape in wanted.items() if np.shape(getattr(params, name)) != shape]
    if np.size(params.b2) != 1:
        wrong.append("b2")
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__biases_unchecked(params, d=D, h=H):
    wanted = {"W1": (h, d), "W2": (1, h)}
    wrong = [name for name, shape in wanted.items() if np.shape(getattr(params, name)) != shape]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__flat_w2_accepted(params, d=D, h=H):
    wanted = {"W1": [(h, d)], "b1": [(h,)], "W2": [(1, h), (h,)], "b2": [()]}
    wrong = [name for name, shapes in wanted.items() if np.shape(getattr(params, name)) not in shapes]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__h_of_parameters(params, d=D, h=H):
    h = np.size(params.b1)
    wanted = {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}
    wrong = [name for name, shape in wanted.items() if np.shape(getattr(params, name)) != shape]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__d_ignored(params, d=D, h=H):
    wanted = {"W1": (h, D), "b1": (h,), "W2": (1, h), "b2": ()}
    wrong = [name for name, shape in wanted.items() if np.shape(getattr(params, name)) != shape]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__h_ignored(params, d=D, h=H):
    wanted = {"W1": (H, d), "b1": (H,), "W2": (1, H), "b2": ()}
    wrong = [name for name, shape in wanted.items() if np.shape(getattr(params, name)) != shape]
    if wrong:
        raise ValueError(f"wrong shapes: {wrong}")


def check_shapes__none_named(params, d=D, h=H):
    if [np.shape(p) for p in params] != [(h, d), (h,), (1, h), ()]:
        raise ValueError("a parameter has a wrong shape")


def check_shapes__value_returned(params, d=D, h=H):
    return [np.shape(p) for p in params] == [(h, d), (h,), (1, h), ()]


def check_shapes__too_many_named(params, d=D, h=H):
    shapes = [np.shape(p) for p in params]
    if shapes != [(h, d), (h,), (1, h), ()]:
        raise ValueError(f"W1, b1, W2 and b2 have the shapes {shapes}")


def forward__other_activation(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = 1 / (1 + np.exp(-a1))
    return Forward(affine(h1, params.W2, params.b2)[:, 0], a1, h1)


def forward__fields_misordered(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    return Forward(a1, h1, affine(h1, params.W2, params.b2)[:, 0])


def loss__averaged_twice(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return float(np.mean(0.5 * (f - y) ** 2) / len(f))


def loss__cross_entropy(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    p = np.clip(f, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def accuracy__other_threshold(f, y):
    return float(np.mean((f >= 0.55) == (y == 1.0)))


def accuracy__rounded_before(f, y):
    return float(np.mean((np.round(f, 1) >= 0.5) == (y == 1.0)))


def check_shapes__sizes_swapped(params, h=16, d=2):
    wanted = {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}
    wrong = [name for name, p in params._asdict().items() if np.shape(p) != wanted[name]]
    if wrong:
        raise ValueError(", ".join(wrong))
