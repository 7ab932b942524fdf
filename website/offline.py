"""Write the service worker of the built site: its version, the book's files, its code."""

import hashlib
import json

from notebooks import ROOT

HTML = ROOT / "_build" / "html"
CODE = ROOT / "website" / "service-worker.js"
TYPES = {".css", ".html", ".js", ".png", ".svg", ".webmanifest", ".webp", ".woff2"}
# Python and JupyterLite are kept as they are used; the downloads of single pages are not.
LEFT_OUT = {"live", "pyodide", "_sources"}


def book_files():
    files = (path.relative_to(HTML) for path in sorted(HTML.rglob("*")) if path.suffix in TYPES)
    files = [path.as_posix() for path in files if path.parts[0] not in LEFT_OUT]
    return [name for name in files if name != CODE.name]


def write_service_worker():
    files = book_files()
    digest = hashlib.sha256(CODE.read_bytes())
    for name in files:
        digest.update(name.encode() + (HTML / name).read_bytes())
    head = f'const VERSION = "{digest.hexdigest()[:12]}";\nconst BOOK = {json.dumps(files)};\n'
    (HTML / CODE.name).write_text(head + CODE.read_text("utf-8"), "utf-8")
