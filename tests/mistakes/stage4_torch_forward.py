"""The known mistakes of stage 4: what becomes of its solution where people slip."""

import numpy as np
import torch

from grader.course.mistakes import Edit

to_torch__requires_grad_set = Edit(
    "The tensors require gradients.",
    "Here they are to be plain values; parameters that learn come in stage 5.",
    {"torch.float64)": "torch.float64, requires_grad=True)"},
)
to_torch__memory_shared = Edit(
    "A tensor shares its memory with the array that it was made of: what changes one changes the other.",
    "Some of PyTorch's ways to make a tensor of an array copy, others only look at the same bytes.",
    {"torch.tensor(": "torch.as_tensor("},
    {"torch.tensor(p, dtype=torch.float64)": "torch.from_numpy(p) if p is params.W1 else torch.tensor(p)"},
    {"torch.tensor(p, dtype=torch.float64)": "torch.from_numpy(p) if p is params.b1 else torch.tensor(p)"},
    {"torch.tensor(p, dtype=torch.float64)": "torch.from_numpy(p) if p is params.W2 else torch.tensor(p)"},
    {"torch.tensor(p, dtype=torch.float64)": "torch.from_numpy(p) if p is params.b2 else torch.tensor(p)"},
)
to_torch__through_single_precision = Edit(
    "The values went through float32 before they became float64.",
    "The digits that were lost on the way don't come back; which step makes it float32?",
    {"torch.tensor(p, dtype=torch.float64)": "torch.Tensor(p).double()"},
    {"torch.tensor(p, dtype=torch.float64)": "torch.tensor(p.tolist()).double()"},
)
to_torch__fields_misordered = Edit(
    "The parameters are in another order.",
    "Params holds W1, b1, W2, b2.",
    {"for p in params": "for p in (params.W1, params.W2, params.b1, params.b2)"},
    {"for p in params": "for p in params[::-1]"},
    {"for p in params": "for p in (params.W2, params.b2, params.W1, params.b1)"},
)
to_torch__converted_together = Edit(
    "All of Params was converted at once.",
    "It is a tuple of four arrays of different shapes; each of them becomes a tensor of its own.",
    {"return Params(*(torch.tensor(p, dtype=torch.float64) for p in params))": "return torch.tensor(params)"},
    {"return Params(*(torch.tensor(p, dtype=torch.float64) for p in params))": "return torch.from_numpy(params)"},
)


