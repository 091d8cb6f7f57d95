"""Two touching pipes against closed forms, an independent library and the first law."""

import numpy as np
import pytest
from ht import effectiveness_NTU_method
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain.errors import PorcelainError
from porcelain.exchange.thermal import WATER_HEAT_J_ML_K, HeatExchanger, Stream, warm_up


def pair(hot_flow=10.0, cold_flow=4.0, conductance=80.0, counterflow=True, loss=0.0, room=20.0, length=500.0):
    return HeatExchanger(Stream(80.0, hot_flow), Stream(15.0, cold_flow), length, conductance, counterflow, loss, room)


CASES = [
    pytest.param(h, c, g, counter, id=f"{h}-{c}-{g}-{'counter' if counter else 'parallel'}")
    for h, c, g in ((10.0, 4.0, 80.0), (10.0, 10.0, 80.0), (3.0, 10.0, 200.0))
    for counter in (True, False)
]


@pytest.mark.parametrize(("hot_flow", "cold_flow", "conductance", "counterflow"), CASES)
def test_the_steady_state_is_the_referees(hot_flow, cold_flow, conductance, counterflow):
    e = pair(hot_flow, cold_flow, conductance, counterflow)
    referee = effectiveness_NTU_method(
        mh=hot_flow,
        mc=cold_flow,
        Cph=WATER_HEAT_J_ML_K,
        Cpc=WATER_HEAT_J_ML_K,
        subtype="counterflow" if counterflow else "parallel",
        Thi=80.0,
        Tci=15.0,
        UA=conductance * 0.5,
    )
    hot, cold = e.steady(np.array([0.0, 500.0]))
    cold_out = cold[0] if counterflow else cold[1]
    assert hot[1] == pytest.approx(referee["Tho"], rel=1e-10)
    assert cold_out == pytest.approx(referee["Tco"], rel=1e-10)
    assert e.effectiveness == pytest.approx(referee["effectiveness"], rel=1e-10)
    assert e.ntu == pytest.approx(referee["NTU"], rel=1e-10)
    run = warm_up(e)
    assert run.status == "settled"
    assert run.effectiveness == pytest.approx(referee["effectiveness"], rel=1e-6)
    assert run.hot_out_c[-1] == pytest.approx(referee["Tho"], rel=1e-6)
    assert run.cold_out_c[-1] == pytest.approx(referee["Tco"], rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    hot=st.floats(1, 20),
    cold=st.floats(1, 20),
    conductance=st.floats(0, 200),
    loss=st.floats(0, 20),
    counterflow=st.booleans(),
    room=st.floats(0, 90),
    end_s=st.floats(0.5, 60),
)
def test_heat_is_never_lost_count_of_nor_made_from_nothing(hot, cold, conductance, loss, counterflow, room, end_s):
    run = warm_up(pair(hot, cold, conductance, counterflow, loss, room), cells=40, end_s=end_s)
    assert abs(run.balance_j) <= 1e-10 * run.moved_j
    assert run.times_s[-1] == pytest.approx(end_s, rel=1e-9)
    everything = np.concatenate([run.hot_c.ravel(), run.cold_c.ravel(), run.hot_out_c, run.cold_out_c])
    # A third-order scheme is not monotone: a sharp front on 40 cells overshoots by up to 0.4 % in 700 drawn cases.
    low, high = min(15.0, room), max(80.0, room)
    assert everything.min() >= low - 1e-2 * (high - low)
    assert everything.max() <= high + 1e-2 * (high - low)


@pytest.mark.parametrize("loss", [0.0, 5.0])
@pytest.mark.parametrize("counterflow", [True, False])
def test_halving_the_cells_size_divides_the_error_by_eight(counterflow, loss):
    e = pair(counterflow=counterflow, loss=loss)
    exact = e.steady(np.array([500.0]))[0][0]
    errors = [abs(warm_up(e, cells=n).hot_out_c[-1] - exact) for n in (25, 50, 100)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 2.7).all(), errors


def test_the_whole_profile_is_the_exact_one():
    e = pair(loss=3.0)
    run = warm_up(e, cells=100)
    fine = (np.arange(2000) + 0.5) * 500.0 / 2000
    for ours, exact in zip((run.hot_c[-1], run.cold_c[-1]), e.steady(fine), strict=True):
        np.testing.assert_allclose(ours, exact.reshape(100, 20).mean(axis=1), atol=1e-4)


def test_without_contact_a_front_arrives_when_the_water_does():
    e = pair(conductance=0.0)
    run = warm_up(e, cells=400, end_s=60.0)
    half = np.interp(50.0, run.hot_out_c[: np.argmax(run.hot_out_c) + 1], run.times_s[: np.argmax(run.hot_out_c) + 1])
    assert half == pytest.approx(500.0 / e.hot.speed_mm_s, rel=0.05)
    assert run.hot_out_c[-1] == pytest.approx(80.0, abs=1e-6)


def test_counterflow_beats_parallel_and_can_warm_past_the_leaving_hot_water():
    counter, parallel = pair(8.0, 8.0, 300.0), pair(8.0, 8.0, 300.0, counterflow=False)
    assert counter.effectiveness > 0.75 > 0.5 > parallel.effectiveness - 1e-9
    hot, cold = counter.steady(np.array([0.0, 500.0]))
    assert cold[0] > hot[1] + 20


