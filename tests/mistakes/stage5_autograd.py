"""The known mistakes of stage 5: what becomes of its solution where people slip."""

import stage2_forward
import stage3_backward
import torch
from stage4_torch_forward import forward, loss
from stage5_autograd import leaf_params
from xor import Params

from grader.course.mistakes import Edit

leaf_params__not_leaves = Edit(
    "The tensors are no leaves: they were computed from others.",
    "A change of dtype or a copy after requires_grad is part of the graph; the leaf is where it began.",
    {"requires_grad=True)": "requires_grad=True).clone()"},
)
leaf_params__requires_grad_forgotten = Edit(
    "The tensors do not require gradients.",
    "A leaf that isn't asked to records nothing.",
    {", requires_grad=True": ""},
)
leaf_params__requires_grad_of_some = Edit(
    "Only some of the tensors require gradients.",
    "The biases learn as well as the weights.",
    {"requires_grad=True": "requires_grad=p is not params.W1"},
    {"requires_grad=True": "requires_grad=p is not params.b1"},
    {"requires_grad=True": "requires_grad=p is not params.W2"},
    {"requires_grad=True": "requires_grad=p is not params.b2"},
)
leaf_params__leaves_kept = Edit(
    "The same tensors came for a second call: what happens to one answer happens to the other.",
    "Each call has new leaves; what was kept from the first?",
    {"s: Params": "s: Params, kept={}", "return": "return kept.setdefault(str(params),", "params))": "params)))"},
    {"s: Params": "s: Params, kept={}", "return": "return kept.setdefault(0,", "params))": "params)))"},
)
leaf_params__requires_grad_called = Edit(
    "`requires_grad` was called like a function; it is a flag, True or False.",
    "PyTorch's methods that change a tensor itself have names of their own: look at the end of them.",
    {", requires_grad=True)": ").requires_grad(True)"},
)
leaf_params__keyword_not_taken = Edit(
    "This way to make a tensor takes no keyword such as requires_grad.",
    "Look up what it takes, and whether it copies.",
    {"torch.tensor(": "torch.from_numpy("},
    {"torch.tensor(": "torch.as_tensor("},
)
leaf_params__memory_shared = Edit(
    "A tensor shares its memory with the array that it was made of: a step would change the array.",
    "Some of PyTorch's ways to make a tensor of an array copy, others only look at the same bytes.",
    {"torch.tensor(p, dtype=torch.float64, requires_grad=True)": "torch.from_numpy(p).requires_grad_()"},
    {"for p": "if p is not params.W1 else torch.from_numpy(p).requires_grad_() for p"},
    {"for p": "if p is not params.b1 else torch.from_numpy(p).requires_grad_() for p"},
    {"for p": "if p is not params.W2 else torch.from_numpy(p).requires_grad_() for p"},
    {"for p": "if p is not params.b2 else torch.from_numpy(p).requires_grad_() for p"},
)
leaf_params__through_single_precision = Edit(
    "The values went through float32 before they became float64.",
    "The digits that were lost on the way don't come back; which step makes it float32?",
    {"torch.tensor(p, dtype=torch.float64, requires_grad=True)": "torch.Tensor(p).double().requires_grad_()"},
)
leaf_params__fields_misordered = Edit(
    "The parameters are in another order.",
    "Params holds W1, b1, W2, b2.",
    {"for p in params": "for p in (params.W1, params.W2, params.b1, params.b2)"},
    {"for p in params": "for p in params[::-1]"},
    {"for p in params": "for p in (params.W2, params.b2, params.W1, params.b1)"},
)


