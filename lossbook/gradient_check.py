"""Checks for students, tests and graders: whether a gradient is right, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lossbook.base import Loss
from lossbook.diagnosis import Problem, diagnose
from lossbook.differences import Differences, differences
from lossbook.sets import SetLoss
from lossbook.validation import Array, as_array, check_weights

TOLERANCE = 1e-6
_ROWS = 5  # of the table in a receipt
_SAMPLE = 200  # derivatives of a set are taken one by one, so only a part of a large set


@dataclass(frozen=True, eq=False)
class GradientReport:
    """The result of `check_gradient`, and the table that prints as a *gradient receipt*.

    Attributes
    ----------
    ok : bool
        No derivative is off by more than the tolerance.
    max_error : float
        Largest relative error, of derivatives that are not at a kink.
    worst : int or tuple of int or None
        Index of the derivative with the largest error; None if none could be compared.
    diagnosis : str
        What is likely wrong; "" where nothing is.
    analytic : array
        The gradient that was checked.
    numeric : array
        The one from differences; NaN where not compared.
    kinks : int
        Derivatives at a kink, where any number between the slopes of both sides is right.
    skipped : int
        Derivatives without a number to compare with, as at the edge of a domain.

    Examples
    --------
    >>> from lossbook import AbsoluteError, check_gradient
    >>> report = check_gradient(AbsoluteError(), [0.0, 0.0], [0.0, 2.0])
    >>> report.ok, report.kinks, report.analytic
    (True, 1, array([0., 1.]))
    """

    ok: bool
    max_error: float
    worst: int | tuple[int, ...] | None
    diagnosis: str
    analytic: Array = field(repr=False)
    numeric: Array = field(repr=False)
    kinks: int = 0
    skipped: int = 0
    title: str = "gradient"
    tolerance: float = field(default=TOLERANCE, repr=False)
    wrong: Array = field(default=None, repr=False)
    _labels: Array = field(default=None, repr=False)
    _predictions: Array = field(default=None, repr=False)

    def __str__(self) -> str:
        lines = [f"Gradient receipt: {self.title}"]
        if self.numeric.shape == self.analytic.shape:
            lines += self._table()
            lines.append(self._count())
        lines.append("the gradient is right" if self.ok else f"WRONG: {self.diagnosis}")
        return "\n".join(lines)

    __repr__ = __str__

    def _table(self) -> list[str]:
        names = ("index", "y_true", "y_pred", "analytic", "numeric")
        lines = ["{:>8}{:>13}{:>13}{:>13}{:>13}".format(*names)]
        for index in self._shown():
            label = self._labels[index[: self._labels.ndim]]
            texts = [_show(label, 6), _show(self._predictions[index], 6)]
            texts += [_show(self.analytic[index]), _show(self.numeric[index])]
            place = ",".join(str(i) for i in index)
            lines.append(
                f"{place:>8}" + "".join(f"{t:>13}" for t in texts) + "  <" * bool(self.wrong[index])
            )
        return lines

    def _shown(self) -> list[tuple[int, ...]]:
        """Return the first wrong derivatives, or the first that were compared."""
        compared = np.isfinite(self.numeric)
        chosen = self.wrong if self.wrong.any() else compared if compared.any() else ~compared
        return [tuple(int(i) for i in index) for index in np.argwhere(chosen)[:_ROWS]]

    def _count(self) -> str:
        compared = int(np.isfinite(self.numeric).sum())
        bad = int(self.wrong.sum())
        if self.ok:
            text = f"{compared} compared: largest relative error < {self.tolerance:.0e}"
        else:
            error = _show(self.max_error, 1)
            text = f"{compared} compared, {bad} wrong: largest relative error {error}"
        if self.kinks:
            text += f"; {self.kinks} at a kink"
        return text + (f"; {self.skipped} not comparable" if self.skipped else "")


def check_gradient(
    loss: Loss | SetLoss | Callable[[Array, Array], Array],
    y_true: Array,
    y_pred: Array,
    sample_weight: Array = None,
    *,
    gradient: Callable[[Array, Array], Array] | None = None,
    of: str = "loss",
    tolerance: float = TOLERANCE,
) -> GradientReport:
    """Compare a gradient with differences of the loss, and name the likely mistake.

    The differences are taken in float64 with Richardson's extrapolation and know nothing of the
    formula of the gradient.

    Parameters
    ----------
    loss : Loss, SetLoss, or function
        What the gradient should be of. A plain function `loss(y_true, y_pred)` returns one
        number per example, or one number, the cost.
    y_true, y_pred : array_like
        Examples; about ten to a hundred random ones tell most.
    sample_weight : array_like, optional
        Weights; only with ``of="cost"``.
    gradient : function, optional
        A hand-written ``gradient(y_true, y_pred)``, or with weights
        ``gradient(y_true, y_pred, sample_weight)``. Without it, the loss's own gradients are
        checked, those of each loss and those of the cost.
    of : {"loss", "cost"}
        What `gradient` is the derivative of: each example's loss, or their weighted average.
    tolerance : float
        Largest relative error that passes. Where rounding hides a difference of that size,
        agreement is judged by what rounding lets one see.

    Examples
    --------
    >>> from lossbook import Huber, check_gradient
    >>> check_gradient(Huber(), [0.0, 0.0, 0.0], [0.5, 3.0, -2.0])
    Gradient receipt: Huber(delta=1.0)
       index       y_true       y_pred     analytic      numeric
           0            0          0.5          0.5          0.5
           1            0            3            1            1
           2            0           -2           -1           -1
    3 compared: largest relative error < 1e-06
    the gradient is right
    >>> from lossbook import SquaredError
    >>> report = check_gradient(SquaredError(), [0.0, 1.0, 2.0], [2.0, 4.0, 1.0],
    ...                         gradient=lambda y_true, y_pred: y_pred - y_true)
    >>> report.ok, report.diagnosis
    (False, 'half the reference: a missing factor 2?')
    """
    if of not in ("loss", "cost"):
        raise ValueError(f"of is {of!r}: expected 'loss' or 'cost'")
    target = _target(loss, y_true, y_pred, sample_weight, of)
    if gradient is not None:
        return _compare(target, gradient, tolerance)
    if not isinstance(target.loss, Loss | SetLoss):
        raise TypeError("a plain function has no gradient of its own: expected gradient=...")
    if sample_weight is None and of == "loss" and isinstance(target.loss, Loss):
        report = _compare(target, target.own_gradient, tolerance)
        if not report.ok:
            return report
        # `cost_and_gradient` may take another way, by `rho_and_psi`: it has to agree too.
        whole = target.as_cost()
        costs = _compare(whole, whole.own_gradient, tolerance)
        return report if costs.ok else costs
    return _compare(target, target.own_gradient, tolerance)


@dataclass
class _Target:
    """What a gradient is held against: the examples and the differences of their losses."""

    loss: Any  # a Loss, a SetLoss or a function
    y_true: Array
    y_pred: Array
    sample_weight: Array
    of: str
    reference: Any = None  # Differences, made unless given

    def __post_init__(self) -> None:
        if self.reference is None:
            self.reference = self.differences(self.loss, self.y_true, self.y_pred)

    def own_gradient(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Array:
        if self.of == "loss":
            return self.loss.gradient(y_true, y_pred, validate=False)
        if isinstance(self.loss, SetLoss):
            return self.loss.cost_gradient(y_true, y_pred, validate=False)
        return self.loss.cost_gradient(y_true, y_pred, sample_weight, validate=False)

    def differences(self, loss: Any, y_true: Array, y_pred: Array) -> Differences:
        """Return the derivatives of each loss, or of the cost, by each prediction."""
        value = _value(loss, y_true)
        whole = np.ndim(value(y_pred)) == 0 and np.ndim(y_pred) > 0
        if whole:
            return _of_a_set(value, y_pred)
        parts = _of_rows(value, y_pred) if np.ndim(value(y_pred)) < y_pred.ndim else None
        parts = parts or differences(value, y_pred)
        return self.shared(parts) if self.of == "cost" else parts

    def shared(self, parts: Differences) -> Differences:
        """Return the derivatives of the average from those of its terms."""
        shape = np.shape(_value(self.loss, self.y_true)(self.y_pred))
        share = np.full(shape, 1 / max(1, int(np.prod(shape))))
        if self.sample_weight is not None:
            weight, total = check_weights(self.sample_weight, shape)
            share = np.broadcast_to(weight / total, shape)
        if share.ndim < parts.slope.ndim:
            share = share[:, None]

        def scaled(array: Array) -> Array:
            with np.errstate(invalid="ignore"):
                return np.where(share > 0, share * array, 0)

        kink = parts.kink & (share > 0)
        slope, uncertainty = scaled(parts.slope), scaled(parts.uncertainty)
        return Differences(slope, uncertainty, kink, scaled(parts.left), scaled(parts.right))

    def as_cost(self) -> _Target:
        shared = self.shared(self.reference)
        return _Target(self.loss, self.y_true, self.y_pred, self.sample_weight, "cost", shared)


def _target(loss: Any, y_true: Array, y_pred: Array, sample_weight: Array, of: str) -> _Target:
    loss = loss() if isinstance(loss, type) else loss
    y_true, y_pred = as_array("y_true", y_true), as_array("y_pred", y_pred)
    y_pred = y_pred.astype(np.float64)
    if y_true.dtype.kind != "f" and y_true.ndim == y_pred.ndim:
        y_true = y_true.astype(np.float64)
    if sample_weight is not None:
        sample_weight = as_array("sample_weight", sample_weight)
    if isinstance(loss, SetLoss):
        of = "cost"
        loss.cost(y_true, y_pred)  # refuses bad input
    elif isinstance(loss, Loss):
        loss.loss(y_true, y_pred)
    elif np.ndim(loss(y_true, y_pred)) == 0 and y_pred.ndim:
        of = "cost"
    if sample_weight is not None and (of != "cost" or isinstance(loss, SetLoss)):
        raise ValueError(
            "sample_weight is given: expected of='cost', and a loss that takes weights"
        )
    return _Target(loss, y_true, y_pred, sample_weight, of)


def _value(loss: Any, y_true: Array) -> Callable[[Array], Array]:
    if isinstance(loss, SetLoss):
        return lambda p: np.float64(loss.cost(y_true, p, validate=False))
    if isinstance(loss, Loss):
        return lambda p: loss.loss(y_true, p, validate=False)
    return lambda p: np.asarray(loss(y_true, p), dtype=np.float64)


def _of_rows(value: Callable[[Array], Array], y_pred: Array) -> Differences:
    """Return the derivatives of a loss per row, one column after another."""

    def column(j: int) -> Differences:
        def along(x: Array) -> Array:
            moved = y_pred.copy()
            moved[:, j] = x
            return value(moved)

        return differences(along, y_pred[:, j])

    parts = [column(j) for j in range(y_pred.shape[1])]
    return Differences(*(np.stack([getattr(p, n) for p in parts], 1) for n in _NAMES))


def _of_a_set(value: Callable[[Array], float], y_pred: Array) -> Differences:
    """Return the derivatives of one number by each prediction, evenly spread over a large set."""
    arrays = {name: np.full(y_pred.size, np.nan) for name in _NAMES}
    chosen = np.unique(np.linspace(0, y_pred.size - 1, min(y_pred.size, _SAMPLE)).astype(int))
    for i in chosen:

        def along(x: Array, i: int = i) -> Array:
            moved = y_pred.copy()
            moved.flat[i] = x
            return value(moved)

        one = differences(along, y_pred.flat[i])
        for name, array in arrays.items():
            array[i] = getattr(one, name)
    shaped = {name: array.reshape(y_pred.shape) for name, array in arrays.items()}
    shaped["kink"] = shaped["kink"] == 1
    return Differences(**shaped)


_NAMES = ("slope", "uncertainty", "kink", "left", "right")


def _compare(target: _Target, gradient: Callable, tolerance: float) -> GradientReport:
    weighted = target.sample_weight is not None
    extra = (target.sample_weight,) if weighted else ()
    analytic = np.asarray(gradient(target.y_true.copy(), target.y_pred.copy(), *extra))
    title = _title(target)
    seen = target.reference
    if analytic.shape != target.y_pred.shape:
        text = f"shape {analytic.shape}: expected {target.y_pred.shape}, the shape of y_pred"
        return GradientReport(False, np.inf, None, text, analytic, seen.slope, title=title)
    analytic = analytic.astype(np.float64) + 0.0  # no negative zeros in the table
    error, wrong, compared = _judge(analytic, seen, tolerance)
    worst = None
    if compared.any() or wrong.any():
        at = int(np.argmax(np.where(compared | wrong, error, -1)))
        index = tuple(int(i) for i in np.unravel_index(at, error.shape))
        worst = index[0] if len(index) == 1 else index
    ok = not wrong.any() and bool(compared.any() or seen.kink.any())
    problem = Problem(target, gradient, analytic, seen, compared, wrong)
    return GradientReport(
        ok=ok,
        max_error=float(np.max(error, initial=0, where=compared | wrong)),
        worst=worst,
        diagnosis="" if ok else diagnose(problem),
        analytic=analytic,
        numeric=_readable(seen, compared),
        kinks=int(seen.kink.sum()),
        skipped=int((~compared & ~seen.kink).sum()),
        title=title,
        tolerance=tolerance,
        wrong=wrong,
        _labels=target.y_true,
        _predictions=target.y_pred,
    )


def _judge(analytic: Array, seen: Differences, tolerance: float) -> tuple[Array, Array, Array]:
    """Return relative errors, which derivatives are wrong, and which could be compared."""
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(analytic), np.abs(seen.slope))
        typical = np.max(np.abs(seen.slope), initial=0, where=np.isfinite(seen.slope))
        settled = seen.uncertainty <= 1e-3 * np.maximum(np.abs(seen.slope), typical)
        settled |= (np.abs(seen.slope) <= seen.uncertainty) & (seen.uncertainty <= 1e-9)  # flat
        compared = np.isfinite(seen.slope) & settled & ~seen.kink
        floor = np.maximum(size, seen.uncertainty / tolerance)
        error = np.where(analytic == seen.slope, 0, np.abs(analytic - seen.slope) / floor)
        error = np.where(np.isnan(error), np.inf, error)
        wrong = compared & ~(error <= tolerance)
        low, high = np.minimum(seen.left, seen.right), np.maximum(seen.left, seen.right)
        slack = 1e-4 * (np.abs(low) + np.abs(high))
        outside = ~((analytic >= low - slack) & (analytic <= high + slack))
        wrong |= (seen.kink & outside) | np.isnan(analytic)
    return np.where(seen.kink & outside, np.inf, error), wrong, compared


def _readable(seen: Differences, compared: Array) -> Array:
    """Return the numeric slopes without digits that are only rounding."""
    slope = np.where(np.abs(seen.slope) > 1e6 * seen.uncertainty, seen.slope, 0)
    coarse = np.where(np.abs(seen.slope) > 10 * seen.uncertainty, seen.slope, 0)
    return np.where(compared, np.where(slope == 0, coarse, slope), np.nan)


def _title(target: _Target) -> str:
    loss = target.loss
    name = repr(loss) if isinstance(loss, Loss | SetLoss) else getattr(loss, "__name__", "function")
    if " object at 0x" in name:  # a class without a repr of its own would show its address
        name = f"{type(loss).__name__}()"
    return name if target.of == "loss" else f"cost of {name}"


def _show(number: float, digits: int = 5) -> str:
    """Return a number in few digits; rounding twice keeps them the same on every machine."""
    if np.isnan(number):
        return "-"
    return f"{float(f'{number:.9g}') + 0.0:.{digits}g}"
