"""A ready interFoam case of one outlet: mesh, fields, water, what is measured, and the commands that run it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ...errors import PorcelainError, unknown
from ...files import write_bytes
from ...machine.design import Design
from ...machine.outlet_geometry import HoleGeometry, OutletGeometry
from ...styles import style_of
from ...units import STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3, WATER_KINEMATIC_VISCOSITY_MM2_S
from ...water import Water
from . import hole, sill, text
from .setup import VofOptions

AIR_DENSITY_KG_M3, AIR_VISCOSITY_MM2_S = 1.2, 15.0  # at 20 C


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
            liquid = Water.preset(value)
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
    geometry = style_of(design).outlet_geometry(design, bucket, options.inflow)
    return write_case(geometry, water or design.water, folder, options, of_design(design, bucket))


def of_design(design: Design, name: str) -> dict[str, Any]:
    """What the design promises of a bucket's outlet, beside which a run is read."""
    bucket = next(b for b in design.buckets if b.name == name)
    return {
        "design": design.name,
        "shares": {pipe.name: pipe.share for pipe in design.branches(name)},
        "stop_mm": bucket.outlet.stop_mm,
        "threshold_ml": bucket.threshold_ml,
        "discharge": bucket.outlet.discharge,
        "kind": bucket.outlet.kind,
    }


def write_case(
    geometry: OutletGeometry | HoleGeometry,
    water: Water,
    folder: str | Path,
    options: VofOptions | None = None,
    about: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write a case folder for ``scripts/vof`` or its own ``Allrun``; returns the paths.

    Parameters
    ----------
    geometry : OutletGeometry or HoleGeometry
        Of a design, or of a candidate made from one with :func:`dataclasses.replace`.
    water : Water
    folder : path
    options : VofOptions, optional
    about : mapping, optional
        Facts for the record in ``case.json``.
    """
    wanted = options or VofOptions()
    setup = sill.setup(geometry, wanted) if isinstance(geometry, OutletGeometry) else hole.setup(geometry, wanted)
    mesh, options = setup.mesh, setup.options
    files = {
        "system/blockMeshDict": text.block_mesh(mesh),
        "system/topoSetDict.cut": text.cuts(mesh),
        "system/topoSetDict.patches": text.patches(setup),
        "system/createPatchDict": text.create_patches(setup),
        "system/topoSetDict.zones": text.zones(setup),
        "system/setFieldsDict": text.set_fields(setup.wet),
        "system/controlDict": text.control(setup),
        "system/fvSchemes": text.SCHEMES,
        "system/fvSolution": text.SOLUTION,
        "constant/g": text.gravity(mesh.frame.vector(0.0, 0.0, -STANDARD_GRAVITY_MM_S2)),
        "constant/turbulenceProperties": "simulationType laminar;\n",
        "constant/transportProperties": text.transport(water.surface_tension_n_m, **_fluids()),
        "0.orig/U": text.velocity([inlet.part * options.rate_ml_s for inlet in setup.inlets]),
        "0.orig/alpha.water": text.fraction(water.contact_angle_deg),
        "0.orig/p_rgh": text.pressure(),
    }
    record = {
        **(about or {}),
        "geometry": asdict(geometry),
        "drawn_shares": geometry.shares,
        "water": asdict(water),
        "options": asdict(options),
        "outs": {f"out{n}": pipe for n, (pipe, _) in enumerate(setup.outs)},
        "inlets": [asdict(inlet) for inlet in setup.inlets],
        "strips_mm": [[box[0][0], box[1][0]] for box in setup.strips],
        "strip_height_mm": mesh.corners_mm[1][2] - setup.strips[0][0][2],
        "ramp_deg": mesh.frame.ramp_deg,
        "block_cells": mesh.cells,
        "densities_kg_m3": [WATER_DENSITY_KG_M3, AIR_DENSITY_KG_M3],
    }
    paths = {name: text.foam(name, body) for name, body in files.items()}
    paths |= {"Allrun": text.ALLRUN, "case.json": json.dumps(record, indent=1) + "\n"}
    for name, body in paths.items():
        write_bytes(Path(folder) / name, body.encode())
    (Path(folder) / "Allrun").chmod(0o755)
    return [Path(folder) / name for name in paths]


def _fluids() -> dict[str, float]:
    return {
        "water_density": WATER_DENSITY_KG_M3,
        "water_viscosity": WATER_KINEMATIC_VISCOSITY_MM2_S,
        "air_density": AIR_DENSITY_KG_M3,
        "air_viscosity": AIR_VISCOSITY_MM2_S,
    }
