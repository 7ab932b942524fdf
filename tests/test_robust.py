"""The losses that redescend, against their formulas in exact arithmetic, and their valleys."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lossbook as lb
from lossbook.centres import deepest_valley
from lossbook.robust import log1p_square

RNG = np.random.default_rng(7)
INF = math.inf


@pytest.fixture(autouse=True)
def quiet():
    """Let rho and psi be called directly, as the losses' own methods call them."""
    with np.errstate(all="ignore"):
        yield


def name_of(parameter):
    """Name a test by its loss alone: arrays and functions have no lasting names."""
    return str(parameter) if isinstance(parameter, lb.Loss) else ""


def tukey(r, c):
    if abs(r) > c:
        return c * c / 6, 0.0, 0.0
    v = (r / c) ** 2
    return c * c / 6 * (1 - (1 - v) ** 3), r * (1 - v) ** 2, (1 - v) * (1 - 5 * v)


def cauchy(r, c):
    value = math.log(1 + (r / c) ** 2 / 2)
    square = r * r + 2 * c * c
    return value, 2 * r / square, 2 * (2 * c * c - r * r) / square**2


def welsch(r, c):
    bell = math.exp(-((r / c) ** 2) / 2)
    return 1 - bell, r / c**2 * bell, (1 - (r / c) ** 2) / c**2 * bell


def geman(r, c):
    v = (r / c) ** 2
    return 2 * v / (v + 4), 16 * r / c**2 / (v + 4) ** 2, 16 * (4 - 3 * v) / c**2 / (v + 4) ** 3


def barron(r, alpha, c):
    """Return the three numbers of the general formula, which suits no limit."""
    v, b = (r / c) ** 2, abs(alpha - 2)
    base = v / b + 1
    value = b / alpha * (base ** (alpha / 2) - 1)
    slope = r / c**2 * base ** (alpha / 2 - 1)
    growth = base + math.copysign(1, alpha - 2) * v  # base + (α - 2) v/b
    return value, slope, base ** (alpha / 2 - 2) * growth / c**2


TEXTBOOK = [
    (lb.TukeyBiweight(), lambda r: tukey(r, 4.685)),
    (lb.TukeyBiweight(c=2), lambda r: tukey(r, 2)),
    (lb.Cauchy(), lambda r: cauchy(r, 1.0)),
    (lb.Cauchy(c=3), lambda r: cauchy(r, 3)),
    (lb.Welsch(), lambda r: welsch(r, 1.0)),
    (lb.Welsch(c=3), lambda r: welsch(r, 3)),
    (lb.GemanMcClure(), lambda r: geman(r, 1.0)),
    (lb.GemanMcClure(c=3), lambda r: geman(r, 3)),
    (lb.Barron(), lambda r: barron(r, 1.0, 1.0)),
    (lb.Barron(alpha=0.5, c=3), lambda r: barron(r, 0.5, 3)),
    (lb.Barron(alpha=-1.0, c=0.5), lambda r: barron(r, -1.0, 0.5)),
    (lb.Barron(alpha=-7.5), lambda r: barron(r, -7.5, 1.0)),
    (lb.Barron(alpha=1.5, c=2), lambda r: barron(r, 1.5, 2)),
    (lb.Barron(alpha=3.5, c=2), lambda r: barron(r, 3.5, 2)),
    (lb.Barron(alpha=2, c=2), lambda r: (r * r / 8, r / 4, 0.25)),
    (lb.Barron(alpha=0, c=2), lambda r: cauchy(r, 2)),
    (lb.Barron(alpha=-2, c=2), lambda r: geman(r, 2)),
    (lb.Barron(alpha=-INF, c=2), lambda r: welsch(r, 2)),
]
LOSSES = [loss for loss, _ in TEXTBOOK]
REDESCENDING = [loss for loss in LOSSES if not loss.traits.convex]


