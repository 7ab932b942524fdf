"""Losses of the margin, and the hinge of many classes: references, kinks, best constants."""

import numpy as np
import pytest

from lossbook import (
    Exponential,
    Hinge,
    MulticlassHinge,
    Perceptron,
    SquaredHinge,
    ZeroOne,
    one_hot,
)

INF = np.inf
ALL = [ZeroOne(), Hinge(), SquaredHinge(), Perceptron(), Exponential()]
# margin, then loss, gradient by the margin and curvature of each
TABLE = {
    ZeroOne(): {-2.0: (1, 0, 0), 0.0: (1, 0, 0), 1e-300: (0, 0, 0), 5.0: (0, 0, 0)},
    Hinge(): {-2.0: (3, -1, 0), 0.0: (1, -1, 0), 0.75: (0.25, -1, 0), 1.0: (0, 0, 0)},
    SquaredHinge(): {-2.0: (9, -6, 2), 0.5: (0.25, -1, 2), 1.0: (0, 0, 0), 3.0: (0, 0, 0)},
    Perceptron(): {-2.0: (2, -1, 0), -1e-300: (1e-300, -1, 0), 0.0: (0, 0, 0), 1.0: (0, 0, 0)},
    Exponential(): {0.0: (1, -1, 1), 1.0: (1 / np.e, -1 / np.e, 1 / np.e)},
}
ENTRIES = [(loss, m, expected) for loss, rows in TABLE.items() for m, expected in rows.items()]


@pytest.mark.parametrize(("loss", "m", "expected"), ENTRIES, ids=str)
@pytest.mark.parametrize("negative", [-1, 0])
def test_table(loss, m, expected, negative):
    y, scores = np.array([1, negative]), np.array([m, -m])
    value, slope, curvature = expected
    np.testing.assert_allclose(loss.loss(y, scores), [value, value], rtol=1e-15)
    np.testing.assert_allclose(loss.gradient(y, scores), [slope, -slope], rtol=1e-15)
    np.testing.assert_allclose(loss.curvature(y, scores), [curvature, curvature], rtol=1e-15)
    cost, gradient = loss.cost_and_gradient(y, scores)
    assert cost == pytest.approx(value)
    np.testing.assert_allclose(gradient, [slope / 2, -slope / 2], rtol=1e-15)


def test_hinge_against_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    y, s, w = rng.choice([-1, 1], 80), rng.normal(size=80), rng.uniform(size=80)
    assert Hinge().cost(y, s, w) == pytest.approx(metrics.hinge_loss(y, s, sample_weight=w))
    assert ZeroOne().cost(y, s, w) == pytest.approx(
        metrics.zero_one_loss(y, np.sign(s), sample_weight=w)
    )


@pytest.mark.parametrize("loss", ALL, ids=str)
def test_infinite_scores(loss):
    value, slope = loss.loss([1, 1], [INF, -INF]), loss.gradient([1, 1], [INF, -INF])
    assert value.tolist() == [0, 1 if loss == ZeroOne() else INF]
    ends = {ZeroOne(): 0, Hinge(): -1, Perceptron(): -1}
    assert slope.tolist() == [0, ends.get(loss, -INF)]


def test_exponential_keeps_tiny_losses():
    assert Exponential().loss(1, 700.0) == pytest.approx(9.859676543759770e-305, rel=1e-14)


