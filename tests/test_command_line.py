"""The command line: each command with good and with bad arguments, run in this process."""

import inspect
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lossbook as lb
from lossbook import __main__ as program
from lossbook import cards, command_line, formulas, lookup, terminal
from lossbook.command_line import main

ROOT = Path(__file__).resolve().parent.parent
NAMES = [cls.__name__ for cls in cards.exported_losses()]
OWN = """\
import helper_beside
import lossbook as lb
from dataclasses import dataclass

print("not a report")


@dataclass(frozen=True)
class Square(lb.ResidualLoss):
    scale: float = 1.0

    def rho(self, r):
        return self.scale * r * r


class Half(Square):
    def psi(self, r):
        return self.scale * r


class Exits(lb.ResidualLoss):
    def rho(self, r):
        raise SystemExit("bye")


class Unfinished(lb.Loss):
    pass


made = Square(2.0)
number = 3
"""


@pytest.fixture
def own(tmp_path):
    """Write a file with losses of one's own."""
    (tmp_path / "helper_beside.py").write_text("")
    path = tmp_path / "losses.py"
    path.write_text(OWN)
    return path


@pytest.fixture
def says(capsys):
    """Run a command that succeeds; return what it prints."""

    def run(*arguments, status=0):
        assert main(arguments) == status
        out, err = capsys.readouterr()
        assert "error" not in err
        return out

    return run


@pytest.fixture
def refuses(capsys):
    """Run a command with a mistake; return its one line, without the name of the program."""

    def run(*arguments):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        last = err.removeprefix("not a report\n")
        assert last.count("\n") == 1
        assert last.startswith("python -m lossbook: error: ")
        return last.removeprefix("python -m lossbook: error: ").strip()

    return run


class TestList:
    def test_every_loss_is_there_and_lines_are_short(self, says):
        text = says("list")
        table = text.partition("\n\n")[0].splitlines()[1:]
        assert sorted(line.split()[0] for line in table) == sorted(NAMES)
        assert max(map(len, text.splitlines())) <= 80

    def test_traits(self, says):
        assert "Huber                         regression      yes         1          1  no" in (
            says("list").splitlines()
        )

    def names(self, text):
        return {line.split()[0] for line in text.partition("\n\n")[0].splitlines()[1:]}

    def test_filters(self, says):
        assert self.names(says("list", "--task", "boxes")) == {"IoU", "GIoU", "DIoU", "CIoU"}
        assert "Huber" in self.names(says("list", "--convex", "--smooth", "--no-bounded"))
        found = self.names(says("list", "--no-convex", "--bounded", "--task=regression"))
        assert found == {"TukeyBiweight", "Welsch", "GemanMcClure"}
        assert "Hinge" in self.names(says("list", "--no-smooth"))

    def test_mistakes(self, refuses):
        assert refuses("list", "--task", "boxes", "--convex") == "no loss has these traits"
        assert refuses("list", "--task", "sound").startswith("argument --task: invalid choice")
        assert refuses("list", "huber") == (
            "unrecognised arguments: huber; see python -m lossbook --help"
        )
        assert refuses("list", "delta=2").startswith("unrecognised arguments: delta=2")


