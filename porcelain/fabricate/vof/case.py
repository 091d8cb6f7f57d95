"""A ready interFoam case of one outlet: mesh, fields, water, what is measured, and the commands that run it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from ...errors import PorcelainError, unknown
from ...files import write_bytes
from ...machine.design import Design
from ...machine.outlet_geometry import OutletGeometry
from ...machine.ranks import laid
from ...styles.terrace.outlets import outlet_geometry
from ...units import STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3, WATER_KINEMATIC_VISCOSITY_MM2_S
from ...water import Water
from ...water import water as water_named
from . import inflow, text
from .mesh import Mesh, mesh_of

STRIPS = 8  # along the sill, where the level is measured
STRIP_MM = 3.0  # deep behind the sill wall
DRAIN_FROM_MM = 4.0
POOL = {"cell_mm": 0.5, "end_s": 0.5, "mean_s": 0.25}
RAMP = {"cell_mm": 0.33, "end_s": 0.16, "mean_s": 0.06}
AIR_DENSITY_KG_M3, AIR_VISCOSITY_MM2_S = 1.2, 15.0  # at 20 C


@dataclass(frozen=True)
class VofOptions:
    """How an outlet is run.

    ``rate_ml_s`` of inflow (0: the bucket drains); ``inflow`` as in :func:`outlet_geometry`; ``cell_mm`` side of the
    cells near the sill; ``end_s`` physical time; ``mean_s`` at its end over which flows and levels are averaged;
    ``level_mm`` of the water above the sill at the start, below it with a minus, a dry lip. What is None follows from
    the outlet: a ramp settles in a third of a pool's time and needs finer cells.
    """

    rate_ml_s: float = 10.0
    inflow: str = "machine"
    cell_mm: float | None = None
    end_s: float | None = None
    mean_s: float | None = None
    level_mm: float | None = None
    speed_mm_s: float | None = None

    def __post_init__(self) -> None:
        if self.rate_ml_s < 0:
            raise PorcelainError(f"rate_ml_s is {self.rate_ml_s:g}; it must be 0 (drain) or more")
        for name in ("cell_mm", "end_s", "mean_s", "speed_mm_s"):
            if (value := getattr(self, name)) is not None and value <= 0:
                raise PorcelainError(f"{name} is {value:g}; it must be above 0")


def settings_of(items: Sequence[str]) -> tuple[Water | None, VofOptions]:
    """A water, if one is named, and options from words such as ``rate_ml_s=3``.

    >>> settings_of(["rate_ml_s=3", "inflow=left"])[1].rate_ml_s
    3.0

    Raises
    ------
    PorcelainError
        For a word without "=", an unknown name, a value that is no number, or an unknown water.
    """
    known = {option.name for option in fields(VofOptions)}
    liquid, given = None, dict[str, Any]()
    for item in items:
        name, equals, value = item.partition("=")
        if not equals:
            raise PorcelainError(f"--set {item} has no value; write it as in rate_ml_s=3")
        if name == "water":
            liquid = water_named(value)
        elif name not in known:
            raise unknown("setting", name, known | {"water"})
        else:
            given[name] = value if name == "inflow" else _number(name, value)
    return liquid, VofOptions(**given)


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise PorcelainError(f"{name} is {value!r}; a number is needed") from None


def write_outlet(
    design: Design, bucket: str, folder: str | Path, water: Water | None = None, options: VofOptions | None = None
) -> list[Path]:
    """Write the case of a bucket's outlet with the design's water or another; returns the paths."""
    options = options or VofOptions()
    geometry = outlet_geometry(design, bucket, options.inflow)
    return write_case(geometry, water or design.water, folder, options, of_design(design, bucket))


def of_design(design: Design, name: str) -> dict[str, Any]:
    """What the design promises of a bucket's outlet, beside which a run is read."""
    bucket = next(b for b in laid(design).buckets if b.name == name)
    return {
        "design": design.name,
        "shares": {pipe.name: pipe.share for pipe in laid(design).branches(name)},
        "stop_mm": bucket.outlet.stop_mm,
        "threshold_ml": bucket.threshold_ml,
        "discharge": bucket.outlet.discharge,
    }


