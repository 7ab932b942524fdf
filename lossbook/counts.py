"""Losses for counts and positive numbers, most on a log scale (chapter 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import Loss, Traits
from lossbook.validation import REAL, Array, Domain, Interval, positive

ABOVE_MINUS_ONE = Interval(-1, open_low=True, what="a finite number above -1")
COUNT = Interval(0, what="a finite number of 0 or more")
POSITIVE = Interval(0, open_low=True, what="a finite number above 0")


@dataclass(frozen=True)
class SquaredLogError(Loss):
    r"""Squared error of log(1 + y): relative errors, and too low costs more (chapter 6).

    .. math::
        \ell(y, \hat y) = d^2, \qquad \ell'(\hat y) = \frac{2d}{1 + \hat y},
        \qquad d = \log(1 + \hat y) - \log(1 + y)

    Its average is the MSLE. No factor ½. Labels and predictions above -1. Its best constant is
    the geometric mean of 1 + y, less 1.

    Examples
    --------
    >>> from lossbook import SquaredLogError
    >>> SquaredLogError().loss([9.0, 9.0, 9.0], [4.0, 9.0, 19.0]).round(6)
    array([0.480453, 0.      , 0.480453])
    >>> SquaredLogError().gradient([9.0, 9.0], [4.0, 19.0]).round(6)
    array([-0.277259,  0.069315])

    References
    ----------
    scikit-learn, *User Guide*, "Mean squared logarithmic error".
    """

    label_domain = ABOVE_MINUS_ONE
    prediction_domain = Interval(-1, infinite=True, open_low=True, what="a number above -1")
    traits = Traits(False, bounded=False, symmetric=False)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the squared difference of the logs."""
        return _log_difference(y_true, y_pred) ** 2

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return 2d/(1 + p), which falls to 0 at infinity."""
        slope = 2 * _log_difference(y_true, y_pred) / (1 + y_pred)
        return np.where(np.isinf(y_pred), 0, slope)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return (2 - 2d)/(1 + p)²."""
        curvature = 2 * (1 - _log_difference(y_true, y_pred)) / (1 + y_pred) / (1 + y_pred)
        return np.where(np.isinf(y_pred), 0, curvature)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return exp of the weighted mean of log(1 + y), less 1."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        return float(np.expm1(np.average(np.log1p(y_true), weights=sample_weight)))


@dataclass(frozen=True)
class Poisson(Loss):
    r"""Poisson loss for counts, by the log of the mean (chapter 6).

    .. math:: \ell(y, z) = e^z - y z \;[+ \log y!], \qquad \ell'(z) = e^z - y

    Minus the log-likelihood of a Poisson distribution with mean :math:`e^z`. Without log y!,
    which no prediction changes, the loss may be negative. Labels 0 or more, whole or not; any
    log mean. Its best constant is the log of the mean.

    Parameters
    ----------
    full : bool
        Add log y!, so that exp(-loss) is the probability of the count.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import Poisson
    >>> Poisson().loss([0, 3], np.log([2.0, 2.0])).round(6)
    array([ 2.      , -0.079442])
    >>> np.exp(-Poisson(full=True).loss([0, 3], np.log([2.0, 2.0]))).round(6)
    array([0.135335, 0.180447])

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, 2nd edition, chapter 6.
    """

    full: bool = False

    prediction_space = "log_mean"
    label_domain = COUNT
    traits = Traits(True, bounded=False, symmetric=False)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^z - yz; beyond 1000, where e^z is inf, yz stays finite: no inf - inf."""
        loss = np.exp(y_pred) - _product(y_true, np.minimum(y_pred, 1000))
        return loss + log_factorial(y_true) if self.full else loss

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^z - y."""
        return np.exp(y_pred) - y_true

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^z."""
        return np.exp(y_pred)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the log of the weighted mean; -inf where all counts are 0."""
        return _log_mean(*self._sample(y_true, sample_weight))


