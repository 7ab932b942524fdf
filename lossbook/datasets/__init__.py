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

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

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


class _Entry(NamedTuple):
    file: str
    source: str
    licence: str
    description: str


_TABLE = {
    "ames": _Entry(
        file="ames.csv",
        source="De Cock (2011), Journal of Statistics Education 19(3), "
        "doi:10.1080/10691898.2011.11889627; records of the Ames City Assessor",
        licence="no explicit licence from the author (public records); redistributed under MIT "
        "(R package modeldata), GPL-2 (AmesHousing) and GPL-3 (openintro)",
        description="""\
One row is one sale of a home in Ames, Iowa, from 2006 to 2010.
order: row number from 1. gr_liv_area: living area above ground, sq ft. overall_qual and
overall_cond: graded on a scale of 1 to 10. year_built. total_bsmt_sf: basement, sq ft.
lot_area: sq ft. full_bath, bedrooms and garage_cars: counts. neighborhood: code.
yr_sold: year of sale. sale_condition: kind of sale. sale_price: US dollars.
Known faults: total_bsmt_sf is blank at order 1342 and garage_cars at order 2237 (nan here).
Five sales exceed 4000 sq ft: orders 1499, 2181 and 2182 are partial sales, far too cheap for
their size; 1761 and 1768 are merely unusual. De Cock suggests removing all five.
The parcel number was left out on purpose: it identifies addresses.""",
    ),
    "bikes": _Entry(
        file="bikeshare_2011_hourly.csv",
        source="Fanaee-T (2013), Bike Sharing, UCI Machine Learning Repository, "
        "doi:10.24432/C5W894; the rows of 2011",
        licence="CC BY 4.0",
        description="""\
One row is one hour of 2011 in the bike-sharing system of Washington, D.C.
month: 1 to 12. hour: 0 to 23. workingday: 1 on working days, else 0. temp: normalised
temperature, no unit. weathersit: 1 clear, 2 mist or cloud, 3 light rain or snow, 4 heavy.
bikers: rentals in the hour.
Known faults: UCI's text gives two different scalings for temp, so do not turn it back into
degrees. weathersit 4 occurs once. 115 of the year's 8760 hours have no row, and no row has 0
bikers. The counts are overdispersed: mean 143.8, variance 17 902.""",
    ),
    "boston_rooms": _Entry(
        file="boston_rm_medv.csv",
        source="Harrison & Rubinfeld (1978), Journal of Environmental Economics and Management "
        "5(1), 81-102, via StatLib and scikit-learn 1.1.3; two of its 14 columns",
        licence="no licence from the authors (facts of the 1970 US census); redistributed as CC0 "
        "(R package spData) and PDDL/CC0 (@stdlib)",
        description="""\
One row is one census tract of the Boston area, 1970. Two columns only, on purpose.
rm: average number of rooms per dwelling. medv: median value of owner-occupied homes, in
1000 US dollars of 1970.
Ethical note: the full set holds a variable B, a parabola in the Black share of a town's
population, built on an assumption about segregation and house prices that was never shown.
scikit-learn withdrew the set in version 1.2 for that reason. B is not here, but dropping it
does not clean the rest. Use this extract to follow older texts; draw no conclusion about
housing from it. load_ames is the better choice.
Known faults: medv is censored at 50.0 in 16 tracts, and eight values are wrong according to
Gilley & Pace (1996); both are kept, so that published fits can be repeated.""",
    ),
    "breast_cancer": _Entry(
        file="breast_cancer_wdbc.csv",
        source="Wolberg, Mangasarian, Street & Street (1995), Breast Cancer Wisconsin "
        "(Diagnostic), UCI Machine Learning Repository, doi:10.24432/C5DW2B; via scikit-learn",
        licence="CC BY 4.0",
        description="""\
One row is one breast mass, seen in one microscope image of a fine-needle aspirate.
diagnosis: M malignant, B benign. target: 0 malignant (212 rows), 1 benign (357 rows).
Ten properties of the cell nuclei follow, each as mean_..., ..._error (standard error) and
worst_... (mean of the three largest values): radius, texture, perimeter, area, smoothness,
compactness, concavity, concave_points, symmetry, fractal_dimension. Lengths are in pixels and
areas in square pixels of the image; texture is in grey levels; the others have no unit.
Known traps: target 1 is *benign* (scikit-learn's coding), the reverse of the usual "1 is the
disease". The patient number was left out on purpose.""",
    ),
    "iris": _Entry(
        file="iris.csv",
        source="Fisher (1936), Annals of Eugenics 7(2), 179-188, measured by Anderson (1935); "
        "UCI Machine Learning Repository, doi:10.24432/C56C76; via scikit-learn",
        licence="CC BY 4.0",
        description="""\
One row is one iris flower; 50 rows for each of three species.
sepal_length, sepal_width, petal_length, petal_width: cm. species: setosa, versicolor or
virginica. target: 0, 1 or 2 in the same order.
Known faults: UCI's iris.data has three wrong cells, in rows 35 and 38; they are corrected here,
as in R and scikit-learn. Rows 102 and 143 are equal.""",
    ),
    "crabs": _Entry(
        file="horseshoe_crabs.csv",
        source="Brockmann (1996), Ethology 102, 1-21, and Agresti's textbooks; via the R package "
        "glmbb 0.5-1",
        licence="MIT, copyright 2016 C. J. Geyer (glmbb)",
        description="""\
One row is one female horseshoe crab.
satellites: number of male crabs near her, apart from her mate. width_cm: width of the shell,
cm. weight_g: weight, g. color: light_medium, medium, dark_medium or dark. spine: both_good,
one_broken or both_broken.
Known faults: none in this copy. The counts are overdispersed: mean 2.92, variance 9.91. Copies
with weights in kg have cut them to two decimals.""",
    ),
    "wine": _Entry(
        file="wine_white.csv",
        source="Cortez, Cerdeira, Almeida, Matos & Reis (2009), Decision Support Systems 47(4), "
        "547-553; UCI Machine Learning Repository, doi:10.24432/C56S3T",
        licence="CC BY 4.0",
        description="""\
One row is one tested sample of white vinho verde.
fixed_acidity, volatile_acidity, citric_acid, residual_sugar, chlorides, sulphates: g/dm3.
free_sulfur_dioxide, total_sulfur_dioxide: mg/dm3. density: g/cm3. pH. alcohol: % by volume.
quality: median grade of at least three tasters, 3 to 9 here. poor: 1 if quality is 4 or less
(183 rows, 3.74 %), else 0.
Known faults: 937 rows repeat an earlier row. Split by unique row, or the test set leaks into
the training set. 3961 unique rows remain, 173 of them poor.""",
    ),
    "stackloss": _Entry(
        file="stackloss.csv",
        source="Brownlee (1960), Statistical Theory and Methodology in Science and Engineering; "
        "via R's datasets package",
        licence="public domain",
        description="""\
One row is one day in a plant that oxidises ammonia to nitric acid.
air_flow: flow of cooling air, no unit given. water_temp: temperature of the cooling water,
degrees C. acid_conc: 10 times (concentration of the acid in % minus 50). stack_loss: 10 times
the % of the ammonia that escapes.
Known faults: days 1, 3, 4 and 21 are the outliers of the literature on robust regression.""",
    ),
    "coco_truth": _Entry(
        file="coco_val2014_100_gt.csv",
        source="COCO Consortium, annotations of 100 images of val2014 "
        "(Lin et al., 2014, arXiv:1405.0312); via faster_coco_eval, masks left out",
        licence="CC BY 4.0 (the annotations; images are not included)",
        description="""\
One row is one annotated object; 100 images, 70 categories.
image_id. img_w, img_h: size of the image, pixels. category_id, category. x, y: top left corner;
w, h: width and height, pixels. area: area of the object's outline, square pixels; COCO's small,
medium and large go by this, not by w * h. iscrowd: 1 if the box holds a crowd (9 rows).
Known traps: corners are x, y, x + w, y + h. A crowd box is neither a hit nor a miss. Image 1063
has objects but no detection.""",
    ),
    "coco_detections": _Entry(
        file="coco_val2014_100_detections.csv",
        source="cocodataset/cocoapi, results/instances_val2014_fakebbox100_results.json",
        licence="BSD-2-Clause, copyright 2014 Piotr Dollar and Tsung-Yi Lin",
        description="""\
One row is one detected box on an image of the ground truth.
image_id. category_id, category. x, y: top left corner; w, h: width and height, pixels.
score: confidence, 0 to 1.
Known traps: these are COCO's own *fake* results, made for testing, not the output of a model.
75 categories occur, some without any true object. Published check: AP 0.505, AP50 0.697.""",
    ),
    "toy_detections": _Entry(
        file="detection_toy_padilla.csv",
        source="Rafael Padilla, Object-Detection-Metrics, samples/sample_2",
        licence="MIT, copyright 2018 Rafael Padilla",
        description="""\
One row is one box; 7 images, one class, 15 true and 24 detected boxes.
image: 1 to 7. kind: gt (ground truth) or det (detection). label: always "object". score:
confidence, 0 to 1, nan for the ground truth. x, y: top left corner; w, h: width and height,
pixels.
Known traps: the published average precision of 24.56 % at IoU 0.30 counts pixels, with widths of
x2 - x1 + 1. With continuous boxes, as in this package, one detection falls from IoU 0.3034 to
0.2953 and the answer is 22.54 %. The 11-point value is 26.84 % either way.""",
    ),
}


