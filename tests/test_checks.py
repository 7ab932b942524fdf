import dataclasses

import numpy as np
import pytest
from cases import CASES

import lossbook as lb
from lossbook import check_gradient, check_loss, grade
from lossbook.classification import sigmoid

RNG = np.random.default_rng(7)
Y, P = RNG.normal(0, 2, (2, 30))
BITS = RNG.integers(0, 2, 30).astype(float)
SIGNS = 2 * BITS - 1
SHARE, LIKELY = RNG.uniform(0.05, 0.95, (2, 30))
CLASSES, LOGITS = RNG.integers(0, 4, 30), RNG.normal(size=(30, 4))
COUNTS = RNG.poisson(3, 30) + 1.0
W = RNG.uniform(0, 2, 30)

SQUARED, ABSOLUTE, HUBER = lb.SquaredError(), lb.AbsoluteError(), lb.Huber()
HIGH = lb.Quantile(0.9)
BCE, LOGISTIC = lb.BinaryCrossEntropy(), lb.BinaryCrossEntropyWithLogits()
SOFTMAX, HINGE = lb.SoftmaxCrossEntropy(), lb.Hinge()

# what is wrong, loss, labels, predictions, the wrong gradient, options, words of the diagnosis
PLANTED = [
    ("twice", SQUARED, Y, P, lambda y, p: 4 * (p - y), {}, "twice the reference: a missing ½"),
    ("half", SQUARED, Y, P, lambda y, p: p - y, {}, "half the reference: a missing factor 2"),
    ("sign", HUBER, Y, P, lambda y, p: -HUBER.gradient(y, p), {}, "opposite sign"),
    ("sign and half", SQUARED, Y, P, lambda y, p: y - p, {}, "opposite sign, and half"),
    (
        "sum for mean",
        SQUARED,
        Y,
        P,
        lambda y, p: 2 * (p - y),
        {"of": "cost"},
        "n = 30 times the reference: a sum for the mean, 1/n missing",
    ),
    (
        "1/n twice",
        SQUARED,
        Y,
        P,
        lambda y, p: 2 * (p - y) / 900,
        {"of": "cost"},
        "1/n of the reference (n = 30): 1/n counted twice",
    ),
    (
        "mean for each",
        SQUARED,
        Y,
        P,
        lambda y, p: 2 * (p - y) / 30,
        {},
        "1/n of the reference (n = 30): a mean, where each example's loss is meant",
    ),
    ("times n", SQUARED, Y, P, lambda y, p: 60 * (p - y), {}, "multiplied by the number of ex"),
    (
        "log10",
        BCE,
        BITS,
        LIKELY,
        lambda y, p: BCE.gradient(y, p) / np.log(10),
        {},
        "1/ln 10 of the reference: a base-10 logarithm",
    ),
    ("ln 10", BCE, BITS, LIKELY, lambda y, p: BCE.gradient(y, p) * np.log(10), {}, "ln 10 times"),
    ("log2", BCE, BITS, LIKELY, lambda y, p: BCE.gradient(y, p) / np.log(2), {}, "base-2"),
    (
        "quantile",
        HIGH,
        Y,
        P,
        lambda y, p: np.where(p > y, 0.9, -0.1),
        {},
        "wrong side of the quantile: τ and 1 - τ are exchanged",
    ),
    (
        "quantile and sign",
        HIGH,
        Y,
        P,
        lambda y, p: np.where(p > y, -0.9, 0.1),
        {},
        "wrong side of the quantile, and opposite sign",
    ),
    (
        "log p for log(1 - p)",
        BCE,
        BITS,
        LIKELY,
        lambda y, p: -(1 - y) / p + y / (1 - p),
        {},
        "log of the wrong argument",
    ),
    (
        "log y for log(1 + y)",
        lb.SquaredLogError(),
        COUNTS,
        COUNTS[::-1] + 0.5,
        lambda y, p: 2 * (np.log(p) - np.log(y)) / p,
        {},
        "log of the wrong argument: log(y) where log(1 + y) belongs",
    ),
    (
        "log z",
        LOGISTIC,
        BITS,
        P,
        lambda y, p: (1 - y) / (1 - p) - y / p,
        {},
        "log of the wrong argument: log(z) where log(σ(z)) belongs",
    ),
    (
        "log of the mean",
        lb.Poisson(),
        COUNTS,
        np.abs(P) + 0.1,
        lambda y, p: 1 - y / p,
        {},
        "the prediction taken as the mean, but it is its log",
    ),
    (
        "by the mean",
        lb.Poisson(),
        COUNTS,
        P,
        lambda y, p: 1 - y * np.exp(-p),
        {},
        "derivative by the mean, not by its logarithm",
    ),
    (
        "0/1 as ±1, logits",
        LOGISTIC,
        BITS,
        P,
        lambda y, p: -y * sigmoid(-y * p),
        {},
        "labels 0/1 taken as -1/+1",
    ),
    (
        "0/1 as ±1, hinge",
        HINGE,
        BITS,
        P,
        lambda y, p: -y * (y * p < 1),
        {},
        "labels 0/1 taken as -1/+1",
    ),
    (
        "±1 as 0/1",
        HINGE,
        SIGNS,
        P,
        lambda y, p: -(2 * y - 1) * ((2 * y - 1) * p < 1),
        {},
        "labels -1/+1 taken as 0/1",
    ),
    (
        "±1 as 0/1, cost",
        HINGE,
        SIGNS,
        P,
        lambda y, p: -(2 * y - 1) * ((2 * y - 1) * p < 1) / 30,
        {"of": "cost"},
        "labels -1/+1 taken as 0/1",
    ),
    ("no negatives", BCE, BITS, LIKELY, lambda y, p: -y / p, {}, "the term of (1 - y) missing"),
    (
        "swapped",
        BCE,
        SHARE,
        LIKELY,
        lambda y, p: BCE.gradient(p, y),
        {},
        "the arguments are swapped: expected (y_true, y_pred)",
    ),
    ("swapped residual", HUBER, Y, P, lambda y, p: HUBER.gradient(p, y), {}, "arguments swapped"),
    ("σ twice", LOGISTIC, BITS, P, lambda y, p: sigmoid(sigmoid(p)) - y, {}, "applied twice"),
    (
        "by p",
        LOGISTIC,
        BITS,
        P,
        lambda y, p: (sigmoid(p) - y) / (sigmoid(p) * sigmoid(-p)),
        {},
        "by the probability, not by the logit",
    ),
    (
        "by the logit",
        BCE,
        BITS,
        LIKELY,
        lambda y, p: p - y,
        {},
        "by the logit, not by the probability",
    ),
    (
        "p(1 - p) too many",
        LOGISTIC,
        BITS,
        P,
        lambda y, p: (sigmoid(p) - y) * sigmoid(p) * sigmoid(-p),
        {},
        "p(1 - p) of the chain rule is too many",
    ),
    (
        "softmax twice",
        SOFTMAX,
        CLASSES,
        LOGITS,
        lambda y, p: SOFTMAX.gradient(y, lb.softmax(p)),
        {},
        "softmax is applied twice",
    ),
    (
        "mean over classes",
        SOFTMAX,
        CLASSES,
        LOGITS,
        lambda y, p: SOFTMAX.gradient(y, p) / 4,
        {},
        "1/4 of the reference: a mean over the columns",
    ),
    (
        "rows for entries",
        SQUARED,
        Y.reshape(10, 3),
        P.reshape(10, 3),
        lambda y, p: 2 * (p - y) / 10,
        {"of": "cost"},
        "3 times the reference: a mean over the columns is missing",
    ),
    (
        "weights ignored",
        SQUARED,
        Y,
        P,
        lambda y, p, w: 2 * (p - y) / 30,
        {"of": "cost", "sample_weight": W},
        "the weights are ignored",
    ),
    (
        "weights not summed",
        SQUARED,
        Y,
        P,
        lambda y, p, w: 2 * (p - y) * w,
        {"of": "cost", "sample_weight": W},
        "not divided by the sum of the weights",
    ),
    (
        "weights over n",
        SQUARED,
        Y,
        P,
        lambda y, p, w: 2 * (p - y) * w / 30,
        {"of": "cost", "sample_weight": W},
        "divided by n where the sum of the weights belongs",
    ),
    (
        "shape",
        SQUARED,
        Y,
        P,
        lambda y, p: 2 * (p - y)[:, None],
        {},
        "shape (30, 1): expected (30,), the shape of y_pred",
    ),
    (
        "NaN",
        SQUARED,
        Y,
        P,
        lambda y, p: np.where(np.arange(30) == 4, np.nan, 2 * (p - y)),
        {},
        "NaN, first at index 4",
    ),
    (
        "one side",
        SQUARED,
        Y,
        P,
        lambda y, p: np.where(p > y, 2 * (p - y), 2.1 * (p - y)),
        {},
        "(wrong only where y_pred is below y_true)",
    ),
]


