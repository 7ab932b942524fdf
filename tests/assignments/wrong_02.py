"""Typical wrong answers to assignment 2, what they score and what they are told."""

from submissions import Wrong

REWEIGHT = """
def reweight(weights, X, y, start, steps):
    path = [np.asarray(start, dtype=float)]
    for _ in range(steps):
        w = {weights}
        path.append(np.linalg.lstsq(X * w[:, None], y * w, rcond=None)[0])
    return np.array(path)
"""
THREE_LINES = """
def three_lines(X, y):
    squares = np.linalg.lstsq(X, y, rcond=None)[0]
    s = {first}
    huber = lb.Huber(1.345 * s)
    second = reweight(lambda r: belief(huber, r), X, y, squares, 50)[-1]
    s = {second}
    tukey = lb.TukeyBiweight(4.685 * s)
    third = reweight(lambda r: belief(tukey, r), X, y, second, 50)[-1]
    return np.array([squares, second, third])


inputs = np.column_stack([basement, np.ones(len(price))])
lines = three_lines(inputs, price)
cut = three_lines(inputs[~largest], price[~largest])
moved = {moved}
"""
FIRST, SECOND = "scale(X @ squares - y)", "scale(X @ second - y)"
MOVED = "cut[:, 0] - lines[:, 0]"
VALLEYS = """
petal = lb.load_iris()["petal_length"]


def valleys(loss, y, candidates):
    costs = np.array([loss.cost(y, np.full(y.shape, c)) for c in candidates])
    {valleys}


bad_start = {start}
"""
STRICT = "return candidates[1:-1][(costs[1:-1] < costs[:-2]) & (costs[1:-1] < costs[2:])]"
BAND = """
order = np.random.default_rng(5).permutation(len(price))
learn, judge = order[::2], order[1::2]
periods = [built < 1950, (built >= 1950) & (built < 1990), built >= 1990]


def band(X, y, X_new, share):
    rows = (X - X.mean(axis=0)) / X.std(axis=0)
    new = {new}
    model, optimizer = lb.Linear(X.shape[1]), lb.GradientDescent(0.4 * y.std())
    results = []
    for tau in {levels}:
        history = lb.fit(model, lb.Quantile(tau), rows, y, optimizer=optimizer, steps=1000)
        results.append(model.predict(new, history.parameters[-1]))
    return results


def coverage(y, low, high):
    return {coverage}


held = np.zeros((2, 3))
for row, X in enumerate((basement[:, None], np.column_stack([basement, built]))):
    low, high = band(X[{learn}], price[{learn}], X[judge], 0.8)
    for column, period in enumerate(periods):
        some = period[judge]
        held[row, column] = coverage(price[judge][some], low[some], high[some])
"""
NEW = "(X_new - X.mean(axis=0)) / X.std(axis=0)"
LEVELS = "(1 - share) / 2, (1 + share) / 2"
COVERAGE = "np.mean((low <= y) & (y <= high))"


def huber(rho, psi):
    return f"""
@dataclass(frozen=True)
class MyHuber(lb.ResidualLoss):
    delta: float = 1.0

    def rho(self, r):
        return {rho}

    def psi(self, r):
        return {psi}
"""


def quantile(rho, psi):
    return f"""
@dataclass(frozen=True)
class MyQuantile(lb.ResidualLoss):
    tau: float = 0.5

    def rho(self, r):
        return {rho}

    def psi(self, r):
        return {psi}
"""


def scale_and_belief(scale, belief):
    return f"""
def scale(r):
    return {scale}


def belief(loss, r):
    zero, exact = np.zeros(r.shape), r == 0
    return {belief}
"""


def band(new=NEW, levels=LEVELS, coverage=COVERAGE, learn="learn"):
    return BAND.format(new=new, levels=f"({levels})", coverage=coverage, learn=learn)


PSI = "np.clip(r, -self.delta, self.delta)"
RHO = "np.where(abs(r) <= self.delta, r * r / 2, self.delta * (abs(r) - self.delta / 2))"
SCALE = "np.median(np.abs(r)) / 0.6745"
LIMIT = "np.where(exact, loss.curvature(zero, r), {})"
BELIEF = LIMIT.format("loss.gradient(zero, r) / np.where(exact, 1, r)")

