"""Costs of a whole set, such as a mask: what is no average of the losses of examples."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from lossbook.base import Traits
from lossbook.validation import ANY, REAL, Array, Domain, as_array, float_type, is_lazy, same_shape


class SetLoss(ABC):
    """A cost of a whole set that is no average over examples: it has no `loss`, and says so.

    A subclass writes `value_and_derivative(y_true, y_pred)`: the cost of the set as one number,
    and its derivative by each prediction.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import SetLoss
    >>> class CountError(SetLoss):
    ...     def value_and_derivative(self, y_true, y_pred):
    ...         error = y_pred.sum() - y_true.sum()
    ...         return float(error**2), np.full(y_pred.shape, 2 * error)
    >>> CountError().cost_and_gradient([1, 0, 1], [0.5, 0.5, 0.5])
    (0.25, array([-1., -1., -1.]))
    """

    prediction_space = "probability"
    label_domain: Domain = REAL
    prediction_domain: Domain = ANY

    @property
    def traits(self) -> Traits:
        """What is known about the cost: nothing, unless its class says more."""
        return Traits()

    @abstractmethod
    def value_and_derivative(self, y_true: Array, y_pred: Array) -> tuple[float, Array]:
        """Return the cost of the set and its derivative by each prediction."""

    def cost(self, y_true: Array, y_pred: Array, *, validate: bool = True) -> float:
        """Return the cost of the set; all entries of the arrays are one set."""
        return self.cost_and_gradient(y_true, y_pred, validate=validate)[0]

    def cost_gradient(self, y_true: Array, y_pred: Array, *, validate: bool = True) -> Array:
        """Return the derivative of the cost by each prediction, shaped as `y_pred`."""
        return self.cost_and_gradient(y_true, y_pred, validate=validate)[1]

    def cost_and_gradient(
        self, y_true: Array, y_pred: Array, *, validate: bool = True
    ) -> tuple[float, Array]:
        """Return both.

        Raises
        ------
        ValueError
            If the shapes differ, the set is empty, or a value lies outside its domain.
        """
        y_true, y_pred = as_array("y_true", y_true), as_array("y_pred", y_pred)
        same_shape(y_true, y_pred)
        dtype = float_type(y_pred)
        with np.errstate(all="ignore"):
            if validate and not is_lazy(y_true):
                self.label_domain.check("y_true", y_true)
            if validate and not is_lazy(y_pred):
                self.prediction_domain.check("y_pred", y_pred)
            return self.value_and_derivative(
                y_true.astype(dtype, copy=False), y_pred.astype(dtype, copy=False)
            )
