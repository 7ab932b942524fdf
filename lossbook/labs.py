"""Labs: choose a loss, a learning rate, data; a kernel trains, and the figure follows.

A lab needs a running kernel, and ``lossbook[widgets]``. Where there is none, as on the pages of the
book, it is the picture of its first run.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import product
from typing import Any

import numpy as np

from lossbook.base import Loss
from lossbook.descent import History, fit
from lossbook.models import Model
from lossbook.optimizers import GradientDescent
from lossbook.sets import SetLoss
from lossbook.validation import Array, whole

LABELS = {"X": "inputs", "y": "labels", "sample_weight": "weights"}
"""What is written beside a menu, where it is not the name of the argument."""


@dataclass(frozen=True, eq=False)
class Run:
    """One training of a lab: what was chosen, and what came of it.

    Attributes
    ----------
    model : Model
        The model.
    loss : Loss or SetLoss
        What was minimised.
    X, y : array_like
        Inputs and what was observed.
    history : History
        All steps.
    """

    model: Model
    loss: Loss | SetLoss
    X: Array
    y: Array
    history: History

    @property
    def parameters(self) -> Array:
        """Return the parameters of the last step that has finite ones."""
        rows = self.history.parameters
        return rows[np.isfinite(rows).all(axis=1)][-1]

    def predict(self, X: Array) -> Array:
        """Return predictions with these parameters."""
        return self.model.predict(X, self.parameters)


class Lab:
    """Widgets that train: each change of one trains anew (see `lab`, which makes it).

    Attributes
    ----------
    controls : dict of str to ipywidgets widget
        Number fields ``rate`` and ``steps``, and a menu for each argument that has choices.
    sliders : dict of str to ipywidgets widget
        The sliders beside the two fields.
    run : Run
        The training that is shown.
    description : str
        What is to be seen, for someone who cannot see it.

    Examples
    --------
    >>> from lossbook import Linear, SquaredError, lab
    >>> line = lab(Linear(1), SquaredError(), [[0.0], [1.0]], [1.0, 3.0], steps=50)
    >>> sorted(line.controls), sorted(line.sliders)
    (['rate', 'steps'], ['rate', 'steps'])
    """

    def __init__(
        self,
        choices: Mapping[str, Any],
        menus: Mapping[str, Mapping[str, Any]],
        sliders: Mapping[str, Any],
        draw: Callable[[Any, Run], Any] | None,
        description: str,
    ) -> None:
        widgets, self._plots = _import()
        self._choices, self._menus, self._draw = choices, menus, draw
        self.description = description
        self._figure, self._axes = _figure(2 if draw else 1, self._plots)

        self.controls = {
            name: widgets.Dropdown(options=list(menu), description=_label(name))
            for name, menu in menus.items()
        }
        (low, high), rate, steps = sliders["rates"], sliders["rate"], sliders["steps"]
        # Fields of the browser itself carry their label to a screen reader; sliders do not.
        self.controls["rate"] = widgets.BoundedFloatText(
            rate, min=low, max=high, step=None, description="learning rate"
        )
        self.controls["steps"] = widgets.BoundedIntText(steps, max=steps, description="steps")
        ends = {"min": np.log10(low), "max": np.log10(high), "step": 0.05}
        self.sliders = {
            "rate": widgets.FloatLogSlider(rate, **ends, readout_format=".3g"),
            "steps": widgets.IntSlider(steps, max=steps),
        }
        for control in self.controls.values():
            control.style, control.layout = {"description_width": "8em"}, {"width": "20em"}
            control.observe(self._change, "value")
        rows = dict(self.controls)
        for name, slider in self.sliders.items():
            slider.continuous_update = False  # one training when the slider rests
            rows[name] = widgets.HBox([rows[name], slider], layout={"flex_flow": "row wrap"})
        _tie(self.sliders["rate"], self.controls["rate"])
        widgets.link((self.sliders["steps"], "value"), (self.controls["steps"], "value"))
        self._shown, self._status = widgets.HTML(), widgets.HTML()
        self._box = widgets.VBox([*rows.values(), self._status, self._shown])
        self._change()

    def _change(self, change: Any = None) -> None:
        """Train with what the widgets say, and show it."""
        self.run = self._train()
        self._svg = self._picture()
        data = base64.b64encode(self._svg.encode()).decode()
        alt = escape(f"{self.description} {self._message}")
        # a picture rather than the SVG itself, whose names would meet those of other figures
        self._shown.value = (
            f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width: 100%">'
        )
        self._status.value = f'<p role="status">{escape(self._message)}</p>'

    def _train(self) -> Run:
        chosen = dict(self._choices)
        for name, menu in self._menus.items():
            chosen[name] = menu[self.controls[name].value]
        rate, steps = self.controls["rate"].value, self.controls["steps"].value
        return _trained(chosen, rate, steps)

    @property
    def _message(self) -> str:
        return repr(self.run.history)

    def _picture(self) -> str:
        """Draw what was fitted, and the cost of each step; return the SVG."""
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        plots = self._plots
        with plots.mpl.rc_context(plots.STYLE):
            for ax in self._axes:
                ax.clear()
            if self._draw:
                self._draw(self._axes[0], self.run)
            _draw_cost(self._axes[-1], self.run.history, plots)
            for ax in self._axes:
                _thin(ax)
            svg = io.StringIO()
            # savefig would draw twice
            FigureCanvasSVG(self._figure).print_svg(svg, metadata={"Date": None})
        return svg.getvalue()

    def __repr__(self) -> str:
        return f"Lab: {self.description}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widgets for a front end that has a kernel, a picture for any other."""
        data = dict(self._box._repr_mimebundle_(**kwargs) or {})
        data |= {"image/svg+xml": self._svg, "text/plain": repr(self)}
        return data, {"image/svg+xml": {"alt": self.description, "lab": True}}


