"""Mistakes of stage 6: of the two models, their scores and accuracy, the loader, and mini-batch training."""

import torch
from torch.utils.data import DataLoader, Sampler, TensorDataset

from grader.course.mistakes import Edit

TinyMLP__not_a_module = Edit(
    "TinyMLP is not made from nn.Module.",
    "What stands in parentheses behind the class's name?",
    {"(nn.Module)": ""},
)
TinyMLP__defaults_missing = Edit(
    "TinyMLP cannot be made without arguments.",
    "d and h have defaults: D and H.",
    {"d: int = D, h: int = H": "d: int, h: int"},
)
TinyMLP__sizes_swapped = Edit(
    "d and h stand in each other's place.",
    "The first argument is d, the number of inputs, the second h, the number of hidden units.",
    {"d: int = D, h: int = H": "h: int = H, d: int = D"},
    {"randn(h, d)": "randn(d, h)", "zeros(h)": "zeros(d)", "randn(1, h)": "randn(1, d)"},
)
TinyMLP__sizes_ignored = Edit(
    "The d and h that were given were not used, or not both.",
    "2 and 16 are what they are where none are given.",
    {"randn(h, d)": "randn(H, D)", "zeros(h)": "zeros(H)", "randn(1, h)": "randn(1, H)"},
    {"randn(h, d)": "randn(H, d)", "zeros(h)": "zeros(H)", "randn(1, h)": "randn(1, H)"},
    {"randn(h, d)": "randn(h, D)"},
)
TinyMLP__other_defaults = Edit(
    "Where d and h are not given, they are not 2 and 16.",
    "The defaults are D and H of xor.",
    {"= H": "= 32"},
    {"= H": "= 8"},
    {"= H": "= 4"},
    {"= H": "= 10"},
    {"= H": "= 64"},
    {"= D": "= 1"},
)
TinyMLP__w1_transposed = Edit(
    "W1 is transposed.",
    "Each row of W1 belongs to one hidden unit, and has an entry for each input.",
    {"randn(h, d)": "randn(d, h)", "self.W1.T": "self.W1"},
)
TinyMLP__w2_transposed = Edit(
    "W2 is transposed.",
    "Each row of W2 belongs to one output, and there is one.",
    {"randn(1, h)": "randn(h, 1)", "self.W2.T": "self.W2"},
)
TinyMLP__w2_flat = Edit(
    "W2 is flat, (h,).",
    "Its shape is (1, h): one row, for the one output.",
    {"randn(1, h)": "randn(h)", "(h1 @ self.W2.T + self.b2)[:, 0]": "h1 @ self.W2 + self.b2"},
)
TinyMLP__b1_with_two_axes = Edit(
    "b1 has two axes.",
    "Its shape is (h,): one number for each hidden unit.",
    {"zeros(h)": "zeros(1, h)"},
    {"zeros(h)": "zeros(h, 1)"},
)
TinyMLP__b2_of_one_entry = Edit(
    "b2 has one entry in a shape such as (1,).",
    "Its shape is (), that of a single number; an axis of length 1 is still an axis.",
    {"zeros(())": "zeros(1)"},
    {"zeros(())": "zeros(1, 1)"},
)
TinyMLP__gradients_off = Edit(
    "A parameter does not require gradients, so it will never be trained.",
    "Was this switched off when it was made?",
    {"randn(h, d)": "randn(h, d), requires_grad=False"},
    {"zeros(h)": "zeros(h), requires_grad=False"},
    {"randn(1, h)": "randn(1, h), requires_grad=False"},
    {"zeros(())": "zeros(()), requires_grad=False"},
)
TinyMLP__init_params_used = Edit(
    "The weights are those of init_params.",
    "This model draws its own, from torch's generator, and smaller ones.",
    {
        "super().__init__()": "super().__init__()\n        from xor import init_params",
        "0.1 * torch.randn(h, d)": "torch.tensor(init_params(d, h).W1).float()",
        "0.1 * torch.randn(1, h)": "torch.tensor(init_params(d, h).W2).float()",
    },
)
TinyMLP__same_start_always = Edit(
    "The weights are the same whatever torch's seed is: they come from a generator with a seed of its own.",
    "Who makes the model chooses the seed; draw from torch's global generator, and leave its seed alone.",
    {"super().__init__()": "super().__init__()\n        torch.manual_seed(0)"},
)
TinyMLP__other_generator = Edit(
    "The same seed of torch's gives other weights: they don't come from torch's global generator.",
    "NumPy's generator and torch's know nothing of each other.",
    {"super().__init__()": "super().__init__()\n        torch.seed()"},
)
TinyMLP__models_alike = Edit(
    "Models that are made one after the other start the same: torch's global generator does not move on.",
    "A generator that is seeded at each call begins at its beginning.",
    {"super().__init__()": "super().__init__()\n        torch.manual_seed(torch.initial_seed())"},
)
TinyMLP__weights_repeated = Edit(
    "The same numbers stand in several units, or in W1 and in W2.",
    "Each weight is a draw of its own by randn: both matrices, every row.",
    {"0.1 * torch.randn(1, h)": "self.W1[:, :1].T.detach().clone()"},
    {"torch.randn(h, d)": "torch.randn(h, 1).repeat(1, d)"},
    {"torch.randn(h, d)": "torch.randn(1, d).repeat(h, 1)"},
)
TinyMLP__scale_missing = Edit(
    "The weights start ten times too large: the 0.1 is missing.",
    "Compare their standard deviation with the one asked for.",
    {"0.1 * torch": "torch"},
    {"0.1 * torch.randn(1": "torch.randn(1"},
)
TinyMLP__scale_of_numpy_stages = Edit(
    "The weights start with a standard deviation of 0.5, that of init_params.",
    "The module's weights are smaller.",
    {"0.1 * torch": "0.5 * torch"},
    {"0.1 * torch.randn(1": "0.5 * torch.randn(1"},
)
TinyMLP__dtype_fixed = Edit(
    "The parameters' dtype is fixed, where they should take torch's default dtype.",
    "Where no dtype is given, torch takes its default; what comes from NumPy brings its own.",
    {"randn(h, d)": "randn(h, d, dtype=torch.float32)"},
    {"randn(h, d)": "randn(h, d, dtype=torch.float64)"},
)
TinyMLP__fields_swapped = Edit(
    "a1 and h1 are confused: each stands in the other's place.",
    "a1 is what goes into the ReLU, h1 is what comes out.",
    {"return Forward(f, a1, h1)": "return Forward(f, h1, a1)"},
)
TinyMLP__a1_after_relu = Edit(
    "a1 holds the values after the ReLU: it was overwritten, or never kept apart.",
    "The backward pass will need the sign of what went into the ReLU; is something changed in place?",
    {"torch.relu(a1)": "torch.relu_(a1)"},
)
TinyMLP__relu_forgotten = Edit(
    "There is no ReLU between the two layers.",
    "Without it two affine layers are no more than one.",
    {"torch.relu(a1)": "a1"},
)
TinyMLP__b1_forgotten = Edit(
    "The hidden layer's bias is missing.",
    "Compare a1 with its formula, term by term.",
    {" + self.b1": ""},
)
TinyMLP__b2_forgotten = Edit(
    "The output's bias is missing.",
    "Compare f with its formula, term by term.",
    {" + self.b2": ""},
)
TinyMLP__sigmoid_added = Edit(
    "The scores went through a sigmoid.",
    "f is the second layer's result as it is; it may be below 0 and above 1.",
    {"return Forward(f": "return Forward(torch.sigmoid(f)"},
)
TinyMLP__f_as_column = Edit(
    "f is a column, (N, 1): the second layer's one output is still an axis.",
    "f must be (N,), or the loss will broadcast it against y to (N, N).",
    {"[:, 0]": ""},
)
TinyMLP__f_broadcast = Edit(
    "f is (N, N): a column (N, 1) and a row have been broadcast.",
    "Look at the shapes on both sides of each + and *.",
    {"[:, 0]": " + torch.zeros(len(X), dtype=X.dtype)"},
)
TinyMLP__f_of_no_axis = Edit(
    "With one sample f has lost its axis.",
    "Take away the axis of the one output, and no other: one sample is still a batch.",
    {"[:, 0]": ".squeeze()"},
)
TinyMLP__two_inputs_counted_on = Edit(
    "Two inputs were counted on.",
    "D is whatever the second axis of X has.",
    {"X @ self.W1.T": "X[:, :1] * self.W1[:, 0] + X[:, 1:2] * self.W1[:, 1]"},
)
TinyMLP__rule_for_network = Edit(
    "The scores come from the sign of x1·x2, not from the parameters.",
    "The network knows nothing of XOR; it computes from X and params what they say.",
    {"(h1 @ self.W2.T + self.b2)[:, 0]": "(X[:, 0] * X[:, 1] < 0).to(X.dtype)"},
    {"(h1 @ self.W2.T + self.b2)[:, 0]": "(X[:, 0] * X[:, -1] < 0).to(X.dtype)"},
)
TinyMLP__f_only = Edit(
    "forward gives the scores alone.",
    "What comes is a Forward: f, and with it a1 and h1, which the training will look at.",
    {"return Forward(f, a1, h1)": "return f"},
    {"return Forward(f, a1, h1)": "return f[:, None]"},
)
TinyMLP__other_activation = Edit(
    "The hidden layer has another activation than ReLU.",
    "What becomes of a pre-activation below 0, and of one above 1?",
    {"torch.relu": "torch.tanh"},
    {"torch.relu": "torch.sigmoid"},
    {"torch.relu": "nn.functional.leaky_relu"},
    {"torch.relu": "nn.functional.gelu"},
    {"torch.relu": "nn.functional.elu"},
)
TinyMLP__relu_at_end = Edit(
    "The scores went through a ReLU as well.",
    "f is the second layer's result as it is; it may be below 0.",
    {"return Forward(f": "return Forward(torch.relu(f)"},
)
TinyMLP__graph_cut = Edit(
    "The way back from f to the parameters is cut: not all of them get a gradient.",
    "A detach, `.data`, a no_grad, or a new tensor made of a parameter's values cuts it.",
    {"return Forward(f": "return Forward(f.detach()"},
    {"self.W1.T": "self.W1.detach().T"},
    {"+ self.b1": "+ self.b1.detach()"},
    {"self.W2.T": "self.W2.detach().T"},
    {"+ self.b2": "+ self.b2.detach()"},
)
TinyMLP__fields_misordered = Edit(
    "The results are in another order.",
    "Forward holds f, a1, h1.",
    {"return Forward(f, a1, h1)": "return Forward(a1, h1, f)"},
    {"return Forward(f, a1, h1)": "return Forward(h1, a1, f)"},
)
TinyMLP__old_parameters = Edit(
    "The forward pass went on with the values that the parameters had before.",
    "What is kept from an earlier call, or of the parameters as they were made, does not follow them.",
    {
        "a1 = X @ self.W1.T + self.b1": "W1, b1, W2, b2 = self.kept\n        a1 = X @ W1.T + b1",
        "self.W2.T + self.b2": "W2.T + b2",
        "zeros(()))": "zeros(()))\n        self.kept = (self.W1, self.b1, self.W2, self.b2)",
    },
)

