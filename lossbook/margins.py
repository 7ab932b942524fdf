"""Losses of the margin: 0-1, hinge and its relatives, perceptron, exponential (chapter 8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.averaging import BLOCK
from lossbook.base import MarginLoss, Traits
from lossbook.rows import ClassRows, as_rows, product
from lossbook.validation import Array


@dataclass(frozen=True)
class ZeroOne(MarginLoss):
    r"""0-1 loss: 1 for a mistake, 0 otherwise; its average is the error rate (chapter 8).

    .. math:: \varphi(m) = 1 \text{ if } m \le 0, \text{ else } 0, \qquad m = y \cdot s

    A score of 0 decides for neither class and counts as a mistake. The gradient is 0 wherever
    it exists, so that no descent can follow it: hence the other losses of this module.
    Labels -1/+1 or 0/1; any score.

    Examples
    --------
    >>> from lossbook import ZeroOne
    >>> ZeroOne().loss([1, 1, -1, -1], [2.0, -0.1, -3.0, 0.0])
    array([0., 1., 0., 1.])

    References
    ----------
    Bartlett, Jordan and McAuliffe (2006), *Convexity, Classification, and Risk Bounds*,
    JASA 101(473).
    """

    traits = Traits(False, bounded=True, symmetric=True, kinks=(0.0,))

    def phi(self, m: Array) -> Array:
        """Return 1 for margins of 0 or less."""
        return (m <= 0).astype(m.dtype)

    def dphi(self, m: Array) -> Array:
        """Return 0."""
        return np.zeros_like(m)

    def d2phi(self, m: Array) -> Array:
        """Return 0."""
        return np.zeros_like(m)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the sign of the larger class; +1 for a tie."""
        return -1.0 if _positive_share(self, y_true, sample_weight) < 0.5 else 1.0


@dataclass(frozen=True)
class Hinge(MarginLoss):
    r"""Hinge loss of the support vector machine: no charge beyond a margin of 1 (chapter 8).

    .. math:: \varphi(m) = \max(0,\ 1 - m), \qquad m = y \cdot s

    Labels -1/+1 or 0/1; any score. At the kink the subgradient is 0.

    Examples
    --------
    >>> from lossbook import Hinge
    >>> Hinge().loss([1, 1, -1], [2.0, 0.5, 0.5])
    array([0. , 0.5, 1.5])
    >>> Hinge().gradient([1, 1, -1], [2.0, 0.5, 0.5])
    array([ 0., -1.,  1.])

    References
    ----------
    Cortes and Vapnik (1995), *Support-Vector Networks*, Machine Learning 20.
    """

    check_first = ("y_true",)
    block = 2 * BLOCK

    traits = Traits(True, lipschitz=1.0, bounded=False, symmetric=True, kinks=(1.0,))

    def phi(self, m: Array) -> Array:
        """Return what is missing to a margin of 1."""
        return np.maximum(1 - m, 0)

    def dphi(self, m: Array) -> Array:
        """Return -1 below a margin of 1, 0 from there on."""
        return (m >= 1).astype(m.dtype) - 1

    def d2phi(self, m: Array) -> Array:
        """Return 0."""
        return np.zeros_like(m)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the sign of the larger class; 0, the middle of all, for a tie."""
        return float(np.sign(_positive_share(self, y_true, sample_weight) - 0.5))


@dataclass(frozen=True)
class SquaredHinge(MarginLoss):
    r"""Squared hinge: the hinge without its kink, harder on large mistakes (chapter 8).

    .. math:: \varphi(m) = \max(0,\ 1 - m)^2, \qquad \varphi'(m) = -2 \max(0,\ 1 - m)

    There is no factor ½. Labels -1/+1 or 0/1; any score. Its best constant is 2π - 1, with π
    the share of positives, so that unlike the hinge it estimates a probability.

    Examples
    --------
    >>> from lossbook import SquaredHinge
    >>> SquaredHinge().loss([1, 1, -1], [2.0, 0.5, 0.5])
    array([0.  , 0.25, 2.25])
    >>> SquaredHinge().gradient([1, 1, -1], [2.0, 0.5, 0.5])
    array([ 0., -1.,  3.])

    References
    ----------
    Zhang (2004), *Statistical Behavior and Consistency of Classification Methods Based on
    Convex Risk Minimization*, Annals of Statistics 32(1).
    """

    check_first = ("y_true",)

    traits = Traits(True, smoothness=2.0, bounded=False, symmetric=True)

    def phi(self, m: Array) -> Array:
        """Return the square of what is missing to a margin of 1."""
        missing = np.maximum(1 - m, 0)
        return missing * missing

    def dphi(self, m: Array) -> Array:
        """Return -2 times what is missing to a margin of 1."""
        return 2 * np.minimum(m - 1, 0)

    def d2phi(self, m: Array) -> Array:
        """Return 2 below a margin of 1, 0 from there on."""
        return 2 * (m < 1).astype(m.dtype)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return 2π - 1, with π the share of positives."""
        return 2 * _positive_share(self, y_true, sample_weight) - 1


