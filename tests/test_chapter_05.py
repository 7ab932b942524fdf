"""Chapter 5: its fits agree with R, statsmodels and scikit-learn, its constants with the books."""

from itertools import combinations

import numpy as np
import pytest

import lossbook as lb
from chapters import ENTRIES, REFERENCE, check_quiz, definitions

NAMES = [
    *("believe", "robust_fit", "huber", "tukey", "least_median_start", "joint_scale"),
    *("normal", "variance", "constant_for", "z", "width", "none", "root2", "makers"),
]
FOUND = definitions("05-robust-losses", *NAMES, combinations=combinations)
PAGE = dict(zip(NAMES, FOUND, strict=True))


def plant():
    data = lb.load_stackloss()
    X = data.matrix("air_flow", "water_temp", "acid_conc")
    return np.column_stack([np.ones(len(X)), X]), data["stack_loss"].astype(float)


def houses(name):
    if name == "boston":
        data = lb.load_boston_rooms()
        x, y = data["rm"], data["medv"]
    else:
        data = lb.load_ames()
        x, y = data["gr_liv_area"] / 1000, data["sale_price"] / 1000
    keep = x <= 4 if name == "le4000" else x > 0
    return np.column_stack([np.ones(keep.sum()), x[keep]]), y[keep]


def fit(X, y, make, **settings):
    return PAGE["robust_fit"](X, y, PAGE[make], **settings)


def test_plant_by_least_squares_and_by_weights_of_the_squared_error():
    X, y = plant()
    expected = REFERENCE["stack_ols"]
    theta, _, weights = PAGE["robust_fit"](X, y, lambda scale: lb.SquaredError(), steps=2)
    np.testing.assert_allclose(theta, expected["coef"], rtol=1e-9)
    assert (weights == 2).all()
    residual = X @ theta - y
    assert np.sqrt(residual @ residual / 17) == pytest.approx(expected["sigma"], rel=1e-10)


def test_plant_by_huber():
    X, y = plant()
    entry = ENTRIES["stack_rlm_huber1.345"]
    theta, scale, weights = fit(X, y, "huber")
    own = entry["cross_check"]["own_irls_with_const_0_6745"]
    np.testing.assert_allclose([*theta, scale], own, rtol=1e-9)
    # statsmodels divides the MAD by 0.67449, not by 0.6745
    np.testing.assert_allclose(theta, entry["values"]["coef"], rtol=1e-5)
    np.testing.assert_allclose(weights, entry["values"]["weights"], atol=2e-5)
    published = entry["published"]
    np.testing.assert_allclose(theta, published["values"], atol=published["half_unit"])


def test_plant_where_r_stops():
    """The coefficients that R's rlm prints are those of step 9 and step 11."""
    X, y = plant()
    by_huber = fit(X, y, "huber", steps=9)
    r_stops = [-41.0265310522329, 0.829373868887715, 0.926108184089072, -0.127849160311597]
    np.testing.assert_allclose(by_huber[0], r_stops, rtol=1e-11)
    assert by_huber[1] == pytest.approx(2.44071379481484, rel=1e-11)
    by_tukey = fit(X, y, "tukey", steps=11)
    printed = [-42.2852537, 0.9275471, 0.6507322, -0.1123310]  # MASS, example(rlm)
    np.testing.assert_allclose(by_tukey[0], printed, atol=6e-8)
    assert by_tukey[1] == pytest.approx(2.28, abs=0.005)


def test_the_scale_decides_which_days_are_rejected():
    X, y = plant()
    start = PAGE["least_median_start"](X, y)
    middle = np.median(np.abs(X @ start - y))
    assert middle == pytest.approx(0.5625)
    for scale, days in ((2.2818855, [21]), (middle / 0.6745 * (1 + 5 / 17), [1, 3, 4, 21])):
        loss = lb.TukeyBiweight(4.685 * scale)
        fits = [PAGE["robust_fit"](X, y, lambda _, loss=loss: loss, s) for s in (None, start)]
        np.testing.assert_allclose(fits[0][0], fits[1][0], rtol=1e-8)
        assert (np.flatnonzero(fits[0][2] < 0.1) + 1).tolist() == days
        # in balance: the pulls cancel in each column
        pulls = loss.gradient(y, X @ fits[0][0])
        np.testing.assert_allclose(X.T @ pulls, 0, atol=1e-8)


def test_a_scale_estimated_anew_at_each_step_need_not_settle():
    X, y = plant()
    start = PAGE["least_median_start"](X, y)
    scales = [fit(X, y, "tukey", start=start, steps=k)[1] for k in (200, 201, 202)]
    assert scales[0] == pytest.approx(scales[2], rel=1e-9)
    assert abs(scales[0] - scales[1]) > 0.2


def test_a_lever_makes_a_false_minimum():
    X, y = houses("all")
    X, y = X[:30].copy(), y[:30]
    X[0, 1] *= 10
    start = PAGE["least_median_start"](X, y)
    loss = lb.TukeyBiweight(4.685 * fit(X, y, "tukey", start=start)[1])
    costs = []
    for begin in (None, start):
        line, _, weights = PAGE["robust_fit"](X, y, lambda _: loss, begin)
        costs.append(loss.cost(y, X @ line))
        for step in np.random.default_rng(0).normal(size=(40, 2)) * [1, 0.1]:
            assert loss.cost(y, X @ (line + step)) > costs[-1]
    assert costs[1] < 0.8 * costs[0]
    assert weights[0] == 0


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("boston", "boston_rlm_huber1.345"),
        ("all", "ames_rlm_huber1.345_all"),
        ("le4000", "ames_rlm_huber1.345_le4000"),
    ],
)
def test_lines_by_huber(name, entry):
    X, y = houses(name)
    theta, scale, _ = fit(X, y, "huber")
    values, by_r = REFERENCE[entry], ENTRIES[entry]["cross_check"]["values"]
    np.testing.assert_allclose([*theta, scale], by_r, rtol=1e-8)
    by_statsmodels = [values["intercept"], values["slope"], values["scale"]]
    np.testing.assert_allclose([*theta, scale], by_statsmodels, rtol=2e-5)


