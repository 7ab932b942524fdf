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
        return deepest_centre(self, self.c, *self._sample(y_true, sample_weight))


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
        """Return r²(1 + w + w²)/6, with r cut at ±c and w = 1 - u²: c²/6 (1 - w³), undivided."""
        return self.rho_and_psi(r)[0]

    def psi(self, r: Array) -> Array:
        """Return rw², with r cut at ±c and w = 1 - u²."""
        return self.rho_and_psi(r)[1]

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both from one cut residual."""
        r = np.clip(r, -self.c, self.c)
        w = 1 - (r / self.c) ** 2
        square = w * w
        return r * r * (1 + w + square) / 6, r * square

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
        """Return u exp(-½u²)/c."""
        u = self._cut(r)
        return u * np.exp(-0.5 * u * u) / self.c

    def dpsi(self, r: Array) -> Array:
        """Return (1 - u²) exp(-½u²)/c²."""
        u = self._cut(r)
        return (1 - u * u) * np.exp(-0.5 * u * u) / self.c / self.c

    def _cut(self, r: Array) -> Array:
        """Return u, cut far beyond where the bell is 0, but where u² is a number: no inf · 0."""
        far = float(np.finfo(r.dtype).max) ** 0.25
        return np.clip(r / self.c, -far, far)


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


def deepest_centre(loss: ResidualLoss, c: float, y_true: Array, sample_weight: Array) -> float:
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
    large = float(np.finfo(x.dtype).max) ** 0.25  # from here on 1 + x² is x², and still a number
    x = np.abs(x)
    return np.log1p(np.minimum(x, large) ** 2) + 2 * np.log(np.maximum(x / large, 1))
