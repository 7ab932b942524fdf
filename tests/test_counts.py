"""The losses for counts and positive numbers, against likelihoods and exact arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lossbook as lb
from lossbook.counts import log_factorial

RNG = np.random.default_rng(11)
INF = math.inf
COUNTS = RNG.poisson(3, 200).astype(float)
POSITIVE = RNG.gamma(2, 2, 200)
REAL = RNG.normal(0, 3, 200)
LOG_MEANS = RNG.normal(0.5, 1.5, 200)
POWERS = [-2.0, -0.5, 0.0, 1.0, 1.2, 1.5, 1.9, 2.0, 2.3, 3.0, 4.5]


def name(value):
    """Return a test's name for a parameter: the same in every process."""
    return getattr(value, "__name__", str(value)[:40])


def name_of(parameter):
    """Name a test by its loss alone: arrays and functions have no lasting names."""
    return str(parameter) if isinstance(parameter, lb.Loss) else ""


def labels(power):
    return REAL if power <= 0 else COUNTS if power < 2 else POSITIVE


def tweedie(y, z, power):
    """Return Jørgensen's half unit deviance, by his cases."""
    mu = math.exp(z)
    if power == 0:
        return (y - mu) ** 2 / 2
    if power == 1:
        return (y * math.log(y / mu) if y else 0) - y + mu
    if power == 2:
        return math.log(mu / y) + y / mu - 1
    first = max(y, 0) ** (2 - power) / ((1 - power) * (2 - power)) if y else 0
    return first - y * mu ** (1 - power) / (1 - power) + mu ** (2 - power) / (2 - power)


def tweedie_slope(y, z, power):
    mu = math.exp(z)
    return mu ** (1 - power) * (mu - y)


def tweedie_curvature(y, z, power):
    mu = math.exp(z)
    return (2 - power) * mu ** (2 - power) - (1 - power) * y * mu ** (1 - power)


def squared_log(y, p):
    d = math.log((1 + p) / (1 + y))
    return d**2, 2 * d / (1 + p), 2 * (1 - d) / (1 + p) ** 2


def poisson(y, z):
    return math.exp(z) - y * z, math.exp(z) - y, math.exp(z)


def full_poisson(y, z):
    value, slope, curvature = poisson(y, z)
    return value + math.lgamma(y + 1), slope, curvature


def negative_binomial(y, z, a):
    mu = math.exp(z)
    value = (y + 1 / a) * math.log(1 + a * mu) - y * z
    return value, (mu - y) / (1 + a * mu), mu * (1 + a * y) / (1 + a * mu) ** 2


def gamma(y, z):
    ratio = y / math.exp(z)
    return ratio - 1 - math.log(ratio), 1 - ratio, ratio


FORMULAS = [
    (lb.SquaredLogError(), POSITIVE - 0.9, RNG.gamma(2, 2, 200) - 0.9, squared_log),
    (lb.Poisson(), COUNTS, LOG_MEANS, poisson),
    (lb.Poisson(), POSITIVE, LOG_MEANS, poisson),
    (lb.Poisson(full=True), COUNTS, LOG_MEANS, full_poisson),
    (lb.Poisson(full=True), POSITIVE, LOG_MEANS, full_poisson),
    *(
        (lb.NegativeBinomial(a), COUNTS, LOG_MEANS, lambda y, z, a=a: negative_binomial(y, z, a))
        for a in (1.0, 0.2, 7, 1e-3)
    ),
    (lb.Gamma(), POSITIVE, LOG_MEANS, gamma),
    *(
        (
            lb.Tweedie(p),
            labels(p),
            LOG_MEANS,
            lambda y, z, p=p: (
                tweedie(y, z, p),
                tweedie_slope(y, z, p),
                tweedie_curvature(y, z, p),
            ),
        )
        for p in POWERS
    ),
]
LOSSES = [loss for loss, *_ in FORMULAS]
BY_LOG = [(loss, y) for loss, y, *_ in FORMULAS if not isinstance(loss, lb.SquaredLogError)]


@pytest.mark.parametrize(("loss", "y", "pred", "formula"), FORMULAS, ids=name)
def test_value_gradient_and_curvature_are_the_textbooks(loss, y, pred, formula):
    expected = np.array([formula(a, b) for a, b in zip(y.tolist(), pred.tolist(), strict=True)]).T
    for name, exact in zip(("loss", "gradient", "curvature"), expected, strict=True):
        size = np.abs(exact).max()
        close = {"rtol": 1e-10, "atol": 1e-15 * size + 1e-14}
        np.testing.assert_allclose(getattr(loss, name)(y, pred), exact, **close)
    cost, gradient = loss.cost_and_gradient(y, pred)
    np.testing.assert_allclose(cost, expected[0].mean(), rtol=1e-10)
    np.testing.assert_allclose(gradient, loss.gradient(y, pred) / len(y), rtol=1e-12)


