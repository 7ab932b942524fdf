"""Traits of a loss, held against what a search along the line of predictions finds."""

from __future__ import annotations

import numpy as np

from lossbook.base import ResidualLoss
from lossbook.differences import differences
from lossbook.trial import Trial
from lossbook.validation import Array

Finding = tuple[bool | None, str]


def _line(t: Trial) -> tuple[Array, Array]:
    """Return labels, each with one prediction from near to far on both sides."""
    low, high = t.bounds
    if np.isfinite(high):
        near = np.geomspace(1e-6, 0.5, 100)
        p = np.concatenate([near, 1 - near[::-1]])
    else:
        steps = np.concatenate([np.geomspace(1e-6, 0.01, 30), np.linspace(0.02, 12, 600)])
        steps = np.concatenate([steps, np.geomspace(12, 1e4, 30)])
        p = np.concatenate([-steps[::-1], steps])
        kinks = np.array(t.loss.traits.kinks)
        p = np.sort(np.concatenate([p, kinks[~np.isin(kinks, p)], -kinks[~np.isin(-kinks, p)]]))
    y = t.y_true.ravel()[np.arange(len(p)) % t.y_true.size]
    if isinstance(t.loss, ResidualLoss):
        y = np.where(p >= 0, 0.0, 16.0) if low == 0 else np.zeros(len(p))
        p = y + p
    inside = (p > low) & (p < high)
    return y[inside], p[inside]


def _convex(t: Trial) -> Finding:
    y, a = _line(t)
    rng = np.random.default_rng(0)
    chord_falls, residual = False, isinstance(t.loss, ResidualLoss)
    low, high = t.bounds
    for _ in range(20):
        far = y + rng.permutation(a - y) if residual else rng.permutation(a)
        near = a + rng.uniform(-0.3, 0.3, len(a))
        for b in (np.clip(far, low, high), np.clip(near, low, high)):
            ends = t.loss.loss(y, a, validate=False), t.loss.loss(y, b, validate=False)
            middle = t.loss.loss(y, a + (b - a) / 2, validate=False)
            mean = ends[0] / 2 + ends[1] / 2
            chord_falls |= bool((middle > mean + 1e-9 * (np.abs(mean) + 1)).any())
    return _verdict(t.loss.traits.convex, not chord_falls)


def _verdict(stated: bool | None, found: bool) -> Finding:
    """Judge a statement of yes or no, where `found` is False after a counterexample."""
    text = "no counterexample found" if found else "a counterexample found"
    if stated is None:
        return None, f"not stated; {text}"
    return stated == found, f"stated {stated}; {text}"


def _symmetric(t: Trial) -> Finding:
    y, p = _line(t)
    low, high = t.bounds
    if t.loss.prediction_space in ("probability", "logit"):
        other, mirror = 1 - y, (1 - p if np.isfinite(high) else -p)
    elif t.loss.prediction_space == "score":
        other, mirror = -y if y.min() < 0 else 1 - y, -p
    else:
        other, mirror = y, 2 * y - p
    inside = (mirror >= low) & (mirror <= high)
    here = t.loss.loss(y[inside], p[inside], validate=False)
    there = t.loss.loss(other[inside], mirror[inside], validate=False)
    return _verdict(t.loss.traits.symmetric, bool(np.allclose(here, there, rtol=1e-9)))


def _largest(t: Trial, method: str) -> float:
    y, p = _line(t)
    found = np.abs(getattr(t.loss, method)(y, p, validate=False))
    return float(np.max(found, initial=0, where=~np.isnan(found)))


def _constant(stated: float | None, found: float, what: str) -> Finding:
    amount = f"{found:.3g}" if found <= 1e6 else "above 1e+06"
    text = f"largest {what} found: {amount}"
    if stated is None:
        return None, f"not stated; {text}"
    return found <= stated * (1 + 1e-6), f"stated {stated:.3g}; {text}"


def _lipschitz(t: Trial) -> Finding:
    return _constant(t.loss.traits.lipschitz, _largest(t, "gradient"), "slope")


def _smoothness(t: Trial) -> Finding:
    return _constant(t.loss.traits.smoothness, _largest(t, "curvature"), "curvature")


def _bounded(t: Trial) -> Finding:
    losses = np.concatenate([np.ravel(t.loss.loss(y, p, validate=False)) for y, p in t.far()])
    found = float(np.max(losses, initial=-np.inf, where=~np.isnan(losses)))
    amount = f"{found:.3g}" if found <= 1e6 else "above 1e+06"
    stated, text = t.loss.traits.bounded, f"largest loss found: {amount}"
    if stated is None:
        return None, f"not stated; {text}"
    return not (stated and found > 1e6), f"stated {stated}; {text}"


def _kinks(t: Trial) -> Finding:
    y, p = _line(t)
    seen = differences(lambda p: t.loss.loss(y, p, validate=False), p).kink
    place = p - y if isinstance(t.loss, ResidualLoss) else p
    if t.loss.prediction_space == "score":
        place = np.where(y > 0, 1, -1) * p
    stated = t.loss.traits.kinks
    known = np.zeros(len(p), bool)
    for kink in stated:
        known |= np.isclose(place, kink, rtol=1e-9, atol=1e-9)
    text = ", ".join(f"{k:g}" for k in stated) or "none"
    new = sorted({float(f"{v:.6g}") for v in place[seen & ~known]})
    if new:
        return False, f"stated: {text}; found at " + ", ".join(f"{v:g}" for v in new[:3])
    return True, f"{text} stated, none found" if not stated else f"at {text}, as stated"


TRAIT_CHECKS = {
    "convex": _convex,
    "lipschitz": _lipschitz,
    "smoothness": _smoothness,
    "bounded": _bounded,
    "symmetric": _symmetric,
    "kinks": _kinks,
}
