"""The report as a page: everything it leads to, nothing from elsewhere, and a broken criterion in plain sight."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from porcelain import files
from porcelain.check import write_report
from porcelain.check.agreement import Agreement, Criterion, Step

ROOT = Path(__file__).parents[2]
STEPS = (Step("network", 0.98, 0.0), Step("as_network", 0.97, 0.0351), Step("run", 0.97, 1e-9))
GOOD = Criterion("mass residual of a run", 1e-15, 1e-12, "of poured")


@pytest.fixture
def design():
    return files.load(ROOT / "tests" / "tower.json")


def written(folder, design, criteria, links=None, figures=None):
    found = Agreement("iris", "iris", 150, STEPS, criteria)
    write_report(folder, found, design, {"t0": 2000.0, "<c0>": 500.0}, figures or {}, links)
    return (folder / "report.html").read_text()


def test_page_leads_on_and_loads_nothing(tmp_path, design):
    picture = ROOT / "designs" / "iris" / "machine.png"
    figures = {"": {"The machine": picture}, "Watch <it>": {"A pour": picture, "Again": picture}}
    links = {"Play with it": "iris.html", "Print it": "iris.3mf"}
    page = written(tmp_path, design, (GOOD,), links, figures)
    addresses = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert set(links.values()) <= set(addresses)
    assert all(a in links.values() or a.startswith("data:") for a in addresses)
    assert page.count("data:image/png") == 3
    assert page.index('class="hero"') < page.index("Watch &lt;it&gt;") < page.index("Criteria")
    for said in (
        "every criterion is met",
        "98.00%",
        "0.035 mL at most",
        "less than 0.001 mL",
        "97.3%",
        "b1.2",
        "p0.0-2",
    ):
        assert said in page


def test_page_escapes_names(tmp_path, design):
    page = written(tmp_path, replace(design, name="<script>"), (GOOD,))
    assert "<script>" not in page
    assert "&lt;c0&gt;" in page


def test_a_criterion_that_is_not_met_is_told(tmp_path, design):
    page = written(tmp_path, design, (GOOD, Criterion("water spilled", 3.0, 0.0, "mL")))
    assert "a criterion is not met" in page
    assert re.search(r'class="failed">failed</td><td>water spilled', page)


def test_what_a_slicer_says_stands_on_the_page_and_in_the_json(tmp_path, design):
    found = Agreement("iris", "iris", 150, STEPS, (GOOD,))
    for said in ("PrusaSlicer 2.5.0: 9 h 39 min, 111 g, no support", None):
        write_report(tmp_path, found, design, {"t0": 2000.0}, {}, sliced=said)
        page = (tmp_path / "report.html").read_text()
        assert ("<b>9 h 39 min</b>" in page) is ("111 g, no support" in page) is (said is not None)
        assert json.loads((tmp_path / "report.json").read_text())["sliced"] == said
