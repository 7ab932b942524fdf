"""The shipped data are the bytes we checked, and nobody can alter them."""

import copy
import hashlib
import pickle
import re
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest

from lossbook import datasets
from lossbook.datasets import Dataset

FOLDER = files("lossbook.datasets")
ROWS_AND_SHA256 = {
    "ames.csv": (2930, "21728ce9095e93ad9afbf6dddb62863ff2343a1fa065f6b106d440843a4ea120"),
    "bikeshare_2011_hourly.csv": (
        8645,
        "6e40bb808ebcb49fc80703e2fcb6b2203dc31fbbe54ac0e2964b1cf57e35acad",
    ),
    "boston_rm_medv.csv": (506, "5381d57643673c896cebb5de14cc046528f99d9aeae79470c8e537ee296b9f41"),
    "breast_cancer_wdbc.csv": (
        569,
        "163b29dfc277685ad40f8365927deee388041d58fd76fe1912f3418b42c21624",
    ),
    "coco_val2014_100_detections.csv": (
        734,
        "e2dad99aa3854d2e66b745ccb2413ed5431c3edfeb92712e8731cfd1f1a94908",
    ),
    "coco_val2014_100_gt.csv": (
        839,
        "d83761065e6f83c1dbe52d5bae4311e566c58b3e978edbe8573b1e6932c9ab6f",
    ),
    "detection_toy_padilla.csv": (
        39,
        "2703e0d0b0ba726f0bc436463806aa6bf2ad5289ab9bebb91150aa83358cd2ac",
    ),
    "horseshoe_crabs.csv": (
        173,
        "9471e2e77595ebda034cf73e76b391ef1ccfe3bb091cd72b153c939cde3ea0a8",
    ),
    "iris.csv": (150, "56efaba2285ee0456e653318cd51977780624287357a04c3eba137e79a3c06c5"),
    "stackloss.csv": (21, "b511cb73f27e84889a29ac19a19423e9f3a1f13053d925c4f8edd1ffd86f5494"),
    "wine_white.csv": (4898, "24db11ad0772923ef5b82fd314dc6d52f3a31bfd103b374dfc057fea72b28f88"),
}
LOADERS = [getattr(datasets, name) for name in datasets.__all__ if name.startswith("load_")]


def tables(loader):
    loaded = loader()
    return [loaded] if isinstance(loaded, Dataset) else list(loaded)


ALL = [pytest.param(data, id=data.name) for loader in LOADERS for data in tables(loader)]


# ---- the files ----


@pytest.mark.parametrize("file", ROWS_AND_SHA256)
def test_file_is_the_checked_one(file):
    content = (FOLDER / file).read_bytes()
    rows, sha256 = ROWS_AND_SHA256[file]
    assert hashlib.sha256(content).hexdigest() == sha256
    assert content.count(b"\n") == rows + 1


def test_no_file_is_forgotten_and_readme_lists_all_sums():
    shipped = {path.name for path in FOLDER.iterdir() if path.name.endswith(".csv")}
    used = {entry.file for entry in datasets.SOURCES.values()}
    listed = re.findall(r"^([0-9a-f]{64})  (\S+)$", (FOLDER / "README.md").read_text("utf-8"), re.M)
    assert shipped == used == set(ROWS_AND_SHA256)
    assert {file: sha256 for sha256, file in listed} == {
        file: sha256 for file, (_, sha256) in ROWS_AND_SHA256.items()
    }


@pytest.mark.parametrize("data", ALL)
def test_rows_and_texts(data):
    entry = datasets.SOURCES[data.name]
    assert len(data) == ROWS_AND_SHA256[entry.file][0]
    assert data.source == entry.source
    assert data.licence == entry.licence
    assert data.description.startswith("One row is one ")


@pytest.mark.parametrize("data", [p for p in ALL if p.id != "breast_cancer"])
def test_description_explains_every_column(data):
    words = set(re.findall(r"\w+", data.description))
    assert set(data.columns) <= words


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
def test_docstring_names_columns_source_licence_and_chapter(loader):
    for part in ("Source:", "Licence:", ">>>", "chapter"):
        assert part in loader.__doc__
    if loader is not datasets.load_breast_cancer:
        for data in tables(loader):
            assert all(f"``{column}``" in loader.__doc__ for column in data)


def test_breast_cancer_columns_follow_the_described_pattern():
    data = datasets.load_breast_cancer()
    properties = [name.removeprefix("mean_") for name in data if name.startswith("mean_")]
    patterns = [
        pattern.format(p) for pattern in ("mean_{}", "{}_error", "worst_{}") for p in properties
    ]
    assert data.columns == ("diagnosis", "target", *patterns)
    for name in properties:
        assert name in data.description
        assert f"``{name}``" in datasets.load_breast_cancer.__doc__


