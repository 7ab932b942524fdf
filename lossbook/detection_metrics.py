"""Average precision: one number for a ranking, and for a detector of objects (chapter 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lossbook.detection import descending, pairwise_iou
from lossbook.evaluation import all_positives, precision_recall_curve
from lossbook.labels import labels_and_scores
from lossbook.validation import REAL, Array, Interval, as_array

KEYS, SIDES, OPTIONAL = ("image_id", "category_id"), ("x", "y", "w", "h"), ("area", "iscrowd")
NOT_NEGATIVE = Interval(0, what="a finite number, 0 or more")
IOU_LEVELS = np.linspace(0.5, 0.95, 10)
RECALL_LEVELS = np.linspace(0, 1, 101)
AREAS = {"all": (0, 1e10), "small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, 1e10)}


def average_precision(
    y_true: Array,
    y_score: Array,
    sample_weight: Array = None,
    *,
    interpolation: str | int | None = None,
    n_positive: float | None = None,
) -> float:
    """Return the area under the precision-recall curve, in the sense of `interpolation`.

    Parameters
    ----------
    y_true, y_score, sample_weight, n_positive
        As in `precision_recall_curve`. For boxes, `y_true` tells whether a box found an object
        (`match_boxes`), and `n_positive` is the number of objects.
    interpolation : None, "all-points" or int
        None: the plain sum of precision × step of recall, examples of equal score taken together
        (scikit-learn). The others replace each precision by the best one at that recall or more,
        and take examples one by one, equal scores in the order given, as the tools of the
        challenges do: "all-points" sums over all steps (PASCAL VOC from 2010), a number averages
        over as many evenly spaced recalls (11 in PASCAL VOC 2007, 101 in COCO).

    Examples
    --------
    >>> average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).__round__(4)
    0.8333
    >>> average_precision([1, 0, 1], [0.9, 0.8, 0.7], interpolation="all-points", n_positive=4)
    0.41666666666666663

    References
    ----------
    Everingham, Van Gool, Williams, Winn and Zisserman (2010), *The PASCAL Visual Object Classes
    Challenge*, International Journal of Computer Vision 88(2).
    """
    if interpolation is None:
        curve = precision_recall_curve(y_true, y_score, sample_weight, n_positive=n_positive)
        return float(-np.sum(np.diff(curve.recall) * curve.precision[:-1]))
    positive, score, weight = labels_and_scores(y_true, y_score, sample_weight)
    order = np.argsort(-score, kind="stable")
    weight = np.ones(len(score)) if weight is None else weight[order]
    hits = np.cumsum(weight * positive[order])
    rate = hits / all_positives(hits[-1], n_positive)
    best = envelope(hits / np.cumsum(weight))
    if interpolation == "all-points":
        return float(np.sum(np.diff(rate, prepend=0) * best))
    if not isinstance(interpolation, int | np.integer) or interpolation < 2:
        expected = 'None, "all-points" or a number of recalls, 2 or more'
        raise ValueError(f"interpolation is {interpolation!r}: expected {expected}")
    levels = np.arange(interpolation) / (interpolation - 1)
    return float(best_at(levels, rate, best).mean())


def envelope(values: Array) -> Array:
    """Return the largest of each value and all that follow it."""
    return np.maximum.accumulate(values[::-1])[::-1]


def best_at(levels: Array, rate: Array, best: Array) -> Array:
    """Return the envelope of precision where recall first reaches each level; 0 if it never does.

    Examples
    --------
    >>> best_at(np.array([0.0, 0.5, 1.0]), rate=np.array([0.25, 0.5]), best=np.array([1.0, 0.8]))
    array([1. , 0.8, 0. ])
    """
    return np.append(best, 0.0)[np.searchsorted(rate, levels)]


# Boxes -------------------------------------------------------------------------------------------


class CocoMetrics(NamedTuple):
    """The twelve numbers of COCO, by the names it gives them; NaN where no object is concerned.

    AP is the average precision, averaged over IoU thresholds .5, .55, ..., .95 and categories;
    AP50 and AP75 take one threshold; APs, APm and APl only small (area up to 32²), medium (up to
    96²) and large objects. AR is the largest recall reached with 1, 10 or 100 boxes an image.
    """

    AP: float
    AP50: float
    AP75: float
    APs: float
    APm: float
    APl: float
    AR1: float
    AR10: float
    AR100: float
    ARs: float
    ARm: float
    ARl: float


def match_boxes(
    true_boxes: Array,
    boxes: Array,
    scores: Array,
    threshold: float = 0.5,
    *,
    true_groups: Array = None,
    groups: Array = None,
) -> Array:
    """Return for each box the index of the object that it finds, or -1 for a false alarm.

    The boxes choose in the order of their scores (equal ones as given). Each takes, of the
    objects that are left, the one with the largest IoU, if it reaches the threshold.

    Parameters
    ----------
    true_boxes, boxes : array_like of shape (n, 4) and (m, 4)
        Objects and detections, (x1, y1, x2, y2).
    scores : array_like of shape (m,)
        Finite.
    threshold : float
        IoU from which a box finds an object; above 0, at most 1.
    true_groups, groups : array_like of shape (n,) and (m,), optional
        The image, or image and category, of each object and detection; only equal ones match.

    Examples
    --------
    >>> objects = [[0, 0, 2, 2], [5, 5, 7, 7]]
    >>> match_boxes(objects, [[0, 0, 2, 2], [0, 0, 2, 1.9], [5, 5, 7, 6.8]], [0.9, 0.8, 0.7])
    array([ 0, -1,  1])
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold is {threshold}: expected a number above 0, at most 1")
    iou = pairwise_iou(boxes, true_boxes)
    order = descending(scores, len(iou))
    if (true_groups is None) != (groups is None):
        raise ValueError("true_groups and groups: expected both or neither")
    if groups is not None:
        groups, true_groups = np.asarray(groups), np.asarray(true_groups)
        if (len(groups), len(true_groups)) != iou.shape:
            raise ValueError(
                f"groups and true_groups have lengths {len(groups)} and {len(true_groups)}: "
                f"expected {iou.shape}"
            )
        iou = np.where(groups[:, None] == true_groups, iou, -1)
    found = np.empty(len(iou), dtype=np.intp)
    found[order] = _match(iou[order], threshold, *np.zeros((2, iou.shape[1]), dtype=bool))
    return found