make_sequential__nothing_returned = Edit(
    "The function gives None.",
    "Does every way through it end in a `return` with the result?",
    {"return ": ""},
)
make_sequential__other_container = Edit(
    "What came is not an nn.Sequential.",
    "A ModuleList or a list holds layers, but does not pass one's result to the next.",
    {"nn.Sequential(nn.Linear(d, h)": "nn.ModuleList([nn.Linear(d, h)", "1))": "1)])"},
)
make_sequential__relu_missing = Edit(
    "There is no ReLU between the two layers.",
    "Without it two affine layers are no more than one.",
    {" nn.ReLU(),": ""},
)
make_sequential__other_activation = Edit(
    "The activation between the layers is not ReLU.",
    "The network is that of the stages before.",
    {"ReLU": "Tanh"},
    {"ReLU": "Sigmoid"},
    {"ReLU": "LeakyReLU"},
    {"ReLU": "GELU"},
    {"ReLU": "ELU"},
    {"ReLU": "Softplus"},
)
make_sequential__activation_at_end = Edit(
    "Another activation follows the last layer.",
    "The scores are that layer's results as they are.",
    {"(h, 1)": "(h, 1), nn.Sigmoid()"},
    {"(h, 1)": "(h, 1), nn.ReLU()"},
    {"(h, 1)": "(h, 1), nn.Tanh()"},
    {"(h, 1)": "(h, 1), nn.Softmax(1)"},
)
make_sequential__flattened_at_end = Edit(
    "The output's axis of length 1 was taken away inside the model.",
    "Its output is (N, 1); scores takes that axis away.",
    {"(h, 1)": "(h, 1), nn.Flatten(0)"},
)
make_sequential__layers_too_many = Edit(
    "There are more than two layers.",
    "There is one hidden layer, and the output.",
    {"nn.ReLU()": "nn.ReLU(), nn.Linear(h, h), nn.ReLU()"},
    {"nn.ReLU()": "nn.ReLU(), nn.Linear(h, h)"},
    {"nn.ReLU()": "nn.ReLU(), nn.Linear(h, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU()"},
)
make_sequential__extra_layer = Edit(
    "A layer that draws or rescales stands between the others.",
    "The network has two affine layers and a ReLU, and nothing else.",
    {"nn.ReLU()": "nn.BatchNorm1d(h), nn.ReLU()"},
    {"nn.ReLU()": "nn.ReLU(), nn.BatchNorm1d(h)"},
    {"nn.ReLU()": "nn.LayerNorm(h), nn.ReLU()"},
    {"nn.ReLU()": "nn.ReLU(), nn.Dropout()"},
    {"nn.ReLU()": "nn.Dropout(), nn.ReLU()"},
    {"nn.ReLU()": "nn.BatchNorm1d(h), nn.ReLU(), nn.Dropout()"},
)
make_sequential__layers_nested = Edit(
    "The layers stand in an nn.Sequential within the nn.Sequential.",
    "Its direct parts should be the layers themselves.",
    {"nn.Linear(d, h), nn.ReLU()": "nn.Sequential(nn.Linear(d, h), nn.ReLU())"},
    {"nn.Linear(d, h)": "nn.Sequential(nn.Linear(d, h)", "1))": "1)))"},
)
make_sequential__order_mistaken = Edit(
    "The layers stand in another order.",
    "Which of them has the inputs, and between which two does the ReLU stand?",
    {"nn.ReLU(), nn.Linear(h, 1)": "nn.Linear(h, 1), nn.ReLU()"},
    {"nn.Linear(d, h), nn.ReLU()": "nn.ReLU(), nn.Linear(d, h)"},
)
make_sequential__bias_missing = Edit(
    "A layer has no bias.",
    "Both layers are affine: b1 and b2 belong to them.",
    {"(d, h)": "(d, h, bias=False)"},
    {"(h, 1)": "(h, 1, bias=False)"},
    {"(d, h)": "(d, h, bias=False)", "(h, 1)": "(h, 1, bias=False)"},
)
make_sequential__sizes_swapped = Edit(
    "d and h stand in each other's place.",
    "The hidden layer maps d inputs to h units.",
    {"d: int = D, h: int = H": "h: int = H, d: int = D"},
    {"nn.Linear(d, h)": "nn.Linear(h, d)", "(h, 1)": "(d, 1)"},
    {"nn.Linear(d, h)": "nn.Linear(h, d)"},
)
make_sequential__two_outputs = Edit(
    "The output has more than one column.",
    "There is one score for each sample, not one for each class.",
    {"(h, 1)": "(h, 2)"},
)
make_sequential__d_ignored = Edit(
    "The d that was given was not used.",
    "2 is what d is where none is given.",
    {"(d, h)": "(D, h)"},
)
make_sequential__h_ignored = Edit(
    "The h that was given was not used.",
    "16 is what h is where none is given.",
    {"(d, h)": "(d, H)", "(h, 1)": "(H, 1)"},
    {"(d, h)": "(D, H)", "(h, 1)": "(H, 1)"},
)
make_sequential__layers_do_not_fit = Edit(
    "The second layer does not take as many inputs as the first one gives.",
    "Follow the shapes: (N, d), (N, h), (N, 1).",
    {"(h, 1)": "(d, 1)"},
    {"(h, 1)": "(H, 1)"},
    {"(d, h)": "(d, H)"},
)
make_sequential__other_defaults = Edit(
    "Where d and h are not given, they are not 2 and 16.",
    "The defaults are D and H of xor.",
    {"= H": "= 32"},
    {"= H": "= 8"},
    {"= H": "= 4"},
    {"= H": "= 10"},
    {"= H": "= 64"},
    {"= D": "= 1"},
)
make_sequential__defaults_missing = Edit(
    "The model cannot be made without arguments.",
    "d and h have defaults: D and H.",
    {"d: int = D, h: int = H": "d: int, h: int"},
)
make_sequential__one_model_for_all = Edit(
    "Every call gives the same model, or layers of the same parameters.",
    "Who makes two models trains them apart; what is made outside of the function is made once.",
    {"= H": "= H, kept: dict = {}", "return ": "return kept.setdefault((d, h), ", "1))": "1)))"},
)