# ---- the numbers stated in the README and the descriptions ----


def test_ames():
    data = datasets.load_ames()
    large = data["gr_liv_area"] > 4000
    assert data["order"][large].tolist() == [1499, 1761, 1768, 2181, 2182]
    assert data["order"][large & (data["sale_condition"] == "Partial")].tolist() == [
        1499,
        2181,
        2182,
    ]
    assert data["order"][np.isnan(data["total_bsmt_sf"])].tolist() == [1342]
    assert data["order"][np.isnan(data["garage_cars"])].tolist() == [2237]
    assert (data["yr_sold"].min(), data["yr_sold"].max()) == (2006, 2010)


def test_bikes():
    data = datasets.load_bikes()
    assert round(data["bikers"].mean(), 1) == 143.8
    assert round(data["bikers"].var(ddof=1)) == 17902
    assert data["bikers"].min() == 1
    assert (data["weathersit"] == 4).sum() == 1
    assert 365 * 24 - len(data) == 115


def test_boston_keeps_its_faults():
    data = datasets.load_boston_rooms()
    assert data.columns == ("rm", "medv")
    assert (data["medv"] == 50.0).sum() == 16
    wrong_rows = np.array([8, 39, 191, 241, 438, 443, 455, 506]) - 1
    wrong = [27.1, 24.7, 37.0, 22.0, 8.7, 18.4, 14.9, 11.9]
    assert data["medv"][wrong_rows].tolist() == wrong
    for text in (data.description, datasets.load_boston_rooms.__doc__):
        assert "segregation" in text
        assert "withdrew" in text


def test_breast_cancer():
    data = datasets.load_breast_cancer()
    assert np.bincount(data["target"]).tolist() == [212, 357]
    np.testing.assert_array_equal(data["target"] == 0, data["diagnosis"] == "M")


def test_crabs():
    satellites = datasets.load_crabs()["satellites"]
    assert (round(satellites.mean(), 2), round(satellites.var(ddof=1), 2)) == (2.92, 9.91)


def test_iris_is_the_corrected_version():
    data = datasets.load_iris()
    X = data.matrix("sepal_length", "sepal_width", "petal_length", "petal_width")
    assert X[34].tolist() == [4.9, 3.1, 1.5, 0.2]
    assert X[37].tolist() == [4.9, 3.6, 1.4, 0.1]
    assert X[101].tolist() == X[142].tolist()
    assert np.bincount(data["target"]).tolist() == [50, 50, 50]


def test_wine():
    data = datasets.load_wine()
    assert data["poor"].sum() == 183
    assert round(100 * data["poor"].mean(), 2) == 3.74
    np.testing.assert_array_equal(data["poor"], data["quality"] <= 4)
    unique = np.unique(data.matrix(*data.columns), axis=0)
    assert len(data) - len(unique) == 937
    assert unique[:, -1].sum() == 173


def test_coco():
    truth, detections = datasets.load_coco_boxes()
    assert truth["iscrowd"].sum() == 9
    assert len(np.unique(truth["image_id"])) == 100
    assert set(truth["image_id"]) - set(detections["image_id"]) == {1063}
    assert set(detections["image_id"]) <= set(truth["image_id"])
    assert len(np.unique(truth["category"])) == 70
    assert len(np.unique(detections["category"])) == 75


@pytest.mark.parametrize(("pixel", "iou"), [(1, 0.3034), (0, 0.2953)])
def test_toy_detection_that_depends_on_counting_pixels(pixel, iou):
    data = datasets.load_toy_detections()
    assert sorted(zip(*np.unique(data["kind"], return_counts=True), strict=True)) == [
        ("det", 24),
        ("gt", 15),
    ]
    third = data["image"] == 3
    detected = data.matrix("x", "y", "w", "h")[third & (data["score"] == 0.18)][0]
    overlaps = []
    for true in data.matrix("x", "y", "w", "h")[third & (data["kind"] == "gt")]:
        low = np.maximum(true[:2], detected[:2])
        high = np.minimum(true[:2] + true[2:], detected[:2] + detected[2:])
        common = np.prod(np.maximum(high - low + pixel, 0))
        total = np.prod(true[2:] + pixel) + np.prod(detected[2:] + pixel)
        overlaps.append(common / (total - common))
    assert round(max(overlaps), 4) == iou


def test_toy_truth_has_no_score():
    data = datasets.load_toy_detections()
    np.testing.assert_array_equal(np.isnan(data["score"]), data["kind"] == "gt")


