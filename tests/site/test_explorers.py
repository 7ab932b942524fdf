"""Slider figures in a browser: keys move them, and what is drawn is what the losses say."""

import json
import re

import numpy as np
import pytest
from built import HTML, pages
from conftest import PHONE

import lossbook as lb

EXPLORERS = [page for page in pages() if 'class="explorer"' in (HTML / page).read_text("utf-8")]
# What the mark draws, by its name in the specification: panel, layer.
PLOTTED = """
([panel, layer]) => {
  const { spec, view } = document.querySelector("figure.explorer");
  const name = `concat_${panel}_layer_${layer}_marks`;
  const find = (marks) =>
    marks.flatMap((mark) => (mark.name === name ? [mark] : find(mark.marks ?? [])));
  const rows = view.data(find(spec.marks)[0].from.data);
  return rows.map(({ x, y }) => [x, y]);
}
"""
ALL_DATA = """
() => {
  const { view } = document.querySelector("figure.explorer");
  const titles = [...document.querySelectorAll("figure.explorer .role-title text")];
  const { data } = view.getState({ data: () => true });
  const plotted = Object.entries(data).filter(([name]) => name.startsWith("data_"));
  return JSON.stringify([plotted, titles.map((title) => title.textContent)]);
}
"""


def show(page, address):
    page.goto(address)
    figure = page.locator("figure.explorer").first
    figure.scroll_into_view_if_needed()
    figure.locator(".explorer-picture div svg").wait_for()  # the one that moves
    return figure


def plotted(page, panel, layer):
    rows = page.evaluate(PLOTTED, [panel, layer])
    return np.array(rows, dtype=float).T


def five_digits(values):
    return [float(f"{value:.5g}") for value in values]


def test_keys_set_a_slider_and_the_curve_follows(page, site):
    show(page, site + "chapters/04-squared-and-absolute.html")
    slider = page.get_by_role("slider", name="δ")
    slider.focus()
    for key, count in (("ArrowRight", 7), ("ArrowLeft", 12)):
        for _ in range(count):
            page.keyboard.press(key)
        delta = float(slider.input_value())
        assert delta == {"ArrowRight": 1.7, "ArrowLeft": 0.5}[key]
        page.wait_for_function(
            "delta => document.querySelector('figure.explorer').view.signal('delta') === delta",
            arg=delta,
        )
        huber = lb.Huber(delta)
        for panel, formula in enumerate((huber.rho, huber.psi)):
            y = plotted(page, panel, 2)[1]
            assert y.tolist() == five_digits(formula(np.linspace(-3, 3, 121)))
    assert page.locator(".explorer-sliders span").text_content() == "0.5"


def test_what_the_title_says_is_told_after_a_move(page, site):
    show(page, site + "chapters/01-loss-cost-objective.html")
    page.get_by_role("slider", name="slope").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.explorer-values').textContent")
    ames = lb.load_ames()
    guess = 10 * ames["gr_liv_area"] / 1000 + 150
    price = ames["sale_price"] / 1000
    cost, metric = (loss.cost(price, guess) for loss in (lb.SquaredError(), lb.AbsoluteError()))
    told = page.locator(".explorer-values").text_content()
    assert told == f"cost {cost:,.0f}, wrong by ${1000 * metric:,.0f} on average"


def test_no_code_is_made_of_text(page, site):
    """A policy without unsafe-eval lets the figures move."""

    def with_policy(route):
        answer = route.fetch()
        policy = {"content-security-policy": "script-src 'self' 'unsafe-inline'"}
        route.fulfill(response=answer, headers=answer.headers | policy)

    address = site + "chapters/04-squared-and-absolute.html"
    page.route(address, with_policy)
    show(page, address)
    page.get_by_role("slider", name="δ").press("End")
    page.wait_for_timeout(200)
    r = np.linspace(-3, 3, 121)
    assert plotted(page, 0, 2)[1].tolist() == five_digits(lb.Huber(3.0).rho(r))


def test_two_sliders_choose_one_curve(page, site):
    show(page, site + "chapters/05-robust-losses.html")
    for label, keys in (("α", ["Home", "ArrowRight", "ArrowRight"]), ("c", ["End"])):
        page.get_by_role("slider", name=label, exact=True).focus()
        for key in keys:
            page.keyboard.press(key)
    page.wait_for_timeout(100)
    y = plotted(page, 0, 0)[1]
    assert y.tolist() == five_digits(lb.Barron(-3, 2).rho(np.linspace(-6, 6, 81)))


@pytest.mark.parametrize("address", EXPLORERS)
def test_every_slider_moves_something_and_nothing_jumps(page, site, address):
    page.set_viewport_size(PHONE)
    page.goto(site + address)
    figure = page.locator("figure.explorer").first
    height = figure.bounding_box()["height"]
    show(page, site + address)
    assert figure.bounding_box()["height"] == pytest.approx(height, abs=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert figure.get_by_role("img").get_attribute("aria-label").endswith(".")
    for field in figure.locator("input, select").all():
        before = page.evaluate(ALL_DATA)
        field.focus()
        for key in (
            ("Home", "End") if "range" in str(field.get_attribute("type")) else ["ArrowDown"]
        ):
            page.keyboard.press(key)
        page.wait_for_timeout(200)
        assert page.evaluate(ALL_DATA) != before, field.get_attribute("name")


def test_vega_is_loaded_when_a_figure_comes_near(page, site):
    page.goto(site + "chapters/04-squared-and-absolute.html")
    page.wait_for_timeout(500)
    assert not page.evaluate("'vega' in window")
    assert page.locator("figure.explorer svg").count() == 1


def test_every_chapter_that_asks_to_try_has_an_explorer():
    tried = [page for page in pages() if "<h2>Try it<" in (HTML / page).read_text("utf-8")]
    assert set(tried) <= set(EXPLORERS)


def test_specifications_are_small():
    named = {
        name
        for address in EXPLORERS
        for name in re.findall(r'data-spec="([^"]+)"', (HTML / address).read_text("utf-8"))
    }
    assert len(named) >= len(EXPLORERS)
    for name in named:
        text = (HTML / "_static" / "explorers" / name).read_text("utf-8")
        spec = text.removeprefix("document.currentScript.spec = ").rstrip(";\n")
        assert len(spec) < 350_000, name
        assert json.loads(spec)["description"].endswith(".")
