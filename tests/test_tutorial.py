"""The tutorial runs from top to bottom, and its nouns show themselves as well-formed pictures."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from porcelain import files
from porcelain.geometry.svg import curves_svg, network_svg

ROOT = Path(__file__).parent.parent


@pytest.mark.filterwarnings("ignore")  # the notebook's own machinery warns as it pleases
def test_tutorial_runs():
    nbformat = pytest.importorskip("nbformat", reason="notebooks need porcelain[dev]")
    client = pytest.importorskip("nbclient", reason="notebooks need porcelain[dev]")
    pytest.importorskip("ipykernel", reason="notebooks need porcelain[dev]")
    notebook = nbformat.read(ROOT / "designs" / "tutorial.ipynb", as_version=4)
    kept = [cell.get("outputs") for cell in notebook.cells if cell.cell_type == "code"]
    client.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum("assert" in cell.source for cell in ran) >= 3
    for cell, before in zip(ran, kept, strict=True):
        for output, saved in zip(cell.outputs, before, strict=True):
            assert set(saved.get("data", ())) <= set(output.get("data", ()))


def picture(text):
    return ET.fromstring(text[text.index("<svg") :])


def test_nouns_draw_every_vessel_and_pipe():
    design = files.load(ROOT / "tests" / "tower.json")
    for text, named in ((design.network._repr_svg_(), "b1.2"), (design._repr_html_(), "hidden 2")):
        svg = picture(text)
        texts = {element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")}
        assert {"sepal length", "virginica", named} <= texts
        pipes = [e for e in svg.iter("{http://www.w3.org/2000/svg}path") if e.get("stroke-opacity")]
        assert len(pipes) == len(design.pipes)


def test_a_run_says_how_it_ends():
    from porcelain import simulate
    from porcelain.pour import Pour

    design = files.load(ROOT / "tests" / "tower.json")
    run = simulate.run(design, Pour.of({"b0.0": 62, "b0.2": 54}, rate_ml_s=10.0))
    text = run._repr_html_()
    assert f"settled after {run.settled_at_s:.1f} s" in text
    assert len(list(picture(text).iter("{http://www.w3.org/2000/svg}polyline"))) == 3


def test_names_cannot_break_a_picture():
    picture(network_svg([[("<b>&", 0.5)]], ["x"], [np.ones((1, 1))]))
    picture(curves_svg(np.array([0.0, 0.0]), np.zeros((2, 20)), ["<"] * 20, "<&>"))
    assert len(network_svg([[("a", 0.1)] * 64], ["c"], [np.ones((64, 1))])) < 60_000
