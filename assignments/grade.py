"""Grade a folder of submissions by Otter-Grader where there is no Docker.

``python assignments/grade.py ARCHIVE.zip FOLDER`` grades every notebook of the folder, and every
zip that a notebook's last cell made. Each is graded by ``otter run`` in processes of its own, with
limits of time and memory, and writes ``grades.csv`` and, for each student, what the tests said.

With bubblewrap (Linux, ``apt install bubblewrap``) a submission sees Python and its own notebook,
and nothing else: no other submission, no home folder, no network. Without it there are the limits
alone, and a submission can read and change what you can.

Otter runs the tests in the student's own Python, in Docker too, so that code can change what they
find. Two things notice: a test that must fail, and a list of what an answer has no reason to use.
Such a submission gets no total until you have read it; clever code may still be missed.
"""

import argparse
import ast
import contextlib
import csv
import io
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from tqdm import tqdm

LARGEST_NOTEBOOK = 20 * 2**20
OUTPUT = 100 * 2**20  # bytes that one submission may write
PROCESSES = 200  # and threads, of a user who is not root
# What programs of the system read, besides Python itself. /etc is not shown as a whole.
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"]
SYSTEM += ["/etc/fonts", "/etc/hosts", "/etc/localtime", "/etc/passwd", "/etc/nsswitch.conf"]
SCRIPT = 'cd "$TMPDIR" && "$1" -m otter run --no-logo -a "$2" -o . "$3" >&2 && cat results.json'

# A wrong answer that must be found wrong. Where this test passes, the tests no longer test.
MUST_FAIL = """
from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"
points = None

@test_case(points=0, hidden=True)
def test_wrong_answer_is_found():
    import lossbook as lb
    import numpy as np
    wrong = lambda y_true, y_pred, *rest: 0 * y_pred
    y_true, y_pred = np.zeros(4), np.array([-0.9, -0.2, 0.4, 0.7])
    report = lb.check_gradient(lb.Huber(), y_true, y_pred, gradient=wrong)
    found = not report.ok and lb.grade(wrong, lb.Huber()).score < 1
    assert not (found and not np.allclose(0, 1) and not np.isclose(0, 1)), "{name}"
"""
IMPORTS = {"lossbook", "matplotlib", "numpy", "math", "statistics", "itertools", "functools"}
IMPORTS |= {"collections", "dataclasses", "typing", "random", "time", "warnings"}
NAMES = {"__import__", "breakpoint", "compile", "delattr", "eval", "exec", "get_ipython"}
NAMES |= {"getattr", "globals", "locals", "open", "setattr", "vars"}
MODULES = {"builtins", "ctypes", "gc", "importlib", "inspect", "modules", "os", "sys"}
FRAMES = ("__", "f_", "gi_", "tb_", "cr_", "ag_")


@dataclass
class Grade:
    """What became of a submission."""

    submission: str
    points: dict[str, float] = field(default_factory=dict)
    status: str = "graded"
    review: list[str] = field(default_factory=list)  # why a person should read it
    said: str = ""  # by the tests
    seconds: float = 0.0

    @property
    def total(self):
        """Return the sum of the points, or None while somebody has to read the submission."""
        return None if self.review else sum(self.points.values())


class Archive:
    """An autograder's archive, with a test in it that must fail."""

    def __init__(self, path, folder):
        self.must_fail = f"must_fail_{secrets.token_hex(8)}"
        self.path = Path(folder, "autograder.zip")
        shutil.copyfile(path, self.path)
        self.possible = {}
        with zipfile.ZipFile(self.path, "a") as archive:
            for name in archive.namelist():
                if name.startswith("tests/") and name.endswith(".py"):
                    self.possible |= possible(archive.read(name).decode())
            test = MUST_FAIL.format(name=self.must_fail)
            archive.writestr(f"tests/{self.must_fail}.py", test)

    def read(self, text):
        """Return the points and what was said, from the results that Otter wrote."""
        tests = {test["name"]: test for test in json.loads(text)["tests"] if "score" in test}
        if self.must_fail not in tests:
            raise ValueError("a test is missing")
        must_fail = tests.pop(self.must_fail)["output"]
        points = {name: float(test["score"]) for name, test in tests.items()}
        most = {name: float(test["max_score"]) for name, test in tests.items()}
        if most != self.possible or any(not 0 <= points[name] <= most[name] for name in points):
            raise ValueError("not the questions of this archive")
        tampered = f"AssertionError: {self.must_fail}" not in must_fail
        return points, "\n\n".join(test["output"] for test in tests.values()), tampered


