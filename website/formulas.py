"""Sphinx extension: KaTeX sets the formulas while the site is built; the browser runs nothing.

A formula that KaTeX does not understand is a warning that names its place, and so stops the build.
"""

import functools
import re
import shutil
import socket
import time
from pathlib import Path
from subprocess import PIPE, Popen

import npm
from docutils import nodes
from sphinx.util import logging
from sphinxcontrib import katex

# KaTeX knows no letters for these, which are easier to read in a notebook's source.
FRACTIONS = {"½": r"\tfrac12", "¼": r"\tfrac14"}
logger = logging.getLogger(__name__)


def strictly(visit):
    """Let a sphinxcontrib-katex visitor say where the formula is that it cannot set."""

    @functools.wraps(visit)
    def visit_formula(self, node):
        try:
            visit(self, node)
        except katex.KaTeXError as error:
            logger.warning("%s in %r", error, node.astext(), location=node)
            raise nodes.SkipNode from None

    return visit_formula


def start_server_process(server, rundir, timeout):
    """Start Node.js and connect to its socket as soon as it listens there.

    The extension's own way takes the socket's file for a sign that it does. Its other way, a
    network socket, waits 40 ms for each formula: both sides send a length and then a message.
    """
    path = str(rundir / "katex.sock")
    process = Popen(server.build_command(socket=path), stdin=PIPE, stdout=PIPE, cwd=rundir)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            connection.connect(path)
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.01)
    process.kill()
    raise server.timeout_error(timeout)


def copy_letters(app, exception):
    """Copy KaTeX's style sheet and its fonts, in the one format that every browser reads."""
    if exception or app.builder.format != "html":
        return
    source, target = npm.package("katex") / "dist", Path(app.outdir, "_static", "katex")
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    for font in source.glob("fonts/*.woff2"):
        shutil.copy(font, target / "fonts")
    sheet = (source / "katex.min.css").read_text("utf-8")
    older_formats = r',url\([^)]*\.(woff|ttf)\) format\("\w+"\)'
    (target / "katex.min.css").write_text(re.sub(older_formats, "", sheet), "utf-8")


def setup(app):
    app.setup_extension("sphinxcontrib.katex")
    app.add_html_math_renderer(
        "formulas",
        inline_renderers=(strictly(katex.html_visit_math), None),
        block_renderers=(strictly(katex.html_visit_displaymath), None),
    )
    katex.NODEJS_BINARY = str(npm.NODE)
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0  # seconds, on a busy machine too
    katex.KaTeXServer.start_server_process = classmethod(start_server_process)
    katex.KATEX_DEFAULT_OPTIONS = {"throwOnError": True, "strict": "error", "macros": FRACTIONS}
    app.config.html_math_renderer = "formulas"
    app.config.katex_prerender = True
    app.config.katex_js_path = str(npm.package("katex") / "dist" / "katex.min.js")
    app.config.katex_css_path = "katex/katex.min.css"
    app.connect("build-finished", copy_letters)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