class TestDiagnosis:
    @pytest.mark.parametrize(
        ("loss", "y", "p", "gradient", "options", "words"),
        [row[1:] for row in PLANTED],
        ids=[row[0] for row in PLANTED],
    )
    def test_a_planted_mistake_is_named(self, loss, y, p, gradient, options, words):
        report = check_gradient(loss, y, p, gradient=gradient, **options)
        assert not report.ok
        assert report.max_error > 1e-6
        assert words in report.diagnosis
        assert words in str(report)
        assert "WRONG" in str(report)

    def test_the_first_is_not_drowned_in_others(self):
        for row in PLANTED:
            report = check_gradient(*row[1:4], gradient=row[4], **row[5])
            assert report.diagnosis.count("; or ") <= 1, row[0]

    def test_an_unknown_mistake_is_said_to_be_unknown(self):
        wrong = lambda y, p: 2 * (p - y) + (np.arange(30) == 11)  # noqa: E731
        report = check_gradient(SQUARED, Y, P, gradient=wrong)
        assert report.diagnosis == "no known pattern; first wrong at index 11"
        assert report.worst == 11
        wrong = lambda y, p: SOFTMAX.gradient(y, p) ** 3  # noqa: E731
        report = check_gradient(SOFTMAX, CLASSES, LOGITS, gradient=wrong)
        assert report.diagnosis == "no known pattern; first wrong at index 0, 0"
        assert len(report.worst) == 2

    def test_with_two_examples_both_readings_are_given(self):
        report = check_gradient(
            SQUARED, [0.0, 1.0], [2.0, 5.0], gradient=lambda y, p: 2 * (p - y), of="cost"
        )
        assert "twice the reference" in report.diagnosis
        assert "n = 2 times the reference" in report.diagnosis

    def test_a_small_error_in_one_derivative_is_found(self):
        wrong = lambda y, p: 2 * (p - y) * (1 + 3e-6 * (np.arange(30) == 7))  # noqa: E731
        report = check_gradient(SQUARED, Y, P, gradient=wrong)
        assert not report.ok
        assert report.worst == 7
        assert report.max_error == pytest.approx(3e-6, rel=1e-3)
        assert check_gradient(SQUARED, Y, P, gradient=wrong, tolerance=1e-5).ok

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_a_wrong_sign_is_found_in_every_loss(self, case):
        y, p = case.draw(30)
        of = "cost" if isinstance(case.loss, lb.SetLoss) else "loss"
        own = case.loss.cost_gradient if of == "cost" else case.loss.gradient
        if not own(y, p).any():
            pytest.skip("0-1 loss and distant boxes have no slope to be wrong")
        report = check_gradient(case.loss, y, p, gradient=lambda y, p: -own(y, p), of=of)
        assert not report.ok
        assert "opposite sign" in report.diagnosis


