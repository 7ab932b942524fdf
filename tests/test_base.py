import numpy as np
import pytest

from lossbook import (
    BinaryCrossEntropy,
    Hinge,
    Huber,
    Loss,
    MarginLoss,
    ResidualLoss,
    SetLoss,
    SoftmaxCrossEntropy,
    SquaredError,
    Traits,
)
from lossbook.averaging import blocks
from lossbook.base import BLOCK, signs
from lossbook.classification import sigmoid


class Quartic(ResidualLoss):
    def rho(self, r):
        return r**4


class Savage(MarginLoss):
    def phi(self, m):
        return 1 / (1 + np.exp(m)) ** 2


class Relative(Loss):
    def value(self, y_true, y_pred):
        return (y_pred / y_true - 1) ** 2


class Rowwise(Loss):
    elementwise = False

    def value(self, y_true, y_pred):
        return np.exp(((y_pred - y_true) ** 2).sum(axis=1) / 8)


class Range(SetLoss):
    def value_and_derivative(self, y_true, y_pred):
        r = y_pred - y_true
        return float((r**2).sum() ** 0.5), r / (r**2).sum() ** 0.5


class TestOneLineLosses:
    """A formula alone gives everything else."""

    def setup_method(self):
        rng = np.random.default_rng(1)
        self.y, self.p = rng.uniform(1, 3, (2, 40))
        self.labels, self.score = rng.choice([-1.0, 1.0], 40), rng.normal(size=40)
        self.rows = rng.normal(size=(2, 40, 3))

    def test_residual(self):
        r = self.p - self.y
        loss = Quartic()
        np.testing.assert_allclose(loss.loss(self.y, self.p), r**4)
        np.testing.assert_allclose(loss.gradient(self.y, self.p), 4 * r**3, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(loss.curvature(self.y, self.p), 12 * r**2, rtol=1e-5, atol=1e-5)
        assert loss.cost(self.y, self.p) == pytest.approx(np.mean(r**4), rel=1e-12)
        cost, gradient = loss.cost_and_gradient(self.y, self.p)
        assert cost == pytest.approx(np.mean(r**4), rel=1e-12)
        np.testing.assert_allclose(gradient, 4 * r**3 / 40, rtol=1e-8, atol=1e-9)

    def test_margin(self):
        m = self.labels * self.score
        slope = -2 * np.exp(m) / (1 + np.exp(m)) ** 3
        loss = Savage()
        np.testing.assert_allclose(loss.loss(self.labels, self.score), 1 / (1 + np.exp(m)) ** 2)
        np.testing.assert_allclose(
            loss.gradient(self.labels, self.score), self.labels * slope, rtol=1e-8
        )
        second = 2 * np.exp(m) * (2 * np.exp(m) - 1) / (1 + np.exp(m)) ** 4
        np.testing.assert_allclose(loss.curvature(self.labels, self.score), second, atol=1e-6)

    def test_loss(self):
        loss = Relative()
        slope = 2 * (self.p / self.y - 1) / self.y
        np.testing.assert_allclose(loss.gradient(self.y, self.p), slope, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(loss.curvature(self.y, self.p), 2 / self.y**2, rtol=1e-6)

    def test_loss_of_rows(self):
        y, p = self.rows
        slope = (p - y) / 4 * Rowwise().loss(y, p)[:, None]
        np.testing.assert_allclose(Rowwise().gradient(y, p), slope, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(Rowwise().cost_gradient(y, p), slope / 40, rtol=1e-7, atol=1e-9)
        with pytest.raises(TypeError, match="matrix of second derivatives"):
            Rowwise().curvature(y, p)
        with pytest.raises(NotImplementedError, match="no constant"):
            Rowwise().best_constant(y)

    def test_set(self):
        y, p = self.rows
        norm = np.sqrt(((p - y) ** 2).sum())
        assert Range().cost(y, p) == pytest.approx(norm)
        np.testing.assert_allclose(Range().cost_gradient(y, p), (p - y) / norm)
        assert not hasattr(Range(), "loss")

    def test_derivative_given_curvature_from_it(self):
        class Cubic(ResidualLoss):
            def rho(self, r):
                return np.abs(r) ** 3

            def psi(self, r):
                return 3 * r * np.abs(r)

        class Logistic(MarginLoss):
            def phi(self, m):
                return np.logaddexp(0, -m)

            def dphi(self, m):
                return -sigmoid(-m)

        class Square(Loss):
            def value(self, y_true, y_pred):
                return (y_pred - y_true) ** 2

            def derivative(self, y_true, y_pred):
                return 2 * (y_pred - y_true)

        r = self.p - self.y
        np.testing.assert_allclose(Cubic().curvature(self.y, self.p), 6 * np.abs(r), atol=1e-5)
        s = sigmoid(self.score)
        np.testing.assert_allclose(
            Logistic().curvature(self.labels, self.score), s * (1 - s), rtol=1e-9
        )
        np.testing.assert_allclose(Square().curvature(self.y, self.p), 2, rtol=1e-9)

    @pytest.mark.parametrize(
        "loss", [Quartic(), SquaredError(), Huber(0.5)], ids=lambda loss: type(loss).__name__
    )
    def test_best_constant_of_any_residual_loss(self, loss):
        weight = np.random.default_rng(2).uniform(0, 1, 40)
        found = loss.best_constant(self.y, weight)
        best = ResidualLoss.best_constant(loss, self.y, weight)
        assert found == pytest.approx(best, rel=1e-7)
        cost = loss.cost(self.y, np.full(40, found), weight)
        for other in np.linspace(self.y.min(), self.y.max(), 2001):
            assert cost <= loss.cost(self.y, np.full(40, other), weight) * (1 + 1e-12)

    def test_best_constant_of_a_margin_loss(self):
        # E φ is smallest where the odds (1 - q) / q = e^-m, for q = 0.75
        assert Savage().best_constant([1, 1, 1, 0]) == pytest.approx(np.log(3), rel=1e-7)

    def test_best_constant_of_another_loss(self):
        y = np.array([1.0, 2.0])  # Σ (c/y - 1)/y = 0
        assert Relative().best_constant(y) == pytest.approx(1.5 / 1.25, rel=1e-7)

    def test_traits_are_not_stated(self):
        assert Quartic().traits == Traits()
        assert Quartic().traits.convex is None


@pytest.mark.parametrize("base", [Loss, ResidualLoss, MarginLoss, SetLoss])
def test_without_a_formula_a_class_cannot_be_used(base):
    class Nothing(base):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Nothing()
    with pytest.raises(TypeError, match="abstract"):
        base()


@pytest.mark.parametrize("shape", [(1,), (7,), (BLOCK,), (BLOCK + 1,), (100, 700), (3, 2 * BLOCK)])
def test_blocks_cover_every_example_once(shape):
    parts = [np.arange(shape[0])[rows] for rows in blocks(np.empty(shape), BLOCK)]
    assert (np.concatenate(parts) == np.arange(shape[0])).all()
    columns = int(np.prod(shape[1:]))
    fit = max(BLOCK // columns, 1)
    assert [len(block) for block in parts[:-1]] == [fit] * (len(parts) - 1)
    assert 1 <= len(parts[-1]) <= fit


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_signs(dtype):
    for labels in ([0, 1, 1], [-1, 1, 1]):
        found = signs(np.array(labels, dtype))
        assert found.tolist() == [-1, 1, 1]
        assert found.dtype == dtype


class TestLabels:
    def test_both_codings_mean_the_same(self):
        score = np.array([0.5, -2.0, 3.0])
        for method in ("loss", "gradient", "curvature", "cost"):
            one = getattr(Hinge(), method)([1, -1, 1], score)
            other = getattr(Hinge(), method)([1, 0, 1], score)
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize(
        ("labels", "message"),
        [
            ([0, 1, -1], r"y_true\[0\] is 0.*expected -1 or 1"),
            ([1, 1, 2], r"y_true\[2\] is 2.*expected 0 or 1"),
            ([-2, 1, 1], r"y_true\[0\] is -2.*expected -1 or 1"),
            ([0.5, 1, 1], r"y_true\[0\] is 0.5.*expected 0 or 1"),
        ],
    )
    @pytest.mark.parametrize("method", ["loss", "gradient", "curvature", "cost", "cost_gradient"])
    def test_mixtures_are_refused(self, labels, message, method):
        with pytest.raises(ValueError, match=message):
            getattr(Hinge(), method)(labels, [1.0, 2.0, 3.0])

    def test_a_mixture_across_blocks_is_refused(self):
        labels = np.ones(2 * BLOCK)
        labels[-1] = -1
        labels[BLOCK + 3] = 0
        with pytest.raises(ValueError, match=rf"y_true\[{BLOCK + 3}\] is 0.0: expected -1 or 1"):
            Hinge().cost(labels, labels)


class TestShapes:
    def test_one_number(self):
        assert SquaredError().loss(1.0, 3.0) == 4
        assert np.ndim(SquaredError().loss(1.0, 3.0)) == 0
        assert np.ndim(SquaredError().gradient(1.0, 3.0)) == 0
        assert SquaredError().cost(1.0, 3.0) == 4
        assert SquaredError().cost_gradient(1.0, 3.0) == 4
        assert SquaredError().cost_and_gradient(1, 3) == (4, 4)

    @pytest.mark.parametrize(
        ("true", "pred"),
        [((3,), (3, 1)), ((3, 1), (3,)), ((3,), (4,)), ((2, 3), (3, 2)), ((), (1,)), ((3,), ())],
    )
    @pytest.mark.parametrize(
        "method", ["loss", "gradient", "curvature", "cost", "cost_gradient", "cost_and_gradient"]
    )
    @pytest.mark.parametrize("validate", [True, False])
    def test_no_broadcasting(self, true, pred, method, validate):
        with pytest.raises(ValueError) as error:  # noqa: PT011  (matched below)
            getattr(SquaredError(), method)(np.ones(true), np.ones(pred), validate=validate)
        assert f"y_true has shape {true}" in str(error.value)
        assert f"y_pred has shape {pred}" in str(error.value)
        assert "expected" in str(error.value)

    @pytest.mark.parametrize(
        ("true", "pred"), [((3,), (3,)), ((3, 1), (3, 2)), ((2,), (3, 2)), ((3, 2, 1), (3, 2, 1))]
    )
    def test_classes(self, true, pred):
        with pytest.raises(ValueError, match=r"y_true has shape .* of shape \(n, K\)"):
            SoftmaxCrossEntropy().loss(np.ones(true), np.ones(pred))

    def test_a_set(self):
        with pytest.raises(ValueError, match=r"y_true has shape \(3,\).*\(3, 1\)"):
            Range().cost(np.ones(3), np.ones((3, 1)))


class TestSetLoss:
    def test_bad_values(self):
        with pytest.raises(ValueError, match=r"y_true\[0, 1\] is nan"):
            Range().cost([[1.0, np.nan]], [[1.0, 2.0]])
        with pytest.raises(ValueError, match=r"y_pred\[1\] is nan"):
            Range().cost_gradient([1.0, 2.0], [1.0, np.nan])
        with pytest.raises(ValueError, match=r"y_true\[0\] is inf"):
            Range().cost_and_gradient([np.inf, -np.inf], [1.0, 2.0])
        with pytest.raises(ValueError, match="y_true is empty"):
            Range().cost([], [])
        assert np.isnan(Range().cost([np.nan], [1.0], validate=False))

    def test_float32(self):
        assert Range().cost_gradient([1, 2], np.ones(2, "f4")).dtype == np.float32
        assert Range().cost_gradient([1, 2], [2, 3]).dtype == np.float64


class TestWeightZero:
    """An example of weight 0 is as good as absent."""

    def test_infinite_loss(self):
        y, p, w = [1.0, 1.0, 0.0], [0.0, 0.5, 0.25], [0.0, 1.0, 3.0]
        loss = BinaryCrossEntropy()
        assert loss.cost(y, p) == np.inf
        cost, gradient = loss.cost_and_gradient(y, p, w)
        assert cost == pytest.approx((np.log(2) + 3 * np.log(4 / 3)) / 4)
        assert cost == loss.cost(y, p, w)
        np.testing.assert_allclose(gradient, [0, -0.5, 1], rtol=1e-15)

    def test_rows(self):
        y = np.array([[0.0, 0.0], [1.0, 2.0]])
        p = np.array([[np.inf, 0.0], [1.0, 1.0]])
        cost, gradient = SquaredError().cost_and_gradient(y, p, [0.0, 1.0])
        assert cost == 0.5
        np.testing.assert_array_equal(gradient, [[0, 0], [0, -1]])
        cost, gradient = SquaredError().cost_and_gradient(y, p, [[0.0, 2.0], [1.0, 1.0]])
        assert cost == 0.25
        np.testing.assert_array_equal(gradient, [[0, 0], [0, -0.5]])

    def test_infinite_loss_with_a_weight_stays_infinite(self):
        assert BinaryCrossEntropy().cost([1.0, 1.0], [0.0, 0.5], [1e-300, 1.0]) == np.inf


def test_weights_of_integers_and_booleans():
    y, p = [0.0, 0.0, 0.0], [1.0, 2.0, 4.0]
    assert SquaredError().cost(y, p, [True, False, True]) == 8.5
    assert SquaredError().cost(y, p, [1, 0, 1]) == 8.5


def test_weights_of_float64_do_not_widen_float32():
    gradient = SquaredError().cost_gradient(np.zeros(3, "f4"), np.ones(3, "f4"), [1.0, 2.0, 3.0])
    assert gradient.dtype == np.float32


def test_a_list_of_float16_stays_what_it_is():
    assert Huber().loss(np.zeros(2, "f2"), np.ones(2, "f2")).dtype == np.float16


def test_best_constant_refuses_what_the_loss_refuses():
    with pytest.raises(ValueError, match=r"y_true\[1\] is nan"):
        SquaredError().best_constant([1.0, np.nan])
    with pytest.raises(ValueError, match=r"y_true\[0\] is inf"):
        Quartic().best_constant([np.inf, -np.inf])
    with pytest.raises(ValueError, match="y_true is empty"):
        Quartic().best_constant([])
    with pytest.raises(ValueError, match=r"sample_weight\[0\] is -1"):
        Quartic().best_constant([1.0, 2.0], [-1.0, 2.0])
    with pytest.raises(ValueError, match="expected -1 or 1"):
        Savage().best_constant([-1, 0, 1])


@pytest.mark.parametrize("method", ["loss", "gradient", "curvature"])
def test_a_parameter_of_numpy_does_not_widen_float32(method):
    loss, p = Huber(np.float64(1.0)), np.ones(3, np.float32)
    assert getattr(loss, method)(np.zeros(3), p).dtype == np.float32
    assert loss.cost_gradient(np.zeros(3), p).dtype == np.float32


@pytest.mark.parametrize("kind", [Loss, SetLoss])
def test_a_loss_that_states_no_traits_has_none(kind):
    formulas = {"value": None, "value_and_derivative": None}
    assert type("Bare", (kind,), formulas)().traits == Traits()
