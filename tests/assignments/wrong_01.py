"""Typical wrong answers to assignment 1, what they score and what they are told."""

from submissions import Wrong

WRONG = [
    Wrong(
        "averages where one loss per example is asked for",
        {
            "q1": """
def squared_error(y_true, y_pred):
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("shapes differ")
    return np.mean((y_pred - y_true) ** 2)
"""
        },
        points={"q1": 1},
        says="one loss per example, no average",
    ),
    Wrong(
        "puts a ½ in front of the square",
        {
            "q1": """
def squared_error(y_true, y_pred):
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("shapes differ")
    return 0.5 * (y_pred - y_true) ** 2
"""
        },
        points={"q1": 1},
        says="there is no ½ here",
    ),
    Wrong(
        "lets NumPy broadcast labels against predictions",
        {
            "q1": """
def squared_error(y_true, y_pred):
    return (y_pred - y_true) ** 2
"""
        },
        points={"q1": 2},
        says="NumPy makes a table of all pairs",
    ),
    Wrong(
        "forgets the return",
        {
            "q1": """
def squared_error(y_true, y_pred):
    (y_pred - y_true) ** 2
"""
        },
        points={"q1": 0},
        says="squared_error returns None: is `return` missing?",
    ),
    Wrong(
        "sums the losses for their mean",
        {
            "q2": """
def cost(losses, sample_weight=None):
    w = np.ones(len(losses)) if sample_weight is None else sample_weight
    return np.sum(w[w > 0] * losses[w > 0])
"""
        },
        points={"q2": 0},
        says="a sum for the mean, 1/n missing?",
    ),
    Wrong(
        "divides by n, whatever the weights",
        {
            "q2": """
def cost(losses, sample_weight=None):
    w = np.ones(len(losses)) if sample_weight is None else sample_weight
    return np.mean(np.where(w > 0, w * losses, 0))
"""
        },
        points={"q2": 1},
        says="divided by n where the sum of the weights belongs",
    ),
    Wrong(
        "multiplies an infinite loss by a weight of 0",
        {
            "q2": """
def cost(losses, sample_weight=None):
    return np.average(losses, weights=sample_weight)
"""
        },
        points={"q2": 2},
        says="gives NaN, as 0 · inf does",
    ),
    Wrong(
        "takes the residual with the other sign",
        {
            "q3": """
def dose_loss(y_true, y_pred):
    r = y_true - y_pred
    return np.where(r > 0, 4 * r, -r)


def best_constant(loss, y, candidates):
    costs = [np.mean(loss(y, np.full(y.shape, c))) for c in candidates]
    return candidates[np.argmin(costs)]


safe_weight = best_constant(dose_loss, weight, np.linspace(1, 5.5, 451))
"""
        },
        points={"q3": 2},
        says="wrong side: a guess of 2.5 kg for a crab of 2 kg is too high",
    ),
    Wrong(
        "returns the place of the best constant",
        {
            "q3": """
def dose_loss(y_true, y_pred):
    r = y_pred - y_true
    return np.where(r > 0, 4 * r, -r)


def best_constant(loss, y, candidates):
    return np.argmin([np.mean(loss(y, np.full(y.shape, c))) for c in candidates])


safe_weight = best_constant(dose_loss, weight, np.linspace(1, 5.5, 451))
"""
        },
        points={"q3": 1},
        says="44 is the place of the best candidate in the array",
    ),
    Wrong(
        "returns the lowest cost",
        {
            "q3": """
def dose_loss(y_true, y_pred):
    r = y_pred - y_true
    return np.where(r > 0, 4 * r, -r)


def best_constant(loss, y, candidates):
    return min(np.mean(loss(y, np.full(y.shape, c))) for c in candidates)


safe_weight = best_constant(dose_loss, weight, np.linspace(1, 5.5, 451))
"""
        },
        points={"q3": 1},
        says="Which candidate has it?",
    ),
    Wrong(
        "says the mean, since that is what one says",
        {
            "q3": """
def dose_loss(y_true, y_pred):
    r = y_pred - y_true
    return np.where(r > 0, 4 * r, -r)


def best_constant(loss, y, candidates):
    costs = [np.mean(loss(y, np.full(y.shape, c))) for c in candidates]
    return candidates[np.argmin(costs)]


safe_weight = best_constant(squared_error, weight, np.linspace(1, 5.5, 451))
"""
        },
        points={"q3": 3},
        says="safe_weight is 2.44",
    ),
    Wrong(
        "takes the gradient of each loss for that of the cost",
        {
            "q4": """
def cost_gradient(y_true, y_pred, sample_weight=None):
    w = np.ones(len(y_pred)) if sample_weight is None else sample_weight
    return 2 * w * (y_pred - y_true)
"""
        },
        points={"q4": 0},
        says="a sum for the mean, 1/n missing",
    ),
    Wrong(
        "forgets the factor 2 of the gradient",
        {
            "q4": """
def cost_gradient(y_true, y_pred, sample_weight=None):
    w = np.ones(len(y_pred)) if sample_weight is None else sample_weight
    return w * (y_pred - y_true) / w.sum()
"""
        },
        points={"q4": 0},
        says="half the reference: a missing factor 2?",
    ),
    Wrong(
        "swaps labels and predictions in the gradient",
        {
            "q4": """
def cost_gradient(y_true, y_pred, sample_weight=None):
    w = np.ones(len(y_pred)) if sample_weight is None else sample_weight
    return 2 * w * (y_true - y_pred) / w.sum()
"""
        },
        points={"q4": 0},
        says="opposite sign",
    ),
    Wrong(
        "divides the weighted gradient by n",
        {
            "q4": """
def cost_gradient(y_true, y_pred, sample_weight=None):
    w = np.ones(len(y_pred)) if sample_weight is None else sample_weight
    return 2 * w * (y_pred - y_true) / len(y_pred)
"""
        },
        points={"q4": 2},
        says="divided by n where the sum of the weights belongs",
    ),
    Wrong(
        "ignores the weights in the gradient",
        {
            "q4": """
def cost_gradient(y_true, y_pred, sample_weight=None):
    return 2 * (y_pred - y_true) / len(y_pred)
"""
        },
        points={"q4": 2},
        says="the weights are ignored",
    ),
    Wrong(
        "gives the gradient of the cost for that of the objective",
        {
            "q5": """
def objective(parameters, x, y, strength):
    a, b = parameters
    value, slopes = lb.SquaredError().cost_and_gradient(y, a * x + b)
    return value + strength * a**2 / 2, np.array([slopes @ x, slopes.sum()])
"""
        },
        points={"q5": 3},
        says="this is the slope of the cost, not of the objective",
    ),
    Wrong(
        "penalises the intercept, too",
        {
            "q5": """
def objective(parameters, x, y, strength):
    a, b = parameters
    value, slopes = lb.SquaredError().cost_and_gradient(y, a * x + b)
    value += strength * (a**2 + b**2) / 2
    return value, np.array([slopes @ x + strength * a, slopes.sum() + strength * b])
"""
        },
        points={"q5": 2},
        says="the intercept is penalised",
    ),
    Wrong(
        "forgets the x of the chain rule",
        {
            "q5": """
def objective(parameters, x, y, strength):
    a, b = parameters
    value, slopes = lb.SquaredError().cost_and_gradient(y, a * x + b)
    value += strength * a**2 / 2
    return value, np.array([slopes.sum() + strength * a, slopes.sum()])
"""
        },
        points={"q5": 2, "q7": 2},
        says="lacks the chain rule",
    ),
    Wrong(
        "forgets the 2 in the Hessian",
        {
            "q6": """
def step_limit(x, strength=0.0):
    inputs = np.column_stack([x, np.ones(len(x))])
    return 2 / np.linalg.eigvalsh(inputs.T @ inputs / len(x) + np.diag([strength, 0]))[-1]
"""
        },
        points={"q6": 0},
        says="98 % of your limit",
    ),
    Wrong(
        "takes the flattest direction for the steepest",
        {
            "q6": """
def step_limit(x, strength=0.0):
    inputs = np.column_stack([x, np.ones(len(x))])
    H = 2 * inputs.T @ inputs / len(x) + np.diag([strength, 0])
    return 2 / np.linalg.eigvalsh(H)[0]
"""
        },
        points={"q6": 0},
        says="the smallest eigenvalue? The steepest one decides",
    ),
    Wrong(
        "leaves the intercept out of the Hessian",
        {
            "q6": """
def step_limit(x, strength=0.0):
    return 2 / (2 * np.mean(x**2) + strength)
"""
        },
        points={"q6": 0},
        says="the intercept belongs to H, too",
    ),
    Wrong(
        "forgets the penalty in the Hessian",
        {
            "q6": """
def step_limit(x, strength=0.0):
    inputs = np.column_stack([x, np.ones(len(x))])
    return 2 / np.linalg.eigvalsh(2 * inputs.T @ inputs / len(x))[-1]
"""
        },
        points={"q6": 2},
        says="the penalty makes the bowl steeper",
    ),
    Wrong(
        "keeps the same array at each step",
        {
            "q7": """
def descend(value_and_gradient, start, rate, steps):
    theta = np.array(start, dtype=float)
    path = [theta]
    for _ in range(steps):
        theta -= rate * value_and_gradient(theta)[1]
        path.append(theta)
    return np.array(path)


x = width - width.mean()
a, b = descend(lambda p: objective(p, x, weight, 0), [0, 0], 0.2, 200)[-1]
crab_line = np.array([a, b - a * width.mean()])
"""
        },
        points={"q7": 2},
        says="`-=` changes the array that is already in your list",
    ),
    Wrong(
        "goes uphill, and takes the line from elsewhere",
        {
            "q7": """
def descend(value_and_gradient, start, rate, steps):
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] + rate * value_and_gradient(path[-1])[1])
    return np.array(path)


crab_line = np.polyfit(width, weight, 1)
"""
        },
        points={"q7": 2},
        says="the first step goes uphill: subtract the gradient",
    ),
    Wrong(
        "leaves the intercept where the widths are centred",
        {
            "q7": """
def descend(value_and_gradient, start, rate, steps):
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - rate * value_and_gradient(path[-1])[1])
    return np.array(path)


x = width - width.mean()
crab_line = descend(lambda p: objective(p, x, weight, 0), [0, 0], 0.2, 200)[-1]
"""
        },
        points={"q7": 3},
        says="it belongs to widths from their average",
    ),
    Wrong(
        "descends in raw centimetres and stops long before the end",
        {
            "q7": """
def descend(value_and_gradient, start, rate, steps):
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - rate * value_and_gradient(path[-1])[1])
    return np.array(path)


crab_line = descend(lambda p: objective(p, width, weight, 0), [0, 0], 0.001, 1000)[-1]
"""
        },
        points={"q7": 2},
        says="has a lower cost. More steps?",
    ),
]