@dataclass(frozen=True)
class NegativeBinomial(Loss):
    r"""Negative binomial loss (NB2) for counts that vary more than Poisson's (chapter 6).

    .. math::
        \ell(y, z) = \left( y + \tfrac1\alpha \right) \log(1 + \alpha e^z) - y z,
        \qquad \ell'(z) = \frac{e^z - y}{1 + \alpha e^z}

    Minus the log-likelihood of a negative binomial distribution with mean μ = :math:`e^z` and
    variance μ + αμ², without the terms that no prediction changes; it tends to `Poisson` as α
    falls to 0. Labels 0 or more, any log mean. Its best constant is the log of the mean.

    Parameters
    ----------
    dispersion : float
        α; finite, above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import NegativeBinomial
    >>> NegativeBinomial(dispersion=0.5).loss([0, 3], np.log([2.0, 2.0])).round(6)
    array([1.386294, 1.386294])
    >>> NegativeBinomial(dispersion=0.5).gradient([0, 3], np.log([2.0, 2.0])).round(6)
    array([ 1. , -0.5])

    References
    ----------
    Cameron and Trivedi (2013), *Regression Analysis of Count Data*, 2nd edition, section 3.3.
    """

    dispersion: float = 1.0

    prediction_space = "log_mean"
    label_domain = COUNT
    traits = Traits(True, bounded=False, symmetric=False)

    def __post_init__(self) -> None:
        positive("dispersion", self.dispersion)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return y(L - z) + L/α, where L = log(1 + e^a) = max(a, 0) + log(1 + e^-|a|)."""
        log_dispersion = float(np.log(self.dispersion))
        a = y_pred + log_dispersion
        rest = np.log1p(np.exp(-np.abs(a)))
        # L - z = max(log α, -z) + rest: no large numbers are subtracted
        gap = np.maximum(log_dispersion, -y_pred) + rest
        return _product(y_true, gap) + (np.maximum(a, 0) + rest) / self.dispersion

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return σ(a)/α - yσ(-a), a = z + log α, which is the formula without inf/inf."""
        a = y_pred + float(np.log(self.dispersion))
        return 1 / (1 + np.exp(-a)) / self.dispersion - y_true / (1 + np.exp(a))

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return (y + 1/α)σ(a)σ(-a)."""
        a = y_pred + float(np.log(self.dispersion))
        return (y_true + 1 / self.dispersion) / (1 + np.exp(-a)) / (1 + np.exp(a))

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the log of the weighted mean, whatever the dispersion; -inf if all are 0."""
        return _log_mean(*self._sample(y_true, sample_weight))


@dataclass(frozen=True)
class Gamma(Loss):
    r"""Gamma loss for positive numbers whose spread grows with their mean (chapter 6).

    .. math::
        \ell(y, z) = y e^{-z} - 1 + z - \log y, \qquad \ell'(z) = 1 - y e^{-z}

    Half the unit deviance, 0 at a perfect prediction: it depends on the ratio of label and mean
    alone. `Tweedie` with power 2. Labels above 0, any log mean. Its best constant is the log of
    the mean.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import Gamma
    >>> Gamma().loss([1.0, 2.0, 4.0], np.log([2.0, 2.0, 2.0])).round(6)
    array([0.193147, 0.      , 0.306853])
    >>> Gamma().gradient([1.0, 4.0], np.log([2.0, 2.0])).round(6)
    array([ 0.5, -1. ])

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, 2nd edition, chapter 8.
    """

    prediction_space = "log_mean"
    label_domain = POSITIVE
    traits = Traits(True, bounded=False, symmetric=False)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^x - 1 - x, where x = log(y/μ)."""
        return _excess(np.log(y_true) - y_pred)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return 1 - e^x."""
        return -np.expm1(np.log(y_true) - y_pred)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^x, which is y/μ."""
        return np.exp(np.log(y_true) - y_pred)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the log of the weighted mean."""
        return _log_mean(*self._sample(y_true, sample_weight))


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
        if not (np.ndim(self.power) == 0 and abs(self.power) < np.inf and not 0 < self.power < 1):
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
        close = np.abs(y_pred - log_y) * max(abs(a), abs(b)) < _small(y_pred)
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
            loss = loss - _product(y_true, np.exp(b * y_pred) / b)
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
        return _log_mean(*self._sample(y_true, sample_weight))


def log_factorial(y: Array) -> Array:
    """Return log y!, also for numbers between whole ones: the log of the gamma function at y + 1.

    Lanczos' approximation in Godfrey's coefficients, computed in float64: about 15 digits.

    Examples
    --------
    >>> import numpy as np
    >>> np.exp(log_factorial(np.array([0.0, 1.0, 4.0, 0.5]))).round(6)
    array([ 1.      ,  1.      , 24.      ,  0.886227])
    """
    x = y.astype(np.float64, copy=False)
    series = 0.99999999999980993
    for i, coefficient in enumerate(_LANCZOS, start=1):
        series = series + coefficient / (x + i)
    t = x + 7.5
    return ((x + 0.5) * np.log(t) - t + np.log(2.5066282746310002 * series)).astype(
        y.dtype, copy=False
    )


_LANCZOS = (
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)


def _log_mean(y: Array, weight: Array) -> float:
    """Return the log of the weighted mean; -inf where it is 0 or less."""
    with np.errstate(divide="ignore"):
        return float(np.log(np.maximum(np.average(y, weights=weight), 0)))


def _log_difference(y: Array, p: Array) -> Array:
    """Return log(1 + p) - log(1 + y) as one log of a ratio, right also where p is next to y."""
    return np.sign(p - y) * np.log1p(np.abs(p - y) / (1 + np.minimum(p, y)))


def _excess(x: Array) -> Array:
    """Return e^x - 1 - x: never negative, the first terms of its series where x is small."""
    series = 0.5 * x * x * (1 + x / 3 * (1 + x / 4 * (1 + x / 5)))
    exact = np.expm1(x) - np.minimum(x, 1000)  # beyond 1000, e^x is inf: no inf - inf
    return np.where(np.abs(x) < _small(x), series, exact)


def _small(x: Array) -> float:
    """Return the size below which four terms of a series are right to the last digit."""
    return float(np.finfo(x.dtype).eps) ** 0.2


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


def _product(y: Array, x: Array) -> Array:
    """Return y · x, where 0 · inf is 0."""
    return np.where(y == 0, 0, y * x)
