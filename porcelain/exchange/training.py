"""Train an exchanger by a local rule or a control: points into F, labels into B, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen
from ..errors import PorcelainError, unknown
from .exchanger import Exchanger
from .local_rules import LOCAL_RULES, LocalRule, rule_names
from .options import ExchangeOptions

if TYPE_CHECKING:
    from .rules import Flow

LARGEST = 1e9  # a section with such weights is a constant; the article's own run away to about 1e5 and go on


@dataclass(frozen=True, eq=False)
class Training:
    """An exchanger after training, and its way there.

    Attributes
    ----------
    exchanger : Exchanger
        The end; the last good weights if ``status`` is "diverged".
    forward_log, backward_log : ndarray, shape (epochs + 1, size)
        Weights of each pipe before and after every epoch (or only first and last).
    agreement : ndarray, shape (epochs + 1, L + 1)
        Correlation of what the two pipes carry at every level over the training rows; 0 where one carries a constant.
    status, message : str
        "done" or "diverged"; why, and what to change.

    Examples
    --------
    >>> from porcelain.exchange import new
    >>> training = train(new((2, 4, 2), 0), np.eye(2), np.eye(2), epochs=3, rng=0)
    >>> training.status, len(training)
    ('done', 4)
    """

    exchanger: Exchanger
    forward_log: Floats
    backward_log: Floats
    agreement: Floats
    status: str = "done"
    message: str = ""

    def __len__(self) -> int:
        return len(self.forward_log)

    def at(self, epoch: int) -> Exchanger:
        """The exchanger after a number of logged epochs.

        Parameters
        ----------
        epoch : int
            0 is before training, -1 the end.

        Returns
        -------
        Exchanger
            The exchanger.
        """
        return replace(self.exchanger, forward=self.forward_log[epoch], backward=self.backward_log[epoch])


def train(
    exchanger: Exchanger,
    points: ArrayLike,
    labels: ArrayLike,
    rule: str = ExchangeOptions.rule,
    epochs: int = ExchangeOptions.epochs,
    step: float | None = ExchangeOptions.step,
    batch: int = ExchangeOptions.batch,
    noise: float = ExchangeOptions.noise,
    rng: np.random.Generator | int | None = None,
    log: bool = True,
    progress: Callable[[int], object] | None = None,
) -> Training:
    """Train an exchanger to give points their labels. The exchanger itself is not changed.

    Parameters
    ----------
    exchanger : Exchanger
        Start.
    points : array_like, shape (n, widths[0])
        Inputs.
    labels : array_like, shape (n, widths[-1])
        What the pipes can carry: -1 and 1 for tanh.
    rule : str
        "target" (strict difference target propagation), "delta" (the neighbour rule) or "article"; or the controls
        "backprop" and "last" (only the last section of F learns).
    epochs : int
        Number of epochs.
    step : float, optional
        Step size; None is the rule's own. It falls to 0 with a cosine, except the article's, which is constant.
    batch : int
        Rows of a batch. The article's rule goes sample by sample.
    noise : float
        Standard deviation of what is added where B learns to rebuild.
    rng : Generator or int, optional
        Source of random numbers, or its seed.
    log : bool
        Keep the weights of every epoch.
    progress : callable, optional
        Called with the number of each epoch.

    Returns
    -------
    Training
        The end and its status. Weights that grow without limit are a status, not an error.

    Raises
    ------
    PorcelainError
        If shapes do not match, a number is not finite, or the rule is unknown.

    Notes
    -----
    Lee, Zhang, Fischer and Bengio, Difference Target Propagation, ECML 2015; Schmidhuber, ICONIP 1996.

    Examples
    --------
    >>> from porcelain.exchange import new
    >>> train(new((2, 4, 2), 0), np.eye(2), np.eye(2), epochs=3, rng=0, log=False).status
    'done'
    """
    if rule not in LOCAL_RULES:
        raise unknown("rule", rule, rule_names())
    local = LOCAL_RULES[rule]
    step = local.step_of(len(exchanger.widths) - 1) if step is None else step
    x = frozen(points, (None, exchanger.widths[0]), "points")
    y = frozen(labels, (len(x), exchanger.widths[-1]), "labels")
    for what, value in (("step", step), ("epochs", epochs), ("batch", batch), ("rows", len(x))):
        if not (np.isfinite(value) and value > 0):
            raise PorcelainError(f"{what} is {value}; more than 0 is needed")
    if local.one_by_one and len(set(exchanger.widths)) > 1:
        raise PorcelainError(
            f"the {rule} rule subtracts facing and preceding sections, and the widths are {exchanger.widths};"
            f" make them equal or use the rule 'target'"
        )
    return _loop(exchanger, x, y, local, epochs, step, batch, noise, np.random.default_rng(rng), log, progress)


def _loop(
    exchanger: Exchanger,
    x: Floats,
    y: Floats,
    rule: LocalRule,
    epochs: int,
    step: float,
    batch: int,
    noise: float,
    rng: np.random.Generator,
    log: bool,
    progress: Callable[[int], object] | None,
) -> Training:
    run_epoch, flow = rule.loop(), _flow(exchanger, min(batch, len(x)))
    turns = len(x) if rule.one_by_one else -(-len(x) // batch)
    history = [exchanger]
    agreed = [agreement(exchanger, x, y)]
    status, message = "done", ""
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        noises = rng.normal(0.0, noise, (len(x), sum(exchanger.widths[1:]))) if rule.noisy else np.empty((0, 0))
        falling = step / 2 * (1.0 + np.cos(np.pi * (epoch + np.arange(turns) / turns) / epochs))
        run_epoch(flow, x, y, order, noises, batch, np.full(turns, step) if rule.one_by_one else falling)
        largest = max(np.abs(flow.forward).max(), np.abs(flow.backward).max())
        if not largest < LARGEST:
            status = "diverged"
            message = (
                f"the largest weight is {largest:.3g} in epoch {epoch + 1} at step {step:g}, limit {LARGEST:g}; the"
                f" weights before it are kept: try step {step / 10:g}"
            )
            break
        history[len(history) if log else 1 :] = [replace(exchanger, forward=flow.forward, backward=flow.backward)]
        if log or epoch == epochs - 1:
            agreed.append(agreement(history[-1], x, y))
        if progress:
            progress(epoch)
    forward_log, backward_log = np.array([e.forward for e in history]), np.array([e.backward for e in history])
    return Training(history[-1], forward_log, backward_log, np.array(agreed), status, message)


def _flow(exchanger: Exchanger, batch: int) -> Flow:
    """A working copy of both pipes, with room for a batch at every level."""
    from .rules import LINEAR, SIGMOID, TANH, Flow

    widths = np.array(exchanger.widths, dtype=np.int64)
    low, high = widths[:-1], widths[1:]
    at = np.zeros((2, len(widths)), dtype=np.int64)
    at[0, 2:] = np.cumsum((low + 1) * high)[:-1]
    at[1, 2:] = np.cumsum((high + 1) * low)[:-1]
    nonlinearity = np.full((2, len(widths)), TANH if exchanger.nonlinearity == "tanh" else SIGMOID)
    if exchanger.nonlinearity == "tanh":
        nonlinearity[1, 1] = LINEAR
    room = (len(widths), batch * int(widths.max()))
    store = np.zeros(room), np.zeros(room), np.zeros((3, room[1]))
    return Flow(widths, at, exchanger.forward.copy(), exchanger.backward.copy(), *store, nonlinearity)


def agreement(exchanger: Exchanger, points: ArrayLike, labels: ArrayLike) -> Floats:
    """Correlation of what F makes of points and B makes of their labels, at every level.

    Parameters
    ----------
    exchanger : Exchanger
        The exchanger.
    points : array_like, shape (n, widths[0])
        Inputs.
    labels : array_like, shape (n, widths[-1])
        Labels.

    Returns
    -------
    ndarray, shape (L + 1,)
        Correlations; 0 where one pipe carries a constant.

    Examples
    --------
    >>> from porcelain.exchange import new
    >>> agreement(new((2, 4, 2), 0), np.eye(2), np.eye(2)).shape
    (3,)
    """
    pairs = zip(exchanger.carry_forward(points), exchanger.carry_backward(labels), strict=True)
    return np.array([_correlation(f, b) for f, b in pairs])


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size > 1e-9 * a.size else 0.0
