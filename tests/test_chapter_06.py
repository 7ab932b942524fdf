"""Chapter 6: its lines and counts agree with R, statsmodels, HiGHS and two textbooks."""

import math

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz, definitions
from lossbook.counts import log_factorial

PAGE = (
    *("quantile_line", "scoring", "whole_loss", "likeliest", "negative_binomial"),
    "sum_to_zero",
)
quantile_line, scoring, whole_loss, likeliest, negative_binomial, sum_to_zero = definitions(
    "06-quantiles-counts", *PAGE, log_factorial=log_factorial
)


def houses(name="all"):
    ames = lb.load_ames()
    area, price = ames["gr_liv_area"] / 1000, ames["sale_price"] / 1000
    keep = area <= 4 if name == "le4000" else area > 0
    return area[keep], price[keep]


def crabs():
    data = lb.load_crabs()
    return np.column_stack([np.ones(173), data["width_cm"]]), data["satellites"].astype(float)


def bikes():
    data = lb.load_bikes()
    weather = [data["weathersit"] == kind for kind in (2, 3, 4)]
    hours, months = sum_to_zero(data["hour"]), sum_to_zero(data["month"])
    one = np.ones(len(hours))
    X = np.column_stack([one, months, hours, data["workingday"], data["temp"], *weather])
    return X, data["bikers"].astype(float)


MAIN = [0, -5, -4, -3, -2, -1]
NAMES = (
    *("intercept", "workingday", "temp"),
    *("weather_cloudy", "weather_light_rain", "weather_heavy_rain"),
)


@pytest.mark.parametrize("tau", [0.5, 0.9])
@pytest.mark.parametrize("name", ["all", "le4000"])
@pytest.mark.parametrize("house", [0, 5, 365])
def test_the_walk_finds_the_quantile_line(tau, name, house):
    x, y = houses(name)
    line = quantile_line(x, y, tau, house)
    values = REFERENCE[f"ames_quantile{tau}_{name}"]
    np.testing.assert_allclose(line, [values["slope"], values["intercept"]], rtol=1e-11)
    cost = lb.Quantile(tau).cost(y, np.polyval(line, x))
    assert cost == pytest.approx(values["mean_pinball"], rel=1e-12)


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["all", "le4000"])
def test_subgradients_of_the_exact_houses_cancel_all_others(tau, name):
    x, y = houses(name)
    X = np.column_stack([x, np.ones_like(x)])
    r = X @ quantile_line(x, y, tau) - y
    exact = np.abs(r) < 1e-9
    assert exact.sum() == 2
    pulls = np.linalg.solve(X[exact].T, -X[~exact].T @ lb.Quantile(tau).psi(r[~exact]))
    assert ((-tau <= pulls) & (pulls <= 1 - tau)).all()


def test_crabs_by_poisson():
    X, y = crabs()
    theta, error = scoring(X, y, lb.Poisson())
    values = REFERENCE["crabs_poisson"]
    np.testing.assert_allclose(theta, [values["b0"], values["b1"]], rtol=1e-11)
    np.testing.assert_allclose(error, values["se"], rtol=1e-8)
    z = X @ theta
    mu = np.exp(z)
    deviance = 2 * lb.Tweedie(power=1).loss(y, z).sum()
    assert deviance == pytest.approx(values["deviance"], rel=1e-11)
    pearson = ((y - mu) ** 2 / mu).sum()
    assert pearson == pytest.approx(values["pearson_chi2"], rel=1e-9)
    assert pearson / 171 == pytest.approx(values["dispersion"], rel=1e-9)
    whole = lb.Poisson(full=True).loss(y, z).sum()
    assert -whole == pytest.approx(values["loglik"], rel=1e-12)
    # Penn State, STAT 504, lesson 9.2
    printed = [f"{theta[0]:.5f}", f"{theta[1]:.5f}", f"{error[1]:.5f}", f"{deviance:.3f}"]
    assert printed == ["-3.30476", "0.16405", "0.01997", "567.879"]


def test_bikes_by_poisson():
    X, y = bikes()
    theta, error = scoring(X, y, lb.Poisson())
    values = REFERENCE["bike_poisson_islr2"]
    np.testing.assert_allclose(theta[MAIN], [values[name] for name in NAMES], rtol=1e-9)
    np.testing.assert_allclose(error[MAIN], values["se"], rtol=1e-7)
    np.testing.assert_allclose(theta[1:12], values["month_coefs"], rtol=1e-9)
    np.testing.assert_allclose(theta[12:35], values["hour_coefs"], rtol=1e-9)
    z = X @ theta
    deviance = 2 * lb.Tweedie(power=1).loss(y, z).sum()
    assert deviance == pytest.approx(values["deviance"], rel=1e-11)
    pearson = ((y - np.exp(z)) ** 2 / np.exp(z)).sum() / (len(y) - X.shape[1])
    assert pearson == pytest.approx(values["pearson_dispersion"], rel=1e-9)
    # ISLR2, Table 4.11
    assert theta[MAIN].round(2).tolist() == [4.12, 0.01, 0.79, -0.08, -0.58, -0.93]
    assert error[MAIN].round(2).tolist() == [0.01, 0.0, 0.01, 0.0, 0.0, 0.17]


