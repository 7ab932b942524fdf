"""The comparisons that follow from the table, and what it takes to be equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import lossbook as lb
from peers import libraries
from peers.inputs import DOMAINS
from peers.row import Difference, Part, Row


@dataclass(frozen=True)
class Comparison:
    """One row on one input set: its values or its gradients."""

    row: Row
    inputs: str
    part: Part

    def __str__(self) -> str:
        return f"{self.row}-{self.part}-{self.inputs}"

    @property
    def difference(self) -> Difference | None:
        """The difference that the table lists here, if it lists one."""
        found = [
            d for d in self.row.differences if self.inputs in d.inputs and self.part in d.parts
        ]
        assert len(found) <= 1, f"{self}: two differences for one comparison"
        return found[0] if found else None

    def results(self) -> Results:
        """Return ours and theirs."""
        inputs = DOMAINS[self.row.domain][self.inputs]
        y, p = inputs.draw(self.row.loss)
        w = np.random.default_rng(5).uniform(0.5, 2, len(p)).astype(p.dtype)
        peer = libraries.value if self.part == "value" else libraries.gradient
        theirs = peer(self.row, y.copy(), p.copy(), w)
        if self.part == "value":
            ours = self._value(y, p, w, is_cost=theirs.ndim == 0)
        else:
            value = libraries.value(self.row, y.copy(), p.copy(), w)
            ours = self._gradient(y, p, w, is_cost=value.ndim == 0)
        library = libraries.LIBRARIES[self.row.peer]
        relative = max(5e-5 if p.dtype == np.float32 else 1e-9, library.relative)
        absolute = max(inputs.absolute, library.absolute) if inputs.absolute else 0
        return Results(np.asarray(ours), theirs, y, p, w, relative, absolute)

    def _weights(self, w):
        return w if "=w" in self.row.call else None

    def _value(self, y, p, w, is_cost):
        loss = self.row.loss
        if isinstance(loss, lb.SetLoss):
            return loss.cost(y, p)
        return loss.cost(y, p, self._weights(w)) if is_cost else loss.loss(y, p)

    def _gradient(self, y, p, w, is_cost):
        loss = self.row.loss
        if isinstance(loss, lb.SetLoss):
            return loss.cost_gradient(y, p)
        return loss.cost_gradient(y, p, self._weights(w)) if is_cost else loss.gradient(y, p)


@dataclass(frozen=True)
class Results:
    """Ours and theirs for one comparison."""

    ours: np.ndarray
    theirs: np.ndarray
    y: np.ndarray
    p: np.ndarray
    w: np.ndarray
    relative: float
    absolute: float

    def agree(self, expected: np.ndarray | None = None, absolute: float = 0) -> bool:
        """Tell whether theirs is what is expected: ours, if nothing else is given."""
        expected = self.ours if expected is None else expected
        if self.theirs.shape != np.shape(expected):
            return False
        close = {"rtol": self.relative, "atol": max(absolute, self.absolute), "equal_nan": True}
        return bool(np.allclose(self.theirs, expected, **close))

    def differ_as(self, difference: Difference) -> bool:
        """Tell whether theirs is not ours, but what the table says."""
        if self.agree():
            return False
        if difference.theirs:
            return self.agree(self.stated(difference.theirs), difference.within)
        return self.error() <= difference.within

    def stated(self, expression: str) -> np.ndarray:
        """Return what the table says that the peer gives."""
        with np.errstate(all="ignore"):
            result = eval(expression, {"np": np, "lb": lb, "ours": self.ours} | vars(self))
        return np.broadcast_to(result, self.ours.shape)

    def error(self) -> float:
        """Return the largest difference, relative to the larger of the largest size and 1."""
        finite = np.isfinite(self.ours)
        if self.theirs.shape != self.ours.shape or not np.isfinite(self.theirs[finite]).all():
            return float("inf")
        if not np.array_equal(self.theirs[~finite], self.ours[~finite]):
            return float("inf")
        gap = np.abs(self.theirs[finite] - self.ours[finite]).max(initial=0)
        return float(gap / max(np.abs(self.ours[finite]).max(initial=0), 1))


def comparisons(rows) -> list[Comparison]:
    """Return all comparisons of the rows."""
    return [
        Comparison(row, inputs, part)
        for row in rows
        for inputs in DOMAINS[row.domain]
        for part in ("value", "gradient")
        if part == "value" or libraries.has_gradient(row)
    ]
