"""Cross-entropies and Brier's score: references, extremes, limits, best constants."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbook import (
    BinaryCrossEntropy,
    BinaryCrossEntropyWithLogits,
    Brier,
    CategoricalCrossEntropy,
    SoftmaxCrossEntropy,
    one_hot,
    sigmoid,
    softmax,
    softplus,
)
from lossbook.classification import _hard

INF = np.inf
LOGITS = [0.0, 1e-300, 1e-9, 0.5, -0.5, 3, -3, 40, -40, 300, -300, 708.5, 709.5, -745, 1e4, -1e4]
BCE, BCE_LOGITS = BinaryCrossEntropy(), BinaryCrossEntropyWithLogits()
CE, CE_LOGITS = CategoricalCrossEntropy(), SoftmaxCrossEntropy()


@pytest.fixture(scope="module")
def mp():
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(400):
        yield mpmath.mp


def close(got, expected, rel=4e-15):
    assert float(got) == pytest.approx(float(expected), rel=rel, abs=1e-307)


class TestHelpers:
    @pytest.mark.parametrize("z", LOGITS)
    def test_softplus_and_sigmoid(self, mp, z):
        e = mp.exp(mp.mpf(z))
        close(softplus(np.array([z]))[0], mp.log1p(e))
        close(sigmoid(np.array([z]))[0], e / (1 + e))

    def test_softplus_of_a_mixture_is_that_of_each(self):
        z = np.array([*LOGITS, INF, -INF])
        alone = [softplus(z[i : i + 1])[0] for i in range(len(z))]
        np.testing.assert_allclose(softplus(z), alone, rtol=1e-15)
        assert softplus(z)[-2:].tolist() == [INF, 0]

    def test_softplus_of_lists_and_float32(self):
        assert softplus([0, 1000]).tolist() == [math.log(2), 1000]
        z = np.array([-50, 0, 88, 89, 1e30], np.float32)
        assert softplus(z).dtype == np.float32
        np.testing.assert_allclose(softplus(z), [1.92875e-22, math.log(2), 88, 89, 1e30], rtol=1e-6)

    def test_softmax(self):
        special = pytest.importorskip("scipy.special")
        z = np.random.default_rng(0).normal(0, 30, (40, 6))
        np.testing.assert_allclose(softmax(z), special.softmax(z, axis=1), rtol=1e-13)
        assert softmax([[0, 0]]).tolist() == [[0.5, 0.5]]
        ties = softmax(np.array([[INF, 0, INF], [-INF, -INF, -INF], [0, -INF, -INF]]))
        np.testing.assert_array_equal(ties, [[0.5, 0, 0.5], [1 / 3] * 3, [1, 0, 0]])

    def test_one_hot(self):
        assert one_hot(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]


class TestBinaryCrossEntropy:
    @pytest.mark.parametrize("p", [1e-300, 1e-17, 0.25, 0.5, 1 - 1e-12, 1 - 2.0**-53])
    @pytest.mark.parametrize("y", [0, 1, 0.3, 1e-20])
    def test_against_high_precision(self, mp, y, p):
        y_, p_ = mp.mpf(y), mp.mpf(p)
        close(BCE.loss(y, p), -y_ * mp.log(p_) - (1 - y_) * mp.log(1 - p_))
        close(BCE.gradient(y, p), (1 - y_) / (1 - p_) - y_ / p_, rel=1e-14)
        if p > 1e-200:
            close(BCE.curvature(y, p), (1 - y_) / (1 - p_) ** 2 + y_ / p_**2, rel=1e-14)

    def test_certainty(self):
        y, p = [0, 1, 0, 1, 0.5, 0.5], [0, 1, 1, 0, 0, 1]
        assert BCE.loss(y, p).tolist() == [0, 0, INF, INF, INF, INF]
        assert BCE.gradient(y, p).tolist() == [1, -1, INF, -INF, -INF, INF]
        assert not np.signbit(BCE.loss(y, p)).any()

    def test_against_scikit_learn(self):
        metrics = pytest.importorskip("sklearn.metrics")
        rng = np.random.default_rng(1)
        y, p, w = rng.integers(0, 2, 99), rng.uniform(size=99), rng.uniform(size=99)
        assert BCE.cost(y, p, w) == pytest.approx(metrics.log_loss(y, p, sample_weight=w))

    def test_best_constant_is_the_base_rate(self):
        assert BCE.best_constant([0, 1, 1, 1]) == 0.75
        assert BCE.best_constant([0, 1], [3, 1]) == 0.25
        assert BCE.best_constant([0.1, 0.3]) == pytest.approx(0.2)

    def test_refused(self):
        with pytest.raises(ValueError, match=r"y_pred\[1\] is 1.5: expected a probability"):
            BCE.loss([0, 1], [0.5, 1.5])
        with pytest.raises(ValueError, match=r"y_true\[0\] is -1: expected a probability"):
            BCE.loss([-1, 1], [0.5, 0.5])


class TestBinaryCrossEntropyWithLogits:
    @pytest.mark.parametrize("z", LOGITS)
    @pytest.mark.parametrize("y", [0, 1, 0.3, 1e-20, 1 - 2.0**-53])
    def test_against_high_precision(self, mp, y, z):
        y_, e = mp.mpf(y), mp.exp(mp.mpf(z))
        loss = mp.log1p(e) - y_ * mp.mpf(z)
        slope = (1 - y_) * e / (1 + e) - y_ / (1 + e)
        close(BCE_LOGITS.loss(y, z), loss)
        # a soft target near the prediction takes digits from the slope that y itself never had
        lost = 1e-16 * float(min(e, 1) / (1 + e)) if 0 < y < 1 else 0
        for got in (BCE_LOGITS.gradient(y, z), BCE_LOGITS.cost_gradient(y, z)):
            assert float(got) == pytest.approx(float(slope), rel=4e-15, abs=max(lost, 1e-307))
        close(BCE_LOGITS.cost(y, z), loss)
        close(BCE_LOGITS.curvature(y, z), e / (1 + e) ** 2)

    def test_tiny_losses_keep_their_digits(self):
        assert BCE_LOGITS.loss(1, 40) == pytest.approx(4.248354255291589e-18, rel=1e-14)
        assert BCE_LOGITS.gradient(1, 40) == pytest.approx(-4.248354255291589e-18, rel=1e-14)
        assert BCE_LOGITS.cost_gradient(1, 40) == pytest.approx(-4.248354255291589e-18, rel=1e-14)
        assert BCE_LOGITS.loss(np.array([1], "f4"), np.array([40], "f4")) == pytest.approx(
            4.248354e-18, rel=1e-6
        )

    @pytest.mark.parametrize("others", [[], [0.5]])
    def test_infinite_logits(self, others):
        y = np.array([0, 1, 0, 1, *others])
        z = np.array([INF, INF, -INF, -INF, *[0] * len(others)])
        with np.errstate(invalid="ignore"):
            cost, slope = BCE_LOGITS.value_and_derivative(y.astype(float), z)
        for got in (BCE_LOGITS.loss(y, z), cost):
            assert got[:4].tolist() == [INF, 0, 0, INF]
        for got in (BCE_LOGITS.gradient(y, z), slope):
            assert got[:4].tolist() == [1, 0, 0, -1]
        assert BCE_LOGITS.loss(0.5, INF) == INF
        assert BCE_LOGITS.gradient(0.5, INF) == 0.5

    def test_one_soft_target_does_not_change_the_others(self):
        rng = np.random.default_rng(2)
        y, z = rng.integers(0, 2, 200).astype(float), rng.normal(0, 30, 200)
        hard = BCE_LOGITS.value_and_derivative(y, z)
        y[100] = 0.5
        for alone, mixed in zip(hard, BCE_LOGITS.value_and_derivative(y, z), strict=True):
            np.testing.assert_allclose(np.delete(mixed, 100), np.delete(alone, 100), rtol=1e-14)

    def test_both_signs_of_zero_are_the_same_logit(self):
        for y in (0, 1, 0.25):
            for z in (0.0, -0.0):
                assert BCE_LOGITS.cost_and_gradient(y, z) == (pytest.approx(math.log(2)), 0.5 - y)

    @given(st.floats(0, 1), st.floats(-700, 700))
    def test_mirror(self, y, z):
        assert BCE_LOGITS.loss(y, z) == pytest.approx(
            BCE_LOGITS.loss(1 - y, -z), rel=1e-12, abs=1e-13
        )

    def test_is_the_loss_of_the_probability(self):
        z = np.linspace(-20, 20, 41)
        for y in (0.0, 0.4, 1.0):
            labels = np.full(41, y)
            expected = BCE.loss(labels, sigmoid(z))
            np.testing.assert_allclose(BCE_LOGITS.loss(labels, z), expected, rtol=1e-7)

    def test_best_constant_is_the_logit_of_the_base_rate(self):
        assert BCE_LOGITS.best_constant([0, 1, 1, 1]) == pytest.approx(math.log(3))
        assert BCE_LOGITS.best_constant([0.5, 0.1], [1, 3]) == pytest.approx(math.log(0.2 / 0.8))
        assert BCE_LOGITS.best_constant([1, 1]) == INF
        assert BCE_LOGITS.best_constant([0, 0]) == -INF


class TestCategoricalCrossEntropy:
    def test_against_scikit_learn(self):
        metrics = pytest.importorskip("sklearn.metrics")
        rng = np.random.default_rng(3)
        y, p = rng.integers(0, 4, 60), rng.dirichlet(np.ones(4), 60)
        expected = metrics.log_loss(y, p, labels=range(4))
        assert CE.cost(y, p) == pytest.approx(expected)
        assert CE.cost(one_hot(y, 4), p) == pytest.approx(expected)

    def test_certainty(self):
        p = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
        assert CE.loss([0, 1, 1], p).tolist() == [0, INF, 0]
        assert CE.loss([[1, 0], [0.5, 0.5], [0, 1]], p).tolist() == [0, INF, 0]
        assert CE.gradient([0, 1, 1], p).tolist() == [[-1, 0], [0, -INF], [0, -1]]

    def test_soft_rows_are_an_average(self):
        p = np.array([[0.2, 0.3, 0.5]])
        mixed = CE.loss([[0.25, 0.75, 0]], p)[0]
        assert mixed == pytest.approx(-0.25 * math.log(0.2) - 0.75 * math.log(0.3))

    def test_best_constant_is_the_share_of_each_class(self):
        assert CE.best_constant([0, 1, 1, 2]).tolist() == [0.25, 0.5, 0.25]
        assert CE.best_constant([0, 1], [1, 3]).tolist() == [0.25, 0.75]
        assert CE.best_constant([[1, 0], [0.5, 0.5]]).tolist() == [0.75, 0.25]

    @pytest.mark.parametrize(
        ("y", "p", "match"),
        [
            ([0, 2], [[0.5, 0.5]] * 2, r"y_true\[1\] is 2: expected a whole number from 0 to 1"),
            ([0, 1], [[0.5, 0.5], [0.5, 0.6]], r"y_pred\[1\] sums to 1.1"),
            ([0, 1], [[0.5, 0.5], [1.5, -0.5]], r"y_pred\[1, 0\] is 1.5: expected a probability"),
            ([0, 1], [[0.5, 0.5], [-1e-9, 1 + 1e-9]], r"y_pred\[1, 0\] is -1e-09"),
            ([[0.5, 0.4]], [[0.5, 0.5]], r"y_true\[0\] sums to 0.9"),
            ([0, 1], [0.5, 0.5], "expected y_pred of shape"),
            ([0, 1, 1], [[0.5, 0.5]] * 2, "expected y_pred of shape"),
        ],
    )
    def test_refused(self, y, p, match):
        for call in (CE.loss, CE.cost_and_gradient):
            with pytest.raises(ValueError, match=match):
                call(y, p)

    def test_best_constant_refuses_what_is_no_class(self):
        with pytest.raises(ValueError, match=r"y_true\[1\] is -1"):
            CE.best_constant([0, -1])
        with pytest.raises(ValueError, match=r"y_true\[0\] sums to"):
            CE.best_constant([[0.5, 0.4]])


def reference(mp, y, z):
    """Return the loss and the gradient of one row, to 400 digits."""
    e = [mp.exp(mp.mpf(float(v))) for v in z]
    total = sum(e)
    loss = sum(t * (mp.log(total) - mp.mpf(float(v))) for t, v in zip(y, z, strict=True))
    slope = [v / total - t for t, v in zip(y, e, strict=True)]
    return loss, slope


ROWS = [
    [0, 0, 0, 0],
    [40, 0, -3, 1],
    [0, 40, 39, 0],
    [1e4, 0, -1e4, 9999],
    [-1e4, -1e4, -1e4, -9990],
    [250, -250, 0, 249],
    [300, -300, 0, 299],
    [0, -700, 100, -745],
    [1e-9, 0, -1e-9, 1e-300],
]


class TestSoftmaxCrossEntropy:
    @pytest.mark.parametrize("z", ROWS, ids=str)
    @pytest.mark.parametrize("label", [0, 1, 2, 3])
    def test_against_high_precision(self, mp, label, z):
        hard = [mp.mpf(int(k == label)) for k in range(4)]
        loss, slope = reference(mp, hard, z)
        row = np.array([z], float)
        for y in ([label], [np.eye(4)[label]]):
            for got in (CE_LOGITS.loss(y, row)[0], CE_LOGITS.cost(y, row)):
                close(got, loss)
            for gradient in (CE_LOGITS.gradient(y, row), CE_LOGITS.cost_gradient(y, row)):
                for k in range(4):
                    close(gradient[0, k], slope[k])

    @pytest.mark.parametrize("z", ROWS, ids=str)
    def test_soft_rows_against_high_precision(self, mp, z):
        y = [0.125, 0.5, 0.25, 0.125]
        loss, slope = reference(mp, [mp.mpf(v) for v in y], z)
        value, gradient = CE_LOGITS.cost_and_gradient([y], np.array([z], float))
        close(value, loss)
        np.testing.assert_allclose(gradient[0], [float(s) for s in slope], rtol=1e-14, atol=2e-16)

    def test_blocks_near_and_far_agree(self):
        rng = np.random.default_rng(4)
        y, z = rng.integers(0, 7, 500), rng.normal(0, 4, (500, 7))
        near = CE_LOGITS.loss(y, z), CE_LOGITS.gradient(y, z)
        y, z = np.append(y, 0), np.vstack([z, [1e5, 0, 0, 0, 0, 0, 0]])
        far = CE_LOGITS.loss(y, z), CE_LOGITS.gradient(y, z)
        for a, b in zip(near, far, strict=True):
            np.testing.assert_allclose(b[:500], a, rtol=1e-13)

    def test_two_classes_are_the_binary_loss(self):
        rng = np.random.default_rng(5)
        y, z = rng.integers(0, 2, 300), rng.normal(0, 20, 300)
        rows = np.stack([np.zeros(300), z], axis=1)
        np.testing.assert_allclose(CE_LOGITS.loss(y, rows), BCE_LOGITS.loss(y, z), rtol=1e-13)
        slope = CE_LOGITS.gradient(y, rows)[:, 1]
        np.testing.assert_allclose(slope, BCE_LOGITS.gradient(y, z), rtol=1e-13)

    def test_infinite_logits(self):
        z = [[INF, 0, 0], [0, INF, 0], [-INF, 0, 0], [INF, INF, 0], [-INF, -INF, -INF]]
        losses = CE_LOGITS.loss([0, 0, 0, 0, 0], z)
        np.testing.assert_allclose(losses, [0, INF, INF, math.log(2), math.log(3)])
        expected = [[0, 0, 0], [-1, 1, 0], [-1, 0.5, 0.5], [-0.5, 0.5, 0], [-2 / 3, 1 / 3, 1 / 3]]
        np.testing.assert_allclose(CE_LOGITS.gradient([0] * 5, z), expected)
        np.testing.assert_allclose(CE_LOGITS.gradient(one_hot(np.zeros(5), 3), z), expected)

    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
    def test_many_classes_do_not_overflow_narrow_floats(self, dtype):
        largest = {"f2": 10, "f4": 80, "f8": 700}[dtype]
        z = np.full((2, 1000), largest, dtype)
        z[1, 0] = -largest
        losses, gradient = CE_LOGITS.value_and_derivative(np.array([0, 0]), z)
        tolerance = 4 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(
            losses, [math.log(1000), 2 * largest + math.log(999)], rtol=tolerance
        )
        assert gradient.dtype == losses.dtype == dtype
        np.testing.assert_allclose(gradient[:, 0], [-0.999, -1], rtol=tolerance)

    def test_inputs_are_left_alone(self):
        y, z = np.array([0, 1]), np.array([[1.0, 2.0], [3.0, -1.0]])
        CE_LOGITS.cost_and_gradient(y, z)
        assert z.tolist() == [[1, 2], [3, -1]]

    def test_one_class_costs_nothing(self):
        assert CE_LOGITS.loss([0], [[3.0]]).tolist() == [0]
        assert CE_LOGITS.gradient([0], [[3.0]]).tolist() == [[0]]

    def test_label_indices_may_be_whole_floats(self):
        z = [[0.0, 1.0], [2.0, 0.0]]
        assert CE_LOGITS.cost([0.0, 1.0], z) == CE_LOGITS.cost([0, 1], z)
        with pytest.raises(ValueError, match=r"y_true\[1\] is 0.5: expected a whole number"):
            CE_LOGITS.cost([0.0, 0.5], z)

    def test_best_constant_is_the_log_of_the_shares(self):
        best = CE_LOGITS.best_constant([0, 2, 2, 2])
        np.testing.assert_allclose(softmax(best), [0.25, 0, 0.75])
        assert best[1] == -INF
        y = np.array([0, 2, 1, 2])
        best = CE_LOGITS.best_constant(y, [1, 2, 3, 4])
        cost = CE_LOGITS.cost(y, np.tile(best, (4, 1)), [1, 2, 3, 4])
        for step in np.random.default_rng(6).normal(0, 0.1, (50, 3)):
            assert CE_LOGITS.cost(y, np.tile(best + step, (4, 1)), [1, 2, 3, 4]) >= cost


class TestBrier:
    def test_against_the_definition(self):
        rng = np.random.default_rng(7)
        y, p = rng.integers(0, 4, 30), rng.dirichlet(np.ones(4), 30)
        expected = [sum((p[i, k] - (k == y[i])) ** 2 for k in range(4)) for i in range(30)]
        np.testing.assert_allclose(Brier().loss(y, p), expected, rtol=1e-14)
        np.testing.assert_allclose(Brier().loss(one_hot(y, 4), p), expected, rtol=1e-14)

    def test_two_classes_against_scikit_learn(self):
        metrics = pytest.importorskip("sklearn.metrics")
        rng = np.random.default_rng(8)
        y, p = rng.integers(0, 2, 50), rng.uniform(size=50)
        half = metrics.brier_score_loss(y, p, scale_by_half=True)
        assert Brier().cost(y, np.stack([1 - p, p], axis=1)) == pytest.approx(2 * half)

    def test_ends(self):
        assert Brier().loss([0, 1], [[1.0, 0.0], [1.0, 0.0]]).tolist() == [0, 2]
        tiny = Brier().loss([0], [[1 - 1e-9, 1e-9]])[0]
        assert tiny == pytest.approx(2e-18, rel=1e-6)

    def test_gradient(self):
        gradient = Brier().gradient([1], [[0.25, 0.5, 0.25]])
        assert gradient.tolist() == [[0.5, -1.0, 0.5]]

    def test_best_constant_is_the_share_of_each_class(self):
        y, w = np.array([0, 1, 1, 2]), np.array([1.0, 2, 3, 4])
        best = Brier().best_constant(y, w)
        np.testing.assert_allclose(best, [0.1, 0.5, 0.4])
        cost = Brier().cost(y, np.tile(best, (4, 1)), w)
        for other in np.random.default_rng(9).dirichlet(np.ones(3), 50):
            assert Brier().cost(y, np.tile(other, (4, 1)), w) >= cost


def test_hard_labels_take_the_quick_way():
    for labels, hard in (([0, 1], True), ([0, 0], True), ([1, 1], True), ([0, 0.5], False)):
        assert _hard(np.array(labels, float)) is hard
