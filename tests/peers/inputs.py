"""Seeded inputs, random and extreme, for each kind of label and prediction.

`DOMAINS[domain][name]` makes labels and predictions for a loss (whose parameters say where its
kinks are). "float32" sets hold float32; "tiny" sets are compared by relative error alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

Examples = tuple[np.ndarray, np.ndarray]
N, K = 60, 5


@dataclass(frozen=True)
class InputSet:
    """A function that makes labels and predictions for a loss, and how closely to compare."""

    make: Callable[[object], Examples]
    absolute: float = 1e-12  # slack besides the relative one, for results near 0

    def draw(self, loss: object) -> Examples:
        """Return labels and predictions."""
        return self.make(loss)


def rng() -> np.random.Generator:
    return np.random.default_rng(20)


def single(make: Callable[[object], Examples]) -> InputSet:
    """Return the same inputs in float32; whole labels stay whole."""

    def draw(loss: object) -> Examples:
        y, p = make(loss)
        return y.astype(np.float32) if y.dtype.kind == "f" else y, p.astype(np.float32)

    return InputSet(draw, absolute=2e-6)


def fixed(y, p) -> Callable[[object], Examples]:
    """Return a function that gives these, all pairs as written."""
    pair = np.array(y), np.array(p, dtype=float)
    return lambda loss: pair


def labelled(labels, predictions) -> Callable[[object], Examples]:
    """Return a function that gives every label with every prediction."""
    y, p = np.meshgrid(np.array(labels, dtype=float), np.array(predictions, dtype=float))
    return fixed(y.ravel(), p.ravel())


def parameters(loss: object) -> list[float]:
    """Return the positive parameters of a loss: its kinks and joints lie there, if anywhere."""
    values = [getattr(loss, f.name) for f in fields(loss)]
    return [v for v in values if isinstance(v, float) and 0 < v < np.inf]


# Numbers -------------------------------------------------------------------------------------


def normal(loss: object) -> Examples:
    r = rng()
    return r.normal(0, 3, N), r.normal(0, 3, N)


def residuals(*sizes: float) -> Callable[[object], Examples]:
    """Return a function that gives these residuals with both signs, from a label of 0."""
    r = np.array([s * size for size in sizes for s in (-1, 1)])
    return lambda loss: (np.zeros_like(r), r)


def joints(loss: object) -> Examples:
    r = np.array([0.0] + [s * k for k in parameters(loss) for s in (-1, 1)])
    return np.zeros_like(r), r


REAL = {
    "random": InputSet(normal),
    "float32": single(normal),
    "extreme": InputSet(residuals(1e3, 1e4, 1e8)),
    "huge": InputSet(residuals(1e155, 1e200)),
    "tiny": InputSet(residuals(1e-3, 1e-6, 1e-9, 1e-12), absolute=0),
    "kinks": InputSet(joints),
}


def above_minus_one(loss: object) -> Examples:
    r = rng()
    return r.gamma(2, 3, N), r.gamma(2, 3, N)


LOG_REAL = {
    "random": InputSet(above_minus_one),
    "float32": single(above_minus_one),
    "extreme": InputSet(labelled([0, 1, 1e8], [0, 1e-8, 1e4, 1e12])),
    "negative": InputSet(labelled([-0.5, 0, 3], [-0.9, -0.25])),
    "tiny": InputSet(fixed([3.0, 3.0, 3.0], [3 + 1e-3, 3 - 1e-6, 3 + 1e-9]), absolute=0),
}


# Counts and positive numbers, by log of the mean -----------------------------------------------


def poisson(loss: object) -> Examples:
    r = rng()
    return r.poisson(3, N).astype(float), r.normal(0.5, 1.5, N)


def gamma(loss: object) -> Examples:
    r = rng()
    return r.gamma(2, 1, N), r.normal(0.5, 1, N)


COUNTS = {
    "random": InputSet(poisson),
    "float32": single(poisson),
    "extreme": InputSet(labelled([0, 1, 7, 1e6], [-40, -10, 0, 10, 20])),
    "zero": InputSet(labelled([0], [-700, -30, 0, 30])),
    "perfect": InputSet(fixed([1.0, 2.0, 5.0, 40.0], np.log([1.0, 2.0, 5.0, 40.0]))),
}

POSITIVE = {
    "random": InputSet(gamma),
    "float32": single(gamma),
    "extreme": InputSet(labelled([1e-6, 1, 1e6], [-20, -10, 0, 10, 20])),
    "perfect": InputSet(fixed([0.5, 2.0, 5.0, 40.0], np.log([0.5, 2.0, 5.0, 40.0]))),
    "tiny": InputSet(fixed([1.0, 1.0, 1.0, 1.0], [1e-2, -1e-3, 1e-5, -1e-7]), absolute=0),
}


# Two classes -----------------------------------------------------------------------------------


def scores(loss: object) -> Examples:
    r = rng()
    return r.choice([-1.0, 1.0], N), r.normal(0, 2, N)


MARGINS = {
    "random": InputSet(scores),
    "float32": single(scores),
    "extreme": InputSet(labelled([-1, 1], [-1e4, -500, 500, 1e4])),
    "tiny": InputSet(labelled([-1, 1], [1e-6, -1e-9, 20, -20, 40, -40]), absolute=0),
    "kinks": InputSet(labelled([-1, 1], [-1, 0, 1])),
}


def logits(loss: object) -> Examples:
    r = rng()
    return r.integers(0, 2, N).astype(float), r.normal(0, 4, N)


def soft_logits(loss: object) -> Examples:
    r = rng()
    return r.uniform(0, 1, N), r.normal(0, 4, N)


LOGITS = {
    "random": InputSet(logits),
    "float32": single(logits),
    "soft labels": InputSet(soft_logits),
    "extreme": InputSet(labelled([0, 1], [-1e4, -800, -100, 100, 800, 1e4])),
    "tiny": InputSet(fixed([1.0, 0.0, 1.0, 0.0], [20, -25, 36, -40]), absolute=0),
    "zero": InputSet(labelled([0, 1], [0])),
}
HARD_LOGITS = {name: inputs for name, inputs in LOGITS.items() if name != "soft labels"}


def probabilities(loss: object) -> Examples:
    r = rng()
    return r.integers(0, 2, N).astype(float), r.uniform(0.01, 0.99, N)


def soft_probabilities(loss: object) -> Examples:
    r = rng()
    return r.uniform(0, 1, N), r.uniform(0.01, 0.99, N)


PROBABILITIES = {
    "random": InputSet(probabilities),
    "float32": single(probabilities),
    "soft labels": InputSet(soft_probabilities),
    "right": InputSet(fixed([0.0, 1.0], [0, 1])),
    "wrong": InputSet(fixed([0.0, 1.0], [1, 0])),
    "nearly wrong": InputSet(fixed([0.0, 1.0, 1.0], [1 - 2.0**-40, 1e-10, 1e-60])),
    "tiny": InputSet(fixed([0.0, 1.0, 0.0], [1e-6, 1 - 2.0**-30, 1e-12]), absolute=0),
}
HARD_PROBABILITIES = {n: inputs for n, inputs in PROBABILITIES.items() if n != "soft labels"}


# Many classes ----------------------------------------------------------------------------------


def class_logits(loss: object) -> Examples:
    r = rng()
    return r.integers(0, K, N), r.normal(0, 3, (N, K))


def ladder(*sizes: float) -> Callable[[object], Examples]:
    """Return logits that favour class 1 by these sizes, with labels right and wrong."""
    rows = [[0, size, -size, 0.5, -1] for size in sizes]
    return fixed([1] * len(sizes) + [0] * len(sizes), rows * 2)


CLASS_LOGITS = {
    "random": InputSet(class_logits),
    "float32": single(class_logits),
    "extreme": InputSet(ladder(100, 800, 1e4)),
    "tiny": InputSet(fixed([1, 0], [[0, 20, -3, 1, 2], [40, 0, 1, 2, -1]]), absolute=0),
    "ties": InputSet(fixed([0, 1, 2], [[0, 0, 0, 0, 0], [2, 2, 1, 0, 0], [1, 1, 0, 1, 0]])),
    "kinks": InputSet(fixed([0, 1], [[2, 1, 0, 0, 0], [1, 2, 0.5, 0, 0]])),
    "negative": InputSet(fixed([0, 1], [[-2, -1, -3, -9, -4], [-5, -1, -6, -4, -3]])),
}


def two_classes(loss: object) -> Examples:
    r = rng()
    return r.integers(0, 2, N), r.normal(0, 3, (N, 2))


TWO_CLASSES = {
    "random": InputSet(two_classes),
    "float32": single(two_classes),
    "extreme": InputSet(fixed([0, 1], [[0, 1e4], [0, 1e4]])),
    "kinks": InputSet(fixed([0, 1], [[2, 1], [1, 2]])),
}


def soft_classes(loss: object) -> Examples:
    r = rng()
    return r.dirichlet(np.ones(K), N), r.normal(0, 3, (N, K))


SOFT_CLASS_LOGITS = {
    "random": InputSet(soft_classes),
    "float32": single(soft_classes),
    "extreme": InputSet(fixed([[0.5, 0.25, 0.25], [0, 0.5, 0.5]], [[0, 800, -1e4], [1e4, 0, 0]])),
}


def class_probabilities(loss: object) -> Examples:
    r = rng()
    return r.integers(0, K, N), r.dirichlet(np.ones(K), N)


CLASS_PROBABILITIES = {
    "random": InputSet(class_probabilities),
    "float32": single(class_probabilities),
    "right": InputSet(fixed([0, 2], [[1.0, 0, 0], [0, 0, 1.0]])),
    "wrong": InputSet(fixed([1, 0], [[1.0, 0, 0], [0, 0, 1.0]])),
    "nearly wrong": InputSet(fixed([1, 0], [[1.0, 1e-10, 0], [1e-60, 0, 1.0]])),
}


def distributions(loss: object) -> Examples:
    r = rng()
    return r.dirichlet(np.ones(K), N), r.dirichlet(np.ones(K), N)


DISTRIBUTIONS = {
    "random": InputSet(distributions),
    "float32": single(distributions),
    "equal": InputSet(fixed([[0.5, 0.25, 0.25]], [[0.5, 0.25, 0.25]])),
    "zero in truth": InputSet(fixed([[0, 0.5, 0.5], [1.0, 0, 0]], [[0.2, 0.4, 0.4]] * 2)),
    "zero in both": InputSet(fixed([[0, 0.5, 0.5]], [[0, 0.25, 0.75]])),
    "zero in prediction": InputSet(fixed([[0.2, 0.4, 0.4]], [[0, 0.5, 0.5]])),
}


# Boxes, masks, distances, similarities ---------------------------------------------------------


def overlapping(loss: object) -> Examples:
    r = rng()

    def draw() -> np.ndarray:
        corner = r.uniform(0, 4, (N, 2))
        return np.hstack([corner, corner + r.uniform(0.5, 3, (N, 2))])

    return draw(), draw()


def scaled(size: float) -> Callable[[object], Examples]:
    return lambda loss: tuple(size * boxes for boxes in overlapping(loss))


BOXES = {
    "random": InputSet(overlapping),
    "float32": single(overlapping),
    "disjoint": InputSet(fixed([[0.0, 0, 1, 1], [0, 0, 2, 3]], [[5, 5, 6, 7], [9, 1, 10, 2]])),
    "nested": InputSet(fixed([[0.0, 0, 4, 6], [1, 1, 2, 3]], [[1, 2, 3, 3], [0, 0, 4, 6]])),
    "identical": InputSet(fixed([[0.0, 0, 2, 3]], [[0, 0, 2, 3]])),
    "touching": InputSet(fixed([[0.0, 0, 1, 1]], [[1, 0, 2, 1]])),
    "small": InputSet(scaled(1e-4)),
    "large": InputSet(scaled(1e6)),
    "no area": InputSet(fixed([[0.0, 0, 1, 1], [0, 0, 2, 2]], [[3, 3, 3, 3], [1, 0, 1, 2]])),
    "same point": InputSet(fixed([[1.0, 1, 1, 1]], [[1, 1, 1, 1]])),
}


def mask(loss: object) -> Examples:
    r = rng()
    return r.integers(0, 2, N).astype(float), r.uniform(0.01, 0.99, N)


MASKS = {
    "random": InputSet(mask),
    "float32": single(mask),
    "hard": InputSet(fixed([0.0, 1, 1, 0, 1], [0, 1, 0, 1, 1])),
    "no overlap": InputSet(fixed([1.0, 1, 0, 0], [0, 0, 1, 1])),
    "perfect": InputSet(fixed([1.0, 1, 0], [1, 1, 0])),
    "empty truth": InputSet(fixed([0.0, 0, 0], [0.5, 0.1, 0])),
    "both empty": InputSet(fixed([0.0, 0, 0], [0, 0, 0])),
}
HARD_MASKS = {n: inputs for n, inputs in MASKS.items() if n not in ("random", "float32")}
HARD_MASKS["random"] = InputSet(lambda loss: (mask(loss)[0], np.round(mask(loss)[1])))
del HARD_MASKS["empty truth"]


def pair_distances(loss: object) -> Examples:
    r = rng()
    return r.integers(0, 2, N).astype(float), r.gamma(2, 0.7, N)


PAIRS = {
    "random": InputSet(pair_distances),
    "float32": single(pair_distances),
    "extreme": InputSet(labelled([0, 1], [1e4, 1e8])),
    "kinks": InputSet(lambda loss: labelled([0, 1], [0, loss.margin])(loss)),
}


def two_distances(loss: object) -> Examples:
    r = rng()
    return r.gamma(2, 0.7, N), r.gamma(2, 0.7, N)


TRIPLETS = {
    "random": InputSet(two_distances),
    "float32": single(two_distances),
    "extreme": InputSet(labelled([0, 1e4], [0, 1e4, 1e8])),
    "kinks": InputSet(lambda loss: (np.array([1.0, 1.0]), np.array([1.0, 1.0 + loss.margin]))),
}


def similarities(loss: object) -> Examples:
    r = rng()
    return r.integers(0, K, N), r.uniform(-1, 1, (N, K))


SIMILARITIES = {
    "random": InputSet(similarities),
    "float32": single(similarities),
    "extreme": InputSet(fixed([0, 1], [[-1, 1, 1], [1e4, -1e4, 0]])),
}

DOMAINS: dict[str, dict[str, InputSet]] = {
    "real": REAL,
    "log real": LOG_REAL,
    "counts": COUNTS,
    "positive": POSITIVE,
    "margins": MARGINS,
    "logits": LOGITS,
    "hard logits": HARD_LOGITS,
    "probabilities": PROBABILITIES,
    "hard probabilities": HARD_PROBABILITIES,
    "class logits": CLASS_LOGITS,
    "two classes": TWO_CLASSES,
    "soft class logits": SOFT_CLASS_LOGITS,
    "class probabilities": CLASS_PROBABILITIES,
    "distributions": DISTRIBUTIONS,
    "boxes": BOXES,
    "masks": MASKS,
    "hard masks": HARD_MASKS,
    "pairs": PAIRS,
    "triplets": TRIPLETS,
    "similarities": SIMILARITIES,
}