autograd_grad__name_shadowed = Edit(
    "A local variable has the name of a function that is called, and hides it.",
    "Python takes a name that is assigned to anywhere in a function for local in all of it. Is `loss` both?",
    {"loss(out.f, torch.tensor(y)).": "loss = loss(out.f, torch.tensor(y))\n    loss."},
)
autograd_grad__array_in_an_operation = Edit(
    "A NumPy array was put into one operation with a tensor.",
    "X and y come as arrays; they must be tensors before they meet the leaves.",
    {"torch.tensor(X)": "X"},
)
autograd_grad__array_met_graph = Edit(
    "A tensor that is part of a graph has met a NumPy array, or was turned into one.",
    "X and y must be tensors before they meet the leaves; what is returned must have left the graph.",
    {"torch.tensor(y)": "y"},
)
autograd_grad__parameters_returned = Edit(
    "The parameters themselves came back, not their gradients.",
    "After backward, where does a leaf keep its gradient?",
    {"leaf.grad": "leaf.detach()"},
)
autograd_grad__gradients_accumulated = Edit(
    "The gradients grew from call to call: backward adds to what the leaves hold already.",
    "Who makes the leaves, and when? Those of an earlier call still have its gradients.",
    {
        "s: Params": "s: Params, kept={}",
        "leaf_params(params)": "kept.setdefault(params.W1.tobytes(), leaf_params(params))",
        "grad.numpy()": "grad.numpy().copy()",
    },
)
autograd_grad__leaves_kept = Edit(
    "These are the gradients at the parameters of an earlier call.",
    "What was kept from it? Each call has parameters of its own.",
    {
        "s: Params": "s: Params, kept={}",
        "leaf_params(params)": "kept.setdefault(params.W1.shape, leaf_params(params))",
        "out = ": "torch.optim.SGD(leaves).zero_grad()\n    out = ",
    },
    {
        "s: Params": "s: Params, kept={}",
        "leaf_params(params)": "kept.setdefault(params.W1.shape, leaf_params(params))",
        "grad.numpy()": "grad.numpy().copy()",
    },
)


def with_activation(X, y, params, activation):
    W1, b1, W2, b2 = leaves = leaf_params(params)
    loss(activation(torch.tensor(X) @ W1.T + b1) @ W2[0] + b2, torch.tensor(y)).backward()
    return Params(*(leaf.grad.numpy() for leaf in leaves))


def autograd_grad__without_autograd(X, y, params):
    """The gradients do not come from autograd: they were found by hand, or by differences.

    Stage 3 is the chain rule by hand; here PyTorch is to find them, so that both can be compared.
    """
    return stage3_backward.backward(X, y, params, stage2_forward.forward(X, params))


def autograd_grad__one_at_zero(X, y, params):
    """The ReLU's slope at exactly 0 came out as 1.

    We take 0 there. `clamp` and `where` with ≥ take 1; which ReLU was recorded?
    """
    return with_activation(X, y, params, lambda a1: a1.clamp(min=0))


def autograd_grad__half_at_zero(X, y, params):
    """The ReLU's slope at exactly 0 came out as ½.

    We take 0 there. `maximum` and the absolute value take the middle; which ReLU was recorded?
    """
    return with_activation(X, y, params, lambda a1: torch.maximum(a1, torch.zeros_like(a1)))


def autograd_grad__other_activation(X, y, params):
    """The activation between the layers is a sigmoid or a tanh, not the ReLU.

    Stage 4's forward has the ReLU; which one was differentiated here?
    """
    return with_activation(X, y, params, torch.sigmoid)


def autograd_grad__other_activation__tanh(X, y, params):
    return with_activation(X, y, params, torch.tanh)


