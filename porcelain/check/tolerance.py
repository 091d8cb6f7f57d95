"""Tolerance: what printing, levelling and pouring do to the answers. Thousands of faulty machines in closed form.

Every ideal law settles where the ideal equation says, so a machine with faults is the ideal equation with other
thresholds and other shares; no time has to be stepped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

from ..arrays import Floats, Ints
from ..data import Dataset
from ..data.matching import matched
from ..machine.design import Design
from ..network import Network
from ..pelu_kernel import pass_on
from ..units import MM3_PER_ML
from .options import CheckOptions, Faults, ToleranceOptions

CHUNK = 500
"""Machines per seed: the result is the same whoever computes the chunks, and in whatever order."""


@dataclass(frozen=True, eq=False)
class Spreads:
    """What faults do to a network, element by element; tuples have one array per layer.

    Attributes
    ----------
    area_sd : (n_in, n_out) relative, of pipes' areas
    threshold_sd : (n_in,) u
    film : (n_in,) u, half width of the water left on a sill
    lever : (n_in, 2) u per radian of tilt about x and y
    tilt_sd : radians
    pour_sd : relative

    Examples
    --------
    >>> Spreads((), (), (), (), 0.0, 0.01).pour_sd
    0.01
    """

    area_sd: tuple[Floats, ...]
    threshold_sd: tuple[Floats, ...]
    film: tuple[Floats, ...]
    lever: tuple[Floats, ...]
    tilt_sd: float
    pour_sd: float

    @staticmethod
    def of_network(network: Network, faults: Faults) -> Spreads:
        """Equal faults for every pipe and every bucket.

        Parameters
        ----------
        network : without millimetres
        faults : of which ``area_sd``, ``threshold_sd_u`` and ``pour_sd`` count

        Returns
        -------
        Spreads
            Of its layers.
        """
        return Spreads(
            tuple(np.full(layer.shares.shape, faults.area_sd) for layer in network.layers),
            tuple(np.full(layer.n_in, faults.threshold_sd_u) for layer in network.layers),
            tuple(np.zeros(layer.n_in) for layer in network.layers),
            tuple(np.zeros((layer.n_in, 2)) for layer in network.layers),
            0.0,
            faults.pour_sd,
        )

    @staticmethod
    def of_design(design: Design, faults: Faults) -> Spreads:
        """Faults in mm and degrees as this machine's own channels, plan areas and outlets feel them.

        Parameters
        ----------
        design : machine
        faults : of which those in mm and degrees and ``pour_sd`` count

        Returns
        -------
        Spreads
            Of its rows.
        """
        ml_per_mm = 1.0 / MM3_PER_ML / design.ml_per_unit
        area_sd, threshold_sd, film, lever = [], [], [], []
        for row, below in pairwise(design.rows):
            index = {vessel.name: j for j, vessel in enumerate(below)}
            spread, plan, arm = np.zeros((len(row), len(below))), np.zeros(len(row)), np.zeros((len(row), 2))
            for i, bucket in enumerate(row):
                sill = bucket.outlet.sill_mm  # type: ignore[attr-defined]
                plan[i] = bucket.slab_areas_mm2[np.searchsorted(bucket.slab_tops_mm, sill, side="right")] * ml_per_mm
                branches = design.branches(bucket.name)
                for pipe in branches:
                    spread[i, index[pipe.target]] = 2.0 * faults.bore_sd_mm / pipe.bore_mm
                mouth = np.mean([pipe.path_mm[0, :2] for pipe in branches], axis=0)
                arm[i] = plan[i] * (mouth - bucket.at_mm[:2])[::-1] * [1.0, -1.0]
            area_sd.append(spread)
            threshold_sd.append(plan * faults.sill_sd_mm)
            film.append(plan * faults.film_mm)
            lever.append(arm)
        tilt = float(np.radians(faults.tilt_sd_deg))
        return Spreads(tuple(area_sd), tuple(threshold_sd), tuple(film), tuple(lever), tilt, faults.pour_sd)


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


@dataclass(frozen=True, eq=False)
class MonteCarlo:
    """Everything that a worker needs to draw machines.

    Attributes
    ----------
    network : without faults
    spreads : of its elements
    water : (rows, n_in) u
    labels : (rows,) true classes
    seed : of all draws

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> len(MonteCarlo.of(design, load("iris"), Faults(), seed=0).chunk(0)) == CHUNK
    True
    """

    network: Network
    spreads: Spreads
    water: Floats
    labels: Ints
    seed: int

    @staticmethod
    def of(thing: Network | Design, dataset: Dataset, faults: Faults, seed: int) -> MonteCarlo:
        """The draws of a machine on a data set.

        Parameters
        ----------
        thing : Design or Network
        dataset : rows; matched to the network by name
        faults, seed : of the draws

        Returns
        -------
        MonteCarlo
            Ready to be sent to workers.
        """
        network = thing.as_network() if isinstance(thing, Design) else thing
        spreads = Spreads.of_design(thing, faults) if isinstance(thing, Design) else Spreads.of_network(network, faults)
        dataset = matched(dataset, network)
        water = network.encoding.volumes(network.encoding.clipped(dataset.features))
        return MonteCarlo(network, spreads, water, dataset.labels, seed)

    @property
    def nominal(self) -> float:
        """Accuracy of the machine without faults."""
        return float(np.mean(np.argmax(self.network(self.water), axis=1) == self.labels))

    def chunk(self, number: int) -> Ints:
        """Draw the machines of one chunk.

        Parameters
        ----------
        number : of the chunk; it seeds the draws together with ``seed``

        Returns
        -------
        array (CHUNK,)
            How many rows each machine gets wrong.
        """
        rng = np.random.default_rng([self.seed, number])
        s = self.spreads
        tilt = s.tilt_sd * rng.standard_normal((CHUNK, 2))
        thresholds, shares = [], []
        for k, layer in enumerate(self.network.layers):
            n = layer.n_in
            shift = s.threshold_sd[k] * rng.standard_normal((CHUNK, n)) + s.film[k] * rng.uniform(-1, 1, (CHUNK, n))
            thresholds.append(np.maximum(layer.thresholds + shift + tilt @ s.lever[k].T, 0.0))
            factor = np.maximum(1.0 + s.area_sd[k] * rng.standard_normal((CHUNK, *layer.shares.shape)), 0.01)
            areas = layer.shares * factor
            shares.append((areas / areas.sum(axis=2, keepdims=True)).reshape(CHUNK, -1))
        noise = 1.0 + s.pour_sd * rng.standard_normal((CHUNK, *self.water.shape))
        return _wrong(
            self.water * np.maximum(noise, 0.0),
            self.labels,
            np.array(self.network.widths),
            np.concatenate(thresholds, axis=1),
            np.concatenate(shares, axis=1),
        )


@njit(cache=True)
def _wrong(water: Floats, labels: Ints, widths: Ints, thresholds: Floats, shares: Floats) -> Ints:
    """Rows whose fullest cup is not their class, (machines,); water (machines, rows, n_in), the rest flat by layer."""
    machines, rows, _ = water.shape
    wrong = np.zeros(machines, np.int64)
    above, below, passed = np.zeros(widths.max()), np.zeros(widths.max()), np.zeros(thresholds.shape[1])
    for machine in range(machines):
        sills, open_shares = thresholds[machine], shares[machine]
        for row in range(rows):
            above[: widths[0]] = water[machine, row]
            bucket, pipe = 0, 0
            for k in range(len(widths) - 1):
                n, wide = widths[k], widths[k + 1]
                pass_on(above, n, sills, bucket, open_shares, pipe, wide, passed, below, wide)
                bucket, pipe = bucket + n, pipe + n * wide
                above, below = below, above
            wrong[machine] += np.argmax(above[: widths[-1]]) != labels[row]
    return wrong


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
