"""A loss put through everything that a loss should do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossbook.averaging import BLOCK
from lossbook.base import Loss
from lossbook.differences import differences
from lossbook.gradient_check import check_gradient
from lossbook.sets import SetLoss
from lossbook.trait_check import TRAIT_CHECKS
from lossbook.trial import Trial, find_trial
from lossbook.validation import Array


@dataclass(frozen=True)
class LossReport:
    """The result of `check_loss`: a table with one line for each check.

    Attributes
    ----------
    ok : bool
        No check failed.
    checks : tuple of (name, ok, text)
        All checks; `ok` is None where a check does not apply or a trait is not stated.

    Examples
    --------
    >>> from lossbook import Huber, check_loss
    >>> report = check_loss(Huber())
    >>> report.ok, report.checks[0]
    (True, ('values', True, 'one finite number per example'))
    """

    title: str
    checks: tuple[tuple[str, bool | None, str], ...]

    @property
    def ok(self) -> bool:
        """Tell whether no check failed."""
        return all(ok is not False for _, ok, _ in self.checks)

    def __str__(self) -> str:
        words = {True: "ok", False: "WRONG", None: "-"}
        lines = [f"Report on {self.title}"]
        lines += [f"  {name:<14}{words[ok]:<7}{text}" for name, ok, text in self.checks]
        wrong = sum(ok is False for _, ok, _ in self.checks)
        done = sum(ok is not None for _, ok, _ in self.checks)
        lines.append(f"{done - wrong} of {done} checks passed")
        return "\n".join(lines)

    __repr__ = __str__


class Wrong(Exception):
    """A check found a fault; its text says which."""


def check_loss(
    loss: Loss | SetLoss, y_true: Array = None, y_pred: Array = None, *, seed: int = 0
) -> LossReport:
    """Try values, gradients, averages, shapes, types, extremes, bad input and traits of a loss.

    Parameters
    ----------
    loss : Loss, SetLoss, or a class of these
        A loss of the book or your own; a class is made with its default parameters.
    y_true, y_pred : array_like, optional
        Examples that suit it. Without them, some are found by trying.
    seed : int
        Seed of the examples.

    Examples
    --------
    >>> from lossbook import ResidualLoss, check_loss
    >>> class Quartic(ResidualLoss):
    ...     def rho(self, r):
    ...         return r**4
    >>> check_loss(Quartic)
    Report on Quartic()
      values        ok     one finite number per example
      gradient      ok     largest relative error < 1e-06
      average       ok     cost = Σwℓ / Σw, in blocks and with weights of 0
      order         ok     no example depends on another
      shapes        ok     one example, (n,) and (n, k); (n,) against (n, 1) is refused
      types         ok     float32 stays, integers become float64, lists work
      inputs        ok     unchanged
      extremes      ok     no NaN, out to infinity
      bad input     ok     NaN, infinite labels, no examples, weights below 0
      curvature     ok     the derivative of the gradient
      best constant ok     no other constant has a smaller cost
      convex        -      not stated; no counterexample found
      lipschitz     -      not stated; largest slope found: above 1e+06
      smoothness    -      not stated; largest curvature found: above 1e+06
      bounded       -      not stated; largest loss found: above 1e+06
      symmetric     -      not stated; no counterexample found
      kinks         ok     none stated, none found
    12 of 12 checks passed
    """
    loss = loss() if isinstance(loss, type) else loss
    name = repr(loss)
    title = f"{type(loss).__name__}()" if " object at 0x" in name else name
    try:
        if y_true is None or y_pred is None:
            trial = find_trial(loss, seed)
        else:
            trial = Trial(loss, np.asarray(y_true), np.asarray(y_pred))
            loss.cost(trial.y_true, trial.y_pred)
    except Exception as error:  # whatever the code under trial raises belongs in the report
        return LossReport(title, (("values", False, _words(error)),))
    checks = _SET_CHECKS if isinstance(loss, SetLoss) else _CHECKS
    if isinstance(loss, Loss) and loss.elementwise:
        checks = {**checks, **_NUMBER_CHECKS}
    with np.errstate(all="ignore"):
        return LossReport(title, tuple((name, *_run(c, trial)) for name, c in checks.items()))


def _run(check: Callable, trial: Trial) -> tuple[bool | None, str]:
    try:
        found = check(trial)
    except Wrong as fault:
        return False, str(fault)
    except Exception as error:
        return False, _words(error)
    return found if isinstance(found, tuple) else (True, found)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _demand(condition: bool | np.bool, text: str) -> None:
    if not condition:
        raise Wrong(text)


# What it returns --------------------------------------------------------------------------------


def _values(t: Trial) -> str:
    losses = np.asarray(t.loss.loss(t.y_true, t.y_pred))
    expected = t.y_pred.shape if t.loss.elementwise else t.y_pred.shape[:1]
    _demand(losses.shape == expected, f"losses of shape {losses.shape}: expected {expected}")
    _demand(bool(np.isfinite(losses).all()), "a loss of ordinary examples is not finite")
    return "one finite number per example"


def _gradient(t: Trial) -> str:
    report = check_gradient(t.loss, t.y_true, t.y_pred)
    _demand(report.ok, report.diagnosis)
    return "largest relative error < 1e-06"


def _curvature(t: Trial) -> str:
    loss, y, p = t.loss, t.y_true, t.y_pred
    seen = differences(lambda p: loss.gradient(y, p, validate=False), p)
    curvature = loss.curvature(y, p)
    typical = np.max(np.abs(seen.slope), initial=1e-9, where=np.isfinite(seen.slope))
    # a loss without formulas has a curvature of differences, good to about five digits
    off = np.abs(curvature - seen.slope) > 1e-4 * typical + 10 * seen.uncertainty
    off &= ~seen.kink & np.isfinite(seen.slope)
    if off.any():
        index = ", ".join(str(int(i)) for i in np.argwhere(off)[0])
        raise Wrong(f"not the derivative of the gradient, first at index {index}")
    return "the derivative of the gradient"


def _average(t: Trial) -> str:
    loss, y, p = t.loss, t.y_true, t.y_pred
    times = BLOCK // p.size + 2
    for true, pred in ((y, p), (np.concatenate([y] * times), np.concatenate([p] * times))):
        losses = np.asarray(loss.loss(true, pred), dtype=float)
        w = np.linspace(0, 1, len(pred))
        share = w if losses.ndim == 1 else np.broadcast_to(w[:, None], losses.shape)
        plain, weighted = losses.mean(), (share * losses).sum() / share.sum()
        _demand(np.isclose(loss.cost(true, pred), plain, rtol=1e-9), "cost is not the mean loss")
        cost, gradient = loss.cost_and_gradient(true, pred, w)
        _demand(np.isclose(cost, weighted, rtol=1e-9), "weighted cost is not Σwℓ / Σw")
        kept = w > 0
        same = np.isclose(loss.cost(true[kept], pred[kept], w[kept]), cost, rtol=1e-9)
        _demand(bool(same and not gradient[~kept].any()), "an example of weight 0 counts")
    return "cost = Σwℓ / Σw, in blocks and with weights of 0"


def _order(t: Trial) -> str:
    order = np.random.default_rng(0).permutation(len(t.y_pred))
    y, p = t.y_true, t.y_pred
    if isinstance(t.loss, SetLoss):
        cost, gradient = t.loss.cost_and_gradient(y, p)
        again, shuffled = t.loss.cost_and_gradient(y[order], p[order])
        same = np.isclose(cost, again) and np.allclose(shuffled, gradient[order])
        _demand(same, "the order of the entries changes the cost or its gradient")
        return "the order of the entries does not matter"
    for name in ("loss", "gradient"):
        method = getattr(t.loss, name)
        some = order[: len(order) // 2]
        same = np.allclose(method(y[some], p[some]), np.asarray(method(y, p))[some])
        _demand(same, f"the {name} of an example depends on the others")
    return "no example depends on another"


def _shapes(t: Trial) -> str:
    loss, y, p = t.loss, t.y_true, t.y_pred
    first = loss.cost(y[:1], p[:1])
    _demand(np.ndim(first) == 0, "the cost of one example is not one number")
    text = "one example"
    if getattr(loss, "elementwise", True) and p.ndim == 1 and len(p) % 2 == 0:
        table = loss.cost_gradient(y.reshape(-1, 2), p.reshape(-1, 2))
        same = np.shape(table) == (len(p) // 2, 2)
        _demand(same and np.allclose(np.ravel(table), loss.cost_gradient(y, p)), "(n, k) fails")
        text = "one example, (n,) and (n, k)"
    wide = p[:, None] if p.ndim == 1 else p[:, :, None]
    _refused(t, y, wide, "labels and predictions of different shapes are broadcast in silence")
    return text + ("; (n,) against (n, 1) is refused" if p.ndim == 1 else "; others are refused")


def _refused(t: Trial, y: Array, p: Array, text: str, **more: Any) -> None:
    for name in t.methods:
        if more and not name.startswith("cost"):
            continue
        try:
            getattr(t.loss, name)(y, p, **more)
        except ValueError:
            continue
        raise Wrong(f"{text} by `{name}`")


def _types(t: Trial) -> str:
    y, p = t.y_true, t.y_pred
    for name in t.methods:
        method = getattr(t.loss, name)
        if name != "cost":
            narrow = _last(method(y, p.astype(np.float32)))
            _demand(narrow.dtype == np.float32, f"`{name}` turns float32 into {narrow.dtype}")
        wide = _last(method(y, p))
        _demand(np.allclose(_last(method(y.tolist(), p.tolist())), wide), f"`{name}` of lists")
    return "float32 stays, integers become float64, lists work"


def _last(result: Any) -> Array:
    return np.asarray(result[-1] if isinstance(result, tuple) else result)


def _inputs(t: Trial) -> str:
    y, p = t.y_true.copy(), t.y_pred.copy()
    for name in t.methods:
        getattr(t.loss, name)(y, p)
        same = np.array_equal(y, t.y_true) and np.array_equal(p, t.y_pred)
        _demand(same, f"`{name}` changes its inputs")
    return "unchanged"


def _extremes(t: Trial) -> str:
    # Differences of infinite losses are no gradient; only formulas are asked at infinity.
    names = t.methods if t.has_formula else [n for n in t.methods if n in ("loss", "cost")]
    for y, p in t.far():
        for name in names:
            bad = np.isnan(_last(getattr(t.loss, name)(y, p)))
            if bad.any():
                raise Wrong(f"`{name}` is NaN for predictions such as {p.flat[0]:g}")
    return "no NaN, out to infinity" if np.isinf(t.bounds[1]) else "no NaN, out to the edge"


def _bad_input(t: Trial) -> str:
    y, p = t.y_true, t.y_pred.astype(float)
    spoilt = p.copy()
    spoilt.flat[3] = np.nan
    _refused(t, y, spoilt, "NaN among the predictions is accepted")
    for value, text in ((np.nan, "NaN"), (np.inf, "infinity")):
        labels = y.astype(float)
        labels.flat[3] = value
        _refused(t, labels, p, f"{text} among the labels is accepted")
    _refused(t, y[:0], p[:0], "an empty array is accepted")
    if isinstance(t.loss, SetLoss):
        return "NaN, infinite labels, no examples"
    for weight in (-np.ones(len(p)), np.zeros(len(p))):
        _refused(t, y, p, f"weights of {weight[0]:g} are accepted", sample_weight=weight)
    return "NaN, infinite labels, no examples, weights below 0"


def _best_constant(t: Trial) -> tuple[bool | None, str]:
    best = t.loss.best_constant(t.y_true)
    if not np.isfinite(best):
        return None, f"{best:g}"
    cost = t.loss.cost(t.y_true, np.full(t.y_true.shape, best))
    low, high = t.bounds
    others = np.concatenate([t.y_pred, t.y_true, best + np.linspace(-1, 1, 41)])
    for other in others[(others >= low) & (others <= high)]:
        less = t.loss.cost(t.y_true, np.full(t.y_true.shape, other), validate=False)
        if less < cost - 1e-9 * abs(cost) - 1e-12:
            raise Wrong(f"{other:.4g} has a smaller cost than {best:.4g}")
    return True, "no other constant has a smaller cost"


_CHECKS: dict[str, Callable[[Trial], Any]] = {
    "values": _values,
    "gradient": _gradient,
    "average": _average,
    "order": _order,
    "shapes": _shapes,
    "types": _types,
    "inputs": _inputs,
    "extremes": _extremes,
    "bad input": _bad_input,
}
_SET_CHECKS = {name: c for name, c in _CHECKS.items() if name not in ("values", "average")}
_NUMBER_CHECKS: dict[str, Callable[[Trial], Any]] = {
    "curvature": _curvature,
    "best constant": _best_constant,
    **TRAIT_CHECKS,
}