autograd_grad__summed = Edit(
    "These are the gradients of the samples' sum: they are N times too large.",
    "The loss is a mean over the samples.",
    {"loss(out.f, torch.tensor(y))": "(0.5 * (out.f - torch.tensor(y)) ** 2).sum()"},
)
autograd_grad__half_forgotten = Edit(
    "The gradients are twice too large: they are those of the squares without the ½.",
    "Which loss was gone back from?",
    {"loss(out": "torch.nn.functional.mse_loss(out"},
    {"loss(out.f, torch.tensor(y))": "((out.f - torch.tensor(y)) ** 2).sum()"},
)
autograd_grad__went_back_twice = Edit(
    "The gradients are twice too large: backward ran twice, and adds to what the leaves hold already.",
    "Once is enough: one backward fills every leaf.",
    {".backward()": ".backward()\n    loss(forward(torch.tensor(X), leaves).f, torch.tensor(y)).backward()"},
)
autograd_grad__averaged_twice = Edit(
    "The gradients are N times too small: it was divided by N twice.",
    "The mean loss has its division by N inside.",
    {"grad.numpy()": "grad.numpy() / len(y)"},
    {"loss(out": "torch.nn.functional.mse_loss(out", "grad.numpy()": "grad.numpy() / len(y)"},
)
autograd_grad__descent_direction = Edit(
    "Every sign is the wrong way round: this is the way downhill.",
    "The gradient itself points uphill; the minus belongs to the step.",
    {"leaf.grad": "-leaf.grad"},
)
autograd_grad__broadcast = Edit(
    "These are the gradients for another y: each score was compared with every sample's y, not with its own.",
    "(N,) and (N, 1) broadcast to (N, N). What shape has y where it meets f?",
    {"loss(out.f, torch.tensor(y))": "(0.5 * (out.f[:, None] - torch.tensor(y)) ** 2).mean()"},
    {"loss(out.f, torch.tensor(y))": "((out.f[:, None] - torch.tensor(y)) ** 2).mean()"},
)
autograd_grad__cross_entropy = Edit(
    "These are the gradients of the cross-entropy.",
    "It is a good loss for classes, but ours is half the mean squared error.",
    {"loss(": "torch.nn.functional.binary_cross_entropy_with_logits("},
)
autograd_grad__gradients_of_scores = Edit(
    "These are gradients of the scores, not of the loss.",
    "y has no influence on them; what has to be differentiated?",
    {"loss(out.f, torch.tensor(y))": "out.f.sum()"},
    {"loss(out.f, torch.tensor(y))": "out.f.mean()"},
)
autograd_grad__cleared_after = Edit(
    "All gradients are 0.",
    "An array made of a tensor may share its memory: were they cleared after they had been read?",
    {"grad.numpy()": "grad.zero_().numpy()"},
)
autograd_grad__fields_misordered = Edit(
    "The gradients are in another order.",
    "Params holds W1, b1, W2, b2.",
    {"for leaf in leaves": "for leaf in (leaves.W1, leaves.W2, leaves.b1, leaves.b2)"},
    {"for leaf in leaves": "for leaf in leaves[::-1]"},
    {"for leaf in leaves": "for leaf in (leaves.W2, leaves.b2, leaves.W1, leaves.b1)"},
)


