"""Chapter 19: published strengths and constants, closed forms by search, and what is claimed."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

import lossbook as lb
from chapters import TESTS, check_quiz, definitions

NOTEBOOK = json.loads((TESTS.parent / "chapters/19-research.ipynb").read_text("utf-8"))
SOURCES = ["".join(c["source"]) for c in NOTEBOOK["cells"] if c["cell_type"] == "code"]


def cell(start, **space):
    """Run the one cell that begins like this, and return its names."""
    (source,) = (text for text in SOURCES if text.startswith(start))
    exec(source, space)
    return space


SPACE = {"np": np, "lb": lb, "dataclass": dataclass}
LOSSES = cell("@dataclass", **SPACE)
GCE, FORWARD = LOSSES["GeneralisedCrossEntropy"], LOSSES["ForwardCorrected"]
WINS = cell("teams = ", **SPACE)["wins"]
TEXT = cell("POEM = ", **SPACE)
LOGISTIC = lb.BinaryCrossEntropyWithLogits()
log_total, surprise = definitions("19-research", "log_total", "surprise")
windows, language, nats = definitions(
    "19-research", "windows", "language", "nats", alphabet=TEXT["alphabet"]
)


def games(wins):
    winner, loser = np.nonzero(wins)
    return np.eye(7)[winner] - np.eye(7)[loser], wins[winner, loser]


def descend(wins, beta=1.0, reference=None):
    """Return logits where DPO ends; without a reference, Bradley-Terry strengths."""
    start = np.zeros(7) if reference is None else np.log(reference)
    D, number = games(wins)

    def value_and_gradient(z):
        margin = beta * D @ (z - start)
        cost, slope = LOGISTIC.cost_and_gradient(np.ones(len(D)), margin, number)
        return cost, beta * D.T @ slope

    rate = 10 / beta**2
    run = lb.gradient_descent(value_and_gradient, start, learning_rate=rate, steps=1000)
    return run.parameters[-1]


def test_strengths_are_those_of_agresti_and_bradleyterry2():
    # Agresti (2002), table 10.11, which the tests of R's BradleyTerry2 repeat
    strength = descend(WINS)
    published = [1.58, 1.44, 1.29, 1.25, 1.11, 0.68]
    assert (strength - strength[6])[:6].round(2).tolist() == published


def test_strengths_expect_the_wins_that_were_won():
    strength = descend(WINS)
    expected = 13 * lb.sigmoid(strength[:, None] - strength).sum(axis=1) - 6.5
    np.testing.assert_allclose(expected, WINS.sum(axis=1), atol=1e-6)


@pytest.mark.parametrize("beta", [0.25, 1.0, 4.0])
def test_dpo_ends_at_the_tilted_reference(beta):
    reference = np.array([1, 1, 1, 1, 1, 1, 4]) / 10
    formula = reference * np.exp(descend(WINS) / beta)
    policy = lb.softmax(descend(WINS, beta, reference))
    np.testing.assert_allclose(policy, formula / formula.sum(), atol=1e-8)


def test_totals_of_the_density():
    # α = 1: 2e K₁(1), with the Bessel function K₁(1) = 0.6019072301972346
    assert np.exp(log_total(2)) == pytest.approx((2 * np.pi) ** 0.5, rel=1e-9)
    assert np.exp(log_total(1)) == pytest.approx(2 * np.e * 0.6019072301972346, rel=1e-9)
    assert np.exp(log_total(0)) == pytest.approx(2**0.5 * np.pi, rel=1e-9)


def test_learned_shape_is_a_minimum_of_the_surprise():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((800, 1))
    y = 2 * x[:, 0] + rng.standard_t(3, 800)
    (learn_loss,) = definitions("19-research", "learn_loss", log_total=log_total, surprise=surprise)
    theta, alpha, c = learn_loss(x, y, steps=400)
    assert theta == pytest.approx([2, 0], abs=0.1)
    assert 0.1 < alpha < 1.9
    r = x @ theta[:1] + theta[1] - y
    here = surprise(r, alpha, c)
    assert here < surprise(r, alpha - 0.1, c)
    assert here < surprise(r, alpha + 0.1, c)
    assert here < surprise(r, alpha, 0.95 * c)
    assert here < surprise(r, alpha, 1.05 * c)


def test_loss_without_counterweight_falls_with_its_shape_and_scale():
    r = np.linspace(-5, 5, 50)
    shapes = [-np.inf, -6, -2, -0.5, 0, 0.5, 1, 1.5, 2]
    for c in (0.2, 1, 5):
        costs = [lb.Barron(shape, c).cost(0 * r, r) for shape in shapes]
        assert np.all(np.diff(costs) > 0)
        assert lb.Barron(1, 2 * c).cost(0 * r, r) < lb.Barron(1, c).cost(0 * r, r)


def test_units_move_the_total_by_a_constant():
    costs, k = np.array([3.0, 0.2]), np.array([1000.0, 0.01])
    before = lb.uncertainty_weighted(costs, np.log(costs))
    after = lb.uncertainty_weighted(costs * k**2, np.log(costs * k**2))
    assert after.total - before.total == pytest.approx(np.log(k).sum())
    np.testing.assert_allclose(after.by_cost * k**2, before.by_cost)
    assert before.total == pytest.approx(0.5 * (1 + np.log(costs)).sum())


@pytest.mark.parametrize("loss", [GCE(0.3), GCE(1.0), FORWARD(0.4, 0.05), FORWARD(0.0, 0.0)])
def test_new_losses_have_the_right_gradient(loss):
    z = np.linspace(-8, 8, 33)
    for label in (0, 1):
        assert lb.check_gradient(loss, np.full(33, label), z).ok


def test_limits_of_the_new_losses_are_cross_entropy():
    y, z = np.array([0, 1] * 8), np.linspace(-6, 6, 16)
    np.testing.assert_allclose(GCE(1e-9).loss(y, z), LOGISTIC.loss(y, z), rtol=1e-7)
    np.testing.assert_allclose(FORWARD(0.0, 0.0).loss(y, z), LOGISTIC.loss(y, z), rtol=1e-9)


def test_forward_correction_finds_the_true_rate():
    recorded = 0.7 * 0.6 + 0.3 * 0.05  # 70 % ones, 40 % missed, 5 % of the rest invented
    y, share = [1, 0], [recorded, 1 - recorded]
    constant = FORWARD(0.4, 0.05).best_constant(y, share)
    assert lb.sigmoid(np.array(constant)) == pytest.approx(0.7, abs=1e-6)


def test_annealing_ends_in_the_deepest_valley_and_then_misses_it():
    petal = lb.load_iris()["petal_length"]
    (roll,) = definitions("19-research", "roll", petal=petal)
    deepest = lb.Welsch(0.7).best_constant(petal)
    plain = roll(petal, [0.7] * 300)
    annealed = roll(petal, [*np.geomspace(4, 0.7, 60), *[0.7] * 240])
    assert np.sum(np.isclose(plain, deepest, atol=1e-4)) == 100
    assert np.isclose(annealed, deepest, atol=1e-4).all()
    narrow = roll(petal, [*np.geomspace(4, 0.3, 100), *[0.3] * 400])
    deepest = lb.Welsch(0.3).best_constant(petal)
    assert np.all(np.abs(narrow - deepest) > 3)


def test_counts_are_the_lowest_point_of_cross_entropy():
    seen = TEXT["seen"]
    table = language(seen, 1, extra=1e-9)
    loss = lb.SoftmaxCrossEntropy()
    best = loss.cost(seen[1:], np.log(table[seen[:-1]]))
    assert nats(table, seen) == pytest.approx(best)
    logits = np.random.default_rng(0).normal(size=(27, 27))
    for step in (0.01, -0.01):
        assert loss.cost(seen[1:], np.log(table[seen[:-1]]) + step * logits[seen[:-1]]) > best


def test_poem_is_whole():
    assert len(TEXT["lines"]) == 18 * 6
    assert TEXT["lines"][0] == "the sun was shining on the sea"
    assert TEXT["lines"][-1] == "theyd eaten every one"


def test_quiz():
    r = np.array([0.5, 2.0])
    by_shape = np.diff([lb.Barron(shape).loss(0 * r, r) for shape in (0, 1)], axis=0)
    up, down = by_shape > 0, by_shape < 0  # descent goes the other way
    costs = np.array([0.5, 0.02])
    z = np.array([-3.0, -1.0, 0.5, 2.0])
    ones, zeros = np.ones(4), np.zeros(4)
    sums = [loss.loss(ones, z) + loss.loss(zeros, z) for loss in (GCE(1), LOGISTIC)]
    sums += [loss.loss(ones, z) + loss.loss(zeros, z) for loss in (lb.ZeroOne(), GCE(0.7))]
    pull = -LOGISTIC.gradient(np.ones(3), [3.0, 0.0, -3.0])
    check_quiz(
        "19",
        [up.any() and down.any(), up.all(), down.all(), not (up.any() or down.any())],
        lb.uncertainty_weighted(costs, np.log(costs)).total,
        [np.ptp(total) < 1e-12 for total in sums],
        [one == pull.max() for one in pull],
        np.log2(8),
    )
