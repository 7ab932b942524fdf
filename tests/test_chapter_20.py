"""Chapter 20: each exhibit gives its wrong number, and the check named for it catches it."""

import json

import numpy as np
import pytest

import lossbook as lb
from chapters import TESTS, check_quiz, definitions

CHAPTER = "20-bug-museum"
RNG = np.random.default_rng(0)
Y, P = RNG.normal(size=(2, 12))
BINARY, Z = (Y > 0).astype(float), 2 * P
TRUTH, MODEL = RNG.dirichlet(np.full(4, 9.0), size=(2, 6))


def wrong(name, **space):
    """Return a function of the page."""
    return definitions(CHAPTER, name, **space)[0]


(slope_of,) = definitions(CHAPTER, "slope_of")
FOCAL, ENTROPY = lb.Focal(gamma=2), lb.BinaryCrossEntropyWithLogits()


def diagnosis(loss, y, p, function, **more):
    report = lb.check_gradient(loss, y, p, gradient=lambda y, p: slope_of(function, y, p), **more)
    assert not report.ok
    return report.diagnosis


def complaint(student, reference, group="values"):
    """Return what `grade` says first of a group, and see that the reference itself passes."""
    assert lb.grade(reference, reference).score == 1
    found = [m for m in lb.grade(student, reference).messages if m.startswith(group)]
    assert found
    return found[0]


def test_stored_catalogue_says_that_all_are_caught():
    path = TESTS.parent / "chapters" / f"{CHAPTER}.ipynb"
    printed = "".join(
        "".join(output.get("text", []))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        for output in cell.get("outputs", [])
    )
    assert "18 of 18 caught" in printed
    assert printed.count("\nrepaired   passes") == 18
    assert "seen by none of the last three checks: 0" in printed


def test_huber_without_its_halves():
    draft = wrong("draft_huber")
    assert draft(3.0) == 3.0
    assert lb.Huber().rho(3.0) == 2.5

    class Draft(lb.ResidualLoss):
        def rho(self, r):
            return draft(r)

    report = lb.check_loss(Draft)
    assert [name for name, ok, _ in report.checks if ok is False] == ["kinks"]
    assert lb.check_loss(lb.Huber).ok


def test_smooth_l1_for_huber():
    exercise = wrong("exercise_huber")
    assert exercise(0.0, 5.0) == 4.0
    assert lb.Huber(2.0).rho(5.0) == 8.0
    np.testing.assert_allclose(exercise(Y, P), lb.SmoothL1(2.0).loss(Y, P))
    assert "half the reference" in complaint(exercise, lb.Huber(2.0))


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_stray_square_root():
    stray = wrong("stray_mse")
    assert stray(np.array([3.0, -4.0]), np.zeros(2)) == pytest.approx(12.5**0.5)
    assert lb.SquaredError().cost([3.0, -4.0], [0.0, 0.0]) == 12.5
    assert "expected" in complaint(stray, lb.SquaredError())


def test_base_10():
    tens = wrong("entropy_base_10")
    assert tens(1, 0.5) == pytest.approx(0.30103, abs=1e-5)
    q = np.linspace(0.2, 0.8, 12)
    assert "base-10" in diagnosis(lb.BinaryCrossEntropy(), BINARY, q, tens)


def test_row_against_column():
    table = wrong("cost_of_a_table")
    y = np.array([1.0, 2, 3])
    assert table(y, y[:, None]) == pytest.approx(4 / 3)  # as in pytorch#16413
    assert lb.SquaredError().cost(y, y) == 0
    with pytest.raises(ValueError, match=r"\(3,\).*\(3, 1\)"):
        lb.SquaredError().cost(y, y[:, None])


def test_kl_mean():
    mean, right = wrong("kl_mean"), lb.KLDivergence().cost(TRUTH, MODEL)
    assert mean(TRUTH, MODEL) == pytest.approx(right / 4)
    text = diagnosis(lb.KLDivergence(), TRUTH, MODEL, mean, of="cost")
    assert "1/4 of the reference" in text


