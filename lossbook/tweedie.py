"""Tweedie's family: one number leads from squared errors over counts to positive numbers (6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import Loss, Traits
from lossbook.counts import COUNT, POSITIVE, log_mean, small
from lossbook.rows import product
from lossbook.validation import REAL, Array, Domain, is_number


@dataclass(frozen=True)
class Tweedie(Loss):
    r"""Tweedie loss: variances that grow as a power of the mean (chapter 6).

    .. math::
        \ell(y, z) = \frac{\mu^a - y^a}{a} - y\,\frac{\mu^b - y^b}{b},
        \qquad \ell'(z) = \mu^b (\mu - y), \qquad \mu = e^z,\; a = 2 - p,\; b = 1 - p

    where (μ⁰ - y⁰)/0 is log(μ/y). Half the unit deviance, 0 at a perfect prediction and
    continuous in p: p = 0 is ½(y - μ)², 1 the Poisson deviance, 2 `Gamma`, 3 inverse Gaussian.
    Its best constant is the log of the mean. Convex for 1 ≤ p ≤ 2.

    Parameters
    ----------
    power : float
        p; finite, not between 0 and 1, where no such distribution exists. Labels are above 0
        for p ≥ 2, 0 or more for 1 ≤ p < 2, any number for p ≤ 0. For a label of 0 or less,
        yᵃ and y·yᵇ are 0 where p < 0 and y² where p = 0.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import Tweedie
    >>> Tweedie(power=1.5).loss([0.0, 1.0, 4.0], np.log([4.0, 4.0, 4.0])).round(6)
    array([4., 1., 0.])
    >>> Tweedie(power=1.5).gradient([0.0, 1.0, 4.0], np.log([4.0, 4.0, 4.0])).round(6)
    array([2. , 1.5, 0. ])

    References
    ----------
    Jørgensen (1997), *The Theory of Dispersion Models*, chapter 4.
    """

    power: float = 1.5

    prediction_space = "log_mean"

    def __post_init__(self) -> None:
        if not (is_number(self.power) and abs(self.power) < np.inf and not 0 < self.power < 1):
            raise ValueError(
                f"power is {self.power}: expected a finite number that is not between 0 and 1"
            )

    @property
    def traits(self) -> Traits:
        """Convex where both powers of the mean are."""
        return Traits(1 <= self.power <= 2, bounded=False, symmetric=False)

    def domains(self, y_true: Array, y_pred: Array) -> tuple[Domain, Domain]:
        """Take the labels that a distribution of this power can produce, and any log mean."""
        labels = REAL if self.power <= 0 else COUNT if self.power < 2 else POSITIVE
        return labels, self.prediction_domain

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the formula; powers below 2 also have labels of 0 or less."""
        loss = self._above(y_true, y_pred)
        if self.power >= 2:
            return loss
        return np.where(y_true > 0, loss, self._below(y_true, y_pred))

    def _above(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss for labels above 0; next to a perfect prediction by its series."""
        a, b = 2 - self.power, 1 - self.power
        log_y = np.log(np.where(y_true > 0, y_true, 1))
        far = _add(_power_gap(a, y_pred, log_y, 1), _power_gap(b, y_pred, log_y, -y_true))
        near = self._series(y_pred - log_y) * np.exp(_times(a, log_y))
        close = np.abs(y_pred - log_y) * max(abs(a), abs(b)) < small(y_pred)
        return np.where(close, near, far)

    def _series(self, t: Array) -> Array:
        """Return the loss for a label of 1 and a small log mean t: Σ (aⁿ⁻¹ - bⁿ⁻¹) tⁿ/n!."""
        a, b = 2 - self.power, 1 - self.power
        third, fourth, fifth = a + b, a * a + a * b + b * b, (a + b) * (a * a + b * b)
        return 0.5 * t * t * (1 + t * (third / 3 + t * (fourth / 12 + t * (fifth / 60))))

    def _below(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss for labels of 0 or less, which only powers below 2 have."""
        a, b = 2 - self.power, 1 - self.power
        loss = np.exp(a * y_pred) / a
        if b > 0:
            loss = loss - product(y_true, np.exp(b * y_pred) / b)
        return loss + 0.5 * y_true * y_true if self.power == 0 else loss

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return μ^a - yμ^b."""
        return self._powers(y_pred, 1, y_true)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return aμ^a - byμ^b."""
        return self._powers(y_pred, 2 - self.power, (1 - self.power) * y_true)

    def _powers(self, z: Array, first: float, second: Array) -> Array:
        """Return first · μ^a - second · μ^b; the larger power is taken out: no inf - inf."""
        large = np.exp(np.maximum(_times(2 - self.power, z), _times(1 - self.power, z)))
        rest = first * np.exp(np.minimum(z, 0)) - second * np.exp(-np.maximum(z, 0))
        return np.where(second == 0, first * np.exp(_times(2 - self.power, z)), large * rest)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the log of the weighted mean, whatever the power; -inf if it is 0 or less."""
        return log_mean(*self._sample(y_true, sample_weight))


def _power_gap(power: float, z: Array, log_y: Array, factor: Array) -> Array:
    """Return factor · (μ^power - y^power) / power, z = log μ; factor · log(μ/y) for power 0."""
    if power == 0:
        return factor * (z - log_y)
    share = np.copysign(np.expm1(-np.abs(power * (z - log_y))) / power, z - log_y)
    half = np.maximum(z, log_y) if power > 0 else np.minimum(z, log_y)
    half = np.exp(0.5 * power * half)  # the square may be too large where the factor is small
    return share * half * factor * half


def _add(first: Array, second: Array) -> Array:
    """Return the sum, and inf where one term is inf: the loss is then beyond all numbers."""
    return np.where(np.maximum(first, second) == np.inf, np.inf, first + second)


def _times(power: float, z: Array) -> Array:
    """Return power · z, where 0 · inf is 0."""
    return power * z if power else np.zeros_like(z)