def test_a_run_cut_short_says_so():
    run = warm_up(pair(), end_s=1.0)
    assert run.status == "changing"
    assert "run longer" in run.message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stream(np.nan, 1.0), "inlet_c is nan"),
        (lambda: Stream(20.0, 0.0), "flow_ml_s is 0.0"),
        (lambda: pair(conductance=-1.0), "heat flows from hot to cold"),
        (lambda: pair(length=0.0), "length_mm is 0.0"),
        (lambda: warm_up(pair(), cells=2), "at least 4 cells"),
        (lambda: warm_up(pair(), end_s=-1.0), "end_s is -1.0"),
    ],
)
def test_bad_input_is_told_in_one_line(make, message):
    with pytest.raises(PorcelainError, match=message):
        make()


@pytest.mark.parametrize("counterflow", [True, False])
@pytest.mark.parametrize("ratio", [1.0, 0.999, 0.8, 0.25])
@pytest.mark.parametrize("ntu", np.logspace(-3, 4, 15))
def test_the_steady_state_holds_at_any_number_of_transfer_units(ntu, ratio, counterflow):
    flow = 10.0
    conductance = ntu * ratio * flow * WATER_HEAT_J_ML_K / 0.5
    e = pair(flow, ratio * flow, conductance, counterflow)
    referee = effectiveness_NTU_method(
        mh=flow,
        mc=ratio * flow,
        Cph=WATER_HEAT_J_ML_K,
        Cpc=WATER_HEAT_J_ML_K,
        subtype="counterflow" if counterflow else "parallel",
        Thi=80.0,
        Tci=15.0,
        UA=conductance * 0.5,
    )
    hot, cold = e.steady(np.linspace(0.0, 500.0, 101))
    assert hot[-1] == pytest.approx(referee["Tho"], abs=65e-9)
    assert (cold[0] if counterflow else cold[-1]) == pytest.approx(referee["Tco"], abs=65e-9)
    assert e.effectiveness == pytest.approx(referee["effectiveness"], abs=1e-9)
    assert np.all(np.concatenate([hot, cold]) > 15.0 - 1e-9)
    assert np.all(np.concatenate([hot, cold]) < 80.0 + 1e-9)


@settings(max_examples=40, deadline=None)
@given(
    ntu=st.floats(-3, 2.5),
    ratio=st.floats(0.1, 1.0),
    loss=st.sampled_from([0.0, 1e-6, 1.0, 50.0]),
    counterflow=st.booleans(),
)
def test_the_steady_state_solves_its_equations(ntu, ratio, loss, counterflow):
    conductance = 10.0**ntu * 10.0 * ratio * WATER_HEAT_J_ML_K / 0.5
    e = pair(10.0, 10.0 * ratio, conductance, counterflow, loss)
    along = np.linspace(0.0, 500.0, 7)
    h = 1e-4 * 500.0 / (1.0 + 10.0**ntu)
    inside = np.clip(along, 2 * h, 500.0 - 2 * h)
    hot, cold = e.steady(inside)
    steps = [e.steady(inside + k * h) for k in (-2, -1, 1, 2)]
    slopes = [(steps[0][s] - 8 * steps[1][s] + 8 * steps[2][s] - steps[3][s]) / (12 * h) for s in range(2)]
    g, lost = conductance / 1000.0, loss / 1000.0
    flux = np.array([g * (cold - hot) + lost * (20.0 - hot), g * (hot - cold) + lost * (20.0 - cold)])
    direction = -1.0 if counterflow else 1.0
    carried = np.array([e.hot.capacity_w_k * slopes[0], direction * e.cold.capacity_w_k * slopes[1]])
    scale = (g + lost) * 65.0
    assert carried == pytest.approx(flux, abs=1e-6 * scale)
    assert e.steady(np.array([0.0]))[0][0] == pytest.approx(80.0, abs=1e-9)
    assert e.steady(np.array([500.0 if counterflow else 0.0]))[1][0] == pytest.approx(15.0, abs=1e-9)


def test_parallel_flow_settles_at_many_transfer_units_by_more_cells():
    smaller = 2.5 * WATER_HEAT_J_ML_K
    e = pair(10.0, 2.5, 718.0 * smaller / 0.5, counterflow=False)
    run = warm_up(e)
    assert run.status == "settled"
    assert run.effectiveness == pytest.approx(0.8, abs=1e-6)


def test_a_run_with_too_few_cells_says_how_many_are_needed():
    smaller = 4.0 * WATER_HEAT_J_ML_K
    e = pair(5.0, 4.0, 54.0 * smaller / 0.5, counterflow=False)
    run = warm_up(e, cells=40)
    assert run.status == "changing"
    assert f"use {e.cells_needed} cells, not 40" in run.message
    assert warm_up(e, cells=e.cells_needed).status == "settled"


def test_equal_inlets_have_no_effectiveness():
    e = HeatExchanger(Stream(40.0, 5.0), Stream(40.0, 5.0), room_c=40.0)
    assert np.isnan(warm_up(e).effectiveness)


@pytest.mark.parametrize("impossible", [-300.0, -273.16])
def test_nothing_is_colder_than_absolute_zero(impossible):
    with pytest.raises(PorcelainError, match="colder"):
        Stream(impossible, 5.0)
    with pytest.raises(PorcelainError, match="colder"):
        HeatExchanger(Stream(40.0, 5.0), Stream(30.0, 5.0), room_c=impossible)
