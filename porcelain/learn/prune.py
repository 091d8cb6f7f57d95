"""Closing pipes during training: drop one, refit the rest, until every share can be printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..arrays import Floats
from .descent import lbfgs
from .objective import Loss
from .shape import Shape

MakeLoss = Callable[[Shape], Loss]
Fitted = tuple[float, Shape, Floats]


def enforce_floor(fitted: Fitted, floor: float, make_loss: MakeLoss) -> Fitted:
    """A refitted network whose every share is 0 or at least ``floor``; the better of two ways there.

    Shares far below the floor are closed one at a time, smallest first, with a refit after each. Those just below
    it are either lifted to the floor or closed as well: whichever leaves the smaller loss.
    """
    most = int(1 / floor)
    closed = _close_below(fitted, floor / 4, most, make_loss)
    lifted = _lift(closed, floor, make_loss)
    return min(lifted, _lift(_close_below(closed, floor, most, make_loss), floor, make_loss), key=lambda fit: fit[0])


def _close_below(fitted: Fitted, share: float, most: int, make_loss: MakeLoss) -> Fitted:
    loss, shape, theta = fitted
    while candidates := _below(shape, theta, share, most):
        _, k, i, j = min(candidates)
        shape = shape.without(k, i, j)
        loss, theta = lbfgs(make_loss(shape), theta)
    return loss, shape, theta


def _below(shape: Shape, theta: Floats, share: float, most: int) -> list[tuple[float, int, int, int]]:
    """Pipes that may go: those below ``share`` and those of buckets with more than ``most``, never a last one."""
    found = []
    for k, (layer, table) in enumerate(zip(shape.layers(theta), shape.pipes, strict=True)):
        count = table.sum(axis=1)
        for i, j in zip(*np.nonzero(table), strict=True):
            if (layer.shares[i, j] < share and count[i] > 1) or count[i] > most:
                found.append((float(layer.shares[i, j]), k, int(i), int(j)))
    return found


def _lift(fitted: Fitted, floor: float, make_loss: MakeLoss) -> Fitted:
    """Refit with the floor built into the shares, from the nearest point that keeps it."""
    _, free, theta = fitted
    shape = replace(free, floor=floor)
    start = theta.copy()
    for (_, logits), layer, table in zip(shape.split(start), free.layers(theta), shape.pipes, strict=True):
        above = np.maximum(layer.shares - floor, 1e-3)  # never 0: a pipe at the floor must be able to leave it
        logits[:] = np.where(table, np.log(above), 0.0)
    loss, theta = lbfgs(make_loss(shape), start)
    return loss, shape, theta
