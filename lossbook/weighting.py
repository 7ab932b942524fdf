"""Weights and targets for any loss: rare classes, soft labels, many tasks (chapters 9, 16, 19)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lossbook.validation import (
    PROBABILITY,
    REAL,
    Array,
    Distribution,
    Interval,
    as_array,
    below_one,
    between,
    float_type,
    is_lazy,
)

NOT_NEGATIVE = Interval(0, infinite=True, what="a number of 0 or more")


class UncertaintyWeighted(NamedTuple):
    """The total of `uncertainty_weighted` and its gradients."""

    total: float
    by_cost: Array
    by_log_variance: Array


def class_weights(y: Array, scheme: str = "balanced", beta: float = 0.999) -> Array:
    r"""Return a weight for each example that makes up for rare classes (chapter 16).

    Pass it as `sample_weight`. With n examples, K classes and n_k examples of class k:

    .. math:: w_k = \frac{n}{K n_k} \quad\text{(balanced)}, \qquad
              w_k \propto \frac{1 - \beta}{1 - \beta^{n_k}} \quad\text{(effective)}

    The weights average 1 over the examples in both schemes. "effective" counts what new examples
    add: its limits are equal weights (β = 0) and "balanced" (β → 1).

    Parameters
    ----------
    y : array_like of shape (n,)
        Labels of any kind; only classes that occur count.
    scheme : "balanced" or "effective"
        The formula.
    beta : float
        For "effective": 0 or more, below 1.

    Returns
    -------
    ndarray of shape (n,)
        The weight of each example.

    Examples
    --------
    >>> class_weights(["good", "good", "good", "poor"])
    array([0.66666667, 0.66666667, 0.66666667, 2.        ])
    >>> class_weights([0, 0, 0, 1], "effective", beta=0.5)
    array([0.84210526, 0.84210526, 0.84210526, 1.47368421])

    References
    ----------
    King and Zeng (2001), *Logistic Regression in Rare Events Data*, Political Analysis 9(2);
    Cui, Jia, Lin, Song and Belongie (2019), *Class-Balanced Loss Based on Effective Number of
    Samples*, CVPR, who scale the weights to sum to K over the classes.
    """
    if is_lazy(y):
        raise TypeError("y is a lazy array: compute it first, classes are counted over all of it")
    y = np.asarray(y)
    if y.ndim != 1 or y.size == 0:
        raise ValueError(f"y has shape {y.shape}: expected (n,), one label per example")
    if y.dtype.kind == "f":
        REAL.check("y", y)
    if scheme not in ("balanced", "effective"):
        raise ValueError(f'scheme is {scheme!r}: expected "balanced" or "effective"')
    below_one("beta", beta)
    _, label, count = np.unique(y, return_inverse=True, return_counts=True)
    if scheme == "balanced":
        return (len(y) / (len(count) * count))[label]
    with np.errstate(divide="ignore"):  # β = 0 gives log 0 = -inf, and 1 - β^n = 1
        weight = 1 / -np.expm1(count * np.log(beta))
    return (weight * len(y) / (weight * count).sum())[label]


def smooth_labels(onehot: Array, epsilon: float) -> Array:
    """Return targets that keep a share `epsilon` for all classes alike (chapter 9).

    That is (1 - ε) · onehot + ε/K: the true class gets 1 - ε + ε/K, any other ε/K.

    Parameters
    ----------
    onehot : array_like of shape (n, K), or (n,) for two classes
        Rows that sum to 1 (`one_hot` makes them from class indices), or targets of the
        positive class, which have K = 2.
    epsilon : float
        From 0 (nothing changes) to 1 (all classes equal).

    Examples
    --------
    >>> smooth_labels([[1, 0, 0, 0], [0, 0, 1, 0]], epsilon=0.1)
    array([[0.925, 0.025, 0.025, 0.025],
           [0.025, 0.025, 0.925, 0.025]])
    >>> smooth_labels([0, 1], epsilon=0.1)
    array([0.05, 0.95])

    References
    ----------
    Szegedy, Vanhoucke, Ioffe, Shlens and Wojna (2016), *Rethinking the Inception Architecture for
    Computer Vision*, CVPR, section 7.
    """
    between("epsilon", epsilon, 0, 1)
    onehot = as_array("onehot", onehot)
    if onehot.ndim not in (1, 2):
        raise ValueError(f"onehot has shape {onehot.shape}: expected (n, K), or (n,) for K = 2")
    if not is_lazy(onehot):
        (PROBABILITY if onehot.ndim == 1 else Distribution()).check("onehot", onehot)
    classes = 2 if onehot.ndim == 1 else onehot.shape[1]
    epsilon = float(epsilon)
    return (1 - epsilon) * onehot.astype(float_type(onehot)) + epsilon / classes


def uncertainty_weighted(costs: Array, log_variances: Array) -> UncertaintyWeighted:
    r"""Add up the costs of several tasks, each weighted by a noise level to be learned (19).

    .. math:: \text{total} = \sum_i \tfrac12 \bigl(e^{-s_i} L_i + s_i\bigr)

    s_i is the log of the variance of task i, trained along with the model. For a fixed cost L
    the best s is ln L, which leaves ½(1 + ln L): a total below 0 is no error.

    Parameters
    ----------
    costs : array_like of shape (k,)
        The cost L of each task, 0 or more.
    log_variances : array_like of shape (k,)
        s, finite.

    Returns
    -------
    UncertaintyWeighted
        `total`, `by_cost` = ½e⁻ˢ and `by_log_variance` = ½(1 - e⁻ˢL): multiply the first into
        each task's gradient, descend along the second.

    Examples
    --------
    >>> import math
    >>> uncertainty_weighted([4.0, 0.5], [math.log(4), 0.0])
    UncertaintyWeighted(total=1.4431471805599454, by_cost=array([0.125, 0.5  ]),
                        by_log_variance=array([0.  , 0.25]))

    References
    ----------
    Kendall, Gal and Cipolla (2018), *Multi-Task Learning Using Uncertainty to Weigh Losses for
    Scene Geometry and Semantics*, CVPR, eq. 7 with s = log σ².
    """
    costs, s = as_array("costs", costs), as_array("log_variances", log_variances)
    if costs.shape != s.shape:
        raise ValueError(
            f"costs has shape {costs.shape} and log_variances has shape {s.shape}: "
            "expected equal shapes"
        )
    NOT_NEGATIVE.check("costs", costs)
    REAL.check("log_variances", s)
    with np.errstate(over="ignore", invalid="ignore"):
        by_cost = 0.5 * np.exp(-s)
        paid = np.where(costs == 0, 0, by_cost * costs)  # 0 · inf is 0
    return UncertaintyWeighted(float((paid + 0.5 * s).sum()), by_cost, 0.5 - paid)