scores__forward_returned = Edit(
    "All that the model gives came back, not the scores alone.",
    "A TinyMLP gives a Forward of three tensors; which of them are the scores?",
    {"return out.f": "return out"},
)
scores__first_sample_only = Edit(
    "The first sample's score came alone.",
    "The same index takes a field of a Forward, but a row of a tensor.",
    {"out[:, 0]": "out[0]"},
    {"out[:, 0]": "out[0, 0]"},
)
scores__hidden_returned = Edit(
    "Values of the hidden layer came, not the scores.",
    "Which field of the Forward holds the scores?",
    {"out.f": "out.h1"},
    {"out.f": "out.a1"},
    {"out.f": "out.h1[:, 0]"},
    {"out.f": "out.a1[:, 0]"},
)
scores__sigmoid_added = Edit(
    "The scores went through a sigmoid.",
    "They are asked for as the model gives them.",
    {"out.f": "out.f.sigmoid()", "out[:, 0]": "out[:, 0].sigmoid()"},
)
scores__decisions = Edit(
    "Decisions came, 0 or 1, not the scores.",
    "Whether a score is a 1 is for accuracy to say.",
    {"out.f": "(out.f >= 0.5).to(X.dtype)", "out[:, 0]": "(out[:, 0] >= 0.5).to(X.dtype)"},
)
scores__rule_for_network = Edit(
    "The scores come from the sign of x1·x2, not from the model.",
    "The network knows nothing of XOR; ask it.",
    {"return out.f if isinstance(out, Forward) else out[:, 0]": "return (X[:, 0] * X[:, 1] < 0).to(X.dtype)"},
    {"return out.f if isinstance(out, Forward) else out[:, 0]": "return (X[:, 0] * X[:, -1] < 0).to(X.dtype)"},
)

make_loader__nothing_returned = Edit(
    "The function gives None.",
    "Does every way through it end in a `return` with the result?",
    {"return ": ""},
)
make_loader__other_container = Edit(
    "What came is not a DataLoader.",
    "A list of batches would be the same in every epoch; a data set alone makes no batches.",
    {"return DataLoader(": "return list(DataLoader(", "(seed))": "(seed)))"},
)
make_loader__arrays_in_data_set = Edit(
    "A TensorDataset was made of NumPy arrays.",
    "Convert them first; it takes tensors.",
    {"torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)": "X, y"},
)
make_loader__labels_missing = Edit(
    "A batch holds X alone.",
    "The training needs the labels of just these samples, so they have to come along.",
    {", torch.tensor(y, dtype=torch.float32)": ""},
)
make_loader__labels_first = Edit(
    "A batch holds y first, and then X.",
    "It is unpacked as X, y.",
    {"torch.tensor(X": "torch.tensor(Y", "torch.tensor(y": "torch.tensor(X", "torch.tensor(Y": "torch.tensor(y"},
)
make_loader__y_as_column = Edit(
    "y came as a column, (B, 1).",
    "Scores are (B,), and the two would broadcast to (B, B).",
    {"float32))": "float32)[:, None])"},
)
make_loader__labels_as_integers = Edit(
    "y came as whole numbers or truth values.",
    "The loss subtracts y from scores: it should be of their dtype.",
    {"float32))": "int64))"},
    {"float32))": "int32))"},
    {"float32))": "bool))"},
    {"torch.tensor(y, dtype=torch.float32)": "torch.tensor(y > 0)"},
    {"torch.tensor(y, dtype=torch.float32)": "torch.tensor(y > 0.5)"},
)
make_loader__double_precision = Edit(
    "The batches hold float64, the arrays' own dtype.",
    "The models are float32, and tensors of two dtypes do not go together.",
    {"X, dtype=torch.float32": "X"},
    {"y, dtype=torch.float32": "y"},
)
make_loader__last_batch_dropped = Edit(
    "The samples that are left over for a smaller last batch did not come.",
    "Every sample comes once an epoch; the last batch may be smaller.",
    {"shuffle=True": "shuffle=True, drop_last=True"},
)
make_loader__other_default_batch_size = Edit(
    "Where no batch size is given, it is not 32.",
    "Look at the default.",
    {"= 32": "= 16"},
    {"= 32": "= 64"},
    {"= 32": "= 8"},
    {"= 32": "= 1"},
    {"= 32": "= 10"},
    {"= 32": "= 20"},
    {"= 32": "= 50"},
    {"= 32": "= 128"},
)
make_loader__batch_size_ignored = Edit(
    "The batch_size that was given was not used.",
    "Follow it from the arguments on: who makes the batches?",
    {"samples, batch_size": "samples"},
    {"samples, batch_size": "samples, 32"},
    {"samples, batch_size": "samples, 16"},
)
make_loader__number_of_batches = Edit(
    "As many batches came as one batch should have samples.",
    "batch_size is how many samples stand in a batch.",
    {"samples, batch_size": "samples, -(-len(y) // batch_size)"},
    {"samples, batch_size": "samples, max(1, len(y) // batch_size)"},
)
make_loader__not_shuffled = Edit(
    "The samples came in their own order: nothing was shuffled.",
    "Batches that are the same in every epoch teach less; the loader can shuffle.",
    {"shuffle=True": "shuffle=False"},
)


