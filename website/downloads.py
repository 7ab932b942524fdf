"""Two archives: all notebooks, to run anywhere (in the site), and the site, to serve anywhere.

``python website/downloads.py`` packs the site into _build/lossbook-site.zip.
"""

import sys
import zipfile
from pathlib import Path

import pyodide_files
from notebooks import ROOT, chapters

HTML = ROOT / "_build" / "html"
NOTEBOOKS = HTML / "lossbook-notebooks.zip"
SITE = ROOT / "_build" / "lossbook-site.zip"
README = """\
The notebooks of "Loss functions: the book that runs", one per chapter.

You need Python 3.11 or newer. In this folder:

    python -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/python -m jupyterlab

(On Windows: .venv\\Scripts\\python instead of .venv/bin/python.)

data and quizzes are read by the notebooks. The wheel is lossbook, the book's own package.
Code: BSD 3-Clause licence (LICENSE). Text and figures: CC BY 4.0 (LICENSE-text).
"""
REQUIREMENTS = """\
./{wheel}[plots,widgets]
ipykernel
jupyterlab>=4
jupyterquiz>=2.9.6
"""


def pack_notebooks():
    """Put the notebooks, what they read and what they need into one archive."""
    wheel = pyodide_files.lossbook_wheel()
    read = [path for name in ("data", "quizzes") for path in (ROOT / "chapters" / name).iterdir()]
    files = {path.relative_to(ROOT / "chapters"): path for path in [*chapters(), *sorted(read)]}
    files |= {Path(path.name): path for path in (wheel, ROOT / "LICENSE", ROOT / "LICENSE-text")}
    texts = {"README.txt": README, "requirements.txt": REQUIREMENTS.format(wheel=wheel.name)}
    with zipfile.ZipFile(NOTEBOOKS, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.write(path, Path("lossbook-notebooks", name))
        for name, text in texts.items():
            archive.writestr(f"lossbook-notebooks/{name}", text)


def pack_site():
    """Put the built site into one archive."""
    files = sorted(path for path in HTML.rglob("*") if path.is_file() and path.name != ".built")
    if not files:
        sys.exit("error: there is no built site to pack; run make book first")
    with zipfile.ZipFile(SITE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, Path("lossbook-site", path.relative_to(HTML)))
    print(
        f"{SITE.relative_to(ROOT)}: {SITE.stat().st_size / 1e6:.0f} MB. Unpack it; in its folder,"
    )
    print("  python -m http.server   # and open http://localhost:8000")


if __name__ == "__main__":
    pack_site()
