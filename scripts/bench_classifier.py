"""How well PeLUClassifier does on many tables beside scikit-learn's classifiers, and how long a fit takes.

scripts/bench classifier                all sections: accuracy time
scripts/bench classifier accuracy wine  some tables

Every table is drawn by a rule or ships with an installed package, so that nothing is fetched. Five stratified folds,
the same for all; the others stand behind a StandardScaler with their defaults.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from porcelain import PeLUClassifier
from porcelain.data import load

Table = tuple[Any, Any]
FIVE = StratifiedKFold(5, shuffle=True, random_state=0)


def spirals(rows: int = 600, turns: float = 1.25, noise: float = 0.35) -> Table:
    """Two spirals, one the other turned by half a turn."""
    rng = np.random.default_rng(0)
    labels = np.arange(rows) % 2
    angle = np.sqrt(rng.random(rows)) * turns * 2 * np.pi
    radius = 1.0 + angle
    points = np.stack([radius * np.cos(angle + np.pi * labels), radius * np.sin(angle + np.pi * labels)], axis=1)
    return points + noise * rng.standard_normal(points.shape), labels


def banana(rows: int = 2000) -> Table:
    """Two bent clouds that overlap, with a third beyond."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, rows)
    x = rng.normal(0.0, 1.0, rows)
    y = np.where(labels == 1, x**2 - 1.5, 1.2 - 0.4 * x**2 + 0.9 * (np.abs(x) > 1.3)) + rng.normal(0.0, 0.7, rows)
    return np.stack([x, y], axis=1), labels


def waveform(rows: int = 2000) -> Table:
    """Breiman's waveforms: mixtures of two of three triangles with noise, 21 features."""
    rng = np.random.default_rng(0)
    at = np.arange(1, 22)
    waves = np.stack([np.maximum(6 - np.abs(at - middle), 0) for middle in (11, 15, 7)])
    pairs = np.array([(0, 1), (0, 2), (1, 2)])
    labels, part = rng.integers(0, 3, rows), rng.random((rows, 1))
    first, second = waves[pairs[labels, 0]], waves[pairs[labels, 1]]
    return part * first + (1 - part) * second + rng.standard_normal((rows, 21)), labels


def ringnorm(rows: int = 2000) -> Table:
    """Breiman's ringnorm: a wide normal cloud around a narrow one, 20 features."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, rows)
    wide, narrow = 2.0 * rng.standard_normal((rows, 20)), rng.standard_normal((rows, 20)) + 2 / np.sqrt(20)
    return np.where(labels[:, None] == 0, wide, narrow), labels


def friedman(rows: int = 1500) -> Table:
    """Friedman's first regression problem, cut at its median."""
    features, target = datasets.make_friedman1(rows, noise=1.0, random_state=0)
    return features, (target > np.median(target)).astype(int)


def diabetes() -> Table:
    """Progression of diabetes, cut at its median."""
    features, target = datasets.load_diabetes(return_X_y=True)
    return features, (target > np.median(target)).astype(int)


def built_in(name: str) -> Table:
    """A table that porcelain ships."""
    table = load(name)
    return table.features, table.labels


def clusters(rows: int, features: int, classes: int, each: int, apart: float) -> Table:
    """Classes of several clusters each, by scikit-learn's make_classification."""
    return datasets.make_classification(
        rows, features, n_informative=min(features, 8), n_redundant=0, n_classes=classes, n_clusters_per_class=each,
        class_sep=apart, random_state=0,
    )  # fmt: skip