def test_weights_of_the_thread():
    by_n = wrong("cost_by_n", entropy=ENTROPY)
    y, z, weight = np.array([0.0, 1]), np.array([200.0, 200]), np.array([20.0, 10])
    assert by_n(y, z, weight) == pytest.approx(2000)  # both numbers as in pytorch#8062
    assert ENTROPY.cost(y, z, weight) == pytest.approx(133.3333, abs=1e-4)
    assert by_n(y, z, 10 * weight) == pytest.approx(20000)
    gradient = wrong("gradient_by_n", entropy=ENTROPY)
    report = lb.check_gradient(ENTROPY, y, z / 100, weight, gradient=gradient, of="cost")
    assert "divided by n where the sum of the weights belongs" in report.diagnosis


def test_probability_of_0():
    hidden = wrong("entropy_epsilon")
    assert hidden(1, 0.0) == pytest.approx(27.6310, abs=1e-4)  # as in pytorch#4867
    assert lb.BinaryCrossEntropy().loss([1], [0.0])[0] == np.inf
    text = complaint(hidden, lb.BinaryCrossEntropy(), "extremes")
    assert "another value" in text
    assert wrong("entropy_cut")(np.ones(1), np.zeros(1))[0] == 100


def test_clipped_focal():
    clipped = wrong("clipped_focal")
    y, z = np.ones(2), np.array([-20.0, 1])
    assert slope_of(clipped, y, z)[0] == 0
    assert FOCAL.gradient(y, z)[0] == pytest.approx(-1)
    assert clipped(1, -20.0) == pytest.approx(16.118, abs=1e-3)
    assert "first wrong at index 0" in diagnosis(FOCAL, y, z, clipped)
    assert lb.check_gradient(FOCAL, y, z).ok


def test_negative_log_cosh():
    short, r = wrong("short_log_cosh"), np.linspace(1e-6, 6e-5, 2000, dtype=np.float32)
    assert short(r).min() < 0
    right = lb.LogCosh().loss(np.zeros_like(r), r)
    assert right.dtype == np.float32
    np.testing.assert_allclose(right, r.astype(float) ** 2 / 2, rtol=1e-6)


def test_swapped_tversky():
    swapped, right = wrong("swapped_tversky"), lb.Tversky(0.3, 0.7)
    mask, missed = np.array([1.0, 1, 0, 0]), np.array([1.0, 0, 0, 0])
    assert swapped(mask, missed) == pytest.approx(0.2308, abs=1e-4)
    assert right.cost(mask, missed) == pytest.approx(0.4118, abs=1e-4)
    assert "expected" in complaint(swapped, right)
    blind = lb.grade(lambda y, p: swapped(y, p, 0.5, 0.5), lb.Dice())
    assert blind.points["values"] == (4, 4)


def test_one_alpha():
    same, right = wrong("one_alpha", focal=FOCAL), lb.Focal(2, 0.25)
    assert same(0, 0.0) == pytest.approx(right.loss([0], [0.0])[0] / 3)
    assert "expected" in complaint(same, right)

    class OneAlpha(lb.Focal):
        def value(self, y_true, y_pred):
            return same(y_true, y_pred)

    report = {name: ok for name, ok, _ in lb.check_loss(OneAlpha(2, 0.25)).checks}
    assert report["symmetric"] is False


def test_other_side_of_the_quantile():
    other, right = wrong("other_side"), lb.Quantile(0.9)
    assert other(10.0, 8.0) == pytest.approx(0.2)
    assert right.loss([10.0], [8.0])[0] == pytest.approx(1.8)
    assert "wrong side of the quantile" in diagnosis(right, Y, P, other)
    price = lb.load_ames()["sale_price"] / 1000
    constants = np.linspace(60, 400, 341)
    best = constants[np.argmin([np.mean(other(price, c)) for c in constants])]
    assert best == pytest.approx(np.quantile(price, 0.1), abs=1)


@pytest.mark.parametrize(("side", "charged"), [(1e-3, 0.0909), (1e-4, 0.9091)])
def test_epsilon_of_giou(side, charged):
    hidden, box = wrong("giou_epsilon"), np.array([[0, 0, side, side]])
    assert hidden(box, box)[0] == pytest.approx(charged, abs=1e-4)
    assert lb.GIoU().loss(box, box)[0] == 0
    says = wrong("not_perfect")
    assert "predicted exactly, costs" in says(hidden)
    assert says(lb.GIoU().loss) == ""
    assert "another value" in complaint(hidden, lb.GIoU(), "extremes")


