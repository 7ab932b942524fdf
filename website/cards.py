"""What the reference shows of every loss: its curve, its traits, its best constant.

All of it is asked of the package itself. A new loss has its card as soon as it is exported.
"""

import inspect
import io
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

import lossbook
from lossbook import Loss, SetLoss, plots
from lossbook.validation import Distribution


def is_loss(thing):
    """Tell whether this is a class whose instances are losses, and not one to derive from."""
    return (
        inspect.isclass(thing)
        and issubclass(thing, Loss | SetLoss)
        and not inspect.isabstract(thing)
    )


def exported_losses():
    """Return the losses that the package exports, by family."""
    return sorted(
        (thing for thing in vars(lossbook).values() if is_loss(thing)),
        key=lambda cls: (cls.__module__, inspect.getsourcelines(cls)[1]),
    )


# Parameters that show what a loss is for, where the defaults hide it.
SHOWN = {"Quantile": {"quantile": 0.9}, "EpsilonInsensitive": {"epsilon": 0.5}}


def shown(cls):
    """Return the loss that a card is about."""
    return cls(**SHOWN.get(cls.__name__, {}))


def title(loss):
    """Write a loss as Python does, without brackets that hold nothing."""
    return repr(loss).removesuffix("()")


# The curve -----------------------------------------------------------------------------------


@dataclass
class View:
    """A straight path of predictions, start + x · direction, along which a loss is drawn."""

    axis: str
    x: np.ndarray
    y_true: object
    start: object = 0.0
    direction: object = 1.0

    def curves(self, loss):
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


def view(loss):
    """Return the path along which a loss is drawn."""
    if type(loss).__name__ in SPECIAL:
        return SPECIAL[type(loss).__name__]
    if isinstance(loss.label_domain, Distribution):
        return TWO_DISTRIBUTIONS
    views = SETS if is_set(loss) else NUMBERS if loss.elementwise else ROWS
    return views[loss.prediction_space]


def limits(values, slopes):
    """Return the vertical range: all of the loss, but no more of a pole than leaves the rest."""
    top = max(min(np.nanmax(values), 10), min(np.nanmax(slopes), 10))
    low = max(min(np.nanmin(values), np.nanmin(slopes)), -10)
    room = 0.06 * (top - low)
    return low - room, top + room


def broken(values, low, high):
    """Return the values with a gap where they jump, as a drawn line would bridge it."""
    values = values.copy()
    jumps = np.abs(np.diff(np.clip(values, low, high))) > 0.06 * (high - low)
    values[1:][jumps] = np.nan
    return values


def picture(loss):
    """Return the drawing of a loss and its gradient as SVG, and the sentence that says the same."""
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
        svg = io.StringIO()
        fig.savefig(svg, format="svg", metadata={"Date": None})
    plt.close(fig)
    return svg.getvalue(), sentence(loss, path, values, slopes)


def is_set(loss):
    return isinstance(loss, SetLoss)


def sentence(loss, path, values, slopes):
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


def number(value):
    """Write a number with three digits, in the page's own signs."""
    text = f"{value + 0.0:.3g}".replace("-", "−")  # + 0.0: there is no minus zero on a page
    return text.replace("inf", "∞")


def constant(value):
    return "no limit" if value is None else number(value)


def yes(value):
    return {True: "yes", False: "no", None: "not stated"}[value]


def best_constant(cls):
    """Say in the words of the method which constant a loss chooses."""
    method = getattr(cls, "best_constant", None)
    if method is None:
        return "none: a cost of a whole set"
    if method is not Loss.best_constant:
        return inspect.getdoc(method).splitlines()[0].removeprefix("Return ").rstrip(".")
    return "found numerically" if cls.elementwise else "none: an example is a row"


def card(loss):
    """Return what is known of a loss, as pairs of words."""
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


def in_general(cls):
    """Say how the traits depend on the parameters, where the class says it."""
    return inspect.getdoc(cls.traits) if isinstance(cls.traits, property) else None
