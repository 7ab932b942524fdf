"""Losses for classes: 0-1, cross-entropy in its four forms, hinge (chapters 7, 8 and 9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import Loss, MarginLoss, Traits
from lossbook.validation import (
    ANY,
    PROBABILITY,
    Array,
    ClassIndex,
    Distribution,
    as_array,
    check_weights,
    is_lazy,
)


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


def softmax(z: Array) -> Array:
    """Return the probabilities e^z / Σe^z of each row of `z`.

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class ZeroOne(MarginLoss):
    """0-1 loss: 1 for a mistake, 0 otherwise; its average is the error rate (chapter 8).

    .. math:: \\varphi(m) = 1 \\text{ if } m \\le 0, \\text{ else } 0, \\qquad m = y \\cdot s

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
    """Hinge loss of the support vector machine: no charge beyond a margin of 1 (chapter 8).

    .. math:: \\varphi(m) = \\max(0,\\ 1 - m), \\qquad m = y \\cdot s

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
class BinaryCrossEntropy(Loss):
    """Cross-entropy of a predicted probability: the surprise at what happened (chapter 7).

    .. math:: \\ell(y, p) = -y \\log p - (1-y) \\log(1-p)

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
        return _product(y_true, happened) + _product(1 - y_true, other)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return (1-y)/(1-p) - y/p, where 0/0 is 0."""
        return _ratio(1 - y_true, 1 - y_pred) - _ratio(y_true, y_pred)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return y/p² + (1-y)/(1-p)²."""
        return _ratio(y_true, y_pred**2) + _ratio(1 - y_true, (1 - y_pred) ** 2)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the base rate, the weighted mean of the labels."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        return float(np.average(y_true, weights=sample_weight))


@dataclass(frozen=True)
class BinaryCrossEntropyWithLogits(Loss):
    """Cross-entropy of a logit z, where p = σ(z): the form to train with (chapter 7).

    .. math:: \\ell(y, z) = \\log(1 + e^z) - y z, \\qquad \\ell'(z) = \\sigma(z) - y

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

    prediction_space = "logit"
    label_domain = PROBABILITY
    traits = Traits(True, lipschitz=1.0, smoothness=0.25, bounded=False, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return max((1-y)z, -yz) + log(1 + e^-|z|); fmax passes over 0 · inf."""
        linear = np.fmax(np.fmax((1 - y_true) * y_pred, -y_true * y_pred), 0)
        return linear + np.log1p(np.exp(-np.abs(y_pred)))

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return (1-y)σ(z) - yσ(-z), which is σ(z) - y without the cancellation."""
        return (1 - y_true) * sigmoid(y_pred) - y_true * sigmoid(-y_pred)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return σ(z)σ(-z)."""
        return sigmoid(y_pred) * sigmoid(-y_pred)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the logit of the base rate; infinite where one class is missing."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        rate = np.average(y_true, weights=sample_weight)
        with np.errstate(divide="ignore"):
            return float(np.log(rate) - np.log1p(-rate))


class _ClassRows(Loss):
    """What losses of rows, one number a class, share: shapes and labels."""

    elementwise = False

    def check_shapes(self, y_true: Array, y_pred: Array) -> None:
        """Accept class indices (n,) or rows of targets (n, K) for predictions (n, K)."""
        if y_pred.ndim != 2 or y_true.shape not in (y_pred.shape, y_pred.shape[:1]):
            raise ValueError(
                f"y_true has shape {y_true.shape} and y_pred has shape {y_pred.shape}: "
                "expected y_pred of shape (n, K) and y_true of shape (n,) or (n, K)"
            )

    def domains(self, y_true: Array, y_pred: Array):
        """Take whole numbers as indices of classes, rows as distributions."""
        rows = y_true.ndim == 2
        labels = Distribution() if rows else ClassIndex(y_pred.shape[1])
        return labels, self.prediction_domain

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return the share of each class, one row."""
        y_true = as_array("y_true", y_true)
        if y_true.ndim == 1:
            ClassIndex(int(y_true.max()) + 1).check("y_true", y_true)
            y_true = one_hot(y_true.astype(np.intp), int(y_true.max()) + 1)
        else:
            Distribution().check("y_true", y_true)
        weight = None
        if sample_weight is not None:
            weight, _ = check_weights(sample_weight, y_true.shape[:1])
        return np.average(y_true, axis=0, weights=weight)


@dataclass(frozen=True)
class CategoricalCrossEntropy(_ClassRows):
    """Cross-entropy of a row of predicted probabilities (chapter 9).

    .. math:: \\ell(y, p) = -\\sum_k y_k \\log p_k

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
        if y_true.ndim == 1 and not is_lazy(y_pred):
            return np.abs(np.log(np.take_along_axis(y_pred, y_true[:, None], axis=1)[:, 0]))
        return _product(_rows(y_true, y_pred), np.abs(np.log(y_pred))).sum(axis=1)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return -y/p, where 0/0 is 0."""
        return -_ratio(_rows(y_true, y_pred), y_pred)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(_ClassRows):
    """Cross-entropy of a row of logits, through softmax: the form to train with (chapter 9).

    .. math::
        \\ell(y, z) = \\log \\sum_k e^{z_k} - \\sum_k y_k z_k,
        \\qquad \\nabla\\ell = \\operatorname{softmax}(z) - y

    `y_true` holds class indices (n,), or rows (n, K) that are one-hot or sum to 1; `y_pred`
    rows (n, K) of any logits.

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

    prediction_space = "logit"
    prediction_domain = ANY
    traits = Traits(
        True, lipschitz=float(np.sqrt(2)), smoothness=0.5, bounded=False, symmetric=True
    )

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return Σ y_k (log Σe^z - z_k)."""
        return self.value_and_derivative(y_true, y_pred)[0]

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return softmax(z) - y."""
        return softmax(y_pred) - _rows(y_true, y_pred)

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both; the largest logit is taken out of the sum, so that log1p keeps digits."""
        y = _rows(y_true, y_pred)
        top = y_pred.max(axis=1, keepdims=True)
        gap = y_pred - top
        e = np.exp(gap)
        total = e.sum(axis=1, keepdims=True)
        first = np.cumsum(gap == 0, axis=1) == 1
        rest = np.where(first & (gap == 0), 0, e).sum(axis=1)
        value = np.log1p(rest) + _product(y, top - y_pred).sum(axis=1)
        return value, e / total - y

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return the log of each class's share; -inf for a class that never occurs."""
        with np.errstate(divide="ignore"):
            return np.log(super().best_constant(y_true, sample_weight))


def one_hot(labels: Array, n_classes: int) -> Array:
    """Return rows with a 1 at the index of the class and 0 elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> one_hot(np.array([1, 0]), 3)
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    return (labels[:, None] == np.arange(n_classes)).astype(np.float64)


def _rows(y_true: Array, y_pred: Array) -> Array:
    """Return the targets as rows, of the predictions' dtype."""
    rows = one_hot(y_true, y_pred.shape[1]) if y_true.ndim == 1 else y_true
    return rows.astype(y_pred.dtype, copy=False)


def _product(y: Array, surprise: Array) -> Array:
    """Return y · surprise, where 0 · inf is 0."""
    return np.where(y == 0, 0, y * surprise)


def _ratio(y: Array, p: Array) -> Array:
    """Return y / p, where 0 / 0 is 0."""
    return np.where(y == 0, 0, y / p)


def _positive_share(loss: MarginLoss, y_true: Array, sample_weight: Array) -> float:
    """Return the weighted share of positive examples."""
    y_true, sample_weight = loss._sample(y_true, sample_weight)
    return float(np.average(y_true > 0, weights=sample_weight))
