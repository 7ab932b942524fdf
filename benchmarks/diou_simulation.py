"""The box regression simulation of the DIoU paper: its authors' gradients and the exact ones.

    python benchmarks/diou_simulation.py                # all 1,715,000 cases, 10 minutes on one
                                                        # core: writes chapters/data
    python benchmarks/diou_simulation.py --points 50    # a part: prints only

Zheng et al. (2020), Distance-IoU Loss, AAAI, doi:10.1609/aaai.v34i07.6999. Boxes are
(x, y, w, h) about their centre. 7 targets of area 1 at (10, 10); 7 x 7 anchors on each of 5000
points in the disc of radius 3 around it; 200 steps of descent; measured is the sum of
|x error| + |y error| + |w error| + |h error| over all cases. Chapter 11 shows the result.

The authors' gradients follow the formulas of the MATLAB files in the folder "simulation
experiment" of github.com/Zzh-tju/DIoU at commit be008414 (In, cover, dIbox, dUbox, dCbox, dIOU,
dGIOU, dDIOU, dCIOU, to_xywh), whose README says that they are those of the authors' YOLO v3.
They differ from the derivatives of the published losses; `DIFFERENCES` says how.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

import lossbook as lb

DATA = Path(__file__).resolve().parent.parent / "chapters" / "data" / "diou_simulation.json"
COMMAND = "python benchmarks/diou_simulation.py"
SEED, POINTS, STEPS, RADIUS, CENTRE = 0, 5000, 200, 3.0, 10.0
WIDTHS = np.array([1 / 2, 1 / np.sqrt(3), 1 / np.sqrt(2), 1, np.sqrt(2), np.sqrt(3), 2])
AREAS = np.array([0.5, 0.67, 0.75, 1, 1.33, 1.5, 2])
CASES_PER_POINT = len(WIDTHS) ** 2 * len(AREAS)

DIFFERENCES = {
    "all": "dw and dh are d(right) - d(left) and d(bottom) - d(top), without the factor 1/2 of the "
    "chain rule: sides move twice as far as the learning rate says",
    "GIoU": "the intersection of boxes that are apart is the product of its negative sides, not 0, "
    "in the union and in its derivative",
    "DIoU": "the derivative of the hull's diagonal has the wrong sign for x and y; one derivative "
    "is used for the hull's width and for its height; it is -1 where the predicted box "
    "sticks out on both sides",
    "CIoU": "as DIoU; the derivative of v lacks the factor 1 / (w^2 + h^2); alpha is held constant",
}


def cases(points):
    """Return targets and anchors, (x, y, w, h) along the first axis, of the first points."""
    u, turn = np.random.default_rng(SEED).random((points, 2)).T
    radius, turn = RADIUS * np.sqrt(u), 2 * np.pi * turn
    centre = CENTRE + radius * np.stack([np.cos(turn), np.sin(turn)])
    point, target, area, anchor = (
        axis.ravel()
        for axis in np.meshgrid(
            np.arange(points), np.arange(7), np.arange(7), np.arange(7), indexing="ij"
        )
    )
    side = np.sqrt(AREAS[area])
    middle = np.full(len(point), CENTRE)
    targets = np.stack([middle, middle, WIDTHS[target], 1 / WIDTHS[target]])
    anchors = np.stack([*centre[:, point], side * WIDTHS[anchor], side / WIDTHS[anchor]])
    return targets, anchors


def corners(box):
    """Return (x1, y1, x2, y2) of boxes (x, y, w, h)."""
    return np.concatenate([box[:2] - box[2:] / 2, box[:2] + box[2:] / 2])


def exact(loss):
    """Return the gradient of a lossbook loss by (x, y, w, h): the chain rule from the corners."""

    def gradient(true, pred):
        by_corner = loss.gradient(corners(true).T, corners(pred).T, validate=False).T
        first, second = by_corner[:2], by_corner[2:]
        return np.concatenate([first + second, (second - first) / 2])

    return gradient


class Authors:
    """One measurement of pairs of boxes as the authors' code takes it; edges are l, t, r, b."""

    def __init__(self, true, pred):
        self.true, self.pred = true, pred
        t, p = corners(true), corners(pred)
        self.sides = np.minimum(t[2:], p[2:]) - np.maximum(t[:2], p[:2])  # below 0: a gap
        self.meets = (self.sides > 0).all(axis=0)
        self.hull = np.maximum(t[2:], p[2:]) - np.minimum(t[:2], p[:2])
        self.intersection = self.sides[0] * self.sides[1]
        self.union = pred[2] * pred[3] + true[2] * true[3] - self.intersection
        self.outside = np.concatenate([p[:2] < t[:2], p[2:] > t[2:]])
        self.inside = np.concatenate([p[:2] > t[:2], p[2:] < t[2:]])

    def across(self, sides):
        """Return how an area of these sides grows with each edge that bounds it."""
        width, height = sides
        return np.stack([-height, -width, height, width])

    def iou(self):
        """Return IoU."""
        return np.where(self.meets, self.intersection / self.union, 0)

    def d_iou(self):
        """Return the derivative of IoU by the edges."""
        d_intersection = self.inside * self.across(self.sides)
        d_union = self.across(self.pred[2:]) - d_intersection
        slope = (self.union * d_intersection - self.intersection * d_union) / self.union**2
        return np.where(self.meets, slope, 0)

    def d_giou(self, clip):
        """Return the derivative of IoU + union / hull; clip mends the intersection."""
        keep = self.meets if clip else True
        union = self.union + np.where(keep, 0, self.intersection)
        d_intersection = np.where(keep, self.inside * self.across(self.sides), 0)
        d_union = self.across(self.pred[2:]) - d_intersection
        hull, d_hull = self.hull[0] * self.hull[1], self.outside * self.across(self.hull)
        return self.d_iou() + (hull * d_union - union * d_hull) / hull**2

    def d_offset(self):
        """Return what the authors add to the derivative of IoU by (x, y, w, h)."""
        diagonal, away = (self.hull**2).sum(axis=0), self.pred[:2] - self.true[:2]
        squared = (away**2).sum(axis=0)
        low, high = self.outside[:2].astype(float), self.outside[2:].astype(float)
        # The width of the hull by x is high - low, by w it is (high + low) / 2; so for y and h.
        both = low * high == 1
        centre, side = high - low, np.where(both, -1, (high + low) / 2)
        # They keep one number for the width and the height of the hull, except where it is -1.
        (width, height), perimeter = self.hull, 2 * self.hull.sum(axis=0)
        by_centre = centre * perimeter
        half = (high + low) / 2
        by_w = 2 * (width * side[0] + height * half[0])
        by_h = 2 * (width * half[1] + height * side[1])
        move = (-2 * away * diagonal - by_centre * squared) / diagonal**2
        return np.concatenate([move, np.stack([by_w, by_h]) * squared / diagonal**2])

    def d_shape(self):
        """Return what they add for CIoU, by (w, h)."""
        turn = np.arctan(self.true[2] / self.true[3]) - np.arctan(self.pred[2] / self.pred[3])
        v = 4 / np.pi**2 * turn**2
        alpha = v / (1 - self.iou() + v + 1e-7)
        return alpha * 8 / np.pi**2 * turn * np.stack([self.pred[3], -self.pred[2]])


