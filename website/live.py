"""Live Python: every chapter and assignment as a notebook that runs in the browser, by JupyterLite.

The build calls `build` when the pages are made; ``python website/live.py`` makes this part alone.
Python itself is not in here: it lies beside, in pyodide/ (see ``pyodide_files.py``).
"""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import nbformat
import pyodide_files
from notebooks import ROOT, chapters
from plain_notebooks import plain

sys.path.append(str(ROOT / "assignments"))
import assign

HTML = ROOT / "_build" / "html"
WORK = ROOT / "_build" / "live"
LABEXTENSIONS = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
KERNEL = LABEXTENSIONS / "@jupyterlite" / "pyodide-kernel-extension"
WIDGETS = LABEXTENSIONS / "@jupyter-widgets" / "jupyterlab-manager"
# What Pyodide's release does not have: the kernel, by file, and packages of pip, as installed here.
KERNEL_WHEELS = {"piplite": ["micropip"], "ipykernel": [], "pyodide_kernel": ["ipython", "jedi"]}
INSTALLED = {"comm": ["traitlets"], "ipywidgets": ["comm", "ipython"], "jupyterquiz": ["ipython"]}
# All that a chapter imports is loaded while the kernel starts, at once rather than one by one.
AT_START = ["ssl", "sqlite3", "micropip", *KERNEL_WHEELS, "jedi", "ipython"]
AT_START += ["numpy", "matplotlib", "lossbook", *INSTALLED, "lossbook-browser"]
# Over Pyodide's packages: IPython's settings, and matplotlib's list of its own fonts. The release
# has that of another version, so that matplotlib would make its own in each session, for seconds.
ADDED = ROOT / "website" / "browser"
# Otter-Grader needs much that Pyodide's release has not, but what runs its tests needs nothing.
OTTER = ["otter/test_files/abstract_test.py", "otter/test_files/exception_test.py"]
ENVIRONMENT = {"IPYTHONDIR": "/lib/python3.12/site-packages/lossbook_browser"}
# Lines that would cost the reader something: in which file, the line, and a better one.
DISPLAY = "pyodide_kernel/display.py"
CHANGES = {
    "jupyterquiz": [
        # A quiz fetches MathJax where JupyterLab's is not as it expects; ours have no formulas.
        (
            "jupyterquiz/js/show_questions.js",
            "if (typeof MathJax != 'undefined') {",
            "if (false) {",
        ),
    ],
    "pyodide_kernel": [
        # Every import would look into the current folder first, where each look is a request.
        ("pyodide_kernel/__init__.py", "import sys\n", "import sys\n\nsys.path.remove('')\n"),
        # Figures with sliders say some things by null.
        (DISPLAY, "import sys\n", "import sys\n\nfrom lossbook_browser import as_js\n"),
        (DISPLAY, "count, self.data, self.metadata)", "count, as_js(self.data), self.metadata)"),
        (DISPLAY, "self.display_data_callback(data,", "self.display_data_callback(as_js(data),"),
    ],
}

# JupyterLab's own settings; a reader may change them.
READER_SETTINGS = {
    # Who runs a cell in the first second, before there is a kernel, is not asked which to start.
    "@jupyterlab/notebook-extension:tracker": {"autoStartDefaultKernel": True},
    # Light or dark, as the reader's system is.
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}


def wheels():
    """Return the wheels to add to Pyodide's, and what each depends on."""
    folder = ROOT / "_build" / "wheels-installed"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = {kernel_wheel(name, folder): needs for name, needs in KERNEL_WHEELS.items()}
    found |= {installed_wheel(name, folder): needs for name, needs in INSTALLED.items()}
    return found | {wheel_of_added(folder): ["matplotlib"]}


