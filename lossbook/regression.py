"""Losses for numbers: squared and absolute error, Huber, quantile (chapters 2, 4, 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import ResidualLoss, Traits
from lossbook.validation import Array, between, positive


@dataclass(frozen=True)
class SquaredError(ResidualLoss):
    """Squared error: the loss whose average is the MSE (chapters 2 and 4).

    .. math:: \\rho(r) = r^2, \\qquad \\psi(r) = 2r, \\qquad r = \\hat y - y

    There is no factor ½, so the gradient has a factor 2. Its best constant is the mean.
    Any shape; labels finite, predictions in the unit of the labels, losses in its square.

    Examples
    --------
    >>> from lossbook import SquaredError
    >>> SquaredError().loss([3.0, 5.0], [4.0, 2.0])
    array([1., 9.])
    >>> SquaredError().gradient([3.0, 5.0], [4.0, 2.0])
    array([ 2., -6.])

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*, eq. 2.9;
    Bishop (2006), eq. 1.2, has the factor ½.
    """

    traits = Traits(True, lipschitz=None, smoothness=2.0, bounded=False, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return r²."""
        return r * r

    def psi(self, r: Array) -> Array:
        """Return 2r."""
        return 2 * r

    def dpsi(self, r: Array) -> Array:
        """Return 2."""
        return np.full_like(r, 2)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the weighted mean."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        return float(np.average(y_true, weights=sample_weight))


@dataclass(frozen=True)
class AbsoluteError(ResidualLoss):
    """Absolute error: the loss whose average is the MAE (chapters 2 and 4).

    .. math:: \\rho(r) = |r|, \\qquad \\psi(r) = \\operatorname{sign}(r), \\quad \\psi(0) = 0

    Its best constant is the median. Any shape; losses have the unit of the labels.

    Examples
    --------
    >>> from lossbook import AbsoluteError
    >>> AbsoluteError().loss([3.0, 5.0], [4.0, 2.0])
    array([1., 3.])
    >>> AbsoluteError().best_constant([1.0, 2.0, 100.0])
    2.0

    References
    ----------
    Koenker and Bassett (1978), *Regression Quantiles*, Econometrica 46(1), with θ = ½ and
    without its factor ½.
    """

    traits = Traits(True, lipschitz=1.0, bounded=False, symmetric=True, kinks=(0.0,))

    def rho(self, r: Array) -> Array:
        """Return the absolute value."""
        return np.abs(r)

    def psi(self, r: Array) -> Array:
        """Return the sign, 0 at 0."""
        return np.sign(r)

    def dpsi(self, r: Array) -> Array:
        """Return 0, the curvature on both sides of the kink."""
        return np.zeros_like(r)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the weighted median, the middle of all medians where there are several."""
        return _quantile(*self._sample(y_true, sample_weight), 0.5)


@dataclass(frozen=True)
class Huber(ResidualLoss):
    """Huber's loss: squared for small residuals, absolute for large ones (chapter 5).

    .. math::
        \\rho(r) = \\begin{cases} \\tfrac12 r^2 & |r| \\le \\delta \\\\
        \\delta\\,(|r| - \\tfrac12\\delta) & |r| > \\delta \\end{cases}
        \\qquad \\psi(r) = \\min(\\max(r, -\\delta), \\delta)

    Parameters
    ----------
    delta : float
        Where the two parts meet, in the unit of the labels; finite, above 0.

    Examples
    --------
    >>> from lossbook import Huber
    >>> Huber(delta=1.0).loss([0.0, 0.0], [0.5, 3.0])
    array([0.125, 2.5  ])
    >>> Huber(delta=1.0).gradient([0.0, 0.0], [0.5, 3.0])
    array([0.5, 1. ])

    References
    ----------
    Huber (1964), *Robust Estimation of a Location Parameter*, Annals of Mathematical
    Statistics 35(1), with the factor ½ and the scale left outside the loss.
    """

    delta: float = 1.0

    def __post_init__(self):
        positive("delta", self.delta)

    @property
    def traits(self) -> Traits:
        """Slope at most delta, curvature at most 1."""
        return Traits(True, lipschitz=self.delta, smoothness=1.0, bounded=False, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return ½r² inside, δ(|r| - ½δ) outside; c is the residual cut at ±δ."""
        c = np.clip(r, -self.delta, self.delta)
        return c * (r - 0.5 * c)

    def psi(self, r: Array) -> Array:
        """Return the residual cut at ±δ."""
        return np.clip(r, -self.delta, self.delta)

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both from one cut residual."""
        c = np.clip(r, -self.delta, self.delta)
        return c * (r - 0.5 * c), c

    def dpsi(self, r: Array) -> Array:
        """Return 1 inside, 0 outside."""
        return (np.abs(r) <= self.delta).astype(r.dtype)


@dataclass(frozen=True)
class Quantile(ResidualLoss):
    """Quantile (pinball) loss: it charges one side more than the other (chapter 6).

    .. math::
        \\ell(y, \\hat y) = \\begin{cases} \\tau\\,(y - \\hat y) & \\hat y < y \\\\
        (1-\\tau)\\,(\\hat y - y) & \\hat y \\ge y \\end{cases}

    Its best constant is the τ-quantile. The gradient is -τ where the prediction is too low,
    1-τ where it is too high, and 0 where it is exact.

    Parameters
    ----------
    quantile : float
        τ, between 0 and 1, both excluded. ½ gives half the absolute error.

    Examples
    --------
    >>> from lossbook import Quantile
    >>> Quantile(0.9).loss([10.0, 10.0], [8.0, 12.0]).round(3)
    array([1.8, 0.2])
    >>> Quantile(0.9).best_constant(range(1, 12))
    10.0

    References
    ----------
    Koenker and Bassett (1978), *Regression Quantiles*, Econometrica 46(1), eq. 3.1.
    """

    quantile: float = 0.5

    def __post_init__(self):
        between("quantile", self.quantile, 0, 1, open_ends=True)

    @property
    def traits(self) -> Traits:
        """Slopes -τ and 1-τ that meet in a kink."""
        slope = max(self.quantile, 1 - self.quantile)
        even = self.quantile == 0.5
        return Traits(True, lipschitz=slope, bounded=False, symmetric=even, kinks=(0.0,))

    def rho(self, r: Array) -> Array:
        """Return the larger of the two straight lines."""
        return np.maximum(-self.quantile * r, (1 - self.quantile) * r)

    def psi(self, r: Array) -> Array:
        """Return -τ below 0, 1-τ above; written without a branch, as ½sign(r) + (½-τ)sign²(r)."""
        side = np.sign(r)
        return side * (0.5 + (0.5 - self.quantile) * side)

    def dpsi(self, r: Array) -> Array:
        """Return 0, the curvature on both sides of the kink."""
        return np.zeros_like(r)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the weighted quantile, the middle of all where there are several."""
        return _quantile(*self._sample(y_true, sample_weight), self.quantile)


def _quantile(y: Array, weight: Array, tau: float) -> float:
    """Return the middle of all numbers with a share of at most tau below and 1-tau above."""
    order = np.argsort(y, axis=None)
    y, weight = np.ravel(y)[order], np.ravel(weight)[order]
    y, weight = y[weight > 0], weight[weight > 0]
    below = np.cumsum(weight) / weight.sum()
    slack = 1e-12  # shares are sums of rounded numbers
    last = len(y) - 1
    low = y[min(int(np.searchsorted(below, tau - slack)), last)]
    high = y[min(int(np.searchsorted(below, tau + slack, side="right")), last)]
    return float(low + (high - low) / 2)
