"""Losses of a whole mask, which no average over pixels replaces: Dice, Tversky, Lovász."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lossbook.averaging import BLOCK, blocks
from lossbook.base import Traits
from lossbook.sets import SetLoss
from lossbook.validation import PROBABILITY, Array, Either, is_lazy, not_negative


@dataclass(frozen=True)
class Dice(SetLoss):
    r"""Dice loss: one minus the overlap of two masks, relative to their sizes (chapter 13).

    .. math:: C = 1 - \frac{2 \sum y p}{\sum y + \sum p}, \qquad
        \frac{\partial C}{\partial p_i} = \frac{2 \sum y p}{(\sum y + \sum p)^2}
        - \frac{2 y_i}{\sum y + \sum p}

    The whole array is one set. Masks of 0 and 1, or anything between; probabilities in [0, 1].
    Two empty masks agree: cost 0, gradient 0. It is `Tversky(0.5, 0.5)`.

    Examples
    --------
    >>> from lossbook import Dice
    >>> Dice().cost([1, 1, 0, 0], [1.0, 0.5, 0.5, 0.0])
    0.25
    >>> Dice().cost_gradient([1, 1, 0, 0], [1.0, 0.5, 0.5, 0.0])
    array([-0.3125, -0.3125,  0.1875,  0.1875])

    References
    ----------
    Dice (1945), *Measures of the Amount of Ecologic Association Between Species*, Ecology
    26(3); Milletari, Navab and Ahmadi (2016), *V-Net*, 3DV, with squares in the denominator.
    """

    label_domain = prediction_domain = PROBABILITY
    traits = Traits(False, bounded=True, symmetric=False)

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[float, Array]:
        """Return the cost of the set and its derivative by each prediction."""
        return _overlap(y_true, y_pred, 0.5, 0.5)


@dataclass(frozen=True)
class Tversky(SetLoss):
    r"""Tversky loss: Dice with a price for each kind of mistake (chapter 13).

    .. math:: C = 1 - \frac{T}{T + \alpha F_+ + \beta F_-}, \qquad T = \sum y p, \quad
        F_+ = \sum (1 - y) p, \quad F_- = \sum y (1 - p)

    The whole array is one set. Masks of 0 and 1, or anything between; probabilities in [0, 1].
    Where nothing is found and no mistake has a price, as for two empty masks, cost and gradient
    are 0. α = β = ½ is `Dice`; α = β = 1 the Jaccard loss, one minus a soft IoU.

    Parameters
    ----------
    alpha : float
        α, the price of false positives; 0 or more, finite.
    beta : float
        β, the price of false negatives; 0 or more, finite, and not 0 with α.

    Examples
    --------
    >>> from lossbook import Tversky
    >>> Tversky(alpha=0.3, beta=0.7).cost([1, 1, 0, 0], [1.0, 0.0, 0.0, 0.0])
    0.4117647058823529
    >>> Tversky(alpha=0.3, beta=0.7).cost([1, 1, 0, 0], [1.0, 1.0, 1.0, 0.0])
    0.13043478260869565

    References
    ----------
    Tversky (1977), *Features of Similarity*, Psychological Review 84(4); Salehi, Erdogmus and
    Gholipour (2017), *Tversky Loss Function for Image Segmentation*, MLMI.
    """

    alpha: float = 0.5
    beta: float = 0.5

    label_domain = prediction_domain = PROBABILITY
    traits = Traits(False, bounded=True, symmetric=False)

    def __post_init__(self) -> None:
        not_negative("alpha", self.alpha)
        not_negative("beta", self.beta)
        if self.alpha == self.beta == 0:
            raise ValueError("alpha and beta are both 0: expected a price for some mistake")

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[float, Array]:
        """Return the cost of the set and its derivative by each prediction."""
        return _overlap(y_true, y_pred, self.alpha, self.beta)


@dataclass(frozen=True)
class Lovasz(SetLoss):
    r"""Lovász hinge: a convex cost made for the Jaccard index of two masks (chapter 13).

    .. math:: C = \sum_i \max(0, e_{(i)})\, (J_i - J_{i-1}), \qquad e = 1 - (2y - 1)\, s

    The errors e are sorted, largest first; J_i is the Jaccard loss (1 - IoU) of a prediction that
    is wrong in the first i of them and right elsewhere. Masks of 0 and 1; any scores for the
    foreground, which a score above 0 predicts. The whole array is one set.

    The cost is piecewise linear; its gradient is exact, and a subgradient where errors tie or
    are 0. A lazy array is refused, since its numbers cannot be sorted before they are computed.

    Examples
    --------
    >>> from lossbook import Lovasz
    >>> Lovasz().cost([1, 1, 0], [2.0, 0.5, 0.5])
    0.6666666666666666
    >>> Lovasz().cost_gradient([1, 1, 0], [2.0, 0.5, 0.5]).round(4)
    array([-0.    , -0.3333,  0.3333])

    References
    ----------
    Berman, Rannen Triki and Blaschko (2018), *The Lovász-Softmax Loss*, CVPR;
    Yu and Blaschko (2015), *Learning Submodular Losses with the Lovász Hinge*, ICML.
    """

    prediction_space = "score"
    label_domain = Either(0, 1)
    traits = Traits(True, lipschitz=1.0, bounded=False, symmetric=False, kinks=(1.0,))

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[float, Array]:
        """Return the cost of the set and a subgradient by each prediction."""
        if is_lazy(y_true) or is_lazy(y_pred):
            raise TypeError("Lovasz sorts the whole set, which a lazy array cannot: compute it")
        side = 2 * y_true - 1
        errors = np.maximum(1 - side * y_pred, 0)
        order = np.argsort(-errors, axis=None, kind="stable")
        steps = np.empty(y_true.size, y_pred.dtype)
        steps[order] = _jaccard_steps(y_true.reshape(-1)[order] > 0)
        steps = steps.reshape(y_pred.shape)
        cost = float(np.where(steps == 0, 0, steps * errors).sum())  # 0 · inf is 0
        return cost, -side * steps * (errors > 0)


def _jaccard_steps(foreground: Array) -> Array:
    """Return by how much the Jaccard loss grows with each next pixel that is wrong.

    A missed pixel of the foreground takes 1 from the intersection I; one of the background
    adds 1 to the union U: steps 1/U and I/U - I/(U + 1), written without a difference.
    """
    size = foreground.sum()
    if size == 0:  # the first wrong pixel of an empty mask spoils everything
        return (np.arange(foreground.size) == 0).astype(np.float64)
    intersection = (size - np.cumsum(foreground)).astype(np.float64)
    union = size + np.cumsum(~foreground)
    return np.where(foreground, 1, intersection / np.maximum(union - 1, 1)) / union


def _overlap(y_true: Array, y_pred: Array, alpha: float, beta: float) -> tuple[Any, Array]:
    """Return the Tversky cost, with no difference of nearly equal sums, and its gradient."""
    found, false, missed = _counts(y_true, y_pred)
    wrong = alpha * false + beta * missed
    total = found + wrong
    some = total > 0
    scale = np.where(some, total, 1)
    # (found · d wrong - wrong · d found) / total², a straight line in y
    start = found / scale * (alpha / scale)
    slope = (wrong / scale + (alpha + beta) * (found / scale)) / scale
    if is_lazy(total):
        return wrong / scale, start - slope * y_true
    gradient = y_true * -y_pred.dtype.type(slope)
    gradient += y_pred.dtype.type(start)
    return float(wrong / scale), gradient


def _counts(y_true: Array, y_pred: Array) -> tuple[float, float, float]:
    """Return Σyp, Σ(1-y)p and Σy(1-p), summed block by block."""
    if is_lazy(y_true) or is_lazy(y_pred):
        return (
            (y_true * y_pred).sum(),
            ((1 - y_true) * y_pred).sum(),
            (y_true * (1 - y_pred)).sum(),
        )
    y_true, y_pred = y_true.reshape(-1), y_pred.reshape(-1)
    found = false = missed = 0.0
    for part in blocks(y_true, BLOCK):
        y, p = y_true[part], y_pred[part]
        found += float((y * p).sum())
        false += float(((1 - y) * p).sum())
        missed += float((y * (1 - p)).sum())
    return found, false, missed