class TestShow:
    @pytest.mark.parametrize("name", NAMES)
    def test_every_loss_can_be_shown(self, name, says):
        text = says("show", name)
        assert text.startswith(name)
        assert max(map(len, text.splitlines())) <= 80
        assert not set("\\{}`$") & set(text)
        for part in ("Traits", "References", "Book        chapter", "Curves of"):
            assert part in text

    @pytest.mark.parametrize(
        "name", ["huber", "HUBER", "Smooth_L1", "geman-mcclure", "binary_cross_entropy"]
    )
    def test_names_are_found(self, name, says):
        assert says("show", name).partition("(")[0].partition("\n")[0].lower() == (
            name.lower().replace("-", "").replace("_", "")
        )

    def test_parameters_change_the_traits(self, says):
        text = says("show", "huber", "delta=2")
        assert text.startswith("Huber(delta=2)\nHuber's loss: squared for small residuals")
        assert "  Largest slope      2\n" in text
        assert "chapter" not in text.splitlines()[1]
        assert "Code        lossbook/regression.py, line " in text
        assert "--code prints it" in text
        assert "ρ(r) = ½r²           if |r| ≤ δ\n" in text
        assert "full=True" in says("show", "poisson", "full=TRUE")
        assert "alpha=None" in says("show", "focal", "alpha=none")
        assert "alpha=-inf" in says("show", "barron", "alpha=-inf", "c=2.5")

    def test_code(self, says):
        text = says("show", "huber", "--code", "delta=3")  # parameters after an option
        assert "class Huber(ResidualLoss):" in text
        assert "return c * (r - 0.5 * c)" in text
        assert ".. math::" not in text

    def test_pictures(self, says, tmp_path):
        pytest.importorskip("matplotlib")
        png, svg = tmp_path / "curve.png", tmp_path / "curve.svg"
        text = says("show", "huber", "--png", str(png), "--svg", str(svg))
        assert f"The curve is in {png}.\nThe curve is in {svg}.\n" in text
        assert "* loss" not in text
        assert png.read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in svg.read_bytes()

    def test_pictures_need_matplotlib(self, refuses, monkeypatch, tmp_path):
        monkeypatch.delitem(sys.modules, "lossbook.plots", raising=False)
        monkeypatch.delattr(lb, "plots", raising=False)
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        assert refuses("show", "huber", "--png", str(tmp_path / "x.png")) == (
            "lossbook.plots needs matplotlib: pip install 'lossbook[plots]'"
        )

    @pytest.mark.parametrize(
        ("arguments", "line"),
        [
            (["hubr"], "there is no loss 'hubr'; did you mean Huber?"),
            (["mse"], "there is no loss 'mse'; did you mean SquaredError?"),
            (["pinball"], "there is no loss 'pinball'; did you mean Quantile?"),
            (["qqqq"], "there is no loss 'qqqq'; `list` shows all"),
            (["huber", "delta"], "'delta' is no parameter: expected NAME=VALUE, such as delta=2"),
            (["huber", "detla=2"], "Huber has no parameter 'detla': it has delta; did you mean"),
            (["hinge", "c=2"], "Hinge has no parameter 'c': it has none"),
            (["huber", "delta=1", "delta=2"], "the parameter 'delta' is given twice"),
            (["huber", "delta=-1"], "Huber cannot be made: delta is -1: expected a finite number"),
            (["huber", "delta=two"], "Huber cannot be made: "),
            (["huber", "--png", "no/folder/x.png"], "no/folder/x.png: No such file or directory"),
            ([], "the following arguments are required: LOSS"),
        ],
    )
    def test_mistakes(self, arguments, line, refuses):
        if "--png" in arguments:
            pytest.importorskip("matplotlib")
        assert refuses("show", *arguments).startswith(line)


class TestCurve:
    def plot(self, loss):
        lines = terminal.curve(loss).splitlines()
        assert len(lines[0]) == len(lines[16]) == 9 + terminal.COLUMNS + 1
        return lines[:17]

    def test_extremes(self):
        top, *_, bottom = self.plot(lb.Huber())
        assert top == "    2.5 |**" + " " * 57 + "**|"  # ρ(±3) = 2.5, at both ends
        assert bottom.startswith("     −1 |....")
        (zero,) = (line for line in self.plot(lb.Huber()) if line.startswith("      0 |"))
        assert zero[9 + 30] == "*"  # ρ(0) = 0, in the middle

    def test_a_pole_is_cut(self):
        lines = self.plot(lb.BinaryCrossEntropy())
        assert lines[0].startswith("    5.3 |*")
        assert lines[-1].startswith("    −10 |")
        assert lines[0].count("*") == 1

    def test_a_jump(self):
        top, *between, bottom = self.plot(lb.ZeroOne())
        assert top.startswith("      1 |****")
        assert all(set(line) == {" ", "|"} for line in between)
        assert bottom.endswith("****|")

    def test_flat(self):
        (line,) = (line for line in self.plot(lb.EpsilonInsensitive(9.0)) if "*" in line)
        assert line == "      0 |" + "*" * 61 + "|"

    def test_far_from_zero(self):
        class Steep(lb.ResidualLoss):
            def rho(self, r):
                return np.exp(r) + 1

        assert not any("-" in line for line in self.plot(Steep()))

    def test_the_sentence_says_the_same(self):
        assert terminal.curve(lb.Dice()).endswith("its gradient −1 at 0.005, −1 at 0.995.")
        assert "* cost   . gradient" in terminal.curve(lb.Dice())


