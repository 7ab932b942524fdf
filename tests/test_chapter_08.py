"""Chapter 8: its support vector machine agrees with independent tools, its claims hold."""

from itertools import combinations

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz, definitions

DATA = lb.load_breast_cancer()
X, Y = DATA.matrix("worst_area", "mean_symmetry"), np.where(DATA["target"] == 1, 1.0, -1.0)
Z = (X - X.mean(axis=0)) / X.std(axis=0)
A = np.column_stack([Z, np.ones(len(Y))])


raise_floor, objective, finish, newton, NaiveHinge, DoubleHinge = definitions(
    "08-margins",
    *("raise_floor", "objective", "finish", "newton", "NaiveHinge", "DoubleHinge"),
    combinations=combinations,
    hinge=lb.Hinge(),
)


@pytest.fixture(scope="module")
def machine():
    """Return weights, who stands in the street and on its edge, and the floor."""
    return finish(A, Y, raise_floor(A, Y)[1])


def test_support_vector_machine_agrees_with_clarabel_and_linearsvc(machine):
    reference = REFERENCE["wdbc_linearsvc_C1_intercept_penalised"]
    expected = [reference[k] for k in ("b_worst_area", "b_mean_symmetry", "b0")]
    np.testing.assert_allclose(machine[0], expected, rtol=1e-9)
    assert objective(machine[0], A, Y) == pytest.approx(reference["objective"], rel=1e-12)
    assert objective(machine[0], A, Y) == pytest.approx(100.30948, abs=5e-6)


def test_floor_meets_the_objective(machine):
    w, _, _, floor = machine
    assert objective(w, A, Y) - floor == pytest.approx(0, abs=1e-9)


def test_the_floor_is_below_the_objective_of_any_line():
    w, force = raise_floor(A, Y, passes=3)
    floor = force.sum() - w @ w / 2
    for line in np.random.default_rng(0).normal(scale=4, size=(100, 3)):
        assert floor <= objective(line, A, Y)


def test_examples_without_pull_can_be_left_out(machine):
    w, street, edge, _ = machine
    support = street.copy()
    support[edge] = True
    assert (len(edge), street.sum(), support.sum()) == (3, 105, 108)
    again = finish(A[support], Y[support], raise_floor(A[support], Y[support])[1])
    np.testing.assert_allclose(again[0], w, rtol=1e-9)


def test_descent_with_a_penalised_column_of_ones_comes_close(machine):
    """The same machine by subgradient steps that shrink as 1/t: another road."""
    hinge, w = lb.Hinge(), np.zeros(3)
    for step in range(5000):  # the objective bends by at least 1
        w = w - (A.T @ hinge.gradient(Y, A @ w) + w) / (step + 1000)
    assert objective(w, A, Y) == pytest.approx(objective(machine[0], A, Y), rel=1e-3)


@pytest.mark.parametrize(
    ("loss", "score"),
    [
        (lb.ZeroOne(), lambda q: np.sign(q - 0.5)),
        (lb.Hinge(), lambda q: np.sign(q - 0.5)),
        (lb.SquaredHinge(), lambda q: 2 * q - 1),
        (lb.BinaryCrossEntropyWithLogits(), lambda q: np.log(q / (1 - q))),
        (lb.Exponential(), lambda q: np.log(q / (1 - q)) / 2),
        (lb.Perceptron(), lambda q: 0.0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, lb.Loss) else "",
)
def test_score_that_a_loss_asks_for(loss, score):
    grid = np.linspace(-4, 4, 8001)
    one = np.ones_like(grid)
    for q in (0.1, 0.4, 0.6, 0.9):
        assert loss.best_constant([1, 0], [q, 1 - q]) == pytest.approx(score(q), abs=1e-9)
        average = q * loss.loss(one, grid) + (1 - q) * loss.loss(one, -grid)
        claimed = np.array([score(q)])
        at_claimed = q * loss.loss([1], claimed) + (1 - q) * loss.loss([1], -claimed)
        assert at_claimed[0] <= average.min() + 1e-6


def test_double_hinge_asks_for_no_decision_between_a_third_and_two_thirds():
    for q, score in ((0.3, -1), (0.34, 0), (0.5, 0), (0.66, 0), (0.7, 1)):
        assert DoubleHinge().best_constant([1, 0], [q, 1 - q]) == pytest.approx(score, abs=1e-4)
    m = np.linspace(-3, 3, 601)
    one = np.ones_like(m)
    assert np.all(DoubleHinge().loss(one, m) >= lb.ZeroOne().loss(one, m))


def test_naive_hinge_does_not_hear_the_zeros():
    zeros, scores = np.zeros(4), np.array([-5.0, 0.0, 1.0, 40.0])
    np.testing.assert_array_equal(NaiveHinge().loss(zeros, scores), 1)
    np.testing.assert_array_equal(NaiveHinge().gradient(zeros, scores), 0)


def test_one_wrong_label_doubles_the_mistakes_of_the_exponential_loss():
    flipped = Y.copy()
    flipped[np.argmax(X[:, 0])] = 1
    mistakes = [
        np.sum(Y * (A @ newton(lb.Exponential(), A, target)) <= 0) for target in (Y, flipped)
    ]
    assert mistakes == [39, 79]


def test_quiz():
    shares = np.arange(1, 1000) / 1000
    asked = [lb.SquaredHinge().best_constant([1, 0], [q, 1 - q]) for q in shares]

    class Far(lb.MarginLoss):
        def phi(self, m):
            return np.maximum(0, 5 - m)

    model, steps = lb.Linear(2), lb.GradientDescent
    near = lb.fit(model, lb.Hinge(), Z, Y, optimizer=steps(0.1), steps=500)
    far = lb.fit(model, Far(), Z, Y, optimizer=steps(0.5), steps=500)
    line, longer = near.parameters[-1], far.parameters[-1]
    scores = model.predict(Z, line), model.predict(Z, longer)
    wrong = [np.sum(Y * s <= 0) for s in scores]
    widths = [edge / np.linalg.norm(w[:2]) for edge, w in ((1, line), (5, longer))]
    shrink = {"optimizer": steps(0.1), "steps": 1000, "penalty": lb.L2(0.1), "start": line}
    street, end = (
        lb.fit(model, loss, Z, Y, **shrink).parameters[-1] for loss in (lb.Hinge(), lb.Perceptron())
    )
    s, q = np.linspace(-3, 3, 3001), np.delete(np.arange(1, 20) / 20, 9)[:, None]

    def calibrated(phi):
        average = q * phi(s) + (1 - q) * phi(-s)
        other_side = np.where(s * (q - 0.5) <= 1e-12, average, np.inf)
        return (other_side.min(axis=1) > average.min(axis=1) + 1e-9).all()

    check_quiz(
        "08",
        shares[np.argmin(np.abs(np.add(asked, 0.4)))],
        [
            np.allclose(longer, 5 * line),
            not np.isclose(*widths) and wrong[1] < wrong[0],
            (scores[0] * scores[1] <= 0).any(),
            np.allclose(*scores),
        ],
        [
            np.allclose(end, street, atol=0.1),
            np.allclose(end, line, atol=0.1),
            np.linalg.norm(end) < 0.02 * np.linalg.norm(line),
            np.linalg.norm(end) > np.linalg.norm(line),
        ],
        [
            calibrated(lambda m: np.maximum(0, np.maximum(1 - m, 2 - 3 * m))),
            calibrated(lambda m: np.maximum(0, np.maximum(1 - m, 1 - 3 * m))),
            calibrated(lambda m: np.maximum(0, -m) ** 2),
            calibrated(lambda m: (1 - m) ** 2),
        ],
    )
