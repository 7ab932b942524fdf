import numpy as np
import pytest

from lossbook import L1, L2, ElasticNet
from lossbook.differences import differences
from lossbook.penalties import Penalty

W = np.array([3.0, -4.0, 0.25, 1e-3, -200.0])
PENALTIES = [L1(0.1), L2(0.5), ElasticNet(1.3, l1_ratio=0.2), ElasticNet(2.0), L1(0.0), L2(0)]


def test_values_by_hand():
    w = [3.0, -4.0]
    assert L1(0.1).value(w) == pytest.approx(0.7)
    assert L2(0.5).value(w) == 0.5 * 0.5 * 25
    assert ElasticNet(2.0, l1_ratio=0.25).value(w) == pytest.approx(2 * (0.25 * 7 + 0.75 * 12.5))
    assert isinstance(L1(1).value(w), float)


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_gradient_is_that_of_the_value(penalty):
    for j in range(len(W)):

        def along(x, j=j):
            moved = W.copy()
            moved[j] = x
            return np.float64(penalty.value(moved))

        # Beside 200 a weight of 0.001 hardly moves the value: rounding bounds what can be seen.
        seen = differences(along, W[j])
        assert penalty.gradient(W)[j] == pytest.approx(seen.slope, rel=1e-6, abs=seen.uncertainty)
        assert seen.uncertainty < 1e-4


@pytest.mark.parametrize("strength", [0.0, 0.7, 30.0])
def test_the_ends_of_the_elastic_net(strength):
    np.testing.assert_allclose(ElasticNet(strength, 1).gradient(W), L1(strength).gradient(W))
    np.testing.assert_allclose(ElasticNet(strength, 0).gradient(W), L2(strength).gradient(W))
    assert ElasticNet(strength, 1).value(W) == pytest.approx(L1(strength).value(W))
    assert ElasticNet(strength, 0).value(W) == pytest.approx(L2(strength).value(W))


def test_subgradient_at_zero():
    assert L1(2.0).gradient([0.0, -0.0]).tolist() == [0, 0]
    assert ElasticNet(2.0).gradient([0.0]).tolist() == [0]


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_inputs_and_dtypes(penalty):
    before = W.copy()
    penalty.gradient(W)
    penalty.value(W)
    assert (before == W).all()
    assert penalty.gradient(W.astype("f4")).dtype == np.float32
    assert penalty.gradient([1, -2]).dtype == np.float64
    assert penalty.gradient(np.ones((2, 3))).shape == (2, 3)


def test_integers_do_not_wrap_around():
    assert L2(2.0).value(np.array([200], dtype=np.uint8)) == 40000
    assert L1(1.0).value(np.array([-128], dtype=np.int8)) == 128


@pytest.mark.parametrize("strength", [-1e-9, np.nan, np.inf, [0.1]])
@pytest.mark.parametrize("penalty", [L1, L2, ElasticNet])
def test_refuses_strength(penalty, strength):
    with pytest.raises(ValueError, match=r"strength is .*: expected a finite number of 0 or more"):
        penalty(strength)


@pytest.mark.parametrize("ratio", [-0.1, 1.1, np.nan])
def test_refuses_ratio(ratio):
    with pytest.raises(ValueError, match=r"l1_ratio is .*: expected a number between 0 and 1"):
        ElasticNet(1.0, l1_ratio=ratio)


@pytest.mark.parametrize("penalty", PENALTIES[:3], ids=str)
def test_refuses_what_are_no_weights(penalty):
    for method in (penalty.value, penalty.gradient):
        with pytest.raises(ValueError, match="parameters is empty"):
            method([])
        with pytest.raises(ValueError, match="parameters has dtype"):
            method(["a"])


def test_the_base_promises_nothing():
    with pytest.raises(NotImplementedError):
        Penalty().value([1.0])
    with pytest.raises(NotImplementedError):
        Penalty().gradient([1.0])
