"""Each trait that a loss states is attacked: a wrong one has to fall."""

import dataclasses

import numpy as np
import pytest
from cases import CASES
from test_all_losses import AVERAGES, ELEMENTWISE, bounds

import lossbook as lb
from lossbook.differences import differences


@pytest.fixture(autouse=True)
def _quiet():
    """Attacks at infinity overflow on purpose."""
    with np.errstate(all="ignore"):
        yield


AVERAGE = pytest.mark.parametrize("case", AVERAGES, ids=str)
ENTRY = pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
OFFSETS = np.concatenate([[0.0], np.geomspace(1e-9, 1e4, 40), np.linspace(0.02, 8, 400)])
OFFSETS = np.unique(np.concatenate([-OFFSETS, OFFSETS]))


def everywhere(search, case):
    """Return the most that a search finds over all cases of a loss: no single one shows all."""
    return max(search(c) for c in AVERAGES if c.loss == case.loss)


def parameters(loss):
    """Return the numbers that a loss is made with: its bends are likely to lie there."""
    fields = dataclasses.fields(loss) if dataclasses.is_dataclass(loss) else ()
    values = [getattr(loss, field.name) for field in fields]
    return [v for v in values if isinstance(v, float | int) and np.isfinite(v)]


def numbers(case, seed=0):
    """Return labels and predictions of an elementwise loss, near, far, at bends and at kinks."""
    loss, rng = case.loss, np.random.default_rng(seed)
    labels, p = case.draw(400, seed)
    low, high = bounds(loss, labels, p)
    if np.isfinite(high):
        grid = np.concatenate([np.geomspace(1e-9, 0.5, 300), 1 - np.geomspace(1e-9, 0.5, 300)])
    else:
        special = [s * v for v in parameters(loss) for s in (-1, 1)] + list(loss.traits.kinks)
        grid = np.concatenate([OFFSETS, special])
    labels = rng.choice(np.concatenate([labels, np.unique(labels)[[0, -1]]]), len(grid))
    if not isinstance(loss, lb.ResidualLoss):
        grid = rng.permutation(grid)
        return labels[grid >= low], grid[grid >= low]
    if np.isfinite(low):
        labels = np.where(grid >= 0, 0.0, 16.0)
        inside = labels + grid >= low
        return labels[inside], (labels + grid)[inside]
    return np.zeros(len(grid)), grid  # residuals without rounding


