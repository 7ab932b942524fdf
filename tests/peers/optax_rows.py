"""Optax, differentiated by JAX."""

from __future__ import annotations

import lossbook as lb
from peers.row import Difference, Row

DOCS = "https://optax.readthedocs.io/en/latest/api/losses.html"
BOTH = ("value", "gradient")

TIES = "https://github.com/jax-ml/jax/issues/13600"
AT_KINK = Difference(
    ("kinks",),
    ("gradient",),
    "convention",
    "At the kink, JAX's maximum has slope ½ where we take the subgradient 0.",
    "https://github.com/jax-ml/jax/issues/37821",
    within=0.5,
)
HUBER_DIGITS = Difference(
    ("tiny",),
    ("gradient",),
    "limit",
    "Gradients lose digits next to 0: δ − δ + r, by the rule for a minimum.",
    "https://github.com/google-deepmind/optax/blob/main/optax/losses/_regression.py",
    within=1e-15,
)
SOFTMAX_DIGITS = Difference(
    ("tiny",),
    BOTH,
    "limit",
    "Losses near 1e-16 lose their digits, below it they are 0: log(1 + small) without log1p.",
    "https://github.com/pytorch/pytorch/issues/113708",
    within=1e-15,
)
KL_ISSUE = "https://github.com/google-deepmind/optax/pull/1786"
KL_BOTH = Difference(
    ("zero in both",),
    ("value",),
    "limit",
    "Where both probabilities are 0 the term is 0 · ∞ = NaN. Documented: targets are expected "
    "to be positive.",
    KL_ISSUE,
    theirs="np.nan",
)


def dice() -> tuple[Difference, ...]:
    """Return what hard and empty masks do to a loss of logits without smoothing."""
    return (
        Difference(
            ("hard", "no overlap", "perfect"),
            ("gradient",),
            "limit",
            "It takes logits: those of probabilities 0 and 1 are infinite, and the chain rule "
            "gives 0 · ∞ = NaN.",
            DOCS,
            theirs="np.nan",
        ),
        Difference(
            ("empty truth",),
            ("gradient",),
            "limit",
            "It takes logits: that of a probability of 0 is infinite, 0 · ∞ = NaN.",
            DOCS,
            theirs="np.where(p == 0, np.nan, ours)",
        ),
        Difference(
            ("both empty",),
            BOTH,
            "convention",
            "Two empty masks: 0/0 = NaN without smoothing; with the default smooth=1 it is 0.",
            DOCS,
            theirs="np.nan",
        ),
    )


def row(loss, call, domain, *differences, **more) -> Row:
    return Row(loss, "optax", call, domain, differences=differences, **more)


