"""A terrace that no bed holds in one piece: storeys that stand on one another and drip where they should."""

import importlib.util
import zipfile
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from porcelain import fabricate, files, plan
from porcelain.check import slicer
from porcelain.check.inspection.flooded import FloodedMachine
from porcelain.check.inspection.inspection import inspect
from porcelain.check.mesh.readers import reread
from porcelain.cli.plan import summary
from porcelain.errors import DesignError
from porcelain.fabricate import write
from porcelain.fabricate.plates import pack
from porcelain.geometry import solids
from porcelain.machine.assembly import Assembly
from porcelain.printer import Printer
from porcelain.show.guide import guide_html
from porcelain.styles.terrace import label_solids, storeys
from porcelain.styles.terrace.rank_rows import laid
from porcelain.styles.validate import errors, violations


def module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


nets = module("nets_for_storeys", Path(__file__).parents[1] / "plan" / "test_tower.py")
support = module("support_for_storeys", Path(__file__).with_name("test_support.py"))


def halves(widths, seed, top=8.0):
    """Every bucket pours into two of the next row, half and half."""
    rng = np.random.default_rng(seed)
    layers = []
    for n, m in pairwise(widths):
        shares = np.zeros((n, m))
        for i in range(n):
            shares[i, rng.choice(m, 2, replace=False)] = 0.5
        layers.append((rng.uniform(0, top, n), shares))
    return nets.network(layers, 15.0)


FULL = [([17, 43, 13, 0], np.full((4, 3), 1 / 3)), ([3.5, 36.3, 0], np.full((3, 3), 1 / 3))]
DENSE = [(np.linspace(0, 9, n), np.full((n, m), 1 / m)) for n, m in pairwise((4, 4, 4, 4, 3))]
CASES = {
    "every pipe of four tiers": (nets.network(DENSE, 20.0), Printer.preset("ender3"), "t0 t1"),
    "sixteen inputs": (halves((16, 8, 6, 4), 5), Printer.preset("ender3"), "t0 t1"),
    "all 21 pipes of a 4-3-3": (nets.network(FULL, 44.0), Printer("low", (180.0, 180.0, 160.0)), "t0 t1"),
    "three storeys": (halves((4, 4, 3, 3), 1), Printer("low", (180.0, 180.0, 100.0)), "t0 t1 t2"),
    "two stands": (halves((4, 4, 3, 3), 3), Printer("flat", (180.0, 78.0, 95.0)), "t0 s1 t1 s2 t2"),
    "inputs in ranks": (halves((10, 3), 5, 3.0), Printer("narrow", (100.0, 100.0, 160.0)), "t0 s1 t1"),
    "the smallest on a stand": (
        nets.network([(np.array([1.0, 3.0]), np.full((2, 2), 0.5))] * 2, 5.0),
        Printer("shallow", (180.0, 55.0, 70.0)),
        "t0 s1 t1",
    ),
}


@cache
def made(name):
    net, made_by, names = CASES[name]
    with nets.hasty():
        design = plan.design(net, printer=made_by, style="terrace")
    return design, fabricate.parts(design), names.split()


@pytest.fixture(scope="module", params=CASES)
def machine(request):
    return made(request.param)


@pytest.fixture(scope="module")
def small():
    return made("three storeys")


def test_every_storey_fits_the_printer_and_its_box(machine):
    design, parts, names = machine
    boxes = design.layout.part_boxes_mm(design)
    assert [part.name for part in parts] == list(boxes) == names
    for part in parts:
        assert design.printer.fits(part.size_mm)
        low, high = boxes[part.name]
        assert np.all(part.assembled_mm.min(axis=0) >= low - 0.011)
        assert np.all(part.assembled_mm.max(axis=0) <= high + 0.011)
    filled = pack(parts, design.printer)
    assert (
        summary(design)
        .splitlines()[0]
        .endswith(f"parts: {len(names)}, plates: {len(filled)}, for {design.printer.name}")
    )
    assert files.from_json(files.to_json(design), "design") == design


