"""A law of outflow that is written outside the package is simulated, against its closed form."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from porcelain import Pour, files, simulate
from porcelain.hydraulics.laws import Opening

TOWER = Path(__file__).parents[2] / "designs" / "iris-tower"
FACTOR = 0.004  # mL/s per mm of head and mm2 of opening


@dataclass(frozen=True)
class Plug:
    """Channels filled with felt: the flow is proportional to the head and to the area (Darcy's law)."""

    name: str = "plug"

    def branch_ml_s(self, bucket, pipes, j, head_mm):
        return FACTOR * pipes[j].area_mm2 * np.maximum(head_mm, 0.0)

    def opening(self, bucket, pipes, j):
        return Opening(0.0, pipes[j].area_mm2, 1.0)

    def breaks_mm(self, bucket, pipes, j):
        return ()


def test_a_bucket_empties_as_an_exponential():
    design = files.load(TOWER, "design")
    bucket = design.buckets[0]
    pipes = design.branches(bucket.name)
    (plan_mm2,) = bucket.slab_areas_mm2
    above_ml = 0.6 * (bucket.capacity_ml - bucket.threshold_ml)
    times = np.linspace(0.0, 4.0, 9)
    run = simulate.run(design, Pour.of({bucket.name: bucket.threshold_ml + above_ml}), times, law=Plug(), water="ideal")
    rate = FACTOR * sum(pipe.area_mm2 for pipe in pipes) * 1000.0 / plan_mm2
    expected = bucket.threshold_ml + above_ml * np.exp(-rate * times)
    assert run.volumes_ml[:, 0] == pytest.approx(expected, abs=1e-6)
    assert 0.05 < np.exp(-rate * times[-1]) < 0.5  # the curve is looked at where it bends
