"""Scores of a network on a data set: confusion, lead of the right cup, volumes poured and delivered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from ..data.matching import matched
from ..evaluation import confusion
from ..markup import markdown_table
from ..network import Network


@dataclass(frozen=True, eq=False)
class Scores:
    """What a network does with every row of a data set.

    Attributes
    ----------
    class_names : tuple of str
        Names of the cups.
    confusion : tuple of tuple of int
        Number of rows by class and fullest cup.
    margins_u : ndarray, shape (n,)
        Volume in the right cup less the largest other cup, u. Below 0 the row is wrong.
    poured_u : ndarray, shape (n,)
        Volume poured, u.
    delivered : ndarray, shape (n,)
        Fraction of the poured volume that reaches the cups.
    inflow_u : tuple of ndarray
        Largest inflow of each bucket, u; top tier first, cups last.

    Examples
    --------
    >>> from porcelain import files, load
    >>> scores = score(files.load("designs/iris", "network"), load("iris"))
    >>> scores.wrong, scores.confusion[0]
    (2, (50, 0, 0))
    """

    class_names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    margins_u: Floats
    poured_u: Floats
    delivered: Floats
    inflow_u: tuple[Floats, ...]

    @property
    def wrong(self) -> int:
        """Number of rows whose fullest cup is not their class."""
        counts = np.array(self.confusion)
        return int(counts.sum() - np.trace(counts))


def score(network: Network, dataset: Dataset) -> Scores:
    """Pour every row of a data set through a network.

    Parameters
    ----------
    network : Network
        The network.
    dataset : Dataset
        The rows.

    Returns
    -------
    Scores
        What comes out.

    Examples
    --------
    >>> from porcelain import files, load
    >>> score(files.load("designs/iris", "network"), load("iris")).wrong
    2
    """
    dataset = matched(dataset, network)
    tiers = network.inflows(network.encoding.volumes(network.encoding.clipped(dataset.features)))
    cups, rows = tiers[-1], np.arange(len(dataset))
    counts = confusion(dataset.labels, cups.argmax(axis=1), cups.shape[1])
    others = cups.copy()
    others[rows, dataset.labels] = -np.inf
    poured = tiers[0].sum(axis=1)
    return Scores(
        network.class_names,
        tuple(tuple(row) for row in counts.tolist()),
        cups[rows, dataset.labels] - others.max(axis=1),
        poured,
        cups.sum(axis=1) / np.maximum(poured, np.finfo(float).tiny),
        tuple(tier.max(axis=0) for tier in tiers),
    )


def as_markdown(network: Network, dataset: Dataset) -> str:
    """Write the scores of a network as text: errors, confusion, margins, water, thresholds and shares.

    Parameters
    ----------
    network : Network
        The network.
    dataset : Dataset
        The rows.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> from porcelain import files, load
    >>> print(as_markdown(files.load("designs/iris", "network"), load("iris")).splitlines()[0])
    4-3-3, 10 pipes
    """
    facts, p = score(network, dataset), network.provenance
    cv = p.get("cross_validation") or {}
    scores = [f"- training error {facts.wrong / len(dataset):.2%} ({facts.wrong} of {len(dataset)} rows)"]
    if cv:
        scores.insert(
            0,
            f"- error on rows never seen {cv['error']:.2%} ({cv['repeats']} x {cv['folds']} folds,"
            f" sd between folds {cv['fold_sd']:.2%})",
        )
    q = np.percentile(facts.margins_u, [5, 10, 50])
    water = [
        f"- lead of the right cup, u: 5th, 10th percentile and median {q[0]:.1f}, {q[1]:.1f}, {q[2]:.1f}",
        f"- poured, u: {facts.poured_u.min():.0f} to {facts.poured_u.max():.0f},"
        f" median {np.median(facts.poured_u):.0f}",
        f"- delivered {np.median(facts.delivered):.0%} (median), {facts.delivered.min():.0%} at least",
    ]
    made = [
        f"- data: {p['data']}, {p['source']}" if p.get("source") else "",
        f"- recipe {p['recipe']}, seed {p['seed']}, loss {p['loss']:.4f}" if "recipe" in p else "",
        "- " + ", ".join(f"{k} {v}" for k, v in p["versions"].items()) if "versions" in p else "",
    ]
    lines = [
        f"{'-'.join(map(str, network.widths))}, {network.n_pipes} pipes",
        "",
        *scores,
        *water,
        *filter(None, made),
        "",
        *markdown_table(
            ["class \\ cup", *facts.class_names],
            [(name, *counts) for name, counts in zip(facts.class_names, facts.confusion, strict=True)],
        ),
        "",
    ]
    for k, layer in enumerate(network.layers):
        targets = network.class_names if k == len(network.layers) - 1 else [f"b{k + 1}.{j}" for j in range(layer.n_out)]
        rows = [
            (
                f"b{k}.{i}" + (f" {network.encoding.names[i]}" if k == 0 else ""),
                f"{layer.thresholds[i]:.2f}",
                f"{facts.inflow_u[k][i]:.1f}",
                *(f"{share:.1%}" if share else "" for share in layer.shares[i]),
            )
            for i in range(layer.n_in)
        ]
        lines += [*markdown_table(["bucket", "keeps, u", "gets at most, u", *targets], rows), ""]
    return "\n".join(lines)