def coco_average_precision(truth: Mapping, detections: Mapping) -> CocoMetrics:
    """Return COCO's twelve numbers for boxes, as its own program computes them.

    Parameters
    ----------
    truth : mapping of column names to arrays
        One row is one object: `image_id`, `category_id`, and the box as `x`, `y` (top left),
        `w`, `h`. Optional: `area`, by which objects are small, medium or large (w·h if absent),
        and `iscrowd`, 1 for a box around a crowd: it is no object to find, any number of boxes
        may fall into it without being false alarms, and its IoU with a box is the share of the
        box that lies inside.
    detections : mapping of column names to arrays
        One row is one box: `image_id`, `category_id`, `x`, `y`, `w`, `h` and `score`. Of an image
        and category the 100 best count; equal scores go by image, then in the order given.

    Returns
    -------
    CocoMetrics
        A tuple with names. Categories without an object to find do not count.

    Examples
    --------
    >>> from lossbook import load_coco_boxes
    >>> metrics = coco_average_precision(*load_coco_boxes())
    >>> metrics.AP.__round__(4), metrics.AP50.__round__(4), metrics.AR1.__round__(4)
    (0.5046, 0.697, 0.3868)

    References
    ----------
    Lin et al. (2014), *Microsoft COCO: Common Objects in Context*, ECCV; the rules are those of
    pycocotools.
    """
    truth = _table("truth", truth)
    truth = {"area": truth["w"] * truth["h"], "iscrowd": np.zeros(len(truth["w"])), **truth}
    detections = _table("detections", detections, "score")
    curves: dict[tuple[str, int], list] = {}
    curves |= {key: [] for key in [("all", 1), ("all", 10), *((area, 100) for area in AREAS)]}
    for category in np.unique(truth["category_id"]):
        scenes = _scenes(truth, detections, category)
        for (area, most), results in curves.items():
            result = _curve(scenes, AREAS[area], most)
            if result is not None:
                results.append(result)
    precision = {area: _average(curves[area, 100], 0) for area in AREAS}
    recall = {key: _average(results, 1) for key, results in curves.items()}
    return CocoMetrics(
        *(float(precision["all"][levels].mean()) for levels in (slice(None), 0, 5)),
        *(float(precision[area].mean()) for area in ("small", "medium", "large")),
        *(float(recall["all", most].mean()) for most in (1, 10, 100)),
        *(float(recall[area, 100].mean()) for area in ("small", "medium", "large")),
    )


class _Scene(NamedTuple):
    """Objects and boxes of one category in one image; boxes from the highest score."""

    iou: Array
    score: Array
    area: Array
    true_area: Array
    crowd: Array


