"""Losses of masks: definitions, empty masks, tiny mistakes, the Lovász extension by brute force."""

from itertools import permutations

import numpy as np
import pytest

from lossbook import Dice, Hinge, Lovasz, Tversky

INF = np.inf
PAIRS = [(0.5, 0.5), (0.3, 0.7), (1.0, 1.0), (0.0, 1.0), (2.0, 0.0)]


def draw(seed, shape=40):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, shape).astype(float), rng.uniform(0, 1, shape)


class TestDiceAndTversky:
    def test_dice_is_its_definition(self):
        y, p = draw(0)
        expected = 1 - 2 * (y * p).sum() / (y.sum() + p.sum())
        assert Dice().cost(y, p) == pytest.approx(expected, rel=1e-13)
        soft = draw(1)[1]
        expected = 1 - 2 * (soft * p).sum() / (soft.sum() + p.sum())
        assert Dice().cost(soft, p) == pytest.approx(expected, rel=1e-13)

    def test_dice_of_a_decision_is_one_minus_f1(self):
        metrics = pytest.importorskip("sklearn.metrics")
        y, p = draw(2)
        expected = 1 - metrics.f1_score(y, p > 0.5)
        assert Dice().cost(y, (p > 0.5).astype(float)) == pytest.approx(expected)
        expected = 1 - metrics.jaccard_score(y, p > 0.5)
        assert Tversky(1, 1).cost(y, (p > 0.5).astype(float)) == pytest.approx(expected)
        expected = 1 - metrics.fbeta_score(y, p > 0.5, beta=2)
        assert Tversky(0.2, 0.8).cost(y, (p > 0.5).astype(float)) == pytest.approx(expected)

    @pytest.mark.parametrize(("alpha", "beta"), PAIRS)
    def test_tversky_is_its_definition(self, alpha, beta):
        y, p = draw(3)
        found = (y * p).sum()
        below = found + alpha * ((1 - y) * p).sum() + beta * (y * (1 - p)).sum()
        assert Tversky(alpha, beta).cost(y, p) == pytest.approx(1 - found / below, rel=1e-13)

    def test_alpha_is_the_price_of_false_positives(self):
        y = [1.0, 1.0, 0.0, 0.0]
        assert Tversky(0, 1).cost(y, [1, 1, 1, 1]) == 0
        assert Tversky(1, 0).cost(y, [1, 0, 0, 0]) == 0
        assert Tversky(0.3, 0.7).cost(y, [1, 1, 1, 0]) == pytest.approx(0.3 / 2.3)

    def test_half_and_half_is_dice(self):
        y, p = draw(4)
        assert Tversky().cost_and_gradient(y, p)[0] == Dice().cost(y, p)
        np.testing.assert_array_equal(Tversky().cost_gradient(y, p), Dice().cost_gradient(y, p))

    def test_tiny_mistakes_keep_their_digits(self):
        y, p = np.array([1.0, 1, 0, 0]), np.array([1, 1, 1e-20, 1e-20])
        assert Dice().cost(y, p) == pytest.approx(0.5e-20, rel=1e-14)
        assert Tversky(0.3, 0.7).cost(y, p) == pytest.approx(0.3e-20, rel=1e-14)

    @pytest.mark.parametrize("loss", [Dice(), *(Tversky(*pair) for pair in PAIRS)], ids=str)
    def test_empty_masks(self, loss):
        empty = np.zeros(5)
        cost, gradient = loss.cost_and_gradient(empty, empty)
        assert cost == 0
        assert gradient.tolist() == [0] * 5
        assert loss.cost(np.ones(5), np.ones(5)) == 0

    def test_one_empty_mask(self):
        some = np.array([0, 0.5, 1.0])
        cost, gradient = Dice().cost_and_gradient(np.zeros(3), some)
        assert cost == 1
        assert gradient.tolist() == [0, 0, 0]
        cost, gradient = Dice().cost_and_gradient(np.ones(3), np.zeros(3))
        assert cost == 1
        np.testing.assert_allclose(gradient, -2 / 3)

    @pytest.mark.parametrize(("alpha", "beta"), PAIRS)
    def test_gradient_is_the_numerical_one(self, alpha, beta):
        y, p = draw(5, 12)
        loss, h = Tversky(alpha, beta), 1e-6
        gradient = loss.cost_gradient(y, p)
        for i in range(12):
            step = h * (np.arange(12) == i)
            numeric = (loss.cost(y, p + step) - loss.cost(y, p - step)) / (2 * h)
            assert gradient[i] == pytest.approx(numeric, rel=1e-7, abs=1e-9)

    def test_all_entries_are_one_set(self):
        y, p = draw(6, (30, 20))
        cost, gradient = Dice().cost_and_gradient(y, p)
        flat_cost, flat = Dice().cost_and_gradient(y.ravel(), p.ravel())
        assert cost == flat_cost
        assert isinstance(cost, float)
        np.testing.assert_array_equal(gradient, flat.reshape(30, 20))

    def test_masks_larger_than_a_block(self):
        y, p = draw(7, (300, 301))
        expected = 1 - 2 * (y * p).sum() / (y.sum() + p.sum())
        assert Dice().cost(y, p) == pytest.approx(expected, rel=1e-12)
        assert Dice().cost(y.T, p.T) == pytest.approx(expected, rel=1e-12)

    def test_tiny_masks_in_float32(self):
        y, p = np.array([1, 0], "f4"), np.array([1e-30, 1e-30], "f4")
        cost, gradient = Dice().cost_and_gradient(y, p)
        assert gradient.dtype == np.float32
        assert cost == pytest.approx(1)
        np.testing.assert_allclose(gradient, [-2, 2e-30], rtol=1e-6)

    @pytest.mark.parametrize(
        ("alpha", "beta", "match"),
        [
            (-1, 1, "alpha is -1: expected a finite number of 0 or more"),
            (1, INF, "beta is inf: expected"),
            (np.nan, 1, "alpha is nan: expected"),
            (0, 0, "alpha and beta are both 0: expected"),
        ],
    )
    def test_parameters(self, alpha, beta, match):
        with pytest.raises(ValueError, match=match):
            Tversky(alpha, beta)

    def test_values_outside_are_refused(self):
        with pytest.raises(ValueError, match=r"y_pred\[0, 1\] is 1.5: expected a probability"):
            Dice().cost([[0, 1]], [[0.5, 1.5]])
        with pytest.raises(ValueError, match=r"y_true\[1\] is -1: expected a probability"):
            Dice().cost([1, -1], [0.5, 0.5])


