"""Typical wrong answers to assignment 6, what they score and what they are told."""

from submissions import Wrong

ORDER_COST = """
@dataclass(frozen=True)
class OrderCost(lb.ResidualLoss):
    idle: float = 1.0
    partner: float = 2.0
    lost: float = 8.0
    reserve: float = 40.0
"""
REFUSES = """
    def __post_init__(self):
        if not min(self.idle, self.partner, self.reserve) > 0 or self.partner > self.lost:
            raise ValueError("expected numbers above 0, and partner <= lost")
"""
RHO = """
    def rho(self, r):
        short = np.maximum(-r, 0)
        gone = np.maximum(short - self.reserve, 0)
        borrowed = np.minimum(short, self.reserve)
        return self.idle * np.maximum(r, 0) + self.partner * borrowed + self.lost * gone
"""
PSI = """
    def psi(self, r):
        few = np.where(r < -self.reserve, -self.lost, -self.partner)
        return np.where(r > 0, self.idle, few)
"""
SMOOTH_COST = """
@dataclass(frozen=True)
class SmoothCost(lb.ResidualLoss):
    idle: float = 1.0
    partner: float = 2.0
    lost: float = 8.0
    reserve: float = 40.0
    spread: float = 10.0
"""
SMOOTH_TRAITS = """
    @property
    def traits(self):
        smoothness = (self.idle + self.lost) / (4 * self.spread)
        steepest = max(self.idle, self.lost)
        return lb.Traits(True, steepest, smoothness, bounded=False, symmetric=False)
"""
SMOOTH_PSI = """
    def psi(self, r):
        gone = soft_hinge_slope(-r - self.reserve, self.spread)
        few = self.partner * soft_hinge_slope(-r, self.spread) + (self.lost - self.partner) * gone
        return self.idle * soft_hinge_slope(r, self.spread) - few
"""

