"""Chapter 14: its fits against formulas and slow exact ones, and what its quiz calls right."""

import itertools

import numpy as np
import pytest

import lossbook as lb
from chapters import check_quiz, definitions
from lossbook.descent import _descend

CHAPTER = "14-overfitting"
powers, least_squares, decompose, folds = definitions(
    CHAPTER, "powers", "least_squares", "decompose", "folds"
)
(cross_validate,) = definitions(CHAPTER, "cross_validate", folds=folds)
least_absolute, double_descent = definitions(CHAPTER, "least_absolute", "double_descent")
SQUARED = lb.SquaredError()


def test_noise_bias_and_variance_add_up():
    # Exactly, if every training set meets every fresh label and the noise has mean 0
    rng = np.random.default_rng(0)
    truth, predictions = rng.normal(size=7), rng.normal(1, 2, size=(50, 7))
    noise = rng.normal(size=(40, 7))
    noise -= noise.mean(axis=0)
    labels = truth + noise
    error = np.mean((labels[:, None] - predictions[None]) ** 2)
    bias_squared, variance = decompose(predictions, truth)
    assert error == pytest.approx(np.mean(noise**2) + bias_squared + variance)


@pytest.mark.parametrize("degree", [0, 3, 9])
def test_variance_and_gap_of_least_squares(degree):
    # σ²p/n and 2σ²p/n are traces of the matrix that turns labels into predictions
    A = powers(np.linspace(-1, 1, 24), degree)
    hat = A @ np.linalg.pinv(A)
    share = (degree + 1) / 24
    assert np.sum(hat**2) / 24 == pytest.approx(share)
    residual = np.eye(24) - hat
    fresh, trained = 1 + np.sum(hat**2) / 24, np.sum(residual**2) / 24
    assert fresh - trained == pytest.approx(2 * share)


def test_least_absolute_line_is_the_best_through_two_points():
    rng = np.random.default_rng(1)
    x, Y = rng.uniform(-1, 1, 20), rng.laplace(size=(5, 20))
    for y, (level, slope) in zip(Y, least_absolute(x, Y), strict=True):
        lines = []
        for i, j in itertools.combinations(range(20), 2):
            b = (y[j] - y[i]) / (x[j] - x[i])
            lines.append((np.abs(y[i] + b * (x - x[i]) - y).mean(), y[i] - b * x[i], b))
        best = min(lines)
        assert lb.AbsoluteError().cost(y, level + slope * x) == pytest.approx(best[0], abs=1e-6)
        assert (level, slope) == pytest.approx(best[1:], abs=1e-5)


def test_limits_of_the_efficiency():
    # 4σ²f(median)², by densities written out
    normal = np.exp(0) / np.sqrt(2 * np.pi)
    assert 4 * normal**2 == pytest.approx(2 / np.pi)
    assert 4 * 2 * (1 / 2) ** 2 == 2  # Laplace of scale 1
    contaminated = 0.9 * normal + 0.1 * normal / 5
    assert 4 * (0.9 + 0.1 * 25) * contaminated**2 == pytest.approx(1.832, abs=5e-4)


def test_folds_judge_each_example_once_by_a_fit_without_it():
    seen = np.zeros(23, int)

    def fit_and_judge(kept, part):
        assert not set(kept) & set(part)
        assert len(kept) + len(part) == 23
        seen[part] += 1
        return part

    np.testing.assert_array_equal(cross_validate(fit_and_judge, 23, 5), np.arange(23))
    assert np.all(seen == 1)


def test_leaving_one_out_against_the_hat_matrix():
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(15, 3)), rng.normal(size=15)

    def fit_and_judge(kept, part):
        return SQUARED.loss(y[part], X[part] @ least_squares(X[kept], y[kept]))

    hat = X @ np.linalg.pinv(X)
    shortcut = ((y - hat @ y) / (1 - np.diag(hat))) ** 2
    np.testing.assert_allclose(cross_validate(fit_and_judge, 15, 15), shortcut)


