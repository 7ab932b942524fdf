"""Metrics: how good the decisions and the scores of a trained model are (chapters 7, 12 and 16).

A metric judges a whole data set and is not trained on. Arguments come as (y_true, y_pred) for
decisions and (y_true, y_score) for scores, and every metric takes weights of the examples.
Labels of scores are 0/1 or -1/+1. Average precision is in
`lossbook.detection_metrics`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lossbook.labels import decisions, labels_and_scores
from lossbook.validation import PROBABILITY, Array
from lossbook.validation import positive as check_positive

# Decisions ---------------------------------------------------------------------------------------


class ConfusionCounts(NamedTuple):
    """Examples by what they are and what they were called; sums of weights if there are any."""

    true_negative: float
    false_positive: float
    false_negative: float
    true_positive: float


def accuracy(y_true: Array, y_pred: Array, sample_weight: Array = None) -> float:
    """Return the share of correct decisions.

    Parameters
    ----------
    y_true, y_pred : array_like of shape (n,)
        Labels of any kind: numbers or text, two classes or more.
    sample_weight : array_like of shape (n,), optional
        Weights of the examples.

    Examples
    --------
    >>> accuracy(["cat", "dog", "dog"], ["cat", "dog", "cat"]).__round__(4)
    0.6667
    """
    y_true, y_pred, weight = decisions(y_true, y_pred, sample_weight)
    return float(np.average(y_true == y_pred, weights=weight))


def confusion_counts(
    y_true: Array, y_pred: Array, sample_weight: Array = None, *, positive: Any = 1
) -> ConfusionCounts:
    """Count right and wrong decisions for one class against the rest.

    Parameters
    ----------
    y_true, y_pred, sample_weight
        As in `accuracy`.
    positive : label
        The class that counts as positive; every other label is negative.

    Examples
    --------
    >>> confusion_counts([1, 1, 1, 0, 0], [1, 1, 0, 1, 0])
    ConfusionCounts(true_negative=1, false_positive=1, false_negative=1, true_positive=2)
    """
    y_true, y_pred, weight = decisions(y_true, y_pred, sample_weight)
    if y_true.dtype.kind == "U" and not isinstance(positive, str):
        raise ValueError(f"positive is {positive!r}: expected one of the labels, which are text")
    true, called = y_true == positive, y_pred == positive
    groups = (~true & ~called, ~true & called, true & ~called, true & called)
    if weight is None:
        return ConfusionCounts(*(int(group.sum()) for group in groups))
    return ConfusionCounts(*(float(weight[group].sum()) for group in groups))


def precision(
    y_true: Array, y_pred: Array, sample_weight: Array = None, *, positive: Any = 1
) -> float:
    """Return the share of true positives among all that were called positive, 0 if none was.

    Arguments are those of `confusion_counts`.

    Examples
    --------
    >>> precision([1, 1, 1, 0, 0], [1, 0, 0, 1, 0])
    0.5
    """
    counts = confusion_counts(y_true, y_pred, sample_weight, positive=positive)
    return _share(counts.true_positive, counts.true_positive + counts.false_positive)


def recall(
    y_true: Array, y_pred: Array, sample_weight: Array = None, *, positive: Any = 1
) -> float:
    """Return the share of all positives that were called positive, 0 if there is none.

    Arguments are those of `confusion_counts`.

    Examples
    --------
    >>> recall([1, 1, 1, 1, 0], [1, 0, 0, 0, 1])
    0.25
    """
    counts = confusion_counts(y_true, y_pred, sample_weight, positive=positive)
    return _share(counts.true_positive, counts.true_positive + counts.false_negative)


def f1(y_true: Array, y_pred: Array, sample_weight: Array = None, *, positive: Any = 1) -> float:
    """Return the harmonic mean of precision and recall, 2TP / (2TP + FP + FN); 0 for 0/0.

    Arguments are those of `confusion_counts`.

    Examples
    --------
    >>> f1([1, 1, 1, 0, 0], [1, 1, 0, 1, 1]).__round__(4)
    0.5714
    """
    _, false_positive, false_negative, hit = confusion_counts(
        y_true, y_pred, sample_weight, positive=positive
    )
    return _share(2 * hit, 2 * hit + false_positive + false_negative)


def expected_cost(
    y_true: Array,
    y_pred: Array,
    sample_weight: Array = None,
    *,
    false_positive: float = 1.0,
    false_negative: float = 1.0,
    positive: Any = 1,
) -> float:
    """Return the average cost of the decisions, when the two mistakes cost differently.

    Parameters
    ----------
    y_true, y_pred, sample_weight, positive
        As in `confusion_counts`.
    false_positive, false_negative : float
        What each mistake costs, above 0; a correct decision costs nothing.

    Examples
    --------
    >>> expected_cost([1, 1, 0, 0], [1, 0, 1, 0], false_positive=1, false_negative=9)
    2.5
    """
    _check_costs(false_positive, false_negative)
    counts = confusion_counts(y_true, y_pred, sample_weight, positive=positive)
    total = false_positive * counts.false_positive + false_negative * counts.false_negative
    return float(total / sum(counts))


# Scores ------------------------------------------------------------------------------------------


class RocCurve(NamedTuple):
    """Rates when every score of `threshold` or more is called positive."""

    false_positive_rate: Array
    true_positive_rate: Array
    threshold: Array


class PrecisionRecallCurve(NamedTuple):
    """Precision and recall for each threshold, and a last point (1, 0) that has none."""

    precision: Array
    recall: Array
    threshold: Array


class CalibrationCurve(NamedTuple):
    """Observed rate, mean predicted probability and weight of each bin that is not empty."""

    observed: Array
    predicted: Array
    weight: Array


class BestThreshold(NamedTuple):
    """A threshold and the expected cost of calling every score of at least that positive."""

    threshold: float
    cost: float


def roc_curve(y_true: Array, y_score: Array, sample_weight: Array = None) -> RocCurve:
    """Return the receiver operating characteristic: what each threshold catches and at what price.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Labels 0/1 or -1/+1, of both classes.
    y_score : array_like of shape (n,)
        Finite; a higher score means more likely positive.
    sample_weight : array_like of shape (n,), optional
        Weights of the examples.

    Returns
    -------
    RocCurve
        One point for each distinct score, from the highest, after a first point (0, 0) whose
        threshold is infinite. No point is dropped, not even within a straight line.

    Examples
    --------
    >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.false_positive_rate, curve.true_positive_rate
    (array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ]))
    """
    hits, false_alarms, threshold = _ranking(y_true, y_score, sample_weight)
    _need(hits[-1], "positive")
    _need(false_alarms[-1], "negative")
    return RocCurve(
        np.append(0.0, false_alarms / false_alarms[-1]),
        np.append(0.0, hits / hits[-1]),
        np.append(np.inf, threshold),
    )


def roc_auc(y_true: Array, y_score: Array, sample_weight: Array = None) -> float:
    """Return the area under the ROC curve.

    It is the chance that a positive example scores higher than a negative one, ties counting
    half. Arguments are those of `roc_curve`.

    Examples
    --------
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    x, y, _ = roc_curve(y_true, y_score, sample_weight)
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2)


