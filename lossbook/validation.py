"""Checks of arguments: an error names the argument, the value, its place and what was expected."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = Any  # a NumPy array, or a lazy one (Dask) that answers to NumPy's functions


def is_lazy(array: Array) -> bool:
    """Tell whether `array` computes later: no NumPy array, yet it answers to its functions."""
    return not isinstance(array, np.ndarray) and hasattr(array, "__array_function__")


def computed(*values: Array) -> tuple[Array, ...]:
    """Return the values of Dask arrays, all found in one pass over their chunks; others as is."""
    if not any(hasattr(value, "__dask_graph__") for value in values):
        return values
    from dask.base import compute

    return compute(*values)


def as_array(name: str, values: Array) -> Array:
    """Turn lists and numbers into an array of numbers; leave arrays as they are."""
    if type(values) is np.ndarray and values.dtype.kind == "f" and values.size:
        return values  # the usual case, at once
    if is_lazy(values):
        if any(math.isnan(size) for size in values.shape):
            raise ValueError(
                f"{name} has chunks of unknown size: call {name}.compute_chunk_sizes() first"
            )
        return values
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} is a masked array: drop the masked entries first")
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} has dtype {array.dtype}: expected real numbers")
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}): expected at least one example")
    return array


def in_memory(name: str, array: Array) -> None:
    """Refuse a lazy array where all values are needed at once, as in sorting."""
    if is_lazy(array):
        raise TypeError(
            f"{name} is a lazy array, and this needs all its values in order: call .compute() first"
        )


def float_type(array: Array) -> np.dtype:
    """Return the dtype of the results: that of the predictions, float64 for integers."""
    return array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)


def same_shape(y_true: Array, y_pred: Array) -> None:
    """Refuse arrays that NumPy would broadcast in silence, such as (n,) against (n, 1)."""
    if y_true.shape != y_pred.shape:
        raise ValueError(
            f"y_true has shape {y_true.shape} and y_pred has shape {y_pred.shape}: "
            "expected equal shapes"
        )


def refuse(name: str, values: Array, bad: Array, expected: str, start: int = 0) -> None:
    """Raise ValueError for the first element of `values` where `bad` is true."""
    index = np.unravel_index(int(np.argmax(bad)), np.shape(bad))
    value = values[index]
    place = [str(i) for i in index]
    if place:
        place[0] = str(index[0] + start)
    where = f"[{', '.join(place)}]" if place else ""
    raise ValueError(f"{name}{where} is {value}: expected {expected}")


def is_number(value: Any) -> bool:
    """Return whether this is one real number, which then can be compared with others."""
    array = np.asarray(value)
    return array.ndim == 0 and array.dtype.kind in "fiub"


def positive(name: str, value: float) -> None:
    """Refuse a parameter that is not a finite number above 0."""
    if not (is_number(value) and 0 < value < np.inf):
        raise ValueError(f"{name} is {value}: expected a finite number above 0")


def not_negative(name: str, value: float) -> None:
    """Refuse a parameter that is not a finite number of 0 or more."""
    if not (is_number(value) and 0 <= value < np.inf):
        raise ValueError(f"{name} is {value}: expected a finite number of 0 or more")


def whole(name: str, value: int, least: int = 1) -> None:
    """Refuse a setting that is not a whole number of `least` or more."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} is {value!r}: expected a whole number of {least} or more")


def between(name: str, value: float, low: float, high: float, *, open_ends: bool = False) -> None:
    """Refuse a parameter outside [low, high], or outside (low, high) with `open_ends`."""
    inside = is_number(value) and (low < value < high if open_ends else low <= value <= high)
    if not inside:
        ends = "between {} and {}, both excluded" if open_ends else "between {} and {}"
        raise ValueError(f"{name} is {value}: expected a number " + ends.format(low, high))


def below_one(name: str, value: float) -> None:
    """Refuse a parameter that is not a number of 0 or more and below 1."""
    if not (is_number(value) and 0 <= value < 1):
        raise ValueError(f"{name} is {value}: expected a number of 0 or more, below 1")