TABLES: dict[str, Callable[[], Table]] = {
    "iris": lambda: built_in("iris"),
    "wine": lambda: built_in("wine"),
    "breast-cancer": lambda: built_in("breast-cancer"),
    "digits": lambda: built_in("digits"),
    "penguins": lambda: built_in("penguins"),
    "diabetes": diabetes,
    "moons": lambda: datasets.make_moons(500, noise=0.2, random_state=0),
    "circles": lambda: datasets.make_circles(500, noise=0.1, factor=0.5, random_state=0),
    "xor": lambda: built_in("xor"),
    "spirals": spirals,
    "banana": banana,
    "quantiles": lambda: datasets.make_gaussian_quantiles(n_samples=800, n_features=4, n_classes=3, random_state=0),
    "hastie": lambda: datasets.make_hastie_10_2(2000, random_state=0),
    "friedman": friedman,
    "waveform": waveform,
    "ringnorm": ringnorm,
    "phoneme-like": lambda: clusters(3000, 5, 2, 6, 0.9),
    "vowel-like": lambda: clusters(990, 10, 11, 2, 1.5),
    "segment-like": lambda: clusters(2310, 19, 7, 1, 1.8),
    "noisy": lambda: clusters(800, 25, 3, 1, 0.8),
}


def scaled(model: Any) -> Any:
    """A model behind a StandardScaler."""
    return make_pipeline(StandardScaler(), model)


MODELS: dict[str, Callable[[], Any]] = {
    "PeLU": PeLUClassifier,
    "logistic": lambda: scaled(LogisticRegression(max_iter=1000)),
    "SVC": lambda: scaled(SVC()),
    "forest": lambda: scaled(RandomForestClassifier(random_state=0)),
}


def accuracy(names: list[str]) -> None:
    """Accuracy on held-out rows of every table and model, and what the classifier chose on all rows."""
    print("| table | rows x features, classes | PeLU | logistic | SVC | forest | behind the best | s a fit | chosen |")
    print("|" + "---|" * 9)
    behind = []
    for name in names:
        features, labels = TABLES[name]()
        start = time.process_time()
        ours = cross_val_score(PeLUClassifier(), features, labels, cv=FIVE).mean()
        seconds = (time.process_time() - start) / 5
        theirs = [cross_val_score(MODELS[other](), features, labels, cv=FIVE).mean() for other in list(MODELS)[1:]]
        chosen = PeLUClassifier().fit(features, labels)
        behind.append(max(theirs) - ours)
        size = f"{len(features)} x {features.shape[1]}, {len(np.unique(labels))}"
        cells = [f"{100 * score:.1f}" for score in (ours, *theirs, behind[-1])]
        print(f"| {name} | {size} | {' | '.join(cells)} | {seconds:.2f} | {chosen.choice_} |", flush=True)
    near, far = sum(gap <= 0.02 for gap in behind), sum(gap > 0.06 for gap in behind)
    print(f"\n{near} of {len(behind)} within 2 points of the best of the three, {far} more than 6 behind")


def fit_time(names: list[str]) -> None:
    """Seconds of one fit on all rows, the median of five, in one thread."""
    print("\n| table | PeLU, linear | PeLU, as it comes | logistic regression | times |\n|---|---|---|---|---|")
    fixed = lambda: PeLUClassifier(hidden=(), encoding="constant")  # noqa: E731
    for name in names:
        features, labels = TABLES[name]()
        seconds = []
        for model in (fixed, PeLUClassifier, MODELS["logistic"]):
            model().fit(features, labels)
            runs = []
            for _ in range(5):
                start = time.process_time()
                model().fit(features, labels)
                runs.append(time.process_time() - start)
            seconds.append(float(np.median(runs)))
        print(f"| {name} | {seconds[0]:.3f} | {seconds[1]:.3f} | {seconds[2]:.3f} | {seconds[0] / seconds[2]:.1f} |")


SECTIONS = {"accuracy": (accuracy, list(TABLES)), "time": (fit_time, ["digits", "segment-like", "wine"])}


def main() -> None:
    """Run the sections that are named, on the tables that are named."""
    warnings.simplefilter("ignore")
    asked = [name for name in sys.argv[1:] if name in SECTIONS] or list(SECTIONS)
    names = [name for name in sys.argv[1:] if name not in SECTIONS]
    with threadpool_limits(1):
        for section in asked:
            work, tables = SECTIONS[section]
            work(names or tables)


if __name__ == "__main__":
    main()
