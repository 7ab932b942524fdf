"""Sphinx extension: the directive ``{cite-book}``, a box that says how to cite the book.

All of it comes from CITATION.cff, under `preferred-citation`.
"""

from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FILE = Path(__file__).resolve().parent.parent / "CITATION.cff"
# Fields of CITATION.cff, in the order and under the names of BibTeX.
FIELDS = {"title": "title", "version": "edition", "year": "year", "doi": "doi", "url": "url"}


def preferred(text):
    """Return what CITATION.cff says about the book itself, with the version of the whole."""
    whole = yaml.safe_load(text)
    return {"version": whole["version"]} | whole["preferred-citation"]


def names(citation):
    return [author.get("name") or person(author) for author in citation["authors"]]


def person(author):
    return f"{author['family-names']}, {author['given-names']}"


def bibtex(citation):
    """Write the citation as BibTeX; double braces keep the names of groups and capitals as is."""
    authors = " and ".join(name if "," in name else f"{{{name}}}" for name in names(citation))
    lines = [f"  author = {{{authors}}}"]
    for key, field in FIELDS.items():
        if key in citation:
            value = citation[key]
            lines.append(f"  {field} = {{{f'{{{value}}}' if key == 'title' else value}}}")
    return "@book{lossbook,\n" + ",\n".join(lines) + "\n}"


def sentence(citation):
    """Write the citation as in a list of references."""
    by = ", ".join(names(citation))
    return f"{by} ({citation['year']}). {citation['title']}. Version {citation['version']}."


class CiteBook(SphinxDirective):
    def run(self):
        self.env.note_dependency(str(FILE))
        citation = preferred(FILE.read_text("utf-8"))
        code = nodes.literal_block(text := bibtex(citation), text, language="bibtex")
        box = nodes.admonition(classes=["cite-book"])
        box += [nodes.title("", "Cite this book"), nodes.paragraph("", sentence(citation)), code]
        return [box]


def setup(app):
    app.add_directive("cite-book", CiteBook)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
