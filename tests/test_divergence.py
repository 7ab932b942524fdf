"""Divergences: references, zeros on either side, tiny divergences, best constants, the VAE term."""

import math

import numpy as np
import pytest

from lossbook import (
    CategoricalCrossEntropy,
    JensenShannon,
    KLDivergence,
    ReverseKLDivergence,
    entropy,
    gaussian_kl,
    gaussian_kl_gradient,
)

INF = np.inf
KL, REVERSE, JS = KLDivergence(), ReverseKLDivergence(), JensenShannon()
ALL = [KL, REVERSE, JS]
EACH = pytest.mark.parametrize("loss", ALL, ids=str)


@pytest.fixture(scope="module")
def mp():
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(60):
        yield mpmath.mp


def rows(n, k=5, spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(k, spread), n), rng.dirichlet(np.full(k, spread), n)


def test_against_scipy():
    special = pytest.importorskip("scipy.special")
    distance = pytest.importorskip("scipy.spatial.distance")
    for spread in (1.0, 0.01):  # the second has entries that underflow to 0
        p, q = rows(300, spread=spread)
        np.testing.assert_allclose(
            KL.loss(p, q), special.rel_entr(p, q).sum(axis=1), rtol=1e-11, atol=1e-15
        )
        np.testing.assert_allclose(
            REVERSE.loss(p, q), special.rel_entr(q, p).sum(axis=1), rtol=1e-11, atol=1e-15
        )
        expected = distance.jensenshannon(p, q, axis=1) ** 2
        np.testing.assert_allclose(JS.loss(p, q), expected, rtol=1e-11, atol=1e-15)


def test_relations():
    p, q = rows(100)
    np.testing.assert_array_equal(REVERSE.loss(p, q), KL.loss(q, p))
    np.testing.assert_allclose(JS.loss(p, q), JS.loss(q, p), rtol=1e-14)
    middle = (p + q) / 2
    np.testing.assert_allclose(
        JS.loss(p, q), KL.loss(p, middle) / 2 + KL.loss(q, middle) / 2, rtol=1e-12
    )
    cross_entropy = CategoricalCrossEntropy().loss(p, q)
    np.testing.assert_allclose(KL.loss(p, q), cross_entropy - entropy(p), rtol=1e-12)


# p, q, then loss and gradient of KL, reverse KL and Jensen-Shannon
LOG2 = math.log(2)
HALF = 0.5 * LOG2
ZEROS = [
    ([1, 0], [1, 0], (0, [-1, 0]), (0, [1, 0]), (0, [0, HALF])),
    ([1, 0], [0, 1], (INF, [-INF, 0]), (INF, [-INF, INF]), (LOG2, [-INF, HALF])),
    (
        [0.5, 0.5],
        [1, 0],
        (INF, [-0.5, -INF]),
        (LOG2, [1 + LOG2, -INF]),
        (1.5 * LOG2 - 0.75 * math.log(3), [0.5 * math.log(4 / 3), -INF]),
    ),
    (
        [1, 0],
        [0.5, 0.5],
        (LOG2, [-2, 0]),
        (INF, [1 - LOG2, INF]),
        (1.5 * LOG2 - 0.75 * math.log(3), [0.5 * math.log(2 / 3), HALF]),
    ),
]


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize(("p", "q", "kl", "reverse", "js"), ZEROS)
@pytest.mark.parametrize("others", [0, 3])
def test_zeros(index, p, q, kl, reverse, js, others):
    loss, (value, gradient) = ALL[index], (kl, reverse, js)[index]
    p, q = np.array([p] + [[0.5, 0.5]] * others, float), np.array([q] + [[0.25, 0.75]] * others)
    with np.errstate(all="ignore"):
        values, gradients = loss.value_and_derivative(p, q)
    assert loss.loss(p, q)[0] == values[0] == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(loss.gradient(p, q)[0], gradient, rtol=1e-14)
    np.testing.assert_allclose(gradients[0], gradient, rtol=1e-14)
    assert np.isfinite(values[1:]).all()
    assert np.isfinite(gradients[1:]).all()


@EACH
def test_no_nan_whatever_the_zeros(loss):
    rng = np.random.default_rng(1)
    p, q = rows(400, 6)
    p, q = p * rng.integers(0, 2, p.shape), q * rng.integers(0, 2, q.shape)
    keep = (p.sum(axis=1) > 0) & (q.sum(axis=1) > 0)
    p, q = (a[keep] / a[keep].sum(axis=1, keepdims=True) for a in (p, q))
    assert not np.isnan(loss.loss(p, q)).any()
    assert not np.isnan(loss.gradient(p, q)).any()
    assert not np.isnan(loss.cost_gradient(p, q)).any()


