"""Typical wrong answers to assignment 3, what they score and what they are told."""

from submissions import Wrong

WRONG = [
    Wrong(
        "exponentiates the logit as it is",
        {
            "q1": """
def bce(y, z):
    return np.log(1 + np.exp(z)) - y * z
"""
        },
        points={"q1": 3},
        says="What is the largest number that you exponentiate?",
    ),
    Wrong(
        "clips the probability",
        {
            "q1": """
def bce(y, z):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -y * np.log(p) - (1 - y) * np.log(1 - p)
"""
        },
        points={"q1": 3},
        says="Was a probability clipped?",
    ),
    Wrong(
        "takes labels 0/1 for -1/+1",
        {
            "q1": """
def bce(y, z):
    return np.maximum(-y * z, 0) + np.log1p(np.exp(-np.abs(y * z)))
"""
        },
        points={"q1": 1},
        says="labels 0/1 taken as -1/+1?",
    ),
    Wrong(
        "takes the logarithm to base 10",
        {
            "q1": """
def bce(y, z):
    p = 1 / (1 + np.exp(-z))
    return -y * np.log10(p) - (1 - y) * np.log10(1 - p)
"""
        },
        points={"q1": 0},
        says="a base-10 logarithm for the natural one",
    ),
    Wrong(
        "averages over the examples",
        {
            "q1": """
def bce(y, z):
    tail = np.log1p(np.exp(-np.abs(z)))
    return np.mean(np.maximum(z, 0) - y * z + tail)
"""
        },
        points={"q1": 1},
        says="one loss per example, no average",
    ),
    Wrong(
        "subtracts 1 from a probability near 1",
        {
            "q2": """
def bce_gradient(y, z):
    return 1 / (1 + np.exp(-z)) - y
"""
        },
        points={"q2": 3},
        says="two numbers that are nearly equal were subtracted",
    ),
    Wrong(
        "takes the gradient by the probability",
        {
            "q2": """
def bce_gradient(y, z):
    p = 1 / (1 + np.exp(-z))
    return (p - y) / (p * (1 - p))
""",
        },
        points={"q2": 0, "q3": 0},
        says="derivative by the probability, not by the logit: the factor p(1 - p) is missing",
    ),
    Wrong(
        "turns the gradient round, and climbs with it",
        {
            "q2": """
def bce_gradient(y, z):
    return y - 1 / (1 + np.exp(-z))
"""
        },
        points={"q2": 0, "q3": 0},
        says="uphill: is a sign wrong?",
    ),
    Wrong(
        "sums over the rows where the average is meant",
        {
            "q3": """
def fit_logistic(A, y, steps):
    rate = 4 / np.linalg.eigvalsh(A.T @ A / len(A))[-1]
    theta = np.zeros(A.shape[1])
    for _ in range(steps):
        theta = theta - rate * A.T @ bce_gradient(y, A @ theta)
    return theta


theta = fit_logistic(A_cancer, y_cancer, 3000)
"""
        },
        points={"q3": 0},
        says="1/n missing, a sum for the mean?",
    ),
    Wrong(
        "stops after 100 steps at a rate of its own",
        {
            "q3": """
def fit_logistic(A, y, steps):
    theta = np.zeros(A.shape[1])
    for _ in range(steps):
        theta = theta - 0.1 * A.T @ bce_gradient(y, A @ theta) / len(A)
    return theta


theta = fit_logistic(A_cancer, y_cancer, 100)
"""
        },
        points={"q3": 0},
        says="At the fit the average of p - y is 0",
    ),
    Wrong(
        "shifts by the largest logit, and adds the tiny rest to 1",
        {
            "q4": """
def softmax_ce(y, Z):
    Z = Z - Z.max(axis=1, keepdims=True)
    return np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(Z)), y]


def softmax_ce_gradient(y, Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) - np.eye(Z.shape[1])[y]
"""
        },
        points={"q4": 6},
        says="a tiny number was added to a large one, and lost",
    ),
    Wrong(
        "takes 1 from whole columns, and exponentiates the logits as they are",
        {
            "q4": """
def softmax_ce(y, Z):
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(Z)), y])


def softmax_ce_gradient(y, Z):
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    p[:, y] -= 1
    return p
"""
        },
        points={"q4": 2},
        says="P[:, y] takes whole columns",
    ),
    Wrong(
        "swaps labels and prediction in the divergence",
        {
            "q5": """
def split(P, Q):
    return -(P * np.log(P)).sum(axis=1), (Q * np.log(Q / P)).sum(axis=1)
"""
        },
        points={"q5": 0},
        says="the other direction, labels and prediction swapped",
    ),
    Wrong(
        "adds a small number before the logarithm",
        {
            "q5": """
def split(P, Q, eps=1e-12):
    log_p, log_q = np.log(P + eps), np.log(Q + eps)
    return -(P * log_p).sum(axis=1), (P * (log_p - log_q)).sum(axis=1)
"""
        },
        points={"q5": 2},
        says="Was a small number added, or something clipped?",
    ),
    Wrong(
        "multiplies 0 by log 0",
        {
            "q5": """
def split(P, Q):
    return -(P * np.log(P)).sum(axis=1), (P * np.log(P / Q)).sum(axis=1)
"""
        },
        points={"q5": 3},
        says="0 times log 0 is NaN in NumPy",
    ),
    Wrong(
        "spreads ε over the other classes, and leaves negative probabilities",
        {
            "q6": """
def best_gap(s, epsilon, K):
    return np.log((1 - epsilon) * (K - 1) / epsilon)


def honest(P, epsilon):
    return (P - epsilon / P.shape[1]) / (1 - epsilon)
"""
        },
        points={"q6": 2},
        says="the others got ε/(K - 1) each",
    ),
]
