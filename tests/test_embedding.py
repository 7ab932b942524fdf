"""Losses of distances and similarities; the chain rule back to the embeddings."""

import math

import numpy as np
import pytest

from lossbook import (
    Contrastive,
    InfoNCE,
    SoftmaxCrossEntropy,
    Triplet,
    cosine_similarities,
    cosine_similarities_gradient,
    embedding_distances,
    embedding_distances_gradient,
)

INF = np.inf


class TestContrastive:
    @pytest.mark.parametrize(
        ("same", "distance", "loss", "slope", "curvature"),
        [
            (1, 0.0, 0, 0, 2),
            (1, 3.0, 9, 6, 2),
            (1, INF, INF, INF, 2),
            (0, 0.0, 4, -4, 2),
            (0, 0.5, 2.25, -3, 2),
            (0, 2.0, 0, 0, 0),
            (0, 5.0, 0, 0, 0),
            (0, INF, 0, 0, 0),
        ],
    )
    def test_table(self, same, distance, loss, slope, curvature):
        contrastive = Contrastive(margin=2.0)
        assert contrastive.loss(same, distance) == loss
        assert contrastive.gradient(same, distance) == slope
        assert contrastive.curvature(same, distance) == curvature
        assert contrastive.cost_and_gradient(same, distance) == (loss, slope)

    @pytest.mark.parametrize("weight", [[1, 1, 1], [1, 2, 5], [0, 1, 1], [1, 0, 0]], ids=str)
    def test_best_constant(self, weight):
        same, loss = np.array([1, 0, 0]), Contrastive(margin=1.5)
        best = loss.best_constant(same, weight)
        cost = loss.cost(same, np.full(3, best), weight)
        distances = np.linspace(0, 4, 801)
        assert all(loss.cost(same, np.full(3, d), weight) >= cost for d in distances)
        assert best == pytest.approx(1.5 * (weight[1] + weight[2]) / sum(weight))

    def test_refused(self):
        with pytest.raises(ValueError, match=r"y_pred\[1\] is -0.5: expected a distance of 0"):
            Contrastive().loss([0, 1], [0.5, -0.5])
        with pytest.raises(ValueError, match=r"y_true\[0\] is -1: expected 0 or 1"):
            Contrastive().loss([-1, 1], [0.5, 0.5])
        with pytest.raises(ValueError, match="margin is 0: expected a finite number above 0"):
            Contrastive(margin=0)


class TestTriplet:
    @pytest.mark.parametrize(
        ("positive", "negative", "loss", "slope"),
        [
            (1.0, 1.0, 0.5, -1),
            (1.0, 1.25, 0.25, -1),
            (1.0, 1.5, 0, 0),
            (1.0, 4.0, 0, 0),
            (4.0, 1.0, 3.5, -1),
            (1.0, INF, 0, 0),
        ],
    )
    def test_table(self, positive, negative, loss, slope):
        triplet = Triplet(margin=0.5)
        assert triplet.loss(positive, negative) == loss
        assert triplet.gradient(positive, negative) == slope
        assert triplet.curvature(positive, negative) == 0

    def test_slope_by_the_positive_distance_is_the_opposite(self):
        rng = np.random.default_rng(0)
        near, far = rng.gamma(2, 1, 40), rng.gamma(2, 1, 40)
        loss, h = Triplet(), 1e-6
        numeric = (loss.loss(near + h, far) - loss.loss(near - h, far)) / (2 * h)
        np.testing.assert_allclose(-loss.gradient(near, far), numeric, atol=1e-8)

    def test_best_constant_is_the_smallest_that_costs_nothing(self):
        near, loss = np.array([0.5, 2.0, 3.0]), Triplet(margin=0.25)
        assert loss.best_constant(near) == 3.25
        assert loss.best_constant(near, [1, 1, 0]) == 2.25
        assert loss.cost(near, np.full(3, 3.25)) == 0
        assert loss.cost(near, np.full(3, 3.2499)) > 0

    def test_refused(self):
        with pytest.raises(ValueError, match=r"y_true\[0\] is -1.0: expected a finite distance"):
            Triplet().loss([-1.0], [1.0])
        with pytest.raises(ValueError, match="margin is -1"):
            Triplet(margin=-1)