class TestReceipt:
    def test_text(self):
        report = check_gradient(HUBER, [0.0, 0.0, 1.0], [0.5, 3.0, -1.0])
        assert str(report) == repr(report)
        assert str(report).splitlines() == [
            "Gradient receipt: Huber(delta=1.0)",
            "   index       y_true       y_pred     analytic      numeric",
            "       0            0          0.5          0.5          0.5",
            "       1            0            3            1            1",
            "       2            1           -1           -1           -1",
            "3 compared: largest relative error < 1e-06",
            "the gradient is right",
        ]

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_numbers_do_not_hang_on_rounding(self, case):
        """Noise of a few units in the last place, as between machines, leaves the text alone."""
        y, p = case.draw(40)
        noise = 1 + 4e-16 * np.random.default_rng(0).integers(-2, 3, p.shape)
        of = "cost" if isinstance(case.loss, lb.SetLoss) else "loss"
        own = case.loss.cost_gradient if of == "cost" else case.loss.gradient
        one = check_gradient(case.loss, y, p, gradient=own, of=of)
        two = check_gradient(case.loss, y, p, gradient=lambda y, p: own(y, p) * noise, of=of)
        assert str(one) == str(two)

    def test_wrong_rows_are_marked(self):
        wrong = lambda y, p: 2 * (p - y) + (np.arange(30) == 11)  # noqa: E731
        lines = str(check_gradient(SQUARED, Y, P, gradient=wrong)).splitlines()
        marked = [line for line in lines if line.endswith("<")]
        assert len(marked) == 1
        assert marked[0].split()[0] == "11"
        assert "30 compared, 1 wrong" in lines[-2]

    def test_a_nameless_class_shows_no_address(self):
        class Quartic(lb.ResidualLoss):
            def rho(self, r):
                return r**4

        assert str(check_gradient(Quartic(), Y, P)).startswith("Gradient receipt: Quartic()")
        assert str(check_gradient(Quartic, Y, P)).startswith("Gradient receipt: Quartic()")

    def test_tiny_slopes_are_no_noise_in_the_table(self):
        report = check_gradient(SOFTMAX, [0], [[60.0, 0.0, 0.0]])
        assert report.ok
        assert "e-26" in str(report)


