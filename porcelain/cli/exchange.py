"""porcelain exchange: teach a Neural Heat Exchanger, or warm up a physical one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from ..errors import PorcelainError
from ..units import MM3_PER_ML
from .file_types import FILMS, PICTURES, ending


class Exchange(click.Group):
    """``thermal`` and ``body`` are verbs of their own; any other word is the data to learn from."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "DATA", teach, args
        return super().resolve_command(ctx, args)


@click.group(
    name="exchange",
    cls=Exchange,
    subcommand_metavar="DATA|thermal|body [OPTIONS]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def command() -> None:
    """Teach two pipes in counterflow, or warm up two real ones.

    \b
    DATA is circle (the article's task), moons, xor, a table porcelain knows (iris) or a CSV.
    Examples: porcelain exchange circle --rule target --widths 2,16x9,2 --movie learning.gif
              porcelain exchange circle --help
              porcelain exchange thermal --hot 80 --cold 20
              porcelain exchange body -o heat-exchanger.stl
    """


def _widths(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    found: list[int] = []
    for piece in value.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:x(\d+))?\s*", piece)
        if not match:
            raise PorcelainError(f"--widths is {value!r}; numbers are needed, as in 2,16x9,2 (16x9: nine times 16)")
        found += [int(match[1])] * int(match[2] or 1)
    return tuple(found)


@click.command(name="DATA")
@click.argument("data")
@click.option("--rule", default="target", show_default=True, help="target, delta or article; controls: backprop, last.")
@click.option("--widths", callback=_widths, help="Units per level, input first, as in 2,16x9,2.")
@click.option("--epochs", default=200, show_default=True)
@click.option("--step", type=float, help="Step of the rule (default: its own).")
@click.option("--batch", default=10, show_default=True, help="Rows per step; the article's rule goes one by one.")
@click.option("--noise", default=0.3, show_default=True, help="Noise from which B learns to rebuild.")
@click.option("--seed", default=0, show_default=True, help="Same seed, same pipes.")
@click.option("--label", help="Column of a CSV that holds the class (default: the last).")
@click.option("-o", "--output", default="build/exchange", show_default=True, help="Folder for the figures.")
@click.option("--movie", callback=ending(*FILMS), help="Film all epochs: .gif, or .mp4 and a .gif beside it.")
def teach(
    data: str,
    rule: str,
    widths: tuple[int, ...] | None,
    epochs: int,
    step: float | None,
    batch: int,
    noise: float,
    seed: int,
    label: str | None,
    output: str,
    movie: str | None,
) -> None:
    """Teach two pipes that face each other on DATA; every section learns from its neighbours only.

    \b
    Example: porcelain exchange circle --rule target --widths 2,16x9,2 --movie learning.gif
    """
    import numpy as np

    from ..errors import unknown
    from ..exchange.task import load_task
    from ..exchange.training import CONTROLS, RULES, train

    if rule not in RULES + CONTROLS:
        raise unknown("rule", rule, RULES + CONTROLS)
    what = load_task(data, seed, label)
    rng = np.random.default_rng(seed)
    start = what.exchanger(rule, widths, rng)
    with click.progressbar(length=epochs, label="learning", file=sys.stderr) as bar:
        trained = train(
            start,
            what.points,
            what.labels(start.nonlinearity),
            rule,
            epochs,
            step,
            batch,
            noise,
            rng,
            progress=lambda _: bar.update(1),
        )
    if trained.status != "done":
        click.echo(f"{trained.status}: {trained.message}", err=True)
    counts = np.bincount(what.test_classes)
    size = "-".join(str(w) for w in start.widths)
    before, after = what.accuracy(start), what.accuracy(trained.exchanger)
    click.echo(f"{what.name}: {size} by the rule {rule!r}, {len(trained) - 1} epochs, seed {seed}")
    click.echo(f"  right of {len(what.test_classes)} new points   {after:.1%} (before {before:.1%})")
    click.echo(f"  always the commonest class   {counts.max() / counts.sum():.1%}")
    _draw(trained, what, Path(output), movie)


def _draw(trained: object, what: object, folder: Path, movie: str | None) -> None:
    from ..exchange import Training
    from ..exchange.task import Task
    from ..show import exchange as show

    assert isinstance(trained, Training)
    assert isinstance(what, Task)
    written = [folder / name for name in ("data.png", "weights.png", "agreement.png", "decision.png")]
    show.scatter_figure(what, written[0])
    show.compare(trained.at(0), trained.exchanger, written[1])
    show.agreement_figure(trained, written[2])
    show.region_figure(trained.exchanger, what, written[3])
    if movie:
        with click.progressbar(length=show.FRAMES, label="filming", file=sys.stderr) as bar:
            written += show.learning_movie(trained, what, movie, lambda: bar.update(1))
    click.echo("wrote " + ", ".join(str(path) for path in written))


@command.command()
@click.option("--hot", default=80.0, show_default=True, help="Hot inlet, C.")
@click.option("--cold", default=20.0, show_default=True, help="Cold inlet, C.")
@click.option("--hot-flow", default=8.0, show_default=True, help="mL/s.")
@click.option("--cold-flow", default=8.0, show_default=True, help="mL/s.")
@click.option("--length", default=500.0, show_default=True, help="mm over which the pipes touch.")
@click.option("--area", default=50.0, show_default=True, help="Area of each bore, mm2.")
@click.option("--conductance", default=150.0, show_default=True, help="Through the wall, W/(m K).")
@click.option("--parallel", is_flag=True, help="Both pipes in the same direction instead of counterflow.")
@click.option("--loss", default=0.0, show_default=True, help="From each pipe to the room, W/(m K).")
@click.option("--room", default=20.0, show_default=True, help="The room, and the water at the start, C.")
@click.option("--cells", default=200, show_default=True, help="Per pipe; the error falls with their cube.")
@click.option("--seconds", type=float, help="End here (default: when nothing changes any more).")
@click.option(
    "-o",
    "--output",
    default="build/thermal.png",
    show_default=True,
    callback=ending(*PICTURES),
    help="Figure of the temperatures.",
)
@click.option("--movie", callback=ending(*FILMS), help="Film the warming up: .gif, or .mp4 and a .gif beside it.")
def thermal(
    hot: float,
    cold: float,
    hot_flow: float,
    cold_flow: float,
    length: float,
    area: float,
    conductance: float,
    parallel: bool,
    loss: float,
    room: float,
    cells: int,
    seconds: float | None,
    output: str,
    movie: str | None,
) -> None:
    """Two touching pipes, hot water in one and cold in the other: temperatures over time and at rest.

    \b
    Example: porcelain exchange thermal --hot 80 --cold 20 --movie warming.gif
    """
    from ..exchange.thermal import HeatExchanger, Stream, warm_up

    pair = HeatExchanger(
        Stream(hot, hot_flow, area), Stream(cold, cold_flow, area), length, conductance, not parallel, loss, room
    )
    run = warm_up(pair, cells, end_s=seconds)
    if run.status != "settled":
        click.echo(f"{run.status}: {run.message}", err=True)
    click.echo(f"{'parallel flow' if parallel else 'counterflow'}, NTU {pair.ntu:.3f}")
    click.echo(f"  hot   {hot:7.2f} C in, {run.hot_out_c[-1]:7.2f} C out")
    click.echo(f"  cold  {cold:7.2f} C in, {run.cold_out_c[-1]:7.2f} C out")
    if hot != cold:
        closed = f" (closed form, without loss: {pair.effectiveness:.4f})"
        click.echo(f"  effectiveness {run.effectiveness:.4f}{closed}")
    share = abs(run.balance_j) / run.moved_j if run.moved_j else 0.0
    click.echo(f"  followed for {run.times_s[-1]:.4g} s, heat balance closed to {share:.0e}")
    from ..show import thermal as show

    show.profile_figure(run, output)
    written = [Path(output)]
    if movie:
        with click.progressbar(length=show.FRAMES, label="filming", file=sys.stderr) as bar:
            written += show.thermal_movie(run, movie, lambda: bar.update(1))
    click.echo("wrote " + ", ".join(str(path) for path in written))


@command.command()
@click.option("--length", default=150.0, show_default=True, help="mm over which the pipes touch.")
@click.option("--area", default=50.0, show_default=True, help="Area of each bore, mm2.")
@click.option("--leg", default=30.0, show_default=True, help="How far the four ends stand out, mm.")
@click.option("--printer", default="ender3", show_default=True, help="Who prints it: ender3, mk4, mini, x1, xl.")
@click.option("-o", "--output", default="heat-exchanger.stl", show_default=True, help="STL to write.")
def body(length: float, area: float, leg: float, printer: str, output: str) -> None:
    """The physical exchanger as a printable mesh: two U-shaped pipes, one wall apart, printed lying down.

    \b
    Example: porcelain exchange body --length 150 --area 50 -o heat-exchanger.stl
    """
    from .. import files
    from ..fabricate.exchanger import conductance_w_m_k, parts
    from ..fabricate.stl import to_stl
    from ..printer import printer as preset

    (part,) = parts(preset(printer), length, area, leg)
    files.write_bytes(output, to_stl(part))
    size = " x ".join(f"{s:.0f}" for s in part.size_mm)
    click.echo(f"{part.name}: {size} mm, {part.volume_mm3 / MM3_PER_ML:.1f} cm3, 2 channels of {area:g} mm2")
    click.echo(f"heat passes its wall at {conductance_w_m_k(preset(printer), area):.2f} W/(m K) if it is PLA")
    click.echo(f"wrote {output}")
