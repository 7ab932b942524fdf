"""Chapter 15: its penalised fits against scikit-learn 1.9.1, and its formulas by search."""

import numpy as np
import pytest

import lossbook as lb
from chapters import check_quiz, definitions

soft, _, proximal_descent, ridge, slopes = definitions(
    "15-penalties", "soft", "proximal_step", "proximal_descent", "ridge", "slopes"
)

AMES = lb.load_ames()
COLUMNS = [
    *("gr_liv_area", "overall_qual", "overall_cond", "year_built"),
    *("total_bsmt_sf", "lot_area", "full_bath", "bedrooms", "garage_cars"),
]
RAW = AMES.matrix(*COLUMNS)
KNOWN = ~np.isnan(RAW).any(axis=1)
H, PRICE = RAW[KNOWN], AMES["sale_price"][KNOWN] / 1000
H = (H - H.mean(axis=0)) / H.std(axis=0)
SQUARED = lb.SquaredError()

CANCER = lb.load_breast_cancer()
NAMES = [name for name in CANCER if name not in ("diagnosis", "target")]
TRAIN = np.arange(569) % 2 == 0
Z, Y = CANCER.matrix(*NAMES)[TRAIN], CANCER["target"][TRAIN]
Z = (Z - Z.mean(axis=0)) / Z.std(axis=0)
LOGISTIC = lb.BinaryCrossEntropyWithLogits()
RATE = 4 / np.linalg.eigvalsh(Z.T @ Z / len(Z))[-1]

# Ridge(alpha=0.5 * n / 2), ElasticNet(alpha=0.5, l1_ratio=0.2) and Lasso(alpha=3), tol=1e-12
RIDGE = [22.27742, 23.062646, 4.795661, 11.074128, 13.7165, 5.781329, 3.376424, -3.646682]
RIDGE += [10.901933]
ELASTIC = [19.65736, 21.368406, 3.874545, 10.424042, 13.41619, 5.538182, 4.55726, -2.450631]
ELASTIC += [11.076576]
LASSO = [24.786003, 29.32596, 1.627149, 8.793486, 12.490002, 3.718457, 0, -1.627839, 8.635841]
# LogisticRegression(C=1 / (0.01 * 285), tol=1e-12): the first five weights and the intercept
LOGISTIC_RIDGE = [-0.480194, -0.47292, -0.459493, -0.435884, -0.145232, 0.825177]


def test_ridge_against_scikit_learn():
    w, b = ridge(H, PRICE, 0.5)
    np.testing.assert_allclose(w, RIDGE, atol=1e-6)
    assert b == pytest.approx(PRICE.mean())
    run = lb.fit(lb.Linear(9), SQUARED, H, PRICE, penalty=lb.L2(0.5), steps=500)
    np.testing.assert_allclose(run.parameters[-1], [*w, b], atol=1e-8)


def test_lasso_against_scikit_learn():
    theta = proximal_descent(H, PRICE, SQUARED, lb.L1(6.0), rate=0.1, steps=500)
    np.testing.assert_allclose(theta[:9], LASSO, atol=1e-6)
    assert theta[6] == 0


def test_elastic_net_against_scikit_learn():
    # 1/(2n)‖r‖² + α(κ‖w‖₁ + ½(1 − κ)‖w‖²), doubled: strength is twice alpha
    w, penalty = np.array(ELASTIC), lb.ElasticNet(1.0, l1_ratio=0.2)
    g = slopes(H, PRICE, SQUARED, np.append(w, PRICE.mean()))
    np.testing.assert_allclose(g, -penalty.gradient(w), atol=1e-5)


def test_gradient_of_l1_makes_no_zeros():
    run = lb.fit(lb.Linear(9), SQUARED, H, PRICE, penalty=lb.L1(6.0), steps=300)
    assert np.all(run.parameters[-1] != 0)


def test_logistic_ridge_against_scikit_learn():
    theta = proximal_descent(Z, Y, LOGISTIC, lb.L2(0.01), RATE, 1000, lead=1)
    np.testing.assert_allclose(theta[[0, 1, 2, 3, 4, -1]], LOGISTIC_RIDGE, atol=2e-6)


