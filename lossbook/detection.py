"""Losses for boxes, and what a detector needs around them (chapter 11).

A box is (x1, y1, x2, y2) in continuous coordinates: its width is x2 - x1, without the +1 of
pixel counting. Boxes come in arrays of shape (n, 4), with one loss for each row.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lossbook.averaging import BLOCK, blocks
from lossbook.base import Loss, Traits
from lossbook.boxes import Corners, Pairs, ratio
from lossbook.validation import REAL, Array, as_array, between, float_type, is_lazy, same_shape


class _BoxLoss(Loss):
    """What losses of boxes share; a subclass adds up terms of `Pairs` and their derivatives."""

    prediction_space = "box"
    elementwise = False
    block = BLOCK // 3
    label_domain = prediction_domain = Corners()
    traits = Traits(False, bounded=True, symmetric=False, kinks=(0.0,))

    def check_shapes(self, y_true: Array, y_pred: Array) -> None:
        """Accept arrays of shape (n, 4)."""
        same_shape(y_true, y_pred)
        if y_pred.ndim != 2 or y_pred.shape[1] != 4:
            raise ValueError(
                f"y_pred has shape {y_pred.shape}: expected (n, 4), rows of x1, y1, x2, y2"
            )

    @abstractmethod
    def terms(self, pairs: Pairs) -> Array:
        """Return the loss of each pair."""

    @abstractmethod
    def slopes(self, pairs: Pairs) -> Array:
        """Return its derivative by the edges, (4, n), in units of the hull."""

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the sum of the terms."""
        return self.terms(Pairs(y_true, y_pred))

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return the derivative by the predicted box."""
        return self.value_and_derivative(y_true, y_pred)[1]

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both from one measurement."""
        pairs = Pairs(y_true, y_pred)
        return self.terms(pairs), (self.slopes(pairs) / pairs.unit).T


@dataclass(frozen=True)
class IoU(_BoxLoss):
    r"""Intersection over union: the share of the two boxes that they do not share (chapter 11).

    .. math:: \ell = 1 - \frac{|A \cap B|}{|A \cup B|}

    Between 0 (equal) and 1 (apart). Where boxes are apart it is flat, so its gradient is 0 and
    descent cannot bring them together. Two boxes without area cost 0 if they are equal, else 1.
    Boxes (n, 4) of finite x1 <= x2, y1 <= y2 in any unit; an infinite box has no single limit.
    The gradient at a kink (an edge on an edge) is the mean of both slopes, and 0 where boxes
    only touch.

    Examples
    --------
    >>> from lossbook import IoU
    >>> IoU().loss([[0, 0, 2, 2], [0, 0, 1, 1]], [[1, 0, 3, 2], [5, 5, 6, 6]]).round(4)
    array([0.6667, 1.    ])
    >>> IoU().gradient([[0, 0, 2, 2]], [[1, 0, 3, 2]]).round(4)
    array([[0.3333, 0.    , 0.1111, 0.    ]])

    References
    ----------
    Jaccard (1912), *The Distribution of the Flora in the Alpine Zone*, New Phytologist 11(2);
    as a loss, 1 - IoU, in Rezatofighi et al. (2019), CVPR.
    """

    def terms(self, pairs: Pairs) -> Array:
        """Return 1 - IoU."""
        return pairs.miss

    def slopes(self, pairs: Pairs) -> Array:
        """Return its derivative."""
        return pairs.d_miss


@dataclass(frozen=True)
class GIoU(_BoxLoss):
    r"""Generalised IoU: adds the empty share of the smallest box around both (chapter 11).

    .. math:: \ell = 1 - \mathrm{IoU} + \frac{|C| - |A \cup B|}{|C|}

    C is that smallest box, the hull. Between 0 (equal) and 2 (far apart): boxes that are apart
    pull at each other, which `IoU` lacks. A hull without area adds 0. Boxes as in `IoU`.

    Examples
    --------
    >>> from lossbook import GIoU
    >>> GIoU().loss([[0, 0, 1, 1]], [[2, 0, 3, 1]]).round(4)
    array([1.3333])
    >>> GIoU().gradient([[0, 0, 1, 1]], [[2, 0, 3, 1]]).round(4)
    array([[ 0.3333,  0.    , -0.1111,  0.    ]])

    References
    ----------
    Rezatofighi, Tsoi, Gwak, Sadeghian, Reid and Savarese (2019), *Generalized Intersection over
    Union*, CVPR.
    """

    def terms(self, pairs: Pairs) -> Array:
        """Return 1 - IoU and the empty share of the hull."""
        return pairs.miss + pairs.waste

    def slopes(self, pairs: Pairs) -> Array:
        """Return its derivative."""
        return pairs.d_miss + pairs.d_waste


