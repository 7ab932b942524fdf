"""What holds for every loss, over the cases of `cases.py`; traits are in `test_traits.py`."""

import dataclasses
import inspect
import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from cases import CASES, Case

import lossbook as lb
from lossbook.base import BLOCK
from lossbook.validation import ClassIndex, Distribution, Either, Interval

EACH = pytest.mark.parametrize("case", CASES, ids=str)
AVERAGES = [case for case in CASES if isinstance(case.loss, lb.Loss)]
AVERAGE = pytest.mark.parametrize("case", AVERAGES, ids=str)
ELEMENTWISE = [case for case in AVERAGES if case.loss.elementwise]
ENTRY = pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
BASES = {lb.Loss, lb.ResidualLoss, lb.MarginLoss, lb.SetLoss}
LOSSES = sorted(
    name
    for name, thing in vars(lb).items()
    if inspect.isclass(thing) and issubclass(thing, lb.Loss | lb.SetLoss) and thing not in BASES
)


def methods(loss):
    """Return the names of the methods that take (y_true, y_pred)."""
    averages = ["cost", "cost_gradient", "cost_and_gradient"]
    if isinstance(loss, lb.SetLoss):
        return averages
    each = ["loss", "gradient", "curvature"] if loss.elementwise else ["loss", "gradient"]
    return each + averages


def parts(result):
    """Return the arrays of a result, which is an array, a number, or a pair of them."""
    return result if isinstance(result, tuple) else (result,)


def assert_same(first, second, **tolerance):
    for a, b in zip(parts(first), parts(second), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), **tolerance)


def extreme(case: Case, seed: int = 0):
    """Return examples with predictions that are far off, nearly right, tiny and huge."""
    y, p = case.draw(60, seed)
    rng = np.random.default_rng(seed)
    loss = case.loss
    low, high = bounds(loss, y, p)
    if loss.prediction_space == "box":
        size = 10.0 ** rng.uniform(-4, 6, (60, 1))
        return y * size, p * size
    if np.isfinite(low) and np.isfinite(high):  # probabilities
        if p.ndim == 1:
            edge = 10.0 ** rng.uniform(-12, -1, 60)
            return y, np.where(rng.uniform(size=60) < 0.5, edge, 1 - edge)
        rows = rng.dirichlet(np.full(p.shape[1], 0.3), 60) + 1e-9
        return y, rows / rows.sum(axis=1, keepdims=True)
    far = 10.0 ** rng.uniform(-8, 2, p.shape) * rng.choice([-1, 1], p.shape)
    if loss.prediction_space == "value" and loss.elementwise:
        far = far * 10.0 ** rng.uniform(0, 6, p.shape)
        far = y + far
    if np.isfinite(low):
        far = low + np.abs(far - low)
    return y, far


def bounds(loss, y, p):
    domain = loss.domains(y, p)[1] if isinstance(loss, lb.Loss) else loss.prediction_domain
    if isinstance(domain, Distribution):
        return 0.0, 1.0
    return domain.low, domain.high


# Gradients --------------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gradient_is_the_numerical_one(case, seed):
    report = lb.check_gradient(case.loss, *case.draw(50, seed))
    assert report.ok, report
    assert report.max_error < 1e-6
    assert report.skipped + report.kinks <= report.numeric.size // 4


@EACH
@pytest.mark.parametrize("seed", [0, 1])
def test_gradient_at_extreme_points(case, seed):
    report = lb.check_gradient(case.loss, *extreme(case, seed))
    assert report.ok, report
    assert report.max_error < 1e-6
    assert np.isfinite(report.numeric).sum() >= report.numeric.size // 4


@ENTRY
def test_curvature_is_the_derivative_of_the_gradient(case):
    for y, p in (case.draw(80), extreme(case)):
        if np.isfinite(bounds(case.loss, y, p)[1]):
            p = np.clip(p, 1e-8, 1 - 1e-8)  # nearer to the edge, 1/p² is too steep for steps
        slope = lambda y_true, p: case.loss.gradient(y_true, p, validate=False)  # noqa: E731
        second = lambda y_true, p: case.loss.curvature(y_true, p, validate=False)  # noqa: E731
        report = lb.check_gradient(slope, y, p, gradient=second)
        assert report.ok, report
        assert report.kinks <= 4


