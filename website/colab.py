"""Copies of the chapters for Google Colab, whose first cell installs what they need.

``python website/colab.py https://github.com/OWNER/NAME FOLDER`` writes them. The workflow that
publishes the site puts them on the branch `colab`, from which the buttons of the pages open them.
"""

import sys
from pathlib import Path

import nbformat
from notebooks import chapters
from plain_notebooks import plain

INSTALL = """\
# Google Colab: run this cell first. It fetches the book and installs its package.
![ -d /content/book ] || git clone --quiet --depth 1 {repository} /content/book
%pip install --quiet "/content/book[plots]" jupyterquiz
%cd -q /content/book/chapters"""


def copy_for_colab(path, repository):
    notebook = plain(nbformat.read(path, as_version=4))
    cell = nbformat.v4.new_code_cell(INSTALL.format(repository=repository), id="install")
    notebook.cells.insert(0, cell)
    return notebook


if __name__ == "__main__":
    address, target = sys.argv[1], Path(sys.argv[2], "chapters")
    target.mkdir(parents=True, exist_ok=True)
    for chapter in chapters():
        nbformat.write(copy_for_colab(chapter, address), target / chapter.name)
