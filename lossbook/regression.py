"""Losses of even residuals, and convex: squared, absolute, Huber and its kin (chapters 2 to 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.averaging import BLOCK
from lossbook.base import ResidualLoss, Traits
from lossbook.centres import huber_centre, weighted_quantile
from lossbook.validation import Array, positive


@dataclass(frozen=True)
class SquaredError(ResidualLoss):
    r"""Squared error: the loss whose average is the MSE (chapters 2 and 4).

    .. math:: \rho(r) = r^2, \qquad \psi(r) = 2r, \qquad r = \hat y - y

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

    check_first = ()
    block = 2 * BLOCK

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
    r"""Absolute error: the loss whose average is the MAE (chapters 2 and 4).

    .. math:: \rho(r) = |r|, \qquad \psi(r) = \operatorname{sign}(r), \quad \psi(0) = 0

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

    check_first = ()
    block = 2 * BLOCK

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
        return weighted_quantile(*self._sample(y_true, sample_weight), 0.5)


@dataclass(frozen=True)
class Huber(ResidualLoss):
    r"""Huber's loss: squared for small residuals, absolute for large ones (chapter 5).

    .. math::
        \rho(r) = \begin{cases} \tfrac12 r^2 & |r| \le \delta \\
        \delta\,(|r| - \tfrac12\delta) & |r| > \delta \end{cases}
        \qquad \psi(r) = \min(\max(r, -\delta), \delta)

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

    check_first = ()
    block = 2 * BLOCK

    delta: float = 1.0

    def __post_init__(self) -> None:
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

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the minimum to the last digits, the middle of all where there are several."""
        return huber_centre(*self._sample(y_true, sample_weight), self.delta)


@dataclass(frozen=True)
class SmoothL1(ResidualLoss):
    r"""Smooth L1: Huber's loss divided by its parameter, so that the slope ends at 1 (chapter 5).

    .. math::
        \rho(r) = \begin{cases} r^2 / (2\beta) & |r| \le \beta \\
        |r| - \tfrac12\beta & |r| > \beta \end{cases}
        \qquad \psi(r) = \min(\max(r/\beta, -1), 1)

    It tends to the absolute error as β falls to 0, where Huber's loss tends to 0.

    Parameters
    ----------
    beta : float
        Where the two parts meet, in the unit of the labels; finite, above 0.

    Examples
    --------
    >>> from lossbook import SmoothL1
    >>> SmoothL1(beta=0.5).loss([0.0, 0.0], [0.5, 3.0])
    array([0.25, 2.75])
    >>> SmoothL1(beta=0.5).gradient([0.0, 0.0], [0.25, 3.0])
    array([0.5, 1. ])

    References
    ----------
    Girshick (2015), *Fast R-CNN*, ICCV, eq. 3, which is β = 1.
    """

    check_first = ()

    beta: float = 1.0

    def __post_init__(self) -> None:
        positive("beta", self.beta)

    @property
    def traits(self) -> Traits:
        """Slope at most 1, curvature at most 1/β."""
        return Traits(True, lipschitz=1.0, smoothness=1 / self.beta, bounded=False, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return r²/2β inside, |r| - ½β outside."""
        return self.rho_and_psi(r)[0]

    def psi(self, r: Array) -> Array:
        """Return r/β cut at ±1."""
        return np.clip(r / self.beta, -1, 1)

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both from one cut slope."""
        slope = np.clip(r / self.beta, -1, 1)
        return slope * (r - 0.5 * self.beta * slope), slope

    def dpsi(self, r: Array) -> Array:
        """Return 1/β inside, 0 outside."""
        return (np.abs(r) <= self.beta).astype(r.dtype) / self.beta

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the minimum, that of Huber's loss with δ = β."""
        return Huber(self.beta).best_constant(y_true, sample_weight)


