"""An assignment done in the reader's browser: opened, answered, checked and packed."""

import io
import json
import zipfile

import pytest
from built import HTML
from test_live import KERNEL, MINUTES, OPENED, TO_OUTPUT, run_all

ROOT = HTML.parents[1]
LIVE = HTML / "live" / "files" / "assignments"
MASTERS = sorted((ROOT / "assignments").glob("*.ipynb"))
SET = """
(answers) => {
  for (const cell of jupyterapp.shell.currentWidget.content.model.cells)
    if (cell.id in answers) cell.sharedModel.setSource(answers[cell.id]);
  return jupyterapp.commands.execute("docmanager:save");
}
"""

pytestmark = pytest.mark.skipif(
    not (HTML / "live").exists(), reason="this build is without Python for the browser"
)


def solutions(master):
    """Map the code cells of a master, its solutions among them, to their sources."""
    solved = ROOT / "_build" / "live" / "assignments" / master.stem / "autograder" / master.name
    cells = json.loads(solved.read_text("utf-8"))["cells"]
    return {c["id"]: "".join(c["source"]) for c in cells if c["cell_type"] == "code"}


def shown(notebook, beginning):
    """Return what is shown under the cells that begin so."""
    return [
        json.dumps(cell.outputs, ensure_ascii=False)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.startswith(beginning)
    ]


def test_every_assignment_is_there():
    assert [path.name for path in sorted(LIVE.glob("*.ipynb"))] == [p.name for p in MASTERS]


EACH = [
    pytest.param(path, id=path.stem, marks=[] if number == 0 else pytest.mark.slow)
    for number, path in enumerate(MASTERS)
]


@pytest.mark.parametrize("master", EACH)
def test_assignment_is_checked_and_packed(page, site, master):
    page.goto(f"{site}live/notebooks/index.html?path=assignments/{master.name}")
    page.wait_for_function(OPENED, timeout=2 * MINUTES)
    page.wait_for_function(KERNEL, timeout=2 * MINUTES)
    # Unfilled, a notebook may stop at the first cell that uses an answer.
    page.evaluate(SET, solutions(master))
    done = run_all(page)
    checks = shown(done, "grader.check(")
    assert checks
    assert all("passed!" in text for text in checks), checks
    (exported,) = shown(done, "# Save your notebook")
    assert "All test cases passed!" in exported
    page.evaluate(TO_OUTPUT, "Hand in this file")
    with page.expect_download() as download:
        page.get_by_role("link", name=f"{master.stem}_").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert master.name in archive.namelist()
