"""Mistakes that no single piece of code can show, such as any factor; each told by how a test failed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging.families import Failure, Family
from grader.judging.likeness import EXACT, distance
from grader.outside.verdicts import NoAnswer, Wrong
from mistakes.exceptions import EXCEPTIONS, raising
from mistakes.form import FORM, IN_SINGLE, array_of, form, numbers_of, parts


def _cut_off(failure: Failure) -> bool:
    """Right up to a bound, and the bound where it would be more."""
    got, right = map(array_of, parts(failure))
    bound = np.max(got)
    return got.size > 2 and bool(0 < bound < right.max()) and distance(got, np.minimum(right, bound)) is not None


def _smooth_step(failure: Failure) -> bool:
    """Right to some digits where |a| is not small, and between 0 and 1 elsewhere."""
    got, right = map(array_of, parts(failure))
    apart = abs(got - right)
    far = abs(failure.arguments[0]) > 1e-2
    return bool((apart[far] < 1e-3).all() and (apart < 1 + 1e-3).all() and not np.isin(got, (0, 1)).all())


STAGE1 = (
    Family(
        "clipped_above",
        "Large numbers were cut off at an upper bound, as in a clip or a ReLU6.",
        "Above 0 every number comes back itself; there is no upper bound.",
        _cut_off,
        ("relu",),
    ),
    Family(
        "differences_for_slope",
        "The slope came out between 0 and 1: it was taken from two points, one on each side of the kink.",
        "The slope follows from the sign of a alone.",
        _smooth_step,
        ("relu_grad",),
    ),
)


def _refused(failure: Failure) -> bool:
    verdict = failure.verdict
    return isinstance(verdict, NoAnswer) and "ValueError" in verdict.kinds


def _let_through(failure: Failure) -> bool:
    """A number where a ValueError was due."""
    verdict = failure.verdict
    due = isinstance(verdict, Wrong) and "ValueError" in verdict.plain
    return due and bool(np.isfinite(numbers_of(verdict.got)).all())


def _more_named(failure: Failure) -> bool:
    """Of several cases: in each that is answered amiss those that are wrong were named, if any, and others."""
    verdict = failure.verdict
    if not isinstance(verdict, Wrong):
        return False
    amiss = [
        ({*told.split(", ")}, {*right.split(", ")} - {"None"})
        for told, right in zip(verdict.whole, verdict.whole_expected, strict=True)
        if told != right
    ]
    return all(wrong < named <= {*Params._fields} for named, wrong in amiss)


STAGE2 = (
    Family(
        "shapes_not_compared",
        "f and y of different shapes were taken, and broadcast to a number that means nothing.",
        "Compare the whole shapes, before anything else: (N, 1) and (N,) have the same length and the same size.",
        _let_through,
        ("loss",),
    ),
    Family(
        "right_shapes_refused",
        "f and y of one shape were refused.",
        "A ValueError is due where the shapes differ, and nowhere else.",
        _refused,
        ("loss",),
    ),
    Family(
        "too_many_named",
        "Parameters of the right shape were named, too.",
        "Who reads the message should find those that are wrong, and no others.",
        _more_named,
        ("check_shapes",),
    ),
)


_NAMES = set(Params._fields)


def _started(fits: Callable[[np.ndarray], bool]) -> Callable[[Any, Any], bool]:
    """Of weights at their start, to which nothing is expected but how they are spread."""
    return lambda got, expected: expected is None and fits(np.float64(array_of(got)))


def _is_normal(weights: np.ndarray) -> bool:
    """By its fourth moment."""
    return bool(abs(np.mean(((weights - weights.mean()) / weights.std()) ** 4) - 3.0) < 0.3)


def _is_uniform(weights: np.ndarray) -> bool:
    """Whether each quarter of the range holds a quarter of the entries."""
    return bool(np.ptp(np.histogram(weights, bins=4)[0]) < 0.05 * weights.size)


def _biased(fits: Callable[[np.ndarray], bool]) -> Callable[[Any, Any], bool]:
    """Of biases at their start, which are arrays of the same shape and dtype as the zeros expected."""

    def shown(got: Any, expected: Any) -> bool:
        start = isinstance(expected, np.ndarray) and not expected.any() and got.dtype == expected.dtype
        return start and bool(got.any()) and fits(got)

    return shown


def _wholes(failure: Failure) -> tuple[Any, Any]:
    """The whole answer and the one expected. Raises TypeError where there is none."""
    if not isinstance(failure.verdict, Wrong):
        raise TypeError("no answer")
    return failure.verdict.whole, failure.verdict.whole_expected


def _dropped_out(failure: Failure) -> bool:
    """Hidden activations of which some are 0 and the others grown by one factor."""
    got, right = (array_of(whole.h1) for whole in _wholes(failure))
    left = (got != 0) & (right > 0)
    factors = got[left] / right[left]
    dropped = ((got == 0) & (right > 0)).any() and not got[right == 0].any()
    return bool(dropped and factors[0] > 1.01 and np.ptp(factors) < 1e-6)


def _began_elsewhere(failure: Failure) -> bool:
    """Whether parameters moved at a learning rate of 0."""
    end, start = (whole["at rest"] for whole in _wholes(failure))
    return distance(end, start, 1e-3) is None


def _of(family: Family, *tasks: str) -> Family:
    return replace(family, tasks=tasks)


STAGE6 = (
    _of(
        raising(
            "module_not_set_up",
            "nn.Module was not set up before the parameters were put into it.",
            "The class that you derive from has an `__init__` too, and it has to run first.",
            "AttributeError",
            r"before Module.__init__|no attribute '_(param|modu|buff)",
        ),
        "TinyMLP",
    ),
    form(
        "layers_inside",
        "Ready-made layers stand in it, with parameters of their own names and shapes.",
        "Here the four parameters are to be made one by one, W1, b1, W2 and b2; layers are the other model's.",
        lambda got, expected: any(name.endswith((".weight", ".bias")) for name in got),
        ("TinyMLP",),
    ),
    form(
        "parameters_not_registered",
        "Not all of W1, b1, W2 and b2 are registered: `parameters()` does not find them, nor will an optimizer.",
        "A plain tensor is no parameter, nor is a buffer, nor what stands in a list or a dict; what is?",
        lambda got, expected: set(got) < _NAMES == set(expected),
        ("TinyMLP",),
    ),
    form(
        "other_names",
        "The parameters have other names than W1, b1, W2 and b2.",
        "A parameter's name is that of the attribute it is stored under; capitals count.",
        lambda got, expected: set(expected) == _NAMES != set(got) and len(got) == 4,
        ("TinyMLP",),
    ),
    form(
        "parameters_too_many",
        "There are more parameters than W1, b1, W2 and b2.",
        "Everything that is registered will be trained and saved with the model.",
        lambda got, expected: set(got) > _NAMES == set(expected),
        ("TinyMLP",),
    ),
    form(
        "weights_constant",
        "All entries of a weight matrix start from the same number.",
        "Units that start alike get the same gradient, and stay alike for ever.",
        _started(lambda weights: not np.ptp(weights)),
        ("TinyMLP",),
    ),
    form(
        "uniform_start",
        "The weights are spread evenly between two bounds.",
        "randn is the normal distribution, rand the uniform one.",
        _started(_is_uniform),
        ("TinyMLP",),
    ),
    form(
        "scale_other",
        "The weights start with another standard deviation than 0.1.",
        "It is the same for both layers, whatever their sizes; and a variance is its square.",
        _started(lambda weights: _is_normal(weights) and abs(weights.std() - 0.1) > 0.005),
        ("TinyMLP",),
    ),
    form(
        "biases_drawn",
        "The biases are drawn.",
        "Only weights need to start different from each other; biases start at 0.",
        _biased(lambda biases: np.unique(biases).size > 1),
        ("TinyMLP",),
    ),
    form(
        "biases_not_zero",
        "A bias starts at another number than 0.",
        "Look at what b1 and b2 are made of.",
        _biased(lambda biases: np.unique(biases).size == 1),
        ("TinyMLP",),
    ),
    Family(
        "dropout_inside",
        "Some hidden activations came back as 0, the others larger than they should be: there is a dropout.",
        "The forward pass is what its formulas say; nothing in it is drawn.",
        _dropped_out,
        ("TinyMLP",),
    ),
    _of(
        raising(
            "sequential_only",
            "Only an nn.Sequential was provided for.",
            "A TinyMLP gives a Forward, with the scores in one of its fields, and has no layers to go through.",
            "TypeError AttributeError",
            r"tuple indices|'Forward' object|'TinyMLP' object is not|non-iterable TinyMLP",
        ),
        "scores",
        "train",
        "accuracy",
    ),
    _of(
        raising(
            "tiny_mlp_only",
            "Only a TinyMLP was provided for.",
            "An nn.Sequential gives one tensor, of shape (N, 1); its pre-activations come from its first layer.",
            "AttributeError ValueError",
            r"'Tensor' object has no attribute '(f|a1|h1)'|'Sequential' object has no attribute '(W1|b1|W2|b2)'"
            r"|values to unpack \(expected 3",
        ),
        "scores",
        "train",
        "accuracy",
    ),
    form(
        "samples_repeated",
        "Samples came more than once in an epoch.",
        "Each comes once: a shuffle, not a draw with replacement.",
        lambda got, expected: got.ndim == 2 and len(np.unique(got, axis=0)) < len(np.unique(expected, axis=0)),
        ("make_loader",),
    ),
    form(
        "pairs_torn",
        "The labels do not belong to their samples: X and y were shuffled apart.",
        "One order holds for both.",
        lambda got, expected: array_of(got).ndim == 1 and np.array_equal(np.sort(got), np.sort(expected)),
        ("make_loader",),
    ),
    form(
        "entries_off_by_one",
        "There is one entry too many, or one too few.",
        "Count the epochs: is something recorded before the first or after the last of them?",
        lambda got, expected: isinstance(expected, list) and abs(len(got) - len(expected)) == 1,
        ("train",),
    ),
    Family(
        "model_reset",
        "The training began from other parameters than the model's.",
        "It may have been trained before, and should go on from there.",
        _began_elsewhere,
        ("train",),
    ),
)


def _is_round(value: float) -> bool:
    """Whether a number has two digits at most, as those have that people write."""
    return value != 0.0 and bool(np.isclose(value, float(f"{value:.1e}"), rtol=1e-5, atol=0.0))


def _flat(arrays: Any) -> np.ndarray:
    return np.concatenate([np.ravel(numbers_of(array)) for array in arrays])


def _along(got: np.ndarray, right: np.ndarray) -> float:
    """The factor between two vectors, NaN where they are not parallel."""
    factor = float(got @ right) / float(right @ right) if np.isfinite(got).all() else np.nan
    return factor if np.allclose(got, factor * right, rtol=1e-6, atol=1e-9) else np.nan


def _is_clipped(got: np.ndarray, right: np.ndarray) -> bool:
    """To a norm that is a round number, or each entry to the same bound; by more than rounding."""
    bound, short = np.abs(got).max(), 1 - IN_SINGLE
    by_norm = 0 < _along(got, right) < short and _is_round(float(np.linalg.norm(got)))
    by_value = bound < short * np.abs(right).max() and np.allclose(got, np.clip(right, -bound, bound), atol=1e-9)
    return bool(by_norm or by_value)


def _clipped_gradients(failure: Failure) -> bool:
    verdict = failure.verdict
    return isinstance(verdict, Wrong) and _is_clipped(_flat(verdict.whole[0]), _flat(verdict.whole_expected[0]))


def of_step(fits: Callable[[np.ndarray, np.ndarray, Params, float], bool]) -> Callable[[Failure], bool]:
    """By what was followed in a step and what should have been, where it began, and its learning rate."""

    def fits_failure(failure: Failure) -> bool:
        verdict = failure.verdict
        if not isinstance(verdict, Wrong) or not verdict.whole["lr"]:
            return False
        before, lr = verdict.whole["before"], verdict.whole["lr"]
        ends = (_flat(whole[name] for name in Params._fields) for whole in (verdict.whole, verdict.whole_expected))
        got, right = ((_flat(before) - end) / lr for end in ends)
        return not np.allclose(got, right, rtol=1e-7, atol=1e-12) and fits(got, right, before, lr)

    return fits_failure


def _is_decayed(got: np.ndarray, right: np.ndarray, before: Params, _: float) -> bool:
    """All parameters have been drawn to 0, or all but the biases."""
    weights = before._replace(b1=0.0 * before.b1, b2=0.0 * before.b2)
    return any(_along(got - right, _flat(drawn)) > 0 for drawn in (before, weights))


OF_TENSORS = (
    form(
        "some_shapes_let_through",
        "Some different shapes were let through, others refused.",
        "Which of them does the check not see? Compare the whole shapes.",
        lambda got, expected: expected == [] and isinstance(got, list) and len(got) > 0,
        ("loss", "agreement"),
    ),
    form(
        "keys_renamed",
        "The keys have other names.",
        "They are those of the parameters: W1, b1, W2, b2.",
        lambda got, expected: len(got) == len(expected) and got.keys() != expected.keys(),
        ("compare_grads",),
    ),
    form(
        "some_missing",
        "Not every parameter has its entry.",
        "All four have a gradient: W1, b1, W2, b2.",
        lambda got, expected: got.keys() < expected.keys(),
        ("compare_grads",),
    ),
    Family(
        "clipped",
        "The gradients were clipped.",
        "That is a help for training; here they are asked for as they are.",
        _clipped_gradients,
        ("autograd_grad",),
    ),
    Family(
        "clipped",
        "The gradients were clipped before the step.",
        "That is a help for deeper networks; this is plain gradient descent.",
        of_step(lambda got, right, before, lr: _is_clipped(got, right)),
        ("train_step",),
    ),
    Family(
        "weights_decayed",
        "The parameters were drawn to 0 as well: this is weight decay.",
        "Plain gradient descent follows the gradient of the loss alone.",
        of_step(_is_decayed),
        ("train_step",),
    ),
    Family(
        "rate_ignored",
        "The learning rate that was given was not used.",
        "The step is too long or too short by the same factor everywhere; where does its length come from?",
        of_step(lambda got, right, before, lr: _is_round(_along(got, right) * lr)),
        ("train_step",),
    ),
)


# Of gradients, and of steps along them (stage 3): any factor, any share of the parameters, any bound.

ROUND_BOUNDS = (0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""To which norms are clipped."""


