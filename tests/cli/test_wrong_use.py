"""Every verb and every option with nonsense: one line on standard error, exit code 2, nothing written, at once."""

import json
import shutil
from pathlib import Path
from time import perf_counter

import click
import pytest

from porcelain import cli
from porcelain.cli.exchange import body, teach, thermal
from porcelain.cli.options import Flag, Names, Number, Numbers, Word

IRIS = Path(__file__).parents[2] / "designs" / "iris"
SOON_S = 60.0  # with the first import of everything on a busy machine; the work itself would take longer or forever
CALLS = {  # each verb with what is right
    ("learn", "iris"): "learn",
    ("plan", "network.json"): "plan",
    ("simulate", "design.json", "6", "3", "5", "2"): "simulate",
    ("fabricate", "design.json"): "fabricate",
    ("inspect", "."): "inspect",
    ("check", "design.json", "--tolerance"): "check",
    ("show", "design.json", "-o", "x.png"): "show",
    ("guide", "design.json"): "guide",
    ("make", "iris", "-o", "made"): "make",
    ("exchange", "circle"): teach,
    ("exchange", "thermal"): thermal,
    ("exchange", "body"): body,
}


def commands():
    """Every verb's right words with the click command that reads them."""
    group = click.Context(cli.porcelain)
    for words, verb in CALLS.items():
        yield words, cli.porcelain.get_command(group, verb) if isinstance(verb, str) else verb


def nonsense(flag):
    """Values that an option must refuse."""
    if isinstance(flag.type, Number):
        yield from ("many", "nan", "-inf", "1" + 30 * "0")
        limits = flag.type.limits
        if limits.least is not None:
            yield f"{limits.least - 1:g}"
        if limits.above is not None:
            yield f"{limits.above:g}"
    elif isinstance(flag.type, Numbers):
        yield from ("three", "3,,4", "0", "9" * 30, "2x", "-1")
    elif isinstance(flag.type, Names):
        yield from ("nonsense", "")
    elif isinstance(flag.type, Word) and flag.type.kind:
        yield from ("", "a\0b")
        if flag.type.kind == "file":
            yield "folder"
        if flag.type.endings:
            yield "x.exe"


SYSTEMATIC = [
    pytest.param((*words, max(flag.opts, key=len), value), id=f"{' '.join(words[:2])} {flag.opts[0]} {value[:9]!r}")
    for words, command in commands()
    for flag in command.params
    if isinstance(flag, Flag) and not flag.is_flag
    for value in nonsense(flag)
]

