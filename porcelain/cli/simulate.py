"""porcelain simulate: a design and a row of data in, what the water does out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from .. import files
from ..encoding import COMPLEMENTED
from ..errors import PorcelainError, unknown
from ..machine.design import Design
from ..options import option
from ..pour import Piece, Pour
from ..run import Run
from ..simulate.options import SimulateOptions
from .inputs import FILMS, PICTURES
from .options import Verb, Word, flags, slip
from .telling import Telling

_TOP_UP = re.compile(r"(?P<name>[^=]+)=(?P<amount>[^@]+)@(?P<at>[^:]+?)s?(?::(?P<lasts>.+?)s?)?")
MOST_ROWS = 200_000  # of a run that is written to a file
LATEST_S = 1e7
TABLES = (".json", ".csv", ".parquet", ".inp")


@dataclass(frozen=True)
class PourOptions:
    """What is poured: how fast, and what is added or taken away later."""

    pour: str | None = option(None, "Pour file to use instead of VALUES.", kind="file")
    rate: float | None = option(None, "mL/s into each input (default: the design's own).", above=0, most=1e6)
    duration: float | None = option(
        None, "Seconds every input takes, instead of a rate; 0: all at once.", least=0, most=LATEST_S
    )
    top_up: tuple[str, ...] = option(
        (), "More of a feature, in its own units, at a time in s; again for more.", metavar="NAME=VALUE@TIME[:DURATION]"
    )
    stop_at: tuple[str, ...] = option((), "Stop pouring once it holds this much.", metavar="VESSEL=ML")
    start: str | None = option(None, "Run whose end the machine starts from, as in a second pour.", kind="file")


@dataclass(frozen=True)
class WayOptions:
    """When tiers open, and whether water takes time on its way."""

    gates: bool = option(False, "Hold each tier shut until it is full, then open it.")
    transit: bool = option(False, "Let water take its time down the pipes.")

    @property
    def settings(self) -> dict[str, Any]:
        """The same as fields of SimulateOptions."""
        return {"gates_s": "fill" if self.gates else None, "transit_s": "slide" if self.transit else None}


@dataclass(frozen=True)
class RunFiles:
    """When to look, and what is written."""

    at: tuple[float, ...] = option((), "A time to report, in s; again for more.", least=0, most=LATEST_S)
    every: float | None = option(None, "Report every so many s until everything is still.", above=0, most=LATEST_S)
    output: str | None = option(
        None, "Run to write as JSON or a table, or the model for SWMM (.inp); - is JSON on standard output.",
        flag="-o --output", kind="file", endings=TABLES,
    )  # fmt: skip
    plot: str | None = option(None, "Draw levels, flows and cups.", kind="file", endings=PICTURES)
    movie: str | None = option(None, "Film the pour: .gif, or .mp4 and a .gif beside it.", kind="file", endings=FILMS)


class _Value(click.ParamType):
    """A number, which may be below 0: what looks like an option and is none is still told so."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(value)
        except ValueError:
            if not value.startswith("-"):
                raise PorcelainError(f"{value[:40]!r} is no number; VALUES are numbers, one per feature") from None
            raise slip(value, ctx) from None


