"""Stage 5 as people get it wrong: a definition for each known mistake, named after its task and the mistake."""

import numpy as np
import stage2_forward
import stage3_backward
import torch
from stage4_torch_forward import forward, loss
from stage5_autograd import leaf_params
from xor import Params


def leaf_params__not_leaves(params):
    return Params(*(torch.tensor(p, dtype=torch.float32, requires_grad=True).double() for p in params))


def leaf_params__requires_grad_forgotten(params):
    return Params(*(torch.tensor(p, dtype=torch.float64) for p in params))


def leaf_params__requires_grad_of_some(params):
    W1, b1, W2, b2 = (torch.tensor(p, dtype=torch.float64) for p in params)
    return Params(W1.requires_grad_(), b1, W2.requires_grad_(), b2)


def leaf_params__requires_grad_called(params):
    return Params(*(torch.tensor(p, dtype=torch.float64).requires_grad(True) for p in params))


def leaf_params__keyword_not_taken(params):
    return Params(*(torch.from_numpy(p, requires_grad=True) for p in params))


def leaf_params__memory_shared(params):
    return Params(*(torch.from_numpy(p).requires_grad_() for p in params))


def leaf_params__through_single_precision(params):
    return Params(*(torch.Tensor(p).double().requires_grad_() for p in params))


def leaf_params__fields_misordered(params):
    W1, b1, W2, b2 = (torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in params)
    return Params(W2=W1, b2=b1, W1=W2, b1=b2)


def leaf_params__single_precision(params):
    return Params(*(torch.Tensor(p).requires_grad_() for p in params))


def leaf_params__one_entry(params):
    return Params(*(torch.tensor(np.atleast_1d(p), dtype=torch.float64, requires_grad=True) for p in params))


def leaf_params__array_for_tensor(params):
    return Params(*(np.array(p, dtype=np.float64) for p in params))


def leaf_params__list_for_array(params):
    W1, b1, W2, b2 = params
    return Params(W1.tolist(), b1.tolist(), W2.tolist(), float(b2))


def leaf_params__tuple_assigned_to(params):
    for name in Params._fields:
        setattr(params, name, torch.tensor(getattr(params, name), requires_grad=True))
    return params


def autograd_grad__name_shadowed(X, y, params):
    leaves = leaf_params(params)
    loss = loss(forward(torch.tensor(X), leaves).f, torch.tensor(y))  # noqa: F823  # the mistake
    loss.backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__array_in_an_operation(X, y, params):
    leaves = leaf_params(params)
    loss(forward(X, leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__array_met_graph(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, y).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__parameters_returned(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.detach().numpy() for leaf in leaves))


def autograd_grad__without_autograd(X, y, params):
    return stage3_backward.backward(X, y, params, stage2_forward.forward(X, params))


def autograd_grad__gradients_accumulated(X, y, params, leaves_of={}):
    key = tuple(p.tobytes() for p in params)
    if key not in leaves_of:
        leaves_of[key] = leaf_params(params)
    leaves = leaves_of[key]
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy().copy() for leaf in leaves))


def autograd_grad__leaves_kept(X, y, params, leaves_of={}):
    leaves = leaves_of.setdefault(params.W1.shape, leaf_params(params))
    for leaf in leaves:
        leaf.grad = None
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy().copy() for leaf in leaves))


def autograd_grad__one_at_zero(X, y, params):
    leaves = W1, b1, W2, b2 = leaf_params(params)
    h1 = (torch.tensor(X) @ W1.T + b1).clamp(min=0)
    loss(h1 @ W2[0] + b2, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__half_at_zero(X, y, params):
    leaves = W1, b1, W2, b2 = leaf_params(params)
    a1 = torch.tensor(X) @ W1.T + b1
    h1 = torch.maximum(a1, torch.zeros_like(a1))
    loss(h1 @ W2[0] + b2, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__summed(X, y, params):
    leaves = leaf_params(params)
    f = forward(torch.tensor(X), leaves).f
    (0.5 * (f - torch.tensor(y)) ** 2).sum().backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__half_forgotten(X, y, params):
    leaves = leaf_params(params)
    f = forward(torch.tensor(X), leaves).f
    torch.nn.functional.mse_loss(f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__averaged_twice(X, y, params):
    leaves = leaf_params(params)
    (loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)) / len(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__descent_direction(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(-leaf.grad.numpy() for leaf in leaves))


def autograd_grad__gradients_of_scores(X, y, params):
    leaves = leaf_params(params)
    forward(torch.tensor(X), leaves).f.sum().backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__clipped(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    torch.nn.utils.clip_grad_norm_(leaves, 0.1)
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__cleared_after(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    grads = Params(*(leaf.grad.numpy() for leaf in leaves))
    for leaf in leaves:
        leaf.grad.zero_()
    return grads


def autograd_grad__fields_misordered(X, y, params):
    W1, b1, W2, b2 = leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in (W1, W2, b1, b2)))


def autograd_grad__tensor_for_array(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad for leaf in leaves))


def autograd_grad__list_for_array(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.tolist() for leaf in leaves))


def autograd_grad__other_container(X, y, params):
    leaves = leaf_params(params)
    return torch.autograd.grad(loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)), leaves)


