"""The guide: what it tells people to pour and to expect is what the machine does; it is one page and the same bytes."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner

from porcelain import fabricate, files, plan
from porcelain.cli import porcelain as command_line
from porcelain.data import Dataset
from porcelain.encoding import Encoding
from porcelain.network import Layer, Network
from porcelain.show.floor_plan import floor_plan_html
from porcelain.show.guide import CLEAR_ML, first_rows, guide_html
from porcelain.water import Water


class Reader(HTMLParser):
    """Text, tables and outside addresses of a page."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.text, self.addresses, self._cell = [], [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for key, value in attrs if key in ("src", "href") and not value.startswith("data:")]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1][-1].append(self._cell)
            self._cell = None

    def handle_data(self, data):
        self.text.append(data)
        if self._cell is not None:
            self._cell += data


@pytest.fixture(scope="module", params=["tower", "terrace"])
def machine(request):
    layer = Layer([4.0, 2.5], [[0.9, 0.1], [0.1, 0.9]])
    encoding = Encoding(("a<b", "c"), ("cm", "g"), np.zeros(2), np.ones(2), np.zeros(2), np.full(2, 20.0))
    return plan.design(Network((layer,), encoding, ("first", "second"), "small"), style=request.param)


@pytest.fixture(scope="module")
def data(machine):
    rng = np.random.default_rng(1)
    features = rng.uniform(0, 20, (60, 2))
    labels = machine.network.predict(features)
    labels[:5] = 1 - labels[:5]  # rows that the machine gets wrong are not for a first try
    return Dataset("drawn", features, labels, ("a<b", "c"), ("cm", "g"), ("first", "second"))


def test_first_rows_are_clear_right_and_of_every_class(machine, data):
    rows = first_rows(machine, data)
    assert len({sample.row for sample in rows}) == 10
    assert {sample.label for sample in rows[:2]} == {"first", "second"}
    for sample in rows:
        assert sample.row >= 5
        assert sample.cups_ml == pytest.approx(machine.as_network()(sample.pour_ml)[0])
        ranked = np.sort(sample.cups_ml)
        assert ranked[-1] - ranked[-2] > CLEAR_ML
        assert (
            data.class_names[int(sample.cups_ml.argmax())] == sample.label == data.class_names[data.labels[sample.row]]
        )


def test_the_page_tells_what_to_pour_and_what_to_expect(machine, data):
    from porcelain import fabricate

    parts = fabricate.parts(machine)
    page = guide_html(
        machine, parts, [[p.name for p in parts]], data, {"Picture": b"png"}, {parts[0].name: (2.5, 30.0)}
    )
    assert page == guide_html(
        machine, parts, [[p.name for p in parts]], data, {"Picture": b"png"}, {parts[0].name: (2.5, 30.0)}
    )
    read = Reader(page.decode())
    assert read.addresses == []
    first = next(table for table in read.tables if table[0][0] == "row")
    assert [line[0] for line in first] == ["row", "pour, mL", "a<b", "c", "expect, mL", "first", "second", "came true"]
    for column, sample in enumerate(first_rows(machine, data), 1):
        assert first[0][column] == str(sample.row)
        assert [float(first[k][column]) for k in (2, 3)] == pytest.approx(sample.pour_ml, abs=0.051)
        assert [float(first[k][column]) for k in (5, 6)] == pytest.approx(sample.cups_ml, abs=0.051)
    text = " ".join(read.text)
    assert "a<b" in text  # a name is shown as it is
    assert "2\u00a0h 30\u00a0min" in text
    for bucket in machine.buckets:
        assert any(row[0] == bucket.name and row[2] == f"{bucket.threshold_ml:.1f}" for t in read.tables for row in t)
    assert "@media print" in page.decode()


def test_the_places_are_where_one_finds_them(machine):
    """Seen from above as one stands: a stair with its cups below, a tower with y away."""
    drawn = floor_plan_html(machine, {})
    at = {
        name: (float(x), float(y))
        for x, y, name in re.findall(r'<text x="([-.\d]+)" y="([-.\d]+)"[^>]*>(\w+\.?\d*)<', drawn)
    }
    assert set(at) >= {vessel.name for vessel in machine.vessels}
    stair = machine.layout.style == "terrace"
    for row in machine.rows:
        across = [float(v.at_mm[0]) * (-1 if stair else 1) for v in row]
        assert (
            np.argsort([at[v.name][0] for v in row], kind="stable").tolist()
            == np.argsort(across, kind="stable").tolist()
        )
    if stair:
        assert max(at[b.name][1] for b in machine.buckets) < min(at[c.name][1] for c in machine.cups)
    assert drawn.count("<svg") == (1 if stair else len(machine.rows))


@pytest.mark.parametrize("style", ["terrace", "tower"])
def test_the_trial_pieces_guide_tells_how_to_weigh_it_and_its_example_is_read(style, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    assert run(command_line, ["plan", "--trial", "--style", style, "-o", "trial.json"]).exit_code == 0
    assert run(command_line, ["guide", "trial.json", "-o", "trial.html"]).exit_code == 0
    read = Reader((tmp_path / "trial.html").read_text())
    text = " ".join(read.text)
    form = next(line for line in read.text if "poured_ml" in line)
    (tmp_path / "weighed.json").write_text(form.replace(", ...", ""))
    told = next(line for line in read.text if "--measured" in line).split()
    assert f"{json.loads(form.replace(', ...', ''))['poured_ml']:g} mL" in text
    network = Network((Layer([4.0], [[0.5, 0.5]]),), Encoding(("a",), ("",), [0.0], [1.0], [0.0], [20.0]), ("x", "y"))
    files.save(tmp_path / "network.json", network)
    done = run(command_line, told[1:])
    assert done.exit_code == 0, done.output
    assert "measured: water stands" in done.output


def test_the_verb_writes_it_without_data(machine, tmp_path):
    files.save(tmp_path / "design.json", machine)
    done = CliRunner().invoke(command_line, ["guide", str(tmp_path), "-o", str(tmp_path / "g.html")])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "g.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert "to try first" not in page


@pytest.mark.parametrize(("name", "said"), [("ideal", "run like ideal water"), ("rinse_aid", "made for <b>water with")])
def test_a_guide_tells_which_water_and_which_screws(machine, name, said):
    design = replace(machine, water=Water.preset(name))
    page = guide_html(design, fabricate.parts(design), [], None, {}).decode()
    assert said in page
    assert ("M4 screw" in page) is (machine.layout.style == "terrace")