@pytest.mark.parametrize(
    ("loss", "formula"), TEXTBOOK, ids=lambda x: getattr(x, "__name__", str(x))
)
def test_value_gradient_and_curvature_are_the_papers(loss, formula):
    r = np.concatenate([RNG.normal(0, 4, 300), [-30.0, -4.685, 0.0, 1.0, 2.0, 30.0]])
    value, slope, curvature = np.array([formula(float(x)) for x in r]).T
    close = {"rtol": 1e-11, "atol": 1e-13}
    zero = np.zeros_like(r)
    np.testing.assert_allclose(loss.loss(zero, r), value, **close)
    np.testing.assert_allclose(loss.gradient(zero, r), slope, **close)
    np.testing.assert_allclose(loss.curvature(zero, r), curvature, **close)
    cost, gradient = loss.cost_and_gradient(zero, r)
    np.testing.assert_allclose(cost, value.mean(), rtol=1e-11)
    np.testing.assert_allclose(gradient, slope / len(r), **close)
    np.testing.assert_array_equal(loss.loss([3.0], [1.0]), loss.rho(np.array([-2.0])))


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-14), (np.float32, 5e-7)])
def test_tiny_losses_keep_their_digits(loss, dtype, rtol):
    """All are half r² (over c², but for Tukey's) as long as r² is lost beside 1."""
    r = np.array([1e-9, -1e-11, 3e-15] if dtype == np.float64 else [1e-4, -1e-6, 3e-10], dtype)
    scale = 1 if isinstance(loss, lb.TukeyBiweight) else loss.c**2
    exact, zero = r.astype(float), np.zeros_like(r)
    np.testing.assert_allclose(loss.loss(zero, r), 0.5 * exact**2 / scale, rtol=rtol)
    np.testing.assert_allclose(loss.gradient(zero, r), exact / scale, rtol=rtol)
    np.testing.assert_allclose(loss.curvature(zero, r), 1 / scale, rtol=rtol)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_float32_stays_float32_and_is_right(loss):
    r = np.concatenate([RNG.normal(0, 4, 300), [-1e6, 1e4, 100]]).astype(np.float32)
    zero = np.zeros_like(r)
    for method in (loss.loss, loss.gradient, loss.curvature):
        result = method(zero, r)
        assert result.dtype == np.float32
        wide = method(zero.astype(float), r.astype(float))
        np.testing.assert_allclose(result, wide, rtol=5e-6, atol=1e-6)


FAR = [  # at 1e160: loss and slope; at inf: loss and slope
    (lb.TukeyBiweight(3.0), 1.5, 0, 1.5, 0),
    (lb.Cauchy(), 736.13408257969, 2e-160, INF, 0),
    (lb.Cauchy(c=1e150), 45.358554679380, 2e-160, INF, 0),
    (lb.Welsch(), 1, 0, 1, 0),
    (lb.GemanMcClure(), 2, 0, 2, 0),
    (lb.Barron(1.0), 1e160, 1, INF, 1),
    (lb.Barron(1.0, c=4.0), 2.5e159, 0.25, INF, 0.25),
    (lb.Barron(0.0), 736.13408257969, 2e-160, INF, 0),
    (lb.Barron(-INF), 1, 0, 1, 0),
    (lb.Barron(-4.0), 1.5, 0, 1.5, 0),
    (lb.Barron(-1e5), 1.00002, 0, 1.00002, 0),
    (lb.Barron(0.5), 3 * 1.5**-0.25 * 1e80, 1.5**0.75 * 1e-80, INF, 0),
    (lb.Barron(1.5), 2**0.75 / 3 * 1e240, 2**-0.25 * 1e80, INF, INF),
    (lb.Barron(1 + 1e-12), None, None, INF, INF),
    (lb.Barron(1 - 1e-12), None, None, INF, 0),
    (lb.Barron(2.0), INF, 1e160, INF, INF),
    (lb.Barron(3.0), INF, INF, INF, INF),
]


@pytest.mark.parametrize(("loss", "value", "slope", "limit", "last"), FAR, ids=str)
@pytest.mark.parametrize("side", [-1, 1])
def test_huge_residuals(loss, value, slope, limit, last, side):
    r = side * np.array([1e160, INF])
    values, slopes = loss.loss([0.0, 0.0], r), loss.gradient([0.0, 0.0], r)
    assert not np.isnan(loss.curvature([0.0, 0.0], r)).any()
    if value is not None:
        assert values[0] == pytest.approx(value, rel=1e-11)
    if slope is not None:
        assert slopes[0] == pytest.approx(side * slope, rel=1e-11, abs=0)
    assert values[1] == pytest.approx(limit)
    assert slopes[1] == pytest.approx(side * last)
    both = loss.rho_and_psi(r)
    np.testing.assert_array_equal(both[0], values)
    np.testing.assert_array_equal(both[1], slopes)


def test_tukeys_influence_ends_at_c_exactly():
    loss = lb.TukeyBiweight(c=2.0)
    r = np.array([np.nextafter(2.0, 0), 2.0, np.nextafter(2.0, 3), 5.0])
    assert (loss.gradient(np.zeros(4), r)[1:] == 0).all()
    assert (loss.loss(np.zeros(4), r)[1:] == loss.loss(0.0, 1e300)).all()
    assert loss.loss(np.zeros(4), r)[0] <= 4 / 6
    assert (lb.TukeyBiweight(1e170).loss([0.0, 0.0], [0.0, 1.0]) == [0, 0.5]).all()


