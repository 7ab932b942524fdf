"""Average precision: published numbers, COCO's own program, and what each rule means."""

import contextlib
import io

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE

COCO_NAMES = tuple(REFERENCE["coco100_bbox"])


# ---- rankings ----


def toy_hits():
    data = lb.load_toy_detections()
    boxes = data.matrix("x", "y", "w", "h")
    boxes[:, 2:] += boxes[:, :2]
    true, det = data["kind"] == "gt", data["kind"] == "det"
    found = lb.match_boxes(
        boxes[true],
        boxes[det],
        data["score"][det],
        0.3,
        true_groups=data["image"][true],
        groups=data["image"][det],
    )
    return found >= 0, data["score"][det]


def test_the_toy_of_padilla():
    expected = REFERENCE["toy_detection_ap30"]
    hit, score = toy_hits()
    assert hit.sum() == expected["true_positives"]
    for interpolation, name in (("all-points", "AP_all_points"), (11, "AP_11_points")):
        area = lb.average_precision(hit, score, interpolation=interpolation, n_positive=15)
        assert area == pytest.approx(expected[name], rel=0, abs=1e-12)


def test_interpolated_rules_depend_on_the_order_of_ties_and_the_plain_one_does_not():
    """The toy's first two scores are equal: the published value needs the lucky order."""
    hit, score = toy_hits()
    for interpolation, changes in ((None, False), ("all-points", True), (11, True)):
        rule = {"interpolation": interpolation, "n_positive": 15}
        given = lb.average_precision(hit, score, **rule)
        backwards = lb.average_precision(hit[::-1], score[::-1], **rule)
        assert (given > backwards + 0.01) == changes


def test_interpolation_by_hand():
    y, score = [1, 0, 1, 0, 0, 1], [6, 5, 4, 3, 2, 1]
    # recall 1/3, 2/3, 1 at precision 1, 2/3, 1/2: none is beaten by a later one
    expected = (1 + 2 / 3 + 1 / 2) / 3
    assert lb.average_precision(y, score) == pytest.approx(expected, rel=1e-15)
    assert lb.average_precision(y, score, interpolation="all-points") == pytest.approx(expected)
    assert lb.average_precision(y, score, interpolation=4) == pytest.approx(
        (1 + 1 + 2 / 3 + 1 / 2) / 4
    )
    # a dip in precision is filled from the right
    assert lb.average_precision([0, 1], [2, 1], interpolation="all-points") == 0.5
    assert lb.average_precision([0, 1, 1], [3, 2, 1], interpolation="all-points") == pytest.approx(
        2 / 3
    )


def test_recall_levels_are_reached_exactly():
    """3/5 is the sixth of ten steps: comparing rounded numbers must not miss it."""
    y, score = np.ones(3), [3.0, 2.0, 1.0]
    assert lb.average_precision(y, score, interpolation=11, n_positive=5) == pytest.approx(7 / 11)


def test_weights_and_weights_of_zero():
    y, score, times = [1, 0, 1, 1], [4, 3, 2, 1], [2, 3, 0, 1]
    repeated = lb.average_precision(np.repeat(y, times), np.repeat(score, times))
    assert lb.average_precision(y, score, times) == pytest.approx(repeated)
    weighted = lb.average_precision(y, score, times, interpolation="all-points")
    assert weighted == pytest.approx((2 * 1 + 1 * 0.5) / 3)


def test_objects_that_nothing_found():
    y, score = [1, 0, 1], [3, 2, 1]
    curve = lb.precision_recall_curve(y, score, n_positive=8)
    np.testing.assert_allclose(curve.recall, [2 / 8, 1 / 8, 1 / 8, 0])
    assert lb.average_precision(y, score, n_positive=8) == pytest.approx(
        lb.average_precision(y, score) * 2 / 8
    )
    assert lb.average_precision([0, 0], [1, 2], n_positive=3, interpolation=11) == 0


def test_average_precision_names_what_is_wrong():
    with pytest.raises(ValueError, match="n_positive is 1: expected at least 2"):
        lb.average_precision([1, 1], [1, 2], n_positive=1)
    for bad in ("11-point", 1, 2.5):
        with pytest.raises(ValueError, match=f"interpolation is {bad!r}: expected None"):
            lb.average_precision([1, 1], [1, 2], interpolation=bad)


