"""Losses that draw the line elsewhere than in the middle: quantile, ε-insensitive (chapter 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import ResidualLoss, Traits
from lossbook.centres import weighted_quantile
from lossbook.validation import Array, between, not_negative


@dataclass(frozen=True)
class Quantile(ResidualLoss):
    r"""Quantile (pinball) loss: it charges one side more than the other (chapter 6).

    .. math::
        \ell(y, \hat y) = \begin{cases} \tau\,(y - \hat y) & \hat y < y \\
        (1-\tau)\,(\hat y - y) & \hat y \ge y \end{cases}

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

    check_first = ()

    quantile: float = 0.5

    def __post_init__(self) -> None:
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
        return weighted_quantile(*self._sample(y_true, sample_weight), self.quantile)


@dataclass(frozen=True)
class EpsilonInsensitive(ResidualLoss):
    r"""ε-insensitive loss of support vector regression: small errors cost nothing (chapter 6).

    .. math:: \rho(r) = \max(0,\ |r| - \varepsilon)

    The gradient is the sign of the residual outside the tube, and 0 inside and at its edge.

    Parameters
    ----------
    epsilon : float
        Half the width of the tube, in the unit of the labels; finite, 0 or more. 0 gives the
        absolute error.

    Examples
    --------
    >>> from lossbook import EpsilonInsensitive
    >>> EpsilonInsensitive(epsilon=0.5).loss([1.0, 1.0, 1.0], [1.25, 1.75, -1.0])
    array([0.  , 0.25, 1.5 ])
    >>> EpsilonInsensitive(epsilon=0.5).gradient([1.0, 1.0, 1.0], [1.25, 1.75, -1.0])
    array([ 0.,  1., -1.])

    References
    ----------
    Vapnik (2000), *The Nature of Statistical Learning Theory*, 2nd edition, chapter 6.
    """

    check_first = ()

    epsilon: float = 0.1

    def __post_init__(self) -> None:
        not_negative("epsilon", self.epsilon)

    @property
    def traits(self) -> Traits:
        """Slopes -1, 0 and 1; the kinks are the edges of the tube."""
        kinks = (-self.epsilon, self.epsilon) if self.epsilon else (0.0,)
        return Traits(True, lipschitz=1.0, bounded=False, symmetric=True, kinks=kinks)

    def rho(self, r: Array) -> Array:
        """Return how far the residual is outside the tube."""
        return self.rho_and_psi(r)[0]

    def psi(self, r: Array) -> Array:
        """Return the side on which the residual is outside, 0 inside."""
        return self.rho_and_psi(r)[1]

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both from one distance."""
        outside = r - np.clip(r, -self.epsilon, self.epsilon)
        return np.abs(outside), np.sign(outside)

    def dpsi(self, r: Array) -> Array:
        """Return 0, the curvature beside the kinks."""
        return np.zeros_like(r)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the median of all edges y - ε and y + ε, the middle of all best constants.

        It is one, since the loss is half the absolute errors to both edges, less ε.
        """
        y, weight = self._sample(y_true, sample_weight)
        edges = np.stack([y - self.epsilon, y + self.epsilon])
        return weighted_quantile(edges, np.stack([weight, weight]), 0.5)
