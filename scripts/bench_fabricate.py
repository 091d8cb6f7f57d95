"""Meshing and inspection, measured: scripts/bench fabricate [SECTION ...].

Sections: mesh (every style), openscad and build123d (the same parts by other kernels), inspect, size and
largest (towers of many pipes). CPU times in seconds, processes of their own for the others; a peer that is not
installed is named and skipped.
"""

import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from porcelain import fabricate, files, plan
from porcelain.check import inspect, reread
from porcelain.check.slicer import alike
from porcelain.encoding import Encoding
from porcelain.errors import DesignError
from porcelain.fabricate.scad import to_scad
from porcelain.machine.assembly import Assembly
from porcelain.machine.design import Design
from porcelain.network import Layer, Network
from porcelain.printer import PRINTERS, Printer

HERE = Path(__file__).resolve().parent.parent
HALL = Printer("hall", (5000.0, 5000.0, 5000.0))
STYLES = ("tower", "terrace")
REPEATS = 5
LIMIT_S = 240.0  # of wall time for one part in another kernel; what takes longer is given as a lower bound
TABLE = "| kernel | style | s CPU | ours, s CPU | times |\n|---|---|---|---|---|"


def iris(style: str) -> Design:
    """The iris machine in one style."""
    return plan.design(files.load(HERE / "designs" / "iris" / "network.json", "network"), style=style)


def cpu(work: Callable[[], object]) -> float:
    """Median CPU time of a few runs, the first one left out."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return float(np.median(times[1:]))


def mesh() -> None:
    """All parts of iris from a design, checked, no file written."""
    for style in STYLES:
        design = iris(style)
        parts = fabricate.parts(design)
        faces = sum(len(part.faces) for part in parts)
        seconds = cpu(lambda d=design: fabricate.parts(d))
        print(f"mesh iris, {style:<8} {seconds:7.3f} s CPU, {faces} faces in {len(parts)} parts")


def openscad() -> None:
    """The same parts by OpenSCAD (CGAL) from the exported file, one of each shape."""
    if shutil.which("openscad") is None:
        print("openscad: skipped, not installed (Debian: apt install openscad)")
        return
    print(TABLE)
    for style in STYLES:
        design = iris(style)
        ours = cpu(lambda d=design: fabricate.parts(d))
        with tempfile.TemporaryDirectory() as folder:
            scad = Path(folder) / "machine.scad"
            scad.write_bytes(to_scad(design))
            theirs, least = 0.0, ""
            for part, _ in alike(fabricate.parts(design)):
                words = ["openscad", "-D", f'show="{part.name}"', "-o", f"{folder}/{part.name}.stl", str(scad)]
                seconds, done = child_cpu(words)
                theirs, least = theirs + seconds, least if done else ">= "
        print(f"| OpenSCAD | {style} | {least}{theirs:.1f} | {ours:.3f} | {least}{theirs / ours:.0f} |", flush=True)


def child_cpu(words: list[str]) -> tuple[float, bool]:
    """CPU time of a process, and whether it came to its end within the limit."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = True
    try:
        alone = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run(words, check=True, capture_output=True, env=alone, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        done = False
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done


def build123d() -> None:
    """The same recipes by build123d (Open CASCADE)."""
    if importlib.util.find_spec("build123d") is None:
        print("build123d: skipped, not installed (pip install 'porcelain[step]')")
        return
    import build123d as cad

    from porcelain.fabricate.csg_tree import recipes
    from porcelain.fabricate.step import solid

    print(TABLE)
    for style in STYLES:
        design = iris(style)
        ours = cpu(lambda d=design: fabricate.parts(d))
        made = recipes(design)
        start = time.process_time()
        volumes = {name: solid(cad, recipe).volume for name, recipe in made.items()}
        theirs = time.process_time() - start
        worst = max(abs(volumes[part.name] / part.volume_mm3 - 1) for part in fabricate.parts(design))
        print(f"| build123d | {style} | {theirs:.1f} | {ours:.3f} | {theirs / ours:.0f} |", flush=True)
        print(f"volumes agree within {worst:.1e}", file=sys.stderr)


def inspection() -> None:
    """Iris read back from its meshes: flood, channels or sills, walls, overhangs."""
    for style in STYLES:
        design = iris(style)
        parts = reread(fabricate.parts(design))
        assembly = Assembly.of(design, parts)
        found = inspect(parts, assembly, design=design)
        seconds = cpu(lambda p=parts, a=assembly, d=design: inspect(p, a, design=d))
        c = found.compared
        assert c is not None
        print(
            f"inspect iris, {style:<8} {seconds:6.2f} s CPU, {len(found.findings)} findings; thresholds within"
            f" {c.held_volume_ml:.4f} mL, shares within {c.share:.1e}"
        )


def dense(*widths: int) -> Network:
    """Every bucket feeds every bucket of the next row, alike."""
    layers = tuple(Layer(np.linspace(0.0, 15.0, n), np.full((n, m), 1 / m)) for n, m in pairwise(widths))
    n = widths[0]
    spread = np.zeros(n), np.ones(n), np.zeros(n), np.full(n, 30.0)
    encoding = Encoding(tuple(f"x{i}" for i in range(n)), ("cm",) * n, *spread)
    return Network(layers, encoding, tuple(f"c{j}" for j in range(widths[-1])), "-".join(map(str, widths)))


def largest() -> None:
    """The largest tower in which every bucket feeds every one of the next row, per printer and number of tiers."""
    for printer in PRINTERS.values():
        found = []
        for tiers in (2, 4):
            stands = "none"
            for n in range(2, 12):
                net = dense(*[n] * (tiers + 1))
                try:
                    plan.design(net, printer)
                except DesignError:
                    break
                stands = f"{net.name} with {net.n_pipes} pipes"
            found.append(stands)
        print(f"largest tower, {printer.name:<7} {', '.join(found)}", flush=True)


def size() -> None:
    """Towers of growing size, planned and meshed."""
    for widths in ((4, 3, 3), (6, 6, 6), (8, 8, 8), (8, 8, 8, 8, 8), (12, 12, 12)):
        net, start = dense(*widths), time.perf_counter()
        try:
            plan.design(net, PRINTERS["xl"])
        except DesignError as error:
            print(f"{net.name}, {net.n_pipes} pipes: {time.perf_counter() - start:.1f} s to refuse on xl: {error}")
        start = time.perf_counter()
        design = plan.design(net, HALL)
        planned = time.perf_counter()
        fabricate.parts(design)
        took = f"{planned - start:.1f} s to plan, {time.perf_counter() - planned:.1f} s to mesh"
        print(f"{net.name}, {net.n_pipes} pipes: {took}", flush=True)


SECTIONS = {
    "mesh": mesh,
    "inspect": inspection,
    "size": size,
    "largest": largest,
    "openscad": openscad,
    "build123d": build123d,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or SECTIONS:
        if name not in SECTIONS:
            sys.exit(f"unknown section {name!r}; one of {', '.join(SECTIONS)}")
        SECTIONS[name]()
        sys.stdout.flush()
