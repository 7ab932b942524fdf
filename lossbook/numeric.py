"""Derivatives and minima for a function that comes without a formula for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lossbook.validation import Array

_EPS = float(np.finfo(np.float64).eps)


def differentiate(function: Callable[[Array], Array], x: Array) -> Array:
    """Return the central difference of an elementwise `function` at `x`.

    The step eps^(1/3) balances the error of the formula against rounding: about ten digits
    are right where the function is smooth, and the answer at a kink is the mean of both slopes.
    """
    x64 = x.astype(np.float64)
    step = _EPS ** (1 / 3) * np.maximum(1, np.abs(x64))
    above, below = x64 + step, x64 - step
    slope = (function(above) - function(below)) / (above - below)
    return slope.astype(x.dtype)


def differentiate_columns(function: Callable[[Array], Array], x: Array) -> Array:
    """Return the gradient of a row-wise `function` ((n, k) to (n,)), one column after another."""
    x64 = x.astype(np.float64)
    gradient = np.empty_like(x64)
    for column in range(x.shape[1]):
        step = _EPS ** (1 / 3) * np.maximum(1, np.abs(x64[:, column]))
        above, below = x64.copy(), x64.copy()
        above[:, column] += step
        below[:, column] -= step
        width = above[:, column] - below[:, column]
        gradient[:, column] = (function(above) - function(below)) / width
    return gradient.astype(x.dtype)


def differentiate_twice(function: Callable[[Array], Array], x: Array) -> Array:
    """Return the second difference of an elementwise `function` at `x` (about six digits)."""
    x64 = x.astype(np.float64)
    step = _EPS**0.25 * np.maximum(1, np.abs(x64))
    step = (x64 + step) - x64  # the step that floating point really takes
    second = (function(x64 + step) - 2 * function(x64) + function(x64 - step)) / step**2
    return second.astype(x.dtype)


def minimise(
    value: Callable[[float], float], slope: Callable[[float], float], candidates: Array
) -> float:
    """Return the global minimum of a function of one number, as far as the candidates show it.

    The best candidate and its two neighbours bracket the minimum; bisection on the sign of the
    slope then finds it to the last digit, where a search on values would stop at half of them.
    """
    candidates = np.unique(candidates)
    values = np.array([value(c) for c in candidates])
    best = int(np.argmin(values))
    low = float(candidates[max(best - 1, 0)])
    high = float(candidates[min(best + 1, len(candidates) - 1)])
    if not slope(low) < 0 < slope(high):
        return float(candidates[best])
    while True:
        middle = low + (high - low) / 2
        if not low < middle < high:
            return middle
        at = slope(middle)
        if at == 0:
            return middle
        low, high = (middle, high) if at < 0 else (low, middle)