@pytest.mark.parametrize(("loss", "y", "pred", "formula"), FORMULAS, ids=name)
def test_float32_stays_float32_and_is_right(loss, y, pred, formula):
    y, pred = y.astype(np.float32), pred.astype(np.float32)
    for name in ("loss", "gradient", "curvature"):
        result = getattr(loss, name)(y, pred)
        wide = getattr(loss, name)(y.astype(float), pred.astype(float))
        assert result.dtype == np.float32
        typical = np.abs(wide).mean()
        np.testing.assert_allclose(result, wide, rtol=2e-5, atol=3e-6 * typical)


# Likelihoods and peers ----------------------------------------------------------------------------


def test_full_poisson_is_the_log_likelihood():
    stats = pytest.importorskip("scipy.stats")
    for z in (-3.0, 0.0, 2.5):
        y = np.arange(60.0)
        expected = -stats.poisson.logpmf(y, math.exp(z))
        result = lb.Poisson(full=True).loss(y, np.full(60, z))
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-13)


def test_negative_binomial_is_nb2_up_to_what_depends_on_the_count():
    stats = pytest.importorskip("scipy.stats")
    for a in (0.1, 1.0, 4.0):
        y, loss = np.arange(40.0), lb.NegativeBinomial(a)
        for z in (-2.0, 0.3, 3.0):
            n, p = 1 / a, 1 / (1 + a * math.exp(z))
            exact = stats.nbinom.logpmf(y, n, 1 / (1 + a)) - stats.nbinom.logpmf(y, n, p)
            result = loss.loss(y, np.full(40, z)) - loss.loss(y, np.zeros(40))
            np.testing.assert_allclose(result, exact, rtol=1e-10, atol=1e-11)


def test_negative_binomial_tends_to_poisson():
    y, z = COUNTS, LOG_MEANS
    for a, rtol in ((1e-6, 1e-2), (1e-9, 1e-5), (1e-15, 1e-11)):
        for name in ("loss", "gradient", "curvature"):
            near, at = (
                getattr(loss, name)(y, z) for loss in (lb.NegativeBinomial(a), lb.Poisson())
            )
            np.testing.assert_allclose(near, at, rtol=rtol, atol=1e-13 + a * 1e5)


@pytest.mark.parametrize("power", POWERS)
def test_scikit_learn_agrees_on_the_deviance(power):
    metrics = pytest.importorskip("sklearn.metrics")
    y = labels(power)
    twice = metrics.mean_tweedie_deviance(y, np.exp(LOG_MEANS), power=power)
    assert lb.Tweedie(power).cost(y, LOG_MEANS) == pytest.approx(twice / 2, rel=1e-11)


def test_scikit_learn_agrees_on_the_squared_log_error():
    metrics = pytest.importorskip("sklearn.metrics")
    y, p = POSITIVE, RNG.gamma(2, 2, 200)
    exact = metrics.mean_squared_log_error(y, p)
    assert lb.SquaredLogError().cost(y, p) == pytest.approx(exact, rel=1e-12)


def test_tweedies_with_a_name():
    for y, power, loss in ((POSITIVE, 2.0, lb.Gamma()), (COUNTS, 1.0, lb.Poisson())):
        same = lb.Tweedie(power)
        for name in ("gradient", "curvature"):
            first, second = (getattr(x, name)(y, LOG_MEANS) for x in (same, loss))
            np.testing.assert_allclose(first, second, rtol=1e-11, atol=1e-13)
    gap = lb.Tweedie(1.0).loss(COUNTS, LOG_MEANS) - lb.Poisson().loss(COUNTS, LOG_MEANS)
    saturated = np.where(COUNTS > 0, COUNTS * np.log(np.maximum(COUNTS, 1)) - COUNTS, 0)
    np.testing.assert_allclose(gap, saturated, atol=1e-11)
    mu = np.exp(LOG_MEANS)  # inverse Gaussian
    exact = (POSITIVE - mu) ** 2 / (2 * POSITIVE * mu**2)
    np.testing.assert_allclose(lb.Tweedie(3.0).loss(POSITIVE, LOG_MEANS), exact, rtol=1e-9)


# Accuracy -----------------------------------------------------------------------------------------


