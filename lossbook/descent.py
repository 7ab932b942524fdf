"""Downhill: the loop that runs an optimizer, and the history it keeps (chapters 1, 3 and 14).

A *step* is one update of the parameters. Row 0 of a history is the start, before any step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossbook.base import Loss
from lossbook.models import Model
from lossbook.optimizers import GradientDescent, Optimizer
from lossbook.penalties import Penalty
from lossbook.sets import SetLoss
from lossbook.validation import REAL, Array, as_array, computed, is_lazy, whole


@dataclass(frozen=True)
class History:
    """What a descent went through: one row per step, row 0 the start (chapter 3).

    Attributes
    ----------
    cost : ndarray, (rows,)
        Cost of the training data, without the penalty.
    parameters : ndarray, (rows, n_parameters)
        Parameters that have that cost.
    penalty : ndarray, (rows,)
        Penalty of those parameters; objective = cost + penalty.
    validation_cost : ndarray, (rows,), or None
        Cost of the validation data, where `fit` was given some.
    diverged_at : int or None
        The first step at which the objective was not finite; the run ended there.
    stopped_early : bool
        Whether patience ran out before the steps did.

    Examples
    --------
    >>> from lossbook import gradient_descent
    >>> history = gradient_descent(lambda x: (x[0]**2, 2 * x), [1.0], learning_rate=0.25, steps=3)
    >>> history.cost
    array([1.      , 0.25    , 0.0625  , 0.015625])
    >>> history
    History: 3 steps, cost 1 → 0.015625
    """

    cost: Array
    parameters: Array
    penalty: Array
    validation_cost: Array | None = None
    diverged_at: int | None = None
    stopped_early: bool = False

    @property
    def objective(self) -> Array:
        """Return cost + penalty, what the descent went down on."""
        return self.cost + self.penalty

    @property
    def best_step(self) -> int:
        """Return the step of the smallest validation cost, or objective where there is none."""
        judged = self.objective if self.validation_cost is None else self.validation_cost
        return int(np.nanargmin(judged)) if not np.isnan(judged).all() else 0

    @property
    def best_parameters(self) -> Array:
        """Return the parameters of the best step."""
        return self.parameters[self.best_step]

    def plot(self, alt: str | None = None) -> Any:
        """Draw the cost of each step; with `alt`, a sentence, show the figure too.

        Returns the matplotlib figure. Needs ``lossbook[plots]``.
        """
        from lossbook import plots

        figure = plots.history(self)
        if alt is not None:
            plots.show(figure, alt)
        return figure

    def __repr__(self) -> str:
        steps = len(self.cost) - 1
        text = f"History: {steps} steps, cost {self.cost[0]:.6g} → {self.cost[-1]:.6g}"
        if self.diverged_at is not None:
            return text + f"; diverged: not finite at step {self.diverged_at}"
        if self.validation_cost is not None:
            text += f"; best validation cost at step {self.best_step}"
        return text + (", stopped early" if self.stopped_early else "")


def gradient_descent(
    value_and_gradient: Callable[[Array], tuple[float, Array]],
    start: Array,
    *,
    learning_rate: float,
    steps: int,
) -> History:
    r"""Run plain gradient descent on any function: the bare loop of chapter 3.

    .. math:: \theta_{t+1} = \theta_t - \eta \nabla f(\theta_t)

    Parameters
    ----------
    value_and_gradient : callable
        Takes the parameters, a 1-D array; returns the value and the gradient.
    start : array_like
        Parameters at step 0, finite.
    learning_rate : float
        η, above 0.
    steps : int
        Number of updates, 0 or more.

    Returns
    -------
    History
        If the value stops being finite, the history ends there and says so.

    Raises
    ------
    ValueError
        If an argument is out of its range, or the gradient has another shape than the start.

    Examples
    --------
    >>> from lossbook import gradient_descent
    >>> history = gradient_descent(lambda x: (x[0]**2, 2 * x), [1.0], learning_rate=0.5, steps=1)
    >>> history.parameters
    array([[1.],
           [0.]])

    References
    ----------
    Cauchy (1847), *Méthode générale pour la résolution des systèmes d'équations simultanées*,
    Comptes rendus 25.
    """

    def evaluate(parameters: Array) -> tuple[float, float, Array]:
        value, gradient = value_and_gradient(parameters)
        return value, 0.0, np.asarray(gradient)

    return _descend(evaluate, start, GradientDescent(learning_rate), steps)


def fit(
    model: Model,
    loss: Loss | SetLoss,
    X: Array,
    y: Array,
    *,
    optimizer: Optimizer | None = None,
    steps: int = 500,
    batch_size: int | None = None,
    sample_weight: Array = None,
    penalty: Penalty | None = None,
    validation: tuple[Array, Array] | None = None,
    patience: int | None = None,
    start: Array | None = None,
    seed: int = 0,
    progress: bool = False,
) -> History:
    r"""Train a model: minimise the cost, plus a penalty, over its parameters (chapters 1 and 3).

    .. math:: \min_\theta\; C(y, f(X; \theta)) + \Omega(w)

    Parameters
    ----------
    model : Model
        `Linear`, `MLP` or your own.
    loss : Loss or SetLoss
        What to minimise the average of.
    X, y : array_like
        Inputs (n, n_features) and what was observed. Lazy (Dask) arrays stay lazy: each step is
        one pass over their chunks, on whatever scheduler Dask uses.
    optimizer : Optimizer, optional
        ``GradientDescent(learning_rate=0.1)`` unless given.
    steps : int
        Updates, 0 or more.
    batch_size : int, optional
        Examples per step, drawn without replacement from a seeded shuffle of each epoch; all of
        them unless given. The history has the cost of all examples in any case.
    sample_weight : array_like, optional
        Weights of the examples.
    penalty : Penalty, optional
        `L1`, `L2` or `ElasticNet` of the weights; biases are never penalised.
    validation : (X, y), optional
        Data whose cost is recorded and not trained on.
    patience : int, optional
        Stop once the validation cost has had no new minimum for so many steps.
    start : array_like, optional
        Parameters to start from, `model.initial()` unless given.
    seed : int
        Seed of the shuffles.
    progress : bool
        Show a progress bar (needs tqdm).

    Returns
    -------
    History
        If the objective stops being finite, the history ends there and says so.

    Raises
    ------
    ValueError
        If an argument is out of its range or shapes do not fit.
    TypeError
        If the data are lazy and the loss is a SetLoss, which needs the whole set at once.

    Examples
    --------
    >>> from lossbook import GradientDescent, Linear, SquaredError, fit
    >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
    >>> history = fit(Linear(1), SquaredError(), X, y, optimizer=GradientDescent(0.2), steps=200)
    >>> history.parameters[-1].round(6)  # slope, intercept
    array([2., 1.])

    References
    ----------
    Robbins and Monro (1951), *A Stochastic Approximation Method*, Annals of Mathematical
    Statistics 22(3), for steps on a part of the examples; Prechelt (1998), *Early Stopping,
    But When?*, for patience.
    """
    optimizer = optimizer or GradientDescent(learning_rate=0.1)
    if patience is not None:
        if validation is None:
            raise ValueError("patience needs validation=(X, y): expected data to judge by")
        whole("patience", patience, 1)
    X, y = as_array("X", X), as_array("y", y)
    if isinstance(loss, SetLoss) and (is_lazy(X) or is_lazy(y)):
        raise TypeError(
            f"{type(loss).__name__} is a cost of the whole set, so that no chunk has a gradient of "
            "its own, and X or y is a lazy array: call .compute() first if the data fit in memory"
        )
    start = model.initial() if start is None else start
    # Every value is checked here, once; the loop then leaves the checks out.
    first = model.predict(X, start)
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    loss.cost(y, first, **weights)
    is_weight = model.is_weight

    def evaluate(parameters: Array, rows: Array = None) -> tuple[float, float, Array]:
        X_part, y_part, part = X, y, weights
        if rows is not None:
            X_part, y_part = X[rows], y[rows]
            part = {name: np.asarray(w)[rows] for name, w in weights.items()}
        predictions = model.predict(X_part, parameters)
        cost, slopes = loss.cost_and_gradient(y_part, predictions, **part, validate=False)
        cost, gradient = computed(cost, model.parameter_gradient(X_part, slopes, parameters))
        if penalty is None:
            return cost, 0.0, gradient
        gradient[is_weight] += penalty.gradient(parameters[is_weight])
        return cost, penalty.value(parameters[is_weight]), gradient

    batches = None
    if batch_size is not None:
        whole("batch_size", batch_size, 1)
        batches = _batches(len(y), batch_size, weights.get("sample_weight"), seed)

    X_val, y_val = validation or (None, None)
    if validation is not None:
        loss.cost(y_val, model.predict(X_val, start))

    def judge(parameters: Array) -> float:
        return loss.cost(y_val, model.predict(X_val, parameters), validate=False)

    return _descend(
        evaluate,
        start,
        optimizer,
        steps,
        batches=batches,
        judge=None if validation is None else judge,
        patience=patience,
        progress=progress,
    )


def _descend(
    evaluate: Callable[..., tuple[float, float, Array]],
    start: Array,
    optimizer: Optimizer,
    steps: int,
    *,
    batches: Iterator[Array] | None = None,
    judge: Callable[[Array], float] | None = None,
    patience: int | None = None,
    progress: bool = False,
) -> History:
    """Run the loop that `gradient_descent` and `fit` share."""
    whole("steps", steps, 0)
    parameters = np.array(as_array("start", start), dtype=np.float64)
    REAL.check("start", parameters)
    state = optimizer.start(parameters)
    rows, costs, penalties, judged = [], [], [], []
    diverged_at, stopped_early = None, False
    for step in _counted(steps + 1, progress):
        with np.errstate(all="ignore"):  # divergence is reported below, not by warnings
            cost, penalty, gradient = evaluate(parameters)
            rows.append(parameters)
            costs.append(float(cost))
            penalties.append(float(penalty))
            if not np.isfinite(costs[-1] + penalties[-1]):
                diverged_at = step
                break
            if judge is not None:
                judged.append(judge(parameters))
                if patience is not None and step - int(np.nanargmin(judged)) >= patience:
                    stopped_early = step < steps
                    break
            if step == steps:
                continue  # the loop ends here of itself, and its progress bar is full
            if batches is not None:
                gradient = evaluate(parameters, next(batches))[2]
            if np.shape(gradient) != parameters.shape:
                raise ValueError(
                    f"gradient has shape {np.shape(gradient)}: expected {parameters.shape}, "
                    "the shape of the start"
                )
            change, state = optimizer.step(gradient, state)
            parameters = parameters + change
            if not np.isfinite(parameters).all():
                rows.append(parameters)
                costs.append(np.inf)
                penalties.append(0.0)
                diverged_at = step + 1
                break
    if judge is not None and len(judged) < len(costs):
        judged.append(np.inf)
    return History(
        cost=np.array(costs),
        parameters=np.array(rows),
        penalty=np.array(penalties),
        validation_cost=None if judge is None else np.array(judged),
        diverged_at=diverged_at,
        stopped_early=stopped_early,
    )


def _batches(n: int, size: int, sample_weight: Array, seed: int) -> Iterator[Array]:
    """Yield rows of each batch for ever, reshuffled each epoch; examples of weight 0 left out."""
    rng = np.random.default_rng(seed)
    rows = np.arange(n)
    if sample_weight is not None:
        rows = rows[np.asarray(sample_weight).reshape(n, -1).sum(axis=1) > 0]
    while True:
        order = rng.permutation(rows)
        for first in range(0, len(order), size):
            yield order[first : first + size]


def _counted(n: int, progress: bool) -> Iterable[int]:
    if not progress:
        return range(n)
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError("progress=True needs tqdm: pip install tqdm") from error
    return tqdm(range(n), desc="fit", unit="step")
