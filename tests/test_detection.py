"""Box losses against exact arithmetic, at every way two boxes can lie to each other."""

import time

import numpy as np
import pytest

import lossbook as lb
from lossbook.boxes import Pairs

LOSSES = [lb.IoU(), lb.GIoU(), lb.DIoU(), lb.CIoU()]
TRUE = (0.0, 0.0, 4.0, 2.0)
# Every edge of the predicted box apart from every edge of the true one: no kinks.
POSITIONS = {
    "overlapping": (1.0, 0.5, 5.0, 3.0),
    "nested inside": (1.0, 0.5, 2.0, 1.5),
    "nested around": (-1.0, -2.0, 6.0, 3.0),
    "cross": (1.0, -1.0, 2.0, 4.0),
    "apart right": (6.0, 0.5, 7.0, 1.5),
    "apart left": (-3.0, 0.5, -1.0, 3.5),
    "apart above": (1.0, 3.0, 2.0, 7.0),
    "apart both": (6.0, 5.0, 6.5, 9.0),
    "apart below left": (-6.0, -5.0, -5.0, -1.0),
    "flat": (-50.0, 0.99, 60.0, 1.01),
    "tall": (1.99, -300.0, 2.01, 500.0),
    "nearly equal": (1e-9, -2e-9, 4 + 3e-9, 2 - 1e-9),
    "same shape, shifted": (0.3, 0.2, 4.3, 2.2),
    "tiny inside": (1.0, 1.0, 1 + 1e-7, 1 + 3e-7),
}


def boxes(rng, n, spread=3.0):
    corner = rng.uniform(0, spread, (n, 2))
    return np.hstack([corner, corner + rng.uniform(0.2, 3, (n, 2))])


def by_the_book(mpmath, name, t, p):
    """The published formula in 60 digits, written without any of the package's tricks."""
    t, p = [mpmath.mpf(v) for v in t], [mpmath.mpf(v) for v in p]
    w = max(0, min(t[2], p[2]) - max(t[0], p[0]))
    h = max(0, min(t[3], p[3]) - max(t[1], p[1]))
    wt, ht, wp, hp = t[2] - t[0], t[3] - t[1], p[2] - p[0], p[3] - p[1]
    union = wt * ht + wp * hp - w * h
    iou = w * h / union
    cw, ch = max(t[2], p[2]) - min(t[0], p[0]), max(t[3], p[3]) - min(t[1], p[1])
    if name == "IoU":
        return 1 - iou
    if name == "GIoU":
        return 1 - iou + (cw * ch - union) / (cw * ch)
    d2 = ((t[0] + t[2] - p[0] - p[2]) ** 2 + (t[1] + t[3] - p[1] - p[3]) ** 2) / 4
    diou = 1 - iou + d2 / (cw**2 + ch**2)
    if name == "DIoU":
        return diou
    v = 4 / mpmath.pi**2 * (mpmath.atan(wt / ht) - mpmath.atan(wp / hp)) ** 2
    return diou + (v * v / (1 - iou + v) if v else 0)


def exact(loss, t, p):
    """Value and gradient of the published formula, in 60 digits."""
    mpmath = pytest.importorskip("mpmath")
    name = type(loss).__name__
    with mpmath.workdps(60):
        step = mpmath.mpf(10) ** -25
        value = by_the_book(mpmath, name, t, p)
        gradient = []
        for k in range(4):
            above, below = [mpmath.mpf(v) for v in p], [mpmath.mpf(v) for v in p]
            above[k] += step
            below[k] -= step
            rise = by_the_book(mpmath, name, t, above) - by_the_book(mpmath, name, t, below)
            gradient.append(float(rise / (2 * step)))
        return float(value), np.array(gradient)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("position", POSITIONS)