@pytest.mark.parametrize("p", [10, 120])
def test_double_descent_formula_by_simulation(p):
    rng = np.random.default_rng(3)
    beta, costs = np.full(200, 200**-0.5), []
    for _ in range(150):
        X = rng.standard_normal((40, 200))
        w = np.zeros(200)
        w[:p] = least_squares(X[:, :p], X @ beta + 0.2 * rng.standard_normal(40))
        costs.append(0.04 + np.sum((w - beta) ** 2))
    assert np.mean(costs) == pytest.approx(double_descent(p), rel=0.05)


def best_step(validation, patience):
    """Run the loop of `fit` along a given validation curve."""
    curve = iter(validation)
    run = _descend(
        lambda parameters, rows=None: (0.0, 0.0, np.zeros(1)),
        np.zeros(1),
        lb.GradientDescent(),
        len(validation) - 1,
        judge=lambda parameters: next(curve),
        patience=patience,
    )
    return run.best_step


def line_parts(n):
    """Bias² and variance of a line fitted to a parabola."""
    x = np.linspace(-1, 1, n)
    labels = x**2 + np.random.default_rng(4).standard_normal((2000, n))
    A = powers(x, 1)
    return decompose((A @ least_squares(A, labels.T)).T, x**2)


def leaks(prepare):
    """Tell whether what is prepared of the training rows changes with the rows held out."""
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(30, 20)), rng.normal(size=30)
    before = prepare(X, y)
    X[20:] += 3 * np.outer(rng.normal(size=10), rng.normal(size=20))
    y[20:] = -5 * y[20:]
    return not np.array_equal(before, prepare(X, y))


def absolute_scatters_more(draw):
    x = np.linspace(-1, 1, 40)
    labels = draw(np.random.default_rng(6), (400, 40))
    A = powers(x, 1)
    squares, sizes = least_squares(A, labels.T).T, least_absolute(x, labels)
    return sizes.var(axis=0).sum() > squares.var(axis=0).sum()


def test_quiz():
    curve = [9.0, 6.0, 5.0, 5.5, 4.8, 5.2, 5.6, 4.1]
    # predictions 3 ± 2 off the truth and labels ± √10 about it: the mean of the four squares
    off, noise = np.array([3 - 2, 3 + 2]), np.sqrt(10) * np.array([-1, 1])
    (bias_few, variance_few), (bias_many, variance_many) = line_parts(20), line_parts(200)
    variance_falls = variance_many == pytest.approx(variance_few / 10, rel=0.1)
    bias_falls = bias_many < bias_few / 2
    correlated = definitions(CHAPTER, "ten_best")[0]
    (contaminated,) = definitions(CHAPTER, "contaminated")
    check_quiz(
        "14",
        best_step(curve, patience=2),
        np.mean((noise[:, None] - off) ** 2),
        [
            variance_falls and not bias_falls,
            bias_falls and not variance_falls,
            bias_falls and variance_falls,
            not bias_falls and not variance_falls,
        ],
        [
            leaks(lambda X, y: ((X - X.mean(axis=0)) / X.std(axis=0))[:20]),
            leaks(lambda X, y: np.sort(correlated(X, y))),
            # what the fit sees are the training rows, standardised by themselves
            leaks(lambda X, y: (X[:20] - X[:20].mean(axis=0)) / X[:20].std(axis=0)),
            leaks(_parameters_with_validation),
        ],
        [
            absolute_scatters_more(draw)
            for draw in (
                lambda rng, shape: rng.standard_normal(shape),
                lambda rng, shape: rng.laplace(size=shape),
                contaminated,
            )
        ],
    )


def _parameters_with_validation(X, y):
    held_out = (X[20:], y[20:])
    run = lb.fit(lb.Linear(20), SQUARED, X[:20], y[:20], steps=5, validation=held_out)
    return run.parameters[-1]
