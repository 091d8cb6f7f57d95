"""How fast networks are trained and judged, against torch's Adam where torch is installed.

scripts/bench learn            all sections
scripts/bench learn fit torch  some of them
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from porcelain.check.tolerance import tolerance
from porcelain.data import load, made
from porcelain.learn import error_rate, fit
from porcelain.learn.descent import descend, one_thread
from porcelain.learn.objective import Loss, Objective
from porcelain.learn.shape import Shape

IRIS = load("iris")
WATER = 10.0 * IRIS.features
SHAPE = Shape.full((4, 3, 3))
TARGET = 0.0511
TRIALS = 20


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time: both sides use one thread, and a busy machine must not decide a comparison."""
    start = time.process_time()
    work()
    return time.process_time() - start


def until(target: float, seed: int) -> None:
    """Restart L-BFGS until the loss is reached."""
    loss = Loss(WATER, IRIS.labels, SHAPE, Objective())
    for start in range(1000):
        rng = np.random.default_rng([seed, start])
        if descend(loss, SHAPE, WATER, "lbfgs", rng, start)[0] <= target:
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
    network = fit(IRIS, recipe="iris", folds=0)
    tolerance(network, IRIS, machines=500)
    seconds = timed(lambda: tolerance(network, IRIS, machines=10_000))
    print(f"10,000 machines x 150 flowers: {seconds:.2f} s (bar 2 s)")


def bench_points() -> None:
    for name in ("xor", "circle"):
        network = fit(made(name), recipe=name, folds=0)
        accuracy = 1 - error_rate(network, made(name, 4000, 1))
        print(
            f"{name} {'-'.join(map(str, network.widths))}, {network.n_pipes} pipes: {accuracy:.2%} of 4,000 new points"
        )


def bench_tables() -> None:
    """Test error of one layer and a constant bucket, 30 % held out, water and l2 chosen on the other 70 %."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    from porcelain.learn.estimator import PeLUClassifier

    for name, splits in (("wine", 5), ("breast-cancer", 5), ("digits", 3)):
        data = load(name)
        errors = []
        for seed in range(splits):
            halves = train_test_split(
                data.features, data.labels, test_size=0.3, stratify=data.labels, random_state=seed
            )
            x, x_new, y, y_new = halves
            linear = make_pipeline(MinMaxScaler(), LogisticRegression(C=10, max_iter=5000)).fit(x, y)
            grid = {"span_u": [5.0, 20.0, 50.0], "l2": [1e-4, 1e-3]}
            ours = GridSearchCV(PeLUClassifier(restarts=1), grid, cv=3).fit(x, y)
            errors.append((1 - ours.score(x_new, y_new), 1 - linear.score(x_new, y_new)))
        mean, sd = np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1)
        print(f"{name}: PeLU {mean[0]:.2%} (sd {sd[0]:.2%}), logistic regression {mean[1]:.2%} (sd {sd[1]:.2%})")


def main() -> None:
    sections = sys.argv[1:] or ["fit", "torch", "tolerance", "points", "tables"]
    ours = bench_fit() if "fit" in sections else None
    if "torch" in sections:
        bench_torch(ours)
    for name in sections:
        if name not in ("fit", "torch"):
            {"tolerance": bench_tolerance, "points": bench_points, "tables": bench_tables}[name]()


if __name__ == "__main__":
    main()
