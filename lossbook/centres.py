"""Best constants that need more than an average: quantiles, Huber's centre, the deepest valley."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

import numpy as np

from lossbook.averaging import BLOCK, blocks
from lossbook.validation import Array, in_memory

MOST = 256
"""Intervals kept at a time: more are alive only where scores of valleys are equally deep."""


def weighted_quantile(y: Array, weight: Array, tau: float) -> float:
    """Return the middle of all numbers with a share of at most tau below and 1-tau above.

    Examples
    --------
    >>> import numpy as np
    >>> weighted_quantile(np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0]), 0.5)
    3.0
    """
    y, weight = _flat(y, weight)
    order = np.argsort(y)
    y, weight = y[order], weight[order]
    below = np.cumsum(weight)[:-1] / weight.sum()  # of all but the largest: from there on, all
    slack = 1e-12  # shares are sums of rounded numbers
    low = y[np.searchsorted(below, tau - slack)]
    high = y[np.searchsorted(below, tau + slack, side="right")]
    return float(low + (high - low) / 2)


def huber_centre(y: Array, weight: Array, delta: float) -> float:
    """Return the middle of all c at which the average of clip(c - y, -delta, delta) is 0.

    That average rises along straight lines between the knots y - delta and y + delta: search
    for the line that crosses 0, and solve it.

    Examples
    --------
    >>> import numpy as np
    >>> huber_centre(np.array([0.0, 0.0, 9.0]), np.ones(3), 1.0)
    0.5
    """
    y, weight = _flat(y, weight)
    share = weight / weight.sum()

    def slope(c: float) -> float:
        return float((share * np.clip(c - y, -delta, delta)).sum())

    knots = np.sort(np.concatenate([y - delta, y + delta]))
    slack = 1e-12 * delta  # shares are rounded numbers
    first, beyond = bisect_left(knots, -slack, key=slope), bisect_right(knots, slack, key=slope)
    if first < beyond:
        low, high = knots[first], knots[beyond - 1]
        middle = low + (high - low) / 2
    else:
        low, high = knots[first - 1], knots[first]
        middle = low + (high - low) * (slope(low) / (slope(low) - slope(high)))
    inside = share[np.abs(middle - y) < delta].sum()
    if inside > 0:  # one step of Newton's method takes the rounding of the knots out
        return float(np.clip(middle - slope(middle) / inside, low, high))
    if first == beyond:  # the labels are so large that delta is lost in them
        return float(high if slope(middle) < 0 else low)
    return float(middle)


def deepest_valley(
    rho: Callable[[Array], Array],
    psi: Callable[[Array], Array],
    y: Array,
    weight: Array,
    *,
    width: float,
    curvature: float,
) -> float:
    """Return the global minimum of the average of rho(c - y), by branch and bound.

    A redescending loss digs a valley around each cluster of labels. An interval of constants is
    dropped once the average cannot fall below the smallest seen so far in it; the others are
    halved. Where several valleys are equally deep, the answer is the first.

    Parameters
    ----------
    rho, psi : callable
        The loss of a residual, which must grow with the residual's size, and its derivative.
    y, weight : array
        Labels and their weights.
    width : float
        The scale of a valley, above 0.
    curvature : float
        Largest second derivative of `rho`.
    """
    y, weight = _flat(y, weight)
    share = weight / weight.sum()

    def average(function: Callable[[Array], Array], low: Array, high: Array) -> Array:
        """Return the average for every label's least distance to each interval."""
        total = np.zeros(len(low))
        for part in blocks(y, BLOCK):
            rows = max(1, BLOCK // len(y[part]))
            for i in range(0, len(low), rows):
                gaps = _gaps(low[i : i + rows], high[i : i + rows], y[part])
                total[i : i + rows] += (function(gaps) * share[part]).sum(axis=1)
        return total

    edges = np.array([y.min(), y.max()])
    with np.errstate(all="ignore"):  # labels further apart than the largest number
        low, high = _promising(rho, average, edges, width, curvature)
        centres = _turns(psi, average, low, high)
        return float(centres[np.argmin(average(rho, centres, centres))])


def _promising(
    rho: Callable, average: Callable, edges: Array, width: float, curvature: float
) -> tuple[Array, Array]:
    """Return the ends of short intervals, one of which holds the minimum."""
    values = average(rho, edges, edges)
    ends = np.stack([edges[:-1], edges[1:], values[:-1], values[1:]])
    while True:
        low, high = ends[:2]
        lower = ends[2:].min(axis=0)
        smallest = lower.min()
        # Two bounds from below: the chord between the ends, from which a curve of this curvature
        # cannot sag further; and every label as near as the interval comes to it.
        sag = lower - curvature * (high - low) ** 2 / 8
        bound = np.fmax(average(rho, low, high), sag)
        alive = np.flatnonzero(bound <= smallest + 1e-12 * abs(smallest))
        ends = ends[:, np.sort(alive[np.argsort(bound[alive], kind="stable")[:MOST]])]
        low, high = ends[:2]
        middle = low + (high - low) / 2
        long = (high - low > 1e-3 * width) & (low < middle) & (middle < high)
        if not long.any():
            return low, high
        values = average(rho, middle[long], middle[long])
        left, right = ends[:, long].copy(), ends[:, long].copy()
        left[1] = right[0] = middle[long]
        left[3] = right[2] = values
        ends = np.concatenate([ends[:, ~long], left, right], axis=1)
        ends = ends[:, np.argsort(ends[0])]


def _turns(psi: Callable, average: Callable, low: Array, high: Array) -> Array:
    """Return the point in each interval at which the slope turns from negative to positive."""
    turns = (average(psi, low, low) <= 0) & (average(psi, high, high) >= 0)
    if turns.any():
        low, high = low[turns], high[turns]
    while True:
        middle = low + (high - low) / 2
        if not ((low < middle) & (middle < high)).any():
            return middle
        slope = average(psi, middle, middle)
        # a slope that is NaN ends it too
        low, high = np.where(slope <= 0, middle, low), np.where(slope < 0, high, middle)


def _gaps(low: Array, high: Array, y: Array) -> Array:
    """Return c - y for the c nearest to y in each interval from low to high."""
    return np.clip(y, low[:, None], high[:, None]) - y


def _flat(y: Array, weight: Array) -> tuple[Array, Array]:
    """Return labels and weights as plain rows of float64, without labels of weight 0."""
    in_memory("y_true", y)
    y, weight = np.ravel(y).astype(np.float64), np.ravel(weight)
    return y[weight > 0], weight[weight > 0]