def test_bikes_by_least_squares():
    X, y = bikes()
    theta = np.linalg.lstsq(X, y)[0]
    r = X @ theta - y
    error = np.sqrt(r @ r / (len(y) - 40) * np.diag(np.linalg.inv(X.T @ X)))
    values = REFERENCE["bike_ols_islr2"]
    assert X.shape[1] == 40
    np.testing.assert_allclose(theta[MAIN], [values[name] for name in NAMES], rtol=1e-9)
    np.testing.assert_allclose(error[MAIN], values["se"], rtol=1e-9)
    # ISLR2, Table 4.10, which prints -109.75 for heavy rain
    assert theta[MAIN].round(2).tolist() == [73.6, 1.27, 157.21, -12.89, -66.49, -109.74]
    assert error[MAIN].round(2).tolist() == [5.13, 1.78, 10.26, 1.96, 2.97, 76.67]
    assert np.mean(X @ theta < 0) == pytest.approx(0.096, abs=5e-4)


@pytest.mark.parametrize(
    ("data", "expected", "dispersion", "whole"),
    [
        (crabs, {0: -4.05251007, 1: 0.19207322}, 1.10549999, 375.6454826974217),
        (bikes, {0: 4.15282305, -5: -0.17254848}, 0.265966671, 44704.70365955513),
    ],
    ids=["crabs", "bikes"],
)
def test_counts_by_the_negative_binomial(data, expected, dispersion, whole):
    """As statsmodels 0.15.0 `NegativeBinomial(y, X).fit()`."""
    X, y = data()
    theta, error, alpha = negative_binomial(X, y)
    assert alpha == pytest.approx(dispersion, rel=1e-6)
    for i, value in expected.items():
        assert theta[i] == pytest.approx(value, rel=1e-6)
    assert whole_loss(y, X @ theta, alpha) == pytest.approx(whole, rel=1e-11)
    if data is crabs:  # `GLM` with this dispersion
        np.testing.assert_allclose(error, [1.1714324, 0.04405821], rtol=1e-6)


def test_whole_loss_is_a_distribution():
    y = np.arange(400.0)
    p = np.array([math.exp(-whole_loss(y[i : i + 1], np.array([1.2]), 0.7)) for i in range(400)])
    mean = p @ y
    assert p.sum() == pytest.approx(1, rel=1e-12)
    assert mean == pytest.approx(math.exp(1.2), rel=1e-12)
    assert p @ (y - mean) ** 2 == pytest.approx(mean + 0.7 * mean**2, rel=1e-10)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (lb.Tweedie(0), [4.829677275165059, 0.9200315613370065]),
        (lb.Tweedie(1.5), [4.818488254005176, 0.9421392664031051]),
        (lb.Gamma(), [4.8188081137555985, 0.941272968729455]),
        (lb.Tweedie(2), [4.8188081137555985, 0.941272968729455]),
        (lb.Tweedie(3), [4.8195475316601035, 0.938929091414554]),
    ],
    ids=str,
)
def test_prices_by_tweedie(loss, expected):
    """As statsmodels 0.15.0 `GLM` with a log link."""
    x, y = houses()
    X = np.column_stack([np.ones(len(y)), np.log(x)])
    np.testing.assert_allclose(scoring(X, y, loss)[0], expected, rtol=1e-8)


def test_log_transform_loses_the_total_and_the_log_link_keeps_it():
    x, y = houses()
    X = np.column_stack([np.ones(len(y)), np.log(x)])
    guess = np.exp(X @ np.linalg.lstsq(X, np.log(y))[0])
    assert guess.sum() / y.sum() == pytest.approx(0.9602, abs=5e-5)
    by_poisson = np.exp(X @ scoring(X, y, lb.Poisson())[0])
    assert by_poisson.sum() == pytest.approx(y.sum(), rel=1e-11)
    by_gamma = np.exp(X @ scoring(X, y, lb.Gamma())[0])
    assert (y / by_gamma).mean() == pytest.approx(1, rel=1e-11)


def test_quiz():
    rng = np.random.default_rng(0)
    size = rng.uniform(1, 3, 2000)
    even = 100 * size + rng.normal(0, 30, 2000)
    low, high = (quantile_line(size, even, tau) for tau in (0.1, 0.9))
    gaps = np.polyval(high - low, [1, 2, 3])
    x, y = houses()
    X = np.column_stack([np.ones(len(y)), np.log(x)])
    guess = np.exp(X @ scoring(X, y, lb.Gamma())[0])
    ratio = y / guess
    sides, geometric = 2 * (ratio > 1).mean(), np.exp(np.log(ratio).mean())
    balances = (guess.sum() / y.sum(), ratio.mean(), sides, geometric)
    mean, quantile = (
        np.isclose(np.exp(loss.best_constant(np.log(y))), loss.best_constant(y))
        for loss in (lb.SquaredError(), lb.Quantile(0.9))
    )
    check_quiz(
        "06",
        abs(lb.NegativeBinomial(0.5).gradient(30.0, np.log(20.0))),
        [
            gaps[2] > 1.5 * gaps[0],
            *(np.allclose(gaps, gap, rtol=0.1) for gap in (60, 77)),
            gaps.min() < 0,
        ],
        [np.isclose(balance, 1, rtol=1e-9) for balance in balances],
        [mean and not quantile, quantile and not mean, mean and quantile, not (mean or quantile)],
        6 / np.sqrt(9),
    )