forward__fields_swapped = Edit(
    "a1 and h1 are confused: each stands in the other's place.",
    "a1 is what goes into the ReLU, h1 is what comes out.",
    {"Forward(f, a1, h1)": "Forward(f, h1, a1)"},
)
forward__a1_after_relu = Edit(
    "a1 holds the values after the ReLU: it was overwritten, or never kept apart.",
    "The backward pass will need the sign of what went into the ReLU; is something changed in place?",
    {"torch.relu(a1)": "a1.relu_()"},
)
forward__relu_forgotten = Edit(
    "There is no ReLU between the two layers.",
    "Without it two affine layers are no more than one.",
    {"torch.relu(a1)": "a1"},
)
forward__b1_forgotten = Edit(
    "The hidden layer's bias is missing.", "Compare a1 with its formula, term by term.", {" + params.b1": ""}
)
forward__b2_forgotten = Edit(
    "The output's bias is missing.", "Compare f with its formula, term by term.", {" + params.b2": ""}
)
forward__sigmoid_added = Edit(
    "The scores went through a sigmoid.",
    "f is the second layer's result as it is; it may be below 0 and above 1.",
    {"f = (": "f = torch.sigmoid("},
)
forward__f_as_column = Edit(
    "f is a column, (N, 1): the second layer's one output is still an axis.",
    "f must be (N,), or the loss will broadcast it against y to (N, N).",
    {"[:, 0]": ""},
)
forward__f_broadcast = Edit(
    "f is (N, N): a column (N, 1) and a row have been broadcast.",
    "Look at the shapes on both sides of each + and *.",
    {"params.b2)[:, 0]": "params.b2.expand(len(X)))"},
)
forward__f_of_no_axis = Edit(
    "With one sample f has lost its axis.",
    "Take away the axis of the one output, and no other: one sample is still a batch.",
    {"[:, 0]": ".squeeze()"},
)
forward__other_activation = Edit(
    "What stands between the layers is another activation than ReLU.",
    "PyTorch has many of them, and some look alike from afar; ReLU cuts off at 0 and leaves the rest.",
    {"torch.relu(": "torch.tanh("},
    {"torch.relu(": "torch.abs("},
    {"torch.relu(": "torch.sigmoid("},
    {"torch.relu(": "torch.nn.functional.silu("},
    {"torch.relu(": "torch.nn.functional.gelu("},
    {"torch.relu(": "torch.nn.functional.softplus("},
    {"torch.relu(": "torch.nn.functional.leaky_relu("},
    {"torch.relu(": "torch.nn.functional.elu("},
    {"torch.relu(a1)": "torch.nn.functional.leaky_relu(a1, 0.1)"},
    {"torch.relu(a1)": "a1.clamp(0, 1)"},
    {"torch.relu(a1)": "(a1 > 0).double()"},
)
forward__maximum_over_samples = Edit(
    "One maximum came for each hidden unit, over all samples.",
    "Each pre-activation is compared with 0 by itself; the second argument of `max` is an axis, not a value.",
    {"torch.relu(a1)": "torch.max(a1, 0).values", "params.W2.T": "params.W2[0]", ")[:, 0]": ")"},
)
forward__number_for_tensor = Edit(
    "A plain number was given where PyTorch wants a tensor.",
    "NumPy's functions take both; some of PyTorch's don't. Is there one that does just what is wanted?",
    {"torch.relu(a1)": "torch.maximum(a1, 0.0)"},
    {"torch.relu(a1)": "torch.maximum(a1, 0)"},
    {"torch.relu(a1)": "torch.maximum(0.0, a1)"},
    {"torch.relu(a1)": "torch.maximum(0, a1)"},
)
forward__f_of_pre_activations = Edit(
    "The second layer took a1, not h1.", "h1 is computed, but nothing is made of it.", {"(h1 @": "(a1 @"}
)
forward__scores_alone = Edit(
    "Only the scores came.",
    "Forward holds f, a1 and h1; the later stages need all of them.",
    {"return Forward(f, a1, h1)": "return f"},
)
forward__fields_misordered = Edit(
    "The results are in another order.",
    "Forward holds f, a1, h1.",
    {"return Forward(f, a1, h1)": "return Forward(a1, h1, f)"},
    {"return Forward(f, a1, h1)": "return Forward(h1, a1, f)"},
    {"return Forward(f, a1, h1)": "return Forward(a1, f, h1)"},
    {"return Forward(f, a1, h1)": "return Forward(h1, f, a1)"},
)
forward__graph_never = Edit(
    "No graph was recorded, though the parameters require gradients.",
    "Is there a no_grad, an inference_mode, a detach, or a way through NumPy? Nothing comes back from there.",
    {"def forward": "@torch.no_grad()\ndef forward"},
)
forward__graph_always = Edit(
    "A graph was recorded, though no parameter requires gradients.",
    "Was requires_grad switched on in here? Whether there is a graph is up to who made the parameters.",
    {"a1 = X": "params = Params(*(p.clone().requires_grad_() for p in params))\n    a1 = X"},
    {
        "a1 = X": "params = Params(*(p.clone().requires_grad_() for p in params))\n    a1 = X",
        "Forward(f, a1, h1)": "Forward(f.detach(), a1.detach(), h1.detach())",
    },
)
forward__grad_mode_switched = Edit(
    "PyTorch's grad mode was switched, and left so: from then on nothing records a graph.",
    "It holds for all code; a `with` block puts it back at its end.",
    {"a1 = X": "torch.set_grad_enabled(any(p.requires_grad for p in params))\n    a1 = X"},
)
forward__f_cut_off = Edit(
    "f is cut off from the graph.",
    "The loss is made of f: without its graph no parameter gets a gradient.",
    {"Forward(f,": "Forward(f.detach(),"},
)
forward__h1_cut_off = Edit(
    "h1 is cut off from the graph: behind it, W1 and b1 get no gradient from the loss.",
    "Is it made of a1 itself, by PyTorch's operations alone? A detach, `.data` and a new tensor cut it off.",
    {"torch.relu(a1)": "torch.relu(a1.detach())"},
)
forward__a1_cut_off = Edit(
    "a1 is cut off from the graph.",
    "It is to be differentiable like f and h1; is there a detach, or a copy of the values?",
    {"Forward(f, a1, h1)": "Forward(f, a1.detach(), h1)"},
    {"Forward(f, a1, h1)": "Forward(f, a1.detach(), h1.detach())"},
)
forward__h1_cut_off_inside = Edit(
    "The way from f back to a1 is cut: W1 and b1 get no gradient from f.",
    "The h1 that comes back has its graph; is f made of that one?",
    {"(h1 @": "(h1.detach() @"},
)
forward__copies_differentiated = Edit(
    "The parameters that were passed in get no gradient: the graph begins at something else.",
    "A copy that requires gradients is a new leaf, and keeps the gradient to itself.",
    {"a1 = X": "params = Params(*(p.detach().requires_grad_(p.requires_grad) for p in params))\n    a1 = X"},
)
forward__some_cut_off = Edit(
    "Some parameters get no gradient.",
    "Which ones are used through a detach, `.data`, or a copy?",
    {"params.W1.T": "params.W1.T.detach()"},
    {"params.b1": "params.b1.detach()"},
    {"params.W2.T": "params.W2.T.detach()"},
    {"params.b2": "params.b2.detach()"},
)