def exact_tweedie(mp, y, z, power):
    y, z = mp.mpf(float(y)), mp.mpf(float(z))
    mu, a, b = mp.exp(z), 2 - mp.mpf(power), 1 - mp.mpf(power)
    first = mp.log(mu / y) if a == 0 else (mu**a - y**a) / a
    second = mp.log(mu / y) if b == 0 else (mu**b - y**b) / b
    return first - y * second


HARD = [  # labels and log means: nearly perfect, far off, with huge and tiny powers on the way
    *((1.0, t) for t in (1e-9, -1e-9, 1e-5, 3e-4, 7e-4, -7.5e-4, 1e-3, 0.01, -0.3, 3.0)),
    *((2.0, -3.0), (5.0, 20.0), (5.0, -20.0), (1e-30, 3.0), (1e-300, 20.0), (1e10, -340.0)),
    *((3.0, 300.0), (3.0, -300.0), (1e5, 11.5), (1e5, 11.6), (1e-3, -6.9)),
]


@pytest.mark.parametrize(
    "power",
    [*POWERS, -1e-9, 1 + 1e-12, 1 + 1e-4, 2 - 1e-10, 2 + 1e-10, 2 - 1e-4, 6.0],
)
def test_tweedie_is_accurate_and_continuous_in_its_power(power):
    mp = pytest.importorskip("mpmath")
    with mp.workdps(80):
        exact = np.array([float(min(exact_tweedie(mp, y, z, power), 1e309)) for y, z in HARD])
    result = lb.Tweedie(power).loss(*np.array(HARD).T)
    np.testing.assert_allclose(result, exact, rtol=3e-12)


def test_gamma_is_accurate():
    mp = pytest.importorskip("mpmath")
    with mp.workdps(80):
        exact = np.array([float(exact_tweedie(mp, y, z, 2.0)) for y, z in HARD])
    np.testing.assert_allclose(lb.Gamma().loss(*np.array(HARD).T), exact, rtol=3e-12)


def test_a_perfect_prediction_costs_nothing():
    y = np.array([1.0, 2.0, 0.3, 1e5])
    for power in POWERS:
        np.testing.assert_array_equal(lb.Tweedie(power).loss(y, np.log(y)), 0)
    np.testing.assert_array_equal(lb.Gamma().loss(y, np.log(y)), 0)
    np.testing.assert_array_equal(lb.Gamma().gradient(y, np.log(y)), 0)
    np.testing.assert_array_equal(lb.SquaredLogError().loss(y, y), 0)


@given(
    st.sampled_from(POWERS),
    st.floats(1e-3, 1e3),
    st.floats(-1e-2, 1e-2) | st.floats(-20, 20),
)
def test_deviances_are_never_negative(power, y, t):
    assert lb.Tweedie(power).loss(y, math.log(y) + t) >= 0
    assert lb.Gamma().loss(y, math.log(y) + t) >= 0


def test_squared_log_error_keeps_its_digits():
    mp = pytest.importorskip("mpmath")
    y = np.array([1e6, 1e6, 1e6, -1 + 1e-10, 1e10, -0.5, 3.0, 0.0])
    p = np.array([1e6 + 1e-3, 1e6 + 1, 2e6, 1e10, -1 + 1e-10, -0.5 + 1e-9, 1e300, 1e-12])
    with mp.workdps(60):
        d = [
            mp.log1p(mp.mpf(float(b))) - mp.log1p(mp.mpf(float(a)))
            for a, b in zip(y, p, strict=True)
        ]
        value = [float(x**2) for x in d]
        slope = [float(2 * x / (1 + mp.mpf(float(b)))) for x, b in zip(d, p, strict=True)]
    np.testing.assert_allclose(lb.SquaredLogError().loss(y, p), value, rtol=2e-15)
    np.testing.assert_allclose(lb.SquaredLogError().gradient(y, p), slope, rtol=2e-15)


def test_log_factorial():
    whole = np.arange(171.0)
    exact = [math.log(math.factorial(n)) for n in range(171)]
    np.testing.assert_allclose(log_factorial(whole), exact, rtol=1e-14, atol=2e-15)
    between = np.concatenate([np.linspace(0, 30, 601), 10.0 ** np.arange(3, 300, 9)])
    exact = [math.lgamma(x + 1) for x in between]
    np.testing.assert_allclose(log_factorial(between), exact, rtol=1e-14, atol=3e-15)
    narrow = log_factorial(whole.astype(np.float32))
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(narrow, log_factorial(whole).astype(np.float32))


# Limits -------------------------------------------------------------------------------------------

