"""Everything that `make test` checks. All steps run, whatever the ones before found.

The last line is ``N passed, N failed``: pytest's own counts plus one for each other step.
"""

import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARALLEL = ["-n", "auto", "--dist", "loadfile"]
STEPS = {
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "types": ["mypy", "--no-error-summary"],
    "prose": ["tests/check_prose.py"],
    "unit tests and doctests": ["pytest", "-q", *PARALLEL, "-m", "not slow"],
    "assignments": ["assignments/assign.py"],
    "assignments graded": ["pytest", "-q", "-n", "auto", "-m", "not slow", "tests/assignments"],
    "wheel and sdist": ["tests/check_dist.py"],
    "how notebooks are stored": ["website/notebooks.py", "--check"],
    "notebooks against their stored outputs": [
        *["pytest", "-q", *PARALLEL, "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"],
        "chapters",
    ],
    "book": ["website/build.py", "--fresh"],
    "links": ["website/check_links.py"],
    "site in a browser": ["pytest", "-q", *PARALLEL[:2], "-m", "not slow", "tests/site"],
}


def run(command):
    """Run one step; return how many checks of it passed and failed."""
    program = command if command[0].endswith(".py") else ["-m", *command]
    if command[0] != "pytest":
        failed = subprocess.run([sys.executable, *program], cwd=ROOT).returncode != 0
        return int(not failed), int(failed)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, *program, f"--junit-xml={report}"]
        code = subprocess.run(command, cwd=ROOT).returncode
        suites = list(ElementTree.parse(report).iter("testsuite")) if report.exists() else []
    tests, skipped, failures, errors = (
        sum(int(suite.get(key)) for suite in suites)
        for key in ("tests", "skipped", "failures", "errors")
    )
    failed = failures + errors
    # A crash, an interruption or a run without any test is a failure too, whatever was counted.
    return tests - failed - skipped, failed or int(code != 0)


def main():
    slow = "--slow" in sys.argv
    total_passed = total_failed = 0
    summary = []
    for name, command in STEPS.items():
        if slow:
            command = [part for part in command if part not in ("-m", "not slow")]
        print(f"\n== {name}", flush=True)
        start = time.perf_counter()
        passed, failed = run(command)
        seconds = time.perf_counter() - start
        summary.append(f"{name}: {passed} passed, {failed} failed in {seconds:.0f} s")
        total_passed += passed
        total_failed += failed
    print("", *summary, f"{total_passed} passed, {total_failed} failed", sep="\n")
    sys.exit(total_failed > 0)


if __name__ == "__main__":
    main()
