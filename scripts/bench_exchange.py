"""Every figure that is claimed for the Neural Heat Exchanger, measured: scripts/bench exchange [SECTION ...].

Sections: article, speed, circle, early, tables, water, thermal. Threads are held to one; times are CPU times of one
run, compiled code warm.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score

from porcelain.data import load, made
from porcelain.encoding import Encoding
from porcelain.exchange import ExchangerClassifier, from_sections, train
from porcelain.exchange.article import circle, doubled_labels, learn, pipes
from porcelain.exchange.pelu import TrainingOptions, teach
from porcelain.exchange.task import Task, load_task
from porcelain.exchange.thermal import HeatExchanger, Stream, warm_up

DEEP, TWO = (2, *[16] * 9, 2), (2, 32, 32, 2)
SEEDS = range(7000, 7032)  # steps and noises were chosen on others


def article() -> None:
    """What the article's machine does: accuracy, AUC, signal and weights, 20 seeds, 2,000 test points."""
    rows = []
    for seed in SEEDS[:20]:
        rng = np.random.default_rng(seed)
        what = load_task("circle", seed)
        start = from_sections(*pipes(rng=rng))
        trained = train(start, what.points, what.labels("sigmoid"), "article", rng=rng, log=False).exchanger
        row = [max(what.test_classes.mean(), 1 - what.test_classes.mean())]
        for exchanger in (start, trained):
            outputs = exchanger.predict(what.test_points).mean(axis=1)
            row += [what.accuracy(exchanger), roc_auc_score(what.test_classes, outputs), outputs.std()]
        rows.append([*row, max(np.abs(trained.forward).max(), np.abs(trained.backward).max())])
    names = (
        "majority",
        "accuracy before",
        "AUC before",
        "spread before",
        "accuracy after",
        "AUC after",
        "spread after",
        "max |w|",
    )
    print(f"{'':16} {'median':>10} {'min':>10} {'max':>10}")
    for name, column in zip(names, np.array(rows).T, strict=True):
        print(f"{name:16} {np.median(column):10.3g} {column.min():10.3g} {column.max():10.3g}")


def speed() -> None:
    """The article's 200 epochs: the plain loop against the compiled rule, same run, same updates."""
    rng = np.random.default_rng(0)
    points, labels = circle(500, rng)
    forward, backward = pipes(rng=rng)
    start = from_sections(forward, backward)
    train(start, points, doubled_labels(labels), "article", epochs=1)
    compiled, fast_s = _timed(lambda: train(start, points, doubled_labels(labels), "article", rng=1, log=False))
    _, plain_s = _timed(lambda: learn(forward, backward, points, doubled_labels(labels), rng=1))
    plain = from_sections(forward, backward)
    off = max(
        np.abs(ours - theirs).max() / np.abs(theirs).max()
        for ours, theirs in (
            (compiled.exchanger.forward, plain.forward),
            (compiled.exchanger.backward, plain.backward),
        )
    )
    print(
        f"plain NumPy {plain_s:.2f} s, compiled {fast_s:.3f} s: x{plain_s / fast_s:.0f}; largest difference {off:.1e}"
    )


def circle_table() -> None:
    """The circle, 500 points, 200 epochs, 32 seeds, 2,000 test points, against both controls."""
    print(f"{'widths':12} {'rule':9} {'median':>7} {'min':>7} {'max':>7}   CPU s a run")
    for widths, name in ((DEEP, "2-[16x9]-2"), (TWO, "2-32-32-2")):
        for rule in ("target", "backprop", "last", "delta"):
            _score(f"{name:12} {rule:9}", "circle", widths, rule, SEEDS)


def early() -> None:
    """2-32-32-2 after 20 epochs."""
    _score("2-32-32-2, 20 epochs", "circle", TWO, "target", SEEDS, epochs=20)


def tables() -> None:
    """Other data, 5-fold cross-validation of the estimator, means over 3 seeds, target against backprop."""
    sets = [("circle", 200), ("moons", 200), ("iris", 200), ("wine", 200), ("digits", 60)]
    print(f"{'data':8} {'hidden':8} {'target':>8} {'backprop':>9} {'last':>8}")
    for name, epochs in sets:
        data = made(name, 500) if name in ("circle", "moons") else load(name)
        for hidden, label in (((32, 32), "32-32"), ((16,) * 9, "16x9")):
            means = [
                np.mean(
                    [
                        cross_val_score(
                            ExchangerClassifier(hidden, rule, epochs, random_state=seed),
                            data.features,
                            data.labels,
                            cv=StratifiedKFold(5, shuffle=True, random_state=seed),
                        ).mean()
                        for seed in range(3)
                    ]
                )
                for rule in ("target", "backprop", "last")
            ]
            print(f"{name:8} {label:8} {means[0]:8.2%} {means[1]:9.2%} {means[2]:8.2%}", flush=True)


