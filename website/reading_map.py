"""Sphinx extension: a table of the chapters with paths through them, reading times and run times.

Each line of the directive's content is a path, a name and the numbers of its chapters::

    ```{reading-map}
    A: 1 2 3 4
    B: 1 5 17
    ```
"""

import re

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.util.docutils import SphinxDirective

WORDS_PER_MINUTE = 200
CODE_LINES_PER_MINUTE = 15
CHAPTER = re.compile(r"chapters/(\d\d)-")


class ReadingMap(nodes.General, nodes.Element):
    """Stands for the table until all chapters have been read."""


class ReadingMapDirective(SphinxDirective):
    has_content = True

    def run(self):
        lines = (line.partition(":") for line in self.content)
        paths = {
            name.strip(): [int(number) for number in chapters.split()]
            for name, _, chapters in lines
        }
        return [ReadingMap(paths=paths)]


def minutes(doctree):
    """Estimate how long it takes to read the text and the shown code."""
    hidden = {id(node) for cell in doctree.findall(is_hidden) for node in cell.findall()}
    code = [node for node in doctree.findall(nodes.literal_block) if id(node) not in hidden]
    words = sum(len(node.astext().split()) for node in doctree.findall(nodes.paragraph))
    lines = sum(node.astext().count("\n") + 1 for node in code)
    return words / WORDS_PER_MINUTE + lines / CODE_LINES_PER_MINUTE


def is_hidden(node):
    return isinstance(node, nodes.Element) and "tag_hide-input" in node.get("classes", [])


def remember_minutes(app, doctree):
    if CHAPTER.match(app.env.docname):
        app.env.metadata[app.env.docname]["minutes"] = minutes(doctree)


def fill(app, doctree, docname):
    for node in list(doctree.findall(ReadingMap)):
        node.replace_self(table(app, docname, node["paths"]))


def table(app, docname, paths):
    """One row a chapter, and a last row with the totals of each path."""
    env = app.env
    runs = NbMetadataCollector.get_doc_data(env)
    head = ["chapter", *paths, "read (min)", "run (s)"]
    rows, totals, seconds = [], dict.fromkeys(paths, 0.0), 0.0
    for chapter in sorted(filter(CHAPTER.match, env.found_docs)):
        number, read = int(CHAPTER.match(chapter)[1]), env.metadata[chapter]["minutes"]
        run = runs[chapter].get("exec_data", {}).get("runtime") or 0.0
        seconds += run
        for path in paths:
            totals[path] += read * (number in paths[path])
        link = nodes.reference("", env.titles[chapter].astext(), internal=True)
        link["refuri"] = app.builder.get_relative_uri(docname, chapter)
        dots = ["●" if number in paths[path] else "" for path in paths]
        rows.append([link, *dots, f"{read:.0f}", f"{run:.0f}"])
    rows.append(["hours in all", *(f"{total / 60:.1f}" for total in totals.values()), "", ""])
    return as_table(head, rows)


def as_table(head, rows):
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", as_row(head))
    group += nodes.tbody("", *map(as_row, rows))
    return nodes.table("", group, classes=["reading-map", "colwidths-auto"])


def as_row(cells):
    row = nodes.row()
    for cell in cells:
        inside = cell if isinstance(cell, nodes.Node) else nodes.Text(cell)
        row += nodes.entry("", nodes.paragraph("", "", inside))
    return row


def setup(app):
    app.add_node(ReadingMap)
    app.add_directive("reading-map", ReadingMapDirective)
    app.connect("doctree-read", remember_minutes)
    app.connect("doctree-resolved", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
