"""Python for the browser: the files of Pyodide and the wheel of lossbook, on the site itself.

`fetch` puts them into one folder, which serves the answer boxes and JupyterLite alike. They come
from the folder that the environment variable LOSSBOOK_PYODIDE names, from the copies of an earlier
build, or from the release's public address. Every file has the sha256 that the release gives it.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.27.7"
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
CACHE = ROOT / "_build" / f"pyodide-{VERSION}"
LOCK = "pyodide-lock.json"
# What a chapter imports, and what JupyterLite's kernel starts with.
PACKAGES = ["numpy", "matplotlib", "ipython", "jedi", "micropip", "sqlite3", "ssl"]
# The lock has the sums of all packages; these are its own and those of what it does not list.
CORE = {
    LOCK: "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c",
    "pyodide.js": "b4cb23a53aba19c221659b9fb40a2f18281d685691dc06647fb0afd0681baf98",
    "pyodide.mjs": "04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
}


class Unavailable(Exception):
    """A file is neither here nor to be had."""


def fetch(destination, packages=PACKAGES, wheels=()):
    """Put Pyodide, these of its packages with what they need, and lossbook into a folder.

    `wheels` are more to add, with the names of what each depends on. The folder's lock then lists
    these packages alone. Returns False, after saying why, where the files are not to be had; the
    folder is then removed, so that nobody starts half a Python.
    """
    destination = Path(destination)
    try:
        lock = json.loads(release_file(LOCK, CORE[LOCK]).read_bytes())
        chosen = {name: lock["packages"][name] for name in needed(lock, packages)}
        sums = CORE | {package["file_name"]: package["sha256"] for package in chosen.values()}
        files = [release_file(name, sha256) for name, sha256 in sums.items()]
    except Unavailable as reason:
        print(f"note: live Python is not included: {reason}", flush=True)
        shutil.rmtree(destination, ignore_errors=True)
        return False
    added = {lossbook_wheel(): ["numpy"], **dict(wheels)}
    destination.mkdir(parents=True, exist_ok=True)
    kept = {file.name for file in [*files, *added]}
    for file in [*files, *added]:
        update(file, destination / file.name)
    entries = [entry(wheel, depends) for wheel, depends in added.items()]
    lock["packages"] = chosen | {package["name"]: package for package in entries}
    (destination / LOCK).write_text(json.dumps(lock), "utf-8")
    for file in destination.iterdir():
        if file.name not in kept:
            file.unlink()  # of an earlier build
    return True


def needed(lock, packages):
    """List these packages and all that they depend on."""
    found, waiting = [], list(packages)
    while waiting:
        name = waiting.pop().replace("_", "-")  # as the lock's keys are written
        if name not in found:
            found.append(name)
            waiting += lock["packages"][name]["depends"]
    return sorted(found)


def release_file(name, sha256):
    """Return where a file with this sum lies: as given, from an earlier build, or downloaded."""
    given = os.environ.get("LOSSBOOK_PYODIDE")
    for folder in [Path(given)] if given else []:
        if (folder / name).is_file():
            check(name, (folder / name).read_bytes(), sha256)
            return folder / name
    kept = CACHE / name
    if not kept.is_file():
        data = download(name)
        check(name, data, sha256)
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as part:
            part.write(data)
        os.replace(part.name, kept)  # whole or not at all
    return kept


def download(name):
    try:
        with urllib.request.urlopen(RELEASE + name, timeout=60) as answer:
            return answer.read()
    except OSError as error:
        raise Unavailable(f"{RELEASE}{name}: {error}") from error


def check(name, data, sha256):
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Unavailable(f"{name} is not the file of Pyodide {VERSION}: its sha256 differs")


def update(source, target):
    """Copy a file, unless the same is there already."""
    if not target.is_file() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)


def lossbook_wheel():
    """Return the wheel of lossbook as it is now; its name changes when it does.

    Browsers keep files by name for a while: one name for two wheels would bring back the old one.
    """
    sources = ["pyproject.toml", "README.md", "LICENSE"]
    sources += [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "lossbook").rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    digest = hashlib.sha256()
    for name in sources:
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    folder = ROOT / "_build" / "wheels" / digest.hexdigest()[:12]
    if not folder.exists():
        build_wheel(sources, folder)
    (wheel,) = folder.iterdir()
    return wheel


def build_wheel(sources, folder):
    """Build from a copy, as setuptools leaves its scratch beside the source."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in sources:
            target = Path(scratch, "source", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
        options = ["--no-deps", "--no-build-isolation", "--no-cache-dir", "--wheel-dir", scratch]
        subprocess.run([*command, *options, Path(scratch, "source")], check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        # A wheel's name has room for a build tag, which begins with a digit.
        name = re.sub(r"(-py3-none-any\.whl)$", rf"-0{folder.name}\1", wheel.name)
        folder.mkdir(parents=True)
        shutil.copyfile(wheel, folder / name)


def entry(wheel, depends):
    """Describe a wheel as the lock does its packages."""
    name, version = wheel.name.split("-")[:2]
    return {
        "name": name.replace("_", "-"),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [name],
        "depends": depends,
        "unvendored_tests": False,
    }
