import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra: frames)")

from porcelain.check import monte_carlo as module
from porcelain.check.monte_carlo import JOB, run_jobs
from porcelain.check.tolerance import Faults, draw_machines
from porcelain.data import load
from porcelain.errors import FileError, PorcelainError
from porcelain.learn import fit

IRIS = load("iris")


@pytest.fixture(scope="module")
def network():
    return fit(IRIS, (), folds=0, restarts=2)


def test_a_study_equals_the_short_way_and_leaves_its_parts(network, tmp_path):
    found = run_jobs(network, IRIS, tmp_path, machines=JOB + 1)
    np.testing.assert_array_equal(found.accuracies, draw_machines(network, IRIS, machines=2 * JOB).accuracies)
    assert sorted(path.name for path in tmp_path.glob("*.parquet")) == ["part-00000.parquet", "part-00001.parquet"]


def test_an_interrupted_study_goes_on_where_it_stopped(network, tmp_path, monkeypatch):
    real, done = module.job, []

    def stops_after_one(draws, number):
        if done:
            raise KeyboardInterrupt
        done.append(number)
        return real(draws, number)

    monkeypatch.setattr(module, "job", stops_after_one)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(network, IRIS, tmp_path, machines=3 * JOB)
    assert len(list(tmp_path.glob("*.parquet"))) == 1
    computed = []
    monkeypatch.setattr(module, "job", lambda draws, number: computed.append(number) or real(draws, number))
    found = run_jobs(network, IRIS, tmp_path, machines=3 * JOB)
    assert computed == [1, 2]
    np.testing.assert_array_equal(found.accuracies, draw_machines(network, IRIS, machines=3 * JOB).accuracies)


def test_another_study_is_refused_its_folder(network, tmp_path):
    run_jobs(network, IRIS, tmp_path, machines=1)
    for changed in ({"seed": 1}, {"faults": Faults(area_sd=0.1)}):
        with pytest.raises(FileError, match="another machine"):
            run_jobs(network, IRIS, tmp_path, machines=1, **changed)
    (tmp_path / "part-00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(FileError, match="delete it"):
        run_jobs(network, IRIS, tmp_path, machines=1)


@pytest.mark.filterwarnings("ignore")  # warnings of dask's own event loops are not ours to judge
def test_workers_of_a_cluster_change_nothing(network, tmp_path):
    distributed = pytest.importorskip("distributed", reason="dask is not installed (extra: cluster)")
    alone = run_jobs(network, IRIS, tmp_path / "alone", machines=3 * JOB)
    for workers in (1, 2):
        with distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster:
            folder = tmp_path / str(workers)
            found = run_jobs(network, IRIS, folder, machines=3 * JOB, cluster=cluster.scheduler_address)
        np.testing.assert_array_equal(found.accuracies, alone.accuracies)
        for path in folder.glob("*.parquet"):
            assert path.read_bytes() == (tmp_path / "alone" / path.name).read_bytes()


def test_no_scheduler_is_one_clear_line(network, tmp_path):
    pytest.importorskip("distributed", reason="dask is not installed (extra: cluster)")
    with pytest.raises(PorcelainError, match="check the address"):
        run_jobs(network, IRIS, tmp_path, machines=1, cluster="nowhere")