WRONG = [
    Wrong(
        "takes wanted - ordered for the residual",
        {
            "q1": f"""{ORDER_COST}{REFUSES}
    def rho(self, r):
        borrowed, gone = np.clip(r, 0, self.reserve), np.maximum(r - self.reserve, 0)
        return self.idle * np.maximum(-r, 0) + self.partner * borrowed + self.lost * gone

    def psi(self, r):
        few = np.where(r > self.reserve, self.lost, self.partner)
        return np.where(r > 0, few, -self.idle)
"""
        },
        points={"q1": 1, "q2": 4},
        says="r = ordered - wanted is above 0 where bicycles are idle",
    ),
    Wrong(
        "lets all who are short cost the price of the lost ones",
        {
            "q1": f"""{ORDER_COST}{REFUSES}
    def rho(self, r):
        short = np.maximum(-r, 0)
        each = np.where(short > self.reserve, self.lost, self.partner)
        return self.idle * np.maximum(r, 0) + each * short
{PSI}"""
        },
        points={"q1": 3, "q2": 4},
        says="beyond the reserve each bicycle costs `lost`, the first ones still `partner`",
    ),
    Wrong(
        "gives slopes the sign of the cost",
        {
            "q1": f"""{ORDER_COST}{REFUSES}{RHO}
    def psi(self, r):
        few = np.where(r < -self.reserve, self.lost, self.partner)
        return np.where(r > 0, self.idle, few)
"""
        },
        points={"q1": 4},
        says="psi: no known pattern; first wrong at index 0 (wrong only where y_pred is below",
    ),
    Wrong(
        "accepts every price, and writes no psi",
        {"q1": ORDER_COST + RHO},
        points={"q1": 3},
        says="psi is not written: differences stand in",
    ),
    Wrong(
        "works in place",
        {
            "q1": f"""{ORDER_COST}{REFUSES}
    def rho(self, r):
        idle = self.idle * np.maximum(r, 0)
        r *= -1
        np.maximum(r, 0, out=r)
        short = np.minimum(r, self.reserve)
        return idle + self.partner * short + self.lost * np.maximum(r - self.reserve, 0)
{PSI}"""
        },
        points={"q1": 4},
        says="rho changes the array it was given",
    ),
    Wrong(
        "bakes the prices into the traits, and forgets a kink",
        {
            "q2": """
class StatedCost(OrderCost):
    traits = lb.Traits(True, 8.0, None, bounded=False, symmetric=False, kinks=(0.0,))
"""
        },
        points={"q2": 3},
        says="the steepest of all slopes, whichever side it is on",
    ),
    Wrong(
        "takes a straight line for smooth, and its largest price for a bound",
        {
            "q2": """
class StatedCost(OrderCost):
    @property
    def traits(self):
        kinks = (self.reserve, 0.0)
        return lb.Traits(True, max(self.idle, self.lost), 0.0, True, False, kinks)
"""
        },
        points={"q2": 2},
        says="what do a million too many cost?",
    ),
    Wrong(
        "orders the mean",
        {
            "q3": """
def best_order(loss, wanted):
    return np.mean(wanted)
"""
        },
        points={"q3": 1},
        says="Is it a mean",
    ),
    Wrong(
        "tries the labels alone",
        {
            "q3": """
def best_order(loss, wanted):
    costs = [loss.cost(wanted, np.full(len(wanted), c)) for c in wanted]
    return wanted[np.argmin(costs)]
"""
        },
        points={"q3": 2},
        says="Each hour has a kink at the label and one where the reserve ends",
    ),
    Wrong(
        "types the formula as it stands",
        {
            "q4": """
def soft_hinge(u, spread):
    return spread * np.log(1 + np.exp(u / spread))

def soft_hinge_slope(u, spread):
    return np.exp(u / spread) / (1 + np.exp(u / spread))
"""
        },
        points={"q4": 2, "q5": 3},
        says="1 + e^(u/s) rounds to 1",
    ),
    Wrong(
        "clips the exponent, and forgets the factor in front",
        {
            "q4": """
def soft_hinge(u, spread):
    return np.log1p(np.exp(np.clip(u / spread, -30, 30)))

def soft_hinge_slope(u, spread):
    return 1 / (1 + np.exp(-np.clip(u / spread, -30, 30))) / spread
"""
        },
        points={"q4": 0, "q5": 0},
        says="the factor s in front is missing",
    ),
    Wrong(
        "takes infinity from infinity",
        {
            "q5": f"""{SMOOTH_COST}{SMOOTH_TRAITS}
    def rho(self, r):
        gone = (self.lost - self.partner) * soft_hinge(-r - self.reserve, self.spread)
        few = (self.idle + self.partner) * soft_hinge(-r, self.spread)
        return self.idle * r + few + gone
{SMOOTH_PSI}"""
        },
        points={"q5": 3},
        says="inf - inf, or 0 times inf?",
    ),
    Wrong(
        "forgets the inner derivative",
        {
            "q5": f"""{SMOOTH_COST}{SMOOTH_TRAITS}
    def rho(self, r):
        gone = soft_hinge(-r - self.reserve, self.spread)
        extra = (self.lost - self.partner) * gone if self.lost > self.partner else 0
        few = self.partner * soft_hinge(-r, self.spread) + extra
        return self.idle * soft_hinge(r, self.spread) + few

    def psi(self, r):
        gone = soft_hinge_slope(-r - self.reserve, self.spread)
        few = self.partner * soft_hinge_slope(-r, self.spread) + (self.lost - self.partner) * gone
        return self.idle * soft_hinge_slope(r, self.spread) + few
"""
        },
        points={"q5": 1},
        says="the slope of h(-r) is -h'(-r)",
    ),
    Wrong(
        "learns from all weeks, and judges on those it learnt from",
        {
            "q6": """
def plan(loss, X, wanted, train):
    model = lb.Linear(X.shape[1])
    run = lb.fit(model, loss, X, wanted, optimizer=lb.Adam(3.0), steps=300)
    return np.maximum(model.predict(X, run.parameters[-1]), 0)

def compare(judge, plans, wanted, train):
    euros = {}
    for name, order in plans.items():
        shift = judge.best_constant(wanted[train] - order[train])
        euros[name] = judge.cost(wanted[train], order[train])
        euros[f"{name}, shifted"] = judge.cost(wanted[train], order[train] + shift)
    return euros
"""
        },
        points={"q6": 2},
        says="a is judged on the rows that it learnt from",
    ),
    Wrong(
        "chooses the shift on the weeks that judge it",
        {
            "q6": """
def plan(loss, X, wanted, train):
    model = lb.Linear(X.shape[1])
    run = lb.fit(model, loss, X[train], wanted[train], optimizer=lb.Adam(3.0), steps=300)
    return np.maximum(model.predict(X, run.parameters[-1]), 0)

def compare(judge, plans, wanted, train):
    euros = {}
    for name, order in plans.items():
        y, p = wanted[~train], order[~train]
        euros[name] = judge.cost(y, p)
        euros[f"{name}, shifted"] = judge.cost(y, p + judge.best_constant(y - p))
    return euros
"""
        },
        points={"q6": 4},
        says="the shift was chosen on the rows that judge it",
    ),
    Wrong(
        "trains with the squared error whatever the loss, and swaps the arguments of the judge",
        {
            "q6": """
def plan(loss, X, wanted, train):
    model = lb.Linear(X.shape[1])
    settings = {"optimizer": lb.Adam(3.0), "steps": 300}
    run = lb.fit(model, lb.SquaredError(), X[train], wanted[train], **settings)
    return np.maximum(model.predict(X, run.parameters[-1]), 0)

def compare(judge, plans, wanted, train):
    euros = {}
    for name, order in plans.items():
        shift = judge.best_constant(order[train] - wanted[train])
        euros[name] = judge.cost(order[~train], wanted[~train])
        euros[f"{name}, shifted"] = judge.cost(wanted[~train], order[~train] + shift)
    return euros
"""
        },
        points={"q6": 2},
        says="Is this the loss that you train with",
    ),
    Wrong(
        "hands in a quantile loss, without saying what is true of it",
        {
            "q7": """
class Mine(lb.ResidualLoss):
    typical = 5.0

    def rho(self, r):
        return np.where(r > 0, r, -3 * r)

    def psi(self, r):
        return np.where(r > 0, 1.0, -3.0)
"""
        },
        points={"q7": 3},
        says="that is a quantile loss in other units",
    ),
    Wrong(
        "has a slip in psi where its own check does not look",
        {
            "q7": """
class Mine(lb.ResidualLoss):
    typical = 50.0
    traits = lb.Traits(convex=True, bounded=False, symmetric=False, kinks=(0.0,))

    def rho(self, r):
        return np.where(r < 0, -3 * r, lb.Huber(40.0).rho(r) / 40)

    def psi(self, r):
        return np.where(r < 0, -3.0, r / 40)
"""
        },
        points={"q7": 3},
        says="psi, for residuals of up to five times `typical`",
    ),
    Wrong(
        "boasts of a convex loss",
        {
            "q7": """
class Mine(lb.ResidualLoss):
    typical = 3.0
    traits = lb.Traits(convex=True, bounded=False, symmetric=False)

    def rho(self, r):
        return np.where(r < 0, 2 * np.log1p(r * r), np.log1p(r * r))

    def psi(self, r):
        return np.where(r < 0, 4, 2) * r / (1 + r * r)
"""
        },
        points={"q7": 3},
        says="convex: stated True; a counterexample found",
    ),
]