def lab(
    model: Model | Mapping[str, Model],
    loss: Loss | SetLoss | list[Any] | Mapping[str, Any],
    X: Array | Mapping[str, Array],
    y: Array | Mapping[str, Array],
    *,
    optimizer: Any = GradientDescent,
    rates: tuple[float, float] = (0.001, 1.0),
    rate: float | None = None,
    steps: int = 200,
    draw: Callable[[Any, Run], Any] | None = None,
    description: str = "The cost of each step of a training.",
    **settings: Any,
) -> Lab:
    """Train a model live, with menus and sliders, a curve of the cost and your drawing of the fit.

    Whatever is given as a mapping of labels to values becomes a menu: models, losses, inputs,
    optimizers, penalties, weights. Needs ``lossbook[widgets]``.

    Parameters
    ----------
    model, X, y : Model, array_like, array_like, or mappings of str to these
        As in `fit`.
    loss : Loss, list of losses, or mapping of str to Loss
        What may be minimised; the losses of a list are named as Python writes them.
    optimizer : class, list of classes or mapping of str to class
        Each is called with the learning rate; a function that returns an optimizer will do too.
    rates : (low, high)
        Ends of the slider of the learning rate, which is logarithmic.
    rate : float, optional
        Where it stands at first: half-way unless given.
    steps : int
        The most steps, with which the slider starts.
    draw : callable, optional
        ``draw(ax, run)`` draws the fit of a `Run` into matplotlib axes, above the cost.
    description : str
        What the first picture shows, as a sentence with a full stop.
    **settings
        Other arguments of `fit`: batch_size, sample_weight, penalty, validation, patience …

    Returns
    -------
    Lab
        The last line of a cell shows it.

    Raises
    ------
    ImportError
        If ipywidgets or matplotlib is not installed.
    ValueError
        If an argument is out of its range, or `fit` refuses one of the choices.

    Examples
    --------
    >>> from lossbook import AbsoluteError, Linear, SquaredError, lab
    >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
    >>> lines = lab(Linear(1), [SquaredError(), AbsoluteError()], X, y, rate=0.2)
    >>> lines
    Lab: The cost of each step of a training.
    >>> lines.run.parameters.round(6)  # slope, intercept
    array([2., 1.])
    >>> lines.controls["rate"].value = 0.5  # what a reader does
    >>> lines.run.history.cost[-1] > 1e30  # too far: every step overshoots more
    np.True_
    """
    _import()
    low, high = _range(rates)
    whole("steps", steps)
    rate = float(np.sqrt(low * high)) if rate is None else rate
    if not low <= rate <= high:
        raise ValueError(f"rate is {rate}: expected a number in rates, {low} to {high}")
    if draw is not None and not callable(draw):
        raise ValueError(f"draw is {draw!r}: expected a function of axes and a run")
    if len(description.split()) < 5 or not description.strip().endswith("."):
        raise ValueError(f"description is {description!r}: expected a sentence")
    given = {"model": model, "loss": loss, "X": X, "y": y, "optimizer": optimizer, **settings}
    for name in ("loss", "optimizer"):
        if isinstance(given[name], list):
            given[name] = {_written(one): one for one in given[name]}
    menus = {name: value for name, value in given.items() if isinstance(value, Mapping)}
    for name, menu in menus.items():
        if not menu:
            raise ValueError(f"{name} is empty: expected at least one choice")
    # What does not fit together is refused now, not when a reader comes to choose it.
    for values in product(*(menu.values() for menu in menus.values())):
        _trained(given | dict(zip(menus, values, strict=True)), rate, 0)
    sliders = {"rates": (low, high), "rate": rate, "steps": steps}
    return Lab(given, menus, sliders, draw, " ".join(description.split()))


