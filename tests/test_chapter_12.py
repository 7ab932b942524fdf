"""Chapter 12: the numbers of the focal loss, COCO's twelve numbers, average precision by hand."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz, definitions

CROSS_ENTROPY, FOCAL = lb.BinaryCrossEntropyWithLogits(), lb.Focal(gamma=2)
BIAS = -np.log(99)
grid, corners, honest = definitions("12-dense-detection", "grid", "corners", "honest")


def logit(p):
    return np.log(p / (1 - p))


def toy_precision(extra, interpolation):
    """Return the average precision of Padilla's toy, boxes enlarged by `extra` pixels."""
    toy = lb.load_toy_detections()
    boxes = corners(toy) + np.array([0, 0, extra, extra])
    true, found = toy["kind"] == "gt", toy["kind"] == "det"
    taken = lb.match_boxes(
        boxes[true],
        boxes[found],
        toy["score"][found],
        0.3,
        true_groups=toy["image"][true],
        groups=toy["image"][found],
    )
    hits = taken >= 0
    value = lb.average_precision(
        hits, toy["score"][found], interpolation=interpolation, n_positive=15
    )
    return value, hits.sum()


@pytest.mark.parametrize(("p", "times"), [(0.5, 4), (0.9, 100), (0.968, 977)])
def test_published_ratios(p, times):
    ratio = CROSS_ENTROPY.loss([1], [logit(p)]) / FOCAL.loss([1], [logit(p)])
    assert round(ratio[0]) == times


def test_published_prior():
    assert pytest.approx(-4.595, abs=5e-4) == BIAS
    for start, total in ((0.0, 69_315), (BIAS, 1_005)):
        z = np.full(100_000, start)
        assert round(CROSS_ENTROPY.loss(0 * z, z).sum()) == total
    assert FOCAL.loss(np.zeros(100_000), np.full(100_000, BIAS)).sum() == pytest.approx(
        0.1005, abs=5e-5
    )


def test_focal_pulls_harder_below_three_tenths():
    p = np.linspace(0.001, 0.999, 999)
    harder = -FOCAL.gradient(np.ones_like(p), logit(p)) > 1 - p
    assert harder[p < 0.29].all()
    assert not harder[p > 0.3].any()


def test_gradient_formula_of_the_chapter():
    p = np.linspace(0.01, 0.99, 99)
    for gamma in (0, 0.5, 2, 5):
        size = (1 - p) ** gamma * (1 - p - gamma * p * np.log(p))
        for label, alpha, side in ((1, 0.25, 1), (0, 0.75, -1)):
            gradient = lb.Focal(gamma, 0.25).gradient(np.full(99, label), side * logit(p))
            np.testing.assert_allclose(-side * gradient, alpha * size, rtol=1e-9)


@pytest.mark.parametrize("alpha", [None, 0.25])
@pytest.mark.parametrize("gamma", [0, 0.5, 2, 5])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.9])
def test_repair_gives_the_share_back(gamma, alpha, share):
    loss = lb.Focal(gamma, alpha)
    said = loss.best_constant([1, 0], [share, 1 - share])
    assert honest(loss, np.array([said]))[0] == pytest.approx(share, rel=1e-9)


def test_focal_is_not_proper():
    said = lb.sigmoid(np.array(FOCAL.best_constant([1, 0], [0.01, 0.99])))
    assert said == pytest.approx(0.154, abs=5e-4)


def test_grid_of_retinanet():
    boxes = grid(427, 640, strides=(8, 16, 32, 64, 128), scales=(1, 1.26, 1.587))
    places = sum(round(427 / s) * round(640 / s) for s in (8, 16, 32, 64, 128))
    assert boxes.shape == (9 * places, 4)
    assert len(boxes) == 50_985
    np.testing.assert_allclose(lb.box_area(boxes).min(), 32**2)
    assert np.sqrt(lb.box_area(boxes).max()) == pytest.approx(512 * 1.587)


def test_toy_agrees_with_the_reference_and_the_published_values():
    reference = REFERENCE["toy_detection_ap30"]
    for extra, suffix in ((0, ""), (1, "_with_plus1")):
        pixels = "_pixels" if extra else ""
        value, _ = toy_precision(extra, "all-points")
        expected = reference[f"AP_all_points{suffix}{pixels}"]
        assert value == pytest.approx(expected, rel=1e-12)
        value, _ = toy_precision(extra, 11)
        assert value == pytest.approx(reference[f"AP_11_points{suffix}"], rel=1e-12)
    assert toy_precision(0, 11)[1] == reference["true_positives"]
    assert int(1e4 * toy_precision(1, "all-points")[0]) == 2456  # published, cut to 24.56 %
    assert round(toy_precision(1, 11)[0], 4) == 0.2684


def test_coco_agrees_with_pycocotools_and_the_published_numbers():
    metrics = lb.coco_average_precision(*lb.load_coco_boxes())
    reference = REFERENCE["coco100_bbox"]
    for name, value in metrics._asdict().items():
        assert value == pytest.approx(reference[name], rel=1e-12), name
    published = [0.505, 0.697, 0.573, 0.586, 0.519, 0.501]
    published += [0.387, 0.594, 0.595, 0.640, 0.566, 0.564]
    assert [round(value, 3) for value in metrics] == published


def test_quiz():
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    rule = {"interpolation": "all-points", "n_positive": 4}
    once = lb.Focal(gamma=1)
    easy, hard = 100_000 * once.loss([0], [logit(0.01)])[0], 10 * once.loss([1], [0.0])[0]
    objects = np.array([1, 1]), logit(np.array([0.1, 0.6]))
    first, second = np.abs(FOCAL.gradient(*objects)) > np.abs(CROSS_ENTROPY.gradient(*objects))
    players = np.array([[0.0, 0, 10, 10], [2.5, 0, 12.5, 10]])  # IoU 0.6
    kept = lb.non_maximum_suppression(players, scores[:2], threshold=0.5)
    taken = lb.match_boxes(players, players[kept], scores[kept], 0.5)
    counts = np.sum(taken >= 0), np.sum(taken < 0)
    assert lb.pairwise_iou(players[:1], players[1:]).item() == pytest.approx(0.6)
    check_quiz(
        "12",
        lb.average_precision([1, 0, 1, 0], scores, **rule),
        easy / hard,
        [
            not first and not second,
            first and second,
            second and not first,
            first and not second,
        ],
        [counts == found for found in ((2, 0), (1, 0), (1, 1), (0, 0))],
    )