compare_grads__one_number = Edit(
    "One number came for all parameters together.",
    "Which of them is off? A dict says it for each by its name.",
    {"{name: float(np.max(np.abs(m - a))) for name": "max(np.abs(m - a).max() for name", "named}": "named)"},
)
compare_grads__no_dict = Edit(
    "The differences came without their names.",
    "A dict is asked for, from W1, b1, W2, b2 to a float each.",
    {"return {name: float(np.max(np.abs(m - a)))": "return [float(np.max(np.abs(m - a)))", "named}": "named]"},
    {"{name: float(np.max(np.abs(m - a)))": "tuple(float(np.max(np.abs(m - a)))", "named}": "named)"},
    {"{name: float(np.max(np.abs(m - a)))": "Params(*(float(np.max(np.abs(m - a)))", "named}": "named))"},
)
compare_grads__one_for_all = Edit(
    "Every name has the same number, the largest difference of all.",
    "Each parameter has its own.",
    {"{name: float(np.max(np.abs(m - a)))": "{name: max(float(np.max(np.abs(x - y))) for _, x, y in named)"},
)
compare_grads__equal_nan = Edit(
    "NaN on both sides counted as equal.",
    "Two gradients that are no numbers do not agree; the difference is NaN.",
    {"np.abs(m - a)": "np.where(np.isnan(m) & np.isnan(a), 0.0, np.abs(m - a))"},
)
compare_grads__nan_skipped = Edit(
    "NaN was left out, and the largest of the rest came.",
    "A gradient that is no number is as wrong as can be; it must show.",
    {"np.max(": "np.nanmax("},
)
compare_grads__nan_lost = Edit(
    "A NaN was lost: no comparison with it is true.",
    "Python's `max`, and an `if` that looks for something larger, pass by it; what does NumPy's do?",
    {"np.max(np.abs(m - a))": "max(np.abs(m - a).flat)"},
    {"np.max(np.abs(m - a))": "max(0.0, *np.abs(m - a).flat)"},
    {"np.max(np.abs(m - a))": "max(-np.inf, *np.abs(m - a).flat)"},
)
compare_grads__signed = Edit(
    "The largest difference was taken with its sign: one that is far below 0 does not count.",
    "A difference is large, whichever of the two is the larger one.",
    {"np.abs(m - a)": "m - a"},
    {"np.abs(m - a)": "a - m"},
)
compare_grads__absolute_of_the_largest = Edit(
    "First the largest difference was taken, and then its absolute value.",
    "A difference that is far below 0 is lost by then; think about the order.",
    {"np.max(np.abs(m - a))": "np.abs(np.max(m - a))"},
    {"np.max(np.abs(m - a))": "np.abs(np.max(a - m))"},
)
compare_grads__maxima_compared = Edit(
    "The largest entries were compared, each from its own place.",
    "First the difference of each pair of entries, then the largest of these.",
    {"np.max(np.abs(m - a))": "np.abs(np.max(m) - np.max(a))"},
    {"np.max(np.abs(m - a))": "np.abs(np.max(np.abs(m)) - np.max(np.abs(a)))"},
)
compare_grads__norms_compared = Edit(
    "The norms of the two were compared, not their entries.",
    "Arrays that are far apart can have the same norm: first the difference of each pair of entries.",
    {"np.max(np.abs(m - a))": "np.abs(np.linalg.norm(m) - np.linalg.norm(a))"},
)
compare_grads__magnitudes_compared = Edit(
    "The magnitudes were compared, without their signs.",
    "Entries of the same size and opposite signs would agree.",
    {"m - a": "np.abs(m) - np.abs(a)"},
)
compare_grads__some_left_out = Edit(
    "Only a part of the entries was compared.",
    "The largest difference may be anywhere, in the last row as well.",
    {"m - a": "np.atleast_1d(m - a)[:1]"},
    {"m - a": "np.atleast_1d(m - a)[:10]"},
    {"m - a": "np.atleast_1d(m - a)[-1:]"},
    {"m - a": "(m - a).ravel()[:1]"},
    {"m - a": "(m - a).ravel()[:100]"},
    {"m - a": "(m - a).ravel()[:1000]"},
)
compare_grads__smallest = Edit(
    "The smallest difference came.",
    "One entry that agrees would hide all others.",
    {"np.max(": "np.min("},
    {"np.max(np.abs(m - a))": "np.min(m - a)"},
)
compare_grads__averaged = Edit(
    "The differences were averaged.",
    "One wrong entry among many right ones would hardly show; the largest does.",
    {"np.max(": "np.mean("},
    {"np.max(": "np.median("},
    {"np.max(np.abs(m - a))": "np.abs(np.mean(m - a))"},
    {"np.max(np.abs(m - a))": "np.mean(m - a)"},
)
compare_grads__summed = Edit(
    "The differences were summed.",
    "A sum grows with the number of entries; the largest of them is asked for.",
    {"np.max(": "np.sum("},
    {"np.max(np.abs(m - a))": "np.sum(m - a)"},
)
compare_grads__squared = Edit(
    "The differences were squared.",
    "Squares make small differences smaller; their size itself is asked for.",
    {"np.abs(": "np.square("},
    {"np.max(np.abs(": "np.mean(np.square("},
    {"np.max(np.abs(": "np.sum(np.square("},
)
compare_grads__norm = Edit(
    "A norm of all the differences together came.",
    "Each entry stands for itself; the largest difference is asked for.",
    {"np.max(np.abs(m - a))": "np.linalg.norm(m - a)"},
    {"np.max(np.abs(m - a))": "np.sqrt(np.mean((m - a) ** 2))"},
)
compare_grads__relative = Edit(
    "The difference was divided by the size of the values: it is relative.",
    "The absolute difference is asked for, in the units of the values themselves.",
    {"np.abs(m - a)": "np.abs(m - a) / np.max(np.abs(m))"},
    {"np.abs(m - a)": "np.abs(m - a) / np.max(np.abs(a))"},
    {"np.abs(m - a)": "np.abs(m - a) / np.abs(m)"},
    {"np.abs(m - a)": "np.abs(m - a) / np.abs(a)"},
    {"np.abs(m - a)": "np.abs(m - a) / np.maximum(np.abs(m), np.abs(a))"},
    {"np.abs(m - a)": "np.abs(m - a) / (np.abs(m) + np.abs(a))"},
    {"np.abs(m - a)": "np.abs(m - a) / (np.max(np.abs(m)) + 1e-8)"},
    {"np.abs(m - a)": "np.abs(m - a) / (np.max(np.abs(a)) + 1e-8)"},
    {"np.abs(m - a)": "np.abs(m - a) / (np.abs(m) + 1e-8)"},
    {"np.abs(m - a)": "np.abs(m - a) / (np.abs(a) + 1e-8)"},
    {"np.max(np.abs(m - a))": "np.linalg.norm(m - a) / np.linalg.norm(m)"},
    {"np.max(np.abs(m - a))": "np.linalg.norm(m - a) / np.linalg.norm(a)"},
    {"np.max(np.abs(m - a))": "np.linalg.norm(m - a) / (np.linalg.norm(m) + np.linalg.norm(a))"},
)
compare_grads__thresholded = Edit(
    "A small difference came out as exactly 0.",
    "Give the difference as it is; who calls decides what is small enough.",
    {"float(np.max(np.abs(m - a)))": "float(np.max(np.abs(m - a))) * (np.max(np.abs(m - a)) > 1e-8)"},
)
compare_grads__rounded = Edit(
    "The difference was rounded.",
    "Differences of 1e-9 are of interest here, too.",
    {"float(np.max(np.abs(m - a)))": "round(float(np.max(np.abs(m - a))), 2)"},
    {"float(np.max(np.abs(m - a)))": "round(float(np.max(np.abs(m - a))), 4)"},
    {"float(np.max(np.abs(m - a)))": "round(float(np.max(np.abs(m - a))), 6)"},
    {"float(np.max(np.abs(m - a)))": "round(float(np.max(np.abs(m - a))), 8)"},
)
compare_grads__verdict_for_difference = Edit(
    "A yes or no came, where the difference itself is asked for.",
    "How far apart are they? Who calls decides what is close.",
    {"float(np.max(np.abs(m - a)))": "np.allclose(m, a)"},
    {"float(np.max(np.abs(m - a)))": "np.max(np.abs(m - a)) < 1e-8"},
)
compare_grads__compared_in_single_precision = Edit(
    "The difference was taken in float32, where small ones vanish.",
    "float32 has seven digits; which conversion loses the others?",
    {"m - a": "np.float32(m) - np.float32(a)"},
    {"m - a": "np.float32(m) - a"},
    {"m - a": "m - np.float32(a)"},
)
compare_grads__shapes_not_compared = Edit(
    "The shapes were not compared: different ones were broadcast, to a number that means nothing.",
    "Before anything is subtracted, compare the two shapes, and refuse what differs.",
    {"if np.shape(m) != np.shape(a)": "if False"},
)
compare_grads__axes_compared = Edit(
    "Only the number of axes was compared.",
    "(1, D) and (H, D) have as many, and broadcast. Compare the whole shapes.",
    {"if np.shape(m) != np.shape(a)": "if np.ndim(m) != np.ndim(a)"},
)
compare_grads__lengths_compared = Edit(
    "Only the lengths were compared, which are those of the first axis.",
    "(H, 1) and (H,) have the same length, and broadcast to (H, H). Compare the whole shapes.",
    {"if np.shape(m) != np.shape(a)": "if np.shape(m)[:1] != np.shape(a)[:1]"},
)
compare_grads__sizes_compared = Edit(
    "Only the number of entries was compared.",
    "(H, 1) and (H,) have as many entries, in other shapes. Compare the whole shapes.",
    {"if np.shape(m) != np.shape(a)": "if np.size(m) != np.size(a)"},
)
compare_grads__answered_not_refused = Edit(
    "A value came where the shapes differ, not an error.",
    "Whoever goes on with it will not notice. What cannot be compared is refused by a ValueError.",
    {"raise": "return dict.fromkeys(Params._fields, np.inf)\n        raise"},
)
compare_grads__b2_unchecked = Edit(
    "b2's shapes were not compared.",
    "() and (1,) are two shapes, though both have one entry.",
    {"if np.shape(m)": 'if name != "b2" and np.shape(m)'},
)
compare_grads__biases_unchecked = Edit(
    "The biases' shapes were not compared.",
    "All four parameters have a shape.",
    {"if np.shape(m)": 'if name[0] != "b" and np.shape(m)'},
)
compare_grads__first_only = Edit(
    "Only the first parameter whose shapes differ was named.",
    "Look at all four before you complain, and complain once.",
    {'"; ".join(wrong)': "wrong[0]"},
)
compare_grads__none_named = Edit(
    "It was refused, but the message names no parameter.",
    "Whose shapes differ? Say it in the message: W1, b1, W2, b2.",
    {"{name} ": ""},
)