class TestInfoNCE:
    def test_is_the_cross_entropy_of_a_stretched_row(self):
        rng = np.random.default_rng(1)
        y, s = rng.integers(0, 6, 30), rng.uniform(-1, 1, (30, 6))
        for labels in (y, rng.dirichlet(np.ones(6), 30)):
            cost, gradient = InfoNCE(0.2).cost_and_gradient(labels, s)
            plain, slopes = SoftmaxCrossEntropy().cost_and_gradient(labels, s / 0.2)
            assert cost == pytest.approx(plain, rel=1e-14)
            np.testing.assert_allclose(gradient, slopes / 0.2, rtol=1e-14)
            expected = InfoNCE(0.2).gradient(labels, s) / 30
            np.testing.assert_allclose(gradient, expected, rtol=1e-14)

    def test_against_the_definition(self):
        s, t = np.array([[0.9, 0.1, -0.4]]), 0.5
        expected = -math.log(math.exp(0.9 / t) / sum(math.exp(v / t) for v in s[0]))
        assert InfoNCE(t).loss([0], s)[0] == pytest.approx(expected)

    def test_a_lost_positive_and_a_sure_one(self):
        s = [[1.0, -1.0], [1.0, -1.0]]
        lost, sure = InfoNCE(0.01).loss([1, 0], s)
        assert lost == 200
        assert sure == pytest.approx(math.exp(-200), rel=1e-12)

    def test_traits_follow_the_temperature(self):
        assert InfoNCE(0.5).traits.lipschitz == pytest.approx(2 * 2**0.5)
        assert InfoNCE(0.5).traits.smoothness == pytest.approx(2)

    def test_best_constant(self):
        y, loss = np.array([0, 1, 1, 2]), InfoNCE(0.5)
        best = loss.best_constant(y)
        cost = loss.cost(y, np.tile(best, (4, 1)))
        for step in np.random.default_rng(2).normal(0, 0.1, (50, 3)):
            assert loss.cost(y, np.tile(best + step, (4, 1))) >= cost

    def test_temperature(self):
        with pytest.raises(ValueError, match="temperature is 0: expected a finite number above 0"):
            InfoNCE(temperature=0)


def numeric_gradient(function, x, h=1e-6):
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        gradient[i] = (function(x + step) - function(x - step)) / (2 * h)
    return gradient


class TestDistances:
    def test_against_numpy(self):
        rng = np.random.default_rng(3)
        a, b = rng.normal(size=(20, 4)), rng.normal(size=(20, 4))
        expected = np.linalg.norm(a - b, axis=1)
        np.testing.assert_allclose(embedding_distances(a, b), expected, rtol=1e-14)

    @pytest.mark.parametrize("scale", [1e-200, 1e200])
    def test_no_overflow(self, scale):
        a, b = np.zeros((1, 2)), np.array([[3.0, 4.0]]) * scale
        assert embedding_distances(a, b)[0] == pytest.approx(5 * scale, rel=1e-14)
        by_a, by_b = embedding_distances_gradient(a, b, [1.0])
        np.testing.assert_allclose(by_a, [[-0.6, -0.8]], rtol=1e-14)
        np.testing.assert_allclose(by_b, [[0.6, 0.8]], rtol=1e-14)

    def test_lengths_of_numbers_far_apart(self):
        assert embedding_distances([[1e200, 1e-200]], [[0.0, 0.0]])[0] == 1e200

    def test_a_point_is_at_rest_on_itself(self):
        by_a, by_b = embedding_distances_gradient([[1.0, 2.0]], [[1.0, 2.0]], [5.0])
        assert embedding_distances([[1.0, 2.0]], [[1.0, 2.0]]).tolist() == [0]
        assert by_a.tolist() == by_b.tolist() == [[0, 0]]

    def test_the_chain_rule_through_the_contrastive_loss(self):
        rng = np.random.default_rng(4)
        a, b, same = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), np.array([1, 0] * 3)
        loss = Contrastive(margin=3.0)
        slope = loss.cost_gradient(same, embedding_distances(a, b))
        by_a, by_b = embedding_distances_gradient(a, b, slope)
        cost = lambda a, b: loss.cost(same, embedding_distances(a, b))  # noqa: E731
        np.testing.assert_allclose(by_a, numeric_gradient(lambda x: cost(x, b), a), atol=1e-8)
        np.testing.assert_allclose(by_b, numeric_gradient(lambda x: cost(a, x), b), atol=1e-8)

    def test_refused(self):
        with pytest.raises(ValueError, match=r"a has shape \(2,\) and b has shape \(2,\)"):
            embedding_distances([1.0, 2.0], [1.0, 2.0])
        with pytest.raises(ValueError, match=r"expected rows \(n, d\), of the same shape"):
            embedding_distances([[1.0, 2.0]], [[1.0, 2.0]] * 2)
        with pytest.raises(ValueError, match=r"b\[0, 1\] is inf"):
            embedding_distances([[1.0, 2.0]], [[1.0, INF]])
        with pytest.raises(ValueError, match=r"distance_gradient has shape \(2,\): expected \(1,"):
            embedding_distances_gradient([[1.0, 2.0]], [[0.0, 0.0]], [1.0, 2.0])


