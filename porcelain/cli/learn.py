"""porcelain learn: a data set in, a trained network out."""

from __future__ import annotations

import os
import sys
from dataclasses import fields, replace
from typing import Any

import click

from .. import files
from ..data import Dataset, load
from ..errors import PorcelainError, unknown
from ..network import Network
from .file_types import PICTURES, ending

RULES = ("gradient", "exchanger")
TAUGHT = ("hidden", "encoding", "gain", "span_u", "min_share")


def _hidden(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    try:
        return tuple(int(n) for n in value.split(",") if n.strip())
    except ValueError:
        raise PorcelainError(f"--hidden is {value!r}; numbers of buckets are needed, as in 3 or 4,4") from None


@click.command(name="learn")
@click.argument("data", required=False)
@click.option("-o", "--output", help="Network to write (default: network.json); - is standard output.")
@click.option("--label", help="Column of a CSV that holds the class (default: the last).")
@click.option("--recipe", "name", help="How to train: article, table, iris, ... (default: what suits the data).")
@click.option("--rule", default="gradient", show_default=True, help="gradient, or exchanger: local updates only.")
@click.option("--hidden", callback=_hidden, help="Buckets per hidden tier, as in 3 or 4,4; empty: none.")
@click.option("--encoding", help="plain, constant (one bucket of constant water) or dual (x and full - x).")
@click.option("--gain", type=float, help="Water per feature unit, u (default: the data's custom, or rescaled).")
@click.option("--span", "span_u", type=float, help="Water of a rescaled feature's largest value, u.")
@click.option("--pipes", type=int, help="Close pipes until this many are left.")
@click.option("--min-share", type=float, help="Least share of a pipe; the others are closed in training.")
@click.option("--planar", is_flag=True, default=None, help="Only layouts whose pipes cross nowhere.")
@click.option("--sharpness", type=float, help="Per u; larger counts errors rather than volumes.")
@click.option("--margin", "margin_u", type=float, help="Water the right cup must lead by, u.")
@click.option("--l2", type=float, help="Weight of the squared logits.")
@click.option("--retained", type=float, help="Weight of the water that stays in the buckets.")
@click.option("--draws", type=int, help="Faulty machines that the loss is averaged over; 24 is plenty.")
@click.option("--restarts", type=int, help="Starts at most.")
@click.option("--seed", default=0, show_default=True, help="Same seed, same network.")
@click.option("--folds", default=5, show_default=True, help="Folds of the honest score; 0: none.")
@click.option("--repeats", default=1, show_default=True, help="How often the folds are drawn anew.")
@click.option("--jobs", type=int, help="Processes that share the folds (default: one per core).")
@click.option("--max-error", type=float, help="Exit with 1 where the error on new rows is above this fraction.")
@click.option("--search", "trials", type=int, help="Try so many shapes and terms; print the front, write its best.")
@click.option("--history", callback=ending(*PICTURES), help="Picture of how the recipe's loss and the article's fell.")
@click.option(
    "--frontier",
    callback=ending(*PICTURES),
    help="Close pipes one by one; picture of pipes against error.",
)
def command(
    data: str | None,
    output: str | None,
    label: str | None,
    name: str | None,
    rule: str,
    seed: int,
    folds: int,
    repeats: int,
    jobs: int | None,
    max_error: float | None,
    trials: int | None,
    history: str | None,
    frontier: str | None,
    **options: Any,
) -> None:
    """Train a network of buckets and pipes on DATA, a known name (iris) or a CSV file.

    Without DATA a recipe brings its own. The error on rows never seen stands beside the training error.

    \b
    Example: porcelain learn iris --hidden 3 --min-share 0.08 -o network.json
    """
    from ..learn import default_recipe, fit
    from ..learn.recipe import named

    if rule not in RULES:
        raise unknown("rule", rule, RULES)
    if not (data := data or (named(name).data if name else "")):
        lacking = f"recipe {name!r} brings no data" if name else "there is no data to learn from"
        raise PorcelainError(f"{lacking}; name a data set, as in porcelain learn iris")
    dataset = load(data, label)
    name = name or (default_recipe(dataset) if rule == "gradient" else "plain")
    recipe = _changed(name, {key: value for key, value in options.items() if value is not None})
    jobs = jobs or os.cpu_count() or 1
    if frontier:
        _frontier(dataset, recipe, seed, folds, repeats, jobs, frontier)
        return
    if history:
        draw_history(dataset, recipe, seed, history)
        click.echo(f"wrote {history}")
        return
    if trials:
        recipe = _search(dataset, recipe, trials, seed, folds, jobs)
    with click.progressbar(length=1 + folds * repeats, label="learning", file=sys.stderr) as bar:
        if rule == "exchanger":
            network = _exchanged(dataset, recipe, options, seed, folds, repeats, lambda: bar.update(1))
        else:
            network = fit(
                dataset,
                seed=seed,
                recipe=name if recipe == _changed(name, {}) else recipe,
                folds=folds,
                repeats=repeats,
                report=lambda: bar.update(1),
                jobs=jobs,
            )
    output = output or "network.json"
    files.save(output, network)
    click.echo(summary(network), err=output == "-")
    if output != "-":
        click.echo(f"wrote {output}")
    if max_error is not None and folds and (reached := network.provenance["cross_validation"]["error"]) > max_error:
        click.echo(
            f"porcelain: error on new rows is {reached:.2%}, asked for at most {max_error:.2%};"
            " allow more pipes or hidden buckets, a smaller --min-share or crossing pipes",
            err=True,
        )
        sys.exit(1)


def _changed(name: str, options: dict[str, Any]) -> Any:
    """The named recipe with some of its fields, or of its objective's, replaced."""
    from ..learn import Objective
    from ..learn.recipe import named

    recipe = named(name)
    terms = {f.name: options[f.name] for f in fields(Objective) if f.name in options}
    others = {key: value for key, value in options.items() if key not in terms}
    return replace(recipe, **others, objective=replace(recipe.objective, **terms))


def _exchanged(
    dataset: Dataset, recipe: Any, options: dict[str, Any], seed: int, folds: int, repeats: int, report: Any
) -> Network:
    """A network taught by a neural heat exchanger; the recipe says how to pour and how many buckets there are."""
    from ..exchange.pelu import TrainingOptions, fit

    foreign = [key for key, value in options.items() if value is not None and key not in TAUGHT]
    if foreign:
        raise PorcelainError(f"--rule exchanger knows no {', '.join(foreign)}; only {', '.join(TAUGHT)} are asked for")
    asked = {"min_share": options["min_share"]} if options["min_share"] is not None else {}
    return fit(
        dataset,
        recipe.encode,
        TrainingOptions(recipe.hidden, **asked),
        seed=seed,
        folds=folds,
        repeats=repeats,
        report=report,
    )


def _frontier(dataset: Dataset, recipe: Any, seed: int, folds: int, repeats: int, jobs: int, output: str) -> None:
    from ..learn.frontier import pruning_frontier
    from ..show.network import frontier_figure

    with click.progressbar(length=1 + folds * repeats, label="closing pipes", file=sys.stderr) as bar:
        fronts = pruning_frontier(dataset, recipe, seed, folds, repeats, lambda: bar.update(1), jobs)
    click.echo("pipes    loss  training  new rows  sd of folds")
    for front in fronts:
        click.echo(
            f"{front.pipes:>5}  {front.loss:.4f}  {front.training_error:>8.2%}  {front.cv_error:>8.2%}"
            f"  {front.fold_sd:>11.2%}"
        )
    frontier_figure(fronts, dataset.name, output)
    click.echo(f"wrote {output}")


def draw_history(dataset: Dataset, recipe: Any, seed: int, output: str) -> None:
    """How a recipe's loss went down on a data set, beside the article's."""
    from ..learn import Recipe
    from ..learn.history import loss_histories
    from ..show.network import history_figure

    article = Recipe(hidden=recipe.hidden, encoding=recipe.encoding, gain=recipe.gain, method="adam")
    curves = {
        "this recipe": loss_histories(dataset, recipe, seed),
        "the article's": loss_histories(dataset, article, seed),
    }
    history_figure(curves, dataset.name, output)


def _search(dataset: Dataset, recipe: Any, trials: int, seed: int, folds: int, jobs: int) -> Any:
    """The recipe with the smallest held-out error on the front, after printing the front."""
    from ..learn.search import search_recipes

    with click.progressbar(length=trials, label="searching", file=sys.stderr) as bar:
        front = search_recipes(dataset, recipe, trials, seed, folds, lambda: bar.update(1), jobs)
    click.echo("pipes  new rows  hidden  encoding  sharpness  margin  l2", err=True)
    for one in front:
        terms = one.recipe.objective
        l2 = "logistic" if terms.l2 is None else f"{terms.l2:g}"
        click.echo(
            f"{one.pipes:>5}  {one.cv_error:>8.2%}  {','.join(map(str, one.recipe.hidden)) or '-':<6}"
            f"  {one.recipe.encoding:<8}  {terms.sharpness:>9g}  {terms.margin_u:>6g}  {l2}",
            err=True,
        )
    return min(front, key=lambda one: (one.cv_error, one.pipes)).recipe


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
