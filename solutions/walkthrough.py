# %% [markdown]
# # Chainrule, from the data to three trained models
#
# This is the whole course in one sitting: a network of one hidden layer learns XOR three times, first with every
# gradient written out in NumPy, then as a PyTorch module with parameters of its own, then from ready-made
# layers. Everything used here is what you write in the six stages; the code is in `solutions/`.

# %% [markdown]
# ## The data
#
# A point of the square belongs to class 1 where its coordinates differ in sign. No straight line parts the two
# classes, so a linear model fails, however long it is trained. One hidden layer of ReLUs folds the plane, and
# that is enough.

# %%
import numpy as np
import stage2_forward
import stage3_backward
import stage4_torch_forward
import stage5_autograd
import stage6_module
import torch
from IPython.display import Markdown
from pictures import OVERVIEW, SQUARE
from xor import Forward, init_params, make_xor

from grader.learner.pictures.figures import overview_figure, points_figure
from grader.learner.pictures.runs import Run, surface

X, y = make_xor()
points_figure(SQUARE, f"{len(y)} points of the XOR problem")

# %% [markdown]
# ## Forward and backward, by hand
#
# The network computes a score for each point, and the loss says how far the scores are from the classes:
#
#     a1 = X W1ᵀ + b1
#     h1 = ReLU(a1)
#     f  = h1 W2ᵀ + b2
#     L  = mean over the samples of ½ (f − y)²
#
# The chain rule, followed from L back to each parameter, gives the gradients. A slip in such a derivation rarely
# crashes; it just trains badly. So the derivation is checked against one that needs no calculus: nudge one entry
# of one parameter by ε to either side, and see what the loss does.
#
#     ∂L/∂θ ≈ (L(θ + ε) − L(θ − ε)) / 2ε
#
# The two should agree up to the rounding of the central differences, here about ten digits behind the point.

# %%
params = init_params()
out = stage2_forward.forward(X, params)
by_hand = stage3_backward.backward(X, y, params, out)
checked = stage3_backward.gradient_check(X, y, params)


def table(heading: str, rows: list[str]) -> Markdown:
    """A table in Markdown, numbers to the right."""
    rule = "| --- |" + " ---: |" * (heading.count("|") - 2)
    return Markdown("\n".join([heading, rule, *rows]))


table(
    "| gradient of | shape | largest entry | chain rule against central differences |",
    [
        f"| {name} | {np.shape(grad)} | {np.max(np.abs(grad)):.4f} | {checked[name]:.1g} |"
        for name, grad in by_hand._asdict().items()
    ],
)

# %% [markdown]
# ## Training in NumPy
#
# Gradient descent on all 200 points at once, 1000 epochs with a learning rate of 0.1. An epoch is one step.

# %%
trained, by_numpy = stage3_backward.train(X, y, params, lr=0.1, epochs=1000)
overview_figure([Run("NumPy", by_numpy)], OVERVIEW)

# %% [markdown]
# The loss falls steeply at first, then ever more slowly. About half of all pre-activations are positive from
# beginning to end; a fraction that sinks would tell of units that have died, that is, are off on every point.
# Accuracy moves in steps, since there are only 200 points to get right.
#
# ## The same in PyTorch
#
# The forward pass with tensors is nearly the same text, and must give the same numbers. With autograd, the
# backward pass need not be written at all: PyTorch records the operations, and walks them back by the same chain
# rule. Both compute in float64, so what is left is rounding.

# %%
by_torch = stage4_torch_forward.forward(torch.tensor(X), stage4_torch_forward.to_torch(params))
agreed = [
    (f"forward: {name}", stage4_torch_forward.agreement(array, tensor))
    for name, array, tensor in zip(Forward._fields, out, by_torch, strict=True)
]
by_autograd = stage5_autograd.autograd_grad(X, y, params)
agreed += [
    (f"gradient: {name}", difference)
    for name, difference in stage5_autograd.compare_grads(by_hand, by_autograd).items()
]
table(
    "| by hand against PyTorch | largest difference |",
    [f"| {name} | {difference:.1g} |" for name, difference in agreed],
)

# %% [markdown]
# ## Two modules
#
# A module keeps its parameters, so that optimizers find them. `TinyMLP` holds the four of this course;
# `nn.Sequential` puts the same network together from ready-made layers. They differ in how they start: `TinyMLP`
# draws small weights and no biases, `nn.Linear` draws both from a range that depends on its number of inputs.
# Both train as above, on all points at once, but in float32.

# %%
names = {"TinyMLP": stage6_module.TinyMLP, "nn.Sequential": stage6_module.make_sequential}
models = {}
histories = {"NumPy": by_numpy}
for name, make in names.items():
    torch.manual_seed(1)
    models[name] = make()
    everything = stage6_module.make_loader(X, y, batch_size=len(X))
    histories[name] = stage6_module.train(models[name], everything, lr=0.1, epochs=1000)

overview_figure([Run(name, history, line=n) for n, (name, history) in enumerate(histories.items())], OVERVIEW)

# %% [markdown]
# All three end close together, by different ways. `TinyMLP` starts with small weights. Its loss soon falls to
# about ⅛, which a constant score of ½ would give, and lingers near there for a hundred epochs or so, since small
# weights make small gradients, before it gets going.
#
# ## What they learned
#
# The line is where the score is ½: that is where a model changes its mind. Above, colours show the score itself.
# Each surface is made of flat pieces, since a network of ReLUs is piecewise linear. Below is what follows from it.
# The points that are still wrong lie close to an axis, where the true classes change at once and the surfaces take
# some way from 0 to 1.


# %%
def scores_of(model: torch.nn.Module):
    """A model's scores as a function of NumPy points (M, 2)."""
    return lambda points: stage6_module.scores(model, torch.tensor(points, dtype=torch.float32)).detach()


scores = {"NumPy": lambda points: stage2_forward.forward(points, trained).f}
scores |= {name: scores_of(model) for name, model in models.items()}
surfaces = {name: surface(own, SQUARE) for name, own in scores.items()}
overview_figure([Run(name, {}, made, line=n) for n, (name, made) in enumerate(surfaces.items())], OVERVIEW)

# %% [markdown]
# ## Results
#
# Loss and accuracy on the 200 points in the last epoch, and the accuracy on 2000 points that no model has seen.

# %%
fresh, classes = make_xor(n=2000, seed=1)
table(
    "| model | loss | accuracy | on fresh points |",
    [
        f"| {name} | {history['loss'][-1]:.4f} | {100 * history['accuracy'][-1]:.0f} % "
        f"| {100 * np.mean((np.asarray(scores[name](fresh)) >= 0.5) == classes):.1f} % |"
        for name, history in histories.items()
    ],
)
