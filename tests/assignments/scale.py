"""Grade many submissions at once, good and hostile ones, and compare with what each should get.

``python tests/assignments/scale.py`` (or ``make grade-many``) makes 200 of them, grades them as
``assignments/grade.py`` does, writes ``_build/assignments/scale.md`` and fails where a score is
another than it should be, a file of another submission was touched, or a process was left.
"""

import argparse
import hashlib
import importlib
import itertools
import os
import random
import socket
import statistics
import sys
import tempfile
import textwrap
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from submissions import BUILT, autograder, filled, grading, masters, questions, student_version
from tqdm import tqdm

MARK = "left-over-of-a-submission"
SECONDS = 120


@dataclass(frozen=True)
class Kind:
    """A kind of submission: code put before all other cells, and what it should lead to.

    ``expected`` is ``all`` or ``no`` points, ``review`` for no total until somebody has read it,
    or the beginning of a status. Those who ``cheat`` have answered nothing: points would be a
    reward. What is ``outside`` needs bubblewrap.
    """

    name: str
    code: str
    expected: str
    cheats: bool = False
    outside: bool = False


KINDS = [
    Kind("raises an exception", "raise ValueError('no')", "all"),
    Kind("calls sys.exit", "import sys\nsys.exit(3)", "review"),
    Kind("raises SystemExit", "raise SystemExit", "all"),
    Kind("takes all memory", "def hog():\n    return bytearray(10**12)\nhog()", "all"),
    Kind(
        "takes memory bit by bit",
        "def hog():\n    kept = []\n    while True:\n        kept.append(bytearray(10**7))\nhog()",
        "all or ended",  # at the limit the kernel, too, may be out of memory
    ),
    Kind("never ends", "while True:\n    pass", "stopped"),
    Kind("sleeps", "import time\ntime.sleep(10**6)", "stopped"),
    Kind("prints without end", "while True:\n    print('x' * 10**5)", "stopped or ended"),
    Kind("os._exit", "import os\nos._exit(0)", "ended"),
    Kind("crashes by ctypes", "import ctypes\nctypes.string_at(0)", "ended"),
    Kind(
        "forks without end",
        "import os, time\nfor _ in range(300):\n    if os.fork() == 0:\n        time.sleep(600)\n",
        "review or stopped or ended",
        outside=True,
    ),
    Kind(
        "leaves a process",
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{mark}'],"
        " start_new_session=True)",
        "review",
        outside=True,
    ),
    Kind(
        "reads the hidden tests",
        "import glob\nfor path in glob.glob('tests/*'):\n    print(open(path).read())",
        "review",
        cheats=True,
    ),
    Kind(
        "copies another's answers",
        "import json, pathlib\n"
        "for path in pathlib.Path('{folder}').glob('*.ipynb'):\n"
        "    for cell in json.loads(path.read_text())['cells']:\n"
        "        if cell['cell_type'] == 'code':\n"
        "            exec(''.join(cell['source']))",
        "review",
        cheats=True,
        outside=True,
    ),
    Kind(
        "writes over other submissions",
        "import pathlib\nfor path in pathlib.Path('{folder}').glob('*.ipynb'):\n"
        "    path.write_text('nothing')",
        "review",
        cheats=True,
        outside=True,
    ),
    Kind(
        "deletes files",
        "import shutil\n"
        "for path in ('{folder}', '.'):\n"
        "    shutil.rmtree(path, ignore_errors=True)",
        "review or unreadable or ended",
        outside=True,
    ),
    Kind(
        "fills the disk",
        "with open('big', 'wb') as f:\n    f.write(bytes(10**9))",
        "review or ended",
    ),
    Kind(
        "connects to this machine",
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 5).send(b'hidden tests')",
        "review",
        outside=True,
    ),
    Kind(
        "switches Otter's tests off",
        "from otter.test_files import test_case\ntest_case.call_func = lambda *_: None",
        "review",
        cheats=True,
    ),
    Kind(
        "the same, out of sight",
        "import numpy as np\n"
        "[k for k in np.ndarray.mro()[-1].__subclasses__() if k.__name__ == 'test_case'][0]"
        ".call_func = lambda *_: None",
        "review",
        cheats=True,
    ),
    Kind(
        "changes lossbook's checks",
        "import lossbook as lb\nlb.grade = lb.check_gradient = lambda *_, **__: lb",
        "review",
        cheats=True,
    ),
    Kind(
        "changes np.allclose",
        "import numpy as np\nnp.allclose = np.isclose = lambda *_, **__: True",
        "review",
        cheats=True,
    ),
    Kind(
        "writes over the tests",
        "import glob\nfor path in glob.glob('tests/q*.py'):\n"
        "    text = open(path).read()\n"
        "    open(path, 'w').write(text.partition('@test_case')[0])",
        "review or unreadable",
        cheats=True,
    ),
    Kind(
        "writes the results itself",
        "import json, pathlib\n"
        "results = {{'tests': [{{'name': 'q1', 'score': 99, 'max_score': 99, 'output': ''}}]}}\n"
        "for path in ('results.json', '../results/results.json'):\n"
        "    pathlib.Path(path).write_text(json.dumps(results))",
        "review",
        cheats=True,
    ),
]
GOOD, WRONG, UNFILLED = (
    Kind(name, "", expected)
    for name, expected in (
        ("the solution", "all"),
        ("a typical wrong solution", "its"),
        ("nothing filled in", "no"),
    )
)


