"""porcelain learn: a data set in, a trained network out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from .. import files
from ..data import Dataset, ReadOptions
from ..errors import PorcelainError
from ..learn.options import LearnOptions
from ..learn.recipe import Recipe, default_recipe, named
from ..network import Network
from ..options import option
from ..printer import Printer
from .inputs import BESIDE_ENCODING, PICTURES, Taught, read
from .options import Word, flags
from .printing import known_printer
from .telling import Telling

TAUGHT = ("hidden", "encoding", "gain", "span_u", "min_share")
INSTEAD = "Instead of a network"


@dataclass(frozen=True)
class LearnFiles:
    """What is written, and what is asked of the score."""

    output: str | None = option(
        None, "Network to write (default: network.json); - is standard output.", flag="-o --output", kind="file"
    )
    max_error: float | None = option(
        None, "Exit with 1 where the error on new rows is above this fraction.", least=0, most=1
    )
    printer: str | None = option(
        None, "Printer to train for: no pipe is narrower than it can make.", kind="printer", group="Printer"
    )
    jobs: int | None = option(None, "Processes that share the folds (default: one per core).", least=1, most=1024)
    search: int | None = option(
        None, "Try so many shapes and terms; print the front, write its best.", least=1, most=100_000
    )
    history: str | None = option(
        None, "Draw how the recipe's loss and the article's fell.", kind="file", endings=PICTURES, group=INSTEAD
    )
    frontier: str | None = option(
        None, "Close pipes one by one; draw pipes against error.", kind="file", endings=PICTURES, group=INSTEAD
    )

    def refuse(self, learn: LearnOptions) -> None:
        """Raise PorcelainError for options that exclude one another."""
        given = [f"--{name}" for name in ("search", "history", "frontier") if getattr(self, name) is not None]
        if len(given) > 1:
            raise PorcelainError(f"{' and '.join(given)} are both given; choose one")
        if self.output is not None and given and given[0] != "--search":
            raise PorcelainError(f"{given[0]} writes no network; leave --output out")
        needs = {"--max-error": self.max_error, "--search": self.search, "--frontier": self.frontier}
        for name, value in needs.items():
            if value is not None and not learn.folds:
                raise PorcelainError(f"{name} needs the error on new rows, and --folds is 0; use 2 folds or more")
        if learn.rule == "exchanger" and given:
            raise PorcelainError(f"{given[0]} needs --rule gradient; leave --rule exchanger out")


@click.command(name="learn", cls=Taught, short_help="Train a network of buckets and pipes on a data set.")
@click.argument("data", required=False, type=Word("data"))
@flags("learn", LearnOptions)
@flags("out", LearnFiles, "Output")
@flags("table", ReadOptions, "Data", BESIDE_ENCODING)
@flags("telling", Telling, "Output")
def command(data: str | None, learn: LearnOptions, out: LearnFiles, table: ReadOptions, telling: Telling) -> None:
    """Train a network of buckets and pipes on DATA, a known name (iris) or a CSV file.

    Without DATA a recipe brings its own. The error on rows never seen stands beside the training error.

    \b
    Examples: porcelain learn iris --hidden 3 --min-share 0.08 -o network.json
              porcelain learn --recipe iris-mini
              porcelain learn penguins.csv --label species --folds 10
              porcelain learn wine --frontier front.png
    """
    out.refuse(learn)
    quiet = not telling.free(out.output)
    for written in (out.output or "network.json", out.history, out.frontier):
        files.refuse_overwriting(written, data)
    with telling.working("reading"):
        dataset = read(_data(data, learn.recipe), table)
    dataset = sampled(dataset, learn)
    learn = foldable(dataset, learn)
    name = learn.recipe or (default_recipe(dataset) if learn.rule == "gradient" else "plain")
    if out.printer is not None:
        learn = printable(learn, name, known_printer(out.printer))
    recipe, jobs = learn.chosen(name), out.jobs or os.cpu_count() or 1
    if out.frontier:
        _frontier(dataset, recipe, learn, jobs, out.frontier, telling)
        return
    if out.history:
        with telling.working("training"):
            draw_history(dataset, recipe, learn.seed, out.history)
        telling.tell("", dict, [out.history])
        return
    if out.search:
        recipe = _search(dataset, recipe, out.search, learn, jobs, telling)
    with telling.bar(1 + learn.folds * learn.repeats, "learning") as report:
        network = taught(dataset, name, recipe, learn, jobs, report)
    output = out.output or "network.json"
    files.save(output, network)
    telling.tell(summary(network), lambda: figures(network), [output] if not quiet else [], not quiet)
    _reached(network, out.max_error)


def _data(data: str | None, recipe: str | None) -> str:
    if found := data or (named(recipe).data if recipe else ""):
        return found
    lacking = f"recipe {recipe!r} brings no data" if recipe else "there is no data to learn from"
    raise PorcelainError(f"{lacking}; name a data set, as in porcelain learn iris")


def sampled(dataset: Dataset, learn: LearnOptions) -> Dataset:
    """The rows to learn from: all of them, or a stratified sample of a long table, which is told."""
    if len(dataset) <= learn.sample:
        return dataset
    chosen = dataset.take(dataset.sample(learn.sample, learn.seed))
    click.echo(
        f"note: learning from {len(chosen)} of {len(dataset)} rows, a sample with every class's part;"
        f" --sample {len(dataset)} takes all",
        err=True,
    )
    return chosen


def printable(learn: LearnOptions, name: str, maker: Printer) -> LearnOptions:
    """The same options with no pipe narrower than the printer can make, unless a least share is given."""
    from ..plan import share_floor

    if learn.rule != "gradient" or learn.min_share is not None:
        return learn
    return replace(learn, min_share=max(named(name).min_share, share_floor(maker)))


def foldable(dataset: Dataset, learn: LearnOptions) -> LearnOptions:
    """Refuse an impossible number of folds before the work begins; take fewer than the default where they do not go."""
    fewer = dataset.fewer_folds(learn.folds)
    if learn.folds == LearnOptions.folds != fewer:
        rows = dataset.smallest_class
        click.echo(
            f"note: {fewer} folds instead of {learn.folds}, since the smallest class has {rows} row(s)", err=True
        )
        learn = replace(learn, folds=fewer)
    if learn.folds:
        next(dataset.folds(learn.folds, learn.seed))
    return learn


def taught(
    dataset: Dataset, name: str, recipe: Recipe, learn: LearnOptions, jobs: int, report: Callable[[], None]
) -> Network:
    """The network of one call of the verb."""
    from ..learn import fit

    if learn.rule == "exchanger":
        return _exchanged(dataset, recipe, learn, report)
    network = fit(
        dataset,
        seed=learn.seed,
        recipe=name if recipe == named(name) else recipe,
        folds=learn.folds,
        repeats=learn.repeats,
        report=report,
        jobs=jobs,
    )
    if name != "table" or {learn.recipe, learn.hidden, learn.encoding} != {None} or not learn.folds:
        return network
    return replace(network, provenance={**network.provenance, "alternatives": _alternatives(dataset, recipe, learn)})


def _alternatives(dataset: Dataset, recipe: Recipe, learn: LearnOptions) -> list[dict[str, Any]]:
    """Errors on held-out rows of the default for a table and of what --hidden and --encoding would bring."""
    from ..learn.choice import choose

    wide = (2 * len(dataset.class_names),)
    recipes = [recipe, replace(recipe, hidden=wide), replace(recipe, encoding="knots")]
    if recipe.pipes is not None:
        return []
    choice = choose(dataset, recipes, learn.seed, near_enough=0.0)[1]
    return [
        {"encoding": one.encoding, "hidden": list(one.hidden), "error": one.error}
        for one in choice.trials
        if one.error is not None
    ]


def _exchanged(dataset: Dataset, recipe: Recipe, learn: LearnOptions, report: Callable[[], None]) -> Network:
    """A network taught by a neural heat exchanger; the recipe says how to pour and how many buckets there are."""
    from ..exchange.pelu import TrainingOptions, fit

    foreign = [name for name in learn.changes if name not in TAUGHT]
    if foreign:
        raise PorcelainError(f"--rule exchanger knows no {', '.join(foreign)}; only {', '.join(TAUGHT)} are asked for")
    training = TrainingOptions(recipe.hidden)
    if learn.min_share is not None:
        training = replace(training, min_share=learn.min_share)
    return fit(
        dataset, recipe.encode, training, seed=learn.seed, folds=learn.folds, repeats=learn.repeats, report=report
    )


def _reached(network: Network, max_error: float | None) -> None:
    """Exit with 1 where the error on new rows is above what was asked for."""
    if max_error is None or (reached := network.provenance["cross_validation"]["error"]) <= max_error:
        return
    click.echo(
        f"porcelain: error on new rows is {reached:.2%}, asked for at most {max_error:.2%};"
        " allow more pipes or hidden buckets, a smaller --min-share or crossing pipes",
        err=True,
    )
    sys.exit(1)


def _frontier(dataset: Dataset, recipe: Recipe, learn: LearnOptions, jobs: int, output: str, telling: Telling) -> None:
    from ..learn.frontier import pruning_frontier
    from ..show.network import frontier_figure

    with telling.bar(1 + learn.folds * learn.repeats, "closing pipes") as report:
        fronts = pruning_frontier(dataset, recipe, learn.seed, learn.folds, learn.repeats, report, jobs)
    frontier_figure(fronts, dataset.name, output)
    lines = ["pipes    loss  training  new rows  sd of folds"]
    lines += [
        f"{front.pipes:>5}  {front.loss:.4f}  {front.training_error:>8.2%}  {front.cv_error:>8.2%}"
        f"  {front.fold_sd:>11.2%}"
        for front in fronts
    ]
    telling.tell("\n".join(lines), lambda: {"front": [vars(front) for front in fronts]}, [output])


def draw_history(dataset: Dataset, recipe: Recipe, seed: int, output: str) -> None:
    """How a recipe's loss went down on a data set, beside the article's."""
    from ..learn.history import loss_histories
    from ..show.network import history_figure

    article = Recipe(hidden=recipe.hidden, encoding=recipe.encoding, gain=recipe.gain, method="adam")
    curves = {
        "this recipe": loss_histories(dataset, recipe, seed),
        "the article's": loss_histories(dataset, article, seed),
    }
    history_figure(curves, dataset.name, output)


def _search(dataset: Dataset, recipe: Recipe, trials: int, learn: LearnOptions, jobs: int, telling: Telling) -> Recipe:
    """The recipe with the smallest held-out error on the front, after printing the front."""
    from ..learn.search import search_recipes

    with telling.bar(trials, "searching") as report:
        front = search_recipes(dataset, recipe, trials, learn.seed, learn.folds, report, jobs)
    lines = ["pipes  new rows  hidden  encoding  sharpness  margin  l2"]
    for one in front:
        terms = one.recipe.objective
        l2 = "logistic" if terms.l2 is None else f"{terms.l2:g}"
        lines.append(
            f"{one.pipes:>5}  {one.cv_error:>8.2%}  {','.join(map(str, one.recipe.hidden)) or '-':<6}"
            f"  {one.recipe.encoding:<8}  {terms.sharpness:>9g}  {terms.margin_u:>6g}  {l2}"
        )
    if not telling.quiet:
        click.echo("\n".join(lines), err=True)
    return min(front, key=lambda one: (one.cv_error, one.pipes)).recipe


def figures(network: Network) -> Mapping[str, Any]:
    """The figures of the summary, for JSON."""
    p = network.provenance
    told = {key: p[key] for key in ("data", "rows", "seed", "recipe", "loss", "training_error", "cross_validation")}
    others = {"alternatives": p["alternatives"]} if "alternatives" in p else {}
    return {"name": network.name, "widths": list(network.widths), "pipes": network.n_pipes, **told, **others}


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
            *_default_of_a_table(network),
        )
    )


def _default_of_a_table(network: Network) -> list[str]:
    """What was chosen for a table, and what other options would bring; nothing where the choice was a person's."""
    from ..learn.choice import FOLDS, SAMPLE

    trials = network.provenance.get("alternatives")
    if not trials:
        return []
    kept = network.layers[0].thresholds
    none = int((kept < 0.005 * max(network.encoding.span_u.max(), 1e-9)).sum())
    others = [
        (f"--hidden {','.join(map(str, one['hidden']))}" if one["hidden"] else f"--encoding {one['encoding']}")
        + f" {one['error']:.1%}"
        for one in trials[1:]
    ]
    return [
        f"  chosen             no hidden tier, the smallest machine; {none} of {len(kept)} buckets keep no water",
        f"  other choices      {', '.join(others)}; this one {trials[0]['error']:.1%}"
        f" ({FOLDS} folds of at most {SAMPLE} rows)",
    ]