train_step__name_shadowed = Edit(
    "A local variable has the name of a function that is called, and hides it.",
    "Python takes a name that is assigned to anywhere in a function for local in all of it. Is `loss` both?",
    {"batch_loss": "loss"},
)
train_step__step_recorded = Edit(
    "The step itself was recorded: a leaf that requires gradients must not change while it is.",
    "The step is no part of the function that is differentiated; who tells PyTorch not to record it?",
    {"optimizer.step()": "for p in params:\n        p -= lr * p.grad"},
)


def train_step__without_autograd(X, y, params, lr):
    """The step does not come from autograd: its gradients were found by hand.

    Stage 3 is the chain rule by hand; here PyTorch is to find them: backward leaves them in the leaves.
    """
    X, y, arrays = X.numpy(), y.numpy(), Params(*(p.detach().numpy() for p in params))
    out = stage2_forward.forward(X, arrays)
    for p, grad in zip(params, stage3_backward.backward(X, y, arrays, out)):
        p.data -= lr * torch.tensor(grad)
    return stage2_forward.loss(out.f, y)


train_step__broadcast = Edit(
    "The loss is that of every score against every sample's y, not against its own.",
    "(N,) and (N, 1) broadcast to (N, N). What shape has y where it meets f?",
    {"loss(out.f, y)": "(0.5 * (out.f[:, None] - y) ** 2).mean()"},
    {"loss(out.f, y)": "((out.f[:, None] - y) ** 2).mean()"},
)
train_step__rate_of_zero_replaced = Edit(
    "With a learning rate of 0 the parameters moved.",
    "0 counts as false: `lr or …` takes it for no rate at all. It is a rate like any other.",
    {"lr=lr": "lr=lr or 0.1"},
    {"lr=lr": "lr=lr or 0.01"},
    {"lr=lr": "lr=lr or 0.001"},
)
train_step__parameters_returned = Edit(
    "New parameters came back.",
    "They are to change where they are; what comes back is the loss.",
    {"    optimizer.step()\n": "", "batch_loss.item()": "Params(*((p - lr * p.grad).detach() for p in params))"},
    {"    optimizer.step()\n": "", "batch_loss.item()": "[(p - lr * p.grad).detach() for p in params]"},
    {"batch_loss.item()": "params"},
)
train_step__requires_grad_lost = Edit(
    "After the step a tensor does not require gradients any more.",
    "The next step needs its gradient; what switched it off, or replaced it?",
    {"optimizer.step()": "optimizer.step()\n    [p.requires_grad_(False) for p in params]"},
)
train_step__leaves_lost = Edit(
    "After the step a tensor is no leaf any more: it was computed from others.",
    "The new values must go into the old leaf, and the step must not be recorded.",
    {
        "optimizer.step()": "for p in params:\n"
        "        p.requires_grad_(False).copy_(p.clone().requires_grad_() - lr * p.grad)"
    },
)
train_step__optimizer_kept = Edit(
    "These tensors were not moved, and their gradients not cleared: the optimizer works on other ones.",
    "An optimizer of an earlier call holds the parameters of that call.",
    {
        "lr: float": "lr: float, kept=[]",
        "optimizer = torch.optim.SGD(params, lr=lr)": "optimizer = (kept + [torch.optim.SGD(params, lr=lr)])[0]\n"
        "    kept[:] = [optimizer]\n"
        '    optimizer.param_groups[0]["lr"] = lr',
    },
)
train_step__cleared_before_step = Edit(
    "The tensors hold their old values and no gradients: those were cleared before the step, or never arrived.",
    "Clear them at the beginning, where those of the last step are left; backward and step need the same tensors.",
    {"optimizer.step()": "optimizer.zero_grad()\n    optimizer.step()"},
)
train_step__not_moved = Edit(
    "The tensors hold their old values: no step has reached them.",
    "Were new tensors made, where the old ones should change? Is there a step, after backward, and if by an"
    " optimizer, does that hold these very tensors?",
    {"    optimizer.step()\n": ""},
)
train_step__loss_after_step = Edit(
    "The loss came from after the step.",
    "It is asked for as it was when the gradients were taken.",
    {"return batch_loss": "return loss(forward(X, params).f, y)"},
)
train_step__cleared_too_late = Edit(
    "Gradients left over from before went into the step; they were cleared only after it.",
    "Somebody else may have left some. Clear them where nothing of this step has been added yet.",
    {"    optimizer.zero_grad()\n": "", "optimizer.step()": "optimizer.step()\n    optimizer.zero_grad()"},
)
train_step__gradients_accumulated = Edit(
    "Gradients left over from before went into the step: backward adds to what is there.",
    "Something has to clear them first.",
    {"    optimizer.zero_grad()\n": ""},
)
train_step__some_not_cleared = Edit(
    "The gradients that were left over were cleared on some of the parameters only.",
    "The biases have gradients as well as the weights.",
    {"optimizer.zero_grad()": "params.W1.grad = params.b1.grad = params.W2.grad = None"},
    {"optimizer.zero_grad()": "params.W1.grad = params.b1.grad = params.b2.grad = None"},
    {"optimizer.zero_grad()": "params.W1.grad = params.W2.grad = params.b2.grad = None"},
    {"optimizer.zero_grad()": "params.b1.grad = params.W2.grad = params.b2.grad = None"},
)
train_step__uphill = Edit(
    "The step went uphill: along the gradient, not against it.",
    "The loss should become smaller; look at the sign.",
    {"lr=lr": "lr=lr, maximize=True"},
)
train_step__half_forgotten = Edit(
    "The loss or its gradient is twice too large: the ½ is missing.",
    "Stage 4's loss has it.",
    {"loss(out.f, y)": "2 * loss(out.f, y)"},
    {"batch_loss.backward()": "(2 * batch_loss).backward()"},
    {"return batch_loss": "return 2 * batch_loss"},
)
train_step__went_back_twice = Edit(
    "The step is twice too long: backward ran twice, and adds to what the leaves hold already.",
    "Once is enough: one backward fills every leaf.",
    {"batch_loss.backward()": "batch_loss.backward(retain_graph=True)\n    batch_loss.backward()"},
)
train_step__summed = Edit(
    "The loss or its gradient is N times too large: the samples were summed.",
    "The loss is a mean over the samples; so is its gradient.",
    {"loss(out.f, y)": "loss(out.f, y) * len(y)"},
    {"loss(out.f, y)": "loss(out.f, y) * len(y) * 2"},
    {"batch_loss.backward()": "(len(y) * batch_loss).backward()"},
    {"return batch_loss": "return len(y) * batch_loss"},
)
train_step__averaged_twice = Edit(
    "The loss or its gradient is N times too small: it was divided by N once more.",
    "The mean loss has its division by N inside.",
    {"loss(out.f, y)": "loss(out.f, y) / len(y)"},
    {"batch_loss.backward()": "(batch_loss / len(y)).backward()"},
    {"return batch_loss": "return batch_loss / len(y)"},
)
train_step__rate_of_earlier_call = Edit(
    "The step was taken with the learning rate of an earlier call.",
    "What was kept from that call, an optimizer perhaps? The rate may change from step to step.",
    {"lr: float": "lr: float, kept={}", "lr=lr": "lr=kept.setdefault(id(params.W1), lr)"},
    {"lr: float": "lr: float, kept={}", "lr=lr": "lr=kept.setdefault(0, lr)"},
)
train_step__rate_twice = Edit(
    "The learning rate went into the step twice.",
    "Where does lr stand, and does an optimizer use it as well?",
    {"lr=lr": "lr=lr * lr"},
)
train_step__some_not_moved = Edit(
    "Some of the parameters were not moved.",
    "All four learn: W1, b1, W2, b2.",
    {"SGD(params": "SGD([params.b1, params.W2, params.b2]"},
    {"SGD(params": "SGD([params.W1, params.W2, params.b2]"},
    {"SGD(params": "SGD([params.W1, params.b1, params.b2]"},
    {"SGD(params": "SGD([params.W1, params.b1, params.W2]"},
)


