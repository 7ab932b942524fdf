"""Checks of what metrics receive: labels with decisions, labels with scores, weights."""

from __future__ import annotations

import numpy as np

from lossbook.validation import REAL, Array, Domain, Either, as_array, check_weights, is_lazy


def decisions(y_true: Array, y_pred: Array, sample_weight: Array) -> tuple[Array, Array, Array]:
    """Return checked labels of any kind, and the weights if there are any."""
    true = np.asarray(_in_memory("y_true", y_true))
    pred = np.asarray(_in_memory("y_pred", y_pred))
    for name, labels in (("y_true", true), ("y_pred", pred)):
        if labels.dtype.kind not in "biufU":
            raise ValueError(f"{name} has dtype {labels.dtype}: expected numbers or text")
        if labels.dtype.kind == "f":
            REAL.check(name, labels)
    if true.size == 0:
        raise ValueError("y_true is empty: expected at least one example")
    _one_column(true, pred, "y_pred")
    if (true.dtype.kind == "U") != (pred.dtype.kind == "U"):
        raise ValueError("y_true or y_pred is text and the other is not: expected the same labels")
    weight = None if sample_weight is None else _weights(sample_weight, true.shape)
    return true, pred, weight


def _in_memory(name: str, values: Array) -> Array:
    """Refuse lazy arrays: metrics sort and count."""
    if is_lazy(values):
        raise TypeError(f"{name} is a lazy array: compute it first")
    return values


def _one_column(y_true: Array, other: Array, name: str) -> None:
    """Refuse anything but two arrays of the same length."""
    if y_true.ndim != 1 or y_true.shape != other.shape:
        raise ValueError(
            f"y_true has shape {y_true.shape} and {name} has shape {other.shape}: "
            "expected equal shapes (n,)"
        )


def _weights(sample_weight: Array, shape: tuple[int, ...]) -> Array:
    return check_weights(_in_memory("sample_weight", sample_weight), shape)[0]


def labels_and_scores(
    y_true: Array,
    y_score: Array,
    sample_weight: Array,
    name: str = "y_score",
    domain: Domain = REAL,
) -> tuple[Array, Array, Array | None]:
    """Return who is positive, float scores and weights; examples of weight 0 are left out."""
    labels, scores = (
        as_array(n, _in_memory(n, v)) for n, v in (("y_true", y_true), (name, y_score))
    )
    _one_column(labels, scores, name)
    Either(-1 if labels.min() < 0 else 0, 1).check("y_true", labels)
    domain.check(name, scores)
    positive, scores = labels > 0, scores.astype(np.float64)
    if sample_weight is None:
        return positive, scores, None
    weight = _weights(sample_weight, labels.shape)
    counts = weight > 0
    return positive[counts], scores[counts], weight[counts]