PARTICULAR = [
    (("learn", "iris", "--folds", "0", "--max-error", "0.1"), "--max-error needs the error on new rows"),
    (("learn", "iris", "--folds", "0", "--search", "3"), "--search needs"),
    (("learn", "iris", "--folds", "1000"), "use 2 to 50"),
    (("learn", "iris", "--search", "3", "--history", "h.png"), "choose one"),
    (("learn", "iris", "--history", "h.png", "-o", "n.json"), "writes no network"),
    (("learn", "iris", "--rule", "exchanger", "--search", "3"), "needs --rule gradient"),
    (("learn", "iris", "--json", "-o", "-"), "both need standard output"),
    (("learn", "iris", "--json", "--quiet"), "choose one"),
    (("learn", "iris", "--hidden", ",".join(100 * "3")), "64 at most"),
    (("learn", "iris", "--label", "colour"), "unknown column 'colour'"),
    (("learn", "folder"), "folder"),
    (("learn", "bytes.csv"), "not UTF-8"),
    (("learn", ""), "DATA"),
    (("learn", "iris", "wine"), "unexpected extra argument"),
    (("learn", "iris", "--recpie", "iris"), "--recipe"),
    (("plan",), "give a network, or --trial"),
    (("plan", "network.json", "--trial"), "give a network, or --trial"),
    (("plan", "--trial", "--ml-per-unit", "2"), "--ml-per-unit is not read with --trial"),
    (("plan", "--trial", "--water", "tap"), "--water is not read with --trial"),
    (("plan", "--trial", "--no-lips"), "is not read with --trial"),
    (("plan", "--trial", "--measured", "w.json"), "--measured is not read with --trial"),
    (("plan", "design.json"), "holds a design, not a network"),
    (("plan", "deep.json"), "is not whole JSON"),
    (("plan", "number.json"), "$.layers is a whole number; a list is needed"),
    (("plan", "list.json"), "holds something else"),
    (("plan", "unhashable.json"), "holds something else"),
    (("plan", "cut.json"), "is not whole JSON"),
    (("plan", "missing.json"), "$.layers is missing"),
    (("plan", "extra.json"), "$.colour is unknown"),
    (("plan", "version.json"), "has version 99"),
    (("plan", "versions.json"), "has version [1]"),
    (("plan", "folder"), "network.json"),
    (("plan", "network.json", "--measured", "network.json"), "poured_ml"),
    (("plan", "network.json", "--measured", "deep.json"), "poured_ml"),
    (("plan", "network.json", "--bed", "1e18x1e18x1e18"), "up to 10000 mm"),
    (("plan", "network.json", "--bed", "nanx200x200"), "up to 10000 mm"),
    (("plan", "network.json", "--bed", "200"), "width x depth x height"),
    (("plan", "network.json", "--bed", "d200x200x200"), "diameter x height"),
    (("plan", "network.json", "--bed", "-1x2x3"), "above 0"),
    (("plan", "network.json", "--bed", ""), "width x depth x height"),
    (("plan", "network.json", "--printer", "enderr3"), "did you mean 'ender3'?"),
    (("plan", "network.json", "--printer", "nowhere.json"), "No such file"),
    (("plan", "network.json", "--printer", "design.json"), "not a printer"),
    (("plan", "network.json", "--printer", "oval.json"), "has its diameter twice"),
    (("plan", "network.json", "--printer", "shape.json"), "unknown bed_shape"),
    (("plan", "network.json", "--wall", "0.5"), "1 mm is the least"),
    (("plan", "network.json", "--layer", "0.5"), "lays 0.32 mm at most"),
    (("plan", "network.json", "-o", "network.json/x.json"), "cannot write"),
    (("simulate", "design.json"), "0 values for 4 features"),
    (("simulate", "network.json", "1", "2", "3", "4"), "holds a network, not a design"),
    (("simulate", "design.json", "1", "2", "3", "x"), "'x' is no number"),
    (("simulate", "design.json", "1", "2", "3", "1e400"), "finite"),
    (("simulate", "design.json", "6", "3", "5", "2", "--top-up", "petal_length"), "NAME=VALUE@TIME"),
    (("simulate", "design.json", "6", "3", "5", "2", "--top-up", "petal_length=1@nan"), "start_s is nan"),
    (("simulate", "design.json", "6", "3", "5", "2", "--top-up", "petal_length=1e300@1"), "it must lie in"),
    (("simulate", "design.json", "6", "3", "5", "2", "--stop-at", "c9=3"), "unknown vessel"),
    (("simulate", "design.json", "6", "3", "5", "2", "--rate", "1", "--duration", "2"), "not both"),
    (("simulate", "design.json", "6", "3", "5", "2", "--start", "design.json"), "not a run"),
    (("simulate", "design.json", "6", "3", "5", "2", "--start", "run.json"), "machine with other vessels"),
    (("simulate", "design.json", "6", "3", "5", "2", "--pour", "run.json"), "one of them"),
    (("simulate", "design.json", "--pour", "design.json"), "not a pour"),
    (("simulate", "design.json", "6", "3", "5", "2", "--every", "1e-9"), "ask for fewer"),
    (("simulate", "design.json", "6", "3", "5", "2", "--json", "-o", "-"), "both need standard output"),
    (("fabricate", "design.json", "--row", "1,2"), "2 numbers for 4 features"),
    (("fabricate", "design.json", "--row", "a,b,c,d"), "numbers with commas"),
    (("fabricate", "design.json", "--row", "nan,1,1,1"), "finite"),
    (("fabricate", "design.json", "--set", "rate_ml_s=3"), "name a bucket with --vof"),
    (("fabricate", "network.json"), "not a design"),
    (("fabricate", "design.json", "-o", "/dev/null/parts"), "cannot write"),
    (("inspect", "design.json"), "is no folder"),
    (("inspect", "folder"), "assembly.json"),
    (("inspect", "empty"), "no pieces"),
    (("inspect", "stl"), "body.stl is not whole STL"),
    (("inspect", "stl", "--package", "body.stl"), "no whole 3MF"),
    (("inspect", "stl", "--package", "nowhere.3mf"), "No such file"),
    (("check", "design.json", "--machines", "10"), "belongs to --tolerance"),
    (("check", "design.json", "--sill-sd", "0.2"), "belongs to --tolerance"),
    (("check", "design.json", "--tolerance", "--cluster", "local"), "belongs to --study"),
    (("check", "design.json", "--tolerance", "--study", "design.json"), "design.json"),
    (("check", "design.json", "--tolerance", "--study", "parquet"), "choose an empty folder"),
    (("check", "design.json", "--tolerance", "--study", "marked"), "another machine"),
    (("check", "design.json", "--data", "wine"), "wine"),
    (("check", "design.json", "--data", "irsi"), "did you mean 'iris'?"),
    (("check", "run.json"), "not a design"),
    (("show", "design.json"), "there is no --output"),
    (("show", "design.json", "-o", "x.gif"), "cannot be shown"),
    (("show", "design.json", "-o", "x.png", "--view", "levels"), "unknown view of a design"),
    (("show", "design.json", "-o", "x.html", "--exploded"), "is for machine, not for page"),
    (("show", "network.json", "-o", "x.png", "--no-parts"), "is for page, not for diagram"),
    (("show", "network.json", "-o", "x.png", "--design", "design.json"), "not for diagram"),
    (("show", "design.json", "-o", "x.png", "--data", "iris"), "not for machine"),
    (("show", "odd.json", "-o", "x.png", "--view", "history"), "$.provenance.training"),
    (("show", "odd-seed.json", "-o", "x.png", "--view", "history"), "$.provenance.seed"),
    (("show", "untold.json", "-o", "x.png", "--view", "history"), "does not say how it was trained"),
    (("show", "run.json", "-o", "x.png", "--design", "design.json"), "is not the design of this run"),
    (("show", "folder", "-o", "x.png"), "holds no design.json"),
    (("guide", "design.json", "--data", "nowhere.csv"), "No such file"),
    (("guide", "network.json"), "not a design"),
    (("make", "iris"), "there is no --output"),
    (("make", "iris", "-o", "made", "--row", "150"), "--row is 150; rows 0 to 149"),
    (("make", "iris", "-o", "design.json"), "cannot write"),
    (("make", "iris", "-o", "made", "--folds", "999"), "use 2 to 50"),
    (("exchange", "circl"), "did you mean 'circle'?"),
    (("exchange", "circle", "--widths", "2"), "widths"),
    (("exchange", "circle", "--widths", "3,3,3"), "do not match circle"),
    (("exchange", "circle", "--widths", "2,4096x60,2"), "numbers to keep"),
    (("exchange", "circle", "--epochs", "1000000"), "numbers to keep"),
    (("exchange", "thermal", "--conductance", "1e6", "--cells", "5000"), "use fewer cells"),
    (("exchange", "thermal", "--seconds", "1e6"), "an earlier end"),
    (("exchange", "body", "--area", "0.01"), "a channel of"),
    (("exchange", "body", "--length", "1"), "length_mm is 1.0"),
    (("exchange", "body", "--length", "9999"), "shorten it"),
    (("lern",), "did you mean 'learn'?"),
    (("--versoin",), "--version"),
]


