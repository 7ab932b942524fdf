"""A figure of any function that draws for given values of its sliders (see `lossbook.explorers`).

The function is called for each setting when the figure is made, and only what it returned is shown:
between two settings nothing is interpolated.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from lossbook.marks import WIDTH, Panel, layer
from lossbook.palette import GREY

MIME = "application/vnd.vegalite.v5+json"
SETTINGS = 150  # of all sliders together, unless their steps are given
LARGEST = 300_000  # characters of a specification: a phone has to load it
GREEK = dict(zip(["alpha", "beta", "gamma", "delta", "epsilon", "tau"], "αβγδετ", strict=True))
RESERVED = {"width", "height", "padding", "autosize", "background", "style", "datum", "event"}


@dataclass(frozen=True)
class Slider:
    """The values that a reader can set a parameter to.

    Attributes
    ----------
    values : list
        All of them in order: evenly spaced numbers, or strings to choose from.
    start : float or str
        Where the slider stands at first.
    label : str
        What is written beside it.

    Examples
    --------
    >>> Slider.of("delta", (0, 1, 0.25)).values
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """

    values: list[Any]
    start: Any
    label: str

    @classmethod
    def of(cls, name: str, given: Any, count: int = 1, start: Any = None) -> Slider:
        """Make a slider of what a reader may give: (low, high), (low, high, step), or strings.

        Parameters
        ----------
        name : str
            Name of the parameter; what is written beside it, unless it is a Greek letter's.
        given : Slider, tuple or list
            A slider is returned as it is.
        count : int
            Sliders of the figure: the more, the fewer steps each has, where none is given.
        start : float or str, optional
            The nearest value to it is the start; otherwise the middle, or the first string.
        """
        if isinstance(given, Slider):
            return given
        given, label = list(given), GREEK.get(name, name.replace("_", " "))
        if given and all(isinstance(value, str) for value in given):
            return cls(given, given[0] if start is None else start, label)
        if len(given) not in (2, 3) or not np.all(np.isfinite(given)) or given[0] >= given[1]:
            raise ValueError(f"{name} is {given}: expected (low, high), or with a step, or strings")
        low, high = given[:2]
        most = 50 if count == 1 else round(SETTINGS ** (1 / count)) - 1
        step = given[2] if len(given) == 3 else _handy_step(high - low, most)
        steps = round((high - low) / step)
        if steps < 1 or abs(steps * step - (high - low)) > 1e-9 * (high - low):
            raise ValueError(f"{name}: {step} does not divide the range from {low} to {high}")
        values = [float(f"{low + i * step:.10g}") for i in range(steps + 1)]
        middle = values[steps // 2] if start is None else start
        return cls(values, min(values, key=lambda value: abs(value - middle)), label)

    def parameter(self, name: str) -> dict[str, Any]:
        """Return the Vega-Lite parameter that an input of the page is bound to."""
        bind: dict[str, Any]
        if isinstance(self.start, str):
            bind = {"input": "select", "options": self.values, "name": f"{self.label} "}
        else:
            ends = {"min": self.values[0], "max": self.values[-1], "step": self.step}
            bind = {"input": "range", "name": f"{self.label} ", **ends}
        return {"name": name, "value": self.start, "bind": bind}

    @property
    def step(self) -> float:
        """Distance of two numbers."""
        return float(f"{self.values[1] - self.values[0]:.6g}")

    def index(self, name: str) -> str:
        """Return the Vega expression for the place of the current value among `values`."""
        if isinstance(self.start, str):
            return f"indexof({json.dumps(self.values, ensure_ascii=False)}, {name})"
        return f"round(({name} - {self.values[0]:g}) / {self.step:g})"


def _handy_step(width: float, steps: int) -> float:
    """Return a round step that divides a range into about so many, or exactly so many."""
    for exponent in range(int(np.floor(np.log10(width / steps))), 99):
        for digit in (1, 2, 2.5, 5):
            step = digit * 10.0**exponent
            count = width / step
            if count < 0.5 * steps:
                return width / steps
            if count <= 1.05 * steps and abs(count - round(count)) < 1e-9:
                return step
    raise AssertionError("a range of finite width has a step")


@dataclass(frozen=True)
class Explorer:
    """A figure with sliders; a notebook draws it, as does the site, neither with a kernel.

    Attributes
    ----------
    spec : dict
        The Vega-Lite specification, data included.
    description : str
        What is to be seen, for someone who cannot see it.

    Examples
    --------
    >>> from lossbook import Huber, explore
    >>> figure = explore(Huber, delta=(0.5, 2))
    >>> [setting["name"] for setting in figure.spec["params"]]
    ['delta', 'delta_index']
    """

    spec: dict[str, Any]
    description: str

    def __repr__(self) -> str:
        return f"Explorer: {self.description}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = {MIME: self.spec, "text/plain": repr(self)}
        if _in_colab():
            bundle["text/html"] = _colab_page(self.spec)
        return bundle


def _in_colab() -> bool:
    """Tell whether this runs in Colab, which draws HTML but no Vega-Lite."""
    return "google.colab" in sys.modules


def _colab_page(spec: dict[str, Any]) -> str:
    """Return a page that fetches Vega; only Colab, itself a page of the network, is given it."""
    address = "https://cdn.jsdelivr.net/npm/"
    scripts = "".join(
        f'<script src="{address}{name}"></script>'
        for name in ("vega@5", "vega-lite@5", "vega-embed@6")
    )
    data = json.dumps(spec).replace("</", "<\\/")
    return f'{scripts}<div id="explorer"></div><script>vegaEmbed("#explorer", {data})</script>'


def slider_figure(
    picture: Callable[..., Panel | Sequence[Panel]], *, description: str, **sliders: Any
) -> Explorer:
    """Make a figure with sliders of a function that draws for given values.

    The function is called at every setting of the sliders, and must return the same panels with the
    same marks each time; what differs is what moves.

    Parameters
    ----------
    picture : callable
        Takes a value for each slider by name and returns a `panel`, or several.
    description : str
        What is to be seen, as a sentence with a full stop.
    **sliders : tuple, list of str or Slider
        (low, high), (low, high, step), or strings to choose from.

    Raises
    ------
    ValueError
        If a slider or the description is no such thing, the marks differ between settings, or the
        figure becomes too large.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook.explorers import line, panel, slider_figure
    >>> x = np.linspace(0, 1, 51)
    >>> figure = slider_figure(
    ...     lambda power: panel(line(x, x**power), x="x", y="power of x"),
    ...     description="A curve from 0 to 1 that bends as its power grows.",
    ...     power=(0, 4),
    ... )
    >>> figure
    Explorer: A curve from 0 to 1 that bends as its power grows.
    """
    if len(description.split()) < 5 or not description.strip().endswith("."):
        raise ValueError(f"description is {description!r}: expected a sentence")
    for name in sliders:
        if name in RESERVED or not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
            raise ValueError(f"a slider cannot be called {name}: Vega means something else by it")
    made = {name: Slider.of(name, given, len(sliders)) for name, given in sliders.items()}
    settings = product(*(slider.values for slider in made.values()))
    drawn = [picture(**dict(zip(made, setting, strict=True))) for setting in settings]
    pictures = [[one] if isinstance(one, Panel) else list(one) for one in drawn]
    shapes = {str([[(m.kind, m.label) for m in p.marks] for p in one]) for one in pictures}
    if len(shapes) > 1:
        raise ValueError("the marks must be of the same kind and label at every setting")
    description = " ".join(description.split())
    spec = _specification(pictures, made) | {"description": description}
    size = len(json.dumps(spec, ensure_ascii=False, allow_nan=False))
    if size > LARGEST:
        raise ValueError(f"{size:,} characters, more than {LARGEST:,}: take larger steps or less x")
    return Explorer(spec, description)


def _specification(pictures: list[list[Panel]], sliders: dict[str, Slider]) -> dict[str, Any]:
    first = pictures[0]
    marks = [mark for panel in first for mark in panel.marks if mark.label is not None]
    labels = {str(mark.label): False for mark in marks}
    labels |= {str(mark.label): True for mark in marks if mark.kind == "line"}
    indices = [{"name": f"{n}_index", "expr": s.index(n)} for n, s in sliders.items()]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "params": [s.parameter(name) for name, s in sliders.items()] + indices,
        "vconcat": [
            _panel_specification([one[place] for one in pictures], sliders, labels)
            for place in range(len(first))
        ],
        "config": _config(len(labels)),
    }


def _panel_specification(
    frames: list[Panel], sliders: dict[str, Slider], labels: dict[str, bool]
) -> dict[str, Any]:
    ranges = {f"{c}_range": _range(frames, c) for c in "xy"}
    first = Panel(**(vars(frames[0]) | ranges))
    layers = []
    for place, mark in enumerate(first.marks):
        chosen, number = _distinct([frame.marks[place] for frame in frames], sliders)
        layers.append(layer(mark, chosen, number, first, labels))
    titles, number = _distinct([frame.title for frame in frames], sliders)
    texts = json.dumps([title.split("\n") for title in titles], ensure_ascii=False)
    title = {"expr": f"{texts}[{number}]"} if number else first.title.split("\n")
    made = {"width": WIDTH, "height": first.height, "layer": layers}
    return made | ({"title": {"text": title}} if any(titles) else {})


def _distinct(frames: list[Any], sliders: dict[str, Slider]) -> tuple[list[Any], str]:
    """Leave out sliders that change nothing; return the other frames and which of them to see."""
    shape = [len(slider.values) for slider in sliders.values()]
    keys = np.array([repr(frame) for frame in frames], dtype=object).reshape(shape)
    numbers = np.arange(prod(shape)).reshape(shape)
    number = ""
    for axis, name in enumerate(sliders):
        if np.all(keys == keys.take([0], axis)):
            numbers = numbers.take([0], axis)
        else:
            number = f"({number}) * {shape[axis]} + {name}_index" if number else f"{name}_index"
    return [frames[i] for i in numbers.ravel()], number


def _range(frames: list[Panel], channel: str) -> list[float] | None:
    """Return the ends of an axis that holds the marks of all frames."""
    given = getattr(frames[0], f"{channel}_range")
    if given is not None:
        return list(given)
    log = channel == "y" and frames[0].log_y
    found = {
        value
        for frame in frames
        for mark in frame.marks
        for c in (channel, channel + "2")
        for value in mark.columns.get(c, [])
        if not isinstance(value, str) and value is not None and not (log and value <= 0)
    }
    if any(mark.kind == "bar" for mark in frames[0].marks) and channel == "y":
        found.add(0)
    if not found:
        return None
    low, high = min(found), max(found)
    if log:
        return [low, high]
    margin = 0.04 * (high - low) or 0.5
    return [float(f"{low - margin:.5g}"), float(f"{high + margin:.5g}")]


def _config(labels: int) -> dict[str, Any]:
    """Return the house style: grey that can be read on light and on dark, and no ground."""
    words = {"labelColor": GREY, "titleColor": GREY, "labelFontSize": 13, "titleFontSize": 13}
    lines = {"domainColor": GREY, "tickColor": GREY, "gridColor": GREY, "gridOpacity": 0.25}
    axis = words | lines | {"titleFontWeight": "normal", "tickCount": 6}
    legend = {"orient": "top", "title": None, "symbolSize": 300, "symbolStrokeWidth": 2.5}
    legend |= {"columns": min(labels, 2) or 1, "symbolType": "stroke"}  # a phone holds two
    return {
        "background": None,
        "font": "DejaVu Sans, sans-serif",
        "view": {"stroke": None},
        "axis": axis,
        "legend": words | legend | {"labelLimit": 200},
        "title": {"color": GREY, "fontSize": 14, "fontWeight": "normal", "anchor": "start"},
    }
