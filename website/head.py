"""Sphinx extension: what browsers, search engines and links to the book are told about it.

Icons, the manifest that makes the site an app, tags for links (open graph), sitemap, and the
buttons to edit a page or open an issue. Addresses of pages are absolute only where `html: baseurl`
in _config.yml says what the site's is; until then there is no sitemap, which must be absolute.
"""

import json
import re
from pathlib import Path

BUTTONS = ("use_repository_button", "use_edit_page_button", "use_issues_button")
CARD = "_static/card.png"
TAGS = """
<link rel="apple-touch-icon" href="{root}_static/apple-touch-icon.png" />
<link rel="manifest" href="{root}manifest.webmanifest" />
<meta name="theme-color" content="#14324a" />
"""
CUT = re.compile(r"([.?!]) [^.?!\"]*\.\.\.(?=\")")  # half a sentence at the end of a description
NEED_ADDRESS = ('property="og:url"', 'property="og:image"', 'property="og:image:alt"')


def configure(app, config):
    """Turn on what depends on the address of the site or of its repository."""
    config.ogp_site_name = config.html_title
    if config.html_baseurl:
        config.html_baseurl = config.ogp_site_url = config.html_baseurl.rstrip("/") + "/"
    if config.html_theme_options.get("repository_url"):
        config.html_theme_options |= dict.fromkeys(BUTTONS, True)


def add_tags(app, pagename, templatename, context, doctree):
    tags = CUT.sub(r"\1", context.get("metatags", "")).splitlines()
    if not app.config.html_baseurl:
        tags = [tag for tag in tags if not any(name in tag for name in NEED_ADDRESS)]
    root = context["pathto"]("", resource=True).removesuffix("#")
    context["metatags"] = "\n".join(tags) + TAGS.format(root=root)


def write_manifest(app, exception):
    """Write what installing the site as an app needs; all addresses are relative."""
    if exception or app.builder.format != "html":
        return
    icons = [
        {"src": "_static/logo.svg", "sizes": "any", "type": "image/svg+xml"},
        {"src": "_static/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "_static/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {
            "src": "_static/icon-512-maskable.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    manifest = {
        "name": app.config.html_title,
        "short_name": app.config.html_title.partition(":")[0],
        "description": "A textbook on the loss functions of machine learning, with running code.",
        "lang": app.config.language,
        "id": ".",
        "start_url": "index.html",
        "scope": ".",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#14324a",
        "icons": icons,
    }
    file = Path(app.outdir, "manifest.webmanifest")
    file.write_text(json.dumps(manifest, indent=1), "utf-8")


def setup(app):
    app.setup_extension("sphinxext.opengraph")
    app.config.ogp_image = CARD
    app.config.ogp_image_alt = (
        "The curves of squared error, absolute error and Huber, and the title"
    )
    app.config.ogp_custom_meta_tags = ['<meta name="twitter:card" content="summary_large_image" />']
    if app.config.html_baseurl:
        app.setup_extension("sphinx_sitemap")
        app.config.sitemap_url_scheme = "{link}"
        app.config.sitemap_excludes = ["404.html", "genindex.html", "search.html", "_modules/*"]
    app.add_css_file("print.css", media="print", priority=900)
    app.add_js_file("offline.js", loading_method="defer")
    app.connect("config-inited", configure, priority=400)
    app.connect("html-page-context", add_tags, priority=900)
    app.connect("build-finished", write_manifest)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