def write(name, document):
    Path(name).write_text(json.dumps(document))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder of right files and of wrong ones."""
    folder = tmp_path_factory.mktemp("desk")
    network = json.loads((IRIS / "network.json").read_text())
    for name in ("network.json", "design.json"):
        shutil.copy(IRIS / name, folder / name)
    (folder / "folder").mkdir()
    (folder / "bytes.csv").write_bytes(b"\xff\xfe\x00a,b\n")
    (folder / "deep.json").write_text("[" * 100_000 + "]" * 100_000)
    (folder / "cut.json").write_text((IRIS / "network.json").read_text()[:300])
    (folder / "list.json").write_text("[1, 2]")
    (folder / "unhashable.json").write_text('{"porcelain": ["network"], "version": 1}')
    for name, changes in {
        "number": {"layers": 3},
        "extra": {"colour": "blue"},
        "version": {"version": 99},
        "versions": {"version": [1]},
        "odd": {"provenance": {"data": "iris", "training": {"hidden": 3}}},
        "odd-seed": {"provenance": network["provenance"] | {"seed": "early"}},
        "untold": {"provenance": {"data": "iris"}},
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(network | changes))
    (folder / "missing.json").write_text(json.dumps({k: v for k, v in network.items() if k != "layers"}))
    (folder / "oval.json").write_text('{"name": "o", "bed_mm": [200, 100, 100], "bed_shape": "round"}')
    (folder / "shape.json").write_text('{"name": "o", "bed_mm": [200, 200, 100], "bed_shape": "oval"}')
    piece = {"name": "body", "file": "body.stl", "count": 1, "colour": "#ffffff", "at_mm": [0, 0, 0], "channels": []}
    mouth = {"name": "b0.0", "label": "a", "at_mm": [5, 5, 5], "size_mm": [9, 9]}
    for name, pieces in {"empty": [], "stl": [piece]}.items():
        (folder / name).mkdir()
        parts = {"porcelain": "assembly", "version": 1, "design": "x", "pieces": pieces, "mouths": [mouth]}
        (folder / name / "assembly.json").write_text(json.dumps(parts))
    (folder / "stl" / "body.stl").write_bytes(b"porcelain".ljust(80) + b"\xff\xff\x00\x00" + b"\0" * 70)
    (folder / "parquet").mkdir()
    (folder / "parquet" / "part-00000.parquet").write_bytes(b"PAR1")
    (folder / "marked").mkdir()
    (folder / "marked" / "study.sha256").write_text("0" * 64)
    return folder


@pytest.fixture(scope="module")
def other_run(desk):
    """A run of another machine."""
    from porcelain import Pour, files, simulate

    design = files.load(IRIS.parent / "iris-mini", "design")
    pour = Pour.of({bucket.name: 5.0 for bucket in design.tiers[0]}, rate_ml_s=5.0)
    files.save(desk / "run.json", simulate.run(design, pour))


def call(porcelain, monkeypatch, desk, words):
    """The line that is said, after everything that is common to wrong uses was checked."""
    monkeypatch.chdir(desk)
    before = set(desk.rglob("*"))
    started = perf_counter()
    code, out, err = porcelain(*words)
    assert perf_counter() - started < SOON_S
    assert (code, out) == (2, ""), err
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("porcelain: ")
    assert set(desk.rglob("*")) == before
    return lines[0]


@pytest.mark.parametrize("words", SYSTEMATIC)
def test_every_option_refuses_nonsense_and_names_itself(porcelain, monkeypatch, desk, other_run, words):
    line = call(porcelain, monkeypatch, desk, words)
    name = words[-2].lstrip("-").replace("-", " ")
    assert name in line.replace("-", " ").replace("_", " ")
    assert len(line) < 400


@pytest.mark.parametrize(("words", "says"), [pytest.param(w, s, id=" ".join(w)[:60]) for w, s in PARTICULAR])
def test_wrong_uses_of_many_kinds_are_told_in_one_line(porcelain, monkeypatch, desk, other_run, words, says):
    assert says in call(porcelain, monkeypatch, desk, words)


def test_there_are_many_of_them():
    assert len(SYSTEMATIC) + len(PARTICULAR) >= 150
    assert {words[0] for words in CALLS} == set(cli.VERBS)