def of_gradients(
    name: str, says: str, look: str, fits: Callable[[Params, Params, Params], bool], task: str
) -> Family:
    """A mistake told from the gradients that came, or along which a step went, those due, and the parameters."""

    def of_failure(failure: Failure) -> bool:
        came, due = failure.verdict.whole, failure.verdict.whole_expected
        if not isinstance(came, Params) or not isinstance(due, Params):
            return False
        if failure.function == "sgd_step":
            params, due, lr = failure.arguments
            came = Params(*(np.asarray((p - moved) / lr) for p, moved in zip(params, came, strict=True)))
        else:
            params = failure.arguments[2]
        same = all(np.shape(g) == np.shape(p) for g, p in zip(came, params, strict=True))
        return same and bool(np.isfinite(_in_a_row(came)).all()) and fits(came, due, params)

    return Family(name, says, look, of_failure, (task,))


def _in_a_row(params: Params) -> np.ndarray:
    return np.concatenate([np.ravel(p) for p in params])


def _scaled(came: Params, due: Params, params: Params) -> bool:
    got, right = _in_a_row(came), _in_a_row(due)
    largest = int(np.argmax(np.abs(right)))
    factor = float(got[largest] / right[largest])
    return abs(factor) > EXACT and abs(factor - 1) > IN_SINGLE and distance(got / factor, right) is not None


