"""Chapter 3: the step limit is where the reference says, and backpropagation is the chain rule."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz, definitions
from lossbook.differences import differences

LOSS = lb.SquaredError()
NETWORK = lb.MLP(1, hidden=(2,), seed=3)


def bike_curve():
    bikes = lb.load_bikes()
    hours = np.arange(24)
    off = bikes["workingday"] == 0
    y = np.array([bikes["bikers"][off & (bikes["hour"] == h)].mean() for h in hours]) / 100
    return ((hours - hours.mean()) / hours.std())[:, None], y


def boston():
    data = lb.load_boston_rooms()
    return data["rm"], data["medv"]


def ames():
    data = lb.load_ames()
    return data["gr_liv_area"] / 1000, data["sale_price"] / 1000


def descend(x, y, rate, steps):
    optimizer = lb.GradientDescent(rate)
    return lb.fit(lb.Linear(1), LOSS, x[:, None], y, optimizer=optimizer, steps=steps)


def standardised_step(x, y):
    """Return slope and intercept in the units of x after one step in standardised units."""
    run = descend((x - x.mean()) / x.std(), y, 0.5, 1)
    slope = run.parameters[-1, 0] / x.std()
    return slope, run.parameters[-1, 1] - slope * x.mean()


INPUTS, LABELS = bike_curve()
hessian, curvatures, backpropagation = definitions(
    "03-downhill",
    "hessian",
    "curvatures",
    "backpropagation",
    loss=LOSS,
    network=NETWORK,
    x=INPUTS,
    y=LABELS,
)


def test_the_step_limit_of_boston_is_that_of_the_reference():
    entry = REFERENCE["boston_gd_stability"]
    rooms, _ = boston()
    flat, steep = curvatures(rooms)
    np.testing.assert_allclose([flat, steep], [entry["eig_min"], entry["eig_max"]], rtol=1e-9)
    np.testing.assert_allclose(2 / steep, entry["max_stable_lr"], rtol=1e-12)
    np.testing.assert_allclose(steep / flat, entry["condition_number"], rtol=1e-9)
    moments = [entry["rm_mean"], entry["rm_sd_ddof0"]]
    np.testing.assert_allclose([rooms.mean(), rooms.std()], moments, rtol=1e-12)


@pytest.mark.parametrize("name", ["boston", "ames"])
def test_the_hessian_is_the_second_derivative_of_the_cost(name):
    x, y = {"boston": boston, "ames": ames}[name]()
    model = lb.Linear(1)

    def gradient(parameters):
        by_prediction = LOSS.cost_gradient(y, model.predict(x[:, None], parameters))
        return model.parameter_gradient(x[:, None], by_prediction, parameters)

    start = np.array([3.0, -2.0])
    columns = [gradient(start + e) - gradient(start) for e in np.eye(2)]  # linear: exact
    np.testing.assert_allclose(np.array(columns), hessian(x), rtol=1e-9)


def test_boston_converges_just_below_the_limit_and_not_above():
    limit = REFERENCE["boston_gd_stability"]["max_stable_lr"]
    assert 0.0244 < limit < 0.0245
    rooms, value = boston()
    lowest = REFERENCE["boston_ols"]["mse"]
    below = descend(rooms, value, 0.0244, 12_000).cost
    assert below[-1] - lowest < 0.5 < below[500] - lowest
    assert np.all(np.diff(below[10:2000]) < 0)
    above = descend(rooms, value, 0.0245, 500).cost
    assert np.all(np.diff(above[10:]) > 0)
    assert above[-1] > 1e6


def test_the_task_of_the_articles_ends_where_the_factor_says():
    rooms, value = boston()
    run = descend(rooms, value, 0.1, 500)
    growth = (1 - 0.1 * REFERENCE["boston_gd_stability"]["eig_max"]) ** 2
    np.testing.assert_allclose(run.cost[11] / run.cost[10], growth, rtol=1e-9)
    assert run.diverged_at == 177
    assert np.isfinite(run.cost[:177]).all()


@pytest.mark.parametrize(
    ("data", "entry"), [(boston, "boston_ols"), (ames, "ames_ols_all")], ids=["boston", "ames"]
)
def test_one_step_in_standardised_units_is_least_squares(data, entry):
    expected = REFERENCE[entry]["slope"], REFERENCE[entry]["intercept"]
    x, y = data()
    line = standardised_step(x, y)
    np.testing.assert_allclose(line, expected, rtol=1e-10)
    np.testing.assert_allclose(LOSS.cost(y, np.polyval(line, x)), REFERENCE[entry]["mse"])


def test_chapter_one_loses_the_predicted_share_per_step():
    area, price = ames()
    above = descend(area, price, 0.1, 301).cost - REFERENCE["ames_ols_all"]["mse"]
    flat, _ = curvatures(area)
    np.testing.assert_allclose(above[301] / above[300], (1 - 0.1 * flat) ** 2, rtol=1e-6)


@pytest.mark.parametrize(("share", "converges"), [(0.98, True), (1.02, False)])
def test_momentum_has_the_limit_of_the_exercise(share, converges):
    area, price = ames()
    optimizer = lb.Momentum(share * 2 * 1.9 / curvatures(area)[1], momentum=0.9)
    run = lb.fit(lb.Linear(1), LOSS, area[:, None], price, optimizer=optimizer, steps=1000)
    assert (run.cost[-1] - REFERENCE["ames_ols_all"]["mse"] < 1) == converges


@pytest.mark.parametrize("loss", [LOSS, lb.AbsoluteError(), lb.Huber(1.0)])
def test_backpropagation_by_hand_is_the_model_and_the_differences(loss):
    x, y = bike_curve()
    start = NETWORK.initial()
    by_hand = backpropagation(x, start, lambda prediction: loss.cost_gradient(y, prediction))
    by_prediction = loss.cost_gradient(y, NETWORK.predict(x, start))
    by_model = NETWORK.parameter_gradient(x, by_prediction, start)
    np.testing.assert_allclose(by_hand, by_model, rtol=1e-12)

    def cost(i, values):
        moved = np.tile(start, (np.size(values), 1))
        moved[:, i] = values
        return np.array([loss.cost(y, NETWORK.predict(x, p)) for p in moved])

    for i in range(len(start)):
        seen = differences(lambda values, i=i: cost(i, values), start[i : i + 1])
        np.testing.assert_allclose(by_hand[i], seen.slope[0], rtol=1e-6)


def test_two_seeds_reach_two_minima():
    x, y = bike_curve()
    costs = []
    for seed in (3, 4):
        model = lb.MLP(1, hidden=(2,), seed=seed)
        run = lb.fit(model, LOSS, x, y, optimizer=lb.Momentum(0.05), steps=2000)
        costs.append(run.cost[-1])
    assert costs[0] < 0.006 < 0.0195 < costs[1]


def steepest(x, y, loss=LOSS):
    """Return the largest curvature of a line's cost, by differences of its gradient."""
    X = np.column_stack([x, np.ones_like(x)])
    gradients = [X.T @ loss.cost_gradient(y, X @ line) for line in ([0, 0], [1, 0], [0, 1])]
    return np.linalg.eigvalsh(np.array(gradients[1:]) - gradients[0])[-1]