class TestCheck:
    def test_right(self, own, says):
        text = says("check", f"{own}:Square")
        assert text.startswith("Report on Square(scale=1.0)\n")
        assert text.endswith("checks passed\n")

    def test_wrong(self, own, says):
        assert "half the reference" in says("check", f"{own}:Half", "scale=3", status=1)

    def test_json(self, own, says):
        report = json.loads(says("check", "--json", f"{own}:Half", "scale=3", status=1))
        assert set(report) == {"loss", "ok", "checks"}
        assert report["loss"] == "Half(scale=3)"
        assert report["ok"] is False
        found = {check["name"]: check for check in report["checks"]}
        assert found["gradient"] == {
            "name": "gradient",
            "ok": False,
            "text": "half the reference: a missing factor 2?",
        }
        assert found["convex"]["ok"] is None
        assert json.loads(says("check", "--json", f"{own}:Square"))["ok"] is True

    def test_an_instance(self, own, says):
        assert says("check", f"{own}:made").startswith("Report on Square(scale=2.0)\n")

    def test_what_the_file_changes_is_put_back(self, own, says):
        before = list(sys.path)
        says("check", f"{own}:Square")
        assert sys.path == before
        assert "losses" not in sys.modules

    @pytest.mark.parametrize(
        ("name", "line"),
        [
            ("Squar", "has no 'Squar'; did you mean Square?"),
            ("Xyz", "has no 'Xyz'; it has Square, Half, Exits"),
            ("number", "number of {own} is no loss: derive a class from lossbook.Loss or SetLoss"),
            ("lb", "lb of {own} is no loss"),
            ("Exits", "{own}:Exits ends the program: SystemExit: bye"),
            ("Unfinished", "Unfinished cannot be made: TypeError: Can't instantiate abstract"),
        ],
    )
    def test_mistakes_of_names(self, own, name, line, refuses):
        assert line.format(own=own) in refuses("check", f"{own}:{name}")

    def test_mistakes_of_parameters(self, own, refuses):
        assert "made already" in refuses("check", f"{own}:made", "scale=2")
        assert "it has scale" in refuses("check", f"{own}:Square", "size=2")

    @pytest.mark.parametrize("target", ["losses.py", "Huber", "losses.txt:Huber", "losses.py:1"])
    def test_mistakes_of_form(self, target, refuses):
        assert "expected FILE.py:NAME" in refuses("check", target)

    @pytest.mark.parametrize(
        ("code", "line"),
        [
            ("x = 1\nx y\n", ", line 2: SyntaxError: invalid syntax"),
            ("import os\n\nos.nothing()\n", ", line 3: AttributeError: "),
            ("raise SystemExit\n", ", line 1: SystemExit"),
            ("import no_such_thing\n", ", line 1: No module named 'no_such_thing'"),
        ],
    )
    def test_files_that_do_not_run(self, code, line, refuses, tmp_path):
        path = tmp_path / "broken.py"
        path.write_text(code)
        assert refuses("check", f"{path}:Any").startswith(f"{path}{line}")

    def test_other_files(self, refuses, tmp_path):
        assert refuses("check", "absent.py:Mine") == "there is no file 'absent.py'"
        path = tmp_path / "empty.py"
        path.write_bytes(b"\x00")
        assert "SyntaxError" in refuses("check", f"{path}:Mine")
        path.write_text("")
        assert refuses("check", f"{path}:Mine") == f"{path} has no 'Mine'"


class TestDatasets:
    def test_all(self, says):
        text = says("datasets")
        assert max(map(len, text.splitlines())) <= 80
        assert "\nstackloss          21        4  public domain\n    Brownlee (1960)" in text
        assert len([line for line in text.splitlines()[1:] if line[0] != " "]) == 11

    def test_one(self, says):
        text = says("datasets", "Boston-Rooms")
        assert text.startswith("Dataset boston_rooms: 506 rows, 2 columns\n")
        assert "\n\nEthical note:" in text
        assert text.endswith("Load     lossbook.load_boston_rooms()\n")
        assert "Load     lossbook.load_coco_boxes().truth\n" in says("datasets", "coco_truth")

    def test_mistakes(self, refuses):
        assert refuses("datasets", "amess") == "there is no data set 'amess'; did you mean ames?"
        assert refuses("datasets", "zzz").startswith("there is no data set 'zzz'; there are ames, ")


