"""Build the site: run the notebooks that changed, then make the pages, with warnings as errors."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import downloads
import live
import offline
import pictures
import pyodide_files
from notebooks import ROOT, chapters, fill_cache, text_notebooks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="first remove the pages of before")
    if parser.parse_args().fresh:
        shutil.rmtree(ROOT / "_build" / "html", ignore_errors=True)
    fill_cache(chapters() + text_notebooks())
    pyodide_files.fetch(ROOT / "_build" / "html" / "pyodide", wheels=live.wheels())
    pictures.draw()
    print("Making the pages", flush=True)
    # Always all pages: each shows the titles of all others, and a warning is given only when a page
    # is read. The notebooks' outputs come from the cache, so this takes seconds.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ROOT, "--all", "--quiet"]
    strict = ["-W", "-n", "--keep-going"]
    # Jupyter Book's farewell is left out; warnings and errors come on the other stream.
    made = subprocess.run([*command, *strict], cwd=ROOT, stdout=subprocess.DEVNULL)
    if made.returncode != 0:
        sys.exit("error: the book was not built; the warnings and errors are above")
    live.build()
    downloads.pack_notebooks()
    offline.write_service_worker()  # last: it knows all files


if __name__ == "__main__":
    main()
