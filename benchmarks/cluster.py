"""Measure cost, gradient and fit on a Dask cluster, for the book's page *Beyond one machine*.

    python benchmarks/cluster.py                  # 2e7, 2e8 and 2e9 bytes: writes cluster.json
    python benchmarks/cluster.py --bytes 2e9 --repeat 1 --store result.json    # one size alone

Two workers on this machine, of one thread and 512 MiB each; Dask stops a worker that takes more.
The data are random numbers, drawn chunk by chunk wherever a chunk is needed and forgotten after
it: each pass draws them again. Peak memory is what Linux counts, so this runs on Linux alone.
"""

import argparse
import json
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import dask
import dask.array as da
import numpy as np
from machine import processor

import lossbook as lb

HERE = Path(__file__).parent
WORKERS = 2
MEMORY = 512 * 2**20
FEATURES = 24
ROW = 8 * (FEATURES + 1)  # bytes of an example: its features and its label
CHUNK = 50_000  # examples: 1e7 bytes
SUBSAMPLE = 2 * CHUNK
STEPS = 3
MODEL = lb.Linear(FEATURES)
LOSS = lb.Huber()
TRUE = np.linspace(-1, 1, MODEL.n_parameters)


def draw(n, chunk=CHUNK):
    """Return n examples of a line with noise, lazily; the first are the same for every n.

    Dask gives each chunk a seed of its own, the next child of the generator's.
    """
    X = da.random.default_rng(1).normal(size=(n, FEATURES), chunks=(chunk, FEATURES))
    noise = da.random.default_rng(2).standard_t(3, size=n, chunks=chunk)
    return X, MODEL.predict(X, TRUE) + noise


def one_pass(X, y, parameters):
    """Return the cost and its gradient by the parameters; not computed yet for lazy data."""
    cost, slopes = LOSS.cost_and_gradient(y, MODEL.predict(X, parameters))
    return cost, MODEL.parameter_gradient(X, slopes, parameters)


def chunk_by_chunk(X, y, parameters):
    """Return the same by NumPy alone: one chunk after another, in this process."""
    total = 0
    for i in range(X.numblocks[0]):
        block = dask.compute(X.blocks[i], y.blocks[i], scheduler="synchronous")
        total = total + len(block[1]) / len(y) * np.hstack(one_pass(*block, parameters))
    return total


def difference(found, expected):
    """Return the largest difference, relative to the largest number expected."""
    return float(np.abs(np.subtract(found, expected)).max() / np.abs(expected).max())


def peak_memory():
    """Return the most bytes that this process has ever had in memory."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def spilled(dask_worker):
    """Return the bytes that a worker has moved to its disk, for want of memory."""
    return sum(dask_worker.data.spilled_total)


def measure(size, repeat):
    """Measure a size in bytes on a new cluster."""
    from distributed import Client, LocalCluster

    n = int(size) // ROW
    X, y = draw(n)
    start = MODEL.initial()
    with (
        LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            memory_limit=MEMORY,
            dashboard_address=":0",
        ) as cluster,
        Client(cluster) as client,
    ):
        workers = set(client.run(os.getpid).values())
        row = {"bytes": X.nbytes + y.nbytes, "examples": n, "chunks": X.numblocks[0]}
        row["idle"] = max(client.run(peak_memory).values())
        times, busy = [], []
        for _ in range(repeat):
            worked = sum(client.run(time.process_time).values())
            began = time.perf_counter()
            whole = np.hstack(dask.compute(*one_pass(X, y, start)))
            times.append(time.perf_counter() - began)
            busy.append(sum(client.run(time.process_time).values()) - worked)
        row["pass_seconds"] = times
        row["pass_processor_seconds"] = busy  # of all workers; other programs do not add to it
        began = time.perf_counter()
        history = lb.fit(MODEL, LOSS, X, y, steps=STEPS)
        row["fit_seconds"] = time.perf_counter() - began
        row["cost"] = history.cost.tolist()
        row["peak"] = max(client.run(peak_memory).values())
        row["client_peak"] = peak_memory()
        row["spilled"] = sum(client.run(spilled).values())
        # a worker that took too much would have been stopped and replaced
        row["restarted"] = len(workers ^ set(client.run(os.getpid).values()))

        # the same on a part, against plain NumPy
        X_part, y_part = X[:SUBSAMPLE], y[:SUBSAMPLE]
        by_dask = np.hstack(dask.compute(*one_pass(X_part, y_part, start)))
        fit_by_dask = lb.fit(MODEL, LOSS, X_part, y_part, steps=STEPS)
        X_part, y_part = dask.compute(X_part, y_part)
    by_numpy = np.hstack(one_pass(X_part, y_part, start))
    fit_by_numpy = lb.fit(MODEL, LOSS, X_part, y_part, steps=STEPS)
    row["pass_difference"] = difference(by_dask, by_numpy)
    row["fit_difference"] = max(
        difference(fit_by_dask.parameters, fit_by_numpy.parameters),
        difference(fit_by_dask.cost, fit_by_numpy.cost),
    )
    row["whole_difference"] = difference(whole, chunk_by_chunk(X, y, start))
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bytes", type=float, nargs="+", default=[2e7, 2e8, 2e9])
    parser.add_argument("--repeat", type=int, default=3, help="passes to time, for each size")
    parser.add_argument("--store", type=Path, default=HERE / "cluster.json")
    options = parser.parse_args()
    rows = []
    # a process for each size: this one's own peak is measured too
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        for size in options.bytes:
            rows.append(processes.submit(measure, size, options.repeat).result())
            print(json.dumps(rows[-1]), flush=True)
    results = {
        "command": "python benchmarks/cluster.py",
        "processor": processor(),
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "dask", "distributed")},
        "workers": WORKERS,
        "memory_limit": MEMORY,
        "features": FEATURES,
        "chunk_examples": CHUNK,
        "chunk_bytes": CHUNK * ROW,
        "subsample": SUBSAMPLE,
        "steps": STEPS,
        "rows": rows,
    }
    options.store.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":  # each worker imports this file anew
    main()
