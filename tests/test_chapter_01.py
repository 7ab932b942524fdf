"""Chapter 1: its line against the closed solution, its runs, and its quiz."""

import numpy as np

import lossbook as lb
from chapters import check_quiz, definitions

AMES = lb.load_ames()
AREA, PRICE = AMES["gr_liv_area"] / 1000, AMES["sale_price"] / 1000
SQUARED, ABSOLUTE = lb.SquaredError(), lb.AbsoluteError()


def test_loop_of_the_page_finds_the_line():
    (train,) = definitions("01-loss-cost-objective", "train")
    np.testing.assert_allclose(train(AREA, PRICE, 0.1, 3000), np.polyfit(AREA, PRICE, 1), rtol=1e-6)


def test_raw_units_diverge_and_the_history_says_so(capsys):
    (train,) = definitions("01-loss-cost-objective", "train")
    w, _ = train(AMES["gr_liv_area"], AMES["sale_price"], 0.1, 4)
    assert abs(w) > 1e12
    assert capsys.readouterr().out.count("cost") == 4
    run = lb.fit(lb.Linear(1), SQUARED, AMES["gr_liv_area"][:, None], AMES["sale_price"], steps=100)
    assert "diverged" in str(run)


def test_quiz():
    zero, a, b = np.zeros(3), [4.0, 4.0, 4.0], [1.0, 1.0, 7.0]
    squared, absolute = (loss.cost(zero, a) - loss.cost(zero, b) for loss in (SQUARED, ABSOLUTE))
    plain, penalised = (
        lb.fit(lb.Linear(1), SQUARED, AREA[:, None], PRICE, steps=2000, penalty=penalty)
        for penalty in (None, lb.L2(1.0))
    )
    slope, intercept = penalised.parameters[-1]
    rise = penalised.cost[-1] - plain.cost[-1]
    objective_before = plain.cost[-1] + lb.L2(1.0).value(plain.parameters[-1][:1])
    x, r = AREA[:50], 2 * AREA[:50] + 1 - PRICE[:50]
    moved, gradient = -(r * x).mean(), (SQUARED.gradient(0 * r, r) * x).mean()
    check_quiz(
        "01",
        SQUARED.loss(0.0, -6.0) / SQUARED.loss(0.0, 3.0),
        [squared < 0 > absolute, squared > 0 < absolute, squared < 0 < absolute, squared == 0],
        [
            rise < 0,
            rise > 0 and penalised.objective[-1] < objective_before,
            np.isclose(rise, 0),
            not np.isclose(penalised.cost[-1], SQUARED.cost(PRICE, slope * AREA + intercept)),
        ],
        [
            moved * gradient > 0,
            np.isclose(moved, -gradient / 2),
            moved == -r @ x,
            moved == -r.mean(),
        ],
    )
