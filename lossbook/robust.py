"""Losses that outliers cannot pull on: their slope falls back to 0 (chapters 5 and 19)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import ResidualLoss, Traits
from lossbook.centres import deepest_valley
from lossbook.validation import Array, positive


class _Redescending(ResidualLoss):
    """What these losses share: valleys about as wide as c, and so several minima."""

    c: float

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the global minimum; the first where several valleys are equally deep."""
        return _deepest(self, self.c, *self._sample(y_true, sample_weight))


@dataclass(frozen=True)
class TukeyBiweight(_Redescending):
    r"""Tukey's biweight: beyond c a residual has no influence at all (chapter 5).

    .. math::
        \rho(r) = \frac{c^2}{6} \left( 1 - (1 - u^2)^3 \right),
        \qquad \psi(r) = r\,(1 - u^2)^2, \qquad u = \min(\max(r/c, -1), 1)

    About ½r² for small residuals, constant at c²/6 from c on. Not convex: which valley descent
    finds depends on its start.

    Parameters
    ----------
    c : float
        The residual at which the influence ends, in the unit of the labels; finite, above 0.
        4.685 standard deviations give 95 % efficiency at normal errors; the scale is estimated
        outside the loss.

    Examples
    --------
    >>> from lossbook import TukeyBiweight
    >>> TukeyBiweight(c=2.0).loss([0.0, 0.0, 0.0], [1.0, 2.0, 100.0]).round(4)
    array([0.3854, 0.6667, 0.6667])
    >>> TukeyBiweight(c=2.0).gradient([0.0, 0.0, 0.0], [1.0, 2.0, 100.0])
    array([0.5625, 0.    , 0.    ])

    References
    ----------
    Beaton and Tukey (1974), *The Fitting of Power Series, Meaning Polynomials, Illustrated on
    Band-Spectroscopic Data*, Technometrics 16(2).
    """

    check_first = ("y_true",)

    c: float = 4.685

    def __post_init__(self) -> None:
        positive("c", self.c)

    @property
    def traits(self) -> Traits:
        """Steepest at u² = 1/5, most curved at 0, where the curvature is 1."""
        slope = 16 * self.c / (25 * 5**0.5)
        return Traits(False, lipschitz=slope, smoothness=1.0, bounded=True, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return r²(½ - ½u² + u⁴/6), with r cut at ±c."""
        r = np.clip(r, -self.c, self.c)
        v = (r / self.c) ** 2
        return r * r * (v * (v / 6 - 0.5) + 0.5)

    def psi(self, r: Array) -> Array:
        """Return r(1 - u²)², with r cut at ±c."""
        return self.rho_and_psi(r)[1]

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both from one cut residual."""
        r = np.clip(r, -self.c, self.c)
        v = (r / self.c) ** 2
        return r * r * (v * (v / 6 - 0.5) + 0.5), r * (1 - v) ** 2

    def dpsi(self, r: Array) -> Array:
        """Return (1 - u²)(1 - 5u²), which is 0 from c on."""
        v = np.clip(r / self.c, -1, 1) ** 2
        return (1 - v) * (1 - 5 * v)


@dataclass(frozen=True)
class Cauchy(_Redescending):
    r"""Cauchy loss: minus the log-likelihood of heavy-tailed errors (chapter 5).

    .. math::
        \rho(r) = \log\left( 1 + \tfrac12 u^2 \right),
        \qquad \psi(r) = \frac1c \cdot \frac{u}{1 + \tfrac12 u^2}, \qquad u = r/c

    Barron's loss with α = 0: a pure number, about ½u² for small residuals. It grows without
    end, but only as 2 log u. Other conventions write log(1 + (r/k)²) with k = √2 c, some times
    ½k²: their k = 2.385 for 95 % efficiency at normal errors is c = 1.686.

    Parameters
    ----------
    c : float
        The scale, in the unit of the labels; finite, above 0. The slope is largest at √2 c.

    Examples
    --------
    >>> from lossbook import Cauchy
    >>> Cauchy().loss([0.0, 0.0, 0.0], [1e-8, 2.0, 1e160])
    array([5.00000000e-17, 1.09861229e+00, 7.36134083e+02])
    >>> Cauchy().gradient([0.0, 0.0], [2.0, 100.0]).round(6)
    array([0.666667, 0.019996])

    References
    ----------
    Barron (2019), *A General and Adaptive Robust Loss Function*, CVPR, α = 0; Black and
    Anandan (1996), *The Robust Estimation of Multiple Motions*, CVIU 63(1), as the Lorentzian.
    """

    check_first = ()

    c: float = 1.0

    def __post_init__(self) -> None:
        positive("c", self.c)

    @property
    def traits(self) -> Traits:
        """Steepest at u = √2, most curved at 0."""
        slope, curvature = 0.5**0.5 / self.c, 1 / self.c**2
        return Traits(False, lipschitz=slope, smoothness=curvature, bounded=False, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return log(1 + ½u²)."""
        return log1p_square(r / self.c / 2**0.5)

    def psi(self, r: Array) -> Array:
        """Return 1/(1/u + ½u) / c, which neither overflows nor divides infinities."""
        u = r / self.c
        return 1 / (1 / u + 0.5 * u) / self.c

    def dpsi(self, r: Array) -> Array:
        """Return s(2s - 1)/c² with s = 1/(1 + ½u²), which is (1 - ½u²)/(1 + ½u²)²/c²."""
        s = 1 / (1 + 0.5 * (r / self.c) ** 2)
        return s * (2 * s - 1) / self.c / self.c


@dataclass(frozen=True)
class Welsch(_Redescending):
    r"""Welsch loss: an upside-down bell (chapter 5).

    .. math::
        \rho(r) = 1 - e^{-\frac12 u^2}, \qquad \psi(r) = \frac{u}{c}\, e^{-\frac12 u^2},
        \qquad u = r/c

    Barron's loss with α = -∞: a pure number between 0 and 1, about ½u² for small residuals.
    Other conventions write ½k²(1 - exp(-(r/k)²)) with k = √2 c: their k = 2.985 for 95 %
    efficiency at normal errors is c = 2.111.

    Parameters
    ----------
    c : float
        The scale, in the unit of the labels; finite, above 0. The slope is largest at c.

    Examples
    --------
    >>> from lossbook import Welsch
    >>> Welsch().loss([0.0, 0.0, 0.0], [1e-8, 1.0, 100.0])
    array([5.0000000e-17, 3.9346934e-01, 1.0000000e+00])
    >>> Welsch().gradient([0.0, 0.0], [1.0, 100.0])
    array([0.60653066, 0.        ])

    References
    ----------
    Barron (2019), *A General and Adaptive Robust Loss Function*, CVPR, α = -∞; Holland and
    Welsch (1977), *Robust Regression Using Iteratively Reweighted Least-Squares*,
    Communications in Statistics 6(9).
    """

    c: float = 1.0

    def __post_init__(self) -> None:
        positive("c", self.c)

    @property
    def traits(self) -> Traits:
        """Steepest at u = 1, most curved at 0."""
        slope, curvature = float(np.exp(-0.5)) / self.c, 1 / self.c**2
        return Traits(False, lipschitz=slope, smoothness=curvature, bounded=True, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return 1 - exp(-½u²), by expm1, which keeps the digits of tiny losses."""
        return -np.expm1(-0.5 * (r / self.c) ** 2)

    def psi(self, r: Array) -> Array:
        """Return u exp(-½u²)/c; u is cut at 40, where exp(-800) is 0, so that inf · 0 is 0."""
        u = np.clip(r / self.c, -40, 40)
        return u * np.exp(-0.5 * u * u) / self.c

    def dpsi(self, r: Array) -> Array:
        """Return (1 - u²) exp(-½u²)/c²."""
        u = np.clip(r / self.c, -40, 40)
        return (1 - u * u) * np.exp(-0.5 * u * u) / self.c / self.c


@dataclass(frozen=True)
class GemanMcClure(_Redescending):
    r"""Geman-McClure loss: bounded, with a rational formula (chapter 5).

    .. math::
        \rho(r) = \frac{2u^2}{u^2 + 4}, \qquad \psi(r) = \frac1c \cdot \frac{16u}{(u^2 + 4)^2},
        \qquad u = r/c

    Barron's loss with α = -2: a pure number between 0 and 2, about ½u² for small residuals.

    Parameters
    ----------
    c : float
        The scale, in the unit of the labels; finite, above 0. The slope is largest at 2c/√3.

    Examples
    --------
    >>> from lossbook import GemanMcClure
    >>> GemanMcClure().loss([0.0, 0.0, 0.0], [1.0, 2.0, 1e200])
    array([0.4, 1. , 2. ])
    >>> GemanMcClure().gradient([0.0, 0.0, 0.0], [1.0, 2.0, 1e200])
    array([0.64, 0.5 , 0.  ])

    References
    ----------
    Barron (2019), *A General and Adaptive Robust Loss Function*, CVPR, α = -2; Geman and
    McClure (1985), *Bayesian Image Analysis: An Application to Single Photon Emission
    Tomography*, for u²/(1 + u²).
    """

    c: float = 1.0

    def __post_init__(self) -> None:
        positive("c", self.c)

    @property
    def traits(self) -> Traits:
        """Steepest at u² = 4/3, most curved at 0."""
        slope, curvature = 3**1.5 / 8 / self.c, 1 / self.c**2
        return Traits(False, lipschitz=slope, smoothness=curvature, bounded=True, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return 2/(1 + 4/u²), which is 0 at 0 and 2 at infinity."""
        return 2 / (1 + 4 / (r / self.c) ** 2)

    def psi(self, r: Array) -> Array:
        """Return 1/((1 + ¼u²)(1/u + ¼u))/c, which neither overflows nor divides infinities."""
        u = r / self.c
        slope = 1 / u + 0.25 * u
        return 1 / (slope * (1 + 0.25 * u * u)) / self.c

    def dpsi(self, r: Array) -> Array:
        """Return s²(4s - 3)/c², which is (1 - ¾u²)/(1 + ¼u²)³/c²."""
        s = 1 / (1 + 0.25 * (r / self.c) ** 2)
        return s * s * (4 * s - 3) / self.c / self.c


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
        if not (np.ndim(self.alpha) == 0 and self.alpha < np.inf):
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
        if self.alpha >= 1:
            return super().best_constant(y_true, sample_weight)
        return _deepest(self, self.c, *self._sample(y_true, sample_weight))

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


def _deepest(loss: ResidualLoss, c: float, y_true: Array, sample_weight: Array) -> float:
    """Return the global minimum for a loss that is most curved at 0."""
    curvature = float(loss.dpsi(np.zeros(1))[0])
    return deepest_valley(loss.rho, loss.psi, y_true, sample_weight, width=c, curvature=curvature)


def log1p_square(x: Array) -> Array:
    """Return log(1 + x²), right to the last digits for tiny x and without overflow for large x.

    Examples
    --------
    >>> import numpy as np
    >>> log1p_square(np.array([1e-9, 1.0, 1e200]))
    array([1.00000000e-18, 6.93147181e-01, 9.21034037e+02])
    """
    large = 2 / float(np.finfo(x.dtype).eps) ** 0.5  # from here on 1 + x² is x²
    x = np.abs(x)
    return np.log1p(np.minimum(x, large) ** 2) + 2 * np.log(np.maximum(x / large, 1))


def _steepest(alpha: float) -> float:
    """Return the largest slope of Barron's loss with c = 1, for alpha of at most 1."""
    if alpha == 1:
        return 1.0
    if alpha == -np.inf:
        return float(np.exp(-0.5))
    return float(np.exp(0.5 * (alpha - 1) * np.log1p(1 / (1 - alpha))))