WRONG = [
    Wrong(
        "leaves the ½ out of Huber's loss",
        {"q1": huber("2 * " + RHO, PSI)},
        points={"q1": 1},
        says="twice the loss: a missing ½?",
    ),
    Wrong(
        "lets Huber's loss jump at δ",
        {"q1": huber("np.where(abs(r) <= self.delta, r * r / 2, self.delta * abs(r))", PSI)},
        points={"q1": 1},
        says="there is a jump at δ",
    ),
    Wrong(
        "cuts the pull on one side only",
        {"q1": huber(RHO, "np.minimum(r, self.delta)")},
        points={"q1": 2},
        says="a price far above the line pulls without bound",
    ),
    Wrong(
        "gives the pull the sign of label minus prediction",
        {"q1": huber(RHO, "np.clip(-r, -self.delta, self.delta)")},
        points={"q1": 2},
        says="opposite sign",
    ),
    Wrong(
        "measures residuals from their median",
        {"q2": scale_and_belief("np.median(np.abs(r - np.median(r))) / 0.6745", BELIEF)},
        points={"q2": 2, "q4": 2},
        says="residuals are measured from 0, the fitted line",
    ),
    Wrong(
        "takes the standard deviation for the scale",
        {"q2": scale_and_belief("np.std(r)", BELIEF)},
        points={"q2": 2, "q4": 1},
        says="one residual of five decides it",
    ),
    Wrong(
        "divides 0 by 0",
        {"q2": scale_and_belief(SCALE, "loss.gradient(zero, r) / r")},
        points={"q2": 2},
        says="a residual of 0 gives NaN, 0/0",
    ),
    Wrong(
        "divides the pull by the size of the residual",
        {
            "q2": scale_and_belief(
                SCALE, LIMIT.format("loss.gradient(zero, r) / np.where(exact, 1, np.abs(r))")
            )
        },
        points={"q2": 2, "q4": 0},
        says="negative weights",
    ),
    Wrong(
        "lets each weight act twice",
        {"q3": REWEIGHT.format(weights="weights(X @ path[-1] - y)")},
        points={"q3": 1, "q4": 2},
        says="multiply both by √w",
    ),
    Wrong(
        "computes the weights once",
        {"q3": REWEIGHT.format(weights="np.sqrt(weights(X @ path[0] - y))")},
        points={"q3": 2, "q4": 1},
        says="Are the weights those of the residuals of the last step?",
    ),
    Wrong(
        "takes 1.345 dollars for 1.345 scales",
        {"q4": THREE_LINES.format(first="1", second=SECOND, moved=MOVED)},
        points={"q4": 3},
        says="δ is 1.345, but it should be 1.345 scales",
    ),
    Wrong(
        "lets the outliers set the scale",
        {"q4": THREE_LINES.format(first="np.std(X @ squares - y)", second=SECOND, moved=MOVED)},
        points={"q4": 3},
        says="the standard deviation, which the wrong labels inflate",
    ),
    Wrong(
        "gives Tukey the scale of least squares",
        {"q4": THREE_LINES.format(first=FIRST, second=FIRST, moved=MOVED)},
        points={"q4": 3},
        says="its scale is that of the first row's residuals",
    ),
    Wrong(
        "subtracts the wrong way round",
        {"q4": THREE_LINES.format(first=FIRST, second=SECOND, moved="lines[:, 0] - cut[:, 0]")},
        points={"q4": 3},
        says="`moved` is without minus with",
    ),
    Wrong(
        "takes a plateau for a valley",
        {"q5": VALLEYS.format(valleys=STRICT.replace("<", "<="), start=1)},
        points={"q5": 2},
        says="there is a plateau, and no valley",
    ),
    Wrong(
        "returns the places of the valleys",
        {
            "q5": VALLEYS.format(
                valleys="return 1 + np.flatnonzero((costs[1:-1] < costs[:-2])"
                " & (costs[1:-1] < costs[2:]))",
                start=1,
            )
        },
        points={"q5": 1},
        says="16 is the valley's place in the array",
    ),
    Wrong(
        "starts in the deep valley",
        {"q5": VALLEYS.format(valleys=STRICT, start=3.8)},
        points={"q5": 2},
        says="which is the lowest valley",
    ),
    Wrong(
        "exchanges the sides of the quantile",
        {
            "q6": quantile(
                "np.where(r > 0, self.tau * r, (self.tau - 1) * r)",
                "np.where(r > 0, self.tau, self.tau - 1)",
            )
        },
        points={"q6": 0},
        says="wrong side of the quantile: τ and 1 - τ are exchanged",
    ),
    Wrong(
        "forgets that a prediction that is too low has a negative slope",
        {
            "q6": quantile(
                "np.where(r > 0, (1 - self.tau) * r, -self.tau * r)",
                "np.where(r > 0, 1 - self.tau, self.tau)",
            )
        },
        points={"q6": 2},
        says="wrong only where y_pred is below y_true",
    ),
    Wrong(
        "standardises new rows by themselves",
        {"q7": band(new="(X_new - X_new.mean(axis=0)) / X_new.std(axis=0)")},
        points={"q7": 2},
        says="Are they standardised by their own mean and deviation",
    ),
    Wrong(
        "leaves the whole rest on each side",
        {"q7": band(levels="1 - share, share")},
        points={"q7": 2},
        says="each side should have half of what is left",
    ),
    Wrong(
        "exchanges low and high",
        {"q7": band(levels="(1 + share) / 2, (1 - share) / 2")},
        points={"q7": 2},
        says="low is above high: which τ is which?",
    ),
    Wrong(
        "counts the houses instead of their share",
        {"q7": band(coverage="np.sum((low <= y) & (y <= high))")},
        points={"q7": 2},
        says="a number of labels, where their share is meant",
    ),
    Wrong(
        "judges the band on the houses that made it",
        {"q7": band(learn="judge")},
        points={"q7": 3},
        says="learn on `learn`, count on `judge`",
    ),
]
