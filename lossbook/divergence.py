"""Divergences of two distributions: Kullback-Leibler both ways, Jensen-Shannon (chapter 10)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lossbook.averaging import BLOCK
from lossbook.base import Traits
from lossbook.counts import excess
from lossbook.rows import ClassRows, product, ratio
from lossbook.validation import REAL, Array, Distribution, as_array, float_type, is_lazy


class _Divergence(ClassRows):
    """A loss of two rows that are both distributions."""

    prediction_space = "probability"
    label_domain = prediction_domain = Distribution()

    def check_shapes(self, y_true: Array, y_pred: Array) -> None:
        """Accept rows (n, K) for rows (n, K)."""
        if y_pred.ndim != 2 or y_true.shape != y_pred.shape:
            raise ValueError(
                f"y_true has shape {y_true.shape} and y_pred has shape {y_pred.shape}: "
                "expected two arrays of the same shape (n, K), one distribution a row"
            )

    def _rows_and_weights(self, y_true: Array, sample_weight: Array) -> tuple[Array, Array]:
        y_true = as_array("y_true", y_true)
        if y_true.ndim != 2:
            raise ValueError(f"y_true has shape {y_true.shape}: expected (n, K), distributions")
        return super()._rows_and_weights(y_true, sample_weight)


@dataclass(frozen=True)
class KLDivergence(_Divergence):
    r"""Kullback-Leibler divergence of the truth from the prediction, true‖predicted (chapter 10).

    .. math:: D(p \,\|\, q) = \sum_k p_k \log\frac{p_k}{q_k}, \qquad
        \frac{\partial D}{\partial q_k} = -\frac{p_k}{q_k}

    p is `y_true`, q is `y_pred`; rows (n, K) of probabilities that sum to 1. Natural logarithm.
    Where p is 0 nothing is added, not even for q = 0; where q alone is 0 the loss is infinite.
    It differs from the cross-entropy by the entropy of p, which no prediction can change. Its
    best constant is the mean of the rows.

    Examples
    --------
    >>> from lossbook import KLDivergence
    >>> KLDivergence().loss([[0.5, 0.5], [1.0, 0.0]], [[0.5, 0.5], [0.25, 0.75]])
    array([0.        , 1.38629436])
    >>> KLDivergence().gradient([[0.5, 0.5]], [[0.25, 0.75]])
    array([[-2.        , -0.66666667]])

    References
    ----------
    Kullback and Leibler (1951), *On Information and Sufficiency*, Annals of Mathematical
    Statistics 22(1).
    """

    traits = Traits(True, bounded=False, symmetric=True)
    block = 2 * BLOCK  # it needs few scratch arrays

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return Σ p log(p/q)."""
        return _relative_entropy(y_true, y_pred)[0]

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return -p/q, where 0/0 is 0."""
        return -ratio(y_true, y_pred)

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both from one quotient."""
        value, quotient = _relative_entropy(y_true, y_pred)
        return value, -quotient


