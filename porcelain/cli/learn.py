"""porcelain learn: a data set in, a trained network out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .. import files
from ..data import load
from ..errors import PorcelainError
from ..network import Network


def _hidden(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    try:
        return tuple(int(n) for n in value.split(",") if n.strip())
    except ValueError:
        raise PorcelainError(f"--hidden is {value!r}; numbers of buckets are needed, as in 3 or 4,4") from None


@click.command(name="learn")
@click.argument("data")
@click.option(
    "-o", "--output", default="network.json", show_default=True, help="Network to write; - is standard output."
)
@click.option("--label", help="Column of a CSV that holds the class (default: the last).")
@click.option("--recipe", default="plain", show_default=True, help="How to train: a name, as in article or iris.")
@click.option("--hidden", callback=_hidden, help="Buckets per hidden tier, as in 3 or 4,4; empty: none.")
@click.option("--encoding", help="plain, constant (one bucket of constant water) or dual (x and full - x).")
@click.option("--min-share", type=float, help="Least share of a pipe; the others are closed in training.")
@click.option("--seed", default=0, show_default=True, help="Same seed, same network.")
@click.option("--folds", default=5, show_default=True, help="Folds of the honest score; 0: none.")
@click.option("--repeats", default=1, show_default=True, help="How often the folds are drawn anew.")
def command(
    data: str, output: str, label: str | None, recipe: str, seed: int, folds: int, repeats: int, **options: Any
) -> None:
    """Train a network of buckets and pipes on DATA, a known name (iris) or a CSV file.

    \b
    Example: porcelain learn iris --hidden 3 --min-share 0.08 -o network.json
    """
    from ..learn import fit

    dataset = load(data, label)
    changes = {name: value for name, value in options.items() if value is not None}
    with click.progressbar(length=1 + folds * repeats, label="learning", file=sys.stderr) as bar:
        network = fit(
            dataset, seed=seed, recipe=recipe, folds=folds, repeats=repeats, report=lambda: bar.update(1), **changes
        )
    files.save(output, network)
    click.echo(summary(network), err=output == "-")
    if output != "-":
        click.echo(f"wrote {Path(output)}")


def summary(network: Network) -> str:
    """What was learned, the error on held-out rows beside the training error."""
    p = network.provenance
    cv = p["cross_validation"]
    wrong = round(p["training_error"] * p["rows"])
    held_out = (
        f"{cv['error']:.2%} (held out, {cv['repeats']} x {cv['folds']} folds, sd between folds {cv['fold_sd']:.2%})"
        if cv
        else "not measured (--folds 0)"
    )
    return "\n".join(
        (
            f"{network.name}: {'-'.join(map(str, network.widths))}, {network.n_pipes} pipes, loss {p['loss']:.4f}",
            f"  training error     {p['training_error']:.2%} ({wrong} of {p['rows']})",
            f"  error on new rows  {held_out}",
        )
    )