def _with_share(came: Params, due: Params, params: Params) -> bool:
    """With a share of the parameters added to W1's gradient, and to the others' or not."""
    share = float(np.vdot(came.W1 - due.W1, params.W1) / np.vdot(params.W1, params.W1))
    near = [
        [distance(np.asarray(g), np.asarray(right + part * p)) is not None for part in (share, 0.0)]
        for g, right, p in zip(came, due, params, strict=True)
    ]
    return params.W1.size > 1 and abs(share) > EXACT**0.5 and near[0][0] and all(any(ways) for ways in near)


def _bounded(came: Params, due: Params, params: Params) -> bool:
    """By value to any bound, or by norm to a round one."""
    got, right = _in_a_row(came), _in_a_row(due)
    bound, norm = np.abs(got).max(), np.linalg.norm(got)
    by_value = np.sum(np.abs(right) > bound) > 1 and distance(got, np.clip(right, -bound, bound)) is not None
    to_round = np.isclose(norm, ROUND_BOUNDS, rtol=1e-5).any() and norm < np.linalg.norm(right)
    return by_value or (bool(to_round) and _scaled(came, due, params))


def _differ_by_rounding(came: Params, due: Params, _: Params) -> bool:
    """Most entries are right to nine digits and to no more, as the loss is rounded; few less, by a kink."""
    right = _in_a_row(due)
    apart = np.abs(_in_a_row(came) - right) / np.abs(right).max()
    return bool(1e-12 < apart.max() < 1e-3 and np.median(apart) < 1e-9)


