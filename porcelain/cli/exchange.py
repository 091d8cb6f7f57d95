"""porcelain exchange: teach a Neural Heat Exchanger, warm up a physical one, or print one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from ..data import ReadOptions
from ..exchange.options import ExchangeOptions, ThermalOptions, check_size
from ..fabricate.options import BodyOptions
from ..options import option
from ..units import MM3_PER_ML
from .inputs import FILMS, PICTURES
from .options import Verb, Word, flags, names_of
from .printing import PrinterOptions
from .telling import Telling

if TYPE_CHECKING:
    from ..exchange import Training
    from ..exchange.task import Task


class Exchange(click.Group):
    """``thermal`` and ``body`` are verbs of their own; any other word is the data to learn from."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "DATA", teach, args
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Data sets beside the two verbs."""
        data = [CompletionItem(name) for name in names_of("data") if name.startswith(incomplete)]
        return data + super().shell_complete(ctx, incomplete)


@click.group(
    name="exchange",
    cls=Exchange,
    subcommand_metavar="DATA|thermal|body [OPTIONS]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def command() -> None:
    """Teach two pipes in counterflow, warm up two real ones, or print them.

    DATA is circle (the article's task), moons, xor, a table porcelain knows (iris) or a CSV.

    \b
    Examples: porcelain exchange circle --rule target --widths 2,16x9,2 --movie learning.gif
              porcelain exchange circle --help
              porcelain exchange thermal --hot 80 --cold 20
              porcelain exchange body -o heat-exchanger.stl
    """


@dataclass(frozen=True)
class ExchangeFiles:
    """What is drawn."""

    output: str = option("build/exchange", "Folder for the figures.", flag="-o --output", kind="folder")
    movie: str | None = option(None, "Film all epochs: .gif, or .mp4 and a .gif beside it.", kind="file", endings=FILMS)


@click.command(name="DATA", cls=Verb)
@click.argument("data", type=Word("data"))
@flags("how", ExchangeOptions, "Learning")
@flags("table", ReadOptions, "Data")
@flags("out", ExchangeFiles, "Output")
@flags("telling", Telling, "Output")
def teach(data: str, how: ExchangeOptions, table: ReadOptions, out: ExchangeFiles, telling: Telling) -> None:
    """Teach two pipes that face each other on DATA; every section learns from its neighbours only.

    \b
    Examples: porcelain exchange circle --rule target --widths 2,16x9,2 --movie learning.gif
              porcelain exchange iris --epochs 100 --json
    """
    import numpy as np

    from ..exchange.task import load_task
    from ..exchange.training import train

    what = load_task(data, how.seed, table)
    rng = np.random.default_rng(how.seed)
    check_size(how.widths or (), how.epochs)
    start = what.exchanger(how.rule, how.widths, rng)
    check_size(start.widths, how.epochs)
    with telling.bar(how.epochs, "learning") as report:
        trained = train(
            start,
            what.points,
            what.labels(start.nonlinearity),
            how.rule,
            how.epochs,
            how.step,
            how.batch,
            how.noise,
            rng,
            progress=lambda _: report(),
        )
    if trained.status != "done":
        click.echo(f"{trained.status}: {trained.message}", err=True)
    counts = np.bincount(what.test_classes)
    size = "-".join(str(w) for w in start.widths)
    before, after, always = what.accuracy(start), what.accuracy(trained.exchanger), float(counts.max() / counts.sum())
    lines = [
        f"{what.name}: {size} by the rule {how.rule!r}, {len(trained) - 1} epochs, seed {how.seed}",
        f"  right of {len(what.test_classes)} new points   {after:.1%} (before {before:.1%})",
        f"  always the commonest class   {always:.1%}",
    ]
    figures = {
        "data": what.name,
        "widths": list(start.widths),
        "rule": how.rule,
        "epochs": len(trained) - 1,
        "seed": how.seed,
        "status": trained.status,
        "accuracy_before": before,
        "accuracy": after,
        "commonest_class": always,
    }
    telling.tell("\n".join(lines), lambda: figures, _draw(trained, what, out, telling))


def _draw(trained: Training, what: Task, out: ExchangeFiles, telling: Telling) -> list[Path]:
    from ..show import exchange as show

    folder = Path(out.output)
    written = [folder / name for name in ("data.png", "weights.png", "agreement.png", "decision.png")]
    show.scatter_figure(what, written[0])
    show.weights_figure(trained.at(0), trained.exchanger, written[1])
    show.agreement_figure(trained, written[2])
    show.region_figure(trained.exchanger, what, written[3])
    if out.movie:
        with telling.bar(show.FRAMES, "filming") as report:
            written += show.learning_movie(trained, what, out.movie, report)
    return written


@dataclass(frozen=True)
class ThermalFiles:
    """What is drawn."""

    output: str = option(
        "build/thermal.png", "Figure of the temperatures.", flag="-o --output", kind="file", endings=PICTURES
    )
    movie: str | None = option(
        None, "Film the warming up: .gif, or .mp4 and a .gif beside it.", kind="file", endings=FILMS
    )


@command.command(cls=Verb, short_help="Warm up two real pipes in counterflow.")
@flags("how", ThermalOptions, "Pipes and water")
@flags("out", ThermalFiles, "Output")
@flags("telling", Telling, "Output")
def thermal(how: ThermalOptions, out: ThermalFiles, telling: Telling) -> None:
    """Two touching pipes, hot water in one and cold in the other: temperatures over time and at rest.

    \b
    Examples: porcelain exchange thermal --hot 80 --cold 20 --movie warming.gif
              porcelain exchange thermal --parallel --length 1000
    """
    from ..exchange.thermal import HeatExchanger, Stream, warm_up
    from ..show import thermal as show

    hot, cold = Stream(how.hot, how.hot_flow, how.area), Stream(how.cold, how.cold_flow, how.area)
    pair = HeatExchanger(hot, cold, how.length, how.conductance, not how.parallel, how.loss, how.room)
    with telling.working("warming up"):
        run = warm_up(pair, how.cells, end_s=how.seconds)
    if run.status != "settled":
        click.echo(f"{run.status}: {run.message}", err=True)
    share = abs(run.balance_j) / run.moved_j if run.moved_j else 0.0
    lines = [
        f"{'parallel flow' if how.parallel else 'counterflow'}, NTU {pair.ntu:.3f}",
        f"  hot   {how.hot:7.2f} C in, {run.hot_out_c[-1]:7.2f} C out",
        f"  cold  {how.cold:7.2f} C in, {run.cold_out_c[-1]:7.2f} C out",
    ]
    figures: dict[str, Any] = {
        "ntu": pair.ntu,
        "hot_out_c": float(run.hot_out_c[-1]),
        "cold_out_c": float(run.cold_out_c[-1]),
        "followed_s": float(run.times_s[-1]),
        "balance": share,
        "status": run.status,
    }
    if how.hot != how.cold:
        closed = f" (closed form, without loss: {pair.effectiveness:.4f})"
        lines.append(f"  effectiveness {run.effectiveness:.4f}{closed}")
        figures |= {"effectiveness": run.effectiveness, "effectiveness_without_loss": pair.effectiveness}
    lines.append(f"  followed for {run.times_s[-1]:.4g} s, heat balance closed to {share:.0e}")
    show.profile_figure(run, out.output)
    written = [Path(out.output)]
    if out.movie:
        with telling.bar(show.FRAMES, "filming") as report:
            written += show.thermal_movie(run, out.movie, report)
    telling.tell("\n".join(lines), lambda: figures, written)


@dataclass(frozen=True)
class BodyFiles:
    """What is written."""

    output: str = option("heat-exchanger.stl", "STL to write.", flag="-o --output", kind="file", endings=(".stl",))


@command.command(cls=Verb, short_help="Write the physical exchanger as a printable mesh.")
@flags("how", BodyOptions, "Body")
@flags("printing", PrinterOptions, "Printer")
@flags("out", BodyFiles, "Output")
@flags("telling", Telling, "Output")
def body(how: BodyOptions, printing: PrinterOptions, out: BodyFiles, telling: Telling) -> None:
    """The physical exchanger as a printable mesh: two U-shaped pipes, one wall apart, printed lying down.

    \b
    Examples: porcelain exchange body --length 150 --area 50 -o heat-exchanger.stl
              porcelain exchange body --printer mini --leg 20
    """
    from .. import files
    from ..fabricate.exchanger import conductance_w_m_k, parts
    from ..fabricate.stl import to_stl

    maker = printing.maker
    with telling.working("making the mesh"):
        (part,) = parts(maker, how.length, how.area, how.leg)
    files.write_bytes(out.output, to_stl(part))
    size = " x ".join(f"{s:.0f}" for s in part.size_mm)
    conducts = conductance_w_m_k(maker, how.area)
    lines = [
        f"{part.name}: {size} mm, {part.volume_mm3 / MM3_PER_ML:.1f} cm3, 2 channels of {how.area:g} mm2",
        f"heat passes its wall at {conducts:.2f} W/(m K) if it is PLA",
    ]
    figures = {
        "size_mm": list(part.size_mm),
        "volume_cm3": part.volume_mm3 / MM3_PER_ML,
        "conductance_w_m_k": conducts,
    }
    telling.tell("\n".join(lines), lambda: figures, [out.output])
