"""Mistakes in stage 3: slips in the chain rule, in differences and their comparison, in a step and in a run."""

import numpy as np
from stage1_relu import relu_grad
from stage3_backward import numerical_grad
from xor import Params, init_params

from grader.course.mistakes import Edit


def right(X, y, params, out):
    r = (out.f - y) / len(y)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)
    return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())


def backward__differences_for_chain_rule(X, y, params, out):
    """The gradients come from differences of the loss, not from the chain rule.

    A difference needs the loss itself, which overflows where errors are huge. The chain rule needs only the
    error: go back step by step from f to each parameter.
    """
    return numerical_grad(X, y, params)


def backward__differences_for_chain_rule__of_longer_steps(X, y, params, out):
    return numerical_grad(X, y, params, 1e-3)


def backward__kept_from_before(X, y, params, out, total={}):
    """Something of an earlier call is in the answer.

    The gradients follow from the arguments alone: what does the function keep between two calls?
    """
    grads = right(X, y, params, out)
    total["b2"] = total.get("b2", 0.0) + grads.b2
    return grads._replace(b2=total["b2"])


def backward__kept_from_before__by_shape(X, y, params, out, total={}):
    for name, g in right(X, y, params, out)._asdict().items():
        total[name, g.shape] = total.get((name, g.shape), 0.0) + g
    return Params(*(total[name, np.shape(p)] for name, p in params._asdict().items()))


def backward__kept_from_before__as_it_was(X, y, params, out, known={}):
    return known.setdefault((X.shape, params.b1.shape), right(X, y, params, out))


def backward__kept_from_before__of_these_arrays(X, y, params, out, known={}):
    _, grads = known.setdefault((id(X), id(params)), ((X, params), right(X, y, params, out)))
    return grads


backward__fields_in_other_order = Edit(
    "The gradients are right, but stand under each other's names.",
    "Params takes them in the order W1, b1, W2, b2; or give them by name.",
    {"b1=da1": "W2=da1", "W2=r[": "b1=r["},
    {"W1=": "w=", "W2=": "W1=", "w=": "W2=", "b1=": "b=", "b2=": "b1=", "b=": "b2="},
    {"b1=": "b=", "b2=": "b1=", "b=": "b2="},
    {"W1=": "w=", "W2=": "W1=", "w=": "W2="},
)
backward__summed = Edit(
    "dW1 is N times too large, and so are the others: the gradients were summed over the batch, not averaged.",
    "The loss is a mean over the samples; where does its 1/N go when you differentiate?",
    {" / len(y)": ""},
)
backward__summed_in_part = Edit(
    "Not every gradient was averaged over the batch: this one is N times too large.",
    "The 1/N belongs to the first step back from the loss; from there all four gradients get it.",
    {"W1=da1.T": "W1=len(y) * da1.T"},
    {"b1=da1": "b1=len(y) * da1"},
    {"W2=r[": "W2=len(y) * r["},
    {"b2=r": "b2=len(y) * r"},
)
backward__averaged_twice = Edit(
    "It was averaged over the batch twice: the gradients are N times too small.",
    "The loss holds one 1/N; how often does your backward pass divide by it?",
    {"len(y)": "len(y) ** 2"},
)
backward__averaged_twice_in_part = Edit(
    "One gradient was averaged over the batch twice: it is N times too small.",
    "The error is divided by N already; what is left is a sum over the samples.",
    {"da1.T @ X": "da1.T @ X / len(y)"},
    {"da1.sum(": "da1.mean("},
    {"@ out.h1": "@ out.h1 / len(y)"},
    {"r.sum()": "r.mean()"},
)
backward__half_forgotten = Edit(
    "The gradients are twice too large: the ½ of the loss was left out.",
    "What does the ½ in front of the square do to the 2 that comes from differentiating it?",
    {"(out.f - y)": "2 * (out.f - y)"},
)
backward__halved = Edit(
    "The gradients are half as large as they should be: the ½ of the loss was kept.",
    "Differentiate ½ u² by u: what becomes of the ½?",
    {"(out.f - y)": "0.5 * (out.f - y)"},
)
backward__error_reversed = Edit(
    "Every gradient has the wrong sign: f and y are the wrong way round.",
    "Where f is too large the loss should grow with f; which one is subtracted from which?",
    {"out.f - y": "y - out.f"},
)
backward__fixed_batch_size = Edit(
    "It was divided by 200, whatever the number of samples.",
    "200 is the size of the data by default; how many samples are there in this call?",
    {"len(y)": "200"},
)
backward__divided_by_other_size = Edit(
    "It was divided by another size than the number of samples.",
    "Which axis of X are the samples? The mean goes over them, and over nothing else.",
    {"len(y)": "X.shape[1]"},
    {"len(y)": "out.a1.shape[1]"},
    {"len(y)": "X.size"},
    {"len(y)": "out.a1.size"},
    {"len(y)": "max(len(y) - 1, 0.5)"},
)
backward__slope_forgotten = Edit(
    "The ReLU's slope is missing: the error goes back through units that were off.",
    "Where a1 is below 0 the ReLU gives 0, however a1 moves; what comes back through it there?",
    {" * relu_grad(out.a1)": ""},
)
backward__one_at_zero = Edit(
    "The ReLU's slope was taken as 1 where a pre-activation is exactly 0.",
    "We take 0 there, as PyTorch does; look at the comparison.",
    {"relu_grad(out.a1)": "(out.a1 >= 0)"},
)
backward__half_at_zero = Edit(
    "The ReLU's slope was taken as ½ where a pre-activation is exactly 0.",
    "We take 0 there, as PyTorch does.",
    {"relu_grad(out.a1)": "np.heaviside(out.a1, 0.5)"},
)
backward__value_for_slope = Edit(
    "The ReLU's value stands where its slope belongs.",
    "How much does h1 grow when a1 grows by a little? That is neither a1 nor h1.",
    {"relu_grad(out.a1)": "out.h1"},
    {"relu_grad(out.a1)": "out.a1"},
)
backward__opposite_slope = Edit(
    "The ReLU's slope is the wrong way round: the error goes back through the units that were off.",
    "Where does ReLU grow, and where is it flat?",
    {"relu_grad(out.a1)": "(out.a1 < 0)"},
    {"relu_grad(out.a1)": "(out.a1 <= 0)"},
)
backward__sign_for_slope = Edit(
    "Where a unit was off, the error went back with its sign turned.",
    "Where ReLU is flat, its slope is 0, not −1.",
    {"relu_grad(out.a1)": "np.sign(out.a1)"},
)
backward__output_weights_forgotten = Edit(
    "The error was brought to the hidden layer without the output's weights.",
    "How much does f move when one h1 moves? That depends on the unit.",
    {"params.W2": "np.ones_like(params.W2)"},
)


