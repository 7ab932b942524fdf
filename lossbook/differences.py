"""Derivatives by differences, to judge formulas by: slow, independent of them, and accurate.

`lossbook.numeric` has the quick differences that a loss without a formula uses; this module is the
reference that `lossbook.checks` holds every gradient against.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lossbook.validation import Array

_EPS = float(np.finfo(np.float64).eps)
_STEPS = 4.0 ** -np.arange(1, 23)  # 0.25 down to 6e-14, of a scale of max(1, |x|)


@dataclass(frozen=True)
class Differences:
    """Derivatives of a function by differences, and how far they can be trusted.

    Attributes
    ----------
    slope : array
        The derivative; NaN where no step gave finite values.
    uncertainty : array
        How far `slope` may be off, from rounding and from the last refinement.
    kink : array of bool
        Left and right slope differ, here or closer than differences can tell.
    left, right : array
        The slopes on both sides.
    """

    slope: Array
    uncertainty: Array
    kink: Array
    left: Array
    right: Array


def differences(function: Callable[[Array], Array], x: Array) -> Differences:
    """Return the derivative of an elementwise `function` at `x`, in float64.

    Central differences over steps from large to tiny, each three neighbours refined twice by
    Richardson's extrapolation; every point takes the step at which two refinements agree best.
    So it stays clear of a kink or of the edge of a domain by itself.
    """
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        scale = 2.0 ** np.ceil(np.log2(np.maximum(1, np.abs(x))))  # x ± a power of 2 is exact
        shape = (len(_STEPS),) + (1,) * x.ndim
        step = _STEPS.reshape(shape) * scale
        above = np.stack([function(x + h) for h in step])
        below = np.stack([function(x - h) for h in step])
        here = function(x)
        slope, uncertainty = _central(x, step, above, below)
        return Differences(slope, uncertainty, *_sides(x, step, above, below, here))


def _central(x: Array, step: Array, above: Array, below: Array) -> tuple[Array, Array]:
    first = (above - below) / ((x + step) - (x - step))
    second = (16 * first[1:] - first[:-1]) / 15  # the error h² is gone
    third = (256 * second[1:] - second[:-1]) / 255  # and h⁴
    size = np.maximum(np.abs(above), np.abs(below))
    rounding = 4 * _EPS * size / step
    unsure = np.abs(third[1:] - third[:-1]) + rounding[3:]
    unsure = np.where(np.isfinite(unsure), unsure, np.inf)
    best = unsure.argmin(axis=0)[None]
    uncertainty = np.take_along_axis(unsure, best, axis=0)[0]
    slope = np.take_along_axis(third[1:], best, axis=0)[0]
    return np.where(np.isfinite(uncertainty), slope, np.nan), uncertainty


def _sides(x: Array, step: Array, above: Array, below: Array, here: Array):
    right = (above - here) / ((x + step) - x)
    left = (here - below) / (x - (x - step))
    jump = np.abs(right - left)
    size = np.maximum(np.maximum(np.abs(above), np.abs(below)), np.abs(here))
    seen = jump > 100 * _EPS * size / step  # False for NaN
    finest = len(_STEPS) - 1 - seen[::-1].argmax(axis=0)[None]
    coarser = np.maximum(finest - 3, 0)

    def at(table: Array, level: Array) -> Array:
        return np.take_along_axis(table, level, axis=0)[0]

    # Over a curve the two slopes approach each other in proportion to the step (1/64 for three
    # levels); over a kink they do not.
    stays = at(jump, finest) > 0.25 * at(jump, coarser)
    large = at(jump, finest) > 1e-5 * (np.abs(at(left, finest)) + np.abs(at(right, finest)))
    kink = seen.any(axis=0) & (finest[0] >= 3) & stays & large
    return kink, at(left, finest), at(right, finest)
