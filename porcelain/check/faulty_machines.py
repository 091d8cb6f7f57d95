"""Machines with random faults: what printing and pouring do to thresholds and shares, and how many rows go wrong.

Every ideal law settles where the ideal equation says, so a machine with faults is the ideal equation with other
thresholds and other shares; no time has to be stepped.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit

from ..arrays import Floats, Ints
from ..data import Dataset
from ..data.matching import matched
from ..machine.design import Design
from ..network import Network
from ..pelu_kernel import pass_on
from ..units import MM3_PER_ML
from .options import Faults

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
