"""The known mistakes of stage 2, as they are made in its solution."""

from grader.course.mistakes import Edit

affine__bias_forgotten = Edit(
    "The bias is missing.",
    "An affine layer is more than a product.",
    {" + b": ""},
)
affine__weights_not_transposed = Edit(
    "The weights were used as they stand, not transposed.",
    "Each row of W belongs to one output: with x (N, in) and W (out, in), which axis is summed over?",
    {"x @ W.T": "x @ W"},
    {"x @ W.T": "np.dot(x, W)"},
)
affine__factors_swapped = Edit(
    "The factors of the product stand in the wrong order.",
    "The rows of the result are samples, as those of x: which factor do they come from?",
    {"x @ W.T": "W @ x"},
    {"x @ W.T": "W.T @ x"},
    {"x @ W.T": "W @ x.T"},
)
affine__weights_reshaped = Edit(
    "The weights were reshaped to (in, out): the new rows were filled in the old order, not transposed.",
    "Rows have to become columns: which entry must stand at [0, 1]?",
    {"W.T": "W.reshape(W.shape[::-1])"},
)
affine__bias_subtracted = Edit(
    "The bias was subtracted.",
    "What stands between the product and b?",
    {" + b": " - b"},
)
affine__bias_as_column = Edit(
    "The bias was added down the samples, one entry for each, not one for each output.",
    "The product is (N, out), b is (out,): along which axis must they meet?",
    {" + b": " + b[:, np.newaxis]"},
)
affine__relu_inside = Edit(
    "Negative results came back as 0: a ReLU is in it.",
    "An affine layer is linear but for its bias; the ReLU comes after it.",
    {"x @ W.T + b": "relu(x @ W.T + b)"},
)
affine__bias_for_each_input = Edit(
    "The bias was added once for each input.",
    "Into how many of the sums for one output does its bias go?",
    {" + b": " + x.shape[1] * b"},
)
affine__two_inputs_counted_on = Edit(
    "Two inputs were counted on.",
    "in is whatever the second axis of x has.",
    {"x @ W.T": "np.outer(x[:, 0], W[:, 0]) + np.outer(x[:, 1], W[:, 1])"},
)
forward__fields_swapped = Edit(
    "a1 and h1 are confused: each stands in the other's place.",
    "a1 is what goes into the ReLU, h1 is what comes out.",
    {"(f, a1, h1)": "(f, h1, a1)"},
)
forward__a1_after_relu = Edit(
    "a1 holds the values after the ReLU: it was overwritten, or never kept apart.",
    "The backward pass will need the sign of what went into the ReLU; is something changed in place?",
    {"(f, a1, h1)": "(f, h1, h1)"},
)
forward__relu_forgotten = Edit(
    "There is no ReLU between the two layers.",
    "Without it two affine layers are no more than one.",
    {"relu(a1)": "a1"},
)
forward__f_of_a1 = Edit(
    "The scores were made of a1, not of h1.",
    "What goes into the second layer is what comes out of the ReLU.",
    {"affine(h1": "affine(a1"},
)
forward__b1_forgotten = Edit(
    "The hidden layer's bias is missing.",
    "Compare a1 with its formula, term by term.",
    {"params.b1": "0.0"},
    {"params.b1": "0.0", "params.b2": "0.0"},
)
forward__b2_forgotten = Edit(
    "The output's bias is missing.",
    "Compare f with its formula, term by term.",
    {"params.b2": "0.0"},
)
forward__sigmoid_added = Edit(
    "The scores went through a sigmoid.",
    "f is the second layer's result as it is; it may be below 0 and above 1.",
    {"Forward(f,": "Forward(1 / (1 + np.exp(-f)),"},
)
forward__relu_added = Edit(
    "The scores went through a ReLU: negative ones came out as 0.",
    "f is the second layer's result as it is; only the hidden layer has a ReLU.",
    {"Forward(f,": "Forward(relu(f),"},
)
forward__decisions = Edit(
    "Decisions came, 0 or 1, not the scores.",
    "Whether a score is a 1 is for accuracy to say.",
    {"Forward(f,": "Forward(np.where(f < 0.5, 0.0, 1.0),"},
)
forward__scores_alone = Edit(
    "The scores came alone.",
    "The backward pass will need a1 and h1 as well: Forward holds all three.",
    {"return Forward(f, a1, h1)": "return f"},
)
forward__f_as_column = Edit(
    "f is a column, (N, 1): the second layer's one output is still an axis.",
    "f must be (N,), or the loss will broadcast it against y to (N, N).",
    {"[:, 0]": ""},
)
forward__f_broadcast = Edit(
    "f is (N, N): a column (N, 1) and a row have been broadcast.",
    "Look at the shapes on both sides of each + and *.",
    {"[:, 0]": " + np.zeros(len(X))"},
)
forward__f_of_no_axis = Edit(
    "With one sample f has lost its axis.",
    "Take away the axis of the one output, and no other: one sample is still a batch.",
    {"[:, 0]": ".squeeze()"},
)
forward__two_inputs_counted_on = Edit(
    "Two inputs were counted on.",
    "D is whatever the second axis of X has.",
    {"affine(X, params.W1": "affine(X[:, :2], params.W1[:, :2]"},
    {"affine(X, params.W1": "affine(X[:, [0, 1]], params.W1[:, [0, 1]]"},
)
forward__other_activation = Edit(
    "What stands between the layers is a sigmoid or a tanh, not ReLU.",
    "h1 is stage 1's relu of a1.",
    {"relu(a1)": "1 / (1 + np.exp(-a1))"},
    {"relu(a1)": "np.tanh(a1)"},
)
forward__fields_misordered = Edit(
    "The results are in another order.",
    "Forward holds f, a1, h1.",
    {"(f, a1, h1)": "(a1, h1, f)"},
    {"(f, a1, h1)": "(h1, a1, f)"},
    {"(f, a1, h1)": "(a1, f, h1)"},
    {"(f, a1, h1)": "(h1, f, a1)"},
)
forward__rule_for_network = Edit(
    "The scores come from the sign of x1·x2, not from the parameters.",
    "The network knows nothing of XOR; it computes from X and params what they say.",
    {"Forward(f,": "Forward(np.where(X[:, 0] * X[:, -1] < 0, 1.0, 0.0),"},
    {"Forward(f,": "Forward(np.where(X[:, 0] * X[:, 1] < 0, 1.0, 0.0),"},
)
loss__summed = Edit(
    "The samples were summed, not averaged: the loss is N times too large.",
    "A mean does not grow with the number of samples.",
    {"np.mean": "np.sum"},
)
loss__half_forgotten = Edit(
    "The loss is twice too large: the ½ is missing.",
    "It stands in front of each square, so that the 2 cancels when the square is differentiated.",
    {"0.5 * ": ""},
)
loss__squares_summed = Edit(
    "The squares were summed, neither halved nor averaged.",
    "What stands before the square in the formula, and what before all of it?",
    {"np.mean(0.5 * ": "np.sum("},
)
loss__fixed_number_of_samples = Edit(
    "It was divided by 200, the number of samples of one data set.",
    "N is how many samples f has, this time.",
    {"np.mean(": "np.sum(1 / 200 * "},
)
loss__absolute_error = Edit(
    "The differences were taken by their size, not squared.",
    "A large error should weigh more than its share.",
    {"0.5 * (f - y) ** 2": "abs(f - y)"},
    {"(f - y) ** 2": "abs(f - y)"},
)
loss__root_taken = Edit(
    "A square root was taken of the mean.",
    "The loss is the mean of half the squares itself.",
    {"** 2)": "** 2) ** 0.5"},
    {"0.5 * (f - y) ** 2)": "(f - y) ** 2) ** 0.5"},
)
loss__divided_by_one_less = Edit(
    "It was divided by N − 1, not by N.",
    "That is for variances; a mean over the samples divides by their number.",
    {"np.mean(0.5 * (f - y) ** 2)": "np.sum(0.5 * (f - y) ** 2) / max(len(f) - 1, 1)"},
)
loss__averaged_twice = Edit(
    "The loss is N times too small: the mean was divided by N once more.",
    "A mean has its division by N inside.",
    {"np.mean(": "np.mean(1 / len(f) * "},
)
loss__loss_of_decisions = Edit(
    "The loss was taken of decisions, 0 or 1, not of the scores.",
    "A decision has no slope; the loss must feel how far f is from y.",
    {"(f - y)": "((f >= 0.5) - y)"},
)
loss__cross_entropy = Edit(
    "This is the cross-entropy.",
    "It is a good loss for classes, but ours is half the mean squared error.",
    {"0.5 * (f - y) ** 2": "np.logaddexp(0, f) - f * y"},
    {"0.5 * (f - y) ** 2": "-y * np.log(p := np.clip(f, 1e-7, 1 - 1e-7)) - (1 - y) * np.log(1 - p)"},
    {"0.5 * (f - y) ** 2": "-y * np.log(p := np.clip(f, 1e-8, 1 - 1e-8)) - (1 - y) * np.log(1 - p)"},
    {"0.5 * (f - y) ** 2": "-y * np.log(p := np.clip(f, 1e-12, 1 - 1e-12)) - (1 - y) * np.log(1 - p)"},
    {"0.5 * (f - y) ** 2": "-y * np.log(p := np.clip(f, 1e-15, 1 - 1e-15)) - (1 - y) * np.log(1 - p)"},
)
accuracy__half_left_out = Edit(
    "A score of exactly 0.5 was put in class 0.",
    "It belongs to class 1; look at the comparison.",
    {">=": ">"},
)
accuracy__counted = Edit(
    "The right samples were counted, not divided by their number.",
    "An accuracy lies between 0 and 1.",
    {"np.mean": "np.sum"},
    {"float(np.mean": "int(np.sum"},
)
accuracy__fixed_number_of_samples = Edit(
    "It was divided by 200, the number of samples of one data set.",
    "N is how many samples f has, this time.",
    {"np.mean(": "1 / 200 * np.sum("},
)
accuracy__in_percent = Edit(
    "The accuracy came in percent.",
    "It is asked for as a fraction, between 0 and 1.",
    {"np.mean(": "100 * np.mean("},
)
accuracy__error_rate = Edit(
    "The wrong samples were counted instead of the right ones.",
    "This is the error rate, 1 − accuracy.",
    {") == (": ") != ("},
)
accuracy__threshold_at_zero = Edit(
    "The classes were parted at a score of 0.",
    "The targets are 0 and 1; which score lies in the middle?",
    {"f >= 0.5": "f >= 0"},
    {"f >= 0.5": "f > 0"},
)
accuracy__other_threshold = Edit(
    "The classes were parted at another score than 0.5.",
    "The targets are 0 and 1; which score lies in the middle?",
    {"0.5": "0.4"},
    {"0.5": "0.49"},
    {"0.5": "0.51"},
    {"0.5": "0.55"},
    {"0.5": "0.6"},
    {"0.5": "1"},
)
accuracy__scores_compared = Edit(
    "The scores themselves were compared with the classes.",
    "First make a class, 0 or 1, of each score.",
    {"(f >= 0.5) == (y == 1.0)": "f == y"},
)
accuracy__positives_only = Edit(
    "Only one of the classes was looked at.",
    "A sample of class 0 that is found to be of class 0 is right, too.",
    {") == (": ") & ("},
    {"(f >= 0.5) == (y == 1.0)": "f[y == 1.0] >= 0.5"},
    {"(f >= 0.5) == (y == 1.0)": "y[f >= 0.5]"},
)
accuracy__predictions_only = Edit(
    "The fraction of scores in class 1 came; y was not looked at.",
    "How many of them are right?",
    {" == (y == 1.0)": ""},
)
accuracy__classes_weighed_alike = Edit(
    "The accuracy was taken of each class, and then averaged.",
    "That is the balanced accuracy; here every sample weighs the same.",
    {"(f >= 0.5) == (y == 1.0)": "[np.mean((f[y == c] >= 0.5) == c) for c in np.unique(y)]"},
    {"(f >= 0.5) == (y == 1.0)": "[np.mean((f[y == c] >= 0.5) == c) for c in (0, 1)]"},
)
accuracy__rounded = Edit(
    "The accuracy was rounded.",
    "Round where a number is printed, not where it is computed.",
    {"float(": "round(float(", "1.0)))": "1.0))), 1)"},
    {"float(": "round(float(", "1.0)))": "1.0))), 2)"},
    {"float(": "round(float(", "1.0)))": "1.0))), 3)"},
)
accuracy__scores_rounded = Edit(
    "Scores above 1.5 or below −0.5 were called wrong, as if rounded to a whole number: 1.7 to 2, −0.6 to −1.",
    "There are two classes, however far a score is from them.",
    {"(f >= 0.5) == (y == 1.0)": "np.round(f) == y"},
    {"(f >= 0.5) == (y == 1.0)": "np.floor(f + 0.5) == y"},
    {"(f >= 0.5) == (y == 1.0)": "abs(f - y) < 0.5"},
)
accuracy__rounded_before = Edit(
    "The scores were rounded before they were compared with 0.5: so 0.46 is of class 1.",
    "Compare them as they are.",
    {"(f >=": "(np.round(f, 1) >="},
    {"(f >=": "(np.round(f, 2) >="},
)
check_shapes__never_refused = Edit(
    "Wrong shapes were let through.",
    "What is found must be raised, as a ValueError; printing it stops nobody.",
    {"if wrong:": "if False:"},
)
check_shapes__first_only = Edit(
    "Only the first wrong parameter was named.",
    "Look at all four before you complain, and complain once.",
    {"join(wrong)": "join(wrong[:1])"},
)
check_shapes__last_only = Edit(
    "Only the last wrong parameter was named.",
    "What was found of one parameter must not be lost when the next one is looked at.",
    {"join(wrong)": "join(wrong[-1:])"},
)
check_shapes__sizes_only = Edit(
    "The number of entries was compared, not the shape.",
    "(2, 3), (3, 2) and (6,) have as many entries.",
    {"np.shape(array) != shape": "np.size(array) != np.prod(shape)"},
)
check_shapes__axes_only = Edit(
    "The number of axes was compared, not the shape.",
    "Each axis has a length as well.",
    {"np.shape(array) != shape": "np.ndim(array) != len(shape)"},
)
check_shapes__first_axis_only = Edit(
    "Only the lengths of the first axes were compared.",
    "Each axis has a length.",
    {"np.shape(array) != shape": "np.shape(array)[:1] != shape[:1]"},
)
check_shapes__w2_unchecked = Edit(
    "W2 was not checked.",
    "All four parameters have a shape.",
    {"!= shape": '!= shape and name != "W2"'},
    {"!= shape": '!= shape and name in ("W1", "b1")'},
)
check_shapes__b2_unchecked = Edit(
    "b2 was not checked.",
    "It has a shape as well: (), that of a single number.",
    {"!= shape": '!= shape and name != "b2"'},
)
check_shapes__b2_of_one_entry = Edit(
    "b2 was let through with one entry in a shape such as (1,).",
    "Its shape is (), that of a single number; (1,) is another shape.",
    {"!= shape": '!= shape and (name != "b2" or np.size(array) != 1)'},
    {"!= shape": '!= shape and (name != "b2" or np.shape(array) != (1,))'},
)
check_shapes__biases_unchecked = Edit(
    "The biases were not checked.",
    "All four parameters have a shape.",
    {"!= shape": '!= shape and name[0] == "W"'},
    {"!= shape": '!= shape and name == "W1"'},
)
check_shapes__flat_w2_accepted = Edit(
    "W2 was let through as a flat (h,).",
    "Its shape is (1, h): one row, for the one output.",
    {"!= shape": '!= shape and (name != "W2" or np.shape(array) != (h,))'},
)
check_shapes__other_shape_wanted = Edit(
    "Another shape is wanted of a parameter than is right.",
    "W1 is (h, d), b1 is (h,), W2 is (1, h), b2 is ().",
    {"W1=(h, d)": "W1=(d, h)"},
    {"b1=(h,)": "b1=(h, 1)"},
    {"b1=(h,)": "b1=(1, h)"},
    {"W2=(1, h)": "W2=(h, 1)"},
    {"W2=(1, h)": "W2=(h,)"},
    {"b2=()": "b2=(1,)"},
)
check_shapes__h_of_parameters = Edit(
    "h was taken from the parameters, not from the argument.",
    "Parameters that fit together may still be of the wrong size.",
    {"wanted =": "h = np.size(params.b1)\n    wanted ="},
    {"wanted =": "h = params.b1.shape[0]\n    wanted ="},
    {"wanted =": "h = len(params.b1)\n    wanted ="},
    {"wanted =": "h = params.W1.shape[0]\n    wanted ="},
    {"wanted =": "h = params.W2.shape[1]\n    wanted ="},
    {"wanted =": "h, d = params.W1.shape\n    wanted ="},
)
check_shapes__h_ignored = Edit(
    "The h that was given was not used.",
    "16 is what h is where none is given.",
    {"wanted =": "h = 16\n    wanted ="},
    {"wanted =": "d, h = 2, 16\n    wanted ="},
)
check_shapes__d_ignored = Edit(
    "The d that was given was not used.",
    "2 is what d is where none is given.",
    {"(h, d)": "(h, 2)"},
)
check_shapes__sizes_swapped = Edit(
    "d and h were taken in the other order.",
    "They may be given without their names, d first.",
    {"d: int = D, h: int = H": "h: int = H, d: int = D"},
    {"wanted =": "d, h = h, d\n    wanted ="},
)
check_shapes__none_named = Edit(
    "It was refused, but the message names no parameter.",
    "Which ones are wrong? Say it in the message: W1, b1, W2, b2.",
    {"join(wrong)": "join([])"},
)
check_shapes__value_returned = Edit(
    "Something came back, where nothing is asked for.",
    "A check that finds nothing returns None, and one that finds something raises.",
    {"if wrong:": "return not wrong\n    if wrong:"},
    {"if wrong:": "if not wrong:\n        return True\n    if wrong:"},
    {"raise ValueError": "return "},
)
