"""Losses for classes: cross-entropy in its four forms and Brier's score (chapters 7 and 9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import Loss, Traits
from lossbook.rows import (
    ClassRows,
    as_rows,
    exponentials,
    is_gatherable,
    product,
    ratio,
    softmax_parts,
)
from lossbook.validation import PROBABILITY, Array, Distribution, as_array, float_type, is_lazy


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + e⁻ᶻ), accurate to the last digits also where it is tiny.

    Examples
    --------
    >>> import numpy as np
    >>> sigmoid(np.array([-40.0, 0.0, 40.0]))
    array([4.24835426e-18, 5.00000000e-01, 1.00000000e+00])
    """
    z = as_array("z", z)
    with np.errstate(over="ignore"):  # e⁻ᶻ = inf gives 0, the right limit
        return 1 / (1 + np.exp(-z))


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    r"""Cross-entropy of a predicted probability: the surprise at what happened (chapter 7).

    .. math:: \ell(y, p) = -y \log p - (1-y) \log(1-p)

    Natural logarithm. Labels 0 and 1, or anything between (soft targets); probabilities in
    [0, 1]. Certain and wrong costs infinity; 0 · log 0 is 0. For training, prefer
    `BinaryCrossEntropyWithLogits`.

    Examples
    --------
    >>> from lossbook import BinaryCrossEntropy
    >>> BinaryCrossEntropy().loss([1, 1, 0], [0.5, 1.0, 1.0])
    array([0.69314718, 0.        ,        inf])

    References
    ----------
    Good (1952), *Rational Decisions*, JRSS B 14(1), with the sign turned into a loss.
    """

    prediction_space = "probability"
    label_domain = prediction_domain = PROBABILITY
    traits = Traits(True, bounded=False, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the surprise; log1p keeps its digits for small p."""
        happened, other = np.abs(np.log(y_pred)), np.abs(np.log1p(-y_pred))  # logs of at most 0
        return product(y_true, happened) + product(1 - y_true, other)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return (1-y)/(1-p) - y/p, where 0/0 is 0."""
        return ratio(1 - y_true, 1 - y_pred) - ratio(y_true, y_pred)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return y/p² + (1-y)/(1-p)²."""
        return ratio(y_true, y_pred**2) + ratio(1 - y_true, (1 - y_pred) ** 2)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the base rate, the weighted mean of the labels."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        return float(np.average(y_true, weights=sample_weight))


@dataclass(frozen=True)
class BinaryCrossEntropyWithLogits(Loss):
    r"""Cross-entropy of a logit z, where p = σ(z): the form to train with (chapter 7).

    .. math:: \ell(y, z) = \log(1 + e^z) - y z, \qquad \ell'(z) = \sigma(z) - y

    Computed without overflow and without losing the digits of tiny losses. Labels 0 and 1, or
    anything between (soft targets); any logit.

    Examples
    --------
    >>> from lossbook import BinaryCrossEntropyWithLogits
    >>> BinaryCrossEntropyWithLogits().loss([1, 1, 0], [0.0, 40.0, 1e4])
    array([6.93147181e-01, 4.24835426e-18, 1.00000000e+04])
    >>> BinaryCrossEntropyWithLogits().gradient([1, 1, 0], [0.0, 40.0, 1e4])
    array([-5.00000000e-01, -4.24835426e-18,  1.00000000e+00])

    References
    ----------
    Berkson (1944), *Application of the Logistic Function to Bio-Assay*, JASA 39(227);
    Mächler (2012), *Accurately Computing log(1 - exp(-|a|))*, R package Rmpfr.
    """

    check_first = ("y_true",)

    prediction_space = "logit"
    label_domain = PROBABILITY
    traits = Traits(True, lipschitz=1.0, smoothness=0.25, bounded=False, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return softplus((1-2y)z), which for labels 0 and 1 is log(1 + e^z) - yz."""
        if _hard(y_true):
            return softplus((1 - 2 * y_true) * y_pred)
        return self._soft(y_true, y_pred)[0]

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return (1-y)σ(z) - yσ(-z), which is σ(z) - y without the cancellation."""
        return (1 - y_true) * sigmoid(y_pred) - y_true * sigmoid(-y_pred)

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both from one exponential."""
        if not _hard(y_true):
            return self._soft(y_true, y_pred)
        side = 1 - 2 * y_true
        value, _, e = softplus_parts(side * y_pred)
        return value, side * (e / (1 + e))

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return σ(z)σ(-z)."""
        return sigmoid(y_pred) * sigmoid(-y_pred)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the logit of the base rate; infinite where one class is missing."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        rate = np.average(y_true, weights=sample_weight)
        with np.errstate(divide="ignore"):
            return float(np.log(rate) - np.log1p(-rate))

    @staticmethod
    def _soft(y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both for any targets: c|z| + log(1 + e^-|z|), c the target on z's wrong side."""
        right = (y_pred > 0).astype(y_pred.dtype)
        size = np.abs(y_pred)
        e = np.exp(-size)
        c = np.abs(right - y_true)
        value = np.fmax(c * size, 0) + np.log1p(e)  # fmax passes over 0 · inf
        del size
        return value, (2 * right - 1) * ((c - (1 - c) * e) / (1 + e))


@dataclass(frozen=True)
class CategoricalCrossEntropy(ClassRows):
    r"""Cross-entropy of a row of predicted probabilities (chapter 9).

    .. math:: \ell(y, p) = -\sum_k y_k \log p_k

    Natural logarithm. `y_true` holds class indices (n,), or rows (n, K) that are one-hot or
    sum to 1; `y_pred` rows (n, K) of probabilities that sum to 1. For training, prefer
    `SoftmaxCrossEntropy`.

    Examples
    --------
    >>> from lossbook import CategoricalCrossEntropy
    >>> CategoricalCrossEntropy().loss([0, 2], [[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
    array([0.69314718, 0.        ])

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, eq. 4.108.
    """

    prediction_space = "probability"
    prediction_domain = Distribution()
    traits = Traits(True, bounded=False, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the surprise at the true class, averaged over the target row."""
        if is_gatherable(y_true, y_pred):
            return np.abs(np.log(np.take_along_axis(y_pred, y_true[:, None], axis=1)[:, 0]))
        return product(as_rows(y_true, y_pred), np.abs(np.log(y_pred))).sum(axis=1)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return -y/p, where 0/0 is 0."""
        return -ratio(as_rows(y_true, y_pred), y_pred)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(ClassRows):
    r"""Cross-entropy of a row of logits, through softmax: the form to train with (chapter 9).

    .. math::
        \ell(y, z) = \log \sum_k e^{z_k} - \sum_k y_k z_k,
        \qquad \nabla\ell = \operatorname{softmax}(z) - y

    Computed without overflow and without losing the digits of tiny losses. `y_true` holds class
    indices (n,), or rows (n, K) that are one-hot or sum to 1; `y_pred` rows (n, K) of any logits.

    Examples
    --------
    >>> from lossbook import SoftmaxCrossEntropy
    >>> SoftmaxCrossEntropy().loss([0, 1], [[0.0, 0.0], [0.0, 40.0]])
    array([6.93147181e-01, 4.24835426e-18])
    >>> SoftmaxCrossEntropy().gradient([0], [[0.0, 0.0]])
    array([[-0.5,  0.5]])

    References
    ----------
    Bridle (1990), *Probabilistic Interpretation of Feedforward Classification Network
    Outputs*; Bishop (2006), eq. 4.108.
    """

    check_first = ("y_true",)

    prediction_space = "logit"
    traits = Traits(True, lipschitz=2**0.5, smoothness=0.5, bounded=False, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return -log softmax at the true class, averaged over the target row."""
        if is_gatherable(y_true, y_pred):
            return exponentials(y_pred, y_true)[3]
        _, _, surprise = softmax_parts(y_pred)
        return product(as_rows(y_true, y_pred), surprise).sum(axis=1)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return softmax(z) - y."""
        return self.value_and_derivative(y_true, y_pred)[1]

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both; the gradient at the true class is -(1 - p), which keeps its digits."""
        if is_gatherable(y_true, y_pred):
            e, rest, true, value = exponentials(y_pred, y_true)
            share = 1 / (rest + true)
            e *= share[:, None]
            e[np.arange(len(e)), y_true] = -rest * share
            return value, e
        p, others, surprise = softmax_parts(y_pred)
        y = as_rows(y_true, y_pred)
        return product(y, surprise).sum(axis=1), (1 - y) * p - y * others

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return the log of each class's share; -inf for a class that never occurs."""
        with np.errstate(divide="ignore"):
            return np.log(super().best_constant(y_true, sample_weight))


@dataclass(frozen=True)
class Brier(ClassRows):
    r"""Brier's score: the squared distance of predicted probabilities (chapters 7 and 9).

    .. math:: \ell(y, p) = \sum_k (p_k - y_k)^2, \qquad \nabla\ell = 2\,(p - y)

    The sum runs over all classes, as in Brier's paper: 0 at best, 2 at worst. Libraries that
    score the positive class of two alone have half of it. `y_true` holds class indices (n,), or
    rows (n, K) that are one-hot or sum to 1; `y_pred` rows (n, K) of probabilities that sum to 1.

    Examples
    --------
    >>> from lossbook import Brier
    >>> Brier().loss([0, 1], [[0.75, 0.25], [1.0, 0.0]])
    array([0.125, 2.   ])
    >>> Brier().gradient([0], [[0.75, 0.25]])
    array([[-0.5,  0.5]])

    References
    ----------
    Brier (1950), *Verification of Forecasts Expressed in Terms of Probability*, Monthly
    Weather Review 78(1).
    """

    prediction_space = "probability"
    prediction_domain = Distribution()
    traits = Traits(True, lipschitz=8**0.5, smoothness=2.0, bounded=True, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the sum of squared differences over the classes."""
        difference = y_pred - as_rows(y_true, y_pred)
        return (difference * difference).sum(axis=1)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return twice the differences."""
        return 2 * (y_pred - as_rows(y_true, y_pred))


def softplus(z: Array) -> Array:
    """Return log(1 + e^z), accurate where it is tiny and finite where e^z is not.

    Examples
    --------
    >>> import numpy as np
    >>> softplus(np.array([-40.0, 0.0, 1e4]))
    array([4.24835426e-18, 6.93147181e-01, 1.00000000e+04])
    """
    return softplus_parts(z)[0]


def softplus_parts(z: Array) -> tuple[Array, Array, Array]:
    """Return log(1 + e^z), and log(1 + e^c) and e^c, where c is z cut off before e^c overflows.

    Up there log(1 + e^c) is c itself and e^c / (1 + e^c) is 1, both to the last digit, so that
    softplus is log(1 + e^c) + max(z - limit, 0), and the sigmoid e^c / (1 + e^c), for every z.
    """
    z = as_array("z", z)
    limit = float(np.log(np.finfo(float_type(z)).max)) - 1
    if not is_lazy(z) and z.max() <= limit:
        e = np.exp(z)
        bounded = np.log1p(e)
        return bounded, bounded, e
    c = np.minimum(z, limit)
    e = np.exp(c)
    bounded = np.log1p(e)
    return bounded + np.maximum(z - limit, 0), bounded, e


def _hard(y_true: Array) -> bool:
    """Tell whether all labels are 0 or 1 (a lazy array cannot tell)."""
    return not is_lazy(y_true) and bool(((y_true == 0) | (y_true == 1)).all())
