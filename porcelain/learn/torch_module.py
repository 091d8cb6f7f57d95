"""PeLU as a PyTorch module, and conversion between networks and PyTorch models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ..encoding import Encoding
from ..errors import PorcelainError
from ..network import Layer, Network


class PeLU(nn.Module):
    """``relu(v - height ** 2) @ softmax(logits, dim=1)`` from (..., in_feat) to (..., out_feat), any float type.

    Parameters
    ----------
    in_feat, out_feat : int
        Numbers of buckets and of targets.
    dtype : torch.dtype, optional
        Type of the parameters.

    Notes
    -----
    PeLU: Porcelain-Emulated Linear Unit (2021). ``height`` (in_feat,) and ``logits`` (in_feat, out_feat) start standard
    normal, as there. A logit of minus infinity means that there is no pipe; it gets no gradient.

    Examples
    --------
    >>> PeLU(4, 3)
    PeLU(4, 3)
    >>> PeLU(4, 3)(torch.ones(2, 4)).shape
    torch.Size([2, 3])
    """

    def __init__(self, in_feat: int, out_feat: int, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.height = nn.Parameter(torch.randn(in_feat, dtype=dtype))
        self.logits = nn.Parameter(torch.randn(in_feat, out_feat, dtype=dtype))

    def forward(self, volumes: Tensor) -> Tensor:
        """Volumes that the next row receives.

        Parameters
        ----------
        volumes : Tensor, shape (..., in_feat)
            Volumes that flow in.

        Returns
        -------
        Tensor, shape (..., out_feat)
            Volumes for the next row.
        """
        return torch.relu(volumes - self.height**2) @ torch.softmax(self.logits, dim=1)

    def extra_repr(self) -> str:
        """Text that ``repr`` shows in brackets.

        Returns
        -------
        str
            Both widths.
        """
        return "{}, {}".format(*self.logits.shape)


def network_from_torch(
    model: nn.Module,
    encoding: Encoding | None = None,
    class_names: Sequence[str] | None = None,
    name: str = "network",
) -> Network:
    """Turn a model made of PeLU modules into a network.

    Parameters
    ----------
    model : Module
        A PeLU, or a container with PeLU modules in their order.
    encoding : Encoding, optional
        Without it the inputs are volumes x0, x1, ... in u.
    class_names : sequence of str, optional
        Names of the cups.
    name : str
        Name of the network.

    Returns
    -------
    Network
        The network.

    Raises
    ------
    PorcelainError
        If the model holds anything else, or nothing.

    Examples
    --------
    >>> network_from_torch(nn.Sequential(PeLU(4, 3), PeLU(3, 2))).widths
    (4, 3, 2)
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
    """Turn a network into a float64 model that computes the same and can be trained on.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    Sequential
        PeLU modules.

    Examples
    --------
    >>> from porcelain import files
    >>> torch_from_network(files.load("designs/iris", "network"))
    Sequential(
      (0): PeLU(4, 3)
      (1): PeLU(3, 3)
    )
    """
    layers = []
    for layer in network.layers:
        module = PeLU(layer.n_in, layer.n_out, dtype=torch.float64)
        with torch.no_grad(), np.errstate(divide="ignore"):
            module.height.copy_(torch.from_numpy(np.sqrt(layer.thresholds)))
            module.logits.copy_(torch.from_numpy(np.log(layer.shares)))
        layers.append(module)
    return nn.Sequential(*layers)
