"""What losses of rows, one number a class, share: shapes, labels and an accurate softmax."""

from __future__ import annotations

import numpy as np

from lossbook.base import Loss
from lossbook.validation import (
    Array,
    ClassIndex,
    Distribution,
    Domain,
    as_array,
    check_weights,
    float_type,
    is_lazy,
)


class ClassRows(Loss):
    """A loss of rows: class indices (n,), or rows of targets (n, K), for predictions (n, K)."""

    elementwise = False

    def check_shapes(self, y_true: Array, y_pred: Array) -> None:
        """Accept class indices (n,) or rows of targets (n, K) for predictions (n, K)."""
        if y_pred.ndim != 2 or y_true.shape not in (y_pred.shape, y_pred.shape[:1]):
            raise ValueError(
                f"y_true has shape {y_true.shape} and y_pred has shape {y_pred.shape}: "
                "expected y_pred of shape (n, K) and y_true of shape (n,) or (n, K)"
            )

    def domains(self, y_true: Array, y_pred: Array) -> tuple[Domain, Domain]:
        """Take whole numbers as indices of classes, rows as distributions."""
        labels = Distribution() if y_true.ndim == 2 else ClassIndex(y_pred.shape[1])
        return labels, self.prediction_domain

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return the share of each class, one row."""
        rows, weight = self._rows_and_weights(y_true, sample_weight)
        return np.average(rows, axis=0, weights=weight)

    def _rows_and_weights(self, y_true: Array, sample_weight: Array) -> tuple[Array, Array]:
        """Return checked labels as rows (classes 0 to the largest index), and weights (n,)."""
        y_true = as_array("y_true", y_true)
        if y_true.ndim == 1:
            ClassIndex(2**31).check("y_true", y_true)
            y_true = one_hot(y_true.astype(np.intp), int(y_true.max()) + 1)
        else:
            Distribution().check("y_true", y_true)
        if sample_weight is None:
            return y_true, np.ones(len(y_true))
        return y_true, check_weights(sample_weight, y_true.shape[:1])[0]


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


def softmax(z: Array) -> Array:
    """Return the probabilities e^z / Σe^z of each row of `z`.

    Equal infinities are ties, as they are on the way there.

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    e = np.exp(gaps(as_array("z", z)))
    return e / e.sum(axis=-1, keepdims=True)


def gaps(z: Array) -> Array:
    """Return how far each number of a row lies above the row's largest: 0 or less."""
    top = z.max(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):  # inf - inf, which the comparison replaces by 0
        return np.where(z == top, 0, z - top)


def softmax_parts(z: Array) -> tuple[Array, Array, Array]:
    """Return p, 1 - p and -log p of each class, each accurate where it is tiny.

    The rest of the row is summed without the largest term, so that the sum keeps its digits
    and no probability of nearly 1 has to be taken from 1.
    """
    gap = gaps(z)
    e = np.exp(gap)
    first = (np.cumsum(gap == 0, axis=1) == 1) & (gap == 0)
    rest = np.where(first, 0, e).sum(axis=1, keepdims=True)
    total = 1 + rest
    others = np.where(first, rest, total - e)
    return e / total, others / total, np.log1p(rest) - gap


def exponentials(z: Array, y: Array) -> tuple[Array, Array, Array, Array]:
    """Split the softmax of logits at the true classes, by gathers instead of one-hot rows.

    Returns e^z with 0 at the class `y` of each row; the sum of each such row; e^z at `y`; and
    -log p there. Leaving the true class out of the sum keeps the digits of tiny losses.
    """
    n, k = z.shape
    place = np.arange(0, n * k, k) + y
    # Within this limit neither e^z nor a quotient of two sums can overflow or vanish, so that
    # the largest logit need not be taken out first.
    near = max(-z.min(), z.max()) < 0.4 * float(np.log(np.finfo(z.dtype).max))
    gap = z if near else gaps(z)
    e = np.exp(gap, order="C")
    flat = e.reshape(-1)
    true = flat.take(place)
    flat[place] = 0
    rest = e @ np.ones(k, z.dtype)  # faster than e.sum(axis=1) where rows are short
    if near:
        return e, rest, true, np.log1p(rest / true)
    at = gap[np.arange(n), y]
    return e, rest, true, np.where(at == 0, np.log1p(rest), np.log(rest + true) - at)


def is_gatherable(y_true: Array, y_pred: Array) -> bool:
    """Tell whether labels are indices that can be looked up now, in no lazy array."""
    return y_true.ndim == 1 and not is_lazy(y_true) and not is_lazy(y_pred)


def as_rows(y_true: Array, y_pred: Array) -> Array:
    """Return the targets as rows, of the predictions' dtype."""
    rows = one_hot(y_true, y_pred.shape[1]) if y_true.ndim == 1 else y_true
    return rows.astype(float_type(y_pred), copy=False)


def product(y: Array, surprise: Array) -> Array:
    """Return y · surprise, where 0 · inf is 0."""
    return np.where(y == 0, 0, y * surprise)


def ratio(y: Array, p: Array) -> Array:
    """Return y / p, where 0 / 0 is 0."""
    return np.where(y == 0, 0, y / p)
