"""Losses for counts and positive numbers, most on a log scale (chapter 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import Loss, Traits
from lossbook.rows import product
from lossbook.validation import Array, Interval, positive

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
        """Return e^z - yz, and inf where e^z is: no inf - inf."""
        mean = np.exp(y_pred)
        loss = np.where(mean == np.inf, mean, mean - product(y_true, y_pred))
        return loss + log_factorial(y_true) if self.full else loss

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^z - y."""
        return np.exp(y_pred) - y_true

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^z."""
        return np.exp(y_pred)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the log of the weighted mean; -inf where all counts are 0."""
        return log_mean(*self._sample(y_true, sample_weight))


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
        return product(y_true, gap) + (np.maximum(a, 0) + rest) / self.dispersion

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
        return log_mean(*self._sample(y_true, sample_weight))


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
        return excess(np.log(y_true) - y_pred)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return 1 - e^x."""
        return -np.expm1(np.log(y_true) - y_pred)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return e^x, which is y/μ."""
        return np.exp(np.log(y_true) - y_pred)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the log of the weighted mean."""
        return log_mean(*self._sample(y_true, sample_weight))


def log_factorial(y: Array) -> Array:
    """Return log y!, also for numbers between whole ones: the log of the gamma function at y + 1.

    Lanczos' approximation in Godfrey's coefficients, computed in float64: about 15 digits.

    Examples
    --------
    >>> import numpy as np
    >>> np.exp(log_factorial(np.array([0.0, 1.0, 4.0, 0.5]))).round(6)
    array([ 1.      ,  1.      , 24.      ,  0.886227])
    """
    x = y.astype(np.float64)
    series = 0.99999999999980993
    for i, coefficient in enumerate(_LANCZOS, start=1):
        series = series + coefficient / (x + i)
    t = x + 7.5
    return ((x + 0.5) * np.log(t) - t + np.log(2.5066282746310002 * series)).astype(y.dtype)


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


def log_mean(y: Array, weight: Array) -> float:
    """Return the log of the weighted mean; -inf where it is 0 or less."""
    with np.errstate(divide="ignore"):
        return float(np.log(np.maximum(np.average(y, weights=weight), 0)))


def _log_difference(y: Array, p: Array) -> Array:
    """Return log(1 + p) - log(1 + y) as one log of a ratio, right also where p is next to y."""
    return np.sign(p - y) * np.log1p(np.abs(p - y) / (1 + np.minimum(p, y)))


def excess(x: Array) -> Array:
    """Return e^x - 1 - x, never negative: x²/2 (1 + x/3 (1 + x/4 (...))) where digits would cancel.

    Examples
    --------
    >>> import numpy as np
    >>> excess(np.array([0.0, 1e-9, 1.0])).round(20)
    array([0.00000000e+00, 5.00000000e-19, 7.18281828e-01])
    """
    near = np.abs(x) < 0.1
    part = np.where(near, x, 0)
    series = np.zeros_like(part)
    for k in range(11, 2, -1):
        series = part / k * (1 + series)
    exact = np.where(x == np.inf, x, np.expm1(x) - x)  # no inf - inf
    return np.where(near, 0.5 * part * part * (1 + series), exact)


def small(x: Array) -> float:
    """Return the size below which four terms of a series are right to the last digit."""
    return float(np.finfo(x.dtype).eps) ** 0.2