class Dataset:
    """A table of named columns that cannot be altered.

    ``data["column"]`` is an array: float64 for measurements (a blank is nan), int64 for whole
    numbers without blanks, str for text. ``len(data)`` counts rows; iteration and ``in`` go over
    the names of the columns. ``dict(data)`` gives all columns, for example for a pandas DataFrame.

    Parameters
    ----------
    name : str
        Short name.
    arrays : mapping of str to array_like
        The columns, one-dimensional and of equal length. They are copied.
    source, licence, description : str
        Where the data come from, on what terms, and what rows and columns mean.

    Attributes
    ----------
    name, source, licence, description : str
        As given.
    columns : tuple of str
        Names of the columns, in the order of the file.

    Examples
    --------
    >>> data = Dataset("toy", {"x": [1.0, 2.5], "label": ["cat", "dog"]})
    >>> data
    Dataset toy: 2 rows, 2 columns
      x      float64  1 to 2.5
      label  text     cat, dog
    >>> data["y"]
    Traceback (most recent call last):
    ...
    KeyError: "toy has no column 'y'; its columns are x, label"
    """

    __slots__ = ("_arrays", "columns", "description", "licence", "name", "source")

    name: str
    source: str
    licence: str
    description: str
    columns: tuple[str, ...]
    _arrays: dict[str, np.ndarray]

    def __init__(
        self,
        name: str,
        arrays: Mapping[str, np.ndarray],
        source: str = "",
        licence: str = "",
        description: str = "",
    ):
        frozen = {column: _frozen(values) for column, values in arrays.items()}
        lengths = {column: len(values) for column, values in frozen.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"a data set needs columns of one length, got {lengths}")
        for field, value in (
            ("name", name),
            ("source", source),
            ("licence", licence),
            ("description", description),
            ("columns", tuple(frozen)),
            ("_arrays", frozen),
        ):
            object.__setattr__(self, field, value)

    def __setattr__(self, field: str, value: object) -> None:
        """Refuse."""
        raise AttributeError(f"a Dataset cannot be altered: {field}")

    def __delattr__(self, field: str) -> None:
        """Refuse."""
        raise AttributeError(f"a Dataset cannot be altered: {field}")

    def __reduce__(self) -> tuple:
        """Make pickle and copy go through the constructor, which freezes the arrays."""
        fields = (self.name, dict(self._arrays), self.source, self.licence, self.description)
        return Dataset, fields

    def __getitem__(self, column: str) -> np.ndarray:
        """Return a column by its name."""
        try:
            return self._arrays[column]
        except (KeyError, TypeError):
            known = ", ".join(self.columns)
            message = f"{self.name} has no column {column!r}; its columns are {known}"
        raise KeyError(message)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._arrays[self.columns[0]])

    def __iter__(self) -> Iterator[str]:
        """Go over the names of the columns."""
        return iter(self.columns)

    def __contains__(self, column: object) -> bool:
        """Tell whether there is a column of this name."""
        return column in self.columns

    def keys(self) -> tuple[str, ...]:
        """Names of the columns, so that ``dict(data)`` works."""
        return self.columns

    def matrix(self, *columns: str) -> np.ndarray:
        """Put columns of numbers side by side, as the features X of a model.

        Parameters
        ----------
        *columns : str
            One or more names of columns of numbers.

        Returns
        -------
        ndarray of shape (n, number of names), float64
            A new array, which you may alter.

        Examples
        --------
        >>> load_iris().matrix("sepal_length", "petal_width")[:2]
        array([[5.1, 0.2],
               [4.9, 0.2]])
        """
        if not columns:
            raise ValueError(f"name at least one column; {self.name} has {', '.join(self.columns)}")
        for column in columns:
            if self[column].dtype.kind == "U":
                raise ValueError(f"column {column!r} of {self.name} holds text, not numbers")
        return np.column_stack([self[column] for column in columns]).astype(np.float64)

    def __repr__(self) -> str:
        """Show size, columns, types and ranges."""
        width = max(map(len, self.columns))
        head = f"Dataset {self.name}: {len(self)} rows, {len(self.columns)} columns"
        lines = [f"  {column:<{width}}  {_summary(self[column])}" for column in self]
        return "\n".join([head, *lines])


def _frozen(values: Any) -> np.ndarray:
    """Copy to an array over immutable bytes: not even ``setflags`` makes it writeable again."""
    array = np.asarray(values)
    if array.dtype.kind not in "biufU" or array.ndim != 1 or array.size == 0:
        raise ValueError(
            "a column must be one-dimensional, not empty, and hold numbers or text; "
            f"got shape {array.shape} of {array.dtype}"
        )
    return np.frombuffer(array.tobytes(), dtype=array.dtype)


def _summary(array: np.ndarray) -> str:
    """Say in one line what a column holds: type, range or values, blanks."""
    if array.dtype.kind == "U":
        values = list(dict.fromkeys(array.tolist()))
        more = f", ... ({len(values)} values)" if len(values) > 4 else ""
        return f"{'text':<7}  " + ", ".join(values[:4]) + more
    blank = np.isnan(array)
    present = array[~blank]
    line = f"{array.dtype.name:<7}"
    if present.size:
        line += f"  {present.min():.6g} to {present.max():.6g}"
    return line + (f", {blank.sum()} blank" if blank.any() else "")


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

    entry = _TABLE[name]
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