def backward__parameters_by_default(X, y, params, out):
    """Something of 16 units has met the units of params: parameters by default, not those that were passed.

    Everything on the way back is made of the arguments: X, y, params and out.
    """
    return right(X, y, init_params(), out)


def backward__parameters_by_default__from_the_start(X, y, params, out):
    mask = relu_grad(X @ init_params(X.shape[1]).W1.T)
    return right(X, y, init_params(), out._replace(a1=mask))


backward__a1_for_h1 = Edit(
    "dW2 was made of a1, the values before the ReLU.",
    "What has W2 been multiplied by in the forward pass?",
    {"out.h1": "out.a1"},
)
backward__slope_for_h1 = Edit(
    "dW2 was made of the ReLU's slope, 0 and 1.",
    "What has W2 been multiplied by in the forward pass?",
    {"out.h1": "relu_grad(out.a1)"},
)
backward__hidden_forgotten = Edit(
    "dW2 has the same entry for each unit: the hidden values are missing.",
    "What has W2 been multiplied by in the forward pass?",
    {"out.h1": "np.ones_like(out.h1)"},
)
backward__targets_forgotten = Edit(
    "The scores went back as they are: y was not used.",
    "The loss asks how far f is from y; what is its derivative by f?",
    {"(out.f - y)": "out.f"},
)
backward__error_forgotten = Edit(
    "These are the gradients of the scores, not of the loss: the error is missing.",
    "The chain begins at the loss; what is its derivative by f?",
    {"(out.f - y)": "np.ones(len(y))"},
)
backward__error_squared = Edit(
    "The squared error went back.",
    "The square is in the loss; what is left of it when it is differentiated?",
    {"(out.f - y)": "(out.f - y) ** 2"},
    {"(out.f - y)": "(out.f - y) ** 2 / 2"},
)
backward__error_without_sign = Edit(
    "The error went back without its sign.",
    "A score that is too small must push the other way than one that is too large.",
    {"(out.f - y)": "abs(out.f - y)"},
)
backward__sign_of_error = Edit(
    "Only the sign of the error went back.",
    "That is the gradient of the absolute error; here large errors push harder than small ones.",
    {"(out.f - y)": "np.sign(out.f - y)"},
)
backward__decisions_for_scores = Edit(
    "The error was taken of decisions, 0 or 1, not of the scores.",
    "The loss holds f itself; the threshold is for the accuracy alone.",
    {"out.f - y": "(out.f >= 0.5) - y"},
)
backward__sigmoid_added = Edit(
    "There is a sigmoid in it, which this network does not have.",
    "f is the second layer's result as it is.",
    {"(out.f - y)": "(out.f - y) * out.f * (1 - out.f)"},
    {"out.f - y": "1 / (1 + np.exp(-out.f)) - y"},
)
backward__one_sample_only = Edit(
    "Only one sample counts: each sample overwrites what the others gave, or the loop ends too early.",
    "Every sample adds its share to the gradients.",
    {"/ len(y)": "/ len(y) * (np.arange(len(y)) == len(y) - 1)"},
    {"/ len(y)": "/ len(y) * (np.arange(len(y)) == 0)"},
    {"/ len(y)": "* (np.arange(len(y)) == len(y) - 1)"},
    {"/ len(y)": "* (np.arange(len(y)) == 0)"},
)
backward__left_at_zero = Edit(
    "A gradient is 0 throughout.",
    "Each of the four parameters moves the loss; is this one ever filled in?",
    {"W1=": "W1=0 * "},
    {"b1=": "b1=0 * "},
    {"W2=r": "W2=0 * r"},
    {"b2=": "b2=0 * "},
)
backward__summed_over_units = Edit(
    "db1 has an entry for each sample: it was summed over the units.",
    "Along which axis do the samples lie? They are what is summed over.",
    {"axis=0": "axis=1"},
    {"sum(axis=0)": "mean(axis=1)"},
)
backward__not_summed = Edit(
    "A gradient still has the samples' axis.",
    "All samples share one parameter, so their shares add up to one gradient of its shape.",
    {"da1.sum(axis=0)": "da1 if len(y) > 1 else da1[0]"},
    {"r.sum()": "r if len(y) > 1 else r[0]"},
    {"r.sum()": "r[:, np.newaxis] if len(y) > 1 else r[0]"},
    {"r[np.newaxis] @ out.h1": "r[:, np.newaxis] * out.h1"},
)
backward__error_broadcast = Edit(
    "dW2 has a row for each sample: a column (N, 1) and a row were broadcast to (N, N).",
    "Look at the shapes of f and y where the error is made.",
    {
        "(out.f - y)": "(out.f[:, np.newaxis] - y)",
        "outer(r,": "outer(r.sum(axis=1),",
        "r[np.newaxis]": "r.T",
    },
    {
        "(out.f - y)": "(out.f - y[:, np.newaxis])",
        "outer(r,": "outer(r.sum(axis=1),",
        "r[np.newaxis]": "r.T",
    },
)
backward__normalised = Edit(
    "The gradients were divided by their norm.",
    "Their length says how steep the loss is; it has to stay.",
    {
        "return Params(": "grads = Params(",
        "        b2=r.sum(),  # ()\n    )": "        b2=r.sum(),\n    )\n"
        "    return Params(*(g / np.sqrt(sum(np.sum(h**2) for h in grads)) for g in grads))",
    },
)
backward__overflows = Edit(
    "The gradients overflow where errors are huge.",
    "1e160 is a number like any other in float64; what squares it, or holds it in float32 for a while?",
    {"(out.f - y)": "(out.f - y) ** 2 / (out.f - y)"},
    {"(out.f - y)": "np.float64(np.float32(out.f - y))"},
    {"(out.f - y)": "np.sign(out.f - y) * np.sqrt((out.f - y) ** 2)"},
)


