"""Sphinx extension: reference pages from the docstrings, with a card for every loss.

`automodule` lists what the package exports and nothing else. A loss is followed by its curve and
its traits, drawn and asked when the pages are made; pictures of an unchanged package are kept.
"""

import functools
import hashlib
import inspect
import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.domains.python import PyObject
from sphinx.util.docutils import SphinxDirective

import lossbook
from lossbook import cards

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = {
    name: f"{thing.__module__}.{name}"
    for name, thing in vars(lossbook).items()
    if inspect.isclass(thing) or inspect.isfunction(thing)
}
# A user imports these modules by name, so all that they offer is public.
WHOLE = {"lossbook.plots", "lossbook.explorers"}


def leave_out(app, what, name, thing, skip, options):
    """Skip helpers, constants, and the formulas of a loss, which its own formula says already."""
    thing = thing.fget if isinstance(thing, property) else thing
    if skip or not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return True
    if what == "module":
        # Results and bases to derive from are public too, though they need no import.
        kept = inspect.isclass(thing) and not issubclass(thing, Exception | lossbook.Loss)
        return not (kept or name in PUBLIC or thing.__module__ in WHOLE)
    owner = thing.__qualname__.rpartition(".")[0]
    return cards.is_loss(getattr(lossbook, owner, None))


def complete(app, what, name, thing, options, lines):
    """Link chapters in a docstring; put the card of a loss before its parameters."""
    lines[:] = stacked_formulas([link_chapters(app, line) for line in lines])
    if what == "class" and cards.is_loss(thing):
        ends = (i for i, line in enumerate(lines) if line.startswith((":param", ".. rubric")))
        place = next(ends, len(lines))
        lines[place:place] = card(thing)


def link_chapters(app, line):
    """Turn "(chapters 4 and 6)" into links to those chapters that are in the book."""

    def link(match):
        found = next((ROOT / "chapters").glob(f"{int(match[2]):02d}-*.ipynb"), None)
        page = found and f"chapters/{found.stem}"
        return f":doc:`{match[0]} </{page}>`" if page in app.env.found_docs else match[0]

    return re.sub(
        r"\(chapters? [^)]*\)",
        lambda place: re.sub(r"(chapter )?\b(\d+)", link, place[0]),
        line,
    )


def stacked_formulas(lines):
    """Put formulas that stand side by side in a docstring below each other: phones are narrow."""
    inside = False
    for line in lines:
        if line.startswith(".. math::"):
            inside = True
            yield ".. math::"
            yield ""
            yield r"   \begin{gathered}"
            line = line.removeprefix(".. math::")
        elif inside and line and not line.startswith(" "):
            inside = False
            yield r"   \end{gathered}"
            yield ""
        if not inside:
            yield line
        elif line.strip():
            yield "   " + line.strip().replace(r"\qquad", r"\\[1ex]")


def card(cls):
    """Return the curve beside the traits; on a phone, above them."""
    loss = cards.shown(cls)
    file, alt = drawn(loss)
    rows = cards.card(loss)
    if text := cards.in_general(cls):
        rows.append(("In general", text))
    cells = [line for key, value in rows for line in (f"* - {key}", f"  - {value}")]
    table = [".. list-table::", "   :stub-columns: 1", "   :class: traits", "", *indented(cells)]
    return [
        ".. grid:: 1 1 2 2",
        "   :gutter: 3",
        "",
        "   .. grid-item::",
        "",
        f"      .. image:: {file}",
        f"         :alt: {alt}",
        "",
        f"      ``{cards.title(loss)}``",
        "",
        "   .. grid-item::",
        "",
        *indented(indented(table)),
        "",
    ]


def indented(lines):
    return [f"   {line}" if line else "" for line in lines]


def drawn(loss):
    """Return the picture of a loss, as a path for Sphinx, and its alternative text."""
    file = ROOT / "_build" / "cards" / package_hash() / f"{type(loss).__name__}.svg"
    text = file.with_suffix(".txt")
    if not text.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        svg, alt = cards.picture(loss)
        file.write_bytes(svg)
        text.write_text(alt, "utf-8")
    return f"/{file.relative_to(ROOT).as_posix()}", text.read_text("utf-8")


@functools.cache
def package_hash():
    """Tell what a picture depends on: the package, which also draws it."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "lossbook").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class LossTable(SphinxDirective):
    """A table of all losses; its arguments are the lines of a card to show."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        columns = [column.strip() for column in self.arguments[0].split(",")]
        lines = [".. list-table::", "   :header-rows: 1", "   :class: traits losses", ""]
        lines += row(["Loss", *columns])
        for cls in cards.exported_losses():
            loss = cards.shown(cls)
            known = dict(cards.card(loss))
            link = f":py:obj:`{cards.title(loss)} <{PUBLIC[cls.__name__]}>`"
            lines += row([link, *(known[column] for column in columns)])
        place = nodes.container()
        self.state.nested_parse(StringList(lines, "loss-table"), self.content_offset, place)
        return place.children


def row(cells):
    return [f"   {'  ' if i else '* '}- {cell}" for i, cell in enumerate(cells)]


def name_role(role, rawtext, text, lineno, inliner, options=None, content=()):
    """Show `text` as code; what the package exports becomes a link to its entry."""
    code = nodes.literal(rawtext, text)
    if text not in PUBLIC:
        return [code], []
    link = addnodes.pending_xref(
        rawtext,
        code,
        refdomain="py",
        reftype="obj",
        reftarget=PUBLIC[text],
        refexplicit=True,
        refwarn=True,
        refdoc=inliner.document.settings.env.docname,
    )
    return [link], []


def setup(app):
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as in the docstrings
    app.add_role("name", name_role)
    app.config.default_role = "name"
    app.add_directive("loss-table", LossTable)
    app.connect("autodoc-skip-member", leave_out)
    app.connect("autodoc-process-docstring", complete, priority=600)  # after napoleon
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
