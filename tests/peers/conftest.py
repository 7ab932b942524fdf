"""These tests need libraries that `make test-peers` installs; `make test` runs without them."""

from importlib.util import find_spec

MISSING = [
    name
    for name in ("jax", "keras", "optax", "scipy", "sklearn", "statsmodels", "torch")
    if find_spec(name) is None
]
if MISSING:
    collect_ignore_glob = ["*.py"]


def pytest_report_header():
    if MISSING:
        return f"tests/peers left out for want of {', '.join(MISSING)}: run `make test-peers`"
    return None
