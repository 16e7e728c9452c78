"""The known mistakes of make_sequential."""

from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Mistake, Seen

LAYERS = ["Linear", "ReLU", "Linear"]

Shapes = list[tuple[int, ...]]


def _layer_shapes(d: int, h: int, outputs: int = 1) -> Shapes:
    return [(h, d), (h,), (outputs, h), (outputs,)]


def _kinds(names: list[str]) -> Seen:
    return Seen(layers=names)


def _shaped(d: int, h: int, *wrong: Shapes) -> Seen:
    """Predict one of these, where it is not right."""
    return Seen(shapes=lambda shapes: shapes != _layer_shapes(d, h) and shapes in wrong)


def _fit_nowhere(shapes: Shapes) -> bool:
    """Whether two weight matrices cannot follow each other."""
    matrices = [shape for shape in shapes if len(shape) == 2]
    return len(matrices) == 2 and matrices[1][1] != matrices[0][0]


MAKE_SEQUENTIAL = (
    # from d, h and whether they were given; the test notes the model's classes, its layers' classes, the
    # shapes of its parameters, and whether another model has parameters of its own
    Mistake(
        "nothing_returned",
        "The function gives None.",
        "Does every way through it end in a `return` with the result?",
        lambda d, h, given: Seen(kinds=["NoneType"]),
    ),
    Mistake(
        "other_container",
        "What came is not an nn.Sequential.",
        "A ModuleList or a list holds layers, but does not pass one's result to the next.",
        lambda d, h, given: Seen(kinds=lambda kinds: "Sequential" not in kinds),
    ),
    Mistake(
        "relu_missing",
        "There is no ReLU between the two layers.",
        "Without it two affine layers are no more than one.",
        lambda d, h, given: _kinds(["Linear", "Linear"]),
    ),
    Mistake(
        "other_activation",
        "The activation between the layers is not ReLU.",
        "The network is that of the stages before.",
        lambda d, h, given: Seen(
            layers=lambda names: names[::2] == ["Linear", "Linear"] and len(names) == 3 and names[1] != "ReLU"
        ),
    ),
    Mistake(
        "activation_at_end",
        "Another activation follows the last layer.",
        "The scores are that layer's results as they are.",
        lambda d, h, given: Seen(
            layers=lambda names: (
                names[:3] == LAYERS and names[3:] and not {"Linear", "Flatten", "Unflatten"} & {*names[3:]}
            )
        ),
    ),
    Mistake(
        "flattened_at_end",
        "The output's axis of length 1 was taken away inside the model.",
        "Its output is (N, 1); scores takes that axis away.",
        lambda d, h, given: Seen(layers=lambda names: {"Flatten", "Unflatten"} & {*names} != set()),
    ),
    Mistake(
        "layers_too_many",
        "There are more than two layers.",
        "There is one hidden layer, and the output.",
        lambda d, h, given: Seen(layers=lambda names: names.count("Linear") > 2),
    ),
    Mistake(
        "extra_layer",
        "A layer that draws or rescales stands between the others.",
        "The network has two affine layers and a ReLU, and nothing else.",
        lambda d, h, given: Seen(layers=lambda names: any("Norm" in name or "Dropout" in name for name in names)),
    ),
    Mistake(
        "layers_nested",
        "The layers stand in an nn.Sequential within the nn.Sequential.",
        "Its direct parts should be the layers themselves.",
        lambda d, h, given: Seen(layers=lambda names: "Sequential" in names),
    ),
    Mistake(
        "order_mistaken",
        "The layers stand in another order.",
        "Which of them has the inputs, and between which two does the ReLU stand?",
        lambda d, h, given: Seen(layers=lambda names: sorted(names) == sorted(LAYERS) and names != LAYERS),
    ),
    Mistake(
        "bias_missing",
        "A layer has no bias.",
        "Both layers are affine: b1 and b2 belong to them.",
        lambda d, h, given: Seen(shapes=lambda shapes: 2 <= len(shapes) < 4),
    ),
    Mistake(
        "sizes_swapped",
        "d and h stand in each other's place.",
        "The hidden layer maps d inputs to h units.",
        lambda d, h, given: _shaped(d, h, _layer_shapes(h, d), [(d, h), (d,), (1, h), (1,)]),
    ),
    Mistake(
        "two_outputs",
        "The output has more than one column.",
        "There is one score for each sample, not one for each class.",
        lambda d, h, given: Seen(
            shapes=lambda shapes: any(shapes == _layer_shapes(d, h, outputs) for outputs in range(2, 17))
        ),
    ),
    Mistake(
        "d_ignored",
        "The d that was given was not used.",
        "2 is what d is where none is given.",
        lambda d, h, given: _shaped(d, h, _layer_shapes(2, h)) if given else UNKNOWN,
    ),
    Mistake(
        "h_ignored",
        "The h that was given was not used.",
        "16 is what h is where none is given.",
        lambda d, h, given: _shaped(d, h, _layer_shapes(d, 16), _layer_shapes(2, 16)) if given else UNKNOWN,
    ),
    Mistake(
        "layers_do_not_fit",
        "The second layer does not take as many inputs as the first one gives.",
        "Follow the shapes: (N, d), (N, h), (N, 1).",
        lambda d, h, given: Seen(shapes=_fit_nowhere),
    ),
    Mistake(
        "other_defaults",
        "Where d and h are not given, they are not 2 and 16.",
        "The defaults are D and H of xor.",
        lambda d, h, given: UNKNOWN if given else Seen(shapes=lambda shapes: shapes != _layer_shapes(2, 16)),
    ),
    Mistake(
        "defaults_missing",
        "The model cannot be made without arguments.",
        "d and h have defaults: D and H.",
        lambda d, h, given: UNKNOWN if given else Raised("TypeError", "required positional argument"),
    ),
    Mistake(
        "one_model_for_all",
        "Every call gives the same model, or layers of the same parameters.",
        "Who makes two models trains them apart; what is made outside of the function is made once.",
        lambda d, h, given: Seen(apart=False),
    ),
)
