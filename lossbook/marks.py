"""Lines, points, bars and boxes of a slider figure, written down as plain Vega-Lite.

`lossbook.explorers` puts them together. A mark holds arrays; what they look like is decided here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lossbook.palette import BLUE, GREEN, GREY, PINK, RED

COLOURS = [BLUE, RED, GREEN, PINK, GREY]
DASHES = [[1, 0], [7, 3], [9, 3, 2, 3], [2, 2]]  # with 5 colours: 20 series that differ in both
WIDTH = 420
DIGITS = 5
LARGEST = 1e30  # a browser's pictures are made of single-precision numbers


@dataclass(frozen=True)
class Mark:
    """One layer of a panel: a Vega-Lite mark and the columns that it draws.

    Attributes
    ----------
    kind : str
        Vega-Lite's name of the mark.
    columns : dict
        Channel (x, y, x2, y2, text, angle) to its values, all of one length.
    label : str or None
        Entry in the legend, which gives the mark its colour.
    look : dict
        Further properties of the mark, by Vega-Lite's names.
    """

    kind: str
    columns: dict[str, list[Any]]
    label: str | None = None
    look: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """Marks on common axes; `panel` makes one."""

    marks: list[Mark]
    x: str
    y: str
    title: str
    x_range: tuple[float, float] | None
    y_range: tuple[float, float] | None
    log_y: bool
    height: float


def panel(
    *marks: Mark | Sequence[Mark],
    x: str = "",
    y: str = "",
    title: str = "",
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    log_y: bool = False,
    height: float = 220,
) -> Panel:
    """Put marks on common axes.

    Parameters
    ----------
    *marks : Mark
        What is drawn, the first below.
    x, y : str
        What the axes show; without a name the vertical one is left out.
    title : str
        Stands above, in lines short enough for a phone; may say numbers that change.
    x_range, y_range : tuple of float, optional
        Ends of the axes; otherwise whatever holds the marks at all settings of the sliders.
    log_y : bool
        Use a logarithmic vertical axis.
    height : float
        Pixels of the drawn area.
    """
    flat = [m for mark in marks for m in ([mark] if isinstance(mark, Mark) else mark)]
    return Panel(flat, x, y, title, x_range, y_range, log_y, height)


def line(x: Any, y: Any, label: str | None = None, **look: Any) -> Mark:
    """Join points in their order; NaN leaves a gap."""
    return _mark("line", label, {"strokeWidth": 2, **look}, x=x, y=y)


def points(x: Any, y: Any, label: str | None = None, **look: Any) -> Mark:
    """Draw a dot at each place."""
    return _mark("point", label, {"filled": True, "opacity": 1, "size": 40, **look}, x=x, y=y)


def bars(names: Sequence[str], heights: Any, label: str | None = None, **look: Any) -> Mark:
    """Draw a bar for each name."""
    return _mark("bar", label, look, x=list(names), y=heights)


def rule(*, x: Any = None, y: Any = None, label: str | None = None, **look: Any) -> Mark:
    """Draw a line across the panel, upright at x or level at y."""
    if (x is None) == (y is None):
        raise ValueError("a rule stands at an x or lies at a y: give one of them")
    look = {"strokeWidth": 1.5, **look}
    return _mark("rule", label, look, **({"x": x} if y is None else {"y": y}))


def boxes(corners: Any, label: str | None = None, **look: Any) -> Mark:
    """Draw boxes given as rows (x1, y1, x2, y2)."""
    x, y, x2, y2 = np.atleast_2d(np.asarray(corners, dtype=float)).T
    look = {"filled": False, "strokeWidth": 2.5, **look}
    return _mark("rect", label, look, x=x, y=y, x2=x2, y2=y2)


def arrows(x: Any, y: Any, x2: Any, y2: Any, label: str | None = None, **look: Any) -> list[Mark]:
    """Draw arrows from (x, y) to (x2, y2), heads turned as if both axes had one scale."""
    x, y, x2, y2 = np.broadcast_arrays(*(np.atleast_1d(z).astype(float) for z in (x, y, x2, y2)))
    x2 = np.where((x == x2) & (y == y2), np.nan, x2)  # no length, no arrow
    angle = np.degrees(np.arctan2(x2 - x, y2 - y))  # Vega turns clockwise, from upward
    head = {"filled": True, "opacity": 1, "shape": "triangle", "size": 90, **look}
    return [
        _mark("rule", label, {"strokeWidth": 2.5, **look}, x=x, y=y, x2=x2, y2=y2),
        _mark("point", label, head, x=x2, y=y2, angle=angle),
    ]


def words(x: Any, y: Any, text: Sequence[str] | str, **look: Any) -> Mark:
    """Write text at each place."""
    text = text if isinstance(text, str) else list(text)
    return _mark("text", None, {"align": "left", "fontSize": 13, **look}, x=x, y=y, text=text)


def rounded(values: Any) -> list[Any]:
    """Return numbers with five significant digits, and None for those that cannot be drawn."""
    if isinstance(values, str):
        return [values]
    if isinstance(values, list) and any(isinstance(value, str) for value in values):
        return values
    numbers = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    return [_short(number) if abs(number) < LARGEST else None for number in numbers]


def _short(number: float) -> float:
    short = float(f"{number:.{DIGITS}g}")
    return int(short) if short.is_integer() else short  # saves the ".0" of each


def _mark(kind: str, label: str | None, look: dict[str, Any], **columns: Any) -> Mark:
    values = {channel: rounded(column) for channel, column in columns.items()}
    lengths = {channel: len(column) for channel, column in values.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the columns of a {kind} differ in length: {lengths}")
    return Mark(kind, values, label, look)


# From marks to Vega-Lite -----------------------------------------------------------------------


def layer(
    mark: Mark, frames: list[Mark], number: str, panel: Panel, labels: dict[str, bool]
) -> dict[str, Any]:
    """Return the layer of a mark whose columns differ from frame to frame.

    Parameters
    ----------
    mark : Mark
        The mark as it is in the first frame.
    frames : list of Mark
        The mark in each frame.
    number : str
        Vega expression for the frame that is to be seen; empty if there is one alone.
    panel : Panel
        Where it stands, with ranges that hold all frames.
    labels : dict of str to bool
        All labels of the figure in the order of their colours, and whether lines bear them.
    """
    moving = [c for c in mark.columns if any(f.columns[c] != mark.columns[c] for f in frames)]
    fixed = [c for c in mark.columns if c not in moving]
    if not moving:
        rows: list[dict[str, Any]] = [dict(mark.columns)]
        transform: list[dict[str, Any]] = []
    else:
        rows = [{"k": k} | {c: f.columns[c] for c in moving} for k, f in enumerate(frames)]
        # A column that never changes is stored once, as a list in an expression.
        transform = [{"filter": f"datum.k === {number}"}] + [
            {"calculate": json.dumps(mark.columns[c], ensure_ascii=False), "as": c} for c in fixed
        ]
    # A line joins its points as they come: Vega-Lite would sort them by x.
    order = {"order": {"value": None}} if mark.kind == "line" else {}
    return {
        "data": {"values": rows},
        "transform": [*transform, {"flatten": list(mark.columns)}],
        "mark": {"type": mark.kind, "aria": False, "clip": mark.kind != "text"}
        | ({"color": GREY} if mark.label is None else {})
        | mark.look,
        "encoding": {c: _channel(c, mark, panel) for c in mark.columns}
        | _colour(mark, labels)
        | order,
    }


def _channel(channel: str, mark: Mark, panel: Panel) -> dict[str, Any]:
    """Return the encoding of a column."""
    if channel in ("x2", "y2"):
        return {"field": channel}
    if channel == "text":
        return {"field": channel, "type": "nominal"}
    if channel == "angle":
        return {"field": channel, "type": "quantitative", "scale": None}
    title = getattr(panel, channel) or None
    if any(isinstance(value, str) for value in mark.columns[channel]):
        axis = {"labelAngle": 0}
        return {"field": channel, "type": "nominal", "sort": None, "title": title, "axis": axis}
    scale = {"domain": getattr(panel, f"{channel}_range"), "nice": False, "zero": False}
    if channel == "y" and panel.log_y:
        scale["type"] = "log"
    encoding = {"field": channel, "type": "quantitative", "title": title, "scale": scale}
    return encoding | ({"axis": None} if channel == "y" and title is None else {})


def _colour(mark: Mark, labels: dict[str, bool]) -> dict[str, Any]:
    """Return colour and dashes, which share one legend."""
    if mark.label is None:
        return {}
    names = list(labels)
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(names))]
    dashes = [DASHES[i % len(DASHES)] if labels[n] else DASHES[0] for i, n in enumerate(names)]
    scales = [{"domain": names, "range": values} for values in (colours, dashes)]
    encoding: dict[str, Any] = {"color": {"datum": mark.label, "scale": scales[0]}}
    if mark.kind == "line":
        encoding["strokeDash"] = {"datum": mark.label, "scale": scales[1]}
    return encoding