DIFFERENCES = of_gradients(
    "differences_for_chain_rule",
    "The gradients come from differences of the loss, not from the chain rule.",
    "A difference needs the loss itself, which overflows where errors are huge. The chain rule needs only the "
    "error: go back step by step from f to each parameter.",
    _differ_by_rounding,
    "backward",
)
OF_GRADIENTS = (
    of_gradients(
        "weight_decay",
        "A multiple of the weights was added: the gradient of a penalty on them.",
        "The loss is the mean of half the squared errors, and nothing else.",
        _with_share,
        "backward",
    ),
    of_gradients(
        "clipped",
        "Large gradients were cut off.",
        "Clipping belongs to a training step, if anywhere; here the gradients themselves are asked for.",
        _bounded,
        "backward",
    ),
    of_gradients(
        "scaled",
        "All gradients are off by the same factor.",
        "The way back is right, so look at where it starts: which constant is there too much, or missing?",
        _scaled,
        "backward",
    ),
    of_gradients(
        "weight_decay",
        "The weights shrink by a share of themselves on the way: this is weight decay.",
        "Only the gradients are to move them.",
        _with_share,
        "sgd_step",
    ),
    of_gradients(
        "clipped",
        "Large gradients were cut off.",
        "That is a trick for runs that explode; a plain step uses the gradients as they are.",
        _bounded,
        "sgd_step",
    ),
    of_gradients(
        "another_rate",
        "The step goes the right way, but is not as long as lr makes it.",
        "What else are the gradients multiplied with?",
        _scaled,
        "sgd_step",
    ),
)

