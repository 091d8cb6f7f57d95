"""PeLU as a PyTorch module, and networks to and from models made of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ..encoding import Encoding
from ..errors import PorcelainError
from ..network import Layer, Network


class PeLU(nn.Module):
    """``relu(v - height ** 2) @ softmax(logits, dim=1)``: (..., in_feat) to (..., out_feat), any float type.

    ``height`` (in_feat,) and ``logits`` (in_feat, out_feat) start standard normal, as in the article of 2021,
    "PeLU: Porcelain-Emulated Linear Unit". A logit of minus infinity is "no pipe"; it gets no gradient.
    """

    def __init__(self, in_feat: int, out_feat: int, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.height = nn.Parameter(torch.randn(in_feat, dtype=dtype))
        self.logits = nn.Parameter(torch.randn(in_feat, out_feat, dtype=dtype))

    def forward(self, volumes: Tensor) -> Tensor:
        return torch.relu(volumes - self.height**2) @ torch.softmax(self.logits, dim=1)

    def extra_repr(self) -> str:
        """What repr shows."""
        return "{}, {}".format(*self.logits.shape)


def network_from_torch(
    model: nn.Module,
    encoding: Encoding | None = None,
    class_names: Sequence[str] | None = None,
    name: str = "network",
) -> Network:
    """The network of a model whose modules are PeLU, in order. Raises PorcelainError where something else is in it.

    Without ``encoding`` the inputs are volumes x0, x1, ... in u as they are.
    """
    layers = [model] if isinstance(model, PeLU) else list(model.children())
    foreign = [type(layer).__name__ for layer in layers if not isinstance(layer, PeLU)]
    if foreign or not layers:
        raise PorcelainError(
            f"the model holds {', '.join(foreign) or 'no layers'}; only PeLU after PeLU can be built of buckets"
        )
    made = []
    for layer in layers:
        shares = torch.softmax(layer.logits.detach().double(), dim=1).cpu().numpy()
        made.append(Layer(layer.height.detach().double().cpu().numpy() ** 2, shares))
    n, cups = made[0].n_in, made[-1].n_out
    if encoding is None:
        zero, one = np.zeros(n), np.ones(n)
        encoding = Encoding(tuple(f"x{i}" for i in range(n)), ("",) * n, zero, one, zero, 100.0 * one)
    names = tuple(class_names) if class_names is not None else tuple(f"class {i}" for i in range(cups))
    return Network(tuple(made), encoding, names, name)


def torch_from_network(network: Network) -> nn.Sequential:
    """A float64 model of PeLU layers that computes what the network computes, ready to train on."""
    layers = []
    for layer in network.layers:
        module = PeLU(layer.n_in, layer.n_out, dtype=torch.float64)
        with torch.no_grad(), np.errstate(divide="ignore"):
            module.height.copy_(torch.from_numpy(np.sqrt(layer.thresholds)))
            module.logits.copy_(torch.from_numpy(np.log(layer.shares)))
        layers.append(module)
    return nn.Sequential(*layers)
