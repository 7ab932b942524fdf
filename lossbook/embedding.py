"""Losses of distances and similarities, and how they reach the embeddings (chapter 13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.base import Loss, ResidualLoss, Traits
from lossbook.classification import SoftmaxCrossEntropy
from lossbook.rows import ClassRows
from lossbook.validation import (
    REAL,
    Array,
    Either,
    Interval,
    as_array,
    float_type,
    is_lazy,
    positive,
)


@dataclass(frozen=True)
class Contrastive(Loss):
    r"""Contrastive loss: similar pairs together, others at least a margin apart (chapter 13).

    .. math:: \ell = \begin{cases} d^2 & \text{the pair is similar} \\
        \max(0,\ \text{margin} - d)^2 & \text{it is not} \end{cases}

    Called `loss(same, distance)`, with same = 1 for a similar pair and 0 for another. There is
    no factor ½. Distances of 0 or more.

    Parameters
    ----------
    margin : float
        How far apart is far enough, in the unit of the distances; finite, above 0.

    Examples
    --------
    >>> from lossbook import Contrastive
    >>> Contrastive(margin=1.0).loss([1, 0, 0], [0.5, 0.5, 2.0])
    array([0.25, 0.25, 0.  ])
    >>> Contrastive(margin=1.0).gradient([1, 0, 0], [0.5, 0.5, 2.0])
    array([ 1., -1.,  0.])

    References
    ----------
    Hadsell, Chopra and LeCun (2006), *Dimensionality Reduction by Learning an Invariant
    Mapping*, CVPR, with the factor ½.
    """

    margin: float = 1.0

    label_domain = Either(0, 1)
    prediction_domain = Interval(0, infinite=True, what="a distance of 0 or more")
    traits = Traits(True, smoothness=2.0, bounded=False, symmetric=False)

    def __post_init__(self) -> None:
        positive("margin", self.margin)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the square of the distance that is too much, or of that which is missing."""
        wrong = self._wrong(y_true, y_pred)
        return wrong * wrong

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return 2d for similar pairs, -2 max(0, margin - d) for others."""
        return 2 * self._wrong(y_true, y_pred)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return 2 where the pair costs something, or would at the next step; 0 elsewhere."""
        return 2 * ((y_true == 1) | (y_pred < self.margin)).astype(y_pred.dtype)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the margin times the share of pairs that are not similar."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        return float(self.margin * np.average(1 - y_true, weights=sample_weight))

    def _wrong(self, y_true: Array, y_pred: Array) -> Array:
        return np.where(y_true == 1, y_pred, np.minimum(y_pred - self.margin, 0))


