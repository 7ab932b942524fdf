"""Chapter 17: its fits against other tools, its questions by search, its table by its own words."""

import inspect
from itertools import pairwise

import numpy as np
import pytest

import lossbook as lb
from chapters import check_quiz, definitions

reweighted, poisson_mean, logistic, catalogue = definitions(
    "17-choosing",
    *("reweighted", "poisson_mean", "logistic", "catalogue"),
    cross_entropy=lb.BinaryCrossEntropyWithLogits(),
    inspect=inspect,
)

AMES = lb.load_ames()
COLUMNS = ["gr_liv_area", "overall_qual", "year_built", "total_bsmt_sf", "garage_cars"]
RAW = AMES.matrix(*COLUMNS)
KNOWN = ~np.isnan(RAW).any(axis=1)
X, PRICE = RAW[KNOWN], AMES["sale_price"][KNOWN] / 1000
X = np.column_stack([(X - X.mean(axis=0)) / X.std(axis=0), np.ones(len(X))])

# scikit-learn 1.9.1, QuantileRegressor(quantile, alpha=0, solver="highs"): weights, intercept
MEDIAN = [25.6196, 21.574, 9.6924, 15.6887, 7.643, 177.1859]
QUANTILE = [33.3603, 25.0311, 6.041, 21.9448, 8.4413, 203.2755]
RELATIVE = [21.8029, 18.5967, 12.7059, 11.8451, 6.7851, 171.582]  # sample_weight = 1 / price
# SciPy 1.17.1, `minimize(method="BFGS")`
HUBER = [26.3917, 22.3736, 10.2794, 16.0277, 7.915, 177.8649]


@pytest.mark.parametrize(
    ("loss", "weight", "expected"),
    [
        (lb.AbsoluteError(), 1.0, MEDIAN),
        (lb.Quantile(0.8), 1.0, QUANTILE),
        (lb.AbsoluteError(), 1 / PRICE, RELATIVE),
        (lb.Huber(20.0), 1.0, HUBER),
    ],
    ids=["median", "quantile", "relative", "huber"],
)
def test_reweighted_against_other_solvers(loss, weight, expected):
    found = reweighted(X, PRICE, loss, weight, steps=400)
    np.testing.assert_allclose(found, expected, atol=0.05)
    weights = np.broadcast_to(weight, PRICE.shape)
    lowest = loss.cost(PRICE, X @ np.array(expected), weights)
    in_chapter = reweighted(X, PRICE, loss, weight)
    assert loss.cost(PRICE, X @ in_chapter, weights) == pytest.approx(lowest, rel=1e-4)


def bikes():
    """Return inputs, rentals and the part of each hour, as in the chapter."""
    data = lb.load_bikes()
    part = np.cumsum(np.diff(data["hour"], prepend=0) < 0) // 7 % 3
    slot = (data["hour"] + 24 * data["workingday"]).astype(int)
    months = np.eye(12)[data["month"].astype(int) - 1][:, 1:]
    temp, weather = data["temp"], data["weathersit"]
    B = np.column_stack([np.eye(48)[slot], months, temp, temp**2, weather == 2, weather >= 3])
    return B, data["bikers"].astype(float), part


def test_bikes_against_other_tools():
    B, y, part = bikes()
    train = part == 0
    theta = poisson_mean(B[train], y[train])
    # statsmodels 0.15.0, GLM(family=Poisson())
    glm = [2.90534, 2.944833, 4.515472, 2.623207, -1.9783, -0.08603, -0.664211]
    np.testing.assert_allclose(theta[[0, 8, 32, 59, 60, 61, 62]], glm, atol=2e-6)
    loss = lb.Quantile(0.8)
    guess = np.exp(B @ reweighted(B[train], np.log(y[train]), loss))
    # QuantileRegressor on the logarithms: the bill in dollars an hour, to train, choose, report
    for k, bill in enumerate([47.2515, 52.8069, 53.7897]):
        rows = part == k
        assert 5 * loss.cost(y[rows], guess[rows]) == pytest.approx(bill, abs=0.05)


def wines():
    """Return standardised columns with a column of ones, and which wines are good."""
    wine = lb.load_wine()
    names = [name for name in wine if name not in ("quality", "poor")]
    table = np.unique(np.column_stack([wine.matrix(*names), wine["quality"]]), axis=0)
    W = table[:, :-1]
    Z = np.column_stack([(W - W.mean(axis=0)) / W.std(axis=0), np.ones(len(W))])
    return Z, (table[:, -1] >= 6).astype(float)


def test_logistic_against_scikit_learn():
    Z, good = wines()
    # LogisticRegression(C=inf, tol=1e-10)
    theta = logistic(Z[:, [1, 7, 10, 11]], good)
    np.testing.assert_allclose(theta, [-0.63955, 0.24577, 1.30934, 0.86034], atol=1e-5)


