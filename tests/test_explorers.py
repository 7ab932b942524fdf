"""Explorers: what a slider shows is what the losses say there, to five digits."""

import json
import re
import sys

import numpy as np
import pytest

import lossbook as lb
from lossbook import explore
from lossbook.explorers import (
    Slider,
    arrows,
    bars,
    boxes,
    line,
    panel,
    points,
    rule,
    slider_figure,
    words,
)
from lossbook.sliders import MIME

X = np.linspace(-3, 3, 121)
SENTENCE = "A curve that bends as its power grows."


def five_digits(values):
    values = np.atleast_1d(values)
    return [float(f"{v:.5g}") if np.isfinite(v) else None for v in values]


def seen(figure, place, number, **settings):
    """Return the columns of a layer at the values of the sliders, as the page selects them."""
    layer = figure.spec["vconcat"][place]["layer"][number]
    rows = layer["data"]["values"]
    filters = [step["filter"] for step in layer["transform"] if "filter" in step]
    if not filters:
        return rows[0]
    expression = filters[0].removeprefix("datum.k === ")
    k = evaluate(figure, expression, settings)
    (row,) = [row for row in rows if row["k"] == k]
    texts = {t["as"]: json.loads(t["calculate"]) for t in layer["transform"] if "calculate" in t}
    return texts | row


def evaluate(figure, expression, settings):
    """Compute an expression of the specification, which is Python's too but for the names."""
    space = {"round": round, "indexof": lambda values, one: values.index(one)} | settings
    for parameter in figure.spec["params"]:
        if "expr" in parameter:
            space[parameter["name"]] = eval(parameter["expr"], space)
    return eval(expression, space)


def text_of_title(figure, place, **settings):
    return evaluate(figure, figure.spec["vconcat"][place]["title"]["text"]["expr"], settings)


@pytest.mark.parametrize("delta", [0.1, 1.0, 2.3, 5.0])
def test_values_are_those_of_the_loss(delta):
    figure = explore(lb.Huber, delta=(0.1, 5), curvature=True)
    loss = lb.Huber(delta)
    for place, method in enumerate((loss.loss, loss.gradient)):
        found = seen(figure, place, 0, delta=delta)
        assert found["x"] == five_digits(X)
        assert found["y"] == five_digits(method(0 * X, X))
    curvature = np.array(seen(figure, 2, 0, delta=delta)["y"], dtype=float)
    expected = loss.curvature(0 * X, X)
    held = ~np.isnan(curvature)
    np.testing.assert_allclose(curvature[held], expected[held], rtol=1e-5)


def test_two_sliders_choose_one_frame():
    figure = explore(lb.Barron, alpha=(-4, 2, 1), c=(0.5, 2, 0.5), gradient=False, low=0, high=8)
    x = np.linspace(0, 8, 81)
    for alpha, c in [(-4, 0.5), (2, 2.0), (1, 1.0), (0, 1.5)]:
        expected = five_digits(lb.Barron(alpha, c).loss(0 * x, x))
        assert seen(figure, 0, 0, alpha=alpha, c=c)["y"] == expected


def test_a_loss_without_the_parameter_stays_where_it_is():
    figure = explore(lb.SquaredError(), lb.Huber, delta=(0.1, 5))
    fixed, moving = figure.spec["vconcat"][0]["layer"]
    assert len(fixed["data"]["values"]) == 1
    assert len(moving["data"]["values"]) == 50
    assert fixed["encoding"]["color"]["datum"] == "SquaredError"
    assert fixed["encoding"]["color"]["scale"]["domain"] == ["SquaredError", "Huber"]


def test_a_slider_starts_at_the_default():
    assert explore(lb.Huber, delta=(0.1, 5)).spec["params"][0]["value"] == 1.0
    assert explore(lb.Quantile, quantile=(0.1, 0.9)).spec["params"][0]["value"] == 0.5
    assert explore(lambda k: lb.Huber(k), k=(1, 3)).spec["params"][0]["value"] == 2.0


