"""The known mistakes of stage 5. What they predict from is said at each table."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from mistakes import steps
from mistakes.calls_of_autograd import (
    Call,
    accumulated,
    at_earlier_parameters,
    at_zero,
    by_hand,
    of_scores,
    times,
    with_other_activation,
)
from mistakes.comparisons import by_names, first_told, keyed, none_told, on_each_pair, one_number, told_by
from mistakes.differences import DIFFERENCES, OF_NAN
from mistakes.of_tensors import misordered
from mistakes.stage4_torch_forward import CONVERTED, shared

LEAF_PARAMS = (
    # from params, and the number that the arrays were overwritten with, None where they were not
    Mistake(
        "not_leaves",
        "The tensors are no leaves: they were computed from others.",
        "A change of dtype or a copy after requires_grad is part of the graph; the leaf is where it began.",
        lambda params, number=None: Seen(leaves=lambda flags: False in flags),
    ),
    Mistake(
        "requires_grad_forgotten",
        "The tensors do not require gradients.",
        "A leaf that isn't asked to records nothing.",
        lambda params, number=None: Seen(requires_grad=[False] * 4),
    ),
    Mistake(
        "requires_grad_of_some",
        "Only some of the tensors require gradients.",
        "The biases learn as well as the weights.",
        lambda params, number=None: Seen(requires_grad=lambda flags: not all(flags)),
    ),
    Mistake(
        "leaves_kept",
        "The same tensors came for a second call: what happens to one answer happens to the other.",
        "Each call has new leaves; what was kept from the first?",
        lambda params, number=None: Seen(second=lambda grads: any(grad is not None for grad in grads)),
    ),
    Mistake(
        "requires_grad_called",
        "`requires_grad` was called like a function; it is a flag, True or False.",
        "PyTorch's methods that change a tensor itself have names of their own: look at the end of them.",
        lambda params, number=None: Raised("TypeError", "'bool' object is not callable"),
    ),
    Mistake(
        "keyword_not_taken",
        "This way to make a tensor takes no keyword such as requires_grad.",
        "Look up what it takes, and whether it copies.",
        lambda params, number=None: Raised("TypeError", "takes no keyword arguments"),
    ),
    Mistake(
        "memory_shared",
        "A tensor shares its memory with the array that it was made of: a step would change the array.",
        "Some of PyTorch's ways to make a tensor of an array copy, others only look at the same bytes.",
        shared,
    ),
    *CONVERTED,
)


def _of_another_loss(
    errors: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Callable[[Sequence[Call]], Any]:
    """The gradients of a mean of losses whose derivatives by the scores f are these, of f and y."""

    def predict(calls: Sequence[Call]) -> Any:
        X, y, params = calls[-1]
        f = formulas.forward(X, params).f
        return steps.gradients(X, f - errors(f, y), params)

    return predict


NAME_SHADOWED = Mistake(
    "name_shadowed",
    "A local variable has the name of a function that is called, and hides it.",
    "Python takes a name that is assigned to anywhere in a function for local in all of it. Is `loss` both?",
    lambda *arguments: Raised("UnboundLocalError", ""),
)

AUTOGRAD_GRAD = (
    # from the calls until now, the last of which is the one that is looked at
    NAME_SHADOWED,
    Mistake(
        "array_in_an_operation",
        "A NumPy array was put into one operation with a tensor.",
        "X and y come as arrays; they must be tensors before they meet the leaves.",
        lambda calls: Raised("TypeError", r"unsupported operand type\(s\) for .*'(numpy\.ndarray|Tensor)' and '"),
    ),
    Mistake(
        "array_met_graph",
        "A tensor that is part of a graph has met a NumPy array, or was turned into one.",
        "X and y must be tensors before they meet the leaves; what is returned must have left the graph.",
        lambda calls: Raised("RuntimeError", r"Can't call numpy\(\) on Tensor that requires grad"),
    ),
    Mistake(
        "parameters_returned",
        "The parameters themselves came back, not their gradients.",
        "After backward, where does a leaf keep its gradient?",
        lambda calls: steps.combined(lambda p: p, calls[-1][2]),
    ),
    Mistake(
        "without_autograd",
        "The gradients do not come from autograd: they were found by hand, or by differences.",
        "Stage 3 is the chain rule by hand; here PyTorch is to find them, so that both can be compared.",
        by_hand,
    ),
    Mistake(
        "gradients_accumulated",
        "The gradients grew from call to call: backward adds to what the leaves hold already.",
        "Who makes the leaves, and when? Those of an earlier call still have its gradients.",
        accumulated,
    ),
    Mistake(
        "leaves_kept",
        "These are the gradients at the parameters of an earlier call.",
        "What was kept from it? Each call has parameters of its own.",
        at_earlier_parameters,
    ),
    Mistake(
        "one_at_zero",
        "The ReLU's slope at exactly 0 came out as 1.",
        "We take 0 there. `clamp` and `where` with ≥ take 1; which ReLU was recorded?",
        at_zero(1.0),
    ),
    Mistake(
        "half_at_zero",
        "The ReLU's slope at exactly 0 came out as ½.",
        "We take 0 there. `maximum` and the absolute value take the middle; which ReLU was recorded?",
        at_zero(0.5),
    ),
    Mistake(
        "summed",
        "These are the gradients of the samples' sum: they are N times too large.",
        "The loss is a mean over the samples.",
        times(lambda n: n),
    ),
    Mistake(
        "half_forgotten",
        "The gradients are twice too large: they are those of the squares without the ½.",
        "Which loss was gone back from?",
        times(lambda n: (2.0, 2.0 * n)),
    ),
    Mistake(
        "averaged_twice",
        "The gradients are N times too small: it was divided by N twice.",
        "The mean loss has its division by N inside.",
        times(lambda n: (1.0 / n, 2.0 / n)),
    ),
    Mistake(
        "descent_direction",
        "Every sign is the wrong way round: this is the way downhill.",
        "The gradient itself points uphill; the minus belongs to the step.",
        times(lambda n: -1.0),
    ),
    Mistake(
        "broadcast",
        "These are the gradients for another y: each score was compared with every sample's y, not with its own.",
        "(N,) and (N, 1) broadcast to (N, N). What shape has y where it meets f?",
        _of_another_loss(lambda f, y: f - y.mean()),
    ),
    Mistake(
        "cross_entropy",
        "These are the gradients of the cross-entropy.",
        "It is a good loss for classes, but ours is half the mean squared error.",
        _of_another_loss(lambda f, y: 1 / (1 + np.exp(-f)) - y),
    ),
    Mistake(
        "other_activation",
        "The activation between the layers is a sigmoid or a tanh, not the ReLU.",
        "Stage 4's forward has the ReLU; which one was differentiated here?",
        with_other_activation,
    ),
    Mistake(
        "gradients_of_scores",
        "These are gradients of the scores, not of the loss.",
        "y has no influence on them; what has to be differentiated?",
        of_scores,
    ),
    Mistake(
        "clipped",
        "The gradients were clipped.",
        "That is a help for training; here they are asked for as they are.",
        lambda calls: Either(steps.clipped(steps.gradients(*calls[-1]))),
    ),
    Mistake(
        "cleared_after",
        "All gradients are 0.",
        "An array made of a tensor may share its memory: were they cleared after they had been read?",
        lambda calls: steps.combined(np.zeros_like, calls[-1][2]),
    ),
    Mistake(
        "fields_misordered",
        "The gradients are in another order.",
        "Params holds W1, b1, W2, b2.",
        lambda calls: misordered(steps.gradients(*calls[-1])),
    ),
)

COMPARE_GRADS = (
    # from pairs, manual and auto
    Mistake(
        "one_number",
        "One number came for all parameters together.",
        "Which of them is off? A dict says it for each by its name.",
        on_each_pair(one_number),
    ),
    Mistake(
        "keys_renamed",
        "The keys have other names.",
        "They are those of the parameters: W1, b1, W2, b2.",
        keyed(lambda keys: len(keys) == 4 and keys != {*Params._fields}),
    ),
    Mistake(
        "some_missing",
        "Not every parameter has its entry.",
        "All four have a gradient: W1, b1, W2, b2.",
        keyed(lambda keys: keys < {*Params._fields}),
    ),
    Mistake(
        "no_dict",
        "The differences came without their names.",
        "A dict is asked for, from W1, b1, W2, b2 to a float each.",
        lambda pairs: lambda got: isinstance(got, (tuple, list)),
    ),
    Mistake(
        "one_for_all",
        "Every name has the same number, the largest difference of all.",
        "Each parameter has its own.",
        on_each_pair(lambda manual, auto: dict.fromkeys(Params._fields, one_number(manual, auto))),
    ),
    *(
        Mistake(known.name, known.says, known.look, on_each_pair(*map(by_names, known.formulas)))
        for known in (*OF_NAN, *DIFFERENCES)
    ),
    Mistake(
        "shapes_not_compared",
        "The shapes were not compared: different ones were broadcast, to a number that means nothing.",
        "Before anything is subtracted, compare the two shapes, and refuse what differs.",
        told_by(lambda name, m, a: True),
    ),
    Mistake(
        "axes_compared",
        "Only the number of axes was compared.",
        "(1, D) and (H, D) have as many, and broadcast. Compare the whole shapes.",
        told_by(lambda name, m, a: np.ndim(m) == np.ndim(a)),
    ),
    Mistake(
        "lengths_compared",
        "Only the lengths were compared, which are those of the first axis.",
        "(H, 1) and (H,) have the same length, and broadcast to (H, H). Compare the whole shapes.",
        told_by(lambda name, m, a: np.shape(m)[:1] == np.shape(a)[:1]),
    ),
    Mistake(
        "sizes_compared",
        "Only the number of entries was compared.",
        "(H, 1) and (H,) have as many entries, in other shapes. Compare the whole shapes.",
        told_by(lambda name, m, a: np.size(m) == np.size(a)),
    ),
    Mistake(
        "b2_unchecked",
        "b2's shapes were not compared.",
        "() and (1,) are two shapes, though both have one entry.",
        told_by(lambda name, m, a: name == "b2" or np.shape(m) == np.shape(a)),
    ),
    Mistake(
        "biases_unchecked",
        "The biases' shapes were not compared.",
        "All four parameters have a shape.",
        told_by(lambda name, m, a: name[0] == "b" or np.shape(m) == np.shape(a)),
    ),
    Mistake(
        "first_only",
        "Only the first parameter whose shapes differ was named.",
        "Look at all four before you complain, and complain once.",
        first_told,
    ),
    Mistake(
        "none_named",
        "It was refused, but the message names no parameter.",
        "Whose shapes differ? Say it in the message: W1, b1, W2, b2.",
        none_told,
    ),
)

TRAIN_STEP = (
    # from a Step; the test notes the loss and what the tensors hold afterwards; where that is wrong, `.grad` too
    NAME_SHADOWED,
    Mistake(
        "step_recorded",
        "The step itself was recorded: a leaf that requires gradients must not change while it is.",
        "The step is no part of the function that is differentiated; who tells PyTorch not to record it?",
        lambda step: Raised("RuntimeError", "leaf Variable that requires grad"),
    ),
    Mistake(
        "without_autograd",
        "The step does not come from autograd: its gradients were found by hand.",
        "Stage 3 is the chain rule by hand; here PyTorch is to find them: backward leaves them in the leaves.",
        lambda step: Seen(without=True),
    ),
    Mistake(
        "broadcast",
        "The loss is that of every score against every sample's y, not against its own.",
        "(N,) and (N, 1) broadcast to (N, N). What shape has y where it meets f?",
        steps.broadcast,
    ),
    Mistake(
        "rate_of_zero_replaced",
        "With a learning rate of 0 the parameters moved.",
        "0 counts as false: `lr or …` takes it for no rate at all. It is a rate like any other.",
        lambda step: UNKNOWN if step.lr else steps.at_rates(step, steps.RATES),
    ),
    Mistake(
        "parameters_returned",
        "New parameters came back.",
        "They are to change where they are; what comes back is the loss.",
        lambda step: Seen(loss=lambda got: isinstance(got, (tuple, list))),
    ),
    Mistake(
        "requires_grad_lost",
        "After the step a tensor does not require gradients any more.",
        "The next step needs its gradient; what switched it off, or replaced it?",
        lambda step: Seen(requires_grad=lambda flags: not all(flags), leaves=[True] * 4),
    ),
    Mistake(
        "leaves_lost",
        "After the step a tensor is no leaf any more: it was computed from others.",
        "The new values must go into the old leaf, and the step must not be recorded.",
        lambda step: Seen(leaves=lambda flags: False in flags),
    ),
    Mistake(
        "optimizer_kept",
        "These tensors were not moved, and their gradients not cleared: the optimizer works on other ones.",
        "An optimizer of an earlier call holds the parameters of that call.",
        steps.by_kept_optimizer,
    ),
    Mistake(
        "cleared_before_step",
        "The tensors hold their old values: their gradients were cleared before the step was taken.",
        "Clear them at the beginning, where those of the last step are left.",
        lambda step: steps.not_moved(step, steps.cleared),
    ),
    Mistake(
        "not_moved",
        "The tensors hold their old values: no step has reached them.",
        "Were new tensors made, where the old ones should change? Is there a step, after backward, and if by an "
        "optimizer, does that hold these very tensors?",
        lambda step: steps.not_moved(step, lambda grads: True),
    ),
    Mistake(
        "loss_after_step",
        "The loss came from after the step.",
        "It is asked for as it was when the gradients were taken.",
        lambda step: steps.result(step.then().loss, step.after),
    ),
    Mistake(
        "cleared_too_late",
        "Gradients left over from before went into the step; they were cleared only after it.",
        "Somebody else may have left some. Clear them where nothing of this step has been added yet.",
        lambda step: steps.accumulated(step, grads=steps.cleared),
    ),
    Mistake(
        "gradients_accumulated",
        "Gradients left over from before went into the step: backward adds to what is there.",
        "Something has to clear them first.",
        steps.accumulated,
    ),
    Mistake(
        "some_not_cleared",
        "The gradients that were left over were cleared on some of the parameters only.",
        "The biases have gradients as well as the weights.",
        steps.some_kept,
    ),
    Mistake(
        "uphill",
        "The step went uphill: along the gradient, not against it.",
        "The loss should become smaller; look at the sign.",
        lambda step: steps.scaled(step, [-1.0]),
    ),
    Mistake(
        "half_forgotten",
        "The loss or its gradient is twice too large: the ½ is missing.",
        "Stage 4's loss has it.",
        lambda step: steps.scaled(step, [2.0], also_loss=True),
    ),
    Mistake(
        "summed",
        "The loss or its gradient is N times too large: the samples were summed.",
        "The loss is a mean over the samples; so is its gradient.",
        lambda step: steps.scaled(step, [len(step.y), 2 * len(step.y)], also_loss=True),
    ),
    Mistake(
        "averaged_twice",
        "The loss or its gradient is N times too small: it was divided by N once more.",
        "The mean loss has its division by N inside.",
        lambda step: steps.scaled(step, [1 / len(step.y)], also_loss=True),
    ),
    Mistake(
        "rate_of_earlier_call",
        "The step was taken with the learning rate of an earlier call.",
        "What was kept from that call, an optimizer perhaps? The rate may change from step to step.",
        lambda step: steps.at_rates(step, [earlier.lr for earlier in step.earlier]),
    ),
    Mistake(
        "rate_ignored",
        "The learning rate that was given was not used.",
        "The step is too long or too short by the same factor everywhere; where does its length come from?",
        lambda step: steps.at_rates(step, steps.RATES),
    ),
    Mistake(
        "rate_twice",
        "The learning rate went into the step twice.",
        "Where does lr stand, and does an optimizer use it as well?",
        lambda step: steps.scaled(step, [step.lr]),
    ),
    Mistake(
        "some_not_moved",
        "Some of the parameters were not moved.",
        "All four learn: W1, b1, W2, b2.",
        steps.some_not_moved,
    ),
    Mistake(
        "several_steps",
        "More than one step was taken.",
        "One call is one step; the loop is the caller's.",
        steps.several,
    ),
    Mistake(
        "clipped",
        "The gradients were clipped before the step.",
        "That is a help for deeper networks; this is plain gradient descent.",
        lambda step: steps.results(step, [step.moved(grads) for grads in steps.clipped(step.grads)]),
    ),
    Mistake(
        "weights_decayed",
        "The parameters were drawn to 0 as well: this is weight decay.",
        "Plain gradient descent follows the gradient of the loss alone.",
        steps.with_decay,
    ),
    Mistake(
        "other_optimizer",
        "This is another optimizer's step: it divides by the size of the gradient, as Adam does.",
        "Plain gradient descent is asked for; a small gradient makes a small step.",
        steps.by_other_optimizers,
    ),
    Mistake(
        "momentum",
        "The step has momentum: gradients of earlier steps go on in it.",
        "Nothing is to be kept from one call to the next.",
        steps.with_momentum,
    ),
)