class TestSimilarities:
    def test_against_scikit_learn(self):
        pairwise = pytest.importorskip("sklearn.metrics.pairwise")
        rng = np.random.default_rng(5)
        a, b = rng.normal(size=(7, 4)), rng.normal(size=(9, 4))
        expected = pairwise.cosine_similarity(a, b)
        np.testing.assert_allclose(cosine_similarities(a, b), expected, atol=1e-15)

    @pytest.mark.parametrize("scale", [1e-200, 1e200])
    def test_length_does_not_matter(self, scale):
        got = cosine_similarities(np.array([[3.0, 4.0]]) * scale, [[1.0, 0.0]])
        assert got[0, 0] == pytest.approx(0.6, rel=1e-14)

    def test_the_chain_rule_through_info_nce(self):
        rng = np.random.default_rng(6)
        a, b = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
        loss, y = InfoNCE(0.5), np.arange(4)
        slope = loss.cost_gradient(y, cosine_similarities(a, b))
        by_a, by_b = cosine_similarities_gradient(a, b, slope)
        cost = lambda a, b: loss.cost(y, cosine_similarities(a, b))  # noqa: E731
        np.testing.assert_allclose(by_a, numeric_gradient(lambda x: cost(x, b), a), atol=1e-8)
        np.testing.assert_allclose(by_b, numeric_gradient(lambda x: cost(a, x), b), atol=1e-8)
        np.testing.assert_allclose((by_a * a).sum(axis=1), 0, atol=1e-15)

    def test_float32_stays_float32(self):
        a = np.ones((3, 2), "f4")
        assert cosine_similarities(a, a).dtype == np.float32
        assert embedding_distances(a, a).dtype == np.float32
        for part in cosine_similarities_gradient(a, a, np.ones((3, 3), "f4")):
            assert part.dtype == np.float32
        for part in embedding_distances_gradient(a, a, np.ones(3, "f4")):
            assert part.dtype == np.float32

    def test_lazy(self):
        dask = pytest.importorskip("dask.array")
        rng = np.random.default_rng(7)
        a, b = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
        lazy = [dask.from_array(x, chunks=(2, 3)) for x in (a, b)]
        assert isinstance(embedding_distances(*lazy), dask.Array)
        np.testing.assert_allclose(embedding_distances(*lazy), embedding_distances(a, b))
        np.testing.assert_allclose(cosine_similarities(*lazy), cosine_similarities(a, b))

    def test_refused(self):
        with pytest.raises(ValueError, match=r"a\[1\] has length 0: expected an embedding"):
            cosine_similarities([[1.0, 0.0], [0.0, 0.0]], [[1.0, 0.0]])
        with pytest.raises(ValueError, match=r"expected rows \(n, d\) and \(m, d\)"):
            cosine_similarities([[1.0, 0.0]], [[1.0, 0.0, 0.0]])
        with pytest.raises(ValueError, match=r"similarity_gradient has shape \(1,\): expected"):
            cosine_similarities_gradient([[1.0, 0.0]], [[1.0, 0.0]], [1.0])
