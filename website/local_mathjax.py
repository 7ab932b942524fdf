"""Sphinx extension: formulas are set by a MathJax that lies on the site itself.

The package sphinx-mathjax-offline carries MathJax 3. Of its 24 MB we take what our formulas use.
"""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

PARTS = ["tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions"]


def copy_mathjax(app, exception):
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "mathjax")
    with as_file(files("sphinx-mathjax-offline") / "static" / "mathjax") as source:
        for part in PARTS:
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            if (source / part).is_dir():
                shutil.copytree(source / part, target / part, dirs_exist_ok=True)
            else:
                shutil.copy(source / part, target / part)


def setup(app):
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    app.connect("build-finished", copy_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
