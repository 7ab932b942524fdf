"""Chapter 7: the logistic fits against statsmodels and R."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE

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