def _trained(chosen: Mapping[str, Any], rate: float, steps: int) -> Run:
    """Fit what was chosen."""
    settings = dict(chosen)
    model, loss, X, y = (settings.pop(name) for name in ("model", "loss", "X", "y"))
    optimizer = settings.pop("optimizer")(rate)
    history = fit(model, loss, X, y, optimizer=optimizer, steps=steps, **settings)
    return Run(model, loss, X, y, history)


def _tie(slider: Any, field: Any) -> None:
    """Let slider and field follow each other; a rate of the slider is rounded to three digits."""

    def slid(change: Any) -> None:
        if not np.isclose(slider.value, field.value, rtol=0.005):
            field.value = float(f"{slider.value:.3g}")

    def typed(change: Any) -> None:
        slider.value = field.value

    slider.observe(slid, "value")
    field.observe(typed, "value")


def _figure(rows: int, plots: Any) -> tuple[Any, list[Any]]:
    """Return a figure with fixed margins: to fit them anew takes as long as to draw."""
    from matplotlib.figure import Figure  # not pyplot's, which a notebook would show once more

    places = {"left": 0.17, "right": 0.97, "bottom": 0.2 / rows, "top": 1 - 0.12 / rows}
    with plots.mpl.rc_context({**plots.STYLE, "figure.constrained_layout.use": False}):
        figure = Figure(figsize=(5.2, 2.9 * rows), dpi=192)
        axes = figure.subplots(rows, squeeze=False, gridspec_kw={**places, "hspace": 0.5})
    return figure, list(axes[:, 0])


def _thin(ax: Any) -> None:
    """Take few ticks: they are most of the time of a drawing."""
    from matplotlib.ticker import AutoLocator

    ax.minorticks_off()
    for locator in (ax.xaxis.get_major_locator(), ax.yaxis.get_major_locator()):
        if isinstance(locator, AutoLocator):
            locator.set_params(nbins=5)


def _draw_cost(ax: Any, history: History, plots: Any) -> None:
    """Draw the cost of each step, and say above it how the run ended."""
    curves = {"cost": history.cost}
    if history.validation_cost is not None:
        curves = {"training": history.cost, "validation": history.validation_cost}
    # What runs away leaves the figure at the top, or it would press all else into one line.
    most = 1e6 * np.abs(history.cost[0])
    for name, cost in curves.items():
        ax.plot(np.where(cost <= most, cost, 100 * most), label=name)
    ax.set_xlim(-0.02 * len(history.cost), 1.02 * len(history.cost))
    costs = np.concatenate(list(curves.values()))
    seen = costs[costs <= most]
    away = len(seen) < len(costs)
    if seen.min() > 0 and (away or seen.max() > 100 * seen.min()):
        ax.set_yscale("log")
    if away:
        ax.set_ylim(top=most)
    if len(curves) > 1:
        ax.axvline(history.best_step, color=plots.GREY, linewidth=1, linestyle=":")
        ax.legend()
    ax.set_xlabel("step")
    ax.set_ylabel("cost")
    fell = history.cost[-1] <= history.cost[0]
    ax.set_title(_ending(history), color=plots.GREY if fell else plots.RED)


def _ending(history: History) -> str:
    """Say in a few words how a run ended."""
    if history.diverged_at is not None:
        return f"Diverged: not finite at step {history.diverged_at}"
    return f"Cost {history.cost[0]:.6g} → {history.cost[-1]:.6g}"


def _range(rates: Any) -> tuple[float, float]:
    try:
        low, high = (float(rate) for rate in rates)
    except (TypeError, ValueError):
        raise ValueError(f"rates is {rates!r}: expected (low, high)") from None
    if not 0 < low < high < np.inf:
        raise ValueError(f"rates is {rates!r}: expected 0 < low < high")
    return low, high


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def _written(thing: Any) -> str:
    """Write a loss or an optimizer as Python does: its class, or with its parameters."""
    return getattr(thing, "__name__", repr(thing).removesuffix("()"))


def _import() -> tuple[Any, Any]:
    """Return ipywidgets and the module of figures, which `import lossbook` alone does not need."""
    try:
        import ipywidgets

        from lossbook import plots
    except ImportError as error:
        raise ImportError(
            "lossbook.lab needs ipywidgets and matplotlib: pip install 'lossbook[widgets]'"
        ) from error
    return ipywidgets, plots