@pytest.mark.parametrize(
    ("loss", "axis", "y_true"),
    [
        (lb.Hinge, "margin y·s", 1),
        (lb.BinaryCrossEntropyWithLogits, "logit z", 1),
        (lb.BinaryCrossEntropy, "probability", 1),
        (lb.Poisson, "log of the mean", 1),
        (lb.LogCosh, "residual ŷ − y", 0),
    ],
)
def test_axis_follows_the_prediction(loss, axis, y_true):
    figure = explore(loss)
    assert figure.spec["vconcat"][-1]["layer"][0]["encoding"]["x"]["title"] == axis
    found = seen(figure, 0, 0)
    middle = found["x"][40]
    assert found["y"][40] == five_digits(loss().loss([y_true], [middle]))[0]


def test_axes_can_be_shorter_than_the_curves():
    figure = explore(lb.Huber, delta=(1, 9), loss_range=(0, 4), gradient_range=(-2, 2))
    loss, gradient = (p["layer"][0]["encoding"]["y"]["scale"] for p in figure.spec["vconcat"])
    assert (loss["domain"], gradient["domain"]) == ([0, 4], [-2, 2])


def test_a_slider_is_named_as_in_the_text():
    assert Slider.of("delta", (1, 2)).label == "δ"
    assert Slider.of("learning_rate", (1, 2)).label == "learning rate"


def test_label_can_be_chosen():
    found = seen(explore(lb.Focal, gamma=(0, 5, 1), y_true=0), 0, 0, gamma=2)
    assert found["y"] == five_digits(lb.Focal(2).loss(np.zeros(121), np.linspace(-5, 5, 121)))


def test_any_custom_loss_has_an_explorer():
    class Quartic(lb.ResidualLoss):
        def __init__(self, scale=2.0):
            self.scale = scale

        def rho(self, r):
            return (r / self.scale) ** 4

    figure = explore(Quartic, scale=(1, 4, 0.5))
    assert seen(figure, 0, 0, scale=2.5)["y"] == five_digits((X / 2.5) ** 4)