# Of what gradient_check gives, and of train's history on arrays (stage 3): any keys, any length.

_CHECK = ("gradient_check",)
BY_THEN = 1e-8
"""How far runs of a thousand epochs may be apart by their rounding."""

OF_CHECKS = (
    form(
        "one_number",
        "One answer came for all parameters together.",
        "A dict is asked for, with a number under each parameter's name: it shows where the mistake is.",
        lambda got, expected: (
            isinstance(expected, dict) and isinstance(got, (bool, int, float, np.generic, np.ndarray))
        ),
        _CHECK,
    ),
    form(
        "names_missing",
        "The differences came without their names.",
        "A dict is asked for, from a parameter's name to its difference.",
        lambda got, expected: isinstance(expected, dict) and isinstance(got, (list, tuple)),
        _CHECK,
    ),
    form(
        "keys_with_d",
        "The keys are named after the gradients, dW1 and so on.",
        "They should be the parameters' own names: W1, b1, W2, b2.",
        lambda got, expected: set(got) == {f"d{name}" for name in expected},
        _CHECK,
    ),
    form(
        "parameter_missing",
        "Not all parameters are in the dict.",
        "All four are to be compared, the biases as well.",
        lambda got, expected: set(got) < set(expected),
        _CHECK,
    ),
    form(
        "other_keys",
        "The dict has other keys than the parameters' names.",
        "They are W1, b1, W2 and b2, and no others.",
        lambda got, expected: set(got) != set(expected),
        _CHECK,
    ),
    Family(
        "refused",
        "An assertion failed.",
        "If it asks that the two gradients agree: the check measures how far apart they are; who calls decides.",
        lambda failure: isinstance(failure.verdict, NoAnswer) and "AssertionError" in failure.verdict.kinds,
        _CHECK,
    ),
)