@pytest.mark.parametrize("loss", ALL, ids=str)
@pytest.mark.parametrize(
    "weight", [[1, 1, 1, 1], [1, 2, 3, 1.5], [5, 1, 1, 0], [3, 0, 0, 0], [0, 1, 1, 0]], ids=str
)
def test_best_constant_has_the_smallest_cost(loss, weight):
    y = np.array([-1, 1, 1, -1])
    best = loss.best_constant(y, weight)
    assert isinstance(best, float)
    cost = loss.cost(y, np.full(4, best), weight)
    others = [loss.cost(y, np.full(4, s), weight) for s in np.linspace(-6, 6, 1201)]
    assert cost <= min(others) + 1e-15
    assert loss.best_constant((y + 1) // 2, weight) == best


def test_best_constants_in_closed_form():
    y = [1, 1, 1, -1]
    assert [loss.best_constant(y) for loss in ALL] == [1, 1, 0.5, 0, pytest.approx(np.log(3) / 2)]
    tie = [1, -1]
    assert [loss.best_constant(tie) for loss in ALL] == [1, 0, 0, 0, 0]
    negative = [-1, -1, -1]
    assert [loss.best_constant(negative) for loss in ALL] == [-1, -1, -1, 0, -INF]
    assert Exponential().best_constant([1, 1]) == INF


@pytest.mark.parametrize("loss", ALL, ids=str)
def test_labels_that_are_no_sides_are_refused(loss):
    with pytest.raises(ValueError, match=r"y_true\[2\] is 2: expected 0 or 1"):
        loss.loss([0, 1, 2], [0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match=r"y_true\[0\] is 0.0: expected -1 or 1"):
        loss.best_constant([0, 1, -1])


def crammer_singer(y, s):
    rivals = [v for k, v in enumerate(s) if k != y]
    return max(0.0, 1 + max(rivals, default=-INF) - s[y])


class TestMulticlassHinge:
    def test_against_the_definition(self):
        rng = np.random.default_rng(1)
        y, s = rng.integers(0, 5, 200), rng.normal(0, 2, (200, 5)).round(1)  # with ties
        expected = [crammer_singer(*pair) for pair in zip(y, s, strict=True)]
        np.testing.assert_allclose(MulticlassHinge().loss(y, s), expected, atol=1e-15)
        np.testing.assert_allclose(MulticlassHinge().loss(one_hot(y, 5), s), expected, atol=1e-15)

    def test_against_scikit_learn(self):
        metrics = pytest.importorskip("sklearn.metrics")
        rng = np.random.default_rng(2)
        y, s = rng.integers(0, 4, 60), rng.normal(size=(60, 4))
        expected = metrics.hinge_loss(y, s, labels=range(4))
        assert MulticlassHinge().cost(y, s) == pytest.approx(expected)

    def test_two_classes_are_the_hinge_of_the_difference(self):
        rng = np.random.default_rng(3)
        y, s = rng.integers(0, 2, 50), rng.normal(size=(50, 2))
        expected = Hinge().loss(y, s[:, 1] - s[:, 0])
        np.testing.assert_allclose(MulticlassHinge().loss(y, s), expected, atol=1e-15)

    def test_soft_rows_are_an_average(self):
        s = np.array([[0.5, 0.1, -2.0]])
        expected = 0.75 * crammer_singer(0, s[0]) + 0.25 * crammer_singer(2, s[0])
        y = [[0.75, 0, 0.25]]
        assert MulticlassHinge().loss(y, s)[0] == pytest.approx(expected)
        assert MulticlassHinge().gradient(y, s).tolist() == [[-0.5, 0.75, -0.25]]

    @pytest.mark.parametrize(
        ("label", "scores", "loss", "gradient"),
        [
            (0, [1, 0, 0], 0, [0, 0, 0]),  # a margin of exactly 1: 0 is a subgradient
            (0, [0, 0, 0], 1, [-1, 1, 0]),  # of tied rivals, the first
            (1, [0, 0, 0], 1, [1, -1, 0]),
            (2, [3, 3, 0], 4, [1, 0, -1]),
            (0, [INF, 0, 0], 0, [0, 0, 0]),
            (0, [-INF, 0, 0], INF, [-1, 1, 0]),
            (0, [-INF, 1, -INF], INF, [-1, 1, 0]),
            (0, [INF, INF, 0], 1, [-1, 1, 0]),
            (0, [-INF, -INF, -INF], 1, [-1, 1, 0]),
            (1, [-INF, -INF, -INF], 1, [1, -1, 0]),
            (0, [0, -INF, -INF], 0, [0, 0, 0]),
        ],
    )
    def test_edges(self, label, scores, loss, gradient):
        for y in ([label], [np.eye(3)[label]]):
            assert MulticlassHinge().loss(y, [scores]).tolist() == [loss]
            assert MulticlassHinge().gradient(y, [scores]).tolist() == [gradient]

    def test_one_class_costs_nothing(self):
        assert MulticlassHinge().loss([0], [[3.0]]).tolist() == [0]
        assert MulticlassHinge().gradient([0], [[3.0]]).tolist() == [[0]]

    @pytest.mark.parametrize(
        "weight", [[1, 1, 1], [2, 1, 0.5], [4, 1, 1], [1, 1, 2], [1, 1, 0]], ids=str
    )
    def test_best_constant(self, weight):
        y, loss = np.array([0, 1, 2]), MulticlassHinge()
        best = loss.best_constant(y, weight)
        share = np.array(weight) / sum(weight)
        assert best.tolist() == (share > 0.5).tolist()
        cost = loss.cost(y, np.tile(best, (3, 1)), weight)
        for other in np.random.default_rng(4).normal(0, 1, (2000, 3)):
            assert loss.cost(y, np.tile(other, (3, 1)), weight) >= cost - 1e-15