# Barron's family ----------------------------------------------------------------------------------

ALPHAS = [
    *(-INF, -1e300, -1.1e18, -0.9e18, -1e10, -1e4, -100.0, -2.0, -1.0),
    *(-1e-3, -1e-8, -1e-13, -1e-16, -1e-19, -3e-20, 0.0, 1e-300, 3e-20, 1e-19, 1e-15, 1e-8, 1e-3),
    *(0.5, 0.999999, 1.0, 1 + 1e-12, 1.2, 1.999, 2 - 1e-8, 2 - 2e-15, 2 - 3e-16, 2.0),
    *(2 + 5e-16, 2 + 1e-8, 2.1, 3.0, 4.0, 10.0),
]


def exact_barron(mp, r, alpha, c):
    """Return loss, slope and curvature to 60 digits."""
    u, c = mp.mpf(float(r)) / c, mp.mpf(c)
    if alpha == 2:
        return u * u / 2, u / c, 1 / c**2
    if alpha < -1e100:  # -inf to any number of digits
        bell = mp.exp(-u * u / 2)
        return -mp.expm1(-u * u / 2), u / c * bell, (1 - u * u) / c**2 * bell
    alpha = mp.mpf(alpha)
    v, b = u * u / abs(alpha - 2), abs(alpha - 2)
    log = mp.log1p(v)
    value = b / alpha * mp.expm1(alpha / 2 * log) if alpha else log
    slope = u / c * mp.exp((alpha / 2 - 1) * log)
    return value, slope, mp.exp((alpha / 2 - 2) * log) * (1 + (alpha - 1) * v) / c**2


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("c", [1.0, 0.25])
def test_barron_is_accurate_for_every_alpha(alpha, c):
    mp = pytest.importorskip("mpmath")
    loss = lb.Barron(alpha, c)
    ends = [(np.float64, 2e-13, [1e-100, 1e-8, 1e20, 1e100, 1e160]), (np.float32, 1e-5, [1e-8])]
    for dtype, rtol, far in ends:
        r = np.array([*far, 1e-4, 0.01, 0.3, 1.0, 1.4, 2.5, 7.0, 40.0, 1e3, 1e6], dtype)
        with mp.workdps(400 if dtype == np.float64 else 80):
            exact = np.array([[float(x) for x in exact_barron(mp, x, alpha, c)] for x in r]).T
        zero, tiny = np.zeros_like(r), 1e10 * float(np.finfo(dtype).tiny)
        exact = np.where(np.abs(exact) > float(np.finfo(dtype).max), np.inf * np.sign(exact), exact)
        np.testing.assert_allclose(loss.loss(zero, r), exact[0], rtol=rtol, atol=tiny)
        np.testing.assert_allclose(loss.gradient(zero, r), exact[1], rtol=rtol, atol=tiny)
        atol = 4 * float(np.finfo(dtype).eps) / c**2  # the curvature passes through 0
        np.testing.assert_allclose(loss.curvature(zero, r), exact[2], rtol=rtol, atol=atol)
        assert loss.gradient(zero, r).dtype == loss.curvature(zero, r).dtype == dtype


@pytest.mark.parametrize("limit", [0.0, 1.0, 2.0, -2.0])
@pytest.mark.parametrize("step", [1e-6, 1e-9, 1e-14])
def test_barron_is_continuous_in_alpha(limit, step):
    r = np.concatenate([-np.logspace(-6, 3, 30), np.logspace(-6, 3, 30)])
    zero = np.zeros_like(r)
    for side in (-step, step):
        near, at = lb.Barron(limit + side), lb.Barron(limit)
        for name in ("loss", "gradient"):
            first, second = getattr(near, name)(zero, r), getattr(at, name)(zero, r)
            np.testing.assert_allclose(first, second, rtol=40 * step + 1e-13)


def test_barron_contains_the_others():
    y, p = RNG.normal(0, 5, (2, 60))
    for c in (0.5, 1.0, 3.0):
        family = {0.0: lb.Cauchy(c), -2.0: lb.GemanMcClure(c), -INF: lb.Welsch(c)}
        for alpha, loss in family.items():
            for name in ("loss", "gradient", "curvature"):
                first = getattr(lb.Barron(alpha, c), name)(y, p)
                np.testing.assert_allclose(first, getattr(loss, name)(y, p), rtol=1e-11, atol=1e-15)


