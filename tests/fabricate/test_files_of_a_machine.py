"""Every file of a machine, read by somebody else's program: lib3mf, trimesh, OpenSCAD, build123d, PrusaSlicer."""

import io
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
import trimesh

from porcelain import fabricate, plan
from porcelain.encoding import Encoding
from porcelain.errors import PorcelainError
from porcelain.fabricate import write
from porcelain.fabricate.csg_tree import recipes
from porcelain.fabricate.glb import to_glb
from porcelain.fabricate.plates import footprint, pack
from porcelain.fabricate.scad import to_scad
from porcelain.fabricate.standing_water import middle, settled_ml, water_bodies
from porcelain.fabricate.stl import to_stl
from porcelain.machine.assembly import Part
from porcelain.network import Layer, Network
from porcelain.printer import Printer


def small_network():
    layer = Layer([4.0, 2.5], [[0.6, 0.4], [0.25, 0.75]])
    encoding = Encoding(("a", "b"), ("cm",) * 2, np.zeros(2), np.ones(2), np.zeros(2), np.full(2, 20.0))
    return Network((layer,), encoding, ("low & high", "high"), "small")


@pytest.fixture(scope="module", params=["tower", "terrace"])
def machine(request):
    design = plan.design(small_network(), style=request.param)
    return design, fabricate.parts(design)


def test_water_stands_as_the_network_says(machine):
    design, parts = machine
    amounts = settled_ml(design, [12.0, 9.0])
    cups = design.network([[12.0, 9.0]])[0]
    assert [amounts[cup.name] for cup in design.cups] == pytest.approx(cups, abs=0.05)
    bodies = {body.name.removeprefix("water in "): body for body in water_bodies(design, parts, amounts)}
    for name, amount in amounts.items():
        assert bodies[name].volume_mm3 / 1000 == pytest.approx(amount, rel=0.01, abs=0.05)
    assert settled_ml(design, middle(design))["b0.0"] == pytest.approx(design.buckets[0].threshold_ml)


def test_the_glb_is_read_with_its_names_and_stands_upright(machine, tmp_path):
    design, parts = machine
    bodies = water_bodies(design, parts, settled_ml(design, [12.0, 9.0]))
    data = to_glb(parts, design.name, bodies)
    assert data == to_glb(parts, design.name, bodies)
    path = tmp_path / "machine.glb"
    path.write_bytes(data)
    scene = trimesh.load_scene(path)
    assert set(scene.geometry) == {part.name for part in [*parts, *bodies]}
    points = np.concatenate([part.assembled_mm for part in parts]) / 1000
    low, high = scene.bounds
    assert high[1] - low[1] == pytest.approx(np.ptp(points[:, 2]), abs=1e-4)  # glTF's y is up
    assert high[0] - low[0] == pytest.approx(np.ptp(points[:, 0]), abs=1e-4)
    for part in parts:
        assert scene.geometry[part.name].volume == pytest.approx(part.volume_mm3, rel=1e-4)


def test_an_stl_says_which_way_is_out_in_unit_vectors(machine):
    from stl import mesh

    for part in machine[1]:
        read = mesh.Mesh.from_file(part.name, calculate_normals=False, fh=io.BytesIO(to_stl(part)))
        corners = read.vectors.astype(float)
        square = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        length = np.linalg.norm(square, axis=1)
        broad = length > 0
        assert np.linalg.norm(read.normals[broad], axis=1) == pytest.approx(1.0, abs=1e-5)
        assert read.normals[broad] == pytest.approx(square[broad] / length[broad, None], abs=1e-5)


@pytest.mark.parametrize("name", ["plate-1.3mf", "small.3mf"])
def test_packages_pass_the_reference_reader_in_strict_mode(machine, tmp_path, name):
    import lib3mf

    design, parts = machine
    write(parts, design, tmp_path, formats=["3mf"])
    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(tmp_path / name))
    assert reader.GetWarningCount() == 0
    facts = model.GetMetaDataGroup()
    said = {facts.GetMetaData(k).GetName(): facts.GetMetaData(k).GetValue() for k in range(facts.GetMetaDataCount())}
    assert said["LicenseTerms"] == "MIT"
    assert "layer_height 0.2" in said["Description"]
    objects, names = model.GetMeshObjects(), set()
    while objects.MoveNext():
        names.add(objects.GetCurrentMeshObject().GetName())
    assert names <= {part.name for part in parts}
    with zipfile.ZipFile(tmp_path / name) as package:
        assert "; perimeters = 4" in package.read("Metadata/Slic3r_PE.config").decode().splitlines()


