"""porcelain simulate, as it is typed."""

import csv
import json

import pytest
from click.testing import CliRunner
from machines import machine, network

from porcelain import files
from porcelain.cli.simulate import command
from porcelain.errors import PorcelainError
from porcelain.pour import Pour

VALUES = ("20", "30", "15", "10")


@pytest.fixture
def design(tmp_path):
    files.save(tmp_path / "design.json", machine(network((4, 3, 3))))
    return str(tmp_path)


def call(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


def test_the_answer_and_its_files(design, tmp_path):
    done = call(design, *VALUES, "-o", tmp_path / "run.json", "--every", "0.5", "--at", "0.25")
    assert done.exit_code == 0
    assert done.output.startswith("class 0 (c0 is fullest)\n")
    run = files.load(tmp_path / "run.json", "run")
    assert run.times_s[:4].tolist() == [0.0, 0.25, 0.5, 1.0]
    assert run.status == "settled"
    call(design, *VALUES, "-o", tmp_path / "run.csv", "--at", "1", "--at", "30")
    rows = list(csv.DictReader((tmp_path / "run.csv").read_text().splitlines()))
    assert [float(row["time_s"]) for row in rows] == [1.0, 30.0]
    assert float(rows[-1]["c0_ml"]) == pytest.approx(run.answer_ml[0], abs=1e-9)


def test_standard_output_is_the_run_alone(design):
    done = CliRunner().invoke(command, [design, *VALUES, "-o", "-", "--at", "1"], catch_exceptions=False)
    assert json.loads(done.stdout)["porcelain"] == "run"


def test_top_ups_in_the_data_s_units_and_in_ml(design, tmp_path):
    call(design, *VALUES, "--top-up", "x1=5@10s", "--top-up", "b0.0=2ml@12:3", "-o", tmp_path / "run.json")
    run = files.load(tmp_path / "run.json", "run")
    assert [(p.bucket, p.start_s, p.volume_ml, p.duration_s) for p in run.pour.pieces[4:]] == [
        ("b0.1", 10.0, 5.0, 1.0),
        ("b0.0", 12.0, 2.0, 3.0),
    ]


def test_a_second_pour_from_a_file(design, tmp_path):
    call(design, *VALUES, "-o", tmp_path / "first.json")
    files.save(tmp_path / "more.json", Pour.of({"b0.0": 8.0}, rate_ml_s=5.0))
    done = call(design, "--pour", tmp_path / "more.json", "--start", tmp_path / "first.json", "--gates", "--transit",
                "-o", tmp_path / "second.json")  # fmt: skip
    assert done.exit_code == 0
    second = files.load(tmp_path / "second.json", "run")
    assert second.start_ml.sum() == pytest.approx(75.0)
    assert second.residual <= 1e-12


def test_pictures(design, tmp_path):
    done = call(design, *VALUES, "--stop-at", "c0=4", "--plot", tmp_path / "pour.png")
    assert (tmp_path / "pour.png").read_bytes()[:4] == b"\x89PNG"
    assert "wrote" in done.output


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("1", "2"), "2 values for 4 features"),
        ((*VALUES, "--top-up", "x1:5"), "NAME=VALUE@TIME"),
        ((*VALUES, "--top-up", "x9=5@1"), "did you mean"),
        ((*VALUES, "--top-up", "x1=5@1:soon"), "DURATION"),
        ((*VALUES, "--top-up", "x1=-5@1"), "cannot be poured"),
        ((*VALUES, "--every", "0"), "above 0"),
        ((*VALUES, "--every", "1e-8"), "ask for fewer"),
        ((*VALUES, "--stop-at", "c0=nan"), "holds from 0"),
        ((*VALUES, "--water", "foo"), "design, ideal"),
        ((*VALUES, "--stop-at", "c0"), "VESSEL=ML"),
        ((*VALUES, "-o", "run.txt"), ".parquet or .inp"),
        ((*VALUES, "--pour", "x.json"), "one of them"),
        ((*VALUES, "--law", "darcy"), "unknown law"),
        ((*VALUES, "--rate", "2", "--duration", "3"), "not both"),
    ],
)
def test_wrong_use_is_one_line(design, arguments, word):
    with pytest.raises(PorcelainError, match=word):
        call(design, *arguments)


def test_a_value_below_0_is_a_value_and_a_slip_is_told(design):
    with pytest.raises(PorcelainError, match="at least 0"):
        call(design, "20", "-3", "15", "10")
    slip = CliRunner().invoke(command, [design, *VALUES, "--evry", "2"])
    assert slip.exit_code == 2
    assert "--every" in slip.output


def test_a_table_for_others(design, tmp_path):
    pandas = pytest.importorskip("pandas")
    assert call(design, *VALUES, "--every", "0.5", "-o", tmp_path / "run.parquet").exit_code == 0
    table = pandas.read_parquet(tmp_path / "run.parquet")
    assert table["time_s"].iloc[1] == 0.5
    assert {"b0.0_ml", "c1_ml", "p1.0-0_passed_ml"} <= set(table)
    assert call(design, *VALUES, "--water", "ideal", "-o", tmp_path / "pour.inp").exit_code == 0
    assert "[OUTLETS]" in (tmp_path / "pour.inp").read_text()


def test_water_the_machine_is_not_made_for_is_told(tmp_path):
    files.save(tmp_path / "design.json", machine(network((4, 3, 3)), of="rinse_aid"))
    assert "--water design" in call(tmp_path, *VALUES).output
    assert "--water design" not in call(tmp_path, *VALUES, "--water", "tap").output


def test_an_empty_answer_is_none(design):
    assert "no water in any cup" in call(design, "0", "0", "0", "0").output


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda d: d["pipes"][0].update(share=d["pipes"][0]["share"] + 0.3), "sum to 1"),
        (lambda d: d["pipes"][0].update(share=-0.3), "sum to 1"),
        (lambda d: d["pipes"].append(d["pipes"][0]), "share a name"),
        (lambda d: d.update(pipes=[p for p in d["pipes"] if p["target"] != "c1"]), "c1 is reached by no pipe"),
        (lambda d: d["pipes"][0].update(area_mm2=0.0), "area above 0"),
        (lambda d: d["tiers"][0][0]["outlet"].update(sill_mm=900.0), "not below the rim"),
    ],
)
def test_impossible_machines_are_refused(design, tmp_path, spoil, word):
    document = json.loads((tmp_path / "design.json").read_text())
    spoil(document)
    (tmp_path / "design.json").write_text(json.dumps(document))
    with pytest.raises(PorcelainError, match=word):
        call(design, *VALUES)