def possible(test):
    from otter.test_files import ExceptionTestFile

    questions = ExceptionTestFile.from_string(test)
    return {questions.name: float(questions.possible)}


def read_notebook(path):
    """Return a submission's notebook alone: other files in a zip could replace lossbook."""
    data = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (entry,) = (info for info in archive.infolist() if info.filename.endswith(".ipynb"))
            if entry.file_size > LARGEST_NOTEBOOK:
                raise ValueError("larger than 20 MB")
            data = archive.read(entry)
    if len(data) > LARGEST_NOTEBOOK:
        raise ValueError("larger than 20 MB")
    notebook = nbformat.reads(data.decode("utf-8"), as_version=4)
    # Students' kernels have other names, in the browser for one.
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return notebook


def to_review(notebook):
    """List what a notebook uses that an answer about losses has no reason to use."""
    found, modules = {}, set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        lines = cell.source.splitlines()
        found |= {line.strip(): 1 for line in lines if line.lstrip().startswith(("!", "%"))}
        code = "\n".join(line for line in lines if not line.lstrip().startswith(("!", "%")))
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError):
            continue  # it does not run either
        for node in ast.walk(tree):
            found |= dict.fromkeys(noticed(node, modules), 1)
    return list(found)


def noticed(node, modules):
    """Yield what is to be noticed at one place; collect the names of modules."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [alias.name for alias in node.names]
        as_given = ast.unparse(node) == "import otter"
        origin = getattr(node, "module", None)
        modules |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        for name in [origin] if origin else names:
            if name.partition(".")[0] not in IMPORTS and not as_given:
                yield f"imports {name}"
    elif isinstance(node, ast.Name):
        if node.id in NAMES or node.id.startswith("__"):
            yield node.id
    elif isinstance(node, ast.Attribute):
        if node.attr.startswith(FRAMES) or node.attr in MODULES:
            yield f".{node.attr}"
        elif first_name(node) == "otter" and node.attr != "Notebook":
            yield f"otter.{node.attr}"
        elif not isinstance(node.ctx, ast.Load) and first_name(node) in modules:
            yield f"changes {ast.unparse(node)}"


def first_name(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", None)


def has_bubblewrap():
    """Tell whether there is bubblewrap, and may be used: some systems allow it to nobody."""
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    if not shutil.which("bwrap"):
        return False
    return subprocess.run(command, capture_output=True).returncode == 0


def walls(shown):
    """Begin a command that sees Python, these files, and an empty /tmp; and no network."""
    visible = [*SYSTEM, *sorted({sys.prefix, sys.base_prefix}), *map(str, shown)]
    return [
        *["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"],
        *["--dev", "/dev", "--proc", "/proc", "--size", str(OUTPUT), "--tmpfs", "/tmp"],
        *[part for path in visible for part in ("--ro-bind-try", path, path)],
    ]


def limits(memory, walled):
    """Begin a command each of whose processes is held to so many gigabytes."""
    if not shutil.which("prlimit"):  # of Linux
        return []
    size = int(memory * 2**30)
    # Outside of walls, all other processes of the user would count too.
    number = [f"--nproc={PROCESSES}"] if walled else []
    return ["prlimit", f"--as={size}", *number, f"--fsize={OUTPUT}", "--core=0"]


def environment(folder):
    """Return the variables that a submission sees."""
    variables = {"HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "MPLBACKEND": "agg"}
    variables |= {"PATH": os.environ.get("PATH", os.defpath), "PYTHONDONTWRITEBYTECODE": "1"}
    # Threads would wait for each other: submissions are graded at the same time.
    return variables | {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def stop(process):
    """End a process and what it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(process.pid)
        for member in [*first.children(recursive=True), first]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
    process.wait()


