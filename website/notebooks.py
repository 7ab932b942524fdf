"""Run the chapters, as many at once as there are cores.

``python website/notebooks.py`` fills the cache that the book is built from: it runs what changed.
``python website/notebooks.py --store`` runs all (or the named) notebooks and stores their text.
``python website/notebooks.py --check`` only says which are not stored in that form.
"""

import argparse
import copy
import hashlib
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import distributions
from multiprocessing import get_context
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "_build" / ".jupyter_cache"
CELL_SECONDS = 300
KEPT = ("text/plain", "text/markdown", "text/latex")


def chapters():
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def text_notebooks():
    """Return the pages in Markdown whose code cells are run, such as the landing page."""
    return [
        path
        for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("appendix/*.md")])
        if is_myst_markdown_notebook(path.read_text("utf-8"))
    ]


def read(path):
    if path.suffix == ".md":
        return read_myst_markdown_notebook(path.read_text("utf-8"))
    return nbformat.read(path, as_version=4)


class NotebookError(Exception):
    """One line: which notebook, which cell, which error."""


def run(path):
    """Run one notebook in a fresh kernel; return it and the seconds it took."""
    for attempts_left in (2, 1, 0):
        notebook = read(path)
        start = time.perf_counter()
        try:
            execute(notebook, path)
            return notebook, time.perf_counter() - start
        except KernelDidNotStart:
            if not attempts_left:
                raise NotebookError(f"{os.path.relpath(path)}: its kernel did not start") from None


class KernelDidNotStart(Exception):
    """Another program took a port that was meant for the kernel: worth another try."""


def execute(notebook, path):
    """Run the cells of a notebook, which keeps their outputs."""
    # The kernel of this environment, whatever kernel the notebook was last opened with.
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        # Each kernel would warn that it listens on this machine without encryption.
        extra_arguments=["--log-level=ERROR"],
        record_timing=False,
        # One stream of text per cell: how the kernel cut it into messages is chance.
        coalesce_streams=True,
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        reason = f"{error.ename}: {error.evalue}" if hasattr(error, "ename") else str(error)
        place = f"{os.path.relpath(path)}, code cell {client.code_cells_executed}"
        raise NotebookError(f"{place}: {reason.strip().splitlines()[0]}") from None
    except RuntimeError as error:  # "Kernel died before replying to kernel_info"
        raise KernelDidNotStart(str(error)) from None


def run_all(paths):
    """Run notebooks in parallel, yield (path, notebook, seconds); a failure is told at the end."""
    failures = []
    # A process each: clients in threads of one process have been seen to wait for each other.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(run, path): path for path in paths}
        for count, job in enumerate(as_completed(jobs), 1):
            path = jobs[job]
            print(f"[{count}/{len(jobs)}] {path.name}", end=" ", flush=True)
            try:
                notebook, seconds = job.result()
            except NotebookError as error:
                failures.append(str(error))
                print("failed", flush=True)
            else:
                print(f"{seconds:.1f} s", flush=True)
                yield path, notebook, seconds
    if failures:
        sys.exit("\n".join(f"error: {failure}" for failure in sorted(failures)))


def environment_hash():
    """Tell what a result depends on besides its cell: our package, data, what is installed."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in ("lossbook", "chapters", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".csv", ".json"}:
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    installed = sorted(f"{package.name}=={package.version}" for package in distributions())
    digest.update("\n".join(installed).encode())
    return digest.hexdigest()


def fill_cache(paths):
    """Run the notebooks whose outputs are not in the cache."""
    cache = get_cache(str(CACHE))
    stamp = CACHE / "environment.sha256"
    current = environment_hash()
    # The cache knows a notebook by its cells alone: another package empties it.
    if not stamp.exists() or stamp.read_text() != current:
        cache.clear_cache()
        cache = get_cache(str(CACHE))
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(current)
    stale = [path for path in paths if not is_cached(cache, path)]
    for path, notebook, seconds in run_all(stale):
        bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def is_cached(cache, path):
    try:
        cache.match_cache_notebook(read(path))
    except KeyError:
        return False
    return True


def store(paths):
    """Run notebooks and keep what a reader can compare: their text outputs."""
    for path, notebook, _ in run_all(paths):
        nbformat.write(stripped(notebook), path)


def check(paths):
    """Find notebooks that were saved some other way, with pictures or without outputs."""
    bad = []
    for path in paths:
        notebook = read(path)
        if notebook != stripped(copy.deepcopy(notebook)) or not was_run(notebook):
            bad.append(f"error: {os.path.relpath(path)} is not as `make notebooks` stores it")
    if bad:
        sys.exit("\n".join(bad))


def was_run(notebook):
    """Tell whether the cells were run once each, from top to bottom."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    return [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def stripped(notebook):
    """Remove pictures, scripts, timings and whatever else differs between two equal runs."""
    notebook.nbformat_minor = 5
    notebook.metadata.kernelspec = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.language_info = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for number, cell in enumerate(notebook.cells, 1):
        cell.setdefault("id", f"cell-{number}")
        for key in ("ExecuteTime", "collapsed", "execution", "scrolled"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = {mime: output.data[mime] for mime in output.data if mime in KEPT}
                output.metadata = {}
    return notebook


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", action="store_true", help="store the text outputs")
    parser.add_argument("--check", action="store_true", help="check how they are stored")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all chapters")
    arguments = parser.parse_args()
    paths = [path.resolve() for path in arguments.notebooks]
    if arguments.store:
        store(paths or chapters())
    elif arguments.check:
        check(paths or chapters())
    else:
        fill_cache(paths or chapters() + text_notebooks())


if __name__ == "__main__":
    main()