class Orders(Sampler):
    """Yields in each epoch what is drawn for its number."""

    def __init__(self, n, drawn):
        self.n, self.drawn, self.epoch = n, drawn, -1

    def __len__(self):
        return self.n

    def __iter__(self):
        self.epoch += 1
        return iter(self.drawn(self.epoch))


def in_orders(X, y, batch_size, drawn):
    """A loader whose samples come in the order that is drawn for each epoch."""
    samples = TensorDataset(torch.tensor(X).float(), torch.tensor(y).float())
    return DataLoader(samples, batch_size, sampler=Orders(len(y), drawn))


def make_loader__only_batches_shuffled(X, y, batch_size=32, seed=0):
    """The same samples always share a batch: only the batches' order was shuffled.

    It is the samples that should be shuffled, before batches are made.
    """
    generator = torch.Generator().manual_seed(seed)
    blocks = [block.tolist() for block in torch.arange(len(y)).split(batch_size)]
    drawn = Orders(len(blocks), lambda _: [blocks[at] for at in torch.randperm(len(blocks), generator=generator)])
    samples = TensorDataset(torch.tensor(X).float(), torch.tensor(y).float())
    return DataLoader(samples, batch_sampler=drawn)


def make_loader__same_order_every_epoch(X, y, batch_size=32, seed=0):
    """Every epoch had the same order: it was shuffled once, or the generator starts anew each time.

    The order has to be drawn when an epoch begins, from a generator that goes on.
    """
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed)).tolist()
    return in_orders(X, y, batch_size, lambda _: order)


def make_loader__orders_in_turn(X, y, batch_size=32, seed=0):
    """After some epochs the same orders come again.

    Orders that were drawn beforehand are used up; each epoch has a draw of its own.
    """
    generator = torch.Generator().manual_seed(seed)
    orders = [torch.randperm(len(y), generator=generator).tolist() for _ in range(2)]
    return in_orders(X, y, batch_size, lambda epoch: orders[epoch % 2])


make_loader__generator_missing = Edit(
    "The batches follow torch's global generator, and the seed is not used.",
    "The loader takes a generator of its own; the seed is for that.",
    {", generator=torch.Generator().manual_seed(seed)": ""},
)
make_loader__not_reproducible = Edit(
    "The same seed gives other batches each time: the seed is drawn, or a generator is kept between calls.",
    "Each call should begin anew, from the seed that it is given.",
    {"manual_seed(seed)": "manual_seed(int(np.random.default_rng().integers(2**31)))"},
)
make_loader__global_generator = Edit(
    "What others draw from torch's global generator changes the batches: the loader shuffles with that one.",
    "Seeding it only helps until the next one draws, and takes the others' draws away from them.",
    {", generator=torch.Generator().manual_seed(seed)": "", "return ": "torch.manual_seed(seed)\n    return "},
)


def make_loader__drawn_while_iterated(X, y, batch_size=32, seed=0):
    """What others draw between two batches changes the rest: the order comes from a global generator.

    Seeding that one again when an epoch begins only helps until somebody else draws.
    """

    def drawn(epoch):
        torch.manual_seed(1000 * seed + epoch)
        left = list(range(len(y)))
        while left:
            yield left.pop(int(torch.randint(len(left), ())))

    return in_orders(X, y, batch_size, drawn)


make_loader__session_in_seed = Edit(
    "In another session the same seed gives other batches: more than the seed goes into the order.",
    "The time, a draw or an id differs each time that the module is imported, and so does the hash of a text.",
    {"manual_seed(seed)": "manual_seed(hash(str(seed)) % 2**31)"},
)
make_loader__generator_shared = Edit(
    "Making another loader changes this one's batches: they share a generator.",
    "Each loader needs one of its own.",
    {"= 0": "= 0, kept: torch.Generator = torch.Generator()", "torch.Generator().manual_seed": "kept.manual_seed"},
)
make_loader__seed_ignored = Edit(
    "Other seeds give the same batches: the seed that is given is not used, or not all of it.",
    "What is the generator seeded with?",
    {"manual_seed(seed)": "manual_seed(0)"},
)
make_loader__other_default_seed = Edit(
    "Where no seed is given, it is not 0.",
    "Look at the default.",
    {"= 0": "= 1"},
)