@EACH
def test_equal_rows_cost_exactly_nothing(loss):
    p, _ = rows(50)
    assert (loss.loss(p, p) == 0).all()
    expected = {KL: -1.0, REVERSE: 1.0, JS: 0.0}[loss]
    np.testing.assert_array_equal(loss.gradient(p, p), np.full(p.shape, expected))


def test_quotients_that_overflow(mp):
    p, q = np.array([[1.0, 0.0]]), np.array([[1e-310, 1.0]])
    for loss, a, b in ((KL, p, q), (REVERSE, q, p)):
        assert loss.loss(a, b)[0] == pytest.approx(float(-mp.log(mp.mpf(1e-310))), rel=1e-14)
    p, q = np.array([[5e-324, 1.0]]), np.array([[1.0, 0.0]])
    assert REVERSE.gradient(p, q)[0, 0] == pytest.approx(float(1 - mp.log(mp.mpf(5e-324))))
    # the slope of the Jensen-Shannon divergence keeps its digits next to 0
    slope = JS.gradient([[1.0, 0.0]], [[1e-300, 1.0]])[0, 0]
    assert slope == pytest.approx(float(mp.log(2 * mp.mpf(1e-300)) / 2), rel=1e-14)


@pytest.mark.parametrize("step", [1e-3, 1e-8, 1e-12, 2.0**-50])
def test_tiny_jensen_shannon_keeps_its_digits(mp, step):
    p, q = [0.5, 0.25, 0.25], [0.5 + step, 0.25 - step, 0.25]
    expected = mp.mpf(0)
    for a, b in zip(p, q, strict=True):
        a, b = mp.mpf(a), mp.mpf(b)
        m = (a + b) / 2
        expected += (a * mp.log(a / m) + b * mp.log(b / m)) / 2
    assert JS.loss([p], [q])[0] == pytest.approx(float(expected), rel=1e-14, abs=0)
    slopes = [
        float(mp.log(2 * mp.mpf(b) / (mp.mpf(a) + mp.mpf(b))) / 2)
        for a, b in zip(p, q, strict=True)
    ]
    np.testing.assert_allclose(JS.gradient([p], [q])[0], slopes, rtol=1e-14)


def test_jensen_shannon_is_at_most_log_2():
    p, q = rows(2000, 4, spread=0.05)
    assert JS.loss(p, q).max() <= LOG2 * (1 + 1e-15)
    assert JS.loss(p, q).min() >= 0


@EACH
@pytest.mark.parametrize("weighted", [False, True])
def test_best_constant(loss, weighted):
    rng = np.random.default_rng(2)
    p, _ = rows(12, 4)
    weight = rng.uniform(0.1, 1, 12) if weighted else None
    best = loss.best_constant(p, weight)
    assert best.sum() == pytest.approx(1, abs=1e-14)
    cost = loss.cost(p, np.tile(best, (12, 1)), weight)
    for other in rng.dirichlet(np.ones(4), 300):
        for near in (other, 0.999 * best + 0.001 * other):
            assert loss.cost(p, np.tile(near, (12, 1)), weight) >= cost
    # along the simplex there is no slope left
    slope = loss.cost_gradient(p, np.tile(best, (12, 1)), weight).sum(axis=0)
    np.testing.assert_allclose(slope, slope.mean(), atol=1e-12)


def test_best_constants_with_zeros():
    p = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    assert KL.best_constant(p).tolist() == [0.75, 0.25, 0]
    assert REVERSE.best_constant(p).tolist() == [1, 0, 0]
    assert REVERSE.best_constant(p, [1, 0]).tolist() == [0.5, 0.5, 0]
    best = JS.best_constant(p)
    assert best[2] == 0
    assert 0.5 < best[0] < 1
    with pytest.raises(ValueError, match="no class that every row allows"):
        REVERSE.best_constant(np.eye(2))
    np.testing.assert_allclose(JS.best_constant(np.eye(3)), [1 / 3] * 3)


def test_the_best_row_of_jensen_shannon_is_found_to_the_last_digits():
    p = np.array([[0.7, 0.2, 0.1, 0], [0.1, 0.6, 0.3, 0], [0.2, 0.7, 0.1, 0]])
    best = JS.best_constant(p)
    slope = JS.gradient(p, np.tile(best, (3, 1))).mean(axis=0)[:3]  # equal, as the sum is fixed
    np.testing.assert_allclose(slope, slope.mean(), rtol=0, atol=1e-14)
    assert best[3] == 0


@EACH
def test_refused(loss):
    both = "expected two arrays of the same shape"
    with pytest.raises(ValueError, match=both):
        loss.loss([0, 1], [[0.5, 0.5]] * 2)
    with pytest.raises(ValueError, match=both):
        loss.loss([0.5, 0.5], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"y_true\[1\] sums to 0.5: expected rows of probab"):
        loss.loss([[1, 0], [0.25, 0.25]], [[0.5, 0.5]] * 2)
    with pytest.raises(ValueError, match=r"y_true has shape \(2,\): expected \(n, K\)"):
        loss.best_constant([0.5, 0.5])


