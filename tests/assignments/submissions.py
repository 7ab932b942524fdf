"""Submissions to the assignments, made from the masters' own cells, and graded by Otter-Grader."""

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "assignments"))
import grade as grading  # noqa: F401, for what imports from here
from assign import BUILT, autograder, masters  # noqa: F401


@dataclass(frozen=True)
class Wrong:
    """A typical wrong solution: what it scores, and what its author is told."""

    name: str
    answers: dict[str, str]  # code in place of the solution, for some questions
    points: dict[str, float]  # of all questions that do not get their full score
    says: str  # in what a failed test says


@dataclass(frozen=True)
class Graded:
    points: dict[str, float]
    possible: dict[str, float]
    said: str  # by the tests that failed


@cache
def questions(master):
    """Map each question of a master to the ids of its answer's cells; the first is the answer."""
    found, name, answering = {}, None, False
    for cell in nbformat.read(master, as_version=4).cells:
        if cell.cell_type == "raw":
            mark = cell.source.partition("\n")[0]
            if mark == "# BEGIN QUESTION":
                name = re.search(r"^name: *(\S+)", cell.source, re.MULTILINE)[1]
            elif mark in ("# BEGIN SOLUTION", "# END SOLUTION"):
                answering = mark.startswith("# BEGIN")
        elif answering:
            found.setdefault(name, []).append(cell.id)
    return found


def student_version(target):
    return nbformat.read(target / "student" / f"{target.name}.ipynb", as_version=4)


def filled(master, answers=None, target=None):
    """Return the student's version with the solutions, or with other answers to some questions."""
    target = target or BUILT / master.stem
    solved = nbformat.read(target / "autograder" / f"{target.name}.ipynb", as_version=4)
    sources = {cell.id: cell.source for cell in solved.cells if cell.cell_type == "code"}
    for question, code in (answers or {}).items():
        sources[questions(master)[question][0]] = code
    notebook = student_version(target)
    for cell in notebook.cells:
        if "otter_answer_cell" in cell.metadata.get("tags", []) and cell.id in sources:
            cell.source = sources[cell.id]
    return notebook


def grade_in_kernel(notebook, target, folder):
    """Grade a notebook as `otter run` does; the folder is one to write it to."""
    from otter.api import grade_submission  # takes seconds

    path = Path(folder, f"{target.name}.ipynb")
    nbformat.write(notebook, path)
    results = grade_submission(str(path), str(autograder(target)), quiet=True)
    assert not results.catastrophic_error, results.summary()
    tests = results.results.values()
    cases = [case for test in tests for case in test.test_case_results]
    return Graded(
        {test.name: test.score for test in tests},
        {test.name: test.possible for test in tests},
        "\n".join(case.message for case in cases if not case.passed),
    )


class InThisProcess:
    """Run a notebook where Otter would start a kernel, which then imports Otter for seconds."""

    def __init__(self, config):
        pass

    def preprocess(self, notebook):
        shell = InteractiveShell()
        with capture_output():
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    shell.run_cell(cell.source)
        return notebook, {}


def grade(notebook, target, folder):
    """Grade a notebook of our own as `grade_in_kernel` does, in a tenth of the time."""
    with (
        mock.patch("nbconvert.preprocessors.ExecutePreprocessor", InThisProcess),
        mock.patch.multiple("otter.logging", set_level=mock.DEFAULT, send_logs=mock.DEFAULT),
        mock.patch.object(sys, "path", [*sys.path]),  # gets the folder of the submission
    ):
        return grade_in_kernel(notebook, target, folder)