class TestNewAssignment:
    @pytest.fixture
    def notebook(self, says, tmp_path):
        path = tmp_path / "robust_week-3.ipynb"
        text = says("new-assignment", str(path.with_suffix("")))
        assert text.startswith(f"{path} is written.")
        assert f"  otter assign {path} {tmp_path / 'dist'}\n" in text
        return json.loads(path.read_text("utf-8"))

    def cells(self, notebook, kind):
        return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind]

    def test_the_notebook_is_valid(self, notebook):
        nbformat = pytest.importorskip("nbformat")
        nbformat.validate(nbformat.from_dict(notebook))

    def test_what_otter_reads(self, notebook):
        raw = self.cells(notebook, "raw")
        assert raw[0].startswith("# ASSIGNMENT CONFIG\n")
        assert '\nname: "robust_week-3"\n' in raw[0]
        marks = [text.partition("\n")[0].removeprefix("# ") for text in raw[1:]]
        open_blocks = []
        for mark in marks:
            word, kind = mark.split()
            if word == "BEGIN":
                open_blocks.append(kind)
            else:
                assert open_blocks.pop() == kind
        assert open_blocks == []
        assert [marks.count(f"BEGIN {kind}") for kind in ("QUESTION", "SOLUTION", "TESTS")] == [
            *(3, 3, 2)
        ]

    def test_title_and_no_mark_is_left(self, notebook):
        assert self.cells(notebook, "markdown")[0].startswith("# Robust week 3\n")
        assert "@" not in "".join("".join(c["source"]) for c in notebook["cells"])

    def split(self, notebook):
        """Return the names that the solutions define, and the tests by name, with their points."""
        names, tests, points = {}, {}, {}
        for code in self.cells(notebook, "code"):
            defined = {}
            exec(code, defined if "TEST CONFIG" in code else names)
            for name, thing in defined.items():
                if name.startswith("test_"):
                    tests[name] = thing
                    points[name] = int(code.partition("points: ")[2][0])
        return names, tests, points

    def failing(self, tests, **names):
        failed = {}
        for name, test in tests.items():
            wanted = list(inspect.signature(test).parameters)
            try:
                test(*(names[key] for key in wanted))
            except Exception as error:
                failed[name] = str(error)
        return failed

    def test_the_solution_passes(self, notebook):
        names, tests, points = self.split(notebook)
        assert sum(points.values()) == 8
        own = {key: names[key] for key in ("huber", "huber_gradient")}
        assert self.failing(tests, **own) == {}

    def test_wrong_answers_are_told_what_is_wrong(self, notebook):
        _, tests, _ = self.split(notebook)

        def no_checks(y, p):
            size = np.abs(p - y)
            return np.where(size <= 1, size * size / 2, size - 0.5)

        flipped = lambda y, p: np.clip(y - p, -1, 1)  # noqa: E731
        failed = self.failing(tests, huber=no_checks, huber_gradient=flipped)
        assert set(failed) == {"test_bad_input", "test_small_residuals", "test_all_residuals"}
        assert "opposite sign" in failed["test_small_residuals"]
        assert "NaN among the predictions: accepted" in failed["test_bad_input"]
        empty = lambda y, p: None  # noqa: E731
        failed = self.failing(tests, huber=empty, huber_gradient=empty)
        assert set(failed) == set(tests)
        assert "`return` missing" in failed["test_two_examples"]

    def test_nothing_is_overwritten(self, refuses, tmp_path):
        path = tmp_path / "mine.ipynb"
        path.write_text("mine")
        assert refuses("new-assignment", str(path)) == f"{path} exists already, and stays as it is"
        assert path.read_text() == "mine"

    def test_mistakes(self, refuses, tmp_path):
        assert refuses("new-assignment", "a b") == (
            "'a b' is no name: expected letters, digits, - and _"
        )
        assert refuses("new-assignment", "x/.ipynb").startswith("'.ipynb' is no name")
        path = tmp_path / "absent" / "mine.ipynb"
        assert refuses("new-assignment", str(path)) == f"{path}: No such file or directory"


