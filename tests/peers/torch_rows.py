"""PyTorch: `torch.nn.functional`, differentiated by autograd."""

from __future__ import annotations

import lossbook as lb
from peers.row import Difference, Row

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
ISSUES = "https://github.com/pytorch/pytorch/issues/"
BOTH = ("value", "gradient")

AT_KINK = Difference(
    ("kinks",),
    ("gradient",),
    "convention",
    "At the kink, `clamp` has slope 1 where we take the subgradient 0.",
    ISSUES + "184574",
    within=1.0,
)
LOGITS_DIGITS = Difference(
    ("tiny",),
    BOTH,
    "limit",
    "Losses below 1e-16 lose their digits: (1 − y)·z + log σ(z) and σ(z) − y subtract nearly "
    "equal numbers.",
    ISSUES + "195677",
    within=1e-15,
)
SOFTMAX_DIGITS = Difference(
    ("tiny",),
    BOTH,
    "limit",
    "Losses near 1e-16 lose their digits, below it they are 0: log(1 + small) without log1p.",
    ISSUES + "113708",
    within=1e-15,
)
ZERO_TIMES_INF = (
    "Where both probabilities are 0 the term is 0 · (0 − log 0) = NaN; by definition it is 0."
)


def row(loss, call, domain, *differences, **more) -> Row:
    return Row(loss, "PyTorch", call, domain, differences=differences, **more)


