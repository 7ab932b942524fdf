"""SciPy: special functions, distributions, and the losses of `least_squares` with gradients."""

from __future__ import annotations

import lossbook as lb
from peers.row import Difference, Row

DOCS = "https://docs.scipy.org/doc/scipy/reference/generated/scipy."
DIGITS = "Tiny losses lose their digits: nearly equal numbers are subtracted."


def row(loss, call, domain, *differences, **more) -> Row:
    return Row(loss, "SciPy", call, domain, differences=differences, **more)


def limit(inputs, parts, why, page, **result) -> Difference:
    return Difference(inputs, parts, "limit", why, DOCS + page, **result)


def fit(loss, name, scale, factor="") -> Row:
    """Return a row for a loss of `optimize.least_squares`, as it stands before the first step."""
    call = (
        f"optimize.least_squares(lambda x: x - y, p, jac=lambda x: np.eye(len(x)), loss='{name}', "
        f"f_scale={scale}, max_nfev=1)"
    )
    why = "The residual is squared, which overflows above 1e154."
    page = "optimize.least_squares.html"
    return row(
        loss,
        call,
        "real",
        limit(("huge",), ("value",), why, page, theirs="np.inf"),
        limit(("huge",), ("gradient",), why, page, theirs="np.nan"),
        conversion=f"theirs.cost / len(p){factor}",
        gradient=f"{call}.grad / len(p){factor}",
    )


SQUARED = limit(
    ("huge",),
    ("value",),
    "The residual is squared, which overflows above 1e154.",
    "special.pseudo_huber.html",
    theirs="np.inf",
)

ROWS = (
    row(lb.Huber(delta=1.5), "special.huber(1.5, p - y)", "real"),
    fit(lb.Huber(delta=1.5), "huber", "1.5"),
    row(lb.PseudoHuber(delta=1.5), "special.pseudo_huber(1.5, p - y)", "real", SQUARED),
    fit(lb.PseudoHuber(delta=1.5), "soft_l1", "1.5"),
    row(
        lb.Barron(alpha=1.0, c=2.0),
        "special.pseudo_huber(1.0, (p - y) / 2)",
        "real",
        SQUARED,
    ),
    fit(lb.Cauchy(c=2.0), "cauchy", "2 * 2**0.5", factor=" / 2.0**2"),
    row(
        lb.Cauchy(c=2.0),
        "-stats.cauchy.logpdf(p - y, scale=2 * 2**0.5)",
        "real",
        limit(("tiny",), ("value",), DIGITS, "stats.cauchy.html", within=1e-15),
        conversion="theirs - np.log(np.pi * 2 * 2**0.5)",
    ),
    row(
        lb.LogCosh(),
        "-stats.hypsecant.logpdf(p - y)",
        "real",
        limit(
            ("extreme", "huge"),
            ("value",),
            "The logarithm of a density that has become 0: infinite from 710 on.",
            "stats.hypsecant.html",
            theirs="np.inf",
        ),
        limit(("tiny",), ("value",), DIGITS, "stats.hypsecant.html", within=1e-15),
        conversion="theirs - np.log(np.pi)",
    ),
    row(lb.Poisson(full=True), "-stats.poisson.logpmf(y, np.exp(p))", "counts"),
    row(
        lb.NegativeBinomial(dispersion=0.5),
        "-stats.nbinom.logpmf(y, 2, 2 / (2 + np.exp(p)))",
        "counts",
        limit(
            ("extreme",),
            ("value",),
            "It takes the probability 1/(1 + αμ), which rounds to 1 for a mean of e⁻⁴⁰: any "
            "count above 0 is then impossible.",
            "stats.nbinom.html",
            theirs="np.where((p == -40) & (y > 0), np.inf, ours)",
        ),
        conversion="theirs + special.gammaln(y + 2) - special.gammaln(y + 1) + y * np.log(0.5)",
        note="n = 1/α.",
    ),
    row(
        lb.Gamma(),
        "-stats.gamma.logpdf(y, 1, scale=np.exp(p))",
        "positive",
        limit(("tiny",), ("value",), DIGITS, "stats.gamma.html", within=1e-15),
        conversion="theirs - 1 - np.log(y)",
        note="A gamma distribution of shape 1.",
    ),
    row(
        lb.BinaryCrossEntropy(),
        "-special.xlogy(y, p) - special.xlog1py(1 - y, -p)",
        "probabilities",
    ),
    row(
        lb.BinaryCrossEntropyWithLogits(),
        "-special.log_expit((2 * y - 1) * p)",
        "hard logits",
        limit(
            ("tiny",),
            ("gradient",),
            "Tiny gradients lose their digits: σ(z) − y with y = 1.",
            "special.expit.html",
            within=1e-15,
        ),
        gradient="special.expit(p) - y",
    ),
    row(
        lb.SoftmaxCrossEntropy(),
        "-(y * special.log_softmax(p, axis=1)).sum(1)",
        "soft class logits",
        gradient="special.softmax(p, axis=1) - y",
    ),
    row(lb.KLDivergence(), "stats.entropy(y, p, axis=1)", "distributions"),
    row(lb.KLDivergence(), "special.rel_entr(y, p).sum(1)", "distributions"),
    row(
        lb.KLDivergence(),
        "special.kl_div(y, p).sum(1)",
        "distributions",
        note="It adds q − p to each term, which sums to 0.",
    ),
    row(lb.ReverseKLDivergence(), "special.rel_entr(p, y).sum(1)", "distributions"),
    row(
        lb.JensenShannon(),
        "spatial.distance.jensenshannon(y, p, axis=1)",
        "distributions",
        conversion="theirs**2",
        note="Its square root, which is a distance.",
    ),
    row(
        lb.Dice(),
        "spatial.distance.dice(y > 0, p > 0)",
        "hard masks",
        Difference(
            ("both empty",),
            ("value",),
            "defect",
            "Two empty masks: 0/0 = NaN, where `jaccard` gives 0.",
            "https://github.com/scipy/scipy/issues/21135",
            theirs="np.nan",
        ),
    ),
    row(
        lb.Tversky(alpha=1.0, beta=1.0),
        "spatial.distance.jaccard(y > 0, p > 0)",
        "hard masks",
    ),
    row(
        lb.Brier(),
        "spatial.distance.cdist(np.eye(p.shape[1])[y], p, 'sqeuclidean').diagonal()",
        "class probabilities",
    ),
    row(
        lb.InfoNCE(temperature=0.2),
        "-special.log_softmax(p / 0.2, axis=1)[range(len(y)), y]",
        "similarities",
        gradient="(special.softmax(p / 0.2, axis=1) - np.eye(p.shape[1])[y]) / 0.2",
    ),
)
