"""The dictionaries of an OpenFOAM case, as text. Lengths are millimetres here and metres in the files."""

from __future__ import annotations

from collections.abc import Sequence

from .mesh import Cut, Mesh, Point, Tube
from .setup import Box, Setup

NEAR_MM = 0.01  # a face lies in a plane within this
FAR_MM = 500.0
EVERY = 5  # time steps between two records
FIELDS = {"U": "volVectorField", "alpha.water": "volScalarField", "p_rgh": "volScalarField"}

ALLRUN = """#!/bin/sh
# Mesh and run this case; scripts/vof does so and reads it. Needs OpenFOAM's programs.
set -e
cd "$(dirname "$0")"
rm -rf 0 0.[0-9]* [1-9]* constant/polyMesh postProcessing
blockMesh > log.blockMesh
topoSet -dict system/topoSetDict.cut > log.cut
subsetMesh -overwrite keep -patch walls > log.subsetMesh
topoSet -dict system/topoSetDict.patches > log.patches
createPatch -overwrite > log.createPatch
cp -r 0.orig 0
topoSet -dict system/topoSetDict.zones > log.zones
setFields > log.setFields
checkMesh > log.checkMesh
interFoam > log.interFoam 2>&1
"""

SCHEMES = """ddtSchemes { default Euler; }
gradSchemes { default Gauss linear; }
divSchemes
{
    default none;
    div(rhoPhi,U) Gauss linearUpwind grad(U);
    div(phi,alpha) Gauss vanLeer;
    div(phirb,alpha) Gauss linear;
    div(((rho*nuEff)*dev2(T(grad(U))))) Gauss linear;
}
laplacianSchemes { default Gauss linear corrected; }
interpolationSchemes { default linear; }
snGradSchemes { default corrected; }
"""

SOLUTION = """solvers
{
    "alpha.water.*"
    {
        nAlphaCorr 1; nAlphaSubCycles 1; cAlpha 1; MULESCorr yes; nLimiterIter 3;
        solver smoothSolver; smoother symGaussSeidel; tolerance 1e-8; relTol 0;
    }
    "pcorr.*" { solver PCG; preconditioner DIC; tolerance 1e-5; relTol 0; }
    p_rgh { solver GAMG; smoother DIC; tolerance 1e-7; relTol 0.05; }
    p_rghFinal { $p_rgh; tolerance 2e-8; relTol 0; }
    U { solver smoothSolver; smoother symGaussSeidel; tolerance 1e-6; relTol 0; }
}
PIMPLE { momentumPredictor no; nOuterCorrectors 1; nCorrectors 2; nNonOrthogonalCorrectors 0; }
"""


def foam(path: str, body: str) -> str:
    """A file of the case with the header that OpenFOAM wants."""
    name = path.rsplit("/", 1)[-1].split("Dict.")[0] + ("Dict" if "Dict." in path else "")
    kind = FIELDS.get(name, "uniformDimensionedVectorField" if name == "g" else "dictionary")
    return f"FoamFile {{ version 2.0; format ascii; class {kind}; object {name}; }}\n{body}"


def block_mesh(mesh: Mesh) -> str:
    """One block of boxes."""
    low, high = mesh.corners_mm
    corners = [(x, y, z) for z in (low[2], high[2]) for y in (low[1], high[1]) for x in (low[0], high[0])]
    vertices = "\n".join(f"    ({x:.6f} {y:.6f} {z:.6f})" for x, y, z in corners)
    counts = " ".join(str(axis.count) for axis in mesh.axes)
    grading = "\n        ".join(axis.grading() for axis in mesh.axes)
    return f"""scale 0.001;
vertices
(
{vertices}
);
blocks
(
    hex (0 1 3 2 4 5 7 6) ({counts})
    simpleGrading
    (
        {grading}
    )
);
edges ();
boundary
(
    walls {{ type wall; faces ((0 4 6 2) (1 3 7 5) (0 1 5 4) (0 2 3 1) (2 6 7 3)); }}
    top {{ type patch; faces ((4 5 7 6)); }}
);
mergePatchPairs ();
"""


def _metres(point: Point) -> str:
    return "(" + " ".join(f"{v * 1e-3:.8f}" for v in point) + ")"


def _action(name: str, kind: str, action: str, source: str) -> str:
    return f"    {{ name {name}; type {kind}; action {action}; source {source} }}"


def _actions(lines: Sequence[str]) -> str:
    return "actions\n(\n" + "\n".join(lines) + "\n);\n"


def _in(box: Box, kind: str) -> str:
    return f"{kind}; box {_metres(box[0])} {_metres(box[1])};"


def cuts(mesh: Mesh) -> str:
    """Which cells are left: all but the solids."""
    everywhere = (-FAR_MM,) * 3, (FAR_MM,) * 3
    lines = [_action("keep", "cellSet", "new", _in(everywhere, "boxToCell"))]
    return _actions([*lines, *(_cut(cut) for cut in mesh.cuts)])


def _cut(cut: Cut | Tube) -> str:
    if isinstance(cut, Tube):
        ends = f"p1 {_metres(cut.start)}; p2 {_metres(cut.end)}; radius {cut.radius * 1e-3:.8f};"
        return _action("keep", "cellSet", cut.action, f"cylinderToCell; {ends}")
    edges = " ".join(f"{name} {_metres(edge)};" for name, edge in zip("ijk", (cut.i, cut.j, cut.k), strict=True))
    return _action("keep", "cellSet", cut.action, f"rotatedBoxToCell; origin {_metres(cut.origin)}; {edges}")


