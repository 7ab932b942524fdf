"""Focal losses: references to many digits, saturated logits, small γ, best constants."""

import math

import numpy as np
import pytest

from lossbook import (
    BinaryCrossEntropyWithLogits,
    Focal,
    SoftmaxCrossEntropy,
    SoftmaxFocal,
    one_hot,
    sigmoid,
)

INF = np.inf
LOGITS = [0.0, 1e-9, 0.5, -0.5, 3, -3, 37, -37, 100, -100, 1e4, -1e4]
GAMMAS = [0, 1e-3, 0.5, 1, 1.5, 2, 5, 50]


@pytest.fixture(scope="module")
def mp():
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(400):
        yield mpmath.mp


def close(got, expected, rel):
    assert float(got) == pytest.approx(float(expected), rel=rel, abs=1e-307)


class TestFocal:
    @pytest.mark.parametrize("gamma", GAMMAS)
    @pytest.mark.parametrize("z", LOGITS)
    @pytest.mark.parametrize("y", [0, 1])
    def test_against_high_precision(self, mp, gamma, z, y):
        g, u = mp.mpf(gamma), (1 - 2 * y) * mp.mpf(z)
        e = mp.exp(u)
        wrong, right, surprise = e / (1 + e), 1 / (1 + e), mp.log1p(e)
        slope = wrong**g * (g * right * surprise + wrong)
        # d slope/du by the product rule, term by term
        inner = g * right * surprise + wrong
        bend = g * wrong**g * right * inner + wrong**g * (
            -g * wrong * right * surprise + g * right * wrong + wrong * right
        )
        rel = 1e-14 * (1 + 2 * gamma)
        focal = Focal(gamma)
        close(focal.loss(y, z), wrong**g * surprise, rel)
        close(focal.gradient(y, z), (1 - 2 * y) * slope, rel)
        cost, gradient = focal.cost_and_gradient(y, z)
        close(cost, wrong**g * surprise, rel)
        close(gradient, (1 - 2 * y) * slope, rel)
        curvature = float(focal.curvature(y, z))
        assert curvature == pytest.approx(float(bend), rel=1e-12 * (1 + gamma), abs=1e-300)

    def test_gamma_0_is_the_cross_entropy(self):
        rng = np.random.default_rng(0)
        y, z = rng.integers(0, 2, 400), np.append(rng.normal(0, 30, 398), [1e4, -1e4])
        plain, focal = BinaryCrossEntropyWithLogits(), Focal(gamma=0)
        for name in ("loss", "gradient", "curvature"):
            expected = getattr(plain, name)(y, z)
            np.testing.assert_allclose(getattr(focal, name)(y, z), expected, 1e-14, 1e-300)
        assert focal.traits.lipschitz == pytest.approx(1)
        assert focal.traits.smoothness == pytest.approx(0.25)
        assert focal.traits.convex

    @pytest.mark.parametrize("gamma", [0, 0.5, 2])
    def test_infinite_logits(self, gamma):
        y, z = [0, 1, 0, 1], [INF, INF, -INF, -INF]
        assert Focal(gamma).loss(y, z).tolist() == [INF, 0, 0, INF]
        assert Focal(gamma).gradient(y, z).tolist() == [1, 0, 0, -1]
        np.testing.assert_allclose(Focal(gamma).curvature(y, z), 0, atol=1e-300)

    def test_alpha_weighs_positives_and_its_complement_negatives(self):
        y, z = np.array([1, 0]), np.array([0.3, 0.3])
        for name in ("loss", "gradient", "curvature"):
            plain = getattr(Focal(), name)(y, z)
            weighted = getattr(Focal(alpha=0.25), name)(y, z)
            np.testing.assert_allclose(weighted, plain * [0.25, 0.75], rtol=1e-15)
        assert Focal(alpha=0).loss(1, -3.0) == 0
        assert Focal(alpha=0.5).traits.symmetric
        assert not Focal(alpha=0.25).traits.symmetric
        assert Focal(alpha=0.25).traits.lipschitz == pytest.approx(0.75 * Focal().traits.lipschitz)

    def test_the_published_example(self):
        """Lin and others: at p = 0.9 and γ = 2 an example weighs 100 times less."""
        z = math.log(0.9 / 0.1)
        ratio = BinaryCrossEntropyWithLogits().loss(1, z) / Focal().loss(1, z)
        assert ratio == pytest.approx(100)

    @pytest.mark.parametrize("gamma", [0.5, 2.0])
    def test_not_convex(self, gamma):
        curvature = Focal(gamma).curvature(np.zeros(400), np.linspace(-5, 15, 400))
        assert curvature.min() < -1e-3
        assert not Focal(gamma).traits.convex

    @pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 5.0])
    @pytest.mark.parametrize("alpha", [None, 0.25])
    def test_best_constant(self, gamma, alpha):
        y, w = np.array([0, 1, 1, 0, 0, 0]), np.array([1, 2, 1, 1, 3, 0.0])
        focal = Focal(gamma, alpha)
        best = focal.best_constant(y, w)
        slope = focal.cost_gradient(y, np.full(6, best), w).sum()
        assert slope == pytest.approx(0, abs=1e-14)
        cost = focal.cost(y, np.full(6, best), w)
        assert all(focal.cost(y, np.full(6, z), w) >= cost for z in np.linspace(-20, 20, 401))

    def test_best_constant_shrinks_to_a_guess(self):
        """A focal loss is not proper: its best logit is nearer to 0 than that of the base rate."""
        y = [0, 1, 1, 1]
        assert Focal(0).best_constant(y) == pytest.approx(math.log(3), rel=1e-12)
        assert 0 < Focal(2).best_constant(y) < math.log(3) / 2

    def test_best_constant_without_one_class(self):
        assert Focal().best_constant([1, 1]) == INF
        assert Focal().best_constant([0, 0]) == -INF
        assert Focal(alpha=0.0).best_constant([0, 1]) == -INF
        assert Focal(alpha=1.0).best_constant([0, 0]) == 0

    @pytest.mark.parametrize(
        ("keywords", "match"),
        [
            ({"gamma": -1}, "gamma is -1: expected a finite number of 0 or more"),
            ({"gamma": INF}, "gamma is inf"),
            ({"alpha": 1.5}, "alpha is 1.5: expected a number between 0 and 1"),
        ],
    )
    def test_parameters(self, keywords, match):
        with pytest.raises(ValueError, match=match):
            Focal(**keywords)

    def test_soft_targets_are_refused(self):
        with pytest.raises(ValueError, match=r"y_true\[1\] is 0.5: expected 0 or 1"):
            Focal().loss([0, 0.5], [0.0, 0.0])


