"""Chapter 18: the rental's loss against a loop, its plan against best constants, and its quiz."""

import numpy as np
import pytest

import lossbook as lb
from chapters import check_quiz, definitions

CHAPTER = "18-your-own-loss"
(euros,) = definitions(CHAPTER, "euros")


RentalCost, FirstDraft, Slip, SmoothHinge, Linex = definitions(
    CHAPTER, "RentalCost", "FirstDraft", "Slip", "SmoothHinge", "Linex"
)
BIKES = lb.load_bikes()
RIDERS = BIKES["bikers"].astype(float)
FIVE = RIDERS[(BIKES["hour"] == 17) & (BIKES["workingday"] == 1)]
LOSS = RentalCost()
RNG = np.random.default_rng(18)
WANTED, PLANNED = RNG.gamma(2, 80, 40), RNG.gamma(2, 80, 40)


@pytest.mark.parametrize("loss", [LOSS, FirstDraft()], ids=["class", "one line"])
def test_loss_is_the_loop_of_the_opening(loss):
    expected = [euros(p, y) for p, y in zip(PLANNED, WANTED, strict=True)]
    np.testing.assert_allclose(loss.loss(WANTED, PLANNED), expected)


def test_best_constant_balances_the_pulls():
    c = LOSS.best_constant(FIVE)
    tried = [np.mean([euros(x, y) for y in FIVE]) for x in np.arange(500.0, 601.0)]
    assert abs(500 + np.argmin(tried) - c) <= 1
    up = 3 * np.mean(c < FIVE)
    down = np.mean(np.clip((c - FIVE) / 50, 0, 1))
    # at a kink the pull of the hours with exactly c riders lies between 0 and 3
    assert up - 1e-9 <= down <= up + 3 * np.mean(np.isclose(FIVE, c)) + 1e-9
    assert c >= np.quantile(FIVE, 0.75)


def test_descent_finds_the_best_constant_of_each_hour():
    some = BIKES["workingday"] == 1
    y, hour = RIDERS[some][:1500], BIKES["hour"][some][:1500]
    X = (hour[:, None] == np.arange(24)).astype(float)
    best = np.zeros(len(y))
    for h in range(24):
        best[hour == h] = LOSS.best_constant(y[hour == h])
    run = lb.fit(lb.Linear(24), LOSS, X, y, optimizer=lb.Adam(3.0), steps=600)
    assert LOSS.cost(y, best) <= run.cost[-1] <= 1.002 * LOSS.cost(y, best)


@pytest.mark.parametrize("loss", [LOSS, RentalCost(6, 2, 10), Linex()], ids=repr)
def test_residual_losses_pass_all_checks(loss):
    assert lb.check_loss(loss, WANTED, PLANNED).ok
    assert lb.check_gradient(loss, WANTED, PLANNED).ok


@pytest.mark.parametrize("width", [0.1, 0.5, 2.0])
def test_smooth_hinge(width):
    m = np.linspace(-3, 3, 601)
    loss = SmoothHinge(width)
    inside = (1 - m) ** 2 / (2 * width)
    expected = np.where(m >= 1, 0, np.where(m > 1 - width, inside, 1 - m - width / 2))
    np.testing.assert_allclose(loss.phi(m), expected, atol=1e-12)
    assert lb.check_loss(loss).ok


def test_limits():
    r = np.linspace(-300, 300, 601)
    tight = RentalCost(room=1e-9).rho(r)
    np.testing.assert_allclose(tight, 4 * lb.Quantile(0.75).rho(r), atol=1e-6)
    s = 0.02
    assert Linex().best_constant(FIVE) == pytest.approx(-np.log(np.exp(-s * FIVE).mean()) / s)


def test_prices_are_checked():
    with pytest.raises(ValueError, match="above 0"):
        RentalCost(van=0)


def depends_on_others(formula):
    class Candidate(lb.ResidualLoss):
        def rho(self, r):
            return formula(r)

    order = {name: ok for name, ok, _ in lb.check_loss(Candidate).checks}["order"]
    return not order


def test_quiz():
    days = np.arange(1.0, 1002.0)
    loaves = RentalCost(lost=4, room=1e-9).best_constant(days)
    p = np.linspace(0.001, 0.999, 999)
    expected = [
        0.3 * happens + 0.7 * not_
        for happens, not_ in (
            ((1 - p) ** 2, p**2),
            (1 - p, p),
            (-np.log(p), -np.log(1 - p)),
            (np.sqrt(1 - p), np.sqrt(p)),
        )
    ]
    slip = Slip()
    check_quiz(
        "18",
        round(np.mean(days <= loaves), 2),
        [
            depends_on_others(lambda r: np.abs(r) / (1 + np.abs(r))),
            depends_on_others(lambda r: np.abs(r) / np.abs(r).max()),
            depends_on_others(lambda r: np.where(r < 0, 9 * r**2, r**2)),
            depends_on_others(lambda r: np.minimum(r**2, 100)),
        ],
        [np.isclose(p[cost.argmin()], 0.3) for cost in expected],
        [
            not lb.check_loss(slip).ok,
            not lb.check_loss(slip, seed=1).ok,
            not lb.check_gradient(slip, WANTED, PLANNED).ok,
            not lb.check_loss(slip, WANTED, PLANNED).ok,
        ],
    )
