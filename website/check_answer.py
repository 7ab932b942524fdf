"""Sphinx extension: an editor under an exercise, whose *Check* runs Python in the reader's browser.

The argument is the label of the exercise. Above the line ``# Check`` is the code the reader starts
with, below it the code that judges: its last line is an expression that gives the verdict, with
what ``answers.py`` offers to checks (lb, np, grade, check_gradient, close, same, …)::

    ```{check-answer} ex1-half
    import lossbook as lb

    answer = ...
    # Check
    close(answer, lb.SquaredError().loss(0, 1) / 2)
    ```

Python itself is loaded when a reader asks for it (see ``pyodide_files.py``).
"""

import ast
import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import exercise_subtitle

ANSWERS = Path(__file__).with_name("answers.py")
DIVIDER = "# Check"
NO_PYTHON = (
    "This copy of the site was built without Python for the browser, so answers cannot be "
    "checked here. The code to start with:"
)
BOX = """
<div class="check-answer" role="group" aria-label="Your answer: {title}" data-key="{key}"
 data-check="{check}">
<label for="{id}">Your answer</label>
<textarea id="{id}" rows="{rows}" spellcheck="false" autocomplete="off" autocapitalize="off"
 autocorrect="off" wrap="off" aria-describedby="{id}-keys">
{starter}</textarea>
<p class="check-answer-keys" id="{id}-keys">Ctrl+Enter checks. Tab indents; Escape, then Tab, moves
 on.</p>
<div class="check-answer-buttons">
<button type="button" name="check" disabled>Check</button>
<button type="button" name="stop" disabled>Stop</button>
<button type="button" name="reset" disabled>Reset</button>
</div>
<noscript>Checking needs JavaScript.</noscript>
<div class="check-answer-verdict" role="status"></div>
</div>
"""


class CheckAnswer(nodes.General, nodes.Element):
    """An editor with its starter, its check and the exercise it belongs to."""


class CheckAnswerDirective(SphinxDirective):
    has_content = True
    required_arguments = 1

    def run(self):
        try:
            starter, check = parts("\n".join(self.content))
        except (SyntaxError, ValueError) as error:
            raise self.error(f"check-answer: {error}") from error
        node = CheckAnswer(exercise=self.arguments[0], starter=starter, check=check)
        self.set_source_info(node)
        return [node]


def parts(content):
    """Split the content into starter and check, and make sure that both are Python."""
    starter, divider, check = content.partition(f"\n{DIVIDER}\n")
    ast.parse(starter)
    body = ast.parse(check).body
    if not divider or not body or not isinstance(body[-1], ast.Expr):
        raise ValueError(f"expected code, a line '{DIVIDER}', and code that ends in an expression")
    return starter.strip("\n"), check.strip("\n")


def visit_html(self, node):
    if not self.builder.python_included:
        self.body.append(f'<p class="check-answer-missing">{NO_PYTHON}</p>')
        self.visit_literal_block(code_block(node))  # raises SkipNode: this node has no children
    values = {
        "id": f"answer-{node['exercise']}",
        "key": f"{self.builder.current_docname}:{node['exercise']}",
        "title": title(self.builder.env, node),
        "rows": node["starter"].count("\n") + 2,
        "starter": node["starter"],
        "check": node["check"],
    }
    self.body.append(BOX.format(**{key: escape(str(value)) for key, value in values.items()}))
    raise nodes.SkipNode


def title(env, node):
    """Return the name of the exercise, for those who hear the page."""
    exercise = getattr(env, "sphinx_exercise_registry", {}).get(node["exercise"])
    if exercise is None:
        text = "check-answer: there is no exercise with the label %s"
        logging.getLogger(__name__).warning(text, node["exercise"], location=node)
        return node["exercise"]
    names = exercise["node"].findall(exercise_subtitle)
    return next((name.astext().strip() for name in names), "exercise")


def code_block(node):
    return nodes.literal_block(node["starter"], node["starter"], language="python")


def in_other_formats(app, doctree, docname):
    """A book on paper shows the code to start with."""
    if app.builder.format != "html":
        for node in list(doctree.findall(CheckAnswer)):
            node.replace_self(code_block(node))


def find_python(app):
    app.builder.python_included = Path(app.outdir, "pyodide", "pyodide-lock.json").exists()


def add_script(app, pagename, templatename, context, doctree):
    """Only pages with an editor have the script; it loads Python only when asked."""
    if doctree and app.builder.python_included and any(doctree.findall(CheckAnswer)):
        app.add_js_file("answers.js", loading_method="defer")
        app.add_css_file("answers.css")


def copy_answers(app, exception):
    if not exception and app.builder.format == "html" and app.builder.python_included:
        shutil.copy(ANSWERS, Path(app.outdir, "_static"))


def setup(app):
    app.add_node(CheckAnswer, html=(visit_html, None))
    app.add_directive("check-answer", CheckAnswerDirective)
    app.connect("builder-inited", find_python)
    app.connect("doctree-resolved", in_other_formats)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", copy_answers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
