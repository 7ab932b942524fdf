"""One case for each loss and parameter set: seeded examples that suit it.

Tests that hold for every loss run over `CASES`; `test_all_losses.py` fails if a class that
`lossbook` exports has no case here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import lossbook as lb

Examples = tuple[np.ndarray, np.ndarray]


def real(rng, n) -> Examples:
    return rng.normal(0, 3, n), rng.normal(0, 3, n)


def above_minus_one(rng, n) -> Examples:
    return rng.gamma(2, 3, n) - 0.9, rng.gamma(2, 3, n) - 0.9


def counts(rng, n) -> Examples:
    return rng.poisson(2, n).astype(float), rng.normal(0.5, 1.5, n)


def positive_numbers(rng, n) -> Examples:
    return rng.gamma(2, 1, n), rng.normal(0.5, 1, n)


def numbers_by_log(rng, n) -> Examples:
    return rng.normal(0, 3, n), rng.normal(0.5, 1, n)


def margin(rng, n) -> Examples:
    return rng.choice([-1.0, 1.0], n), rng.normal(0, 2, n)


def binary_logits(rng, n) -> Examples:
    return rng.integers(0, 2, n).astype(float), rng.normal(0, 4, n)


def soft_logits(rng, n) -> Examples:
    return rng.uniform(0, 1, n), rng.normal(0, 4, n)


def binary_probabilities(rng, n) -> Examples:
    return rng.integers(0, 2, n).astype(float), rng.uniform(0.01, 0.99, n)


def class_logits(rng, n) -> Examples:
    return rng.integers(0, 5, n), rng.normal(0, 3, (n, 5))


def soft_class_logits(rng, n) -> Examples:
    return rng.dirichlet(np.ones(5), n), rng.normal(0, 3, (n, 5))


def class_probabilities(rng, n) -> Examples:
    return rng.integers(0, 5, n), rng.dirichlet(np.ones(5), n)


def distributions(rng, n) -> Examples:
    return rng.dirichlet(np.ones(5), n), rng.dirichlet(np.ones(5), n)


def boxes(rng, n) -> Examples:
    def draw():
        corner = rng.uniform(0, 4, (n, 2))
        return np.hstack([corner, corner + rng.uniform(0.2, 3, (n, 2))])

    return draw(), draw()


def nested_boxes(rng, n) -> Examples:
    around, inside = boxes(rng, n)
    inside[:, :2] = around[:, :2] + (around[:, 2:] - around[:, :2]) * rng.uniform(0.1, 0.4, (n, 2))
    inside[:, 2:] = around[:, 2:] - (around[:, 2:] - around[:, :2]) * rng.uniform(0.1, 0.4, (n, 2))
    return around, inside


def distant_boxes(rng, n) -> Examples:
    true, pred = boxes(rng, n)
    return true, pred + 8


def masks(rng, n) -> Examples:
    return rng.integers(0, 2, n).astype(float), rng.uniform(0.01, 0.99, n)


def mask_scores(rng, n) -> Examples:
    return rng.integers(0, 2, n).astype(float), rng.normal(0, 2, n)


def pair_distances(rng, n) -> Examples:
    return rng.integers(0, 2, n).astype(float), rng.gamma(2, 0.7, n)


def two_distances(rng, n) -> Examples:
    return rng.gamma(2, 0.7, n), rng.gamma(2, 0.7, n)


def similarities(rng, n) -> Examples:
    return rng.integers(0, 6, n), rng.uniform(-1, 1, (n, 6))


@dataclass(frozen=True)
class Case:
    """A loss and the function that makes examples for it."""

    loss: lb.Loss | lb.SetLoss
    examples: Callable[[np.random.Generator, int], Examples]

    def __str__(self) -> str:
        return f"{self.loss}-{self.examples.__name__}"

    def draw(self, n: int = 50, seed: int = 0) -> Examples:
        """Return seeded labels and predictions."""
        return self.examples(np.random.default_rng(seed), n)


CASES = [
    Case(lb.SquaredError(), real),
    Case(lb.AbsoluteError(), real),
    Case(lb.Huber(), real),
    Case(lb.Huber(delta=0.3), real),
    Case(lb.Quantile(0.5), real),
    Case(lb.Quantile(0.9), real),
    Case(lb.SmoothL1(), real),
    Case(lb.SmoothL1(beta=0.3), real),
    Case(lb.PseudoHuber(), real),
    Case(lb.PseudoHuber(delta=0.3), real),
    Case(lb.LogCosh(), real),
    Case(lb.EpsilonInsensitive(), real),
    Case(lb.EpsilonInsensitive(epsilon=2.0), real),
    Case(lb.TukeyBiweight(), real),
    Case(lb.TukeyBiweight(c=1.5), real),
    Case(lb.Cauchy(), real),
    Case(lb.Cauchy(c=2.5), real),
    Case(lb.Welsch(), real),
    Case(lb.Welsch(c=2.5), real),
    Case(lb.GemanMcClure(), real),
    Case(lb.GemanMcClure(c=2.5), real),
    Case(lb.Barron(), real),
    Case(lb.Barron(alpha=-np.inf, c=2.0), real),
    Case(lb.Barron(alpha=-3.0, c=2.0), real),
    Case(lb.Barron(alpha=0.0), real),
    Case(lb.Barron(alpha=0.5), real),
    Case(lb.Barron(alpha=1.5), real),
    Case(lb.Barron(alpha=2.0), real),
    Case(lb.Barron(alpha=3.0, c=2.0), real),
    Case(lb.SquaredLogError(), above_minus_one),
    Case(lb.Poisson(), counts),
    Case(lb.Poisson(full=True), counts),
    Case(lb.NegativeBinomial(), counts),
    Case(lb.NegativeBinomial(dispersion=0.2), counts),
    Case(lb.Gamma(), positive_numbers),
    Case(lb.Tweedie(), counts),
    Case(lb.Tweedie(power=-1.0), numbers_by_log),
    Case(lb.Tweedie(power=0.0), numbers_by_log),
    Case(lb.Tweedie(power=1.0), counts),
    Case(lb.Tweedie(power=2.0), positive_numbers),
    Case(lb.Tweedie(power=3.0), positive_numbers),
    Case(lb.ZeroOne(), margin),
    Case(lb.Hinge(), margin),
    Case(lb.BinaryCrossEntropy(), binary_probabilities),
    Case(lb.BinaryCrossEntropyWithLogits(), binary_logits),
    Case(lb.BinaryCrossEntropyWithLogits(), soft_logits),
    Case(lb.CategoricalCrossEntropy(), class_probabilities),
    Case(lb.CategoricalCrossEntropy(), distributions),
    Case(lb.SoftmaxCrossEntropy(), class_logits),
    Case(lb.SoftmaxCrossEntropy(), soft_class_logits),
    Case(lb.Brier(), class_probabilities),
    Case(lb.Brier(), distributions),
    Case(lb.SquaredHinge(), margin),
    Case(lb.Perceptron(), margin),
    Case(lb.Exponential(), margin),
    Case(lb.MulticlassHinge(), class_logits),
    Case(lb.MulticlassHinge(), soft_class_logits),
    Case(lb.Focal(), binary_logits),
    Case(lb.Focal(gamma=0.0, alpha=0.25), binary_logits),
    Case(lb.Focal(gamma=0.5), binary_logits),
    Case(lb.Focal(gamma=5.0, alpha=0.75), binary_logits),
    Case(lb.SoftmaxFocal(), class_logits),
    Case(lb.SoftmaxFocal(), soft_class_logits),
    Case(lb.SoftmaxFocal(gamma=0.0), class_logits),
    Case(lb.SoftmaxFocal(gamma=0.5), class_logits),
    Case(lb.KLDivergence(), distributions),
    Case(lb.ReverseKLDivergence(), distributions),
    Case(lb.JensenShannon(), distributions),
    Case(lb.Dice(), masks),
    Case(lb.Tversky(), masks),
    Case(lb.Tversky(alpha=0.3, beta=0.7), masks),
    Case(lb.Lovasz(), mask_scores),
    Case(lb.Contrastive(), pair_distances),
    Case(lb.Contrastive(margin=2.5), pair_distances),
    Case(lb.Triplet(), two_distances),
    Case(lb.Triplet(margin=0.3), two_distances),
    Case(lb.InfoNCE(), similarities),
    Case(lb.InfoNCE(temperature=0.5), similarities),
    Case(lb.IoU(), boxes),
    Case(lb.IoU(), nested_boxes),
    Case(lb.IoU(), distant_boxes),
    Case(lb.GIoU(), boxes),
    Case(lb.GIoU(), nested_boxes),
    Case(lb.GIoU(), distant_boxes),
    Case(lb.DIoU(), boxes),
    Case(lb.DIoU(), nested_boxes),
    Case(lb.DIoU(), distant_boxes),
    Case(lb.CIoU(), boxes),
    Case(lb.CIoU(), nested_boxes),
    Case(lb.CIoU(), distant_boxes),
]