@dataclass(frozen=True)
class Triplet(ResidualLoss):
    r"""Triplet loss: the positive nearer than the negative, by a margin (chapter 13).

    .. math:: \ell = \max(0,\ d_+ - d_- + \text{margin}), \qquad
        \rho(r) = \max(0,\ \text{margin} - r), \quad r = d_- - d_+

    Called `loss(positive_distance, negative_distance)`; `gradient` is the derivative by the
    negative distance, and its negative that by the positive one. At the kink it is 0.
    Distances of 0 or more.

    Parameters
    ----------
    margin : float
        How much farther away is far enough, in the unit of the distances; finite, above 0.

    Examples
    --------
    >>> from lossbook import Triplet
    >>> Triplet(margin=1.0).loss([0.5, 0.5], [0.75, 2.0])
    array([0.75, 0.  ])
    >>> Triplet(margin=1.0).gradient([0.5, 0.5], [0.75, 2.0])
    array([-1.,  0.])

    References
    ----------
    Schroff, Kalenichenko and Philbin (2015), *FaceNet*, CVPR, with squared distances;
    Weinberger and Saul (2009), JMLR 10, on the large-margin idea.
    """

    margin: float = 1.0

    label_domain = Interval(0, what="a finite distance of 0 or more")
    prediction_domain = Interval(0, infinite=True, what="a distance of 0 or more")

    def __post_init__(self) -> None:
        positive("margin", self.margin)

    @property
    def traits(self) -> Traits:
        """Slope -1 up to the margin, then 0."""
        return Traits(True, lipschitz=1.0, bounded=False, symmetric=False, kinks=(self.margin,))

    def rho(self, r: Array) -> Array:
        """Return what is missing to the margin."""
        return np.maximum(self.margin - r, 0)

    def psi(self, r: Array) -> Array:
        """Return -1 below the margin, 0 from there on."""
        return (r >= self.margin).astype(r.dtype) - 1

    def dpsi(self, r: Array) -> Array:
        """Return 0, the curvature on both sides of the kink."""
        return np.zeros_like(r)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the smallest negative distance at which no triplet costs anything."""
        y_true, sample_weight = self._sample(y_true, sample_weight)
        return float(y_true[sample_weight > 0].max() + self.margin)


@dataclass(frozen=True)
class InfoNCE(ClassRows):
    r"""InfoNCE: pick the positive out of a row of candidates, by similarity (chapter 13).

    .. math:: \ell = -\log \frac{e^{s_y / \tau}}{\sum_k e^{s_k / \tau}}

    The softmax cross-entropy of similarities / temperature. `y_true` holds the index of each
    row's positive (n,), or rows (n, K) that share the weight among several; `y_pred` the matrix
    (n, K) of similarities. With a batch of pairs, row i's positive is column i and the rest of
    the batch are its negatives: `loss(np.arange(n), similarities)`.

    Parameters
    ----------
    temperature : float
        τ, in the unit of the similarities; finite, above 0. Small: the nearest rivals decide.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import InfoNCE
    >>> similarities = np.array([[0.9, 0.1], [0.2, 0.8]])
    >>> InfoNCE(temperature=0.5).loss([0, 1], similarities).round(4)
    array([0.1839, 0.2633])

    References
    ----------
    van den Oord, Li and Vinyals (2018), *Representation Learning with Contrastive Predictive
    Coding*, arXiv:1807.03748; Chen and others (2020), *SimCLR*, ICML, for the temperature.
    """

    temperature: float = 0.1

    prediction_space = "score"

    def __post_init__(self) -> None:
        positive("temperature", self.temperature)

    @property
    def traits(self) -> Traits:
        """Those of the softmax cross-entropy, of a stretched prediction."""
        t = self.temperature
        slope, curvature = 2**0.5 / t, 0.5 / t**2
        return Traits(True, slope, curvature, bounded=False, symmetric=True)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the cross-entropy of similarities / temperature."""
        return _CROSS_ENTROPY.value(y_true, y_pred / self.temperature)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return that of the cross-entropy / temperature."""
        return _CROSS_ENTROPY.derivative(y_true, y_pred / self.temperature) / self.temperature

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both in one pass."""
        value, slope = _CROSS_ENTROPY.value_and_derivative(y_true, y_pred / self.temperature)
        return value, slope / self.temperature

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> Array:
        """Return temperature · log of each column's share; -inf for one that is never right."""
        return self.temperature * _CROSS_ENTROPY.best_constant(y_true, sample_weight)


_CROSS_ENTROPY = SoftmaxCrossEntropy()


def embedding_distances(a: Array, b: Array) -> Array:
    """Return the Euclidean distance of each row of `a` from the same row of `b`.

    Parameters
    ----------
    a, b : array_like
        Embeddings, rows (n, d), of the same shape.

    Examples
    --------
    >>> from lossbook import embedding_distances
    >>> embedding_distances([[0.0, 0.0], [1.0, 1.0]], [[3.0, 4.0], [1.0, 1.0]])
    array([5., 0.])
    """
    a, b = _embeddings(a, b)
    return _lengths(a - b)[:, 0]


def embedding_distances_gradient(
    a: Array, b: Array, distance_gradient: Array
) -> tuple[Array, Array]:
    """Carry a gradient by the distances back to the embeddings: the chain rule.

    Parameters
    ----------
    a, b : array_like
        Embeddings, rows (n, d), as given to `embedding_distances`.
    distance_gradient : array_like
        The derivative of the cost by each distance, (n,).

    Returns
    -------
    tuple of arrays
        The derivatives by `a` and by `b`; 0 where both embeddings are the same point.

    Examples
    --------
    >>> from lossbook import embedding_distances_gradient
    >>> embedding_distances_gradient([[0.0, 0.0]], [[3.0, 4.0]], [1.0])
    (array([[-0.6, -0.8]]), array([[0.6, 0.8]]))
    """
    a, b = _embeddings(a, b)
    slope = as_array("distance_gradient", distance_gradient)
    if slope.shape != a.shape[:1]:
        raise ValueError(f"distance_gradient has shape {slope.shape}: expected {a.shape[:1]}")
    difference = a - b
    length = _lengths(difference)
    towards = slope[:, None] * (difference / np.where(length == 0, 1, length))
    return towards, -towards


