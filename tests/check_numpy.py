"""Run the unit tests beside the oldest NumPy that pyproject.toml allows, which is the browser's."""

import subprocess
import sys

from check_dist import ROOT, environment, oldest_numpy


def main():
    if sys.version_info >= (3, 13):
        sys.exit("error: the oldest NumPy needs Python 3.11 or 3.12: make test-numpy PYTHON=…")
    numpy = oldest_numpy()
    python = environment(
        ROOT / "_build" / f"numpy-{numpy}", f"numpy=={numpy}", f"{ROOT}[plots,test]"
    )
    print(f"Running the unit tests with numpy {numpy}", flush=True)
    tests = ["-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", "-m", "not slow"]
    sys.exit(subprocess.run([python, *tests, *sys.argv[1:]], cwd=ROOT).returncode)


if __name__ == "__main__":
    main()