@dataclass(frozen=True)
class PseudoHuber(ResidualLoss):
    r"""Pseudo-Huber: a smooth curve between Huber's two parts (chapter 5).

    .. math::
        \rho(r) = \delta^2 \left( \sqrt{1 + (r/\delta)^2} - 1 \right),
        \qquad \psi(r) = \frac{r}{\sqrt{1 + (r/\delta)^2}}

    About ½r² for small residuals, δ|r| - δ² for large ones. δ² times Barron's loss with α = 1.

    Parameters
    ----------
    delta : float
        The slope that it tends to, in the unit of the labels; finite, above 0.

    Examples
    --------
    >>> from lossbook import PseudoHuber
    >>> PseudoHuber(delta=3.0).loss([0.0, 0.0], [4.0, -4.0])
    array([6., 6.])
    >>> PseudoHuber(delta=3.0).gradient([0.0, 0.0], [4.0, -4.0])
    array([ 2.4, -2.4])

    References
    ----------
    Hartley and Zisserman (2004), *Multiple View Geometry in Computer Vision*, 2nd edition,
    appendix 6.8, with a factor 2.
    """

    check_first = ()

    delta: float = 1.0

    def __post_init__(self) -> None:
        positive("delta", self.delta)

    @property
    def traits(self) -> Traits:
        """Slope below delta, curvature at most 1."""
        return Traits(True, lipschitz=self.delta, smoothness=1.0, bounded=False, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return δ²(√(1+u²) - 1), u = r/δ, without the cancellation for small u."""
        return self.rho_and_psi(r)[0]

    def psi(self, r: Array) -> Array:
        """Return r / √(1+u²)."""
        return self.rho_and_psi(r)[1]

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both from one root; beyond c the curve is a straight line to the last digit."""
        straight = self.delta / float(np.finfo(r.dtype).eps) ** 0.5
        c = np.clip(r, -straight, straight)
        root = np.sqrt(1 + (c / self.delta) ** 2)
        return c * (c / (1 + root)) + self.delta * np.abs(r - c), c / root

    def dpsi(self, r: Array) -> Array:
        """Return 1 / (1+u²)^(3/2)."""
        u = r / self.delta
        weight = 1 / (1 + u * u)
        return weight * np.sqrt(weight)


@dataclass(frozen=True)
class LogCosh(ResidualLoss):
    r"""Logarithm of the hyperbolic cosine: smooth, between squared and absolute (chapter 5).

    .. math:: \rho(r) = \log\cosh r, \qquad \psi(r) = \tanh r

    About ½r² for small residuals, :math:`|r| - \log 2` for large ones; right to the last digits
    for tiny residuals and without overflow for large ones. The residual is a pure number: divide
    labels and predictions by a scale first.

    Examples
    --------
    >>> from lossbook import LogCosh
    >>> LogCosh().loss([0.0, 0.0, 0.0], [1e-4, 1.0, 1e3])
    array([4.99999999e-09, 4.33780830e-01, 9.99306853e+02])
    >>> LogCosh().gradient([0.0, 0.0], [1.0, 1e3])
    array([0.76159416, 1.        ])

    References
    ----------
    Green (1990), *Bayesian Reconstructions from Emission Tomography Data Using a Modified EM
    Algorithm*, IEEE Transactions on Medical Imaging 9(1).
    """

    check_first = ()

    traits = Traits(True, lipschitz=1.0, smoothness=1.0, bounded=False, symmetric=True)

    def rho(self, r: Array) -> Array:
        """Return log(1 + 2 sinh²(½r)); beyond `straight` it is a line to the last digit."""
        straight = -float(np.log(np.finfo(r.dtype).eps))
        c = np.clip(r, -straight, straight)
        half = np.sinh(0.5 * c)
        return np.log1p(2 * half * half) + np.abs(r - c)

    def psi(self, r: Array) -> Array:
        """Return tanh r."""
        return np.tanh(r)

    def dpsi(self, r: Array) -> Array:
        """Return 1/cosh² r."""
        weight = 1 / np.cosh(r)
        return weight * weight