@AVERAGE
def test_float32_gradient_is_as_good_as_float32_can_be(case):
    y, p = case.draw(50)
    p32 = p.astype(np.float32)
    true = y if y.dtype.kind == "i" else y.astype(np.float32)
    wide = case.loss.gradient(np.asarray(true, dtype=y.dtype), p32.astype(float), validate=False)
    got = case.loss.gradient(true, p32)
    typical = np.abs(wide).max()
    np.testing.assert_allclose(got, wide, rtol=3e-4, atol=3e-6 * typical)


@EACH
def test_infinite_predictions_give_a_limit_and_never_nan(case):
    y, p = case.draw(40)
    low, high = bounds(case.loss, y, p)
    if np.isfinite(high) or case.loss.prediction_space == "box":
        pytest.skip("no infinite predictions")
    signs = [1.0] if np.isfinite(low) else [1.0, -1.0, np.where(np.arange(40) % 3, 1.0, -1.0)]
    for sign in signs:
        far = p.copy()
        if p.ndim == 1:
            far[:] = np.inf * sign
        else:
            far[:, 1] = np.inf * sign
        for method in methods(case.loss):
            for part in parts(getattr(case.loss, method)(y, far)):
                assert not np.isnan(part).any(), (method, sign)


# Averages ---------------------------------------------------------------------------------------


def weights_for(case, p, rng):
    yield None
    yield rng.uniform(0, 2, len(p))
    if case.loss.elementwise and p.ndim == 2:
        yield rng.uniform(0, 2, p.shape)


def plain_average(losses, weight):
    if weight is None:
        return losses.mean()
    if weight.ndim < losses.ndim:
        weight = weight[:, None]
    weight = np.broadcast_to(weight, losses.shape)
    return (weight * losses).sum() / weight.sum()


