"""porcelain simulate: a design and a row of data in, what the water does out."""

from __future__ import annotations

import difflib
import re
import sys
from typing import Any

import click
import numpy as np

from .. import files
from ..errors import PorcelainError, unknown
from ..machine.design import Design
from ..pour import Piece, Pour
from ..run import Run
from .file_types import FILMS, PICTURES, ending

_TOP_UP = re.compile(r"(?P<name>[^=]+)=(?P<amount>[^@]+)@(?P<at>[^:]+?)s?(?::(?P<lasts>.+?)s?)?")
MOST_ROWS = 200_000  # of a run that is written to a file
FORETOLD = ("law", "water", "start_ml", "gates_s")


class _Value(click.ParamType):
    """A number, which may be below 0: what looks like an option and is none is still told so."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(value)
        except ValueError:
            if not value.startswith("-"):
                self.fail(f"{value!r} is not a number.", param, ctx)
            options = [name for option in ctx.command.params for name in option.opts] if ctx else []
            raise click.NoSuchOption(value, possibilities=difflib.get_close_matches(value, options), ctx=ctx) from None


@click.command(name="simulate", context_settings={"ignore_unknown_options": True})  # a value may be negative
@click.argument("design")
@click.argument("values", nargs=-1, type=_Value())
@click.option(
    "-o",
    "--output",
    callback=ending(".json", ".csv", ".parquet", ".inp"),
    help="Run to write as JSON or a table, or the model for SWMM (.inp); - is JSON on standard output.",
)
@click.option("--pour", "pour_file", help="Pour file to use instead of VALUES.")
@click.option("--rate", type=float, help="mL/s into each input (default: the design's own).")
@click.option("--duration", type=float, help="Seconds every input takes, instead of a rate; 0: all at once.")
@click.option("--top-up", "top_ups", multiple=True, metavar="NAME=VALUE@TIME[:DURATION]",
              help="More of a feature, in its own units, at a time in s; again for more.")  # fmt: skip
@click.option("--law", default="torricelli", show_default=True,
              help="torricelli, weir, slots, orifice, orifice_centres or pipe.")  # fmt: skip
@click.option("--water", default="ideal", show_default=True, help="ideal, tap, rinse_aid, or design: its own.")
@click.option("--gates", is_flag=True, help="Hold each tier shut until it is full, then open it.")
@click.option("--transit", is_flag=True, help="Let water take its time down the pipes.")
@click.option("--stop-at", "stop_at", multiple=True, metavar="VESSEL=ML", help="Stop pouring once it holds this much.")
@click.option("--start", "start_run", help="Run whose end the machine starts from, as in a second pour.")
@click.option("--at", "at", multiple=True, type=float, help="A time to report, in s; again for more.")
@click.option("--every", type=float, help="Report every so many s until everything is still.")
@click.option("--tolerance", default=1e-8, show_default=True, help="Error in volume over time, of the water poured.")
@click.option("--plot", callback=ending(*PICTURES), help="Figure of levels, flows and cups to write.")
@click.option("--movie", callback=ending(*FILMS), help="Film the pour: .gif, or .mp4 and a .gif beside it.")
def command(
    design: str,
    values: tuple[float, ...],
    output: str | None,
    pour_file: str | None,
    top_ups: tuple[str, ...],
    start_run: str | None,
    at: tuple[float, ...],
    every: float | None,
    plot: str | None,
    movie: str | None,
    **options: Any,
) -> None:
    """Pour VALUES, one per feature in the data's own units, into DESIGN (design.json or its folder).

    \b
    Example: porcelain simulate designs/iris 6.2 3.4 5.4 2.3 \\
             --top-up petal_length=0.5@10s --plot pour.png --movie pour.gif
    """
    from ..simulate import foretell, simulate

    machine: Design = files.load(design, "design")
    files.refuse_overwriting(output, design, pour_file, start_run)
    pour = _pour(machine, values, pour_file, options.pop("rate"), options.pop("duration"))
    pour = pour + Pour(tuple(_top_up(machine, text) for text in top_ups))
    if every is not None and not every > 0:
        raise PorcelainError(f"--every is {every}; it must be above 0 s")
    stop_when = dict(_stop(text) for text in options.pop("stop_at"))
    settings: dict[str, Any] = {
        "law": options["law"],
        "water": options["water"],
        "tolerance": options["tolerance"],
        "gates_s": "fill" if options["gates"] else None,
        "transit_s": "slide" if options["transit"] else None,
        "stop_when": stop_when or None,
        "start_ml": files.load(start_run, "run").volumes_ml[-1] if start_run else None,
    }
    if not stop_when:  # the jugs may be taken away before
        for spill in foretell(machine, pour, **{name: settings[name] for name in FORETOLD}):
            click.echo(f"warning: {spill}", err=True)
    times = sorted(set(at))
    if every is not None:
        still = simulate(machine, pour, **settings)
        end = still.settled_at_s if still.settled_at_s is not None else float(still.times_s[-1])
        if end / every > MOST_ROWS:
            raise PorcelainError(
                f"--every {every:g} makes {end / every:.3g} rows of {end:.3g} s, limit {MOST_ROWS}; ask for fewer"
            )
        times = sorted({*times, *(every * k for k in range(int(np.ceil(end / every)) + 1))})
    run = simulate(machine, pour, times or None, **settings)
    click.echo(summary(machine, run), err=output == "-")
    if output is not None:
        _write(output, machine, run)
    if plot is not None:
        from ..show.pour import levels_figure

        levels_figure(machine, run, plot)
        click.echo(f"wrote {plot}", err=output == "-")
    if movie is not None:
        from ..show.movie import FRAMES, pour_movie

        with click.progressbar(length=FRAMES, label="filming", file=sys.stderr) as bar:
            written = pour_movie(machine, run, movie, lambda: bar.update(1))
        click.echo(f"wrote {', '.join(map(str, written))}", err=output == "-")


def _pour(
    design: Design, values: tuple[float, ...], pour_file: str | None, rate: float | None, duration: float | None
) -> Pour:
    """The pour of a file, or of a row of data."""
    if pour_file is not None:
        if values:
            raise PorcelainError("there are VALUES and a --pour file; give one of them")
        return files.load(pour_file, "pour")
    encoding = design.network.encoding
    if len(values) != len(encoding.feature_names):
        raise PorcelainError(
            f"{len(values)} values for {len(encoding.feature_names)} features;"
            f" give {', '.join(encoding.feature_names)} in that order"
        )
    if rate is None and duration is None:
        rate = design.pour_ml_s
    return Pour.of(design.amounts_ml(values), rate_ml_s=rate, duration_s=duration)


def _top_up(design: Design, text: str) -> Piece:
    """NAME=VALUE@TIME: more of a feature in its own units, or of a bucket in mL, at the design's rate."""
    match = _TOP_UP.fullmatch(text.strip())
    amount, start, lasts = (_number(match[key] or "") if match else None for key in ("amount", "at", "lasts"))
    if match is None or amount is None or start is None or (match["lasts"] and lasts is None):
        raise PorcelainError(f"--top-up is {text!r}; NAME=VALUE@TIME[:DURATION] is needed, as in petal_length=0.5@10s")
    if not 0 <= amount < np.inf:
        raise PorcelainError(f"--top-up is {text!r}: {amount:g} cannot be poured; a value of 0 or more is needed")
    encoding = design.network.encoding
    buckets = [bucket.name for bucket in design.tiers[0]]
    features = [name.replace(" ", "_") for name in encoding.feature_names]
    name = match["name"].strip()
    if name in buckets:
        bucket, volume = name, amount
    elif name.replace(" ", "_") in features:
        if encoding.kind == "dual":
            raise PorcelainError(f"--top-up {name}: a dual encoding would have to take water away; name a bucket in mL")
        k = features.index(name.replace(" ", "_"))
        bucket, volume = buckets[k], amount * float(encoding.gain[k]) * design.ml_per_unit
    else:
        raise unknown("feature or bucket", name, [*features, *buckets])
    return Piece(bucket, start, volume / design.pour_ml_s if lasts is None else lasts, volume)


