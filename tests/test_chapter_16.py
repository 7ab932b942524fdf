"""Chapter 16: its fit against statsmodels and R, what weights shift, and its quiz."""

from math import comb

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz, definitions

LOSS, FOCAL = lb.BinaryCrossEntropyWithLogits(), lb.Focal(gamma=2)
newton, learnt, honest = definitions("16-class-imbalance", "newton", "learnt", "honest", comb=comb)
WINE = lb.load_wine()
NAMES = [name for name in WINE if name not in ("quality", "poor")]
X, Y = WINE.matrix(*NAMES), WINE["poor"].astype(float)
Z = (X - X.mean(axis=0)) / X.std(axis=0)
THETA = newton(LOSS, Z, Y)
LOGITS = lb.Linear(11).predict(Z, THETA)


def logit(p):
    return np.log(p / (1 - p))


def test_fit_against_statsmodels_and_r():
    published = REFERENCE["wine_poor_logistic_mle"]
    for name, value in zip([*NAMES, "intercept"], THETA, strict=True):
        assert value == pytest.approx(published["coef"][name], abs=1e-8)
    mean = LOSS.cost(Y, LOGITS)
    assert mean == pytest.approx(published["mean_bce"], abs=1e-12)
    assert mean * len(Y) == pytest.approx(published["neg_loglik"], abs=1e-8)
    assert Y.mean() == pytest.approx(published["prevalence"], abs=1e-15)
    constant = np.full(len(Y), LOSS.best_constant(Y))
    assert LOSS.cost(Y, constant) == pytest.approx(published["entropy_baseline_bce"], abs=1e-12)
    assert lb.roc_auc(Y, LOGITS) == pytest.approx(published["roc_auc"], abs=1e-6)
    # Copies of a wine may differ in the last bit, and a tie then counts as an order.
    precision = lb.average_precision(Y, LOGITS)
    assert precision == pytest.approx(published["average_precision"], abs=5e-4)
    assert lb.recall(Y, LOGITS >= 0) == pytest.approx(published["recall_at_0_5"], abs=1e-12)


@pytest.mark.parametrize("loss", [LOSS, FOCAL])
def test_newton_arrives(loss):
    weight = lb.class_weights(Y)
    theta = newton(loss, Z, Y, weight)
    slope = loss.cost_gradient(Y, lb.Linear(11).predict(Z, theta), weight)
    assert np.abs(lb.Linear(11).parameter_gradient(Z, slope, theta)).max() < 1e-9


@pytest.mark.parametrize("weight", [3.0, 25.0])
def test_weight_shifts_a_saturated_model_by_its_logarithm(weight):
    strong = (WINE["alcohol"] > 11).astype(float)[:, None]
    plain = newton(LOSS, strong, Y)
    weighted = newton(LOSS, strong, Y, 1 + (weight - 1) * Y)
    np.testing.assert_allclose(weighted - plain, [0, np.log(weight)], atol=1e-9)
    copies = np.repeat(np.arange(len(Y)), np.where(Y == 1, int(weight), 1))
    np.testing.assert_allclose(newton(LOSS, strong[copies], Y[copies]), weighted, atol=1e-9)


@pytest.mark.parametrize("share", [0.01, 0.3])
def test_shift_of_the_best_constant(share):
    weighted = LOSS.best_constant([1, 0], [9 * share, 1 - share])
    assert weighted - np.log(9) == pytest.approx(logit(share))
    said = np.array([FOCAL.best_constant([1, 0], [share, 1 - share])])
    assert honest(FOCAL, said)[0] == pytest.approx(share)


def test_batches_against_a_simulation():
    rng, rate = np.random.default_rng(0), Y.mean()
    weight = np.array([1 / (1 - rate), 1 / rate])
    labels = (rng.random((20_000, 32)) < rate).astype(int)
    w = weight[labels]
    shares = (w * labels).sum(axis=1) / w.sum(axis=1)
    assert learnt(32, rate)[1] == pytest.approx(shares.mean(), abs=0.01)
    assert learnt(32, rate)[0] == pytest.approx((labels.sum(axis=1) == 0).mean(), abs=0.01)


def test_threshold_of_the_costs_is_the_cheapest():
    q = (np.arange(1000) + 0.5) / 1000
    labels, scores = np.repeat([1, 0], 1000), np.tile(q, 2)
    weight = np.append(q, 1 - q)  # every probability is true
    for miss in (1, 9, 19):
        best = lb.best_threshold(labels, scores, weight, false_negative=miss)
        assert best.threshold == pytest.approx(1 / (1 + miss), abs=2e-3)


def test_copies_stay_together():
    wines, which = np.unique(X, axis=0, return_inverse=True)
    (half,) = definitions("16-class-imbalance", "half", wines=wines, which=which.ravel(), y=Y)
    train = half(0)
    assert len(wines) == 3961
    assert not set(which.ravel()[train]) & set(which.ravel()[~train])
    assert set(which.ravel()[half(0, by_wine=False)]) & set(which.ravel()[~half(0, by_wine=False)])


def test_quiz():
    grid = np.arange(1, 20_000) / 20_000
    alarm, silence = 1 - grid, 19 * grid
    said = [LOSS.best_constant([1, 0], [9 * q, 1 - q]) for q in grid[:4000]]
    lower = LOGITS - np.log(25)
    changes = [
        not np.isclose(measure(Y, LOGITS), measure(Y, lower), rtol=1e-3)
        for measure in (
            lambda y, z: lb.SquaredError().cost(y, lb.sigmoid(z)),
            lb.roc_auc,
            lambda y, z: lb.recall(y, z >= 0),
            lb.average_precision,
        )
    ]
    alone, together = learnt(1, 0.04)[1], 0.5
    labels = np.repeat([1.0, 0.0], [183, 4715])
    few, many = (
        lb.expected_cost(labels, np.concatenate(called), false_negative=9)
        for called in (
            (np.arange(183) < 9, np.arange(4715) < 9),
            (np.arange(183) < 71, np.arange(4715) < 256),
        )
    )
    check_quiz(
        "16",
        grid[np.argmin(np.abs(alarm - silence))],
        grid[np.argmin(np.abs(said))],
        changes,
        [np.isclose(alone, together), np.isclose(alone, 0.04), alone > together],
        [few < many, few < many, many < few, np.isclose(few, many)],
    )
