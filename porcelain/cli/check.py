"""porcelain check: the chain of losses, and exit 1 when a promise is broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .. import files
from ..data import load


@click.command(name="check")
@click.argument("machine")
@click.option("--data", "data_name", help="Data set to follow (default: the one the network was trained on).")
@click.option("--label", help="Column of a CSV that holds the class (default: the last).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--seed", default=0, show_default=True, help="Draws the increments of the superposition test.")
def command(machine: str, data_name: str | None, label: str | None, as_json: bool, seed: int) -> None:
    """Follow a data set through MACHINE: data, network, millimetres, simulated water, meshes.

    MACHINE is a design.json or a folder with one; meshes beside it are read back, else they are made anew.

    \b
    Example: porcelain check build/iris
    """
    from ..check import agreement, as_text, read_parts, reread
    from ..fabricate import fabricate

    design = files.load(machine, "design")
    folder = Path(machine) if Path(machine).is_dir() else Path(machine).parent
    dataset = load(data_name or str(design.network.provenance.get("data", "")), label)
    meshes = read_parts(folder) if (folder / "assembly.json").is_file() else reread(fabricate(design))
    found = agreement(design, dataset, meshes, seed)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else as_text(found))
    if not found.holds:
        sys.exit(1)
