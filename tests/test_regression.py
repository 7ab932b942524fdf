"""The convex losses for numbers, against their textbook formulas and exact arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lossbook as lb
from lossbook.centres import huber_centre, weighted_quantile

RNG = np.random.default_rng(5)
RESIDUALS = np.concatenate(
    [RNG.normal(0, 3, 300), [-700.0, -0.5, -0.3, 0.0, 0.3, 0.5, 1.0, 2.0, 700.0]]
)


def name_of(parameter):
    """Name a test by its loss alone: arrays and functions have no lasting names."""
    return str(parameter) if isinstance(parameter, lb.Loss) else ""


def softly(r, delta):
    """Return Huber's three numbers by the case distinction of the textbook."""
    if abs(r) <= delta:
        return r * r / 2, r, 1.0
    return delta * (abs(r) - delta / 2), math.copysign(delta, r), 0.0


def pseudo(r, delta):
    root = math.sqrt(1 + (r / delta) ** 2)
    return delta**2 * (root - 1), r / root, root**-3


def log_cosh(r):
    size = abs(r)
    value = size - math.log(2) + math.log1p(math.exp(-2 * size))
    return value, math.tanh(r), (2 / (math.exp(size) + math.exp(-size))) ** 2


def tilted(r, tau):
    """Return the quantile loss in terms of y_true - y_pred, as it is usually written."""
    error = -r
    if error == 0:
        return 0.0, 0.0, 0.0
    return (tau * error, -tau, 0.0) if error > 0 else ((tau - 1) * error, 1 - tau, 0.0)


def tube(r, epsilon):
    if abs(r) <= epsilon:
        return 0.0, 0.0, 0.0
    return abs(r) - epsilon, math.copysign(1, r), 0.0


TEXTBOOK = [
    (lb.SquaredError(), lambda r: (r**2, 2 * r, 2.0)),
    (lb.AbsoluteError(), lambda r: (abs(r), float(np.sign(r)), 0.0)),
    (lb.Huber(), lambda r: softly(r, 1.0)),
    (lb.Huber(delta=0.3), lambda r: softly(r, 0.3)),
    (lb.Huber(delta=2), lambda r: softly(r, 2)),
    (lb.SmoothL1(), lambda r: softly(r, 1.0)),
    (lb.SmoothL1(beta=0.3), lambda r: tuple(x / 0.3 for x in softly(r, 0.3))),
    (lb.SmoothL1(beta=2), lambda r: tuple(x / 2 for x in softly(r, 2))),
    (lb.PseudoHuber(), lambda r: pseudo(r, 1.0)),
    (lb.PseudoHuber(delta=0.3), lambda r: pseudo(r, 0.3)),
    (lb.PseudoHuber(delta=5), lambda r: pseudo(r, 5)),
    (lb.LogCosh(), log_cosh),
    (lb.Quantile(0.5), lambda r: tilted(r, 0.5)),
    (lb.Quantile(0.9), lambda r: tilted(r, 0.9)),
    (lb.Quantile(0.2), lambda r: tilted(r, 0.2)),
    (lb.EpsilonInsensitive(), lambda r: tube(r, 0.1)),
    (lb.EpsilonInsensitive(epsilon=2), lambda r: tube(r, 2)),
    (lb.EpsilonInsensitive(epsilon=0), lambda r: tube(r, 0)),
]
LOSSES = [loss for loss, _ in TEXTBOOK]


@pytest.mark.parametrize(
    ("loss", "formula"), TEXTBOOK, ids=lambda x: getattr(x, "__name__", str(x))
)
def test_value_gradient_and_curvature_are_the_textbooks(loss, formula):
    value, slope, curvature = np.array([formula(float(r)) for r in RESIDUALS]).T
    zero = np.zeros_like(RESIDUALS)
    close = {"rtol": 1e-12, "atol": 1e-14}
    np.testing.assert_allclose(loss.loss(zero, RESIDUALS), value, **close)
    np.testing.assert_allclose(loss.gradient(zero, RESIDUALS), slope, **close)
    np.testing.assert_allclose(loss.curvature(zero, RESIDUALS), curvature, **close)
    both = loss.cost_and_gradient(zero, RESIDUALS)
    np.testing.assert_allclose(both[0], value.mean(), rtol=1e-12)
    np.testing.assert_allclose(both[1], slope / len(slope), **close)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_the_residual_is_prediction_minus_label(loss):
    r = np.array([2.5, -3.0])
    np.testing.assert_array_equal(loss.loss([3.0, -1.0], [5.5, -4.0]), loss.rho(r))


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_float32_stays_float32_and_is_right(loss):
    r = np.concatenate([RESIDUALS, 3 * 10.0 ** np.arange(-10, 10)]).astype(np.float32)
    r = r[np.abs(np.abs(r) - 0.3) > 1e-6]  # float32 cannot tell which side of 0.3 it is on
    zero = np.zeros_like(r)
    for method in (loss.loss, loss.gradient, loss.curvature):
        result = method(zero, r)
        assert result.dtype == np.float32
        wide = method(zero.astype(float), r.astype(float))
        np.testing.assert_allclose(result, wide, rtol=2e-6, atol=2e-7)


