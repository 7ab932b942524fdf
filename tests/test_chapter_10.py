"""Chapter 10: KL and cross-entropy are one run; what each direction of a divergence chooses."""

import numpy as np
import pytest

import lossbook as lb
from chapters import REFERENCE, check_quiz, definitions

KL, REVERSE, JS = lb.KLDivergence(), lb.ReverseKLDivergence(), lb.JensenShannon()
CROSS_ENTROPY, MODEL = lb.SoftmaxCrossEntropy(), lb.Linear(2, 3)
IRIS = lb.load_iris()
X = IRIS.matrix("sepal_length", "petal_width")
Z = (X - X.mean(axis=0)) / X.std(axis=0)
ONE_HOT = lb.one_hot(IRIS["target"], 3)
SOFT = lb.smooth_labels(ONE_HOT, 0.1)


@pytest.fixture(scope="module")
def softmax_kl():
    """Return the loss that the chapter writes."""
    (SoftmaxKL,) = definitions("10-distances", "SoftmaxKL", kl=KL)
    return SoftmaxKL()


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("labels", [ONE_HOT, SOFT], ids=["one-hot", "soft"])
def test_kl_and_cross_entropy_are_one_run(softmax_kl, labels, rate):
    settings = {"optimizer": lb.Adam(rate), "steps": 150, "batch_size": 32}
    one = lb.fit(MODEL, CROSS_ENTROPY, Z, labels, **settings)
    other = lb.fit(MODEL, softmax_kl, Z, labels, **settings)
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=0, atol=1e-11)
    entropy = lb.entropy(labels).mean()
    np.testing.assert_allclose(one.cost, other.cost + entropy, rtol=0, atol=1e-11)


def test_kl_reaches_the_ridge_fit_of_cross_entropy(softmax_kl):
    reference = REFERENCE["iris_softmax_ridge_C1_standardised"]
    run = lb.fit(
        MODEL,
        softmax_kl,
        Z,
        ONE_HOT,
        optimizer=lb.GradientDescent(3.0),
        steps=1000,
        penalty=lb.L2(1 / 150),
    )
    weights, biases = MODEL.unpack(run.parameters[-1])[0]
    np.testing.assert_allclose(weights.T, reference["W"], atol=1e-7)
    np.testing.assert_allclose(biases, reference["b"], atol=1e-7)
    assert run.cost[-1] == pytest.approx(reference["mean_ce"], rel=1e-8)


def test_gradient_of_the_chapters_loss(softmax_kl):
    z = np.random.default_rng(1).normal(size=(30, 3))
    assert lb.check_gradient(softmax_kl, SOFT[:30], z).ok
    np.testing.assert_allclose(
        softmax_kl.gradient(SOFT[:30], z), CROSS_ENTROPY.gradient(SOFT[:30], z), atol=1e-14
    )


def test_forward_fit_has_the_moments_of_the_truth():
    x = np.linspace(-8, 8, 161)

    def normal(mean, deviation):
        density = np.exp(-0.5 * ((x - mean) / deviation) ** 2)
        return density / density.sum()

    truth = 0.65 * normal(-2, 0.6) + 0.35 * normal(2, 0.6)
    near = [(m, s) for m in (-0.7, -0.6, -0.5) for s in (1.9, 2.0, 2.1)]
    costs = KL.loss(np.tile(truth, (9, 1)), np.array([normal(*place) for place in near]))
    assert near[costs.argmin()] == (-0.6, 2.0)
    on_one_bump = REVERSE.loss([truth] * 2, [normal(-2, 0.6), normal(2, 0.6)])
    np.testing.assert_allclose(on_one_bump, -np.log([0.65, 0.35]), atol=3e-3)


def test_root_of_jensen_shannon_is_a_metric():
    p, q, r = lb.softmax(3 * np.random.default_rng(2).normal(size=(3, 20_000, 3)))

    def distance(a, b):
        return np.sqrt(JS.loss(a, b))

    assert (distance(p, q) + distance(q, r) >= distance(p, r)).all()
    assert JS.loss(p, r).max() < np.log(2)
    for loss in (KL, JS):
        assert (loss.loss(p, q) + loss.loss(q, r) < loss.loss(p, r)).any()


def test_gaussian_kl_against_quadrature():
    t = np.linspace(-30, 30, 20_001)
    for mean, v in ((0.5, -2.0), (-2.0, 1.5)):
        log_q = -0.5 * (v + (t - mean) ** 2 / np.exp(v) + np.log(2 * np.pi))
        log_p = -0.5 * (t**2 + np.log(2 * np.pi))
        integral = (np.exp(log_q) * (log_q - log_p)).sum() * (t[1] - t[0])
        assert lb.gaussian_kl([mean], [v]) == pytest.approx(integral, rel=1e-10)


def test_entropy_regularised_reward_is_a_reverse_divergence():
    rng = np.random.default_rng(3)
    reward, T = rng.normal(size=5), 0.7
    policies = lb.softmax(rng.normal(size=(50, 5)))
    target = np.tile(lb.softmax(reward / T), (50, 1))
    objective = -policies @ reward - T * lb.entropy(policies)
    constant = objective - T * REVERSE.loss(target, policies)
    np.testing.assert_allclose(constant, -T * np.log(np.exp(reward / T).sum()), rtol=1e-12)


def test_quiz():
    x = np.linspace(-10, 10, 401)

    def normal(mean, deviation):
        density = np.exp(-0.5 * ((x - mean) / deviation) ** 2)
        return density / density.sum()

    truth = 0.5 * normal(-4, 0.6) + 0.3 * normal(0, 0.6) + 0.2 * normal(4, 0.6)

    def height(place):
        return REVERSE.loss([truth], [normal(*place)])[0]

    def height_and_slope(place):
        slope = [(height(place + e) - height(place - e)) / 2e-4 for e in 1e-4 * np.eye(2)]
        return height(place), np.array(slope)

    walk = lb.gradient_descent(height_and_slope, [3.0, 1.0], learning_rate=0.1, steps=200)
    run = lb.fit(MODEL, CROSS_ENTROPY, Z, SOFT, optimizer=lb.GradientDescent(0.5), steps=100)
    costs = run.cost, run.cost - lb.entropy(SOFT).mean()
    slow = [-np.diff(cost) < 0.01 * cost[:-1] for cost in costs]
    a, b = (np.argmax(rule) for rule in slow)
    by_mean, by_v = (slope.item() for slope in lb.gaussian_kl_gradient([3.0], [0.0]))
    check_quiz(
        "10",
        KL.loss([[0.5, 0.5, 0]], [[0.25, 0.25, 0.5]])[0],
        walk.cost[-1],
        [a == b, a < b, b < a, not slow[1].any()],
        [
            by_mean > 0 > by_v,
            by_mean > 0 < by_v,
            by_mean > 0 == by_v,
            by_mean == 0 != by_v,
        ],
    )
