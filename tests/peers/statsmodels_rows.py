"""Statsmodels: robust norms, families of generalised linear models, discrete models."""

from __future__ import annotations

import lossbook as lb
from peers.row import Difference, Row

SOURCE = "https://github.com/statsmodels/statsmodels/blob/main/statsmodels/"
ISSUES = "https://github.com/statsmodels/statsmodels/issues/"
BOTH = ("value", "gradient")
DIGITS = "Tiny losses lose their digits: nearly equal numbers are subtracted."
NB_CONSTANT = "theirs + special.gammaln(y + 2) - special.gammaln(y + 1) + y * np.log(0.5)"


def row(loss, call, domain, *differences, **more) -> Row:
    return Row(loss, "statsmodels", call, domain, differences=differences, **more)


def norm(loss, name, *differences, factor="") -> Row:
    """Return a row for a robust norm, which has rho and psi as ours do."""
    return row(
        loss,
        f"norms.{name}.rho(p - y)",
        "real",
        *differences,
        conversion=f"{factor}theirs",
        gradient=f"{factor}norms.{name}.psi(p - y)",
    )


def family(loss, name, domain, *differences) -> Row:
    """Return a row for the deviance residuals of a family, given the mean."""
    return row(
        loss,
        f"sm.families.{name}.resid_dev(y, np.exp(p))",
        domain,
        *differences,
        conversion="theirs**2 / 2",
        note="Of the mean; the squared deviance residual is the deviance.",
    )


def model(loss, name, domain, *differences, parameters="p", **more) -> Row:
    """Return a row for the likelihood of a discrete model with one parameter per example."""
    start = f"sm.{name}(y, np.eye(len(y)))"
    return row(
        loss,
        f"-{start}.loglikeobs({parameters})",
        domain,
        *differences,
        gradient=f"-{start}.score({parameters})[:len(p)]",
        **more,
    )


def digits(*parts: str, file: str) -> Difference:
    return Difference(("tiny",), parts, "limit", DIGITS, SOURCE + file, within=1e-15)


def overflow(*parts: str) -> Difference:
    return Difference(
        ("huge",),
        parts,
        "limit",
        "Both branches are computed and one is multiplied by 0: above 1e154 that is 0 · ∞ = NaN.",
        SOURCE + "robust/norms.py",
        theirs="np.nan",
    )


FAMILY = "genmod/families/family.py"
NO_MEAN = (
    "The probability 1/(1 + αμ) rounds to 1 for a mean of e⁻⁴⁰: its logarithm or that of its "
    "complement is infinite."
)

ROWS = (
    norm(lb.SquaredError(), "LeastSquares()", factor="2 * "),
    norm(lb.Huber(delta=1.5), "HuberT(1.5)", overflow("value")),
    norm(
        lb.TukeyBiweight(c=4.685),
        "TukeyBiweight(4.685)",
        overflow("value", "gradient"),
        digits("value", file="robust/norms.py"),
    ),
    row(
        lb.Poisson(full=True),
        "-sm.families.Poisson().loglike_obs(y, np.exp(p))",
        "counts",
        note="Of the mean, not of its logarithm.",
    ),
    model(lb.Poisson(full=True), "Poisson", "counts"),
    family(lb.Tweedie(power=1.0), "Poisson()", "counts"),
    family(lb.Tweedie(power=1.5), "Tweedie(var_power=1.5)", "counts"),
    family(lb.Tweedie(power=0.0), "Gaussian()", "positive", digits("value", file=FAMILY)),
    family(lb.Tweedie(power=3.0), "InverseGaussian()", "positive", digits("value", file=FAMILY)),
    family(lb.Gamma(), "Gamma()", "positive", digits("value", file=FAMILY)),
    row(
        lb.NegativeBinomial(dispersion=0.5),
        "-sm.families.NegativeBinomial(alpha=0.5).loglike_obs(y, np.exp(p))",
        "counts",
        conversion=NB_CONSTANT,
        note="Of the mean; the full likelihood.",
    ),
    model(
        lb.NegativeBinomial(dispersion=0.5),
        "NegativeBinomial",
        "counts",
        Difference(
            ("extreme",),
            ("value",),
            "defect",
            NO_MEAN,
            SOURCE + "discrete/discrete_model.py",
            theirs="np.where(p == -40, np.where(y > 0, np.inf, np.nan), ours)",
        ),
        Difference(
            ("zero",),
            ("value",),
            "defect",
            NO_MEAN,
            SOURCE + "discrete/discrete_model.py",
            theirs="np.where(p == -700, np.nan, ours)",
        ),
        parameters="np.append(p, np.log(0.5))",
        conversion=NB_CONSTANT,
        note="log α is the last parameter before a fit, α itself in its results.",
    ),
    model(
        lb.BinaryCrossEntropyWithLogits(),
        "Logit",
        "hard logits",
        Difference(
            ("extreme",),
            ("value",),
            "defect",
            "The logarithm of a probability that has become 0: infinite from a margin of −710 on. "
            "Corrected after 0.15.0.",
            ISSUES + "3923",
            theirs="np.where((1 - 2 * y) * p > 709, np.inf, ours)",
        ),
        digits("value", "gradient", file="discrete/discrete_model.py"),
    ),
    row(
        lb.BinaryCrossEntropy(),
        "-sm.families.Binomial().loglike_obs(y, p)",
        "hard probabilities",
        Difference(
            ("wrong", "nearly wrong"),
            ("value",),
            "limit",
            "1e-20 is added inside the logarithms: no loss is above 46.05.",
            SOURCE + FAMILY,
            theirs="np.minimum(ours, -np.log(1e-20))",
        ),
        digits("value", file=FAMILY),
    ),
)
