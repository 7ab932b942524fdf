"""Chapter 4: its lines agree with independent tools, and its functions are those of the page."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz, definitions

least_absolute_line, huber_line = definitions(
    "04-squared-and-absolute",
    "least_absolute_line",
    "huber_line",
    absolute=lb.AbsoluteError(),
    squared=lb.SquaredError(),
    model=lb.Linear(1),
)


def data(name):
    if name == "boston":
        rooms = lb.load_boston_rooms()
        return rooms["rm"], rooms["medv"]
    ames = lb.load_ames()
    area, price = ames["gr_liv_area"] / 1000, ames["sale_price"] / 1000
    keep = area <= 4 if name == "le4000" else area > 0
    return area[keep], price[keep]


def close(line, entry, tolerance):
    expected = [REFERENCE[entry]["slope"], REFERENCE[entry]["intercept"]]
    np.testing.assert_allclose(line, expected, rtol=tolerance)


@pytest.mark.parametrize(
    ("name", "entry"),
    [("all", "ames_ols_all"), ("le4000", "ames_ols_le4000"), ("boston", "boston_ols")],
)
def test_descent_on_squared_error_finds_the_least_squares_line(name, entry):
    x, y = data(name)
    middle, loss = x.mean(), lb.SquaredError()
    run = lb.fit(
        lb.Linear(1), loss, (x - middle)[:, None], y, optimizer=lb.GradientDescent(0.5), steps=300
    )
    slope, level = run.parameters[-1]
    close([slope, level - slope * middle], entry, 1e-9)
    close(np.polyfit(x, y, 1), entry, 1e-9)
    assert run.cost[-1] == pytest.approx(REFERENCE[entry]["mse"], rel=1e-10)
    mae = lb.AbsoluteError().cost(y, slope * (x - middle) + level)
    assert mae == pytest.approx(REFERENCE[entry]["mae"], rel=1e-9)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("all", "ames_quantile0.5_all"),
        ("le4000", "ames_quantile0.5_le4000"),
        ("boston", "boston_lad"),
    ],
)
@pytest.mark.parametrize("house", [0, 1, 5, 365])
def test_the_walk_finds_the_least_absolute_line(name, entry, house):
    x, y = data(name)
    line = least_absolute_line(x, y, house)
    close(line, entry, 1e-11)
    values, guess = REFERENCE[entry], np.polyval(line, x)
    if "mean_pinball" in values:
        pinball = lb.Quantile(0.5).cost(y, guess)
        assert pinball == pytest.approx(values["mean_pinball"], rel=1e-12)
    else:
        assert lb.AbsoluteError().cost(y, guess) == pytest.approx(values["mae"], rel=1e-12)
        assert lb.SquaredError().cost(y, guess) == pytest.approx(values["mse"], rel=1e-12)


@pytest.mark.parametrize("name", ["all", "le4000", "boston"])
def test_subgradients_of_the_exact_houses_cancel_all_others(name):
    x, y = data(name)
    X = np.column_stack([x, np.ones_like(x)])
    r = X @ least_absolute_line(x, y) - y
    exact = np.abs(r) < 1e-9
    assert exact.sum() == 2
    pulls = np.linalg.solve(X[exact].T, -X[~exact].T @ np.sign(r[~exact]))
    assert np.abs(pulls).max() < 1


@pytest.mark.parametrize(
    ("name", "entry", "delta"),
    [
        ("all", "ames_huber_delta_10_all", 10),
        ("all", "ames_huber_delta_50_all", 50),
        ("le4000", "ames_huber_delta_50_le4000", 50),
        ("boston", "boston_huber_delta_0.5", 0.5),
        ("boston", "boston_huber_delta_1", 1),
        ("boston", "boston_huber_delta_1.345", 1.345),
        ("boston", "boston_huber_delta_1.35", 1.35),
    ],
)
def test_descent_on_huber_finds_the_reference_line(name, entry, delta):
    x, y = data(name)
    line = huber_line(x, y, delta)
    close(line, entry, 1e-8)
    cost = lb.Huber(delta).cost(y, np.polyval(line, x))
    assert cost == pytest.approx(REFERENCE[entry]["mean_huber_loss"], rel=1e-12)


@pytest.mark.parametrize(("rate", "diverges"), [(0.0243, False), (0.0245, True), (0.1, True)])
def test_the_articles_task_has_an_exact_answer(rate, diverges):
    x, y = data("boston")
    values = REFERENCE["boston_gd_stability"]
    assert (rate > values["max_stable_lr"]) == diverges
    run = lb.fit(
        lb.Linear(1),
        lb.SquaredError(),
        x[:, None],
        y,
        optimizer=lb.GradientDescent(rate),
        steps=1000,
    )
    assert (run.cost[-1] > run.cost[0]) == diverges
    if rate == 0.1:
        factor = (1 - 0.1 * values["eig_max"]) ** 2
        needed = np.log(np.finfo(float).max / run.cost[0]) / np.log(factor)
        assert abs(run.diverged_at - needed) < 3


def test_deleting_five_houses_moves_one_line_and_not_the_other():
    (x, y), (x_cut, y_cut) = data("all"), data("le4000")
    assert len(x) - len(x_cut) == 5
    squared = np.polyfit(x_cut, y_cut, 1)[0] - np.polyfit(x, y, 1)[0]
    absolute = least_absolute_line(x_cut, y_cut)[0] - least_absolute_line(x, y)[0]
    assert squared == pytest.approx(4.53, abs=0.01)
    assert absolute == pytest.approx(0.18, abs=0.01)


def test_quiz():
    absolute = lb.AbsoluteError()
    hops = lb.gradient_descent(
        lambda r: (absolute.cost([0.0], r), absolute.gradient([0.0], r)),
        [1.0],
        learning_rate=0.4,
        steps=100,
    )
    ends = np.sort(hops.parameters[-2:, 0])
    x, y = (column[:30] for column in data("all"))
    first = np.arange(30) == 0
    lines = [
        least_absolute_line(np.where(first, wide * x, x), np.where(first, dear * y, y))
        for wide, dear in ((1, 0.1), (1, 50), (10, 1), (0.1, 1))
    ]
    assert y[0] > np.polyval(least_absolute_line(x, y), x[0])
    rooms, value = data("boston")
    settings = {"optimizer": lb.GradientDescent(1e-4), "steps": 500}
    small, large = (
        lb.fit(lb.Linear(1), lb.Huber(delta), rooms[:, None], value, **settings) for delta in (1, 5)
    )
    assert (small.cost < large.cost).all()
    errors = [absolute.cost(value, np.polyval(run.parameters[-1], rooms)) for run in (small, large)]
    r = np.linspace(-30, 30, 601)
    check_quiz(
        "04",
        lb.Huber(5).gradient(np.zeros(4), [6.0, 2.0, -1.0, -50.0]).sum(),
        [np.allclose(ends, guess) for guess in ([0, 0], [-0.2, 0.2], [0, 0.4])]
        + [np.abs(ends).max() > 1],
        [np.allclose(line, least_absolute_line(x, y)) for line in lines],
        [
            errors[0] < errors[1],
            small.parameters[-1, 0] > large.parameters[-1, 0],
            (lb.Huber(1).loss(0 * r, r) <= lb.Huber(5).loss(0 * r, r)).all(),
            (np.diff(large.cost) > 0).any(),
        ],
    )