def patches(setup: Setup) -> str:
    """Faces where water comes in and where it leaves."""
    lines = []
    for n, inlet in enumerate(setup.inlets):
        low, high = ([v + sign * NEAR_MM for v in end] for sign, end in ((-1, inlet.low), (1, inlet.high)))
        box = (low[0], low[1], low[2]), (high[0], high[1], high[2])
        lines.append(_action(f"in{n}", "faceSet", "new", _in(box, "boxToFace")))
    for n, (_, boxes) in enumerate(setup.outs):
        for m, box in enumerate(boxes):
            lines.append(_action(f"out{n}", "faceSet", "add" if m else "new", _in(box, "boxToFace")))
    return _actions(lines)


def _names(setup: Setup) -> tuple[list[str], list[str], list[str]]:
    """Of inlets, outlets and zones."""
    zones = [*(f"strip{n}" for n in range(len(setup.strips))), "pool"]
    return [f"in{n}" for n in range(len(setup.inlets))], [f"out{n}" for n in range(len(setup.outs))], zones


def create_patches(setup: Setup) -> str:
    ins, outs, _ = _names(setup)
    made = "\n".join(
        f"    {{ name {name}; patchInfo {{ type patch; }} constructFrom set; set {name}; }}" for name in ins + outs
    )
    return f"pointSync false;\npatches\n(\n{made}\n);\n"


def zones(setup: Setup) -> str:
    """Cells in which water is measured: strips behind the sill, and all in the bucket."""
    lines = []
    for name, box in zip(_names(setup)[2], [*setup.strips, setup.pool], strict=True):
        lines.append(_action(f"{name}Set", "cellSet", "new", _in(box, "boxToCell")))
        lines.append(_action(name, "cellZoneSet", "new", f"setToCellZone; set {name}Set;"))
    return _actions(lines)


def set_fields(wet: Sequence[Box]) -> str:
    """Still water in boxes, air elsewhere."""
    boxes = [f"boxToCell {{ box {_metres(low)} {_metres(high)};" for low, high in wet]
    filled = "\n".join(f"    {box} fieldValues ( volScalarFieldValue alpha.water 1 ); }}" for box in boxes)
    return f"defaultFieldValues ( volScalarFieldValue alpha.water 0 );\nregions\n(\n{filled}\n);\n"


def control(setup: Setup) -> str:
    """How long the case runs, and what is recorded: flows through outlets and the top, water in zones."""
    often = f"writeControl timeStep; writeInterval {EVERY}; log false; writeFields false;"
    surface = f"type surfaceFieldValue; libs (fieldFunctionObjects); {often} regionType patch; operation sum;"
    volume = f"type volFieldValue; libs (fieldFunctionObjects); {often} operation volIntegrate; fields (alpha.water);"
    _, outs, zones = _names(setup)
    made = [f"    {name} {{ {surface} name {name}; fields (rhoPhi phi); }}" for name in [*outs, "top"]]
    made += [f"    {name} {{ {volume} regionType cellZone; name {name}; }}" for name in zones]
    made.append(f"    all {{ {volume} regionType all; }}")
    measured = "\n".join(made)
    return f"""application interFoam;
startFrom startTime;
startTime 0;
stopAt endTime;
endTime {setup.options.end_s};
deltaT 2e-5;
writeControl adjustableRunTime;
writeInterval 0.1;
purgeWrite 2;
writeFormat ascii;
writePrecision 7;
timeFormat general;
timePrecision 6;
runTimeModifiable yes;
adjustTimeStep yes;
maxCo 0.9;
maxAlphaCo 0.9;
maxDeltaT 1e-3;
functions
{{
{measured}
}}
"""


def gravity(mm_s2: Point) -> str:
    return f"dimensions [0 1 -2 0 0 0 0];\nvalue {_metres(mm_s2)};\n"


def transport(
    surface_tension: float, water_density: float, water_viscosity: float, air_density: float, air_viscosity: float
) -> str:
    """Two fluids: kinematic viscosities come in mm2/s."""
    return f"""phases (water air);
water {{ transportModel Newtonian; nu {water_viscosity * 1e-6:.6g}; rho {water_density:g}; }}
air {{ transportModel Newtonian; nu {air_viscosity * 1e-6:.6g}; rho {air_density:g}; }}
sigma {surface_tension:g};
"""


def velocity(flows_ml_s: Sequence[float]) -> str:
    entries = "\n".join(
        f"    in{n} {{ type flowRateInletVelocity; volumetricFlowRate constant {flow * 1e-6:.9g};"
        " value uniform (0 0 0); }"
        for n, flow in enumerate(flows_ml_s)
    )
    return f"""dimensions [0 1 -1 0 0 0 0];
internalField uniform (0 0 0);
boundaryField
{{
{entries}
    "(top|out[0-9].*)" {{ type pressureInletOutletVelocity; value uniform (0 0 0); }}
    walls {{ type noSlip; }}
}}
"""


def fraction(contact_angle_deg: float) -> str:
    return f"""dimensions [0 0 0 0 0 0 0];
internalField uniform 0;
boundaryField
{{
    "in[0-9].*" {{ type fixedValue; value uniform 1; }}
    "(top|out[0-9].*)" {{ type inletOutlet; inletValue uniform 0; value uniform 0; }}
    walls {{ type constantAlphaContactAngle; theta0 {contact_angle_deg:g}; limit gradient; value uniform 0; }}
}}
"""


def pressure() -> str:
    return """dimensions [1 -1 -2 0 0 0 0];
internalField uniform 0;
boundaryField
{
    "in[0-9].*" { type fixedFluxPressure; value uniform 0; }
    "(top|out[0-9].*)" { type prghTotalPressure; p0 uniform 0; value uniform 0; }
    walls { type fixedFluxPressure; value uniform 0; }
}
"""
