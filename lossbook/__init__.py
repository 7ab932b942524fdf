"""Loss functions, their gradients and what to know of them: the package behind the book.

Every formula, curve and number of the book comes from here. It needs NumPy alone.
"""

from lossbook.barron import Barron
from lossbook.base import Loss, MarginLoss, ResidualLoss, Traits
from lossbook.checks import (
    Grade,
    GradientReport,
    LossReport,
    check_gradient,
    check_loss,
    grade,
)
from lossbook.classification import (
    BinaryCrossEntropy,
    BinaryCrossEntropyWithLogits,
    Brier,
    CategoricalCrossEntropy,
    SoftmaxCrossEntropy,
    sigmoid,
    softplus,
)
from lossbook.counts import Gamma, NegativeBinomial, Poisson, SquaredLogError
from lossbook.datasets import (
    load_ames,
    load_bikes,
    load_boston_rooms,
    load_breast_cancer,
    load_coco_boxes,
    load_crabs,
    load_iris,
    load_stackloss,
    load_toy_detections,
    load_wine,
)
from lossbook.descent import History, fit, gradient_descent
from lossbook.detection import (
    CIoU,
    DIoU,
    GIoU,
    IoU,
    box_area,
    non_maximum_suppression,
    pairwise_giou,
    pairwise_iou,
)
from lossbook.detection_metrics import average_precision, coco_average_precision, match_boxes
from lossbook.divergence import (
    JensenShannon,
    KLDivergence,
    ReverseKLDivergence,
    entropy,
    gaussian_kl,
    gaussian_kl_gradient,
)
from lossbook.embedding import (
    Contrastive,
    InfoNCE,
    Triplet,
    cosine_similarities,
    cosine_similarities_gradient,
    embedding_distances,
    embedding_distances_gradient,
)
from lossbook.evaluation import (
    accuracy,
    best_threshold,
    calibration_curve,
    confusion_counts,
    expected_cost,
    f1,
    precision,
    precision_recall_curve,
    recall,
    roc_auc,
    roc_curve,
)
from lossbook.explorers import Explorer, explore
from lossbook.focal import Focal, SoftmaxFocal
from lossbook.labs import Lab, lab
from lossbook.margins import (
    Exponential,
    Hinge,
    MulticlassHinge,
    Perceptron,
    SquaredHinge,
    ZeroOne,
)
from lossbook.models import MLP, Linear
from lossbook.optimizers import Adagrad, Adam, GradientDescent, Momentum
from lossbook.penalties import L1, L2, ElasticNet
from lossbook.quantiles import EpsilonInsensitive, Quantile
from lossbook.regression import AbsoluteError, Huber, LogCosh, PseudoHuber, SmoothL1, SquaredError
from lossbook.robust import Cauchy, GemanMcClure, TukeyBiweight, Welsch
from lossbook.rows import one_hot, softmax
from lossbook.segmentation import Dice, Lovasz, Tversky
from lossbook.sets import SetLoss
from lossbook.tweedie import Tweedie
from lossbook.weighting import class_weights, smooth_labels, uncertainty_weighted

__version__ = "0.1.0"
