"""Typical wrong answers to assignment 4, what they score and what they are told."""

from submissions import Wrong

WRONG = [
    Wrong(
        "counts pixels in every width",
        {
            "q1": """
def box_area(boxes):
    return (boxes[..., 2] - boxes[..., 0] + 1) * (boxes[..., 3] - boxes[..., 1] + 1)


def iou(a, b):
    reach = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]) + 1
    intersection = np.maximum(reach, 0).prod(axis=-1)
    return intersection / (box_area(a) + box_area(b) - intersection)
"""
        },
        points={"q1": 0, "q2": 1, "q3": 0, "q4": 2, "q5": 3, "q6": 5},
        says="these are the IoUs of pixel counts: no + 1 in a width",
    ),
    Wrong(
        "does not clip the intersection",
        {
            "q1": """
def box_area(boxes):
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def iou(a, b):
    reach = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    intersection = reach.prod(axis=-1)
    return intersection / (box_area(a) + box_area(b) - intersection)
"""
        },
        points={"q1": 2, "q2": 1, "q3": 5, "q4": 2, "q5": 3, "q6": 3},
        says="clip width and height of the intersection at 0, each of them",
    ),
    Wrong(
        "takes the sum of both areas for the union",
        {
            "q1": """
def box_area(boxes):
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def iou(a, b):
    reach = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return np.maximum(reach, 0).prod(axis=-1) / (box_area(a) + box_area(b))
""",
            "q2": """
def pairwise_iou(a, b):
    return lb.pairwise_iou(a, b)
""",
        },
        points={"q1": 2, "q3": 4},
        says="the intersection, which counts once",
    ),
    Wrong(
        "swaps rows and columns of the table",
        {
            "q2": """
def pairwise_iou(a, b):
    return iou(a[None], b[:, None])
""",
            "q4": """
def suppress(boxes, scores, threshold):
    return lb.non_maximum_suppression(boxes, scores, threshold)
""",
            "q5": """
def match(objects, boxes, scores, threshold):
    return lb.match_boxes(objects, boxes, scores, threshold)
""",
        },
        points={"q2": 0},
        says="boxes of `a` are its rows",
    ),
    Wrong(
        "builds the table row by row, and cannot stack none",
        {
            "q2": """
def pairwise_iou(a, b):
    return np.stack([iou(np.tile(box, (len(b), 1)), b) for box in a])
""",
        },
        points={"q2": 2},
        says="need at least one array to stack",
    ),
    Wrong(
        "counts the gap between two boxes as filled",
        {
            "q3": """
def giou_loss(y_true, y_pred):
    reach = np.minimum(y_true, y_pred)[:, 2:] - np.maximum(y_true, y_pred)[:, :2]
    intersection = reach.prod(axis=1)
    union = box_area(y_true) + box_area(y_pred) - intersection
    hull = np.maximum(y_true, y_pred)[:, 2:] - np.minimum(y_true, y_pred)[:, :2]
    return 2 - iou(y_true, y_pred) - union / hull.prod(axis=1)


def giou_gradient_apart(y_true, y_pred):
    return lb.IoU().gradient(y_true, y_pred)
"""
        },
        points={"q3": 2},
        says="the gap is counted as if it were filled",
    ),
    Wrong(
        "lets every edge move the hull",
        {
            "q3": """
def giou_loss(y_true, y_pred):
    return lb.GIoU().loss(y_true, y_pred)


def giou_gradient_apart(y_true, y_pred):
    def across(low, high):
        width, height = (high - low).T
        return np.stack([-height, -width, height, width], axis=1)

    low, high = np.minimum(y_true, y_pred)[:, :2], np.maximum(y_true, y_pred)[:, 2:]
    hull = (high - low).prod(axis=1)[:, None]
    union = (box_area(y_true) + box_area(y_pred))[:, None]
    d_union = across(y_pred[:, :2], y_pred[:, 2:])
    return -(d_union * hull - union * across(low, high)) / hull**2
"""
        },
        points={"q3": 3},
        says="these do not move the hull",
    ),
    Wrong(
        "returns GIoU, and the gradient of GIoU",
        {
            "q3": """
def giou_loss(y_true, y_pred):
    return 1 - lb.GIoU().loss(y_true, y_pred)


def giou_gradient_apart(y_true, y_pred):
    return -lb.GIoU().gradient(y_true, y_pred)
"""
        },
        points={"q3": 0},
        says="opposite sign",
    ),
    Wrong(
        "lets a removed box remove others",
        {
            "q4": """
def suppress(boxes, scores, threshold):
    order = np.argsort(-scores, kind="stable")
    overlap = pairwise_iou(boxes[order], boxes[order])
    return order[~np.any(np.tril(overlap, -1) > threshold, axis=1)]
"""
        },
        points={"q4": 2},
        says="a box that was removed removes nothing",
    ),
    Wrong(
        "removes at the threshold already, and starts at the lowest score",
        {
            "q4": """
def suppress(boxes, scores, threshold):
    order = list(np.argsort(scores))
    kept = []
    while order:
        best = order.pop(0)
        kept.append(best)
        order = [i for i in order if pairwise_iou(boxes[[best]], boxes[[i]])[0, 0] < threshold]
    return np.array(kept, dtype=int)
"""
        },
        points={"q4": 0, "q6": 6},
        says="an IoU of exactly the threshold removes nothing",
    ),
    Wrong(
        "gives an object to every box that is near enough",
        {
            "q5": """
def match(objects, boxes, scores, threshold):
    if len(objects) == 0:
        return np.full(len(boxes), -1)
    overlap = pairwise_iou(boxes, objects)
    return np.where(overlap.max(axis=1) >= threshold, overlap.argmax(axis=1), -1)
"""
        },
        points={"q5": 1, "q6": 5},
        says="boxes take the same object: the second is a false alarm",
    ),
    Wrong(
        "goes through the boxes as they stand, above the threshold",
        {
            "q5": """
def match(objects, boxes, scores, threshold):
    overlap = pairwise_iou(boxes, objects)
    taken = np.full(len(boxes), -1)
    for i in range(len(boxes)):
        if overlap.size and overlap[i].max() > threshold:
            taken[i] = overlap[i].argmax()
            overlap[:, taken[i]] = -1
    return taken
"""
        },
        points={"q5": 1},
        says="The box with the highest score chooses first",
    ),
    Wrong(
        "gives up where the best object is taken",
        {
            "q5": """
def match(objects, boxes, scores, threshold):
    overlap = pairwise_iou(boxes, objects)
    taken = np.full(len(boxes), -1)
    for i in np.argsort(-scores, kind="stable"):
        if overlap.size and overlap[i].max() >= threshold:
            if overlap[i].argmax() not in taken:
                taken[i] = overlap[i].argmax()
    return taken
"""
        },
        points={"q5": 2},
        says="a box whose best object is taken looks at those that are left",
    ),
    Wrong(
        "divides by the objects that were found, and matches all images at once",
        {
            "q6": """
def average_precision(right, scores, n_objects):
    right = right[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return np.mean(best[right])


def toy_score(threshold, extra=0, silence=1.0):
    larger = toy_boxes + np.array([0, 0, extra, extra])
    objects, found, score = larger[is_object], larger[~is_object], toy["score"][~is_object]
    kept = suppress(found, score, silence)
    right = match(objects, found[kept], score[kept], threshold) >= 0
    return average_precision(right, score[kept], 15)
"""
        },
        points={"q6": 1},
        says="divide by all 4 objects, not by those that were found",
    ),
    Wrong(
        "takes the precisions as they come, and forgets to suppress",
        {
            "q6": """
def average_precision(right, scores, n_objects):
    right = right[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return np.sum(precision[right]) / n_objects


def toy_score(threshold, extra=0, silence=1.0):
    larger = toy_boxes + np.array([0, 0, extra, extra])
    found = match(larger[is_object], larger[~is_object], toy["score"][~is_object], threshold)
    return average_precision(found >= 0, toy["score"][~is_object], 15)
"""
        },
        points={"q6": 2},
        says="each is to be replaced by the best one at that recall or more",
    ),
    Wrong(
        "adds the pixel to the objects alone",
        {
            "q6": """
def average_precision(right, scores, n_objects):
    return lb.average_precision(right, scores, interpolation="all-points", n_positive=n_objects)


def toy_score(threshold, extra=0, silence=1.0):
    right, scores = [], []
    for image in range(1, 8):
        here = toy["image"] == image
        found, score = toy_boxes[here & ~is_object], toy["score"][here & ~is_object]
        objects = toy_boxes[here & is_object] + np.array([0, 0, extra, extra])
        kept = suppress(found, score, silence)
        right.append(match(objects, found[kept], score[kept], threshold) >= 0)
        scores.append(score[kept])
    return average_precision(np.concatenate(right), np.concatenate(scores), 15)
"""
        },
        points={"q6": 5},
        says="1 more at x2 and y2 of objects and detections",
    ),
]
