"""Sphinx extension: slider figures of `lossbook.explorers` are moved by the page itself.

While the site is built, Node.js turns its Vega-Lite into Vega and draws the default picture. The
page shows that picture and native inputs at once, and loads Vega when the figure comes into view.
"""

import hashlib
import json
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import npm
from docutils import nodes
from myst_nb.core.render import NbElementRenderer
from notebooks import ROOT

from lossbook.palette import GREY
from lossbook.sliders import MIME

HERE = Path(__file__).parent
COMPILER = HERE / "compile_explorer.js"
SCRIPT = HERE / "explorers.js"
CACHE = ROOT / "_build" / "explorers"
# The interpreter runs expressions where a Content-Security-Policy forbids to compile them.
VEGA = {
    "vega": "build/vega.min.js",
    "vega-interpreter": "build/vega-interpreter.min.js",
}

FIGURE = """
<figure class="explorer" data-spec="{spec}">
<div class="explorer-picture" role="img" aria-label="{description}" style="min-height: {height}px">
{svg}
</div>
<div class="explorer-sliders">
{inputs}
</div>
<p class="explorer-values" role="status"></p>
</figure>
"""


class Explorer(nodes.raw):
    """The HTML of a figure, as a class of its own, so that its page is known to need the script."""


def compiled(spec):
    """Return Vega's specification and the default picture, from the cache where it has them."""
    # The page says what colour its letters have, in light and in dark.
    config = json.loads(json.dumps(spec["config"]).replace(GREY, "currentColor"))
    text = json.dumps(spec | {"config": config}, ensure_ascii=False)
    made_of = text.encode() + COMPILER.read_bytes() + (HERE / "package-lock.json").read_bytes()
    file = CACHE / f"{hashlib.sha256(made_of).hexdigest()[:32]}.json"
    if not file.exists():
        modules = npm.package("vega").parent
        done = subprocess.run(
            [npm.NODE, COMPILER, modules], input=text, capture_output=True, encoding="utf-8"
        )
        if done.returncode != 0:
            raise RuntimeError(f"Vega-Lite does not take an explorer: {done.stderr[-500:]}")
        CACHE.mkdir(parents=True, exist_ok=True)
        file.write_text(done.stdout, "utf-8")
    made = json.loads(file.read_text("utf-8"))
    return made["vega"], made["svg"]


def html(spec, folder):
    """Return the figure as it stands in the page; write what moves it into the folder."""
    vega, svg = compiled(spec)
    data = json.dumps(vega, ensure_ascii=False, separators=(",", ":"))
    key = f"explorer-{hashlib.sha256((svg + data).encode()).hexdigest()[:8]}"
    # A script, as a page that was opened as a file may not read a file otherwise.
    (folder / f"{key}.js").write_text(f"document.currentScript.spec = {data};\n", "utf-8")
    svg = svg.replace("<svg ", '<svg aria-hidden="true" ', 1)  # the figure's sentence speaks for it
    # Places in a picture have names that must be the only ones of the page.
    svg = re.sub(r"(clip|gradient)_?(\d+)", rf"{key}-\1\2", svg)
    sliders = [parameter for parameter in spec["params"] if "bind" in parameter]
    return FIGURE.format(
        spec=f"{key}.js",
        description=escape(spec["description"]),
        height=re.search(r'height="(\d+)', svg)[1],
        svg=svg,
        inputs="\n".join(control(slider, key) for slider in sliders),
    )


def control(slider, key):
    """Return an input with its name and its value."""
    bind, name, value = slider["bind"], escape(slider["name"]), slider["value"]
    told = f'id="{key}-{name}" name="{name}"'
    if bind["input"] == "select":
        options = "".join(
            f"<option{' selected' if option == value else ''}>{escape(option)}</option>"
            for option in bind["options"]
        )
        field = f"<select {told}>{options}</select>"
    else:
        ends = " ".join(f'{end}="{bind[end]:g}"' for end in ("min", "max", "step"))
        field = f'<input type="range" {told} {ends} value="{value:g}" autocomplete="off">'
        field += f'<span aria-hidden="true">{value:g}</span>'
    return f'<div><label for="{key}-{name}">{escape(bind["name"].strip())}</label>{field}</div>'


def add_script(app, pagename, templatename, context, doctree):
    if doctree and any(doctree.findall(Explorer)):
        app.add_js_file("explorers/explorers.js", loading_method="defer")
        app.add_css_file("explorers.css")


def site_folder(app):
    return Path(app.outdir, "_static", "explorers")


def copy_scripts(app):
    if app.builder.format != "html":
        return
    target = site_folder(app)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(SCRIPT, target)
    for package, file in VEGA.items():
        shutil.copy(npm.package(package) / file, target)


def setup(app):
    render_mime_type = NbElementRenderer.render_mime_type

    def render_explorer(self, data):
        if data.mime_type != MIME:
            return render_mime_type(self, data)
        made = html(data.content, site_folder(self.renderer.sphinx_env.app))
        return [Explorer("", made, format="html")]

    NbElementRenderer.render_mime_type = render_explorer
    app.add_node(Explorer, override=True, html=(visit, None))
    app.connect("html-page-context", add_script)
    app.connect("builder-inited", copy_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def visit(self, node):
    self.body.append(node.astext())
    raise nodes.SkipNode
