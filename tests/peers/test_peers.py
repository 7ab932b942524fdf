"""Our losses and gradients against other libraries; `table.py` says which, and what differs."""

from importlib.metadata import version

import numpy as np
import pytest

from peers import libraries
from peers.compare import comparisons
from peers.page import pinned
from peers.table import ROWS

COMPARISONS = comparisons(ROWS)


@pytest.mark.parametrize("comparison", COMPARISONS, ids=str)
def test_peer(comparison):
    results = comparison.results()
    listed = comparison.difference
    shown = f"\nours   {results.ours}\ntheirs {results.theirs}"
    if listed is None:
        assert results.agree(), f"{comparison} differs by {results.error():.2g}{shown}"
    else:
        assert not results.agree(), f"{comparison} agrees now: remove the difference from the table"
        assert results.differ_as(listed), f"{comparison} is not as listed: {listed.why}{shown}"


def test_installed_versions_are_those_of_the_page():
    installed = {name: version(name).split("+")[0] for name in pinned()}
    assert installed == pinned()


def test_keras_still_averages_in_single_precision():
    """Why its comparisons are less strict than the others'."""
    keras = libraries.names("Keras")["keras"]
    import torch

    third = torch.full((1, 1), 1 / 3, dtype=torch.float64)
    square = float(keras.losses.mean_squared_error(0 * third, third)[0])
    assert 1e-10 < abs(square - 1 / 9) * 9 < 1e-7


def test_differences_are_asserted_on_results_that_exist():
    listed = sum(c.difference is not None for c in COMPARISONS)
    stated = sum(len(d.inputs) * len(d.parts) for row in ROWS for d in row.differences)
    assert listed == stated, "a difference names an input set or a gradient that is not compared"


def test_tolerances_can_fail():
    comparison = next(c for c in COMPARISONS if c.difference is None)
    results = comparison.results()
    assert results.agree()
    assert not results.agree(results.ours * (1 + 1e-6) + 1e-6)
    assert not results.agree(np.full_like(results.ours, np.nan))
