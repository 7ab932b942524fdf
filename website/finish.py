"""Sphinx extension: when all pages are written, mend what themes and extensions leave in them.

What no page uses goes: scripts, style rules, icons. What a keyboard or a screen reader needs comes:
names of controls, sizes of pictures. And each page says that it takes nothing from another site.
Each function of `MEND` changes one parsed page; what pages share comes after them.
"""

import base64
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import npm
from bs4 import BeautifulSoup
from fontTools import subset
from lxml import etree

logging.getLogger("fontTools").setLevel(logging.WARNING)
PURGE = Path(__file__).with_name("purge.js")
SHEET = "site.css"
NOT_OURS = {"_static", "live"}  # templates of the theme; JupyterLite
UNUSED = (
    "link[rel=preload][as=script], meta[name=viewport] ~ meta[name=viewport], "
    '.pst-async-banner-revealer, #ethical-ad-placement, script[type*="thebe"], '
    'script[type="application/vnd.jupyter.widget-state+json"], script[src*="fontawesome.js"], '
    # These set what nothing here reads, before the file that defines it.
    "script:not([src]):-soup-contains('DOCUMENTATION_OPTIONS.')"
)
SEARCH = ", ".join(f'script[src*="{name}"]' for name in ("searchtools", "searchindex", "language_"))
LONG = 2000  # characters from which a script within a page becomes a file
# A quiz's field has its label beside it, and takes what is pasted.
QUIZ_FIELD = ("inp.onpaste = event => false;", "lab.htmlFor = inp.id;")
# The theme asks of all boxes at once whether they scroll, and so has the whole page laid out.
AT_ONCE = "{e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1}"
WHEN_NEAR = (
    "{(e.near??=new IntersectionObserver(([seen])=>{if(seen.isIntersecting)"
    f"{AT_ONCE}"
    '},{rootMargin:"100%"})).disconnect();e.near.observe(e)}'
)
BOXES = '".pst-scrollable-table-container"].join('
BOXES_AND_FORMULAS = '".pst-scrollable-table-container",".katex-display"].join('
POLICY = {
    "default-src": "'self'",
    # Python is WebAssembly. The hashes of the page's own short scripts follow.
    "script-src": "'self' 'wasm-unsafe-eval' 'unsafe-hashes'",
    "style-src": "'self' 'unsafe-inline'",  # formulas and figures place their parts by styles
    "img-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


class Page(NamedTuple):
    file: Path
    root: Path  # of the site

    @property
    def static(self):
        """Address of the static files, as the page names them."""
        return os.path.relpath(self.root, self.file.parent) + "/_static/"


# One page ------------------------------------------------------------------------------------


def drop_what_is_not_used(soup, page):
    unused = UNUSED if page.file.name == "search.html" else f"{UNUSED}, {SEARCH}"
    for tag in soup.select(unused):
        tag.decompose()
    seen = set()
    for script in soup.find_all("script", src=False):
        if executable(script) and script.string in seen:
            script.decompose()
        else:
            seen.add(script.string)


def name_controls(soup, page):
    """Name what has no name, and take away names that differ from the words in sight."""
    for summary in soup.select("nav li > details > summary"):
        link = summary.find_parent("li").a
        summary["aria-label"] = f"Contents of {link.get_text(strip=True)}"
    worded = "summary[aria-label]:has(p), button[aria-label]:has(.search-button__default-text)"
    for tag in soup.select(worded):
        del tag["aria-label"]
    for tag in soup.select(".search-button__kbd-shortcut, .theme-switch"):
        tag["aria-hidden"] = "true"
    for button in soup.select("button[title]:not([aria-label])"):
        if not button.get_text(strip=True):
            button["aria-label"] = button["title"]
    for sidebar in soup.select("#pst-primary-sidebar"):
        sidebar.attrs |= {"role": "region", "aria-label": "The book"}
    for tag in soup.select("[role^=doc-biblio]"):  # no longer roles; links and lists say as much
        del tag["role"]


def head_tables(soup, page):
    """Let an empty head of a table be a cell: a head names a column or a row."""
    for cell in soup.find_all("th"):
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell.name = "td"
            cell.attrs.pop("scope", None)


def nest_lists(soup, page):
    """Put a list that stands in a list, as among the source pages, into the item before it."""
    for inner in soup.select("ul > ul"):
        inner.find_previous_sibling("li").append(inner)


def size_pictures(soup, page):
    """Keep the place of a picture free, and load it when it comes near."""
    for number, image in enumerate(soup.select("article img")):
        file = page.file.parent / image["src"]
        if file.suffix == ".svg" and not image.get("height"):
            image["width"], image["height"] = size_of_svg(file)
        image["decoding"] = "async"
        if number:
            image["loading"] = "lazy"


def size_of_svg(file):
    """Return width and height in pixels of the screen, of which three are four points."""
    with file.open("rb") as stream:
        root = next(etree.iterparse(stream, events=["start"]))[1]
    sizes = (re.fullmatch(r"([\d.]+)(pt|px)?", root.get(side)) for side in ("width", "height"))
    return [round(float(size[1]) * (4 / 3 if size[2] == "pt" else 1)) for size in sizes]


def move_long_scripts(soup, page):
    """Make files of long scripts, so that a page is read sooner; let all wait for the page."""
    for script in soup.find_all("script", src=False):
        if executable(script) and len(script.string) > LONG:
            text = script.string.replace(*QUIZ_FIELD)
            name = f"script-{hashlib.sha256(text.encode()).hexdigest()[:12]}.js"
            (page.root / "_static" / name).write_text(text, "utf-8")
            script.string = ""
            script["src"] = page.static + name
    for script in soup.find_all("script", src=True):
        script["defer"] = "defer"


def share_one_sheet(soup, page):
    """Put the sheet of the whole site in the place of its parts (see `write_sheet`)."""
    first, *others = soup.select("link[rel=stylesheet]")
    for link in others:
        link.decompose()
    first.attrs = {"rel": "stylesheet", "href": page.static + SHEET}


def state_policy(soup, page):
    """Allow what the site itself serves, and the scripts that are in the page now."""
    texts = {tag.string for tag in soup.find_all("script") if executable(tag) and tag.string}
    texts.add("window.print()")  # of a button; the search page meets it in the pages it reads
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in texts)
    hashes = sorted(f"'sha256-{digest.decode()}'" for digest in digests)
    policy = POLICY | {"script-src": " ".join([POLICY["script-src"], *hashes])}
    tag = soup.new_tag("meta")
    tag["http-equiv"] = "Content-Security-Policy"
    tag["content"] = "; ".join(f"{name} {sources}" for name, sources in policy.items())
    soup.head.insert(0, tag)


