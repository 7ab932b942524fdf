"""What a student sees in the browser: the same as Otter-Grader says on the same notebook.

Here the browser's Python is this one, with what its wheel brings and without what it has not.
That the notebooks open and run in a real browser is in tests/site/test_live_assignments.py.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from assign import BUILT, ROOT
from submissions import filled, masters, questions, student_version

sys.path.insert(0, str(ROOT / "website"))
import live

MISSING = ["pandas", "nbformat", "jupytext", "yaml", "requests", "ipylab", "wrapt", "dill"]
# Runs a notebook's cells in the folder it lies in, and tells what its checks show.
RUN = """
import json, sys
sys.modules.update(dict.fromkeys(json.loads(sys.argv[2])))
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell, shown = InteractiveShell(), {}
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "code" and not source.startswith("# Save your notebook"):
        with capture_output():
            result = shell.run_cell(source).result
        if source.startswith("grader.check("):
            shown[source] = repr(result)
with capture_output():
    shown["all"] = repr(shell.run_cell("grader.check_all()").result)
shell.run_cell("import otter; where = otter.__file__")
print(json.dumps([shown, shell.user_ns["where"]]))
"""
EXPORT = """
import sys, otter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
InteractiveShell.instance()  # shows what is displayed
grader = otter.Notebook(sys.argv[1])
with capture_output() as shown:
    grader.export(pdf=False, run_tests=True)
print(shown.stdout, "data:application/zip;base64," in shown.outputs[0].data["text/html"])
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """What the wheel for the browser brings, unpacked."""
    folder = tmp_path_factory.mktemp("browser")
    with zipfile.ZipFile(live.wheel_of_added(folder)) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def python(code, path, first, missing=()):
    """Run code on a notebook, with these folders before what is installed."""
    command = [sys.executable, "-W", "ignore", "-c", code, path.name, json.dumps(missing)]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, first))}
    options = {"capture_output": True, "text": True, "check": True, "env": variables}
    return subprocess.run(command, cwd=path.parent, **options).stdout


def says(path, first, missing=()):
    return json.loads(python(RUN, path, first, missing).splitlines()[-1])


def write(notebook, master, folder):
    path = Path(folder, master.name)
    nbformat.write(notebook, path)
    return path


EACH = [
    pytest.param(path, id=path.stem, marks=[] if number == 0 else pytest.mark.slow)
    for number, path in enumerate(masters())
]


@pytest.mark.parametrize("master", EACH)
@pytest.mark.parametrize("answered", [True, False], ids=["solution", "nothing filled in"])
def test_checks_say_what_otter_says(master, answered, browser, tmp_path):
    notebook = filled(master) if answered else student_version(BUILT / master.stem)
    path = write(notebook, master, tmp_path)
    ours, where = says(path, [browser, ROOT], MISSING)
    assert Path(where).is_relative_to(browser)
    theirs, where = says(path, [ROOT])
    assert not Path(where).is_relative_to(browser)
    assert ours == theirs
    assert len(ours) > 5
    passed = [text.endswith("All test cases passed!") for text in ours.values()]
    assert all(passed) if answered else not any(passed)


def test_zip_is_what_is_graded(browser, tmp_path):
    for master in masters()[:1]:
        path = write(filled(master), master, tmp_path)
        shown = python(EXPORT, path, [browser, ROOT])
        assert shown.endswith("True\n")
        for question in list(questions(master))[:2]:
            assert f"{question} results:" in shown
        (made,) = tmp_path.glob("*.zip")
        with zipfile.ZipFile(made) as archive:
            assert archive.read(master.name) == path.read_bytes()
            assert archive.read("__zip_filename__").decode() == made.name
