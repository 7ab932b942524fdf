"""Sphinx extension: leave out Thebe, which Jupyter Book adds to every page.

Nothing here uses it. It names a third party's server on every page and declares a constant twice,
which is an error in the browser's console.
"""


def drop_thebe(app, pagename, templatename, context, doctree):
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script.filename} {script.attributes.get('body')}".lower()
    ]


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
