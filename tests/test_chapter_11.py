"""Chapter 11: its functions and its stored data against the script of the DIoU simulation."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import lossbook as lb
from chapters import check_quiz, definitions

ROOT = Path(__file__).parent.parent
STORED = json.loads((ROOT / "chapters/data/diou_simulation.json").read_text("utf-8"))
RUNS = STORED["runs"]
SPEC = importlib.util.spec_from_file_location(
    "diou_simulation", ROOT / "benchmarks/diou_simulation.py"
)
script = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(script)


corners, by_xywh, descend, rates, _, _, cases, _, giou_gradient, UnclippedGIoU = definitions(
    "11-boxes",
    *("corners", "by_xywh", "descend", "rates", "widths", "areas", "cases"),
    *("across", "giou_gradient", "UnclippedGIoU"),
)


def some_boxes(n, rng, spread=4.0):
    """Boxes (x, y, w, h), one a column, as the script takes them."""
    return np.concatenate([rng.uniform(0, spread, (2, n)), rng.uniform(0.3, 2, (2, n))])


def doubled(gradient):
    """The authors' w and h lack the factor 1/2 of the chain rule."""
    return gradient * np.array([[1], [1], [2], [2]])


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    true, pred = some_boxes(400, rng), some_boxes(400, rng)
    meets = script.Authors(true, pred).meets
    assert 0.2 < meets.mean() < 0.8
    return true, pred, meets


def test_the_chapter_and_the_script_pose_the_same_cases():
    targets, anchors = cases(3)
    theirs = script.cases(3)
    np.testing.assert_allclose(targets.T, theirs[0], rtol=1e-14)
    np.testing.assert_allclose(anchors.T, theirs[1], rtol=1e-14)
    assert rates == [script.learning_rate(step) for step in range(1, 201)]
    assert script.CASES_PER_POINT * script.POINTS == STORED["cases"] == 1_715_000
    assert np.hypot(*(anchors[:, :2].T - 10)).max() < 3
    assert set(np.round(targets[:, 2] * targets[:, 3], 12)) == {1.0}


@pytest.mark.parametrize("name", ["IoU", "GIoU", "DIoU", "CIoU"])
def test_the_chapter_and_the_script_descend_alike(name):
    targets, anchors = cases(1)
    for box in descend(getattr(lb, name)().gradient, targets, anchors, rates[:40]):
        end = box
    run = script.descend(script.GRADIENTS[f"exact {name}"], targets.T, anchors.T)
    np.testing.assert_allclose(end.T, [box for box, _ in zip(run, range(41), strict=False)][-1])


def test_the_clip_is_all_that_the_hand_written_gradient_lacks(pairs):
    true, pred, meets = pairs
    t, p = corners(true.T), corners(pred.T)
    right = lb.GIoU().gradient(t, p)
    np.testing.assert_allclose(giou_gradient(t, p, clip=True), right, atol=1e-12)
    wrong = giou_gradient(t, p, clip=False)
    np.testing.assert_allclose(wrong[meets], right[meets], atol=1e-12)
    assert (np.abs(wrong - right)[~meets].max(axis=1) > 1e-3).all()
    assert lb.check_gradient(UnclippedGIoU(), t[meets], p[meets]).ok
    assert not lb.check_gradient(UnclippedGIoU(), t[~meets], p[~meets]).ok


def test_a_gap_between_equal_boxes_side_by_side_counts_as_filled():
    t = np.array([[0.0, 0.0, 1.0, 1.0]])
    for distance in (1.5, 3.0, 50.0):
        pull = by_xywh(giou_gradient(t, t + np.array([distance, 0, distance, 0]), clip=False))[0]
        assert pull[0] == pytest.approx(0, abs=1e-12)
        assert pull[2] == pytest.approx(0, abs=1e-12)


def test_the_authors_iou_and_giou_differ_by_what_the_chapter_says(pairs):
    true, pred, meets = pairs
    t, p = corners(true.T), corners(pred.T)
    exact_iou = script.exact(lb.IoU())(true, pred)
    np.testing.assert_allclose(script.authors_iou(true, pred), doubled(exact_iou), atol=1e-12)
    exact_giou = script.exact(lb.GIoU())(true, pred)
    mended = script.authors_giou_clipped(true, pred)
    np.testing.assert_allclose(mended, doubled(exact_giou), atol=1e-12)
    unclipped = by_xywh(giou_gradient(t, p, clip=False)).T
    np.testing.assert_allclose(script.authors_giou(true, pred), doubled(unclipped), atol=1e-12)
    assert np.abs(script.authors_giou(true, pred) - mended)[:, meets].max() < 1e-12


def test_the_authors_diou_differs_by_what_the_chapter_says(pairs):
    true, pred, _ = pairs
    offset = script.authors_diou(true, pred) - doubled(script.exact(lb.IoU())(true, pred))
    t, p = script.corners(true), script.corners(pred)
    low, high = 1.0 * (p[:2] < t[:2]), 1.0 * (p[2:] > t[2:])
    hull = np.maximum(t[2:], p[2:]) - np.minimum(t[:2], p[:2])
    c2, away = (hull**2).sum(axis=0), pred[:2] - true[:2]
    d2 = (away**2).sum(axis=0)
    # hull's width by x: high - low; the same number is used for its height, with a wrong sign
    wrong = 2 * away / c2 + d2 / c2**2 * 2 * hull.sum(axis=0) * (high - low)
    np.testing.assert_allclose(offset[:2], wrong, atol=1e-12)
    half = (high + low) / 2
    for k in (0, 1):
        own, other = hull[k], hull[1 - k]
        by_own = np.where(half[k] == 1, -1, half[k])
        wrong = -d2 / c2**2 * 2 * (own * by_own + other * half[k])
        np.testing.assert_allclose(offset[2 + k], wrong, atol=1e-12)