@dataclass(frozen=True)
class ReverseKLDivergence(_Divergence):
    r"""Kullback-Leibler divergence the other way round, predicted‖true (chapter 10).

    .. math:: D(q \,\|\, p) = \sum_k q_k \log\frac{q_k}{p_k}, \qquad
        \frac{\partial D}{\partial q_k} = \log\frac{q_k}{p_k} + 1

    p is `y_true`, q is `y_pred`; rows (n, K) of probabilities that sum to 1. Natural logarithm.
    Where q is 0 nothing is added; where p alone is 0 the loss is infinite, so that the best
    prediction keeps to one part of p instead of covering all. The gradient is -∞ at q = 0,
    and 0, a subgradient, where p is 0 too. Its best constant is the geometric mean of the
    rows, scaled to sum to 1.

    Examples
    --------
    >>> from lossbook import ReverseKLDivergence
    >>> ReverseKLDivergence().loss([[0.25, 0.75]], [[1.0, 0.0]])
    array([1.38629436])
    >>> ReverseKLDivergence().gradient([[0.5, 0.5]], [[0.25, 0.75]])
    array([[0.30685282, 1.40546511]])

    References
    ----------
    Kullback and Leibler (1951), *On Information and Sufficiency*, Annals of Mathematical
    Statistics 22(1); Bishop (2006), section 10.1.2, on what each direction prefers.
    """

    traits = Traits(True, bounded=False, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return Σ q log(q/p)."""
        return _relative_entropy(y_pred, y_true)[0]

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return log(q/p) + 1."""
        both_zero = (y_true == 0) & (y_pred == 0)
        return np.where(both_zero, 0, _log_quotient(y_pred, y_true) + 1)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return the geometric mean of the rows, scaled to sum to 1."""
        rows, weight = self._rows_and_weights(y_true, sample_weight)
        with np.errstate(divide="ignore"):
            logs = np.average(np.log(rows[weight > 0]), axis=0, weights=weight[weight > 0])
        if logs.max() == -np.inf:
            raise ValueError("y_true has no class that every row allows: every cost is infinite")
        mean = np.exp(logs - logs.max())
        return mean / mean.sum()


@dataclass(frozen=True)
class JensenShannon(_Divergence):
    r"""Jensen-Shannon divergence: the mean divergence from the distribution midway (chapter 10).

    .. math:: \ell = \tfrac12 D(p \,\|\, m) + \tfrac12 D(q \,\|\, m), \qquad
        m = \tfrac12 (p + q), \qquad
        \frac{\partial \ell}{\partial q_k} = \tfrac12 \log\frac{q_k}{m_k}

    p is `y_true`, q is `y_pred`; rows (n, K) of probabilities that sum to 1. Natural logarithm.
    It treats p and q alike and is never above log 2, reached by rows that share no class. It is
    the divergence itself, not its square root (the Jensen-Shannon distance). The gradient is
    -∞ where q alone is 0, and ½ log 2 where p is 0. Its best constant is found by iteration.

    Examples
    --------
    >>> from lossbook import JensenShannon
    >>> JensenShannon().loss([[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]])
    array([0.69314718, 0.        ])
    >>> JensenShannon().gradient([[0.5, 0.5]], [[0.25, 0.75]])
    array([[-0.20273255,  0.09116078]])

    References
    ----------
    Lin (1991), *Divergence Measures Based on the Shannon Entropy*, IEEE Transactions on
    Information Theory 37(1).
    """

    traits = Traits(True, bounded=True, symmetric=True)
    block = BLOCK // 2

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the sum over classes of ½m((1+d)log(1+d) + (1-d)log(1-d)), d = (p-m)/m.

        Near d = 0 the two terms cancel; there it is ½m(log(1-d²) + 2d·artanh(d)), which does
        not, so that even tiny divergences keep their digits.
        """
        middle = (y_true + y_pred) / 2
        d = ratio(y_true - y_pred, y_true + y_pred)
        near = np.abs(d) < 0.5
        small = np.where(near, d, 0)
        close = np.log1p(-small * small) + 2 * small * np.arctanh(small)
        far = product(1 + d, np.log1p(d)) + product(1 - d, np.log1p(-d))
        return (0.5 * middle * np.where(near, close, far)).sum(axis=1)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return ½ log(q/m); ½ log 2 where p is 0, as it is for every q above 0."""
        d = ratio(y_pred - y_true, y_pred + y_true)
        far = _log_quotient(y_pred, (y_true + y_pred) / 2)
        slope = np.where(np.abs(d) < 0.5, np.log1p(d), far)
        return 0.5 * np.where(y_true == 0, math.log(2), slope)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return the row at which ½ log(q/m), averaged over the rows, is the same for each class.

        Each step takes the geometric mean of row + q, scaled to sum to 1, and lowers the
        cost (Nielsen, 2020, *On a Generalization of the Jensen-Shannon Divergence*, Entropy).
        """
        rows, weight = self._rows_and_weights(y_true, sample_weight)
        best = np.average(rows, axis=0, weights=weight)
        for _ in range(10_000):
            with np.errstate(divide="ignore"):  # a class that no row has stays at 0
                logs = np.average(np.log(rows + best), axis=0, weights=weight)
            before, best = best, np.exp(logs) / np.exp(logs).sum()
            if np.abs(best - before).max() < 1e-15:
                break
        return best


def entropy(p: Array) -> Array:
    """Return Σ p log(1/p) of each row: the surprise that no prediction can avoid (chapter 10).

    Parameters
    ----------
    p : array_like
        One distribution (K,), or rows (n, K), that sum to 1. Natural logarithm; 0 · log 0 is 0.

    Examples
    --------
    >>> from lossbook import entropy
    >>> entropy([[0.5, 0.5], [1.0, 0.0]])
    array([0.69314718, 0.        ])
    """
    p = as_array("p", p)
    if not is_lazy(p):
        Distribution().check("p", p if p.ndim > 1 else p[None])
    with np.errstate(divide="ignore", invalid="ignore"):
        return product(p, np.abs(np.log(p))).sum(axis=-1)


def gaussian_kl(mean: Array, log_variance: Array) -> Array:
    r"""Return the divergence of N(mean, e^log_variance) from N(0, 1), summed over each row.

    .. math:: D = \tfrac12 \sum_j \bigl(\mu_j^2 + e^{v_j} - 1 - v_j\bigr), \qquad
        \frac{\partial D}{\partial \mu_j} = \mu_j, \qquad
        \frac{\partial D}{\partial v_j} = \tfrac12 (e^{v_j} - 1)

    The regulariser of a variational autoencoder; `gaussian_kl_gradient` gives its gradient.

    Parameters
    ----------
    mean, log_variance : array_like
        Rows (n, J) of means and of log variances, of the same shape; or one row (J,).

    Examples
    --------
    >>> from lossbook import gaussian_kl
    >>> gaussian_kl([[0.0, 0.0], [1.0, 2.0]], [[0.0, 0.0], [0.0, 0.0]])
    array([0. , 2.5])

    References
    ----------
    Kingma and Welling (2014), *Auto-Encoding Variational Bayes*, ICLR, appendix B.
    """
    mean, v = _gaussian(mean, log_variance)
    return 0.5 * (mean * mean + excess(v)).sum(axis=-1)


def gaussian_kl_gradient(mean: Array, log_variance: Array) -> tuple[Array, Array]:
    """Return the derivatives of `gaussian_kl` by the means and by the log variances.

    Examples
    --------
    >>> from lossbook import gaussian_kl_gradient
    >>> gaussian_kl_gradient([[1.0, 2.0]], [[0.0, 0.0]])
    (array([[1., 2.]]), array([[0., 0.]]))
    """
    mean, v = _gaussian(mean, log_variance)
    return mean, 0.5 * np.expm1(v)


def _gaussian(mean: Array, log_variance: Array) -> tuple[Array, Array]:
    """Return both as floats, after checks of shape and values."""
    mean, v = as_array("mean", mean), as_array("log_variance", log_variance)
    if mean.shape != v.shape:
        raise ValueError(
            f"mean has shape {mean.shape} and log_variance has shape {v.shape}: "
            "expected equal shapes"
        )
    for name, values in (("mean", mean), ("log_variance", v)):
        if not is_lazy(values):
            REAL.check(name, values)
    return mean.astype(float_type(mean)), v.astype(float_type(v))


def _log_quotient(p: Array, q: Array) -> Array:
    """Return log(p/q), also where the quotient overflows or vanishes."""
    quotient = p / q
    safe = (quotient > 0) & (quotient < np.inf)
    return np.where(safe, np.log(quotient), np.log(p) - np.log(q))


def _relative_entropy(p: Array, q: Array) -> tuple[Array, Array]:
    """Return Σ p log(p/q) of each row, and p/q, where 0/0 is 0.

    The formula that zeros and overflow need runs only for blocks that have them.
    """
    quotient = p / q
    if not is_lazy(quotient):
        logs = np.log(quotient)
        logs *= p
        divergence = logs @ np.ones(p.shape[1], p.dtype)  # faster than a sum of short rows
        if np.isfinite(divergence).all():
            return divergence, quotient
    return product(p, _log_quotient(p, q)).sum(axis=1), np.where(p == 0, 0, quotient)