def _scenes(truth: dict, detections: dict, category: int) -> list[_Scene]:
    """Cut the tables into images."""
    truth, detections = (
        {name: column[table["category_id"] == category] for name, column in table.items()}
        for table in (truth, detections)
    )
    scenes = []
    for image in np.union1d(truth["image_id"], detections["image_id"]):
        true = {name: column[truth["image_id"] == image] for name, column in truth.items()}
        here = np.flatnonzero(detections["image_id"] == image)
        here = here[np.argsort(-detections["score"][here], kind="stable")[:100]]
        boxes = {name: column[here] for name, column in detections.items()}
        crowd = true["iscrowd"] != 0
        scenes.append(
            _Scene(
                _coco_iou(boxes, true, crowd),
                boxes["score"],
                boxes["w"] * boxes["h"],
                true["area"],
                crowd,
            )
        )
    return scenes


def _coco_iou(boxes: dict, true: dict, crowd: Array) -> Array:
    """Return the IoU of all pairs, rounded as in COCO's program: some lie on a threshold."""
    overlap = 1.0
    for low, side in (("x", "w"), ("y", "h")):
        a, b = boxes[low][:, None], true[low]
        high = np.minimum(a + boxes[side][:, None], b + true[side])
        overlap = overlap * np.maximum(high - np.maximum(a, b), 0)
    area = (boxes["w"] * boxes["h"])[:, None]
    union = np.where(crowd, area, area + true["w"] * true["h"] - overlap)
    return np.divide(overlap, union, out=np.zeros_like(union), where=union > 0)


def _curve(scenes: list[_Scene], limits: tuple[float, float], most: int) -> tuple | None:
    """Return precision (IoU level, recall level) and the last recall (IoU level), or None."""
    low, high = limits
    score = np.concatenate([scene.score[:most] for scene in scenes])
    order = np.argsort(-score, kind="stable")
    outside = [(scene.true_area < low) | (scene.true_area > high) for scene in scenes]
    ignored = [out | scene.crowd for out, scene in zip(outside, scenes, strict=True)]
    n_objects = sum(int((~skip).sum()) for skip in ignored)
    if n_objects == 0:
        return None
    precision, recall = np.zeros((10, 101)), np.zeros(10)
    for level, threshold in enumerate(IOU_LEVELS):
        hit, counts = [], []
        for scene, skip in zip(scenes, ignored, strict=True):
            found = _match(scene.iou[:most], threshold, skip, scene.crowd)
            area = scene.area[:most]
            # a false alarm counts only if its own area is in the range, a hit if its object's is
            counts.append(np.where(found < 0, (area >= low) & (area <= high), ~_at(skip, found)))
            hit.append(found >= 0)
        counted = np.concatenate(counts)[order]
        hits = np.cumsum(np.concatenate(hit)[order][counted])
        if hits.size:
            best = envelope(hits / np.arange(1, hits.size + 1))
            precision[level] = best_at(RECALL_LEVELS, hits / n_objects, best)
            recall[level] = hits[-1] / n_objects
    return precision, recall


def _match(iou: Array, threshold: float, ignored: Array, crowd: Array) -> Array:
    """Return for each row the column it takes, or -1: the largest that is free and high enough.

    An object to ignore is taken only if no other will do; a crowd stays free for more. Of equal
    values the last is taken, as in COCO's program.
    """
    found = np.full(len(iou), -1, dtype=np.intp)
    free = np.ones(iou.shape[1], dtype=bool)
    for row in np.flatnonzero((iou >= threshold).any(axis=1)):
        for wanted in (~ignored, ignored):
            values = np.where(free & wanted, iou[row], -1)
            best = len(values) - 1 - int(np.argmax(values[::-1]))
            if values[best] >= threshold:
                found[row], free[best] = best, crowd[best]
                break
    return found


def _at(flags: Array, index: Array) -> Array:
    """Return the flags at the indices; False at -1."""
    return np.append(flags, False)[index]


def _average(results: list, part: int) -> Array:
    """Return the average over categories, NaN if there is none."""
    return np.mean([result[part] for result in results], axis=0) if results else np.full(10, np.nan)


def _table(name: str, columns: Mapping, *more: str) -> dict[str, Array]:
    """Return the columns as arrays of one length, numbers checked."""
    needed = (*KEYS, *SIDES, *more)
    for column in needed:
        if column not in columns:
            raise ValueError(f"{name} has no column {column}: expected {', '.join(needed)}")
    table = {column: np.asarray(columns[column]) for column in needed}
    table |= {column: np.asarray(columns[column]) for column in OPTIONAL if column in columns}
    lengths = {column: len(values) for column, values in table.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"{name} has columns of lengths {lengths}: expected equal lengths")
    for column in set(table) - set(KEYS):
        domain = REAL if column in ("x", "y", "score") else NOT_NEGATIVE
        if table[column].size:
            domain.check(f"{name}[{column!r}]", as_array(column, table[column]))
    return table