def write_case(
    geometry: OutletGeometry,
    water: Water,
    folder: str | Path,
    options: VofOptions | None = None,
    about: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write a case folder for ``scripts/vof`` or its own ``Allrun``; returns the paths.

    Parameters
    ----------
    geometry : OutletGeometry
        Of a design, or of a candidate made from one with :func:`dataclasses.replace`.
    water : Water
    folder : path
    options : VofOptions, optional
    about : mapping, optional
        Facts for the record in ``case.json``.
    """
    options = settled(geometry, options or VofOptions())
    assert options.cell_mm is not None
    geometry = inflow.shortened(geometry)
    found = inflow.sheets(geometry, options.rate_ml_s, options.speed_mm_s) if options.rate_ml_s else []
    mesh = mesh_of(geometry, options.cell_mm, inflow.lines_mm(geometry, found))
    inlets = inflow.inlets(geometry, mesh, found)
    strips = _strips(geometry, mesh)
    outs = _outs(geometry)
    files = {
        "system/blockMeshDict": text.block_mesh(mesh),
        "system/topoSetDict.cut": text.cuts(mesh),
        "system/topoSetDict.patches": text.patches(mesh, inlets, outs, geometry.front_mm),
        "system/createPatchDict": text.create_patches(len(inlets), len(outs)),
        "system/topoSetDict.zones": text.zones(mesh, strips, geometry.foot_mm),
        "system/setFieldsDict": text.set_fields(mesh, geometry.foot_mm, _level(geometry, options)),
        "system/controlDict": text.control(options.end_s, len(outs), len(strips)),
        "system/fvSchemes": text.SCHEMES,
        "system/fvSolution": text.SOLUTION,
        "constant/g": text.gravity(mesh.frame.vector(0.0, 0.0, -STANDARD_GRAVITY_MM_S2)),
        "constant/turbulenceProperties": "simulationType laminar;\n",
        "constant/transportProperties": text.transport(water.surface_tension_n_m, **_fluids()),
        "0.orig/U": text.velocity([inlet.part * options.rate_ml_s for inlet in inlets]),
        "0.orig/alpha.water": text.fraction(water.contact_angle_deg),
        "0.orig/p_rgh": text.pressure(),
    }
    record = {
        **(about or {}),
        "geometry": asdict(geometry),
        "width_shares": geometry.shares,
        "water": asdict(water),
        "options": asdict(options),
        "outs": {f"out{n}": list(pipes) for n, (_, _, pipes) in enumerate(outs)},
        "inlets": [asdict(inlet) for inlet in inlets],
        "strips_mm": [[box[0][0], box[1][0]] for box in strips],
        "strip_height_mm": mesh.corners_mm[1][2] - strips[0][0][2],
        "ramp_deg": geometry.ramp_deg,
        "block_cells": mesh.cells,
        "densities_kg_m3": [WATER_DENSITY_KG_M3, AIR_DENSITY_KG_M3],
    }
    paths = {name: text.foam(name, body) for name, body in files.items()}
    paths |= {"Allrun": text.ALLRUN, "case.json": json.dumps(record, indent=1) + "\n"}
    for name, body in paths.items():
        write_bytes(Path(folder) / name, body.encode())
    (Path(folder) / "Allrun").chmod(0o755)
    return [Path(folder) / name for name in paths]


def settled(geometry: OutletGeometry, options: VofOptions) -> VofOptions:
    """The options with what was left open filled in for a ramp or a pool."""
    chosen = RAMP if geometry.ramp_deg else POOL
    given = {name: value for name, value in asdict(options).items() if value is not None}
    return VofOptions(**(chosen | given))


def _fluids() -> dict[str, float]:
    return {
        "water_density": WATER_DENSITY_KG_M3,
        "water_viscosity": WATER_KINEMATIC_VISCOSITY_MM2_S,
        "air_density": AIR_DENSITY_KG_M3,
        "air_viscosity": AIR_VISCOSITY_MM2_S,
    }


def _level(geometry: OutletGeometry, options: VofOptions) -> float | None:
    """Where the water stands at the start, above the table; nowhere on a ramp."""
    if geometry.ramp_deg and options.level_mm is None:
        return None
    if options.level_mm is not None:
        return geometry.sill_mm + options.level_mm
    if not options.rate_ml_s:
        return geometry.sill_mm + DRAIN_FROM_MM
    width = sum(c.width_mm for c in geometry.compartments)
    return geometry.sill_mm + (options.rate_ml_s * 1e3 / (2 / 3 * 0.61 * (2 * 9806.65) ** 0.5 * width)) ** (2 / 3)


def _outs(geometry: OutletGeometry) -> list[tuple[float, float, tuple[str, ...]]]:
    """Outlet patches from the left, one a compartment: between the middles of knives."""
    middles = [(low + high) / 2 for low, high in geometry.knives_mm]
    ends = [geometry.left_mm - 1.0, *middles, geometry.right_mm + 1.0]
    return [(ends[n], ends[n + 1], (c.pipe,)) for n, c in enumerate(geometry.compartments)]


def _strips(geometry: OutletGeometry, mesh: Mesh) -> list[text.Box]:
    """Boxes behind the sill in which the water above the sill, or the ramp, is measured."""
    across, along, up = mesh.axes
    behind = max(geometry.foot_mm - STRIP_MM, geometry.baffle.front_mm if geometry.baffle else -1e9)
    back, floor = along.nearest(behind), geometry.sill_mm
    if geometry.ramp_deg:
        floor = mesh.frame.point(0.0, geometry.foot_mm, geometry.floor_mm)[2]
    top, width = mesh.corners_mm[1][2], geometry.right_mm - geometry.left_mm
    ends = [across.nearest(geometry.left_mm + width * n / STRIPS) for n in range(STRIPS + 1)]
    return [((low, back, up.nearest(floor)), (high, geometry.foot_mm, top)) for low, high in pairwise(ends)]