# ---- matches ----


def test_each_box_takes_the_best_object_left():
    objects = [[0, 0, 4, 4], [1, 0, 5, 4]]
    boxes = [[0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 4, 4]]
    assert lb.match_boxes(objects, boxes, [1, 3, 2], 0.5).tolist() == [-1, 0, 1]
    assert lb.match_boxes(objects, boxes, [1, 3, 2], 0.61).tolist() == [-1, 0, -1]
    assert lb.match_boxes(objects, boxes, [1, 3, 2], 0.6).tolist() == [-1, 0, 1]  # 12/20
    assert lb.match_boxes(objects, [], []).tolist() == []
    assert lb.match_boxes([], boxes, [1, 3, 2]).tolist() == [-1, -1, -1]


def test_groups_do_not_mix():
    objects, boxes = [[0, 0, 4, 4]] * 2, [[0, 0, 4, 4]] * 3
    groups = {"true_groups": ["a", "b"], "groups": ["b", "a", "a"]}
    assert lb.match_boxes(objects, boxes, [1, 2, 3], **groups).tolist() == [1, -1, 0]
    with pytest.raises(ValueError, match="expected both or neither"):
        lb.match_boxes(objects, boxes, [1, 2, 3], groups=[1, 1, 1])
    with pytest.raises(ValueError, match=r"lengths 2 and 2: expected \(3, 2\)"):
        lb.match_boxes(objects, boxes, [1, 2, 3], groups=[1, 1], true_groups=[1, 1])


def test_matches_name_what_is_wrong():
    box = [[0, 0, 1, 1]]
    for threshold in (0, -1, 1.5, np.nan):
        with pytest.raises(ValueError, match=f"threshold is {threshold}: expected a number above"):
            lb.match_boxes(box, box, [1], threshold)
    with pytest.raises(ValueError, match=r"scores has shape \(2,\): expected \(1,\)"):
        lb.match_boxes(box, box, [1, 2])


# ---- COCO ----


def test_all_twelve_numbers_of_coco():
    metrics = lb.coco_average_precision(*lb.load_coco_boxes())
    expected = REFERENCE["coco100_bbox"]
    assert metrics._fields == COCO_NAMES
    for name in COCO_NAMES:
        assert getattr(metrics, name) == pytest.approx(expected[name], rel=0, abs=1e-9), name


def random_tables(seed):
    """Boxes of all sizes with equal scores, equal boxes, crowds and images without objects."""
    rng = np.random.default_rng(seed)

    def table(n, images):
        return {
            "image_id": rng.integers(1, images + 1, n),
            "category_id": rng.integers(1, 4, n),
            "x": rng.integers(0, 30, n) * 1.0,
            "y": rng.integers(0, 30, n) * 1.0,
            "w": rng.integers(1, 12, n) * rng.choice([1.0, 10.0, 40.0], n),
            "h": rng.integers(1, 12, n) * rng.choice([1.0, 10.0, 40.0], n),
        }

    truth = table(60, 5)
    truth["iscrowd"] = (rng.uniform(size=60) < 0.2).astype(int)
    truth["area"] = truth["w"] * truth["h"] * rng.choice([1.0, 0.6], 60)
    detections = table(400, 6)
    near = rng.integers(0, 60, 300)  # most boxes lie near an object
    for name in ("image_id", "category_id", "x", "y", "w", "h"):
        detections[name][:300] = truth[name][near]
    detections["w"][:200] *= rng.uniform(0.6, 1.5, 200).round(1)
    detections["x"][:250] += rng.integers(-3, 4, 250)
    detections["score"] = rng.integers(0, 40, 400) / 40
    return truth, detections