LIMITS = [  # loss, label, log mean, value, slope
    (lb.Poisson(), 0.0, INF, INF, INF),
    (lb.Poisson(), 2.0, INF, INF, INF),
    (lb.Poisson(), 2.0, 800.0, INF, INF),
    (lb.Poisson(), 0.0, -INF, 0, 0),
    (lb.Poisson(), 2.0, -INF, INF, -2),
    (lb.Poisson(), 2.0, -1e10, 2e10, -2),
    (lb.Poisson(full=True), 0.0, -INF, 0, 0),
    (lb.NegativeBinomial(0.5), 0.0, INF, INF, 2),
    (lb.NegativeBinomial(0.5), 3.0, INF, INF, 2),
    (lb.NegativeBinomial(0.5), 3.0, 1e4, 2e4 - 5 * math.log(2), 2),
    (lb.NegativeBinomial(0.5), 0.0, -INF, 0, 0),
    (lb.NegativeBinomial(0.5), 3.0, -INF, INF, -3),
    (lb.NegativeBinomial(0.5), 3.0, -1e4, 3e4, -3),
    (lb.Gamma(), 2.0, INF, INF, 1),
    (lb.Gamma(), 2.0, -INF, INF, -INF),
    (lb.Gamma(), 2.0, -1e4, INF, -INF),
    (lb.Gamma(), 2.0, 1e4, 1e4 - 1 - math.log(2), 1),
    (lb.SquaredLogError(), 2.0, INF, INF, 0),
    (lb.Tweedie(0.0), -1.0, INF, INF, INF),
    (lb.Tweedie(0.0), 3.0, INF, INF, INF),
    (lb.Tweedie(0.0), 3.0, 400.0, INF, INF),
    (lb.Tweedie(0.0), 3.0, -INF, 4.5, 0),
    (lb.Tweedie(0.0), -3.0, -INF, 4.5, 0),
    (lb.Tweedie(0.0), 0.0, -INF, 0, 0),
    (lb.Tweedie(-2.0), 3.0, -INF, 81 / 12, 0),
    (lb.Tweedie(-2.0), -3.0, -INF, 0, 0),
    (lb.Tweedie(-2.0), 3.0, 300.0, INF, INF),
    (lb.Tweedie(-2.0), -3.0, INF, INF, INF),
    (lb.Tweedie(1.0), 3.0, INF, INF, INF),
    (lb.Tweedie(1.0), 0.0, INF, INF, INF),
    (lb.Tweedie(1.0), 3.0, -INF, INF, -3),
    (lb.Tweedie(1.0), 0.0, -INF, 0, 0),
    (lb.Tweedie(1.5), 3.0, INF, INF, INF),
    (lb.Tweedie(1.5), 0.0, INF, INF, INF),
    (lb.Tweedie(1.5), 3.0, -INF, INF, -INF),
    (lb.Tweedie(1.5), 0.0, -INF, 0, 0),
    (lb.Tweedie(2.0), 3.0, INF, INF, 1),
    (lb.Tweedie(2.0), 3.0, -INF, INF, -INF),
    (lb.Tweedie(3.0), 4.0, INF, 1 / 8, 0),
    (lb.Tweedie(3.0), 4.0, -INF, INF, -INF),
    (lb.Tweedie(3.0), 4.0, -400.0, INF, -INF),
]


@pytest.mark.parametrize(("loss", "y", "z", "value", "slope"), LIMITS, ids=str)
def test_limits(loss, y, z, value, slope):
    assert loss.loss(y, z) == pytest.approx(value, rel=1e-13, abs=1e-14)
    assert loss.gradient(y, z) == pytest.approx(slope, rel=1e-13, abs=1e-14)
    assert not np.isnan(loss.curvature(y, z))


def test_curvatures_at_infinity():
    assert lb.SquaredLogError().curvature(1.0, INF) == 0
    assert lb.Poisson().curvature(1.0, -INF) == 0
    assert lb.NegativeBinomial(0.5).curvature(1.0, INF) == 0
    assert lb.Gamma().curvature(1.0, INF) == 0
    assert lb.Tweedie(1.0).curvature(0.0, INF) == INF
    assert lb.Tweedie(2.0).curvature(3.0, INF) == 0


