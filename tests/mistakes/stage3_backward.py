"""The known mistakes of stage 3. What they predict from is said at each table."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from mistakes import chain_rule
from mistakes.chain_rule import HALF, after, in_any_field, where_it_differs
from mistakes.chain_rule import chain_rule as by_chain_rule
from mistakes.stage3_gradient_check import GRADIENT_CHECK
from mistakes.stage3_numerical_grad import NUMERICAL_GRAD
from mistakes.stage3_sgd_step import SGD_STEP
from mistakes.stage3_train import TRAIN

__all__ = ["BACKWARD", "GRADIENT_CHECK", "NUMERICAL_GRAD", "SGD_STEP", "TRAIN", "backward_mistakes"]


def backward_mistakes(n: int) -> tuple[Mistake, ...]:
    """BACKWARD for a batch of n samples, which the sentences name."""
    return tuple(replace(m, says=re.sub(r"\bN times\b", f"{n} times", m.says)) for m in BACKWARD)


def _summed_over_units(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
    """db1 with an entry for each sample."""
    _, back = chain_rule.on_the_way(X, y, params)
    return Either([Seen(b1=back.sum(axis=1)), Seen(b1=back.mean(axis=1))]) if len(y) != back.shape[1] else UNKNOWN


def _not_summed(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
    """A gradient with an axis for the samples, in place of their sum."""
    r, back = chain_rule.on_the_way(X, y, params)
    h1 = formulas.forward(X, params).h1
    ways = {"b1": [back], "b2": [r, r[:, np.newaxis]], "W2": [r[:, np.newaxis] * h1]}
    return Either([Seen({name: way}) for name, made in ways.items() for way in made if len(y) > 1])


def _error_broadcast(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
    """dW2 with a row for each sample: the error was (N, N)."""
    n, h = len(y), len(params.b1)
    return Seen(W2=lambda got: np.shape(got) == (n, h)) if n > 1 else UNKNOWN


def _kept_from_before(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
    """Entries as huge as an earlier call has given them, among gradients that have none; or all of its."""
    largest = Params(*(float(np.abs(g).max()) for g in chain_rule.right(X, y, params)))

    def fits(got: Any) -> bool:
        fields = zip(got, largest, strict=True) if isinstance(got, Params) else ()
        return any(
            isinstance(g, np.ndarray)
            and g.dtype == np.float64
            and bool((np.abs(g) > max(1e100, 1e20 * due)).any())
            for g, due in fields
        )

    return Either([Seen(together=fits), Seen(again=True)])


def _of_sixteen_units(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
    """Shapes that do not fit, one of them with the 16 units of the parameters by default."""
    pattern = (
        r"(broadcast together|not aligned|operand).*\((\d+,)?16(,\d*)?\)|size 16 is different|different from 16\b"
    )
    return Raised("ValueError", pattern) if len(params.b1) != 16 else UNKNOWN


def _factor(factor: Callable[[int, int, int], float]) -> chain_rule.Formula:
    return chain_rule.scaled(factor)


BACKWARD = (
    # from X, y, params; the test notes the gradients, together and by name; where those of huge errors
    # are lost, also which of the two answers are finite, and whether the huge db2 is NaN
    Mistake(
        "kept_from_before",
        "Something of an earlier call is in the answer.",
        "The gradients follow from the arguments alone: what does the function keep between two calls?",
        _kept_from_before,
    ),
    Mistake(
        "fields_in_other_order",
        "The gradients are right, but stand under each other's names.",
        "Params takes them in the order W1, b1, W2, b2; or give them by name.",
        chain_rule.in_other_order,
    ),
    Mistake(
        "summed_over_units",
        "db1 has an entry for each sample: it was summed over the units.",
        "Along which axis do the samples lie? They are what is summed over.",
        _summed_over_units,
    ),
    Mistake(
        "not_summed",
        "A gradient still has the samples' axis.",
        "All samples share one parameter, so their shares add up to one gradient of its shape.",
        _not_summed,
    ),
    Mistake(
        "error_broadcast",
        "dW2 has a row for each sample: a column (N, 1) and a row were broadcast to (N, N).",
        "Look at the shapes of f and y where the error is made.",
        _error_broadcast,
    ),
    Mistake(
        "summed",
        "dW1 is N times too large, and so are the others: the gradients were summed over the batch, not averaged.",
        "The loss is a mean over the samples; where does its 1/N go when you differentiate?",
        where_it_differs(_factor(lambda n, d, h: n)),
    ),
    Mistake(
        "summed_in_part",
        "Not every gradient was averaged over the batch: this one is N times too large.",
        "The 1/N belongs to the first step back from the loss; from there all four gradients get it.",
        in_any_field(_factor(lambda n, d, h: n)),
    ),
    Mistake(
        "averaged_twice",
        "It was averaged over the batch twice: the gradients are N times too small.",
        "The loss holds one 1/N; how often does your backward pass divide by it?",
        where_it_differs(_factor(lambda n, d, h: 1 / n)),
    ),
    Mistake(
        "averaged_twice_in_part",
        "One gradient was averaged over the batch twice: it is N times too small.",
        "The error is divided by N already; what is left is a sum over the samples.",
        in_any_field(_factor(lambda n, d, h: 1 / n)),
    ),
    Mistake(
        "half_forgotten",
        "The gradients are twice too large: the ½ of the loss was left out.",
        "What does the ½ in front of the square do to the 2 that comes from differentiating it?",
        where_it_differs(_factor(lambda n, d, h: 2)),
    ),
    Mistake(
        "halved",
        "The gradients are half as large as they should be: the ½ of the loss was kept.",
        "Differentiate ½ u² by u: what becomes of the ½?",
        where_it_differs(_factor(lambda n, d, h: HALF)),
    ),
    Mistake(
        "error_reversed",
        "Every gradient has the wrong sign: f and y are the wrong way round.",
        "Where f is too large the loss should grow with f; which one is subtracted from which?",
        where_it_differs(_factor(lambda n, d, h: -1)),
    ),
    Mistake(
        "fixed_batch_size",
        "It was divided by 200, whatever the number of samples.",
        "200 is the size of the data by default; how many samples are there in this call?",
        where_it_differs(_factor(lambda n, d, h: n / 200)),
    ),
    Mistake(
        "divided_by_other_size",
        "It was divided by another size than the number of samples.",
        "Which axis of X are the samples? The mean goes over them, and over nothing else.",
        where_it_differs(
            *(
                _factor(lambda n, d, h, divisor=divisor: n / divisor(n, d, h))
                for divisor in (
                    lambda n, d, h: d,
                    lambda n, d, h: h,
                    lambda n, d, h: n * d,
                    lambda n, d, h: n * h,
                    lambda n, d, h: max(n - 1, HALF),
                )
            )
        ),
    ),
    Mistake(
        "slope_forgotten",
        "The ReLU's slope is missing: the error goes back through units that were off.",
        "Where a1 is below 0 the ReLU gives 0, however a1 moves; what comes back through it there?",
        in_any_field(by_chain_rule(slope=np.ones_like)),
    ),
    Mistake(
        "one_at_zero",
        "The ReLU's slope was taken as 1 where a pre-activation is exactly 0.",
        "We take 0 there, as PyTorch does; look at the comparison.",
        in_any_field(by_chain_rule(slope=lambda a: np.heaviside(a, 1.0))),
    ),
    Mistake(
        "half_at_zero",
        "The ReLU's slope was taken as ½ where a pre-activation is exactly 0.",
        "We take 0 there, as PyTorch does.",
        in_any_field(by_chain_rule(slope=lambda a: np.heaviside(a, HALF))),
    ),
    Mistake(
        "value_for_slope",
        "The ReLU's value stands where its slope belongs.",
        "How much does h1 grow when a1 grows by a little? That is neither a1 nor h1.",
        in_any_field(by_chain_rule(slope=formulas.relu), by_chain_rule(slope=lambda a: a)),
    ),
    Mistake(
        "opposite_slope",
        "The ReLU's slope is the wrong way round: the error goes back through the units that were off.",
        "Where does ReLU grow, and where is it flat?",
        in_any_field(
            by_chain_rule(slope=lambda a: np.heaviside(-a, 0.0)),
            by_chain_rule(slope=lambda a: np.heaviside(-a, 1.0)),
        ),
    ),
    Mistake(
        "sign_for_slope",
        "Where a unit was off, the error went back with its sign turned.",
        "Where ReLU is flat, its slope is 0, not −1.",
        in_any_field(by_chain_rule(slope=np.sign)),
    ),
    Mistake(
        "output_weights_forgotten",
        "The error was brought to the hidden layer without the output's weights.",
        "How much does f move when one h1 moves? That depends on the unit.",
        in_any_field(by_chain_rule(weights=lambda params: np.ones_like(params.b1))),
    ),
    Mistake(
        "parameters_by_default",
        "Something of 16 units has met the units of params: parameters by default, not those that were passed.",
        "Everything on the way back is made of the arguments: X, y, params and out.",
        _of_sixteen_units,
    ),
    Mistake(
        "a1_for_h1",
        "dW2 was made of a1, the values before the ReLU.",
        "What has W2 been multiplied by in the forward pass?",
        in_any_field(by_chain_rule(activation=lambda out: out.a1)),
    ),
    Mistake(
        "slope_for_h1",
        "dW2 was made of the ReLU's slope, 0 and 1.",
        "What has W2 been multiplied by in the forward pass?",
        in_any_field(by_chain_rule(activation=lambda out: formulas.slope(out.a1))),
    ),
    Mistake(
        "hidden_forgotten",
        "dW2 has the same entry for each unit: the hidden values are missing.",
        "What has W2 been multiplied by in the forward pass?",
        in_any_field(by_chain_rule(activation=lambda out: np.ones_like(out.h1))),
    ),
    Mistake(
        "targets_forgotten",
        "The scores went back as they are: y was not used.",
        "The loss asks how far f is from y; what is its derivative by f?",
        where_it_differs(by_chain_rule(error=lambda f, y: f)),
    ),
    Mistake(
        "error_forgotten",
        "These are the gradients of the scores, not of the loss: the error is missing.",
        "The chain begins at the loss; what is its derivative by f?",
        where_it_differs(by_chain_rule(error=lambda f, y: np.ones_like(f))),
    ),
    Mistake(
        "error_squared",
        "The squared error went back.",
        "The square is in the loss; what is left of it when it is differentiated?",
        where_it_differs(
            by_chain_rule(error=lambda f, y: (f - y) ** 2), by_chain_rule(error=lambda f, y: HALF * (f - y) ** 2)
        ),
    ),
    Mistake(
        "error_without_sign",
        "The error went back without its sign.",
        "A score that is too small must push the other way than one that is too large.",
        where_it_differs(by_chain_rule(error=lambda f, y: abs(f - y))),
    ),
    Mistake(
        "sign_of_error",
        "Only the sign of the error went back.",
        "That is the gradient of the absolute error; here large errors push harder than small ones.",
        where_it_differs(by_chain_rule(error=lambda f, y: np.sign(f - y))),
    ),
    Mistake(
        "decisions_for_scores",
        "The error was taken of decisions, 0 or 1, not of the scores.",
        "The loss holds f itself; the threshold is for the accuracy alone.",
        where_it_differs(by_chain_rule(error=lambda f, y: np.where(f < HALF, 0.0, 1.0) - y)),
    ),
    Mistake(
        "sigmoid_added",
        "There is a sigmoid in it, which this network does not have.",
        "f is the second layer's result as it is.",
        where_it_differs(
            by_chain_rule(error=lambda f, y: (f - y) * f * (1 - f)),
            by_chain_rule(error=lambda f, y: 1 / (1 + np.exp(-f)) - y),
        ),
    ),
    Mistake(
        "one_sample_only",
        "Only one sample counts: each sample overwrites what the others gave, or the loop ends too early.",
        "Every sample adds its share to the gradients.",
        in_any_field(
            *(chain_rule.of_one_sample(which) for which in (-1, 0)),
            *(
                lambda X, y, params, which=which: Params(
                    *(np.asarray(g * len(y)) for g in chain_rule.of_one_sample(which)(X, y, params))
                )
                for which in (-1, 0)
            ),
        ),
    ),
    Mistake(
        "left_at_zero",
        "A gradient is 0 throughout.",
        "Each of the four parameters moves the loss; is this one ever filled in?",
        in_any_field(lambda X, y, params: Params(*(np.zeros(np.shape(p)) for p in params))),
    ),
    Mistake(
        "weight_decay",
        "A multiple of the weights was added: the gradient of a penalty on them.",
        "The loss is the mean of half the squared errors, and nothing else.",
        chain_rule.with_penalty,
    ),
    Mistake(
        "normalised",
        "The gradients were divided by their norm.",
        "Their length says how steep the loss is; it has to stay.",
        where_it_differs(after(chain_rule.normalised)),
    ),
    Mistake(
        "clipped",
        "Large gradients were cut off.",
        "Clipping belongs to a training step, if anywhere; here the gradients themselves are asked for.",
        where_it_differs(
            *(after(chain_rule.clipped, largest) for largest in (0.1, HALF, 1.0, 5.0, 10.0)),
            *(after(chain_rule.shortened, longest) for longest in (0.1, HALF, 1.0, 5.0, 10.0)),
        ),
    ),
    Mistake(
        "differences_for_chain_rule",
        "The gradients come from differences of the loss, not from the chain rule.",
        "A difference needs the loss itself, which overflows where errors are huge. The chain rule needs only the "
        "error: go back step by step from f to each parameter.",
        lambda X, y, params: Seen(finite=(True, False), nan=True),
    ),
    Mistake(
        "overflows",
        "The gradients overflow where errors are huge.",
        "1e160 is a number like any other in float64; what squares it, or holds it in float32 for a while?",
        lambda X, y, params: Seen(finite=(True, False), nan=False),
    ),
    Mistake(
        "scaled",
        "All gradients are off by the same factor.",
        "The way back is right, so look at where it starts: which constant is there too much, or missing?",
        chain_rule.off_by_one_factor,
    ),
)
