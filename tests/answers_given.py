"""Answers to the exercises that the page checks: one right answer each, and wrong ones.

Of a wrong answer, the first string is part of what its reader must be told.
"""

RIGHT = {
    "ex1-average": """
import numpy as np

answer = np.sqrt(500 / 3) * np.array([1, -1, 1])
""",
    "ex1-constant": """
import lossbook as lb
import numpy as np

ames = lb.load_ames()
area, price = ames["gr_liv_area"] / 1000, ames["sale_price"] / 1000
answer = np.corrcoef(area, price)[0, 1] ** 2
""",
    "ex1-gradient": """
import numpy as np


def line_gradient(x, y, w, b):
    r = w * x + b - y
    return np.array([(2 * r * x).mean(), (2 * r).mean()])
""",
    "ex2-powers": """
from dataclasses import dataclass
import lossbook as lb
import numpy as np


@dataclass(frozen=True)
class Power(lb.ResidualLoss):
    p: float = 2

    def rho(self, r):
        return np.abs(r) ** self.p
""",
    "ex2-percent": """
import lossbook as lb


def choose(y):
    return lb.AbsoluteError().best_constant(y, 1 / y)
""",
    "ex2-logmean": """
import numpy as np


def best_constant(y):
    return np.log(np.mean(y))
""",
    "ex3-momentum": """
def largest_rate(curvature, momentum):
    return 2 * (1 + momentum) / curvature
""",
    "ex3-own": """
import lossbook as lb
import numpy as np


class LogCosh(lb.ResidualLoss):
    def rho(self, r):
        return np.logaddexp(r, -r) - np.log(2)
""",
    "ex4-rate": """
import lossbook as lb
import numpy as np

rooms = lb.load_boston_rooms()["rm"]
X = np.column_stack([rooms, np.ones_like(rooms)])
steep = np.linalg.eigvalsh(2 * X.T @ X / len(rooms))[1]
answer = (1 - 0.1 * steep) ** 2
""",
    "ex4-origin": """
import lossbook as lb


def slope_squared(x, y):
    return (x @ y) / (x @ x)


def slope_absolute(x, y):
    return lb.AbsoluteError().best_constant(y / x, x)
""",
    "ex5-hand": "answer = [3, 5]",
    "ex5-andrews": """
from dataclasses import dataclass
import lossbook as lb
import numpy as np


@dataclass(frozen=True)
class Andrews(lb.ResidualLoss):
    a: float = 1.339

    def rho(self, r):
        r = np.clip(r, -np.pi * self.a, np.pi * self.a)
        return self.a * (1 - np.cos(r / self.a))

    def psi(self, r):
        r = np.clip(r, -np.pi * self.a, np.pi * self.a)
        return np.sin(r / self.a)
""",
    "ex6-hand": """
import numpy as np

answer = [3.75, 3.75, 3.75, 3.75, 270**0.25 - 1]
""",
    "ex6-exposure": """
def best_rate(events, hours):
    return events.sum() / hours.sum()
""",
    "ex7-bits": """
import numpy as np

answer = [np.log2(6), np.log(6)]
""",
    "ex7-stable": """
import numpy as np


def my_loss(y, z):
    s = (1 - 2 * y) * z
    return np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s)))
""",
    "ex7-soft": """
import numpy as np

answer = [2 / 3, -2 / 3 * np.log(2 / 3) - np.log(1 / 3) / 3]
""",
    "ex8-margins": "answer = [0.25, 0.525]",
    "ex8-squared": """
import lossbook as lb


class SquaredMargin(lb.MarginLoss):
    def phi(self, m):
        return (1 - m) ** 2
""",
    "ex9-stable": """
import numpy as np


def my_loss(y, z):
    shifted = z - z.max(axis=1, keepdims=True)
    true = shifted[np.arange(len(y)), y]
    return np.log(np.exp(shifted).sum(axis=1)) - true
""",
    "ex9-convention": """
def book_epsilon(epsilon, K):
    return epsilon * K / (K - 1)
""",
    "ex10-coin": """
import numpy as np

answer = [np.log(4 / 3) / 2, np.log(1 / 2) / 4 + 3 * np.log(3 / 2) / 4]
""",
    "ex10-normal": """
import lossbook as lb
import numpy as np


def normal_kl(mean1, sd1, mean2, sd2):
    return lb.gaussian_kl([(mean1 - mean2) / sd2], [2 * np.log(sd1 / sd2)])
""",
    "ex11-half": """
import numpy as np

answer = [1 / 3, 1 - np.sqrt(2 / 3)]
""",
    "ex11-open": """
import lossbook as lb
import numpy as np


class OwnIoU(lb.IoU):
    def value_and_derivative(self, y_true, y_pred):
        value, slope = super().value_and_derivative(y_true, y_pred)
        area, way = lb.box_area(y_true), y_pred - y_true
        return value + (way**2).sum(axis=1) / area, slope + 2 * way / area[:, None]

    def value(self, y_true, y_pred):
        return self.value_and_derivative(y_true, y_pred)[0]
""",
    "ex12-focus": "answer = [0.9, 3, 0.81]",
    "ex12-prior": """
import lossbook as lb
import numpy as np

losses = lb.BinaryCrossEntropyWithLogits(), lb.Focal(2.0)
answer = lb.sigmoid(
    np.array([loss.best_constant([1, 0], [10, 100_000]) for loss in losses])
)
""",
    "ex13-counts": "answer = [24 / 35, 12 / 23, 0.989]",
    "ex15-elastic": """
import numpy as np


def lowest_point(a, strength, l1_ratio):
    size = np.maximum(np.abs(a) - strength * l1_ratio, 0)
    return np.sign(a) * size / (1 + strength * (1 - l1_ratio))
""",
    "ex16-effective": """
import lossbook as lb
import numpy as np

y = np.repeat([1, 0], [1830, 47150])
weights = lb.class_weights(y, "effective", beta=0.999)
answer = weights[0] / weights[-1]
""",
    "ex16-right": """
def threshold(tp, fp, fn, tn):
    return (fp - tn) / ((fp - tn) + (fn - tp))
""",
    "ex16-harvest": """
import numpy as np


def shifted(z, old_rate, new_rate):
    def logit(p):
        return np.log(p / (1 - p))

    return z + logit(new_rate) - logit(old_rate)
""",
    "ex17-bill": "answer = [0.75, 20]",
    "ex17-threshold": "answer = 10 / 11",
    "ex18-linex": """
from dataclasses import dataclass
import lossbook as lb
import numpy as np


@dataclass(frozen=True)
class Linex(lb.ResidualLoss):
    s: float = 0.02

    def rho(self, r):
        x = self.s * r
        return np.expm1(x) - np.where(x < 40, x, 0)

    def psi(self, r):
        return self.s * np.expm1(self.s * r)
""",
    "ex18-room": """
def quantile(a, b):
    return a / (a + b)
""",
    "ex18-open": """
import lossbook as lb
import numpy as np


class Own(lb.ResidualLoss):
    def rho(self, r):
        return np.where(r > 0, 1 * r, -3 * r)
""",
}

