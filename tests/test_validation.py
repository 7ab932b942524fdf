import numpy as np
import pytest

from lossbook.validation import (
    ANY,
    PROBABILITY,
    REAL,
    ClassIndex,
    Distribution,
    Either,
    Interval,
    as_array,
    between,
    check_weights,
    float_type,
    is_lazy,
    positive,
    same_shape,
)


class TestAsArray:
    def test_an_array_comes_back_itself(self):
        array = np.arange(3)
        assert as_array("x", array) is array

    @pytest.mark.parametrize("values", [[1, 2], (1.5, 2.5), range(3), 4, True])
    def test_numbers_and_lists_become_arrays(self, values):
        assert isinstance(as_array("x", values), np.ndarray)

    @pytest.mark.parametrize(
        "values", [["a", "b"], [1j], [None], np.array(["2020-01-01"], dtype="datetime64[D]")]
    )
    def test_refuses_what_is_no_real_number(self, values):
        with pytest.raises(ValueError, match=r"y_true has dtype .*: expected real numbers"):
            as_array("y_true", values)

    @pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
    def test_refuses_empty(self, shape):
        with pytest.raises(ValueError, match=r"y_pred is empty .*expected at least one example"):
            as_array("y_pred", np.empty(shape))

    def test_refuses_ragged_lists(self):
        with pytest.raises(ValueError):  # noqa: PT011  (NumPy's own words)
            as_array("x", [[1, 2], [3]])

    def test_refuses_masked(self):
        with pytest.raises(ValueError, match="x is a masked array"):
            as_array("x", np.ma.masked_array([1.0, 2.0], [0, 1]))


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("f2", "f2"), ("f4", "f4"), ("f8", "f8"), ("i8", "f8"), ("u1", "f8"), ("?", "f8")],
)
def test_float_type(dtype, expected):
    assert float_type(np.zeros(1, dtype)) == np.dtype(expected)


def test_only_foreign_arrays_are_lazy():
    assert not is_lazy(np.ones(2))
    assert not is_lazy([1.0])
    assert not is_lazy(1.0)
    dask = pytest.importorskip("dask.array")
    assert is_lazy(dask.ones(2))


def test_same_shape_names_both():
    same_shape(np.ones(3), np.zeros(3))
    with pytest.raises(ValueError, match=r"y_true has shape \(3,\) .* y_pred has shape \(3, 1\)"):
        same_shape(np.ones(3), np.ones((3, 1)))


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf, [1.0]])
def test_positive_refuses(value):
    with pytest.raises(ValueError, match=r"delta is .*: expected a finite number above 0"):
        positive("delta", value)


@pytest.mark.parametrize("value", [1e-300, 1, 1e300, np.float32(0.5)])
def test_positive_accepts(value):
    positive("delta", value)


def test_between():
    between("x", 0, 0, 1)
    between("x", 1, 0, 1)
    between("x", 0.5, 0, 1, open_ends=True)
    for value in (-0.001, 1.001, np.nan, [0.5]):
        with pytest.raises(ValueError, match=r"x is .*: expected a number between 0 and 1"):
            between("x", value, 0, 1)
    for value in (0, 1):
        with pytest.raises(ValueError, match="both excluded"):
            between("x", value, 0, 1, open_ends=True)


class TestWeights:
    def test_sum_is_over_all_losses(self):
        weight, total = check_weights([1.0, 3.0], (2, 5))
        assert weight.shape == (2, 1)
        assert total == 20  # each weight counts for five losses
        weight, total = check_weights(np.ones((2, 5)), (2, 5))
        assert weight.shape == (2, 5)
        assert total == 10

    @pytest.mark.parametrize("shape", [(3,), (2, 1), (5, 2), ()])
    def test_wrong_shape(self, shape):
        with pytest.raises(ValueError, match=r"sample_weight has shape .*: expected \(2,\)"):
            check_weights(np.ones(shape), (2, 5))

    @pytest.mark.parametrize(
        ("weight", "message"),
        [
            ([1.0, -2.0], r"sample_weight\[1\] is -2.0: expected a weight of 0 or more"),
            ([np.nan, 1.0], r"sample_weight\[0\] is nan: expected a weight of 0 or more"),
            ([0.0, 0.0], r"sample_weight sums to 0.0: expected a finite sum above 0"),
            ([np.inf, 1.0], r"sample_weight sums to inf: expected a finite sum above 0"),
            ([], "sample_weight is empty"),
        ],
    )
    def test_wrong_value(self, weight, message):
        with pytest.raises(ValueError, match=message):
            check_weights(weight, (2,))

    def test_place_of_a_weight_in_a_table(self):
        weight = np.ones((2, 3))
        weight[1, 2] = -1
        with pytest.raises(ValueError, match=r"sample_weight\[1, 2\] is -1.0"):
            check_weights(weight, (2, 3))