def test_a_jump_of_the_gradient_is_a_gap():
    found = seen(explore(lb.AbsoluteError), 1, 0)
    assert [x for x, y in zip(found["x"], found["y"], strict=True) if y is None] == [0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: explore(), "needs a loss"),
        (lambda: explore(lb.Huber, epsilon=(0, 1)), "epsilon is no parameter of Huber"),
        (lambda: explore(lb.IoU), "IoU is not a loss of one number"),
        (lambda: explore(lb.Dice), "Dice is not a loss of one number"),
        (lambda: explore(lb.Huber, delta=(5, 1)), r"expected \(low, high\)"),
        (lambda: explore(lb.Huber, delta=(1, np.inf)), r"expected \(low, high\)"),
        (lambda: explore(lb.Huber, delta=3 * [1, 2]), r"expected \(low, high\)"),
        (lambda: explore(lb.Huber, delta=(1, 2, 0.3)), "0.3 does not divide the range"),
        (lambda: explore(lb.Huber, delta=(0, 2, 1)), "delta"),
        (lambda: explore(lb.Huber, delta=(0.001, 5, 0.001)), "take larger steps"),
        (lambda: explore(lb.Huber, delta=(1, 2), description="Short."), "expected a sentence"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_figures_that_cannot_be_drawn_are_refused():
    with pytest.raises(ValueError, match="cannot be called width"):
        slider_figure(lambda width: panel(), description=SENTENCE, width=(0, 1))
    with pytest.raises(ValueError, match="at every setting"):
        slider_figure(
            lambda n: panel(*[line([0], [0])] * n), description=SENTENCE, n=Slider([1, 2], 1, "n")
        )
    with pytest.raises(ValueError, match="differ in length"):
        line([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="give one of them"):
        rule(x=1, y=2)


def test_panels_hold_all_frames():
    def picture(power, shape):
        y = X**2 * power if shape == "bowl" else abs(X)
        return [
            panel(line(X, y, "curve"), rule(x=power), title=f"power {power:g}\n{shape}"),
            panel(bars(["a", "b"], [power, 2]), words("a", 1, f"{power:g}")),
            panel(boxes([0, 0, power, 1]), arrows(0, 0, power, power), points([1], [2])),
            panel(line(X, np.exp(X) * power), log_y=True, x_range=(-1, 1)),
        ]

    choice = ["bowl", "roof"]
    figure = slider_figure(picture, description=SENTENCE, power=(1, 4, 1), shape=choice)
    curve, bar, box, log = (p["layer"][0]["encoding"] for p in figure.spec["vconcat"])
    assert curve["y"]["scale"]["domain"] == [-1.44, 37.44]
    assert bar["y"]["scale"]["domain"][0] < 0 < 4 < bar["y"]["scale"]["domain"][1]
    assert bar["x"]["type"] == "nominal"
    assert set(box) == {"x", "y", "x2", "y2"}
    assert log["y"]["scale"]["type"] == "log"
    assert log["x"]["scale"]["domain"] == [-1, 1]
    for power in (1, 2, 3, 4):
        assert seen(figure, 1, 0, power=power, shape="bowl")["y"] == [power, 2]
        assert seen(figure, 0, 1, power=power, shape="roof") == {"k": power - 1, "x": [power]}
        assert seen(figure, 2, 2, power=power, shape="roof")["angle"] == [45]
        for shape in choice:
            y = X**2 * power if shape == "bowl" else abs(X)
            assert seen(figure, 0, 0, power=power, shape=shape)["y"] == five_digits(y)
            assert text_of_title(figure, 0, power=power, shape=shape) == [f"power {power}", shape]


def test_what_no_browser_can_draw_is_left_out():
    drawn = line([0, 1, 2, 3, 4], [np.nan, np.inf, -1e31, 1.234567e29, 2])
    assert drawn.columns["y"] == [None, None, None, 1.2346e29, 2]


def test_an_arrow_of_no_length_is_not_drawn():
    shaft, head = arrows([0, 0], [0, 0], [0, 3], [0, 4])
    assert shaft.columns["x2"] == [None, 3]
    assert head.columns["x"] == [None, 3]


def test_steps_are_round_numbers():
    assert Slider.of("a", (0.1, 5)).step == 0.1
    assert Slider.of("a", (0, 1)).step == 0.02
    assert len(Slider.of("a", (0, np.pi)).values) == 51
    assert len(Slider.of("a", (0, 1), 2).values) == 11
    assert Slider.of("a", (0, 3, 1), start=2.2).start == 2
    own = Slider([1, 2], 1, "own")
    assert Slider.of("a", own) is own


@pytest.mark.parametrize(
    "figure",
    [
        explore(lb.Huber, delta=(0.1, 5)),
        explore(lb.Hinge, lb.ZeroOne, lb.Perceptron),
        explore(lb.Focal, gamma=(0, 5), alpha=(0.05, 0.95)),
    ],
)
def test_figures_are_small_strict_json_with_a_sentence(figure):
    text = json.dumps(figure._repr_mimebundle_()[MIME], allow_nan=False, ensure_ascii=False)
    assert len(text) < 250_000
    assert re.fullmatch(r"[A-Z].{20,}\.", figure.description)
    assert figure.spec["description"] == figure.description
    assert figure._repr_mimebundle_()["text/plain"] == f"Explorer: {figure.description}"
    assert "text/html" not in figure._repr_mimebundle_()


def test_colab_gets_a_page_that_draws_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    page = explore(lb.LogCosh)._repr_mimebundle_()["text/html"]
    assert "vegaEmbed" in page
