"""Arrays larger than memory: cost, gradient and fit over Dask's chunks, as the page shows them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lossbook as lb

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import cluster  # noqa: E402

N, CHUNK = 120, 30
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 3))
VALUES = X @ [1.0, -2.0, 0.5] + RNG.standard_t(3, N)
YES = (VALUES > 0).astype(float)
WEIGHT = RNG.uniform(0, 2, N)
LOSSES = [
    (lb.SquaredError(), VALUES),
    (lb.AbsoluteError(), VALUES),
    (lb.Huber(), VALUES),
    (lb.Quantile(0.9), VALUES),
    (lb.TukeyBiweight(), VALUES),
    (lb.Poisson(), np.floor(np.abs(VALUES))),
    (lb.BinaryCrossEntropyWithLogits(), YES),
    (lb.Focal(), YES),
    (lb.Hinge(), YES),
    (lb.SoftmaxCrossEntropy(), np.digitize(VALUES, [-1, 1])),
]
EACH = pytest.mark.parametrize(
    ("loss", "y"), LOSSES, ids=[type(loss).__name__ for loss, _ in LOSSES]
)


@pytest.fixture(autouse=True)
def _one_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


def lazy(array):
    return da.from_array(array, chunks=(CHUNK, *array.shape[1:]))


def model_for(loss):
    return lb.Linear(3, 3 if isinstance(loss, lb.SoftmaxCrossEntropy) else 1)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


@EACH
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
def test_cost_and_gradient_equal_numpy(loss, y, weight):
    model = model_for(loss)
    start = np.linspace(-1, 1, model.n_parameters)

    def both(X, y, weight):
        cost, slopes = loss.cost_and_gradient(y, model.predict(X, start), weight)
        return cost, model.parameter_gradient(X, slopes, start)

    promised = both(lazy(X), lazy(y), weight if weight is None else lazy(weight))
    assert all(isinstance(part, da.Array) for part in promised)
    for found, expected in zip(dask.compute(*promised), both(X, y, weight), strict=True):
        close(found, expected)


@EACH
def test_fit_equals_numpy(loss, y):
    model = model_for(loss)
    expected = lb.fit(model, loss, X, y, steps=5)
    for found in (
        lb.fit(model, loss, lazy(X), lazy(y), steps=5),
        lb.fit(model, loss, lazy(X), y, steps=5),
        lb.fit(model, loss, X, lazy(y), steps=5),
    ):
        assert type(found.parameters) is type(found.cost) is np.ndarray
        close(found.parameters, expected.parameters)
        close(found.cost, expected.cost)


def test_fit_takes_its_options_with_lazy_arrays():
    def run(wrap, model, **options):
        return lb.fit(
            model,
            lb.Huber(),
            wrap(X),
            wrap(VALUES),
            sample_weight=wrap(WEIGHT),
            penalty=lb.ElasticNet(0.1, 0.5),
            validation=(wrap(X), wrap(VALUES)),
            optimizer=lb.Adam(0.1),
            steps=4,
            **options,
        )

    linear, network = lb.Linear(3), lb.MLP(3, hidden=(4,))
    for model, options in (
        (linear, {}),
        (linear, {"batch_size": 50}),
        (linear, {"patience": 2}),
        (network, {}),
    ):
        expected, found = run(np.asarray, model, **options), run(lazy, model, **options)
        for part in ("parameters", "cost", "penalty", "validation_cost"):
            close(getattr(found, part), getattr(expected, part))


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_a_step_is_one_pass_and_holds_no_more_than_chunks(scheduler):
    made, largest = [], []

    def chunk(block_info=None):
        made.append(block_info[None]["chunk-location"][0])
        return np.ones(block_info[None]["chunk-shape"])

    class Watch(dask.callbacks.Callback):
        def _posttask(self, key, result, *_):
            largest.append(getattr(result, "nbytes", 0))

    data = da.map_blocks(chunk, chunks=((CHUNK,) * 4, (3,)), dtype=float, meta=np.empty((0, 0)))
    with dask.config.set(scheduler=scheduler), Watch():
        history = lb.fit(lb.Linear(3), lb.Huber(), data, data.sum(axis=1), steps=5)
    assert history.cost[-1] < history.cost[0]
    assert sorted(made) == sorted(list(range(4)) * 6)  # 5 steps, and the cost of the last
    assert max(largest) == CHUNK * 3 * 8


@pytest.mark.parametrize("loss", [lb.Dice(), lb.Tversky(), lb.Lovasz()], ids=str)
def test_a_set_loss_says_that_it_cannot(loss):
    for inputs, labels in ((lazy(X), lazy(YES)), (lazy(X), YES), (X, lazy(YES))):
        with pytest.raises(TypeError, match=rf"{type(loss).__name__} is a cost of the whole set"):
            lb.fit(lb.Linear(3), loss, inputs, labels)


def test_chunks_of_unknown_size_are_refused_with_what_helps():
    features, labels = lazy(X), lazy(VALUES)
    features, labels = features[labels > 0], labels[labels > 0]
    with pytest.raises(ValueError, match=r"X has chunks of unknown size.*compute_chunk_sizes"):
        lb.fit(lb.Linear(3), lb.Huber(), features, labels)
    for array in (features, labels):
        array.compute_chunk_sizes()
    found = lb.fit(lb.Linear(3), lb.Huber(), features, labels, steps=3)
    expected = lb.fit(lb.Linear(3), lb.Huber(), X[VALUES > 0], VALUES[VALUES > 0], steps=3)
    close(found.parameters, expected.parameters)


def test_wrong_shapes_are_refused_before_anything_is_computed():
    def never(block):
        raise AssertionError("computed")

    data = da.map_blocks(never, lazy(X), dtype=float, meta=np.empty((0, 0)))
    with pytest.raises(ValueError, match=r"expected \(n, 4\)"):
        lb.fit(lb.Linear(4), lb.Huber(), data, VALUES)
    with pytest.raises(ValueError, match="expected equal shapes"):
        lb.fit(lb.Linear(3), lb.Huber(), data, VALUES[:-1])


@EACH
def test_workers_need_no_lossbook(loss, y):
    cloudpickle = pytest.importorskip("cloudpickle")
    model = model_for(loss)
    cost, slopes = loss.cost_and_gradient(lazy(y), model.predict(lazy(X), model.initial()))
    for part in (cost, model.parameter_gradient(lazy(X), slopes, model.initial())):
        assert b"lossbook" not in cloudpickle.dumps(dict(part.__dask_graph__()))


def test_the_benchmark_draws_the_same_first_examples_for_every_size():
    few, many = cluster.draw(20, chunk=10), cluster.draw(60, chunk=10)
    for a, b in zip(few, many, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        np.testing.assert_array_equal(a, b[:20])
        assert len(np.unique(b)) == b.size  # no chunk repeats another


def test_the_benchmark_walks_all_chunks():
    features, labels = cluster.draw(50, chunk=20)  # the last chunk is shorter
    parameters = np.linspace(0, 1, cluster.MODEL.n_parameters)
    cost, gradient = dask.compute(*cluster.one_pass(features, labels, parameters))
    close(cluster.chunk_by_chunk(features, labels, parameters), [cost, *gradient])


def check_row(row, limit):
    assert row["peak"] < limit
    assert row["spilled"] == row["restarted"] == 0
    assert row["fit_difference"] <= 1e-10
    assert row["pass_difference"] <= 1e-10
    assert row["whole_difference"] <= 1e-10


def test_stored_figures_keep_what_the_page_says():
    stored = json.loads((BENCHMARKS / "cluster.json").read_text("utf-8"))
    assert stored["memory_limit"] == 512 * 2**20
    assert [row["bytes"] for row in stored["rows"]] == [2e7, 2e8, 2e9]
    for row in stored["rows"]:
        check_row(row, stored["memory_limit"])
    # a straight line: ten times the work, but for the fixed part that shows in the first
    small, middle, large = (min(row["pass_processor_seconds"]) for row in stored["rows"])
    assert 8 < large / middle < 12
    assert 5 < middle / small < 12
    # and a few chunks more in memory, of the 200 that there are
    rise = stored["rows"][2]["peak"] - stored["rows"][0]["peak"]
    assert rise < 10 * stored["chunk_bytes"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory as Linux counts it")
def test_two_billion_bytes_on_two_workers_of_512_mib(tmp_path):
    pytest.importorskip("distributed")
    store = tmp_path / "cluster.json"
    options = ["--bytes", "2e9", "--repeat", "1", "--store", str(store)]
    subprocess.run(
        [sys.executable, str(BENCHMARKS / "cluster.py"), *options],
        check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        timeout=1800,
    )
    result = json.loads(store.read_text("utf-8"))
    (row,) = result["rows"]
    assert row["bytes"] == 2e9
    assert result["workers"] == 2
    check_row(row, 512 * 2**20)