GOOD = [
    (REAL, [-1e300, 0, 1e300]),
    (REAL, np.array([-5, 5])),
    (ANY, [-np.inf, 0, np.inf]),
    (PROBABILITY, [0, 0.5, 1]),
    (PROBABILITY, np.array([True, False])),
    (Interval(low=0), [0, 1e300]),
    (Interval(low=0, open_low=True), [1e-300, 1]),
    (Either(-1, 1), [-1, 1, 1]),
    (Distribution(), [[0.25, 0.75], [1, 0]]),
    (Distribution(), np.array([[1, 0], [0, 1]])),
    (Distribution(), np.full((2, 3), 1 / 3, np.float32)),
    (ClassIndex(3), np.array([0, 1, 2])),
    (ClassIndex(3), [0.0, 2.0]),
]
BAD = [
    (REAL, [0, np.nan], r"y\[1\] is nan: expected a finite number"),
    (REAL, [np.inf, 0], r"y\[0\] is inf: expected a finite number"),
    (REAL, [0, 1, -np.inf], r"y\[2\] is -inf: expected a finite number"),
    (REAL, [np.inf, -np.inf], r"y\[0\] is inf"),
    (ANY, [0, np.nan], r"y\[1\] is nan: expected a number"),
    (ANY, [np.inf, -np.inf, np.nan], r"y\[2\] is nan: expected a number"),
    (PROBABILITY, [0.5, 1.0000001], r"y\[1\] is 1.0000001: expected a probability"),
    (PROBABILITY, [-1e-9, 1], r"y\[0\] is -1e-09: expected a probability"),
    (PROBABILITY, [np.nan, 1], r"y\[0\] is nan: expected a probability"),
    (Interval(low=0, what="a count"), [1, -1], r"y\[1\] is -1.0: expected a count"),
    (Interval(low=0), [1, np.inf], r"y\[1\] is inf"),
    (Interval(low=0, open_low=True, what="above 0"), [0], r"y\[0\] is 0.0: expected above 0"),
    (Either(-1, 1), [-1, 0], r"y\[1\] is 0.0: expected -1 or 1"),
    (Either(0, 1), [0, np.nan], r"y\[1\] is nan: expected 0 or 1"),
    (Distribution(), [[0.5, 0.5], [0.5, 0.6]], r"y\[1\] sums to 1.1: expected rows"),
    (Distribution(), [[1.5, -0.5]], r"y\[0, 0\] is 1.5: expected a probability"),
    (Distribution(), [[np.nan, 1.0]], r"y\[0, 0\] is nan: expected a probability"),
    (ClassIndex(3), np.array([0, 3]), r"y\[1\] is 3: expected a whole number from 0 to 2"),
    (ClassIndex(3), np.array([-1]), r"y\[0\] is -1: expected a whole number from 0 to 2"),
    (ClassIndex(3), [0.5], r"y\[0\] is 0.5: expected a whole number"),
    (ClassIndex(3), [np.nan], r"y\[0\] is nan: expected a whole number"),
    (ClassIndex(3), [np.inf], r"y\[0\] is inf: expected a whole number"),
]


@pytest.fixture(autouse=True)
def _quiet():
    """Callers silence NumPy's warnings once, around all checks."""
    with np.errstate(all="ignore"):
        yield


def _values(values):
    return values if isinstance(values, np.ndarray) else np.array(values, dtype=float)


@pytest.mark.parametrize(("domain", "values"), GOOD)
def test_domain_accepts(domain, values):
    domain.check("y", _values(values))


@pytest.mark.parametrize(("domain", "values", "message"), BAD)
def test_domain_refuses(domain, values, message):
    with pytest.raises(ValueError, match=message):
        domain.check("y", _values(values))


@pytest.mark.parametrize(("domain", "values", "message"), BAD)
def test_domain_names_the_global_index(domain, values, message):
    values = _values(values)
    local = int(message[message.index("[") + 1])
    with pytest.raises(ValueError, match=rf"y\[{local + 5000}"):
        domain.check("y", values, start=5000)


def test_finite_numbers_whose_sum_overflows_pass():
    REAL.check("y", np.array([1e308, 1e308, 1e308]))


def test_index_in_two_dimensions():
    values = np.zeros((3, 4))
    values[1, 2] = np.nan
    with pytest.raises(ValueError, match=r"y\[11, 2\] is nan"):
        REAL.check("y", values, start=10)


def test_rows_of_float32_may_be_rounded_to_float32():
    rng = np.random.default_rng(0)
    Distribution().check("y", rng.dirichlet(np.ones(1000), 50).astype(np.float32))
    with pytest.raises(ValueError, match="sums to"):
        Distribution().check("y", np.array([[0.5, 0.50001]]))