def cosine_similarities(a: Array, b: Array) -> Array:
    """Return the cosine of the angle between every row of `a` and every row of `b`.

    Parameters
    ----------
    a : array_like
        Embeddings, rows (n, d); none of length 0.
    b : array_like
        Embeddings, rows (m, d); none of length 0.

    Returns
    -------
    array
        Similarities (n, m), between -1 and 1.

    Examples
    --------
    >>> from lossbook import cosine_similarities
    >>> cosine_similarities([[1.0, 0.0], [0.0, 2.0]], [[3.0, 4.0]]).round(3)
    array([[0.6],
           [0.8]])
    """
    a, b = _embeddings(a, b, pairwise=True)
    return _directions("a", a)[0] @ _directions("b", b)[0].T


def cosine_similarities_gradient(
    a: Array, b: Array, similarity_gradient: Array
) -> tuple[Array, Array]:
    """Carry a gradient by the cosine similarities back to the embeddings: the chain rule.

    Parameters
    ----------
    a, b : array_like
        Embeddings, rows (n, d) and (m, d), as given to `cosine_similarities`.
    similarity_gradient : array_like
        The derivative of the cost by each similarity, (n, m).

    Returns
    -------
    tuple of arrays
        The derivatives by `a` and by `b`. Each row is at a right angle to its embedding, since
        its length does not matter.

    Examples
    --------
    >>> from lossbook import cosine_similarities_gradient
    >>> cosine_similarities_gradient([[1.0, 0.0]], [[0.0, 2.0]], [[1.0]])
    (array([[0., 1.]]), array([[0.5, 0. ]]))
    """
    a, b = _embeddings(a, b, pairwise=True)
    slope = as_array("similarity_gradient", similarity_gradient)
    if slope.shape != (len(a), len(b)):
        shape = (len(a), len(b))
        raise ValueError(f"similarity_gradient has shape {slope.shape}: expected {shape}")
    (u, length_a), (v, length_b) = _directions("a", a), _directions("b", b)
    by_u, by_v = slope @ v, slope.T @ u
    return _across(by_u, u) / length_a, _across(by_v, v) / length_b


def _across(slope: Array, direction: Array) -> Array:
    """Return the part of each slope at a right angle to its direction."""
    return slope - (slope * direction).sum(axis=1, keepdims=True) * direction


def _lengths(rows: Array) -> Array:
    """Return the length of each row (n, 1), without overflow in its squares."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scale = np.where(largest == 0, 1, largest)
    return scale * np.sqrt(((rows / scale) ** 2).sum(axis=1, keepdims=True))


def _directions(name: str, rows: Array) -> tuple[Array, Array]:
    """Return rows of length 1, and the lengths they had."""
    length = _lengths(rows)
    if not is_lazy(rows) and not length.all():
        row = int(np.argmin(length[:, 0]))
        raise ValueError(f"{name}[{row}] has length 0: expected an embedding with a direction")
    return rows / length, length


def _embeddings(a: Array, b: Array, pairwise: bool = False) -> tuple[Array, Array]:
    """Return both as rows of floats, after checks of shape and values."""
    a, b = as_array("a", a), as_array("b", b)
    fits = a.ndim == b.ndim == 2 and (a.shape[1] == b.shape[1] if pairwise else a.shape == b.shape)
    if not fits:
        expected = "rows (n, d) and (m, d)" if pairwise else "rows (n, d), of the same shape"
        raise ValueError(f"a has shape {a.shape} and b has shape {b.shape}: expected {expected}")
    for name, rows in (("a", a), ("b", b)):
        if not is_lazy(rows):
            REAL.check(name, rows)
    return a.astype(float_type(a)), b.astype(float_type(b))
