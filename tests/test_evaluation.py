"""Metrics against scikit-learn, by hand, and by trying everything."""

import numpy as np
import pytest

import lossbook as lb

SEEDS = range(6)


def scored(seed, n=60):
    """Labels, scores with many ties, and weights, some of them 0."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    y[:2] = 0, 1
    score = np.round(0.3 * y + rng.uniform(0, 1, n), 1) if seed % 2 else rng.normal(y, 1)
    weight = rng.uniform(0, 2, n) * (rng.uniform(size=n) > 0.2)
    weight[:2] = 1
    return y, score, weight


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn.metrics")


# ---- decisions ----


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_decisions_agree_with_scikit_learn(sklearn, seed, weighted):
    y, score, weight = scored(seed)
    called = (score > 0.5).astype(int)
    w = weight if weighted else None
    counts = lb.confusion_counts(y, called, w)
    np.testing.assert_allclose(
        counts, sklearn.confusion_matrix(y, called, sample_weight=w).ravel(), rtol=1e-14
    )
    for ours, theirs in (
        (lb.accuracy, sklearn.accuracy_score),
        (lb.precision, sklearn.precision_score),
        (lb.recall, sklearn.recall_score),
        (lb.f1, sklearn.f1_score),
    ):
        assert ours(y, called, w) == pytest.approx(theirs(y, called, sample_weight=w), rel=1e-14)


def test_counts_are_whole_numbers_without_weights():
    counts = lb.confusion_counts([0, 0, 0, 1, 1, 0], [0, 1, 1, 1, 0, 0])
    assert counts == (2, 2, 1, 1)
    assert all(type(count) is int for count in counts)
    assert counts.false_positive == 2
    assert counts.false_negative == 1


def test_labels_may_be_signs_or_text():
    assert lb.precision([-1, 1, 1], [1, 1, -1]) == 0.5
    spam = ["spam", "ham", "spam", "eggs"]
    called = ["spam", "spam", "ham", "eggs"]
    assert lb.confusion_counts(spam, called, positive="spam") == (1, 1, 1, 1)
    assert lb.recall(spam, called, positive="eggs") == 1
    assert lb.accuracy(spam, called) == 0.5
    with pytest.raises(ValueError, match="positive is 1: expected one of the labels"):
        lb.precision(spam, called)


def test_nothing_called_positive():
    assert lb.precision([1, 0], [0, 0]) == 0
    assert lb.recall([0, 0], [1, 0]) == 0
    assert lb.f1([0, 0], [0, 0]) == 0


def test_expected_cost():
    y, called, w = [1, 1, 0, 0, 0], [1, 0, 1, 1, 0], [1.0, 2.0, 1.0, 0.0, 1.0]
    assert lb.expected_cost(y, called) == pytest.approx(3 / 5)
    assert lb.expected_cost(y, called, false_positive=2, false_negative=5) == pytest.approx(9 / 5)
    weighted = lb.expected_cost(y, called, w, false_positive=2, false_negative=5)
    assert weighted == pytest.approx((2 * 1 + 5 * 2) / 5)
    assert lb.expected_cost(["a", "b"], ["b", "b"], positive="b") == 0.5
    for name in ("false_positive", "false_negative"):
        with pytest.raises(ValueError, match=f"{name} is -1: expected a finite number above 0"):
            lb.expected_cost(y, called, **{name: -1})


# ---- scores ----


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_roc_agrees_with_scikit_learn(sklearn, seed, weighted):
    y, score, weight = scored(seed)
    w = weight if weighted else None
    ours = lb.roc_curve(y, score, w)
    theirs = sklearn.roc_curve(y, score, sample_weight=w, drop_intermediate=False)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-13, atol=1e-15)
    area = sklearn.roc_auc_score(y, score, sample_weight=w)
    assert lb.roc_auc(y, score, w) == pytest.approx(area, rel=1e-13)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_precision_and_recall_agree_with_scikit_learn(sklearn, seed, weighted):
    y, score, weight = scored(seed)
    w = weight if weighted else None
    ours = lb.precision_recall_curve(y, score, w)
    if weighted:  # scikit-learn keeps thresholds of examples that do not count
        y, score, w = y[w > 0], score[w > 0], w[w > 0]
    theirs = sklearn.precision_recall_curve(y, score, sample_weight=w)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-13, atol=1e-15)
    area = sklearn.average_precision_score(y, score, sample_weight=w)
    assert lb.average_precision(y, score, w) == pytest.approx(area, rel=1e-13)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [1, 5, 10])
def test_calibration_agrees_with_scikit_learn(seed, strategy, n_bins):
    calibration = pytest.importorskip("sklearn.calibration")
    y, score, _ = scored(seed)
    probability = (score - score.min()) / np.ptp(score)
    if seed % 2:
        probability = np.round(probability, 1)  # on the borders of bins
    observed, predicted, weight = lb.calibration_curve(y, probability, n_bins, strategy=strategy)
    theirs = calibration.calibration_curve(y, probability, n_bins=n_bins, strategy=strategy)
    np.testing.assert_allclose(observed, theirs[0], rtol=1e-13)
    np.testing.assert_allclose(predicted, theirs[1], rtol=1e-13)
    assert weight.sum() == len(y)


def test_calibration_weights_repeat_examples():
    y, score, _ = scored(0)
    probability = 1 / (1 + np.exp(-score))
    times = np.random.default_rng(1).integers(0, 4, len(y))
    weighted = lb.calibration_curve(y, probability, 5, sample_weight=times)
    repeated = lb.calibration_curve(np.repeat(y, times), np.repeat(probability, times), 5)
    for mine, other in zip(weighted, repeated, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-13)


@pytest.mark.parametrize(
    "metric", [lb.roc_auc, lb.average_precision, lambda *a: lb.best_threshold(*a).cost]
)
def test_order_does_not_matter_and_weights_repeat(metric):
    y, score, _ = scored(1)
    order = np.random.default_rng(2).permutation(len(y))
    assert metric(y, score) == pytest.approx(metric(y[order], score[order]), rel=1e-14)
    times = np.random.default_rng(3).integers(0, 4, len(y))
    repeated = metric(np.repeat(y, times), np.repeat(score, times))
    assert metric(y, score, times) == pytest.approx(repeated, rel=1e-13)
    assert metric(2 * y - 1, score) == metric(y, score) == metric(y.astype(bool), score)


def test_area_is_the_chance_of_a_right_order():
    y, score, _ = scored(3)
    pairs = np.sign(score[y == 1][:, None] - score[y == 0])
    assert lb.roc_auc(y, score) == pytest.approx((pairs + 1).mean() / 2, rel=1e-14)
    assert lb.roc_auc(y, np.zeros(len(y))) == 0.5


def test_one_example_of_a_class_is_enough():
    assert lb.roc_auc([0, 1], [0.2, 0.1]) == 0
    assert lb.average_precision([0, 1], [0.2, 0.1]) == 0.5
    assert lb.roc_auc([0, 1], [0.1, 0.2], [0.3, 0.2]) == 1


def test_ten_bins_unless_told():
    observed, predicted, weight = lb.calibration_curve([0, 1] * 50, np.arange(100) / 100)
    assert len(observed) == len(predicted) == 10
    np.testing.assert_array_equal(weight, [11, *[10] * 8, 9])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("costs", [(1, 1), (1, 9), (7, 2), (1, 1e6), (1e6, 1)])
def test_best_threshold_is_the_best_of_all(seed, costs):
    y, score, weight = scored(seed)
    price = {"false_positive": costs[0], "false_negative": costs[1]}
    threshold, cost = lb.best_threshold(y, score, weight, **price)
    tried = np.append(np.unique(score[weight > 0]), np.inf)
    found = [lb.expected_cost(y, (score >= t).astype(int), weight, **price) for t in tried]
    assert cost == pytest.approx(min(found), rel=1e-12)
    assert threshold == tried[np.isclose(found, min(found), rtol=1e-12)].max()


def test_best_threshold_of_calibrated_probabilities_is_elkans():
    rng = np.random.default_rng(4)
    probability = rng.uniform(0, 1, 200_000)
    y = (rng.uniform(0, 1, 200_000) < probability).astype(int)
    found = lb.best_threshold(y, probability, false_positive=1, false_negative=4)
    assert found.threshold == pytest.approx(1 / 5, abs=0.02)


def test_one_class_is_enough_for_a_threshold_but_not_for_a_curve():
    assert lb.best_threshold([0, 0], [0.1, 0.2]) == (np.inf, 0)
    assert lb.best_threshold([1, 1], [0.1, 0.2]) == (0.1, 0)
    with pytest.raises(ValueError, match="y_true holds no negative example"):
        lb.roc_curve([1, 1], [0.1, 0.2])
    for metric in (lb.roc_auc, lb.average_precision, lb.precision_recall_curve):
        with pytest.raises(ValueError, match="y_true holds no positive example"):
            metric([0, 0], [0.1, 0.2])


# ---- errors ----


@pytest.mark.parametrize("metric", [lb.accuracy, lb.f1, lb.roc_auc, lb.calibration_curve])
def test_shapes_must_agree(metric):
    with pytest.raises(ValueError, match=r"y_true has shape \(2,\) and \w+ has shape \(3,\)"):
        metric([0, 1], [0, 1, 1])
    with pytest.raises(ValueError, match=r"expected equal shapes \(n,\)"):
        metric([[0, 1]], [[0, 1]])
    with pytest.raises(ValueError, match="y_true is empty"):
        metric([], [])
    with pytest.raises(ValueError, match=r"sample_weight has shape \(3,\)"):
        metric([0, 1], [0, 1], sample_weight=[1, 1, 1])


def test_values_outside_are_named():
    with pytest.raises(ValueError, match=r"y_true\[1\] is 2: expected 0 or 1"):
        lb.roc_auc([0, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match=r"y_true\[0\] is 0: expected -1 or 1"):
        lb.roc_auc([0, -1, 1], [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match=r"y_score\[1\] is nan"):
        lb.roc_curve([0, 1], [0.1, np.nan])
    with pytest.raises(ValueError, match=r"y_score\[0\] is inf"):
        lb.best_threshold([0, 1], [np.inf, 1.0])
    with pytest.raises(ValueError, match=r"y_prob\[1\] is 1.5: expected a probability"):
        lb.calibration_curve([0, 1], [0.1, 1.5])
    with pytest.raises(ValueError, match=r"y_pred\[1\] is nan"):
        lb.accuracy([0, 1], [0, np.nan])
    with pytest.raises(ValueError, match="y_true has dtype object"):
        lb.accuracy([0, None], [0, 1])
    with pytest.raises(ValueError, match="is text and the other is not"):
        lb.accuracy([0, 1], ["0", "1"])
    with pytest.raises(ValueError, match="n_bins is 0: expected a whole number"):
        lb.calibration_curve([0, 1], [0.1, 0.5], 0)
    with pytest.raises(ValueError, match="strategy is 'equal'"):
        lb.calibration_curve([0, 1], [0.1, 0.5], strategy="equal")


def test_lazy_arrays_are_refused():
    da = pytest.importorskip("dask.array")
    lazy = da.zeros(2)
    for call, name in (
        (lambda: lb.accuracy(lazy, [0, 1]), "y_true"),
        (lambda: lb.roc_auc([0, 1], lazy), "y_score"),
        (lambda: lb.f1([0, 1], [0, 1], da.ones(2)), "sample_weight"),
    ):
        with pytest.raises(TypeError, match=f"{name} is a lazy array: compute it first"):
            call()
