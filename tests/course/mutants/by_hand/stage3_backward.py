"""Stage 3 as it should not be written: one definition for each known mistake."""

import math

import numpy as np
from stage1_relu import relu, relu_grad
from stage2_forward import accuracy, forward, loss
from stage3_backward import backward, numerical_grad, sgd_step
from xor import Params, init_params, make_xor


def backward__differences_for_chain_rule(X, y, params, out):
    return numerical_grad(X, y, params)


def backward__kept_from_before(X, y, params, out, total={}):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    total["b2"] = total.get("b2", 0.0) + r.sum()
    return Params(da1.T @ X, da1.sum(axis=0), (r @ out.h1)[np.newaxis], np.array(total["b2"]))


def backward__fields_in_other_order(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    dW1, db1, dW2, db2 = da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum()
    return Params(dW1, dW2, db1, db2)


def backward__summed(X, y, params, out):
    r = out.f - y
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__summed_in_part(X, y, params, out):
    r = out.f - y
    n = len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X / n, da1.sum(axis=0), r[np.newaxis] @ out.h1 / n, r.sum())


def backward__averaged_twice(X, y, params, out):
    n = len(y)
    r = (out.f - y) / n
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X / n, da1.mean(axis=0), r[np.newaxis] @ out.h1 / n, r.mean())


def backward__averaged_twice_in_part(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.mean(axis=0), r[np.newaxis] @ out.h1, r.mean())


