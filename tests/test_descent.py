"""Descent: closed forms on quadratics, other people's optimizers, divergence, early stopping."""

import numpy as np
import pytest

import lossbook as lb
from lossbook import (
    L1,
    L2,
    MLP,
    AbsoluteError,
    Adagrad,
    Adam,
    BinaryCrossEntropyWithLogits,
    GradientDescent,
    Hinge,
    Linear,
    Momentum,
    SquaredError,
    fit,
    gradient_descent,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = X @ [2.0, -1.0] + 0.5 + RNG.normal(0, 0.1, 60)


def quadratic(p):
    return float(p[0] ** 2 + 10 * p[1] ** 2), np.array([2 * p[0], 20 * p[1]])


def test_gradient_descent_follows_its_closed_form():
    history = gradient_descent(quadratic, [1.0, 1.0], learning_rate=0.04, steps=30)
    t = np.arange(31)[:, None]
    expected = (1 - 0.04 * np.array([2.0, 20.0])) ** t  # each direction shrinks by 1 - ηλ
    np.testing.assert_allclose(history.parameters, expected, rtol=1e-12)
    np.testing.assert_allclose(history.cost, [quadratic(p)[0] for p in expected], rtol=1e-12)


@pytest.mark.parametrize(("rate", "converges"), [(0.0999, True), (0.1001, False)])
def test_the_step_limit_is_two_over_the_largest_curvature(rate, converges):
    history = gradient_descent(quadratic, [1.0, 1.0], learning_rate=rate, steps=2000)
    assert (history.cost[-1] < history.cost[0]) == converges


def test_divergence_keeps_the_history_and_says_where():
    history = gradient_descent(quadratic, [1.0, 1.0], learning_rate=10.0, steps=1000)
    assert history.diverged_at == len(history.cost) - 1
    assert not np.isfinite(history.cost[-1])
    assert np.isfinite(history.cost[:-1]).all()
    assert f"not finite at step {history.diverged_at}" in repr(history)


def test_fit_that_diverges_keeps_the_history_too():
    history = fit(Linear(1), SquaredError(), 1e6 * X[:, :1], Y, steps=500)
    assert history.diverged_at is not None
    assert len(history.parameters) == len(history.cost) == history.diverged_at + 1
    validated = fit(
        Linear(1), SquaredError(), 1e6 * X[:, :1], Y, steps=500, validation=(X[:, :1], Y)
    )
    assert len(validated.validation_cost) == len(validated.cost)


@pytest.mark.parametrize(
    ("optimizer", "update"),
    [
        (GradientDescent(0.1), lambda g: -0.1 * np.array(g)),
        # v = .9 v + g
        (Momentum(0.1, 0.9), lambda g: -0.1 * np.array([g[0], 0.9 * g[0] + g[1]])),
        (
            Adagrad(0.1),
            lambda g: [-0.1 * np.sign(g[0]), -0.1 * g[1] / np.hypot(g[0], g[1])],
        ),
    ],
    ids=["gradient descent", "momentum", "adagrad"],
)
def test_first_two_steps_by_hand(optimizer, update):
    state, changes, gradients = optimizer.start(np.zeros(1)), [], [3.0, -4.0]
    for g in gradients:
        change, state = optimizer.step(np.array([g]), state)
        changes.append(change[0])
    np.testing.assert_allclose(changes, update(gradients), rtol=1e-6)


def test_adam_against_the_paper_written_out():
    gradients, m, v, expected = [3.0, -4.0, 0.5], 0.0, 0.0, []
    for t, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        expected.append(-0.02 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
    optimizer = Adam(0.02)
    state, got = optimizer.start(np.zeros(1)), []
    for g in gradients:
        change, state = optimizer.step(np.array([g]), state)
        got.append(change[0])
    np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "optimizer",
    [GradientDescent(0.3), Momentum(0.05), Adagrad(1.0), Adam(0.1)],
    ids=lambda o: type(o).__name__,
)
def test_every_optimizer_finds_the_least_squares_fit(optimizer):
    history = fit(Linear(2), SquaredError(), X, Y, optimizer=optimizer, steps=2000)
    expected, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(60)]), Y, rcond=None)
    np.testing.assert_allclose(history.parameters[-1], expected, rtol=1e-6)