def by_pycocotools(truth, detections):
    coco = pytest.importorskip("pycocotools.coco")
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        data = coco.COCO()
        columns = zip(*(truth[name] for name in (*"xywh", "area", "iscrowd")), strict=True)
        data.dataset = {
            "images": [{"id": int(i)} for i in range(1, 7)],
            "categories": [{"id": int(i)} for i in np.unique(truth["category_id"])],
            "annotations": [
                {
                    "id": k + 1,
                    "image_id": int(truth["image_id"][k]),
                    "category_id": int(truth["category_id"][k]),
                    "bbox": [float(v) for v in row[:4]],
                    "area": float(row[4]),
                    "iscrowd": int(row[5]),
                }
                for k, row in enumerate(columns)
            ],
        }
        data.createIndex()
        results = data.loadRes(
            [
                {
                    "image_id": int(detections["image_id"][k]),
                    "category_id": int(detections["category_id"][k]),
                    "bbox": [float(detections[name][k]) for name in "xywh"],
                    "score": float(detections["score"][k]),
                }
                for k in range(len(detections["score"]))
            ]
        )
        evaluation = COCOeval(data, results, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


@pytest.mark.parametrize("seed", range(5))
def test_random_tables_agree_with_pycocotools(seed):
    truth, detections = random_tables(seed)
    stats = by_pycocotools(truth, detections)
    ours = lb.coco_average_precision(truth, detections)
    np.testing.assert_allclose(ours, stats, rtol=0, atol=1e-12)
    assert (stats > 0).all()  # every rule was in play


def one_object(**more):
    return {"image_id": [1], "category_id": [7], "x": [0], "y": [0], "w": [10], "h": [10], **more}


def test_a_box_in_a_crowd_is_neither_hit_nor_miss():
    object_and_crowd = {
        "image_id": [1, 1],
        "category_id": [7, 7],
        "x": [0, 100],
        "y": [0, 0],
        "w": [10, 200],
        "h": [10, 200],
        "iscrowd": [0, 1],
    }
    detections = {
        "image_id": [1, 1, 1],
        "category_id": [7, 7, 7],
        "x": [110, 150, 0],
        "y": [10, 20, 0],
        "w": [20, 20, 10],
        "h": [20, 20, 10],
        "score": [0.9, 0.8, 0.7],
    }
    assert lb.coco_average_precision(object_and_crowd, detections).AP == 1
    object_and_crowd["iscrowd"] = [0, 0]
    assert lb.coco_average_precision(object_and_crowd, detections).AP < 0.5


def test_without_area_and_crowds_the_box_decides():
    metrics = lb.coco_average_precision(one_object(), one_object(score=[0.5]))
    assert metrics.AP == metrics.AR1 == metrics.APs == 1
    assert np.isnan(metrics.APm)
    assert np.isnan(metrics.ARl)


@pytest.mark.parametrize(
    ("area", "sizes"),
    [(0.25, "s"), (32**2, "sm"), (32**2 + 1, "m"), (96**2, "ml"), (96**2 + 1, "l"), (1e10, "l")],
)
def test_an_area_on_the_border_belongs_to_both_sizes(area, sizes):
    side = {"w": [area**0.5], "h": [area**0.5]}
    truth = {**one_object(area=[area]), **side}
    metrics = lb.coco_average_precision(truth, {**one_object(score=[1]), **side})
    assert metrics.AP == 1
    for size in "sml":
        assert (getattr(metrics, f"AP{size}") == 1) == (size in sizes)


def test_no_detection_and_no_object():
    nothing = {name: [] for name in ("image_id", "category_id", "x", "y", "w", "h", "score")}
    assert lb.coco_average_precision(one_object(), nothing).AP == 0
    only_crowd = one_object(iscrowd=[1])
    assert np.isnan(lb.coco_average_precision(only_crowd, one_object(score=[1])).AP)


def test_tables_name_what_is_wrong():
    good = one_object(score=[0.5])
    with pytest.raises(ValueError, match="detections has no column score"):
        lb.coco_average_precision(one_object(), one_object())
    with pytest.raises(ValueError, match="truth has columns of lengths"):
        lb.coco_average_precision({**one_object(), "w": [1, 2]}, good)
    with pytest.raises(ValueError, match=r"truth\['w'\]\[0\] is -1: expected a finite number, 0"):
        lb.coco_average_precision({**one_object(), "w": [-1]}, good)
    with pytest.raises(ValueError, match=r"detections\['score'\]\[0\] is nan"):
        lb.coco_average_precision(one_object(), one_object(score=[np.nan]))
