"""Labs: what the widgets say is what `fit` is asked, and what is shown is what it answered."""

import builtins
import subprocess
import sys

import numpy as np
import pytest

import lossbook as lb
from lossbook import lab

pytest.importorskip("ipywidgets")
mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")

X = np.linspace(-1, 1, 21)[:, None]
Y = 3 * X[:, 0] + 1 + np.sin(7 * X[:, 0])
LINE = lb.Linear(1)
VIEW = "application/vnd.jupyter.widget-view+json"


def expected(rate, steps, loss=None, X=X, optimizer=lb.GradientDescent, **settings):
    loss = lb.SquaredError() if loss is None else loss
    return lb.fit(LINE, loss, X, Y, optimizer=optimizer(rate), steps=steps, **settings)


def same(history, other):
    np.testing.assert_array_equal(history.cost, other.cost)
    np.testing.assert_array_equal(history.parameters, other.parameters)


def test_first_run_is_that_of_fit():
    made = lab(LINE, lb.SquaredError(), X, Y, rate=0.3, steps=40)
    same(made.run.history, expected(0.3, 40))
    np.testing.assert_array_equal(made.run.predict(X), LINE.predict(X, made.run.parameters))
    assert set(made.controls) == {"rate", "steps"}


def test_every_widget_trains_anew():
    units = {"as they are": X, "twice": 2 * X}
    weights = {"all": None, "left half": (X[:, 0] < 0).astype(float)}
    made = lab(
        LINE,
        [lb.SquaredError(), lb.Huber(0.5)],
        units,
        Y,
        optimizer=[lb.GradientDescent, lb.Adam],
        sample_weight=weights,
        rates=(0.01, 1),
        rate=0.1,
        steps=30,
    )
    controls, chosen = made.controls, {}
    assert controls["loss"].options == ("SquaredError", "Huber(delta=0.5)")
    assert controls["optimizer"].options == ("GradientDescent", "Adam")
    controls["loss"].value = "Huber(delta=0.5)"
    chosen["loss"] = lb.Huber(0.5)
    same(made.run.history, expected(0.1, 30, **chosen))
    controls["X"].value = "twice"
    chosen["X"] = 2 * X
    same(made.run.history, expected(0.1, 30, **chosen))
    controls["optimizer"].value = "Adam"
    chosen["optimizer"] = lb.Adam
    same(made.run.history, expected(0.1, 30, **chosen))
    controls["sample_weight"].value = "left half"
    chosen["sample_weight"] = weights["left half"]
    same(made.run.history, expected(0.1, 30, **chosen))
    controls["rate"].value = 0.5
    same(made.run.history, expected(0.5, 30, **chosen))
    controls["steps"].value = 7
    same(made.run.history, expected(0.5, 7, **chosen))


def test_every_widget_has_a_label():
    made = lab(LINE, [lb.SquaredError()], {"one": X}, Y, sample_weight={"none": None})
    labels = {name: control.description for name, control in made.controls.items()}
    assert labels == {
        "loss": "loss",
        "X": "inputs",
        "sample_weight": "weights",
        "rate": "learning rate",
        "steps": "steps",
    }
    assert made.controls["rate"].description == "learning rate"
    assert made.controls["rate"].value == pytest.approx(np.sqrt(0.001))


def test_sliders_and_fields_follow_each_other():
    seen = []
    made = lab(LINE, lb.SquaredError(), X, Y, steps=1500, draw=lambda ax, run: seen.append(run))
    rate, steps = made.sliders["rate"], made.sliders["steps"]
    assert not rate.continuous_update
    assert not steps.continuous_update
    rate.value = 10**-0.95
    assert made.controls["rate"].value == 0.112
    steps.value = 1234
    assert made.controls["steps"].value == 1234
    same(made.run.history, expected(0.112, 1234))
    made.controls["rate"].value = 0.29155
    assert (rate.value, made.controls["rate"].value) == (0.29155, 0.29155)
    steps.value = 0
    same(made.run.history, expected(0.29155, 0))
    assert len(seen) == 5, "one training for each change"


