"""Chapter 13: its set functions by enumeration, its bounds by closed form, its gradients."""

import itertools
from math import comb

import numpy as np
import pytest

import lossbook as lb
from chapters import check_quiz, definitions

CHAPTER = "13-masks-and-embeddings"
error_sets, least_surplus = definitions(
    CHAPTER, "error_sets", "least_surplus", combinations=itertools.combinations
)
JACCARD, DICE = lb.Tversky(1, 1), lb.Dice()


def lovasz_of(errors, y):
    return lb.Lovasz().cost(y, (2 * y - 1) * (1 - errors))


@pytest.mark.parametrize("y", list(itertools.product([0.0, 1.0], repeat=4)))
def test_jaccard_is_submodular_and_dice_is_not(y):
    y = np.array(y)
    assert least_surplus(JACCARD, y) > -1e-12
    assert (least_surplus(DICE, y) < -0.1) == (y.sum() > 1)


def test_lovasz_is_the_convex_closure_of_jaccard():
    y, rng = np.array([1.0, 1, 0, 0, 0]), np.random.default_rng(0)
    for wrong in error_sets(5):
        hard = JACCARD.cost(y, np.where(wrong, 1 - y, y))
        assert lovasz_of(wrong * 1.0, y) == pytest.approx(hard)
    for _ in range(200):
        a, b = rng.uniform(size=(2, 5))
        middle = lovasz_of((a + b) / 2, y)
        assert middle <= (lovasz_of(a, y) + lovasz_of(b, y)) / 2 + 1e-12
        # each point is a mixture of corners of its own piece: nothing convex lies higher
        order = np.argsort(-a)
        shares = -np.diff(np.append(1, np.append(a[order], 0)))
        corners = [np.isin(np.arange(5), order[:k]) for k in range(6)]
        mixture = sum(
            share * JACCARD.cost(y, np.where(wrong, 1 - y, y))
            for share, wrong in zip(shares, corners, strict=True)
        )
        assert lovasz_of(a, y) == pytest.approx(mixture)


@pytest.mark.parametrize("prices", [(0.5, 0.5), (0.3, 0.7), (0.8, 0.2)])
def test_the_line_is_alpha_times_the_index(prices):
    q = np.sort(np.random.default_rng(1).beta(0.5, 2, 300))
    loss = lb.Tversky(*prices)
    costs = [loss.cost(q, (q > line) * 1.0) for line in q[:-1]]
    k = int(np.argmin(costs))
    assert q[k] <= prices[0] * (1 - costs[k]) <= q[k + 1]
    # no answer between 0 and 1 is better: the slope has one sign for each pixel
    slope = loss.cost_gradient(q, (q > q[k]) * 1.0)
    np.testing.assert_array_equal(slope < 0, q > q[k])


def test_an_empty_mask_teaches_nothing():
    cost, slope = DICE.cost_and_gradient(np.zeros(50), np.full(50, 0.02))
    assert cost == 1
    np.testing.assert_array_equal(slope, 0)


_, contrastive, triplet, infonce = definitions(CHAPTER, "flat", "contrastive", "triplet", "infonce")
LOSSES = [
    (contrastive, lb.Contrastive(2.0)),
    (triplet, lb.Triplet(1.0)),
    (infonce, lb.InfoNCE(0.5)),
]


@pytest.mark.parametrize(("rule", "loss"), LOSSES)
def test_gradients_reach_the_embeddings(rule, loss):
    a, p = np.random.default_rng(2).standard_normal((2, 2, 4, 3))
    by_a, by_p = rule(a, p, 1, loss)[1:3]
    for array, gradient in ((a, by_a), (p, by_p)):
        for place in np.ndindex(a.shape):
            keep, costs = array[place], []
            for h in (1e-6, -1e-6):
                array[place] = keep + h
                costs.append(rule(a, p, 1, loss)[0])
            array[place] = keep
            assert gradient[place] == pytest.approx((costs[0] - costs[1]) / 2e-6, abs=1e-6)


@pytest.mark.parametrize(("rule", "loss"), LOSSES)
def test_a_collapse_has_its_price_and_no_slope(rule, loss):
    point = np.ones((3, 10, 5))
    cost, by_a, by_p, _ = rule(point, point, 1, loss)
    price = {contrastive: 2.0, triplet: 1.0, infonce: np.log(10)}[rule]
    assert cost == pytest.approx(price)
    assert max(np.abs(by_a).max(), np.abs(by_p).max()) < 1e-12