loss__summed = Edit(
    "The samples were summed, not averaged: the loss is N times too large.",
    "A mean does not grow with the number of samples.",
    {"torch.mean": "torch.sum"},
    {"torch.mean(0.5 * ": "torch.sum("},
)
loss__half_forgotten = Edit(
    "The loss is twice too large: the ½ is missing.",
    "It stands in front of each square, so that the 2 cancels when the square is differentiated.",
    {"0.5 * ": ""},
)
loss__absolute_error = Edit(
    "The differences were taken by their size, not squared.",
    "A large error should weigh more than its share.",
    {"0.5 * (f - y) ** 2": "torch.abs(f - y)"},
    {"(f - y) ** 2": "torch.abs(f - y)"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.sum(torch.abs(f - y))"},
)
loss__root_taken = Edit(
    "A square root was taken of the mean.",
    "The loss is the mean of half the squares itself.",
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.sqrt(torch.mean((f - y) ** 2))"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.sqrt(torch.mean(0.5 * (f - y) ** 2))"},
    {"torch.mean(0.5 * (f - y) ** 2)": "0.5 * torch.sqrt(torch.mean((f - y) ** 2))"},
)
loss__loss_of_decisions = Edit(
    "The loss was taken of decisions, 0 or 1, not of the scores.",
    "A decision has no slope; the loss must feel how far f is from y.",
    {"(f - y)": "((f >= 0.5).double() - y)"},
    {"0.5 * (f - y)": "((f >= 0.5).double() - y)"},
)
loss__cross_entropy = Edit(
    "This is the cross-entropy.",
    "It is a good loss for classes, but ours is half the mean squared error.",
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.binary_cross_entropy_with_logits(f, y)"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.cross_entropy(f, y)"},
)
loss__linear_far_out = Edit(
    "Large errors count only in proportion to their size: this is the Huber loss.",
    "The square holds for errors of every size.",
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.smooth_l1_loss(f, y)"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.huber_loss(f, y, delta=0.5)"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.huber_loss(f, y, delta=2.0)"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.huber_loss(f, y, delta=5.0)"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.huber_loss(f, y, delta=10.0)"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.huber_loss(f, y, delta=100.0)"},
)
loss__probabilities_wanted = Edit(
    "A loss for probabilities was asked, which takes numbers from 0 to 1 only.",
    "f is any number: a score. Ours is half the mean squared error.",
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.nn.functional.binary_cross_entropy(f, y)"},
)
loss__averaged_before_square = Edit(
    "The differences were averaged first, and then squared.",
    "Errors of both signs cancel that way; each sample's error is squared by itself.",
    {"torch.mean(0.5 * (f - y) ** 2)": "0.5 * torch.mean(f - y) ** 2"},
    {"torch.mean(0.5 * (f - y) ** 2)": "torch.mean(f - y) ** 2"},
)
loss__not_averaged = Edit(
    "Each sample's own loss came, not their mean.",
    "backward needs one number to begin with.",
    {"torch.mean(0.5 * (f - y) ** 2)": "0.5 * (f - y) ** 2"},
    {"torch.mean(0.5 * (f - y) ** 2)": "(f - y) ** 2"},
)
loss__graph_lost = Edit(
    "The loss has no graph, though f has one.",
    "Is there a no_grad, a detach, or a new tensor made of the number? Operations on tensors are recorded.",
    {"(f - y)": "(f.detach() - y)"},
)
loss__copy_differentiated = Edit(
    "f gets no gradient: the graph begins at a copy of it.",
    "A new tensor, made of f's values, keeps the gradient to itself.",
    {"(f - y)": "(f.detach().requires_grad_() - y)"},
)
loss__shapes_not_compared = Edit(
    "The shapes were not compared: different ones were broadcast, to a number that means nothing.",
    "Before anything is computed, compare the two shapes, and refuse what differs.",
    {"f.shape != y.shape": "False"},
)
loss__axes_compared = Edit(
    "Only the number of axes was compared.",
    "(1,) and (N,) have as many axes, and broadcast. Compare the whole shapes.",
    {"f.shape != y.shape": "f.dim() != y.dim()"},
)
loss__lengths_compared = Edit(
    "Only the lengths were compared, which are those of the first axis.",
    "(N, 1) and (N,) have the same length, and broadcast to (N, N). Compare the whole shapes.",
    {"f.shape != y.shape": "f.shape[:1] != y.shape[:1]"},
)
loss__sizes_compared = Edit(
    "Only the number of entries was made to agree.",
    "(N, 1), (1, N) and (N,) have as many entries, in other shapes. Compare the whole shapes.",
    {"f.shape != y.shape": "f.numel() != y.numel()"},
    {"f.shape != y.shape": "f.numel() != y.numel()", "(f - y)": "(f.flatten() - y.flatten())"},
)
loss__last_axes_compared = Edit(
    "Only the last axes were compared.",
    "(N, M) and (M,) end alike. Compare the whole shapes.",
    {"f.shape != y.shape": "f.shape[-1:] != y.shape[-1:]"},
)
loss__one_shape_looked_at = Edit(
    "Only the number of axes of f, or of y, was looked at.",
    "Each may look right by itself, and still not be like the other: compare the two shapes.",
    {"f.shape != y.shape": "f.dim() > 1"},
    {"f.shape != y.shape": "y.dim() > 1"},
    {"f.shape != y.shape": "y.dim() != 1"},
    {"f.shape != y.shape": "f.dim() > 1 or y.dim() > 1"},
    {"f.shape != y.shape": "f.dim() != 1 or y.dim() != 1"},
)


