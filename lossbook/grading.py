"""Grades for assignments: a solution held against a reference, with messages that help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lossbook.base import Loss, MarginLoss
from lossbook.diagnosis import name_factor
from lossbook.gradient_check import check_gradient
from lossbook.sets import SetLoss
from lossbook.trial import Trial, find_trial
from lossbook.validation import Array

POINTS = {"values": 4, "gradients": 3, "shapes": 1, "extremes": 1, "bad input": 1}


@dataclass(frozen=True)
class Grade:
    """The result of `grade`.

    Attributes
    ----------
    score : float
        Between 0 and 1.
    points : dict
        For each group of checks, the points that were reached and those there were.
    messages : tuple of str
        What is wrong, one message each; empty for a full score.
    labels : str
        Which of two codings the solution was graded with, where the reference takes both.

    Examples
    --------
    >>> from lossbook import SquaredError, grade
    >>> grade(lambda y_true, y_pred: (y_pred - y_true) ** 2 / 2, SquaredError()).messages[0]
    'values: half the reference: a missing factor 2?'
    """

    score: float
    points: dict[str, tuple[float, float]]
    messages: tuple[str, ...]
    labels: str = ""

    def __str__(self) -> str:
        lines = [f"Grade: {100 * self.score:.0f} of 100" + (self.labels and f", {self.labels}")]
        lines += [f"  {name:<11}{got:4.1f} of {of:g}" for name, (got, of) in self.points.items()]
        return "\n".join([*lines, *(f"- {message}" for message in self.messages)])

    __repr__ = __str__


def grade(
    student: Loss | SetLoss | type | Callable[[Array, Array], Array],
    reference: Loss | SetLoss,
    *,
    gradient: Callable[[Array, Array], Array] | None = None,
    seed: int = 0,
) -> Grade:
    """Compare a solution with a reference loss; errors in the solution become messages.

    Parameters
    ----------
    student : Loss, SetLoss, class of these, or function
        The solution. A function `loss(y_true, y_pred)` returns one number per example, or the
        cost; it is graded on values, shapes, extremes and bad input. The `loss` of a `Loss` has
        to return one number per example.
    reference : Loss or SetLoss
        What it should agree with. A `MarginLoss` takes labels -1 and +1 or 0 and 1: a solution
        that is right with the latter alone is graded with them, and the grade says so.
    gradient : function, optional
        The solution's ``gradient(y_true, y_pred)`` that goes with a function: of each loss,
        or of the cost if the function returns the cost.
    seed : int
        Seed of the examples.

    Returns
    -------
    Grade
        Partial credit by groups: values 4 points, gradients 3, shapes, extremes and bad input 1
        each; a group that does not apply does not count.

    Examples
    --------
    >>> from lossbook import AbsoluteError, ResidualLoss, grade
    >>> class Mine(ResidualLoss):
    ...     def rho(self, r):
    ...         return abs(r)
    ...     def psi(self, r):
    ...         return -1.0 * (r > 0) + 1.0 * (r < 0)
    >>> grade(Mine, AbsoluteError())
    Grade: 70 of 100
      values      4.0 of 4
      gradients   0.0 of 3
      shapes      1.0 of 1
      extremes    1.0 of 1
      bad input   1.0 of 1
    - gradients: opposite sign: y_true - y_pred for y_pred - y_true, or the arguments swapped?
    """
    trial = find_trial(reference, seed)
    grades = [_grade(student, gradient, trial)]
    if isinstance(reference, MarginLoss):
        zero_one = replace(trial, y_true=(trial.y_true > 0).astype(float))
        grades = [
            replace(grades[0], labels="with labels -1 and +1"),
            replace(_grade(student, gradient, zero_one), labels="with labels 0 and 1"),
        ]
    return max(grades, key=lambda g: g.points["values"])  # the first of equals


def _grade(student: Any, gradient: Callable | None, trial: Trial) -> Grade:
    work = _Solution(student, gradient, trial, [])
    points = {}
    for name, group in _GROUPS.items():
        results = group(work) if work.prepared() else [False]
        if results:
            of = POINTS[name]
            points[name] = (of * sum(results) / len(results), float(of))
    total = sum(of for _, of in points.values())
    score = sum(got for got, _ in points.values()) / total
    return Grade(score, points, tuple(dict.fromkeys(work.messages)))


@dataclass
class _Solution:
    """A student's code, the reference's examples, and what there is to say."""

    student: Any  # a Loss, a SetLoss or a function
    gradient: Callable | None
    trial: Trial
    messages: list[str]
    broken: bool = False

    def prepared(self) -> bool:
        """Make an instance of a class; tell whether there is something to call."""
        if isinstance(self.student, type) and not self.broken:
            made = self.attempt("values", self.student)
            self.broken = made is None
            self.student = made
        if not self.broken and not callable(self.student) and not self.is_loss:
            self.say("values", f"{type(self.student).__name__} is neither a loss nor a function")
            self.broken = True
        return not self.broken

    @property
    def is_loss(self) -> bool:
        return isinstance(self.student, Loss | SetLoss)

    def say(self, group: str, text: str) -> None:
        self.messages.append(f"{group}: {text}")

    def attempt(self, group: str, call: Callable, *arguments: Array) -> Any:
        """Call the student's code with copies; an exception becomes a message and None."""
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        try:
            with np.errstate(all="ignore"):
                result = call(*copies)
        except (Exception, SystemExit) as error:
            self.say(group, f"{type(error).__name__}: {' '.join(str(error).split())}")
            return None
        for before, after in zip(arguments, copies, strict=True):
            if isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=True):
                self.say(group, "your code changes its inputs: work on new arrays")
                return None
        return result

    def value(self, group: str, y: Array, p: Array) -> Array | None:
        """Return the student's losses or cost as an array of numbers, None after a message."""
        call = self.student
        if self.is_loss:
            call = self.student.cost if self.is_set else self.student.loss
        result = self.attempt(group, call, y, p)
        if result is None:
            if not self.messages:
                self.say(group, "your function returns None: is `return` missing?")
            return None
        try:
            return np.asarray(result, dtype=float)
        except (TypeError, ValueError):
            self.say(group, f"expected numbers, got {type(result).__name__}")
            return None

    @property
    def is_set(self) -> bool:
        return isinstance(self.trial.loss, SetLoss)

    def wanted(self, value: Array, y: Array, p: Array) -> Array:
        """Return the reference's losses, or its cost where a function returns one number."""
        loss = self.trial.loss
        with np.errstate(all="ignore"):
            if self.is_set or (value.ndim == 0 and not self.is_loss):
                return np.asarray(loss.cost(y, p, validate=False))
            return np.asarray(loss.loss(y, p, validate=False))


