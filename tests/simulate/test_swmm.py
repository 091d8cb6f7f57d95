"""The exported network is the same machine to another simulator."""

import numpy as np
import pyswmm
import pytest
from machines import machine, network

from porcelain.errors import PorcelainError
from porcelain.pour import Pour
from porcelain.simulate import steady_state
from porcelain.simulate.swmm import to_swmm

DESIGN = machine(network((4, 3, 3)))
VOLUMES = [20.0, 30.0, 15.0, 10.0]
POUR = Pour.of({f"b0.{i}": v for i, v in enumerate(VOLUMES)}, rate_ml_s=5.0)


def test_every_part_is_written():
    text = to_swmm(DESIGN, POUR, 20.0)
    outlets = text.split("[OUTLETS]")[1].split("[")[0].splitlines()
    assert sum(line.startswith("p") for line in outlets) == len(DESIGN.pipes)
    factor = float(next(line for line in outlets if line.startswith("p0.0-0 ")).split()[5])
    pipe = DESIGN.pipes[0]
    assert factor == pytest.approx(0.62 * pipe.area_mm2 * np.sqrt(2 * 9806.65))
    assert text == to_swmm(DESIGN, POUR, 20.0)


def test_water_poured_at_once_is_refused():
    with pytest.raises(PorcelainError, match="duration"):
        to_swmm(DESIGN, Pour.of({"b0.0": 5.0}), 20.0)


def test_swmm_agrees(tmp_path):
    path = tmp_path / "machine.inp"
    path.write_text(to_swmm(DESIGN, POUR, 20.0))
    with pyswmm.Simulation(str(path)) as sim:
        nodes = pyswmm.Nodes(sim)
        for _ in sim:
            pass
        ends = np.array([nodes[v.name].volume for v in DESIGN.vessels]) / 1000.0
    assert np.abs(ends - steady_state(DESIGN, VOLUMES)[0]).max() <= 2e-4 * POUR.total_ml