def autograd_grad__transposed(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy().T for leaf in leaves))


def autograd_grad__single_precision(X, y, params):
    leaves = Params(*(torch.Tensor(p).requires_grad_() for p in params))
    loss(forward(torch.Tensor(X), leaves).f, torch.Tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__dtypes_mixed(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.Tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__arrays_and_tensors_mixed(X, y, params):
    leaves = leaf_params(params)
    a1 = torch.nn.functional.linear(X, leaves.W1, leaves.b1)
    f = torch.relu(a1) @ leaves.W2[0] + leaves.b2
    loss(f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__backward_without_graph(X, y, params):
    leaves = Params(*(torch.tensor(p) for p in params))
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__backward_of_many(X, y, params):
    leaves = leaf_params(params)
    f = forward(torch.tensor(X), leaves).f
    (0.5 * (f - torch.tensor(y)) ** 2).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__backward_twice(X, y, params):
    leaves = leaf_params(params)
    out = loss(forward(torch.tensor(X), leaves).f, torch.tensor(y))
    return Params(*(torch.autograd.grad(out, leaf)[0].numpy() for leaf in leaves))


def autograd_grad__graph_value_overwritten(X, y, params):
    leaves = leaf_params(params)
    error = forward(torch.tensor(X), leaves).f - torch.tensor(y)
    squares = error**2
    error *= 0.5
    (squares.mean() / 2).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__gradient_missing(X, y, params):
    leaves = leaf_params(params)
    copies = Params(*(leaf.clone() for leaf in leaves))
    loss(forward(torch.tensor(X), copies).f, torch.tensor(y)).backward()
    return Params(*(copy.grad.numpy() for copy in copies))


def compare_grads__one_number(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return max(float(np.max(np.abs(m - a))) for _, m, a in named)


def compare_grads__keys_renamed(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {f"d{name}": float(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__some_missing(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named if name.startswith("W")}


def compare_grads__no_dict(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return [float(np.max(np.abs(m - a))) for _, m, a in named]


def compare_grads__one_for_all(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    largest = max(float(np.max(np.abs(m - a))) for _, m, a in named)
    return dict.fromkeys(Params._fields, largest)


def compare_grads__signed(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(m - a)) for name, m, a in named}


def compare_grads__absolute_of_the_largest(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(abs(np.max(m - a))) for name, m, a in named}


def compare_grads__maxima_compared(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(abs(np.max(np.abs(m)) - np.max(np.abs(a)))) for name, m, a in named}


def compare_grads__smallest(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.min(np.abs(m - a))) for name, m, a in named}


def compare_grads__averaged(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.mean(np.abs(m - a))) for name, m, a in named}


def compare_grads__summed(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.sum(np.abs(m - a))) for name, m, a in named}


def compare_grads__squared(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max((m - a) ** 2)) for name, m, a in named}


def compare_grads__norm(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.linalg.norm(m - a)) for name, m, a in named}


def compare_grads__relative(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(m - a)) / (np.max(np.abs(a)) + 1e-12)) for name, m, a in named}


def compare_grads__thresholded(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    largest = {name: float(np.max(np.abs(m - a))) for name, m, a in named}
    return {name: 0.0 if difference < 1e-8 else difference for name, difference in largest.items()}


def compare_grads__rounded(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: round(float(np.max(np.abs(m - a))), 4) for name, m, a in named}


def compare_grads__verdict_for_difference(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: bool(np.allclose(m, a, atol=1e-8, rtol=0.0)) for name, m, a in named}


def compare_grads__compared_in_single_precision(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(np.float32(m) - np.float32(a)))) for name, m, a in named}


def compare_grads__nan_skipped(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.nanmax(np.abs(m - a))) for name, m, a in named}


def compare_grads__nan_lost(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(max(np.abs(m - a).ravel())) for name, m, a in named}