@dataclass(frozen=True)
class Perceptron(MarginLoss):
    r"""Perceptron loss: a mistake costs its size, a bare success nothing (chapter 8).

    .. math:: \varphi(m) = \max(0,\ -m)

    The hinge without its margin, so that the score 0 costs nothing and a model can escape all
    cost by predicting 0. Labels -1/+1 or 0/1; any score. At the kink the subgradient is 0.

    Examples
    --------
    >>> from lossbook import Perceptron
    >>> Perceptron().loss([1, 1, -1], [2.0, -0.5, 0.5])
    array([0. , 0.5, 0.5])
    >>> Perceptron().gradient([1, 1, -1], [2.0, -0.5, 0.5])
    array([ 0., -1.,  1.])

    References
    ----------
    Rosenblatt (1958), *The Perceptron*, Psychological Review 65(6), whose learning rule is
    descent on this loss.
    """

    check_first = ("y_true",)

    traits = Traits(True, lipschitz=1.0, bounded=False, symmetric=True, kinks=(0.0,))

    def phi(self, m: Array) -> Array:
        """Return how far the margin lies below 0."""
        return np.maximum(-m, 0)

    def dphi(self, m: Array) -> Array:
        """Return -1 below a margin of 0, 0 from there on."""
        return (m >= 0).astype(m.dtype) - 1

    def d2phi(self, m: Array) -> Array:
        """Return 0."""
        return np.zeros_like(m)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return 0: no score costs less, whatever the labels."""
        self._sample(y_true, sample_weight)
        return 0.0


@dataclass(frozen=True)
class Exponential(MarginLoss):
    r"""Exponential loss, which AdaBoost descends: it never forgives a mistake (chapter 8).

    .. math:: \varphi(m) = e^{-m}, \qquad \varphi'(m) = -e^{-m}

    Labels -1/+1 or 0/1; any score. A margin below -709 costs more than a float64 can hold.

    Examples
    --------
    >>> from lossbook import Exponential
    >>> Exponential().loss([1, 1, -1], [2.0, 0.0, 2.0]).round(3)
    array([0.135, 1.   , 7.389])
    >>> Exponential().gradient([1, 1, -1], [2.0, 0.0, 2.0]).round(3)
    array([-0.135, -1.   ,  7.389])

    References
    ----------
    Friedman, Hastie and Tibshirani (2000), *Additive Logistic Regression: a Statistical View
    of Boosting*, Annals of Statistics 28(2).
    """

    check_first = ("y_true",)

    traits = Traits(True, bounded=False, symmetric=True)

    def phi(self, m: Array) -> Array:
        """Return e⁻ᵐ."""
        return np.exp(-m)

    def dphi(self, m: Array) -> Array:
        """Return -e⁻ᵐ."""
        return -np.exp(-m)

    def d2phi(self, m: Array) -> Array:
        """Return e⁻ᵐ."""
        return np.exp(-m)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return half the logit of the base rate; infinite where one class is missing."""
        share = _positive_share(self, y_true, sample_weight)
        with np.errstate(divide="ignore"):
            return float(np.log(share) - np.log1p(-share)) / 2


