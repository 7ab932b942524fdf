"""Chapter 2: the constants that losses choose, against independent tools and closed forms."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz

PRICE = lb.load_ames()["sale_price"] / 1000


def cost(loss, y, constant):
    return loss.cost(y, np.full(len(y), float(constant)))


# ---- against independent tools ----


def test_base_rate_of_poor_wine():
    reference = REFERENCE["wine_poor_logistic_mle"]
    poor = lb.load_wine()["poor"]
    loss = lb.BinaryCrossEntropy()
    rate = loss.best_constant(poor)
    assert rate == pytest.approx(reference["prevalence"], rel=1e-12)
    assert cost(loss, poor, rate) == pytest.approx(reference["entropy_baseline_bce"], rel=1e-12)
    logit = lb.BinaryCrossEntropyWithLogits()
    z = logit.best_constant(poor)
    assert cost(logit, poor, z) == pytest.approx(reference["entropy_baseline_bce"], rel=1e-12)


@pytest.mark.parametrize(
    ("column", "index"), [("worst_area", 0), ("mean_symmetry", 1)], ids=["area", "symmetry"]
)
def test_mean_and_variance_of_breast_cancer_features(column, index):
    reference = REFERENCE["wdbc_logistic_mle"]["standardisation"]
    x = lb.load_breast_cancer()[column]
    loss = lb.SquaredError()
    centre = loss.best_constant(x)
    assert centre == pytest.approx(reference["mean"][index], rel=1e-12)
    assert cost(loss, x, centre) == pytest.approx(reference["sd"][index] ** 2, rel=1e-12)


def test_mean_and_variance_of_boston_rooms():
    reference = REFERENCE["boston_gd_stability"]
    rooms = lb.load_boston_rooms()["rm"]
    centre = lb.SquaredError().best_constant(rooms)
    assert centre == pytest.approx(reference["rm_mean"], rel=1e-12)
    variance = cost(lb.SquaredError(), rooms, centre)
    assert variance == pytest.approx(reference["rm_sd_ddof0"] ** 2, rel=1e-12)


def test_total_of_ames_prices_from_the_fitted_line():
    """R² and MSE of the least-squares line give the cost of the best constant line."""
    reference = REFERENCE["ames_ols_all"]
    total = reference["mse"] / (1 - reference["r2"])
    constant = lb.SquaredError().best_constant(PRICE)
    assert cost(lb.SquaredError(), PRICE, constant) == pytest.approx(total, rel=1e-9)


# ---- published numbers ----


@pytest.mark.parametrize(
    ("data", "column", "mean", "variance"),
    [
        (lb.load_bikes, "bikers", "143.8", "17902"),
        (lb.load_crabs, "satellites", "2.92", "9.91"),
    ],
    ids=["bikes", "crabs"],
)
def test_published_mean_and_variance_of_counts(data, column, mean, variance):
    counts = data()[column]
    places = len(mean.partition(".")[2]), len(variance.partition(".")[2])
    assert f"{lb.SquaredError().best_constant(counts):.{places[0]}f}" == mean
    assert f"{np.var(counts, ddof=1):.{places[1]}f}" == variance


# ---- what the chapter says ----


def test_each_loss_prefers_its_own_constant():
    losses = [lb.SquaredError(), lb.AbsoluteError(), lb.Quantile(0.9), lb.Quantile(0.1)]
    numbers = [loss.best_constant(PRICE) for loss in losses]
    assert numbers[:2] == pytest.approx([PRICE.mean(), 160.0], rel=1e-12)
    for own, loss in enumerate(losses):
        costs = [cost(loss, PRICE, number) for number in numbers]
        assert np.argmin(costs) == own


@pytest.mark.parametrize("tau", [0.05, 0.1, 0.5, 0.8, 0.9])
def test_quantile_splits_the_prices(tau):
    c = lb.Quantile(tau).best_constant(PRICE)
    assert np.mean(c > PRICE) <= tau + 1e-12
    assert np.mean(c < PRICE) <= 1 - tau + 1e-12


def test_absolute_cost_is_flat_between_two_medians():
    four = PRICE[:4]
    flat = [cost(lb.AbsoluteError(), four, c) for c in (172, 180, 193.5, 215)]
    assert flat == pytest.approx([45.5] * 4, rel=1e-14)
    assert cost(lb.AbsoluteError(), four, 171.9) > 45.5
    assert cost(lb.AbsoluteError(), four, 215.1) > 45.5
    assert lb.AbsoluteError().best_constant(four) == 193.5


def test_one_wrong_label_moves_the_mean_without_bound():
    for size in (1e6, 1e9, 1e12):
        wrong = PRICE.copy()
        wrong[np.argmax(PRICE)] = size
        assert lb.SquaredError().best_constant(wrong) > size / len(PRICE)
        assert lb.AbsoluteError().best_constant(wrong) == 160.0


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
def test_breakdown_point_of_a_quantile(tau):
    n = 1001
    y = np.random.default_rng(0).normal(size=n)
    loss = lb.Quantile(tau)
    smaller = min(tau, 1 - tau)
    for share, breaks in ((smaller - 0.01, False), (smaller + 0.01, True)):
        wrong = y.copy()
        wrong[: round(share * n)] = 1e9 if tau >= 0.5 else -1e9
        assert (abs(loss.best_constant(wrong)) > 1e6) is breaks


def test_weights_count_like_repetitions():
    y, times = PRICE[:50], np.random.default_rng(1).integers(0, 4, 50)
    for loss in (lb.SquaredError(), lb.AbsoluteError(), lb.Quantile(0.3)):
        weighted = loss.best_constant(y, times)
        assert weighted == pytest.approx(loss.best_constant(np.repeat(y, times)), rel=1e-12)


def test_money_chooses_the_quantile():
    class Bill(lb.ResidualLoss):
        def rho(self, r):
            return np.where(r > 0, r, -4 * r)

    bikes = lb.load_bikes()
    demand = bikes["bikers"][(bikes["hour"] == 8) & (bikes["workingday"] == 1)]
    c = np.arange(200, 601)
    bills = [cost(Bill(), demand, k) for k in c]
    quantile = lb.Quantile(0.8).best_constant(demand)
    assert c[np.argmin(bills)] == quantile
    assert min(bills) == pytest.approx(5 * cost(lb.Quantile(0.8), demand, quantile), rel=1e-12)


def test_efficiency_of_the_median():
    rng = np.random.default_rng(5)
    for noise, efficiency in (("normal", 2 / np.pi), ("laplace", 2)):
        samples = getattr(rng, noise)(size=(4000, 801))
        ratio = samples.mean(axis=1).var() / np.median(samples, axis=1).var()
        assert ratio == pytest.approx(efficiency, rel=0.12)


# ---- its quiz ----


def test_quiz():
    papers = [20.0, 22.0, 25.0, 26.0, 28.0, 30.0, 31.0, 35.0, 40.0, 60.0]
    typed = [100_000.0, 150.0, 160.0, 190.0, 300.0]
    eight = np.array([100.0, 120.0, 150.0, 160.0, 180.0, 200.0, 260.0, 300.0])
    hospitals = [np.repeat([1.0, 0.0], counts) for counts in ([60, 40], [99, 1])]
    absolute = lb.AbsoluteError()
    losses = (lb.SquaredError(), absolute, lb.BinaryCrossEntropyWithLogits(), lb.Quantile(0.2))
    middle = absolute.best_constant(typed)
    check_quiz(
        "02",
        lb.Quantile(3 / (3 + 1)).best_constant(papers),
        [np.isclose(middle, guess) for guess in (160, 190, 20_160, 100_000)],
        absolute.cost_gradient(eight, np.full(8, 190.0)).sum(),
        [not np.isclose(*map(loss.best_constant, hospitals)) for loss in losses],
    )