def compare_grads__zero_d_for_float(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: np.array(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__array_for_float(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: np.abs(m - a) for name, m, a in named}


def compare_grads__shapes_not_compared(manual, auto):
    return {name: float(np.max(np.abs(m - a))) for name, m, a in zip(Params._fields, manual, auto, strict=True)}


def compare_grads__axes_compared(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.ndim(m) != np.ndim(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__lengths_compared(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m)[:1] != np.shape(a)[:1]]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__sizes_compared(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.size(m) != np.size(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__b2_unchecked(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if name != "b2" and np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__biases_unchecked(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if name.startswith("W") and np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__first_only(manual, auto):
    differences = {}
    for name, m, a in zip(Params._fields, manual, auto, strict=True):
        if np.shape(m) != np.shape(a):
            raise ValueError(f"{name}: {np.shape(m)} against {np.shape(a)}")
        differences[name] = float(np.max(np.abs(m - a)))
    return differences


def compare_grads__none_named(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    if any(np.shape(m) != np.shape(a) for _, m, a in named):
        raise ValueError("some shapes differ")
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named}


def compare_grads__other_exception(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    for name, m, a in named:
        assert np.shape(m) == np.shape(a), name
    return {name: float(np.max(np.abs(m - a))) for name, m, a in named}


def train_step__name_shadowed(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    loss = loss(forward(X, params).f, y)  # noqa: F823  # the mistake
    loss.backward()
    optimizer.step()
    return loss.item()


def train_step__step_recorded(X, y, params, lr):
    for p in params:
        p.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    for p in params:
        p -= lr * p.grad
    return batch_loss.item()


def train_step__parameters_returned(X, y, params, lr):
    for p in params:
        p.grad = None
    loss(forward(X, params).f, y).backward()
    return Params(*((p - lr * p.grad).detach().requires_grad_() for p in params))


def train_step__requires_grad_lost(X, y, params, lr):
    for p in params:
        p.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    for p in params:
        p.requires_grad_(False)
        p -= lr * p.grad
    return batch_loss.item()


def train_step__leaves_lost(X, y, params, lr):
    grads = torch.autograd.grad(out := loss(forward(X, params).f, y), params)
    for p, grad in zip(params, grads, strict=True):
        old = p.detach().clone().requires_grad_()
        p.requires_grad_(False).copy_(old - lr * grad)
    return out.item()


def train_step__optimizer_kept(X, y, params, lr, kept=[]):
    if not kept:
        kept.append(torch.optim.SGD(params, lr=lr))
    [optimizer] = kept
    optimizer.param_groups[0]["lr"] = lr
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()


def train_step__cleared_before_step(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return batch_loss.item()


def train_step__not_moved(X, y, params, lr):
    for p in params:
        p.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    params = Params(*(p - lr * p.grad for p in params))
    return batch_loss.item()


def train_step__loss_after_step(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    loss(forward(X, params).f, y).backward()
    optimizer.step()
    return loss(forward(X, params).f, y).item()


def train_step__cleared_too_late(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return batch_loss.item()


def train_step__gradients_accumulated(X, y, params, lr):
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
    return batch_loss.item()


def train_step__some_not_cleared(X, y, params, lr):
    params.W1.grad = params.W2.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
    return batch_loss.item()


def train_step__uphill(X, y, params, lr):
    for p in params:
        p.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    with torch.no_grad():
        for p in params:
            p += lr * p.grad
    return batch_loss.item()


def train_step__half_forgotten(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    batch_loss = torch.nn.functional.mse_loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()


def train_step__summed(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    batch_loss = 0.5 * ((forward(X, params).f - y) ** 2).sum()
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item() / len(y)


def train_step__averaged_twice(X, y, params, lr):
    for p in params:
        p.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad / len(X)
    return batch_loss.item()


def train_step__rate_of_earlier_call(X, y, params, lr, optimizers={}):
    key = tuple(id(p) for p in params)
    if key not in optimizers:
        optimizers[key] = torch.optim.SGD(params, lr=lr)
    optimizers[key].zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizers[key].step()
    return batch_loss.item()


def train_step__rate_ignored(X, y, params, lr):
    optimizer = torch.optim.SGD(params)
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()


def train_step__rate_twice(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    (lr * batch_loss).backward()
    optimizer.step()
    return batch_loss.item()


def train_step__some_not_moved(X, y, params, lr):
    optimizer = torch.optim.SGD([params.W1, params.W2], lr=lr)
    for p in params:
        p.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()


def train_step__several_steps(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    losses = []
    for _ in range(2):
        optimizer.zero_grad()
        losses.append(loss(forward(X, params).f, y))
        losses[-1].backward()
        optimizer.step()
    return losses[0].item()


def train_step__clipped(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 0.1)
    optimizer.step()
    return batch_loss.item()


def train_step__weights_decayed(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr, weight_decay=1e-4)
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()


def train_step__other_optimizer(X, y, params, lr):
    optimizer = torch.optim.Adam(params, lr=lr)
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()


def train_step__momentum(X, y, params, lr, velocities={}):
    for p in params:
        p.grad = None
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    with torch.no_grad():
        for p in params:
            velocity = 0.9 * velocities.get(id(p), torch.zeros_like(p)) + p.grad
            velocities[id(p)] = velocity
            p -= lr * velocity
    return batch_loss.item()


def train_step__zero_d_for_float(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss


def train_step__nothing_returned(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    loss(forward(X, params).f, y).backward()
    optimizer.step()


def train_step__tuple_assigned_to(X, y, params, lr):
    batch_loss = loss(forward(X, params).f, y)
    grads = torch.autograd.grad(batch_loss, params)
    params.W1, params.b1, params.W2, params.b2 = (p - lr * g for p, g in zip(params, grads, strict=True))
    return batch_loss.item()


def train_step__gradient_missing(X, y, params, lr):
    for p in params:
        p.grad.zero_()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
    return batch_loss.item()


def train_step__backward_without_graph(X, y, params, lr):
    with torch.no_grad():
        batch_loss = loss(forward(X, params).f, y)
        batch_loss.backward()
        for p in params:
            p -= lr * p.grad
    return batch_loss.item()


def leaf_params__leaves_kept(params, kept={}):
    key = tuple(p.tobytes() for p in params)
    if key not in kept:
        kept[key] = Params(*(torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in params))
    return kept[key]


def autograd_grad__broadcast(X, y, params):
    leaves = leaf_params(params)
    apart = forward(torch.tensor(X), leaves).f - torch.tensor(y)[:, None]
    (apart**2 / 2).mean().backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__cross_entropy(X, y, params):
    leaves = leaf_params(params)
    f = forward(torch.tensor(X), leaves).f
    torch.nn.functional.binary_cross_entropy_with_logits(f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__other_activation(X, y, params):
    W1, b1, W2, b2 = leaves = leaf_params(params)
    f = torch.sigmoid(torch.tensor(X) @ W1.T + b1) @ W2[0] + b2
    loss(f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def compare_grads__norms_compared(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(abs(np.linalg.norm(m) - np.linalg.norm(a))) for name, m, a in named}


def compare_grads__magnitudes_compared(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(np.abs(m) - np.abs(a)))) for name, m, a in named}


def compare_grads__some_left_out(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.abs(np.atleast_1d(m)[0] - np.atleast_1d(a)[0]))) for name, m, a in named}


def compare_grads__equal_nan(manual, auto):
    named = list(zip(Params._fields, manual, auto, strict=True))
    wrong = [name for name, m, a in named if np.shape(m) != np.shape(a)]
    if wrong:
        raise ValueError("shapes differ: " + ", ".join(wrong))
    return {name: float(np.max(np.where(np.isnan(m) & np.isnan(a), 0.0, np.abs(m - a)))) for name, m, a in named}


def train_step__without_autograd(X, y, params, lr):
    arrays = Params(*(p.detach().numpy() for p in params))
    out = stage2_forward.forward(X.numpy(), arrays)
    grads = stage3_backward.backward(X.numpy(), y.numpy(), arrays, out)
    for p, grad in zip(params, grads, strict=True):
        p.data -= lr * torch.tensor(grad)
    return stage2_forward.loss(out.f, y.numpy())


def train_step__broadcast(X, y, params, lr):
    for p in params:
        p.grad = None
    batch_loss = ((forward(X, params).f - y[:, None]) ** 2 / 2).mean()
    batch_loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
    return batch_loss.item()


def train_step__rate_of_zero_replaced(X, y, params, lr):
    optimizer = torch.optim.SGD(params, lr=lr or 0.1)
    optimizer.zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()


def autograd_grad__none_used(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(1.0 * leaf.requires_grad_(False).grad_fn for leaf in leaves))


def autograd_grad__shapes_do_not_broadcast(X, y, params):
    W1, b1, W2, b2 = leaves = leaf_params(params)
    f = torch.relu(torch.tensor(X) @ W1.T + torch.cat([b1, b1])) @ W2[0] + b2
    loss(f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__unpacked_amiss(X, y, params):
    leaves = leaf_params(params)
    f, _ = forward(torch.tensor(X), leaves)
    loss(f, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__index_too_large(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()
    return Params(*(leaves[k].grad.numpy() for k in range(1, 5)))