numerical_grad__nothing_moved = Edit(
    "Every difference is 0: the loss was taken of the same parameters twice.",
    "Does the forward pass see the moved entry? A copy that nobody uses changes nothing.",
    {"forward(X, nudged)": "forward(X, params)"},
)
numerical_grad__chain_rule_for_differences = Edit(
    "The gradients come from the chain rule, not from differences of the loss.",
    "A check needs a second way that shares nothing with the first: forward and loss alone.",
    {"return grads": "return backward(X, y, params, forward(X, params))"},
)
numerical_grad__two_forgotten = Edit(
    "The differences are twice too large.",
    "How far apart are the two points at which the loss was taken? And does the loss have its ½?",
    {"/ (2 * eps)": "/ eps"},
    {"value + eps": "value + eps / 2", "value - eps": "value - eps / 2", "/ (2 * eps)": "/ eps * 2"},
)
numerical_grad__one_sided = Edit(
    "The difference goes to one side only: the loss at the point itself is one of the two.",
    "A central difference takes a step to each side; its error shrinks with ε², not with ε.",
    {"value - eps": "value", "2 * eps": "eps"},
    {"value + eps": "value", "2 * eps": "eps"},
    {"value - eps": "value"},
    {"value + eps": "value"},
)
numerical_grad__halved = Edit(
    "The differences are half as large as they should be.",
    "How far apart are the two points at which the loss was taken?",
    {"2 * eps": "4 * eps"},
    {"value + eps": "value + eps / 2", "value - eps": "value - eps / 2"},
)
numerical_grad__not_divided = Edit(
    "The difference of the two losses was not divided by the distance of the two points.",
    "A slope is a difference for each unit of the step.",
    {" / (2 * eps)": ""},
    {"value + eps": "value + eps / 2", "value - eps": "value - eps / 2", " / (2 * eps)": ""},
    {" / (2 * eps)": " / 2"},
)
numerical_grad__multiplied = Edit(
    "It was multiplied by ε where it should be divided: without parentheses / and * go from left to right.",
    "What do you want in the denominator, and what does Python put there?",
    {"/ (2 * eps)": "/ 2 * eps"},
    {"/ (2 * eps)": "* eps"},
    {"/ (2 * eps)": "* 2 * eps"},
)
numerical_grad__last_term_divided = Edit(
    "Only one of the two losses was divided.",
    "Python divides before it subtracts.",
    {"(above - below)": "above - below"},
    {"(above - below) / (2 * eps)": "above / (2 * eps) - below"},
)
numerical_grad__sides_swapped = Edit(
    "Every sign is the wrong way round: the two sides are swapped.",
    "Where a larger entry makes the loss larger, the gradient is positive.",
    {"above - below": "below - above"},
)
numerical_grad__without_sign = Edit(
    "The differences came without their signs.",
    "A gradient may be negative.",
    {"(above - below)": "abs(above - below)"},
)
numerical_grad__summed = Edit(
    "These are differences of the summed loss: they are N times too large.",
    "The loss is a mean over the samples.",
    {"(above - below)": "len(y) * (above - below)"},
)
numerical_grad__averaged_twice = Edit(
    "It was averaged over the batch twice: the differences are N times too small.",
    "The loss is a mean already.",
    {"(above - below)": "(above - below) / len(y)"},
)
numerical_grad__left_at_zero = Edit(
    "The differences of one parameter are all 0.",
    "Each of the four is to be moved, b2 with its shape () as well.",
    {"return grads": "return grads._replace(W1=0 * grads.W1)"},
    {"return grads": "return grads._replace(b1=0 * grads.b1)"},
    {"return grads": "return grads._replace(W2=0 * grads.W2)"},
    {"return grads": "return grads._replace(b2=0 * grads.b2)"},
)
numerical_grad__not_put_back = Edit(
    "An entry that had been moved stayed where it was, while the next ones were looked at.",
    "Each difference moves one entry, with all others at their own values.",
    {"p[i] = value\n": "p[i] = value - eps\n"},
    {"p[i] = value\n": "p[i] = value + eps\n"},
)
numerical_grad__all_at_once = Edit(
    "A whole parameter, or a row of it, was moved at once.",
    "Each entry has a derivative of its own: one of them moves, the others stay.",
    {"in np.ndindex(p.shape)": "in [...]", "value = p[i]": "value = p[i].copy()"},
    {"p.shape)": "p.shape[:1])", "value = p[i]": "value = p[i].copy()"},
)
numerical_grad__relative_step = Edit(
    "The step was made in proportion to the entry.",
    "ε is the step itself, the same for all entries.",
    {"    for p,": "    h = eps\n    for p,", "value = p[i]": "value, eps = p[i], h * abs(p[i])"},
    {"    for p,": "    h = eps\n    for p,", "value = p[i]": "value, eps = p[i], h * max(1.0, abs(p[i]))"},
    {"    for p,": "    h = eps\n    for p,", "value = p[i]": "value, eps = p[i], h * (1.0 + abs(p[i]))"},
)
numerical_grad__other_default_eps = Edit(
    "Where no eps is given, another one than 1e-6 was taken.",
    "Look at the line with `def`, and at what happens to eps below it.",
    {"eps: float = 1e-6": "eps: float = 1e-5"},
    {"eps: float = 1e-6": "eps: float = 1e-4"},
    {"eps: float = 1e-6": "eps: float = 1e-3"},
    {"eps: float = 1e-6": "eps: float = 1e-7"},
    {"eps: float = 1e-6": "eps: float = 1e-8"},
)
numerical_grad__eps_ignored = Edit(
    "The eps that was given was not used.",
    "1e-6 is what eps is where none is given.",
    {"    for p,": "    eps = 1e-6\n    for p,"},
    {"    for p,": "    eps = 1e-5\n    for p,"},
    {"    for p,": "    eps = 1e-4\n    for p,"},
)


