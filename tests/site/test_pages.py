"""Every page, as a reader's browser sees it, and as one hears it or holds it in a hand."""

import re
from pathlib import Path

import axe_playwright_python
import pytest
from built import HTML, pages
from conftest import PHONE
from playwright.sync_api import expect

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    # It finds no words in the MathML of a formula that heads a column.
    "rules": {"empty-table-header": {"enabled": False}},
}
FINDINGS = """async (options) => (await axe.run(document, options)).violations.flatMap(
  ({ id, nodes }) => nodes.map((node) => [id, node.html, node.failureSummary].join("  ")))"""
THEME = """(theme) => {
  document.documentElement.dataset.mode = document.documentElement.dataset.theme = theme;
}"""
# A browser lays out what is far away, and the theme measures it, when it comes near.
READ_THROUGH = """async () => {
  for (let top = 0; top < document.body.scrollHeight; top += innerHeight) {
    scrollTo({ top, behavior: "instant" });
    await new Promise((seen) => setTimeout(seen, 30));
  }
}"""
# What stands beyond an edge of the page, a section or a formula, outside of boxes that scroll.
TOO_WIDE = """[
  document.documentElement, ...document.querySelectorAll("article :is(section, div.math)")
].flatMap((box) => box.scrollWidth > box.clientWidth
  ? [`${box.id || box.textContent} ${box.scrollWidth}`] : [])"""
AT_ITS_END = "(box) => box.scrollLeft > 0 && box.scrollLeft + box.clientWidth > box.scrollWidth - 2"
PICTURES = """[...document.querySelectorAll("article img:not(.toggler)")].map((image) => ({
  src: image.getAttribute("src"), alt: image.alt,
  width: image.getAttribute("width"), height: image.getAttribute("height") }))"""
A_FILE_NAME = re.compile(r"^\S+$|\.(png|svg|webp)$|[0-9a-f]{12}")


@pytest.mark.parametrize("address", pages())
def test_page(page, site, address):
    page.emulate_media(reduced_motion="reduce")
    page.goto(site + address, wait_until="networkidle")  # problems fail the test at its end
    assert page.title()
    page.evaluate(READ_THROUGH)
    page.evaluate(AXE)
    for theme in ("light", "dark"):
        page.evaluate(THEME, theme)
        assert page.evaluate(FINDINGS, RULES) == [], theme
    for picture in page.evaluate(PICTURES):
        assert len(picture["alt"]) > 20, picture
        assert not A_FILE_NAME.search(picture["alt"]), picture
        assert int(picture["width"]) > 0, picture
        assert int(picture["height"]) > 0, picture
    assert page.locator(".math:not(:has(.katex)), .katex-error").count() == 0
    page.set_viewport_size(PHONE)
    page.evaluate(READ_THROUGH)
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize(
    "address", ["chapters/05-robust-losses.html", "chapters/15-penalties.html"]
)
def test_page_on_a_phone_has_nothing_that_keys_cannot_reach(page, site, address):
    page.set_viewport_size(PHONE)
    page.goto(site + address, wait_until="networkidle")
    page.evaluate(READ_THROUGH)
    page.evaluate(AXE)
    assert page.evaluate(FINDINGS, RULES) == []


def test_wide_formula_scrolls_from_its_start_to_its_end(page, site):
    page.set_viewport_size(PHONE)
    page.goto(site + "chapters/15-penalties.html", wait_until="networkidle")
    formula = page.locator(".katex-display", has_text="the lasso")
    formula.scroll_into_view_if_needed()
    expect(formula).to_have_attribute("tabindex", "0")
    assert formula.locator(".katex-base").first.bounding_box()["x"] > 0
    formula.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(AT_ITS_END, arg=formula.element_handle())


@pytest.mark.parametrize("address", pages())
def test_page_takes_nothing_from_another_site(address):
    text = (HTML / address).read_text("utf-8")
    policy = re.search(r'<meta content="(default-src [^"]+)" http-equiv="Content-Security', text)[1]
    sources = set(re.split(r"[ ;]+", policy))
    named = {source for source in sources if source.startswith(("http", "*", "//"))}
    assert not named
    assert "'unsafe-eval'" not in sources
    assert "'unsafe-inline'" not in re.search("script-src [^;]+", policy)[0]