TINY = [
    (lb.Huber(), 0.5),
    (lb.SmoothL1(beta=0.5), 1.0),
    (lb.PseudoHuber(delta=2.0), 0.5),
    (lb.LogCosh(), 0.5),
]


@pytest.mark.parametrize(("loss", "half"), TINY, ids=str)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-15), (np.float32, 3e-7)])
def test_tiny_losses_keep_their_digits(loss, half, dtype, rtol):
    """Where |r| < 1e-8 (1e-4) the loss is half r² and the slope twice that, to the last digit."""
    r = np.array([1e-8, -1e-12, 3e-17] if dtype == np.float64 else [1e-4, -1e-7, 3e-17], dtype)
    exact = half * r.astype(float) ** 2
    np.testing.assert_allclose(loss.loss(np.zeros_like(r), r), exact, rtol=rtol)
    slope = 2 * half * r.astype(float)
    np.testing.assert_allclose(loss.gradient(np.zeros_like(r), r), slope, rtol=rtol)


def test_log_cosh_between_the_ends():
    mp = pytest.importorskip("mpmath")
    r = np.concatenate([10.0 ** np.linspace(-8, 3, 200), [17.9, 18.1, 7.9, 8.0]])
    with mp.workdps(60):
        exact = [float(mp.log(mp.cosh(mp.mpf(float(x))))) for x in r]
    np.testing.assert_allclose(lb.LogCosh().loss(np.zeros_like(r), r), exact, rtol=2e-15)


def test_pseudo_huber_between_the_ends():
    mp = pytest.importorskip("mpmath")
    r = 10.0 ** np.linspace(-8, 20, 300)
    with mp.workdps(60):
        exact = [float(9 * (mp.sqrt(1 + (mp.mpf(float(x)) / 3) ** 2) - 1)) for x in r]
    loss = lb.PseudoHuber(delta=3.0)
    np.testing.assert_allclose(loss.loss(np.zeros_like(r), r), exact, rtol=2e-15)
    np.testing.assert_allclose(lb.PseudoHuber(1e-3).loss([0.0], [1.0]), 9.99000499999875e-4)


FAR = [
    (lb.AbsoluteError(), 1.0, 1.0),
    (lb.Huber(), 1.0, 1.0),
    (lb.Huber(delta=0.3), 0.3, 0.3),
    (lb.SmoothL1(beta=0.3), 1.0, 1.0),
    (lb.PseudoHuber(delta=0.3), 0.3, 0.3),
    (lb.LogCosh(), 1.0, 1.0),
    (lb.Quantile(0.25), 0.75, 0.25),
    (lb.EpsilonInsensitive(), 1.0, 1.0),
]


@pytest.mark.parametrize(("loss", "above", "below"), FAR, ids=str)
def test_straight_lines_stay_finite_as_long_as_they_can(loss, above, below):
    r = np.array([1e160, -1e160, 1e300, -1e300, np.inf, -np.inf])
    zero = np.zeros_like(r)
    slopes = np.array([above, below] * 3)
    np.testing.assert_allclose(loss.loss(zero, r), slopes * np.abs(r), rtol=1e-15)
    np.testing.assert_allclose(loss.gradient(zero, r), slopes * np.sign(r), rtol=1e-15)
    np.testing.assert_allclose(loss.curvature(zero, r), 0, atol=1e-300)


def test_squared_error_at_the_extremes():
    loss = lb.SquaredError()
    np.testing.assert_array_equal(loss.loss([0.0, 0.0], [1e160, -np.inf]), np.inf)
    np.testing.assert_array_equal(loss.gradient([0.0, 0.0], [1e160, -np.inf]), [2e160, -np.inf])


def test_a_parameter_may_be_far_from_the_residuals():
    np.testing.assert_allclose(lb.Huber(1e300).loss([0.0], [3.0]), [4.5])
    np.testing.assert_allclose(lb.PseudoHuber(1e140).loss([0.0], [3.0]), [4.5])
    np.testing.assert_allclose(lb.SmoothL1(1e-300).loss([0.0], [3.0]), [3.0])
    np.testing.assert_allclose(lb.PseudoHuber(1e-140).loss([0.0], [3.0]), [3e-140])