def precision_recall_curve(
    y_true: Array, y_score: Array, sample_weight: Array = None, *, n_positive: float | None = None
) -> PrecisionRecallCurve:
    """Return precision and recall for each threshold, from the lowest.

    Parameters
    ----------
    y_true, y_score, sample_weight
        As in `roc_curve`; one class is enough if it is the positive one.
    n_positive : float, optional
        Number (or weight) of all positives, if some never got a score: objects that no box found.

    Examples
    --------
    >>> curve = precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.precision.round(4), curve.recall
    (array([0.5   , 0.6667, 0.5   , 1.    , 1.    ]), array([1. , 1. , 0.5, 0.5, 0. ]))
    """
    hits, false_alarms, threshold = _ranking(y_true, y_score, sample_weight)
    total = all_positives(hits[-1], n_positive)
    return PrecisionRecallCurve(
        np.append((hits / (hits + false_alarms))[::-1], 1.0),
        np.append((hits / total)[::-1], 0.0),
        threshold[::-1],
    )


def calibration_curve(
    y_true: Array,
    y_prob: Array,
    n_bins: int = 10,
    *,
    strategy: str = "uniform",
    sample_weight: Array = None,
) -> CalibrationCurve:
    """Compare predicted probabilities with how often it happened, bin by bin.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Labels 0/1 or -1/+1.
    y_prob : array_like of shape (n,)
        Probabilities of the positive class.
    n_bins : int
        Number of bins; empty ones are left out of the result. A probability on a border belongs
        to the lower bin.
    strategy : "uniform" or "quantile"
        Bins of equal width, or of equal numbers of examples.
    sample_weight : array_like of shape (n,), optional
        Weights of the examples.

    Examples
    --------
    >>> curve = calibration_curve([0, 1, 1, 1], [0.2, 0.3, 0.9, 0.7], n_bins=2)
    >>> curve.observed, curve.predicted, curve.weight
    (array([0.5, 1. ]), array([0.25, 0.8 ]), array([2., 2.]))
    """
    positive, probability, weight = labels_and_scores(
        y_true, y_prob, sample_weight, "y_prob", PROBABILITY
    )
    if not isinstance(n_bins, int | np.integer) or n_bins < 1:
        raise ValueError(f"n_bins is {n_bins}: expected a whole number, 1 or more")
    borders = np.linspace(0, 1, n_bins + 1)
    if strategy == "quantile":
        borders = np.percentile(probability, borders * 100)
    elif strategy != "uniform":
        raise ValueError(f'strategy is {strategy!r}: expected "uniform" or "quantile"')
    bins = np.searchsorted(borders[1:-1], probability)
    weight = np.ones(len(probability)) if weight is None else weight
    total = np.bincount(bins, weight)
    used = total > 0
    return CalibrationCurve(
        np.bincount(bins, weight * positive)[used] / total[used],
        np.bincount(bins, weight * probability)[used] / total[used],
        total[used],
    )