def test_the_network_is_read_back_from_the_meshes_and_nothing_drips_beside(machine):
    design, parts, _ = machine
    read = reread(parts)
    found = inspect(read, Assembly.of(design, read), design=design)
    assert [str(f) for f in found.findings] == []  # among them: overlaps, water on the table or in a wrong vessel
    assert found.compared.held_beyond == 0  # 0.5 % or 0.1 mL
    assert found.compared.share < 0.005
    assert found.network.widths == design.network.widths


def test_storeys_keep_air_between_where_water_runs(machine):
    """Set down askew by as much as their tongues allow, they still touch nowhere but where they stand."""
    design, parts, _ = machine
    number = {part.name: n for n, part in enumerate(reversed(parts))}
    placed = {  # lifted by a hair: they stand on one another, in single precision
        p.name: solids.from_mesh(p.vertices_mm, p.faces).translate((*p.at_mm[:2], p.at_mm[2] + 0.001 * number[p.name]))
        for p in parts
    }
    assert all((a ^ b).volume() < 1e-6 for a, b in combinations(placed.values(), 2))
    play = design.printer.clearance_mm
    for n, joint in enumerate(design.layout.joints):
        above, below = placed[f"t{n}"], placed[f"t{n + 1}"]
        if joint.apart:
            stand = placed[f"s{n + 1}"]
            for x, y in ((0.0, -1.0), (1.0, 0.0), (-1.0, 0.0)):
                assert (stand.translate((x, y, 0.0)) ^ below).volume() > 1.0  # the dovetails hold it
            below += stand
        for shift in ((play, 0), (-play, 0), (0, play), (0, -play)):
            assert (above.translate((*(0.95 * np.array(shift)), 0.0)) ^ below).volume() < 1e-6
        beyond = [above.translate((*(np.array(s) * (play + 0.1)), 0.0)) for s in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        assert all((moved ^ below).volume() > 1.0 for moved in beyond)  # the tongues hold it there
        wet = solids.box([-1.0, design.layout.back_mm(joint.tier), 0.0], [design.layout.width_mm + 1, 1e3, 1e3])
        assert (above ^ wet).min_gap(below ^ wet, 5.0) > joint.air_mm - play - 0.05


def test_no_layer_of_a_storey_hangs(machine):
    for part in machine[1]:
        assert support.hanging(solids.from_mesh(part.vertices_mm, part.faces), part.size_mm[2]) == []


def test_names_stand_above_what_an_end_wall_leaves_free_over_a_joint(machine):
    for storey in storeys.divided(laid(machine[0])):
        body = storey.design.layout
        for row in storey.design.tiers:
            assert all(foot > body.eaves_mm() for foot in label_solids.feet_mm(body, row))


def test_a_storey_let_down_into_the_row_below_is_seen(small):
    """The proof can fail: without its plane, the storey above dips into the row below and overlaps it."""
    design, parts, _ = small
    sunk = [replace(parts[0], at_mm=parts[0].at_mm - [0.0, 0.0, 9.0]), *parts[1:]]
    found = inspect(reread(sunk), Assembly.of(design, sunk))
    assert "overlap of parts" in {f.rule for f in found.findings}


def test_water_leaves_at_a_joint_whose_drip_edges_are_cut_off(small):
    """With all that hangs below the rim taken away, films on the sill wall find the joint and the table."""
    design, parts, _ = small
    joint = design.layout.joints[0]
    upper = parts[0]
    keep = solids.box([-1, -1, joint.hang_mm + 30.0], [1e3, 1e3, 1e3])
    legs = solids.box([-1, -1, -1], [1e3, design.layout.back_mm(joint.tier) - joint.air_mm, 1e3])
    solid = solids.from_mesh(upper.vertices_mm, upper.faces)
    vertices, faces = solids.to_mesh(solid ^ solids.union([keep, legs]), "t0")
    cut = [replace(upper, vertices_mm=vertices, faces=faces), *parts[1:]]
    flooded = FloodedMachine(cut, Assembly.of(design, cut), 0.4)
    strayed = set()
    for number, mouth in enumerate(flooded.mouths, 1):
        if mouth.name.startswith("b0"):
            wet = flooded.pour(number)
            if ((wet.level > -np.inf) & (flooded.columns.part < 0)).any():
                strayed.add("the table")
            strayed |= flooded.reached(wet, number) - set(mouth.feeds)
    assert strayed


def test_files_name_every_storey_and_are_the_same_each_time(small, tmp_path):
    design, parts, names = small
    first, second = write(parts, design, tmp_path / "a"), write(fabricate.parts(design), design, tmp_path / "b")
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))
    written = {path.name for path in first}
    assert {f"{name}.stl" for name in names} <= written
    assert all(f'"{n}"'.encode() in (tmp_path / "a" / f"{design.name}.glb").read_bytes() for n in names)
    with zipfile.ZipFile(tmp_path / "a" / f"{design.name}.3mf") as package:
        model = package.read("3D/3dmodel.model").decode()
    assert all(f'name="{name}"' in model for name in names)
    guide = guide_html(design, parts, [["t0"], ["t1", "t2"]], None, {}).decode()
    steps = [guide.index(step) for step in ("Lay <b>t2</b>", "Let <b>t1</b> down", "Let <b>t0</b> down")]
    assert steps == sorted(steps)
    assert "Tip one storey after another" in guide  # nothing but its weight holds one on the next


