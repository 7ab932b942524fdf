"""Typical wrong answers to assignment 5, what they score and what they are told."""

from submissions import Wrong

WRONG = [
    Wrong(
        "splits the rows and not the wines",
        {
            "q1": """
def split(X, y, share, seed):
    order = np.random.default_rng(seed).permutation(len(y))
    cut = round(share * len(y))
    return order[cut:], order[:cut]
"""
        },
        points={"q1": 2},
        says="wines are on both sides: deal out the wines, not the rows",
    ),
    Wrong(
        "does not deal each class by itself",
        {
            "q1": """
def split(X, y, share, seed):
    wines, wine_of_row = np.unique(X, axis=0, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(wines))
    aside = np.isin(wine_of_row.ravel(), order[: round(share * len(wines))])
    return np.flatnonzero(~aside), np.flatnonzero(aside)
"""
        },
        points={"q1": 4},
        says="deal each class by itself",
    ),
    Wrong(
        "repeats the poor wines before the split",
        {
            "q1": """
def split(X, y, share, seed):
    rng = np.random.default_rng(seed)
    poor, others = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    rows = rng.permutation(np.append(others, rng.choice(poor, len(others))))
    cut = round(share * len(rows))
    return rows[cut:], rows[:cut]
"""
        },
        points={"q1": 1},
        says="was something repeated to split?",
    ),
    Wrong(
        "takes the seed of everybody",
        {
            "q1": """
def split(X, y, share, seed):
    _, first, wine_of_row = np.unique(X, axis=0, return_index=True, return_inverse=True)
    rng = np.random.default_rng(0)
    aside = np.zeros(len(first), dtype=bool)
    for label in np.unique(y):
        wines = rng.permutation(np.flatnonzero(y[first] == label))
        aside[wines[: round(share * len(wines))]] = True
    aside = aside[wine_of_row.ravel()]
    return np.flatnonzero(~aside), np.flatnonzero(aside)
"""
        },
        points={"q1": 4},
        says="seeds 3 and 4 give the same split",
    ),
    Wrong(
        "takes a false alarm for a miss",
        {
            "q2": """
def judge(y, called, false_alarm=1.0, miss=15.0):
    poor = y == 1
    hits, alarms, missed = np.sum(poor & called), np.sum(~poor & called), np.sum(poor & ~called)
    accuracy = np.mean(poor == called)
    return {
        "accuracy": accuracy,
        "lift": accuracy - max(poor.mean(), 1 - poor.mean()),
        "recall": hits / (hits + alarms) if hits + alarms else 0.0,
        "precision": hits / (hits + missed),
        "cost": (false_alarm * missed + miss * alarms) / len(y),
    }
"""
        },
        points={"q2": 2},
        says="a miss is a poor wine that is shipped",
    ),
    Wrong(
        "adds up the cost of all wines",
        {
            "q2": """
def judge(y, called, false_alarm=1.0, miss=15.0):
    poor = y == 1
    hits, alarms, missed = np.sum(poor & called), np.sum(~poor & called), np.sum(poor & ~called)
    accuracy = np.mean(poor == called)
    return {
        "accuracy": accuracy,
        "lift": accuracy - max(poor.mean(), 1 - poor.mean()),
        "recall": hits / (hits + missed),
        "precision": hits / (hits + alarms) if hits + alarms else 0.0,
        "cost": false_alarm * alarms + miss * missed,
    }
"""
        },
        points={"q2": 2},
        says="a total, where the cost of one wine is meant",
    ),
    Wrong(
        "thinks that a constant is right half the time, and divides 0 by 0",
        {
            "q2": """
def judge(y, called, false_alarm=1.0, miss=15.0):
    poor = y == 1
    hits, alarms, missed = np.sum(poor & called), np.sum(~poor & called), np.sum(poor & ~called)
    accuracy = np.mean(poor == called)
    return {
        "accuracy": accuracy,
        "lift": accuracy - 0.5,
        "recall": hits / (hits + missed),
        "precision": hits / (hits + alarms),
        "cost": (false_alarm * alarms + miss * missed) / len(y),
    }
"""
        },
        points={"q2": 2},
        says="it is not always right half the time",
    ),
    Wrong(
        "divides by n and clips with an epsilon",
        {
            "q3": """
def weighted_cost(y, z, weight):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    losses = -y * np.log(p) - (1 - y) * np.log(1 - p)
    return np.mean(weight * losses)

def weighted_gradient(y, z, weight):
    p = 1 / (1 + np.exp(-z))
    return weight * (p - y) / len(y)
"""
        },
        points={"q3": 0},
        says="divided by n where the sum of the weights belongs",
    ),
    Wrong(
        "computes the cost from p, and the gradient of each loss",
        {
            "q3": """
def weighted_cost(y, z, weight):
    p = 1 / (1 + np.exp(-z))
    return np.average(np.where(y == 1, -np.log(p), -np.log(1 - p)), weights=weight)

def weighted_gradient(y, z, weight):
    return weight * (1 / (1 + np.exp(-z)) - y)
"""
        },
        points={"q3": 2},
        says="compute it from z (np.logaddexp), without p, and clip nothing",
    ),
    Wrong(
        "forgets the weights in the gradient",
        {
            "q3": """
def weighted_cost(y, z, weight):
    return np.average(np.logaddexp(0, z) - y * z, weights=weight)

def weighted_gradient(y, z, weight):
    return (1 / (1 + np.exp(-z)) - y) / len(y)
"""
        },
        points={"q3": 3},
        says="weighted_gradient: ",
    ),
    Wrong(
        "has two classes in mind, and scales over the classes",
        {
            "q4": """
def balanced_weights(y):
    _, label, count = np.unique(y, return_inverse=True, return_counts=True)
    return (len(y) / (2 * count))[label]

def effective_weights(y, beta):
    _, label, count = np.unique(y, return_inverse=True, return_counts=True)
    weight = (1 - beta) / (1 - beta ** count.astype(float))
    return (weight * len(count) / weight.sum())[label]
"""
        },
        points={"q4": 2},
        says="Is K = 2 fixed in the formula",
    ),
    Wrong(
        "weights by the effective number and not by its inverse",
        {
            "q4": """
def balanced_weights(y):
    _, label, count = np.unique(y, return_inverse=True, return_counts=True)
    return (len(y) / (len(count) * count))[label]

def effective_weights(y, beta):
    _, label, count = np.unique(y, return_inverse=True, return_counts=True)
    number = ((1 - beta ** count.astype(float)) / (1 - beta))[label]
    return number / number.mean()
"""
        },
        points={"q4": 3},
        says="the ratio of the rarest to the most frequent class",
    ),
    Wrong(
        "takes a ratio of costs for a probability",
        {
            "q5": """
def threshold(false_alarm, miss, ratio=1.0):
    return ratio * false_alarm / miss

def honest(p, ratio):
    return p / (p + ratio * (1 - p))
"""
        },
        points={"q5": 1, "q7": 4},
        says="that is a ratio of costs, the odds",
    ),
    Wrong(
        "asks every model at the same threshold",
        {
            "q5": """
def threshold(false_alarm, miss, ratio=1.0):
    return false_alarm / (false_alarm + miss)

def honest(p, ratio):
    return p / ratio
"""
        },
        points={"q5": 1, "q7": 4},
        says="the ratio does not count, but the weights moved the probabilities",
    ),
    Wrong(
        "averages over single wines",
        {
            "q6": """
def calibration_error(y, p, n_bins=10):
    return np.mean(np.abs(p - y))
"""
        },
        points={"q6": 0},
        says="compare the means of a bin",
    ),
    Wrong(
        "does not sort, and counts every bin alike",
        {
            "q6": """
def calibration_error(y, p, n_bins=10):
    bins = zip(np.array_split(y, n_bins), np.array_split(p, n_bins))
    return np.mean([abs(b.mean() - a.mean()) for a, b in bins])
"""
        },
        points={"q6": 1},
        says="are the wines sorted by p",
    ),
    Wrong(
        "chooses the threshold with the wines held out",
        {
            "q7": """
def decide(X, y, train, held_out, false_alarm=1.0, miss=15.0):
    costs = {"false_positive": false_alarm, "false_negative": miss}
    decisions = {}
    for name, weight in (("plain", np.ones(len(train))), ("balanced", balanced_weights(y[train]))):
        p = chances(X[train], y[train], weight, X[held_out])
        decisions[f"{name}, half"] = p >= 0.5
        decisions[f"{name}, cost"] = p >= lb.best_threshold(y[held_out], p, **costs).threshold
    return decisions
"""
        },
        points={"q7": 2},
        says="Neither weights nor a threshold may be chosen with them",
    ),
    Wrong(
        "asks the balanced model at the threshold of the plain one",
        {
            "q7": """
def decide(X, y, train, held_out, false_alarm=1.0, miss=15.0):
    decisions = {}
    for name, weight in (("plain", np.ones(len(train))), ("balanced", balanced_weights(y[train]))):
        p = chances(X[train], y[train], weight, X[held_out])
        decisions[f"{name}, half"] = p >= 0.5
        decisions[f"{name}, cost"] = p >= threshold(false_alarm, miss)
    return decisions
"""
        },
        points={"q7": 4},
        says="Each model has its own threshold",
    ),
    Wrong(
        "balances over all rows before the split",
        {
            "q7": """
def decide(X, y, train, held_out, false_alarm=1.0, miss=15.0):
    weight = balanced_weights(y)
    ratio = weight.max() / weight.min()
    plain = chances(X, y, np.ones(len(y)), X[held_out])
    balanced = chances(X, y, weight, X[held_out])
    return {
        "plain, half": plain >= 0.5,
        "balanced, half": balanced >= 0.5,
        "plain, cost": plain >= threshold(false_alarm, miss),
        "balanced, cost": balanced >= threshold(false_alarm, miss, ratio),
    }
"""
        },
        points={"q7": 1},
        says="decisions change when the held-out labels do",
    ),
]
