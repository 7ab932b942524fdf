"""Make every assignment by Otter-Grader: the students' version, and the archive that grades it.

``python assignments/assign.py`` (or ``make assignments``) reads the master notebooks beside it and
writes ``_build/assignments/NAME/student`` and ``…/autograder``; paths of other masters may follow.
It fails unless each master's own solution gets all points.
"""

import os
import re
import shutil
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILT = ROOT / "_build" / "assignments"
PROCESSES = 2
# lossbook is on no public index, so its folder goes beside the notebook, with the student's copy
# and into the archive. A wheel to install would not do: Docker's image is made before the files
# of the archive are there. What lossbook needs is installed as usual.
WITH_PACKAGE = """
files:
    - lossbook
requirements:
"""


class AssignmentError(Exception):
    """One line: which assignment, and what is wrong with it."""


def masters():
    return sorted(HERE.glob("*.ipynb"))


def assign(master, target):
    """Write the folders student and autograder of a master; in the latter is the archive."""
    from otter.assign import main as otter_assign  # takes seconds

    with tempfile.TemporaryDirectory() as scratch:
        copied = Path(scratch, master.name)
        nbformat.write(with_package(master), copied)
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / "lossbook", Path(scratch, "lossbook"), ignore=ignored)
        try:
            otter_assign(str(copied), str(Path(scratch, "made")), no_run_tests=True)
        except Exception as error:  # of many kinds, for what is wrong in the notebook
            raise AssignmentError(f"{master.stem}: {type(error).__name__}: {error}") from error
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(Path(scratch, "made"), target)
    (archive,) = (target / "autograder").glob("*.zip")
    archive.rename(autograder(target))  # Otter puts the time into its name


def autograder(target):
    return target / "autograder" / f"{target.name}.zip"


def with_package(master):
    """Return a master notebook whose configuration asks for lossbook."""
    notebook = nbformat.read(master, as_version=4)
    configs = [cell for cell in notebook.cells if cell.source.startswith("# ASSIGNMENT CONFIG")]
    if len(configs) != 1:
        raise AssignmentError(f"{master.stem}: expected one cell with ASSIGNMENT CONFIG")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["plots"]]
    configs[0].source += WITH_PACKAGE + "\n".join(f"    - {name}" for name in needed)
    return notebook


def check_solution(target):
    """Grade the master's own solution as a submission; return the points that tests give."""
    from otter.api import grade_submission

    name = target.name
    solution = target / "autograder" / f"{name}.ipynb"
    results = grade_submission(str(solution), str(autograder(target)), quiet=True)
    # Otter takes 0 of 0 points for all of them, and so a kernel that died for a success.
    if results.catastrophic_error or not results.possible:
        raise AssignmentError(f"{name}: its solution gave no results: {results.summary()}")
    for question in results.results.values():
        for case in question.test_case_results:
            if not case.passed:
                reason = re.sub(r"\s+", " ", case.message.rpartition("\n")[2])
                raise AssignmentError(f"{name}: its solution fails {case.test_case.name}: {reason}")
    return results.possible


def make(master):
    target = BUILT / master.stem
    assign(master, target)
    return check_solution(target)


def quiet():
    """Drop what kernels write to stderr: each warns that it listens without encryption."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main(paths):
    start = time.perf_counter()
    failed = False
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), quiet) as pool:
        made = {pool.submit(make, path): path for path in paths}
        for job in as_completed(made):
            seconds = time.perf_counter() - start
            try:
                points = job.result()
                print(
                    f"{made[job].stem}: the solution gets {points:g} of {points:g} points", end=""
                )
                print(f" ({seconds:.0f} s)", flush=True)
            except AssignmentError as error:
                failed = True
                print(f"error: {error}", file=sys.stderr, flush=True)
    print(f"Students' versions and archives are in {BUILT.relative_to(ROOT)}/")
    sys.exit(failed)


if __name__ == "__main__":
    main([Path(path).resolve() for path in sys.argv[1:]] or masters())