@dataclass(frozen=True)
class DIoU(_BoxLoss):
    r"""Distance IoU: adds the distance of the centres, as a share of the diagonal (chapter 11).

    .. math:: \ell = 1 - \mathrm{IoU} + \frac{d^2}{c^2}

    d is the distance between the centres, c the diagonal of the smallest box around both.
    Between 0 (equal) and 2 (far apart). Boxes as in `IoU`.

    Examples
    --------
    >>> from lossbook import DIoU
    >>> DIoU().loss([[0, 0, 1, 1]], [[2, 0, 3, 1]])
    array([1.4])
    >>> DIoU().gradient([[0, 0, 1, 1]], [[2, 0, 3, 1]]).round(4)
    array([[ 0.2 ,  0.04, -0.04, -0.04]])

    References
    ----------
    Zheng, Wang, Liu, Li, Ye and Ren (2020), *Distance-IoU Loss*, AAAI.
    """

    def terms(self, pairs: Pairs) -> Array:
        """Return 1 - IoU and the relative distance of the centres."""
        return pairs.miss + pairs.offset

    def slopes(self, pairs: Pairs) -> Array:
        """Return its derivative."""
        return pairs.d_miss + pairs.d_offset


@dataclass(frozen=True)
class CIoU(_BoxLoss):
    r"""Complete IoU: adds the difference of shape, width against height (chapter 11).

    .. math::
        \ell = 1 - \mathrm{IoU} + \frac{d^2}{c^2} + \alpha v, \qquad
        v = \Bigl(\frac2\pi \arctan\frac{w}{h} - \frac2\pi \arctan\frac{\hat w}{\hat h}\Bigr)^2,
        \qquad \alpha = \frac{v}{1 - \mathrm{IoU} + v}

    The gradient is that of this formula, α included. Training code often holds α constant and
    leaves out the factor 1/(w² + h²) of ∂v/∂w, as Zheng et al. advise; what it follows then is
    not the gradient of this loss. A point has no shape: there v is 0. Boxes as in `IoU`.

    Examples
    --------
    >>> from lossbook import CIoU
    >>> CIoU().loss([[0, 0, 2, 1]], [[0, 0, 1, 2]]).round(4)
    array([0.7629])
    >>> CIoU().gradient([[0, 0, 2, 1]], [[0, 0, 1, 2]]).round(4)
    array([[ 0.0286,  0.147 , -0.3512,  0.1756]])

    References
    ----------
    Zheng, Wang, Liu, Li, Ye and Ren (2020), *Distance-IoU Loss*, AAAI.
    """

    def terms(self, pairs: Pairs) -> Array:
        """Return 1 - IoU, the relative distance of the centres and αv."""
        return pairs.miss + pairs.offset + self._alpha(pairs) * pairs.aspect

    def slopes(self, pairs: Pairs) -> Array:
        """Return its derivative; that of αv = v²/(s + v) is -α² by s = 1 - IoU, α(2 - α) by v."""
        alpha = self._alpha(pairs)
        miss = (1 - alpha) * (1 + alpha) * pairs.d_miss
        return miss + pairs.d_offset + alpha * (2 - alpha) * pairs.d_aspect

    def _alpha(self, pairs: Pairs) -> Array:
        return ratio(pairs.aspect, pairs.miss + pairs.aspect)


def box_area(boxes: Array) -> Array:
    """Return the area (x2 - x1)(y2 - y1) of each box.

    Examples
    --------
    >>> box_area([[0, 0, 2, 3], [1, 1, 1, 5]])
    array([6., 0.])
    """
    return _area(_boxes("boxes", boxes).T)


def pairwise_iou(a: Array, b: Array) -> Array:
    """Return the IoU of every box of `a` with every box of `b`.

    Parameters
    ----------
    a, b : array_like of shape (n, 4) and (m, 4)
        Boxes; either may be empty.

    Returns
    -------
    ndarray of shape (n, m)
        `1 - IoU().loss` of each pair, with its conventions for boxes without area.

    Examples
    --------
    >>> pairwise_iou([[0, 0, 2, 2], [0, 0, 1, 1]], [[1, 0, 3, 2]]).round(4)
    array([[0.3333],
           [0.    ]])
    """
    return _pairwise(a, b, _iou, IoU())