def kernel_wheel(name, folder):
    (wheel,) = (KERNEL / "static" / "pypi").glob(f"{name}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        contents = {entry: archive.read(entry) for entry in archive.namelist()}
    version = wheel.name.split("-")[1]
    return write_wheel(folder / f"{name}-{version}", changed(name, contents))


def installed_wheel(name, folder):
    """Pack an installed package into a wheel again: the locked version, without a download."""
    package = distribution(name)
    contents = {
        file.as_posix(): file.read_binary()
        for file in package.files
        if file.parts[0] != ".." and "__pycache__" not in file.parts
    }
    return write_wheel(folder / f"{name}-{package.version}", changed(name, contents))


def changed(name, contents):
    """Return the files of a package, with its lines of CHANGES exchanged."""
    for file, line, better in CHANGES.get(name, []):
        text = contents[file].decode()
        if text.count(line) != 1:
            sys.exit(f"error: this {name} is another than live.py was written for: see CHANGES")
        contents[file] = text.replace(line, better).encode()
    return contents


def wheel_of_added(folder):
    """Pack what is in website/browser, as Pyodide unpacks nothing but wheels."""
    files = [path for path in sorted(ADDED.rglob("*")) if path.suffix in (".py", ".json")]
    contents = {path.relative_to(ADDED).as_posix(): path.read_bytes() for path in files}
    about = "Metadata-Version: 2.1\nName: lossbook-browser\nVersion: 1\n"
    contents["lossbook_browser-1.dist-info/METADATA"] = about.encode()
    for file in distribution("otter-grader").files:
        if file.as_posix() in OTTER:
            contents[file.as_posix()] = file.read_binary()
        elif file.name == "LICENSE":
            contents["otter/test_files/LICENSE"] = file.read_binary()
    return write_wheel(folder / "lossbook_browser-1", contents)


def write_wheel(stem, contents):
    """Write a wheel whose name changes with its contents, as our own does (see pyodide_files)."""
    digest = hashlib.sha256(b"".join(contents.values())).hexdigest()
    wheel = stem.with_name(f"{stem.name}-0{digest[:12]}-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in contents.items():
            # With one date for all, so that the same files give the same wheel.
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return wheel


def is_included(html=HTML):
    """Tell whether this build of the site has Python for the browser."""
    return (html / "pyodide" / pyodide_files.LOCK).exists()


def build(html=HTML):
    """Make the application and its notebooks in the folder live of the site."""
    target = html / "live"
    shutil.rmtree(target, ignore_errors=True)
    if not is_included(html):
        return
    print("Making the notebooks for the browser", flush=True)
    # Nothing of an earlier build: JupyterLite's own record of it would bring back old settings.
    shutil.rmtree(WORK, ignore_errors=True)
    write_contents(WORK / "files" / "chapters")
    write_assignments(WORK / "files" / "assignments")
    write_json(WORK / "jupyter-lite.json", site_settings())
    write_json(WORK / "jupyter_lite_config.json", build_settings(target))
    write_json(WORK / "overrides.json", READER_SETTINGS)
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    made = subprocess.run(command, cwd=WORK, capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(f"{made.stdout}{made.stderr}error: the notebooks for the browser were not made")
    for page in target.rglob("index.html"):
        page.write_text(complete(page.read_text("utf-8")), "utf-8")


def complete(page):
    """Add to a page of JupyterLite a language, an icon, and the rule to ask no other site."""
    sources = "'self' blob: data: 'unsafe-inline' 'unsafe-eval'"
    policy = f'<meta http-equiv="Content-Security-Policy" content="default-src {sources}">'
    icon = '<link rel="icon" href="data:,">'  # until the application sets its own
    return page.replace("<html>", '<html lang="en">').replace("<head>", f"<head>{policy}{icon}", 1)


def write_contents(folder):
    for name in ("data", "quizzes"):
        shutil.copytree(ROOT / "chapters" / name, folder / name)
    for path in chapters():
        write_notebook(folder / path.name, plain(nbformat.read(path, as_version=4)))


def write_assignments(folder):
    """Write the students' versions of the assignments."""
    folder.mkdir(parents=True)
    for master in assign.masters():
        made = WORK / "assignments" / master.stem
        assign.assign(master, made)
        student = nbformat.read(made / "student" / master.name, as_version=4)
        write_notebook(folder / master.name, student)


def write_notebook(path, notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            # JupyterLab would take an escaped dollar for the begin of a formula.
            cell.source = cell.source.replace(r"\$", r"\\$")
    # The kernel's name in the browser; with another one, the reader would be asked.
    notebook.metadata.kernelspec = {
        "display_name": "Python (Pyodide)",
        "language": "python",
        "name": "python",
    }
    # Not nbformat.write, which cuts texts into lines: JupyterLite puts commas between them.
    write_json(path, notebook)


def site_settings():
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Loss functions",
            "exposeAppInBrowser": True,  # to the tests, as `jupyterapp`
            "showLoadingIndicator": True,
            "litePluginSettings": {
                "@jupyterlite/pyodide-kernel-extension:kernel": {
                    "pyodideUrl": "./../pyodide/pyodide.js",
                    "disablePyPIFallback": True,
                    "loadPyodideOptions": {"packages": AT_START, "env": ENVIRONMENT},
                }
            },
        },
    }


def build_settings(target):
    """Say what to build: one application, and of all that pip has installed only two extensions."""
    return {
        "LiteBuildConfig": {
            "apps": ["notebooks", "tree"],
            "contents": ["files"],
            "output_dir": str(target),
            "federated_extensions": [str(KERNEL), str(WIDGETS)],
            "ignore_sys_prefix": ["federated_extensions"],
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
        }
    }


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1), "utf-8")


if __name__ == "__main__":
    pyodide_files.fetch(HTML / "pyodide", wheels=wheels())
    build()
