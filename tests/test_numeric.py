import numpy as np
import pytest

from lossbook import numeric
from lossbook.differences import differences

X = np.array([-30.0, -2.0, -1e-3, 0.0, 0.7, 3.0, 25.0])


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [
        (np.sin, np.cos, lambda x: -np.sin(x)),
        (lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x),
        (
            lambda x: np.logaddexp(0, x),
            lambda x: 1 / (1 + np.exp(-x)),
            lambda x: 1 / (2 + np.exp(x) + np.exp(-x)),
        ),
    ],
)
def test_derivatives_of_smooth_functions(function, first, second):
    np.testing.assert_allclose(numeric.differentiate(function, X), first(X), rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(
        numeric.differentiate_twice(function, X), second(X), rtol=1e-5, atol=1e-5
    )


def test_derivatives_are_accurate_in_relation_to_large_numbers():
    x = np.array([1e6, -1e9, 1e100])
    np.testing.assert_allclose(numeric.differentiate(lambda x: x * x, x), 2 * x, rtol=1e-9)


def test_at_a_kink_the_mean_of_both_slopes():
    assert numeric.differentiate(lambda x: np.maximum(x, 0), np.zeros(1)) == pytest.approx(0.5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_float32_loses_no_digits_to_the_differences(dtype):
    x = np.array([0.5, 2.0], dtype)
    slope = numeric.differentiate(np.exp, x)
    second = numeric.differentiate_twice(np.exp, x)
    assert slope.dtype == second.dtype == dtype
    np.testing.assert_allclose(slope, np.exp(x), rtol=1e-6)
    np.testing.assert_allclose(second, np.exp(x), rtol=1e-5)


def test_columns():
    x = np.random.default_rng(0).normal(size=(4, 3))
    before = x.copy()
    gradient = numeric.differentiate_columns(lambda x: x[:, 0] * x[:, 1] + np.exp(x[:, 2]), x)
    expected = np.column_stack([x[:, 1], x[:, 0], np.exp(x[:, 2])])
    np.testing.assert_allclose(gradient, expected, rtol=1e-8, atol=1e-9)
    assert (x == before).all()
    assert numeric.differentiate_columns(lambda x: x.sum(1), x.astype("f4")).dtype == np.float32


class TestMinimise:
    def test_to_the_last_digit(self):
        found = numeric.minimise(
            lambda c: (c - 0.1) ** 2, lambda c: 2 * (c - 0.1), np.linspace(-3, 3, 8)
        )
        assert found == pytest.approx(0.1, rel=1e-15)

    def test_global_minimum_of_several(self):
        value = lambda c: c**4 - 4 * c**2 + c  # noqa: E731  (minima near -1.47 and 1.35)
        slope = lambda c: 4 * c**3 - 8 * c + 1  # noqa: E731
        found = numeric.minimise(value, slope, np.linspace(-3, 3, 50))
        assert found == pytest.approx(min(np.roots([4, 0, -8, 1]), key=value), rel=1e-14)

    def test_minimum_at_an_end(self):
        assert numeric.minimise(lambda c: c, lambda c: 1.0, np.array([3.0, 1.0, 2.0])) == 1

    def test_one_candidate(self):
        assert numeric.minimise(abs, np.sign, np.array([5.0, 5.0])) == 5

    def test_kink_between_candidates(self):
        found = numeric.minimise(
            lambda c: abs(c - 1 / 3), lambda c: np.sign(c - 1 / 3), np.arange(4)
        )
        assert found == pytest.approx(1 / 3, rel=1e-15)


class TestDifferences:
    """The reference of `check_gradient` has to be better than what it judges."""

    @pytest.mark.parametrize(
        ("function", "slope", "x"),
        [
            (np.exp, np.exp, [-5.0, 0.0, 1.0, 20.0]),
            (np.log, lambda x: 1 / x, [1e-9, 1e-3, 0.5, 1.0, 1e6]),
            (lambda x: x * x, lambda x: 2 * x, [1e-5, 1.0, -3e5, 1e150]),
            (lambda x: np.log1p(np.exp(x)), lambda x: 1 / (1 + np.exp(-x)), [-40.0, -1.0, 0.0, 40]),
            (np.abs, np.sign, [1.0, -1e-9, 1e160]),
        ],
    )
    def test_ten_digits(self, function, slope, x):
        x = np.array(x)
        found = differences(function, x)
        np.testing.assert_allclose(found.slope, slope(x), rtol=1e-10)
        assert (np.abs(found.slope - slope(x)) <= found.uncertainty).all()
        assert not found.kink.any()

    def test_a_kink_is_seen_and_its_slopes_too(self):
        found = differences(lambda x: np.maximum(-2 * x, 3 * x), np.array([0.0, 1.0, -1e-7]))
        assert found.kink.tolist() == [True, False, False]
        assert (found.left[0], found.right[0]) == pytest.approx((-2, 3))
        np.testing.assert_allclose(found.slope[1:], [3, -2], rtol=1e-8)

    @pytest.mark.parametrize("offset", [0.0, 1.0, 1e4])
    def test_a_kink_close_by_does_not_mislead(self, offset):
        found = differences(lambda x: offset + np.abs(x) + x, np.array([1e-6, -1e-6]))
        np.testing.assert_allclose(found.slope, [2, 0], atol=1e-4)
        assert not found.kink.any()

    @pytest.mark.parametrize("scale", [1e-5, 1e-2, 1.0, 1e3])
    def test_a_sharp_bend_is_no_kink(self, scale):
        found = differences(lambda x: np.hypot(scale, x), np.array([0.0, scale, 10 * scale]))
        assert not found.kink.any()

    def test_where_curvature_jumps_is_no_kink(self):
        def huber(r):
            c = np.clip(r, -1, 1)
            return c * (r - 0.5 * c)

        found = differences(huber, np.array([1.0, -1.0, 0.9999999]))
        assert not found.kink.any()
        np.testing.assert_allclose(found.slope, [1, -1, 0.9999999], rtol=1e-7)

    def test_outside_the_domain_there_is_no_slope(self):
        assert np.isnan(differences(np.log, np.array([0.0])).slope).all()