def test_plates_hold_every_copy_apart_and_inside_the_bed():
    rng = np.random.default_rng(5)
    bed = Printer("bed", (100.0, 80.0, 50.0))
    parts = []
    for k in range(9):
        x, y = rng.uniform(10, 75, 2)
        box = trimesh.creation.box((x, y, 10.0))
        box.apply_translation(-box.bounds[0])
        parts.append(Part(f"p{k}", box.vertices, box.faces, np.zeros(3), count=int(rng.integers(1, 3))))
    filled = pack(parts, bed)
    placed = [place for plate in filled for place in plate]
    assert sorted(p.part.name for p in placed) == sorted(p.name for p in parts for _ in range(p.count))
    for plate in filled:
        for n, a in enumerate(plate):
            assert a.x_mm >= 0
            assert a.x_mm + a.size_mm[0] <= 100.001
            assert a.y_mm >= 0
            assert a.y_mm + a.size_mm[1] <= 80.001
            assert a.size_mm == footprint(a.part, a.turned)
            for b in plate[n + 1 :]:
                gap = [max(a_ - (b_ + w), b_ - (a_ + v)) for a_, b_, v, w in _axes(a, b)]
                assert max(gap) >= 4.999
    with pytest.raises(PorcelainError, match="does not fit"):
        pack(parts, Printer("tiny", (20.0, 20.0, 20.0)))


def _axes(a, b):
    return ((a.x_mm, b.x_mm, a.size_mm[0], b.size_mm[0]), (a.y_mm, b.y_mm, a.size_mm[1], b.size_mm[1]))


@pytest.mark.skipif(shutil.which("prusa-slicer") is None, reason="prusa-slicer is not installed")
def test_the_slicer_takes_places_and_settings_from_the_package(machine, tmp_path):
    design, parts = machine
    cup = parts[-1]
    write([cup], design, tmp_path, formats=["3mf"])
    code = tmp_path / "x.gcode"
    words = ["prusa-slicer", "-g", "--loglevel", "1", "-o", str(code), str(tmp_path / "plate-1.3mf")]
    subprocess.run(words, check=True, capture_output=True)
    text = code.read_text()
    said = ["layer_height = 0.2", "perimeters = 4", "fill_density = 15%", "support_material = 0", "temperature = 210"]
    for line in (*said, "bed_temperature = 60", "first_layer_bed_temperature = 60", "filament_density = 1.24"):
        assert f"; {line}" in text.splitlines()


@pytest.mark.skipif(shutil.which("openscad") is None, reason="openscad is not installed (Debian: apt install openscad)")
def test_openscad_makes_the_same_bodies(machine, tmp_path):
    design, parts = machine
    scad = tmp_path / "machine.scad"
    scad.write_bytes(to_scad(design))
    assert to_scad(design) == scad.read_bytes()
    part = min(parts, key=lambda p: len(p.faces))
    out = tmp_path / "part.stl"
    words = ["openscad", "-D", f'show="{part.name}"', "-o", str(out), str(scad)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert "WARNING" not in done.stderr
    assert trimesh.load_mesh(out).volume == pytest.approx(part.volume_mm3, rel=5e-4)


def test_step_has_the_same_volumes(machine, tmp_path):
    cad = pytest.importorskip("build123d", reason="build123d is not installed: pip install 'porcelain[step]'")
    design, parts = machine
    volumes = {part.name: part.volume_mm3 for part in parts}
    for path in write(parts, design, tmp_path, formats=["step"])[:-1]:
        assert cad.import_step(path).volume == pytest.approx(volumes[path.stem], rel=5e-3)


def test_step_without_its_extra_says_what_to_install(machine, tmp_path):
    try:
        import build123d  # noqa: F401
    except ImportError:
        with pytest.raises(PorcelainError, match="pip install"):
            write(machine[1], machine[0], tmp_path, formats=["step"])


def test_recipes_are_only_kept_when_asked_for(machine):
    design, parts = machine
    assert set(recipes(design)) == {part.name for part in parts}
    from porcelain.geometry import solids

    assert solids._notes is None