def by_box(edges):
    """Return the authors' derivative by (x, y, w, h) from the one by l, t, r, b."""
    return np.concatenate([edges[:2] + edges[2:], edges[2:] - edges[:2]])


def authors_iou(true, pred):
    """Return minus the authors' derivative of IoU."""
    return -by_box(Authors(true, pred).d_iou())


def authors_giou(true, pred):
    """Return minus the authors' derivative of GIoU."""
    return -by_box(Authors(true, pred).d_giou(clip=False))


def authors_giou_clipped(true, pred):
    """Return the same with one repair: boxes that are apart have an intersection of 0."""
    return -by_box(Authors(true, pred).d_giou(clip=True))


def authors_diou(true, pred):
    """Return minus the authors' derivative of DIoU."""
    pair = Authors(true, pred)
    return -by_box(pair.d_iou()) - pair.d_offset()


def authors_ciou(true, pred):
    """Return minus the authors' derivative of CIoU."""
    pair = Authors(true, pred)
    slope = -by_box(pair.d_iou()) - pair.d_offset()
    slope[2:] -= pair.d_shape()
    return slope


GRADIENTS = {
    "exact IoU": exact(lb.IoU()),
    "exact GIoU": exact(lb.GIoU()),
    "exact DIoU": exact(lb.DIoU()),
    "exact CIoU": exact(lb.CIoU()),
    "authors' IoU": authors_iou,
    "authors' GIoU": authors_giou,
    "authors' DIoU": authors_diou,
    "authors' CIoU": authors_ciou,
    "authors' GIoU, clipped": authors_giou_clipped,
}


def learning_rate(step):
    """Return the rate of a step, counted from 1."""
    return 0.1 if step <= 160 else 0.01 if step <= 180 else 0.001


def descend(gradient, true, pred):
    """Return the boxes at the start and after each step, one after the other."""
    box = pred.copy()
    yield box
    for step in range(1, STEPS + 1):
        rate = learning_rate(step) * (2 - Authors(true, box).iou())
        box = box - rate * gradient(true, box)
        yield box


def run(gradient, points, chunk=8):
    """Return the L1 error of all cases at each step, summed, and that of each case at the end."""
    targets, anchors = cases(points)
    curve, finals = np.zeros(STEPS + 1), []
    for start in range(0, points, chunk):
        part = slice(start * CASES_PER_POINT, (start + chunk) * CASES_PER_POINT)
        for step, box in enumerate(descend(gradient, targets[:, part], anchors[:, part])):
            error = np.abs(box - targets[:, part]).sum(axis=0)
            curve[step] += error.sum()
        finals.append(error)
    return curve, np.concatenate(finals)


def significant(values, digits):
    """Return numbers of so many digits, as a list that JSON takes."""
    return [float(f"{value:.{digits}g}") for value in values]


def summary(curve, finals):
    """Return what is stored of one run."""
    return {
        "final": significant(curve[-1:], 5)[0],
        "share above 0.1": significant([(finals > 0.1).mean()], 4)[0],
        "first points": {
            str(n): significant([finals[: n * CASES_PER_POINT].sum()], 5)[0] for n in (4, 50)
        },
        "curve": significant(curve, 5),
    }


def main():
    """Run every gradient; write the data if the run is full."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=POINTS, help="fewer write nothing")
    points = parser.parse_args().points
    runs = {}
    for name, gradient in GRADIENTS.items():
        start = time.process_time()
        curve, finals = run(gradient, points)
        seconds = time.process_time() - start
        print(f"{name:23} {curve[0]:10.0f} -> {curve[-1]:9.0f}  {seconds:4.0f} s", flush=True)
        if points == POINTS:
            runs[name] = summary(curve, finals)
    if runs:
        data = {
            "what": __doc__.splitlines()[0],
            "command": COMMAND,
            "numpy": np.__version__,
            "seed": SEED,
            "points": points,
            "cases": points * CASES_PER_POINT,
            "authors' gradients": DIFFERENCES,
            "runs": runs,
        }
        DATA.parent.mkdir(exist_ok=True)
        DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