JOINT_EDITS = {
    "a joint above the first row": ({"tier": 0}, "first row below", "t0"),
    "a joint among the cups": ({"tier": 2}, "first row below", "t1"),
    "a plane that is elsewhere": ({"plane_mm": 9.0}, "height of its plane", "t0"),
    "a storey that hangs too far forward": ({"front_mm": 99.0}, "front over the row below", "t0"),
    "nothing that hangs": ({"hang_mm": 0.0}, "joint's hang_mm", "t0"),
    "air that films bridge": ({"air_mm": 0.2}, "joint's air_mm", "t0"),
    "prongs of paper": ({"prong_mm": 0.1}, "joint's prong_mm", "t0"),
    "a storey that wobbles": ({"play_mm": 3.0}, "joint's play_mm", "t0"),
    "a tongue turned round": ({"tongue_mm": (14.0, 2.0, 4.0, 6.0)}, "joint's tongue_mm", "t0"),
    "dovetails that hold nothing": ({"dovetails_mm": (4.0, 2.0, 4.0, 12.0)}, "joint's dovetails_mm", "t0"),
    "half a dovetail": ({"dovetails_mm": (4.0, 7.0)}, "count", "of t0"),
}


def test_a_joint_that_breaks_a_rule_is_found_with_its_storey():
    design, _, _ = made("the smallest on a stand")
    (joint,) = design.layout.joints
    assert errors(violations(design)) == []
    for edit, (fields, rule, where) in JOINT_EDITS.items():
        edited = replace(design, layout=replace(design.layout, joints=(replace(joint, **fields),)))
        found = [f for f in violations(edited) if rule in f.rule and where in f.where]
        assert found, edit


def test_what_fits_in_one_piece_stays_in_one():
    net = halves((4, 3, 3), 1)
    with nets.hasty():
        design = plan.design(net, printer=Printer.preset("ender3"), style="terrace")
    assert design.layout.joints == ()
    assert b'"joints"' not in files.to_json(design)


def test_a_row_that_is_too_tall_alone_is_refused_by_its_storey():
    net, _, _ = CASES["three storeys"]
    with nets.hasty(), pytest.raises(DesignError, match=r"t\d: size is .* limit 180 x 180 x 60 mm"):
        plan.design(net, printer=Printer("flat", (180.0, 180.0, 60.0)), style="terrace")


@pytest.mark.skipif(not slicer.available(), reason="PrusaSlicer is not installed")
def test_a_slicer_finds_sound_storeys_and_no_need_of_support():
    design, parts, _ = made("the smallest on a stand")
    for part in parts:
        sliced = slicer.slice_part(part, design.printer)
        solid = slicer.slice_part(part, design.printer, slicer.Settings(solid=True))
        assert [str(f) for f in slicer.refused(part, design.printer, sliced, solid)] == []
        assert sliced.support_cm3 == 0.0
