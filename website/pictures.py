"""Draw the site's own pictures: logo, icons, and the one that links to the site show.

Three losses of one residual: squared error, absolute error and Huber. The curves are the package's,
as all in this book.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyBboxPatch
from notebooks import ROOT

from lossbook import AbsoluteError, Huber, SquaredError

FOLDER = ROOT / "_build" / "pictures"
GROUND, WHITE = "#14324a", "#ffffff"
CURVES = {SquaredError(): "#7cc4ff", AbsoluteError(): "#ffb45e", Huber(0.7): WHITE}
TITLE = "Loss functions"
SUBTITLE = "the book that runs"


def draw_curves(axes, width):
    """Draw the losses over the residual, with round ends."""
    r = np.linspace(-2, 2, 161)
    for loss, colour in CURVES.items():
        values = loss.loss(np.zeros_like(r), r)
        shown = values <= 2.5
        axes.plot(r[shown], values[shown], color=colour, linewidth=width, solid_capstyle="round")
    axes.set_xlim(-2.4, 2.4)
    axes.set_ylim(-0.8, 3.1)
    axes.axis("off")


def icon(pixels, *, rounded=True, margin=0.0):
    """Return the logo as a square; `margin` is for systems that cut icons to a shape."""
    figure = plt.figure(figsize=(1, 1), dpi=pixels, facecolor="none" if rounded else GROUND)
    ground = figure.add_axes((0, 0, 1, 1))
    ground.axis("off")
    if rounded:
        inner = 0.64  # and corners of radius 0.18 around it
        style = {"boxstyle": "round,pad=0.18", "facecolor": GROUND, "edgecolor": "none"}
        ground.add_patch(FancyBboxPatch((0.18, 0.18), inner, inner, **style))
    axes = figure.add_axes((margin, margin, 1 - 2 * margin, 1 - 2 * margin))
    draw_curves(axes, width=5.5 * (1 - 2 * margin))
    return figure


def card():
    """Return the picture for links to the book, 1200 × 630 pixels."""
    figure = plt.figure(figsize=(12, 6.3), dpi=100, facecolor=GROUND)
    draw_curves(figure.add_axes((0.54, 0.12, 0.44, 0.76)), width=9)
    figure.text(0.06, 0.56, TITLE, color=WHITE, fontsize=46, weight="bold")
    figure.text(0.06, 0.43, SUBTITLE, color=WHITE, fontsize=34)
    figure.text(0.06, 0.2, "every curve from tested code", color="#c9d6e2", fontsize=22)
    return figure


def draw():
    """Write all pictures into the folder that the site takes them from."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    # No date and no random names: the same pictures in each build.
    with mpl.rc_context({"svg.hashsalt": "lossbook", "font.family": "DejaVu Sans"}):
        save(icon(96), "logo.svg")
        save(icon(192), "icon-192.png")
        save(icon(512), "icon-512.png")
        save(icon(512, rounded=False, margin=0.14), "icon-512-maskable.png")
        save(icon(180, rounded=False, margin=0.06), "apple-touch-icon.png")
        save(card(), "card.png")


def save(figure, name):
    metadata = {"Date": None} if name.endswith(".svg") else {"Software": None}
    figure.savefig(FOLDER / name, metadata=metadata)
    plt.close(figure)


if __name__ == "__main__":
    draw()
