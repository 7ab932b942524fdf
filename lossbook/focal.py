"""Focal losses: cross-entropies that look away from what is already right (chapter 12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lossbook.averaging import BLOCK
from lossbook.base import Loss, Traits
from lossbook.classification import sigmoid, softplus_parts
from lossbook.rows import ClassRows, as_rows, exponentials, is_gatherable, product, softmax_parts
from lossbook.validation import Array, Either, between, not_negative


@dataclass(frozen=True)
class Focal(Loss):
    r"""Focal loss of a logit: cross-entropy times (1 - p)^γ, p of the true class (chapter 12).

    .. math::
        \ell = \alpha_y\, \sigma(u)^\gamma \log(1 + e^u), \qquad
        \frac{d\ell}{du} = \alpha_y\, \sigma(u)^\gamma
        \bigl(\gamma\, \sigma(-u) \log(1 + e^u) + \sigma(u)\bigr), \qquad u = (1 - 2y) z

    Here σ(u) = 1 - p is the probability given to the wrong class. In this form nothing is
    divided, so that value and gradient are finite and exact for every γ and for saturated
    logits. With γ = 0 and no α it is `BinaryCrossEntropyWithLogits`.

    Labels 0 and 1 only (a soft target has no single "true class"); any logit.

    Parameters
    ----------
    gamma : float
        γ, how far to look away from examples that are right; 0 or more, finite.
    alpha : float, optional
        Weight of the positives, between 0 and 1; negatives weigh 1 - α. None: both weigh 1.

    Examples
    --------
    >>> from lossbook import Focal
    >>> Focal().loss([1, 1, 0], [0.0, 3.0, 3.0]).round(4)
    array([1.7330e-01, 1.0000e-04, 2.7663e+00])
    >>> Focal(gamma=0.5).gradient([1, 1], [1e4, -1e4])
    array([-0., -1.])
    >>> Focal(gamma=0, alpha=0.25).loss([1, 0], [0.0, 0.0]).round(4)
    array([0.1733, 0.5199])

    References
    ----------
    Lin, Goyal, Girshick, He and Dollár (2017), *Focal Loss for Dense Object Detection*, ICCV.
    """

    check_first = ("y_true",)

    gamma: float = 2.0
    alpha: float | None = None

    prediction_space = "logit"
    label_domain = Either(0, 1)

    def __post_init__(self) -> None:
        not_negative("gamma", self.gamma)
        if self.alpha is not None:
            between("alpha", self.alpha, 0, 1)

    @property
    def traits(self) -> Traits:
        """Steeper than 1 before it levels off at slope 1, hence not convex unless γ is 0."""
        slope, curvature = _largest(self.gamma)
        weight = 1.0 if self.alpha is None else max(self.alpha, 1 - self.alpha)
        return Traits(
            self.gamma == 0,
            lipschitz=weight * slope,
            smoothness=weight * curvature,
            bounded=False,
            symmetric=self.alpha in (None, 0.5),
        )

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the focal loss of u = (1-2y)z."""
        cross_entropy, _, e = softplus_parts((1 - 2 * y_true) * y_pred)
        return self._weigh(y_true, (e / (1 + e)) ** self.gamma) * cross_entropy

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return the derivative by z: (1-2y) times that by u."""
        return self.value_and_derivative(y_true, y_pred)[1]

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both from one exponential."""
        side = 1 - 2 * y_true
        cross_entropy, bounded, e = softplus_parts(side * y_pred)
        total = 1 + e
        focus = self._weigh(y_true, (e / total) ** self.gamma)
        slope = self.gamma * bounded
        slope += e
        slope /= total  # γσ(-u) log(1 + e^u) + σ(u)
        slope *= focus
        slope *= side
        return focus * cross_entropy, slope

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return the second derivative by u, which is that by z."""
        _, bounded, e = softplus_parts((1 - 2 * y_true) * y_pred)
        right = 1 / (1 + e)
        return self._weigh(y_true, _curvature(self.gamma, e / (1 + e), right, bounded))

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the logit that suits the share of positives; infinite where a class is missing."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        share = float(np.average(y_true, weights=sample_weight))
        if self.alpha is not None:
            positive = self.alpha * share
            negative = (1 - self.alpha) * (1 - share)
            share = positive / (positive + negative) if positive + negative else 0.5
        with np.errstate(divide="ignore"):
            negative, positive = np.log(_best_row(self.gamma, np.array([1 - share, share])))
        return float(positive - negative)

    def _weigh(self, y_true: Array, values: Array) -> Array:
        if self.alpha is None:
            return values
        return ((1 - self.alpha) + (2 * self.alpha - 1) * y_true) * values


@dataclass(frozen=True)
class SoftmaxFocal(ClassRows):
    r"""Focal loss of a row of logits, through softmax (chapters 9 and 12).

    .. math:: \ell(y, z) = \sum_k y_k\, (1 - p_k)^\gamma\, (-\log p_k),
        \qquad p = \operatorname{softmax}(z)

    With γ = 0 it is `SoftmaxCrossEntropy`; there is no α. `y_true` holds class indices (n,), or
    rows (n, K) that are one-hot or sum to 1; `y_pred` rows (n, K) of any logits.

    Parameters
    ----------
    gamma : float
        γ, how far to look away from examples that are right; 0 or more, finite.

    Examples
    --------
    >>> from lossbook import SoftmaxFocal
    >>> SoftmaxFocal().loss([0, 1], [[0.0, 0.0], [3.0, 0.0]]).round(4)
    array([0.1733, 2.7663])
    >>> SoftmaxFocal().gradient([0], [[0.0, 0.0]]).round(4)
    array([[-0.2983,  0.2983]])

    References
    ----------
    Lin, Goyal, Girshick, He and Dollár (2017), *Focal Loss for Dense Object Detection*, ICCV;
    Mukhoti and others (2020), *Calibrating Deep Neural Networks using Focal Loss*, NeurIPS.
    """

    check_first = ("y_true",)

    gamma: float = 2.0

    prediction_space = "logit"
    block = BLOCK // 3

    def __post_init__(self) -> None:
        not_negative("gamma", self.gamma)

    @property
    def traits(self) -> Traits:
        """Largest slope and curvature where one rival alone is left, as with two classes."""
        slope, curvature = _largest(self.gamma)
        return Traits(
            self.gamma == 0,
            lipschitz=2**0.5 * slope,
            smoothness=2 * curvature,
            bounded=False,
            symmetric=True,
        )

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return Σ y (1-p)^γ (-log p)."""
        if is_gatherable(y_true, y_pred):
            _, rest, true, surprise = exponentials(y_pred, y_true)
            return (rest / (rest + true)) ** self.gamma * surprise
        _, wrong, surprise = softmax_parts(y_pred)
        losses = product(wrong**self.gamma, surprise)
        return product(as_rows(y_true, y_pred), losses).sum(axis=1)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return the gradient by the logits.

        The loss of class k depends on u = log(Σe^z without k) - z_k alone, as `Focal` does: a
        slope d there is -d for z_k itself, and d shared among the others by their e^z.
        """
        p, wrong, surprise = softmax_parts(y_pred)
        focus = as_rows(y_true, y_pred) * wrong**self.gamma
        # d / wrong, with (1-p)^γ kept outside; p·log p and its quotient vanish with p and wrong
        share = np.where(wrong == 0, p, product(p, surprise) / np.where(wrong == 0, 1, wrong))
        slope = focus * (self.gamma * share + 1)
        return p * (slope.sum(axis=1, keepdims=True) - slope) - slope * wrong

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return the logits of the best row of probabilities; -inf where a class never occurs."""
        share = super().best_constant(y_true, sample_weight)
        with np.errstate(divide="ignore"):
            return np.log(_best_row(self.gamma, share))