def test_barron_grows_with_alpha():
    r = np.array([0.5, 2.0, 20.0])
    losses = [lb.Barron(alpha).rho(r) for alpha in (-INF, -1e6, -5, -2, 0, 0.3, 1, 1.7, 2, 3, 4)]
    assert (np.diff(losses, axis=0) > 0).all()


@pytest.mark.parametrize("alpha", [np.nan, INF, [1.0]])
def test_alpha_must_be_a_number_below_infinity(alpha):
    with pytest.raises(ValueError, match=r"alpha is .*expected a finite number or -inf"):
        lb.Barron(alpha)


@pytest.mark.parametrize(
    "make",
    [lb.TukeyBiweight, lb.Cauchy, lb.Welsch, lb.GemanMcClure, lb.Barron],
)
@pytest.mark.parametrize("c", [0, -1.0, INF, np.nan])
def test_the_scale_must_be_positive(make, c):
    with pytest.raises(ValueError, match=r"c is .*expected a finite number above 0"):
        make(c=c)
    assert make().c == (4.685 if make is lb.TukeyBiweight else 1.0)


def test_log1p_square():
    x = np.array([0.0, 1e-170, 1e-9, 0.5, 3.0, 1e7, 1.34e8, 1.35e8, 1e10, 1e160, 1e308, INF])
    exact = [0, 0, 1e-18, math.log(1.25), math.log(10)]
    exact += [math.log1p(1e14), math.log1p(1.34e8**2), math.log1p(1.35e8**2)]
    exact += [20 * math.log(10), 320 * math.log(10), 616 * math.log(10), INF]
    np.testing.assert_allclose(log1p_square(x), exact, rtol=4e-16)
    np.testing.assert_array_equal(log1p_square(-x), log1p_square(x))
    narrow = np.array([1e-15, 1.0, 5e3, 7e3, 1e30], np.float32)
    exact = [1e-30, math.log(2), math.log1p(2.5e7), math.log1p(4.9e7), 60 * math.log(10)]
    np.testing.assert_allclose(log1p_square(narrow), exact, rtol=2e-7)
    assert log1p_square(narrow).dtype == np.float32


# Traits -------------------------------------------------------------------------------------------

TRAITS = [
    (lb.TukeyBiweight(2.0), False, 16 * 2 / (25 * math.sqrt(5)), 1, True),
    (lb.Cauchy(2.0), False, math.sqrt(0.5) / 2, 0.25, False),
    (lb.Welsch(2.0), False, math.exp(-0.5) / 2, 0.25, True),
    (lb.GemanMcClure(2.0), False, 3 * math.sqrt(3) / 8 / 2, 0.25, True),
    (lb.Barron(0.0, 2.0), False, math.sqrt(0.5) / 2, 0.25, False),
    (lb.Barron(-2.0, 2.0), False, 3 * math.sqrt(3) / 8 / 2, 0.25, True),
    (lb.Barron(-INF, 2.0), False, math.exp(-0.5) / 2, 0.25, True),
    (lb.Barron(-1e25, 2.0), False, math.exp(-0.5) / 2, 0.25, True),
    (lb.Barron(0.5, 2.0), False, 3**-0.25 / 2, 0.25, False),
    (lb.Barron(1.0, 2.0), True, 0.5, 0.25, False),
    (lb.Barron(1.5, 2.0), True, None, 0.25, False),
    (lb.Barron(2.0, 2.0), True, None, 0.25, False),
    (lb.Barron(2.5, 2.0), True, None, None, False),
]


@pytest.mark.parametrize(("loss", "convex", "lipschitz", "smoothness", "bounded"), TRAITS, ids=str)
def test_traits(loss, convex, lipschitz, smoothness, bounded):
    traits = loss.traits
    assert (traits.convex, traits.bounded, traits.symmetric) == (convex, bounded, True)
    assert traits.kinks == ()
    assert traits.lipschitz == (None if lipschitz is None else pytest.approx(lipschitz, rel=1e-12))
    assert traits.smoothness == (None if smoothness is None else pytest.approx(smoothness))
    if lipschitz is not None:  # the slope is reached, at infinity for alpha = 1
        slope = np.abs(loss.psi(np.append(np.linspace(0, 20, 200_001), 1e12))).max()
        assert slope == pytest.approx(lipschitz, rel=1e-8)


# The deepest valley -------------------------------------------------------------------------------

