"""Curves and tables in characters, 80 to a line, for the command line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from lossbook import cards

WIDTH, COLUMNS, ROWS = 80, 61, 17


def wrapped(text: str, margin: str = "", first: str | None = None) -> str:
    """Return a paragraph in lines of at most 80 characters.

    >>> print(wrapped("a short line", margin="  ", first="* "))
    * a short line
    """
    start = margin if first is None else first
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=margin,
        break_on_hyphens=False,
        break_long_words=False,
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells below each other, numbers to the right.

    >>> print(table(["Loss", "Slope"], [["Huber", "1"], ["SquaredError", "-"]]))
    Loss          Slope
    Huber             1
    SquaredError      -
    """
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(not cell[0].isalpha() for cell in column[1:]) for column in columns]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in [head, *rows]
    )


def curve(loss: Any) -> str:
    """Return the curves of a loss and its gradient, and the sentence that says the same.

    >>> from lossbook import AbsoluteError
    >>> print(curve(AbsoluteError()).splitlines()[0].strip())
    3 |**                                                         **|
    """
    path = cards.view(loss)
    values, slopes = path.curves(loss)
    name = "cost" if cards.is_set(loss) else "loss"
    left, right, middle = (cards.number(path.x[i]) for i in (0, -1, len(path.x) // 2))
    scale = f"{left:<{COLUMNS // 2}}{middle}"
    lines = [
        *_plot(path.x, values, slopes),
        f"{'':9}{scale:<{COLUMNS - len(right)}}{right}",
        f"{'':9}{f'* {name}   . gradient':<24}{path.axis:>{COLUMNS - 24}}",
        "",
        wrapped(cards.sentence(loss, path, values, slopes)),
    ]
    return "\n".join(lines)


def _plot(x: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> list[str]:
    """Draw both curves between the smallest and the largest height that is shown."""
    # The range of the pictures, without the room that they leave above and below.
    low, high = cards.limits(values, slopes)
    room = 0.06 / 1.12 * (high - low)
    low, high = low + room, high - room
    heights = np.linspace(high, low, ROWS)
    grid = np.full((ROWS, COLUMNS), " ")
    zero = _row(0.0, low, high)
    if low <= 0 <= high:
        grid[zero] = "-"
    for mark, curve in ((".", slopes), ("*", values)):
        for column in range(COLUMNS):
            at = curve[round(column * (len(x) - 1) / (COLUMNS - 1))]
            if low - room <= at <= high + room:
                grid[_row(at, low, high), column] = mark
    labels = {0: high, ROWS - 1: low}
    if low < 0 < high:
        labels[zero] = 0.0
    edge = {row: cards.number(float(value)) for row, value in labels.items()}
    return [f"{edge.get(row, ''):>7} |{''.join(grid[row])}|" for row in range(len(heights))]


def _row(value: float, low: float, high: float) -> int:
    """Return the row of a height, 0 at the top."""
    return int(np.clip(round((high - value) / (high - low) * (ROWS - 1)), 0, ROWS - 1))
