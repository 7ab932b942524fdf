"""Build the site: run the notebooks that changed, then make the pages, with warnings as errors."""

import argparse
import subprocess
import sys
from pathlib import Path

import notebooks

ROOT = notebooks.ROOT
HTML = ROOT / "_build" / "html"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="make every page anew")
    if parser.parse_args().fresh:
        notebooks.remove(notebooks.DOCTREES)
        notebooks.remove(HTML)
    notebooks.fill_cache(sorted((ROOT / "chapters").glob("*.ipynb")))
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ROOT, "--quiet"]
    strict = ["-W", "-n", "--keep-going"]
    print("Making the pages", flush=True)
    # Jupyter Book's farewell is left out; warnings and errors come on the other stream.
    made = subprocess.run([*command, *strict], cwd=ROOT, stdout=subprocess.DEVNULL)
    if made.returncode != 0:
        # Sphinx warns when it reads a page. Read all again, or the next build would seem clean.
        notebooks.remove(notebooks.DOCTREES)
        sys.exit("error: the book was not built; the warnings and errors are above")


if __name__ == "__main__":
    main()
