"""What a wrong gradient looks like: one line for each mistake that students really make.

Each pattern is a gradient that the mistake would give. A diagnosis is the pattern that all
compared derivatives follow; where none fits, it says so and names the first wrong index.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lossbook.base import Loss, MarginLoss
from lossbook.validation import Array

_LN10, _LN2 = float(np.log(10)), float(np.log(2))
_FACTORS = (
    (2.0, "twice the reference: a missing ½"),
    (0.5, "half the reference: a missing factor 2"),
    (1 / _LN10, "1/ln 10 of the reference: a base-10 logarithm for the natural one"),
    (_LN10, "ln 10 times the reference: a base-10 logarithm for the natural one"),
    (1 / _LN2, "1/ln 2 of the reference: a base-2 logarithm for the natural one"),
    (_LN2, "ln 2 times the reference: a base-2 logarithm for the natural one"),
)
Patterns = Iterator[tuple[str, Callable[[], Array]]]
_SUM = "n = {n} times the reference: a sum for the mean, 1/n missing"
_TWICE = "1/n of the reference (n = {n}): 1/n counted twice"


@dataclasses.dataclass(frozen=True)
class Problem:
    """A wrong gradient and what it was held against."""

    target: Any
    gradient: Callable
    analytic: Array
    reference: Any
    compared: Array
    wrong: Array

    def slopes(self, y_true: Array, y_pred: Array, loss: Any = None) -> Array:
        """Return the gradient by differences for other arguments or another loss."""
        return self.target.differences(loss or self.target.loss, y_true, y_pred).slope

    def follows(self, pattern: Array) -> bool:
        """Tell whether the gradient is `pattern` wherever it could be compared."""
        mask = self.compared
        got, want = self.analytic[mask], np.broadcast_to(pattern, mask.shape)[mask]
        with np.errstate(all="ignore"):
            slack = 1e-5 * np.maximum(np.abs(got), np.abs(want))
            close = np.abs(got - want) <= slack + 10 * self.reference.uncertainty[mask]
        return bool(close.all() and np.any(want != 0))


def diagnose(problem: Problem) -> str:
    """Return the likely mistake in words."""
    if np.isnan(problem.analytic).any():
        index = _place(np.isnan(problem.analytic))
        return f"NaN, first at index {index}: 0/0, inf - inf or 0 · inf in the formula?"
    if not problem.compared.any():
        return "nothing could be compared: expected predictions inside the domain, off the kinks"
    found = [*_factors(problem)] or [*_patterns(problem)]
    return "; or ".join(dict.fromkeys(found)) + "?" if found else _unknown(problem)


def name_factor(values: Array, wanted: Array, n: int) -> str:
    """Return what a constant ratio to the wanted values may come from; "" if there is none."""
    finite = np.isfinite(values) & np.isfinite(wanted)
    for factor, text in (*_FACTORS, (-1, "opposite sign"), (n, _SUM), (1 / n, _TWICE)):
        close = np.isclose(values[finite], factor * wanted[finite], rtol=1e-6, atol=1e-12)
        if close.all() and np.any(wanted[finite] != 0):
            return text.format(n=n) + "?"
    return ""


# A constant factor ------------------------------------------------------------------------------


def _factors(problem: Problem) -> Iterator[str]:
    slope = problem.reference.slope
    for sign in (1, -1):
        for factor, text in _factor_texts(problem):
            if factor * sign != 1 and problem.follows(sign * factor * slope):
                yield text if sign == 1 else _negative(factor, text)


def _negative(factor: float, text: str) -> str:
    opposite = "opposite sign: y_true - y_pred for y_pred - y_true, or the arguments swapped"
    return opposite if factor == 1 else f"opposite sign, and {text}"


def _factor_texts(problem: Problem) -> Iterator[tuple[float, str]]:
    yield 1, ""
    yield from _FACTORS
    shape = problem.compared.shape
    n, columns = shape[0] if shape else 1, int(np.prod(shape[1:]))
    yield from _counts(problem, n, columns)


def _counts(problem: Problem, n: int, columns: int) -> Iterator[tuple[float, str]]:
    if problem.target.of == "cost":
        if n > 1:
            yield n, _SUM.format(n=n)
            yield 1 / n, _TWICE.format(n=n)
        if n > 1 and columns > 1:
            both = n * columns
            yield both, f"{both} times the reference: a sum over all entries for the mean"
        if problem.target.sample_weight is not None:
            total = float(np.sum(problem.target.sample_weight))
            yield total, f"{total:.4g} times the reference: not divided by the sum of the weights"
            yield total / n, "divided by n where the sum of the weights belongs"
    elif n > 1:
        yield 1 / n, f"1/n of the reference (n = {n}): a mean, where each example's loss is meant"
        yield n, f"n = {n} times the reference: multiplied by the number of examples"
    if columns > 1:
        yield columns, f"{columns} times the reference: a mean over the columns is missing"
        yield 1 / columns, f"1/{columns} of the reference: a mean over the columns for their sum"


# Other patterns ---------------------------------------------------------------------------------


def _patterns(problem: Problem) -> Iterator[str]:
    groups = (_weights, _quantile, _labels, _logarithms, _links, _swapped)
    for group in groups:
        for text, pattern in group(problem):
            try:
                with np.errstate(all="ignore"):
                    fits = problem.follows(pattern())
            except Exception:  # a pattern that cannot be computed here is no diagnosis
                continue
            if fits:
                yield text
                break  # the patterns of a group are kin: the first tells enough


def _weights(problem: Problem) -> Patterns:
    target = problem.target
    if target.sample_weight is not None:
        plain = dataclasses.replace(target, sample_weight=None, reference=None)
        yield "the weights are ignored", lambda: plain.reference.slope


def _quantile(problem: Problem) -> Patterns:
    loss, target = problem.target.loss, problem.target
    if hasattr(loss, "quantile"):
        other = dataclasses.replace(loss, quantile=1 - loss.quantile)
        yield (
            "wrong side of the quantile: τ and 1 - τ are exchanged",
            lambda: problem.slopes(target.y_true, target.y_pred, other),
        )
        yield (
            "wrong side of the quantile, and opposite sign: y_true - y_pred for y_pred - y_true",
            lambda: -problem.slopes(target.y_true, target.y_pred, other),
        )


def _labels(problem: Problem) -> Patterns:
    loss, y, p = problem.target.loss, problem.target.y_true, problem.target.y_pred
    slope = problem.reference.slope
    values = set(np.unique(y)) if y.shape == p.shape else set()
    if values == {0.0, 1.0}:
        text = "0 wherever the label is 0: labels 0/1 taken as -1/+1"
        if getattr(loss, "prediction_space", "") == "probability":
            text += ", or the term of (1 - y) missing"
        yield text + "", lambda: np.where(y == 0, 0, slope)
        yield (
            "labels exchanged, as in log(p) where log(1 - p) belongs: log of the wrong argument",
            lambda: problem.slopes(1 - y, p),
        )
    if values == {-1.0, 1.0} and isinstance(loss, MarginLoss):
        s = 2 * y - 1
        n = y.size if problem.target.of == "cost" else 1
        yield "labels -1/+1 taken as 0/1", lambda: s * loss.dphi(s * p) / n


def _logarithms(problem: Problem) -> Patterns:
    """Yield logarithms of the wrong argument."""
    y, p = problem.target.y_true, problem.target.y_pred
    space = getattr(problem.target.loss, "prediction_space", "")
    if type(problem.target.loss).__name__ == "SquaredLogError":
        yield (
            "log of the wrong argument: log(y) where log(1 + y) belongs",
            lambda: problem.slopes(y - 1, p - 1),
        )
    if space == "log_mean":
        yield (
            "log of the wrong argument: the prediction taken as the mean, but it is its log",
            lambda: problem.slopes(y, np.log(p)) / p,
        )
    if space == "logit" and y.shape == p.shape and p.ndim == 1:
        n = y.size if problem.target.of == "cost" else 1
        yield (
            "log of the wrong argument: log(z) where log(σ(z)) belongs, the sigmoid is missing",
            lambda: ((1 - y) / (1 - p) - y / p) / n,
        )


def _links(problem: Problem) -> Patterns:
    """Yield steps of the chain rule that are missing or taken twice."""
    y, p, slope = problem.target.y_true, problem.target.y_pred, problem.reference.slope
    space = getattr(problem.target.loss, "prediction_space", "")
    if space == "logit" and y.shape == p.shape:
        q = 1 / (1 + np.exp(-p))
        yield "the sigmoid is applied twice", lambda: problem.slopes(y, q)
        yield (
            "derivative by the probability, not by the logit: the factor p(1 - p) is missing",
            lambda: slope / (q * (1 - q)),
        )
        yield "the factor p(1 - p) of the chain rule is too many", lambda: slope * q * (1 - q)
    if space == "logit" and p.ndim == 2:
        e = np.exp(p - p.max(axis=1, keepdims=True))
        q = e / e.sum(axis=1, keepdims=True)
        yield "softmax is applied twice", lambda: problem.slopes(y, q)
    if space == "probability" and y.shape == p.shape:
        yield "derivative by the logit, not by the probability", lambda: slope * p * (1 - p)
    if space == "log_mean":
        yield "derivative by the mean, not by its logarithm", lambda: slope * np.exp(-p)


def _swapped(problem: Problem) -> Patterns:
    y, p = problem.target.y_true, problem.target.y_pred
    text = "the arguments are swapped: expected (y_true, y_pred)"
    yield text, lambda: problem.slopes(p, y)


def _unknown(problem: Problem) -> str:
    """Return where it is wrong, as what it is could not be told."""
    text = f"no known pattern; first wrong at index {_place(problem.wrong)}"
    y, p = problem.target.y_true, problem.target.y_pred
    if y.shape != p.shape or not isinstance(problem.target.loss, Loss):
        return text
    right = problem.compared & ~problem.wrong
    for name, side in (("below", p < y), ("above", p > y)):
        if right.any() and not (right & side).any() and not (problem.wrong & ~side).any():
            text += f" (wrong only where y_pred is {name} y_true)"
    return text


def _place(mask: Array) -> str:
    return ", ".join(str(int(i)) for i in np.argwhere(mask)[0])