class TestEntropy:
    def test_against_scipy(self):
        stats = pytest.importorskip("scipy.stats")
        p, _ = rows(30)
        np.testing.assert_allclose(entropy(p), stats.entropy(p, axis=1), rtol=1e-14)

    def test_ends(self):
        assert entropy([1.0, 0.0]) == 0
        assert entropy(np.full(8, 0.125)) == pytest.approx(math.log(8))
        assert entropy(np.eye(3)).tolist() == [0, 0, 0]

    def test_refused(self):
        with pytest.raises(ValueError, match=r"p\[1\] sums to 0.8"):
            entropy([[0.5, 0.5], [0.4, 0.4]])

    def test_lazy(self):
        dask = pytest.importorskip("dask.array")
        p, _ = rows(30)
        lazy = entropy(dask.from_array(p, chunks=(10, 5)))
        assert isinstance(lazy, dask.Array)
        np.testing.assert_allclose(lazy.compute(), entropy(p))


class TestGaussianKL:
    def test_against_the_integral(self):
        integrate = pytest.importorskip("scipy.integrate")
        stats = pytest.importorskip("scipy.stats")
        for mean, v in ((0.7, -1.2), (-2.0, 0.5)):
            density = stats.norm(mean, math.exp(v / 2))
            expected, _ = integrate.quad(
                lambda x: density.pdf(x) * (density.logpdf(x) - stats.norm.logpdf(x)),  # noqa: B023
                -20,
                20,
                points=[mean],
            )
            assert gaussian_kl([mean], [v]) == pytest.approx(expected, rel=1e-7)

    @pytest.mark.parametrize(
        "v", [0.0, 1e-200, 1e-9, -1e-5, 0.01, -0.0999, 0.1, 0.101, -3, 50, -1e6]
    )
    def test_against_high_precision(self, mp, v):
        with mp.workdps(450):
            expected = (mp.expm1(mp.mpf(v)) - mp.mpf(v)) / 2
        assert gaussian_kl([0.0], [v]) == pytest.approx(float(expected), rel=2e-14, abs=1e-307)

    def test_rows_are_summed(self):
        mean, v = [[1.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [0.5, -0.5]]
        each = gaussian_kl(np.reshape(mean, (4, 1)), np.reshape(v, (4, 1)))
        np.testing.assert_allclose(gaussian_kl(mean, v), each.reshape(2, 2).sum(axis=1))

    def test_gradient_is_the_numerical_one(self):
        rng = np.random.default_rng(3)
        mean, v, h = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), 1e-6
        by_mean, by_v = gaussian_kl_gradient(mean, v)
        for i in range(3):
            step = h * np.eye(3)[i]
            numeric = (gaussian_kl(mean + step, v) - gaussian_kl(mean - step, v)) / (2 * h)
            np.testing.assert_allclose(by_mean[:, i], numeric, rtol=1e-7, atol=1e-9)
            numeric = (gaussian_kl(mean, v + step) - gaussian_kl(mean, v - step)) / (2 * h)
            np.testing.assert_allclose(by_v[:, i], numeric, rtol=1e-7, atol=1e-9)

    def test_gradient_is_no_view_of_the_means(self):
        mean = np.ones((2, 2))
        assert not np.shares_memory(gaussian_kl_gradient(mean, mean)[0], mean)

    def test_float32_and_lazy(self):
        dask = pytest.importorskip("dask.array")
        mean, v = np.ones((4, 2), "f4"), np.full((4, 2), 0.3, "f4")
        assert gaussian_kl(mean, v).dtype == np.float32
        assert gaussian_kl_gradient(mean, v)[1].dtype == np.float32
        lazy = gaussian_kl(dask.from_array(mean, chunks=2), dask.from_array(v, chunks=2))
        np.testing.assert_allclose(lazy.compute(), gaussian_kl(mean, v))

    def test_refused(self):
        with pytest.raises(ValueError, match=r"mean has shape \(1, 2\) and log_variance has"):
            gaussian_kl([[1.0, 2.0]], [1.0, 2.0])
        with pytest.raises(ValueError, match=r"log_variance\[0, 1\] is nan"):
            gaussian_kl_gradient([[1.0, 2.0]], [[1.0, np.nan]])


def test_entropy_refuses_what_is_no_distribution():
    with pytest.raises(ValueError, match=r"p\[0\] sums to 1\.1"):
        entropy([0.5, 0.6])
    with pytest.raises(ValueError, match=r"p\[1\] sums to 1\.1"):
        entropy([[0.5, 0.5], [0.5, 0.6]])