ROWS = (
    row(lb.SquaredError(), "F.mse_loss(p, y, reduction='none')", "real"),
    row(lb.AbsoluteError(), "F.l1_loss(p, y, reduction='none')", "real"),
    row(lb.Huber(delta=1.5), "F.huber_loss(p, y, reduction='none', delta=1.5)", "real"),
    row(lb.SmoothL1(beta=0.5), "F.smooth_l1_loss(p, y, reduction='none', beta=0.5)", "real"),
    row(lb.EpsilonInsensitive(epsilon=0.5), "F.softshrink(p - y, 0.5).abs()", "real"),
    row(
        lb.Poisson(),
        "F.poisson_nll_loss(p, y, log_input=True, reduction='none')",
        "counts",
    ),
    row(
        lb.Poisson(full=True),
        "F.poisson_nll_loss(p, y, log_input=True, full=True, reduction='none')",
        "counts",
        Difference(
            ("random", "float32", "perfect", "extreme"),
            ("value",),
            "limit",
            "log y! is Stirling's approximation for y > 1: 0.04 too small at 2, 0.002 at 40.",
            DOCS + "PoissonNLLLoss.html",
            theirs="ours + np.where(y > 1, y * np.log(np.maximum(y, 1)) - y + np.log(2 * np.pi * "
            "np.maximum(y, 1)) / 2 - lb.Poisson(full=True).loss(y, np.zeros_like(p)) + 1, 0)",
        ),
    ),
    row(
        lb.BinaryCrossEntropy(),
        "F.binary_cross_entropy(p, y, reduction='none')",
        "probabilities",
        Difference(
            ("wrong", "nearly wrong"),
            ("value",),
            "limit",
            "The logarithm is clamped at −100, so that no loss is above 100.",
            DOCS + "BCELoss.html",
            theirs="np.minimum(ours, 100)",
        ),
        Difference(
            ("right", "wrong", "nearly wrong"),
            ("gradient",),
            "limit",
            "p(1 − p) in the denominator is held at 1e-12 or more: 0 where the slope is ±1, "
            "and far too small where a certain prediction is wrong.",
            ISSUES + "103316",
            theirs="(p - y) / np.maximum(p * (1 - p), np.float32(1e-12))",
        ),
    ),
    row(
        lb.BinaryCrossEntropyWithLogits(),
        "F.binary_cross_entropy_with_logits(p, y, reduction='none')",
        "logits",
        LOGITS_DIGITS,
    ),
    row(
        lb.BinaryCrossEntropyWithLogits(),
        "F.soft_margin_loss(p, 2 * y - 1, reduction='none')",
        "hard logits",
        Difference(
            ("extreme",),
            ("value",),
            "defect",
            "It exponentiates before it takes the logarithm, and overflows from margin −710 on.",
            "https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/Loss.cpp",
            theirs="np.where(ours > 709, np.inf, ours)",
        ),
        Difference(
            ("extreme",),
            ("gradient",),
            "defect",
            "There the gradient is ∞/∞.",
            "https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/Loss.cpp",
            theirs="np.where((1 - 2 * y) * p > 709, np.nan, ours)",
        ),
        note="Labels −1 and +1.",
    ),
    row(
        lb.CategoricalCrossEntropy(),
        "F.nll_loss(p.log(), y, reduction='none')",
        "class probabilities",
        Difference(
            ("right", "wrong", "nearly wrong"),
            ("gradient",),
            "limit",
            "Autograd multiplies the 0 of a class that does not count by log's slope 1/0: NaN.",
            ISSUES + "51910",
            theirs="np.where((p == 0) & (np.arange(p.shape[1]) != y[:, None]), np.nan, ours)",
        ),
    ),
    row(
        lb.SoftmaxCrossEntropy(),
        "F.cross_entropy(p, y, reduction='none')",
        "class logits",
        SOFTMAX_DIGITS,
    ),
    row(lb.SoftmaxCrossEntropy(), "F.cross_entropy(p, y, reduction='none')", "soft class logits"),
    row(
        lb.Brier(),
        "F.mse_loss(p, F.one_hot(y, p.shape[1]).to(p), reduction='none').sum(1)",
        "class probabilities",
    ),
    row(
        lb.Hinge(),
        "F.margin_ranking_loss(p, torch.zeros_like(p), y, margin=1.0, reduction='none')",
        "margins",
        AT_KINK,
        note="Of the scores p and 0; PyTorch has no plain hinge.",
    ),
    row(
        lb.Hinge(),
        "F.hinge_embedding_loss(y * p, -torch.ones_like(p), margin=1.0, reduction='none')",
        "margins",
        AT_KINK,
    ),
    row(
        lb.SquaredHinge(),
        "F.hinge_embedding_loss(y * p, -torch.ones_like(p), margin=1.0, reduction='none')",
        "margins",
        conversion="theirs**2",
    ),
    row(
        lb.Perceptron(),
        "F.margin_ranking_loss(p, torch.zeros_like(p), y, margin=0.0, reduction='none')",
        "margins",
        AT_KINK,
    ),
    row(
        lb.MulticlassHinge(),
        "F.multi_margin_loss(p, y, reduction='none')",
        "two classes",
        conversion="2 * theirs",
        note="For two classes only. It is Weston and Watkins' form: it adds up what is missing "
        "to each rival and divides by the number of classes.",
    ),
    row(
        lb.KLDivergence(),
        "F.kl_div(p.log(), y, reduction='none').sum(1)",
        "distributions",
        Difference(
            ("zero in both",),
            ("value",),
            "defect",
            ZERO_TIMES_INF,
            ISSUES + "89558",
            theirs="np.nan",
        ),
        Difference(
            ("zero in both",),
            ("gradient",),
            "defect",
            ZERO_TIMES_INF,
            ISSUES + "89558",
            theirs="np.where(p == 0, np.nan, ours)",
        ),
    ),
    row(
        lb.ReverseKLDivergence(),
        "F.kl_div(y.log(), p, reduction='none').sum(1)",
        "distributions",
        Difference(
            ("zero in both",),
            ("value",),
            "defect",
            ZERO_TIMES_INF,
            ISSUES + "89558",
            theirs="np.nan",
        ),
        Difference(
            ("zero in both", "zero in prediction"),
            ("gradient",),
            "defect",
            "At a predicted 0 the gradient is NaN; the limit is −∞ (0, a subgradient, where the "
            "truth is 0 too).",
            ISSUES + "89558",
            theirs="np.where(p == 0, np.nan, ours)",
        ),
    ),
    row(
        lb.Contrastive(margin=1.5),
        "F.hinge_embedding_loss(p, 2 * y - 1, margin=1.5, reduction='none')",
        "pairs",
        conversion="theirs**2",
    ),
    row(
        lb.Triplet(margin=0.5),
        "F.margin_ranking_loss(p, y, torch.ones_like(p), margin=0.5, reduction='none')",
        "triplets",
        AT_KINK,
        note="Of distances. `F.triplet_margin_loss` takes the embeddings.",
    ),
    row(
        lb.InfoNCE(temperature=0.2),
        "F.cross_entropy(p / 0.2, y, reduction='none')",
        "similarities",
    ),
)