def pairwise_giou(a: Array, b: Array) -> Array:
    """Return the generalised IoU, -1 to 1, of every box of `a` with every box of `b`.

    Arguments and result are those of `pairwise_iou`, with `GIoU` for `IoU`.

    Examples
    --------
    >>> pairwise_giou([[0, 0, 2, 2], [0, 0, 1, 1]], [[1, 0, 3, 2]]).round(4)
    array([[ 0.3333],
           [-0.1667]])
    """
    return _pairwise(a, b, _giou, GIoU())


def non_maximum_suppression(boxes: Array, scores: Array, threshold: float = 0.5) -> Array:
    """Return the indices of the boxes that stay when each one silences those it overlaps.

    The box with the highest score stays and removes every other whose IoU with it is above
    `threshold`; then the next that is left, and so on. Equal scores go in the order given.

    Parameters
    ----------
    boxes : array_like of shape (n, 4)
        Boxes of one class in one image; may be empty.
    scores : array_like of shape (n,)
        Finite.
    threshold : float
        Between 0 and 1. 1 keeps every box.

    Returns
    -------
    ndarray of int
        Indices, highest score first.

    Examples
    --------
    >>> boxes = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30]]
    >>> non_maximum_suppression(boxes, [0.8, 0.9, 0.7], threshold=0.5)
    array([1, 2])
    """
    boxes = _boxes("boxes", boxes)
    between("threshold", threshold, 0, 1)
    order = descending(scores, len(boxes))
    kept = []
    while order.size:
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[pairwise_iou(boxes[best : best + 1], boxes[order])[0] <= threshold]
    return np.array(kept, dtype=np.intp)


def descending(scores: Array, n: int) -> Array:
    """Return the indices of `n` checked scores from the highest; equal ones stay in order."""
    scores = np.asarray(scores)
    if scores.shape != (n,):
        raise ValueError(f"scores has shape {scores.shape}: expected ({n},), one for each box")
    REAL.check("scores", scores)
    return np.argsort(-scores.astype(np.float64), kind="stable")


def _boxes(name: str, boxes: Array) -> Array:
    """Return checked boxes as a float array (n, 4); none at all is allowed here."""
    if is_lazy(boxes):
        raise TypeError(f"{name} is a lazy array: compute it first")
    boxes = np.asarray(boxes)
    boxes = as_array(name, boxes) if boxes.size else np.zeros((0, 4), float_type(boxes))
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{name} has shape {boxes.shape}: expected (n, 4)")
    if boxes.size:
        Corners().check(name, boxes)
    return boxes.astype(float_type(boxes))


def _pairwise(a: Array, b: Array, formula: Callable[[Array, Array], Array], loss: Loss) -> Array:
    """Fill the table in blocks of rows, so that the formula's scratch arrays stay in cache."""
    a, b = _boxes("a", a), _boxes("b", b)
    table = np.empty((len(a), len(b)), np.result_type(a, b))
    columns = b.T.copy()
    with np.errstate(all="ignore"):  # 0 / 0 of two boxes without area is mended below
        for rows in blocks(table, BLOCK):
            table[rows] = formula(a[rows].T[:, :, None], columns)
        i, j = np.nonzero((_area(a.T) == 0)[:, None] & (_area(columns) == 0))
        table[i, j] = 1 - loss.value(a[i], b[j])
    return table


def _iou(a: Array, b: Array) -> Array:
    """Return the IoU of boxes given as x1, y1, x2, y2 along the first axis."""
    width, height = _reach(a, b)
    intersection = np.maximum(width, 0) * np.maximum(height, 0)
    return intersection / (_area(a) + _area(b) - intersection)


def _giou(a: Array, b: Array) -> Array:
    """Return I/U - (C - U)/C = I/U + U/C - 1 of boxes given as in `_iou`.

    Two intervals and their hull: hull = both lengths - reach, which saves two comparisons.
    """
    width, height = _reach(a, b)
    hull = (a[2] - a[0] + (b[2] - b[0]) - width) * (a[3] - a[1] + (b[3] - b[1]) - height)
    intersection = np.maximum(width, 0) * np.maximum(height, 0)
    union = _area(a) + _area(b) - intersection
    return intersection / union + (union / hull - 1)


def _reach(a: Array, b: Array) -> tuple[Array, Array]:
    """Return width and height of the intersection; below 0 it is the gap between the boxes."""
    width = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0])
    height = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
    return width, height


def _area(box: Array) -> Array:
    """Return the area of boxes given as in `_iou`."""
    return (box[2] - box[0]) * (box[3] - box[1])