gradient_check__nan_lost = Edit(
    "A NaN was lost, and a number came in its place.",
    "A check that hides NaN finds all well where nothing is: no comparison with NaN is true, so Python's max "
    "passes it by, and some of NumPy's functions leave it out on purpose.",
    {"np.max(np.abs(a - b))": "max([0.0, *np.abs(a - b).ravel()])"},
    {"np.max(np.abs(a - b))": "max(np.abs(a - b).ravel())"},
    {"np.max(": "np.nanmax("},
    {"np.abs(a - b)": "np.nan_to_num(np.abs(a - b))"},
    {"np.max(np.abs(a - b))": "np.nan_to_num(np.max(np.abs(a - b)))"},
    {"np.max(np.abs(a - b))": "np.nan_to_num(np.max(np.abs(a - b)), nan=np.inf)"},
)
gradient_check__compared_with_itself = Edit(
    "Every difference is exactly 0: something was compared with itself.",
    "Two gradients found in two ways never agree to the last digit.",
    {"numerical_grad(X, y, params, eps)": "by_chain_rule"},
)
gradient_check__signed = Edit(
    "The largest was looked for among signed differences: one far below 0 was missed.",
    "Which comes first, dropping the signs or taking the largest?",
    {"np.max(np.abs(a - b))": "abs(np.max(a - b))"},
    {"np.max(np.abs(a - b))": "abs(np.max(b - a))"},
    {"np.abs(a - b)": "a - b"},
    {"np.abs(a - b)": "b - a"},
)
gradient_check__sizes_compared = Edit(
    "The gradients were compared by their sizes, without their signs.",
    "A gradient that points the wrong way would pass.",
    {"np.abs(a - b)": "np.abs(np.abs(a) - np.abs(b))"},
    {"np.max(np.abs(a - b))": "abs(np.max(np.abs(a)) - np.max(np.abs(b)))"},
    {"np.max(np.abs(a - b))": "abs(np.max(a) - np.max(b))"},
    {"np.max(np.abs(a - b))": "abs(np.linalg.norm(a) - np.linalg.norm(b))"},
)
gradient_check__one_for_all = Edit(
    "The same number stands under each name: the largest of all four.",
    "Each parameter has its own largest difference; that tells which gradient is wrong.",
    {"return {": "found = {", "\n    }": "\n    }\n    return dict.fromkeys(found, max(found.values()))"},
)
gradient_check__mean_for_largest = Edit(
    "A mean of the differences came.",
    "One wrong entry among many right ones would hardly show in it.",
    {"np.max(": "np.mean("},
    {"np.max(np.abs(a - b))": "np.mean(a - b)"},
    {"np.max(np.abs(a - b))": "abs(np.mean(a - b))"},
    {"np.max(np.abs(a - b))": "np.mean((a - b) ** 2)"},
    {"np.max(np.abs(a - b))": "np.sqrt(np.mean((a - b) ** 2))"},
    {"np.max(": "np.median("},
)
gradient_check__sum_for_largest = Edit(
    "The differences were summed.",
    "A sum grows with the number of entries; the largest of them is asked for.",
    {"np.max(": "np.sum("},
    {"np.max(np.abs(a - b))": "np.sum(a - b)"},
)
gradient_check__norm_for_largest = Edit(
    "A norm of the differences came.",
    "The largest single difference is asked for.",
    {"np.max(np.abs(a - b))": "np.linalg.norm(a - b)"},
    {"np.max(np.abs(a - b))": "np.sum((a - b) ** 2)"},
)
gradient_check__squared = Edit(
    "The differences were squared.",
    "Squares make small differences look smaller than they are.",
    {"np.abs(a - b)": "(a - b) ** 2"},
)
gradient_check__relative = Edit(
    "The differences were divided by the size of the gradients.",
    "The absolute difference is asked for.",
    {"np.abs(a - b)": "np.abs(a - b) / (np.abs(a) + np.abs(b))"},
    {"np.abs(a - b)": "np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-12)"},
    {"np.abs(a - b)": "np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8)"},
    {"np.abs(a - b)": "np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))"},
    {"np.abs(a - b)": "np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)"},
    {"np.abs(a - b)": "np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-8)"},
    {"np.abs(a - b)": "np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)"},
    {"np.abs(a - b)": "np.abs(a - b) / (np.abs(b) + 1e-12)"},
    {"np.abs(a - b)": "np.abs(a - b) / (np.abs(b) + 1e-8)"},
    {"np.abs(a - b)": "np.abs(a - b) / (np.abs(a) + 1e-12)"},
    {"np.abs(a - b)": "np.abs(a - b) / (np.abs(a) + 1e-8)"},
    {"np.max(np.abs(a - b))": "np.max(np.abs(a - b)) / (np.max(np.abs(b)) + 1e-12)"},
    {"np.max(np.abs(a - b))": "np.max(np.abs(a - b)) / (np.max(np.abs(a)) + 1e-12)"},
    {"np.max(np.abs(a - b))": "np.max(np.abs(a - b)) / (np.max(np.abs(a)) + np.max(np.abs(b)))"},
    {"np.max(np.abs(a - b))": "np.max(np.abs(a - b)) / max(np.max(np.abs(a)), np.max(np.abs(b)))"},
    {"np.max(np.abs(a - b))": "np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))"},
    {"np.max(np.abs(a - b))": "np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b) + 1e-8)"},
    {"np.max(np.abs(a - b))": "np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b))"},
    {"np.max(np.abs(a - b))": "np.linalg.norm(a - b) / np.linalg.norm(b)"},
)
gradient_check__smallest = Edit(
    "The smallest difference came.",
    "One entry that agrees would hide all others.",
    {"np.max(": "np.min("},
    {"np.max(np.abs(a - b))": "np.min(a - b)"},
)
gradient_check__other_default_eps = Edit(
    "Where no eps is given, another one than 1e-6 was taken.",
    "Look at the line with `def`, and at what is handed on.",
    {"eps: float = 1e-6": "eps: float = 1e-5"},
    {"eps: float = 1e-6": "eps: float = 1e-4"},
    {"eps: float = 1e-6": "eps: float = 1e-3"},
)
gradient_check__eps_ignored = Edit(
    "The eps that was given did not reach the differences.",
    "Who asks for another step should get it; what is eps handed on to?",
    {"params, eps)": "params)"},
    {"params, eps)": "params, 1e-5)"},
    {"params, eps)": "params, 1e-4)"},
)


sgd_step__ascent = Edit(
    "The step goes uphill: the gradients were added.",
    "The gradient points to where the loss grows.",
    {"p - lr": "p + lr"},
)
sgd_step__lr_ignored = Edit(
    "The learning rate that was given was not used.",
    "Two calls with different lr should take steps of different lengths.",
    {"lr * g": "g"},
    {"lr * g": "0.5 * g"},
    {"lr * g": "0.1 * g"},
    {"lr * g": "0.05 * g"},
    {"lr * g": "0.01 * g"},
    {"lr * g": "0.001 * g"},
)
sgd_step__lr_squared = Edit(
    "It was multiplied by the learning rate twice.",
    "Where does lr stand, and what is scaled by it already?",
    {"lr * g": "lr * lr * g"},
)
sgd_step__divided_by_lr = Edit(
    "It was divided by the learning rate.",
    "A larger lr means a longer step.",
    {"lr * g": "g / lr"},
)
sgd_step__step_returned = Edit(
    "The step came, not the parameters after it.",
    "A step starts somewhere: what is moved by it?",
    {"p - lr * g": "lr * g"},
    {"p - lr * g": "-lr * g"},
)
sgd_step__gradients_returned = Edit(
    "The gradients came back as they were.",
    "The new parameters are asked for.",
    {"p - lr * g": "g"},
)
sgd_step__nothing_moved = Edit(
    "The parameters came back as they were.",
    "`p -= …` on a name in a loop, or `p + …` without keeping it, leaves the old ones in Params.",
    {"p - lr * g": "p"},
)
sgd_step__biases_not_moved = Edit(
    "The weights were moved, the biases were not.",
    "All four parameters have a gradient.",
    {"lr * g": "lr * g * (np.ndim(p) == 2)"},
)
sgd_step__one_not_moved = Edit(
    "One of the parameters stayed where it was.",
    "All four have a gradient; count them.",
    {"strict=True)))": "strict=True)))._replace(b2=params.b2)"},
    {"strict=True)))": "strict=True)))._replace(W2=params.W2)"},
    {"strict=True)))": "strict=True)))._replace(b1=params.b1)"},
    {"strict=True)))": "strict=True)))._replace(W1=params.W1)"},
)
sgd_step__roles_swapped = Edit(
    "Parameters and gradients have changed places.",
    "Which of the two is scaled by lr?",
    {"p - lr * g": "g - lr * p"},
    {"p - lr * g": "lr * g - p"},
    {"p - lr * g": "lr * p - g"},
)
sgd_step__parentheses_misplaced = Edit(
    "lr was subtracted from the parameters, and the result multiplied.",
    "What is to be computed first?",
    {"p - lr * g": "(p - lr) * g"},
)
sgd_step__parameters_scaled = Edit(
    "The parameters were scaled by lr, too.",
    "lr says how far to go along the gradient; the place where the step starts is what it is.",
    {"p - lr * g": "lr * (p - g)"},
    {"p - lr * g": "p * (1 - lr * g)"},
)
sgd_step__signs_only = Edit(
    "Only the signs of the gradients were used.",
    "Plain gradient descent goes far where it is steep.",
    {"lr * g": "lr * np.sign(g)"},
)
sgd_step__normalised = Edit(
    "The gradients were divided by their norm.",
    "Plain gradient descent goes far where it is steep.",
    {"lr * g": "lr * g / np.sqrt(sum(np.sum(h**2) for h in grads))"},
    {"lr * g": "lr * g / np.linalg.norm(g)"},
    {"lr * g": "lr * g / np.max(np.abs(g))"},
)
sgd_step__clipped = Edit(
    "Large gradients were cut off.",
    "That is a trick for runs that explode; a plain step uses the gradients as they are.",
    {"lr * g": "lr * g / max(1.0, np.sqrt(sum(np.sum(h**2) for h in grads)) / 0.1)"},
    {"lr * g": "lr * g / max(1.0, np.sqrt(sum(np.sum(h**2) for h in grads)) / 0.5)"},
    {"lr * g": "lr * g / max(1.0, np.sqrt(sum(np.sum(h**2) for h in grads)) / 5.0)"},
    {"lr * g": "lr * g / max(1.0, np.sqrt(sum(np.sum(h**2) for h in grads)) / 10.0)"},
    {"lr * g": "lr * g / max(1.0, np.linalg.norm(g) / 1.0)"},
    {"lr * g": "lr * g / max(1.0, np.linalg.norm(g) / 5.0)"},
)


