"""Build wheel and sdist into dist/ and look inside.

With ``--try``, which needs the network, install the wheel beside the oldest NumPy and fit a line.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
NEEDED = {"py.typed", "datasets/ames.csv", "datasets/LICENCES.txt", "datasets/README.md"}
TRIAL = """
import pathlib, sys
import numpy as np
import lossbook as lb
assert np.__version__.startswith(sys.argv[1]), np.__version__
assert "site-packages" in lb.__file__, lb.__file__
assert pathlib.Path(lb.__file__).with_name("py.typed").exists()
ames = lb.load_ames()
assert len(ames) == 2930, len(ames)
area, price = ames["gr_liv_area"] / 1000 - 1.5, ames["sale_price"] / 1000
run = lb.fit(lb.Linear(1), lb.Huber(20), area[:, None], price, optimizer=lb.Adam(2), steps=300)
assert run.cost[-1] < 0.6 * run.cost[0], run.cost[[0, -1]]
print("numpy", np.__version__, "alone: slope and height", run.best_parameters.round(1))
"""


def oldest_numpy():
    """Return the oldest version that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (numpy,) = project["dependencies"]
    return re.fullmatch(r"numpy>=([\d.]+)", numpy)[1]


def environment(folder, *requirements):
    """Make an environment with these packages; return its Python."""
    venv.create(folder, with_pip=True, clear=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, *requirements], check=True)
    return python


def check_contents(wheel, sdist):
    """Find what the archives lack, and what they should not hold."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    files = [path for path in (ROOT / "lossbook").rglob("*") if path.is_file()]
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.parent.name != "__pycache__" and not path.name.startswith(".")
    }
    assert {f"lossbook/{name}" for name in NEEDED} <= ours
    assert ours <= inside, f"not in the wheel: {sorted(ours - inside)}"
    rest = {name for name in inside - ours if ".dist-info/" not in name}
    assert not rest, f"too much in the wheel: {sorted(rest)}"
    assert any(name.endswith("licenses/LICENSE") for name in inside), "no licence in the wheel"
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    missing = (ours | {"LICENSE", "README.md", "pyproject.toml"}) - packed
    assert not missing, f"not in the sdist: {sorted(missing)}"


def main():
    shutil.rmtree(DIST, ignore_errors=True)
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, ROOT]
    made = subprocess.run(build, capture_output=True, text=True)
    # setuptools leaves its scratch beside the source
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    if made.returncode != 0:
        sys.exit(f"{made.stdout}{made.stderr}error: wheel and sdist were not built")
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    check_contents(wheel, sdist)
    for archive in (wheel, sdist):
        print(f"dist/{archive.name}: {archive.stat().st_size / 1024:.0f} KiB")
    if "--try" in sys.argv:
        try_out(wheel)


def try_out(wheel):
    """Use the wheel where there is nothing else but NumPy, and not this folder."""
    # The oldest NumPy was not built for later versions of Python.
    numpy = f"=={oldest_numpy()}" if sys.version_info < (3, 13) else ""
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder) / "venv", wheel, f"numpy{numpy}")
        subprocess.run([python, "-I", "-c", TRIAL, numpy.strip("=")], check=True, cwd=folder)


if __name__ == "__main__":
    main()
