"""Sphinx extension: buttons at the top of a chapter that open it as a notebook to run.

*Run live* opens it in JupyterLite on the site itself, where the build has that (see ``live.py``).
Colab and Binder take it from the public repository, so they need its address, in _config.yml.
"""

from pathlib import Path

from labs import live_address
from live import is_included

BINDER = "https://mybinder.org/v2/gh/{name}/{branch}?urlpath=lab/tree/{page}.ipynb"
# The branch `colab` has copies whose first cell installs what the chapter needs (see ``colab.py``).
COLAB = "https://colab.research.google.com/github/{name}/blob/colab/{page}.ipynb"


def add_buttons(app, pagename, templatename, context, doctree):
    if pagename.startswith("chapters/") and doctree:
        context["header_buttons"][:0] = [*live_button(app, pagename), *elsewhere(app, pagename)]


def live_button(app, page):
    if is_included(Path(app.outdir)):
        yield {
            "type": "link",
            "url": live_address(page),
            "text": "Run live",
            "icon": "fas fa-play",
            "tooltip": "Run this chapter in your browser; nothing to install",
            "label": "run-live",
        }


def elsewhere(app, page):
    options = app.config.html_theme_options
    name = options.get("repository_url", "").rstrip("/").partition("https://github.com/")[2]
    if name:
        place = {"name": name, "branch": options.get("repository_branch", "main"), "page": page}
        buttons = [
            {"type": "link", "url": address.format(**place), "text": text, "tooltip": tooltip}
            for text, address, tooltip in (
                ("Colab", COLAB, "Run this chapter on Google Colab"),
                ("Binder", BINDER, "Run this chapter on mybinder.org"),
            )
        ]
        yield {
            "type": "group",
            "tooltip": "Run this chapter elsewhere",
            "icon": "fas fa-rocket",
            "buttons": buttons,
            "label": "launch-buttons",
        }


def setup(app):
    app.connect("html-page-context", add_buttons, priority=600)  # after the theme's own buttons
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
