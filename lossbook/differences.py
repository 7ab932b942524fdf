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
        right = (above - here) / ((x + step) - x)
        left = (here - below) / (x - (x - step))
        size = np.maximum(np.maximum(np.abs(above), np.abs(below)), np.abs(here))
        kink, level, beside = _kinks(left, right, 100 * _EPS * size / step)
        # a jump of the function itself
        leap = np.abs(above[-1] - below[-1]) > 0.01 * np.fmax(size[-1], size[8])
        kink, level = kink | leap, np.where(leap, len(_STEPS) - 1, level)
        central = (above - below) / ((x + step) - (x - step))
        slope, uncertainty = _refine(central, 4 * _EPS * size / step, beside)
        return Differences(slope, uncertainty, kink, _at(left, level), _at(right, level))


def _kinks(left: Array, right: Array, noise: Array) -> tuple[Array, Array, Array]:
    """Return which points are kinks, the level to read both slopes at, and the levels to leave out.

    Over a curve the two slopes approach each other in proportion to the step, 1/4 a level; by
    rounding they part, 4 a level. Over a kink they stay apart alike, down to where rounding hides
    it. Slopes that agree at a finer step belong to a point beside a kink, and the steps that
    reach over it must be left out.
    """
    jump = np.abs(right - left)
    seen = jump > noise  # False for NaN
    last = len(_STEPS) - 1
    finest = _last(seen)
    level = np.maximum(finest, 0)
    jumps = [_at(jump, np.maximum(level - back, 0)) for back in (0, 3, 6)]
    hidden = (level == last) | ~(_at(noise, np.minimum(level + 1, last)) < 0.25 * jumps[0])
    large = jumps[0] > 1e-5 * (np.abs(_at(left, level)) + np.abs(_at(right, level)))
    kink = (finest >= 6) & _alike(*jumps) & hidden & large
    rough = seen[2:] & _alike(jump[2:], jump[1:-1], jump[:-2])
    reach = np.where(kink | ~rough.any(axis=0), 0, _last(rough) + 4)
    levels = np.arange(len(_STEPS)).reshape((-1,) + (1,) * np.ndim(reach))
    return kink, level, levels < reach


def _alike(a: Array, b: Array, c: Array) -> Array:
    """Tell where three numbers lie within a factor of 2."""
    return np.minimum(np.minimum(a, b), c) > 0.5 * np.maximum(np.maximum(a, b), c)


def _refine(first: Array, rounding: Array, beside: Array) -> tuple[Array, Array]:
    """Extrapolate central differences and choose the step where two refinements agree best."""
    second = (16 * first[1:] - first[:-1]) / 15  # the error h² is gone
    third = (256 * second[1:] - second[:-1]) / 255  # and h⁴
    unsure = np.abs(third[1:] - third[:-1]) + rounding[3:]
    unsure = np.where(np.isfinite(unsure) & ~beside[:-3], unsure, np.inf)
    best = unsure.argmin(axis=0)
    uncertainty = _at(unsure, best)
    return np.where(np.isfinite(uncertainty), _at(third[1:], best), np.nan), uncertainty


def _last(table: Array) -> Array:
    """Return the last true level of each point, -1 where there is none."""
    return np.where(table.any(axis=0), len(table) - 1 - table[::-1].argmax(axis=0), -1)


def _at(table: Array, level: Array) -> Array:
    """Return one level of each point."""
    return np.take_along_axis(table, np.asarray(level)[None], axis=0)[0]
