"""Figures in one house style (extra: ``lossbook[plots]``; every chapter).

Transparent ground, and colours whose contrast is at least 3:1 against white and against the dark
theme alike; every series also has its own line style, so that colour is never the only sign.
A figure is shown by `show`, which asks for a sentence that says what is to be seen.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossbook.palette import BLUE, GREEN, GREY, PINK, RED

try:
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from cycler import cycler
except ImportError as error:
    raise ImportError("lossbook.plots needs matplotlib: pip install 'lossbook[plots]'") from error

STYLE: dict[Any, Any] = {
    "figure.figsize": (5.2, 3.4),  # 500 CSS pixels: text stays legible on a 390-pixel phone
    "figure.dpi": 96,
    "savefig.dpi": 192,  # rasterised parts at twice the resolution of the page
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.transparent": True,
    "font.size": 11,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same figure on every machine
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.prop_cycle": cycler(
        color=[BLUE, RED, GREEN, PINK, GREY], linestyle=["-", "--", "-.", (0, (1, 1)), "-"]
    ),
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.titlecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "lines.linewidth": 2,
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.frameon": False,
    "legend.labelcolor": GREY,
    "svg.fonttype": "path",
    "svg.hashsalt": "lossbook",  # the same figure gives the same file
}


def house_style() -> None:
    """Use the house style for all figures of this session; a chapter's first cell does."""
    mpl.rcParams.update(STYLE)


def figure(
    rows: int = 1, columns: int = 1, *, height: float = 3.4, width: float = 5.2
) -> tuple[Any, Any]:
    """Return a figure and its axes in the house style.

    Parameters
    ----------
    rows, columns : int
        Panels. Prefer rows: a phone shows them at full width.
    height, width : float
        Inches; height is that of one row.

    Examples
    --------
    >>> from lossbook import plots
    >>> fig, axes = plots.figure(rows=2)
    >>> len(axes)
    2
    """
    with mpl.rc_context(STYLE):
        return plt.subplots(rows, columns, figsize=(width, height * rows))


def show(fig: Any, alt: str) -> None:
    """Show a figure with the sentence that stands for it where it cannot be seen.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure; it is closed.
    alt : str
        What is to be seen, as a sentence with a full stop: the alt text on the page.

    Raises
    ------
    ValueError
        If `alt` is no sentence.
    """
    if not isinstance(alt, str) or len(alt.split()) < 5 or not alt.strip().endswith("."):
        raise ValueError(f"alt is {alt!r}: expected a sentence that says what the figure shows")
    alt = " ".join(alt.split())
    svg = io.StringIO()
    with mpl.rc_context(STYLE):
        fig.savefig(svg, format="svg", metadata={"Date": None})
    plt.close(fig)
    _publish(svg.getvalue(), alt)


def _publish(svg: str, alt: str) -> None:
    """Hand the picture to the notebook; a plain Python session prints the sentence."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        print(f"Figure: {alt}")
        return
    display(
        {"image/svg+xml": svg, "text/plain": f"Figure: {alt}"},
        metadata={"image/svg+xml": {"alt": alt}},
        raw=True,
    )


def losses(
    curves: Mapping[str, Any],
    *,
    low: float = -3.0,
    high: float = 3.0,
    gradient: bool = False,
    ax: Any = None,
) -> Any:
    """Draw losses, or their gradients, against the residual (or the margin, score or logit).

    Parameters
    ----------
    curves : mapping of str to Loss
        Label in the legend and the loss; all of one family.
    low, high : float
        Range of the horizontal axis.
    gradient : bool
        Draw the gradients instead.
    ax : matplotlib axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    matplotlib axes
    """
    if ax is None:
        _, ax = figure()
    x = np.linspace(low, high, 601)
    with mpl.rc_context(STYLE):
        for label, loss in curves.items():
            # a residual is a prediction where the label is 0; a margin or logit where it is 1
            y = np.zeros_like(x) if loss.prediction_space == "value" else np.ones_like(x)
            values = loss.gradient(y, x) if gradient else loss.loss(y, x)
            kinks = getattr(loss.traits, "kinks", ())
            if gradient:
                values = _broken(x, values, kinks)
            ax.plot(x, values, label=label)
        space = next(iter(curves.values())).prediction_space
        names = {"value": "residual ŷ − y", "score": "margin y·s", "logit": "logit z (label 1)"}
        ax.set_xlabel(names.get(space, f"{space} (label 1)"))
        ax.set_ylabel("gradient" if gradient else "loss")
        if len(curves) > 1:
            ax.legend()
    return ax


def _broken(x: np.ndarray, values: np.ndarray, kinks: Sequence[float]) -> np.ndarray:
    """Return the values with a gap at each kink, where a line would join both slopes."""
    values = values.copy()
    for kink in kinks:
        values[np.abs(x - kink) < (x[1] - x[0]) / 2 + 1e-12] = np.nan
    return values


def history(run: Any, *, ax: Any = None, label: str | None = None, log: bool = False) -> Any:
    """Draw the cost of each step of a `History`; returns the figure.

    Parameters
    ----------
    run : History or mapping of str to History
        One run, or several with their labels.
    ax : matplotlib axes, optional
        Where to draw; a new figure unless given.
    label : str, optional
        Label of a single run.
    log : bool
        Use a logarithmic vertical axis.
    """
    if ax is None:
        _, ax = figure()
    runs = run if isinstance(run, Mapping) else {label or "training": run}
    with mpl.rc_context(STYLE):
        for name, one in runs.items():
            ax.plot(one.cost, label=name)
            if one.validation_cost is not None:
                ax.plot(one.validation_cost, label=f"{name}: validation")
                ax.axvline(one.best_step, color=GREY, linewidth=1, linestyle=":")
        ax.set_xlabel("step")
        ax.set_ylabel("cost")
        if log:
            ax.set_yscale("log")
        if len(ax.get_lines()) > 1 or isinstance(run, Mapping):
            ax.legend()
    return ax.figure
