"""Chapters as any Jupyter shows them: what only the book's own Markdown says, in plain Markdown.

Boxes become quotations, exercises and solutions headings (solutions are folded, as in the book),
citations names and years with the list of works at the end.
"""

import copy
import functools
import re

import nbformat
from notebooks import ROOT
from pybtex.database import parse_file
from pybtex.plugin import find_plugin

FENCE = re.compile(r"(`{3,}|:{3,})(?:\{([\w:-]+)\} *(.*))?")
OPTION = re.compile(r":[\w-]+:")
CITATION = re.compile(r"\{footcite:([pt])\}`([^`]+)`")
TERM = re.compile(r"\{term\}`([^`<]+?)(?: *<[^`]*>)?`")
SOLUTION = "#### Solution"


def plain(notebook):
    """Return a copy of a chapter whose text is plain Markdown."""
    notebook = copy.deepcopy(notebook)
    keys = cited_keys(notebook)
    notebook.cells = [part for cell in notebook.cells for part in plain_parts(cell, keys)]
    return notebook


def plain_parts(cell, keys):
    """Return the cells that one cell becomes: the heading of a solution is a cell of its own."""
    if cell.cell_type == "code":
        if "hide-input" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True}
        return [cell]
    text = "\n".join(plain_lines(cell.source.split("\n"), keys))
    parts = re.split(rf"^({SOLUTION})$", text, flags=re.MULTILINE)
    made = []
    for number, part in enumerate(part.strip() for part in parts):
        if part:
            new = nbformat.v4.new_markdown_cell(part, id=f"{cell.id}-{number}")
            if part == SOLUTION:
                new.metadata["jp-MarkdownHeadingCollapsed"] = True  # down to the next exercise
            made.append(new)
    return made


def plain_lines(lines, keys):
    lines = iter(lines)
    for line in lines:
        fence = FENCE.fullmatch(line.strip())
        if not fence:
            yield inline(line)
            continue
        body = inside(lines, fence[1])
        if fence[2] is None:
            yield from [line, *body, fence[1]]
        else:
            while body and OPTION.match(body[0]):
                body.pop(0)
            yield from directive(fence[2], fence[3] or "", body, keys)


def inside(lines, fence):
    """Take the lines up to the end of what this fence began."""
    body = []
    for line in lines:
        if line.strip() == fence:
            break
        body.append(line)
    return body


def directive(name, title, body, keys):
    """Say in plain Markdown what a directive of the book says."""
    if name in ("exercise", "admonition"):
        body = list(plain_lines(body, keys))
        if name == "exercise":
            return [f"### Exercise: {inline(title)}", *body]
        return [f"> **{inline(title)}**", ">", *(f"> {line}".rstrip() for line in body)]
    if name == "check-answer":
        starter = body[: body.index("# Check")]
        return ["```python", *"\n".join(starter).strip().split("\n"), "```"]
    if name == "math":
        return ["$$", *body, "$$"]
    if name == "footbibliography":
        return [f"- {work(key)}" for key in keys]
    # A solution begins and ends with a directive each.
    return [SOLUTION] if name == "solution-start" else []


def inline(text):
    return TERM.sub(r"\1", CITATION.sub(citation, text))


# Citations -----------------------------------------------------------------------------------


@functools.cache
def library():
    return parse_file(str(ROOT / "references.bib"))


def cited_keys(notebook):
    """List the works that a chapter cites, in the order of their first citation."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    keys = [key.strip() for found in CITATION.finditer(text) for key in found[2].split(",")]
    return list(dict.fromkeys(keys))


def citation(match):
    """Write a citation in parentheses or as a part of the sentence."""
    keys = [key.strip() for key in match[2].split(",")]
    works = [(names(key), library().entries[key].fields["year"]) for key in keys]
    if match[1] == "t":
        return ", ".join(f"{who} ({year})" for who, year in works)
    return "(" + "; ".join(f"{who} {year}" for who, year in works) + ")"


def names(key):
    entry = library().entries[key]
    people = entry.persons.get("author") or entry.persons["editor"]
    last = [" ".join(str(name) for name in person.rich_last_names) for person in people]
    return f"{last[0]} et al." if len(last) > 2 else " and ".join(last)


def work(key):
    """Write the entry of a work in the list."""
    style = find_plugin("pybtex.style.formatting", "plain")()
    (entry,) = style.format_bibliography(library(), [key])
    text = entry.text.render(find_plugin("pybtex.backends", "markdown")())
    return " ".join(text.split())
