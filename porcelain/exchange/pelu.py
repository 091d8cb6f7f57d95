"""A water machine taught by a heat exchanger: F is a PeLU network, B learns beside it, and every update is local.

No gradient runs down the network. The cups get target volumes. B has learned to compute the water above from the water
below, and carries these targets up. Each bucket moves its threshold and shares towards the target beside it. The result
is a Network like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

import numpy as np

from .. import evaluation
from ..arrays import Floats, Ints
from ..data import Dataset
from ..encoding import Encoding
from ..errors import PorcelainError
from ..network import Layer, Network, pelu

LEAST_SHARE = 1e-3  # while all pipes are open: a mirror step multiplies, from a share of 0 no pipe comes back


@dataclass(frozen=True)
class TrainingOptions:
    """How the pipes teach each other. Volumes are in units of the mean water of a bucket of the first tier.

    Parameters
    ----------
    hidden : tuple of int
        Buckets of each hidden tier.
    starts : int
        Random networks that learn. The one with the least training loss is kept.
    epochs, batch : int
        Epochs, and rows of a batch.
    sharpness : float
        As in Objective, 1/u.
    pull : float
        How far the targets of the cups lie from their volumes.
    noise : float
        Standard deviation of what is added where B learns.
    share_step, threshold_step, back_step : float
        Steps of shares, thresholds and B.
    min_share : float
        After the epochs every bucket closes its pipes below this share, and as many epochs follow in which none falls
        below it. 0 leaves all pipes open.
    only_last : bool
        Control: only the last tier learns.

    Raises
    ------
    PorcelainError
        If a value is out of its range.

    Examples
    --------
    >>> TrainingOptions(hidden=(4,)).starts
    16
    """

    hidden: tuple[int, ...] = (3,)
    starts: int = 16
    epochs: int = 400
    batch: int = 10
    sharpness: float = 1.0
    pull: float = 0.15
    noise: float = 0.07
    share_step: float = 6.0
    threshold_step: float = 0.3
    back_step: float = 0.2
    min_share: float = 0.08
    only_last: bool = False

    def __post_init__(self) -> None:
        for what in ("starts", "epochs", "batch", "sharpness", "pull", "share_step", "threshold_step", "back_step"):
            if not (np.isfinite(getattr(self, what)) and getattr(self, what) > 0):
                raise PorcelainError(f"{what} is {getattr(self, what)}; a finite number above 0 is needed")
        if not 0.0 <= self.min_share <= 0.5:
            raise PorcelainError(f"min_share is {self.min_share}; a floor between 0 and 0.5 leaves room for two pipes")
        if any(width < 1 for width in self.hidden):
            raise PorcelainError(f"hidden is {self.hidden}; every tier needs at least one bucket")


def teach(
    dataset: Dataset,
    encoding: Encoding,
    options: TrainingOptions | None = None,
    seed: int = 0,
    report: Callable[[], None] | None = None,
) -> tuple[Network, float]:
    """Teach a PeLU network by local rules alone.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    encoding : Encoding
        Turns features into volumes.
    options : TrainingOptions, optional
        How to train.
    seed : int
        Seed of the starts.
    report : callable, optional
        Called after each start.

    Returns
    -------
    tuple of Network and float
        The network, and the mean softmax cross-entropy of its cups' volumes.

    Examples
    --------
    >>> from porcelain import load
    >>> from porcelain.learn import Recipe
    >>> iris = load("iris")
    >>> network, loss = teach(iris, Recipe().encode(iris), TrainingOptions(starts=1, epochs=5))
    >>> network.widths
    (4, 3, 3)
    """
    from .pelu_rules import teach as run

    options = options or TrainingOptions()
    water = encoding.volumes(dataset.features)
    scale = float(water.mean())
    widths = np.array([water.shape[1], *options.hidden, len(dataset.class_names)])
    steps = np.array([options.share_step, options.threshold_step, options.back_step])
    best: tuple[float, Network] | None = None
    for start in range(options.starts):
        rng = np.random.default_rng([seed, start])
        thresholds, shares = _random(widths, water / scale, rng)
        for floor in [LEAST_SHARE, options.min_share][: 2 if options.min_share else 1]:
            _close_thin(shares, floor)
            run(
                widths,
                water / scale,
                dataset.labels,
                thresholds,
                shares,
                options.epochs,
                min(options.batch, len(water)),
                options.sharpness * scale,
                options.pull,
                options.noise,
                steps,
                floor,
                rng,
                options.only_last,
            )
        network = _network(widths, thresholds * scale, shares, encoding, dataset)
        loss = cross_entropy(network, water, dataset.labels, options.sharpness)
        if best is None or loss < best[0]:
            best = loss, network
        if report:
            report()
    assert best is not None
    return best[1], best[0]


def _close_thin(shares: Floats, least: float) -> None:
    """Close the pipes of each bucket below the least share, except its widest, and scale the others to sum to 1."""
    keep = (shares >= least) | (shares == shares.max(axis=2, keepdims=True))
    shares[:] = np.where(keep, shares, 0.0)
    total = shares.sum(axis=2, keepdims=True)
    shares[:] = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)


def fit(
    dataset: Dataset,
    encode: Callable[[Dataset], Encoding],
    options: TrainingOptions | None = None,
    *,
    seed: int = 0,
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
) -> Network:
    """Teach a network by local rules and score it, also on held-out rows of stratified k-fold.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    encode : callable
        Turns the rows learned from into an Encoding, in every fold anew.
    options : TrainingOptions, optional
        How to train.
    seed : int
        Seed of starts and folds.
    folds, repeats : int
        Folds of the cross-validation, and how often they are drawn. 0 folds: no cross-validation.
    report : callable, optional
        Called after each of the 1 + folds * repeats fits.

    Returns
    -------
    Network
        Its provenance has the same keys as that of a network trained by gradients.

    Examples
    --------
    >>> from porcelain import load
    >>> from porcelain.learn import Recipe
    >>> network = fit(load("iris"), Recipe().encode, TrainingOptions(starts=1, epochs=5), folds=0)
    >>> network.provenance["recipe"]
    'exchanger'
    """
    options = options or TrainingOptions()
    network, loss = teach(dataset, encode(dataset), options, seed)
    if report:
        report()

    def networks(parts: Sequence[Dataset]) -> Iterator[Network]:
        return (teach(part, encode(part), options, seed)[0] for part in parts)

    scores = evaluation.cross_validation(dataset, networks, seed, folds, repeats, report) if folds else {}
    provenance = evaluation.provenance(
        network,
        dataset,
        seed=seed,
        recipe="exchanger",
        training=asdict(options) | {"hidden": list(options.hidden)},
        loss=loss,
        scores=scores,
        libraries=("numpy", "numba"),
    )
    return replace(network, provenance=provenance)


def cross_entropy(network: Network, water: Floats, labels: Ints, sharpness: float = 1.0) -> float:
    """Mean softmax cross-entropy of the volumes in the cups.

    Parameters
    ----------
    network : Network
        The network.
    water : ndarray, shape (n, n_in)
        Volumes poured, u.
    labels : ndarray of int, shape (n,)
        Classes.
    sharpness : float
        Factor on the volumes, 1/u.

    Returns
    -------
    float
        The loss.

    Examples
    --------
    >>> network = Network((Layer([0.0], [[0.5, 0.5]]),), Encoding.of_buckets(["x"], "u"), ("a", "b"))
    >>> round(cross_entropy(network, np.ones((2, 1)), np.array([0, 1])), 4)
    0.6931
    """
    cups = sharpness * network(water)
    cups -= cups.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(cups).sum(axis=1)) - cups[np.arange(len(labels)), labels]))


def _random(widths: Ints, water: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Random shares, and random thresholds up to the median volume."""
    wide = int(widths.max())
    thresholds, shares = np.zeros((len(widths) - 1, wide)), np.zeros((len(widths) - 1, wide, wide))
    volumes = water
    for k, (low, high) in enumerate(pairwise(widths)):
        shares[k, :low, :high] = rng.dirichlet(np.ones(high), low)
        thresholds[k, :low] = rng.uniform(0.0, np.median(volumes, axis=0))
        volumes = pelu(volumes, thresholds[k, :low], shares[k, :low, :high])
    return thresholds, shares


def _network(widths: Ints, thresholds: Floats, shares: Floats, encoding: Encoding, dataset: Dataset) -> Network:
    layers = []
    for k, (low, high) in enumerate(pairwise(widths)):
        rows = shares[k, :low, :high]
        layers.append(Layer(thresholds[k, :low], rows / rows.sum(axis=1, keepdims=True)))
    return Network(tuple(layers), encoding, dataset.class_names, dataset.name)