def _stop(text: str) -> tuple[str, float]:
    name, _, volume = text.partition("=")
    value = _number(volume)
    if value is None:
        raise PorcelainError(f"--stop-at is {text!r}; VESSEL=ML is needed, as in c0=20")
    return name.strip(), value


def _number(text: str) -> float | None:
    try:
        return float(text.strip().removesuffix("s").removesuffix("ml").strip())
    except ValueError:
        return None


def _write(output: str, machine: Design, run: Run) -> None:
    ending = output.lower().rpartition(".")[2]
    if ending == "csv":
        data = run.to_csv()
    elif ending == "parquet":
        data = run.to_parquet()
    elif ending == "inp":
        from ..simulate import to_swmm

        data = to_swmm(machine, run.pour, float(run.times_s[-1])).encode()
    else:
        data = files.to_json(run)
    files.write_bytes(output, data)
    if output != "-":
        click.echo(f"wrote {output}")


def summary(design: Design, run: Run) -> str:
    """What happened, the answer first."""
    names = dict(zip(run.cups, design.network.class_names, strict=True))
    lines = [f"{names[run.winner]} ({run.winner} is fullest)" if run.answer_ml.max() > 0 else "no water in any cup"]
    for cup, volume in zip(run.cups, run.answer_ml, strict=True):
        lines.append(f"  {cup}  {volume:8.2f} mL  {names[cup]}")
    kept = run.volumes_ml[-1, : -len(run.cups)].sum()
    when = "still moving at the end" if run.settled_at_s is None else f"still after {run.settled_at_s:.2f} s"
    lines.append(
        f"  {run.pour.total_ml:.2f} mL poured, {kept:.2f} mL kept in buckets, {when};"
        f" law {run.law}, water {run.water}, {run.energy_mj:.0f} mJ, mass off by {_small(run.residual)}"
    )
    if run.water == "ideal" and design.water.surface_tension_n_m > 0:
        lines.append(f"  the machine is made for {design.water.name} water: --water design pours that")
    if np.abs(run.split_error_pp).max(initial=0.0) > 0.05:
        worst = int(np.argmax(np.abs(run.split_error_pp)))
        lines.append(f"  splits are off by up to {abs(run.split_error_pp[worst]):.1f} points ({run.pipes[worst]})")
    if run.message:
        lines.append(f"  {run.message}")
    return "\n".join(lines)


def _small(value: float) -> str:
    """A relative error; rounding, which differs from machine to machine, is not told apart."""
    return f"{value:.0e}" if value > 1e-12 else "less than 1e-12"