def grade(path, archive, **options):
    """Grade one submission; whatever it does, return a Grade."""
    start = time.perf_counter()
    try:
        result = graded(path, archive, **options)
    except Exception as error:  # of many kinds, for a file that is anything
        text = f"{type(error).__name__}: {error}"[:200]
        result = Grade(path.name, status="cannot be graded", review=[text])
    result.seconds = time.perf_counter() - start
    return result


def graded(path, archive, *, seconds=120, memory=2.0, walled):
    notebook = read_notebook(path)
    reasons = to_review(notebook)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copied = Path(folder, f"{path.stem}.ipynb")
        nbformat.write(notebook, copied)
        begin = walls([copied, archive.path]) if walled else []
        script = ["sh", "-c", SCRIPT, "sh", sys.executable, archive.path, copied]
        inside = "/tmp" if walled else folder
        status, text = run(
            [*begin, *limits(memory, walled), *script], inside, Path(folder), seconds
        )
    if status:
        return Grade(path.name, status=status, review=reasons)
    try:
        points, said, tampered = archive.read(text)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Grade(path.name, status="unreadable results", review=[f"results: {error}"])
    review = ["a test that must fail passes"] if tampered else []
    return Grade(path.name, points, review=[*review, *reasons], said=said)


def run(command, inside, folder, seconds):
    """Run a command for so long at most; return what went wrong, if anything, and its output."""
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env=environment(inside),
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"stopped after {seconds} s", ""
        finally:
            stop(process)
    if process.returncode:
        lines = (folder / "err").read_bytes()[-9000:].decode("utf-8", "replace").split("\n")
        reasons = [line.strip() for line in lines if re.search("Error|Exception|died", line)]
        return f"ended early: {(reasons or ['for no reason given'])[-1][:200]}", ""
    return "", (folder / "out").read_bytes().decode("utf-8", "replace")


def grade_all(paths, archive, *, processes=2, **options):
    """Grade submissions, so many at once; yield each grade when it is there."""
    walled = has_bubblewrap()
    if not walled:
        print("note: no bubblewrap here: submissions can read and change what you can", flush=True)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(processes) as pool:
        kept = Archive(archive, folder)
        jobs = [pool.submit(grade, path, kept, walled=walled, **options) for path in paths]
        for job in as_completed(jobs):
            yield job.result()


def write(grades, folder):
    """Write grades.csv, and what the tests said to each submission into feedback/."""
    questions = sorted({name for grade in grades for name in grade.points})
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    with (folder / "grades.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["submission", "total", *questions, "status", "review"])
        for grade in sorted(grades, key=lambda grade: grade.submission):
            total = "" if grade.total is None else f"{grade.total:g}"
            points = [f"{grade.points[name]:g}" if grade.points else "" for name in questions]
            row = [grade.submission, total, *points, grade.status, "; ".join(grade.review)]
            table.writerow(row)
            text = grade.said or grade.status
            (folder / "feedback" / f"{grade.submission}.txt").write_text(text + "\n", "utf-8")


def main():
    about = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    about.add_argument("archive", type=Path, help="the zip in the folder autograder")
    about.add_argument("folder", type=Path, help="of submissions, .ipynb or .zip")
    about.add_argument("--output", type=Path, default=Path("grades"), help="default: grades")
    about.add_argument("--seconds", type=float, default=120, help="for each (default: 120)")
    about.add_argument("--memory", type=float, default=2, help="gigabytes for each (default: 2)")
    about.add_argument("--processes", type=int, default=2, help="at once (default: 2)")
    given = about.parse_args()
    paths = sorted(path for path in given.folder.iterdir() if path.suffix in (".ipynb", ".zip"))
    if not paths:
        sys.exit(f"error: no .ipynb and no .zip in {given.folder}")
    options = {"seconds": given.seconds, "memory": given.memory, "processes": given.processes}
    grades = list(tqdm(grade_all(paths, given.archive, **options), total=len(paths)))
    write(grades, given.output)
    graded = sum(grade.total is not None and grade.status == "graded" for grade in grades)
    read = sum(bool(grade.review) for grade in grades)
    print(f"{graded} of {len(grades)} graded, {read} to be read first: {given.output}/grades.csv")


if __name__ == "__main__":
    main()
