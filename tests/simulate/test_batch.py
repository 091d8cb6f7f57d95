"""Many pours at once are the same pours one by one."""

import numpy as np
import pytest
from machines import machine, network

from porcelain import simulate
from porcelain.errors import PorcelainError
from porcelain.pour import Piece, Pour
from porcelain.simulate import run_many, steady_state
from porcelain.simulate.batch import stream

DESIGN = machine(network((4, 3, 3)), slabs=(1.0, 1.2))
VOLUMES = np.random.default_rng(3).uniform(0, 40, (37, 4))


@pytest.mark.parametrize("schedule", [{"rate_ml_s": 5.0}, {"duration_s": 4.0}, {}], ids=["rate", "duration", "at once"])
def test_batch_is_single_runs(schedule):
    times = np.array([0.0, 0.7, 2.2, 4.0, 6.1, 30.0])
    top_ups = (Piece("b0.1", 3.0, 1.0, 5.0),)
    batch = run_many(DESIGN, VOLUMES, times_s=times, flows=True, top_ups=top_ups, tolerance=1e-8, **schedule)
    for k in (0, 5, 16, 36):
        pour = Pour.of({f"b0.{i}": v for i, v in enumerate(VOLUMES[k])}, **schedule) + Pour(top_ups)
        run = simulate.run(DESIGN, pour, times, tolerance=1e-8)
        assert np.abs(batch.volumes_ml[k] - run.volumes_ml).max() <= 2e-8 * pour.total_ml
        assert np.abs(batch.flows_ml_s[k] - run.flows_ml_s).max() <= 1e-4
        assert np.abs(batch.spilled_ml[k] - run.spilled_ml[-1]).max() <= 1e-6
    assert batch.residual.max() <= 1e-12
    assert batch.settled.all()


def test_ends_are_the_ideal_equation_whatever_the_threads():
    one, two = (run_many(DESIGN, VOLUMES, rate_ml_s=5.0, threads=n) for n in (1, 2))
    ideal = steady_state(DESIGN, VOLUMES)
    assert np.array_equal(one.cups_ml, two.cups_ml)
    assert np.abs(one.cups_ml - ideal[:, -3:]).max() <= 1e-12 * VOLUMES.sum(axis=1).max()
    assert np.abs(one.retained_ml - ideal[:, :-3]).max() <= 1e-12 * VOLUMES.sum(axis=1).max()
    assert np.array_equal(one.winner, ideal[:, -3:].argmax(axis=1))
    assert set(one.status) == {"settled"}
    single = simulate.run(DESIGN, Pour.of({f"b0.{i}": v for i, v in enumerate(VOLUMES[9])}, rate_ml_s=5.0))
    assert one.settled_at_s[9] == pytest.approx(single.settled_at_s, abs=1e-4)


def test_unfinished_pours_say_so():
    batch = run_many(DESIGN, VOLUMES, rate_ml_s=5.0, times_s=[0.0, 2.0])
    assert set(batch.status) == {"running"}
    assert np.isnan(batch.settled_at_s).all()
    assert batch.residual.max() <= 1e-12


def test_real_water_in_lanes():
    design = machine(network((3, 2, 2)), kind="weir")
    volumes = np.random.default_rng(0).uniform(5, 30, (20, 3))
    batch = run_many(design, volumes, rate_ml_s=4.0, law="slots", water="rinse_aid", tolerance=1e-8)
    for k in (0, 7, 19):
        run = simulate.run(
            design,
            Pour.of({f"b0.{i}": v for i, v in enumerate(volumes[k])}, rate_ml_s=4.0),
            law="slots",
            water="rinse_aid",
            tolerance=1e-8,
        )
        assert np.abs(batch.cups_ml[k] - run.answer_ml).max() <= 1e-4 * volumes[k].sum()


def test_stream_to_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "pours.parquet"
    assert stream(DESIGN, VOLUMES, path, rate_ml_s=5.0) == 37
    table = pyarrow.read_table(path)
    assert table.num_rows == 37
    assert np.allclose(table["c1_ml"], run_many(DESIGN, VOLUMES, rate_ml_s=5.0).cups_ml[:, 1])


