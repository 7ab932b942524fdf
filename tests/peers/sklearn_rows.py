"""scikit-learn: metrics (a weighted average each), and the private losses that its models fit."""

from __future__ import annotations

import lossbook as lb
from peers.row import Difference, Row

METRICS = "https://scikit-learn.org/stable/modules/generated/sklearn.metrics."
SOURCE = "https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/"
COMMON = SOURCE + "_loss/_loss.pyx.tp"
BOTH = ("value", "gradient")
CONSTANT = " + {}.constant_to_optimal_zero(y)"


def row(loss, call, domain, *differences, **more) -> Row:
    return Row(loss, "scikit-learn", call, domain, differences=differences, **more)


def private(loss, name, domain, *differences, factor="", constant="", labels="y", note="") -> Row:
    """Return a row for a loss of `sklearn._loss`, which has a gradient of its own."""
    start = f"{factor} * " if factor else ""
    return row(
        loss,
        f"{name}.loss({labels}, p)",
        domain,
        *differences,
        conversion=f"{start}theirs{constant}",
        gradient=f"{start}{name}.gradient({labels}, p)",
        note=note or "Private; what the boosting and the generalised linear models fit.",
    )


def descent(loss, name, domain, *differences) -> Row:
    """Return a row for a loss of `SGDClassifier` and `SGDRegressor`, one example a call."""
    return row(
        loss,
        f"np.vectorize(_sgd_fast.{name}.py_loss)(p, y)",
        domain,
        *differences,
        gradient=f"np.vectorize(_sgd_fast.{name}.py_dloss)(p, y)",
        note="Private; what `SGDClassifier` and `SGDRegressor` fit.",
    )


def at_kink(theirs: str, why: str, reference: str) -> Difference:
    return Difference(("kinks",), ("gradient",), "convention", why, reference, theirs=theirs)


def digits(*parts: str) -> Difference:
    return Difference(
        ("tiny",),
        parts,
        "limit",
        "Tiny losses lose their digits: nearly equal numbers are subtracted.",
        COMMON,
        within=1e-15,
    )


def clipped(theirs: str) -> Difference:
    return Difference(
        ("wrong", "nearly wrong"),
        ("value",),
        "limit",
        "Probabilities are clipped to [ε, 1 − ε], ε = 2.2e-16: no loss is above 36.04.",
        METRICS + "log_loss.html",
        theirs=theirs,
    )


AT_MARGIN = "At the kink, the slope is that of a mistake; we take the subgradient 0."
SGD = SOURCE + "linear_model/_sgd_fast.pyx.tp"