@pytest.mark.parametrize("tau", [0.1, 1.0, 3.0])
def test_no_cosines_cost_less_than_the_floor(tau):
    floor = np.log1p(9 * np.exp(-10 / 9 / tau))
    simplex = (10 * np.eye(10) - 1) / 9
    assert lb.InfoNCE(tau).cost(np.arange(10), simplex) == pytest.approx(floor)
    rng = np.random.default_rng(3)
    for noise in (0.1, 1.0, 10.0):
        near = np.eye(10) + noise * rng.standard_normal((2, 10, 10))
        cosines = lb.cosine_similarities(near[0], near[1])
        assert lb.InfoNCE(tau).cost(np.arange(10), cosines) > floor


def test_a_perfect_judge_shows_less_than_log_n():
    # The expected cost is E log M, M - 1 of n - 1 rivals being of the same digit by chance.
    for n, printed in ((2, 0.63), (5, 1.35), (10, 1.77), (30, 2.14), (100, 2.26)):
        shares = [comb(n - 1, k) * 0.1**k * 0.9 ** (n - 1 - k) for k in range(n)]
        exact = np.log(n) - np.dot(shares, np.log1p(np.arange(n)))
        assert exact < min(np.log(n), np.log(10))
        assert printed == pytest.approx(exact, abs=0.03)


def test_keras_had_its_letters_swapped():
    (as_keras_was,) = definitions(CHAPTER, "as_keras_was")
    rng = np.random.default_rng(4)
    y, p = (rng.uniform(size=30) < 0.4) * 1.0, rng.uniform(size=30)
    assert as_keras_was(y, p, 0.7, 0.3) == pytest.approx(lb.Tversky(0.3, 0.7).cost(y, p))
    assert as_keras_was(y, p, 0.5, 0.5) == pytest.approx(DICE.cost(y, p))


def test_quiz():
    # 60 of 100 pixels are shared: IoU 0.6.
    y, p = np.repeat([1.0, 1.0, 0.0], [60, 20, 20]), np.repeat([1.0, 0.0, 1.0], [60, 20, 20])
    assert JACCARD.cost(y, p) == pytest.approx(0.4)
    dice = 1 - DICE.cost(y, p)
    pooled = 1 - DICE.cost(np.ones(100), np.repeat([1.0, 0.0], [90, 10]))
    # A miss against a false alarm, beside the same ratio for Dice.
    truth = np.repeat([1.0, 0.0], [10, 10])
    missed, alarmed = np.array(truth), np.array(truth)
    missed[0], alarmed[-1] = 0, 1

    def ratio(loss):
        return loss.cost(truth, missed) / loss.cost(truth, alarmed)

    tilted = [
        ratio(loss) > 1.1 * ratio(DICE)
        for loss in (lb.Tversky(0.7, 0.3), lb.Tversky(0.3, 0.7), lb.Tversky(1, 1))
    ]
    # Easy triplets; one point; positive and negative exchanged.
    costs = lb.Triplet(0.5).loss([0.1, 0.0, 1.0], [1.0, 0.0, 0.1])
    # Equal similarities; the floor at τ = 1; one matrix at two temperatures; who is pushed.
    rows, equal = np.arange(10), np.full((10, 10), 0.3)
    simplex = (10 * np.eye(10) - 1) / 9
    same = np.isclose(lb.InfoNCE(0.1).cost(rows, equal), lb.InfoNCE(1.0).cost(rows, equal))
    cheap = lb.InfoNCE(1.0).cost(rows, simplex) < 1
    poor = 0.9 * np.eye(10) + 0.05
    falls = lb.InfoNCE(0.1).cost(rows, poor) < lb.InfoNCE(1.0).cost(rows, poor)
    proves = not falls  # one embedding has two costs, so the lower one proves nothing
    push = lb.InfoNCE(0.01).gradient([0], [[0.9, 0.8, 0.7, 0.0]])[0, 1:]
    check_quiz(
        "13",
        dice,
        pooled,
        tilted,
        np.isclose(costs, 0.5),
        [same, cheap, proves, push[0] > 0.95 * push.sum()],
    )
