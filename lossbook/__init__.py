"""Loss functions, their gradients and what to know of them: the package behind the book.

Every formula, curve and number of the book comes from here. It needs NumPy alone.
"""

from lossbook.base import Loss, MarginLoss, ResidualLoss, SetLoss, Traits
from lossbook.classification import (
    BinaryCrossEntropy,
    BinaryCrossEntropyWithLogits,
    CategoricalCrossEntropy,
    Hinge,
    SoftmaxCrossEntropy,
    ZeroOne,
    one_hot,
    sigmoid,
    softmax,
)
from lossbook.penalties import L1, L2, ElasticNet
from lossbook.regression import AbsoluteError, Huber, Quantile, SquaredError

__version__ = "0.1.0"
