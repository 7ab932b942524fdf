"""How nbval compares a fresh run of a notebook with the outputs stored in it."""


def pytest_collectstart(collector):
    """Leave pictures out: they are not stored. Their text, which describes them, is compared."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