@click.command(
    name="simulate",
    cls=Verb,
    short_help="Pour water into a machine and follow it.",
    context_settings={"ignore_unknown_options": True},  # a value may be negative
)
@click.argument("design", type=Word("machine"))
@click.argument("values", nargs=-1, type=_Value())
@flags("poured", PourOptions, "Pour")
@flags("options", SimulateOptions, "Water")
@flags("way", WayOptions, "Water")
@flags("out", RunFiles, "Output")
@flags("telling", Telling, "Output")
def command(
    design: str,
    values: tuple[float, ...],
    poured: PourOptions,
    options: SimulateOptions,
    way: WayOptions,
    out: RunFiles,
    telling: Telling,
) -> None:
    """Pour VALUES, one per feature in the data's own units, into DESIGN (design.json or its folder).

    \b
    Examples: porcelain simulate designs/iris 6.2 3.4 5.4 2.3
              porcelain simulate designs/iris 6.2 3.4 5.4 2.3 \\
                  --top-up petal_length=0.5@10s --plot pour.png --movie pour.gif
              porcelain simulate designs/iris 6.2 3.4 5.4 2.3 --water tap -o run.csv --every 0.5
    """
    from ..simulate import overflow_bounds

    loud = telling.free(out.output)
    machine: Design = files.load(design, "design")
    files.refuse_overwriting(out.output, design, poured.pour, poured.start)
    pour = _pour(machine, values, poured.pour, poured.rate, poured.duration)
    pour = pour + Pour(tuple(_top_up(machine, text) for text in poured.top_up))
    stop_when = dict(_stop(text) for text in poured.stop_at)
    start_ml = _standing(machine, poured.start) if poured.start else None
    options = replace(options, stop_when=stop_when or None, start_ml=start_ml, **way.settings)
    if not stop_when and not telling.quiet:  # the jugs may be taken away before
        for spill in overflow_bounds(machine, pour, options):
            click.echo(f"warning: {spill}", err=True)
    with telling.working("pouring"):
        run = _followed(machine, pour, options, out)
    wrote: list[str | Path] = []
    if out.output is not None:
        _write(out.output, machine, run, options)
        wrote += [out.output] if loud else []
    if out.plot is not None:
        from ..show.pour import levels_figure

        levels_figure(machine, run, out.plot)
        wrote.append(out.plot)
    if out.movie is not None:
        from ..show.movie import FRAMES, pour_movie

        with telling.bar(FRAMES, "filming") as report:
            wrote += pour_movie(machine, run, out.movie, report)
    telling.tell(summary(machine, run), lambda: figures(machine, run), wrote, loud)


def _standing(machine: Design, path: str) -> Any:
    """What the vessels hold at the end of another run."""
    before: Run = files.load(path, "run")
    names = tuple(vessel.name for vessel in machine.vessels)
    if before.vessels != names:
        raise PorcelainError(
            f"--start is {path}, a run of a machine with other vessels ({len(before.vessels)}, and {machine.name} has"
            f" {len(names)}); pour into the same machine"
        )
    return before.volumes_ml[-1]


def _followed(machine: Design, pour: Pour, options: SimulateOptions, out: RunFiles) -> Run:
    """The run at the times that were asked for."""
    from .. import simulate

    times = sorted(set(out.at))
    if out.every is not None:
        still = simulate.run(machine, pour, options=options)
        end = still.settled_at_s if still.settled_at_s is not None else float(still.times_s[-1])
        if end / out.every > MOST_ROWS:
            raise PorcelainError(
                f"--every {out.every:g} makes {end / out.every:.3g} rows of {end:.3g} s, limit {MOST_ROWS}; ask for"
                " fewer"
            )
        times = sorted({*times, *(out.every * k for k in range(int(np.ceil(end / out.every)) + 1))})
    return simulate.run(machine, pour, times or None, options)


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
        if encoding.kind in COMPLEMENTED:
            raise PorcelainError(
                f"--top-up {name}: a {encoding.kind} encoding would have to take water away; name a bucket in mL"
            )
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


def _write(output: str, machine: Design, run: Run, options: SimulateOptions) -> None:
    ending = output.lower().rpartition(".")[2]
    if ending == "csv":
        data = run.to_csv()
    elif ending == "parquet":
        data = run.to_parquet()
    elif ending == "inp":
        from ..simulate import to_swmm

        data = to_swmm(machine, run.pour, float(run.times_s[-1]), options=options).encode()
    else:
        data = files.to_json(run)
    files.write_bytes(output, data)


def figures(design: Design, run: Run) -> Mapping[str, Any]:
    """The figures of the summary, for JSON."""
    names = dict(zip(run.cups, design.network.class_names, strict=True))
    return {
        "design": design.name,
        "answer": names[run.winner] if run.answer_ml.max() > 0 else None,
        "cups_ml": dict(zip(run.cups, run.answer_ml.tolist(), strict=True)),
        "poured_ml": run.pour.total_ml,
        "kept_ml": float(run.volumes_ml[-1, : -len(run.cups)].sum()),
        "settled_at_s": run.settled_at_s,
        "law": run.law,
        "water": run.water,
        "energy_mj": run.energy_mj,
        "residual": run.residual,
        "message": run.message,
    }


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
