"""Grading a folder without Docker: honest work keeps its points, whatever the others do."""

import csv
import json
import subprocess
import sys
import zipfile

import nbformat
import pytest
import scale
from assign import ROOT, assign
from submissions import autograder, filled, grading, masters, student_version

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Otter-Grader and what it imports warn of one another
    pytest.mark.skipif(
        sys.platform == "win32", reason="needs a shell and limits of Linux or macOS"
    ),
]
CODE = nbformat.v4.new_code_cell
GRADIENT = "def huber_gradient(y_true, y_pred):\n    return y_pred - y_true"


def notebook(*sources):
    return nbformat.v4.new_notebook(cells=[CODE(source) for source in sources])


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """The assignment that `python -m lossbook new-assignment` writes, built."""
    folder = tmp_path_factory.mktemp("new")
    command = [sys.executable, "-m", "lossbook", "new-assignment", "week-3"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    assign(folder / "week-3.ipynb", folder / "week-3")
    return folder / "week-3"


def test_folder_is_graded(target, tmp_path):
    master, submissions = target.with_suffix(".ipynb"), tmp_path / "submissions"
    submissions.mkdir()
    right = filled(master, target=target)
    right.metadata.kernelspec["name"] = "python"  # as in the browser
    with zipfile.ZipFile(submissions / "zipped.zip", "w") as archive:
        archive.writestr("week-3.ipynb", nbformat.writes(right))
        archive.writestr("lossbook/__init__.py", "raise SystemExit")
    made = {
        "wrong": filled(master, {"q2": GRADIENT}, target),
        "switches": student_version(target),
        "ends": filled(master, target=target),
        "empty": student_version(target),
    }
    switch = next(kind for kind in scale.KINDS if kind.name == "switches Otter's tests off")
    made["switches"].cells.insert(3, CODE(switch.code))
    made["ends"].cells.insert(3, CODE("import os\nos._exit(0)"))
    for name, submission in made.items():
        nbformat.write(submission, submissions / f"{name}.ipynb")
    (submissions / "no-notebook.ipynb").write_text("nothing", "utf-8")
    command = [sys.executable, ROOT / "assignments" / "grade.py", autograder(target), submissions]
    subprocess.run([*command, "--output", tmp_path / "grades"], check=True, capture_output=True)
    with (tmp_path / "grades" / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row.pop("submission"): row for row in csv.DictReader(file)}
    totals = {name.partition(".")[0]: row["total"] for name, row in rows.items()}
    expected = {"zipped": "8", "wrong": "6", "switches": "", "empty": "0"}
    assert totals == expected | {"ends": "", "no-notebook": ""}
    assert (rows["wrong.ipynb"]["q1"], rows["wrong.ipynb"]["q2"]) == ("5", "1")
    assert rows["wrong.ipynb"]["review"] == ""
    assert rows["switches.ipynb"]["q1"] == "5"  # Otter is deceived
    assert "a test that must fail passes" in rows["switches.ipynb"]["review"]
    assert rows["ends.ipynb"]["status"].startswith("ended early: ")
    assert rows["no-notebook.ipynb"]["status"] == "cannot be graded"
    said = (tmp_path / "grades" / "feedback" / "wrong.ipynb.txt").read_text("utf-8")
    assert "q2 - 2 result:" in said


def test_endless_work_is_stopped(target, tmp_path):
    submission = filled(target.with_suffix(".ipynb"), target=target)
    submission.cells.insert(3, CODE("while True:\n    pass"))
    nbformat.write(submission, tmp_path / "endless.ipynb")
    (grade,) = grading.grade_all([tmp_path / "endless.ipynb"], autograder(target), seconds=8)
    assert (grade.status, grade.total) == ("stopped after 8 s", 0)
    assert grade.seconds < 30


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "[" * 100_000,
        '{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        '{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        '{"cells": [], "metadata": 1, "nbformat": 4, "nbformat_minor": 5}',
    ],
)
def test_broken_file_stops_nobody(text, tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text(text, "utf-8")
    grade = grading.grade(path, None, walled=False)
    assert (grade.status, grade.total) == ("cannot be graded", None)
    assert grade.review


class TestResults:
    @pytest.fixture
    def archive(self, target, tmp_path):
        return grading.Archive(autograder(target), tmp_path)

    def results(self, archive, **changes):
        tests = {
            "q1": {"score": 4, "max_score": 5},
            "q2": {"score": 3, "max_score": 3},
            archive.must_fail: {"score": 0, "max_score": 0},
        }
        for name, change in changes.items():
            tests[name] |= change
        said = f"AssertionError: {archive.must_fail}"
        listed = [{"name": name, "output": said, **test} for name, test in tests.items()]
        return json.dumps({"tests": [{"name": "Public Tests", "output": ""}, *listed]})

    def test_points(self, archive):
        assert archive.possible == {"q1": 5, "q2": 3}
        points, _, tampered = archive.read(self.results(archive))
        assert points == {"q1": 4, "q2": 3}
        assert not tampered

    def test_without_the_failure(self, archive):
        text = self.results(archive, **{archive.must_fail: {"output": "all passed"}})
        assert archive.read(text)[2]

    @pytest.mark.parametrize("change", [{"score": 6}, {"score": -1}, {"score": 9, "max_score": 9}])
    def test_other_points_than_there_are(self, archive, change):
        with pytest.raises(ValueError, match="not the questions"):
            archive.read(self.results(archive, q1=change))

    def test_without_the_test(self, archive):
        with pytest.raises(ValueError, match="a test is missing"):
            archive.read('{"tests": []}')


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os", "imports os"),
        ("from otter.test_files import test_case", "imports otter.test_files"),
        ("import otter\notter.api", "otter.api"),
        ("import otter as o\no.Notebook", "imports otter"),
        ("import lossbook as lb\nlb.grade = 1", "changes lb.grade"),
        ("import numpy as np\nnp.linalg.norm = abs", "changes np.linalg.norm"),
        ("import numpy as np\nnp.lib.os.system", ".os"),
        ("().__class__", ".__class__"),
        ("(x for x in y).gi_frame", ".gi_frame"),
        ("open('tests/q1.py')", "open"),
        ("__builtins__", "__builtins__"),
        ("!cat tests/q1.py", "!cat tests/q1.py"),
    ],
)
def test_what_has_no_place_in_an_answer_is_noticed(code, reason):
    assert reason in grading.to_review(notebook("x = 1", code))


def test_honest_code_is_not_noticed():
    code = """
import math
import numpy as np, matplotlib.pyplot as plt
from dataclasses import dataclass
@dataclass
class Own:
    scale: float = 1.0
    def __init__(self, scale):
        self.scale = scale
"""
    assert grading.to_review(notebook(code, "def broken(:", "x = 1\0")) == []


@pytest.mark.parametrize("master", masters(), ids=lambda path: path.stem)
def test_solutions_are_not_noticed(master):
    assert grading.to_review(filled(master)) == []


@pytest.mark.slow
def test_all_kinds():
    number = 2 * len(scale.KINDS)
    rows, problems = scale.run(number, masters())
    assert not problems, "\n".join(problems)
    assert len(rows) == number
    assert {kind for kind, _, _ in rows} >= {scale.GOOD, scale.WRONG, scale.UNFILLED}