ROWS = (
    row(lb.SquaredError(), "metrics.mean_squared_error(y, p, sample_weight=w)", "real"),
    private(lb.SquaredError(), "_loss.HalfSquaredError()", "real", factor="2"),
    row(lb.AbsoluteError(), "metrics.mean_absolute_error(y, p, sample_weight=w)", "real"),
    private(
        lb.AbsoluteError(),
        "_loss.AbsoluteError()",
        "real",
        at_kink(
            "np.where(p == y, -1, ours)",
            "For an exact prediction the gradient is −1; we take the subgradient 0.",
            COMMON,
        ),
    ),
    private(lb.Huber(delta=1.5), "_loss.HuberLoss(delta=1.5)", "real"),
    private(lb.SmoothL1(beta=0.5), "_loss.HuberLoss(delta=0.5)", "real", factor="2"),
    row(
        lb.Quantile(quantile=0.9),
        "metrics.mean_pinball_loss(y, p, sample_weight=w, alpha=0.9)",
        "real",
    ),
    private(
        lb.Quantile(quantile=0.9),
        "_loss.PinballLoss(quantile=0.9)",
        "real",
        at_kink(
            "np.where(p == y, -0.9, ours)",
            "For an exact prediction the gradient is −τ; we take the subgradient 0.",
            COMMON,
        ),
    ),
    descent(lb.EpsilonInsensitive(epsilon=0.5), "EpsilonInsensitive(0.5)", "real"),
    row(
        lb.SquaredLogError(),
        "metrics.mean_squared_log_error(y, p, sample_weight=w)",
        "log real",
    ),
    private(lb.Poisson(), "_loss.HalfPoissonLoss()", "counts"),
    row(
        lb.Tweedie(power=1.0),
        "metrics.mean_poisson_deviance(y, np.exp(p), sample_weight=w)",
        "counts",
        conversion="theirs / 2",
        note="Of the mean, not of its logarithm.",
    ),
    private(
        lb.Gamma(),
        "_loss.HalfGammaLoss()",
        "positive",
        digits("value"),
        constant=CONSTANT.format("_loss.HalfGammaLoss()"),
    ),
    row(
        lb.Gamma(),
        "metrics.mean_gamma_deviance(y, np.exp(p), sample_weight=w)",
        "positive",
        conversion="theirs / 2",
        note="Of the mean, not of its logarithm.",
    ),
    private(
        lb.Tweedie(power=1.5),
        "_loss.HalfTweedieLoss(power=1.5)",
        "counts",
        constant=CONSTANT.format("_loss.HalfTweedieLoss(power=1.5)"),
    ),
    private(
        lb.Tweedie(power=2.0),
        "_loss.HalfTweedieLoss(power=2.0)",
        "positive",
        digits("value", "gradient"),
        constant=CONSTANT.format("_loss.HalfTweedieLoss(power=2.0)"),
    ),
    private(
        lb.Tweedie(power=3.0),
        "_loss.HalfTweedieLoss(power=3.0)",
        "positive",
        digits("value"),
        constant=CONSTANT.format("_loss.HalfTweedieLoss(power=3.0)"),
    ),
    row(
        lb.Tweedie(power=1.5),
        "metrics.mean_tweedie_deviance(y, np.exp(p), sample_weight=w, power=1.5)",
        "counts",
        conversion="theirs / 2",
        note="Of the mean, not of its logarithm.",
    ),
    row(
        lb.ZeroOne(),
        "metrics.zero_one_loss(y, np.where(p > 0, 1, -1), sample_weight=w)",
        "margins",
        Difference(
            ("kinks",),
            ("value",),
            "convention",
            "It judges decisions, so a score of 0 has to be called something: here −1, which may "
            "be right. To us it is a mistake for both classes.",
            METRICS + "zero_one_loss.html",
            theirs="np.average(y != np.where(p > 0, 1, -1), weights=w)",
        ),
    ),
    row(
        lb.BinaryCrossEntropy(),
        "metrics.log_loss(y, p, sample_weight=w, labels=[0, 1])",
        "hard probabilities",
        clipped("lb.BinaryCrossEntropy().cost(y, np.clip(p, 2.0**-52, 1 - 2.0**-52), w)"),
    ),
    private(
        lb.BinaryCrossEntropyWithLogits(), "_loss.HalfBinomialLoss()", "logits", digits("value")
    ),
    row(
        lb.CategoricalCrossEntropy(),
        "metrics.log_loss(y, p, sample_weight=w, labels=range(p.shape[1]))",
        "class probabilities",
        clipped("np.average(-np.log(np.maximum(p[range(len(y)), y], 2.0**-52)), weights=w)"),
    ),
    private(
        lb.SoftmaxCrossEntropy(),
        "_loss.HalfMultinomialLoss(n_classes=5)",
        "class logits",
        digits("value", "gradient"),
        labels="y.astype(p.dtype)",
    ),
    row(
        lb.Brier(),
        "metrics.brier_score_loss(y, p, sample_weight=w, labels=range(p.shape[1]), "
        "scale_by_half=False)",
        "class probabilities",
        note="By default, two classes have half of it.",
    ),
    row(lb.Hinge(), "metrics.hinge_loss(y, p, sample_weight=w)", "margins"),
    descent(
        lb.Hinge(),
        "Hinge(1.0)",
        "margins",
        at_kink("np.where(y * p == 1, -y, ours)", AT_MARGIN, SGD),
    ),
    descent(
        lb.Perceptron(),
        "Hinge(0.0)",
        "margins",
        at_kink("np.where(y * p == 0, -y, ours)", AT_MARGIN, SGD),
    ),
    descent(lb.SquaredHinge(), "SquaredHinge(1.0)", "margins"),
    row(
        lb.MulticlassHinge(),
        "metrics.hinge_loss(y, p, sample_weight=w, labels=range(p.shape[1]))",
        "class logits",
    ),
    private(
        lb.Exponential(),
        "ExponentialLoss()",
        "hard logits",
        Difference(
            ("extreme",),
            BOTH,
            "defect",
            "A prediction that is right by a margin of more than 709 gives NaN: the formula for "
            "both labels at once has 0 · e⁷¹⁰.",
            COMMON,
            theirs="np.where((2 * y - 1) * p > 709, np.nan, ours)",
        ),
        note="Private; what `GradientBoostingClassifier` fits.",
    ),
    row(
        lb.Dice(),
        "metrics.f1_score(y, p, zero_division=1.0)",
        "hard masks",
        conversion="1 - theirs",
        note="Of hard masks. By default, two empty masks have an F1 of 0.",
    ),
    row(
        lb.Tversky(alpha=1.0, beta=1.0),
        "metrics.jaccard_score(y, p, zero_division=1.0)",
        "hard masks",
        conversion="1 - theirs",
        note="Of hard masks. By default, two empty masks have an index of 0.",
    ),
)
