"""Figures: what is drawn is what the losses say, and no figure goes without its sentence."""

import builtins
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import lossbook as lb

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")
from lossbook import plots  # noqa: E402

SENTENCE = "A parabola that touches zero."


@pytest.fixture(autouse=True)
def _close():
    before = dict(mpl.rcParams)
    yield
    plots.plt.close("all")
    mpl.rcParams.update(before)


def session(monkeypatch, notebook, display=None):
    """Pretend to run in a notebook, or in a plain session of IPython."""
    ipython = SimpleNamespace(get_ipython=lambda: notebook, version_info=(8, 24))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))


def curve(ax, number=0):
    return ax.get_lines()[number].get_data()


def test_house_style_holds_for_later_figures():
    plots.house_style()
    assert mpl.rcParams["svg.hashsalt"] == "lossbook"
    assert not mpl.rcParams["axes.spines.top"]


def test_figure_has_panels_one_below_the_other():
    fig, axes = plots.figure(rows=3, height=2)
    assert len(axes) == 3
    assert fig.get_size_inches().tolist() == [5.2, 6.0]


@pytest.mark.parametrize("alt", ["", "short", "five words but no stop", None, 3])
def test_show_asks_for_a_sentence(alt):
    fig, _ = plots.figure()
    with pytest.raises(ValueError, match="expected a sentence"):
        plots.show(fig, alt)


def test_show_prints_the_sentence_without_a_notebook(capsys, monkeypatch):
    fig, _ = plots.figure()
    session(monkeypatch, notebook=None)
    plots.show(fig, "A parabola\n  that touches zero.")
    assert capsys.readouterr().out == f"Figure: {SENTENCE}\n"
    assert not plots.plt.fignum_exists(fig.number)


def test_show_works_without_ipython(capsys, monkeypatch):
    true_import = builtins.__import__

    def no_ipython(name, *args, **kwargs):
        if name.startswith("IPython"):
            raise ImportError(name)
        return true_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_ipython)
    plots.show(plots.figure()[0], SENTENCE)
    assert capsys.readouterr().out == f"Figure: {SENTENCE}\n"


def test_show_gives_a_notebook_the_same_svg_each_time(monkeypatch):
    shown = []
    drawn = [plots.losses({"squared": lb.SquaredError()}).figure for _ in range(2)]
    show = lambda data, metadata, raw: shown.append((data, metadata))  # noqa: E731
    session(monkeypatch, notebook=SimpleNamespace(events=None), display=show)
    for fig in drawn:
        plots.show(fig, SENTENCE)
    (data, metadata), (again, _) = shown
    assert metadata == {"image/svg+xml": {"alt": SENTENCE}}
    assert data["text/plain"] == f"Figure: {SENTENCE}"
    assert data["image/svg+xml"].count("</svg>") == 1
    assert data == again


def test_losses_are_drawn_as_they_are():
    ax = plots.losses({"squared": lb.SquaredError(), "Huber": lb.Huber()}, low=-2, high=2)
    x, y = curve(ax)
    np.testing.assert_array_equal(y, x**2)
    assert (x[0], x[-1]) == (-2, 2)
    np.testing.assert_array_equal(curve(ax, 1)[1], lb.Huber().rho(x))
    assert ax.get_xlabel() == "residual ŷ − y"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["squared", "Huber"]


def test_gradients_have_a_gap_at_a_kink():
    _, own = plots.figure()
    ax = plots.losses({"absolute": lb.AbsoluteError()}, gradient=True, ax=own)
    assert ax is own
    x, y = curve(ax)
    np.testing.assert_array_equal(np.isnan(y), x == 0)
    np.testing.assert_array_equal(y[x != 0], np.sign(x[x != 0]))
    assert ax.get_ylabel() == "gradient"
    assert ax.get_legend() is None


def test_margins_are_drawn_for_the_label_one():
    ax = plots.losses({"hinge": lb.Hinge()})
    x, y = curve(ax)
    np.testing.assert_array_equal(y, np.maximum(0, 1 - x))
    assert ax.get_xlabel() == "margin y·s"


def runs():
    X, y = np.arange(6.0)[:, None] / 3, np.arange(6.0)
    plain = lb.fit(lb.Linear(1), lb.SquaredError(), X, y, steps=5)
    watched = lb.fit(lb.Linear(1), lb.SquaredError(), X, y, steps=5, validation=(X, y + 1))
    return plain, watched


def test_history_is_drawn_step_by_step():
    plain, watched = runs()
    fig = plots.history(plain)
    (ax,) = fig.axes
    np.testing.assert_array_equal(curve(ax)[1], plain.cost)
    assert ax.get_legend() is None
    assert ax.get_yscale() == "linear"

    _, own = plots.figure()
    assert plots.history({"a": plain, "b": watched}, ax=own, log=True) is own.figure
    labels = [text.get_text() for text in own.get_legend().get_texts()]
    assert labels == ["a", "b", "b: validation"]
    assert own.get_yscale() == "log"
    # the dotted line stands at the best step
    assert curve(own, 3)[0] == [watched.best_step] * 2


def test_history_draws_itself(capsys):
    plain, _ = runs()
    assert plain.plot().axes[0].get_ylabel() == "cost"
    plain.plot(alt=SENTENCE)
    assert SENTENCE in capsys.readouterr().out


def test_matplotlib_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "lossbook.plots")
    monkeypatch.delattr(lb, "plots")
    with pytest.raises(ImportError, match=r"pip install 'lossbook\[plots\]'"):
        __import__("lossbook.plots")
