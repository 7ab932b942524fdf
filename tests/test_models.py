"""Models: predictions against plain NumPy, the chain rule against differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossbook import MLP, Linear, SoftmaxCrossEntropy, SquaredError

MODELS = [
    Linear(3),
    Linear(3, n_outputs=2),
    MLP(3, hidden=(4,)),
    MLP(3, hidden=(5, 4), n_outputs=2, activation="relu", seed=3),
    MLP(3, hidden=()),
]


def inputs(n=7, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 3))


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_shapes(model):
    parameters = model.initial()
    assert parameters.shape == (model.n_parameters,) == model.is_weight.shape
    shape = (7,) if model.n_outputs == 1 else (7, model.n_outputs)
    assert model.predict(inputs(), parameters).shape == shape


def test_linear_is_the_matrix_product():
    model, X = Linear(3, n_outputs=2), inputs()
    parameters = np.random.default_rng(1).normal(size=8)
    expected = X @ parameters[:6].reshape(3, 2) + parameters[6:]
    np.testing.assert_allclose(model.predict(X, parameters), expected, rtol=1e-15)


def test_mlp_is_linear_tanh_linear():
    model, X = MLP(3, hidden=(4,)), inputs()
    parameters = np.random.default_rng(1).normal(size=model.n_parameters)
    (W, b), (V, c) = model.unpack(parameters)
    np.testing.assert_allclose(
        model.predict(X, parameters), (np.tanh(X @ W + b) @ V + c)[:, 0], rtol=1e-14
    )


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_parameter_gradient_is_the_derivative_of_the_cost(model):
    X, rng = inputs(40), np.random.default_rng(2)
    parameters = model.initial() + rng.normal(0, 0.3, model.n_parameters)
    if model.n_outputs == 1:
        loss, y = SquaredError(), rng.normal(size=40)
    else:
        loss, y = SoftmaxCrossEntropy(), rng.integers(0, 2, 40)

    def cost(p):
        return loss.cost(y, model.predict(X, p))

    slopes = loss.cost_gradient(y, model.predict(X, parameters))
    analytic = model.parameter_gradient(X, slopes, parameters)
    steps = 1e-6 * np.eye(model.n_parameters)
    numeric = [(cost(parameters + s) - cost(parameters - s)) / 2e-6 for s in steps]
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-8)


def test_weights_and_biases_are_told_apart():
    np.testing.assert_array_equal(Linear(2).is_weight, [True, True, False])
    np.testing.assert_array_equal(
        MLP(1, hidden=(2,)).is_weight, [True, True, False, False, True, True, False]
    )


def test_unpack_gives_back_every_parameter_once():
    model = MODELS[3]
    parameters = np.arange(model.n_parameters, dtype=float)
    parts = [part.ravel() for layer in model.unpack(parameters) for part in layer]
    np.testing.assert_array_equal(np.concatenate(parts), parameters)


def test_start_is_seeded_and_keeps_the_scale():
    np.testing.assert_array_equal(MLP(3, seed=5).initial(), MLP(3, seed=5).initial())
    assert not np.array_equal(MLP(3, seed=5).initial(), MLP(3, seed=6).initial())
    weights, biases = MLP(400, hidden=(300,), activation="tanh").unpack(
        MLP(400, hidden=(300,)).initial()
    )[0]
    assert weights.var() == pytest.approx(2 / 700, rel=0.02)  # Glorot: 2 / (in + out)
    weights, _ = MLP(400, hidden=(300,), activation="relu").unpack(
        MLP(400, hidden=(300,), activation="relu").initial()
    )[0]
    assert weights.var() == pytest.approx(2 / 400, rel=0.02)  # He: 2 / in
    assert not biases.any()


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 20), shift=st.floats(-5, 5))
def test_linear_is_linear(rows, shift):
    model, X = Linear(3), inputs(rows)
    a, b = np.random.default_rng(0).normal(size=(2, 4))
    both = model.predict(X, a + shift * b)
    np.testing.assert_allclose(
        both, model.predict(X, a) + shift * model.predict(X, b), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Linear(0), "n_features is 0"),
        (lambda: Linear(2.0), "n_features is 2.0"),
        (lambda: Linear(2, n_outputs=-1), "n_outputs is -1"),
        (lambda: MLP(2, hidden=(3, 0)), r"hidden\[1\] is 0"),
        (lambda: MLP(2, activation="cosine"), "activation is 'cosine': expected one of"),
        (lambda: Linear(3).predict([[1.0, 2.0]], np.zeros(4)), r"X has shape \(1, 2\)"),
        (lambda: Linear(3).predict([1.0, 2.0, 3.0], np.zeros(4)), r"X has shape \(3,\)"),
        (lambda: Linear(1).predict([[np.nan]], np.zeros(2)), r"X\[0, 0\] is nan"),
        (lambda: Linear(1).predict([[np.inf]], np.zeros(2)), r"X\[0, 0\] is inf"),
        (lambda: Linear(1).predict(np.zeros((0, 1)), np.zeros(2)), "X is empty"),
        (lambda: Linear(1).predict([[1.0]], np.zeros(3)), r"parameters has shape \(3,\)"),
        (
            lambda: Linear(1).parameter_gradient([[1.0]], np.zeros((1, 1)), np.zeros(2)),
            r"prediction_gradient has shape \(1, 1\): expected \(1,\)",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_inputs_are_not_changed():
    X, parameters = inputs(), np.ones(4)
    before = X.copy(), parameters.copy()
    Linear(3).parameter_gradient(X, Linear(3).predict(X, parameters), parameters)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(parameters, before[1])