def test_logistic_path_against_scikit_learn():
    # LogisticRegression(penalty="l1", solver="liblinear", intercept_scaling=1e4, tol=1e-11)
    theta = None
    for strength, kept in ((0.3, 2), (0.094434, 4), (0.029727, 7)):
        theta = proximal_descent(Z, Y, LOGISTIC, lb.L1(strength), RATE, 1500, theta, lead=1)
        w, g = theta[:30], slopes(Z, Y, LOGISTIC, theta)
        assert np.count_nonzero(w) == kept
        np.testing.assert_allclose(g[w != 0], -strength * np.sign(w[w != 0]), rtol=1e-3)
        assert np.all(np.abs(g[w == 0]) < strength)


def test_four_fits_count_the_same_zeros():
    # QuantileRegressor(quantile=0.5, alpha=0.03) has one zero of nine too: full_bath
    absolute = lb.AbsoluteError()
    for loss, penalty, rate, zeros in (
        (SQUARED, lb.L1(6.0), 0.1, 1),
        (SQUARED, lb.L2(0.5), 0.1, 0),
        (absolute, lb.L1(0.06), 5.0, 1),
        (absolute, lb.L2(0.005), 5.0, 0),
    ):
        theta = proximal_descent(H, PRICE, loss, penalty, rate, 300)
        assert np.sum(theta[:9] == 0) == zeros


@pytest.mark.parametrize("a", [-3.0, -0.4, 0.0, 0.9, 2.5])
@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0])
def test_one_weight_by_search(a, ratio):
    w = np.linspace(-4, 4, 801)
    penalty = lb.ElasticNet(0.8, l1_ratio=ratio)
    objective = [(x - a) ** 2 / 2 + penalty.value([x]) for x in w]
    formula = soft(a, 0.8 * ratio) / (1 + 0.8 * (1 - ratio))
    assert w[np.argmin(objective)] == pytest.approx(formula, abs=0.01)


def test_quiz():
    w = np.linspace(-1, 6, 7001)
    objective = SQUARED.loss(np.full_like(w, 4), w) + [lb.L1(2).value([x]) for x in w]
    # the shuffled columns, at two rates: zeros, and how far they still hop
    rng = np.random.default_rng(15)
    wide = np.column_stack([H] + [rng.permutation(column) for column in H.T])
    lasso, model = lb.L1(6.0), lb.Linear(18)
    start = proximal_descent(wide, PRICE, SQUARED, lasso, rate=0.1, steps=300)
    settings = {"penalty": lasso, "steps": 500, "start": start}
    runs = [
        lb.fit(model, SQUARED, wide, PRICE, optimizer=lb.GradientDescent(rate), **settings)
        for rate in (0.1, 0.01)
    ]
    ends = [run.parameters[-100:, 9:18] for run in runs]
    hops = [np.abs(np.diff(end, axis=0)).max() for end in ends]
    zeros = (ends[1] == 0).any()
    # predictions in dollars, as many thousands
    free = ridge(H, PRICE, 0)[0]
    (ridge_before, ridge_after), (lasso_before, lasso_after) = (
        [fit(unit * PRICE)[:9] / unit for unit in (1, 1000)]
        for fit in (
            lambda y: ridge(H, y, 0.5)[0],
            lambda y: proximal_descent(H, y, SQUARED, lasso, rate=0.1, steps=500),
        )
    )
    same = np.allclose(ridge_before, ridge_after), np.allclose(lasso_before, lasso_after)
    forgot = [np.allclose(w, free, atol=0.05) for w in (ridge_after, lasso_after)]
    shorter = [
        np.linalg.norm(after) < 0.9 * np.linalg.norm(before)
        for before, after in ((ridge_before, ridge_after), (lasso_before, lasso_after))
    ]

    def twins(w):
        return (w.sum() - 12) ** 2 / 2 + lb.L2(1).value(w), w.sum() - 12 + lb.L2(1).gradient(w)

    each = lb.gradient_descent(twins, [1.0, 0.0], learning_rate=0.3, steps=200).parameters[-1]
    check_quiz(
        "15",
        round(w[np.argmin(objective)], 3),
        [
            zeros,
            not zeros and 0.05 < hops[1] / hops[0] < 0.2,
            not zeros and np.isclose(hops[0], hops[1], rtol=0.1),
            not zeros and hops[1] < 1e-3,
        ],
        [all(same), same[0] and forgot[1], same[1] and forgot[0], all(shorter)],
        each[0],
    )
