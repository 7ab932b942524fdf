"""Chapter 7: the logistic fits against statsmodels and R."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz

LOSS = lb.BinaryCrossEntropyWithLogits()
DATA = lb.load_breast_cancer()
X, Y = DATA.matrix("worst_area", "mean_symmetry"), DATA["target"]
Z = (X - X.mean(axis=0)) / X.std(axis=0)


def newton(features, steps=12):
    A, theta = np.column_stack([np.ones(len(Y)), features]), np.zeros(3)
    for _ in range(steps):
        logits = A @ theta
        curvature = (A.T * LOSS.curvature(Y, logits)) @ A
        theta = theta - np.linalg.solve(curvature, A.T @ LOSS.gradient(Y, logits))
    return theta, A @ theta


def test_maximum_likelihood_fit():
    reference = REFERENCE["wdbc_logistic_mle"]
    theta, logits = newton(Z)
    expected = [reference[k] for k in ("b0", "b_worst_area", "b_mean_symmetry")]
    np.testing.assert_allclose(theta, expected, rtol=1e-9)
    assert LOSS.cost(Y, logits) == pytest.approx(reference["mean_bce"], rel=1e-12)
    assert LOSS.cost(Y, logits) == pytest.approx(0.159960, abs=5e-7)
    assert ((logits > 0) == Y).mean() == pytest.approx(reference["accuracy_at_0_5"])
    np.testing.assert_allclose(X.mean(axis=0), reference["standardisation"]["mean"])
    np.testing.assert_allclose(X.std(axis=0), reference["standardisation"]["sd"])


def test_descent_reaches_the_same_fit():
    reference = REFERENCE["wdbc_logistic_mle"]
    run = lb.fit(lb.Linear(2), LOSS, Z, Y, optimizer=lb.GradientDescent(6.0), steps=4000)
    expected = [reference[k] for k in ("b_worst_area", "b_mean_symmetry", "b0")]
    np.testing.assert_allclose(run.parameters[-1], expected, rtol=1e-6)


def test_raw_units_give_the_same_model():
    reference = REFERENCE["wdbc_logistic_mle_raw_units"]
    theta, _ = newton(Z)
    slopes = theta[1:] / X.std(axis=0)
    expected = [reference[k] for k in ("b_worst_area", "b_mean_symmetry")]
    np.testing.assert_allclose(slopes, expected, rtol=1e-9)
    assert theta[0] - slopes @ X.mean(axis=0) == pytest.approx(reference["b0"], rel=1e-9)


def test_quiz():
    days, test = np.array([1.0, 1.0, 0.0]), np.repeat([1.0, 0.0], [9, 1])
    probability = lb.BinaryCrossEntropy()
    timid = probability.cost(test, np.full(10, 0.74))  # right as often
    theirs = probability.cost(test, np.full(10, probability.best_constant(test)))
    _, logits = newton(Z)
    hits = [((scale * logits > 0) == Y).mean() for scale in (1, 2)]
    costs = [LOSS.cost(Y, scale * logits) for scale in (1, 2)]
    same, rise = hits[0] == hits[1], costs[1] - costs[0]

    def half_square(z):
        return 0.5 * (lb.sigmoid(z) - Y) ** 2

    p, h = lb.sigmoid(logits), 1e-6
    pull, exact = (p - Y) * p * (1 - p), LOSS.gradient(Y, logits)
    differences = (half_square(logits + h) - half_square(logits - h)) / (2 * h)
    check_quiz(
        "07",
        probability.cost(days, np.full(3, 0.8)),
        [
            same and np.isclose(rise, 0),
            same and rise > 0,
            same and rise < 0,
            hits[1] < hits[0] and rise > 0,
        ],
        [
            np.allclose(pull, exact),
            np.allclose(pull, differences, atol=1e-8),
            np.allclose(pull, exact / LOSS.curvature(Y, logits)),
            (pull * exact < 0).any(),
        ],
        [theirs > 0.40, theirs < 0.40, np.isclose(theirs, 0.40), timid < 0.40],
    )
