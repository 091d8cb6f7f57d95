"""Tolerance: what faults of printing, levelling and pouring do to the answers of thousands of machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from ..machine.design import Design
from ..network import Network
from .faulty_machines import CHUNK, MonteCarlo, Spreads
from .options import CheckOptions, Faults, ToleranceOptions


@dataclass(frozen=True, eq=False)
class Tolerance:
    """Accuracies of machines with faults on a data set.

    Attributes
    ----------
    name, data : of the machine and of the data
    faults, seed : what was drawn
    nominal : accuracy of the machine without faults
    accuracies : (machines,)

    Examples
    --------
    >>> Tolerance("iris", "iris", Faults(), 0, 1.0, np.array([0.75, 0.5])).mean
    0.625
    """

    name: str
    data: str
    faults: Faults
    seed: int
    nominal: float
    accuracies: Floats

    @property
    def mean(self) -> float:
        """Mean accuracy."""
        return float(self.accuracies.mean())

    @property
    def worst(self) -> float:
        """Accuracy of the worst machine."""
        return float(self.accuracies.min())

    def percentile(self, q: float) -> float:
        """Accuracy that all but a few of the machines reach.

        Parameters
        ----------
        q : how many do not, percent

        Returns
        -------
        float
            Fraction of rows.
        """
        return float(np.percentile(self.accuracies, q))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON.

        Returns
        -------
        dict
            Mean, 5th percentile and worst accuracy instead of every machine's.
        """
        summary = {"mean": self.mean, "p5": self.percentile(5), "worst": self.worst, "machines": len(self.accuracies)}
        return {"name": self.name, "data": self.data, "seed": self.seed, "faults": asdict(self.faults)} | {
            "nominal": self.nominal,
            **summary,
        }


def draw_machines(
    thing: Network | Design,
    dataset: Dataset,
    faults: Faults | None = None,
    machines: int = ToleranceOptions.machines,
    seed: int = CheckOptions.seed,
) -> Tolerance:
    """Draw many machines with random faults and let each classify the whole data set.

    Parameters
    ----------
    thing : a Design, whose faults are millimetres and degrees, or a bare Network, whose faults are relative
    dataset : rows to pour
    faults : None is the printer and the hand that are assumed
    machines : how many; the first n are the same whatever this is
    seed : the same one gives the same machines

    Returns
    -------
    Tolerance
        Accuracy of every machine.

    Raises
    ------
    PorcelainError
        For fewer than 1 machine.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> found = draw_machines(design, load("iris"), Faults().scaled(0.0), machines=3)
    >>> bool((found.accuracies == found.nominal).all())
    True
    """
    ToleranceOptions(machines)
    faults = faults or Faults()
    draws = MonteCarlo.of(thing, dataset, faults, seed)
    chunks = [draws.chunk(k) for k in range(-(-machines // CHUNK))]
    accuracies = 1.0 - np.concatenate(chunks)[:machines] / len(dataset)
    return Tolerance(thing.name, dataset.name, faults, seed, draws.nominal, accuracies)


@dataclass(frozen=True)
class Sensitivity:
    """What one faulty element costs.

    Attributes
    ----------
    element : pipe or sill
    lost : mean accuracy lost when it alone is faulty

    Examples
    --------
    >>> Sensitivity("sill of b0.0", 0.01).lost
    0.01
    """

    element: str
    lost: float


def sensitivity(
    thing: Network | Design, dataset: Dataset, faults: Faults | None = None, machines: int = 1000, seed: int = 0
) -> list[Sensitivity]:
    """Find the pipe and the sill that cost most when they alone are faulty.

    Parameters
    ----------
    thing, dataset, faults, machines, seed : as for :func:`draw_machines`

    Returns
    -------
    list of Sensitivity
        Worst first.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> costs = sensitivity(design, load("iris"), machines=10)
    >>> costs[0].lost >= costs[-1].lost
    True
    """
    draws = MonteCarlo.of(thing, dataset, faults or Faults(), seed)
    found = []
    for name, spreads in _one_at_a_time(draws.network, draws.spreads):
        alone = replace(draws, spreads=spreads)
        wrong = np.concatenate([alone.chunk(k) for k in range(-(-machines // CHUNK))])[:machines]
        found.append(Sensitivity(name, alone.nominal - 1.0 + float(wrong.mean()) / len(dataset)))
    return sorted(found, key=lambda one: -one.lost)


def _one_at_a_time(network: Network, spreads: Spreads) -> Iterator[tuple[str, Spreads]]:
    none = Spreads(
        tuple(np.zeros_like(a) for a in spreads.area_sd),
        tuple(np.zeros_like(a) for a in spreads.threshold_sd),
        tuple(np.zeros_like(a) for a in spreads.film),
        spreads.lever,
        0.0,
        0.0,
    )
    for k, layer in enumerate(network.layers):
        for i in range(layer.n_in):
            one = np.arange(layer.n_in) == i
            sill = _only(none.threshold_sd, k, spreads.threshold_sd[k] * one)
            yield f"sill of b{k}.{i}", replace(none, threshold_sd=sill, film=_only(none.film, k, spreads.film[k] * one))
            for j in np.flatnonzero(layer.shares[i]):
                if np.count_nonzero(layer.shares[i]) > 1:  # a lone pipe takes all, however wide it came out
                    pipe = np.zeros_like(layer.shares)
                    pipe[i, j] = spreads.area_sd[k][i, j]
                    yield f"p{k}.{i}-{j}", replace(none, area_sd=_only(none.area_sd, k, pipe))


def _only(zeros: tuple[Floats, ...], layer: int, values: Floats) -> tuple[Floats, ...]:
    return (*zeros[:layer], values, *zeros[layer + 1 :])


def tightness(
    thing: Network | Design,
    dataset: Dataset,
    accuracy: float = 0.95,
    faults: Faults | None = None,
    machines: int = 1000,
    seed: int = 0,
) -> float:
    """How large faults may be for 95 of 100 machines to reach an accuracy.

    Parameters
    ----------
    thing, dataset, faults, machines, seed : as for :func:`draw_machines`
    accuracy : fraction of rows to reach

    Returns
    -------
    float
        Factor of the faults, found to 1 % by bisection over the same machines with growing faults. 0 where not even the
        perfect machine reaches the accuracy, 8 where eightfold faults still do.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> tightness(design, load("iris"), accuracy=0.3, machines=20)
    8.0
    """
    faults = faults or Faults()

    def reaches(factor: float) -> bool:
        return draw_machines(thing, dataset, faults.scaled(factor), machines, seed).percentile(5) >= accuracy

    low, high = 0.0, 8.0
    if not reaches(low):
        return 0.0
    if reaches(high):
        return high
    while high - low > 0.01 * max(low, 0.1):
        middle = (low + high) / 2
        low, high = (middle, high) if reaches(middle) else (low, middle)
    return low
