"""What there is to say of every loss: its curve, its traits, its best constant.

All of it is asked of the package itself, for the reference pages and the command line. A new loss
has its card as soon as it is exported.
"""

from __future__ import annotations

import inspect
import io
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

import lossbook
from lossbook.base import Loss
from lossbook.sets import SetLoss
from lossbook.validation import Distribution


def is_loss(thing: Any) -> bool:
    """Tell whether this is a class whose instances are losses, and not one to derive from."""
    return (
        inspect.isclass(thing)
        and issubclass(thing, Loss | SetLoss)
        and not inspect.isabstract(thing)
    )


def exported_losses() -> list[type]:
    """Return the losses that the package exports, by family, as their modules define them."""

    def place(cls: type) -> tuple[str, int]:
        return cls.__module__, list(vars(sys.modules[cls.__module__])).index(cls.__name__)

    return sorted((thing for thing in vars(lossbook).values() if is_loss(thing)), key=place)


# Parameters that show what a loss is for, where the defaults hide it.
SHOWN = {"Quantile": {"quantile": 0.9}, "EpsilonInsensitive": {"epsilon": 0.5}}


def shown(cls: type) -> Any:
    """Return the loss that a card is about."""
    return cls(**SHOWN.get(cls.__name__, {}))


def title(loss: Any) -> str:
    """Write a loss as Python does, without brackets that hold nothing."""
    return repr(loss).removesuffix("()")


# The curve -----------------------------------------------------------------------------------


