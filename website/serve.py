"""Show the book in the browser; rebuild it and reload the page on every save."""

import subprocess
import sys

from livereload import Server
from notebooks import ROOT

PORT = 8000


def build():
    subprocess.run([sys.executable, str(ROOT / "website" / "build.py")])


if __name__ == "__main__":
    build()
    server = Server()
    for pattern in (
        "*.md",
        "appendix/*.md",
        "*.bib",
        "_*.yml",
        "chapters/*.ipynb",
        "lossbook/**/*.py",
        "website/**/*",
    ):
        server.watch(str(ROOT / pattern), build)
    server.serve(root=str(ROOT / "_build" / "html"), port=PORT, open_url_delay=1)