def test_a_stream_is_whole_or_not_at_all(tmp_path):
    pyarrow = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "pours.parquet"
    start = np.random.default_rng(3).uniform(0.0, 4.0, (len(VOLUMES), 10))
    stream(DESIGN, VOLUMES, path, rate_ml_s=5.0, start_ml=start)
    alone = run_many(DESIGN, VOLUMES[5:6], rate_ml_s=5.0, start_ml=start[5])
    assert pyarrow.read_table(path)["c0_ml"][5].as_py() == pytest.approx(alone.cups_ml[0, 0], rel=1e-9)
    before = path.read_bytes()
    with pytest.raises(PorcelainError):
        stream(DESIGN, VOLUMES, path, rate_ml_s=-1.0)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    with pytest.raises(PorcelainError, match="cannot write"):
        stream(DESIGN, VOLUMES, path / "pours.parquet", rate_ml_s=5.0)  # below a file


@pytest.mark.parametrize(
    ("volumes", "options", "word"),
    [
        (np.ones((3, 2)), {}, "needed"),
        (-np.ones((3, 4)), {}, ">= 0"),
        (np.ones((3, 4)), {"top_ups": (Piece("c0", 0.0, 1.0, 1.0),)}, "input bucket"),
        (np.ones((3, 4)), {"rate_ml_s": -1.0}, "rate"),
        (np.full((3, 4), np.nan), {}, "nan"),
        (np.ones((3, 4)), {"start_ml": [np.nan] * 10}, "finite"),
        (np.ones((3, 4)), {"start_ml": [-1.0] * 10}, "less than 0"),
        (np.ones((3, 4)), {"start_ml": np.ones((2, 10))}, "shape"),
        (np.ones((3, 4)), {"gates_s": "full"}, "unknown gates"),
        (np.ones((3, 4)), {"stop_when": {"c0": 1.0}}, "for one pour"),
        (np.ones((3, 4)), {"toleranse": 1e-6}, "did you mean"),
    ],
)
def test_impossible_batches_are_refused(volumes, options, word):
    with pytest.raises(PorcelainError, match=word):
        run_many(DESIGN, volumes, **options)


def test_pours_of_different_schedules_are_single_runs():
    rng = np.random.default_rng(5)
    pours = [
        Pour(
            tuple(
                Piece(f"b0.{rng.integers(4)}", rng.uniform(0, 5), rng.choice([0.0, 1.7]), rng.uniform(1, 9), 0.5)
                for _ in range(n)
            )
        )
        for n in (0, 1, 9, 5, 12, 3)
    ]
    times = np.linspace(0.0, 9.0, 77)
    batch = run_many(DESIGN, pours, times_s=times, tolerance=1e-8)
    assert batch.residual.max() <= 1e-12
    for k, pour in enumerate(pours):
        run = simulate.run(DESIGN, pour, times, tolerance=1e-8)
        assert np.abs(batch.volumes_ml[k] - run.volumes_ml).max() <= 2e-8 * max(pour.total_ml, 1.0)
    ends = run_many(DESIGN, pours, tolerance=1e-4)
    poured = np.array([pour.volumes_ml([f"b0.{i}" for i in range(4)]) for pour in pours])
    assert np.abs(ends.cups_ml - steady_state(DESIGN, poured)[:, -3:]).max() <= 1e-11


def test_rows_are_written_where_they_are_wanted():
    times = np.linspace(0.0, 8.0, 81)
    out = np.full((len(VOLUMES), len(times), len(DESIGN.vessels)), np.nan)
    asked = run_many(DESIGN, VOLUMES, rate_ml_s=5.0, times_s=times, flows=True, out=out)
    fresh = run_many(DESIGN, VOLUMES, rate_ml_s=5.0, times_s=times, flows=True)
    assert np.shares_memory(asked.volumes_ml, out)
    assert np.array_equal(asked.volumes_ml, fresh.volumes_ml)
    assert np.array_equal(asked.flows_ml_s, fresh.flows_ml_s)


@pytest.mark.parametrize("shape", [(36, 81, 10), (37, 10, 81)])
def test_room_of_another_shape_is_refused(shape):
    with pytest.raises(PorcelainError, match=r"\(37, 81, 10\) is needed"):
        run_many(DESIGN, VOLUMES, rate_ml_s=5.0, times_s=np.linspace(0.0, 8.0, 81), out=np.empty(shape))