def rows(case, n=400, seed=0):
    """Return labels and rows, with clear decisions, ties, and examples of all sizes."""
    y, p = case.draw(n, seed)
    rng = np.random.default_rng(seed)
    if case.loss.prediction_space == "box":
        size = 10.0 ** rng.uniform(-5, 5, (n, 1))
        return y * size, p * size
    if np.isfinite(bounds(case.loss, y, p)[1]):
        p = np.concatenate([p[: n // 2], rng.dirichlet(np.full(p.shape[1], 0.05), n - n // 2)])
        return y, (p + 1e-12) / (p + 1e-12).sum(axis=1, keepdims=True)
    corners = rng.choice([-30.0, 0.0, 0.0, 30.0], (n // 2, p.shape[1]))
    some = rng.normal(size=(n - n // 2, p.shape[1])) * 10.0 ** rng.uniform(-1, 2, (n - n // 2, 1))
    scale = getattr(case.loss, "temperature", 1.0)
    return y, np.concatenate([corners, some]) * scale


def points(case, seed=0):
    return numbers(case, seed) if case.loss.elementwise else rows(case, seed=seed)


def slopes(case, y, p):
    gradient = case.loss.gradient(y, p, validate=False)
    return np.abs(gradient) if case.loss.elementwise else np.linalg.norm(gradient, axis=1)


# Convexity --------------------------------------------------------------------------------------


def pairs(case):
    """Yield labels with two predictions each: near, far apart, and extreme."""
    for seed in range(4):
        y, a = points(case, seed)
        order = np.random.default_rng(seed).permutation(len(a))
        if isinstance(case.loss, lb.ResidualLoss):
            yield y, a, y + (a - y)[order]
        elif case.loss.elementwise:
            yield y, a, a[order]
        elif case.loss.prediction_space == "box":
            y, a = case.draw(400, seed)
            yield y, a, case.draw(400, seed + 100)[1]
        else:
            yield y, a, a[order]
        if case.loss.elementwise:  # close together, where a slight bend shows
            b = a + np.random.default_rng(seed).uniform(-0.2, 0.2, len(a))
            low, high = bounds(case.loss, y, a)
            yield y, a, np.clip(b, low, high)


def bulges(case):
    """Return how far the middle of two predictions rises above the mean of their losses."""
    worst = -np.inf
    for y, a, b in pairs(case):
        loss = lambda p, y=y: case.loss.loss(y, p, validate=False)  # noqa: E731
        ends = (loss(a), loss(b))
        rise = loss(a + (b - a) / 2) - (ends[0] + ends[1]) / 2
        size = np.maximum(1e-3, np.abs(ends[0]) + np.abs(ends[1]))
        finite = np.isfinite(ends[0]) & np.isfinite(ends[1])
        worst = max(worst, np.max(rise[finite] / size[finite]))
    return worst


@AVERAGE
def test_convex(case):
    convex = case.loss.traits.convex
    if convex:
        assert bulges(case) < 1e-9
    elif convex is False:
        assert everywhere(bulges, case) > 1e-6, (
            "no chord below the curve was found: is it convex after all?"
        )
    else:
        pytest.skip("not stated")


# Largest slope and curvature --------------------------------------------------------------------


def steepest(case):
    """Return the largest slope found, of gradients and of chords across kinks and jumps."""
    found = 0.0
    for seed in range(3):
        y, p = points(case, seed)
        steep = slopes(case, y, p)
        found = max(found, np.max(steep[np.isfinite(steep)]))
        if case.loss.elementwise:
            step = 1e-7
            low = np.maximum(p - step, bounds(case.loss, y, p)[0])
            rise = case.loss.loss(y, p, validate=False) - case.loss.loss(y, low, validate=False)
            across = np.abs(rise) / np.maximum(p - low, step / 2)
            trust = 1e-9 + 1e-8 * np.abs(case.loss.loss(y, p, validate=False)) / step
            across = across[np.isfinite(across) & (across > 1e3 * trust)]
            found = max(found, np.max(across, initial=0))
    return found


@AVERAGE
def test_lipschitz(case):
    stated = case.loss.traits.lipschitz
    if stated is None:
        assert everywhere(steepest_anywhere, case) > 50, (
            "no steep slope was found: is there a finite constant?"
        )
        return
    y, p = points(case)
    for seed in range(3):
        y, p = points(case, seed)
        steep = slopes(case, y, p)
        assert np.max(steep[np.isfinite(steep)]) <= stated * (1 + 1e-9)
    assert everywhere(steepest, case) >= 0.9 * stated, "the stated constant is never reached"


def steepest_anywhere(case):
    """Return the largest slope, also for predictions and labels of extreme size."""
    found = steepest(case)
    for y, p in far_away(case):
        steep = slopes(case, y, p)
        found = max(found, np.max(steep[~np.isnan(steep)]))
    return found


def far_away(case):
    """Yield examples of extreme size, or at the edge of their domain."""
    y, p = points(case)
    low, high = bounds(case.loss, y, p)
    if np.isinf(high) and case.loss.elementwise:
        for factor in (1e3, 1e9, 1e100):
            yield y, np.maximum(p * factor, low)
            if case.loss.prediction_space == "log_mean":
                yield y * factor, p
    elif np.isfinite(high) and p.ndim == 2:
        yield y, np.eye(p.shape[1])[np.arange(len(p)) % p.shape[1]]
        if y.ndim == 2:
            yield np.eye(p.shape[1])[np.arange(len(p)) % p.shape[1]], p


@AVERAGE
def test_smoothness(case):
    stated = case.loss.traits.smoothness
    if stated is None:
        bends = everywhere(curvatures, case)
        assert case.loss.traits.kinks or bends > 50, "no large curvature was found, and no kink"
        return
    assert not case.loss.traits.kinks
    assert curvatures(case) <= stated * (1 + 1e-6)
    assert everywhere(curvatures, case) >= 0.9 * stated, "the stated constant is never reached"


def curvatures(case):
    """Return the largest curvature found."""
    loss = case.loss
    if loss.elementwise:
        found = 0.0
        extremes = far_away(case) if loss.traits.smoothness is None else ()
        for y, p in [numbers(case), *extremes]:
            second = np.abs(loss.curvature(y, p, validate=False))
            found = max(found, np.max(second[~np.isnan(second)], initial=0))
        return found
    y, p = rows(case, 200)
    hessians = np.empty((*p.shape, p.shape[1]))
    small = 1e-6 * np.maximum(1e-6, np.abs(p).max(axis=1, keepdims=True))
    if case.loss.prediction_space != "box":
        small = np.full((len(p), 1), 1e-6 * getattr(loss, "temperature", 1.0))
    for j in range(p.shape[1]):
        step = small * (np.arange(p.shape[1]) == j)
        above = loss.gradient(y, p + step, validate=False)
        below = loss.gradient(y, p - step, validate=False)
        hessians[:, :, j] = (above - below) / (2 * small)
    hessians = hessians[np.isfinite(hessians).all(axis=(1, 2))]
    return np.max(np.abs(np.linalg.eigvalsh((hessians + hessians.transpose(0, 2, 1)) / 2)))


# Bounded ----------------------------------------------------------------------------------------


def largest(case):
    """Return the largest loss found, out to infinity and to the edge of the domain."""
    loss = case.loss
    if isinstance(loss, lb.SetLoss):
        y, p = case.draw(50)
        far = 1e4 * p if np.isinf(loss.prediction_domain.high) else 1 - y
        return max(loss.cost(y, p), loss.cost(y, far))
    y, p = case.draw(300)
    low, high = bounds(loss, y, p)
    found = [loss.loss(y, p)]
    if loss.prediction_space == "box":
        far = p + 10.0 ** np.random.default_rng(0).uniform(-3, 8, (300, 1))
        found.append(loss.loss(y, far))
    elif np.isfinite(high):
        sides = [np.full(p.shape, e) for e in (0.0, 1.0)]
        found += [loss.loss(y, side) for side in sides if p.ndim == 1]
        found += [loss.loss(labels, far) for labels, far in far_away(case) if p.ndim == 2]
    elif p.ndim == 1:
        for far in (-np.inf, -1e300, -1e9, low + 1e-12, 1e9, 1e300, np.inf):
            if far >= low:
                found.append(loss.loss(y, np.full(300, far)))
        if isinstance(loss, lb.ResidualLoss):
            found.append(loss.loss(np.full(300, 1e9), np.zeros(300)))
    else:
        found.append(loss.loss(y, p * 1e9))
    return max(np.max(f) for f in found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bounded(case):
    bounded = case.loss.traits.bounded
    if bounded is None:
        pytest.skip("not stated")
    if bounded:
        assert largest(case) < 100
    else:
        assert largest(case) > 100, "no large loss was found"


# Symmetry ---------------------------------------------------------------------------------------


def mirrored(case):
    """Return losses and those of the mirrored examples: other side, other class, other order."""
    loss = case.loss
    y, p = case.draw(300)
    if isinstance(loss, lb.SetLoss):  # all pixels of one class and the other
        mirror = -p if loss.prediction_space == "score" else 1 - p
        return np.array(loss.cost(y, p)), np.array(loss.cost(1 - y, mirror))
    here = loss.loss(y, p)
    if loss.prediction_space == "box":  # each edge as far on the other side of its own
        inside = y + 0.1 * (y[:, [2, 3, 0, 1]] - y)
        return loss.loss(y, inside), loss.loss(y, 2 * y - inside)
    if isinstance(loss, lb.ResidualLoss):
        r, middle = np.clip(p - y, -16, 16), np.full(300, 16.0)
        return loss.loss(middle, middle + r), loss.loss(middle, middle - r)
    if p.ndim == 2:
        order = np.random.default_rng(0).permutation(p.shape[1])
        labels = np.argsort(order)[y] if y.ndim == 1 else y[:, order]
        return here, loss.loss(labels, p[:, order])
    if isinstance(loss, lb.MarginLoss):
        return here, loss.loss(-y, -p)
    if loss.prediction_space in ("probability", "logit"):
        return here, loss.loss(1 - y, 1 - p if loss.prediction_space == "probability" else -p)
    mirror = 2 * y - p
    inside = mirror >= bounds(loss, y, p)[0]
    return here[inside], loss.loss(y[inside], mirror[inside])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_symmetric(case):
    symmetric = case.loss.traits.symmetric
    if symmetric is None:
        pytest.skip("not stated")
    here, there = mirrored(case)
    if symmetric:
        np.testing.assert_allclose(there, here, rtol=1e-10, atol=1e-12)
    else:
        assert not np.allclose(there, here, rtol=1e-6), "both sides cost the same"


# Kinks ------------------------------------------------------------------------------------------


def positions(case, y, p):
    if isinstance(case.loss, lb.ResidualLoss):
        return p - y
    if isinstance(case.loss, lb.MarginLoss):
        return np.where(y > 0, 1, -1) * p
    return p


@ENTRY
def test_kinks_are_where_the_slopes_differ_and_nowhere_else(case):
    y, p = numbers(case)
    place = positions(case, y, p)
    low, high = bounds(case.loss, y, p)
    inside = (p > low) & (p < high)
    y, p, place = y[inside], p[inside], place[inside]
    seen = differences(lambda p: case.loss.loss(y, p, validate=False), p).kink
    stated = np.array(case.loss.traits.kinks)
    at = np.zeros(len(p), bool) if not len(stated) else np.isin(place, stated)
    near = at.copy()
    for kink in stated:
        near |= np.abs(place - kink) <= 1e-8 * max(1, abs(kink))
    assert not (seen & ~near).any(), f"a kink that is not stated, at {place[seen & ~near][:3]}"
    for kink in stated:
        assert (place == kink).any()
        assert seen[place == kink].any(), f"no kink at {kink}"


def test_kinks_of_rows_are_margins_over_the_best_rival():
    kinks = lb.MulticlassHinge().traits.kinks
    margins = np.linspace(-3, 3, 601).round(2)
    scores = np.column_stack([margins, np.zeros(601)])
    seen = np.diff(lb.MulticlassHinge().gradient(np.zeros(601, int), scores)[:, 0]) != 0
    assert (margins[1:][seen] == kinks).all()
