"""The copies of the chapters for JupyterLite and Colab say all in plain Markdown."""

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
OF_THE_BOOK = re.compile(r"^ *(?:`{3,}|:{3,})\{|\{[a-z:]+\}`|^:[a-z]+:", re.MULTILINE)

sys.path.insert(0, str(ROOT / "website"))
colab = pytest.importorskip("colab", exc_type=ImportError)
live = pytest.importorskip("live", exc_type=ImportError)
plain_notebooks = pytest.importorskip("plain_notebooks", exc_type=ImportError)
SOLUTION, plain = plain_notebooks.SOLUTION, plain_notebooks.plain


def code(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def markdown(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_copy_is_plain_and_whole(path):
    stored = nbformat.read(path, as_version=4)
    copy = plain(stored)
    nbformat.validate(copy)
    assert code(copy) == code(stored)
    assert len({cell.id for cell in copy.cells}) == len(copy.cells)
    for cell in markdown(copy):
        assert not OF_THE_BOOK.search(cell.source), cell.source
    text = "\n".join(cell.source for cell in markdown(stored))
    folded = [c for c in markdown(copy) if c.metadata.get("jp-MarkdownHeadingCollapsed")]
    assert [cell.source for cell in folded] == [SOLUTION] * text.count("{solution-start}")


def test_words_of_the_book_in_plain_markdown():
    source = """\
````{admonition} Mind the {term}`loss <loss>`
:class: tip
First {footcite:p}`huber1964robust`.

```python
{"a": 1}
```
````
As {footcite:t}`huber1964robust` says.

```{exercise} One
:label: ex1
What is $x$?
```
````{solution-start} ex1
:class: dropdown
````
It is 1.
````{solution-end}
````
```{footbibliography}
```"""
    cell = nbformat.v4.new_markdown_cell(source, id="a")
    cells = plain(nbformat.v4.new_notebook(cells=[cell])).cells
    assert cells[0].source.startswith("> **Mind the loss**\n>\n> First (Huber 1964).\n>\n")
    assert '> {"a": 1}' in cells[0].source
    assert "As Huber (1964) says.\n\n### Exercise: One\nWhat is $x$?" in cells[0].source
    assert cells[1].source == SOLUTION
    assert cells[2].source.startswith("It is 1.\n- Peter")
    assert "Robust" in cells[2].source


def test_colab_copy_begins_by_installing():
    copy = colab.copy_for_colab(CHAPTERS[0], "https://github.com/someone/lossbook")
    assert "git clone --quiet --depth 1 https://github.com/someone/lossbook" in copy.cells[0].source
    assert code(copy)[1:] == code(nbformat.read(CHAPTERS[0], as_version=4))


def test_browser_copies_name_its_kernel_and_have_their_files(tmp_path):
    live.write_contents(tmp_path / "chapters")
    for path in CHAPTERS:
        copy = json.loads((tmp_path / "chapters" / path.name).read_text("utf-8"))
        assert copy["metadata"]["kernelspec"]["name"] == "python"
        streams = [out for cell in copy["cells"] for out in cell.get("outputs", [])]
        # Lists of lines would be shown with commas between them.
        assert all(isinstance(out.get("text", ""), str) for out in streams)
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")}
    assert {"chapters/quizzes/01.json", "chapters/data/diou_simulation.json"} <= names