def test_relations_between_the_losses():
    y, p = RNG.normal(0, 2, (2, 50))
    same = np.testing.assert_allclose
    same(lb.SmoothL1(0.4).loss(y, p), lb.Huber(0.4).loss(y, p) / 0.4)
    same(lb.PseudoHuber(0.4).loss(y, p), 0.16 * lb.Barron(1.0, c=0.4).loss(y, p), rtol=1e-12)
    same(lb.Quantile(0.5).loss(y, p), lb.AbsoluteError().loss(y, p) / 2)
    same(lb.EpsilonInsensitive(0.0).loss(y, p), lb.AbsoluteError().loss(y, p))
    same(lb.SmoothL1(1e-9).loss(y, p), lb.AbsoluteError().loss(y, p), rtol=1e-6)


def test_scipy_and_scikit_learn_agree():
    special = pytest.importorskip("scipy.special")
    metrics = pytest.importorskip("sklearn.metrics")
    y, p = RNG.normal(0, 2, (2, 50))
    np.testing.assert_allclose(lb.Huber(0.7).loss(y, p), special.huber(0.7, p - y))
    np.testing.assert_allclose(lb.PseudoHuber(0.7).loss(y, p), special.pseudo_huber(0.7, p - y))
    np.testing.assert_allclose(lb.SquaredError().cost(y, p), metrics.mean_squared_error(y, p))
    np.testing.assert_allclose(
        lb.Quantile(0.7).cost(y, p), metrics.mean_pinball_loss(y, p, alpha=0.7)
    )


TRAITS = [
    (lb.SquaredError(), None, 2, True, ()),
    (lb.AbsoluteError(), 1, None, True, (0,)),
    (lb.Huber(0.3), 0.3, 1, True, ()),
    (lb.SmoothL1(0.25), 1, 4, True, ()),
    (lb.PseudoHuber(0.3), 0.3, 1, True, ()),
    (lb.LogCosh(), 1, 1, True, ()),
    (lb.Quantile(0.5), 0.5, None, True, (0,)),
    (lb.Quantile(0.2), 0.8, None, False, (0,)),
    (lb.Quantile(0.9), 0.9, None, False, (0,)),
    (lb.EpsilonInsensitive(0.2), 1, None, True, (-0.2, 0.2)),
    (lb.EpsilonInsensitive(0), 1, None, True, (0,)),
]


@pytest.mark.parametrize(("loss", "lipschitz", "smoothness", "symmetric", "kinks"), TRAITS, ids=str)
def test_traits(loss, lipschitz, smoothness, symmetric, kinks):
    assert loss.traits == lb.Traits(True, lipschitz, smoothness, False, symmetric, kinks)
    assert loss.prediction_space == "value"


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lb.Huber, "delta"),
        (lb.SmoothL1, "beta"),
        (lb.PseudoHuber, "delta"),
        (lb.Quantile, "quantile"),
        (lb.EpsilonInsensitive, "epsilon"),
    ],
)
@pytest.mark.parametrize("value", [-0.5, np.inf, np.nan, [1.0]])
def test_parameters_out_of_range(make, name, value):
    with pytest.raises(ValueError, match=f"{name} is "):
        make(value)


def test_parameters_at_the_ends():
    for make in (lb.Huber, lb.SmoothL1, lb.PseudoHuber, lb.Quantile):
        with pytest.raises(ValueError, match="is 0: expected"):
            make(0)
    with pytest.raises(ValueError, match="quantile is 1"):
        lb.Quantile(1)
    assert lb.EpsilonInsensitive(0).epsilon == 0
    defaults = [lb.Huber().delta, lb.SmoothL1().beta, lb.PseudoHuber().delta]
    assert defaults == [1, 1, 1]
    assert (lb.Quantile().quantile, lb.EpsilonInsensitive().epsilon) == (0.5, 0.1)


# The constant that each loss chooses --------------------------------------------------------------

SAMPLES = {
    "normal": RNG.normal(10, 3, 41),
    "even": RNG.normal(0, 1, 40),
    "clusters": np.concatenate([RNG.normal(0, 0.2, 9), RNG.normal(30, 0.2, 8)]),
    "ties": np.array([1.0, 1.0, 2.0, 2.0, 5.0]),
    "two": np.array([0.0, 10.0]),
    "one": np.array([3.25]),
    "wide": np.array([0.0, 1.0, 1e12, 1e300]),
}


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("weighted", [False, True])
def test_best_constant_beats_every_other(loss, name, weighted):
    y = SAMPLES[name]
    if isinstance(loss, lb.SquaredError) and name == "wide":
        y = y[:3]
    weight = np.random.default_rng(1).integers(1, 5, len(y)).astype(float) if weighted else None
    best = loss.best_constant(y, weight)
    assert isinstance(best, float)

    def cost(c):
        return loss.cost(y, np.full(y.shape, c), weight)

    low, high = y.min(), y.max()
    step = 1e-4 * (high - low)
    others = [*y, *np.linspace(low, high, 501), best - step, best + step, best - 1e-6, best + 1e-6]
    least = min(cost(c) for c in others)
    assert cost(best) <= least + 1e-12 * abs(least)