def water() -> None:
    """Iris 4-3-3 taught by local rules: 5-fold error over 10 seeds, its control, and gradients."""
    from porcelain.learn import Recipe, cross_validate

    iris, recipe = load("iris"), Recipe(min_share=0.08)
    for name, options in (
        ("exchanger", TrainingOptions()),
        ("exchanger, all 21 pipes", TrainingOptions(min_share=0.0)),
        ("only the last tier learns", TrainingOptions(only_last=True)),
    ):
        errors, seconds = _timed(
            lambda options=options: [_held_out(iris, recipe.encode, options, s) for s in range(20, 30)]
        )
        network, loss = teach(iris, recipe.encode(iris), options)
        wrong = int((network.predict(iris.features) != iris.labels).sum())
        print(
            f"{name:28} CV error {np.mean(errors):.2%} ({min(errors):.2%} to {max(errors):.2%}),"
            f" loss {loss:.4f}, {wrong} of 150 wrong, {network.n_pipes} pipes, {seconds / 50:.2f} s a fit",
            flush=True,
        )
    errors = [cross_validate(iris, recipe, seed)["error"] for seed in range(20, 30)]
    print(f"{'gradients, L-BFGS':28} CV error {np.mean(errors):.2%} ({min(errors):.2%} to {max(errors):.2%})")


def thermal() -> None:
    """Two touching pipes: error against the exact steady state, order, balance."""
    print(f"{'flow':9} {'NTU':>5} {'loss':>5}   error of the outlets at 50, 100, 200 cells   order   balance")
    for counterflow in (True, False):
        for hot, cold, g, loss in ((10.0, 4.0, 80.0, 0.0), (3.0, 10.0, 200.0, 0.0), (10.0, 10.0, 80.0, 5.0)):
            e = HeatExchanger(Stream(80.0, hot), Stream(20.0, cold), 500.0, g, counterflow, loss)
            ends = e.steady(np.array([0.0, 500.0]))
            exact = ends[0][1], ends[1][0 if counterflow else 1]
            runs = [warm_up(e, cells=n) for n in (50, 100, 200)]
            errors = [max(abs(r.hot_out_c[-1] - exact[0]), abs(r.cold_out_c[-1] - exact[1])) / 60 for r in runs]
            print(
                f"{'counter' if counterflow else 'parallel':9} {e.ntu:5.2f} {loss:5.1f}   "
                f"{'  '.join(f'{error:.1e}' for error in errors):41}  {np.log2(errors[0] / errors[1]):5.2f}"
                f"   {abs(runs[-1].balance_j) / runs[-1].moved_j:.0e}"
            )


def _score(title: str, name: str, widths: tuple[int, ...], rule: str, seeds: Iterable[int], **options: int) -> None:
    found, seconds = [], []
    for seed in seeds:
        what: Task = load_task(name, seed)
        rng = np.random.default_rng(seed)
        start = what.exchanger(rule, widths, rng)
        if not seconds:
            train(start, what.points, what.labels("tanh"), rule, epochs=1)
        trained, spent = _timed(
            lambda s=start, w=what, r=rng: train(s, w.points, w.labels("tanh"), rule, rng=r, log=False, **options)
        )
        found.append(what.accuracy(trained.exchanger))
        seconds.append(spent)
    low, middle, high = min(found), float(np.median(found)), max(found)
    print(f"{title} {middle:7.2%} {low:7.2%} {high:7.2%}   {np.median(seconds):.2f}", flush=True)


def _held_out(data, encode: Callable[..., Encoding], options: TrainingOptions, seed: int) -> float:
    wrong = 0
    for learned, held_out in data.folds(5, seed):
        part = data.take(learned)
        network, _ = teach(part, encode(part), options, seed)
        wrong += (network.predict(network.encoding.clipped(data.features[held_out])) != data.labels[held_out]).sum()
    return wrong / len(data)


def _timed(work: Callable[[], object]):
    start = time.process_time()
    done = work()
    return done, time.process_time() - start


SECTIONS = {
    "article": article,
    "speed": speed,
    "circle": circle_table,
    "early": early,
    "tables": tables,
    "water": water,
    "thermal": thermal,
}

if __name__ == "__main__":
    for section in sys.argv[1:] or SECTIONS:
        if section not in SECTIONS:
            sys.exit(f"no section {section!r}; there are {', '.join(SECTIONS)}")
        print(f"\n{section}: {SECTIONS[section].__doc__}")
        SECTIONS[section]()