def test_value_and_gradient_are_those_of_the_published_formula(loss, position):
    value, gradient = exact(loss, TRUE, POSITIONS[position])
    t, p = np.array([TRUE]), np.array([POSITIONS[position]])
    np.testing.assert_allclose(loss.loss(t, p), [value], rtol=1e-13)
    slope = loss.gradient(t, p)[0]
    np.testing.assert_allclose(slope, gradient, rtol=1e-11, atol=1e-12 * np.abs(gradient).max())


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e6, 1e150, 1e-150])
def test_random_boxes_at_every_scale(loss, scale):
    rng = np.random.default_rng(1)
    t, p = boxes(rng, 25) * scale, boxes(rng, 25) * scale
    for row in range(25):
        # The published formula overflows in no precision of mpmath, so the reference takes any
        # scale; the loss is the same at every scale and its gradient is divided by it.
        value, gradient = exact(loss, t[row] / scale, p[row] / scale)
        np.testing.assert_allclose(loss.loss(t[row : row + 1], p[row : row + 1]), value, rtol=1e-12)
        slope = loss.gradient(t[row : row + 1], p[row : row + 1])[0] * scale
        np.testing.assert_allclose(slope, gradient, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_extreme_aspects(loss):
    rng = np.random.default_rng(2)
    for _ in range(15):
        t, p = boxes(rng, 1)[0], boxes(rng, 1)[0]
        t[2:] = t[:2] + 10.0 ** rng.uniform(-4, 4, 2)
        p[2:] = p[:2] + 10.0 ** rng.uniform(-4, 4, 2)
        value, gradient = exact(loss, t, p)
        np.testing.assert_allclose(loss.loss([t], [p]), [value], rtol=1e-12)
        size = np.abs(gradient).max()
        np.testing.assert_allclose(
            loss.gradient([t], [p])[0], gradient, rtol=1e-8, atol=1e-10 * size
        )


def test_alpha_is_part_of_ciou_and_has_its_share_of_the_gradient():
    t, p = np.array([[0.0, 0.0, 4.0, 1.0]]), np.array([[0.5, -0.5, 2.0, 3.0]])
    pairs = Pairs(t, p)
    alpha = pairs.aspect / (pairs.miss + pairs.aspect)
    held = pairs.d_miss + pairs.d_offset + alpha * pairs.d_aspect
    whole = lb.CIoU().gradient(t, p)
    assert np.abs(whole - (held / pairs.unit).T).max() > 0.01
    np.testing.assert_allclose(whole[0], exact(lb.CIoU(), t[0], p[0])[1], rtol=1e-11)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("box", [(0, 0, 1, 1), (2, 3, 2, 3), (2, 3, 2, 7), (-1, 5, 1, 5)])
def test_identical_boxes_cost_nothing_and_rest(loss, box):
    assert loss.loss([box], [box])[0] == 0
    assert (loss.gradient([box], [box]) == 0).all()


POINT, LINE, AREA = (1.0, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 2.0), (0.0, 0.0, 2.0, 2.0)
NO_AREA = [
    # true, predicted, IoU, GIoU, DIoU, CIoU
    (POINT, (2.0, 2.0, 2.0, 2.0), 1, 2, 2, 2),
    (POINT, (1.0, 2.0, 1.0, 2.0), 1, 1, 2, 2),
    (POINT, AREA, 1, 1, 1, 1),
    (AREA, POINT, 1, 1, 1, 1),
    (AREA, LINE, 1, 1, 1, 1 + 0.25**2 / 1.25),
    (LINE, AREA, 1, 1, 1, 1 + 0.25**2 / 1.25),
    (LINE, (1.0, 1.0, 1.0, 3.0), 1, 1, 1 + 1 / 9, 1 + 1 / 9),
    (LINE, (0.0, 1.0, 2.0, 1.0), 1, 2, 1, 1.5),
    (POINT, LINE, 1, 1, 1, 1),
]


@pytest.mark.parametrize("row", NO_AREA, ids=str)
def test_boxes_without_area(row):
    t, p, *expected = row
    for loss, value in zip(LOSSES, expected, strict=True):
        np.testing.assert_allclose(loss.loss([t], [p]), [value], rtol=1e-15)
        assert np.isfinite(loss.gradient([t], [p])).all()


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_a_collapsed_box_inside_is_told_to_grow(loss):
    """The derivative at the edge of the domain is the limit from the side that exists."""
    t = [(0.0, 0.0, 5.0, 3.0)]
    flat, nearly = [(1.0, 1.0, 1.0, 2.0)], [(1.0, 1.0, 1.0 + 1e-9, 2.0)]
    slope = loss.gradient(t, flat)
    assert slope[0, 2] < -0.05
    np.testing.assert_allclose(slope, loss.gradient(t, nearly), rtol=1e-7, atol=1e-8)


def slopes(loss, t, p, edge, h=1e-6):
    """Return the slopes to the left and right of an edge, by differences of second order."""

    def at(shift):
        q = np.array([p], dtype=float)
        q[0, edge] += shift
        return loss.loss([t], q)[0]

    left = (3 * at(0) - 4 * at(-h) + at(-2 * h)) / (2 * h)
    right = (-3 * at(0) + 4 * at(h) - at(2 * h)) / (2 * h)
    return left, right


KINKS = {
    "identical": TRUE,
    "one common edge": (0.0, 0.5, 3.0, 1.5),
    "touching right": (4.0, 0.5, 5.0, 1.5),
    "touching below": (1.0, -1.0, 2.0, 0.0),
    "touching at a corner": (4.0, 2.0, 5.0, 5.0),
    "apart, aligned": (6.0, 0.0, 7.0, 2.0),
}


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("kink", KINKS)
def test_at_a_kink_the_gradient_lies_between_the_slopes(loss, kink):
    gradient = loss.gradient([TRUE], [KINKS[kink]])[0]
    for edge in range(4):
        left, right = slopes(loss, TRUE, KINKS[kink], edge)
        low, high = min(left, right), max(left, right)
        assert low - 1e-6 <= gradient[edge] <= high + 1e-6


@pytest.mark.parametrize(
    "box",
    [(4, 0, 6, 2), (-3, 0.5, 0, 1), (1, 2, 3, 5), (1, -2, 3, 0), (4, 2, 5, 3), (9, 9, 10, 10)],
)
def test_boxes_that_touch_or_are_apart_have_no_gradient_of_iou(box):
    assert (lb.IoU().gradient([TRUE], [box]) == 0).all()


def test_only_the_others_pull_boxes_that_are_apart():
    far = [(9.0, 0.2, 10.0, 1.0)]
    for loss in LOSSES[1:]:
        assert loss.gradient([TRUE], far)[0, 0] > 0.01


@pytest.mark.parametrize("shift", [1e-3, 1e-9, 1e-13])
def test_nearly_equal_boxes_keep_their_digits(shift):
    t, p = [(0.0, 0.0, 1.0, 1.0)], [(shift, -shift, 1.0 + shift, 1.0 - shift)]
    shift = p[0][0]
    iou_loss = float(exact(LOSSES[0], t[0], p[0])[0])
    assert lb.IoU().loss(t, p)[0] == pytest.approx(iou_loss, rel=1e-14)
    assert lb.GIoU().loss(t, p)[0] == pytest.approx(exact(LOSSES[1], t[0], p[0])[0], rel=1e-14)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("side", [1e-4, 1.0, 1e6])
def test_float32_stays_float32_and_close(loss, side):
    rng = np.random.default_rng(3)
    t = (boxes(rng, 200) * side).astype(np.float32)
    p = (boxes(rng, 200) * side).astype(np.float32)
    value, slope = loss.loss(t, p), loss.gradient(t, p)
    assert value.dtype == slope.dtype == np.float32
    np.testing.assert_allclose(value, loss.loss(t.astype(float), p.astype(float)), rtol=1e-5)
    exact_slope = loss.gradient(t.astype(float), p.astype(float))
    np.testing.assert_allclose(slope, exact_slope, rtol=1e-3, atol=3e-5 / side)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_bounds_and_symmetry_of_the_two_boxes(loss):
    rng = np.random.default_rng(4)
    t, p = boxes(rng, 5000, 8.0), boxes(rng, 5000, 8.0)
    values = loss.loss(t, p)
    assert values.min() > 0
    assert values.max() < {"IoU": 1.0 + 1e-15, "GIoU": 2, "DIoU": 2, "CIoU": 3}[type(loss).__name__]
    np.testing.assert_allclose(values, loss.loss(p, t), rtol=1e-12)
    mirror = [1, 0, 3, 2]
    np.testing.assert_allclose(values, loss.loss(t[:, mirror], p[:, mirror]), rtol=1e-12)
    gradient = loss.gradient(t, p)
    np.testing.assert_allclose(
        gradient[:, mirror], loss.gradient(t[:, mirror], p[:, mirror]), rtol=1e-9, atol=1e-13
    )


@pytest.mark.parametrize("loss", LOSSES[1:], ids=str)
def test_descent_brings_boxes_that_are_apart_together(loss):
    t, p = np.array([[0.0, 0.0, 2.0, 1.0]]), np.array([[5.0, 4.0, 6.0, 6.0]])
    for rate in np.linspace(0.1, 0, 600, endpoint=False):
        slope = loss.gradient(t, p)
        p = p - rate * slope / np.linalg.norm(slope)
    assert lb.IoU().loss(t, p)[0] < 0.01


def test_errors_name_the_box():
    good, bad = [[0, 0, 1, 1], [0, 0, 2, 2]], [[0, 0, 1, 1], [3, 0, 1, 1]]
    message = r"y_pred\[1\] is \[3, 0, 1, 1\]: expected a box \(x1, y1, x2, y2\) with x1 <= x2"
    with pytest.raises(ValueError, match=message):
        lb.IoU().loss(good, bad)
    with pytest.raises(ValueError, match=r"y_true\[1\] is \[3, 0, 1, 1\]"):
        lb.CIoU().cost(bad, good)
    many = np.tile([0.0, 0.0, 1.0, 1.0], (9000, 1))
    wrong = many.copy()
    wrong[8123] = [0, 2, 1, 1]
    with pytest.raises(ValueError, match=r"y_pred\[8123\] is \[0.0, 2.0, 1.0, 1.0\]"):
        lb.GIoU().cost(many, wrong)
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match=rf"y_pred\[0, 2\] is {value}: expected a finite"):
            lb.IoU().loss([[0, 0, 1, 1]], [[0, 0, value, 1]])


