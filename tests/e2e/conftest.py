"""A real browser for the page: the system's Chromium, no network, and no word of complaint in its console."""

import os
import shutil
from types import SimpleNamespace

import pytest

from porcelain import files, load

CHROMIUM = os.environ.get("PORCELAIN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The Iris page, its file, and what it was made from."""
    from porcelain import fabricate
    from porcelain.fabricate import write
    from porcelain.show.page import write_page

    folder = tmp_path_factory.mktemp("page")
    design = files.load("tests/tower.json")
    data, parts = load("iris"), fabricate.parts(design)
    made = {path.name: path.read_bytes() for path in write(parts, design, folder / "parts")}
    write_page(design, folder / "iris.html", parts, made, data)
    return SimpleNamespace(path=folder / "iris.html", design=design, data=data, parts=parts, made=made)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: porcelain[dev]")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, built):
    """Open the page from the disk; at the end nothing may have been asked for elsewhere or complained about."""
    contexts, asked, said = [], [], []

    def open_page(hash="", **options):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 850}} | options))
        context.set_offline(True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: message.type == "error" and said.append(message.text))
        page.goto(built.path.as_uri() + hash)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert {url.split("#")[0] for url in asked if not url.startswith(("blob:", "data:"))} == {built.path.as_uri()}