@dataclass(frozen=True)
class MulticlassHinge(ClassRows):
    r"""Hinge of many classes: the true score must beat its best rival by 1 (chapter 9).

    .. math:: \ell(y, s) = \max\bigl(0,\ 1 + \max_{k \ne y} s_k - s_y\bigr)

    Crammer and Singer's form: only the best rival counts. (Weston and Watkins' form, a sum over
    all rivals, is another loss.) `y_true` holds class indices (n,), or rows (n, K) that are
    one-hot or sum to 1, for which the loss is the average over the row; `y_pred` rows (n, K) of
    any scores. At a margin of exactly 1 the subgradient is 0; of tied rivals the first is pushed.

    Examples
    --------
    >>> from lossbook import MulticlassHinge
    >>> MulticlassHinge().loss([0, 1], [[3.0, 1.0, 0.0], [2.0, 1.5, 0.0]])
    array([0. , 1.5])
    >>> MulticlassHinge().gradient([0, 1], [[3.0, 1.0, 0.0], [2.0, 1.5, 0.0]])
    array([[ 0.,  0.,  0.],
           [ 1., -1.,  0.]])

    References
    ----------
    Crammer and Singer (2001), *On the Algorithmic Implementation of Multiclass Kernel-based
    Vector Machines*, JMLR 2.
    """

    prediction_space = "score"
    traits = Traits(True, lipschitz=2**0.5, bounded=False, symmetric=True, kinks=(1.0,))

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return what is missing to a margin of 1 over the best rival."""
        missing = _missing(y_pred, *_leaders(y_pred))
        return product(as_rows(y_true, y_pred), missing).sum(axis=1)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return -1 for the true class and +1 for its best rival, where a margin is missing."""
        first, second = _leaders(y_pred)
        push = as_rows(y_true, y_pred) * (_missing(y_pred, first, second) > 0)
        on_second = (push * first).sum(axis=1, keepdims=True)
        on_first = (push * ~first).sum(axis=1, keepdims=True)
        return first * on_first + second * on_second - push

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return score 1 for a class with more than half of all, 0 for every other class.

        Without such a class the best row is 0 throughout: the loss then prefers nobody.
        """
        return (super().best_constant(y_true, sample_weight) > 0.5).astype(np.float64)


def _leaders(scores: Array) -> tuple[Array, Array]:
    """Return where the largest and the second largest score of each row stand, one each."""
    columns = np.arange(scores.shape[1])
    first = np.argmax(scores, axis=1)[:, None] == columns
    # a score of -inf still stands before the place that is taken
    others = np.where(first, -np.inf, np.maximum(scores, np.finfo(scores.dtype).min))
    return first, np.argmax(others, axis=1)[:, None] == columns


def _missing(scores: Array, first: Array, second: Array) -> Array:
    """Return, for each class, what it lacks to a margin of 1 over its best rival."""
    top = scores.max(axis=1, keepdims=True)
    runner_up = np.where(first, -np.inf, scores).max(axis=1, keepdims=True)
    rival = np.where(first, runner_up, top).astype(scores.dtype)
    lead = np.where(rival == scores, 0, rival - scores)  # equal infinities are a tie
    return np.maximum(1 + lead, 0)


def _positive_share(loss: MarginLoss, y_true: Array, sample_weight: Array) -> float:
    """Return the weighted share of positive examples."""
    y_true, sample_weight = loss._sample(y_true, sample_weight)
    return float(np.average(y_true > 0, weights=sample_weight))
