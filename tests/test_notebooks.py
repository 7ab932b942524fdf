"""How the site's notebooks are run: what is tried again, and what is told in one line."""

import sys

import nbformat
import pytest

from chapters import TESTS

pytest.importorskip("nbclient")
sys.path.insert(0, str(TESTS.parent / "website"))
import notebooks
from notebooks import NotebookClient, NotebookError


@pytest.fixture
def path(tmp_path):
    cells = [nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "one.ipynb")
    return tmp_path / "one.ipynb"


def failing(times, error):
    """Stand in for `execute`: fail so many times, then do nothing."""
    calls = []

    def execute(client):
        calls.append(client)
        client.code_cells_executed = 1
        if len(calls) <= times:
            raise error

    return execute, calls


def test_a_kernel_whose_port_was_taken_is_started_again(path, monkeypatch):
    execute, calls = failing(2, RuntimeError("Kernel died before replying to kernel_info"))
    monkeypatch.setattr(NotebookClient, "execute", execute)
    notebook, _ = notebooks.run(path)
    assert len(calls) == 3
    assert notebook.cells[0].source == "1 + 1"


def test_a_kernel_that_never_starts_is_told_in_one_line(path, monkeypatch):
    execute, calls = failing(9, RuntimeError("Kernel died before replying to kernel_info"))
    monkeypatch.setattr(NotebookClient, "execute", execute)
    with pytest.raises(NotebookError, match=r"one\.ipynb: its kernel did not start"):
        notebooks.run(path)
    assert len(calls) == 3


def test_a_cell_that_fails_is_not_tried_again(path, monkeypatch):
    execute, calls = failing(9, notebooks.DeadKernelError("Kernel died"))
    monkeypatch.setattr(NotebookClient, "execute", execute)
    with pytest.raises(NotebookError, match="code cell 1: Kernel died"):
        notebooks.run(path)
    assert len(calls) == 1
