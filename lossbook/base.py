"""The vocabulary of the book: what a loss is, and how losses of examples become a cost.

A *loss* judges one prediction. The *cost* is the weighted average of the losses of a data set.
A subclass writes the loss as a plain formula over arrays; `lossbook.averaging` checks arguments,
walks the examples in blocks and averages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossbook import numeric
from lossbook.averaging import BLOCK, average, each
from lossbook.validation import (
    ANY,
    REAL,
    Array,
    Domain,
    Either,
    as_array,
    check_weights,
    is_lazy,
    same_shape,
)


@dataclass(frozen=True)
class Traits:
    """What is known about a loss as a function of the prediction (chapter 17).

    Attributes
    ----------
    convex : bool or None
        The loss is convex in the prediction. None: not stated.
    lipschitz : float or None
        Largest slope (Euclidean norm of the gradient); None where there is no finite one.
    smoothness : float or None
        Largest curvature (of the gradient, per unit of prediction); None where a kink or
        a growing curvature leaves no finite one.
    bounded : bool or None
        The loss stays below a finite number, whatever the prediction.
    symmetric : bool or None
        Errors to both sides cost the same; for classes: every class is treated alike.
    kinks : tuple of float
        Residuals, margins or predictions at which there is no single gradient.

    Examples
    --------
    >>> from lossbook import Hinge
    >>> Hinge().traits.convex, Hinge().traits.lipschitz, Hinge().traits.kinks
    (True, 1.0, (1.0,))
    """

    convex: bool | None = None
    lipschitz: float | None = None
    smoothness: float | None = None
    bounded: bool | None = None
    symmetric: bool | None = None
    kinks: tuple[float, ...] = ()


class Loss(ABC):
    """One number per example; the base of every loss that is an average over examples.

    A subclass writes `value`; with `derivative` it is exact and faster, without it the
    gradient is computed numerically. Both receive float arrays that were checked, and may be
    handed a block of the examples: entry i of the result must depend on example i alone.

    Attributes
    ----------
    prediction_space : str
        What a prediction is: "value", "log_mean", "score", "logit", "probability" or "box".
    elementwise : bool
        True where an example is one number (a loss for each entry of `y_pred`), False where it
        is a row (classes, boxes; a loss for each row).
    traits : Traits
        Stated by the class, checked by its tests.
    check_first : tuple of str
        Arguments whose values a cost checks before it uses them. One may be left out if each of its
        bad values makes the loss NaN or infinite: it is then looked at only where that happens.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import Loss
    >>> class RelativeError(Loss):
    ...     def value(self, y_true, y_pred):
    ...         return np.abs(y_pred - y_true) / y_true
    >>> RelativeError().cost([2.0, 4.0], [1.0, 5.0])
    0.375
    """

    prediction_space = "value"
    elementwise = True
    label_domain: Domain = REAL
    prediction_domain: Domain = ANY
    block = BLOCK  # less for a formula with many scratch arrays, more for one with few
    check_first: tuple[str, ...] = ("y_true", "y_pred")

    def __init_subclass__(cls, **settings: Any) -> None:
        """Let a subclass that does not state `check_first` be checked in full."""
        super().__init_subclass__(**settings)
        if "check_first" not in cls.__dict__:
            cls.check_first = Loss.check_first

    # What a subclass writes ------------------------------------------------------------------

    @property
    def traits(self) -> Traits:
        """What is known about the loss: nothing, unless its class says more."""
        return Traits()

    @abstractmethod
    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return the formula itself: one number per example, for arrays that were checked."""

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return the derivative of `value` with respect to the prediction."""
        if self.elementwise:
            return numeric.differentiate(lambda p: self.value(y_true, p), y_pred)
        return numeric.differentiate_columns(lambda p: self.value(y_true, p), y_pred)

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both; worth writing where they share work."""
        return self.value(y_true, y_pred), self.derivative(y_true, y_pred)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return the second derivative of `value` with respect to the prediction."""
        if type(self).derivative is Loss.derivative:
            return numeric.differentiate_twice(lambda p: self.value(y_true, p), y_pred)
        return numeric.differentiate(lambda p: self.derivative(y_true, p), y_pred)

    def domains(self, y_true: Array, y_pred: Array) -> tuple[Domain, Domain]:
        """Return the domains of labels and predictions, judged over the whole arrays."""
        return self.label_domain, self.prediction_domain

    def check_shapes(self, y_true: Array, y_pred: Array) -> None:
        """Raise ValueError unless the shapes fit."""
        same_shape(y_true, y_pred)

    # What a reader calls ---------------------------------------------------------------------

    def loss(self, y_true: Array, y_pred: Array, *, validate: bool = True) -> Array:
        """Return the loss of each example.

        Parameters
        ----------
        y_true, y_pred : array_like
            What was observed and what was predicted.
        validate : bool
            Check the values (the shapes are always checked).

        Raises
        ------
        ValueError
            If the shapes differ, an input is empty, or a value lies outside its domain.
        """
        return each(self, self.value, y_true, y_pred, validate)

    def gradient(self, y_true: Array, y_pred: Array, *, validate: bool = True) -> Array:
        """Return the derivative of each example's loss by its prediction, shaped as `y_pred`.

        At a kink it is a subgradient, 0 where 0 is one. Arguments and errors are those of `loss`.
        """
        return each(self, self.derivative, y_true, y_pred, validate)

    def curvature(self, y_true: Array, y_pred: Array, *, validate: bool = True) -> Array:
        """Return the second derivative of each example's loss by its prediction.

        Arguments and errors are those of `loss`; TypeError where an example is a row, since its
        second derivative is a matrix.
        """
        if not self.elementwise:
            raise TypeError(f"{type(self).__name__} has a matrix of second derivatives per example")
        return each(self, self.second_derivative, y_true, y_pred, validate)

    def cost(
        self, y_true: Array, y_pred: Array, sample_weight: Array = None, *, validate: bool = True
    ) -> float:
        """Return the weighted average of the losses, Σwℓ / Σw.

        Parameters
        ----------
        y_true, y_pred, validate
            As in `loss`.
        sample_weight : array_like, optional
            Weights of the examples, 0 or more. An example of weight 0 does not count.

        Raises
        ------
        ValueError
            As in `loss`, and if a weight is negative or all are 0.
        """
        return average(self, y_true, y_pred, sample_weight, validate, value_only=True)[0]

    def cost_gradient(
        self, y_true: Array, y_pred: Array, sample_weight: Array = None, *, validate: bool = True
    ) -> Array:
        """Return the derivative of the cost by each prediction, shaped as `y_pred`.

        Arguments and errors are those of `cost`.
        """
        return average(self, y_true, y_pred, sample_weight, validate)[1]

    def cost_and_gradient(
        self, y_true: Array, y_pred: Array, sample_weight: Array = None, *, validate: bool = True
    ) -> tuple[float, Array]:
        """Return the cost and its gradient in one pass, as training needs them.

        Arguments and errors are those of `cost`.
        """
        return average(self, y_true, y_pred, sample_weight, validate)

    def best_constant(self, y_true: Array, sample_weight: Array = None) -> float:
        """Return the one prediction for all examples that has the smallest cost (chapter 2).

        Parameters
        ----------
        y_true : array_like
            What was observed.
        sample_weight : array_like, optional
            Weights of the examples.
        """
        if not self.elementwise:
            raise NotImplementedError(f"{type(self).__name__} has no constant of its own")
        y_true, sample_weight = self._sample(y_true, sample_weight)

        def value(c: float) -> float:
            return self.cost(y_true, np.full(y_true.shape, c), sample_weight)

        def slope(c: float) -> float:
            prediction = np.full(y_true.shape, c)
            return self.cost_gradient(y_true, prediction, sample_weight).sum()

        return numeric.minimise(value, slope, self._candidates(y_true))

    # What the closed forms of best_constant share --------------------------------------------

    def _sample(self, y_true: Array, sample_weight: Array) -> tuple[Array, Array]:
        """Return checked labels, and weights of the same shape, for `best_constant`."""
        y_true = as_array("y_true", y_true).astype(np.float64)
        with np.errstate(all="ignore"):
            self.domains(y_true, y_true)[0].check("y_true", y_true)
        if sample_weight is None:
            return y_true, np.ones(y_true.shape)
        weight, _ = check_weights(sample_weight, y_true.shape)
        return y_true, np.broadcast_to(weight, y_true.shape)

    def _candidates(self, y_true: Array) -> Array:
        """Return constants among which, and between which, `best_constant` looks."""
        return np.quantile(y_true, np.linspace(0, 1, 257))


class ResidualLoss(Loss):
    """A loss of the residual r = y_pred - y_true alone: write `rho`, and `psi` if you can.

    Parameters are the fields of the dataclass that a subclass is.

    Examples
    --------
    >>> from lossbook import ResidualLoss
    >>> class Quartic(ResidualLoss):
    ...     def rho(self, r):
    ...         return r**4
    >>> Quartic().loss([1.0, 2.0], [2.0, 4.0])
    array([ 1., 16.])
    >>> Quartic().gradient([1.0, 2.0], [2.0, 4.0]).round(6)
    array([ 4., 32.])
    """

    @abstractmethod
    def rho(self, r: Array) -> Array:
        """Return the loss of residuals `r`."""

    def psi(self, r: Array) -> Array:
        """Return the first derivative of `rho`."""
        return numeric.differentiate(self.rho, r)

    def dpsi(self, r: Array) -> Array:
        """Return the second derivative of `rho`."""
        if type(self).psi is ResidualLoss.psi:
            return numeric.differentiate_twice(self.rho, r)
        return numeric.differentiate(self.psi, r)

    def rho_and_psi(self, r: Array) -> tuple[Array, Array]:
        """Return both; worth writing where they share work."""
        return self.rho(r), self.psi(r)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return rho of the residuals."""
        return self.rho(y_pred - y_true)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return psi of the residuals."""
        return self.psi(y_pred - y_true)

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return rho and psi of the residuals."""
        return self.rho_and_psi(y_pred - y_true)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return dpsi of the residuals."""
        return self.dpsi(y_pred - y_true)

    def _candidates(self, y_true: Array) -> Array:
        """Return the extremes alone for a convex loss: its one valley lies between them."""
        if self.traits.convex:
            return np.array([y_true.min(), y_true.max()])
        return super()._candidates(y_true)


class MarginLoss(Loss):
    """A loss of the margin m = y · score alone, y = -1 or +1: write `phi`, and `dphi` if you can.

    Labels 0 and 1 are taken as -1 and +1; a mixture of both codings is refused.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import MarginLoss
    >>> class Savage(MarginLoss):
    ...     def phi(self, m):
    ...         return 1 / (1 + np.exp(m)) ** 2
    >>> Savage().loss([1, -1], [0.0, 0.0])
    array([0.25, 0.25])
    """

    prediction_space = "score"

    @abstractmethod
    def phi(self, m: Array) -> Array:
        """Return the loss of margins `m`."""

    def dphi(self, m: Array) -> Array:
        """Return the first derivative of `phi`."""
        return numeric.differentiate(self.phi, m)

    def d2phi(self, m: Array) -> Array:
        """Return the second derivative of `phi`."""
        if type(self).dphi is MarginLoss.dphi:
            return numeric.differentiate_twice(self.phi, m)
        return numeric.differentiate(self.dphi, m)

    def value(self, y_true: Array, y_pred: Array) -> Array:
        """Return phi of the margins."""
        return self.phi(signs(y_true) * y_pred)

    def derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return y · dphi of the margins: the chain rule, since m = y · score."""
        y = signs(y_true)
        return y * self.dphi(y * y_pred)

    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both from one margin."""
        y = signs(y_true)
        m = y * y_pred
        return self.phi(m), y * self.dphi(m)

    def second_derivative(self, y_true: Array, y_pred: Array) -> Array:
        """Return d2phi of the margins (y² = 1)."""
        return self.d2phi(signs(y_true) * y_pred)

    def domains(self, y_true: Array, y_pred: Array) -> tuple[Domain, Domain]:
        """Take -1 and +1 or 0 and 1 as labels, whichever coding the whole array uses."""
        negative = 0 if is_lazy(y_true) or y_true.min() >= 0 else -1
        return Either(negative, 1), ANY

    def _candidates(self, y_true: Array) -> Array:
        return np.linspace(-40, 40, 801)


def signs(y_true: Array) -> Array:
    """Return labels as -1 and +1, from either coding."""
    if not is_lazy(y_true) and y_true.min() < 0:
        return y_true
    return y_true * (y_true + 1) - 1  # which takes -1, 0 and 1 to -1, -1 and 1