def with_velocity(params, grads, lr, kept, factor):
    for k, g in enumerate(grads):
        kept[k] = g + (factor * kept[k] if k in kept and np.shape(kept[k]) == np.shape(g) else 0.0)
    return Params(*(p - lr * kept[k] for k, p in enumerate(params)))


def sgd_step__momentum(params, grads, lr, kept={}):
    """Gradients of earlier calls are in the step: this is momentum.

    A plain step follows from its arguments alone; what does the function keep?
    """
    return with_velocity(params, grads, lr, kept, 0.9)


def sgd_step__momentum__of_half(params, grads, lr, kept={}):
    return with_velocity(params, grads, lr, kept, 0.5)


def sgd_step__momentum__by_shapes(params, grads, lr, kept={}):
    return with_velocity(params, grads, lr, kept.setdefault(params.W1.shape, {}), 0.9)


def sgd_step__momentum__of_steps(params, grads, lr, kept={}):
    return with_velocity(params, [lr * g for g in grads], 1.0, kept, 0.9)


def sgd_step__drifting_rate(params, grads, lr, calls=[]):
    """The first step was right, then the learning rate changed from call to call.

    A step follows from its arguments alone; what does the function keep?
    """
    calls.append(lr)
    return Params(*(p - lr * 0.99 ** (len(calls) - 1) * g for p, g in zip(params, grads, strict=True)))


def sgd_step__drifting_rate__divided(params, grads, lr, calls=[]):
    calls.append(lr)
    return Params(*(p - lr / len(calls) * g for p, g in zip(params, grads, strict=True)))