class TestKinks:
    def test_any_subgradient_is_right_and_others_are_not(self):
        y, p = np.zeros(4), np.array([0.0, 1.0, -2.0, 3.0])
        for at, ok in ((0.0, True), (1.0, True), (-0.7, True), (1.2, False), (-3.0, False)):
            slopes = np.array([at, 1, -1, 1])
            report = check_gradient(ABSOLUTE, y, p, gradient=lambda y, p, s=slopes: s)
            assert report.ok is ok
            assert report.kinks == 1
            assert np.isnan(report.numeric[0])
        assert "1 at a kink" in str(check_gradient(ABSOLUTE, y, p))

    def test_at_an_edge_there_is_nothing_to_compare(self):
        surprise = lambda y, p: -np.log(p)  # noqa: E731
        slope = lambda y, p: -1 / p  # noqa: E731
        with np.errstate(divide="ignore"):
            report = check_gradient(surprise, [1.0, 1.0], [0.0, 0.5], gradient=slope)
            nothing = check_gradient(surprise, [1.0], [0.0], gradient=slope)
        assert report.ok
        assert report.skipped == 1
        assert "1 not comparable" in str(report)
        report = nothing
        assert not report.ok
        assert "nothing could be compared" in report.diagnosis

    def test_beside_a_kink_the_slope_is_checked(self):
        y, p = np.zeros(2), np.array([1e-7, -1e-7])
        assert check_gradient(ABSOLUTE, y, p).ok
        assert check_gradient(ABSOLUTE, y, p).kinks == 0
        assert not check_gradient(ABSOLUTE, y, p, gradient=lambda y, p: -np.sign(p)).ok


