"""The table of comparisons with other libraries, and the page that is written from it.

The comparisons themselves need those libraries: `make test-peers`.
"""

import pytest
from peers.compare import comparisons
from peers.inputs import DOMAINS
from peers.libraries import LIBRARIES, has_gradient
from peers.page import PAGE, render
from peers.table import ROWS

import lossbook as lb


def test_page_is_that_of_the_table():
    assert PAGE.read_text(encoding="utf-8") == render(), "run `make test-peers`"


def test_table_makes_more_than_300_comparisons():
    assert len(comparisons(ROWS)) > 300


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row_is_sound(row):
    assert row.peer in LIBRARIES
    assert "|" not in row.call + row.conversion + row.note  # it would end a cell of the page
    compile(row.call, "<call>", "eval")
    compile(row.conversion, "<conversion>", "eval")
    for difference in row.differences:
        assert set(difference.inputs) <= set(DOMAINS[row.domain])
        assert has_gradient(row) or difference.parts == ("value",)
        assert difference.reference.startswith("https://")
        assert difference.why.endswith(".")


@pytest.mark.parametrize("domain", DOMAINS)
def test_inputs_are_valid_and_the_same_each_time(domain):
    losses = [row.loss for row in ROWS if row.domain == domain]
    assert losses, "no row uses this domain"
    for inputs in DOMAINS[domain].values():
        y, p = inputs.draw(losses[0])
        again = inputs.draw(losses[0])
        assert (y == again[0]).all()
        assert (p == again[1]).all()
        cost = losses[0].cost(y, p)  # raises for labels or predictions outside the domain
        assert not isinstance(losses[0], lb.SetLoss) or 0 <= cost <= 1