ROWS = (
    row(lb.SquaredError(), "optax.squared_error(p, y)", "real"),
    row(lb.SquaredError(), "optax.l2_loss(p, y)", "real", conversion="2 * theirs"),
    row(lb.Huber(delta=1.5), "optax.huber_loss(p, y, delta=1.5)", "real", HUBER_DIGITS),
    row(
        lb.SmoothL1(beta=0.5),
        "optax.huber_loss(p, y, delta=0.5)",
        "real",
        HUBER_DIGITS,
        conversion="theirs / 0.5",
    ),
    row(
        lb.LogCosh(),
        "optax.log_cosh(p, y)",
        "real",
        Difference(
            ("tiny",),
            BOTH,
            "limit",
            "Losses of small residuals lose their digits: log(eʳ + e⁻ʳ) − log 2. In float32 a "
            "residual of 1e-4 costs 0.",
            "https://github.com/google-deepmind/optax/blob/main/optax/losses/_regression.py",
            within=1e-15,
        ),
    ),
    row(
        lb.BinaryCrossEntropyWithLogits(),
        "optax.sigmoid_binary_cross_entropy(p, y)",
        "logits",
    ),
    row(
        lb.SoftmaxCrossEntropy(),
        "optax.softmax_cross_entropy_with_integer_labels(p, y)",
        "class logits",
        SOFTMAX_DIGITS,
    ),
    row(lb.SoftmaxCrossEntropy(), "optax.softmax_cross_entropy(p, y)", "soft class logits"),
    row(lb.Hinge(), "optax.hinge_loss(p, y)", "margins", AT_KINK),
    row(lb.SquaredHinge(), "optax.hinge_loss(p, y)", "margins", conversion="theirs**2"),
    row(lb.Perceptron(), "optax.losses.perceptron_loss(p, y)", "margins", AT_KINK),
    row(
        lb.MulticlassHinge(),
        "jax.vmap(optax.losses.multiclass_hinge_loss)(p, y)",
        "class logits",
        Difference(
            ("ties", "kinks"),
            ("gradient",),
            "convention",
            "JAX's max shares the slope among tied rivals, and with the true class at the kink; "
            "we push the first rival, and none at the kink.",
            TIES,
            within=0.8,
        ),
    ),
    row(lb.Focal(), "optax.sigmoid_focal_loss(p, y, gamma=2.0)", "hard logits"),
    row(
        lb.Focal(gamma=0.5, alpha=0.75),
        "optax.sigmoid_focal_loss(p, y, alpha=0.75, gamma=0.5)",
        "hard logits",
    ),
    row(
        lb.KLDivergence(),
        "optax.kl_divergence(jnp.log(p), y)",
        "distributions",
        KL_BOTH,
        Difference(
            ("zero in both",),
            ("gradient",),
            "limit",
            "NaN there too.",
            KL_ISSUE,
            theirs="np.where(p == 0, np.nan, ours)",
        ),
    ),
    row(
        lb.KLDivergence(),
        "optax.convex_kl_divergence(jnp.log(p), y)",
        "distributions",
        KL_BOTH,
        Difference(
            ("random", "float32", "equal", "zero in truth", "zero in prediction"),
            ("gradient",),
            "convention",
            "It adds Σ(q − p), which is 0 for distributions; the gradient is 1 − p/q, the same "
            "along all rows that sum to 1.",
            DOCS,
            theirs="ours + 1",
        ),
        Difference(
            ("zero in both",),
            ("gradient",),
            "limit",
            "1 − p/q, and NaN where both are 0.",
            KL_ISSUE,
            theirs="np.where(p == 0, np.nan, ours + 1)",
        ),
    ),
    row(
        lb.ReverseKLDivergence(),
        "optax.kl_divergence(jnp.log(y), p)",
        "distributions",
        KL_BOTH,
        Difference(
            ("zero in both", "zero in prediction"),
            ("gradient",),
            "defect",
            "NaN at a predicted 0: the slope of the branch that `jnp.where` does not take.",
            KL_ISSUE,
            theirs="np.where(p == 0, np.nan, ours)",
        ),
    ),
    row(
        lb.Dice(),
        "optax.losses.binary_dice_loss(jax.scipy.special.logit(p)[None, :, None], "
        "y[None, :, None], smooth=0.0)[0]",
        "masks",
        *dice(),
        note="Of logits; by default smooth=1 is added to numerator and denominator.",
    ),
    row(
        lb.Tversky(alpha=0.3, beta=0.7),
        "optax.losses.dice_loss(jax.scipy.special.logit(p)[None, :, None], y[None, :, None], "
        "smooth=0.0, alpha=0.3, beta=0.7)[0]",
        "masks",
        *dice(),
        note="Of logits; by default smooth=1 is added to numerator and denominator.",
    ),
    row(
        lb.Triplet(margin=0.5),
        "optax.losses.triplet_margin_loss(jnp.zeros((len(p), 1)), y[:, None], p[:, None], "
        "margin=0.5, eps=0.0)",
        "triplets",
        AT_KINK,
        Difference(
            ("extreme",),
            ("gradient",),
            "limit",
            "The slope of a root at 0 is NaN; the default eps=1e-6 under the root avoids it and "
            "moves every distance.",
            DOCS,
            theirs="np.where(p == 0, np.nan, ours)",
        ),
        note="Of embeddings; here on a line, with the anchor at 0.",
    ),
    row(
        lb.InfoNCE(temperature=0.2),
        "optax.softmax_cross_entropy_with_integer_labels(p / 0.2, y)",
        "similarities",
    ),
)
