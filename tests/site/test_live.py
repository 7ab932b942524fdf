"""Chapters run in the reader's browser, in JupyterLite: from their button to the stored numbers."""

import re

import nbformat
import pytest
from built import HTML
from playwright.sync_api import expect

CHAPTERS = HTML.parents[1] / "chapters"
KERNEL = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel"
OPENED = "window.jupyterapp?.shell.currentWidget?.content?.model?.cells.length > 5"
CELLS = "[...jupyterapp.shell.currentWidget.content.model.cells].filter((c) => c.type === 'code')"
DONE = f"() => {CELLS}.every((c) => c.executionCount > 0 && c.executionState === 'idle')"
CLEARED = f"() => {CELLS}.every((c) => c.outputs.length === 0)"
# Cells far away from the one in view are not in the page. This goes to the one that put this out.
TO_OUTPUT = """
(text) => {
  const notebook = jupyterapp.shell.currentWidget.content;
  const cells = [...notebook.model.cells].map((cell) => JSON.stringify(cell.toJSON().outputs));
  const index = cells.findIndex((outputs) => outputs?.includes(text));
  notebook.activeCellIndex = index;
  return notebook.scrollToItem(index, "start");
}
"""
MINUTES = 60_000

pytestmark = pytest.mark.skipif(
    not (HTML / "live").exists(), reason="this build is without Python for the browser"
)


def open_live(page, address):
    """Press the chapter's button; return the notebook's page once its kernel has begun to start."""
    page.goto(address)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Run live").click()
    notebook = popup.value
    notebook.wait_for_function(KERNEL, timeout=2 * MINUTES)
    return notebook


def run_all(notebook):
    """Forget the stored outputs and run all cells; return the notebook with its new ones."""
    notebook.evaluate("void jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    notebook.wait_for_function(CLEARED)
    notebook.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    notebook.wait_for_function(DONE, timeout=5 * MINUTES, polling=500)
    assert notebook.get_by_role("dialog").count() == 0
    return nbformat.from_dict(
        notebook.evaluate("jupyterapp.shell.currentWidget.content.model.toJSON()")
    )


def printed(notebook):
    """Return what each code cell printed, but for the quiz, whose names are drawn by chance."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        "".join("".join(out.text) for out in cell.outputs if out.output_type == "stream")
        for cell in cells
        if "nbval-ignore-output" not in cell.metadata.get("tags", [])
    ]


ALWAYS = ("01-loss-cost-objective", "11-boxes")
EACH = [
    pytest.param(path.stem, marks=[] if path.stem in ALWAYS else pytest.mark.slow)
    for path in sorted(CHAPTERS.glob("*.ipynb"))
]


@pytest.mark.parametrize("chapter", EACH)
def test_chapter_opens_from_its_button_and_prints_what_is_stored(page, subsite, chapter):
    notebook = run_all(open_live(page, f"{subsite}chapters/{chapter}.html"))
    stored = nbformat.read(CHAPTERS / f"{chapter}.ipynb", as_version=4)
    assert re.search(r"\d\.\d", "".join(printed(notebook)))
    assert printed(notebook) == printed(stored)


def test_impatient_reader_is_asked_nothing(page, site):
    page.goto(site + "live/notebooks/index.html?path=chapters/02-which-number.ipynb")
    page.wait_for_function(OPENED, polling=20, timeout=2 * MINUTES)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(KERNEL, timeout=MINUTES)
    assert page.get_by_role("dialog").count() == 0
    assert "".join(printed(run_all(page)))


def test_slider_of_a_lab_trains_again(page, site):
    notebook = open_live(page, site + "chapters/03-downhill.html")
    run_all(notebook)
    notebook.evaluate(TO_OUTPUT, "widget-view+json")
    status = notebook.locator(".jp-OutputArea [role=status]").first
    before = status.inner_text()
    notebook.locator(".jp-OutputArea .noUi-handle").first.focus()
    notebook.keyboard.press("Home")  # a rate at which little is learnt
    expect(status).not_to_have_text(before, timeout=MINUTES)
    assert "cost" in status.inner_text()


def test_notebooks_may_ask_no_other_site(page, site, problems):
    notebook = open_live(page, site + "chapters/02-which-number.html")
    refused = "fetch('https://example.org/').then(() => 'sent', () => 'refused')"
    assert notebook.evaluate(refused) == "refused"
    assert all("Content Security Policy" in problem for problem in problems)
    problems.clear()
    assert "://" not in (HTML / "live" / "jupyter-lite.json").read_text("utf-8")
