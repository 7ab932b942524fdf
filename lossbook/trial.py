"""Examples to try a loss on, found by what it accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossbook.base import Loss, MarginLoss, ResidualLoss
from lossbook.sets import SetLoss
from lossbook.validation import Array, Distribution

Pair = tuple[Array, Array]
N = 40


@dataclass(frozen=True, eq=False)
class Trial:
    """A loss with examples that suit it."""

    loss: Any  # a Loss or a SetLoss
    y_true: Array
    y_pred: Array

    @property
    def methods(self) -> list[str]:
        """Names of the methods that take labels and predictions."""
        averages = ["cost", "cost_gradient", "cost_and_gradient"]
        return averages if isinstance(self.loss, SetLoss) else ["loss", "gradient", *averages]

    @property
    def has_formula(self) -> bool:
        """Tell whether the loss has a formula for its gradient, or differences stand in."""
        own = type(self.loss)
        if isinstance(self.loss, SetLoss):
            return True
        if isinstance(self.loss, ResidualLoss):
            return own.psi is not ResidualLoss.psi
        if isinstance(self.loss, MarginLoss):
            return own.dphi is not MarginLoss.dphi
        return own.derivative is not Loss.derivative

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and largest prediction that the loss accepts."""
        if isinstance(self.loss, SetLoss):
            domain = self.loss.prediction_domain
        else:
            domain = self.loss.domains(self.y_true, self.y_pred)[1]
        if isinstance(domain, Distribution):
            return 0.0, 1.0
        return getattr(domain, "low", -np.inf), getattr(domain, "high", np.inf)

    def far(self) -> Iterator[Pair]:
        """Yield predictions of extreme size that the loss accepts."""
        low, high = self.bounds
        y, p = self.y_true, self.y_pred
        if self.loss.prediction_space == "box":
            for factor in (1e-4, 1e6):
                yield y * factor, p * factor
        elif np.isfinite(high) and p.ndim == 1:
            for value in (0.0, 1e-300, 1e-12, 1 - 1e-12, 1.0):
                yield y, np.full(p.shape, value)
        elif np.isfinite(high):
            yield y, np.eye(p.shape[1])[np.arange(len(p)) % p.shape[1]]
        else:
            for value in (1e-8, 1e-4, 1e2, 1e4, 1e160, np.inf):
                yield y, np.where(p > 0, value, max(low + 1e-12, -value))


def find_trial(loss: Loss | SetLoss, seed: int = 0) -> Trial:
    """Return examples that the loss accepts, or raise the error of the first that it refused."""
    first_error = None
    for make in _makers(loss):
        y_true, y_pred = make(np.random.default_rng(seed))
        try:
            value = loss.cost(y_true, y_pred)
        except Exception as error:  # the code under trial may raise anything
            first_error = first_error or error
            continue
        if np.isfinite(value):
            return Trial(loss, y_true, y_pred)
    raise first_error or ValueError("the cost of all examples that were tried is not finite")


def _makers(loss: Loss | SetLoss) -> list[Callable[[np.random.Generator], Pair]]:
    """Return what makes examples, the likeliest first."""
    space = loss.prediction_space
    if isinstance(loss, SetLoss):
        return [_likely, _binary] if space == "probability" else [_binary, _likely]
    if isinstance(loss, MarginLoss):
        return [_signs]
    if loss.elementwise:
        first = {"probability": [_likely], "logit": [_binary], "score": [_signs]}
        return [*first.get(space, []), *([_counts] if space == "log_mean" else []), *_NUMBERS]
    if space == "box":
        return [_boxes]
    return [_classes, _class_shares, _shares, _rows]


def _real(rng: np.random.Generator) -> Pair:
    return rng.normal(0, 3, N), rng.normal(0, 3, N)


def _positive(rng: np.random.Generator) -> Pair:
    return rng.gamma(2, 1, N), rng.gamma(2, 1, N)


def _counts(rng: np.random.Generator) -> Pair:
    return rng.integers(1, 7, N).astype(float), rng.normal(0.5, 1, N)


def _signs(rng: np.random.Generator) -> Pair:
    return rng.choice([-1.0, 1.0], N), rng.normal(0, 2, N)


def _binary(rng: np.random.Generator) -> Pair:
    return rng.integers(0, 2, N).astype(float), rng.normal(0, 3, N)


def _likely(rng: np.random.Generator) -> Pair:
    return rng.integers(0, 2, N).astype(float), rng.uniform(0.01, 0.99, N)


def _pairs(rng: np.random.Generator) -> Pair:
    return rng.integers(0, 2, N).astype(float), rng.gamma(2, 0.7, N)


def _classes(rng: np.random.Generator) -> Pair:
    return rng.integers(0, 4, N), rng.normal(0, 2, (N, 4))


def _class_shares(rng: np.random.Generator) -> Pair:
    return rng.integers(0, 4, N), rng.dirichlet(np.ones(4), N)


def _shares(rng: np.random.Generator) -> Pair:
    return rng.dirichlet(np.ones(4), N), rng.dirichlet(np.ones(4), N)


def _rows(rng: np.random.Generator) -> Pair:
    return rng.normal(size=(N, 3)), rng.normal(size=(N, 3))


def _boxes(rng: np.random.Generator) -> Pair:
    def draw() -> Array:
        corner = rng.uniform(0, 4, (N, 2))
        return np.hstack([corner, corner + rng.uniform(0.2, 3, (N, 2))])

    return draw(), draw()


_NUMBERS = [_real, _positive, _pairs, _likely, _binary, _counts]
