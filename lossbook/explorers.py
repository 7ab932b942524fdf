"""Slider figures that need no kernel: computed here at a grid of settings, drawn by Vega-Lite.

`explore` draws losses against their parameters, any loss of one number, your own included.
`slider_figure` makes a figure of any function that draws with the marks of `lossbook.marks`.
JupyterLab, JupyterLite, Colab and the site of the book show either.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from lossbook.base import Loss
from lossbook.marks import (
    Mark,
    Panel,
    arrows,
    bars,
    boxes,
    line,
    panel,
    points,
    rule,
    words,
)
from lossbook.palette import BLUE
from lossbook.sliders import Explorer, Slider, slider_figure

__all__ = [
    "Explorer",
    "Slider",
    "arrows",
    "bars",
    "boxes",
    "explore",
    "line",
    "panel",
    "points",
    "rule",
    "slider_figure",
    "words",
]

AXES = {
    "value": ((-3.0, 3.0), "residual ŷ − y"),
    "score": ((-3.0, 3.0), "margin y·s"),
    "logit": ((-5.0, 5.0), "logit z"),
    "log_mean": ((-3.0, 3.0), "log of the mean"),
    "probability": ((0.01, 0.99), "probability"),
}
"""What the horizontal axis is, and where it ends, by prediction space."""


def explore(
    *losses: Any,
    low: float | None = None,
    high: float | None = None,
    gradient: bool = True,
    curvature: bool = False,
    loss_range: tuple[float, float] | None = None,
    gradient_range: tuple[float, float] | None = None,
    y_true: float | None = None,
    description: str = "",
    **parameters: Any,
) -> Explorer:
    """Draw losses and their gradients, with a slider for each parameter.

    Parameters
    ----------
    *losses : Loss, or class or function that makes one
        A slider moves those that take its parameter.
    low, high : float, optional
        Ends of the horizontal axis: the residual, margin, logit or probability.
    gradient, curvature : bool
        Draw the first and the second derivative below.
    loss_range, gradient_range : tuple of float, optional
        Ends of the vertical axes, where they need not hold all that the sliders can do.
    y_true : float, optional
        The label; 0 for a loss of the residual, 1 for any other, unless given.
    description : str
        What is to be seen, in place of a plain sentence.
    **parameters : tuple, list of str or Slider
        What the sliders set: (low, high), or with a step as third.

    Raises
    ------
    ValueError
        If there is no loss, one is not a function of one number, or no loss takes a parameter.

    Examples
    --------
    >>> from lossbook import Huber, explore
    >>> explore(Huber, delta=(0.1, 5))
    Explorer: Loss and gradient of Huber against the residual ŷ − y, with a slider for delta.
    """
    if not losses:
        raise ValueError("explore needs a loss, such as explore(Huber, delta=(0.1, 5))")
    takes = [_parameters(loss) & set(parameters) for loss in losses]
    for name in parameters:
        if not any(name in taken for taken in takes):
            raise ValueError(f"{name} is no parameter of {', '.join(map(_label, losses))}")

    def build(values: dict[str, Any]) -> list[Loss]:
        return [
            loss(**{name: values[name] for name in taken}) if callable(loss) else loss
            for loss, taken in zip(losses, takes, strict=True)
        ]

    sliders = {
        name: Slider.of(name, given, len(parameters), _default(losses, name))
        for name, given in parameters.items()
    }
    first = build({name: slider.start for name, slider in sliders.items()})
    for loss in first:
        if not isinstance(loss, Loss) or not loss.elementwise:
            raise ValueError(f"{_label(loss)} is not a loss of one number: use slider_figure")
    space, labels = first[0].prediction_space, [_label(loss) for loss in losses]
    (left, right), axis = AXES[space]
    left, right = left if low is None else low, right if high is None else high
    x = np.linspace(left, right, 121 if len(parameters) < 2 else 81)
    if y_true is None:
        y_true = 0.0 if space == "value" else 1.0
    kinds = ["loss", *(["gradient"] if gradient else []), *(["curvature"] if curvature else [])]
    ranges = {"loss": loss_range, "gradient": gradient_range}

    def draw(kind: str, loss: Loss, label: str) -> Mark:
        y = _values(loss, kind, y_true, x)
        return line(x, y, label) if len(losses) > 1 else line(x, y, color=BLUE)  # no legend

    def picture(**values: Any) -> list[Panel]:
        made = build(values)
        return [
            panel(
                *(draw(kind, *pair) for pair in zip(made, labels, strict=True)),
                x=axis if kind == kinds[-1] else "",
                y=kind,
                y_range=ranges.get(kind),
                height=200 if kind == "loss" else 130,
            )
            for kind in kinds
        ]

    moved = f", with a slider for {_listed(list(sliders))}" if sliders else ""
    plain = f"{_listed(kinds).capitalize()} of {_listed(labels)} against the {axis}{moved}."
    return slider_figure(picture, description=description or plain, **sliders)


def _listed(names: list[str]) -> str:
    """Write names as a sentence lists them."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _parameters(loss: Any) -> set[str]:
    """Return the parameters that a class or function takes; a loss that is made takes none."""
    return set(inspect.signature(loss).parameters) if callable(loss) else set()


def _default(losses: tuple[Any, ...], name: str) -> Any:
    """Return the first default of a parameter that is a number or a string."""
    for loss in filter(callable, losses):
        parameter = inspect.signature(loss).parameters.get(name)
        if parameter is not None and isinstance(parameter.default, int | float | str):
            return parameter.default
    return None


def _label(loss: Any) -> str:
    """Write a loss as Python does: its class, or its parameters if they stand fast."""
    return getattr(loss, "__name__", repr(loss).removesuffix("()"))


def _values(loss: Loss, kind: str, y_true: float, x: np.ndarray) -> np.ndarray:
    """Return the loss or a derivative of it, with a gap where a derivative jumps."""
    with np.errstate(all="ignore"):
        values = np.array(getattr(loss, kind)(np.full(x.shape, y_true), x), dtype=float)
    if kind != "loss":
        step = x[1] - x[0]
        for kink in loss.traits.kinks:
            values[np.abs(x - kink) < 0.51 * step] = np.nan
    return values