class TestArguments:
    def test_plain_functions(self):
        mse = lambda y, p: np.mean((p - y) ** 2)  # noqa: E731
        each = lambda y, p: (p - y) ** 2  # noqa: E731
        assert check_gradient(mse, Y, P, gradient=lambda y, p: 2 * (p - y) / 30).ok
        assert check_gradient(each, Y, P, gradient=lambda y, p: 2 * (p - y)).ok
        assert check_gradient(each, Y, P, gradient=lambda y, p: 2 * (p - y) / 30, of="cost").ok
        report = check_gradient(mse, Y, P, gradient=lambda y, p: 2 * (p - y))
        assert "sum for the mean" in report.diagnosis
        with pytest.raises(TypeError, match="gradient="):
            check_gradient(mse, Y, P)

    def test_a_loss_whose_two_ways_disagree_is_caught(self):
        class Torn(lb.ResidualLoss):
            def rho(self, r):
                return r * r

            def psi(self, r):
                return 2 * r

            def rho_and_psi(self, r):
                return r * r, r

        report = check_gradient(Torn(), Y, P)
        assert not report.ok
        assert report.title == "cost of Torn()"
        assert "half the reference" in report.diagnosis

    def test_weights(self):
        assert check_gradient(HUBER, Y, P, W, of="cost").ok
        assert check_gradient(SOFTMAX, CLASSES, LOGITS, W, of="cost").ok
        good = lambda y, p, w: 2 * (p - y) * w / w.sum()  # noqa: E731
        assert check_gradient(SQUARED, Y, P, W, gradient=good, of="cost").ok
        table = np.outer(W, [1.0, 2.0])
        assert check_gradient(SQUARED, *np.ones((2, 30, 2)) * 2, table, of="cost").ok
        with pytest.raises(ValueError, match="of='cost'"):
            check_gradient(SQUARED, Y, P, W)

    def test_lists_integers_and_float32(self):
        assert check_gradient(SQUARED, [1, 2], [3, 5]).ok
        assert check_gradient(SQUARED, Y.astype("f4"), P.astype("f4")).ok
        assert check_gradient(SQUARED, 1.0, 3.0).ok

    def test_bad_arguments(self):
        with pytest.raises(ValueError, match="of is 'mean': expected 'loss' or 'cost'"):
            check_gradient(SQUARED, Y, P, of="mean")
        with pytest.raises(ValueError, match=r"y_pred\[1\] is nan"):
            check_gradient(SQUARED, [0.0, 0.0], [1.0, np.nan])
        with pytest.raises(ValueError, match="y_true has shape"):
            check_gradient(SQUARED, [0.0], [[1.0]])

    def test_a_large_set_is_sampled(self):
        y = RNG.integers(0, 2, 1000).astype(float)
        report = check_gradient(lb.Dice(), y, RNG.uniform(size=1000))
        assert report.ok
        assert np.isfinite(report.numeric).sum() == 200

    def test_inputs_are_safe_from_a_careless_gradient(self):
        def careless(y, p):
            p -= y
            return 2 * p

        before = P.copy()
        assert check_gradient(SQUARED, Y, P, gradient=careless).ok
        assert (before == P).all()


ONE_OF_EACH = {type(case.loss).__name__: case.loss for case in CASES}