def plan(number, walled, seed=0):
    """Choose kinds: most are honest, and every hostile kind comes about equally often."""
    hostile = [kind for kind in KINDS if walled or not kind.outside]
    honest = itertools.cycle([GOOD, WRONG, GOOD, WRONG, UNFILLED])
    chosen = [kind for kind, _ in zip(itertools.cycle(hostile), range(number // 2), strict=False)]
    chosen += [next(honest) for _ in range(number - len(chosen))]
    random.Random(seed).shuffle(chosen)
    return chosen


def make(kind, master, rank, places):
    """Return a notebook of this kind, and the points that are expected of an honest one."""
    code = kind.code.format(**places) if kind.code else ""
    target = BUILT / master.stem
    if kind is WRONG:
        wrong = importlib.import_module(f"wrong_{master.stem[:2]}").WRONG
        item = wrong[rank % len(wrong)]
        return filled(master, item.answers), item.points
    unfilled = kind is UNFILLED or kind.cheats
    notebook = student_version(target) if unfilled else filled(master)
    if code:
        first = next(cell for cell in notebook.cells if cell.id == questions(master)["q1"][0])
        place = notebook.cells.index(first)
        notebook.cells.insert(place, nbformat.v4.new_code_cell(textwrap.dedent(code)))
    return notebook, {}


def outcome(grade, possible, lost):
    """Return in one word what became of a submission."""
    if grade.status != "graded":
        return grade.status.split()[0]
    if grade.total is None:
        return "review"
    if grade.points == {**possible, **lost}:
        return "its" if lost else "all"
    return "no" if grade.total == 0 else f"{grade.total:g} points"


class Listener:
    """A server on this machine that notes who connects."""

    def __enter__(self):
        self.calls = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def listen(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return  # closed
            self.calls += 1
            connection.close()

    def __exit__(self, *_):
        self.server.close()


def left_over(mark):
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if mark in (process.info["cmdline"] or [])
    ]


def sums(folder):
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def run(number, assignments, *, seconds=SECONDS, processes=2, progress=False):
    """Grade so many submissions; return rows of kind, expected, got and seconds, and problems."""
    walled = grading.has_bubblewrap()
    rows, problems = [], []
    with Listener() as listener, tempfile.TemporaryDirectory() as scratch:
        mark = f"{MARK}-{os.getpid()}"
        places = {"port": listener.port, "mark": mark}
        kinds = plan(number, walled)
        expected = defaultdict(dict)
        for rank, kind in enumerate(kinds):
            master = assignments[rank % len(assignments)]
            folder = Path(scratch, master.stem)
            folder.mkdir(exist_ok=True)
            notebook, lost = make(kind, master, rank, places | {"folder": folder})
            nbformat.write(notebook, folder / f"{rank:03}.ipynb")
            expected[master][f"{rank:03}.ipynb"] = kind, lost
        with tqdm(total=number, disable=not progress) as bar:
            for master, submissions in expected.items():
                folder, archive = Path(scratch, master.stem), autograder(BUILT / master.stem)
                before = sums(folder)
                possible = grading.Archive(archive, scratch).possible
                options = {"seconds": seconds, "processes": processes}
                for grade in grading.grade_all(sorted(before), archive, **options):
                    kind, lost = submissions[grade.submission]
                    got = outcome(grade, possible, lost)
                    rows.append((kind, got, grade))
                    bar.update()
                if sums(folder) != before:
                    problems.append(f"{master.stem}: submissions were changed")
        time.sleep(0.5)  # for processes that are being ended
        problems += [f"process {pid} was left" for pid in left_over(mark)]
        problems += ["a submission reached a server"] * bool(listener.calls and walled)
    for kind, got, grade in rows:
        if got not in kind.expected.split(" or "):
            details = f"{grade.status}; {'; '.join(grade.review)}"
            problems.append(f"{kind.name}: {got}, expected {kind.expected} ({details})")
    return rows, problems


def table(rows):
    """Return the table of kinds in Markdown."""
    lines = ["| submission | number | expected | got | seconds each |", "|---|---|---|---|---|"]
    for kind in [GOOD, WRONG, UNFILLED, *KINDS]:
        found = [(got, grade) for other, got, grade in rows if other is kind]
        if found:
            got = ", ".join(sorted({got for got, _ in found}))
            seconds = statistics.median(grade.seconds for _, grade in found)
            cells = (kind.name, len(found), kind.expected, got, f"{seconds:.1f}")
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main():
    about = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    about.add_argument("--number", type=int, default=200)
    about.add_argument("--seconds", type=float, default=SECONDS)
    about.add_argument("--processes", type=int, default=2)
    given = about.parse_args()
    start = time.perf_counter()
    options = {"seconds": given.seconds, "processes": given.processes}
    rows, problems = run(given.number, masters(), progress=True, **options)
    minutes = (time.perf_counter() - start) / 60
    note = "with bubblewrap" if grading.has_bubblewrap() else "without bubblewrap"
    end = f"{len(rows)} submissions, {given.processes} at once, {note}: {minutes:.1f} minutes"
    text = f"{table(rows)}\n\n{end}\n"
    (BUILT / "scale.md").write_text(text, "utf-8")
    print(text, *problems, sep="\n")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
