"""Stage 4 as people get it wrong: a definition for each known mistake, named after its task and the mistake."""

import numpy as np
import stage2_forward
import torch
from xor import Forward, Params


def to_torch__requires_grad_set(params):
    return Params(*(torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in params))


def to_torch__memory_shared(params):
    return Params(*(torch.from_numpy(p) for p in params))


def to_torch__through_single_precision(params):
    return Params(*(torch.Tensor(p).double() for p in params))


def to_torch__fields_misordered(params):
    W1, b1, W2, b2 = (torch.tensor(p, dtype=torch.float64) for p in params)
    return Params(W1, W2, b1, b2)


def to_torch__converted_together(params):
    return Params(*torch.tensor(params, dtype=torch.float64))


def to_torch__single_precision(params):
    return Params(*(torch.Tensor(p) for p in params))


def to_torch__one_entry(params):
    W1, b1, W2, b2 = params
    return Params(
        torch.tensor(W1), torch.tensor(b1), torch.tensor(W2), torch.tensor([float(b2)], dtype=torch.float64)
    )


def to_torch__column(params):
    W1, b1, W2, b2 = (torch.tensor(p, dtype=torch.float64) for p in params)
    return Params(W1, b1.unsqueeze(1), W2, b2)


def to_torch__transposed(params):
    W1, b1, W2, b2 = (torch.tensor(p, dtype=torch.float64) for p in params)
    return Params(W1.T, b1, W2.T, b2)


def to_torch__squeezed(params):
    return Params(*(torch.tensor(p, dtype=torch.float64).squeeze() for p in params))


def to_torch__flattened(params):
    return Params(*(torch.tensor(p, dtype=torch.float64).flatten() for p in params))


def to_torch__row(params):
    W1, b1, W2, b2 = (torch.tensor(p, dtype=torch.float64) for p in params)
    return Params(W1, b1[None], W2, b2)


def to_torch__float_for_array(params):
    W1, b1, W2, b2 = params
    return Params(torch.tensor(W1), torch.tensor(b1), torch.tensor(W2), float(b2))


def to_torch__list_for_array(params):
    return Params(*(p.tolist() for p in params))


def to_torch__array_for_tensor(params):
    return Params(*(p.astype(np.float64).copy() for p in params))


def to_torch__other_container(params):
    return [torch.tensor(p, dtype=torch.float64) for p in params]


def to_torch__nothing_returned(params):
    Params(*(torch.tensor(p, dtype=torch.float64) for p in params))


def forward__fields_swapped(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, h1, a1)