class TestCheckLoss:
    @pytest.mark.parametrize("name", sorted(ONE_OF_EACH))
    def test_every_loss_of_the_book_passes(self, name):
        report = check_loss(ONE_OF_EACH[name])
        assert report.ok, report
        assert len(report.checks) >= 7

    @pytest.mark.parametrize("case", CASES[::6], ids=str)
    def test_with_examples(self, case):
        assert check_loss(case.loss, *case.draw(24)).ok

    def test_own_losses_of_one_line(self):
        class Quartic(lb.ResidualLoss):
            def rho(self, r):
                return r**4

        class Savage(lb.MarginLoss):
            def phi(self, m):
                return 1 / (1 + np.exp(m)) ** 2

        class Sum(lb.Loss):
            elementwise = False

            def value(self, y_true, y_pred):
                return ((y_pred - y_true) ** 2).sum(axis=1)

        for loss in (Quartic, Savage, Sum):
            assert check_loss(loss).ok, check_loss(loss)

    def failing(self, **methods):
        """Return the names of the checks that fail for a residual loss with these methods."""
        base = {"rho": lambda self, r: r * r, "psi": lambda self, r: 2 * r}
        loss = type("Mine", (lb.ResidualLoss,), {**base, **methods})
        return {name for name, ok, _ in check_loss(loss).checks if ok is False}

    def test_each_fault_fails_its_check(self):
        assert self.failing() == set()
        assert "gradient" in self.failing(psi=lambda self, r: r)
        assert self.failing(dpsi=lambda self, r: 1 + 0 * r) == {"curvature"}
        assert "values" in self.failing(rho=lambda self, r: (r * r)[:-1])
        assert "values" in self.failing(rho=lambda self, r: 1 / 0)
        assert "order" in self.failing(rho=lambda self, r: r * r - np.mean(r))
        assert "extremes" in self.failing(rho=lambda self, r: r * r * (r / r))
        own = {"rho": lambda self, r: r * r / (1 + abs(r)), "psi": lb.ResidualLoss.psi}
        assert self.failing(**own) == {"extremes"}  # NaN at infinity, and no warning
        only_wide = lambda self, r: 2 * r if r.dtype == np.float64 else 1 / 0  # noqa: E731
        assert "types" in self.failing(psi=only_wide)
        assert self.failing(check_shapes=lambda self, y, p: None) >= {"shapes"}
        assert "best constant" in self.failing(best_constant=lambda self, y, w=None: 1.0)

        def mutating(self, y_true, y_pred):
            y_pred -= y_true
            return y_pred * y_pred

        assert "inputs" in self.failing(value=mutating)
        unchecked = {"domains": lambda self, y, p: (_Anything(), _Anything())}
        assert "bad input" in self.failing(**unchecked)

    @pytest.mark.parametrize(
        ("traits", "check"),
        [
            ({"convex": False}, "convex"),
            ({"lipschitz": 3.0}, "lipschitz"),
            ({"smoothness": 1.9}, "smoothness"),
            ({"bounded": True}, "bounded"),
            ({"symmetric": False}, "symmetric"),
        ],
    )
    def test_a_wrong_trait_is_refuted(self, traits, check):
        stated = dataclasses.replace(SQUARED.traits, **traits)
        assert self.failing(traits=stated) == {check}

    def test_a_trait_that_holds_for_others(self):
        steep = lb.Traits(convex=True, kinks=(0.5,))
        methods = {"rho": lambda self, r: np.minimum(r * r, 1), "traits": steep}
        methods["psi"] = lambda self, r: 2 * r * (np.abs(r) < 1)
        assert self.failing(**methods) >= {"convex", "kinks"}

    def test_text(self):
        lines = str(check_loss(HUBER)).splitlines()
        assert lines[0] == "Report on Huber(delta=1.0)"
        assert "  lipschitz     ok     stated 1; largest slope found: 1" in lines
        assert lines[-1] == "17 of 17 checks passed"

    def test_a_class_that_cannot_be_made(self):
        with pytest.raises(TypeError, match="abstract"):
            check_loss(lb.ResidualLoss)


class _Anything:
    low, high = -np.inf, np.inf

    def check(self, name, values, start=0):
        pass