def test_rows_of_the_history_belong_together():
    history = fit(Linear(2), SquaredError(), X, Y, steps=20, penalty=L2(0.3))
    assert len(history.cost) == len(history.parameters) == 21
    for cost, penalty, p in zip(history.cost, history.penalty, history.parameters, strict=True):
        assert cost == pytest.approx(SquaredError().cost(Y, Linear(2).predict(X, p)))
        assert penalty == pytest.approx(L2(0.3).value(p[:2]))
    np.testing.assert_allclose(history.objective, history.cost + history.penalty)
    assert history.best_step == int(np.argmin(history.objective))


def test_ridge_matches_its_closed_form_and_spares_the_bias():
    history = fit(
        Linear(2), SquaredError(), X, Y + 100, penalty=L2(0.5), steps=5000,
        optimizer=GradientDescent(0.2),
    )  # fmt: skip
    A = np.column_stack([X, np.ones(60)])
    normal = 2 * A.T @ A / 60 + 0.5 * np.diag([1, 1, 0])
    expected = np.linalg.solve(normal, 2 * A.T @ (Y + 100) / 60)
    np.testing.assert_allclose(history.parameters[-1], expected, rtol=1e-8)


def test_lasso_drives_a_useless_weight_to_about_zero():
    noise = np.random.default_rng(1).normal(size=60)
    inputs = np.column_stack([X, noise])
    history = fit(
        Linear(3), SquaredError(), inputs, Y, penalty=L1(0.5), steps=4000,
        optimizer=GradientDescent(0.01),
    )  # fmt: skip
    assert abs(history.parameters[-1][2]) < 0.02
    assert abs(history.parameters[-1][0]) > 1


def test_weight_zero_is_absence():
    weight = np.arange(60) % 3
    kept = weight > 0
    weighted = fit(Linear(2), SquaredError(), X, Y, sample_weight=weight, steps=50)
    alone = fit(Linear(2), SquaredError(), X[kept], Y[kept], sample_weight=weight[kept], steps=50)
    np.testing.assert_allclose(weighted.parameters, alone.parameters, rtol=1e-12)


def test_minibatches_visit_every_example_once_an_epoch():
    seen = []

    class Spy(SquaredError):
        def value_and_derivative(self, y_true, y_pred):
            seen.append(tuple(y_true))
            return super().value_and_derivative(y_true, y_pred)

    fit(Linear(2), Spy(), X, Y, batch_size=25, steps=3, seed=1)
    batches = [rows for rows in seen if len(rows) < 60]
    assert [len(rows) for rows in batches] == [25, 25, 10]
    assert sorted(sum(batches, ())) == sorted(Y)


def test_minibatches_are_seeded_and_record_the_full_cost():
    settings = {"batch_size": 7, "steps": 40, "optimizer": GradientDescent(0.05)}
    first = fit(Linear(2), SquaredError(), X, Y, seed=3, **settings)
    again = fit(Linear(2), SquaredError(), X, Y, seed=3, **settings)
    other = fit(Linear(2), SquaredError(), X, Y, seed=4, **settings)
    np.testing.assert_array_equal(first.parameters, again.parameters)
    assert not np.array_equal(first.parameters, other.parameters)
    full = SquaredError().cost(Y, Linear(2).predict(X, first.parameters[-1]))
    assert first.cost[-1] == pytest.approx(full)


def test_patience_stops_at_a_minimum_of_the_validation_cost():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (12, 1))
    y = np.sin(3 * x[:, 0]) + rng.normal(0, 0.4, 12)
    x_val = np.linspace(-1, 1, 50)[:, None]
    validation = (x_val, np.sin(3 * x_val[:, 0]))
    history = fit(
        MLP(1, hidden=(30,)), SquaredError(), x, y, optimizer=Adam(0.03), steps=5000,
        validation=validation, patience=50,
    )  # fmt: skip
    assert history.stopped_early
    assert history.best_step == len(history.cost) - 1 - 50
    assert history.validation_cost[history.best_step] == history.validation_cost.min()
    np.testing.assert_array_equal(history.best_parameters, history.parameters[history.best_step])
    assert "stopped early" in repr(history)


def test_one_separable_example_trains_with_logits_and_margins():
    for loss in (BinaryCrossEntropyWithLogits(), Hinge()):
        history = fit(Linear(1), loss, [[-1.0], [1.0]], [0, 1], steps=500)
        assert history.cost[-1] < 0.1