train__gradients_never_cleared = Edit(
    "The gradients of earlier batches were never cleared: each batch's were added to all before it.",
    "backward adds to what it finds; when should that be nothing?",
    {"            optimizer.zero_grad()\n": ""},
)
train__column_against_targets = Edit(
    "The nn.Sequential's scores, (B, 1), met the targets, (B,), and were broadcast to (B, B).",
    "Look at the two shapes that go into the loss.",
    {"[:, 0]": ""},
    {"loss(f, y).backward()": "(0.5 * (f - y[:, None]) ** 2).mean().backward()"},
)
train__stale_gradients = Edit(
    "Gradients that were left over from before leaked into the first step.",
    "You clear them after each step; is that in time for the first one?",
    {
        "            optimizer.zero_grad()\n": "",
        "optimizer.step()": "optimizer.step()\n            optimizer.zero_grad()",
    },
)
train__batches_weighed_alike = Edit(
    "The smaller last batch weighs as much as the others.",
    "The mean is over the epoch's samples: a batch counts by how many it has.",
    {"loss(f, y).item()": "np.mean([loss(f, y).item() for f, y, _ in seen])"},
    {
        "((f >= 0.5) == (y == 1.0)).double()": "np.mean([((f >= 0.5) == y).double().numpy().mean() "
        "for f, y, _ in seen])"
    },
    {"(a1 > 0).double()": "torch.stack([(a1 > 0).double().mean() for _, _, a1 in seen])"},
)
train__loss_summed = Edit(
    "The steps went down the sum over each batch, not its mean: they are as many times too large.",
    "A step should not grow with the size of the batch.",
    {"loss(f, y).backward()": "(len(y) * loss(f, y)).backward()"},
    {"loss(f, y).backward()": "(2 * len(y) * loss(f, y)).backward()"},
)
train__half_forgotten = Edit(
    "The steps are twice too large: the ½ is missing in the loss, or each step was taken twice.",
    "The ½ stands in front of each square, and each batch has one step.",
    {"loss(f, y).backward()": "(2 * loss(f, y)).backward()"},
)
train__never_stepped = Edit(
    "The parameters never moved.",
    "Who takes the step, once the gradients are there?",
    {"            optimizer.step()\n": ""},
)
train__cleared_once_an_epoch = Edit(
    "The gradients were cleared once an epoch: those of its batches added up.",
    "Each batch has a step of its own, by its own gradients.",
    {
        "            optimizer.zero_grad()\n": "",
        "        norms = []": "        norms = []\n        optimizer.zero_grad()",
    },
)
train__one_step_an_epoch = Edit(
    "One step was taken an epoch, by the gradients of all its batches.",
    "Each batch has a step of its own; that is what mini-batches are for.",
    {"in loader:": "in [[torch.cat(parts) for parts in zip(*loader)]]:"},
    {
        "            optimizer.zero_grad()\n": "",
        "    optimizer.step()": "optimizer.step()\n        optimizer.zero_grad()",
    },
    {"            optimizer.zero_grad()\n": "", "    optimizer.step()": "optimizer.step()"},
)
train__entry_per_batch = Edit(
    "There is an entry for every batch.",
    "One an epoch is asked for.",
    {
        "seen.append((f.detach(), y, a1.detach()))": "seen = [(f.detach(), y, a1.detach())]",
        "        f, y, a1 =": "            f, y, a1 =",
        "        history[": "            history[",
        "torch.stack(norms).mean()": "norms[-1]",
    },
)
train__totals_not_reset = Edit(
    "What was added up in earlier epochs is still in.",
    "Each epoch begins with nothing.",
    {
        "    for _ in": "    seen, norms = [], []\n    for _ in",
        "        seen = []": "        #",
        "        norms = []\n": "",
    },
    {"loss(f, y).item()": 'loss(f, y).item() + sum(history["loss"][-1:])'},
    {"torch.stack(norms).mean().item()": 'torch.stack(norms).mean().item() + sum(history["grad_norm"][-1:])'},
)
train__totals_not_divided = Edit(
    "The batches were summed, not averaged.",
    "A mean does not grow with the number of batches.",
    {"loss(f, y).item()": "sum(loss(f, y).item() for f, y, _ in seen)"},
    {"loss(f, y).item()": "loss(f, y).item() * len(y)"},
    {"torch.stack(norms).mean()": "torch.stack(norms).sum()"},
    {"(y == 1.0)).double().mean()": "(y == 1.0)).double().sum()"},
    {"(y == 1.0)).double()": "(y == 1.0)).double() * len(seen)"},
    {"(a1 > 0).double()": "(a1 > 0).double() * len(seen)"},
    {"(a1 > 0).double()": "(a1 > 0).double() * len(y)"},
    {"(a1 > 0).double().mean()": "(a1 > 0).double().sum()"},
)
train__last_batch_only = Edit(
    "What is recorded is the last batch's.",
    "An entry stands for a whole epoch.",
    {"zip(*seen": "zip(*seen[-1:]"},
    {"torch.stack(norms)": "norms[-1]"},
    {"loss(f, y).item()": "loss(*seen[-1][:2]).item()"},
)
train__norms_summed = Edit(
    "The norms of the parameters' gradients were added up, or averaged.",
    "There is one norm, over all entries together: what is added up before the root is taken?",
    {"torch.cat([p.grad.flatten() for p in parameters]).norm()": "sum(p.grad.norm() for p in parameters)"},
    {"torch.cat([p.grad.flatten() for p in parameters]).norm()": "sum(p.grad.norm() for p in parameters) / 4"},
)
train__norm_weighed = Edit(
    "The gradient norm was weighed by the sizes of the batches.",
    "Of the norm it is the plain mean over the batches.",
    {"torch.stack(norms).mean()": "(sum(norm * len(y) for norm, (_, y, _) in zip(norms, seen)) / len(y))"},
)
train__active_from_h1 = Edit(
    "ReLU activity is 1 throughout: what was looked at is never below 0, as after the ReLU.",
    "It is the fraction of pre-activations above 0: of what goes into the ReLU.",
    {"(a1 > 0)": "(torch.relu(a1) >= 0)"},
)
train__recorded_after_step = Edit(
    "Recorded was what a forward pass after the step gave.",
    "An entry is made from the forward pass that the step comes from.",
    {"optimizer.step()": "optimizer.step()\n            seen[-1] = (scores(model, X).detach(), y, a1.detach())"},
)
train__first_batch_only = Edit(
    "Each epoch ended with its first batch.",
    "Look at what ends the loop over the loader.",
    {"optimizer.step()": "optimizer.step()\n            break"},
)
train__iterator_made_once = Edit(
    "The loader was gone through once, for all the epochs.",
    "An iterator that is used up stays so, and batches that are kept have one order; each epoch begins anew.",
    {"    for _ in": "    batches = list(loader)\n    for _ in", "in loader:": "in batches:"},
    {"    for _ in": "    batches = iter(loader)\n    for _ in", "in loader:": "in batches:"},
    {
        "    for _ in": "    batches = iter(loader)\n    for _ in",
        "in loader:": "in batches:",
        "        f, y, a1 =": "        1 / len(seen)\n        f, y, a1 =",
    },
)
train__epochs_too_few = Edit(
    "There were fewer epochs than asked for.",
    "Count them: which is the first, and which the last?",
    {"range(epochs)": "range(1, epochs)"},
    {"range(epochs)": "range(1)"},
)
train__model_returned = Edit(
    "More than the history came back.",
    "The model was trained in place, and who called has it already.",
    {"return history": "return model, history"},
    {"return history": "return history, model"},
)
train__losses_only = Edit(
    "The losses came back alone.",
    "A History has four lists, under their names.",
    {"return history": 'return history["loss"]'},
)
train__key_missing = Edit(
    "The history lacks one of its keys: loss, accuracy, grad_norm, relu_active.",
    "Compare their names, letter by letter.",
    {'"loss"': '"losses"'},
    {'"accuracy"': '"acc"'},
    {'"grad_norm"': '"norm"'},
    {'"relu_active"': '"active"'},
)
train__entry_at_end_only = Edit(
    "There is one entry, of the end.",
    "One for every epoch is asked for.",
    {"        f, y, a1 =": "    f, y, a1 =", "        history[": "    history["},
)
train__parameters_replaced = Edit(
    "The model has new parameter tensors, with the trained values in them.",
    "Whoever holds the old ones, an optimizer for instance, has lost the model; train them in place.",
    {
        "    parameters =": "    for name, p in list(model.named_parameters()):\n"
        '        part, _, last = name.rpartition(".")\n'
        "        setattr(model.get_submodule(part), last, nn.Parameter(p.detach().clone()))\n"
        "    parameters ="
    },
)
train__copy_trained = Edit(
    "The model is as it was before; a copy of it was trained, or of its parameters.",
    "It is the model itself that should learn.",
    {"    parameters =": "    from copy import deepcopy\n\n    model = deepcopy(model)\n    parameters ="},
)
train__other_loss = Edit(
    "The steps went down another loss than the mean of ½ (f − y)².",
    "Scores are compared with y as they are: no sigmoid, no entropy, no absolute value.",
    {"loss(f, y).backward()": "nn.functional.binary_cross_entropy_with_logits(f, y).backward()"},
    {"loss(f, y).backward()": "loss(f.sigmoid(), y).backward()"},
    {"loss(f, y).backward()": "(2 * loss(f.sigmoid(), y)).backward()"},
    {"loss(f, y).backward()": "(f - y).abs().mean().backward()"},
    {"loss(f, y).backward()": "nn.functional.smooth_l1_loss(f, y).backward()"},
)
train__lr_ignored = Edit(
    "The lr that was given was not used.",
    "Follow it from the arguments to the step.",
    {"lr=lr": "lr=0.1"},
    {"lr=lr": "lr=0.01"},
    {"lr=lr": "lr=0.001"},
    {"lr=lr": "lr=0.05"},
    {"lr=lr": "lr=0.5"},
    {"lr=lr": "lr=1.0"},
)
train__lr_changed = Edit(
    "The learning rate changed from epoch to epoch.",
    "Plain SGD keeps it as it was given.",
    {"for _ in range(epochs):": 'for k in range(epochs):\n        optimizer.param_groups[0]["lr"] = lr * 0.9**k'},
    {"for _ in range(epochs):": 'for k in range(epochs):\n        optimizer.param_groups[0]["lr"] = lr * 0.99**k'},
    {"for _ in range(epochs):": 'for k in range(epochs):\n        optimizer.param_groups[0]["lr"] = lr * 0.95**k'},
    {"for _ in range(epochs):": 'for k in range(epochs):\n        optimizer.param_groups[0]["lr"] = lr * 0.5**k'},
    {"for _ in range(epochs):": 'for k in range(epochs):\n        optimizer.param_groups[0]["lr"] = lr / (1 + k)'},
    {
        "for _ in range(epochs):": "for k in range(epochs):\n"
        '        optimizer.param_groups[0]["lr"] = lr * (1 - k / epochs)'
    },
    {
        "for _ in range(epochs):": "for k in range(epochs):\n"
        '        optimizer.param_groups[0]["lr"] = lr * (1 + float(np.cos(np.pi * k / epochs))) / 2'
    },
)
train__momentum = Edit(
    "Each step keeps a part of the ones before: this is SGD with momentum.",
    "Plain SGD looks at the present gradients only.",
    {"lr=lr": "lr=lr, momentum=0.9"},
    {"lr=lr": "lr=lr, momentum=0.5"},
    {"lr=lr": "lr=lr, momentum=0.8"},
    {"lr=lr": "lr=lr, momentum=0.95"},
    {"lr=lr": "lr=lr, momentum=0.99"},
    {"lr=lr": "lr=lr, momentum=0.9, nesterov=True"},
)
train__weight_decay = Edit(
    "The parameters shrink a little at each step: there is a weight decay.",
    "Plain SGD follows the gradients of the loss and nothing else.",
    {"lr=lr": "lr=lr, weight_decay=0.01"},
    {"lr=lr": "lr=lr, weight_decay=0.1"},
    {"lr=lr": "lr=lr, weight_decay=0.005"},
    {"lr=lr": "lr=lr, weight_decay=0.001"},
    {"lr=lr": "lr=lr, weight_decay=0.0005"},
)
train__adaptive_steps = Edit(
    "The steps are those of an optimizer that sets each parameter's own pace, such as Adam.",
    "Plain SGD is asked for: lr times the gradient.",
    {"optim.SGD": "optim.Adam"},
    {"optim.SGD": "optim.AdamW"},
    {"optim.SGD": "optim.RMSprop"},
    {"optim.SGD": "optim.Adagrad"},
    {"optim.SGD(parameters, lr=lr": "optim.Adam(parameters, lr=0.01"},
)
train__gradients_clipped = Edit(
    "The gradients were cut to a largest norm.",
    "Plain SGD takes them as they are.",
    {"optimizer.step()": "nn.utils.clip_grad_norm_(parameters, 1.0)\n            optimizer.step()"},
    {"optimizer.step()": "nn.utils.clip_grad_norm_(parameters, 0.5)\n            optimizer.step()"},
    {"optimizer.step()": "nn.utils.clip_grad_norm_(parameters, 0.1)\n            optimizer.step()"},
    {"optimizer.step()": "nn.utils.clip_grad_norm_(parameters, 5.0)\n            optimizer.step()"},
    {"optimizer.step()": "nn.utils.clip_grad_value_(parameters, 1.0)\n            optimizer.step()"},
    {"optimizer.step()": "nn.utils.clip_grad_value_(parameters, 0.1)\n            optimizer.step()"},
)
train__parameters_left_out = Edit(
    "Some of the parameters were not trained.",
    "Which ones does the optimizer get? All that the model registers should learn.",
    {"SGD(parameters": "SGD(parameters[::2]"},
    {"SGD(parameters": "SGD(parameters[2:]"},
    {"SGD(parameters": "SGD(parameters[:2]"},
    {"SGD(parameters": "SGD(parameters[:3]"},
    {"SGD(parameters": "SGD(parameters[:1]"},
    {"SGD(parameters": "SGD(parameters[2:3]"},
    {"SGD(parameters": "SGD(parameters[3:]"},
)
train__uphill = Edit(
    "The steps went uphill.",
    "Gradients point to where the loss grows.",
    {"lr=lr": "lr=lr, maximize=True"},
)
train__small_batch_left_out = Edit(
    "The smaller last batch was not trained on.",
    "Every sample of an epoch counts.",
    {
        "            optimizer.zero_grad()": "            if len(y) < loader.batch_size:\n"
        "                continue\n"
        "            optimizer.zero_grad()"
    },
)
train__first_row_for_scores = Edit(
    "Of the nn.Sequential's output the first row was taken for the scores.",
    "It gives one tensor of shape (B, 1), no Forward to unpack.",
    {
        "isinstance(model, nn.Sequential)": "False",
        "f, a1, _ = model(X)": "f, a1, *_ = model(X)\n                f = f.expand(len(y))",
    },
)
train__active_of_output = Edit(
    "ReLU activity was taken of the scores.",
    "The ReLU stands behind the first layer.",
    {"(a1 > 0)": "(f > 0)"},
    {"(a1 > 0)": "(f >= 0.5)"},
)
train__inactive_counted = Edit(
    "The pre-activations that are not above 0 were counted.",
    "Activity is the fraction of those that are.",
    {"(a1 > 0)": "(a1 <= 0)"},
)
train__units_counted = Edit(
    "Units were counted that work for some sample, or for every one; or how many there are.",
    "It is the fraction of all pre-activations of the batch, units times samples.",
    {"(a1 > 0).double()": "torch.cat([(a > 0).any(0).expand(a.shape) for *_, a in seen]).double()"},
    {"(a1 > 0).double()": "torch.cat([(a > 0).all(0).expand(a.shape) for *_, a in seen]).double()"},
    {"(a1 > 0).double()": "(a1 > 0).any(0).double()"},
    {"(a1 > 0).double()": "(a1 > 0).double().sum(1)"},
)
train__in_percent = Edit(
    "A fraction was recorded in percent.",
    "Both accuracy and activity lie between 0 and 1.",
    {"(y == 1.0)).double()": "(y == 1.0)).double().mul(100)"},
    {"(a1 > 0).double()": "(a1 > 0).double().mul(100)"},
)
train__threshold_at_zero = Edit(
    "For the accuracy the classes were parted at a score of 0.",
    "The targets are 0 and 1; which score lies in the middle?",
    {">= 0.5": ">= 0"},
)
train__first_batch_recorded = Edit(
    "What is recorded is the first batch's.",
    "An entry stands for a whole epoch.",
    {"zip(*seen": "zip(*seen[:1]"},
    {"torch.stack(norms)": "norms[0]"},
    {"loss(f, y).item()": "loss(*seen[0][:2]).item()"},
)
train__recorded_after_epoch = Edit(
    "Recorded was what the model does at the end of the epoch.",
    "An entry is made from each batch's forward pass before its step, while the parameters are on their way.",
    {
        "seen.append((f.detach(), y": "seen.append((X, y",
        '        history["loss"]': '        f = scores(model, f).detach()\n        history["loss"]',
    },
    {
        "seen.append((f.detach()": "seen.append((torch.cat([f.detach()[:, None], X], dim=1)",
        '        history["loss"]': '        X, f = f[:, 1:], f[:, 0]\n        history["loss"]',
        '        history["accuracy"]': '        f = scores(model, X).detach()\n        history["accuracy"]',
    },
)
train__divided_by_other_count = Edit(
    "The total was divided by another number than was added up: samples by batches, or batches by samples.",
    "Sum and count must be of the same things.",
    {"loss(f, y).item()": "loss(f, y).item() * len(y) / len(seen)"},
    {"loss(f, y).item()": "sum(loss(f, y).item() for f, y, _ in seen) / len(y)"},
    {"torch.stack(norms).mean()": "(torch.stack(norms).sum() / len(y))"},
    {"(y == 1.0)).double().mean()": "(y == 1.0)).double().sum() / len(seen)"},
    {"(y == 1.0)).double()": "(y == 1.0)).double() * len(seen) / len(y)"},
    {"(a1 > 0).double()": "(a1 > 0).double() * len(y) / len(seen)"},
    {"(a1 > 0).double()": "(a1 > 0).double() * len(seen) / len(y)"},
    {"loss(f, y).item()": "loss(f, y).item() * len(y) / 200"},
    {"loss(f, y).item()": "loss(f, y).item() * len(y) / len(loader.dataset)"},
)
train__norm_of_mean_gradient = Edit(
    "The gradients were averaged over the epoch before their norm was taken.",
    "Each batch has its norm, and those are averaged.",
    {
        "for p in parameters]).norm()": "for p in parameters])",
        "torch.stack(norms).mean()": "torch.stack(norms).mean(0).norm()",
    },
)
train__norm_of_some = Edit(
    "The gradient norm leaves parameters out.",
    "It is taken over all four together, biases too.",
    {"for p in parameters]": "for p in parameters[::2]]"},
    {"for p in parameters]": "for p in parameters[:1]]"},
    {"for p in parameters]": "for p in parameters[:2]]"},
    {"for p in parameters]": "for p in parameters[:3]]"},
    {"for p in parameters]": "for p in parameters[1:]]"},
    {"for p in parameters]": "for p in parameters[2:]]"},
    {"for p in parameters]": "for p in parameters[3:]]"},
    {"for p in parameters]": "for p in parameters[2:3]]"},
    {"for p in parameters]": "for p in parameters[1::2]]"},
)
train__norm_squared = Edit(
    "The gradient norm is squared: the root is missing.",
    "A 2-norm is the root of a sum of squares.",
    {".norm()": ".square().sum()"},
)
train__other_norm = Edit(
    "Another norm than the 2-norm was taken of the gradients.",
    "The 2-norm is the root of the sum of squares over all entries.",
    {".norm()": ".abs().sum()"},
    {".norm()": ".abs().max()"},
    {".norm()": ".abs().mean()"},
    {".norm()": ".square().mean().sqrt()"},
    {"torch.cat([p.grad.flatten() for p in parameters]).norm()": "max(p.grad.norm() for p in parameters)"},
)
train__norm_of_parameters = Edit(
    "The norm is that of the parameters, not of their gradients.",
    "A parameter holds its values, and beside them its gradient.",
    {"p.grad.flatten()": "p.detach().flatten()"},
    {
        "optimizer.step()": "optimizer.step()\n"
        "            norms[-1] = torch.cat([p.detach().flatten() for p in parameters]).norm()"
    },
)
train__norm_of_cleared = Edit(
    "The gradient norm is 0: the gradients had been cleared when it was taken.",
    "When are they there, between which two steps of the loop?",
    {"torch.stack(norms).mean()": "torch.zeros(())"},
)
train__half_forgotten_in_history = Edit(
    "The recorded loss is twice too large: the ½ is missing.",
    "The steps are right; the history should hold the same loss.",
    {"loss(f, y).item()": "2 * loss(f, y).item()"},
)
train__active_at_zero = Edit(
    "A pre-activation of exactly 0 was counted as active.",
    "The ReLU lets nothing through there; look at the comparison.",
    {"(a1 > 0)": "(a1 >= 0)"},
)
train__half_left_out = Edit(
    "A score of exactly 0.5 was put in class 0.",
    "It belongs to class 1; look at the comparison.",
    {">= 0.5": "> 0.5"},
)
train__without_autograd = Edit(
    "The steps do not come from autograd: their gradients were found by hand.",
    "Here PyTorch is to find them: backward leaves them in the model's parameters.",
    {
        "loss(f, y).backward()": "W1, b1, W2, b2 = (p.data for p in parameters)\n"
        "            h1, r = torch.relu(a1.detach()), (f.detach() - y) / len(y)\n"
        "            s = r[:, None] * W2 * (h1 > 0)\n"
        "            grads = s.T @ X, s.sum(0), (r @ h1)[None], r.sum().reshape(b2.shape)\n"
        "            for p, g in zip(parameters, grads):\n"
        "                p.grad = g"
    },
)
train__epochs_ignored = Edit(
    "The loader was gone through another number of times than `epochs` says.",
    "200 is what it is where none is given.",
    {"range(epochs)": "range(200)"},
    {"range(epochs)": "range(100)"},
)
train__other_default_epochs = Edit(
    "Where epochs is not given, it is not 200.",
    "Look at the default.",
    {"= 200": "= 100"},
)
train__other_default_lr = Edit(
    "Where lr is not given, it is not 0.1.",
    "Look at the default.",
    {"= 0.1": "= 0.01"},
    {"= 0.1": "= 0.001"},
    {"= 0.1": "= 0.05"},
    {"= 0.1": "= 0.5"},
    {"= 0.1": "= 1.0"},
)

