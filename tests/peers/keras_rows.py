"""Keras 3 on its PyTorch backend, differentiated by autograd.

Keras averages over the last axis: `[:, None]` makes it an axis of one number.
"""

from __future__ import annotations

import lossbook as lb
from peers.row import Difference, Row

ONE_HOT = "keras.ops.one_hot(y, p.shape[1])"
PROBABILISTIC = "https://keras.io/api/losses/probabilistic_losses/"
SOURCE = "https://github.com/keras-team/keras/blob/master/keras/src/losses/losses.py"
ISSUES = "https://github.com/keras-team/keras/issues/"
SINGLE = ISSUES + "15791"
SWAPPED = "https://github.com/keras-team/keras/pull/23333"
MAXIMUM = "https://docs.pytorch.org/docs/stable/notes/autograd.html"
BOTH = ("value", "gradient")


def row(loss, call, domain, *differences, **more) -> Row:
    return Row(loss, "Keras", call, domain, differences=differences, **more)


def limit(inputs, parts, why, reference, **result) -> Difference:
    return Difference(inputs, parts, "limit", why, reference, **result)


def clipped(inputs, theirs, slope, reference=PROBABILISTIC) -> tuple[Difference, Difference]:
    """Return what clipping probabilities to [1e-7, 1 - 1e-7] does to values and gradients."""
    return (
        limit(
            inputs,
            ("value",),
            "Probabilities are clipped to [1e-7, 1 − 1e-7]: no −log p is above 16.12, none is 0.",
            reference,
            theirs=theirs,
        ),
        limit(
            inputs,
            ("gradient",),
            "A clipped probability has gradient 0: what is surely wrong is not corrected.",
            reference,
            theirs=slope,
        ),
    )


def focal(gamma: float, weight: str, slope: str, **tiny) -> tuple[Difference, ...]:
    """Return what clipping does to a focal loss of logits."""
    why = "The logits become probabilities, which are clipped to [1e-7, 1 − 1e-7]: "
    return (
        limit(
            ("extreme",),
            ("value",),
            why + "the cross-entropy is at most 16.12.",
            PROBABILISTIC,
            theirs=f"{weight} * np.abs(y - lb.sigmoid(p)) ** {gamma} * "
            "lb.BinaryCrossEntropy().loss(y, np.clip(lb.sigmoid(p), 1e-7, 1 - 1e-7))",
        ),
        Difference(
            ("extreme",),
            ("gradient",),
            "defect",
            why
            + "the gradient of a prediction that is surely wrong is 0 instead of ±1"
            + (" (for γ < 1, NaN where it is surely right)." if gamma < 1 else "."),
            ISSUES + "9664",
            theirs=slope,
        ),
        limit(("tiny",), ("value",), why + "tiny losses lose all digits.", SOURCE, within=1e-11),
        limit(
            ("tiny",),
            ("gradient",),
            why + "tiny gradients lose all digits.",
            SOURCE,
            within=1e-11,
            **tiny,
        ),
    )


OVERFLOW = limit(
    ("huge",),
    ("value",),
    "Means are computed in float32, also those of float64, and overflow above 3e38.",
    SINGLE,
    theirs="np.inf",
)
LOGITS_DIGITS = limit(
    ("tiny",),
    BOTH,
    "Losses near 1e-16 lose their digits, as in PyTorch, which computes them here.",
    "https://github.com/pytorch/pytorch/issues/113708",
    within=1e-15,
)
PERFECT = limit(
    ("perfect",),
    ("value",),
    "ε = 1e-7 in the denominator: a perfect prediction does not cost 0.",
    SOURCE,
    within=1e-7,
)
EMPTY = Difference(
    ("both empty",),
    ("value",),
    "convention",
    "Two empty masks cost 1: ε = 1e-7 is added to the denominator alone.",
    SOURCE,
    theirs="1.0",
)
NORMALISED = (
    "Rows are divided by their sum first, so that the gradient is 1 − y/p: the same along all "
    "rows that sum to 1."
)

