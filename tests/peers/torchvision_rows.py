"""torchvision: its formulas, differentiated by PyTorch's autograd."""

from __future__ import annotations

import lossbook as lb
from peers.row import Difference, Row

SOURCE = "https://docs.pytorch.org/vision/stable/_modules/torchvision/ops/"
ISSUES = "https://github.com/pytorch/vision/issues/"
BOTH = ("value", "gradient")


def epsilon(file: str, *inputs: str, parts=BOTH, within: float = 1e-6) -> Difference:
    """Return the difference that the ε in the denominators makes."""
    return Difference(
        inputs,
        parts,
        "limit",
        "ε = 1e-7 is added to each denominator, an area.",
        SOURCE + file,
        within=within,
    )


def small(file: str) -> Difference:
    """Return what the ε does where areas are no larger than it."""
    return Difference(
        ("small",),
        BOTH,
        "defect",
        "For boxes of side 1e-4 (in units of the image, say), ε = 1e-7 is larger than the areas "
        "to which it is added: loss and gradient are wrong in the first digit.",
        SOURCE + file,
        within=1.0,
    )


def row(loss, call, domain, *differences, **more) -> Row:
    return Row(loss, "torchvision", call, domain, differences=differences, **more)


ROWS = (
    row(
        lb.Focal(),
        "ops.sigmoid_focal_loss(p, y, alpha=-1, gamma=2.0)",
        "hard logits",
        Difference(
            ("tiny",),
            BOTH,
            "limit",
            "Tiny losses lose their digits: 1 − p is a difference of nearly equal numbers.",
            SOURCE + "focal_loss.html",
            within=1e-15,
        ),
    ),
    row(
        lb.Focal(gamma=0.5, alpha=0.75),
        "ops.sigmoid_focal_loss(p, y, alpha=0.75, gamma=0.5)",
        "hard logits",
        Difference(
            ("tiny",),
            ("value",),
            "limit",
            "Tiny losses lose their digits: 1 − p is a difference of nearly equal numbers.",
            SOURCE + "focal_loss.html",
            within=1e-15,
        ),
        Difference(
            ("extreme", "tiny"),
            ("gradient",),
            "defect",
            "For γ < 1, the slope of (1 − p)^γ is infinite where p rounds to 1: the gradient of "
            "a prediction that is surely right is NaN.",
            "https://github.com/google-deepmind/optax/issues/1267",
            theirs="np.where((2 * y - 1) * p > 36.8, np.nan, ours)",
            within=1e-15,
        ),
    ),
    row(
        lb.IoU(),
        "ops.paired_box_iou(p, y)",
        "boxes",
        Difference(
            ("touching",),
            ("gradient",),
            "convention",
            "Where boxes touch, the subgradient is ½ of the slope of overlapping ones; ours is 0.",
            SOURCE + "boxes.html",
            theirs="[[0.5, 0, 0, 0]]",
        ),
        Difference(
            ("same point",),
            BOTH,
            "limit",
            "Two boxes without area: 0/0 = NaN. torchvision documents that boxes need x1 < x2.",
            ISSUES + "3404",
            theirs="np.nan",
        ),
        conversion="1 - theirs",
        note="`ops.box_iou(p, y).diagonal()`, without the table of all pairs.",
    ),
    row(
        lb.GIoU(),
        "ops.generalized_box_iou_loss(p, y)",
        "boxes",
        epsilon("giou_loss.html", "random", "disjoint", "identical", "no area"),
        epsilon("giou_loss.html", "nested", "touching", parts=("gradient",)),
        small("giou_loss.html"),
        Difference(
            ("same point",),
            ("value",),
            "defect",
            "A box without area, predicted exactly, costs 1 instead of 0.",
            ISSUES + "7746",
            theirs="1.0",
        ),
    ),
    row(
        lb.DIoU(),
        "ops.distance_box_iou_loss(p, y)",
        "boxes",
        epsilon("diou_loss.html", "random", "identical", "touching"),
        epsilon("diou_loss.html", "disjoint", "nested", parts=("gradient",)),
        epsilon("diou_loss.html", "no area", parts=("value",)),
        small("diou_loss.html"),
        Difference(
            ("no area",),
            ("gradient",),
            "convention",
            "A predicted box without area inside the true one: no overlap counts, so the gradient "
            "by its width is 0; ours is the mean of the slopes of both sides.",
            SOURCE + "diou_loss.html",
            within=0.51,
        ),
        Difference(
            ("same point",),
            ("value",),
            "defect",
            "A box without area, predicted exactly, costs 1 instead of 0.",
            ISSUES + "7746",
            theirs="1.0",
        ),
    ),
    row(
        lb.CIoU(),
        "ops.complete_box_iou_loss(p, y)",
        "boxes",
        epsilon("ciou_loss.html", "random", "identical", "touching", "large", parts=("value",)),
        epsilon("ciou_loss.html", "identical", "touching", parts=("gradient",)),
        Difference(
            ("random", "float32", "disjoint", "nested", "large"),
            ("gradient",),
            "convention",
            "α is held constant (`no_grad`), as the paper advises: what training follows is then "
            "not the gradient of this loss. Ours is.",
            SOURCE + "ciou_loss.html",
            within=0.1,
        ),
        small("ciou_loss.html"),
        Difference(
            ("no area", "same point"),
            ("value",),
            "defect",
            "The shape of a point is arctan(0/0) = NaN.",
            "https://github.com/Zzh-tju/DIoU-pytorch-detectron/issues/19",
            theirs="np.where((p[:, 2] == p[:, 0]) & (p[:, 3] == p[:, 1]), np.nan, ours - 4e-9)",
        ),
        Difference(
            ("no area",),
            ("gradient",),
            "defect",
            "NaN for a point. For a line, α held constant and the subgradient as with DIoU.",
            "https://github.com/Zzh-tju/DIoU-pytorch-detectron/issues/19",
            theirs="[[np.nan] * 4, [0.0636619721438, 0, -0.0636619721438, 0]]",
        ),
        Difference(
            ("same point",),
            ("gradient",),
            "defect",
            "NaN, as for the loss.",
            "https://github.com/Zzh-tju/DIoU-pytorch-detectron/issues/19",
            theirs="np.nan",
        ),
    ),
)