def test_drawing_gets_axes_and_run():
    seen = []

    def draw(ax, run):
        seen.append(run)
        ax.plot(X[:, 0], run.predict(X))

    made = lab(LINE, lb.SquaredError(), X, Y, draw=draw)
    before = made._svg
    made.controls["rate"].value = 0.5
    assert seen == [seen[0], made.run]
    assert made._svg != before
    fitted, cost = (ax.get_lines()[0].get_ydata() for ax in made._axes)
    np.testing.assert_array_equal(fitted, made.run.predict(X))
    np.testing.assert_array_equal(cost, made.run.history.cost)
    assert made._axes[1].get_ylim()[1] > cost.max()


def test_divergence_is_shown():
    made = lab(LINE, lb.SquaredError(), X, Y, rates=(0.1, 1000), rate=0.1, steps=200)
    assert "Cost" in made._axes[-1].get_title(loc="left")
    assert made._axes[-1].get_yscale() == "linear"
    made.controls["rate"].value = 1000.0
    history = expected(1000.0, 200)
    assert history.diverged_at
    same(made.run.history, history)
    assert f"not finite at step {history.diverged_at}" in made._axes[-1].get_title(loc="left")
    assert f"diverged: not finite at step {history.diverged_at}" in made._status.value
    assert made._axes[-1].get_yscale() == "log"
    curve = made._axes[-1].get_lines()[0].get_ydata()
    assert curve[0] == history.cost[0] < made._axes[-1].get_ylim()[1] < curve[1:].min()
    assert np.isfinite(made.run.parameters).all()
    made.controls["rate"].value = 0.1
    assert "iverged" not in made._status.value + made._axes[-1].get_title(loc="left")


def test_validation_cost_is_drawn_with_its_best_step():
    made = lab(LINE, lb.SquaredError(), X[::2], Y[::2], validation=(X[1::2], Y[1::2]), rate=0.3)
    training, validation, best = made._axes[0].get_lines()
    np.testing.assert_array_equal(validation.get_ydata(), made.run.history.validation_cost)
    np.testing.assert_array_equal(training.get_ydata(), made.run.history.cost)
    assert best.get_xdata()[0] == made.run.history.best_step


def test_front_ends_get_widgets_a_picture_and_a_sentence():
    sentence = "The cost falls <fast> to 0.4."
    made = lab(LINE, lb.SquaredError(), X, Y, description=sentence)
    data, metadata = made._repr_mimebundle_()
    assert set(data) == {VIEW, "image/svg+xml", "text/plain"}
    assert data["text/plain"] == repr(made) == f"Lab: {sentence}"
    assert metadata["image/svg+xml"]["alt"] == sentence
    assert data["image/svg+xml"].count("<svg ") == 1
    assert 'alt="The cost falls &lt;fast&gt; to 0.4. History: 200 steps' in made._shown.value


def test_same_lab_has_the_same_picture():
    first, second = (lab(LINE, lb.SquaredError(), X, Y)._svg for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rates": (1, 0.1)}, "expected 0 < low < high"),
        ({"rates": (0, 1)}, "expected 0 < low < high"),
        ({"rates": 0.1}, r"expected \(low, high\)"),
        ({"rate": 3}, "rate is 3: expected a number in rates"),
        ({"steps": 0}, "steps is 0"),
        ({"draw": "line"}, "expected a function of axes and a run"),
        ({"description": "Cost."}, "expected a sentence"),
        ({"loss": {}}, "loss is empty"),
        ({"X": {"right": X, "wide": np.ones((21, 2))}}, r"expected \(n, 1\)"),
        ({"loss": [lb.SquaredError(), lb.Hinge()]}, "y_true"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_bad_input_is_refused_at_once(changed, message):
    given = {"model": LINE, "loss": lb.SquaredError(), "X": X, "y": Y} | changed
    with pytest.raises(ValueError, match=message):
        lab(**given)


def test_missing_package_names_the_extra(monkeypatch):
    def absent(name, *rest, **more):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *rest, **more)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ImportError, match=r"pip install 'lossbook\[widgets\]'"):
        lab(LINE, lb.SquaredError(), X, Y)


def test_package_alone_imports_neither():
    code = "import sys, lossbook; print({'ipywidgets', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