def forward__a1_after_relu(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = a1.relu_()
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__relu_forgotten(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = a1
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__b1_forgotten(X, params):
    a1 = X @ params.W1.T
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__b2_forgotten(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0]
    return Forward(f, a1, h1)


def forward__sigmoid_added(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = torch.sigmoid(h1 @ params.W2[0] + params.b2)
    return Forward(f, a1, h1)


def forward__f_as_column(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2.T + params.b2
    return Forward(f, a1, h1)


def forward__f_broadcast(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2.T + params.b2 * torch.ones(len(X), dtype=torch.float64)
    return Forward(f, a1, h1)


def forward__f_of_no_axis(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = (h1 @ params.W2.T + params.b2).squeeze()
    return Forward(f, a1, h1)


def forward__other_activation(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.nn.functional.leaky_relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__maximum_over_samples(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.max(a1, 0).values
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__number_for_tensor(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.maximum(a1, 0.0)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__f_of_pre_activations(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = a1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__scores_alone(X, params):
    h1 = torch.relu(X @ params.W1.T + params.b1)
    return h1 @ params.W2[0] + params.b2


def forward__fields_misordered(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(a1, h1, f)


def forward__graph_always(X, params):
    W1, b1, W2, b2 = (p if p.requires_grad else p.clone().requires_grad_() for p in params)
    a1 = X @ W1.T + b1
    h1 = torch.relu(a1)
    f = h1 @ W2[0] + b2
    return Forward(f, a1, h1)


def forward__graph_never(X, params):
    with torch.no_grad():
        a1 = X @ params.W1.T + params.b1
        h1 = torch.relu(a1)
        f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__f_cut_off(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f.detach(), a1, h1)


def forward__h1_cut_off(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1.data)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__a1_cut_off(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1.detach().clone(), h1)


def forward__h1_cut_off_inside(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1.detach() @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__copies_differentiated(X, params):
    W1, b1, W2, b2 = (p.detach().clone().requires_grad_(p.requires_grad) for p in params)
    a1 = X @ W1.T + b1
    h1 = torch.relu(a1)
    f = h1 @ W2[0] + b2
    return Forward(f, a1, h1)


def forward__some_cut_off(X, params):
    a1 = X @ params.W1.data.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2.data[0] + params.b2
    return Forward(f, a1, h1)


def forward__array_for_tensor(X, params):
    W1, b1, W2, b2 = (p.detach().numpy() for p in params)
    return stage2_forward.forward(X.numpy(), Params(W1, b1, W2, b2))


def forward__numpy_of_a_graph(X, params):
    out = stage2_forward.forward(X.numpy(), Params(*(p.numpy() for p in params)))
    return Forward(*(torch.tensor(part) for part in out))


def forward__dtypes_mixed(X, params):
    a1 = X.float() @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__single_precision(X, params):
    W1, b1, W2, b2 = (p.float() for p in params)
    a1 = X.float() @ W1.T + b1
    h1 = torch.relu(a1)
    f = h1 @ W2[0] + b2
    return Forward(f, a1, h1)


def forward__digits_lost(X, params):
    W1, b1, W2, b2 = (p.float() for p in params)
    a1 = X.float() @ W1.T + b1
    h1 = torch.relu(a1)
    f = h1 @ W2[0] + b2
    return Forward(f.double(), a1.double(), h1.double())


def forward__shapes_do_not_fit(X, params):
    a1 = X @ params.W1 + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__arrays_and_tensors_mixed(X, params):
    a1 = torch.matmul(X.numpy(), params.W1.T) + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return Forward(f, a1, h1)


def forward__tuple_assigned_to(X, params):
    out = Forward(None, X @ params.W1.T + params.b1, None)
    out.h1 = torch.relu(out.a1)
    out.f = out.h1 @ params.W2[0] + params.b2
    return out


def forward__other_container(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    f = h1 @ params.W2[0] + params.b2
    return f, a1, h1


def loss__summed(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.sum(0.5 * (f - y) ** 2)


def loss__half_forgotten(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.nn.functional.mse_loss(f, y)


def loss__absolute_error(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.nn.functional.l1_loss(f, y)


def loss__root_taken(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.sqrt(torch.mean((f - y) ** 2))


def loss__loss_of_decisions(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * ((f >= 0.5).double() - y) ** 2)


def loss__cross_entropy(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.nn.functional.binary_cross_entropy_with_logits(f, y)


def loss__averaged_before_square(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return 0.5 * torch.mean(f - y) ** 2


def loss__not_averaged(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return 0.5 * (f - y) ** 2


def loss__graph_lost(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.tensor(stage2_forward.loss(f.detach().numpy(), y.numpy()), dtype=torch.float64)


def loss__copy_differentiated(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    f = f.detach().clone().requires_grad_()
    return torch.mean(0.5 * (f - y) ** 2)


def loss__shapes_not_compared(f, y):
    return torch.mean(0.5 * (f - y) ** 2)


def loss__axes_compared(f, y):
    if f.dim() != y.dim():
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * (f - y) ** 2)


def loss__lengths_compared(f, y):
    if f.shape[0] != y.shape[0]:
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * (f - y) ** 2)


def loss__sizes_compared(f, y):
    if f.numel() != y.numel():
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * (f - y) ** 2)


def loss__last_axes_compared(f, y):
    if f.shape[-1:] != y.shape[-1:]:
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * (f - y) ** 2)


def loss__one_shape_looked_at(f, y):
    if f.dim() > 1:
        raise ValueError("f must be (N,)")
    return torch.mean(0.5 * (f - y) ** 2)


def loss__answered_not_refused(f, y):
    if f.shape != y.shape:
        return torch.tensor(float("nan"), dtype=torch.float64)
    return torch.mean(0.5 * (f - y) ** 2)


def loss__some_shapes_let_through(f, y):
    if f.shape != y.shape and y.dim() < 2 and len(f) > 1:
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * (f.sum() - y.sum()) ** 2) if f.shape != y.shape else torch.mean(0.5 * (f - y) ** 2)


def loss__float_for_array(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * (f - y) ** 2).item()


def loss__one_entry(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.mean(0.5 * (f - y) ** 2, dim=0, keepdim=True)


def loss__other_exception(f, y):
    assert f.shape == y.shape
    return torch.mean(0.5 * (f - y) ** 2)


def loss__array_for_tensor(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return np.array(np.mean(0.5 * (f.detach().numpy() - y.numpy()) ** 2))


def agreement__array_minus_tensor(array, tensor):
    if array.shape != tuple(tensor.shape):
        raise ValueError("the shapes differ")
    return float(abs(array - tensor.detach()).max())


def agreement__function_of_the_other_library(array, tensor):
    if array.shape != tuple(tensor.shape):
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(torch.tensor(array) - tensor.detach())))


def agreement__not_reduced(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.abs(array - other))


def agreement__signed(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.max(array - other))


def agreement__absolute_of_the_largest(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(abs(np.max(array - other)))


def agreement__maxima_compared(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(abs(np.max(array) - np.max(other)))


def agreement__smallest(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.min(np.abs(array - other)))


def agreement__averaged(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.mean(np.abs(array - other)))


def agreement__summed(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.sum(np.abs(array - other)))


def agreement__squared(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.max((array - other) ** 2))


def agreement__norm(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.linalg.norm(array - other))


def agreement__relative(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(array - other) / (np.abs(array) + 1e-12)))


def agreement__thresholded(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    largest = float(np.max(np.abs(array - other)))
    return largest if largest > 1e-8 else 0.0


def agreement__rounded(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return round(float(np.max(np.abs(array - other))), 6)


def agreement__verdict_for_difference(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return bool(np.allclose(array, other, atol=1e-8))


def agreement__compared_in_single_precision(array, tensor):
    other = tensor.detach().float().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(array.astype(np.float32) - other)))


def agreement__shapes_not_compared(array, tensor):
    return float(np.max(np.abs(array - tensor.detach().numpy())))


def agreement__axes_compared(array, tensor):
    other = tensor.detach().numpy()
    if array.ndim != other.ndim:
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(array - other)))


def agreement__lengths_compared(array, tensor):
    other = tensor.detach().numpy()
    if array.shape[:1] != other.shape[:1]:
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(array - other)))


def agreement__sizes_compared(array, tensor):
    return float(np.max(np.abs(array - tensor.detach().numpy().reshape(array.shape))))


def agreement__last_axes_compared(array, tensor):
    other = tensor.detach().numpy()
    if array.shape[-1:] != other.shape[-1:]:
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(array - other)))


def agreement__some_shapes_let_through(array, tensor):
    other = tensor.detach().numpy()
    if array.ndim > 1 and array.shape != other.shape:
        raise ValueError("the array must be flat")
    return float(np.max(np.abs(array - other)))


def agreement__answered_not_refused(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        return float("inf")
    return float(np.max(np.abs(array - other)))


def agreement__zero_d_for_float(array, tensor):
    if array.shape != tuple(tensor.shape):
        raise ValueError("the shapes differ")
    return torch.max(torch.abs(torch.tensor(array) - tensor.detach()))


def agreement__array_for_float(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return np.max(np.abs(array - other), axis=0, initial=0.0) if array.ndim else float(abs(array - other))


def agreement__numpy_of_a_graph(array, tensor):
    other = tensor.numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(array - other)))


def agreement__arrays_and_tensors_mixed(array, tensor):
    if array.shape != tuple(tensor.shape):
        raise ValueError("the shapes differ")
    return float(torch.max(torch.abs(torch.sub(array, tensor))))


def agreement__other_exception(array, tensor):
    other = tensor.detach().numpy()
    assert array.shape == other.shape, "the shapes differ"
    return float(np.max(np.abs(array - other)))


def agreement__norms_compared(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(abs(np.linalg.norm(array) - np.linalg.norm(other)))


def agreement__magnitudes_compared(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return float(np.max(np.abs(np.abs(array) - np.abs(other))))


def agreement__some_left_out(array, tensor):
    other = tensor.detach().numpy()
    if np.shape(array) != other.shape:
        raise ValueError("the shapes differ")
    return (
        max(abs(a - b) for a, b in zip(array[0].flat, other[0].flat)) if array.ndim else float(abs(array - other))
    )


def forward__grad_mode_switched(X, params):
    torch.set_grad_enabled(any(p.requires_grad for p in params))
    a1 = X @ params.W1.T + params.b1
    h1 = torch.relu(a1)
    return Forward(h1 @ params.W2[0] + params.b2, a1, h1)


def loss__linear_far_out(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.nn.functional.smooth_l1_loss(f, y)


def loss__probabilities_wanted(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.nn.functional.binary_cross_entropy(f, y)