def jaccard_loss(y, wrong):
    """Return 1 - IoU of the mask y and the mask that differs from it where `wrong` says so."""
    predicted = y ^ wrong
    union = (y | predicted).sum()
    return 1 - (y & predicted).sum() / union if union else 0.0


def lovasz_by_brute_force(y, scores):
    """Return the largest of the linear functions below, one for each order of the errors.

    The Lovász extension of a submodular set function is the support function of its base
    polytope, so that no order of the errors gives more than the sorted one.
    """
    y = y.astype(bool)
    errors = np.maximum(1 - np.where(y, 1, -1) * scores, 0)
    best = -INF
    for order in permutations(range(len(y))):
        wrong, before, total = np.zeros(len(y), bool), 0.0, 0.0
        for i in order:
            wrong[i] = True
            after = jaccard_loss(y, wrong)
            total += errors[i] * (after - before)
            before = after
        best = max(best, total)
    return best


class TestLovasz:
    @pytest.mark.parametrize("seed", range(8))
    def test_against_brute_force(self, seed):
        rng = np.random.default_rng(seed)
        y, s = rng.integers(0, 2, 5).astype(float), rng.normal(0, 2, 5)
        assert Lovasz().cost(y, s) == pytest.approx(lovasz_by_brute_force(y, s), rel=1e-13)

    @pytest.mark.parametrize("n", range(1, 6))
    def test_every_decision_costs_its_jaccard_loss(self, n):
        """At errors of 0 and 1 the extension is the set function itself."""
        for code in range(4**n):
            y = np.array([(code >> k) & 1 for k in range(n)], bool)
            wrong = np.array([(code >> (n + k)) & 1 for k in range(n)], bool)
            scores = np.where(wrong, 0.0, np.where(y, 1.0, -1.0))
            cost = Lovasz().cost(y.astype(float), scores)
            assert cost == pytest.approx(jaccard_loss(y, wrong), abs=1e-15)

    def test_the_published_procedure(self):
        """The steps of Berman and others, as differences of the Jaccard loss."""
        rng = np.random.default_rng(9)
        y, s = rng.integers(0, 2, 400).astype(float), rng.normal(0, 1, 400)
        errors = 1 - (2 * y - 1) * s
        order = np.argsort(-errors)
        truth = y[order]
        jaccard = 1 - (truth.sum() - truth.cumsum()) / (truth.sum() + (1 - truth).cumsum())
        steps = np.diff(jaccard, prepend=0)
        expected = np.maximum(errors[order], 0) @ steps
        cost, gradient = Lovasz().cost_and_gradient(y, s)
        assert cost == pytest.approx(expected, rel=1e-12)
        slope = -(2 * y - 1)[order] * steps * (errors[order] > 0)
        np.testing.assert_allclose(gradient[order], slope, atol=1e-15)

    def test_one_pixel_is_the_hinge(self):
        for y in (0.0, 1.0):
            for s in (-2.0, 0.3, 2.0):
                assert Lovasz().cost([y], [s]) == Hinge().loss(y, s)
                assert Lovasz().cost_gradient([y], [s])[0] == Hinge().gradient(y, s)

    def test_empty_masks(self):
        cost, gradient = Lovasz().cost_and_gradient(np.zeros(3), np.array([-1.0, -2, -INF]))
        assert cost == 0
        assert gradient.tolist() == [0, 0, 0]
        cost, gradient = Lovasz().cost_and_gradient(np.zeros(3), np.array([0.5, 1.0, -2]))
        assert cost == 2
        assert gradient.tolist() == [0, 1, 0]

    def test_infinite_scores(self):
        y = np.array([1.0, 1, 0])
        assert Lovasz().cost(y, [INF, INF, -INF]) == 0
        cost, gradient = Lovasz().cost_and_gradient(y, [-INF, 2, -2])
        assert cost == INF
        assert gradient.tolist() == [-0.5, 0, 0]
        cost, gradient = Lovasz().cost_and_gradient([0.0, 0, 0], [INF, INF, 0])
        assert cost == INF
        assert not np.isnan(gradient).any()

    def test_a_gradient_is_a_subgradient(self):
        rng = np.random.default_rng(10)
        for _ in range(50):
            y = rng.integers(0, 2, 6).astype(float)
            s = rng.integers(-2, 3, 6).astype(float)  # ties and kinks
            cost, gradient = Lovasz().cost_and_gradient(y, s)
            for step in rng.normal(0, 1, (20, 6)):
                assert Lovasz().cost(y, s + step) >= cost + gradient @ step - 1e-12

    def test_all_entries_are_one_set(self):
        rng = np.random.default_rng(11)
        y, s = rng.integers(0, 2, (6, 7)).astype(float), rng.normal(size=(6, 7))
        cost, gradient = Lovasz().cost_and_gradient(y, s)
        flat_cost, flat = Lovasz().cost_and_gradient(y.ravel(), s.ravel())
        assert (cost, gradient.shape) == (flat_cost, (6, 7))
        np.testing.assert_array_equal(gradient.ravel(), flat)

    def test_soft_masks_are_refused(self):
        with pytest.raises(ValueError, match=r"y_true\[0\] is 0.5: expected 0 or 1"):
            Lovasz().cost([0.5, 1], [0.0, 0.0])
