"""Measure speed and memory, and store what was measured for the book's page *Speed and memory*.

``python benchmarks/run.py`` (or ``make bench``) times every pair of `pairs.py` in fresh processes,
in random order, with one thread; then memory by tracemalloc, and how the time grows with the data.
Absolute times belong to one machine: the table has ratios, their medians and their ranges.
"""

import json
import os
import platform
import random
import subprocess
import sys
import time
import tracemalloc
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
from machine import processor
from pairs import CLASSES, OURS, SMALL
from tqdm import tqdm

import lossbook as lb

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PROCESSES = 5
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}

FITTED = [*CLASSES, "squared", "absolute", "Huber", "quantile", "BCE with logits"]
PAIRS = [
    *[(name, "NumPy") for name in OURS],
    *[(name, "torch") for name in OURS],
    *[(name, "sklearn._loss") for name in FITTED],
    *[("pairwise GIoU, 1000 x 1000", peer) for peer in ("NumPy", "torch")],
    *[(name, "sklearn.metrics") for name in SMALL],
]
# The ratios that were set as goals: at most this much of the peer's time.
GOALS = {
    "NumPy": {
        **dict.fromkeys(("squared", "absolute", "hinge", "KL"), 0.6),
        "Huber": 0.15,
        **dict.fromkeys(("quantile", "Tukey", "focal"), 0.3),
        **dict.fromkeys(("BCE with logits", "softmax cross-entropy, 10 classes"), 0.5),
    },
    "torch": {
        **dict.fromkeys(("squared", "absolute", "hinge"), 0.6),
        **dict.fromkeys(("quantile", "Tukey", "focal"), 0.25),
        "KL": 0.35,
        **dict.fromkeys(("Huber", "BCE with logits"), 0.9),
        "softmax cross-entropy, 10 classes": 0.45,
        "softmax cross-entropy, 1000 classes": 1.0,
        "pairwise GIoU, 1000 x 1000": 0.45,
    },
    "sklearn._loss": dict.fromkeys(FITTED, 1.0),
    "sklearn.metrics": {
        **dict.fromkeys(SMALL, 1 / 40),
        "mean squared error: bare NumPy": 1.5,
        "log loss, 10 classes": 1 / 10,
    },
}


def time_pairs() -> list[dict]:
    """Time each pair in PROCESSES fresh processes, all in one random order."""
    jobs = PAIRS * PROCESSES
    random.Random(0).shuffle(jobs)
    ratios: dict = {}
    for name, peer in tqdm(jobs, desc="pairs", unit="process"):
        command = [sys.executable, str(HERE / "pairs.py"), name, peer]
        done = subprocess.run(
            command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            sys.exit(f"error: {name} against {peer}: {done.stderr.strip().splitlines()[-1]}")
        ratios.setdefault((name, peer), []).append(float(done.stdout))
    rows = []
    for name, peer in PAIRS:
        measured = sorted(ratios[name, peer])
        rows.append(
            {
                "loss": name,
                "peer": peer,
                "median": float(np.median(measured)),
                "low": measured[0],
                "high": measured[-1],
                "goal": GOALS[peer].get(name),
            }
        )
    return rows


def measure_memory(n=10_000_000) -> list[dict]:
    """Measure what a cost, and a cost with its gradient, allocate beyond their inputs, in MiB."""
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=(2, n))
    labels = (y > 0).astype(float)
    rows = []
    for name in tqdm([k for k in OURS if k not in CLASSES and k != "KL"], desc="memory"):
        true = labels if name in ("BCE with logits", "focal", "hinge") else y
        row = {"loss": name}
        for what, call in (("cost", OURS[name].cost), ("both", OURS[name].cost_and_gradient)):
            tracemalloc.start()
            result = call(true, p)
            row[what] = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            del result
        row["both"] -= p.nbytes / 2**20  # the gradient itself
        rows.append(row)
    return rows


def measure_growth() -> list[dict]:
    """Time the cost of Huber's loss on 1e3 to 1e8 examples."""
    rows = []
    for exponent in tqdm(range(3, 9), desc="growth"):
        n = 10**exponent
        y, p = np.random.default_rng(0).normal(size=(2, n))
        times = []
        for _ in range(5):
            calls = max(1, 10**5 // n)
            start = time.perf_counter()
            for _ in range(calls):
                lb.Huber().cost(y, p)
            times.append((time.perf_counter() - start) / calls)
        rows.append({"n": n, "seconds": min(times)})
    return rows


def main():
    packages = ("numpy", "torch", "scikit-learn")
    results = {
        "command": "make bench",
        "processor": processor(),
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
        "pairs": time_pairs(),
        "memory": measure_memory(),
        "growth": measure_growth(),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    for row in results["pairs"]:
        missed = row["goal"] is not None and row["median"] > row["goal"]
        print(
            f"{row['loss']:36} {row['peer']:16} {row['median']:7.3f} "
            f"({row['low']:.3f} to {row['high']:.3f}) goal {row['goal'] or '–'}"
            + (" MISSED" if missed else "")
        )


if __name__ == "__main__":
    main()