WRONG = {
    "ex1-average": {
        "Find others": "answer = [10, -20, 0]",
        "too small": "answer = [1.0, 2.0, 3.0]",
    },
    "ex1-constant": {
        "the cost of the best constant": "answer = 6379.7",
        "the share that is left": "answer = 1 - 0.49946",
    },
    "ex1-gradient": {
        "half the reference: a missing factor 2?": """
import numpy as np


def line_gradient(x, y, w, b):
    r = w * x + b - y
    return np.array([(r * x).mean(), r.mean()])
""",
        "opposite sign": """
import numpy as np


def line_gradient(x, y, w, b):
    r = y - w * x - b
    return np.array([(2 * r * x).mean(), (2 * r).mean()])
""",
        "a sum for the mean": """
import numpy as np


def line_gradient(x, y, w, b):
    r = w * x + b - y
    return np.array([(2 * r * x).sum(), (2 * r).sum()])
""",
        "is `return` missing?": """
import numpy as np


def line_gradient(x, y, w, b):
    r = w * x + b - y
    np.array([(2 * r * x).sum(), (2 * r).sum()])
""",
    },
    "ex2-powers": {
        "rho(1, [-2, 0, 3]) is [-2, 0, 3]: expected [2, 0, 3]": """
from dataclasses import dataclass
import lossbook as lb


@dataclass(frozen=True)
class Power(lb.ResidualLoss):
    p: float = 2

    def rho(self, r):
        return r**self.p
""",
    },
    "ex2-percent": {
        "plain median": """
import numpy as np


def choose(y):
    return np.median(y)
""",
    },
    "ex2-logmean": {
        "Which z stands for it?": """
import numpy as np


def best_constant(y):
    return np.mean(y)
""",
    },
    "ex3-momentum": {
        "expected 3.8": """
def largest_rate(curvature, momentum):
    return 2 / curvature
""",
    },
    "ex3-own": {
        "values:": """
import lossbook as lb
import numpy as np


class LogCosh(lb.ResidualLoss):
    def rho(self, r):
        return np.logaddexp(r, -r)
""",
        "extremes: another value for predictions such as": """
import lossbook as lb
import numpy as np


class LogCosh(lb.ResidualLoss):
    def rho(self, r):
        return np.log(np.cosh(r))
""",
    },
    "ex4-rate": {
        "factor of the error": "answer = -7.197",
    },
    "ex4-origin": {
        "slope_absolute(": """
import numpy as np


def slope_squared(x, y):
    return (x @ y) / (x @ x)


def slope_absolute(x, y):
    return np.median(y / x)
""",
    },
    "ex5-hand": {
        "mean of the insiders": "answer = [3, 2.5]",
        "expected an array of shape (2,)": "answer = 5",
    },
    "ex5-andrews": {
        "WRONG": """
from dataclasses import dataclass
import lossbook as lb
import numpy as np


@dataclass(frozen=True)
class Andrews(lb.ResidualLoss):
    a: float = 1.339

    def rho(self, r):
        r = np.clip(r, -np.pi * self.a, np.pi * self.a)
        return self.a**2 * (1 - np.cos(r / self.a))

    def psi(self, r):
        r = np.clip(r, -np.pi * self.a, np.pi * self.a)
        return np.sin(r / self.a)
""",
    },
    "ex6-hand": {
        "takes log(1 + y)": "answer = [3.75, 3.75, 3.75, 3.75, 2.828]",
    },
    "ex6-exposure": {
        "One hour is not as good as five": """
def best_rate(events, hours):
    return (events / hours).mean()
""",
    },
    "ex7-bits": {
        "The other way round": """
import numpy as np

answer = [np.log(6), np.log2(6)]
""",
    },
    "ex7-stable": {
        "extremes: another value": """
import numpy as np


def my_loss(y, z):
    s = (1 - 2 * y) * z
    return np.log(1 + np.exp(s))
""",
        "values:": """
import numpy as np


def my_loss(y, z):
    s = (2 * y - 1) * z
    return np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s)))
""",
    },
    "ex7-soft": {
        "what does p = 2/3 cost?": "answer = [2 / 3, 0]",
    },
    "ex8-margins": {
        "asks for a margin of 1": "answer = [0.25, 0.075]",
    },
    "ex8-squared": {
        "expected": """
import lossbook as lb
import numpy as np


class SquaredMargin(lb.MarginLoss):
    def phi(self, m):
        return np.maximum(0, 1 - m) ** 2
""",
    },
    "ex9-stable": {
        "expected [2000, 1.09861]": """
import numpy as np


def my_loss(y, z):
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y])
""",
        "my_loss(": """
import numpy as np


def my_loss(y, z):
    shifted = z - z.max()
    true = shifted[np.arange(len(y)), y]
    return np.log(np.exp(shifted).sum(axis=1)) - true
""",
    },
    "ex9-convention": {
        "book_epsilon(0.1, 3) is": """
def book_epsilon(epsilon, K):
    return epsilon * (K - 1) / K
""",
    },
    "ex10-coin": {
        "The other way round": "answer = [0.1308, 0.1438]",
        "These are bits": "answer = [0.2075, 0.1887]",
    },
    "ex10-normal": {
        "normal_kl(0, 1, 0, 3) is": """
import lossbook as lb
import numpy as np


def normal_kl(mean1, sd1, mean2, sd2):
    return lb.gaussian_kl([(mean1 - mean2) / sd2], [np.log(sd1 / sd2)])
""",
    },
    "ex11-half": {
        "The IoU is 0.333 at your first shift": "answer = [0.5, 0.25]",
    },
    "ex11-open": {
        "feels no pull": """
import lossbook as lb


class OwnIoU(lb.IoU):
    pass
""",
        "WRONG": """
import lossbook as lb
import numpy as np


class OwnIoU(lb.IoU):
    def value_and_derivative(self, y_true, y_pred):
        value, slope = super().value_and_derivative(y_true, y_pred)
        area, way = lb.box_area(y_true), y_pred - y_true
        return value + (way**2).sum(axis=1) / area, slope + way / area[:, None]

    def value(self, y_true, y_pred):
        return self.value_and_derivative(y_true, y_pred)[0]
""",
    },
    "ex12-focus": {
        "not by p²": "answer = [0.1, 3, 0.81]",
    },
    "ex12-prior": {
        "does not choose the base rate": "answer = [10 / 100_010, 10 / 100_010]",
    },
    "ex13-counts": {
        "The other way round": "answer = [12 / 23, 24 / 35, 0.989]",
    },
    "ex15-elastic": {
        "lowest_point(-2, 1, 0.3) is": """
import numpy as np


def lowest_point(a, strength, l1_ratio):
    return (a - strength * l1_ratio) / (1 + strength * (1 - l1_ratio))
""",
    },
    "ex16-effective": {
        "for the wines there are": "answer = 5.924",
    },
    "ex16-right": {
        "threshold(1, 1, 9, 0) is 0.1: expected 0.1111": """
def threshold(tp, fp, fn, tn):
    return fp / (fp + fn)
""",
    },
    "ex16-harvest": {
        "shifted(0, 0.5, 0.1) is": """
import numpy as np


def shifted(z, old_rate, new_rate):
    return z + np.log(new_rate / old_rate)
""",
    },
    "ex17-bill": {
        "The other side": "answer = [0.25, 12]",
    },
    "ex17-threshold": {
        "The other side": "answer = 1 / 11",
    },
    "ex18-linex": {
        "is NaN for predictions such as": """
from dataclasses import dataclass
import lossbook as lb
import numpy as np


@dataclass(frozen=True)
class Linex(lb.ResidualLoss):
    s: float = 0.02

    def rho(self, r):
        return np.exp(self.s * r) - self.s * r - 1

    def psi(self, r):
        return self.s * np.expm1(self.s * r)
""",
        "expected": """
from dataclasses import dataclass
import lossbook as lb
import numpy as np


@dataclass(frozen=True)
class Linex(lb.ResidualLoss):
    s: float = 0.02

    def rho(self, r):
        x = self.s * r
        return np.expm1(x) - np.where(x < 40, x, 0)

    def psi(self, r):
        return np.expm1(self.s * r)
""",
    },
    "ex18-room": {
        "costs 1 for one too few: expected 3": """
def quantile(a, b):
    return b / (a + b)
""",
    },
    "ex18-open": {
        "changes its inputs": """
import lossbook as lb
import numpy as np


class Own(lb.Loss):
    def value(self, y_true, y_pred):
        y_pred -= y_true
        return np.where(y_pred < 0, -3 * y_pred, y_pred)
""",
    },
}