class TestFormulas:
    @pytest.mark.parametrize(
        ("tex", "text"),
        [
            (r"\frac{u^2}{2 b}", "u²/(2 b)"),
            (r"\frac{a + b}{c}", "(a + b)/c"),
            (r"-\frac1\alpha \left( x - 1 \right)", "−1/α · (x − 1)"),
            (r"\log \frac{p}{q}", "log(p/q)"),
            (r"\tfrac12 \log\cosh r", "½ log cosh r"),
            (r"e^{-z} y_{i-1} d_+^2", "e^(−z) y_(i − 1) d₊²"),
            (r"\operatorname{sign}(r)", "sign(r)"),
            (r"\bigl\{ \unknown", "{ unknown"),
            (r"\sqrt{1 + x}", "√(1 + x)"),
            (r"{a} \le b_{k}", "a ≤ b_k"),
            (r"\frac {a} 2", "a/2"),
        ],
    )
    def test_readable(self, tex, text):
        assert formulas.readable(tex) == [text]

    def test_cases_and_what_follows(self):
        tex = r"f = \begin{cases} 1 & x > 0 \\ 22 & x \le 0 \end{cases} \qquad g = 2, \quad"
        assert formulas.readable(tex) == ["f = 1   if x > 0", "    22  if x ≤ 0", "g = 2"]


class TestProgram:
    @pytest.mark.parametrize("command", ["list", "show", "check", "datasets", "new-assignment"])
    def test_help(self, command, says):
        text = says(command, "--help")
        assert text.startswith(f"usage: python -m lossbook {command} ")
        assert f"\nexamples:\n  python -m lossbook {command}" in text
        assert max(map(len, text.splitlines())) <= 80
        assert command in says("--help")

    def test_check_says_that_it_runs_the_file(self, says):
        assert "The file is run, in this process" in says("check", "--help")

    def test_examples_run(self, says, own, tmp_path, monkeypatch):
        pytest.importorskip("matplotlib")
        monkeypatch.chdir(tmp_path)
        (tmp_path / "course").mkdir()
        own.write_text(OWN + "\n\n@dataclass(frozen=True)\nclass MyLoss(lb.Huber):\n    pass\n")
        for text in command_line.EXAMPLES:
            for line in text.partition("Examples:\n")[2].splitlines():
                assert says(*line.partition(">")[0].split()[3:])

    @pytest.mark.parametrize("page", ["README.md", "appendix/reference-tools.md"])
    def test_documented_commands_are_understood(self, page):
        text = (ROOT / page).read_text("utf-8")
        commands = re.findall(r"^ *python -m lossbook (.*?) *(?:#.*)?$", text, re.MULTILINE)
        assert len(commands) > 3
        for command in commands:
            assert command_line._asked(command.partition(">")[0].split())

    def test_version(self, says):
        assert says("--version") == f"lossbook {lb.__version__}\n"

    def test_mistakes(self, refuses):
        assert refuses().startswith("the following arguments are required: COMMAND; see ")
        assert refuses("lst").startswith("argument COMMAND: invalid choice: 'lst'")

    def test_every_task_has_its_losses(self):
        assert {command_line.task_of(cls) for cls in cards.exported_losses()} == set(
            command_line.TASKS
        )

    def test_a_pipe_that_closes(self, monkeypatch):
        def closed():
            raise BrokenPipeError

        monkeypatch.setattr("builtins.print", lambda *_, **__: closed())
        with pytest.raises(BrokenPipeError):
            main(["list"])
        with open(os.devnull, "w", encoding="utf-8") as out:
            monkeypatch.setattr(sys, "stdout", out)
            monkeypatch.setattr(program, "main", closed)
            assert program.run() == 0

    def test_an_interruption(self, monkeypatch):
        def stopped():
            raise KeyboardInterrupt

        monkeypatch.setattr(program, "main", stopped)
        assert program.run() == 130

    def test_a_terminal_without_greek(self, monkeypatch):
        out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "argv", ["lossbook", "show", "huber"])
        assert program.run() == 0
        assert b"?(r) = ?r" in out.buffer.getvalue()

    def test_as_a_module(self):
        command = [sys.executable, "-m", "lossbook", "show", "hubr"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr == (
            "python -m lossbook: error: there is no loss 'hubr'; did you mean Huber?\n"
        )

    def test_the_package_does_not_load_it(self):
        code = "import lossbook, sys; sys.exit('lossbook.command_line' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_errors_in_words():
    assert lookup.said(ValueError()) == "ValueError"
    assert lookup.said(RuntimeError("two\n lines")) == "RuntimeError: two lines"