@pytest.mark.parametrize("name", ["iris", "breast_cancer"])
def test_equal_to_scikit_learn(name):
    sklearn_datasets = pytest.importorskip("sklearn.datasets")
    theirs = getattr(sklearn_datasets, f"load_{name}")()
    ours = getattr(datasets, f"load_{name}")()
    columns = [c for c in ours if c not in {"species", "diagnosis", "target"}]
    np.testing.assert_array_equal(ours.matrix(*columns), theirs.data)
    np.testing.assert_array_equal(ours["target"], theirs.target)
    names = [n.removesuffix(" (cm)").replace(" ", "_") for n in theirs.feature_names]
    assert columns == names


# ---- the class ----


@pytest.mark.parametrize("data", ALL)
def test_columns_have_one_of_three_types(data):
    for column in data:
        assert data[column].dtype in (np.int64, np.float64) or data[column].dtype.kind == "U"
        assert data[column].shape == (len(data),)


def test_types():
    ames = datasets.load_ames()
    assert ames["sale_price"].dtype == np.int64
    assert ames["garage_cars"].dtype == np.float64  # it has a blank
    assert ames["neighborhood"].dtype.kind == "U"


@pytest.mark.parametrize("data", ALL)
def test_nothing_can_be_altered(data):
    for column in data:
        array = data[column]
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)
    with pytest.raises(AttributeError, match="cannot be altered: source"):
        data.source = "me"
    with pytest.raises(AttributeError, match="cannot be altered: name"):
        del data.name
    with pytest.raises(TypeError):
        data["new"] = data[data.columns[0]]


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
def test_files_are_read_once(loader):
    assert all(a is b for a, b in zip(tables(loader), tables(loader), strict=True))


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))]
)
def test_copies_are_equal_and_frozen_too(clone):
    data = datasets.load_ames()
    other = clone(data)
    assert repr(other) == repr(data)
    assert other.description == data.description
    assert not other["lot_area"].flags.writeable


def test_unknown_column_names_those_there_are():
    data = datasets.load_boston_rooms()
    with pytest.raises(KeyError, match=r"boston_rooms has no column 'B'; its columns are rm, medv"):
        data["B"]
    with pytest.raises(KeyError, match="no column 0"):
        data[0]
    with pytest.raises(KeyError, match="its columns are rm, medv"):
        data[["rm", "medv"]]


def test_container():
    data = datasets.load_boston_rooms()
    assert list(data) == list(data.columns) == list(data.keys()) == ["rm", "medv"]
    assert "rm" in data
    assert "B" not in data
    assert list(dict(data)) == ["rm", "medv"]


def test_matrix():
    data = datasets.load_stackloss()
    X = data.matrix("water_temp", "air_flow")
    assert X.dtype == np.float64
    np.testing.assert_array_equal(X[:, 1], data["air_flow"])
    X[0, 0] = -1.0  # a copy of one's own
    assert data["water_temp"][0] == 27
    with pytest.raises(ValueError, match="'species' of iris holds text"):
        datasets.load_iris().matrix("petal_width", "species")
    with pytest.raises(KeyError, match="no column 'petals'"):
        datasets.load_iris().matrix("petals")
    with pytest.raises(ValueError, match="name at least one column; stackloss has air_flow"):
        data.matrix()


def test_repr_names_blanks_and_many_values():
    text = repr(datasets.load_ames())
    assert text.splitlines()[0] == "Dataset ames: 2930 rows, 14 columns"
    assert "total_bsmt_sf   float64  0 to 6110, 1 blank\n" in text
    assert "neighborhood    text     NAmes, Gilbert, StoneBr, NWAmes, ... (28 values)\n" in text


def test_repr_of_a_blank_column():
    assert repr(Dataset("own", {"a": [np.nan]})).endswith("a  float64, 1 blank")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "columns of one length"),
        ({"a": [1], "b": [1, 2]}, "columns of one length"),
        ({"a": []}, "not empty"),
        ({"a": [[1.0]]}, "one-dimensional"),
        ({"a": [None]}, "numbers or text"),
    ],
)
def test_own_data_set_is_checked(arrays, message):
    with pytest.raises(ValueError, match=message):
        Dataset("own", arrays)


def test_own_data_set_copies_its_arrays():
    mine = np.array([1.0, 2.0])
    data = Dataset("own", {"a": mine})
    mine[0] = 9.0
    assert data["a"].tolist() == [1.0, 2.0]


def test_import_reads_no_data_and_loads_no_pandas():
    code = (
        "import sys, lossbook.datasets as d; "
        "assert d._read.cache_info().currsize == 0; "
        "d.load_wine(); assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_works_from_a_zip(tmp_path):
    import zipfile

    archive = tmp_path / "lossbook.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("lossbook/__init__.py", "")
        for path in FOLDER.iterdir():
            if path.is_file():
                file.writestr(f"lossbook/datasets/{path.name}", path.read_bytes())
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r}); import lossbook.datasets as d; "
        "assert '.zip' in d.__file__; assert len(d.load_ames()) == 2930"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
