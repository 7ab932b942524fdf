"""The losses of `torchvision.ops`, as formulas in torch, after their documented source.

torchvision itself is tied to one build of torch, which not every machine can install. These
formulas keep its parameters, its ε and what it holds constant, in the order of its operations, so
that they round alike. Sources: focal_loss.py, giou_loss.py, diou_loss.py, ciou_loss.py, boxes.py in
https://github.com/pytorch/vision/tree/main/torchvision/ops (BSD 3-Clause License).
"""

from __future__ import annotations

import math

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

EPS = 1e-7


def sigmoid_focal_loss(logits, labels, alpha=0.25, gamma=2.0):
    """Cross-entropy times (1 - probability of the true class)^γ, and a weight unless α < 0."""
    positive = torch.sigmoid(logits)
    right = positive * labels + (1 - positive) * (1 - labels)
    surprise = binary_cross_entropy_with_logits(logits, labels, reduction="none")
    losses = surprise * (1 - right) ** gamma
    return losses if alpha < 0 else (alpha * labels + (1 - alpha) * (1 - labels)) * losses


def paired_box_iou(a, b):
    """The diagonal of `torchvision.ops.box_iou(a, b)`: row i with row i; there is no ε."""
    sides = (torch.min(a[:, 2:], b[:, 2:]) - torch.max(a[:, :2], b[:, :2])).clamp(min=0)
    shared = sides.prod(dim=1)
    return shared / (_area(a) + _area(b) - shared)


def generalized_box_iou_loss(a, b):
    """1 - IoU + the empty share of the hull."""
    shared, union = _shared_and_union(a, b)
    hull = _hull(a, b).prod(dim=1)
    return 1 - (shared / (union + EPS) - (hull - union) / (hull + EPS))


def distance_box_iou_loss(a, b):
    """1 - IoU + the squared distance of the centres over that of the hull's corners."""
    return 1 - _iou(a, b) + _offset(a, b)


def complete_box_iou_loss(a, b):
    """The same + αv; v compares the shapes, and α is held constant."""
    turn = torch.atan(_ratio(b)) - torch.atan(_ratio(a))
    v = 4 / math.pi**2 * turn**2
    with torch.no_grad():
        alpha = v / (1 - _iou(a, b) + v + EPS)
    return 1 - _iou(a, b) + _offset(a, b) + alpha * v


def _area(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _ratio(boxes):
    return (boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1])


def _hull(a, b):
    """Width and height of the smallest box around both."""
    return torch.max(a[:, 2:], b[:, 2:]) - torch.min(a[:, :2], b[:, :2])


def _shared_and_union(a, b):
    """Areas; boxes that only touch share nothing, and have no slope there."""
    sides = torch.min(a[:, 2:], b[:, 2:]) - torch.max(a[:, :2], b[:, :2])
    meet = (sides > 0).all(dim=1)
    shared = torch.zeros_like(a[:, 0])
    shared[meet] = sides[meet].prod(dim=1)
    return shared, _area(a) + _area(b) - shared


def _iou(a, b):
    shared, union = _shared_and_union(a, b)
    return shared / (union + EPS)


def _offset(a, b):
    centres = ((a[:, :2] + a[:, 2:]) - (b[:, :2] + b[:, 2:])) / 2
    return (centres**2).sum(dim=1) / ((_hull(a, b) ** 2).sum(dim=1) + EPS)
