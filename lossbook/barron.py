"""Barron's family: one number leads from the square to losses that ignore what lies far away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import ResidualLoss, Traits
from lossbook.robust import Cauchy, Welsch, deepest_centre, log1p_square
from lossbook.validation import Array, is_number, positive


@dataclass(frozen=True)
class Barron(ResidualLoss):
    r"""Barron's family: from squared to bounded losses by one number α (chapters 5 and 19).

    .. math::
        \rho(r) = \frac{b}{\alpha} \left( \left( 1 + \frac{u^2}{b} \right)^{\alpha/2} - 1 \right),
        \qquad \psi(r) = \frac{u}{c} \left( 1 + \frac{u^2}{b} \right)^{\alpha/2 - 1},
        \qquad u = r/c,\; b = |\alpha - 2|

    α = 2 is the limit ½u², α = 1 pseudo-Huber, α = 0 the limit `Cauchy`, α = -2 `GemanMcClure`
    and α = -∞ the limit `Welsch`; right to about thirteen digits also next to the limits.
    Always about ½u² for small residuals. Convex for α ≥ 1, bounded for α < 0.

    Parameters
    ----------
    alpha : float
        The shape: -∞ or any finite number. Above 2 it grows faster than the square.
    c : float
        The scale, in the unit of the labels; finite, above 0.

    Examples
    --------
    >>> from lossbook import Barron
    >>> [round(float(Barron(alpha).loss(0.0, 3.0)), 4) for alpha in (2, 1, 0, -2, float("-inf"))]
    [4.5, 2.1623, 1.7047, 1.3846, 0.9889]
    >>> Barron(alpha=1.0).gradient([0.0, 0.0], [0.75, 1e200])
    array([0.6, 1. ])

    References
    ----------
    Barron (2019), *A General and Adaptive Robust Loss Function*, CVPR, eq. 8.
    """

    alpha: float = 1.0
    c: float = 1.0

    def __post_init__(self) -> None:
        positive("c", self.c)
        if not (is_number(self.alpha) and self.alpha < np.inf):
            raise ValueError(f"alpha is {self.alpha}: expected a finite number or -inf")

    @property
    def traits(self) -> Traits:
        """Most curved at 0 up to α = 2; steepest where u² = (2 - α)/(1 - α) below α = 1."""
        return Traits(
            self.alpha >= 1,
            lipschitz=_steepest(self.alpha) / self.c if self.alpha <= 1 else None,
            smoothness=1 / self.c**2 if self.alpha <= 2 else None,
            bounded=self.alpha < 0,
            symmetric=True,
        )

    def rho(self, r: Array) -> Array:
        """Return the formula or its limit."""
        limit = self._limit(r)
        if limit:
            return limit.rho(r)
        r = r / self.c
        return self._rho(r, self._log(r))

    def psi(self, r: Array) -> Array:
        """Return the formula or its limit."""
        limit = self._limit(r)
        if limit:
            return limit.psi(r)
        r = r / self.c
        return self._psi(r, self._log(r))

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both from one logarithm."""
        limit = self._limit(r)
        if limit:
            return limit.rho_and_psi(r)
        r = r / self.c
        log = self._log(r)
        return self._rho(r, log), self._psi(r, log)

    def dpsi(self, r: Array) -> Array:
        """Return (1 + v)^(α/2 - 1) · (1 + (α-1)v)/(1 + v)/c² with v = u²/b, or its limit."""
        limit = self._limit(r)
        if limit:
            return limit.dpsi(r)
        log = self._log(r / self.c)
        mixture = np.exp(-log) - (self.alpha - 1) * np.expm1(-log)
        return np.exp(0.5 * (self.alpha - 2) * log) * mixture / self.c / self.c

    def _rho(self, u: Array, log: Array) -> Array:
        alpha, b = self.alpha, abs(self.alpha - 2)
        if alpha <= 1:
            return b / alpha * np.expm1(0.5 * alpha * log)
        # (1 + v)^(α/2) - 1 = vw² + (w² - 1) with w = (1 + v)^(α/4 - ½): w hardly differs from 1
        # near α = 2, where (1 + v)^(α/2) would be a large number, to be multiplied by a small b.
        root = u * np.exp(0.25 * (alpha - 2) * log)
        value = (root * root + b * np.expm1(0.5 * (alpha - 2) * log)) / alpha
        return np.where(np.isinf(u), np.abs(u), value)

    def _psi(self, u: Array, log: Array) -> Array:
        slope = np.exp(0.25 * (self.alpha - 2) * log)  # the square may be too small for a number
        slope = u * slope * slope / self.c
        at_infinity = 0 if self.alpha < 1 else 1 / self.c if self.alpha == 1 else np.inf
        return np.where(np.isinf(u), np.copysign(u.dtype.type(at_infinity), u), slope)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the global minimum; for α < 1 there may be several valleys."""
        if self.traits.convex:
            return super().best_constant(y_true, sample_weight)
        return deepest_centre(self, self.c, *self._sample(y_true, sample_weight))

    def _limit(self, r: Array) -> ResidualLoss | None:
        """Return the loss that this one is to the last digit, where the formula is 0/0."""
        if self.alpha == 2:
            return _HalfSquare(self.c)
        if abs(self.alpha) < 1e-3 * float(np.finfo(r.dtype).eps):
            return Cauchy(self.c)
        return Welsch(self.c) if self.alpha < -1e18 else None

    def _log(self, u: Array) -> Array:
        """Return log(1 + u²/b), below infinity, since it may be multiplied by 0."""
        log = log1p_square(u / abs(self.alpha - 2) ** 0.5)
        return np.minimum(log, float(np.finfo(u.dtype).max))


@dataclass(frozen=True)
class _HalfSquare(ResidualLoss):
    """Barron's loss for α = 2: ½u²."""

    c: float

    def rho(self, r: Array) -> Array:
        return 0.5 * (r / self.c) ** 2

    def psi(self, r: Array) -> Array:
        return r / self.c / self.c

    def dpsi(self, r: Array) -> Array:
        return np.full_like(r, 1 / self.c**2)


def _steepest(alpha: float) -> float:
    """Return the largest slope of Barron's loss with c = 1, for alpha of at most 1."""
    if alpha == 1:
        return 1.0
    if alpha == -np.inf:
        return float(np.exp(-0.5))
    return float(np.exp(0.5 * (alpha - 1) * np.log1p(1 / (1 - alpha))))