# Groups of checks: each returns one bool per check, or nothing where it does not apply ----------


def _values(work: _Solution) -> list[bool]:
    results = []
    for sign in (1, -1):  # the examples, and the same ones backwards
        y, p = work.trial.y_true[::sign], work.trial.y_pred[::sign]
        value = work.value("values", y, p)
        results.append(value is not None and _agrees(work, value, work.wanted(value, y, p)))
    return results


def _agrees(work: _Solution, value: Array, wanted: Array) -> bool:
    if value.shape != wanted.shape:
        work.say("values", f"shape {value.shape}: expected {wanted.shape}, one loss per example")
        return False
    close = np.isclose(value, wanted, rtol=1e-6, atol=1e-12)
    if close.all():
        return True
    factor = name_factor(value, wanted, len(work.trial.y_pred))
    if factor:
        work.say("values", factor)
    elif value.ndim:
        index = tuple(int(i) for i in np.argwhere(~close)[0])
        place = ", ".join(str(i) for i in index)
        text = f"{value[index]:.5g} for example {place}: expected {wanted[index]:.5g}"
        work.say("values", f"{text} ({int(close.sum())} of {close.size} agree)")
    else:
        work.say("values", f"the cost is {float(value):.5g}: expected {float(wanted):.5g}")
    return False


def _gradients(work: _Solution) -> list[bool]:
    y, p, reference = work.trial.y_true, work.trial.y_pred, work.trial.loss
    calls: list[tuple[Callable, str]] = []
    if work.is_loss:
        if not work.is_set and isinstance(work.student, Loss):
            calls.append((work.student.gradient, "loss"))
        calls.append((work.student.cost_gradient, "cost"))
    elif work.gradient is not None:
        one = work.attempt("values", work.student, y, p)
        calls.append((work.gradient, "cost" if np.ndim(one) == 0 else "loss"))
    results = []
    for call, of in calls:
        got = work.attempt("gradients", call, y, p)
        if got is None:
            results.append(False)
            continue
        report = work.attempt(
            "gradients",
            lambda call=call, of=of: check_gradient(reference, y, p, gradient=call, of=of),
        )
        if report is not None and not report.ok:
            work.say("gradients", report.diagnosis)
        results.append(report is not None and report.ok)
    return results


def _shapes(work: _Solution) -> list[bool]:
    y, p = work.trial.y_true, work.trial.y_pred
    examples = [(y[:1], p[:1], "one example"), (y[:7], p[:7], "7 examples")]
    if p.ndim == 1 and getattr(work.trial.loss, "elementwise", True):
        examples.append((y.reshape(-1, 2), p.reshape(-1, 2), "a table of shape (n, 2)"))
    results = []
    for true, pred, what in examples:
        value = work.value("shapes", true, pred)
        good = value is not None and value.shape == work.wanted(value, true, pred).shape
        if value is not None and not good:
            work.say("shapes", f"{what} gives a result of shape {value.shape}")
        results.append(good)
    return results


def _extremes(work: _Solution) -> list[bool]:
    results = []
    for y, p in work.trial.far():
        value = work.value("extremes", y, p)
        if value is None:
            results.append(False)
            continue
        wanted = work.wanted(value, y, p)
        good = value.shape == wanted.shape and np.allclose(value, wanted, rtol=1e-6, atol=1e-300)
        results.append(bool(good))
        if not good:
            kind = "NaN" if np.isnan(value).any() else "another value"
            work.say("extremes", f"{kind} for predictions such as {p.flat[0]:g}")
    return results


def _bad_input(work: _Solution) -> list[bool]:
    y, p = work.trial.y_true, work.trial.y_pred
    spoilt = p.copy()
    spoilt.flat[2] = np.nan
    wide = p[:, None] if p.ndim == 1 else p[:, :, None]
    probes = [
        (y, wide, f"labels of shape {y.shape} with predictions of shape {wide.shape}"),
        (y[:-1], p, "fewer labels than predictions"),
        (y, spoilt, "NaN among the predictions"),
        (y[:0], p[:0], "no examples at all"),
    ]
    return [_refuses(work, *probe) for probe in probes]


def _refuses(work: _Solution, y: Array, p: Array, what: str) -> bool:
    call = work.student
    if work.is_loss:
        call = work.student.cost
    try:
        with np.errstate(all="ignore"):
            call(y.copy(), p.copy())
    except ValueError:
        return True
    except (Exception, SystemExit) as error:
        work.say("bad input", f"{what}: {type(error).__name__}, expected ValueError")
        return False
    work.say("bad input", f"{what}: accepted, expected ValueError")
    return False


_GROUPS = {
    "values": _values,
    "gradients": _gradients,
    "shapes": _shapes,
    "extremes": _extremes,
    "bad input": _bad_input,
}