def test_boston_with_a_joint_scale_is_scikit_learns():
    X, y = houses("boston")
    theta = np.linalg.lstsq(X, y)[0]
    for _ in range(100):
        r = X @ theta - y
        sigma = PAGE["joint_scale"](r)
        root = np.sqrt(PAGE["believe"](lb.Huber(1.35 * sigma), r))
        theta = np.linalg.lstsq(X * root[:, None], y * root)[0]
    values = REFERENCE["boston_sklearn_HuberRegressor"]
    # L-BFGS stops at a tolerance of 1e-5
    np.testing.assert_allclose(theta, [values["intercept"], values["slope"]], rtol=1e-6)
    assert sigma == pytest.approx(values["scale"], rel=1e-5)


def efficiency(loss):
    return 1 / PAGE["variance"](loss, PAGE["normal"]())


@pytest.mark.parametrize("name", ["Huber", "Tukey", "Cauchy", "Welsch"])
def test_constants_of_95_percent_efficiency(name):
    make, factor, published = PAGE["makers"][name]
    below, above = (efficiency(make((published + e) / factor)) for e in (-0.0005, 0.0005))
    assert below < 0.95 < above


@pytest.mark.parametrize(("share", "published"), [(0.8, 3.14), (0.85, 3.44), (0.9, 3.88)])
def test_constants_of_tukey(share, published):
    below, above = (efficiency(lb.TukeyBiweight(published + e)) for e in (-0.005, 0.005))
    assert below < share < above


def test_bisection_finds_the_constant():
    assert efficiency(lb.Huber(PAGE["constant_for"](lb.Huber, 0.9))) == pytest.approx(0.9, rel=1e-5)


def test_quadrature_against_closed_forms():
    noise = PAGE["normal"](2.0)
    assert PAGE["variance"](lb.SquaredError(), noise) == pytest.approx(4, rel=1e-9)
    assert PAGE["variance"](lb.AbsoluteError(), noise) == pytest.approx(2 * np.pi, rel=1e-5)


def test_influence_is_the_slope():
    """A small share of bad values moves the best constant in proportion to psi."""
    y = np.random.default_rng(0).normal(size=101)
    weight = np.append(np.ones(101), 1e-4)
    for loss in (lb.SquaredError(), lb.Huber(1.345), lb.TukeyBiweight(4.685), lb.Welsch(2.111)):
        c = loss.best_constant(y)
        for x in (-6.0, -1.0, 2.0, 30.0):
            moved = loss.best_constant(np.append(y, x), weight) - c
            stiffness = loss.curvature(y, np.full(101, c)).sum()
            expected = -1e-4 * loss.gradient(x, c) / stiffness
            assert moved == pytest.approx(expected, rel=1e-3, abs=1e-10)


def test_step_limit_of_huber_is_that_of_half_the_square_where_all_are_inside():
    X, y = houses("all")
    largest = np.linalg.eigvalsh(X.T @ X / len(y))[-1]
    for delta, expected in ((1000, 1.0), (50, 0.6626), (10, 0.1975)):
        theta = PAGE["robust_fit"](X, y, lambda scale, delta=delta: lb.Huber(delta))[0]
        bend = lb.Huber(delta).curvature(y, X @ theta)
        steepest = np.linalg.eigvalsh((X.T * bend) @ X / len(y))[-1]
        assert steepest / largest == pytest.approx(expected, abs=1e-3)


def test_quiz():
    good = houses("all")[1][:19]
    spread = np.median(np.abs(good - np.median(good))) / 0.6745
    loss = lb.Huber(1.345 * spread)
    one, far, three = (
        loss.best_constant(np.append(good, typed)) - loss.best_constant(good)
        for typed in ([900], [9000], [900, 900, 900])
    )
    assert f"{one:.1f}" == f"{far:.1f}" == "3.1"
    bikes = lb.load_bikes()
    rentals = bikes["bikers"][bikes["hour"] == 8].astype(float)

    def end(start):
        def cost(c):
            value, pulls = lb.TukeyBiweight(1000).cost_and_gradient(rentals, 0 * rentals + c)
            return value, np.array([pulls.sum()])

        return lb.gradient_descent(cost, [start], learning_rate=1, steps=100).parameters[-1, 0]

    assert end(0.0) == pytest.approx(end(900.0), rel=1e-9)
    check_quiz(
        "05",
        PAGE["believe"](lb.Huber(1.5), np.array([-6.0]))[0],
        [np.isclose(three, guess, rtol=0.05, atol=0) for guess in (3.1, 9, 93, 0)],
        [np.isclose(end(900.0), guess, rtol=0.005) for guess in (900, 422, 264, 256)],
        1 / np.sqrt(np.expm1(lb.Cauchy(2).loss(0.0, 1.0))),  # log(1 + (r/k)²), solved for k
        85 / efficiency(lb.TukeyBiweight(3.44)),
    )