@dataclass
class View:
    """A straight path of predictions, start + x · direction, along which a loss is drawn."""

    axis: str
    x: np.ndarray
    y_true: Any
    start: Any = 0.0
    direction: Any = 1.0

    def curves(self, loss: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the loss along the path, and its slope: the gradient times the direction."""
        start, direction = np.asarray(self.start, float), np.asarray(self.direction, float)
        values, slopes = [], []
        for x in self.x:
            y_pred = start + x * direction
            if isinstance(loss, SetLoss):
                value, gradient = loss.cost_and_gradient(self.y_true, y_pred)
            else:
                value, gradient = loss.loss(self.y_true, y_pred), loss.gradient(self.y_true, y_pred)
            values.append(float(np.sum(value)))
            slopes.append(float(np.sum(gradient * direction)))
        return np.array(values), np.array(slopes)


WIDE = np.linspace(-3, 3, 301)
SHARE = np.linspace(0.005, 0.995, 199)
MASK = np.array([1.0, 1.0, 0.0, 0.0])
SIGNS = 2 * MASK - 1
SQUARE, ALONG = [[0.0, 0.0, 1.0, 1.0]], [[1.0, 0.0, 1.0, 0.0]]
SECOND_OF_TWO, SHIFT = [[0.0, 1.0]], [[1.0, -1.0]]
NOTHING, FIRST = [[0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]]

# Losses whose labels or predictions are unlike those of others in the same space.
SPECIAL = {
    "SquaredLogError": View("prediction ŷ (label 2)", np.linspace(-0.9, 8, 301), 2.0),
    "Contrastive": View("distance of an unlike pair", np.linspace(0, 2, 301), 0.0),
    "Triplet": View("negative distance (positive 1.5)", np.linspace(0, 4, 301), 1.5),
    "InfoNCE": View("similarity of the positive (others 0)", WIDE / 3, [0], NOTHING, FIRST),
}

NUMBERS = {
    "value": View("residual ŷ − y", WIDE, 0.0),
    "log_mean": View("log of the mean (label 2)", WIDE, 2.0),
    "score": View("margin y·s", WIDE, 1.0),
    "logit": View("logit z (label 1)", WIDE * 2, 1.0),
    "probability": View("probability p (label 1)", SHARE, 1.0),
}
ROWS = {
    "score": View("score of the true class (others 0)", WIDE * 2, [0], NOTHING, FIRST),
    "logit": View("logit of the true class (others 0)", WIDE * 2, [0], NOTHING, FIRST),
    "probability": View("probability of the true class", SHARE, [0], SECOND_OF_TWO, SHIFT),
    "box": View("shift of the box, in widths", WIDE, SQUARE, SQUARE, ALONG),
}
TWO_DISTRIBUTIONS = View(
    "probability of a class (truth 0.75)", SHARE, [[0.75, 0.25]], SECOND_OF_TWO, SHIFT
)
SETS = {
    "score": View("margin of each pixel", WIDE, MASK, 0.0, SIGNS),
    "probability": View("probability of the truth, each pixel", SHARE, MASK, 1 - MASK, SIGNS),
}


def view(loss: Any) -> View:
    """Return the path along which a loss is drawn."""
    if type(loss).__name__ in SPECIAL:
        return SPECIAL[type(loss).__name__]
    if isinstance(loss.label_domain, Distribution):
        return TWO_DISTRIBUTIONS
    views = SETS if is_set(loss) else NUMBERS if loss.elementwise else ROWS
    return views[loss.prediction_space]


def limits(values: np.ndarray, slopes: np.ndarray) -> tuple[float, float]:
    """Return the vertical range: all of the loss, but no more of a pole than leaves the rest."""
    top = max(min(np.nanmax(values), 10), min(np.nanmax(slopes), 10))
    low = max(min(np.nanmin(values), np.nanmin(slopes)), -10)
    room = 0.06 * (top - low) or 1.0
    return low - room, top + room


def broken(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the values with a gap where they jump, as a drawn line would bridge it."""
    values = values.copy()
    jumps = np.abs(np.diff(np.clip(values, low, high))) > 0.06 * (high - low)
    values[1:][jumps] = np.nan
    return values


def picture(loss: Any, kind: str = "svg") -> tuple[bytes, str]:
    """Return the drawing of a loss and its gradient, and the sentence that says the same.

    It needs matplotlib; `kind` is "svg" or "png".
    """
    from lossbook import plots  # here, so that what is written needs NumPy alone

    import matplotlib as mpl  # isort: skip
    import matplotlib.pyplot as plt  # isort: skip

    path = view(loss)
    values, slopes = path.curves(loss)
    low, high = limits(values, slopes)
    fig, ax = plots.figure(width=3.7, height=2.9)
    with mpl.rc_context(plots.STYLE):
        ax.plot(path.x, broken(values, low, high), label="cost" if is_set(loss) else "loss")
        ax.plot(path.x, broken(slopes, low, high), label="gradient")
        ax.set_ylim(low, high)
        ax.set_xlabel(path.axis)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
        file = io.BytesIO()
        fig.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
    plt.close(fig)
    return file.getvalue(), sentence(loss, path, values, slopes)


def is_set(loss: Any) -> bool:
    """Tell whether this is a cost of a whole set."""
    return isinstance(loss, SetLoss)


def sentence(loss: Any, path: View, values: np.ndarray, slopes: np.ndarray) -> str:
    """Say what the curves do: both ends and the lowest place."""
    first, last, lowest = 0, len(path.x) - 1, int(np.argmin(values))
    places = sorted({first, lowest, last})
    told = [
        ", ".join(f"{number(curve[i])} at {number(path.x[i])}" for i in places)
        for curve in (values, slopes)
    ]
    name = "cost" if is_set(loss) else "loss"
    over = f"Curves of {title(loss)} over the {path.axis}."
    return f"{over} The {name} is {told[0]}; its gradient {told[1]}."


# The traits ----------------------------------------------------------------------------------

SPACES = {
    "value": "the label's own unit",
    "log_mean": "log of the mean",
    "score": "score",
    "logit": "logit",
    "probability": "probability",
    "box": "box",
}


def number(value: float) -> str:
    """Write a number with three digits, in the page's own signs.

    >>> number(-2**0.5), number(float("inf"))
    ('−1.41', '∞')
    """
    text = f"{value + 0.0:.3g}".replace("-", "−")  # + 0.0: there is no minus zero on a page
    return text.replace("inf", "∞")


def constant(value: float | None) -> str:
    """Write the largest slope or curvature."""
    return "no limit" if value is None else number(value)


def yes(value: bool | None) -> str:
    """Write what is known of a trait."""
    return {True: "yes", False: "no", None: "not stated"}[value]


def best_constant(cls: type) -> str:
    """Say in the words of the method which constant a loss chooses."""
    method = getattr(cls, "best_constant", None)
    if method is None:
        return "none: a cost of a whole set"
    if method is not Loss.best_constant:
        return first_line(method).removeprefix("Return ").rstrip(".")
    return "found numerically" if getattr(cls, "elementwise", True) else "none: an example is a row"


def first_line(thing: Any) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def card(loss: Any) -> list[tuple[str, str]]:
    """Return what is known of a loss, as pairs of words.

    >>> card(lossbook.Huber(delta=2.0))[1:3]
    [('Convex', 'yes'), ('Largest slope', '2')]
    """
    traits = loss.traits
    return [
        ("Prediction", SPACES[loss.prediction_space]),
        ("Convex", yes(traits.convex)),
        ("Largest slope", constant(traits.lipschitz)),
        ("Largest curvature", constant(traits.smoothness)),
        ("Bounded", yes(traits.bounded)),
        ("Symmetric", yes(traits.symmetric)),
        ("Kinks at", ", ".join(map(number, traits.kinks)) or "none"),
        ("Best constant", best_constant(type(loss))),
    ]


def in_general(cls: Any) -> str | None:
    """Say how the traits depend on the parameters, where the class says it."""
    return inspect.getdoc(cls.traits) if isinstance(cls.traits, property) else None
