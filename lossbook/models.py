"""Models: from inputs and one flat vector of parameters to predictions, and the chain rule back.

A model holds no parameters. `predict` uses those it is given; `parameter_gradient` carries the
gradient of a cost by the predictions back to the gradient by the parameters (chapters 1 and 3).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lossbook.validation import REAL, Array, as_array, is_lazy, whole


class Model(ABC):
    """What `fit` asks of a model.

    Attributes
    ----------
    n_features : int
        Columns of the inputs.
    layers : tuple of (int, int)
        Numbers of inputs and outputs of each layer: shapes of its weights.
    """

    n_features: int

    @property
    @abstractmethod
    def layers(self) -> tuple[tuple[int, int], ...]:
        """Return the shape of each layer's weights."""

    @abstractmethod
    def initial(self) -> Array:
        """Return the parameters to start from."""

    @abstractmethod
    def predict(self, X: Array, parameters: Array) -> Array:
        """Return the predictions, (n,) for one output and (n, k) for k."""

    @abstractmethod
    def parameter_gradient(self, X: Array, prediction_gradient: Array, parameters: Array) -> Array:
        """Return d cost / d parameters, given d cost / d predictions: the chain rule."""

    @property
    def n_parameters(self) -> int:
        """Return how many parameters there are."""
        return sum((inputs + 1) * outputs for inputs, outputs in self.layers)

    @property
    def is_weight(self) -> Array:
        """Return a mask of the parameters: True for weights, False for biases (never penalised)."""
        parts = [
            np.repeat([True, False], [inputs * outputs, outputs]) for inputs, outputs in self.layers
        ]
        return np.concatenate(parts)

    def unpack(self, parameters: Array) -> list[tuple[Array, Array]]:
        """Return the weights (inputs, outputs) and the biases (outputs,) of each layer."""
        parameters = np.asarray(parameters)
        if parameters.shape != (self.n_parameters,):
            raise ValueError(
                f"parameters has shape {parameters.shape}: expected ({self.n_parameters},)"
            )
        layers, start = [], 0
        for inputs, outputs in self.layers:
            middle = start + inputs * outputs
            weights = parameters[start:middle].reshape(inputs, outputs)
            layers.append((weights, parameters[middle : middle + outputs]))
            start = middle + outputs
        return layers

    def _inputs(self, X: Array) -> Array:
        X = as_array("X", X)
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise ValueError(f"X has shape {X.shape}: expected (n, {self.n_features})")
        if not is_lazy(X):
            REAL.check("X", X)
        return X

    def _output_gradient(self, X: Array, prediction_gradient: Array) -> Array:
        outputs = self.layers[-1][1]
        shape = (X.shape[0],) if outputs == 1 else (X.shape[0], outputs)
        if prediction_gradient.shape != shape:
            raise ValueError(
                f"prediction_gradient has shape {prediction_gradient.shape}: expected {shape}, "
                "the shape of the predictions"
            )
        return prediction_gradient.reshape(-1, outputs)


@dataclass(frozen=True)
class Linear(Model):
    r"""Linear model: ŷ = Xw + b (chapter 1).

    .. math:: \hat y = X W + b, \qquad
        \frac{\partial C}{\partial W} = X^\top G, \quad
        \frac{\partial C}{\partial b} = \sum_i G_i, \quad
        G = \frac{\partial C}{\partial \hat y}

    Parameters are one flat vector: the weights, row by row, then the biases.

    Parameters
    ----------
    n_features : int
        Columns of X.
    n_outputs : int
        Numbers predicted for each example; 1 gives predictions of shape (n,).

    Examples
    --------
    >>> from lossbook import Linear
    >>> Linear(1).predict([[1.0], [2.0]], [3.0, 0.5])  # slope 3, intercept ½
    array([3.5, 6.5])

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*, eq. 2.1.
    """

    n_features: int
    n_outputs: int = 1

    def __post_init__(self) -> None:
        whole("n_features", self.n_features)
        whole("n_outputs", self.n_outputs)

    @property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """Return the one layer."""
        return ((self.n_features, self.n_outputs),)

    def initial(self) -> Array:
        """Return zeros."""
        return np.zeros(self.n_parameters)

    def predict(self, X: Array, parameters: Array) -> Array:
        """Return XW + b.

        Raises
        ------
        ValueError
            If X is not (n, n_features), holds NaN or infinity, or the parameters do not fit.
        """
        ((weights, biases),) = self.unpack(parameters)
        output = self._inputs(X) @ weights + biases
        return output[:, 0] if self.n_outputs == 1 else output

    def parameter_gradient(self, X: Array, prediction_gradient: Array, parameters: Array) -> Array:
        """Return the gradient by weights and biases; `parameters` do not matter here."""
        X = self._inputs(X)
        g = self._output_gradient(X, prediction_gradient)
        return np.concatenate([(X.T @ g).ravel(), g.sum(axis=0)])


_ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    # name: the function, and its derivative written in terms of its output
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (lambda s: np.maximum(s, 0), lambda a: (a > 0).astype(a.dtype)),
}


@dataclass(frozen=True)
class MLP(Model):
    r"""Multilayer perceptron: linear layers with an activation between them (chapter 3).

    .. math:: a_0 = X, \qquad a_k = f(a_{k-1} W_k + b_k), \qquad \hat y = a_{L-1} W_L + b_L

    Backpropagation is `parameter_gradient`: the chain rule, layer by layer, started by the
    loss's gradient.

    Parameters
    ----------
    n_features : int
        Columns of X.
    hidden : tuple of int
        Units of each hidden layer.
    n_outputs : int
        Numbers predicted for each example; 1 gives predictions of shape (n,).
    activation : {"tanh", "relu"}
        f above.
    seed : int
        Seed of the start.

    Examples
    --------
    >>> from lossbook import MLP
    >>> model = MLP(2, hidden=(3,), seed=1)
    >>> model.n_parameters
    13
    >>> model.predict([[0.0, 0.0]], model.initial())  # biases start at 0
    array([0.])

    References
    ----------
    Rumelhart, Hinton and Williams (1986), *Learning Representations by Back-Propagating
    Errors*, Nature 323; the start is Glorot and Bengio's (2010), or He et al.'s (2015) for relu.
    """

    n_features: int
    hidden: tuple[int, ...] = (16,)
    n_outputs: int = 1
    activation: str = "tanh"
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))  # a list is welcome
        whole("n_features", self.n_features)
        whole("n_outputs", self.n_outputs)
        for i, units in enumerate(self.hidden):
            whole(f"hidden[{i}]", units)
        if self.activation not in _ACTIVATIONS:
            raise ValueError(
                f"activation is {self.activation!r}: expected one of {sorted(_ACTIVATIONS)}"
            )

    @property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """Return the shapes of all layers, the output layer last."""
        sizes = (self.n_features, *self.hidden, self.n_outputs)
        return tuple(pairwise(sizes))

    def initial(self) -> Array:
        """Return seeded random weights, scaled so that signals keep their size, and zero biases."""
        rng = np.random.default_rng(self.seed)
        parts = []
        for inputs, outputs in self.layers:
            fan = inputs + outputs if self.activation == "tanh" else inputs
            limit = np.sqrt(6 / fan)
            parts += [rng.uniform(-limit, limit, inputs * outputs), np.zeros(outputs)]
        return np.concatenate(parts)

    def predict(self, X: Array, parameters: Array) -> Array:
        """Return the outputs of the last layer.

        Raises
        ------
        ValueError
            If X is not (n, n_features), holds NaN or infinity, or the parameters do not fit.
        """
        weights, biases = self.unpack(parameters)[-1]
        output = self._activations(self._inputs(X), parameters)[-1] @ weights + biases
        return output[:, 0] if self.n_outputs == 1 else output

    def parameter_gradient(self, X: Array, prediction_gradient: Array, parameters: Array) -> Array:
        """Return the gradient by all weights and biases, from the last layer to the first."""
        X = self._inputs(X)
        inputs = self._activations(X, parameters)
        layers = self.unpack(parameters)
        _, slope = _ACTIVATIONS[self.activation]
        g = self._output_gradient(X, prediction_gradient)
        parts: list[Array] = []
        for k in range(len(layers) - 1, -1, -1):
            parts = [(inputs[k].T @ g).ravel(), g.sum(axis=0), *parts]
            if k > 0:
                g = (g @ layers[k][0].T) * slope(inputs[k])
        return np.concatenate(parts)

    def _activations(self, X: Array, parameters: Array) -> list[Array]:
        """Return what enters each layer: X, then the activations of the hidden layers."""
        function, _ = _ACTIVATIONS[self.activation]
        entering = [X]
        for weights, biases in self.unpack(parameters)[:-1]:
            entering.append(function(entering[-1] @ weights + biases))
        return entering