ROWS = (
    row(lb.SquaredError(), "keras.losses.mean_squared_error(y[:, None], p[:, None])", "real"),
    row(
        lb.AbsoluteError(),
        "keras.losses.mean_absolute_error(y[:, None], p[:, None])",
        "real",
        OVERFLOW,
    ),
    row(
        lb.Huber(delta=1.5),
        "keras.losses.huber(y[:, None], p[:, None], delta=1.5)",
        "real",
        OVERFLOW,
    ),
    row(
        lb.LogCosh(),
        "keras.losses.log_cosh(y[:, None], p[:, None])",
        "real",
        OVERFLOW,
        limit(
            ("tiny",),
            BOTH,
            "Losses of small residuals lose their digits, and may be negative: log(eʳ + e⁻ʳ) − "
            "log 2.",
            SOURCE,
            within=1e-8,
        ),
    ),
    row(
        lb.SquaredLogError(),
        "keras.losses.mean_squared_logarithmic_error(y[:, None], p[:, None])",
        "log real",
        Difference(
            ("negative",),
            ("value",),
            "convention",
            "Labels and predictions below 1e-7 are raised to it: none between −1 and 0.",
            SOURCE,
            theirs="lb.SquaredLogError().loss(np.maximum(y, 1e-7), np.maximum(p, 1e-7))",
        ),
        limit(
            ("negative", "extreme"),
            ("gradient",),
            "A prediction of 1e-7 or less has gradient 0.",
            SOURCE,
            theirs="np.where(p > 1e-7, ours, 0)",
        ),
        limit(("random",), ("gradient",), "Means are computed in float32.", SINGLE, within=1e-6),
        limit(("tiny",), BOTH, "Means are computed in float32.", SINGLE, within=1e-6),
    ),
    row(
        lb.Poisson(),
        "keras.losses.poisson(y[:, None], keras.ops.exp(p)[:, None])",
        "counts",
        limit(
            ("random", "extreme"),
            ("value",),
            "ε = 1e-7 is added to the mean in the logarithm: the loss of a mean of e⁻⁴⁰ for a "
            "count of 1 is 16.1 instead of 40.",
            PROBABILISTIC,
            theirs="np.exp(p) - y * np.log(np.exp(p) + 1e-7)",
        ),
        limit(
            ("random", "extreme", "perfect"),
            ("gradient",),
            "The same ε: the gradient is not 0 at the best prediction, and vanishes for means far "
            "below 1e-7.",
            PROBABILISTIC,
            theirs="np.exp(p) - y * np.exp(p) / (np.exp(p) + 1e-7)",
        ),
        note="Of the mean, not of its logarithm.",
    ),
    row(
        lb.BinaryCrossEntropy(),
        "keras.losses.binary_crossentropy(y[:, None], p[:, None])",
        "probabilities",
        *clipped(
            ("right", "wrong", "nearly wrong", "tiny"),
            "lb.BinaryCrossEntropy().loss(y, np.clip(p, 1e-7, 1 - 1e-7))",
            "np.where((p > 1e-7) & (p < 1 - 1e-7), ours, 0)",
            ISSUES + "9664",
        ),
    ),
    row(
        lb.BinaryCrossEntropyWithLogits(),
        "keras.losses.binary_crossentropy(y[:, None], p[:, None], from_logits=True)",
        "logits",
        LOGITS_DIGITS,
    ),
    row(
        lb.CategoricalCrossEntropy(),
        "keras.losses.sparse_categorical_crossentropy(y, p)",
        "class probabilities",
        *clipped(
            ("right", "wrong", "nearly wrong"),
            "-np.log(np.clip(p[range(len(y)), y], 1e-7, 1 - 1e-7))",
            "np.zeros_like(p)",
        ),
        Difference(
            ("random", "float32"),
            ("gradient",),
            "convention",
            NORMALISED,
            PROBABILISTIC,
            theirs="ours + 1",
        ),
    ),
    row(
        lb.CategoricalCrossEntropy(),
        "keras.losses.categorical_crossentropy(y, p)",
        "distributions",
        *clipped(
            ("zero in prediction",),
            "-(y * np.log(np.clip(p, 1e-7, 1))).sum(1)",
            "np.where(p == 0, 0, ours) + 0.8",
        ),
        Difference(
            ("random", "float32", "equal", "zero in truth", "zero in both"),
            ("gradient",),
            "convention",
            NORMALISED,
            PROBABILISTIC,
            theirs="ours + 1",
        ),
    ),
    row(
        lb.SoftmaxCrossEntropy(),
        "keras.losses.sparse_categorical_crossentropy(y, p, from_logits=True)",
        "class logits",
        LOGITS_DIGITS,
    ),
    row(
        lb.SoftmaxCrossEntropy(),
        "keras.losses.categorical_crossentropy(y, p, from_logits=True)",
        "soft class logits",
    ),
    row(
        lb.Hinge(),
        "keras.losses.hinge(y[:, None], p[:, None])",
        "margins",
        Difference(
            ("kinks",),
            ("gradient",),
            "convention",
            "At the kink, a maximum has slope ½ where we take the subgradient 0.",
            MAXIMUM,
            within=0.5,
        ),
    ),
    row(lb.SquaredHinge(), "keras.losses.squared_hinge(y[:, None], p[:, None])", "margins"),
    row(
        lb.MulticlassHinge(),
        f"keras.losses.categorical_hinge({ONE_HOT}, p)",
        "class logits",
        Difference(
            ("random", "float32", "negative"),
            ("value",),
            "defect",
            "The best rival is sought in (1 − y)·p, where the true class stands with a 0: if all "
            "rivals are negative, 0 is taken for their best.",
            ISSUES + "8083",
            theirs="np.maximum(np.where(np.eye(5)[y] > 0, 0, p).max(1) - "
            "(np.eye(5)[y] * p).sum(1) + 1, 0)",
        ),
        Difference(
            ("random", "float32", "negative"),
            ("gradient",),
            "defect",
            "There the true score is pushed, and no rival.",
            ISSUES + "8083",
            within=1.0,
        ),
        Difference(
            ("ties", "kinks"),
            ("gradient",),
            "convention",
            "A maximum shares the slope among tied scores; we push the first rival, and none at "
            "the kink.",
            MAXIMUM,
            within=0.8,
        ),
    ),
    row(
        lb.Focal(),
        "keras.losses.binary_focal_crossentropy(y[:, None], p[:, None], from_logits=True)",
        "hard logits",
        *focal(2.0, "1", "0 * ours"),
    ),
    row(
        lb.Focal(gamma=0.5, alpha=0.75),
        "keras.losses.binary_focal_crossentropy(y[:, None], p[:, None], "
        "apply_class_balancing=True, alpha=0.75, gamma=0.5, from_logits=True)",
        "hard logits",
        *focal(
            0.5,
            "(0.25 + 0.5 * y)",
            "np.where((2 * y - 1) * p > 36.8, np.nan, 0)",
            theirs="np.where((2 * y - 1) * p > 36.8, np.nan, ours)",
        ),
    ),
    row(
        lb.SoftmaxFocal(),
        f"keras.losses.categorical_focal_crossentropy({ONE_HOT}, p, alpha=1.0, from_logits=True)",
        "class logits",
        limit(
            ("extreme",),
            ("value",),
            "The logits become probabilities, which are clipped to [1e-7, 1 − 1e-7].",
            PROBABILISTIC,
            theirs="np.minimum(ours, -np.log(1e-7) * (1 - 1e-7) ** 2)",
        ),
        Difference(
            ("extreme",),
            ("gradient",),
            "defect",
            "The gradient of a prediction that is surely wrong is 0 instead of ±1.",
            ISSUES + "9664",
            theirs="0 * ours",
        ),
        limit(("tiny",), BOTH, "Tiny losses lose all digits.", PROBABILISTIC, within=1e-20),
    ),
    row(
        lb.KLDivergence(),
        "keras.losses.kl_divergence(y, p)",
        "distributions",
        *clipped(
            ("zero in truth", "zero in prediction"),
            "(np.clip(y, 1e-7, 1) * np.log(np.clip(y, 1e-7, 1) / np.clip(p, 1e-7, 1))).sum(1)",
            "np.where(p > 1e-7, -np.clip(y, 1e-7, 1) / p, 0)",
        ),
    ),
    row(
        lb.ReverseKLDivergence(),
        "keras.losses.kl_divergence(p, y)",
        "distributions",
        *clipped(
            ("zero in truth", "zero in prediction"),
            "(np.clip(p, 1e-7, 1) * np.log(np.clip(p, 1e-7, 1) / np.clip(y, 1e-7, 1))).sum(1)",
            "np.where(p > 1e-7, np.log(p / np.clip(y, 1e-7, 1)) + 1, 0)",
        ),
    ),
    row(lb.Dice(), "keras.losses.dice(y, p)", "masks", PERFECT, EMPTY),
    row(
        lb.Tversky(alpha=0.3, beta=0.7),
        "keras.losses.tversky(y, p, alpha=0.7, beta=0.3)",
        "masks",
        PERFECT,
        EMPTY,
        note="α and β change places: see the next row.",
    ),
    row(
        lb.Tversky(alpha=0.3, beta=0.7),
        "keras.losses.tversky(y, p, alpha=0.3, beta=0.7)",
        "masks",
        Difference(
            ("random", "float32"),
            ("value",),
            "defect",
            "α and β are swapped: α weighs false negatives, against Keras' own documentation. "
            "Corrected after 3.15.1.",
            SWAPPED,
            theirs="lb.Tversky(0.7, 0.3).cost(y, p)",
        ),
        Difference(
            ("random", "float32", "hard", "perfect"),
            ("gradient",),
            "defect",
            "α and β are swapped.",
            SWAPPED,
            theirs="lb.Tversky(0.7, 0.3).cost_gradient(y, p)",
        ),
        PERFECT,
        EMPTY,
    ),
    row(
        lb.InfoNCE(temperature=0.2),
        "keras.losses.sparse_categorical_crossentropy(y, p / 0.2, from_logits=True)",
        "similarities",
    ),
)