def executable(script):
    return script.get("type", "text/javascript").lower().endswith("javascript")


MEND = [
    drop_what_is_not_used,
    name_controls,
    head_tables,
    nest_lists,
    size_pictures,
    move_long_scripts,
    share_one_sheet,
    state_policy,
]


def mend(file, root):
    """Mend one page; return its style sheets and the media they are for."""
    soup = BeautifulSoup(file.read_bytes(), "html.parser")
    links = soup.select("link[rel=stylesheet]")
    if not links or links[0]["href"].endswith(SHEET):
        return {}  # no page but the way to one, or a page that an earlier build has mended
    sheets = {
        (file.parent / link["href"].partition("?")[0]).resolve(): link.get("media")
        for link in links
    }
    for change in MEND:
        change(soup, Page(file, root))
    file.write_text(str(soup), "utf-8")
    return sheets


# What pages share ----------------------------------------------------------------------------


def write_sheet(sheets, pages, static):
    """Write one sheet with the rules that some page or script uses, and remove its parts."""
    parts = []
    for sheet, media in sheets.items():
        text = moved(sheet.read_text("utf-8"), sheet.parent, static)
        parts.append(f"@media {media} {{\n{text}\n}}" if media else text)
    scripts = [file for file in static.rglob("*.js") if "vendor" not in file.parts]
    task = {"css": "\n".join(parts), "files": [str(file) for file in [*pages, *scripts]]}
    command = [npm.NODE, PURGE, npm.package("purgecss").parent]
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"the style sheets could not be purged: {done.stderr[-500:]}")
    (static / SHEET).write_text(done.stdout, "utf-8")
    for sheet in static.rglob("*.css"):
        if sheet.name != SHEET:
            sheet.unlink()
    return done.stdout


def moved(css, folder, static):
    """Return a sheet for another folder: the theme's imports within, addresses as from there."""

    def imported(match):
        file = folder / match[1]
        return moved(file.read_text("utf-8"), file.parent, static)

    def address(match):
        return f"url({os.path.relpath(folder / match[1], static)})"

    css = re.sub(r'@import "([^"]+)";', imported, css)
    return re.sub(r"url\([\"']?(?!data:|#)([^)\"'?#]+)[^)\"']*[\"']?\)", address, css)


def cut_icons(css, static):
    """Leave in the icon fonts what a rule names, and of their formats the one that all read."""
    named = {int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})\b", css)}
    named |= {ord(letter) for letter in css if "\ue000" <= letter <= "\uf8ff"}
    for font in (static / "vendor" / "fontawesome" / "webfonts").iterdir():
        if font.name not in css or font.suffix != ".woff2":
            font.unlink()
            continue
        options = subset.Options(flavor="woff2", notdef_outline=True)
        letters = subset.load_font(font, options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=named)
        cutter.subset(letters)
        subset.save_font(letters, font, options)


def measure_when_near(script):
    """Let the theme find out near a box whether it scrolls, and so takes the keyboard."""
    text = script.read_text("utf-8")
    for theirs, ours in ((AT_ONCE, WHEN_NEAR), (BOXES, BOXES_AND_FORMULAS)):
        if ours in text:
            continue  # an earlier build did it
        if theirs not in text:
            raise RuntimeError(f"{script.name} no longer measures boxes by {theirs!r}: adapt it")
        text = text.replace(theirs, ours)
    script.write_text(text, "utf-8")


def finish(app, exception):
    if exception or app.builder.format != "html":
        return
    root = Path(app.outdir)
    static = root / "_static"
    found = (file for file in sorted(root.rglob("*.html")))
    pages = [file for file in found if file.relative_to(root).parts[0] not in NOT_OURS]
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(partial(mend, root=root), pages, chunksize=4))
    # The pages with most sheets say in which order they stand.
    sheets = {}
    for some in sorted(found, key=len, reverse=True):
        sheets |= some
    cut_icons(write_sheet(sheets, pages, static), static)
    measure_when_near(static / "scripts" / "pydata-sphinx-theme.js")
    for unused in ("scripts/fontawesome.js", "sphinx-thebe.js"):
        (static / unused).unlink(missing_ok=True)
    # At the site's own address stands its first page, not a way to it, so that a link has its card.
    shutil.copyfile(root / f"{app.config.root_doc}.html", root / "index.html")


def setup(app):
    app.connect("build-finished", finish, priority=900)  # after all that copies files
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
