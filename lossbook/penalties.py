"""Penalties on parameters: what an objective adds to the cost (chapter 15).

A penalty judges the weights of a model, never its errors: `fit` hands it the weights and leaves
the biases out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.validation import Array, as_array, between, not_negative


class Penalty:
    """What `fit` asks of a penalty: `value` and `gradient` of an array of weights."""

    def value(self, parameters: Array) -> float:
        """Return the penalty, one number."""
        raise NotImplementedError

    def gradient(self, parameters: Array) -> Array:
        """Return its derivative by each parameter, 0 for an L1 part at exactly 0."""
        raise NotImplementedError


@dataclass(frozen=True)
class L1(Penalty):
    r"""Lasso penalty λ‖w‖₁: it makes zeros (chapter 15).

    .. math:: \lambda \sum_j |w_j|

    Its minimum has weights that are exactly 0. The plain gradient steps of `fit` only hop around
    them; the proximal step that chapter 15 writes lands on them.

    Parameters
    ----------
    strength : float
        λ, finite, 0 or more.

    Examples
    --------
    >>> from lossbook import L1
    >>> L1(0.1).value([3.0, -4.0]), L1(0.1).gradient([3.0, -4.0])
    (0.7000000000000001, array([ 0.1, -0.1]))

    References
    ----------
    Tibshirani (1996), *Regression Shrinkage and Selection via the Lasso*, JRSS B 58(1).
    """

    strength: float

    def __post_init__(self) -> None:
        not_negative("strength", self.strength)

    def value(self, parameters: Array) -> float:
        """Return λ Σ|w|."""
        return self.strength * float(np.abs(_weights(parameters)).sum())

    def gradient(self, parameters: Array) -> Array:
        """Return λ sign(w), 0 at 0."""
        return self.strength * np.sign(_weights(parameters))


@dataclass(frozen=True)
class L2(Penalty):
    r"""Ridge penalty ½λ‖w‖²: it shrinks (chapter 15).

    .. math:: \tfrac12 \lambda \sum_j w_j^2

    Parameters
    ----------
    strength : float
        λ, finite, 0 or more. The factor ½ makes the gradient λw.

    Examples
    --------
    >>> from lossbook import L2
    >>> L2(0.5).value([3.0, -4.0]), L2(0.5).gradient([3.0, -4.0])
    (6.25, array([ 1.5, -2. ]))

    References
    ----------
    Hoerl and Kennard (1970), *Ridge Regression*, Technometrics 12(1), without the factor ½.
    """

    strength: float

    def __post_init__(self) -> None:
        not_negative("strength", self.strength)

    def value(self, parameters: Array) -> float:
        """Return ½λ Σw²."""
        return 0.5 * self.strength * float(np.square(_weights(parameters)).sum())

    def gradient(self, parameters: Array) -> Array:
        """Return λw."""
        return self.strength * _weights(parameters)


@dataclass(frozen=True)
class ElasticNet(Penalty):
    r"""Elastic net: a mix of lasso and ridge in scikit-learn's parametrisation (chapter 15).

    .. math:: \lambda \left( \kappa \sum_j |w_j| + \tfrac12 (1-\kappa) \sum_j w_j^2 \right)

    Parameters
    ----------
    strength : float
        λ, finite, 0 or more.
    l1_ratio : float
        κ, the share of L1, between 0 and 1.

    Examples
    --------
    >>> from lossbook import ElasticNet
    >>> ElasticNet(1.0, l1_ratio=0.5).value([3.0, -4.0])
    9.75

    References
    ----------
    Zou and Hastie (2005), *Regularization and Variable Selection via the Elastic Net*,
    JRSS B 67(2), has no factor ½.
    """

    strength: float
    l1_ratio: float = 0.5

    def __post_init__(self) -> None:
        not_negative("strength", self.strength)
        between("l1_ratio", self.l1_ratio, 0, 1)

    def _parts(self) -> tuple[L1, L2]:
        return L1(self.strength * self.l1_ratio), L2(self.strength * (1 - self.l1_ratio))

    def value(self, parameters: Array) -> float:
        """Return the sum of the two parts."""
        return sum(part.value(parameters) for part in self._parts())

    def gradient(self, parameters: Array) -> Array:
        """Return the sum of the gradients of the two parts."""
        return sum(part.gradient(parameters) for part in self._parts())


def _weights(parameters: Array) -> Array:
    weights = as_array("parameters", parameters)
    return weights if weights.dtype.kind == "f" else weights.astype(np.float64)