def loss__answered_not_refused(f, y):
    """A value came where the shapes differ, not an error.

    Whoever goes on with it will not notice. What cannot be compared is refused by a ValueError.
    """
    return torch.mean(0.5 * (f - y) ** 2) if f.shape == y.shape else torch.full((), torch.inf)


agreement__array_minus_tensor = Edit(
    "An array and a tensor were put into one operation.",
    "First make of one of them what the other is.",
    {"array - other": "array - tensor.detach()"},
)
agreement__function_of_the_other_library = Edit(
    "A NumPy function was given a tensor.",
    "np.max and torch.max take different arguments. Convert once, and go on with one library.",
    {"array - other": "torch.tensor(array - other)"},
)
agreement__not_reduced = Edit(
    "Several differences were to become one float.",
    "Which of them is asked for?",
    {"np.max(np.abs(array - other))": "np.abs(array - other)"},
    {"np.max(np.abs(array - other))": "torch.tensor(array - other).abs()"},
    {"float(np.max(np.abs(array - other)))": "np.abs(array - other).item()"},
)
agreement__signed = Edit(
    "The largest difference was taken with its sign: one that is far below 0 does not count.",
    "A difference is large, whichever of the two is the larger one.",
    {"np.abs(array - other)": "array - other"},
    {"np.abs(array - other)": "other - array"},
)
agreement__absolute_of_the_largest = Edit(
    "First the largest difference was taken, and then its absolute value.",
    "A difference that is far below 0 is lost by then; think about the order.",
    {"np.max(np.abs(array - other))": "np.abs(np.max(array - other))"},
    {"np.max(np.abs(array - other))": "np.abs(np.max(other - array))"},
)
agreement__maxima_compared = Edit(
    "The largest entries were compared, each from its own place.",
    "First the difference of each pair of entries, then the largest of these.",
    {"np.max(np.abs(array - other))": "np.abs(np.max(array) - np.max(other))"},
    {"np.max(np.abs(array - other))": "np.abs(np.max(np.abs(array)) - np.max(np.abs(other)))"},
)
agreement__norms_compared = Edit(
    "The norms of the two were compared, not their entries.",
    "Arrays that are far apart can have the same norm: first the difference of each pair of entries.",
    {"np.max(np.abs(array - other))": "np.abs(np.linalg.norm(array) - np.linalg.norm(other))"},
)
agreement__magnitudes_compared = Edit(
    "The magnitudes were compared, without their signs.",
    "Entries of the same size and opposite signs would agree.",
    {"array - other": "np.abs(array) - np.abs(other)"},
)
agreement__some_left_out = Edit(
    "Only a part of the entries was compared.",
    "The largest difference may be anywhere, in the last row as well.",
    {"array - other": "np.atleast_1d(array)[:1] - np.atleast_1d(other)[:1]"},
    {"array - other": "np.atleast_1d(array)[:10] - np.atleast_1d(other)[:10]"},
    {"array - other": "np.atleast_1d(array)[-1:] - np.atleast_1d(other)[-1:]"},
    {"array - other": "array.ravel()[:1] - other.ravel()[:1]"},
    {"array - other": "array.ravel()[:100] - other.ravel()[:100]"},
    {"array - other": "array.ravel()[:1000] - other.ravel()[:1000]"},
)
agreement__smallest = Edit(
    "The smallest difference came.",
    "One entry that agrees would hide all others.",
    {"np.max(": "np.min("},
    {"np.max(np.abs(array - other))": "np.min(array - other)"},
)
agreement__averaged = Edit(
    "The differences were averaged.",
    "One wrong entry among many right ones would hardly show; the largest does.",
    {"np.max(": "np.mean("},
    {"np.max(": "np.median("},
    {"np.max(np.abs(array - other))": "np.abs(np.mean(array - other))"},
    {"np.max(np.abs(array - other))": "np.mean(array - other)"},
)
agreement__summed = Edit(
    "The differences were summed.",
    "A sum grows with the number of entries; the largest of them is asked for.",
    {"np.max(": "np.sum("},
    {"np.max(np.abs(array - other))": "np.sum(array - other)"},
)
agreement__squared = Edit(
    "The differences were squared.",
    "Squares make small differences smaller; their size itself is asked for.",
    {"np.abs(": "np.square("},
    {"np.max(np.abs(": "np.mean(np.square("},
    {"np.max(np.abs(": "np.sum(np.square("},
)
agreement__norm = Edit(
    "A norm of all the differences together came.",
    "Each entry stands for itself; the largest difference is asked for.",
    {"np.max(np.abs(array - other))": "np.linalg.norm(array - other)"},
    {"np.max(np.abs(array - other))": "np.sqrt(np.mean((array - other) ** 2))"},
)
agreement__relative = Edit(
    "The difference was divided by the size of the values: it is relative.",
    "The absolute difference is asked for, in the units of the values themselves.",
    {"np.abs(array - other)": "np.abs(array - other) / np.abs(array)"},
    {"np.abs(array - other)": "np.abs(array - other) / np.abs(other)"},
    {"np.abs(array - other)": "np.abs(array - other) / np.maximum(np.abs(array), np.abs(other))"},
    {"np.abs(array - other)": "np.abs(array - other) / (np.abs(array) + np.abs(other))"},
    {"np.abs(array - other)": "np.abs(array - other) / (np.abs(array) + 1e-8)"},
    {"np.abs(array - other)": "np.abs(array - other) / (np.abs(other) + 1e-8)"},
)
agreement__thresholded = Edit(
    "A small difference came out as exactly 0.",
    "Give the difference as it is; who calls decides what is small enough.",
    {"return": "return 0.0 if np.max(np.abs(array - other)) < 1e-8 else"},
)
agreement__rounded = Edit(
    "The difference was rounded.",
    "Differences of 1e-9 are of interest here, too.",
    {"float(np.max(np.abs(array - other)))": "round(float(np.max(np.abs(array - other))), 2)"},
    {"float(np.max(np.abs(array - other)))": "round(float(np.max(np.abs(array - other))), 4)"},
    {"float(np.max(np.abs(array - other)))": "round(float(np.max(np.abs(array - other))), 6)"},
    {"float(np.max(np.abs(array - other)))": "round(float(np.max(np.abs(array - other))), 8)"},
)
agreement__verdict_for_difference = Edit(
    "A yes or no came, where the difference itself is asked for.",
    "How far apart are they? Who calls decides what is close.",
    {"float(np.max(np.abs(array - other)))": "np.allclose(array, other)"},
    {"float(np.max(np.abs(array - other)))": "np.max(np.abs(array - other)) < 1e-8"},
)
agreement__compared_in_single_precision = Edit(
    "The difference was taken in float32, where small ones vanish.",
    "float32 has seven digits; which conversion loses the others?",
    {"array - other": "np.float32(array) - np.float32(other)"},
    {"array - other": "np.float32(array) - other"},
    {"array - other": "array - np.float32(other)"},
)
agreement__shapes_not_compared = Edit(
    "The shapes were not compared: different ones were broadcast, to a number that means nothing.",
    "Before anything is computed, compare the two shapes, and refuse what differs.",
    {"np.shape(array) != other.shape": "False"},
)
agreement__axes_compared = Edit(
    "Only the number of axes was compared.",
    "(1,) and (N,) have as many axes, and broadcast. Compare the whole shapes.",
    {"np.shape(array) != other.shape": "array.ndim != other.ndim"},
)
agreement__lengths_compared = Edit(
    "Only the lengths were compared, which are those of the first axis.",
    "(N, 1) and (N,) have the same length, and broadcast to (N, N). Compare the whole shapes.",
    {"np.shape(array) != other.shape": "array.shape[:1] != other.shape[:1]"},
)
agreement__sizes_compared = Edit(
    "Only the number of entries was made to agree.",
    "(N, 1), (1, N) and (N,) have as many entries, in other shapes. Compare the whole shapes.",
    {"np.shape(array) != other.shape": "array.size != other.size"},
    {"np.shape(array) != other.shape": "array.size != other.size", "array - other": "array.flat - other.ravel()"},
)
agreement__last_axes_compared = Edit(
    "Only the last axes were compared.",
    "(N, M) and (M,) end alike. Compare the whole shapes.",
    {"np.shape(array) != other.shape": "array.shape[-1:] != other.shape[-1:]"},
)


def agreement__answered_not_refused(array, tensor):
    """A value came where the shapes differ, not an error.

    Whoever goes on with it will not notice. What cannot be compared is refused by a ValueError.
    """
    other = tensor.detach().numpy()
    return float(np.max(np.abs(array - other))) if array.shape == other.shape else np.inf