class TestGrade:
    @pytest.mark.parametrize("name", sorted(ONE_OF_EACH))
    def test_the_reference_itself_gets_all(self, name):
        loss = ONE_OF_EACH[name]
        result = grade(loss, loss)
        assert result.score == 1, result
        assert result.messages == ()

    def test_careful_functions_get_all(self):
        def mse(y_true, y_pred):
            if y_true.shape != y_pred.shape:
                raise ValueError("shapes differ")
            if y_true.size == 0 or np.isnan(y_pred).any():
                raise ValueError("bad values")
            return np.mean((y_true - y_pred) ** 2)

        slope = lambda y, p: 2 * (p - y) / y.size  # noqa: E731
        result = grade(mse, SQUARED, gradient=slope)
        assert result.score == 1, result
        assert set(grade(mse, SQUARED).points) == {"values", "shapes", "extremes", "bad input"}

    def test_partial_credit_by_groups(self):
        each = lambda y, p: (p - y) ** 2  # noqa: E731
        result = grade(each, SQUARED)
        assert result.points["values"] == (4, 4)
        assert result.points["shapes"] == (1, 1)
        assert result.points["bad input"][0] < 1
        assert 0.7 < result.score < 1
        assert any("NaN among the predictions" in m for m in result.messages)

    def test_half_the_loss_is_named(self):
        result = grade(lambda y, p: 0.5 * (p - y) ** 2, SQUARED)
        assert "values: half the reference: a missing factor 2?" in result.messages
        assert result.points["values"][0] == 0

    def test_other_mistakes_are_named(self):
        def says(student, reference):
            return " ".join(grade(student, reference).messages)

        assert "a sum for the mean" in says(lambda y, p: np.sum((p - y) ** 2), SQUARED)
        assert "1/n counted twice" in says(lambda y, p: np.mean((p - y) ** 2) / 40, SQUARED)
        assert "opposite sign" in says(lambda y, p: -np.abs(p - y), ABSOLUTE)
        log10 = lambda y, p: -y * np.log10(p) - (1 - y) * np.log10(1 - p)  # noqa: E731
        assert "base-10" in says(log10, BCE)
        assert "shape (40, 1)" in says(lambda y, p: ((p - y) ** 2)[:, None], SQUARED)
        assert "for example 0: expected" in says(lambda y, p: np.abs(p - y), SQUARED)
        assert "the cost is" in says(lambda y, p: np.mean(np.abs(p - y)), SQUARED)
        assert "NaN for predictions" in says(
            lambda y, p: -y * np.log(p) - (1 - y) * np.log(1 - p), BCE
        )

    @pytest.mark.parametrize(
        ("student", "words"),
        [
            (lambda y, p: 1 / 0, "ZeroDivisionError"),
            (lambda y, p: missing, "NameError"),  # noqa: F821
            (lambda y: y, "TypeError"),
            (lambda y, p: None, "returns None"),
            (lambda y, p: "four", "expected numbers, got str"),
            (lambda y, p: exit(), "SystemExit"),
            (lambda y, p: [1, [2, 3]], "expected numbers, got list"),
            (42, "neither a loss nor a function"),
            (lb.ResidualLoss, "TypeError"),
        ],
    )
    def test_broken_code_gets_a_message_and_no_points(self, student, words):
        result = grade(student, SQUARED)
        assert result.score == 0
        assert any(words in message for message in result.messages), result

    def test_changing_the_inputs_is_seen(self):
        def careless(y, p):
            p -= y
            return p * p

        result = grade(careless, SQUARED)
        assert result.points["values"][0] == 0
        assert any("changes its inputs" in message for message in result.messages)

    def test_gradients_count(self):
        class Mine(lb.ResidualLoss):
            def rho(self, r):
                return r * r

            def psi(self, r):
                return r

        result = grade(Mine, SQUARED)
        assert result.score == pytest.approx(0.7)
        assert result.messages == ("gradients: half the reference: a missing factor 2?",)
        wrong = grade(lambda y, p: (p - y) ** 2, SQUARED, gradient=lambda y, p: 2 * (y - p))
        assert any(m.startswith("gradients: opposite sign") for m in wrong.messages)
        crash = grade(lambda y, p: (p - y) ** 2, SQUARED, gradient=lambda y, p: 1 / 0)
        assert any("gradients: ZeroDivisionError" in m for m in crash.messages)

    def test_a_numerical_gradient_is_as_good(self):
        class Mine(lb.ResidualLoss):
            def rho(self, r):
                return np.abs(r)

        assert grade(Mine, ABSOLUTE).points["gradients"] == (3, 3)

    def test_a_loss_owes_one_number_per_example(self):
        class Mine(lb.ResidualLoss):
            def rho(self, r):
                return np.mean(r * r)

        result = grade(Mine, SQUARED)
        assert result.points["values"][0] == 0
        assert "values: shape (): expected (40,), one loss per example" in result.messages

    def test_margins_are_graded_with_the_labels_that_the_solution_takes(self):
        signs = grade(lambda y, s: np.maximum(0, 1 - y * s), lb.Hinge())
        zero_one = grade(lambda y, s: np.maximum(0, 1 - (2 * y - 1) * s), lb.Hinge())
        neither = grade(lambda y, s: np.maximum(0, 2 - y * s), lb.Hinge())
        for result, points in ((signs, 4), (zero_one, 4), (neither, 0)):
            assert result.points["values"] == (points, 4)
        assert str(signs).startswith(
            f"Grade: {100 * signs.score:.0f} of 100, with labels -1 and +1"
        )
        assert str(zero_one).startswith(f"Grade: {100 * signs.score:.0f} of 100, with labels 0 and")
        assert neither.labels == "with labels -1 and +1"
        assert grade(lb.AbsoluteError, ABSOLUTE).labels == ""

    def test_text(self):
        text = str(grade(lambda y, p: 0.5 * (p - y) ** 2, SQUARED))
        assert text.startswith("Grade: ")
        assert "\n- values: half the reference" in text
        assert text == repr(grade(lambda y, p: 0.5 * (p - y) ** 2, SQUARED))
