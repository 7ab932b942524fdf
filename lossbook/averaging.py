"""How losses of examples become a cost: in blocks that fit the processor's cache.

Each loss is a plain formula over arrays. Evaluated over a million examples at once it would make
scratch arrays of megabytes and wait for memory. Here it is given one block after another, so that
the scratch stays in cache and a cost takes less than a mebibyte beyond its inputs. This is the one
place that checks arguments, applies weights and adds up, for all losses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lossbook.validation import Array, as_array, check_weights, float_type, is_lazy

if TYPE_CHECKING:
    from lossbook.base import Loss
    from lossbook.validation import Domain

BLOCK = 12288
"""Numbers in a block: 96 KiB of float64. Ten scratch arrays of a formula stay in cache, and within
the mebibyte that a cost may take beyond its inputs."""


def each(loss: Loss, formula: Callable, y_true: Array, y_pred: Array, validate: bool) -> Array:
    """Return what `formula` gives for checked arrays: one loss, slope or curvature per example."""
    examples = _Examples(loss, y_true, y_pred)
    with np.errstate(all="ignore"):  # an honest inf needs no warning
        rows = slice(None)
        if validate:
            examples.check(rows, ("y_true", "y_pred"))
        # a parameter that is a NumPy number would widen float32
        result = formula(*examples.cut(rows)).astype(examples.dtype, copy=False)
    return result if np.ndim(y_pred) else result[0]


def average(
    loss: Loss,
    y_true: Array,
    y_pred: Array,
    sample_weight: Array,
    validate: bool,
    value_only: bool = False,
) -> tuple[float, Array]:
    """Return the cost and, unless `value_only`, its gradient by the predictions."""
    examples = _Examples(loss, y_true, y_pred)
    shape, lazy = examples.pred.shape, examples.lazy
    weight, total = None, float(examples.pred.size if loss.elementwise else shape[0])
    if sample_weight is not None:
        weight, total = check_weights(sample_weight, shape if loss.elementwise else shape[:1])
        lazy = lazy or is_lazy(weight)
    if lazy:
        return _average_lazily(examples, weight, total)
    cost = 0.0
    gradient = None if value_only else np.empty(shape, examples.dtype)
    with np.errstate(all="ignore"):
        for rows in blocks(examples.pred, loss.block):
            share = None if weight is None else weight[rows] / total
            part = None if gradient is None else gradient[rows]
            cost += _block(examples, rows, share, total, part, validate)
    if gradient is None or np.ndim(y_pred):
        return cost, gradient
    return cost, gradient[0]


class _Examples:
    """Labels and predictions of fitting shapes, to be checked and cut into blocks."""

    def __init__(self, loss: Loss, y_true: Array, y_pred: Array):
        true, pred = as_array("y_true", y_true), as_array("y_pred", y_pred)
        if true.ndim == pred.ndim == 0:  # one example: give it the axis that blocks are cut from
            true, pred = true.reshape(1), pred.reshape(1)
        loss.check_shapes(true, pred)
        self.loss, self.true, self.pred = loss, true, pred
        self.dtype = float_type(pred)
        # class indices stay whole numbers
        self.label_dtype = np.dtype(np.intp) if true.ndim < pred.ndim else self.dtype
        self.lazy = is_lazy(pred) or is_lazy(true)

    @cached_property
    def domains(self) -> tuple[Domain, Domain]:
        """What labels and predictions may be, judged once over the whole arrays."""
        return self.loss.domains(self.true, self.pred)

    def cut(self, rows: slice) -> tuple[Array, Array]:
        """Return labels and predictions of these rows in the dtype of the results."""
        true, pred = self.true[rows], self.pred[rows]
        if true.dtype != self.label_dtype:
            true = true.astype(self.label_dtype)
        return true, pred if pred.dtype == self.dtype else pred.astype(self.dtype)

    def check(self, rows: slice, names: tuple[str, ...]) -> None:
        """Raise ValueError for the first bad value in these rows of the named arguments."""
        start = rows.start or 0  # of slice(None), None
        if "y_true" in names and not is_lazy(self.true):
            self.domains[0].check("y_true", self.true[rows], start)
        if "y_pred" in names and not is_lazy(self.pred):
            self.domains[1].check("y_pred", self.pred[rows], start)


def _block(
    examples: _Examples, rows: slice, share: Array, total: float, gradient: Array, validate: bool
) -> float:
    """Return what a block adds to the cost; write its part of the gradient, if there is one.

    Scratch arrays are local to this call: their room is free for the next block.
    """
    loss = examples.loss
    if validate and loss.check_first:
        examples.check(rows, loss.check_first)
    if gradient is None:
        losses = loss.value(*examples.cut(rows))
    else:
        losses, slopes = loss.value_and_derivative(*examples.cut(rows))
        _scale(slopes, 1 / total if share is None else share, gradient)
        del slopes
    cost = float(np.add.reduce(losses if share is None else share * losses, axis=None))
    if not math.isfinite(cost):
        if validate:
            examples.check(rows, ("y_true", "y_pred"))
        if share is not None:  # an infinite loss does not count where its share is 0
            cost = float(np.where(share > 0, share * losses, 0).sum())
    return cost / total if share is None else cost


def _scale(slopes: Array, share: Array, out: Array) -> None:
    """Write share · slope into `out`; 0 where the share is 0, even for an infinite slope."""
    if isinstance(share, float):
        np.multiply(slopes, share, out=out, casting="same_kind")
        return
    if slopes.ndim > share.ndim:
        share = share[:, None]
    np.multiply(slopes, share, out=out, casting="same_kind")
    np.copyto(out, 0, where=share == 0)


def blocks(pred: Array, size: int) -> Iterable[slice]:
    """Return slices of the first axis that hold about `size` numbers each."""
    if pred.size <= size:
        return (slice(None),)
    rows = max(1, size * len(pred) // pred.size)
    return (slice(start, start + rows) for start in range(0, len(pred), rows))


def _average_lazily(examples: _Examples, weight: Array, total: float) -> tuple[Array, Array]:
    """Say the same without blocks: the lazy array's own chunks take their place."""
    losses, slopes = examples.loss.value_and_derivative(*examples.cut(slice(None)))
    if weight is None:
        return losses.sum() / total, slopes / total
    share = weight / total
    rows = share if slopes.ndim == share.ndim else share[:, None]
    return (
        np.where(share > 0, share * losses, 0).sum(),
        np.where(rows > 0, rows * slopes, 0),
    )