train__nothing_returned = Edit(
    "The function gives None.",
    "Does it end in a `return` with the parameters and the history?",
    {"    return params, history\n": ""},
)
train__swapped = Edit(
    "The two results are the wrong way round.",
    "First the trained parameters, then the history.",
    {"return params, history": "return history, params"},
)
train__one_of_two = Edit(
    "Only one of the two results came.",
    "Both are asked for: the trained parameters, and the history.",
    {"return params, history": "return history"},
    {"return params, history": "return params"},
)
train__other_than_a_pair = Edit(
    "Not a pair came.",
    "Two results are asked for, as a tuple: the trained parameters, and the history.",
    {"return params, history": "return [params, history]"},
    {"return params, history": "return params, history, out"},
)
train__key_missing = Edit(
    "One of the four lists is missing from the history.",
    "Its keys are loss, accuracy, grad_norm and relu_active.",
    {"return": 'del history["loss"]\n    return'},
    {"return": 'del history["accuracy"]\n    return'},
    {"return": 'del history["grad_norm"]\n    return'},
    {"return": 'del history["relu_active"]\n    return'},
)
train__one_entry_more = Edit(
    "There is one entry too many.",
    "An entry belongs to each epoch, taken before its step; after the last step nothing is recorded.",
    {"range(epochs)": "range(epochs + 1)"},
)
train__one_entry_less = Edit(
    "There is one entry too few.",
    "Count the epochs: where does the loop start, and where does it end?",
    {"range(epochs)": "range(1, epochs)"},
    {"return params, history": "return params, {key: values[1:] for key, values in history.items()}"},
)
train__not_every_epoch = Edit(
    "Not every epoch was recorded.",
    "Print as rarely as you like, but record each one.",
    {"return params, history": "return params, {key: values[::2] for key, values in history.items()}"},
    {"return params, history": "return params, {key: values[::5] for key, values in history.items()}"},
    {"return params, history": "return params, {key: values[::10] for key, values in history.items()}"},
    {"return params, history": "return params, {key: values[::100] for key, values in history.items()}"},
    {"return params, history": "return params, {key: values[9::10] for key, values in history.items()}"},
    {"return params, history": "return params, {key: values[99::100] for key, values in history.items()}"},
)
train__epochs_ignored = Edit(
    "The number of epochs that was given was not used.",
    "1000 is what epochs is where none is given.",
    {"range(epochs)": "range(1000)"},
    {"range(epochs)": "range(500)"},
    {"range(epochs)": "range(200)"},
    {"range(epochs)": "range(100)"},
)
train__never_stepped = Edit(
    "The parameters never move: every epoch records the same.",
    "A step gives new parameters; who takes them over for the next epoch?",
    {"params = sgd_step": "sgd_step"},
)
train__forward_once = Edit(
    "Every epoch records the same loss, though the parameters move: the forward pass ran only once.",
    "Scores belong to the parameters they were computed with; after a step both are new.",
    {"    for _": "    out = forward(X, params)\n    for _", "        out = forward(X, params)\n": ""},
)
train__gradients_once = Edit(
    "The gradients of the first epoch are used in all of them.",
    "Gradients belong to the parameters they were computed at.",
    {
        "        grads = backward(X, y, params, out)\n": "",
        "    for _": "    grads = backward(X, y, params, forward(X, params))\n    for _",
    },
)
train__ascent = Edit(
    "The loss climbs: the steps go uphill.",
    "The gradient points to where the loss grows.",
    {"grads, lr)": "grads, -lr)"},
)
train__other_default_lr = Edit(
    "Where no learning rate is given, another one than 0.1 was taken.",
    "Look at the line with `def`.",
    {"lr: float = 0.1": "lr: float = 1.0"},
    {"lr: float = 0.1": "lr: float = 0.5"},
    {"lr: float = 0.1": "lr: float = 0.2"},
    {"lr: float = 0.1": "lr: float = 0.05"},
    {"lr: float = 0.1": "lr: float = 0.01"},
    {"lr: float = 0.1": "lr: float = 0.001"},
)
train__lr_ignored = Edit(
    "The learning rate that was given was not used.",
    "0.1 is what lr is where none is given.",
    {"grads, lr)": "grads, 0.1)"},
    {"grads, lr)": "grads, 1.0)"},
    {"grads, lr)": "grads, 0.5)"},
    {"grads, lr)": "grads, 0.05)"},
    {"grads, lr)": "grads, 0.01)"},
    {"grads, lr)": "grads, 0.001)"},
)
train__lr_decay = Edit(
    "The learning rate changes from epoch to epoch.",
    "Plain gradient descent keeps the lr that it is given.",
    {"_ in": "k in", "grads, lr)": "grads, lr / (1 + k))"},
    {"_ in": "k in", "grads, lr)": "grads, lr / (1 + k / 10))"},
    {"_ in": "k in", "grads, lr)": "grads, lr / (1 + k / 100))"},
    {"_ in": "k in", "grads, lr)": "grads, lr * 0.9**k)"},
    {"_ in": "k in", "grads, lr)": "grads, lr * 0.95**k)"},
    {"_ in": "k in", "grads, lr)": "grads, lr * 0.99**k)"},
    {"_ in": "k in", "grads, lr)": "grads, lr * 0.999**k)"},
    {"_ in": "k in", "grads, lr)": "grads, lr * (1 - k / epochs))"},
    {"_ in": "k in", "grads, lr)": "grads, lr / (1 + k / epochs))"},
    {"_ in": "k in", "grads, lr)": "grads, lr / np.sqrt(k + 1))"},
)
train__momentum = Edit(
    "Gradients of earlier epochs are in the steps: this is momentum.",
    "A plain step knows the gradients of its own epoch only.",
    {"    for _": "    v = [0] * 4\n    for _", "grads, lr)": "v := [0.9 * v + g for v, g in zip(v, grads)], lr)"},
    {"    for _": "    v = [0] * 4\n    for _", "grads, lr)": "v := [0.5 * v + g for v, g in zip(v, grads)], lr)"},
    {"    for _": "    v = [0] * 4\n    for _", "grads, lr)": "v := [0.8 * v + g for v, g in zip(v, grads)], lr)"},
    {
        "    for _": "    v = [0] * 4\n    for _",
        "grads, lr)": "v := [0.95 * v + g for v, g in zip(v, grads)], lr)",
    },
    {
        "    for _": "    v = [0] * 4\n    for _",
        "grads, lr)": "v := [0.99 * v + g for v, g in zip(v, grads)], lr)",
    },
    {
        "    for _": "    v = [0] * 4\n    for _",
        "grads, lr)": "v := [0.9 * v + 0.1 * g for v, g in zip(v, grads)], lr)",
    },
)
train__accumulated = Edit(
    "The gradients of all epochs so far are added up.",
    "Each epoch begins with gradients of its own.",
    {"    for _": "    v = [0] * 4\n    for _", "grads, lr)": "v := [v + g for v, g in zip(v, grads)], lr)"},
)
train__summed = Edit(
    "The steps are those of gradients that were summed over the batch, not averaged: N times too long.",
    "How many times is 1/N taken on the way from the loss to the step?",
    {"grads, lr)": "grads, lr * len(y))"},
)
train__averaged_twice = Edit(
    "The steps are N times too short: it was averaged over the batch twice.",
    "How many times is 1/N taken on the way from the loss to the step?",
    {"grads, lr)": "grads, lr / len(y))"},
)
train__lr_squared = Edit(
    "It was multiplied by the learning rate twice.",
    "Where does lr come in, and does the step itself apply it as well?",
    {"grads, lr)": "grads, lr**2)"},
)
train__biases_frozen = Edit(
    "The biases stay where they were.",
    "All four parameters are trained.",
    {"grads, lr)": "grads, lr)._replace(b1=params.b1, b2=params.b2)"},
)
train__partly_frozen = Edit(
    "Not all parameters are trained.",
    "Compare all four before and after the run: which ones stay the same?",
    {"grads, lr)": "grads, lr)._replace(W1=params.W1)"},
    {"grads, lr)": "grads, lr)._replace(b1=params.b1)"},
    {"grads, lr)": "grads, lr)._replace(W2=params.W2)"},
    {"grads, lr)": "grads, lr)._replace(b2=params.b2)"},
    {"grads, lr)": "grads, lr)._replace(W1=params.W1, b1=params.b1)"},
    {"grads, lr)": "grads, lr)._replace(W2=params.W2, b2=params.b2)"},
    {"grads, lr)": "grads, lr)._replace(W1=params.W1, W2=params.W2)"},
    {"sgd_step(params, grads, lr)": "params._replace(W1=params.W1 - lr * grads.W1)"},
    {"sgd_step(params, grads, lr)": "params._replace(W2=params.W2 - lr * grads.W2)"},
)
train__output_moved_first = Edit(
    "W2 was moved before the error went back through it.",
    "All gradients of a step belong to the same parameters: first all four, then the step.",
    {"grads, lr)": "backward(X, y, params._replace(W2=params.W2 - lr * grads.W2), out), lr)"},
)
train__step_for_each_sample = Edit(
    "Each sample had a step of its own.",
    "Full-batch descent takes one step an epoch, along the mean over all samples.",
    {
        "        params = sgd_step(": "        for x, t in zip(X[:, np.newaxis], y[:, np.newaxis]):\n"
        "            params = sgd_step(",
        "grads, lr)": "backward(x, t, params, forward(x, params)), lr)",
    },
)
train__mini_batches = Edit(
    "An epoch took several steps, on batches.",
    "Full-batch descent takes one step an epoch, on all samples; mini-batches come in stage 6.",
    {
        "        params =": "        for x, t in zip(*(np.split(a, range(32, len(y), 32)) for a in (X, y))):\n"
        "            params =",
        "grads, lr)": "backward(x, t, params, forward(x, params)), lr)",
    },
    {
        "        params =": "        for x, t in zip(*(np.split(a, range(16, len(y), 16)) for a in (X, y))):\n"
        "            params =",
        "grads, lr)": "backward(x, t, params, forward(x, params)), lr)",
    },
    {
        "        params =": "        for x, t in zip(*(np.split(a, range(8, len(y), 8)) for a in (X, y))):\n"
        "            params =",
        "grads, lr)": "backward(x, t, params, forward(x, params)), lr)",
    },
    {
        "        params =": "        for x, t in zip(*(np.split(a, range(4, len(y), 4)) for a in (X, y))):\n"
        "            params =",
        "grads, lr)": "backward(x, t, params, forward(x, params)), lr)",
    },
    {
        "        params =": "        for x, t in zip(*(np.split(a, range(2, len(y), 2)) for a in (X, y))):\n"
        "            params =",
        "grads, lr)": "backward(x, t, params, forward(x, params)), lr)",
    },
    {
        "    for _": "    rng = np.random.default_rng(0)\n    for _",
        "        params = sgd_step(": "        order = rng.permutation(len(y))\n"
        "        for at in range(0, len(y), 32):\n"
        "            batch = order[at : at + 32]\n            params = sgd_step(",
        "grads, lr)": "backward(X[batch], y[batch], params, forward(X[batch], params)), lr)",
    },
)
train__one_sample_an_epoch = Edit(
    "Each step was taken on one sample alone.",
    "Full-batch descent uses all samples in every step.",
    {
        "_ in": "k in",
        "        params = sgd_step(": "        one = [k % len(y)]\n        params = sgd_step(",
        "grads, lr)": "backward(X[one], y[one], params, forward(X[one], params)), lr)",
    },
    {
        "    for _": "    rng = np.random.default_rng(0)\n    for _",
        "        params = sgd_step(": "        one = [rng.integers(len(y))]\n        params = sgd_step(",
        "grads, lr)": "backward(X[one], y[one], params, forward(X[one], params)), lr)",
    },
)
train__weight_decay = Edit(
    "The weights shrink by a share of themselves in every step: this is weight decay.",
    "Only the gradients of the loss are to move them.",
    {"grads, lr)": "[g + 1e-4 * p for p, g in zip(params, grads)], lr)"},
    {"grads, lr)": "[g + 1e-3 * p for p, g in zip(params, grads)], lr)"},
    {"grads, lr)": "[g + 1e-2 * p for p, g in zip(params, grads)], lr)"},
    {"grads, lr)": "[g + 1e-4 * p * (np.ndim(p) == 2) for p, g in zip(params, grads)], lr)"},
    {"grads, lr)": "[g + 1e-3 * p * (np.ndim(p) == 2) for p, g in zip(params, grads)], lr)"},
    {"grads, lr)": "[g + 1e-2 * p * (np.ndim(p) == 2) for p, g in zip(params, grads)], lr)"},
    {"grads, lr)": "[g + 0.1 * p * (np.ndim(p) == 2) for p, g in zip(params, grads)], lr)"},
)
train__normalised = Edit(
    "The gradients were divided by their norm.",
    "Plain gradient descent goes far where it is steep.",
    {"grads, lr)": 'grads, lr / history["grad_norm"][-1])'},
)
train__clipped = Edit(
    "Large gradients were clipped.",
    "That is a trick for runs that explode; here the steps are plain.",
    {"grads, lr)": "[np.clip(g, -0.5, 0.5) for g in grads], lr)"},
    {"grads, lr)": "[np.clip(g, -1, 1) for g in grads], lr)"},
    {"grads, lr)": "[np.clip(g, -5, 5) for g in grads], lr)"},
    {"grads, lr)": "[np.clip(g, -10, 10) for g in grads], lr)"},
    {"grads, lr)": "[np.clip(g, -100, 100) for g in grads], lr)"},
    {"grads, lr)": 'grads, lr / max(1, history["grad_norm"][-1] / 0.5))'},
    {"grads, lr)": 'grads, lr / max(1, history["grad_norm"][-1] / 1))'},
    {"grads, lr)": 'grads, lr / max(1, history["grad_norm"][-1] / 5))'},
    {"grads, lr)": 'grads, lr / max(1, history["grad_norm"][-1] / 10))'},
    {"grads, lr)": 'grads, lr / max(1, history["grad_norm"][-1] / 100))'},
    {"grads, lr)": 'grads, lr / max(1, history["grad_norm"][-1] / 1000))'},
)
train__wrong_gradients = Edit(
    "This is a right run along wrong gradients: those of a ReLU, a loss or a layer that is not all there.",
    "The steps need the gradients that `backward` is asked for: where does train take its own from?",
    {"grads, lr)": "grads, 2 * lr)"},
    {"grads, lr)": "grads, lr / 2)"},
    {"params, out)": "params, out._replace(a1=np.ones_like(out.a1)))"},
    {"params, out)": "params, out._replace(h1=out.a1))"},
    {"params, out)": "params._replace(W2=np.ones_like(params.W2)), out)"},
    {"backward(X, y": "backward(X, 0 * y"},
    {"backward(X, y": "backward(X, out.f - 1"},
)
train__params_ignored = Edit(
    "The run starts from other parameters than those that were passed.",
    "Who calls decides where the training starts.",
    {"    for _": "    params = init_params()\n    for _"},
    {"    for _": "    params = init_params(X.shape[1], len(params.b1))\n    for _"},
    {"    for _": "    params = init_params(X.shape[1], len(params.b1), 0)\n    for _"},
)
train__data_ignored = Edit(
    "The run is on other data than those that were passed.",
    "X and y are arguments; what becomes of them?",
    {"    for _": "    X, y = make_xor()\n    for _"},
)
train__recorded_after_step = Edit(
    "Something was recorded after the epoch's step.",
    "The first entry of each list belongs to the parameters that were passed in, before they move.",
    {
        "        params = sgd_step(params, grads, lr)\n": "",
        '        history["loss"]': "        params = sgd_step(params, grads, lr)\n"
        '        out = forward(X, params)\n        history["loss"]',
    },
    {"loss(out": "loss(forward(X, sgd_step(params, grads, lr))"},
    {"accuracy(out": "accuracy(forward(X, sgd_step(params, grads, lr))"},
    {"for g in grads": "for p in [sgd_step(params, grads, lr)] for g in backward(X, y, p, forward(X, p))"},
    {"mean(out.a1": "mean(forward(X, sgd_step(params, grads, lr)).a1"},
)
train__loss_without_half = Edit(
    "The losses recorded are twice too large: the ½ is missing.",
    "Stage 2 has a loss already.",
    {"loss(out.f, y)": "2 * loss(out.f, y)"},
)
train__loss_summed = Edit(
    "The losses recorded were summed over the samples.",
    "The loss is a mean.",
    {"loss(out.f, y)": "len(y) * loss(out.f, y)"},
    {"loss(out.f, y)": "2 * len(y) * loss(out.f, y)"},
)
train__half_left_out = Edit(
    "The accuracy recorded puts a score of exactly 0.5 in class 0.",
    "It belongs to class 1; stage 2 has an accuracy already.",
    {"accuracy(out.f, y)": "float(np.mean((out.f > 0.5) == y))"},
)
train__error_rate = Edit(
    "The error rate was recorded, not the accuracy.",
    "The fraction of samples that are right is asked for.",
    {"accuracy(out.f, y)": "1 - accuracy(out.f, y)"},
)
train__accuracy_in_percent = Edit(
    "The accuracy was recorded in percent, or as a number of samples.",
    "It is a fraction, between 0 and 1.",
    {"accuracy(out.f, y)": "100 * accuracy(out.f, y)"},
    {"accuracy(out.f, y)": "len(y) * accuracy(out.f, y)"},
)
train__threshold_at_zero = Edit(
    "The accuracy recorded parts the classes at a score of 0.",
    "The targets are 0 and 1; which score lies in the middle?",
    {"accuracy(out.f, y)": "float(np.mean((out.f > 0) == y))"},
)
train__norm_squared = Edit(
    "The gradient norms recorded are squares: the root is missing.",
    "The 2-norm of (3, 4) is 5.",
    {"np.sqrt": ""},
)
train__norms_added = Edit(
    "The norms of the four gradients were added up.",
    "All entries of all four together are one long vector; its norm is asked for.",
    {"np.sqrt(sum(np.sum(g**2) for g in grads))": "sum(np.linalg.norm(g) for g in grads)"},
    {"np.sqrt(sum(np.sum(g**2) for g in grads))": "np.mean([np.linalg.norm(g) for g in grads])"},
)
train__norm_of_some = Edit(
    "The gradient norm recorded leaves some parameters out.",
    "It is taken over all four together, the biases as well.",
    {"in grads": "in grads[::2]"},
    {"in grads": "in grads[:1]"},
    {"in grads": "in grads[1:2]"},
    {"in grads": "in grads[2:3]"},
    {"in grads": "in grads[3:]"},
    {"in grads": "in grads[:2]"},
    {"in grads": "in grads[2:]"},
    {"in grads": "in grads[:3]"},
)
train__other_norm = Edit(
    "Another norm than the 2-norm was recorded.",
    "Squares, their sum, and a root: the length of a vector.",
    {"np.sqrt(sum(np.sum(g**2) for g in grads))": "max(np.max(np.abs(g)) for g in grads)"},
    {"np.sqrt(sum(np.sum(g**2) for g in grads))": "sum(np.sum(np.abs(g)) for g in grads)"},
    {"np.sqrt(sum(np.sum(g**2) for g in grads))": "np.linalg.norm(grads.W1, 2)"},
)
train__norm_averaged = Edit(
    "The gradient norm was averaged over the entries.",
    "A norm is a length: a sum of squares and a root, with no mean in it.",
    {"np.sqrt(sum(": "np.sqrt(sum(", "for g in grads)": "for g in grads) / sum(np.size(g) for g in grads)"},
    {"float(np.sqrt": "float(1 / sum(np.size(g) for g in grads) * np.sqrt"},
    {"np.sqrt(sum(np.sum(g**2)": "(sum(np.sum(np.abs(g)) / sum(map(np.size, grads))"},
    {"np.sqrt(sum(np.sum(g**2)": "(sum(np.mean(np.abs(g)) / 4"},
    {"np.sum(g**2)": "np.mean(g**2)"},
)
train__norm_of_step = Edit(
    "The norm of the step was recorded: the learning rate is in it.",
    "How steep the loss is does not depend on lr.",
    {"np.sqrt": "lr * np.sqrt"},
)
train__norm_of_parameters = Edit(
    "The norm of the parameters was recorded, not that of the gradients.",
    "It should go to 0 where the loss is flat.",
    {"in grads": "in params"},
)
train__active_at_zero = Edit(
    "A pre-activation of exactly 0 was counted as active.",
    "ReLU passes on what is above 0; look at the comparison.",
    {"out.a1 > 0": "out.a1 >= 0"},
)
train__always_active = Edit(
    "relu_active is always 1: every unit counts as active.",
    "h1 is never below 0, and a unit as a whole is on for some sample or other; look at each entry of a1.",
    {"out.a1 > 0": "out.h1 >= 0"},
)
train__active_of_units = Edit(
    "Units were counted, not pre-activations.",
    "Each of the N × H entries of a1 is on or off by itself.",
    {"out.a1 > 0": "np.all(out.a1 > 0, axis=0)"},
)
train__inactive_fraction = Edit(
    "The fraction of units that are off was recorded.",
    "relu_active counts those that are on.",
    {"out.a1 > 0": "out.a1 <= 0"},
    {"out.a1 > 0": "out.a1 < 0"},
)
train__active_counted = Edit(
    "The active units were counted, or came in percent.",
    "A fraction is asked for, between 0 and 1.",
    {"np.mean(out.a1": "np.sum(out.a1"},
    {"np.mean(out.a1": "100 * np.mean(out.a1"},
    {"np.mean(out.a1": "1 / len(y) * np.sum(out.a1"},
)
train__values_averaged = Edit(
    "The mean of the hidden values was recorded, not how many of them are on.",
    "On or off, that is all that counts here.",
    {"out.a1 > 0": "out.h1"},
    {"out.a1 > 0": "out.a1"},
)
train__start_returned = Edit(
    "The history is right, but the parameters that came are those from before the training.",
    "Which name holds the trained ones at the end?",
    {"    for _": "    start = params\n    for _", "return params": "return start"},
)
train__last_step_lost = Edit(
    "The parameters are those from before the last step.",
    "Which ones does the last step give, and which are returned?",
    {"        params = sgd": "        start = params\n        params = sgd", "return params": "return start"},
)
train__best_returned = Edit(
    "The parameters are those of the smallest loss on the way, not those after the last step.",
    "The run ends where its last step leads, also where the loss has grown.",
    {
        "    for _": "    met = []\n    for _",
        "grads, lr)\n": "grads, lr)\n        met.append((loss(forward(X, params).f, y), len(met), params))\n",
        "return params": "return min(met)[2]",
    },
)
train__one_step_more = Edit(
    "The parameters took one step too many.",
    "There are as many steps as epochs.",
    {"return params": "return sgd_step(params, backward(X, y, params, forward(X, params)), lr)"},
    {"return params": "return sgd_step(params, grads, lr)"},
)