def test_the_question_of_each_judge():
    """The table of the section on the formula, by search on a skewed sample."""
    y = np.sort(np.random.default_rng(0).lognormal(3, 1, 301))
    c = np.linspace(0.5, 60, 5951)
    r = c[:, None] - y
    asked = {
        "mean": (r**2, lb.SquaredError().best_constant(y)),
        "median": (np.abs(r), lb.AbsoluteError().best_constant(y)),
        "relative": (np.abs(r) / y, lb.AbsoluteError().best_constant(y, 1 / y)),
        "bill": (np.where(r > 0, r, -4 * r), lb.Quantile(4 / (4 + 1)).best_constant(y)),
    }
    for costs, constant in asked.values():
        assert c[np.argmin(costs.mean(axis=1))] == pytest.approx(constant, abs=0.02)
    inside = (np.abs(r) <= 10).sum(axis=1)  # the fullest stretch of width 20
    best = c[np.argmax(inside)]
    assert inside.max() == max(((y >= a) & (y <= a + 20)).sum() for a in y)
    assert best < asked["median"][1] < asked["mean"][1]


@pytest.mark.parametrize(("false_positive", "false_negative"), [(4, 1), (1, 1), (1, 10)])
def test_threshold_is_a_quantile(false_positive, false_negative):
    t = false_positive / (false_positive + false_negative)
    for p in np.linspace(0.01, 0.99, 99):
        if np.isclose(p, t):
            continue
        assert (false_positive * (1 - p) < false_negative * p) == (p > t)
        y = np.repeat([0.0, 1.0], [round(1000 * (1 - p)), round(1000 * p)])
        assert lb.Quantile(1 - t).best_constant(y) == (p > t)


def test_what_the_text_reads_from_the_table():
    labels, further = [1.0, 2.0, 3.0, 4.0, 100.0], [1.0, 2.0, 3.0, 4.0, 1000.0]
    losses = catalogue("value", "log_mean") | catalogue("score", "logit", "probability")
    assert len(losses) > 20
    for name, loss in losses.items():
        if loss.prediction_space in ("value", "log_mean"):
            moved = loss.best_constant(further) - loss.best_constant(labels)
            assert (loss.traits.lipschitz is None) == (moved > 0.1), name
        if loss.traits.bounded:
            assert not loss.traits.convex, name
    y = [1.0, 1.0, 1.0, 0.0]
    assert lb.BinaryCrossEntropyWithLogits().best_constant(y) == pytest.approx(np.log(3))
    assert 0 < lb.Focal().best_constant(y) < np.log(3)


def test_breakdown_of_quantiles():
    price = np.random.default_rng(3).permutation(PRICE)
    for loss, safe, lost in ((lb.Quantile(0.9), 0.09, 0.11), (lb.Quantile(0.5), 0.45, 0.55)):
        for share, holds in ((safe, True), (lost, False)):
            dirty = price.copy()
            dirty[: round(share * len(dirty))] *= 1e6
            assert (loss.best_constant(dirty) < 1e4) == holds


def test_typing_errors_reverse_the_order_by_rmse():
    dirty = PRICE.copy()
    dirty[::33] *= 10
    rmse = [
        [
            lb.SquaredError().cost(PRICE, X @ reweighted(X, labels, loss)) ** 0.5
            for loss in (lb.SquaredError(), lb.AbsoluteError())
        ]
        for labels in (PRICE, dirty)
    ]
    assert rmse[0][0] < rmse[0][1]
    assert rmse[1][0] > 1.5 * rmse[1][1]


def test_quiz():
    demand = np.arange(1, 101.0)
    ordered = [np.mean(np.where(demand > c, 12 * (demand - c), 3 * (c - demand))) for c in demand]
    tau = np.mean(demand <= demand[np.argmin(ordered)])
    half = lb.Quantile(0.5).cost([0.0], [1.0]) / lb.AbsoluteError().cost([0.0], [1.0])
    errors = (24.0, 12.5 / half)  # of A and B
    losses = (lb.SquaredError(), lb.Huber(20), lb.Welsch(10), lb.Poisson())
    models = np.array([[0.9, 0.9, 0.45], [0.55, 0.55, 0.55]])
    loss_a, loss_b = (lb.BinaryCrossEntropy().cost(np.ones(3), p) for p in models)
    hits_a, hits_b = (models > 0.5).sum(axis=1)
    wrong, right, middle = (lb.Quantile(q).best_constant(demand) for q in (0.2, 0.8, 0.5))
    check_quiz(
        "17",
        tau,
        [False, errors[0] < errors[1], errors[0] == errors[1], False],
        [loss.traits.lipschitz is not None for loss in losses],
        [
            loss_a < loss_b and hits_a > hits_b,
            loss_a < loss_b and hits_a < hits_b,
            loss_a > loss_b and hits_a > hits_b,
            loss_a > loss_b and hits_a < hits_b,
        ],
        [wrong == right, wrong > right, wrong < right, wrong == middle],
    )


def test_ladder_of_losses_from_mean_to_mode():
    """On prices, a skewed set: the harder far labels are turned down, the lower the constant."""
    losses = (lb.SquaredError(), lb.Huber(20.0), lb.Welsch(c=10.0))
    constants = [loss.best_constant(PRICE) for loss in losses]
    assert all(a > b for a, b in pairwise(constants))