def best_threshold(
    y_true: Array,
    y_score: Array,
    sample_weight: Array = None,
    *,
    false_positive: float = 1.0,
    false_negative: float = 1.0,
) -> BestThreshold:
    """Return the threshold with the smallest expected cost on these examples.

    Every score of at least the threshold is called positive. Tried are all scores, and infinity,
    which calls nothing positive; of equally good ones the highest is returned. For calibrated
    probabilities it is near FP cost / (FP cost + FN cost), whatever the base rate.

    Parameters
    ----------
    y_true, y_score, sample_weight
        As in `roc_curve`; one class is enough.
    false_positive, false_negative : float
        What each mistake costs, above 0.

    Examples
    --------
    >>> best_threshold([0, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.6, 0.9], false_negative=3)
    BestThreshold(threshold=0.3, cost=0.2)

    References
    ----------
    Elkan (2001), *The Foundations of Cost-Sensitive Learning*, IJCAI.
    """
    _check_costs(false_positive, false_negative)
    hits, false_alarms, threshold = _ranking(y_true, y_score, sample_weight)
    missed = hits[-1] - np.append(0, hits)
    costs = false_positive * np.append(0, false_alarms) + false_negative * missed
    best = int(np.argmin(costs))
    total = hits[-1] + false_alarms[-1]
    return BestThreshold(float(np.append(np.inf, threshold)[best]), float(costs[best] / total))


# Checks ------------------------------------------------------------------------------------------


def all_positives(scored: float, n_positive: float | None) -> float:
    """Return the number of all positives; it cannot be 0, nor less than those with a score."""
    if n_positive is None:
        n_positive = scored
    elif not scored <= n_positive < np.inf:
        raise ValueError(f"n_positive is {n_positive}: expected at least {scored}, those in y_true")
    _need(n_positive, "positive")
    return n_positive


def _ranking(y_true: Array, y_score: Array, sample_weight: Array) -> tuple[Array, Array, Array]:
    """Return for each distinct score, from the highest, what it and all above it hit and miss."""
    positive, score, weight = labels_and_scores(y_true, y_score, sample_weight)
    order = np.argsort(-score, kind="stable")
    positive, score = positive[order], score[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)  # of each group of ties
    if weight is None:
        hits = np.cumsum(positive)[last]
        return hits, 1 + last - hits, score[last]
    weight = weight[order]
    hits, false_alarms = np.cumsum(weight * positive), np.cumsum(weight * ~positive)
    return hits[last], false_alarms[last], score[last]


def _check_costs(false_positive: float, false_negative: float) -> None:
    check_positive("false_positive", false_positive)
    check_positive("false_negative", false_negative)


def _need(total: float, kind: str) -> None:
    """Refuse a curve that would divide by the number of examples of a class that is absent."""
    if not total > 0:
        raise ValueError(f"y_true holds no {kind} example: expected at least one")


def _share(part: float, whole: float) -> float:
    """Return part / whole, where 0 / 0 is 0."""
    return float(part / whole) if whole else 0.0