def test_the_authors_diou_is_exact_where_the_hull_stays():
    rng = np.random.default_rng(1)
    true = np.concatenate([rng.uniform(0, 4, (2, 50)), np.full((2, 50), 3.0)])
    pred = np.concatenate([true[:2] + rng.uniform(-1, 1, (2, 50)), rng.uniform(0.2, 1, (2, 50))])
    exact = script.exact(lb.DIoU())(true, pred)
    np.testing.assert_allclose(script.authors_diou(true, pred), doubled(exact), atol=1e-12)


def test_the_authors_ciou_differs_by_what_the_chapter_says(pairs):
    true, pred, _ = pairs
    shape = script.authors_ciou(true, pred) - script.authors_diou(true, pred)

    def v(w, h):
        return 4 / np.pi**2 * (np.arctan(true[2] / true[3]) - np.arctan(w / h)) ** 2

    (w, h), step = pred[2:], 1e-6
    by_w = (v(w + step, h) - v(w - step, h)) / (2 * step)
    by_h = (v(w, h + step) - v(w, h - step)) / (2 * step)
    loss = lb.IoU().loss(corners(true.T), corners(pred.T))
    alpha = v(w, h) / (loss + v(w, h))
    expected = alpha * (w * w + h * h) * np.stack([by_w, by_h])
    np.testing.assert_allclose(shape[:2], 0, atol=1e-15)
    np.testing.assert_allclose(shape[2:], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", script.GRADIENTS)
def test_four_points_give_what_is_stored(name):
    curve, finals = script.run(script.GRADIENTS[name], 4)
    assert curve[-1] == pytest.approx(finals.sum())
    assert finals.sum() == pytest.approx(RUNS[name]["first points"]["4"], rel=0.02)


def test_the_stored_runs_say_what_the_chapter_says():
    final = {name: run["final"] for name, run in RUNS.items()}
    assert set(final) == set(script.GRADIENTS)
    assert all(len(run["curve"]) == 201 for run in RUNS.values())
    # the published figure, read by eye
    assert final["authors' IoU"] == pytest.approx(5.9e6, rel=0.02)
    assert final["authors' GIoU"] == pytest.approx(1.5e6, rel=0.15)
    assert final["authors' DIoU"] < 1e4
    assert final["authors' CIoU"] < 1e4
    # exact gradients
    assert final["exact IoU"] == pytest.approx(5.86e6, rel=0.005)
    assert final["exact GIoU"] == pytest.approx(2.9e4, rel=0.02)
    assert final["exact DIoU"] == pytest.approx(5.3e4, rel=0.02)
    assert final["exact CIoU"] < 1e4
    # one line mends the authors' GIoU
    assert final["authors' GIoU, clipped"] < final["authors' GIoU"] / 30


def test_one_pixel_moves_a_pair_across_the_threshold():
    toy = lb.load_toy_detections()
    rows = toy["image"] == 3
    boxes = toy.matrix("x", "y", "w", "h")[rows]
    boxes[:, 2:] += boxes[:, :2]
    true = toy["kind"][rows] == "gt"
    for extra, published in ((0, 0.2953), (1, 0.3034)):
        larger = boxes + np.array([0, 0, extra, extra])
        table = lb.pairwise_iou(larger[true], larger[~true])
        assert np.abs(table - published).min() < 5e-5


@pytest.mark.slow
@pytest.mark.parametrize("name", script.GRADIENTS)
def test_the_whole_simulation_gives_what_is_stored(name):
    curve, finals = script.run(script.GRADIENTS[name], script.POINTS)
    again = script.summary(curve, finals)
    np.testing.assert_allclose(again["curve"], RUNS[name]["curve"], rtol=0.01)
    assert again["share above 0.1"] == pytest.approx(RUNS[name]["share above 0.1"], abs=1e-3)


def test_quiz():
    losses = lb.IoU(), lb.GIoU(), lb.DIoU(), lb.CIoU()
    inner, outer = np.array([[0.0, 0, 2, 2]]), np.array([[-1.0, -0.5, 4, 5]])
    pulls = [by_xywh(loss.gradient(inner, outer))[0, :2] for loss in losses]
    beyond = inner + 3
    sides = np.minimum(inner, beyond)[0, 2:] - np.maximum(inner, beyond)[0, :2]
    unclipped = sides.prod() / (lb.box_area(inner) + lb.box_area(beyond) - sides.prod())[0]
    steps = [
        lb.GIoU().gradient(k * inner, k * (inner + 1))[0, 0] / (2 * k) for k in (1, 2)
    ]  # as a share of the side
    check_quiz(
        "11",
        lb.DIoU().loss([[0, 0, 4, 2]], [[2, 0, 6, 2]])[0],
        [np.abs(pull).max() > 1e-9 for pull in pulls],
        unclipped,
        [np.isclose(steps[1] / steps[0], share) for share in (1, 1 / 2, 1 / 4, 2)],
    )
