"""The known mistakes of stage 1, as they are made in its solution."""

from grader.course.mistakes import Edit

relu__absolute = Edit(
    "Negative numbers came back positive: this is the absolute value.",
    "What should become of a number below 0?",
    {"np.maximum(a, 0)": "np.abs(a)"},
)
relu__identity = Edit(
    "The argument came back as it was: nothing was cut off.",
    "What should become of a number below 0?",
    {"np.maximum(a, 0)": "a"},
)
relu__negative_part = Edit(
    "The other half was kept: negative numbers came back, positive ones became 0.",
    "Of a number and 0, which one is ReLU: the larger or the smaller?",
    {"maximum": "minimum"},
)
relu__slope_for_value = Edit(
    "1 came for each positive number: this is ReLU's slope.",
    "A positive number should come back itself.",
    {"np.maximum(a, 0)": "(a > 0).astype(a.dtype)"},
)
relu__leaky = Edit(
    "Negative numbers came back small instead of 0: this is a leaky ReLU.",
    "Below 0 nothing goes through, not even a hundredth.",
    {"(a, 0)": "(a, 0.01 * a)"},
    {"(a, 0)": "(a, 0.1 * a)"},
    {"(a, 0)": "(a, 0.2 * a)"},
)
relu__softplus = Edit(
    "A smooth curve came instead of a kink: this is softplus, log(1 + exp(a)).",
    "Far from 0 the two agree; near 0 they don't.",
    {"np.maximum(a, 0)": "np.logaddexp(a, a.dtype.type(0))"},
    {"np.maximum(a, 0)": "np.log(1 + np.exp(a))"},
)
relu__maximum_of_all = Edit(
    "One number came for the whole array: its largest entry.",
    "Each element is to be compared with 0 by itself.",
    {"np.maximum(a, 0)": "max(0.0, np.max(a))"},
)
relu__maximum_along_axis = Edit(
    "The largest entry of each column came.",
    "A second argument of 0 means an axis in one function, and a number to compare with in another.",
    {"np.maximum(a, 0)": "np.max(a, 0)"},
)
relu__other_activation = Edit(
    "A smooth curve came: this is another activation, such as a sigmoid or tanh.",
    "ReLU has a kink at 0; below it all is 0, above it every number comes back itself.",
    {"np.maximum(a, 0)": "np.tanh(a)"},
    {"np.maximum(a, 0)": "1 / (1 + np.exp(-a))"},
    {"np.maximum(a, 0)": "a / (1 + np.exp(-a))"},
    {"np.maximum(a, 0)": "np.where(a > 0, a, np.expm1(a))"},
)

relu__no_zero_dimensional = Edit(
    "A 0-d array has no entries to go through.",
    "A formula on the array as a whole works for every shape; a loop or an index does not.",
    {"np.maximum(a, 0)": "np.maximum(a[: len(a)], 0)"},
    {"np.maximum(a, 0)": "np.maximum(a[: a.shape[0]], 0)"},
    {"np.maximum(a, 0)": "np.maximum(a[:], 0)"},
    {"np.maximum(a, 0)": "np.maximum([*a], 0)"},
    {"return np.maximum(a, 0)": "a = a * 1\n    a[a < 0] = 0\n    return a"},
)
relu_grad__one_at_zero = Edit(
    "The slope at exactly 0 came out as 1.",
    "We take 0 there, as PyTorch does; look at the comparison.",
    {"a > 0)": "a >= 0)"},
)
relu_grad__half_at_zero = Edit(
    "The slope at exactly 0 came out as ½, the middle of its two sides.",
    "We take 0 there, as PyTorch does.",
    {"(a > 0)": "np.heaviside(a, 0.5)"},
)
relu_grad__nan_at_zero = Edit(
    "The slope at exactly 0 came out as NaN: 0 was divided by 0.",
    "The slope is a matter of the sign alone; nothing needs dividing.",
    {"(a > 0)": "np.where(a == 0, np.nan, a > 0)"},
)
relu_grad__value_for_slope = Edit(
    "ReLU itself came, where its slope is asked for.",
    "How much does relu(a) grow when a grows by a little?",
    {"(a > 0)": "np.maximum(a, 0)"},
)
relu_grad__sign_for_slope = Edit(
    "−1 came for negative numbers: this is the sign.",
    "Where ReLU is flat, its slope is 0.",
    {"(a > 0)": "np.sign(a)"},
)
relu_grad__negatives_kept = Edit(
    "Negative numbers came back as they were.",
    "Where ReLU is flat, its slope is 0.",
    {"(a > 0)": "np.where(a > 0, 1, a)"},
)
relu_grad__leaky = Edit(
    "A small slope came for negative numbers: this is that of a leaky ReLU.",
    "Where ReLU is flat, its slope is 0.",
    {"(a > 0)": "np.where(a > 0, 1, 0.01)"},
    {"(a > 0)": "np.where(a > 0, 1, 0.1)"},
)
relu_grad__opposite = Edit(
    "1 and 0 are the wrong way round.",
    "Where does ReLU grow, and where is it flat?",
    {"a > 0)": "a < 0)"},
    {"a > 0)": "a <= 0)"},
)
relu_grad__tiny_as_zero = Edit(
    "A small positive number was taken for 0.",
    "Only exactly 0 is 0 here: no tolerance, and no step to either side.",
    {"a > 0)": "a > 1e-8)"},
    {"a > 0)": "a > 1e-2)"},
    {"a > 0)": "a > 0.1)"},
    {"a > 0)": "a > 0.5)"},
    {"a > 0)": "a > 1)"},
)
relu_grad__jacobian = Edit(
    "A matrix of all derivatives came, element by element.",
    "ReLU works on each element by itself, so its slopes have the shape of a.",
    {"(a > 0)": "np.diag((a > 0).ravel())"},
    {"(a > 0)": "np.diag((a > 0).ravel()).reshape(a.shape * 2)"},
)
relu_grad__no_zero_dimensional = Edit(
    "A 0-d array has no entries to go through.",
    "A formula on the array as a whole works for every shape; a loop or an index does not.",
    {"(a > 0)": "(a[: len(a)] > 0)"},
    {"(a > 0)": "(a[: a.shape[0]] > 0)"},
    {"(a > 0)": "(a[:] > 0)"},
    {"return (a > 0)": "return np.array([*a])"},
    {"return": "a = a * 1\n    a[a > 0] = 1\n    return"},
)
