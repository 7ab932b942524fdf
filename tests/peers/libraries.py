"""How to evaluate a call of each peer, and how it differentiates.

No peer is imported before a test needs it: the table can be read without them.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

import numpy as np


@dataclass(frozen=True)
class Library:
    """A peer: its name on the page, the packages whose versions count, and what its calls see."""

    name: str
    packages: tuple[str, ...]
    home: str
    engine: str  # which of the functions below evaluates a call
    imports: str  # what a reader has to import; executed as it stands
    relative: float = 0  # tolerances of the comparison, where float64 cannot be expected
    absolute: float = 0


LIBRARIES = {
    library.name: library
    for library in (
        Library(
            "PyTorch",
            ("torch",),
            "https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions",
            "torch",
            "import torch\nimport torch.nn.functional as F",
        ),
        Library(
            "torchvision",
            (),
            "https://docs.pytorch.org/vision/stable/ops.html#losses",
            "torch",
            "import torch\nfrom peers import torchvision_formulas as ops",
        ),
        Library(
            "Keras",
            ("keras",),
            "https://keras.io/api/losses/",
            "torch",
            "import keras",
            relative=1e-6,
            absolute=1e-8,
        ),
        Library(
            "optax",
            ("optax", "jax"),
            "https://optax.readthedocs.io/en/latest/api/losses.html",
            "jax",
            "import jax, optax\nimport jax.numpy as jnp",
        ),
        Library(
            "scikit-learn",
            ("scikit-learn",),
            "https://scikit-learn.org/stable/modules/model_evaluation.html",
            "numpy",
            "import numpy as np\nfrom sklearn import _loss, metrics\n"
            "from sklearn._loss.loss import ExponentialLoss\n"
            "from sklearn.linear_model import _sgd_fast",
        ),
        Library(
            "SciPy",
            ("scipy",),
            "https://docs.scipy.org/doc/scipy/reference/special.html",
            "numpy",
            "import numpy as np\nfrom scipy import optimize, spatial, special, stats",
        ),
        Library(
            "statsmodels",
            ("statsmodels",),
            "https://www.statsmodels.org/stable/rlm.html#norms",
            "numpy",
            "import numpy as np\nimport statsmodels.api as sm\nfrom scipy import special\n"
            "from statsmodels.robust import norms",
        ),
    )
}


@cache
def names(peer: str) -> dict[str, object]:
    """Return what a call of this peer may use."""
    os.environ["KERAS_BACKEND"] = "torch"  # its JAX backend computes in float32
    space: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if LIBRARIES[peer].engine == "jax":
            import jax

            jax.config.update("jax_enable_x64", True)
        exec(LIBRARIES[peer].imports, space)
    return space


@cache
def compiled(expression: str):
    return compile(expression, "<table>", "eval")


def evaluate(expression: str, peer: str, **arguments: object) -> object:
    return eval(compiled(expression), names(peer) | arguments)


def value(row, y, p, w) -> np.ndarray:
    """Return what the peer's call gives, converted to our conventions."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return np.asarray(ENGINES[LIBRARIES[row.peer].engine].value(row, y, p, w))


def gradient(row, y, p, w) -> np.ndarray:
    """Return the peer's gradient by the predictions, converted to our conventions."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return np.asarray(ENGINES[LIBRARIES[row.peer].engine].gradient(row, y, p, w))


def has_gradient(row) -> bool:
    return bool(row.gradient) or LIBRARIES[row.peer].engine != "numpy"


def _converted(row, y, p, w):
    theirs = evaluate(row.call, row.peer, y=y, p=p, w=w)
    return evaluate(row.conversion, row.peer, theirs=theirs, y=y, p=p, w=w)


def _torch_value(row, y, p, w):
    import torch

    return _converted(row, torch.tensor(y), torch.tensor(p), torch.tensor(w)).numpy()


def _torch_gradient(row, y, p, w):
    import torch

    p = torch.tensor(p, requires_grad=True)
    result = _converted(row, torch.tensor(y), p, torch.tensor(w))
    return torch.autograd.grad(result.sum(), p)[0].numpy()


def _jax_value(row, y, p, w):
    import jax.numpy as jnp

    names(row.peer)
    return _converted(row, jnp.asarray(y), jnp.asarray(p), jnp.asarray(w))


def _jax_gradient(row, y, p, w):
    names(row.peer)
    import jax
    import jax.numpy as jnp

    y, w = jnp.asarray(y), jnp.asarray(w)
    return jax.grad(lambda p: _converted(row, y, p, w).sum())(jnp.asarray(p))


def _numpy_gradient(row, y, p, w):
    return evaluate(row.gradient, row.peer, y=y, p=p, w=w)


ENGINES = {
    "torch": SimpleNamespace(value=_torch_value, gradient=_torch_gradient),
    "jax": SimpleNamespace(value=_jax_value, gradient=_jax_gradient),
    "numpy": SimpleNamespace(value=_converted, gradient=_numpy_gradient),
}