def losses(X, y, params, lr, number):
    optimizer = torch.optim.SGD(params, lr=lr)
    values = []
    for _ in range(number):
        optimizer.zero_grad()
        values.append(loss(forward(X, params).f, y))
        values[-1].backward()
        optimizer.step()
    return [value.item() for value in values]


def train_step__several_steps(X, y, params, lr):
    """More than one step was taken.

    One call is one step; the loop is the caller's.
    """
    return losses(X, y, params, lr, 2)[0]


def train_step__several_steps__last_loss(X, y, params, lr):
    return losses(X, y, params, lr, 2)[1]


def train_step__several_steps__three(X, y, params, lr):
    return losses(X, y, params, lr, 3)[2]


def train_step__several_steps__ten_last_loss(X, y, params, lr):
    return losses(X, y, params, lr, 10)[9]


train_step__other_optimizer = Edit(
    "This is another optimizer's step: it divides by the size of the gradient, as Adam does.",
    "Plain gradient descent is asked for; a small gradient makes a small step.",
    {"SGD(": "Adam("},
    {"SGD(": "AdamW("},
    {"SGD(": "RMSprop("},
    {"SGD(": "Adagrad("},
)


def step_with_momentum(X, y, params, lr, kept, momentum, share=1.0):
    torch.optim.SGD(params).zero_grad()
    batch_loss = loss(forward(X, params).f, y)
    batch_loss.backward()
    for p in params:
        kept[id(p)] = momentum * kept.get(id(p), 0) + share * p.grad
        p.data -= lr * kept[id(p)]
    return batch_loss.item()


def train_step__momentum(X, y, params, lr, kept={}):
    """The step has momentum: gradients of earlier steps go on in it.

    Nothing is to be kept from one call to the next.
    """
    return step_with_momentum(X, y, params, lr, kept, 0.9)


def train_step__momentum__of_half(X, y, params, lr, kept={}):
    return step_with_momentum(X, y, params, lr, kept, 0.5)


def train_step__momentum__averaged(X, y, params, lr, kept={}):
    return step_with_momentum(X, y, params, lr, kept, 0.9, 0.1)


def train_step__momentum__higher(X, y, params, lr, kept={}):
    return step_with_momentum(X, y, params, lr, kept, 0.95)


def train_step__momentum__high(X, y, params, lr, kept={}):
    return step_with_momentum(X, y, params, lr, kept, 0.99)