def check_weights(sample_weight: Array, shape: tuple[int, ...]) -> tuple[Array, float]:
    """Return the weights, ready to multiply losses of this shape, and their sum over all losses."""
    weight = as_array("sample_weight", sample_weight)
    if weight.shape not in (shape, shape[:1]):
        raise ValueError(
            f"sample_weight has shape {weight.shape}: expected {shape[:1]}, one weight per example"
            + ("" if len(shape) == 1 else f", or {shape}, one per loss")
        )
    if weight.ndim < len(shape):
        weight = weight.reshape(weight.shape + (1,) * (len(shape) - weight.ndim))
    with np.errstate(all="ignore"):  # a sum that overflows is refused below
        total = weight.sum()
    if not is_lazy(weight):
        if not weight.min() >= 0:  # also true for NaN
            refuse("sample_weight", weight, ~(weight >= 0), "a weight of 0 or more")
        if not 0 < total < np.inf:
            raise ValueError(f"sample_weight sums to {total}: expected a finite sum above 0")
        total = float(total)
    size = float(np.prod(shape))
    return weight, total * (size / weight.size)


class Domain(Protocol):
    """What labels or predictions may be."""

    def check(self, name: str, values: Array, start: int = 0) -> None:
        """Raise ValueError for the first value outside; `start` is the index of the first."""


@dataclass(frozen=True)
class Interval:
    """The real numbers from `low` to `high`; infinities and the ends only where it says so."""

    low: float = -np.inf
    high: float = np.inf
    infinite: bool = False
    open_low: bool = False
    what: str = "a finite number"

    def check(self, name: str, values: Array, start: int = 0) -> None:
        """Raise ValueError for the first value outside; a sum or two extremes clear most arrays."""
        if values.dtype.kind in "iub" and self.low == -np.inf and self.high == np.inf:
            return
        if self.low == -np.inf and self.high == np.inf:
            if math.isfinite(values.sum()):
                return
        elif self._inside(values.min()) and self._inside(values.max()):
            return
        bad = ~self._inside(values)
        if bad.any():
            refuse(name, values, bad, self.what, start)

    def _inside(self, values: Array) -> Array:
        above = values > self.low if self.open_low else values >= self.low
        inside = above & (values <= self.high)
        return inside if self.infinite else inside & np.isfinite(values)


@dataclass(frozen=True)
class Either:
    """Two values and no other."""

    first: float
    second: float

    def check(self, name: str, values: Array, start: int = 0) -> None:
        """Raise ValueError for the first value that is neither."""
        bad = (values != self.first) & (values != self.second)
        if bad.any():
            refuse(name, values, bad, f"{self.first:g} or {self.second:g}", start)


@dataclass(frozen=True)
class Distribution:
    """Rows of probabilities that sum to 1 within 1e-6."""

    what: str = "rows of probabilities that sum to 1"

    def check(self, name: str, values: Array, start: int = 0) -> None:
        """Raise ValueError for the first probability or row that breaks the rule."""
        dtype = float_type(values)
        # float16 and float32 rows cannot sum to 1 more closely than their own rounding
        slack = max(1e-6, 8 * float(np.finfo(dtype).eps))
        total = values @ np.ones(values.shape[-1], dtype)  # faster than a sum of short rows
        error = np.abs(total - 1)
        # terms of 0 or more that sum to 1 are at most 1, within the same slack
        if not (error.max() <= slack and values.min() >= 0):
            PROBABILITY.check(name, values, start)
            row = int(np.argmax(~(error <= slack)))
            raise ValueError(f"{name}[{row + start}] sums to {total[row]}: expected {self.what}")


@dataclass(frozen=True)
class ClassIndex:
    """Whole numbers 0 to n_classes - 1, one class each."""

    n_classes: int

    def check(self, name: str, values: Array, start: int = 0) -> None:
        """Raise ValueError for the first label that is no class."""
        bad = ~((values >= 0) & (values < self.n_classes))
        if values.dtype.kind == "f":
            bad |= values != np.floor(values)
        if bad.any():
            expected = f"a whole number from 0 to {self.n_classes - 1}, the index of a class"
            refuse(name, values, bad, expected, start)


REAL = Interval()
ANY = Interval(infinite=True, what="a number")
PROBABILITY = Interval(0, 1, what="a probability between 0 and 1")