def _curvature(gamma: float, wrong: Array, right: Array, cross_entropy: Array) -> Array:
    """Return the second derivative of σ(u)^γ log(1 + e^u)."""
    bend = gamma * cross_entropy * (gamma * right - wrong) + (2 * gamma + 1) * wrong
    return wrong**gamma * right * bend


@lru_cache(maxsize=256)
def _largest(gamma: float) -> tuple[float, float]:
    """Return the largest slope and curvature of the focal loss of u."""

    def parts(u: Array) -> tuple[Array, Array, Array]:
        _, bounded, e = softplus_parts(u)
        right = 1 / (1 + e)
        return e / (1 + e), right, bounded

    def slope(u: Array) -> Array:
        wrong, right, bounded = parts(u)
        return wrong**gamma * (gamma * right * bounded + wrong)

    return _peak(slope), _peak(lambda u: np.abs(_curvature(gamma, *parts(u))))


def _peak(function: Callable[[Array], Array]) -> float:
    """Return the largest value of a function of u, on grids that close in on it."""
    low, high = -40.0, 80.0
    for _ in range(4):
        u, step = np.linspace(low, high, 1201, retstep=True)
        best = u[np.argmax(function(u))]
        low, high = best - step, best + step
    return float(function(best))


def _best_row(gamma: float, share: Array) -> Array:
    """Return the row of probabilities with the smallest expected focal loss.

    At the minimum every class has the same product of its share and the slope of
    (1-p)^γ (-log p); that product, its height, is what the outer search finds.
    """
    best = np.zeros_like(share)
    present = share > 0
    if present.sum() == 1:
        return present.astype(share.dtype)

    far = float(np.log(np.finfo(np.float64).max))  # beyond ±far, p is 0 or 1

    def steepness(t: Array) -> Array:  # log of minus the slope, at p = σ(t); it falls as t grows
        surprise, _, e = softplus_parts(-t)
        right = 1 / (1 + e)
        wrong = e / (1 + e)
        return gamma * np.log(wrong) + np.log(1 / right + gamma * surprise / wrong)

    def log_odds(height: Array) -> Array:
        return _root(lambda t: np.log(share[present]) + steepness(t) - height, -far, far)

    def excess(height: Array) -> Array:
        return sigmoid(log_odds(height)).sum() - 1

    bounds = np.log(share[present]) + steepness(np.array([[-far], [far]]))
    height = _root(excess, bounds.min(), bounds.max())
    best[present] = sigmoid(log_odds(height))
    return best


def _root(function: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Return where a falling function crosses 0, by 64 bisections, each entry for itself."""
    for _ in range(64):
        middle = (low + high) / 2
        above = function(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2
