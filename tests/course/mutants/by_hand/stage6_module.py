"""Stage 6 as it should not be written: one definition for each known mistake."""

import copy

import numpy as np
import torch
from stage4_torch_forward import loss
from stage6_module import scores
from torch import nn
from torch.utils.data import DataLoader, Sampler, TensorDataset
from xor import D, Forward, H, init_params


class TinyMLP__not_a_module:
    def __init__(self, d=D, h=H):
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def __call__(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__module_not_set_up(nn.Module):
    def __init__(self, d=D, h=H):
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__defaults_missing(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__layers_inside(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.hidden = nn.Linear(d, h)
        self.output = nn.Linear(h, 1)

    def forward(self, X):
        a1 = self.hidden(X)
        h1 = torch.relu(a1)
        return Forward(self.output(h1)[:, 0], a1, h1)


class TinyMLP__parameters_not_registered(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = (0.1 * torch.randn(h, d)).requires_grad_()
        self.b1 = torch.zeros(h, requires_grad=True)
        self.W2 = (0.1 * torch.randn(1, h)).requires_grad_()
        self.b2 = torch.zeros((), requires_grad=True)

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__other_names(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.w1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.w2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.w1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.w2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__parameters_too_many(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__sizes_swapped(nn.Module):
    def __init__(self, h=H, d=D):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__sizes_ignored(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(H, D))
        self.b1 = nn.Parameter(torch.zeros(H))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, H))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__other_defaults(nn.Module):
    def __init__(self, d=D, h=32):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__w1_transposed(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(d, h))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1 + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__w2_transposed(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(h, 1))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2 + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__w2_flat(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = h1 @ self.W2 + self.b2
        return Forward(f, a1, h1)


class TinyMLP__b1_with_two_axes(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(1, h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__b2_of_one_entry(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__gradients_off(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h), requires_grad=False)
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__init_params_used(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        for name, value in init_params(d, h)._asdict().items():
            setattr(self, name, nn.Parameter(torch.tensor(value, dtype=torch.get_default_dtype())))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__weights_constant(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.ones(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__same_start_always(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        own = torch.Generator().manual_seed(0)
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d, generator=own))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h, generator=own))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__other_generator(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.tensor(np.random.randn(h, d)).to(torch.get_default_dtype()))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.tensor(np.random.randn(1, h)).to(torch.get_default_dtype()))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__uniform_start(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.rand(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.rand(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__scale_missing(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__scale_of_numpy_stages(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.5 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.5 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__scale_other(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(h, d) * (2 / d) ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__biases_drawn(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(0.1 * torch.randn(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__biases_not_zero(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.tensor(0.5))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__dtype_fixed(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d, dtype=torch.float32))
        self.b1 = nn.Parameter(torch.zeros(h, dtype=torch.float32))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h, dtype=torch.float32))
        self.b2 = nn.Parameter(torch.zeros((), dtype=torch.float32))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__fields_swapped(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, h1, a1)


class TinyMLP__a1_after_relu(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu_(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__relu_forgotten(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = a1
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__b1_forgotten(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__b2_forgotten(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__sigmoid_added(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(torch.sigmoid(f), a1, h1)


class TinyMLP__f_as_column(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = h1 @ self.W2.T + self.b2
        return Forward(f, a1, h1)


class TinyMLP__f_broadcast(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = h1 @ self.W2.T + self.b2 * torch.ones(len(X), dtype=X.dtype)
        return Forward(f, a1, h1)


class TinyMLP__f_of_no_axis(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2).squeeze()
        return Forward(f, a1, h1)


class TinyMLP__two_inputs_counted_on(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X[:, :1] * self.W1[:, 0] + X[:, 1:2] * self.W1[:, 1] + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__rule_for_network(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (X[:, 0] * X[:, -1] < 0).to(X.dtype)
        return Forward(f, a1, h1)


class TinyMLP__f_only(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return f


class TinyMLP__other_activation(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.tanh(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__relu_at_end(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(torch.relu(f), a1, h1)


class TinyMLP__dropout_inside(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = nn.functional.dropout(torch.relu(a1), 0.2, self.training)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__graph_cut(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1).detach()
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__nothing_returned(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        self.out = Forward(f, a1, h1)


class TinyMLP__other_container(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return f, a1, h1


class TinyMLP__digits_lost(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = (X.float() @ self.W1.T.float() + self.b1.float()).to(X.dtype)
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0]
        return Forward(f, a1, h1)


class TinyMLP__single_precision(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        f = (h1 @ self.W2.T + self.b2)[:, 0].float()
        return Forward(f, a1, h1)


def make_sequential__nothing_returned(d=D, h=H):
    nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))


def make_sequential__other_container(d=D, h=H):
    return nn.ModuleList([nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1)])


def make_sequential__relu_missing(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.Linear(h, 1))


def make_sequential__other_activation(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.Tanh(), nn.Linear(h, 1))


def make_sequential__activation_at_end(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1), nn.Sigmoid())


def make_sequential__flattened_at_end(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1), nn.Flatten(0))


def make_sequential__layers_too_many(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU(), nn.Linear(h, 1))


def make_sequential__extra_layer(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.BatchNorm1d(h), nn.ReLU(), nn.Linear(h, 1))


def make_sequential__layers_nested(d=D, h=H):
    return nn.Sequential(nn.Sequential(nn.Linear(d, h), nn.ReLU()), nn.Linear(h, 1))


def make_sequential__order_mistaken(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.Linear(h, 1), nn.ReLU())


def make_sequential__bias_missing(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h, bias=False), nn.ReLU(), nn.Linear(h, 1))


def make_sequential__sizes_swapped(h=H, d=D):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))


def make_sequential__two_outputs(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 2))


def make_sequential__d_ignored(d=D, h=H):
    return nn.Sequential(nn.Linear(D, h), nn.ReLU(), nn.Linear(h, 1))


def make_sequential__h_ignored(d=D, h=H):
    return nn.Sequential(nn.Linear(d, H), nn.ReLU(), nn.Linear(H, 1))


def make_sequential__layers_do_not_fit(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(d, 1))


def make_sequential__other_defaults(d=D, h=32):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))


def make_sequential__defaults_missing(d, h):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))


def scores__sequential_only(model, X):
    return model(X)[:, 0]


def scores__tiny_mlp_only(model, X):
    return model(X).f


def scores__forward_returned(model, X):
    out = model(X)
    return out if isinstance(out, Forward) else out[:, 0]


def scores__first_sample_only(model, X):
    return model(X)[0]


def scores__hidden_returned(model, X):
    out = model(X)
    return out.h1 if isinstance(out, Forward) else out[:, 0]


def scores__sigmoid_added(model, X):
    out = model(X)
    return torch.sigmoid(out.f if isinstance(out, Forward) else out[:, 0])


def scores__decisions(model, X):
    out = model(X)
    f = out.f if isinstance(out, Forward) else out[:, 0]
    return (f >= 0.5).to(X.dtype)


def scores__rule_for_network(model, X):
    return (X[:, 0] * X[:, 1] < 0).to(X.dtype)


def scores__column(model, X):
    out = model(X)
    return out.f if isinstance(out, Forward) else out


def scores__squeezed(model, X):
    out = model(X)
    return out.f if isinstance(out, Forward) else out.squeeze()


def scores__broadcast(model, X):
    out = model(X)
    return out.f if isinstance(out, Forward) else out + torch.zeros(len(X), dtype=X.dtype)


def scores__array_for_tensor(model, X):
    out = model(X)
    return (out.f if isinstance(out, Forward) else out[:, 0]).detach().numpy()


def scores__single_precision(model, X):
    out = model(X)
    return (out.f if isinstance(out, Forward) else out[:, 0]).float()


def scores__nothing_returned(model, X):
    out = model(X)
    print(out.f if isinstance(out, Forward) else out[:, 0])


def make_loader__nothing_returned(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    loader = DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))
    loader.seed = seed


def make_loader__other_container(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return list(DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)))


def make_loader__arrays_in_data_set(X, y, batch_size=32, seed=0):
    samples = TensorDataset(X, y)
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__labels_missing(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__labels_first(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(y, dtype=torch.float32), torch.tensor(X, dtype=torch.float32))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__y_as_column(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X).float(), torch.tensor(y).float().reshape(-1, 1))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__labels_as_integers(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X).float(), torch.tensor(y).long())
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__double_precision(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X), torch.tensor(y))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__last_batch_dropped(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(samples, batch_size, shuffle=True, drop_last=True, generator=generator)


def make_loader__samples_repeated(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    generator = torch.Generator().manual_seed(seed)
    sampler = torch.utils.data.RandomSampler(samples, replacement=True, generator=generator)
    return DataLoader(samples, batch_size, sampler=sampler)


def make_loader__pairs_torn(X, y, batch_size=32, seed=0):
    order = np.random.default_rng(seed).permutation(len(X))
    samples = TensorDataset(torch.tensor(X[order]).float(), torch.tensor(y).float())
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__other_default_batch_size(X, y, batch_size=16, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__number_of_batches(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    size = -(-len(y) // batch_size)
    return DataLoader(samples, size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__batch_size_ignored(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, shuffle=True, generator=torch.Generator().manual_seed(seed))


def make_loader__not_shuffled(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size)


def make_loader__only_batches_shuffled(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))

    class Blocks(Sampler):
        def __iter__(self):
            order = torch.randperm(len(self), generator=generator).tolist()
            return iter([list(range(at * batch_size, min((at + 1) * batch_size, len(y)))) for at in order])

        def __len__(self):
            return -(-len(y) // batch_size)

    generator = torch.Generator().manual_seed(seed)
    return DataLoader(samples, batch_sampler=Blocks())


def make_loader__same_order_every_epoch(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    return DataLoader(samples, batch_size, sampler=order.tolist())


def make_loader__generator_missing(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size, shuffle=True)


def make_loader__not_reproducible(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    generator = torch.Generator()
    generator.seed()
    return DataLoader(samples, batch_size, shuffle=True, generator=generator)


def make_loader__global_generator(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    torch.manual_seed(seed)
    return DataLoader(samples, batch_size, shuffle=True)


def make_loader__generator_shared(X, y, batch_size=32, seed=0, kept=[]):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    kept.append(kept[0] if kept else torch.Generator())
    return DataLoader(samples, batch_size, shuffle=True, generator=kept[0].manual_seed(seed))


def make_loader__seed_ignored(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(0))


def make_loader__other_default_seed(X, y, batch_size=32, seed=1):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def train__sequential_only(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            a1 = model[0](X)
            f = model[2](model[1](a1))[:, 0]
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__tiny_mlp_only(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f, a1, _ = model(X)
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__epochs_ignored(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(200):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__first_batch_only(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
            break
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__iterator_made_once(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    kept = list(loader)
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in kept:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__epochs_too_few(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(1, epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__model_returned(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return model, history


def train__losses_only(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history["loss"]


def train__key_missing(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "norm" else n))
    return history


def train__entry_per_batch(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            history["loss"].append(error.item())
            history["accuracy"].append(((f >= 0.5) == (y == 1)).double().mean().item())
            history["grad_norm"].append(norm.item())
            history["relu_active"].append((a1 > 0).double().mean().item())
    return history


def train__entry_at_end_only(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
    for key in history:
        history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__entries_off_by_one(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    history["loss"].append(error.item())
    return history


def train__parameters_replaced(model, loader, lr=0.1, epochs=200):
    for name, p in list(model.named_parameters()):
        part, _, last = name.rpartition(".")
        setattr(model.get_submodule(part), last, nn.Parameter(p.detach().clone()))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__copy_trained(model, loader, lr=0.1, epochs=200):
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__never_stepped(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__column_against_targets(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            out = model(X)
            f = out.f if isinstance(out, Forward) else out
            a1 = out.a1 if isinstance(out, Forward) else model[0](X)
            error = (0.5 * (f - y) ** 2).mean()
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__gradients_never_cleared(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__one_step_an_epoch(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        optimizer.zero_grad()
        n = batches = 0
        for X, y in loader:
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        optimizer.step()
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__cleared_once_an_epoch(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        optimizer.zero_grad()
        n = batches = 0
        for X, y in loader:
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__stale_gradients(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            optimizer.zero_grad()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__loss_summed(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = 0.5 * ((f - y) ** 2).sum()
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__half_forgotten(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = ((f - y) ** 2).mean()
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__other_loss(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = nn.functional.binary_cross_entropy_with_logits(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__lr_ignored(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__lr_changed(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        schedule.step()
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__momentum(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__weight_decay(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, weight_decay=1e-2)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__adaptive_steps(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__gradients_clipped(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__parameters_left_out(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.ndim == 2], lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            model.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__uphill(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, maximize=True)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__small_batch_left_out(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            if len(y) < loader.batch_size:
                continue
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__first_row_for_scores(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f, a1, *_ = model(X)
            error = (0.5 * (f - y) ** 2).mean()
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__model_reset(model, loader, lr=0.1, epochs=200):
    for p in model.parameters():
        nn.init.uniform_(p, -0.5, 0.5)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__batches_weighed_alike(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item()
            total["accuracy"] += ((f >= 0.5) == (y == 1)).double().mean().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item()
            batches += 1
        for key in history:
            history[key].append(total[key] / batches)
    return history


def train__last_batch_only(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] = norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
        for key in history:
            history[key].append(total[key] if key == "grad_norm" else total[key] / n)
    return history


def train__first_batch_recorded(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] = total["grad_norm"] or norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
        for key in history:
            history[key].append(total[key] if key == "grad_norm" else total[key] / n)
    return history


def train__recorded_after_step(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__recorded_after_epoch(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        seen = []
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
            seen.append((X, y))
        total["accuracy"] = sum(((scores(model, X) >= 0.5) == (y == 1)).sum().item() for X, y in seen)
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__totals_not_reset(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    total = dict.fromkeys(history, 0.0)
    n = batches = 0
    for _ in range(epochs):
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__totals_not_divided(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
        for key in history:
            history[key].append(total[key] if key == "grad_norm" else total[key] / n)
    return history


def train__divided_by_other_count(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
        for key in history:
            history[key].append(total[key] / n)
    return history


def train__norm_weighed(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item() * len(y)
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
        for key in history:
            history[key].append(total[key] / n)
    return history


def train__norm_of_mean_gradient(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        mean = 0.0
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            mean = mean + torch.cat([p.grad.flatten() for p in model.parameters()]) / len(loader)
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        total["grad_norm"] = mean.norm().item() * batches
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__norms_summed(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = sum(p.grad.norm() for p in model.parameters())
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__norm_of_some(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters() if p.ndim == 2]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__norm_squared(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).square().sum()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__other_norm(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).abs().sum()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__norm_of_parameters(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__half_forgotten_in_history(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += 2 * error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__active_from_h1(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (torch.relu(a1) >= 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__active_of_output(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (f > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__inactive_counted(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 <= 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__units_counted(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).any(dim=0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__in_percent(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += 100 * ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__threshold_at_zero(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__active_at_zero(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 >= 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__half_left_out(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f > 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__other_default_epochs(model, loader, lr=0.1, epochs=100):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__other_default_lr(model, loader, lr=0.01, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def train__nothing_returned(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.item() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    model.history = history


def train__zero_d_for_float(model, loader, lr=0.1, epochs=200):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        total = dict.fromkeys(history, 0.0)
        n = batches = 0
        for X, y in loader:
            optimizer.zero_grad()
            f = scores(model, X)
            a1 = model[0](X) if isinstance(model, nn.Sequential) else model(X).a1
            error = loss(f, y)
            error.backward()
            norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
            optimizer.step()
            total["loss"] += error.detach() * len(y)
            total["accuracy"] += ((f >= 0.5) == (y == 1)).sum().item()
            total["grad_norm"] += norm.item()
            total["relu_active"] += (a1 > 0).double().mean().item() * len(y)
            n += len(y)
            batches += 1
        for key in history:
            history[key].append(total[key] / (batches if key == "grad_norm" else n))
    return history


def accuracy__sequential_only(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = model(torch.tensor(X, dtype=dtype))[:, 0]
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__tiny_mlp_only(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = model(torch.tensor(X, dtype=dtype)).f
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__arrays_given_to_model(model, X, y):
    with torch.no_grad():
        f = scores(model, X)
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__half_left_out(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean((f.numpy() > 0.5) == (y == 1.0)))


def accuracy__counted(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.sum((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__fixed_number_of_samples(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.sum((f.numpy() >= 0.5) == (y == 1.0)) / 200)


def accuracy__in_percent(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return 100 * float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__error_rate(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean((f.numpy() >= 0.5) != (y == 1.0)))


def accuracy__threshold_at_zero(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean((torch.sigmoid(f).numpy() >= 0.5) == (y == 1.0)))


def accuracy__scores_compared(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean(f.numpy() == y))


def accuracy__positives_only(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean((f.numpy() >= 0.5) & (y == 1.0)))


def accuracy__predictions_only(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean(f.numpy() >= 0.5))


def accuracy__classes_weighed_alike(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    right = (f.numpy() >= 0.5) == (y == 1.0)
    return float((np.mean(right[y == 1.0]) + np.mean(right[y == 0.0])) / 2)


def accuracy__rounded(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return round(float(np.mean((f.numpy() >= 0.5) == (y == 1.0))), 2)


def accuracy__scores_rounded(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean(np.round(f.numpy()) == y))


def accuracy__rule_for_network(model, X, y):
    return float(np.mean((X[:, 0] * X[:, 1] < 0) == (y == 1.0)))


def accuracy__column_broadcast(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = model(torch.tensor(X, dtype=dtype))
        f = f.f if isinstance(f, Forward) else f
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__graph_recorded(model, X, y):
    dtype = next(model.parameters()).dtype
    f = scores(model, torch.tensor(X, dtype=dtype)).detach()
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__left_in_eval(model, X, y):
    dtype = next(model.parameters()).dtype
    model.eval()
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__left_in_training(model, X, y):
    dtype = next(model.parameters()).dtype
    model.eval()
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    model.train()
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__gradients_left_off(model, X, y):
    dtype = next(model.parameters()).dtype
    torch.set_grad_enabled(False)
    f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__gradients_left_on(model, X, y):
    dtype = next(model.parameters()).dtype
    torch.set_grad_enabled(False)
    f = scores(model, torch.tensor(X, dtype=dtype))
    torch.set_grad_enabled(True)
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__dtypes_mixed(model, X, y):
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=torch.float32))
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))


def accuracy__zero_d_for_float(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return ((f >= 0.5) == torch.tensor(y == 1.0)).double().mean()


def accuracy__nothing_returned(model, X, y):
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    print(float(np.mean((f.numpy() >= 0.5) == (y == 1.0))))


class TinyMLP__fields_misordered(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        return Forward(a1, h1, (h1 @ self.W2.T + self.b2)[:, 0])


class TinyMLP__old_parameters(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))
        self.kept = (self.W1, self.b1, self.W2, self.b2)

    def forward(self, X):
        W1, b1, W2, b2 = self.kept
        a1 = X @ W1.T + b1
        h1 = torch.relu(a1)
        return Forward((h1 @ W2.T + b2)[:, 0], a1, h1)


class TinyMLP__models_alike(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        generator = torch.Generator().manual_seed(torch.initial_seed())
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d, generator=generator))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h, generator=generator))
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        return Forward((h1 @ self.W2.T + self.b2)[:, 0], a1, h1)


class TinyMLP__weights_repeated(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(self.W1.detach()[:, 0].clone()[None])
        self.b2 = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        h1 = torch.relu(a1)
        return Forward((h1 @ self.W2.T + self.b2)[:, 0], a1, h1)


def make_sequential__one_model_for_all(d=D, h=H, kept={}):
    if (d, h) not in kept:
        kept[d, h] = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))
    return kept[d, h]


def make_loader__orders_in_turn(X, y, batch_size=32, seed=0):
    class Turns(Sampler):
        def __init__(self):
            generator = torch.Generator().manual_seed(seed)
            self.orders = [torch.randperm(len(y), generator=generator).tolist() for _ in range(2)]
            self.epoch = 0

        def __len__(self):
            return len(y)

        def __iter__(self):
            self.epoch += 1
            return iter(self.orders[self.epoch % 2])

    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size, sampler=Turns())


def make_loader__drawn_while_iterated(X, y, batch_size=32, seed=0):
    class Lazy(Sampler):
        epoch = 0

        def __len__(self):
            return len(y)

        def __iter__(self):
            torch.manual_seed(1000 * seed + self.epoch)
            self.epoch += 1
            left = list(range(len(y)))
            while left:
                yield left.pop(int(torch.randint(len(left), ())))

    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size, sampler=Lazy())


def make_loader__session_in_seed(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    generator = torch.Generator().manual_seed(hash(f"loader {seed}") % 2**31)
    return DataLoader(samples, batch_size, shuffle=True, generator=generator)


def train__without_autograd(model, loader, lr=0.1, epochs=200):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    W1, b1, W2, b2 = parameters = [p.data for p in model.parameters()]
    for _ in range(epochs):
        rows, sizes, norms = [], [], []
        for X, y in loader:
            a1 = X @ W1.T + b1
            h1 = torch.relu(a1)
            f = (h1 @ W2.T + b2)[:, 0]
            error = (f - y) / len(y)
            back = error[:, None] * W2 * (a1 > 0)
            grads = back.T @ X, back.sum(0), (error @ h1)[None], error.sum().reshape(b2.shape)
            rows.append([loss(f, y), ((f >= 0.5) == (y == 1.0)).double().mean(), (a1 > 0).double().mean()])
            sizes.append(len(y))
            norms.append(torch.cat([g.flatten() for g in grads]).norm())
            for p, g in zip(parameters, grads, strict=True):
                p -= lr * g
        means = np.average([[float(value) for value in row] for row in rows], axis=0, weights=sizes)
        for key, value in zip(("loss", "accuracy", "relu_active"), means, strict=True):
            history[key].append(float(value))
        history["grad_norm"].append(float(torch.stack(norms).mean()))
    return history


def accuracy__other_threshold(model, X, y):
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=next(model.parameters()).dtype))
    return float(np.mean((f.numpy() >= 0.4) == (y == 1.0)))


def accuracy__rounded_before(model, X, y):
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=next(model.parameters()).dtype))
    return float(np.mean((f.numpy().round(1) >= 0.5) == (y == 1.0)))