accuracy__arrays_given_to_model = Edit(
    "NumPy arrays were taken for tensors.",
    "X and y are arrays, and models take tensors: convert at the border.",
    {"torch.tensor(X, dtype=dtype)": "X"},
)
accuracy__half_left_out = Edit(
    "A score of exactly 0.5 was put in class 0.",
    "It belongs to class 1; look at the comparison.",
    {">= 0.5": "> 0.5"},
)
accuracy__counted = Edit(
    "The right samples were counted, not divided by their number.",
    "An accuracy lies between 0 and 1.",
    {"np.mean": "np.sum"},
)
accuracy__fixed_number_of_samples = Edit(
    "It was divided by 200, the number of samples of one data set.",
    "N is how many samples f has, this time.",
    {"np.mean": "np.sum", "1.0)))": "1.0)) / 200)"},
)
accuracy__in_percent = Edit(
    "The accuracy came in percent.",
    "It is asked for as a fraction, between 0 and 1.",
    {"return ": "return 100 * "},
)
accuracy__error_rate = Edit(
    "The wrong samples were counted instead of the right ones.",
    "This is the error rate, 1 − accuracy.",
    {"0.5) == (y": "0.5) != (y"},
)
accuracy__threshold_at_zero = Edit(
    "The classes were parted at a score of 0, or, what is the same, at 0.5 after a sigmoid.",
    "The targets are 0 and 1; which score lies in the middle?",
    {">= 0.5": ">= 0"},
)
accuracy__scores_compared = Edit(
    "The scores themselves were compared with the classes.",
    "First make a class, 0 or 1, of each score.",
    {"(f.numpy() >= 0.5) == (y == 1.0)": "f.numpy() == y"},
)
accuracy__positives_only = Edit(
    "Only one of the classes was looked at.",
    "A sample of class 0 that is found to be of class 0 is right, too.",
    {"0.5) == (y": "0.5) & (y"},
    {"(f.numpy() >= 0.5) == (y == 1.0)": "(f.numpy() < 0.5) & (y == 0.0)"},
    {"(f.numpy() >= 0.5) == (y == 1.0)": "(f.numpy() >= 0.5)[y == 1.0]"},
    {"(f.numpy() >= 0.5) == (y == 1.0)": "(y == 1.0)[f.numpy() >= 0.5]"},
)
accuracy__predictions_only = Edit(
    "The fraction of scores in class 1 came; y was not looked at.",
    "How many of them are right?",
    {" == (y == 1.0)": ""},
)
accuracy__classes_weighed_alike = Edit(
    "The accuracy was taken of each class, and then averaged.",
    "That is the balanced accuracy; here every sample weighs the same.",
    {
        "(f.numpy() >= 0.5) == (y == 1.0)": "[np.mean(((f.numpy() >= 0.5) == y)[y == k]) for k in {*y}]",
    },
    {
        "(f.numpy() >= 0.5) == (y == 1.0)": "[np.mean(((f.numpy() >= 0.5) == y)[y == k]) for k in (0, 1)]",
    },
)
accuracy__rounded = Edit(
    "The accuracy was rounded.",
    "Round where a number is printed, not where it is computed.",
    {"return float": "return round(float", "1.0)))": "1.0))), 2)"},
    {"return float": "return round(float", "1.0)))": "1.0))), 1)"},
    {"return float": "return round(float", "1.0)))": "1.0))), 3)"},
    {"return float": "return round(float", "1.0)))": "1.0))), 4)"},
)
accuracy__scores_rounded = Edit(
    "The scores were rounded to the next whole number, 1.7 to 2 and −0.6 to −1.",
    "There are two classes, however far a score is from them.",
    {"(f.numpy() >= 0.5) == (y == 1.0)": "f.numpy().round() == y"},
)
accuracy__rule_for_network = Edit(
    "The accuracy is that of the sign of x1·x2; the model was not asked.",
    "How well does this model do, with the parameters that it has?",
    {"f.numpy() >= 0.5": "X[:, 0] * X[:, 1] < 0"},
    {"f.numpy() >= 0.5": "X[:, 0] * X[:, -1] < 0"},
)
accuracy__column_broadcast = Edit(
    "The scores were a column, (N, 1), and met y, (N,): every score was compared with every label.",
    "Look at the shape of each side of the comparison.",
    {"    return ": "    f = f[:, None] if isinstance(model, nn.Sequential) else f\n    return "},
    {"f.numpy()": "f.numpy()[:, None]"},
)
accuracy__graph_recorded = Edit(
    "A graph was recorded.",
    "Nothing will be differentiated here; cutting the result off afterwards comes too late.",
    {"with torch.no_grad():": "if True:", "f.numpy()": "f.detach().numpy()"},
)
accuracy__left_in_eval = Edit(
    "The model was in training mode, and is left in evaluation mode.",
    "Who switches a flag puts it back.",
    {"    dtype": "    model.eval()\n    dtype"},
)
accuracy__left_in_training = Edit(
    "The model was in evaluation mode, and is left in training mode.",
    "Put the flag back to what it was, which is not always the same.",
    {"    return ": "    model.train()\n    return "},
)
accuracy__gradients_left_off = Edit(
    "Gradients are switched off for everything that comes after.",
    "What is switched off for a while should come back by itself, also after an exception.",
    {"    return ": "    torch.set_grad_enabled(False)\n    return "},
)
accuracy__gradients_left_on = Edit(
    "Gradients were off before, and are on afterwards.",
    "Put the mode back to what it was, which is not always the same.",
    {"    return ": "    torch.set_grad_enabled(True)\n    return "},
)
accuracy__other_threshold = Edit(
    "The classes were parted at another score than 0.5.",
    "The targets are 0 and 1; which score lies in the middle?",
    {">= 0.5": ">= 0.4"},
    {">= 0.5": ">= 0.6"},
    {">= 0.5": ">= 0.3"},
    {">= 0.5": ">= 0.7"},
    {">= 0.5": ">= 0.8"},
    {">= 0.5": ">= 1.0"},
)
accuracy__rounded_before = Edit(
    "The scores were rounded before they were compared with 0.5: so 0.46 is of class 1.",
    "Compare them as they are.",
    {"f.numpy()": "f.numpy().round(1)"},
    {"f.numpy()": "f.numpy().round(2)"},
    {"f.numpy()": "f.numpy().round(3)"},
    {"f.numpy()": "f.numpy().round()"},
)
