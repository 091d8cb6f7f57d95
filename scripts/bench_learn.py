"""How fast networks are trained and judged, against torch's Adam where torch is installed.

scripts/bench learn            all sections: fit torch tolerance sparse robust points tables
scripts/bench learn fit torch  some of them
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from porcelain.check.tolerance import Faults, draw_machines
from porcelain.data import load, made
from porcelain.learn import fit
from porcelain.learn.objective import Loss, Objective
from porcelain.learn.optimizers import one_thread, optimize
from porcelain.learn.topology import Topology

IRIS = load("iris")
WATER = 10.0 * IRIS.features
TOPOLOGY = Topology.full((4, 3, 3))
TARGET = 0.0511
TRIALS = 20


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time: both sides use one thread, and a busy machine must not decide a comparison."""
    start = time.process_time()
    work()
    return time.process_time() - start


def until(target: float, seed: int) -> None:
    """Restart L-BFGS until the loss is reached."""
    loss = Loss(WATER, IRIS.labels, TOPOLOGY, Objective())
    for start in range(1000):
        rng = np.random.default_rng([seed, start])
        if optimize(loss, TOPOLOGY, WATER, "lbfgs", rng, start)[0] <= target:
            return
    raise SystemExit(f"no start of 1000 reached {target}")


def bench_fit() -> float:
    """Median seconds of L-BFGS restarts to the article's loss."""
    with one_thread():
        until(TARGET, 0)  # compile
        seconds = sorted(timed(lambda seed=seed: until(TARGET, seed)) for seed in range(60))
    print(f"L-BFGS to loss {TARGET}: median {statistics.median(seconds):.3f} s, p90 {seconds[53]:.3f} s, 60 seeds")
    whole = [timed(lambda seed=seed: fit(IRIS, seed=seed, folds=0)) for seed in range(10)]
    print(f"fit(iris), no folds: median {statistics.median(whole):.2f} s, max {max(whole):.2f} s")
    return statistics.median(seconds)


def bench_torch(ours: float | None = None) -> None:
    """The article's loop: Adam at 0.01 until the same loss, at most 20,000 steps."""
    try:
        import torch
    except ImportError:
        print("torch is not installed: no comparison")
        return
    from porcelain.learn.torch_module import PeLU

    torch.set_num_threads(1)
    water, labels = torch.tensor(WATER, dtype=torch.float32), torch.tensor(IRIS.labels)

    def train(seed: int) -> float:
        torch.manual_seed(seed)
        model = torch.nn.Sequential(PeLU(4, 3), PeLU(3, 3))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(20_000):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(water), labels)
            if loss.item() <= TARGET:
                break
            loss.backward()
            optimizer.step()
        return loss.item()

    runs, reached = [], 0
    for seed in range(8):
        start = time.process_time()
        reached += train(seed) <= TARGET
        runs.append(time.process_time() - start)
    median = statistics.median(runs)
    print(f"torch {torch.__version__} Adam to loss {TARGET}: median {median:.2f} s, {reached} of 8 seeds reach it")
    if ours:
        print(f"ratio {median / ours:.0f}x (bar 15x)")


def bench_tolerance() -> None:
    """Processor time of the study that the command makes by default."""
    network = fit(IRIS, recipe="iris", folds=0)
    draw_machines(network, IRIS, machines=500)
    seconds = timed(lambda: draw_machines(network, IRIS, machines=10_000))
    print(f"10,000 machines x 150 flowers: {seconds:.2f} s of one core (bar 2 s on two)")


def bench_sparse() -> None:
    """Iris with few pipes; the error on new rows prunes anew in every fold."""
    asked = [
        ((3,), 10, False, "2.00 %", "-"),
        ((3,), 8, False, "2.67 %", "-"),
        ((), 6, False, "2.00 %", "-"),
        ((3,), 9, True, "2.67 %", "3.50 %"),
    ]
    header("topology", "pipes", "planar", "training error", "bar", "error on new rows", "bar")
    for hidden, pipes, planar, bar, cv_bar in asked:
        leading = Objective(margin_u=2.0 if planar else 0.0)  # nothing to lose but crossings: a lead keeps new rows
        network = fit(IRIS, hidden, pipes=pipes, planar=planar, repeats=4, objective=leading)
        p = network.provenance
        scores = p["training_error"], bar, p["cross_validation"]["error"], cv_bar
        row("-".join(map(str, network.widths)), network.n_pipes, "yes" if planar else "no", *scores)


