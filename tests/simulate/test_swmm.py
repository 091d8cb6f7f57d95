"""The exported network is the same machine to another simulator."""

import numpy as np
import pyswmm
import pytest
from machines import machine, network

from porcelain import simulate
from porcelain.errors import PorcelainError
from porcelain.pour import Pour
from porcelain.simulate import SimulateOptions
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


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"water": "tap"}, "choose water ideal"),
        ({"law": "weir"}, "choose water ideal"),
        ({"gates_s": {0: 1.0}}, "gates_s"),
        ({"transit_s": "slide"}, "transit_s"),
        ({"overflow_to": {"b0.0": "c0"}}, "overflow_to"),
    ],
)
def test_what_the_file_does_not_hold_is_refused(options, word):
    with pytest.raises(PorcelainError, match=word):
        to_swmm(DESIGN, POUR, 20.0, options=SimulateOptions(**options))


def test_units_are_explained_and_days_are_counted():
    text = to_swmm(DESIGN, POUR, 86_500.2)
    assert text.startswith(";;")
    assert "END_DATE 01/02/2000" in text
    assert "END_TIME 00:01:41" in text


@pytest.mark.parametrize("until_s", [20.0, 4.3])
@pytest.mark.parametrize("start", [0.0, 0.3])
def test_swmm_agrees(tmp_path, until_s, start):
    """Also at a part of a second, which is rounded up, and from water that stands there before."""
    path = tmp_path / "machine.inp"
    start_ml = start * np.array([vessel.capacity_ml for vessel in DESIGN.vessels])
    path.write_text(to_swmm(DESIGN, POUR, until_s, options=SimulateOptions(start_ml=start_ml)))
    run = simulate.run(DESIGN, POUR, [np.ceil(until_s)], start_ml=start_ml)
    with pyswmm.Simulation(str(path)) as sim:
        nodes = pyswmm.Nodes(sim)
        for _ in sim:
            pass
        ends = np.array([nodes[v.name].volume for v in DESIGN.vessels]) / 1000.0
    assert np.abs(ends - run.volumes_ml[-1]).max() <= 1e-3 * (POUR.total_ml + start_ml.sum())