def test_pi_of_ciou():
    (angle,) = definitions(CHAPTER, "angle")
    (ciou,) = definitions(CHAPTER, "ciou", angle=angle)
    names = ("right_factor", "squared_factor", "without_pi")
    right, squared, without = definitions(CHAPTER, *names)
    tall, flat = np.array([[0.0, 0, 1, 9]]), np.array([[0.0, 0, 9, 1]])
    turn = angle(tall) - angle(flat)
    assert squared(turn) / right(turn) == pytest.approx(4 / np.pi**2)
    assert 0 < right(turn) < 1 < without(turn)
    assert ciou(tall, flat, right) == pytest.approx(lb.CIoU().loss(tall, flat))
    for factor in (squared, without):
        assert "expected" in complaint(lambda a, b, f=factor: ciou(a, b, f), lb.CIoU())


def test_printed_sign():
    aspect, printed = definitions(CHAPTER, "aspect", "printed_slope")
    y, p = RNG.uniform(0.5, 2, size=(2, 6, 2))
    np.testing.assert_allclose(printed(y, p), -slope_of(aspect, y, p), atol=1e-8)
    assert "opposite sign" in lb.check_gradient(aspect, y, p, gradient=printed).diagnosis
    assert lb.check_gradient(aspect, y, p, gradient=lambda y, p: -printed(y, p)).ok


def test_smoothed_labels():
    on_top, others = definitions(CHAPTER, "smooth_on_top", "smooth_the_others")
    onehot = np.eye(7)[:1]
    assert on_top(onehot, 0.1).sum() == pytest.approx(1 + 0.6 / 7)
    with pytest.raises(ValueError, match="expected rows of probabilities that sum to 1"):
        lb.SoftmaxCrossEntropy().loss(on_top(onehot, 0.1), np.zeros((1, 7)))
    assert others(onehot, 0.1).sum() == pytest.approx(1)
    stronger = lb.smooth_labels(onehot, 0.1 * 7 / 6)
    np.testing.assert_allclose(others(onehot, 0.1), stronger)


def test_hinge_of_0_and_1():
    hinge = wrong("hinge_of_0_and_1")
    assert hinge(0, 2.0) == 1
    assert lb.Hinge().loss([0, 1], [2.0, 2.0])[0] == 3
    assert "labels 0/1 taken as -1/+1" in diagnosis(lb.Hinge(), BINARY, Z, hinge)


def test_one_sided_huber():
    one_sided = wrong("one_sided_huber")
    assert one_sided(3.0) == lb.Huber().rho(3.0)
    assert one_sided(-3.0) == 0
    assert "expected" in complaint(lambda y, p: one_sided(y - p), lb.Huber())


def test_quiz():
    tens, other = definitions(CHAPTER, "entropy_base_10", "other_side")
    (stray,) = definitions(CHAPTER, "stray_mse")
    aspect, printed = definitions(CHAPTER, "aspect", "printed_slope")
    swapped, tversky = definitions(
        CHAPTER, "swapped_tversky", "tversky", swapped_tversky=wrong("swapped_tversky")
    )
    q = np.linspace(0.2, 0.8, 12)
    boxes = RNG.uniform(0.5, 2, size=(2, 6, 2))
    hidden = [
        lb.check_gradient(loss, y, p, gradient=gradient or (lambda y, p, f=loss: slope_of(f, y, p)))
        for loss, y, p, gradient in (
            (tens, BINARY, q, None),
            (other, Y, P, None),
            (stray, Y, P, None),
            (aspect, *boxes, printed),
        )
    ]
    table = (np.ones((50, 1)) - np.zeros(50)).size
    losses, weights = np.array([4.0, 1.0]), np.array([3.0, 1.0])
    factor = (weights * losses).sum() / 2 / np.average(losses, weights=weights)
    pairs = ((0.3, 0.7), (1, 1), (0, 1), (1, 0))
    unseen = [np.isclose(swapped(BINARY, q, *ab), tversky(BINARY, q, *ab)) for ab in pairs]
    clipped = wrong("clipped_focal")
    pull = slope_of(clipped, np.ones(1), np.array([-20.0]))[0]
    does = [pull < -0.9, -0.9 <= pull < 0, pull == 0, np.isinf(clipped(1, -20.0))]
    check_quiz("20", [report.ok for report in hidden], table, factor, unseen, does)