def bench_robust() -> None:
    """Iris 4-3-3 with 5 % of noise on areas and 0.3 u on thresholds, 10,000 machines."""
    noisy = Objective(sharpness=2.0, margin_u=2.0, draws=32, area_sd=0.07)
    asked = [
        ("plain", {}, "-", "-", "-"),
        ("noise-aware, 21 pipes", {"objective": noisy, "restarts": 12}, "2.00 %", "2.20 %", "96.0 %"),
        ("recipe iris", {"recipe": "iris"}, "2.00 %", "2.20 %", "96.0 %"),
    ]
    header("trained", "pipes", "error", "bar", "error with noise", "bar", "5th percentile of accuracy", "bar")
    for name, recipe, *bars in asked:
        network = fit(IRIS, folds=0, **recipe)
        found = draw_machines(network, IRIS, Faults(pour_sd=0.0))
        scores = 1.0 - found.nominal, bars[0], 1.0 - found.mean, bars[1], found.percentile(5), bars[2]
        row(name, network.n_pipes, *scores)


def bench_points() -> None:
    """What a hidden tier is for: 500 points to learn from, 4,000 new ones, six draws of both; noise as for Iris."""
    header("points", "topology", "pipes", "accuracy, mean of 6", "bar", "worst of 6", "with noise", "5th percentile")
    for name, bar in (("xor", "99.0 %"), ("circle", "97.5 %")):
        pairs = [
            (fit(made(name, 500, seed), recipe=name, seed=seed, folds=0), made(name, 4000, 1000 + seed))
            for seed in range(6)
        ]
        found = [draw_machines(network, new, Faults(pour_sd=0.0), machines=1000) for network, new in pairs]
        topology, pipes = "-".join(map(str, pairs[0][0].widths)), pairs[0][0].n_pipes
        nominal, mean, fifth = np.array([(one.nominal, one.mean, one.percentile(5)) for one in found]).T
        row(name, topology, pipes, np.mean(nominal), bar, min(nominal), np.mean(mean), np.mean(fifth))


def bench_tables() -> None:
    """Test error with 30 % held out of PeLUClassifier's defaults: nothing is chosen, so nothing by the test rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedShuffleSplit, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    from porcelain.learn.estimator import PeLUClassifier

    linear = make_pipeline(MinMaxScaler(), LogisticRegression(C=10, max_iter=5000))
    header("data", "splits", "PeLU", "sd", "logistic regression", "sd", "reference, five other splits")
    for name, splits, bar in (("wine", 30, "0.74 %"), ("breast-cancer", 30, "3.27 %"), ("digits", 10, "3.40 %")):
        data, cv = load(name), StratifiedShuffleSplit(splits, test_size=0.3, random_state=0)
        ours, theirs = (
            1.0 - cross_val_score(model, data.features, data.labels, cv=cv) for model in (PeLUClassifier(), linear)
        )
        row(name, splits, ours.mean(), ours.std(ddof=1), theirs.mean(), theirs.std(ddof=1), bar)


def header(*titles: str) -> None:
    print("\n| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")


def row(*cells: object) -> None:
    """One line of a table; fractions as percentages."""
    print(
        "| " + " | ".join(f"{cell:.2%}" if isinstance(cell, float) else str(cell) for cell in cells) + " |", flush=True
    )


SECTIONS = {
    "tolerance": bench_tolerance,
    "sparse": bench_sparse,
    "robust": bench_robust,
    "points": bench_points,
    "tables": bench_tables,
}


def main() -> None:
    sections = sys.argv[1:] or ["fit", "torch", *SECTIONS]
    ours = bench_fit() if "fit" in sections else None
    if "torch" in sections:
        bench_torch(ours)
    for name in sections:
        if name not in ("fit", "torch"):
            SECTIONS[name]()


if __name__ == "__main__":
    main()
