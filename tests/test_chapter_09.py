"""Chapter 9: softmax fits of the irises against scikit-learn, cvxpy, statsmodels and R."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz

LOSS, RIDGE, MODEL = lb.SoftmaxCrossEntropy(), lb.L2(1 / 150), lb.Linear(2, 3)
IRIS = lb.load_iris()
X, Y = IRIS.matrix("sepal_length", "petal_width"), IRIS["target"]
Z = (X - X.mean(axis=0)) / X.std(axis=0)
INFIMUM = REFERENCE["iris_softmax_unregularised_infimum"]


def newton(inputs, strength=1 / 150, steps=12):
    A = np.column_stack([inputs, np.ones(len(Y))])
    shrink, theta = np.array([[strength], [strength], [0.0]]), np.zeros((3, 3))
    for _ in range(steps):
        logits = A @ theta
        p = lb.softmax(logits)
        slope = A.T @ LOSS.cost_gradient(Y, logits) + shrink * theta
        second = p[:, :, None] * np.eye(3) - p[:, :, None] * p[:, None, :]
        curvature = np.einsum("ni,nj,nkl->ikjl", A, A, second).reshape(9, 9) / len(Y)
        curvature += np.diag(np.repeat(shrink, 3))
        step = np.linalg.pinv(curvature, rcond=1e-10) @ slope.ravel()
        theta = theta - step.reshape(3, 3)
    return theta


def two_class_fit():
    """Versicolor against virginica in centimetres: weights and bias, and their logits."""
    rows = Y > 0
    loss, A = lb.BinaryCrossEntropyWithLogits(), np.column_stack([X, np.ones(150)])
    y, theta = (Y[rows] == 2).astype(float), np.zeros(3)
    for _ in range(12):
        logits = A[rows] @ theta
        curvature = (A[rows].T * loss.curvature(y, logits)) @ A[rows]
        theta = theta - np.linalg.solve(curvature, A[rows].T @ loss.gradient(y, logits))
    return theta, A @ theta, loss.loss(y, A[rows] @ theta).sum()


@pytest.mark.parametrize(("kind", "inputs"), [("raw", X), ("standardised", Z)])
def test_ridge_fits(kind, inputs):
    reference = REFERENCE[f"iris_softmax_ridge_C1_{kind}"]
    theta = newton(inputs)
    np.testing.assert_allclose(theta[:2].T, reference["W"], atol=1e-8)
    np.testing.assert_allclose(theta[2], reference["b"], atol=1e-7)
    logits = MODEL.predict(inputs, theta.ravel())
    cost = LOSS.cost(Y, logits)
    assert cost == pytest.approx(reference["mean_ce"], rel=1e-9)
    objective = 150 * (cost + RIDGE.value(theta[:2]))
    assert objective == pytest.approx(reference["objective"], rel=1e-12)
    assert lb.accuracy(Y, logits.argmax(axis=1)) == reference["accuracy"]


def test_descent_reaches_the_ridge_fit():
    reference = REFERENCE["iris_softmax_ridge_C1_standardised"]
    run = lb.fit(MODEL, LOSS, Z, Y, optimizer=lb.GradientDescent(3.0), steps=2000, penalty=RIDGE)
    weights, biases = MODEL.unpack(run.parameters[-1])[0]
    np.testing.assert_allclose(weights.T, reference["W"], atol=1e-8)
    np.testing.assert_allclose(biases, reference["b"], atol=1e-8)
    np.testing.assert_allclose(X.mean(axis=0), reference["standardisation"]["mean"])
    np.testing.assert_allclose(X.std(axis=0), reference["standardisation"]["sd"])


def test_infimum_is_the_two_class_fit():
    theta, _, total = two_class_fit()
    bias, *slopes = INFIMUM["versicolor_vs_virginica"]
    np.testing.assert_allclose(theta, [*slopes, bias], rtol=1e-9)
    assert total == pytest.approx(INFIMUM["neg_loglik_sum"], rel=1e-12)
    assert total / 150 == pytest.approx(INFIMUM["infimum_mean_ce_over_150"], rel=1e-12)
    assert total / 150 == pytest.approx(0.110956, abs=5e-7)


def test_cost_comes_as_near_to_the_infimum_as_you_like():
    _, virginica, _ = two_class_fit()
    floor, before = INFIMUM["infimum_mean_ce_over_150"], np.inf
    for t in (1, 10, 50, 100):
        setosa = t * (0.8 - X[:, 1])
        cost = LOSS.cost(Y, np.column_stack([setosa, 0 * virginica, virginica]))
        assert floor < cost < before
        before = cost
    assert before - floor < 2e-10


def test_weights_run_away_without_a_penalty():
    run = lb.fit(MODEL, LOSS, Z, Y, optimizer=lb.GradientDescent(3.0), steps=3000)
    size = np.linalg.norm(run.parameters[[30, 300, 3000], :6], axis=1)
    assert (np.diff(size) > 4).all()
    assert run.cost.min() > INFIMUM["infimum_mean_ce_over_150"]
    assert run.cost[-1] < 0.112


def test_smoothed_labels_hold_the_weights():
    targets = lb.smooth_labels(lb.one_hot(Y, 3), 0.1)
    run = lb.fit(MODEL, LOSS, Z, targets, optimizer=lb.GradientDescent(3.0), steps=2000)
    np.testing.assert_allclose(run.parameters[-1], run.parameters[1000], atol=1e-6)


@pytest.mark.parametrize(("classes", "epsilon"), [(3, 0.1), (1000, 0.1), (1000, 0.01)])
def test_descent_finds_the_gap_of_label_smoothing(classes, epsilon):
    target = lb.smooth_labels(lb.one_hot(np.array([0]), classes), epsilon)
    run = lb.gradient_descent(
        lambda z: (LOSS.cost(target, z[None]), LOSS.gradient(target, z[None])[0]),
        np.zeros(classes),
        learning_rate=2.0,
        steps=1000,
    )
    gap = run.parameters[-1, 0] - run.parameters[-1, 1:]
    expected = np.log(1 + classes * (1 - epsilon) / epsilon)
    np.testing.assert_allclose(gap, expected, rtol=1e-5)
    if (classes, epsilon) == (1000, 0.1):
        assert expected == pytest.approx(9.105, abs=5e-4)


def test_a_second_softmax_leaves_a_floor():
    twice = LOSS.cost(Y, lb.one_hot(Y, 3))
    assert twice == pytest.approx(np.log(1 + 2 / np.e), rel=1e-12)


def test_quiz():
    mistaken = Y.copy()
    mistaken[np.flatnonzero((X == [6.0, 1.6]).all(axis=1))[0]] = 0
    true, wrong = (
        lb.fit(MODEL, LOSS, Z, y, optimizer=lb.GradientDescent(3.0), steps=4000)
        for y in (Y, mistaken)
    )
    growth = [np.ptp(np.linalg.norm(run.parameters[3000:, :6], axis=1)) for run in (true, wrong)]
    settled, rise = growth[1] < 1e-3, wrong.cost[-1] - true.cost[-1]
    z, smooth = np.array([[6.0, 0.0, 0.0]]), lb.smooth_labels([[1, 0, 0]], 0.1)
    slope = LOSS.gradient([0], z)[0]
    check_quiz(
        "09",
        lb.softmax(np.log([0.8, 0.1, 0.1]) / 2)[0],
        [
            not settled and growth[1] <= growth[0],
            not settled and growth[1] > growth[0],
            settled and rise > 0,
            settled and rise < 0,
        ],
        LOSS.cost(np.arange(10), np.eye(10)),
        [
            slope[0] < 0,
            (slope[1:] == 0).all(),
            LOSS.gradient(smooth, z)[0, 0] > 0,
            lb.MulticlassHinge().gradient([0], z)[0, 0] < 0,
        ],
    )
