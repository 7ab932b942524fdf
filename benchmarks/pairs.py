"""What is timed against what: for each loss the same numbers by lossbook and by others.

``python benchmarks/pairs.py LOSS PEER`` times one pair in this process and prints one ratio, ours
divided by the peer's time. `run.py` does that in fresh processes.
"""

import gc
import sys
import time

import numpy as np

import lossbook as lb

N = 1_000_000
CLASSES = {"softmax cross-entropy, 10 classes": 10, "softmax cross-entropy, 1000 classes": 1000}
rng = np.random.default_rng(0)


def data(name):
    """Return labels and predictions for a loss, float64."""
    if name in CLASSES:
        k = CLASSES[name]
        n = N if k == 10 else N // 100
        return rng.integers(0, k, n), rng.normal(0, 3, (n, k))
    if name == "KL":
        p, q = rng.gamma(1, 1, (2, N // 10, 10)) + 1e-3
        return p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
    if name in ("BCE with logits", "focal"):
        return rng.integers(0, 2, N).astype(float), rng.normal(0, 3, N)
    if name == "hinge":
        return rng.choice([-1.0, 1.0], N), rng.normal(0, 2, N)
    return rng.normal(0, 3, N), rng.normal(0, 3, N)


OURS = {
    "squared": lb.SquaredError(),
    "absolute": lb.AbsoluteError(),
    "Huber": lb.Huber(),
    "quantile": lb.Quantile(0.3),
    "Tukey": lb.TukeyBiweight(),
    "hinge": lb.Hinge(),
    "BCE with logits": lb.BinaryCrossEntropyWithLogits(),
    "focal": lb.Focal(),
    "KL": lb.KLDivergence(),
    "softmax cross-entropy, 10 classes": lb.SoftmaxCrossEntropy(),
    "softmax cross-entropy, 1000 classes": lb.SoftmaxCrossEntropy(),
}


# Plain NumPy: the textbook formula over whole arrays, as one would write it in a notebook.


def plain_squared(y, p):
    r = p - y
    return (r**2).mean(), 2 * r / r.size


def plain_absolute(y, p):
    r = p - y
    return np.abs(r).mean(), np.sign(r) / r.size


def plain_huber(y, p, delta=1.0):
    r = p - y
    a = np.abs(r)
    value = np.where(a <= delta, 0.5 * r**2, delta * (a - 0.5 * delta))
    return value.mean(), np.where(a <= delta, r, delta * np.sign(r)) / r.size


def plain_quantile(y, p, tau=0.3):
    r = y - p
    value = np.where(r >= 0, tau * r, (tau - 1) * r)
    return value.mean(), np.where(r > 0, -tau, np.where(r < 0, 1 - tau, 0)) / r.size


def plain_tukey(y, p, c=4.685):
    r = p - y
    inside = np.abs(r) <= c
    u = 1 - (r / c) ** 2
    value = np.where(inside, c**2 / 6 * (1 - u**3), c**2 / 6)
    return value.mean(), np.where(inside, r * u**2, 0) / r.size


def plain_hinge(y, s):
    m = y * s
    return np.maximum(0, 1 - m).mean(), np.where(m < 1, -y, 0) / s.size


def plain_bce(y, z):
    value = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
    return value.mean(), (1 / (1 + np.exp(-z)) - y) / z.size


def plain_focal(y, z, gamma=2.0):
    p = 1 / (1 + np.exp(-z))
    right = np.where(y == 1, p, 1 - p)
    log_right = np.where(y == 1, -np.logaddexp(0, -z), -np.logaddexp(0, z))
    value = -((1 - right) ** gamma) * log_right
    slope = (1 - right) ** gamma * (gamma * right * log_right + right - 1)
    return value.mean(), np.where(y == 1, slope, -slope) / z.size


def plain_kl(p, q):
    value = np.where(p > 0, p * np.log(p / q), 0).sum(axis=1)
    return value.mean(), -p / q / len(p)


def plain_softmax(y, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    probabilities = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    value = -np.log(probabilities[rows, y])
    probabilities[rows, y] -= 1
    return value.mean(), probabilities / len(y)


PLAIN = {
    "squared": plain_squared,
    "absolute": plain_absolute,
    "Huber": plain_huber,
    "quantile": plain_quantile,
    "Tukey": plain_tukey,
    "hinge": plain_hinge,
    "BCE with logits": plain_bce,
    "focal": plain_focal,
    "KL": plain_kl,
    **dict.fromkeys(CLASSES, plain_softmax),
}


def torch_pair(name, y, p):
    """Return a function that computes value and gradient by torch's autograd, one thread."""
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
    true = torch.from_numpy(y)
    pred = torch.from_numpy(p).requires_grad_()

    def quantile():
        r = true - pred
        return torch.maximum(0.3 * r, -0.7 * r).mean()

    def tukey():
        u = torch.clamp(((pred - true) / 4.685) ** 2, max=1)
        return (4.685**2 / 6 * (1 - (1 - u) ** 3)).mean()

    def focal():
        ce = F.binary_cross_entropy_with_logits(pred, true, reduction="none")
        q = torch.sigmoid(pred)
        return (ce * (1 - (q * true + (1 - q) * (1 - true))) ** 2).mean()

    value = {
        "squared": lambda: F.mse_loss(pred, true),
        "absolute": lambda: F.l1_loss(pred, true),
        "Huber": lambda: F.huber_loss(pred, true),
        "quantile": quantile,
        "Tukey": tukey,
        "hinge": lambda: torch.clamp(1 - true * pred, min=0).mean(),
        "BCE with logits": lambda: F.binary_cross_entropy_with_logits(pred, true),
        "focal": focal,
        "KL": lambda: F.kl_div(pred.log(), true, reduction="batchmean"),
        **dict.fromkeys(CLASSES, lambda: F.cross_entropy(pred, true)),
    }[name]

    def both():
        pred.grad = None
        cost = value()
        cost.backward()
        return float(cost.detach()), pred.grad.numpy()

    return both


def sklearn_pair(name, y, p):
    """Return scikit-learn's own fused loss and gradient, where it has one."""
    from sklearn import _loss

    loss = {
        "squared": lambda: _loss.HalfSquaredError(),
        "absolute": lambda: _loss.AbsoluteError(),
        "Huber": lambda: _loss.HuberLoss(delta=1.0),
        "quantile": lambda: _loss.PinballLoss(quantile=0.3),
        "BCE with logits": lambda: _loss.HalfBinomialLoss(),
        **{key: lambda k=k: _loss.HalfMultinomialLoss(n_classes=k) for key, k in CLASSES.items()},
    }[name]()
    y = y.astype(float)

    def both():
        losses, gradient = loss.loss_gradient(y, p, n_threads=1)
        return losses.mean(), gradient / len(losses)

    return both


def giou_pair(peer):
    """Return pairwise GIoU of 1000 by 1000 boxes: ours, and torchvision's formulas in torch."""
    boxes = np.sort(rng.uniform(0, 100, (2, 1000, 2, 2)), axis=2).reshape(2, 1000, 4)
    a, b = boxes

    def plain(np_like, a, b, maximum, minimum, clip):
        low = maximum(a[:, None, :2], b[:, :2])
        high = minimum(a[:, None, 2:], b[:, 2:])
        wh = clip(high - low)
        inter = wh[..., 0] * wh[..., 1]
        area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
        area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
        union = area_a[:, None] + area_b - inter
        hull = maximum(a[:, None, 2:], b[:, 2:]) - minimum(a[:, None, :2], b[:, :2])
        hull = clip(hull)
        hull = hull[..., 0] * hull[..., 1]
        return inter / union - (hull - union) / hull

    if peer == "torch":
        import torch

        torch.set_num_threads(1)
        ta, tb = torch.from_numpy(a), torch.from_numpy(b)
        other = lambda: plain(torch, ta, tb, torch.max, torch.min, lambda t: t.clamp(min=0)).numpy()  # noqa: E731
    else:
        other = lambda: plain(np, a, b, np.maximum, np.minimum, lambda t: t.clip(min=0))  # noqa: E731
    return (lambda: lb.pairwise_giou(a, b)), other


def small_pair(name):
    """Return our cost and scikit-learn's metric (or the bare NumPy line) on 1000 examples."""
    from sklearn import metrics

    y, p = rng.normal(size=(2, 1000))
    if name == "mean squared error: bare NumPy":
        return (lambda: lb.SquaredError().cost(y, p)), (lambda: np.mean((y - p) ** 2))
    if name == "mean squared error":
        return (lambda: lb.SquaredError().cost(y, p)), (lambda: metrics.mean_squared_error(y, p))
    if name == "mean absolute error":
        return (lambda: lb.AbsoluteError().cost(y, p)), (lambda: metrics.mean_absolute_error(y, p))
    if name == "pinball loss":
        ours = lb.Quantile(0.3)
        return (lambda: ours.cost(y, p)), (lambda: metrics.mean_pinball_loss(y, p, alpha=0.3))
    if name == "log loss":
        labels, q = (y > 0).astype(float), 1 / (1 + np.exp(-p))
        ours = lb.BinaryCrossEntropy()
        return (lambda: ours.cost(labels, q)), (lambda: metrics.log_loss(labels, q))
    if name == "hinge loss":
        labels = np.where(y > 0, 1.0, -1.0)
        return (lambda: lb.Hinge().cost(labels, p)), (lambda: metrics.hinge_loss(labels, p))
    labels, q = rng.integers(0, 10, 1000), rng.dirichlet(np.ones(10), 1000)
    ours = lb.CategoricalCrossEntropy()
    return (lambda: ours.cost(labels, q)), (lambda: metrics.log_loss(labels, q))


SMALL = (
    "mean squared error: bare NumPy",
    "mean squared error",
    "mean absolute error",
    "pinball loss",
    "log loss",
    "hinge loss",
    "log loss, 10 classes",
)


def pair(name, peer):
    """Return our function and the peer's."""
    if name == "pairwise GIoU, 1000 x 1000":
        return giou_pair(peer)
    if peer == "sklearn.metrics":
        return small_pair(name)
    y, p = data(name)
    loss = OURS[name]
    if peer == "NumPy":
        return (lambda: loss.cost_and_gradient(y, p)), (lambda: PLAIN[name](y, p))
    make = {"torch": torch_pair, "sklearn._loss": sklearn_pair}[peer]
    return (lambda: loss.cost_and_gradient(y, p)), make(name, y, p)


def same(ours, other, name):
    """Check that both computed the same thing before their times are compared."""
    a, b = ours(), other()
    factor = 0.5 if name == "squared" and "sklearn._loss" in sys.argv else 1.0
    if isinstance(a, tuple):
        np.testing.assert_allclose(factor * a[0], b[0], rtol=1e-9)
        np.testing.assert_allclose(factor * a[1], b[1], rtol=1e-7, atol=1e-15)
    else:
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-12)


def seconds(function, calls):
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def enough(function, least=2e-3):
    """Return a number of calls that take long enough to be timed; one cold call would mislead."""
    calls = 1
    while seconds(function, calls) * calls < least:
        calls *= 2
    return calls


def ratio(ours, other, rounds=9):
    """Return the median over interleaved rounds of our time divided by the other's."""
    gc.disable()
    calls = [enough(ours), enough(other)]
    ratios = []
    for i in range(rounds):
        first, second = (ours, other) if i % 2 == 0 else (other, ours)
        t1 = seconds(first, calls[i % 2])
        t2 = seconds(second, calls[1 - i % 2])
        ratios.append(t1 / t2 if i % 2 == 0 else t2 / t1)
    return float(np.median(ratios))


if __name__ == "__main__":
    loss_name, peer_name = sys.argv[1:3]
    both = pair(loss_name, peer_name)
    same(*both, loss_name)
    print(ratio(*both))
