"""Small real data sets, shipped with the package, each with its source, licence and known faults.

>>> from lossbook.datasets import load_stackloss
>>> data = load_stackloss()
>>> data["stack_loss"][:3]
array([42, 37, 37])
>>> data.matrix("air_flow", "water_temp").shape
(21, 2)

Nothing is downloaded and nothing is read before a loader is called. Each file is read once.
The README beside the files says where each comes from and what was checked.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from lossbook.datasets.dataset import Dataset
from lossbook.datasets.sources import SOURCES

__all__ = [
    "CocoBoxes",
    "Dataset",
    "load_ames",
    "load_bikes",
    "load_boston_rooms",
    "load_breast_cancer",
    "load_coco_boxes",
    "load_crabs",
    "load_iris",
    "load_stackloss",
    "load_toy_detections",
    "load_wine",
]


def _column(cells: tuple[str, ...]) -> np.ndarray:
    """Turn the cells of one column into int64, float64 (a blank becomes nan) or text."""
    try:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    except ValueError:
        pass
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells, dtype=np.str_)


@cache
def _read(name: str) -> Dataset:
    import csv  # here, so that importing the package stays quick
    from importlib.resources import files

    entry = SOURCES[name]
    text = (files(__name__) / entry.file).read_text("utf-8")
    header, *rows = csv.reader(text.splitlines())
    columns = zip(*rows, strict=True)
    arrays = {column: _column(cells) for column, cells in zip(header, columns, strict=True)}
    return Dataset(name, arrays, entry.source, entry.licence, entry.description)


def load_ames() -> Dataset:
    """House sales in Ames, Iowa, 2006 to 2010: 2930 rows.

    The main housing data of the book (chapters 4 and 6).

    Returns
    -------
    Dataset
        ``order`` row number; ``gr_liv_area`` living area above ground, sq ft; ``overall_qual`` and
        ``overall_cond`` grades on a scale of 1 to 10; ``year_built``; ``total_bsmt_sf`` sq ft, one
        blank; ``lot_area`` sq ft; ``full_bath``, ``bedrooms`` and ``garage_cars`` counts, one
        blank in the last; ``neighborhood`` code; ``yr_sold``; ``sale_condition``; ``sale_price``
        US dollars.

    Notes
    -----
    Source: De Cock (2011), Journal of Statistics Education 19(3). Licence: the author states none
    for these public records; R packages redistribute them under MIT, GPL-2 and GPL-3.

    Five sales exceed 4000 sq ft. Three of them are partial sales at a small part of the price to
    be expected: true outliers, and the reason for robust losses.

    Examples
    --------
    >>> data = load_ames()
    >>> len(data), int(data["sale_price"].max())
    (2930, 755000)
    >>> data["order"][data["gr_liv_area"] > 4000]
    array([1499, 1761, 1768, 2181, 2182])
    """
    return _read("ames")


def load_boston_rooms() -> Dataset:
    """Rooms and house values in 506 census tracts of Boston, 1970; read the warning.

    For readers who follow older texts, in one labelled box (chapter 3).

    Returns
    -------
    Dataset
        ``rm`` average number of rooms per dwelling; ``medv`` median value of owner-occupied
        homes, in 1000 US dollars of 1970.

    Warnings
    --------
    The full data set holds a variable B, a parabola in the Black share of a town's population. It
    rests on an assumption about segregation and prices that was never shown, and scikit-learn
    withdrew the set in version 1.2 for that reason. Only two columns are shipped, which does not
    clean them of the rest. Draw no conclusion about housing from them; prefer `load_ames`.

    Notes
    -----
    Source: Harrison & Rubinfeld (1978). Licence: the authors state none; others redistribute the
    set as CC0. ``medv`` is censored at 50.0 in 16 tracts, and eight values are known to be wrong
    (Gilley & Pace, 1996); both are kept, so that published fits can be repeated.

    Examples
    --------
    >>> data = load_boston_rooms()
    >>> data
    Dataset boston_rooms: 506 rows, 2 columns
      rm    float64  3.561 to 8.78
      medv  float64  5 to 50
    >>> int((data["medv"] == 50).sum())
    16
    """
    return _read("boston_rooms")


def load_breast_cancer() -> Dataset:
    """Malignant and benign breast masses: 569 rows, 30 measurements of cell nuclei.

    Used for two-class losses and margins (chapters 7 and 8).

    Returns
    -------
    Dataset
        ``diagnosis`` M or B; ``target`` 0 malignant, 1 benign; and for each of ``radius``,
        ``texture``, ``perimeter``, ``area``, ``smoothness``, ``compactness``, ``concavity``,
        ``concave_points``, ``symmetry`` and ``fractal_dimension`` three columns: ``mean_...``,
        ``..._error`` and ``worst_...``. Lengths in pixels, areas in square pixels, texture in
        grey levels, the rest without unit.

    Notes
    -----
    Source: Wolberg, Mangasarian, Street & Street (1995), UCI, doi:10.24432/C5DW2B. Licence:
    CC BY 4.0. Mind that ``target`` is 1 for *benign*, as in scikit-learn.

    Examples
    --------
    >>> data = load_breast_cancer()
    >>> int((data["target"] == 0).sum()), int((data["target"] == 1).sum())
    (212, 357)
    >>> data.matrix("worst_area", "mean_symmetry").shape
    (569, 2)
    """
    return _read("breast_cancer")


def load_iris() -> Dataset:
    """Three species of iris, 50 flowers each.

    Used for losses of many classes (chapter 9).

    Returns
    -------
    Dataset
        ``sepal_length``, ``sepal_width``, ``petal_length`` and ``petal_width`` in cm; ``species``
        setosa, versicolor or virginica; ``target`` 0, 1 or 2.

    Notes
    -----
    Source: Fisher (1936), UCI, doi:10.24432/C56C76. Licence: CC BY 4.0. This is the corrected
    version, as in R and scikit-learn; UCI's ``iris.data`` has three wrong cells.

    Examples
    --------
    >>> load_iris()
    Dataset iris: 150 rows, 6 columns
      sepal_length  float64  4.3 to 7.9
      sepal_width   float64  2 to 4.4
      petal_length  float64  1 to 6.9
      petal_width   float64  0.1 to 2.5
      species       text     setosa, versicolor, virginica
      target        int64    0 to 2
    """
    return _read("iris")


def load_bikes() -> Dataset:
    """Bikes rented per hour in Washington, D.C., 2011: 8645 rows.

    Counts with far more spread than Poisson allows (chapter 6).

    Returns
    -------
    Dataset
        ``month`` 1 to 12; ``hour`` 0 to 23; ``workingday`` 0 or 1; ``temp`` normalised, no unit;
        ``weathersit`` 1 clear to 4 heavy rain or snow; ``bikers`` rentals in the hour.

    Notes
    -----
    Source: Fanaee-T (2013), UCI, doi:10.24432/C5W894. Licence: CC BY 4.0. 115 hours of the year
    have no row, and ``bikers`` is never 0. Do not turn ``temp`` back into degrees: its own
    documentation gives two different formulas.

    Examples
    --------
    >>> bikers = load_bikes()["bikers"]
    >>> print(f"mean {bikers.mean():.1f}, variance {bikers.var(ddof=1):.0f}")
    mean 143.8, variance 17902
    """
    return _read("bikes")


def load_crabs() -> Dataset:
    """Satellite males around 173 female horseshoe crabs.

    Counts for Poisson and negative binomial losses (chapter 6).

    Returns
    -------
    Dataset
        ``satellites`` count; ``width_cm`` width of the shell, cm; ``weight_g`` weight, g;
        ``color`` light_medium, medium, dark_medium or dark; ``spine`` both_good, one_broken or
        both_broken.

    Notes
    -----
    Source: Brockmann (1996), Ethology 102, 1-21, through the R package glmbb. Licence: MIT.

    Examples
    --------
    >>> satellites = load_crabs()["satellites"]
    >>> print(f"mean {satellites.mean():.2f}, variance {satellites.var(ddof=1):.2f}")
    mean 2.92, variance 9.91
    """
    return _read("crabs")


def load_wine() -> Dataset:
    """White wines, 4898 rows, of which 3.74 % are poor.

    Used for class imbalance (chapter 16).

    Returns
    -------
    Dataset
        ``fixed_acidity``, ``volatile_acidity``, ``citric_acid``, ``residual_sugar``,
        ``chlorides`` and ``sulphates`` in g/dm3; ``free_sulfur_dioxide`` and
        ``total_sulfur_dioxide`` in mg/dm3; ``density`` in g/cm3; ``pH``; ``alcohol`` in % by
        volume; ``quality`` 3 to 9; ``poor`` 1 if quality is 4 or less, else 0.

    Notes
    -----
    Source: Cortez et al. (2009), UCI, doi:10.24432/C56S3T. Licence: CC BY 4.0.

    937 rows repeat an earlier row. Split by unique row, or the test set leaks into the training
    set.

    Examples
    --------
    >>> import numpy as np
    >>> data = load_wine()
    >>> int(data["poor"].sum())
    183
    >>> len(np.unique(data.matrix(*data.columns), axis=0))
    3961
    """
    return _read("wine")


def load_stackloss() -> Dataset:
    """Ammonia lost on 21 days of a chemical plant.

    The classic of robust regression (chapter 5).

    Returns
    -------
    Dataset
        ``air_flow`` flow of cooling air; ``water_temp`` cooling water, degrees C; ``acid_conc``
        10 times (acid in % minus 50); ``stack_loss`` 10 times the % of the ammonia that escapes.

    Notes
    -----
    Source: Brownlee (1960), through R's datasets package. Licence: public domain. Days 1, 3, 4
    and 21 are the outliers that the literature talks about.

    Examples
    --------
    >>> load_stackloss()
    Dataset stackloss: 21 rows, 4 columns
      air_flow    int64    50 to 80
      water_temp  int64    17 to 27
      acid_conc   int64    72 to 93
      stack_loss  int64    7 to 42
    """
    return _read("stackloss")


class CocoBoxes(NamedTuple):
    """The two tables of `load_coco_boxes`."""

    truth: Dataset
    detections: Dataset


def load_coco_boxes() -> CocoBoxes:
    """Boxes on 100 images of COCO val2014: 839 true objects and 734 detections.

    Used for average precision (chapter 12).

    Returns
    -------
    CocoBoxes
        A pair. ``truth``: ``image_id``, ``img_w`` and ``img_h`` in pixels, ``category_id``,
        ``category``, the box as ``x``, ``y`` (top left), ``w``, ``h`` in pixels, ``area`` of the
        outline in square pixels, ``iscrowd`` 0 or 1. ``detections``: ``image_id``,
        ``category_id``, ``category``, ``x``, ``y``, ``w``, ``h``, and ``score`` from 0 to 1.

    Notes
    -----
    Source: the COCO Consortium for the annotations, cocoapi for the detections. Licence: CC BY 4.0
    for the annotations (images are not included), BSD-2-Clause for the detections. The detections
    are COCO's own *fake* results, made for testing: no model produced them.

    Examples
    --------
    >>> truth, detections = load_coco_boxes()
    >>> len(truth), len(detections)
    (839, 734)

    The losses of this package want corners (x1, y1, x2, y2):

    >>> boxes = truth.matrix("x", "y", "w", "h")
    >>> boxes[:, 2:] += boxes[:, :2]
    >>> boxes[1].round(2).tolist()
    [461.06, 21.92, 596.03, 134.2]
    """
    return CocoBoxes(_read("coco_truth"), _read("coco_detections"))


def load_toy_detections() -> Dataset:
    """Fifteen true and 24 detected boxes on 7 images, to work out by hand.

    Used for a first average precision (chapter 12).

    Returns
    -------
    Dataset
        ``image`` 1 to 7; ``kind`` gt or det; ``label``; ``score`` 0 to 1, nan for the truth;
        ``x``, ``y`` (top left), ``w``, ``h`` in pixels.

    Notes
    -----
    Source: Rafael Padilla, Object-Detection-Metrics. Licence: MIT. Its published average
    precision of 24.56 % at IoU 0.30 needs widths of x2 - x1 + 1; with continuous boxes, as in this
    package, it is 22.54 %.

    Examples
    --------
    >>> data = load_toy_detections()
    >>> found = data["kind"] == "det"
    >>> int(found.sum()), float(data["score"][found].max())
    (24, 0.95)
    """
    return _read("toy_detections")