def backward__half_forgotten(X, y, params, out):
    r = 2 * (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__halved(X, y, params, out):
    r = 0.5 * (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__error_reversed(X, y, params, out):
    r = (y - out.f) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__fixed_batch_size(X, y, params, out):
    r = (out.f - y) / 200
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__divided_by_other_size(X, y, params, out):
    r = (out.f - y) / X.shape[1]
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__slope_forgotten(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__one_at_zero(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2)
    da1[out.a1 < 0] = 0
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__half_at_zero(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * (np.sign(out.a1) + 1) / 2
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__value_for_slope(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__opposite_slope(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2)
    da1[out.a1 > 0] = 0
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__sign_for_slope(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * np.sign(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__output_weights_forgotten(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = r[:, np.newaxis] * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__parameters_by_default(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, init_params().W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__a1_for_h1(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.a1, r.sum())


def backward__slope_for_h1(X, y, params, out):
    r = (out.f - y) / len(y)
    mask = relu_grad(out.a1)
    da1 = np.outer(r, params.W2) * mask
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ mask, r.sum())


def backward__hidden_forgotten(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), np.full(params.W2.shape, r.sum()), r.sum())


def backward__targets_forgotten(X, y, params, out):
    r = out.f / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__error_forgotten(X, y, params, out):
    r = np.ones(len(y)) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__error_squared(X, y, params, out):
    r = (out.f - y) ** 2 / (2 * len(y))
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__error_without_sign(X, y, params, out):
    r = np.abs(out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__sign_of_error(X, y, params, out):
    r = np.sign(out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__decisions_for_scores(X, y, params, out):
    r = ((out.f >= 0.5) - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__sigmoid_added(X, y, params, out):
    r = (out.f - y) * out.f * (1 - out.f) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__one_sample_only(X, y, params, out):
    for n in range(len(y)):
        error = (out.f[n] - y[n]) / len(y)
        back = error * params.W2[0] * relu_grad(out.a1[n])
        dW1, db1 = np.outer(back, X[n]), back
        dW2, db2 = error * out.h1[n : n + 1], np.array(error)
    return Params(dW1, db1, dW2, db2)


def backward__left_at_zero(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, np.zeros_like(params.b1), r[np.newaxis] @ out.h1, r.sum())


def backward__summed_over_units(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=1), r[np.newaxis] @ out.h1, r.sum())


def backward__not_summed(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1, r[np.newaxis] @ out.h1, r)


def backward__error_broadcast(X, y, params, out):
    r = (out.f[:, np.newaxis] - y) / len(y)
    da1 = np.outer(r.sum(axis=1), params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r.T @ out.h1, r.sum())


def backward__weight_decay(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(
        da1.T @ X + 0.01 * params.W1, da1.sum(axis=0), r[np.newaxis] @ out.h1 + 0.01 * params.W2, r.sum()
    )


def backward__clipped(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    grads = Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())
    return Params(*(np.clip(g, -1, 1) for g in grads))


def backward__normalised(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    grads = Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())
    norm = np.linalg.norm(np.concatenate([np.ravel(g) for g in grads]))
    return Params(*(g / norm for g in grads))


def backward__scaled(X, y, params, out):
    r = 0.1 * (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__argument_changed(X, y, params, out):
    r = out.f
    r -= y
    r /= len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__other_container(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum()


def backward__single_precision(X, y, params, out):
    r = ((out.f - y) / len(y)).astype(np.float32)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    grads = da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum()
    return Params(*(np.asarray(g, dtype=np.float32) for g in grads))


def backward__overflows(X, y, params, out):
    r = ((out.f - y) / len(y)).astype(np.float32)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    grads = da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum()
    return Params(*(np.asarray(g, dtype=np.float64) for g in grads))


def backward__digits_lost(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    grads = da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum()
    return Params(*(np.round(g, 5) for g in grads))


def backward__squeezed(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r @ out.h1, r.sum())


def backward__transposed(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(X.T @ da1, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__column(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.T @ np.ones((len(y), 1)), r[np.newaxis] @ out.h1, r.sum())


def backward__row(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0, keepdims=True), r[np.newaxis] @ out.h1, r.sum())


def backward__one_entry(X, y, params, out):
    r = ((out.f - y) / len(y))[:, np.newaxis]
    da1 = r @ params.W2 * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r.T @ out.h1, r.sum(axis=0))


def backward__flattened(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params((da1.T @ X).ravel(), da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__nothing_returned(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__not_a_number(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * (np.log(out.a1) > -np.inf) * out.h1 / np.maximum(out.a1, 0)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__shapes_do_not_fit(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = r @ params.W2 * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def numerical_grad__nothing_moved(X, y, params, eps=1e-6):
    grads = Params(*(np.zeros_like(p) for p in params))
    for p, grad in zip(params, grads, strict=True):
        for i in np.ndindex(p.shape):
            up, down = p.copy(), p.copy()
            up[i] += eps
            down[i] -= eps
            grad[i] = (loss(forward(X, params).f, y) - loss(forward(X, params).f, y)) / (2 * eps)
    return grads


def numerical_grad__chain_rule_for_differences(X, y, params, eps=1e-6):
    return backward(X, y, params, forward(X, params))


def numerical_grad__two_forgotten(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / eps
    return grads


def numerical_grad__one_sided(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    here = loss(forward(X, nudged).f, y)
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            grad[i] = (loss(forward(X, nudged).f, y) - here) / eps
            p[i] = value
    return grads


def numerical_grad__halved(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps / 2
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps / 2
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__not_divided(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = above - below
    return grads


def numerical_grad__multiplied(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / 2 * eps
    return grads


def numerical_grad__last_term_divided(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = above - below / (2 * eps)
    return grads


def numerical_grad__sides_swapped(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value - eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value + eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__without_sign(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = abs(above - below) / (2 * eps)
    return grads


def numerical_grad__summed(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = np.sum((forward(X, nudged).f - y) ** 2 / 2)
            p[i] = value - eps
            below = np.sum((forward(X, nudged).f - y) ** 2 / 2)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__averaged_twice(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps * len(y))
    return grads


def numerical_grad__left_at_zero(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged[:3], grads[:3], strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__not_put_back(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            p[i] += eps
            above = loss(forward(X, nudged).f, y)
            p[i] -= 2 * eps
            below = loss(forward(X, nudged).f, y)
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__all_at_once(X, y, params, eps=1e-6):
    grads = {}
    for name, p in params._asdict().items():
        above = loss(forward(X, params._replace(**{name: p + eps})).f, y)
        below = loss(forward(X, params._replace(**{name: p - eps})).f, y)
        grads[name] = np.full(np.shape(p), (above - below) / (2 * eps))
    return Params(**grads)


def numerical_grad__relative_step(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            step = eps * max(1.0, abs(value))
            p[i] = value + step
            above = loss(forward(X, nudged).f, y)
            p[i] = value - step
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * step)
    return grads


def numerical_grad__eps_ignored(X, y, params, eps=1e-6):
    eps = 1e-6
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__other_default_eps(X, y, params, eps=1e-4):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__argument_changed(X, y, params, eps=1e-6):
    grads = Params(*(np.zeros_like(p) for p in params))
    for p, grad in zip(params, grads, strict=True):
        for i in np.ndindex(p.shape):
            p[i] += eps
            above = loss(forward(X, params).f, y)
            p[i] -= 2 * eps
            below = loss(forward(X, params).f, y)
            p[i] += eps
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__axis_missing(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in range(len(p)):
            value = p[i].copy()
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__tuple_assigned_to(X, y, params, eps=1e-6):
    grads = {}
    for name, p in params._asdict().items():
        grads[name] = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            up, down = p.copy(), p.copy()
            up[i] += eps
            down[i] -= eps
            params.W1 = up
            above = loss(forward(X, params).f, y)
            params.W1 = down
            below = loss(forward(X, params).f, y)
            grads[name][i] = (above - below) / (2 * eps)
    return Params(**grads)


def numerical_grad__other_container(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = {}
    for name, p in nudged._asdict().items():
        grads[name] = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grads[name][i] = (above - below) / (2 * eps)
    return grads


def numerical_grad__flattened(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = []
    for p in nudged:
        slopes = []
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            slopes.append((above - below) / (2 * eps))
        grads.append(np.array(slopes))
    return Params(*grads)


def numerical_grad__digits_lost(X, y, params, eps=1e-6):
    nudged = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = round((above - below) / (2 * eps), 5)
    return grads


def gradient_check__one_number(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return max(float(np.max(np.abs(a - b))) for a, b in zip(one, other, strict=True))


def gradient_check__names_missing(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return [float(np.max(np.abs(a - b))) for a, b in zip(one, other, strict=True)]


def gradient_check__keys_with_d(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {
        f"d{name}": float(np.max(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)
    }


def gradient_check__parameter_missing(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {
        "W1": float(np.max(np.abs(one.W1 - other.W1))),
        "W2": float(np.max(np.abs(one.W2 - other.W2))),
    }


def gradient_check__other_keys(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    names = ("hidden weights", "hidden biases", "output weights", "output bias")
    return {name: float(np.max(np.abs(a - b))) for name, a, b in zip(names, one, other, strict=True)}


def gradient_check__refused(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    largest = {}
    for name, a, b in zip(Params._fields, one, other, strict=True):
        largest[name] = float(np.max(np.abs(a - b)))
        assert largest[name] < 1e-6
    return largest


def gradient_check__nan_lost(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    largest = {}
    for name, a, b in zip(Params._fields, one, other, strict=True):
        largest[name] = 0.0
        for difference in np.abs(a - b).ravel():
            largest[name] = max(largest[name], float(difference))
    return largest


def gradient_check__compared_with_itself(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = backward(X, y, params, forward(X, params))
    return {name: float(np.max(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__signed(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: float(abs(np.max(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__sizes_compared(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {
        name: abs(float(np.max(np.abs(a))) - float(np.max(np.abs(b))))
        for name, a, b in zip(Params._fields, one, other, strict=True)
    }


def gradient_check__one_for_all(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    largest = max(float(np.max(np.abs(a - b))) for a, b in zip(one, other, strict=True))
    return dict.fromkeys(Params._fields, largest)


def gradient_check__mean_for_largest(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: float(np.mean(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__sum_for_largest(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: float(np.sum(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__norm_for_largest(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: float(np.linalg.norm(a - b)) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__squared(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: float(np.max((a - b) ** 2)) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__relative(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {
        name: float(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b)))
        for name, a, b in zip(Params._fields, one, other, strict=True)
    }


def gradient_check__smallest(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: float(np.min(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__eps_ignored(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params)
    return {name: float(np.max(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__other_default_eps(X, y, params, eps=1e-4):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: float(np.max(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__zero_d_for_float(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: np.array(np.max(np.abs(a - b))) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__array_for_float(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: np.abs(a - b) for name, a, b in zip(Params._fields, one, other, strict=True)}


def gradient_check__integer_for_float(X, y, params, eps=1e-6):
    one = backward(X, y, params, forward(X, params))
    other = numerical_grad(X, y, params, eps)
    return {name: np.allclose(a, b) for name, a, b in zip(Params._fields, one, other, strict=True)}


def sgd_step__ascent(params, grads, lr):
    return Params(*(p + lr * g for p, g in zip(params, grads, strict=True)))


def sgd_step__lr_ignored(params, grads, lr):
    return Params(*(p - g for p, g in zip(params, grads, strict=True)))


def sgd_step__lr_squared(params, grads, lr):
    steps = [lr * g for g in grads]
    return Params(*(p - lr * step for p, step in zip(params, steps, strict=True)))


def sgd_step__divided_by_lr(params, grads, lr):
    return Params(*(p - g / lr for p, g in zip(params, grads, strict=True)))


def sgd_step__step_returned(params, grads, lr):
    return Params(*(-lr * g for g in grads))


def sgd_step__gradients_returned(params, grads, lr):
    return Params(*grads)


def sgd_step__nothing_moved(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p = p - lr * g
    return params


def sgd_step__biases_not_moved(params, grads, lr):
    return params._replace(W1=params.W1 - lr * grads.W1, W2=params.W2 - lr * grads.W2)


def sgd_step__one_not_moved(params, grads, lr):
    return params._replace(
        W1=params.W1 - lr * grads.W1, b1=params.b1 - lr * grads.b1, W2=params.W2 - lr * grads.W2
    )


def sgd_step__roles_swapped(params, grads, lr):
    return Params(*(g - lr * p for p, g in zip(params, grads, strict=True)))


def sgd_step__parentheses_misplaced(params, grads, lr):
    return Params(*((p - lr) * g for p, g in zip(params, grads, strict=True)))


def sgd_step__parameters_scaled(params, grads, lr):
    return Params(*(lr * (p - g) for p, g in zip(params, grads, strict=True)))


def sgd_step__normalised(params, grads, lr):
    norm = math.sqrt(sum(np.sum(g**2) for g in grads))
    return Params(*(p - lr * g / norm for p, g in zip(params, grads, strict=True)))


def sgd_step__signs_only(params, grads, lr):
    return Params(*(p - lr * np.sign(g) for p, g in zip(params, grads, strict=True)))


def sgd_step__clipped(params, grads, lr):
    return Params(*(p - lr * np.clip(g, -1, 1) for p, g in zip(params, grads, strict=True)))


def sgd_step__momentum(params, grads, lr, velocity=[0.0] * 4):
    for k, g in enumerate(grads):
        velocity[k] = 0.9 * velocity[k] + g if np.shape(velocity[k]) == np.shape(g) else g
    return Params(*(p - lr * v for p, v in zip(params, velocity, strict=True)))


def sgd_step__weight_decay(params, grads, lr):
    return Params(*(p - lr * (g + 1e-4 * p) for p, g in zip(params, grads, strict=True)))


def sgd_step__drifting_rate(params, grads, lr, calls=[]):
    rate = lr * 0.99 ** len(calls)
    calls.append(rate)
    return Params(*(p - rate * g for p, g in zip(params, grads, strict=True)))


def sgd_step__another_rate(params, grads, lr):
    return Params(*(p - lr / 2 * g for p, g in zip(params, grads, strict=True)))


def sgd_step__argument_changed(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p -= lr * g
    return params


def sgd_step__other_container(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads, strict=True)]


def sgd_step__single_precision(params, grads, lr):
    return Params(*(np.array(p - lr * g, dtype=np.float32) for p, g in zip(params, grads, strict=True)))


def sgd_step__nothing_returned(params, grads, lr):
    params = Params(*(p - lr * g for p, g in zip(params, grads, strict=True)))


def sgd_step__tuple_assigned_to(params, grads, lr):
    params.W1 = params.W1 - lr * grads.W1
    params.b1 = params.b1 - lr * grads.b1
    params.W2 = params.W2 - lr * grads.W2
    params.b2 = params.b2 - lr * grads.b2
    return params


def train__nothing_returned(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    print(history["loss"][-1])


def train__swapped(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return history, params


def train__one_of_two(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return history


def train__other_than_a_pair(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return [params, history]


def train__arrays_for_lists(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, {key: np.array(values) for key, values in history.items()}


def train__key_missing(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__list_empty(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__one_entry_more(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for epoch in range(epochs + 1):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        if epoch < epochs:
            params = sgd_step(params, grads, lr)
    return params, history


def train__one_entry_less(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(1, epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__not_every_epoch(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for epoch in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        if epoch % 10 == 0:
            history["loss"].append(loss(out.f, y))
            history["accuracy"].append(accuracy(out.f, y))
            history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
            history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__epochs_ignored(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(1000):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__other_default_epochs(X, y, params, lr=0.1, epochs=500):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__stopped_early(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
        if history["loss"][-1] < 0.05:
            break
    return params, history


def train__went_on(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    while len(history["loss"]) < epochs or history["loss"][-1] > 0.02:
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__never_stepped(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        sgd_step(params, grads, lr)
    return params, history


def train__forward_once(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    out = forward(X, params)
    for _ in range(epochs):
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__gradients_once(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    grads = backward(X, y, params, forward(X, params))
    for _ in range(epochs):
        out = forward(X, params)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__ascent(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, -lr)
    return params, history


def train__lr_ignored(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, 0.1)
    return params, history


def train__other_default_lr(X, y, params, lr=0.01, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__lr_decay(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for epoch in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr / (1 + epoch / 100))
    return params, history


def train__momentum(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    velocity = Params(*(np.zeros_like(p) for p in params))
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        velocity = Params(*(0.9 * v + g for v, g in zip(velocity, grads, strict=True)))
        params = sgd_step(params, velocity, lr)
    return params, history


def train__accumulated(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    total = Params(*(np.zeros_like(p) for p in params))
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        total = Params(*(a + b for a, b in zip(total, grads, strict=True)))
        params = sgd_step(params, total, lr)
    return params, history


def train__summed(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr * len(y))
    return params, history


def train__averaged_twice(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr / len(y))
    return params, history


def train__lr_squared(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        step = Params(*(lr * g for g in grads))
        params = sgd_step(params, step, lr)
    return params, history


def train__biases_frozen(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = params._replace(W1=params.W1 - lr * grads.W1, W2=params.W2 - lr * grads.W2)
    return params, history


def train__partly_frozen(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)._replace(b2=params.b2)
    return params, history


def train__output_moved_first(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = params._replace(W2=params.W2 - lr * grads.W2, b2=params.b2 - lr * grads.b2)
        hidden = backward(X, y, params, out)
        params = params._replace(W1=params.W1 - lr * hidden.W1, b1=params.b1 - lr * hidden.b1)
    return params, history


def train__step_for_each_sample(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        for n in range(len(y)):
            x, target = X[n : n + 1], y[n : n + 1]
            params = sgd_step(params, backward(x, target, params, forward(x, params)), lr)
    return params, history


def train__mini_batches(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for epoch in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        order = np.random.default_rng(epoch).permutation(len(y))
        for at in range(0, len(y), 32):
            batch = order[at : at + 32]
            out = forward(X[batch], params)
            params = sgd_step(params, backward(X[batch], y[batch], params, out), lr)
    return params, history


def train__one_sample_an_epoch(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for epoch in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        n = np.random.default_rng(epoch).integers(len(y))
        x, target = X[n : n + 1], y[n : n + 1]
        params = sgd_step(params, backward(x, target, params, forward(x, params)), lr)
    return params, history


def train__weight_decay(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        shrunk = grads._replace(W1=grads.W1 + 0.01 * params.W1, W2=grads.W2 + 0.01 * params.W2)
        params = sgd_step(params, shrunk, lr)
    return params, history


def train__clipped(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        short = Params(*(np.clip(g, -1, 1) for g in grads))
        params = sgd_step(params, short, lr)
    return params, history


def train__normalised(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr / history["grad_norm"][-1])
    return params, history


def train__wrong_gradients(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        r = (out.f - y) / len(y)
        da1 = np.outer(r, params.W2)
        params = sgd_step(params, grads._replace(W1=da1.T @ X, b1=da1.sum(axis=0)), lr)
    return params, history


def train__params_ignored(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    params = init_params(X.shape[1], len(params.b1))
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__data_ignored(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    X, y = make_xor()
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__recorded_after_step(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        params = sgd_step(params, grads, lr)
        out = forward(X, params)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
    return params, history


def train__loss_without_half(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(float(np.mean((out.f - y) ** 2)))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__loss_summed(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(float(np.sum((out.f - y) ** 2) / 2))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__half_left_out(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(float(np.mean((out.f > 0.5) == y)))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__error_rate(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(float(np.mean((out.f >= 0.5) != y)))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__accuracy_in_percent(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(100 * accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__threshold_at_zero(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(float(np.mean((out.f > 0) == y)))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__norm_squared(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(float(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__norms_added(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(float(sum(np.linalg.norm(g) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__norm_of_some(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(float(np.sqrt(np.sum(grads.W1**2) + np.sum(grads.W2**2))))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__other_norm(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(max(float(np.max(np.abs(g))) for g in grads))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__norm_averaged(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(np.mean(np.concatenate([np.ravel(g) for g in grads]) ** 2)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__norm_of_step(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(lr * math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__norm_of_parameters(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(p**2) for p in params)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__active_at_zero(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 >= 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__always_active(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.h1 >= 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__active_of_units(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(np.all(out.a1 > 0, axis=0))))
        params = sgd_step(params, grads, lr)
    return params, history


def train__inactive_fraction(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.h1 == 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__active_counted(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.sum(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__values_averaged(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.h1)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__backward_wrong(X, y, params, lr=0.1, epochs=1000):
    global backward

    def backward(X, y, params, out):
        r = (out.f - y) / len(y)
        da1 = np.outer(r, params.W2) * relu_grad(out.a1)
        return Params(2 * da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())

    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__sgd_step_wrong(X, y, params, lr=0.1, epochs=1000):
    global sgd_step

    def sgd_step(params, grads, lr):
        return params._replace(W1=params.W1 - lr * grads.W1, W2=params.W2 - lr * lr * grads.W2)

    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__best_returned(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    best = math.inf, params
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
        reached = loss(forward(X, params).f, y)
        best = min(best, (reached, params), key=lambda pair: pair[0])
    return best[1], history


def train__start_returned(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    start = params
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return start, history


def train__last_step_lost(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        before, params = params, sgd_step(params, grads, lr)
    return before, history


def train__one_step_more(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    last = backward(X, y, params, forward(X, params))
    return sgd_step(params, last, lr), history


def train__not_a_plain_step(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
        params = params._replace(b1=np.minimum(params.b1, 0.5))
    return params, history


def train__argument_changed(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        for p, g in zip(params, grads, strict=True):
            p -= lr * g
    return params, history


def train__zero_d_for_float(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(np.array(loss(out.f, y)))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__integer_for_float(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(int(accuracy(out.f, y)))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__digits_lost(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(round(loss(out.f, y), 4))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history


def train__single_precision(X, y, params, lr=0.1, epochs=1000):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(math.sqrt(sum(np.sum(g**2) for g in grads)))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return Params(*(np.asarray(p, dtype=np.float32) for p in params)), history
