"""Optimizers: what each makes of a gradient (chapter 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossbook.validation import Array, below_one, positive


class Optimizer:
    """What `fit` asks of an optimizer: a state to start with, and a change for each gradient.

    An optimizer holds settings alone; the state travels through `step`, so that one optimizer
    can serve several runs.
    """

    def start(self, parameters: Array) -> tuple:
        """Return the state before the first step."""
        return ()

    def step(self, gradient: Array, state: tuple) -> tuple[Array, tuple]:
        """Return what to add to the parameters, and the next state."""
        raise NotImplementedError


@dataclass(frozen=True)
class GradientDescent(Optimizer):
    r"""Gradient descent: a step against the gradient (chapter 3).

    .. math:: \theta \leftarrow \theta - \eta\, g

    Parameters
    ----------
    learning_rate : float
        η, above 0. On a quadratic cost it must stay below 2 / λmax.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import GradientDescent
    >>> GradientDescent(0.1).step(np.array([2.0, -1.0]), ())
    (array([-0.2,  0.1]), ())

    References
    ----------
    Cauchy (1847), *Méthode générale pour la résolution des systèmes d'équations simultanées*,
    Comptes rendus 25.
    """

    learning_rate: float = 0.1

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)

    def step(self, gradient: Array, state: tuple) -> tuple[Array, tuple]:
        """Return -ηg."""
        return -self.learning_rate * gradient, state


@dataclass(frozen=True)
class Momentum(Optimizer):
    r"""Gradient descent with momentum: steps add up along a valley (chapter 3).

    .. math:: v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\, v

    Parameters
    ----------
    learning_rate : float
        η, above 0.
    momentum : float
        μ, at least 0 and below 1: how much of the last direction is kept.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import Momentum
    >>> optimizer = Momentum(0.1, momentum=0.5)
    >>> change, state = optimizer.step(np.array([1.0]), optimizer.start(np.zeros(1)))
    >>> optimizer.step(np.array([1.0]), state)
    (array([-0.15]), (array([1.5]),))

    References
    ----------
    Polyak (1964), *Some Methods of Speeding up the Convergence of Iteration Methods*,
    USSR Computational Mathematics and Mathematical Physics 4(5).
    """

    learning_rate: float = 0.1
    momentum: float = 0.9

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        below_one("momentum", self.momentum)

    def start(self, parameters: Array) -> tuple:
        """Return a velocity of 0."""
        return (np.zeros_like(parameters),)

    def step(self, gradient: Array, state: tuple) -> tuple[Array, tuple]:
        """Return -ηv."""
        velocity = self.momentum * state[0] + gradient
        return -self.learning_rate * velocity, (velocity,)


@dataclass(frozen=True)
class Adagrad(Optimizer):
    r"""Adagrad: each parameter's rate falls with the gradients that it has seen (chapter 3).

    .. math:: a \leftarrow a + g^2, \qquad
        \theta \leftarrow \theta - \eta\, g / (\sqrt a + \varepsilon)

    Parameters
    ----------
    learning_rate : float
        η, above 0.
    epsilon : float
        ε, above 0: what keeps the division defined where no gradient was seen yet.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import Adagrad
    >>> optimizer = Adagrad(0.1)
    >>> optimizer.step(np.array([3.0, -40.0]), optimizer.start(np.zeros(2)))[0].round(6)
    array([-0.1,  0.1])

    References
    ----------
    Duchi, Hazan and Singer (2011), *Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization*, JMLR 12.
    """

    learning_rate: float = 0.1
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        positive("epsilon", self.epsilon)

    def start(self, parameters: Array) -> tuple:
        """Return a sum of squares of 0."""
        return (np.zeros_like(parameters),)

    def step(self, gradient: Array, state: tuple) -> tuple[Array, tuple]:
        """Return -ηg / (√a + ε)."""
        squares = state[0] + gradient**2
        return -self.learning_rate * gradient / (np.sqrt(squares) + self.epsilon), (squares,)


@dataclass(frozen=True)
class Adam(Optimizer):
    r"""Adam: momentum over a running size of the gradient, both corrected for their start.

    .. math::
        m \leftarrow \beta_1 m + (1-\beta_1) g, \quad
        v \leftarrow \beta_2 v + (1-\beta_2) g^2, \quad
        \theta \leftarrow \theta - \eta\, \frac{m / (1-\beta_1^t)}
        {\sqrt{v / (1-\beta_2^t)} + \varepsilon}

    Chapter 3 runs it next to the others.

    Parameters
    ----------
    learning_rate : float
        η, above 0.
    beta1, beta2 : float
        How much of the running averages is kept, at least 0 and below 1.
    epsilon : float
        ε, above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from lossbook import Adam
    >>> optimizer = Adam(0.1)
    >>> optimizer.step(np.array([3.0, -40.0]), optimizer.start(np.zeros(2)))[0].round(6)
    array([-0.1,  0.1])

    References
    ----------
    Kingma and Ba (2015), *Adam: A Method for Stochastic Optimization*, ICLR, algorithm 1.
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        below_one("beta1", self.beta1)
        below_one("beta2", self.beta2)
        positive("epsilon", self.epsilon)

    def start(self, parameters: Array) -> tuple:
        """Return averages of 0 and a step count of 0."""
        return np.zeros_like(parameters), np.zeros_like(parameters), 0

    def step(self, gradient: Array, state: tuple) -> tuple[Array, tuple]:
        """Return the corrected step."""
        mean, square, t = state[0], state[1], state[2] + 1
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        square = self.beta2 * square + (1 - self.beta2) * gradient**2
        size = np.sqrt(square / (1 - self.beta2**t)) + self.epsilon
        return -self.learning_rate * mean / (1 - self.beta1**t) / size, (mean, square, t)