def rows_per_block(p):
    return max(1, BLOCK // int(np.prod(p.shape[1:])))


def around_blocks(case):
    """Yield examples whose number lies around multiples of the block, one- and two-dimensional."""
    _, p = case.draw(2)
    rows = rows_per_block(p)
    for n in (1, rows - 1, rows, rows + 1, 2 * rows, 2 * rows + 3):
        yield case.draw(n, seed=n)
    if case.loss.elementwise:
        for shape in ((3 * BLOCK // 7 + 1, 7), (2, BLOCK + 5)):
            y, p = case.draw(shape[0] * shape[1], seed=7)
            yield y.reshape(shape), p.reshape(shape)


@AVERAGE
def test_cost_in_blocks_is_the_plain_average(case):
    rng = np.random.default_rng(3)
    for y, p in around_blocks(case):
        losses = case.loss.loss(y, p)
        for weight in weights_for(case, p, rng):
            expected = plain_average(losses, weight)
            cost = case.loss.cost(y, p, weight)
            assert isinstance(cost, float)
            assert cost == pytest.approx(expected, rel=1e-12, abs=1e-300)
            assert case.loss.cost_and_gradient(y, p, weight)[0] == pytest.approx(
                expected, rel=1e-12, abs=1e-300
            )


@AVERAGE
def test_cost_gradient_is_the_weighted_gradient(case):
    rng = np.random.default_rng(4)
    for y, p in around_blocks(case):
        gradient = case.loss.gradient(y, p)
        terms = p.size if case.loss.elementwise else len(p)
        for weight in weights_for(case, p, rng):
            if weight is None:
                share = np.full((), 1 / terms)
            else:
                share = weight if weight.ndim == p.ndim else weight[:, None]
                full = np.broadcast_to(share, p.shape if case.loss.elementwise else share.shape)
                share = share / full.sum()
            for got in (
                case.loss.cost_gradient(y, p, weight),
                case.loss.cost_and_gradient(y, p, weight)[1],
            ):
                assert got.shape == p.shape
                expected = gradient * share
                tiny = 1e-16 * np.abs(expected).max()
                np.testing.assert_allclose(got, expected, rtol=1e-11, atol=tiny)


@EACH
def test_order_of_examples_does_not_matter(case):
    y, p = case.draw(200)
    order = np.random.default_rng(5).permutation(200)
    cost, gradient = case.loss.cost_and_gradient(y, p)
    again, shuffled = case.loss.cost_and_gradient(y[order], p[order])
    assert again == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(shuffled, gradient[order], rtol=1e-9, atol=1e-15)


@AVERAGE
def test_weights_can_be_scaled(case):
    y, p = case.draw(100)
    w = np.random.default_rng(6).uniform(0, 1, 100)
    for factor in (1e-200, 0.5, 3.0, 1e200):
        scaled = case.loss.cost_and_gradient(y, p, factor * w)
        assert_same(scaled, case.loss.cost_and_gradient(y, p, w), rtol=1e-12, atol=1e-300)
    equal = case.loss.cost_and_gradient(y, p, np.full(100, 0.1))
    assert_same(equal, case.loss.cost_and_gradient(y, p), rtol=1e-12, atol=1e-300)


@AVERAGE
def test_a_whole_weight_repeats_an_example(case):
    y, p = case.draw(6)
    w = np.array([1, 3, 2, 1, 0, 1])
    repeated = case.loss.cost(np.repeat(y, w, axis=0), np.repeat(p, w, axis=0))
    assert case.loss.cost(y, p, w) == pytest.approx(repeated, rel=1e-12)


@AVERAGE
def test_weight_zero_is_an_example_left_out(case):
    y, p = case.draw(40)
    w = np.random.default_rng(7).uniform(1, 2, 40)
    w[::4] = 0
    p = p.copy()
    high = bounds(case.loss, y, p)[1]
    if np.isinf(high) and case.loss.prediction_space != "box":
        p[::4] = np.inf  # the loss there may be infinite, or its slope
    elif p.ndim == 1 and np.isfinite(high):
        p[::4] = 1 - np.round(y[::4])
    elif np.isfinite(high):
        p[::4] = np.eye(p.shape[1])[0]
    keep = w > 0
    cost, gradient = case.loss.cost_and_gradient(y, p, w)
    assert cost == pytest.approx(case.loss.cost(y[keep], p[keep], w[keep]), rel=1e-12)
    assert case.loss.cost(y, p, w) == pytest.approx(cost, rel=1e-13)
    assert (gradient[~keep] == 0).all()
    expected = case.loss.cost_gradient(y[keep], p[keep], w[keep])
    np.testing.assert_allclose(gradient[keep], expected, rtol=1e-12)


# Types and purity -------------------------------------------------------------------------------


@EACH
def test_float32_stays_float32(case):
    y, p = case.draw(20)
    for labels in (y, y.astype(np.float32) if y.dtype.kind == "f" else y.astype(np.int32)):
        for name in methods(case.loss):
            for part in parts(getattr(case.loss, name)(labels, p.astype(np.float32))):
                if np.ndim(part):
                    assert part.dtype == np.float32, name


@EACH
def test_integers_become_float64_and_lists_work(case):
    y, p = case.draw(20)
    for name in methods(case.loss):
        expected = getattr(case.loss, name)(y, p)
        assert_same(getattr(case.loss, name)(y.tolist(), p.tolist()), expected, rtol=1e-15)
    low, high = bounds(case.loss, y, p)
    if case.loss.prediction_space == "box" or (np.isfinite(high) and p.ndim == 2):
        return  # whole numbers are no examples of these
    whole = np.clip(np.round(p), max(low, -5), min(high, 5)).astype(int)
    for name in methods(case.loss):
        result = getattr(case.loss, name)(y, whole)
        assert_same(result, getattr(case.loss, name)(y, whole.astype(float)))
        assert all(np.asarray(part).dtype == np.float64 for part in parts(result))


@EACH
@pytest.mark.parametrize("name", ["plain", "read-only", "every other", "backwards", "by column"])
def test_layout_does_not_matter_and_inputs_stay(case, name):
    y, p = case.draw(30)
    layout = {
        "plain": lambda a: a.copy(),
        "read-only": lambda a: a.copy(),
        "every other": lambda a: np.repeat(a, 2, axis=0)[::2],
        "backwards": lambda a: a[::-1].copy()[::-1],
        "by column": lambda a: np.asfortranarray(a),
    }[name]
    true, pred, weight = layout(y), layout(p), layout(np.linspace(0.1, 1, 30))
    if name == "read-only":
        for array in (true, pred, weight):
            array.flags.writeable = False
    for method in methods(case.loss):
        expected = getattr(case.loss, method)(y.copy(), p.copy())
        assert_same(getattr(case.loss, method)(true, pred), expected, rtol=1e-13, atol=1e-300)
    if isinstance(case.loss, lb.Loss):
        case.loss.cost_and_gradient(true, pred, weight)
    np.testing.assert_array_equal(true, y)
    np.testing.assert_array_equal(pred, p)
    np.testing.assert_array_equal(weight, np.linspace(0.1, 1, 30))


@EACH
def test_results_are_new_arrays(case):
    y, p = case.draw(30)
    for method in methods(case.loss):
        for part in parts(getattr(case.loss, method)(y, p)):
            assert not np.shares_memory(part, p)
            assert not np.shares_memory(part, y)


@AVERAGE
def test_one_example_is_as_good_as_many(case):
    y, p = case.draw(9)
    losses, gradient = case.loss.loss(y, p), case.loss.gradient(y, p)
    for i in range(9):
        assert case.loss.cost(y[i : i + 1], p[i : i + 1]) == pytest.approx(losses[i], rel=1e-13)
        if case.loss.elementwise:
            assert case.loss.loss(y[i], p[i]) == pytest.approx(losses[i], rel=1e-13)
            assert case.loss.gradient(y[i], p[i]) == pytest.approx(gradient[i], rel=1e-13)


# Bad input --------------------------------------------------------------------------------------


def refuses(loss, y, p, *, match, names=None, **keywords):
    for name in names or methods(loss):
        with pytest.raises(ValueError, match=match + r".*expected"):
            getattr(loss, name)(y, p, **keywords)


def spoil(array, index, value):
    array = array.astype(float)
    array[index] = value
    return array


PLACES = [3, BLOCK + 7]  # the second lies in the second block, or later


@EACH
@pytest.mark.parametrize("place", PLACES)
def test_nan_is_refused(case, place):
    y, p = case.draw(place + 9)
    if isinstance(case.loss, lb.SetLoss) and place > BLOCK:
        pytest.skip("a set has no blocks")
    refuses(case.loss, spoil(y, place, np.nan), p, match=rf"y_true\[{place}[],].* nan")
    refuses(case.loss, y, spoil(p, place, np.nan), match=rf"y_pred\[{place}[],].* nan")


@EACH
@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
def test_infinite_labels_are_refused(case, infinity):
    y, p = case.draw(BLOCK + 9 if isinstance(case.loss, lb.Loss) else 50)
    place = len(p) - 2
    match = rf"y_true\[{place}[],].* {infinity}"
    refuses(case.loss, spoil(y, place, infinity), p, match=match)


def outside(domain):
    """Return values that a domain does not contain."""
    if isinstance(domain, Either):
        return [2.0, 0.5, -3.0]
    if isinstance(domain, ClassIndex):
        return [domain.n_classes, -1.0, 0.5]
    if isinstance(domain, Distribution):
        return [1.5, -0.25]
    assert isinstance(domain, Interval)
    ends = [domain.low - 0.25] if np.isfinite(domain.low) else []
    ends += [domain.low] if np.isfinite(domain.low) and domain.open_low else []
    return ends + ([domain.high + 0.25] if np.isfinite(domain.high) else [])


def domains(case, y, p):
    if isinstance(case.loss, lb.SetLoss):
        return case.loss.label_domain, case.loss.prediction_domain
    return case.loss.domains(y, p)


@EACH
@pytest.mark.parametrize("place", PLACES)
def test_values_outside_the_domain_are_refused(case, place):
    if isinstance(case.loss, lb.SetLoss) and place > BLOCK:
        pytest.skip("a set has no blocks")
    y, p = case.draw(place + 5)
    if case.loss.prediction_space == "box":
        crossed = p.copy()
        crossed[place] = crossed[place][[2, 1, 0, 3]]
        refuses(case.loss, y, crossed, match=rf"y_pred\[{place}")
        crossed = y.copy()
        crossed[place] = crossed[place][[0, 3, 2, 1]]
        refuses(case.loss, crossed, p, match=rf"y_true\[{place}")
        return
    labels, predictions = domains(case, y, p)
    for value in outside(labels):
        refuses(case.loss, spoil(y, place, value), p, match=rf"y_true\[{place}[],]")
    for value in outside(predictions):
        refuses(case.loss, y, spoil(p, place, value), match=rf"y_pred\[{place}[],]")


@EACH
def test_rows_that_do_not_sum_to_one_are_refused(case):
    y, p = case.draw(20)
    for argument, domain in zip(("y_true", "y_pred"), domains(case, y, p), strict=True):
        if isinstance(domain, Distribution):
            arrays = {"y_true": y, "y_pred": p}
            arrays[argument] = spoil(arrays[argument], 7, 0.9 * arrays[argument][7])
            refuses(case.loss, *arrays.values(), match=rf"{argument}\[7\] sums to 0\.(9|89999)")


@EACH
def test_empty_is_refused(case):
    y, p = case.draw(5)
    refuses(case.loss, y[:0], p[:0], match=r"y_(true|pred) is empty")
    refuses(case.loss, [], [], match=r"y_(true|pred) is empty")


@EACH
def test_shapes_that_do_not_fit_are_refused(case):
    y, p = case.draw(6)
    both = r"y_true has shape \(.*\) and y_pred has shape \("
    refuses(case.loss, y[:5], p, match=both)
    refuses(case.loss, y, p[:5], match=both)
    refuses(case.loss, y[:5], p, match=both, validate=False)
    if p.ndim == 1:
        refuses(case.loss, y, p[:, None], match=both)
        refuses(case.loss, y[:, None], p, match=both)
    else:
        refuses(case.loss, y, p[:, :, None], match=both)
        refuses(case.loss, y, p[:, 0], match=both) if y.ndim == 2 else None


@AVERAGE
@pytest.mark.parametrize(
    ("weight", "match"),
    [
        ([1, 1, -0.5, 1], r"sample_weight\[2\] is -0.5"),
        ([1, np.nan, 1, 1], r"sample_weight\[1\] is nan"),
        ([0, 0, 0, 0], "sample_weight sums to 0"),
        ([1, np.inf, 1, 1], "sample_weight sums to inf"),
        ([1, 1, 1], r"sample_weight has shape \(3,\)"),
        ([[1], [1], [1], [1]], r"sample_weight has shape \(4, 1\)"),
        (1.0, r"sample_weight has shape \(\)"),
        ([], "sample_weight is empty"),
    ],
)
def test_bad_weights_are_refused(case, weight, match):
    y, p = case.draw(4)
    names = ["cost", "cost_gradient", "cost_and_gradient"]
    refuses(case.loss, y, p, match=match, names=names, sample_weight=weight)


@EACH
def test_values_can_go_unchecked(case):
    y, p = case.draw(20)
    for method in methods(case.loss):
        result = getattr(case.loss, method)(y, spoil(p, 4, np.nan), validate=False)
        if method == "loss":
            assert np.isnan(result[4]) or isinstance(case.loss, lb.ZeroOne)
            assert np.isfinite(np.delete(result, 4)).all()


@pytest.mark.parametrize("name", LOSSES)
def test_parameters_out_of_range_are_refused(name):
    fields = getattr(getattr(lb, name), "__dataclass_fields__", {})
    for field in fields.values():
        if field.type == "bool":
            continue
        for value in (np.nan, {"Tweedie": 0.5, "Barron": np.inf}.get(name, -1e9)):
            with pytest.raises(ValueError, match=rf"{field.name} is .*: expected"):
                getattr(lb, name)(**{field.name: value})


# Memory, laziness, completeness -----------------------------------------------------------------


def peak(function) -> int:
    """Return the largest number of bytes that were allocated while `function` ran."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


MIB = 2**20
SORTS = tuple(getattr(lb, name) for name in ("Lovasz",) if hasattr(lb, name))


@AVERAGE
def test_extra_memory_is_small(case):
    columns = case.draw(1)[1].size
    y, p = case.draw(200_000 // columns)  # 1.5 MiB: a whole-array temporary would be seen
    case.loss.cost_and_gradient(y[:9], p[:9])  # what is allocated once, at first use
    assert peak(lambda: case.loss.cost(y, p)) < MIB
    assert peak(lambda: case.loss.cost_and_gradient(y, p)) < p.nbytes + MIB
    w = np.ones(len(p))
    assert peak(lambda: case.loss.cost(y, p, w)) < MIB
    assert peak(lambda: case.loss.cost_and_gradient(y, p, w)) < p.nbytes + MIB


@AVERAGE
def test_block_is_a_whole_number_near_the_usual_one(case):
    assert isinstance(case.loss.block, int)
    assert BLOCK / 4 <= case.loss.block <= 2 * BLOCK


def test_extra_memory_at_ten_million():
    y = np.tile(np.array([0.0, 1.0]), 5_000_000)
    p = np.linspace(-5, 5, 10_000_000)
    lb.SquaredError().cost_and_gradient(y[:9], p[:9])
    for loss in (lb.SquaredError(), lb.BinaryCrossEntropyWithLogits()):
        assert peak(lambda loss=loss: loss.cost(y, p)) < MIB
        assert peak(lambda loss=loss: loss.cost_and_gradient(y, p)) < p.nbytes + MIB
    rows = p.reshape(-1, 10)
    loss, labels = lb.SoftmaxCrossEntropy(), np.zeros(1_000_000, int)
    assert peak(lambda: loss.cost(labels, rows)) < MIB
    assert peak(lambda: loss.cost_and_gradient(labels, rows)) < p.nbytes + MIB


@EACH
def test_a_lazy_array_goes_through_lazily(case):
    dask = pytest.importorskip("dask.array")
    y, p = case.draw(60)
    true = dask.from_array(y, chunks=(30, *y.shape[1:]))
    pred = dask.from_array(p, chunks=(30, *p.shape[1:]))
    if isinstance(case.loss, lb.SetLoss):
        if isinstance(case.loss, SORTS):
            with pytest.raises(TypeError, match="lazy"):
                case.loss.cost(true, pred)
            return
        cost, gradient = case.loss.cost_and_gradient(true, pred)
        assert_same((float(cost), np.asarray(gradient)), case.loss.cost_and_gradient(y, p))
        return
    w = np.linspace(0, 1, 60)
    each = [name for name in methods(case.loss) if not name.startswith("cost")]
    calls = [(name, ()) for name in [*each, "cost", "cost_and_gradient"]]
    calls += [("cost", (w,)), ("cost_gradient", (dask.from_array(w, chunks=30),))]
    for name, extra in calls:
        lazy = getattr(case.loss, name)(true, pred, *extra)
        assert all(isinstance(part, dask.Array) for part in parts(lazy)), name
        eager = getattr(case.loss, name)(y, p, *(np.asarray(e) for e in extra))
        computed = dask.compute(*parts(lazy), scheduler="synchronous")
        assert_same(computed, parts(eager), rtol=1e-12, atol=1e-15)
    assert isinstance(case.loss.loss(true, p), dask.Array)
    assert isinstance(case.loss.loss(y, pred), dask.Array)


def test_every_exported_loss_has_a_case():
    cases = {type(case.loss).__name__ for case in CASES}
    assert set(LOSSES) <= cases, f"without a case: {sorted(set(LOSSES) - cases)}"


SNIPPET = """
import sys, time
import numpy
before = set(sys.modules)
start = time.process_time()
import lossbook
seconds = time.process_time() - start
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(seconds, *sorted(names - set(sys.stdlib_module_names) - {"numpy", "lossbook"}))
"""


def test_import_is_quick_and_needs_numpy_alone(tmp_path):
    settings = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    seconds = []
    for _ in range(6):
        run = [sys.executable, "-c", SNIPPET]
        done = subprocess.run(run, capture_output=True, text=True, check=True, env=settings)
        words = done.stdout.split()
        assert words[1:] == []
        seconds.append(float(words[0]))
    assert np.median(seconds[1:]) < 0.1  # the first run compiles


PUBLIC = sorted(name for name in vars(lb) if not name.startswith("_") and name[0].isalpha())
DOCUMENTED = [name for name in PUBLIC if not inspect.ismodule(getattr(lb, name))]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_docstring(name):
    thing = getattr(lb, name)
    text = inspect.getdoc(thing)
    assert text, "no docstring"
    summary = text.partition("\n")[0]
    assert summary.endswith("."), summary
    assert len(summary) <= 92
    assert "\nExamples\n--------\n" in text, "no example"
    assert ">>> " in text
    if name in LOSSES:
        assert "(chapter" in summary, summary
        assert "\nReferences\n----------\n" in text
    public = vars(thing) if inspect.isclass(thing) else {}
    for method, value in public.items():
        if not method.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property)
        ):
            assert inspect.getdoc(value), f"{name}.{method} has no docstring"


SETTINGS = [
    (name, field.name)
    for name in LOSSES
    for field in dataclasses.fields(getattr(lb, name))
    if type(field.default) is float
]


@pytest.mark.parametrize("value", ["two", None, [1.0], 1j])
@pytest.mark.parametrize(("loss", "setting"), SETTINGS)
def test_parameter_that_is_no_number_is_named(loss, setting, value):
    with pytest.raises(ValueError, match=rf"^{setting} is .*: expected a .*number"):
        getattr(lb, loss)(**{setting: value})
