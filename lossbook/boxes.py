"""Boxes: which are allowed, and how two of them lie to each other, with all derivatives.

The losses of `lossbook.detection` add up the terms that `Pairs` measures here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lossbook.validation import Array, Interval


@dataclass(frozen=True)
class Corners(Interval):
    """Boxes (x1, y1, x2, y2) of finite coordinates with x1 <= x2 and y1 <= y2."""

    def check(self, name: str, values: Array, start: int = 0) -> None:
        """Raise ValueError for the first coordinate or box that breaks the rule."""
        super().check(name, values, start)
        bad = (values[:, :2] > values[:, 2:]).any(axis=1)
        if bad.any():
            row = int(np.argmax(bad))
            raise ValueError(
                f"{name}[{row + start}] is {values[row].tolist()}: "
                "expected a box (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2"
            )


class Pairs:
    """True and predicted boxes, row by row, measured against each other.

    Along each axis the hull of two boxes is cut into four lengths, none of them negative:

        overlap + extra (predicted alone) + missed (true alone) + gap (neither)

    Every area below is a sum of products of these, so that no digits cancel and nearly equal
    boxes keep an exact loss. Lengths are in units of the hull's longer side, so that squares
    neither overflow nor vanish. The first axis of the arrays is x, y (lengths) or
    x1, y1, x2, y2 (edges and derivatives).
    """

    def __init__(self, y_true: Array, y_pred: Array):
        reach = self._measure(y_true.T.copy(), y_pred.T.copy())
        self.overlap, self.gap = np.maximum(reach, 0), np.maximum(-reach, 0)
        self.extra = np.minimum(_along(np.maximum(self.outward, 0)), self.pred)
        self.missed = np.minimum(_along(np.maximum(-self.outward, 0)), self.true)

    def _measure(self, true: Array, pred: Array) -> Array:
        """Take differences of coordinates before all else; return overlap - gap."""
        longer = np.maximum(true[2:], pred[2:]) - np.minimum(true[:2], pred[:2])
        longest = longer.max(axis=0)
        self.unit = np.where(longest == 0, 1, longest)
        self.hull_sides = longer / self.unit
        self.true = (true[2:] - true[:2]) / self.unit
        self.pred = (pred[2:] - pred[:2]) / self.unit
        self.outward = np.concatenate([true[:2] - pred[:2], pred[2:] - true[2:]]) / self.unit
        self.meets = (pred[:2] < true[2:]) & (pred[2:] > true[:2])
        return (np.minimum(true[2:], pred[2:]) - np.maximum(true[:2], pred[:2])) / self.unit

    # Areas -----------------------------------------------------------------------------------

    @cached_property
    def intersection(self) -> Array:
        """The area that both boxes cover."""
        return self.overlap[0] * self.overlap[1]

    @cached_property
    def apart(self) -> Array:
        """The area that one box alone covers."""
        extra = self.extra[0] * self.pred[1] + self.overlap[0] * self.extra[1]
        missed = self.missed[0] * self.true[1] + self.overlap[0] * self.missed[1]
        return extra + missed

    @cached_property
    def union(self) -> Array:
        """The area that either box covers."""
        return self.intersection + self.apart

    @cached_property
    def hull(self) -> Array:
        """The area of the smallest box around both."""
        return self.hull_sides[0] * self.hull_sides[1]

    @property
    def empty(self) -> Array:
        """The area of the hull that neither box covers."""
        corners = self.extra[0] * self.missed[1] + self.missed[0] * self.extra[1]
        beside = self.gap[0] * self.hull_sides[1]
        between = (self.hull_sides[0] - self.gap[0]) * self.gap[1]
        return corners + beside + between

    # Their derivatives by x1, y1, x2, y2 of the predicted box --------------------------------

    @cached_property
    def outwards(self) -> Array:
        """The sign with which each edge makes its own box longer: -1, -1, +1, +1."""
        return np.array([[-1], [-1], [1], [1]], dtype=self.pred.dtype)

    @cached_property
    def inside(self) -> Array:
        """1 for an edge inside the true box, 0 outside, ½ on its edge: the mean of both slopes."""
        return 0.5 * (1 - np.sign(self.outward))

    @cached_property
    def d_intersection(self) -> Array:
        """The overlap moves with the edges inside the true box; touching boxes do not meet."""
        moves = self.outwards * self.inside * _twice(self.meets)
        return moves * _across(self.overlap)

    @cached_property
    def d_union(self) -> Array:
        """The predicted area moves with every edge."""
        return self.outwards * _across(self.pred) - self.d_intersection

    @property
    def d_hull(self) -> Array:
        """The hull moves with the edges outside the true box."""
        return self.outwards * (1 - self.inside) * _across(self.hull_sides)

    # The terms of the losses, each a value and a derivative -----------------------------------

    @cached_property
    def miss(self) -> Array:
        """1 - IoU; for two boxes without area 0 if they are equal, else 1."""
        differ = np.abs(self.outward).max(axis=0) > 0
        return np.where(self.union == 0, differ, self.apart / self.union)

    @property
    def d_miss(self) -> Array:
        """With q = I/U: -(dI - q dU) / U."""
        iou = ratio(self.intersection, self.union)
        return ratio(iou * self.d_union - self.d_intersection, self.union)

    @property
    def waste(self) -> Array:
        """The empty share of the hull."""
        return ratio(self.empty, self.hull)

    @property
    def d_waste(self) -> Array:
        """With q = U/C: -(dU - q dC) / C."""
        filled = ratio(self.union, self.hull)
        return ratio(filled * self.d_hull - self.d_union, self.hull)

    @cached_property
    def offset(self) -> Array:
        """Squared distance of the centres over the squared diagonal of the hull."""
        return ratio((self._centre**2).sum(axis=0), self._diagonal)

    @property
    def d_offset(self) -> Array:
        """With q = d²/c²: (d(d²) - q d(c²)) / c²."""
        d_diagonal = self.outwards * (1 - self.inside) * _twice(2 * self.hull_sides)
        return ratio(_twice(self._centre) - self.offset * d_diagonal, self._diagonal)

    @cached_property
    def aspect(self) -> Array:
        """CIoU's v: the squared angle between the diagonals, 1 for a right angle."""
        return (2 / np.pi * self._turn) ** 2

    @property
    def d_aspect(self) -> Array:
        """With θ = arctan(w/h): dθ/dw = h/(w² + h²) and dθ/dh = -w/(w² + h²)."""
        w, h = self.pred
        turn = np.stack([-h, w]) * (8 / np.pi**2 * self._turn)
        return self.outwards * _twice(ratio(turn, w * w + h * h))

    @cached_property
    def _centre(self) -> Array:
        return 0.5 * (self.outward[2:] - self.outward[:2])

    @cached_property
    def _diagonal(self) -> Array:
        return (self.hull_sides**2).sum(axis=0)

    @cached_property
    def _turn(self) -> Array:
        """The true minus the predicted arctan(w/h); 0 where a box is a point."""
        (w_true, h_true), (w, h) = self.true, self.pred
        return np.arctan2(w_true * h - w * h_true, w_true * w + h_true * h)


def ratio(part: Array, whole: Array) -> Array:
    """Return part / whole, where x / 0 is 0."""
    return np.where(whole == 0, 0, part / whole)


def _along(edges: Array) -> Array:
    """Return the sums of both edges, for x and y."""
    return edges[:2] + edges[2:]


def _twice(axes: Array) -> Array:
    """Return (x, y) as (x, y, x, y): one entry for each edge."""
    return np.concatenate([axes, axes])


def _across(sides: Array) -> Array:
    """Return (x, y) as (y, x, y, x): the length that each edge moves across."""
    return _twice(sides[::-1])
