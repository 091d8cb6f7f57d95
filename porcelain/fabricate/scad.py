"""OpenSCAD: the parts as a readable tree of boxes, prisms and cuts, with a few things to turn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..arrays import Floats
from ..geometry.solids import Recipe
from ..machine.design import Design
from ..styles import style_of
from .csg_tree import recipes, triangles
from .formats import Fabricated

HEADER = """// {title}: a network of buckets and pipes, {ml:g} mL per unit.
// Written by porcelain from the same millimetres as its meshes.
// Render with F6, or: openscad -D 'show="{first}"' -o part.stl FILE
show = "all";      // a part's name, or all of them assembled: {names}
explode_mm = 0;    // lifts each part off the one below it
"""

TOOLS = """
module box(low, high) translate(low) cube(high - low);
// A polygon in (side, up) of a pose, swept square to it.
module prism(pose, length, points) multmatrix(pose) linear_extrude(length) polygon(points);
module hull_of(points, faces) polyhedron(points, faces);
// What lies between two heights.
module between(low, high) intersection() {
  children();
  translate([-5000, -5000, low]) cube([10000, 10000, high - low]);
}
"""


def files(machine: Fabricated) -> dict[str, bytes]:
    """The whole machine in one file."""
    return {f"{machine.stem}.scad": to_scad(machine.design)}


def to_scad(design: Design) -> bytes:
    """A .scad file with one module per part."""
    made = recipes(design)
    title = design.name.replace("\n", " ")
    lines = [HEADER.format(title=title, ml=design.ml_per_unit, first=next(iter(made)), names=", ".join(made))]
    lines += ["", *_facts(design), TOOLS]
    for number, (name, recipe) in enumerate(made.items()):
        lines.append(f"module {name}() {{")
        lines += _lines(recipe, 1)
        lines.append("}")
        lines.append(f'if (show == "all" || show == "{name}")')
        lines.append(f'  translate([0, 0, show == "all" ? explode_mm * {len(made) - 1 - number} : 0]) {name}();')
        lines.append("")
    return "\n".join(lines).encode()


def _facts(design: Design) -> Iterator[str]:
    """What is built, as comments: every bucket and pipe."""
    shape = style_of(design)
    for bucket in design.buckets:
        yield f"// {bucket.name} {bucket.label}: keeps {bucket.threshold_ml:.2f} mL".replace("\n", " ")
    for pipe in design.pipes:
        wide = shape.branch_text(design, pipe)
        yield f"// {pipe.name}: {pipe.source} to {pipe.target}, share {pipe.share:.3f}, {wide}"


def _lines(recipe: Recipe, depth: int) -> Iterator[str]:
    pad, kind = "  " * depth, recipe[0]
    if kind == "box":
        yield f"{pad}box({_point(recipe[1])}, {_point(recipe[2])});"
    elif kind == "prism":
        _, polygon, pose, length = recipe
        rows = ", ".join(_point(row) for row in np.vstack([pose, [0, 0, 0, 1]]))
        yield f"{pad}prism([{rows}], {_number(length)}, {_points(polygon)});"
    elif kind == "hull":
        corners, faces = triangles(recipe[1])
        # OpenSCAD wants faces clockwise from outside
        yield f"{pad}hull_of({_points(corners)}, {[face[::-1] for face in faces]});"
    elif kind == "between":
        yield f"{pad}between({_number(recipe[2])}, {_number(recipe[3])}) {{"
        yield from _lines(recipe[1], depth + 1)
        yield f"{pad}}}"
    elif kind == "moved":
        yield f"{pad}translate({_point(recipe[2])}) {{"
        yield from _lines(recipe[1], depth + 1)
        yield f"{pad}}}"
    else:
        yield f"{pad}{'union' if kind == 'union' else 'difference'}() {{"
        for child in recipe[1]:
            yield from _lines(child, depth + 1)
        yield f"{pad}}}"


def _point(values: Floats) -> str:
    return "[" + ", ".join(_number(v) for v in values) + "]"


def _points(points: Floats) -> str:
    return "[" + ", ".join(_point(point) for point in points) + "]"


def _number(value: float) -> str:
    return f"{round(float(value), 6) + 0.0:.10g}"