# Conventions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "bad", "expected"),
    [
        (lb.SquaredLogError(), -1.0, "a finite number above -1"),
        (lb.SquaredLogError(), INF, "a finite number above -1"),
        (lb.Poisson(), -0.5, "a finite number of 0 or more"),
        (lb.NegativeBinomial(), -1, "a finite number of 0 or more"),
        (lb.Gamma(), 0.0, "a finite number above 0"),
        (lb.Tweedie(-1.0), INF, "a finite number"),
        (lb.Tweedie(0.0), np.nan, "a finite number"),
        (lb.Tweedie(1.0), -1e-9, "a finite number of 0 or more"),
        (lb.Tweedie(1.9), -1.0, "a finite number of 0 or more"),
        (lb.Tweedie(2.0), 0.0, "a finite number above 0"),
        (lb.Tweedie(3.0), 0.0, "a finite number above 0"),
    ],
    ids=str,
)
def test_labels_outside_the_domain(loss, bad, expected):
    with pytest.raises(ValueError, match=rf"y_true\[1\] is .*: expected {expected}$"):
        loss.loss([1.0, bad], [0.5, 0.5])
    with pytest.raises(ValueError, match=rf"y_true\[1\] is .*: expected {expected}$"):
        loss.best_constant([1.0, bad])


def test_labels_at_the_edge_of_the_domain():
    assert lb.SquaredLogError().loss(-0.5, 0.0) == pytest.approx(math.log(2) ** 2)
    assert lb.Poisson().loss(0, 0.0) == 1
    assert lb.NegativeBinomial().loss(0, 0.0) == pytest.approx(math.log(2))
    assert lb.Tweedie(1.0).loss(0, 0.0) == 1
    assert lb.Tweedie(-1.0).loss(-2.0, 0.0) == pytest.approx(1 + 1 / 3)


def test_predictions_of_the_squared_log_error_are_above_minus_one():
    with pytest.raises(ValueError, match=r"y_pred\[0\] is -1.0: expected a number above -1"):
        lb.SquaredLogError().loss([1.0], [-1.0])


@pytest.mark.parametrize("power", [0.5, 1e-9, 1 - 1e-9, INF, -INF, np.nan, [1.5]])
def test_powers_without_a_distribution(power):
    with pytest.raises(ValueError, match=r"power is .*: expected a finite number that is not"):
        lb.Tweedie(power)


@pytest.mark.parametrize("dispersion", [0, -1, INF, np.nan])
def test_dispersion_must_be_positive(dispersion):
    with pytest.raises(ValueError, match=r"dispersion is .*: expected a finite number above 0"):
        lb.NegativeBinomial(dispersion)


def test_defaults_spaces_and_traits():
    assert (lb.Tweedie().power, lb.NegativeBinomial().dispersion) == (1.5, 1.0)
    assert lb.Poisson() == lb.Poisson(full=False)
    for loss in LOSSES:
        by_value = isinstance(loss, lb.SquaredLogError)
        assert loss.prediction_space == ("value" if by_value else "log_mean")
        convex = not by_value and not (isinstance(loss, lb.Tweedie) and not 1 <= loss.power <= 2)
        assert loss.traits == lb.Traits(convex, None, None, False, False, ())


# The constant that each loss chooses --------------------------------------------------------------


@pytest.mark.parametrize(("loss", "y"), BY_LOG, ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_best_constant_is_the_log_of_the_mean(loss, y, weighted):
    y = np.append(y, 4.0 * len(y))  # a positive mean also for labels around 0
    weight = np.random.default_rng(3).uniform(0.5, 2, len(y)) if weighted else None
    best = loss.best_constant(y, weight)
    assert isinstance(best, float)
    assert best == pytest.approx(math.log(np.average(y, weights=weight)), rel=1e-12)
    costs = [
        loss.cost(y, np.full(len(y), c), weight)
        for c in (best, best - 1e-3, best + 1e-3, *np.linspace(best - 5, best + 5, 41))
    ]
    assert costs[0] <= min(costs[1:]) + 1e-12 * abs(costs[0])
    assert costs[0] < min(costs[1:3])


def test_best_constant_of_zeros_is_minus_infinity():
    for loss in (lb.Poisson(), lb.NegativeBinomial(), lb.Tweedie(1.5), lb.Tweedie(0.0)):
        assert loss.best_constant([0.0, 0.0]) == -INF
    assert lb.Tweedie(-1.0).best_constant([1.0, -2.0]) == -INF
    assert lb.Poisson().best_constant([0, 5], [1, 0]) == -INF


def test_best_constant_of_the_squared_log_error():
    loss, y = lb.SquaredLogError(), np.array([0.0, 3.0])
    assert loss.best_constant(y) == pytest.approx(1.0, rel=1e-15)
    assert loss.best_constant(y, [1, 3]) == pytest.approx(4**0.75 - 1, rel=1e-14)
    at, *others = (loss.cost(y, np.full(2, c)) for c in (1.0, 0.99, 1.01, 0.0, 3.0))
    assert at < min(others)