def of_histories(
    name: str,
    says: str,
    look: str,
    fits: Callable[[dict[str, Any], dict[str, list[float]]], bool],
    given: bool | None = None,
) -> Family:
    """A mistake told from the history of a run on arrays, as it came and as it was due.

    given: whether it is one of runs for which lr and epochs are given, or, where False, are not; None: of any.
    """

    def of_failure(failure: Failure) -> bool:
        came, due = failure.verdict.whole, failure.verdict.whole_expected
        on_arrays = isinstance(failure.arguments[0], np.ndarray)
        by_default = len(failure.arguments) == 3 and not failure.by_name
        of_dicts = isinstance(came, dict) and isinstance(due, dict)
        return on_arrays and of_dicts and given is not by_default and fits(came, due)

    return Family(name, says, look, of_failure, ("train",))


def _begins(longer: dict[str, list[float]], shorter: dict[str, list[float]]) -> bool:
    """Whether every list goes on further than the other's, which is not empty, and is the same until there."""
    return all(
        0 < len(part) < len(longer[key]) and distance(longer[key][: len(part)], part, BY_THEN) is not None
        for key, part in shorter.items()
    )


OF_HISTORIES = (
    of_histories(
        "arrays_for_lists",
        "The history holds arrays, where lists are asked for.",
        "A History is a dict of lists of floats.",
        lambda got, due: any(isinstance(got.get(key), (np.ndarray, tuple)) for key in due),
    ),
    of_histories(
        "list_empty",
        "One of the four lists stayed empty.",
        "Each gets an entry in every epoch.",
        lambda got, due: any(got[key] == [] for key in due),
    ),
    of_histories(
        "other_default_epochs",
        "Where no number of epochs is given, another one than 1000 was taken.",
        "Look at the line with `def`.",
        lambda got, due: len(got["loss"]) % 50 == 0 and (_begins(due, got) or _begins(got, due)),
        given=False,
    ),
    of_histories(
        "stopped_early",
        "The run stopped early.",
        "It goes on for as many epochs as it is told, however small the loss.",
        lambda got, due: _begins(due, {key: got[key] for key in due}),
    ),
    of_histories(
        "went_on",
        "The run went on beyond the epochs that it was told.",
        "It ends after so many epochs, whatever the loss is then.",
        lambda got, due: _begins(got, due),
    ),
    of_histories(
        "not_a_plain_step",
        "The first epoch's entries are right, the later ones are not: the step between them is another one.",
        "What happens to the parameters between two epochs, besides params − lr · grads?",
        lambda got, due: (
            all(len(got[key]) == len(due[key]) for key in due)
            and distance([got[key][0] for key in due], [due[key][0] for key in due]) is not None
            and distance(got["loss"], due["loss"], 1e-5) is None
        ),
        given=True,
    ),
)

FAMILIES = (
    *STAGE1,
    DIFFERENCES,  # before their lost digits
    *FORM,
    *STAGE6,
    *EXCEPTIONS,
    *STAGE2,
    *OF_TENSORS,
    *OF_GRADIENTS,
    *OF_CHECKS,
    *OF_HISTORIES,
)
