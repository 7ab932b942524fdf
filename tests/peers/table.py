"""The table: everything that is compared with another library, and all that is known to differ."""

from peers import (
    keras_rows,
    optax_rows,
    scipy_rows,
    sklearn_rows,
    statsmodels_rows,
    torch_rows,
    torchvision_rows,
)

ROWS = (
    *torch_rows.ROWS,
    *torchvision_rows.ROWS,
    *keras_rows.ROWS,
    *optax_rows.ROWS,
    *sklearn_rows.ROWS,
    *scipy_rows.ROWS,
    *statsmodels_rows.ROWS,
)