def test_progress_shows_a_bar(capsys):
    pytest.importorskip("tqdm")
    fit(Linear(2), SquaredError(), X, Y, steps=5, progress=True)
    assert "6/6" in capsys.readouterr().err


def test_zero_steps_record_the_start():
    history = fit(Linear(2), SquaredError(), X, Y, steps=0, start=[1.0, 1.0, 1.0])
    assert history.cost.shape == (1,)
    np.testing.assert_array_equal(history.parameters, [[1.0, 1.0, 1.0]])


def test_the_start_is_not_changed():
    start = np.array([1.0, 1.0])
    gradient_descent(quadratic, start, learning_rate=0.01, steps=3)
    np.testing.assert_array_equal(start, [1.0, 1.0])


def test_integer_data_and_lists_are_welcome():
    history = fit(Linear(1), AbsoluteError(), [[0], [1], [2]], [1, 3, 5], steps=3)
    assert history.parameters.dtype == np.float64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GradientDescent(0), "learning_rate is 0"),
        (lambda: GradientDescent(np.nan), "learning_rate is nan"),
        (lambda: Momentum(0.1, momentum=1), "momentum is 1"),
        (lambda: Adagrad(0.1, epsilon=0), "epsilon is 0"),
        (lambda: Adam(beta1=-0.1), "beta1 is -0.1"),
        (lambda: Adam(beta2=1.0), "beta2 is 1"),
        (lambda: fit(Linear(2), SquaredError(), X, Y, steps=-1), "steps is -1"),
        (lambda: fit(Linear(2), SquaredError(), X, Y, steps=1.5), "steps is 1.5"),
        (lambda: fit(Linear(2), SquaredError(), X, Y, batch_size=0), "batch_size is 0"),
        (lambda: fit(Linear(2), SquaredError(), X, Y, patience=3), "patience needs validation"),
        (lambda: fit(Linear(2), SquaredError(), X, Y[:, None]), r"shape \(60, 1\)"),
        (lambda: fit(Linear(3), SquaredError(), X, Y), r"X has shape \(60, 2\)"),
        (lambda: fit(Linear(2), SquaredError(), X, [*Y[:-1], np.nan]), r"y_true\[59\] is nan"),
        (lambda: fit(Linear(2), SquaredError(), X, Y, start=[1.0]), r"parameters has shape \(1,\)"),
        (
            lambda: fit(Linear(2), SquaredError(), X, Y, sample_weight=-np.ones(60)),
            r"sample_weight\[0\] is -1.0",
        ),
        (
            lambda: fit(Linear(2), SquaredError(), X, Y, validation=(X, Y[:3]), patience=2),
            "equal shapes",
        ),
        (
            lambda: gradient_descent(lambda p: (0.0, p[:1]), [1.0, 2.0], learning_rate=1, steps=1),
            r"gradient has shape \(1,\): expected \(2,\)",
        ),
        (
            lambda: gradient_descent(quadratic, [np.inf, 0.0], learning_rate=1, steps=1),
            r"start\[0\] is inf",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_history_draws_itself():
    pytest.importorskip("matplotlib")
    history = fit(Linear(2), SquaredError(), X, Y, steps=5, validation=(X, Y))
    figure = history.plot()
    lines = figure.axes[0].get_lines()
    np.testing.assert_allclose(lines[0].get_ydata(), history.cost)
    np.testing.assert_allclose(lines[1].get_ydata(), history.validation_cost)
    lb.plots  # noqa: B018 - imported on demand by plot()


def test_an_infinite_gradient_ends_the_run_too():
    history = gradient_descent(lambda p: (1.0, [np.inf]), [0.0], learning_rate=0.1, steps=5)
    assert history.diverged_at == 1
    assert history.cost.tolist() == [1.0, np.inf]


def test_minibatches_leave_out_examples_of_weight_zero():
    labels = Y.copy()
    labels[::2] = 1e6  # would be seen in the parameters at once
    weight = np.tile([0.0, 1.0], 30)
    settings = {"batch_size": 7, "steps": 200, "optimizer": GradientDescent(0.1)}
    history = fit(Linear(2), SquaredError(), X, labels, sample_weight=weight, **settings)
    np.testing.assert_allclose(history.parameters[-1], [2, -1, 0.5], atol=0.15)
    assert history.cost[-1] < 0.05
