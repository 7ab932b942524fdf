"""How nbval compares a fresh run of a notebook with the outputs stored in it."""

import pytest


def pytest_collectstart(collector):
    """Leave pictures out: they are not stored. Their text, which describes them, is compared."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)


def pytest_runtest_setup(item):
    """Refuse a cell stored without having been run: nbval would compare nothing and pass."""
    cell = getattr(item, "cell", None)
    if cell is not None and cell.source.strip() and cell.execution_count is None:
        pytest.fail("this cell is stored without outputs: run `make notebooks`", pytrace=False)
