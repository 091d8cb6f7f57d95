"""PeLU as a PyTorch module, and conversion between networks and PyTorch models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..encoding import Encoding
from ..errors import PorcelainError
from ..network import Layer, Network

STUCK_SLOPE = 0.2
"""Slope of ``height ** 2`` that a height of exactly 0 takes where its threshold should grow: that of a height of 0.1.
The true slope is 0, so the threshold would stay 0 for ever."""

PROBES = 4
"""Rows that are poured through a model and the network read from it. Each fills every bucket above its threshold."""


class _Square(torch.autograd.Function):
    """``height ** 2``, whose gradient lets a height of 0 leave."""

    @staticmethod
    def forward(ctx: Any, height: Tensor) -> Tensor:
        ctx.save_for_backward(height)
        return height**2

    @staticmethod
    def backward(ctx: Any, by_threshold: Tensor) -> Tensor:
        (height,) = ctx.saved_tensors
        leaves = (height == 0) & (by_threshold < 0)
        return torch.where(leaves, STUCK_SLOPE * by_threshold, 2 * height * by_threshold)


class PeLU(nn.Module):
    """``relu(v - height ** 2) @ softmax(logits, dim=1)`` from (..., in_feat) to (..., out_feat), any float type.

    Parameters
    ----------
    in_feat, out_feat : int
        Numbers of buckets and of targets.
    device : torch.device or str, optional
        Where the parameters are.
    dtype : torch.dtype, optional
        Type of the parameters.

    Notes
    -----
    PeLU: Porcelain-Emulated Linear Unit (2021). ``height`` (in_feat,) and ``logits`` (in_feat, out_feat) start standard
    normal, as there. A logit of minus infinity means that there is no pipe; it gets no gradient. A height
    of exactly 0 gets the gradient of a height of 0.1 where its threshold should grow.

    Examples
    --------
    >>> PeLU(4, 3)
    PeLU(4, 3)
    >>> PeLU(4, 3)(torch.ones(2, 4)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        in_feat: int,
        out_feat: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.height = nn.Parameter(torch.empty(in_feat, device=device, dtype=dtype))
        self.logits = nn.Parameter(torch.empty(in_feat, out_feat, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw heights and logits anew, from a standard normal."""
        nn.init.normal_(self.height)
        nn.init.normal_(self.logits)

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

        Raises
        ------
        PorcelainError
            If the last dimension of the volumes is not ``in_feat``.
        """
        if volumes.shape[-1:] != self.height.shape:
            raise PorcelainError(
                f"volumes have shape {tuple(volumes.shape)}; the last dimension must be {len(self.height)}, the buckets"
            )
        return torch.relu(volumes - _Square.apply(self.height)) @ torch.softmax(self.logits, dim=1)

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
        A PeLU, or a container of PeLU modules and such containers that calls them in their order.
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
        If the model holds anything else, or nothing, or gives other volumes than the network read from it.

    Examples
    --------
    >>> network_from_torch(nn.Sequential(PeLU(4, 3), PeLU(3, 2))).widths
    (4, 3, 2)
    """
    leaves = list(_leaves(model))
    layers = [layer for layer in leaves if isinstance(layer, PeLU)]
    foreign = [type(leaf).__name__ for leaf in leaves if not isinstance(leaf, PeLU)]
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
    network = Network(tuple(made), encoding, names, name)
    _compare(model, layers[0].height, network)
    return network


def _leaves(model: nn.Module) -> Iterator[nn.Module]:
    """Modules without children in the order of declaration, a shared one as often as it is named."""
    children = [child for child in model._modules.values() if child is not None]
    if isinstance(model, PeLU) or not children:
        if not isinstance(model, nn.Identity | nn.Sequential | nn.ModuleList):
            yield model
        return
    for child in children:
        yield from _leaves(child)


def _compare(model: nn.Module, like: Tensor, network: Network) -> None:
    """Refuse a model that gives other volumes than the network."""
    rng = np.random.default_rng(0)
    most = 2.0 * sum(float(layer.thresholds.sum()) for layer in network.layers) + 1.0
    rows = most * (1.0 + rng.random((PROBES, network.widths[0])))
    training = model.training
    try:
        with torch.no_grad():
            told = model.eval()(torch.as_tensor(rows, dtype=like.dtype, device=like.device))
    except Exception as error:
        raise PorcelainError(
            f"the model cannot be called on {rows.shape} volumes ({type(error).__name__}); only PeLU after PeLU,"
            " as in Sequential(PeLU(4, 3), PeLU(3, 3)), can be built of buckets"
        ) from None
    finally:
        model.train(training)
    read = network(rows)
    theirs = told.double().cpu().numpy() if isinstance(told, Tensor) else np.empty(0)
    near = torch.finfo(like.dtype).eps ** 0.5
    if theirs.shape != read.shape or not np.allclose(theirs, read, rtol=near, atol=near * most):
        raise PorcelainError(
            "the model gives other volumes than its PeLU modules one after another; only a model that calls each once,"
            " in the order of declaration, and nothing else can be built of buckets"
        )


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
