"""An answer is checked in the reader's browser, kept there, and never holds the page up."""

import pytest
from answers_given import RIGHT, WRONG
from built import HTML
from playwright.sync_api import expect

LOADING = 120_000  # Python starts once, on a slow machine
FIRST = "chapters/01-loss-cost-objective.html"
PLACES = {  # five mistakes, over the book
    "ex4-": "chapters/04-squared-and-absolute.html",
    "ex6-": "chapters/06-quantiles-counts.html",
    "ex7-": "chapters/07-cross-entropy.html",
    "ex15-": "chapters/15-penalties.html",
    "ex18-": "chapters/18-your-own-loss.html",
}

pytestmark = pytest.mark.skipif(
    not (HTML / "pyodide").exists(), reason="this build is without Python for the browser"
)


def box(page, label):
    return page.locator(f".check-answer[data-key$='{label}']")


def told(page, label, code):
    """Type an answer, press Check by the keyboard, and return the place of the verdict."""
    editor = box(page, label).locator("textarea")
    editor.fill(code)
    editor.press("Control+Enter")
    return box(page, label).get_by_role("status")


@pytest.mark.parametrize("place", ["site", "subsite"])
def test_right_answer(page, place, request):
    page.goto(request.getfixturevalue(place) + FIRST)
    verdict = told(page, "ex1-average", RIGHT["ex1-average"])
    expect(verdict).to_contain_text("Right.", timeout=LOADING)


@pytest.mark.parametrize("start", PLACES)
def test_wrong_answer_is_told_why(page, site, start):
    label = next(label for label in WRONG if label.startswith(start))
    said, code = next(iter(WRONG[label].items()))
    page.goto(site + PLACES[start])
    verdict = told(page, label, code)
    expect(verdict).to_contain_text("Not yet.", timeout=LOADING)
    assert said in verdict.inner_text()


def test_endless_loop_is_stopped_and_the_next_check_works(page, site):
    page.goto(site + FIRST)
    verdict = told(page, "ex1-average", "while True:\n    pass\n")
    expect(verdict).to_contain_text("Running", timeout=LOADING)
    box(page, "ex1-average").get_by_role("button", name="Stop").click()
    expect(verdict).to_contain_text("Stopped.")
    verdict = told(page, "ex1-average", RIGHT["ex1-average"])
    expect(verdict).to_contain_text("Right.", timeout=LOADING)


def test_text_outlives_a_reload_and_a_reset(page, site):
    page.goto(site + FIRST)
    editor = box(page, "ex1-average").locator("textarea")
    starter = editor.input_value()
    editor.fill("answer = 1  # mine")
    page.reload()
    expect(editor).to_have_value("answer = 1  # mine")
    box(page, "ex1-average").get_by_role("button", name="Reset").click()
    expect(editor).to_have_value(starter)
    box(page, "ex1-average").get_by_role("button", name="Bring back my text").click()
    expect(editor).to_have_value("answer = 1  # mine")


def test_python_is_not_loaded_before_somebody_writes(page, site):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site + FIRST, wait_until="networkidle")
    assert not [url for url in asked if "/pyodide/" in url]
