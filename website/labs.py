"""Sphinx extension: a lab shows its picture, and the way to the page where its widgets train.

That page is the same chapter in JupyterLite. Where the build has no live Python (see
``live.py``), words say how else to run it. No widget and none of its scripts is in a page.
"""

from pathlib import Path

from docutils import nodes
from live import is_included
from myst_nb.core.render import NbElementRenderer

LINK = '<p class="lab-live"><a class="sd-btn sd-btn-primary" href="{address}">Run it live</a></p>'
WORDS = (
    '<p class="lab-live">The picture shows the first run. To train with other settings, download '
    "this chapter (at the top of the page) and run it in Jupyter, or <code>make lab</code>.</p>"
)


def live_address(docname):
    """Return where a chapter runs in the browser, relative to its page."""
    root = "../" * docname.count("/")
    return f"{root}live/notebooks/index.html?path={docname}.ipynb"


def live_part(env):
    """Return the HTML to put below a lab."""
    if is_included(Path(env.app.outdir)):
        return LINK.format(address=live_address(env.docname))
    return WORDS


def setup(app):
    render_image = NbElementRenderer.render_image

    def render_image_of_lab(self, data):
        shown = render_image(self, data)
        if data.output_metadata.get(data.mime_type, {}).get("lab"):
            html = live_part(self.renderer.sphinx_env)
            shown.append(nodes.raw("", html, format="html"))
        return shown

    NbElementRenderer.render_image = render_image_of_lab
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
