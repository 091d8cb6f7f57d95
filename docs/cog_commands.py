"""Helpers of the documentation's cog blocks: run a command or a measurement and print what it says."""

import subprocess

import cog


def show(command: str) -> None:
    """Print a shell command and its output as a console block."""
    told = subprocess.run("COLUMNS=100 " + command, shell=True, capture_output=True, text=True, check=True).stdout
    cog.outl("```console\n$ " + command)
    cog.outl("\n".join(line.rstrip() for line in told.rstrip().splitlines()) + "\n```")


def increments_table() -> None:
    """Print how far the cups move when the same water is poured in increments or slowly instead of at once."""
    import numpy as np

    import porcelain
    from porcelain import files
    from porcelain.check.superposition import increments
    from porcelain.simulate import run_many

    features = porcelain.load("iris").features
    cog.outl("| machine | law | water | poured | largest change of a cup | flowers that change class |")
    cog.outl("|---|---|---|---|---|---|")
    for folder, law in (("iris", "weir"), ("iris-tower", "orifice")):
        design = files.load(f"designs/{folder}", "design")
        volumes = design.volumes_ml(features)
        choice = {"law": law, "water": design.water.name, "tolerance": 1e-4}
        rng = np.random.default_rng(0)
        once = run_many(design, volumes, rate_ml_s=design.pour_ml_s, **choice).cups_ml
        ways = {
            "2 to 10 increments": run_many(design, [increments(design, v, rng) for v in volumes], **choice),
            "1 mL/s": run_many(design, volumes, rate_ml_s=1.0, **choice),
        }
        for way, batch in ways.items():
            moved = float(np.abs(batch.cups_ml - once).max())
            told = "< 0.001 mL" if moved < 1e-3 else f"{moved:.2f} mL"
            changed = int((batch.cups_ml.argmax(axis=1) != once.argmax(axis=1)).sum())
            cog.outl(f"| {folder} | {law} | {design.water.name} | {way} | {told} | {changed} of {len(volumes)} |")
