"""Weights and targets: closed forms, limits, scikit-learn, and derivatives by differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lossbook as lb

# ---- class weights ----


def test_balanced_weights_are_scikit_learns():
    sk = pytest.importorskip("sklearn.utils.class_weight")
    rng = np.random.default_rng(0)
    for y in (rng.choice(4, 200, p=[0.7, 0.2, 0.07, 0.03]), rng.choice(["a", "b"], 30)):
        np.testing.assert_allclose(
            lb.class_weights(y), sk.compute_sample_weight("balanced", y), rtol=1e-15
        )


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.floats(0, 0.99999))
def test_weights_average_one_and_rare_classes_weigh_more(y, beta):
    y = np.array(y)
    count = np.bincount(y)[y]
    for weight in (lb.class_weights(y), lb.class_weights(y, "effective", beta=beta)):
        assert weight.mean() == pytest.approx(1, rel=1e-12)
        assert (np.diff(weight[np.argsort(-count)]) >= -1e-12).all()


def test_effective_weights_are_the_formula():
    y, beta = np.repeat([0, 1, 2], [1, 10, 5000]), 0.999
    weight = lb.class_weights(y, "effective", beta=beta)
    expected = (1 - beta) / (1 - beta ** np.array([1.0, 10.0, 5000.0]))
    np.testing.assert_allclose(weight[[0, 1, 11]] / weight[0], expected / expected[0], rtol=1e-10)


def test_limits_of_beta():
    y = np.repeat([0, 1], [5, 50])
    np.testing.assert_array_equal(lb.class_weights(y, "effective", beta=0), np.ones(55))
    np.testing.assert_allclose(
        lb.class_weights(y, "effective", beta=1 - 1e-12), lb.class_weights(y), rtol=1e-9
    )


def test_balanced_classes_have_the_same_say():
    rng = np.random.default_rng(1)
    y = (rng.uniform(size=400) < 0.05).astype(float)
    z = rng.normal(size=400)
    loss = lb.BinaryCrossEntropyWithLogits()
    losses = loss.loss(y, z)
    halves = (losses[y == 0].mean() + losses[y == 1].mean()) / 2
    assert loss.cost(y, z, lb.class_weights(y)) == pytest.approx(halves, rel=1e-13)


def test_class_weights_name_what_is_wrong():
    with pytest.raises(ValueError, match="scheme is 'inverse'"):
        lb.class_weights([0, 1], "inverse")
    for beta in (1, -0.1, np.nan):
        with pytest.raises(ValueError, match=f"beta is {beta}: expected a number of 0 or more"):
            lb.class_weights([0, 1], "effective", beta=beta)
    for y in ([], [[0, 1]]):
        with pytest.raises(ValueError, match="y has shape"):
            lb.class_weights(y)
    with pytest.raises(ValueError, match=r"y\[1\] is nan"):
        lb.class_weights([0, np.nan])
    da = pytest.importorskip("dask.array")
    with pytest.raises(TypeError, match="y is a lazy array"):
        lb.class_weights(da.zeros(3))


# ---- label smoothing ----


def test_smoothing():
    onehot = np.eye(5)[[0, 3, 3]]
    smooth = lb.smooth_labels(onehot, 0.2)
    np.testing.assert_allclose(smooth[0], [0.84, 0.04, 0.04, 0.04, 0.04])
    np.testing.assert_allclose(smooth.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_array_equal(lb.smooth_labels(onehot, 0), onehot)
    np.testing.assert_array_equal(lb.smooth_labels(onehot, 1), np.full((3, 5), 0.2))
    np.testing.assert_array_equal(onehot, np.eye(5)[[0, 3, 3]])


def test_smoothing_two_classes_is_smoothing_their_rows():
    y = np.array([0.0, 1.0, 0.3])
    rows = lb.smooth_labels(np.column_stack([1 - y, y]), 0.1)
    np.testing.assert_allclose(lb.smooth_labels(y, 0.1), rows[:, 1], rtol=1e-15)


def test_smoothed_cross_entropy_has_a_finite_best_gap():
    """1000 classes and ε = 0.1: the best logit is ln(1 + K(1 - ε)/ε) = 9.105 above the others."""
    target = lb.smooth_labels(np.eye(1000)[:1], 0.1)
    logits = np.zeros((1, 1000))
    logits[0, 0] = np.log(1 + 1000 * 0.9 / 0.1)
    assert logits[0, 0] == pytest.approx(9.105, abs=5e-4)
    np.testing.assert_allclose(lb.SoftmaxCrossEntropy().gradient(target, logits), 0, atol=1e-15)


def test_smoothing_keeps_type_and_laziness():
    assert lb.smooth_labels(np.eye(3, dtype=np.float32), np.float64(0.1)).dtype == np.float32
    assert lb.smooth_labels(np.eye(3, dtype=int), 0.1).dtype == np.float64
    da = pytest.importorskip("dask.array")
    lazy = lb.smooth_labels(da.eye(4, chunks=2), 0.1)
    assert not isinstance(lazy, np.ndarray)
    np.testing.assert_array_equal(lazy.compute(), lb.smooth_labels(np.eye(4), 0.1))


def test_smoothing_names_what_is_wrong():
    with pytest.raises(ValueError, match=r"epsilon is 1\.5"):
        lb.smooth_labels(np.eye(3), 1.5)
    with pytest.raises(ValueError, match=r"onehot\[1\] sums to 2"):
        lb.smooth_labels([[1, 0], [1, 1]], 0.1)
    with pytest.raises(ValueError, match=r"onehot\[2\] is 2: expected a probability"):
        lb.smooth_labels([0, 1, 2], 0.1)
    with pytest.raises(ValueError, match=r"onehot has shape \(1, 1, 2\)"):
        lb.smooth_labels([[[1, 0]]], 0.1)


# ---- uncertainty weighting ----


@given(
    st.lists(
        st.tuples(st.floats(1e-3, 1e3), st.floats(-5, 5)),
        min_size=1,
        max_size=6,
    )
)
def test_gradients_of_uncertainty_weighting(tasks):
    costs, s = np.array(tasks).T
    result = lb.uncertainty_weighted(costs, s)
    assert result.total == pytest.approx(np.sum((np.exp(-s) * costs + s) / 2), rel=1e-12, abs=1e-12)
    for i in range(len(costs)):
        h = 1e-4
        unit = np.eye(len(costs))[i]
        by_s = [lb.uncertainty_weighted(costs, s + k * h * unit).total for k in (-2, -1, 1, 2)]
        slope = (by_s[0] - 8 * by_s[1] + 8 * by_s[2] - by_s[3]) / (12 * h)
        scale = abs(result.total) + np.exp(-s).max() * costs.max()
        assert result.by_log_variance[i] == pytest.approx(slope, rel=1e-8, abs=1e-10 * scale)
        more = lb.uncertainty_weighted(costs + costs[i] * unit, s).total - result.total
        assert result.by_cost[i] == pytest.approx(more / costs[i], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("cost", [0.05, 1.0, 7.0])
def test_the_smallest_total_is_half_of_one_plus_log(cost):
    best = lb.uncertainty_weighted([cost], [np.log(cost)])
    assert best.total == pytest.approx((1 + np.log(cost)) / 2, rel=1e-14)
    assert best.by_log_variance[0] == pytest.approx(0, abs=1e-15)
    around = np.linspace(-10, 10, 2001)
    totals = [lb.uncertainty_weighted([cost], [s]).total for s in around]
    assert min(totals) >= best.total
    assert (best.total < 0) == (cost < np.exp(-1))


def test_uncertainty_weighting_at_the_extremes():
    exact = lb.uncertainty_weighted([0.0, np.inf], [-800.0, 2.0])
    assert exact.total == np.inf
    assert exact.by_log_variance.tolist() == [0.5, -np.inf]
    with pytest.raises(ValueError, match=r"costs\[1\] is -1.0: expected a number of 0 or more"):
        lb.uncertainty_weighted([1.0, -1.0], [0.0, 0.0])
    with pytest.raises(ValueError, match=r"costs\[0\] is nan"):
        lb.uncertainty_weighted([np.nan], [0.0])
    with pytest.raises(ValueError, match=r"log_variances\[0\] is inf"):
        lb.uncertainty_weighted([1.0], [np.inf])
    with pytest.raises(ValueError, match="expected equal shapes"):
        lb.uncertainty_weighted([1.0], [0.0, 0.0])