@pytest.mark.parametrize(
    ("loss", "y", "weight", "expected"),
    [
        (lb.SquaredError(), [1, 2, 6], None, 3.0),
        (lb.SquaredError(), [1, 2, 6], [3, 0, 1], 2.25),
        (lb.AbsoluteError(), [1, 2, 6], None, 2.0),
        (lb.AbsoluteError(), [1, 2, 6, 7], None, 4.0),  # the middle of all medians
        (lb.AbsoluteError(), [1, 2, 6], [1, 1, 3], 6.0),
        (lb.Quantile(0.25), [1, 2, 3, 4], None, 1.5),
        (lb.Quantile(0.3), [1, 2, 3, 4], None, 2.0),
        (lb.Huber(), [0, 0, 9], None, 0.5),
        (lb.Huber(), [0, 10], None, 5.0),  # the middle of [1, 9]
        (lb.Huber(), [0, 10, 10, 0.5, 3], [1, 1, 0, 0, 0], 5.0),
        (lb.Huber(100), [1, 2, 6], None, 3.0),
        (lb.Huber(1e12), [-1e14, 1, 2, 6, 1e14], None, 3.0),  # knots 1e12 away round
        (lb.Huber(0.5), [0, 0, 0, 7, 8], [1, 1, 1, 1, 1], 1 / 3),
        (lb.SmoothL1(2.0), [0, 0, 9], None, 1.0),
        (lb.EpsilonInsensitive(0.5), [0.0, 10.0], None, 5.0),
        (lb.EpsilonInsensitive(2.0), [0, 1, 2], None, 1.0),
        (lb.EpsilonInsensitive(1.0), [0, 10, 11], None, 9.5),  # the edges are -1 1 9 10 11 12
        (lb.LogCosh(), [-2, 0, 2], None, 0.0),
        (lb.PseudoHuber(), [1, 2, 3], None, 2.0),
    ],
    ids=str,
)
def test_best_constants_known_by_hand(loss, y, weight, expected):
    assert loss.best_constant(y, weight) == pytest.approx(expected, rel=1e-14, abs=1e-14)


def test_epsilon_insensitive_takes_the_middle_of_all():
    # every c in [1, 9.5] costs the same
    assert lb.EpsilonInsensitive(0.5).best_constant([0.5, 10.0]) == 5.25


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=12),
    st.integers(1, 40),
    st.integers(-1000, 1000),
)
def test_hubers_centre_is_exact_and_moves_with_the_labels(labels, tenths, shift):
    y, delta = np.array(labels, float), tenths / 10
    centre = huber_centre(y, np.ones(len(y)), delta)
    slope = np.clip(centre - y, -delta, delta).sum()
    assert abs(slope) <= 1e-12 * (1 + np.abs(y).max()) * len(y)
    assert huber_centre(y + shift, np.ones(len(y)), delta) == pytest.approx(
        centre + shift, abs=1e-10
    )
    assert huber_centre(-y, np.ones(len(y)), delta) == pytest.approx(-centre, abs=1e-12)


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=15), st.integers(1, 19))
def test_quantiles_leave_the_right_shares_on_both_sides(labels, twentieths):
    y, tau = np.array(labels, float), twentieths / 20
    quantile = weighted_quantile(y, np.ones(len(y)), tau)
    assert np.mean(y < quantile) <= tau + 1e-9
    assert np.mean(y > quantile) <= 1 - tau + 1e-9


def test_weights_count_as_copies():
    y, times = np.array([3.0, 1.0, 4.0, 1.5, 9.0]), np.array([2, 1, 3, 1, 2])
    for loss in LOSSES:
        once = loss.best_constant(y, times)
        assert once == pytest.approx(loss.best_constant(np.repeat(y, times)), rel=1e-12)


def test_best_constant_of_a_lazy_array_says_what_to_do():
    array = pytest.importorskip("dask.array")
    y = array.from_array(np.arange(5.0))
    for loss in (lb.AbsoluteError(), lb.Huber(), lb.EpsilonInsensitive(), lb.TukeyBiweight()):
        with pytest.raises(TypeError, match=r"lazy array.*compute"):
            loss.best_constant(y)


@pytest.mark.parametrize(("labels", "best"), [([1, 1, 10], 1), ([1, 10, 10], 10)])
def test_hubers_centre_where_delta_is_lost_in_the_labels(labels, best):
    for sign in (1, -1):
        labels_far = 1e20 * sign * np.array(labels)
        assert lb.Huber().best_constant(labels_far) == 1e20 * sign * best