SAMPLES = {
    "normal": RNG.normal(10, 3, 41),
    "clusters": np.concatenate([RNG.normal(0, 0.3, 10), RNG.normal(20, 0.3, 11)]),
    "sparse": RNG.uniform(0, 100, 12),
    "heavy": RNG.standard_cauchy(49) * 10,
    "far": np.array([0.0, 1e6, 1e6 + 0.5, 5.0]),
    "one": np.array([3.0]),
    "same": np.array([2.0, 2.0, 2.0]),
}
VALLEYS = [*REDESCENDING, lb.TukeyBiweight(0.3), lb.Cauchy(0.1), lb.Barron(0.99), lb.Barron(-1e20)]


@pytest.mark.parametrize("loss", VALLEYS, ids=str)
@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("weighted", [False, True])
def test_best_constant_is_the_global_minimum(loss, name, weighted):
    y = SAMPLES[name]
    weight = np.random.default_rng(1).uniform(0, 2, len(y)) if weighted else np.ones(len(y))
    best = loss.best_constant(y, weight)
    near = (y[:, None] + loss.c * np.linspace(-2, 2, 81)).ravel()
    grid = np.concatenate([near, np.linspace(y.min(), y.max(), 4001)])
    costs = (loss.rho(grid[:, None] - y) * weight).sum(axis=1)
    at_best = (loss.rho(best - y) * weight).sum()
    assert at_best <= costs.min() * (1 + 1e-12)
    slope = (loss.psi(best - y) * weight).sum()
    rounding = 2 * np.spacing(abs(best)) * loss.traits.smoothness * weight.sum()
    assert abs(slope) <= rounding + 1e-14


def test_the_larger_cluster_wins_though_the_mean_and_median_lie_elsewhere():
    y = np.concatenate([np.full(40, 0.0), np.linspace(30, 70, 41), np.full(20, 99.0)])
    for loss in (lb.TukeyBiweight(), lb.Welsch(), lb.Cauchy(0.5), lb.Barron(-4.0)):
        assert abs(loss.best_constant(y)) < 0.1
        weight = np.where(y == 99, 5.0, 1.0)
        assert abs(loss.best_constant(y, weight) - 99) < 0.1
        assert abs(loss.best_constant(y, (y > 0) * weight) - 99) < 0.1


def test_a_valley_between_the_labels_is_found():
    """Half of the labels on either side of an empty place: no label is near the minimum."""
    y = np.array([-1.0, 1.0])
    for loss in (lb.TukeyBiweight(), lb.Welsch(2.0), lb.Cauchy(2.0), lb.GemanMcClure(2.0)):
        assert loss.best_constant(y) == pytest.approx(0, abs=1e-9)


def test_of_equally_deep_valleys_the_first_is_taken():
    y = np.arange(30) * 100.0
    assert lb.TukeyBiweight().best_constant(y) == pytest.approx(0, abs=1e-9)
    assert lb.Welsch(c=2.0).best_constant(y) == pytest.approx(0, abs=1e-9)


def test_convex_members_have_the_same_minimum_as_their_twins():
    y = RNG.normal(3, 2, 30)
    assert lb.Barron(2.0).best_constant(y) == pytest.approx(y.mean(), rel=1e-12)
    twin = lb.PseudoHuber(0.7).best_constant(y)
    assert lb.Barron(1.0, 0.7).best_constant(y) == pytest.approx(twin, rel=1e-12)
    assert lb.Barron(-INF).best_constant(y) == pytest.approx(lb.Welsch().best_constant(y))


def test_deepest_valley_over_many_blocks_of_labels():
    y = np.concatenate([RNG.normal(0, 1, 20_000), RNG.normal(50, 1, 21_000)])
    loss = lb.TukeyBiweight()
    best = loss.best_constant(y)
    assert abs(best - 50) < 0.1
    assert abs(loss.psi(best - y).sum()) < 1e-8


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=8),
    st.sampled_from([0.1, 1.0, 5.0, 20.0]),
    st.sampled_from([1e-3, 1.0, 1e3]),
)
def test_no_grid_beats_branch_and_bound(labels, c, unit):
    y, loss = unit * np.array(labels), lb.Welsch(unit * c)
    best = deepest_valley(
        loss.rho,
        loss.psi,
        y,
        np.ones(len(y)),
        width=loss.c,
        curvature=loss.traits.smoothness,
    )
    grid = (y[:, None] + loss.c * np.linspace(-1.5, 1.5, 61)).ravel()
    costs = loss.rho(grid[:, None] - y).sum(axis=1)
    assert loss.rho(best - y).sum() <= costs.min() * (1 + 1e-12) + 1e-300


def test_a_valley_across_zero_is_not_dropped():
    """Half way between two labels a scale apart lies the only minimum, flat to 1e-6 around it."""
    assert lb.Welsch(0.3).best_constant([-0.3, 0.3]) == pytest.approx(0, abs=1e-4)