def test_quiz():
    bowl = lb.gradient_descent(lambda e: (2 * e[0] ** 2, 4 * e), [10.0], learning_rate=0.3, steps=2)
    area, price = ames()
    limits = [
        steepest(1000 * area, price),
        steepest(area, 1000 * price),
        steepest(np.tile(area, 2), np.tile(price, 2)),
        steepest(area, price, lb.Barron(alpha=2)),  # half the square
    ]
    standard = ((area - area.mean()) / area.std())[:, None]
    settings = {"optimizer": lb.GradientDescent(0.1), "steps": 5000, "batch_size": 30}
    noisy = lb.fit(lb.Linear(1), LOSS, standard, price, **settings)
    above = noisy.cost - REFERENCE["ames_ols_all"]["mse"]
    early, late = above[100:500].mean(), above[1000:].mean()
    start = NETWORK.initial()
    near = NETWORK.predict(INPUTS, start) + np.linspace(-0.5, 0.5, 24)
    by_squared, by_huber = (
        backpropagation(INPUTS, start, lambda p, loss=loss: loss.cost_gradient(near, p))
        for loss in (LOSS, lb.Huber(1.0))
    )
    changes = ([1] * 7, [0.5] * 7, [1] * 4 + [0.5] * 3, [0.25] * 4 + [0.5] * 3)
    check_quiz(
        "03",
        bowl.parameters[-1, 0],
        [not np.isclose(limit, steepest(area, price), rtol=1e-6) for limit in limits],
        [np.isclose(late, guess, atol=guess / 4) for guess in (early / 10, early, 0, 10 * early)],
        [np.allclose(by_huber / by_squared, change) for change in changes],
    )