class TestSoftmaxFocal:
    @pytest.mark.parametrize("gamma", GAMMAS)
    @pytest.mark.parametrize(
        "z", [[0, 0, 0], [40, 0, -1], [1e4, 0, -1e4], [1, 2, 1.5], [0, 0, 90]], ids=str
    )
    def test_against_high_precision(self, mp, gamma, z):
        e = [mp.exp(mp.mpf(float(v))) for v in z]
        p = [v / sum(e) for v in e]
        rest = [sum(e[j] for j in range(3) if j != k) for k in range(3)]
        others = [r / sum(e) for r in rest]
        g, rel = mp.mpf(gamma), 1e-14 * (1 + 2 * gamma)
        soft, total = [0.125, 0.5, 0.375], np.zeros(3)
        for k in range(3):
            surprise = mp.log1p(rest[k] / e[k])
            loss = others[k] ** g * surprise
            by_p = -g * others[k] ** (g - 1) * surprise - others[k] ** g / p[k]
            slope = [by_p * p[k] * ((j == k) - p[j] if j != k else others[k]) for j in range(3)]
            total += soft[k] * np.array([float(s) for s in slope])
            row = np.array([z], float)
            for y in ([k], [np.eye(3)[k]]):
                close(SoftmaxFocal(gamma).loss(y, row)[0], loss, rel)
                gradient = SoftmaxFocal(gamma).gradient(y, row)[0]
                for j in range(3):
                    close(gradient[j], slope[j], 4 * rel)
        gradient = SoftmaxFocal(gamma).gradient([soft], np.array([z], float))[0]
        np.testing.assert_allclose(gradient, total, rtol=1e-13 * (1 + gamma), atol=1e-15)

    def test_two_classes_are_focal(self):
        rng = np.random.default_rng(1)
        y, z = rng.integers(0, 2, 200), rng.normal(0, 20, 200)
        rows = np.stack([np.zeros(200), z], axis=1)
        for gamma in (0.0, 0.5, 2.0, 3.0):
            rows_loss, one = SoftmaxFocal(gamma), Focal(gamma)
            np.testing.assert_allclose(rows_loss.loss(y, rows), one.loss(y, z), rtol=1e-12)
            slope = rows_loss.gradient(y, rows)[:, 1]
            np.testing.assert_allclose(slope, one.gradient(y, z), rtol=1e-12)

    def test_gamma_0_is_the_cross_entropy(self):
        rng = np.random.default_rng(2)
        y, z = rng.dirichlet(np.ones(4), 100), rng.normal(0, 5, (100, 4))
        for labels in (y, y.argmax(axis=1)):
            for name in ("loss", "gradient"):
                expected = getattr(SoftmaxCrossEntropy(), name)(labels, z)
                got = getattr(SoftmaxFocal(0), name)(labels, z)
                np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-15)

    @pytest.mark.parametrize("gamma", [0, 0.5, 2])
    def test_infinite_logits(self, gamma):
        z = [[INF, 0, 0], [0, INF, 0], [-INF, 0, 0]]
        for y in ([0, 0, 0], one_hot(np.zeros(3), 3)):
            assert SoftmaxFocal(gamma).loss(y, z).tolist() == [0, INF, INF]
            gradient = SoftmaxFocal(gamma).gradient(y, z)
            assert gradient.tolist() == [[0, 0, 0], [-1, 1, 0], [-1, 0.5, 0.5]]

    @pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
    def test_best_constant(self, gamma):
        rng = np.random.default_rng(3)
        y, w = np.array([0, 1, 1, 2, 2, 2, 2, 4]), rng.uniform(size=8)
        focal = SoftmaxFocal(gamma)
        best = focal.best_constant(y, w)
        assert np.exp(best).sum() == pytest.approx(1)
        assert best[3] == -INF
        cost = focal.cost(y, np.tile(best, (8, 1)), w)
        slope = focal.cost_gradient(y, np.tile(best, (8, 1)), w).sum(axis=0)
        np.testing.assert_allclose(slope, 0, atol=1e-13)
        for other in np.log(rng.dirichlet(np.ones(5), 300)):
            assert focal.cost(y, np.tile(other, (8, 1)), w) >= cost

    def test_best_constant_of_two_classes_is_that_of_focal(self):
        best = SoftmaxFocal(2).best_constant([0, 1, 1, 1])
        assert best[1] - best[0] == pytest.approx(Focal(2).best_constant([0, 1, 1, 1]), rel=1e-12)
        assert np.exp(SoftmaxFocal().best_constant([1, 1])).tolist() == [0, 1]
        assert sigmoid(Focal(0).best_constant([0, 1, 1, 1])) == pytest.approx(0.75)