@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected \(n, 4\), rows of x1, y1, x2, y2"):
        lb.IoU().loss(np.zeros(shape), np.zeros(shape))


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="expected equal shapes"):
        lb.IoU().loss(np.zeros((2, 4)), np.zeros((1, 4)))


def test_box_losses_have_no_second_derivative_and_no_constant():
    with pytest.raises(TypeError, match="matrix of second derivatives"):
        lb.IoU().curvature(np.zeros((1, 4)), np.zeros((1, 4)))
    with pytest.raises(NotImplementedError):
        lb.IoU().best_constant(np.zeros((1, 4)))


# ---- tables of boxes ----


def test_box_area():
    np.testing.assert_array_equal(lb.box_area([[0, 0, 2, 3], [1, 1, 1, 5]]), [6, 0])
    assert lb.box_area(np.ones((2, 4), np.float32)).dtype == np.float32
    assert lb.box_area([]).shape == (0,)


@pytest.mark.parametrize(
    ("table", "loss"), [(lb.pairwise_iou, lb.IoU()), (lb.pairwise_giou, lb.GIoU())]
)
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (120, 190)])
def test_pairwise_says_what_the_loss_says(table, loss, size):
    rng = np.random.default_rng(5)
    a, b = boxes(rng, size[0]), boxes(rng, size[1])
    b[0] = a[0]
    if size[0] > 2:
        a[1] = b[2] = [1, 1, 1, 3]
        b[3], a[2] = [2, 1, 2, 3], [1, 1, 1, 1]
    expected = [1 - loss.loss(np.tile(box, (len(b), 1)), b) for box in a]
    np.testing.assert_allclose(table(a, b), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("table", [lb.pairwise_iou, lb.pairwise_giou])
def test_pairwise_shapes_and_types(table):
    rng = np.random.default_rng(6)
    a, b = boxes(rng, 3), boxes(rng, 2)
    kept = a.copy()
    assert table(a, b).shape == (3, 2)
    np.testing.assert_array_equal(a, kept)
    assert table([], b).shape == (0, 2)
    assert table(a, []).shape == (3, 0)
    assert table(a.astype(np.float32), b.astype(np.float32)).dtype == np.float32
    assert table(a.astype(np.float32), b).dtype == np.float64
    np.testing.assert_allclose(table(a, b), table(b, a).T, atol=1e-15)
    with pytest.raises(ValueError, match=r"b\[0\] is \[1, 0, 0, 1\]: expected a box"):
        table(a, [[1, 0, 0, 1]])
    with pytest.raises(ValueError, match=r"a has shape \(4,\): expected \(n, 4\)"):
        table([0, 0, 1, 1], b)


def test_pairwise_refuses_lazy_arrays():
    da = pytest.importorskip("dask.array")
    with pytest.raises(TypeError, match="b is a lazy array: compute it first"):
        lb.pairwise_iou([[0, 0, 1, 1]], da.zeros((3, 4)))


def broadcast_giou(a, b):
    """The usual formula, on arrays of shape (n, m, 2)."""
    size = np.minimum(a[:, None, 2:], b[:, 2:]) - np.maximum(a[:, None, :2], b[:, :2])
    intersection = np.maximum(size, 0).prod(axis=-1)
    areas = (a[:, 2:] - a[:, :2]).prod(axis=-1)[:, None] + (b[:, 2:] - b[:, :2]).prod(axis=-1)
    union = areas - intersection
    hull = np.maximum(a[:, None, 2:], b[:, 2:]) - np.minimum(a[:, None, :2], b[:, :2])
    hull = hull.prod(axis=-1)
    return intersection / union - (hull - union) / hull


def test_pairwise_giou_is_faster_than_broadcasting():
    rng = np.random.default_rng(7)
    a, b = boxes(rng, 1000, 30.0), boxes(rng, 1000, 30.0)
    np.testing.assert_allclose(lb.pairwise_giou(a, b), broadcast_giou(a, b), atol=1e-13)

    def seconds(function):
        start = time.perf_counter()
        function(a, b)
        return time.perf_counter() - start

    ratios = [seconds(lb.pairwise_giou) / seconds(broadcast_giou) for _ in range(3)]
    assert min(ratios) < 0.45  # about 0.2


def suppress_one_by_one(boxes, scores, threshold):
    left = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [i for i in left if 1 - lb.IoU().loss([boxes[best]], [boxes[i]])[0] <= threshold]
    return kept


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7, 1.0])
def test_non_maximum_suppression(threshold):
    rng = np.random.default_rng(8)
    b, scores = boxes(rng, 60), rng.integers(0, 10, 60) / 10
    kept = lb.non_maximum_suppression(b, scores, threshold)
    assert kept.tolist() == suppress_one_by_one(b, scores, threshold)
    assert (np.diff(scores[kept]) <= 0).all()


def test_suppression_at_the_threshold_keeps_the_box():
    half = [[0, 0, 2, 1], [0, 0, 1, 1]]
    assert lb.non_maximum_suppression(half, [1, 2], 0.5).tolist() == [1, 0]
    assert lb.non_maximum_suppression(half, [1, 2], 0.49).tolist() == [1]
    assert lb.non_maximum_suppression(half, np.array([1, 2], np.uint8), 0.49).tolist() == [1]
    assert lb.non_maximum_suppression([], [], 0.5).tolist() == []


def test_suppression_refuses_what_it_cannot_rank():
    with pytest.raises(ValueError, match=r"scores has shape \(1,\): expected \(2,\)"):
        lb.non_maximum_suppression([[0, 0, 1, 1], [0, 0, 1, 1]], [0.5])
    with pytest.raises(ValueError, match=r"scores\[0\] is nan"):
        lb.non_maximum_suppression([[0, 0, 1, 1]], [np.nan])
    with pytest.raises(ValueError, match=r"threshold is 1\.5"):
        lb.non_maximum_suppression([[0, 0, 1, 1]], [0.5], threshold=1.5)
