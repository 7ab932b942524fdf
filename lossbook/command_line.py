"""The command line, ``python -m lossbook``: look losses and data up, check a loss of your own.

Each command prints what it was asked for and returns 0. A mistake in what was asked is one line on
stderr and the status 2; a loss that fails its check is the status 1.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import lossbook
from lossbook import cards, lookup, terminal
from lossbook.assignment import new_assignment
from lossbook.datasets import Dataset
from lossbook.formulas import paragraphs, prose, sections
from lossbook.lookup import Mistake
from lossbook.loss_check import LossReport, check_loss
from lossbook.terminal import wrapped

PROGRAM = "python -m lossbook"
TASKS = {
    "regression": ("regression", "quantiles", "robust", "barron", "counts", "tweedie"),
    "classification": ("classification", "margins", "focal"),
    "distributions": ("divergence",),
    "boxes": ("detection",),
    "masks": ("segmentation",),
    "embeddings": ("embedding",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the name of the program; the command line's own unless given.

    Examples
    --------
    >>> main(["list", "--task", "masks", "--convex"])
    Loss    Task   Convex  Slope  Curvature  Bounded
    Lovasz  masks  yes     1      -          no
    <BLANKLINE>
    Slope, Curvature: the largest, with the default parameters; - where there is no
    limit. `show NAME` says more.
    0
    """
    try:
        asked = _asked(arguments)
        return asked.run(asked)
    except BrokenPipeError:  # who reads has seen enough; no mistake
        raise
    except (Mistake, OSError, ImportError) as error:
        print(f"{PROGRAM}: error: {lookup.said(error)}", file=sys.stderr)
        return 2
    except SystemExit as end:  # argparse has printed help, or the version
        return int(end.code or 0)


# What the commands do ----------------------------------------------------------------------------


def list_losses(asked: argparse.Namespace) -> int:
    """Print the losses that have the traits asked for."""
    rows = []
    for cls in cards.exported_losses():
        traits, task = cls().traits, task_of(cls)
        wanted = {
            "convex": traits.convex,
            "bounded": traits.bounded,
            "smooth": traits.smoothness is not None,
        }
        if asked.task in (None, task) and all(
            getattr(asked, trait) in (None, found) for trait, found in wanted.items()
        ):
            told = dict(cards.card(cls()))
            keys = ("Convex", "Largest slope", "Largest curvature", "Bounded")
            cells = ["-" if told[key] == "no limit" else told[key] for key in keys]
            rows.append([cls.__name__, task, *cells])
    rows.sort(key=lambda row: list(TASKS).index(row[1]))
    if not rows:
        raise Mistake("no loss has these traits")
    print(terminal.table(["Loss", "Task", "Convex", "Slope", "Curvature", "Bounded"], rows))
    note = (
        "Slope, Curvature: the largest, with the default parameters; - where there is no limit. "
        "`show NAME` says more."
    )
    print("", wrapped(note), sep="\n")
    return 0


def task_of(cls: type) -> str:
    """Return what a loss is for.

    >>> task_of(lossbook.Huber)
    'regression'
    """
    module = cls.__module__.rpartition(".")[2]
    return next(task for task, modules in TASKS.items() if module in modules)


def show(asked: argparse.Namespace) -> int:
    """Print what there is to say of one loss, and draw it."""
    cls = lookup.find_loss(asked.name)
    loss = lookup.make_loss(cls, asked.parameters)
    drawn = []
    for kind in ("png", "svg"):
        if file := getattr(asked, kind):
            Path(file).write_bytes(cards.picture(loss, kind)[0])
            drawn.append(f"The curve is in {file}.")
    told = dict(sections(cls))
    formulas, (summary, *texts) = paragraphs(told[""])
    summary, chapters = _without_chapters(summary)
    file = Path(inspect.getsourcefile(cls) or "")
    source, line = inspect.getsourcelines(cls)
    print(cards.title(loss), wrapped(summary), "", sep="\n")
    print(*(f"  {formula}" for formula in formulas), "", sep="\n")
    for text in texts:
        print(wrapped(text), "", sep="\n")
    if "Parameters" in told:
        print("Parameters", *_parameters(told["Parameters"]), "", sep="\n")
    rows = cards.card(loss)
    if general := cards.in_general(cls):
        rows.append(("In general", prose(general)))
    width = max(len(key) for key, _ in rows) + 2
    lines = [wrapped(value, " " * (width + 2), f"  {key:<{width}}") for key, value in rows]
    print("Traits", *lines, "", sep="\n")
    print(*drawn or [terminal.curve(loss)], "", sep="\n")
    print(wrapped(prose("\n".join(told["References"])), " " * 12, "References  "))
    print(f"Book        {chapters}")
    print(f"Code        {file.parent.name}/{file.name}, line {line}", end="")
    print("" if asked.code else "; --code prints it")
    if asked.code:
        print("", *_without_docstring(cls, source), sep="\n")
    return 0


def _without_chapters(summary: str) -> tuple[str, str]:
    """Separate the chapters from the first sentence of a docstring."""
    found = re.search(r" \((chapters? [\d, and]+)\)", summary)
    assert found is not None, summary  # as the tests see to
    return summary.replace(found[0], ""), found[1]


def _parameters(lines: list[str]) -> list[str]:
    """Return the parameters of a docstring, one to a paragraph."""
    blocks = re.split(r"\n(?=\S)", "\n".join(lines).strip())
    heads = (block.partition("\n") for block in blocks)
    return [
        wrapped(f"{head.partition(' ')[0]}: {prose(rest)}", "      ", "  ")
        for head, _, rest in heads
    ]


def _without_docstring(cls: type, source: list[str]) -> list[str]:
    """Return the code of a class less its docstring, which was printed above in other words."""
    text = "".join(source)
    return re.sub(r'\n    r?""".*?"""\n', "\n", text, count=1, flags=re.DOTALL).splitlines()


def check(asked: argparse.Namespace) -> int:
    """Check a loss in a file; return 1 if it fails."""
    with contextlib.redirect_stdout(sys.stderr):  # what the file itself prints is no report
        loss = lookup.load(asked.loss, asked.parameters)
        try:
            report = check_loss(loss)
        except SystemExit as end:
            raise Mistake(f"{asked.loss} ends the program: {lookup.said(end)}") from end
    print(json.dumps(as_json(report), indent=2) if asked.json else report)
    return 0 if report.ok else 1


def as_json(report: LossReport) -> dict[str, Any]:
    """Return a report as what JSON knows.

    >>> found = as_json(check_loss(lossbook.Huber))
    >>> found["loss"], found["ok"], found["checks"][0]["name"]
    ('Huber(delta=1.0)', True, 'values')
    """
    checks = [{"name": name, "ok": ok, "text": text} for name, ok, text in report.checks]
    return {"loss": report.title, "ok": report.ok, "checks": checks}


def show_datasets(asked: argparse.Namespace) -> int:
    """Print the data sets, or what there is to say of one."""
    known = {data.name: (loader, data) for loader, data in _datasets()}
    if asked.name is None:
        print(f"{'Name':<15}  {'Rows':>4}  Columns  Licence; source")
        for name, (_, data) in known.items():
            first = f"{name:<15}  {len(data):>4}  {len(data.columns):>7}  "
            print(wrapped(data.licence, " " * 32, first), wrapped(data.source, "    "), sep="\n")
        return 0
    for name, (loader, data) in known.items():
        if lookup.plain(name) == lookup.plain(asked.name):
            parts = re.split(r"\n(?=Known |Ethical )", data.description)
            print(data, "", *(f"{wrapped(part)}\n" for part in parts), sep="\n")
            print(wrapped(data.source, " " * 9, "Source   "))
            print(wrapped(data.licence, " " * 9, "Licence  "))
            print(f"Load     lossbook.{loader}")
            return 0
    hint = lookup.nearest(asked.name, known) or f"; there are {', '.join(known)}"
    raise Mistake(f"there is no data set {asked.name!r}{hint}")


def _datasets() -> list[tuple[str, Dataset]]:
    """Return each data set with the call that loads it."""
    found = []
    for name in lossbook.datasets.__all__:
        if name.startswith("load_"):
            data = getattr(lossbook.datasets, name)()
            if isinstance(data, Dataset):
                found.append((f"{name}()", data))
            else:
                found += [(f"{name}().{field}", getattr(data, field)) for field in data._fields]
    return found


def start_assignment(asked: argparse.Namespace) -> int:
    """Write a master notebook and say what to do with it."""
    path = Path(asked.name if asked.name.endswith(".ipynb") else f"{asked.name}.ipynb")
    if not re.fullmatch(r"\w[\w-]*", path.stem):
        raise Mistake(f"{path.stem!r} is no name: expected letters, digits, - and _")
    try:
        new_assignment(path)
    except FileExistsError:
        raise Mistake(f"{path} exists already, and stays as it is") from None
    print(f"{path} is written. It grades at once:")
    print("  pip install otter-grader ipykernel")
    print(f"  otter assign {path} {path.parent / 'dist'}")
    return 0


# What the commands are asked ---------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise Mistake(f"{message}; see {self.prog} --help")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments; parameters may stand before or after options."""
    parser = _parser()
    asked, rest = parser.parse_known_args(arguments)
    more = [text for text in rest if "=" in text and text[0] != "-"]
    if len(more) < len(rest) or (more and "parameters" not in asked):
        parser.error(f"unrecognised arguments: {' '.join(rest)}")
    if more:
        asked.parameters += more
    return asked


def _parser() -> _Parser:
    parser = _Parser(
        prog=PROGRAM,
        description="Look up losses and data, check a loss of your own, start an assignment.",
        epilog=f"{PROGRAM} COMMAND --help shows examples of a command.",
    )
    parser.add_argument("--version", action="version", version=f"lossbook {lossbook.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    one = _command(commands, "list", list_losses, LIST)
    one.add_argument("--task", choices=TASKS, metavar="TASK", help=f"one of {', '.join(TASKS)}")
    yes_or_no = argparse.BooleanOptionalAction
    one.add_argument("--convex", action=yes_or_no, help="convex in the prediction, or not")
    one.add_argument("--bounded", action=yes_or_no, help="below a finite number, or not")
    one.add_argument("--smooth", action=yes_or_no, help="of limited curvature, or not")

    one = _command(commands, "show", show, SHOW)
    one.add_argument("name", metavar="LOSS", help="its name; capitals, - and _ do not matter")
    _add_parameters(one)
    one.add_argument("--png", metavar="FILE", help="draw the curve into this file")
    one.add_argument("--svg", metavar="FILE", help="draw the curve into this file")
    one.add_argument("--code", action="store_true", help="print the code of the class too")

    one = _command(commands, "check", check, CHECK)
    one.add_argument("loss", metavar="FILE.py:NAME", help="a file and a loss in it")
    _add_parameters(one)
    one.add_argument("--json", action="store_true", help="print the report as JSON")

    one = _command(commands, "datasets", show_datasets, DATASETS)
    one.add_argument("name", metavar="NAME", nargs="?", help="describe this one")

    one = _command(commands, "new-assignment", start_assignment, NEW_ASSIGNMENT)
    one.add_argument("name", metavar="NAME", help="name of the notebook, such as week-3")
    return parser


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    """Add a command whose help is this text: a first line, more, and examples."""
    first, _, more = text.strip().partition("\n\n")
    description, _, examples = more.partition("Examples:")
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=first,
        description=f"{first}\n\n{description}".rstrip(),
        epilog=f"examples:{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _add_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "parameters", metavar="PARAMETER=VALUE", nargs="*", help="parameters, such as delta=2"
    )


LIST = """\
list the losses with their traits

Examples:
  python -m lossbook list
  python -m lossbook list --task regression --convex
  python -m lossbook list --no-convex --bounded
"""
SHOW = """\
show one loss: formula, traits, curve, references

The curve is drawn in the terminal, or into a file, which needs matplotlib.

Examples:
  python -m lossbook show huber
  python -m lossbook show huber delta=2 --code
  python -m lossbook show barron alpha=-2 --svg barron.svg
"""
CHECK = """\
check a loss of your own

Prints the report of lossbook.check_loss. The exit status is 0 if all checks
passed, 1 if one failed, and 2 if the loss could not be checked.

The file is run, in this process and with your rights: check only what you
trust. For the work of others, let a grader run this in a container.

Examples:
  python -m lossbook check losses.py:MyLoss
  python -m lossbook check losses.py:MyLoss delta=2
  python -m lossbook check losses.py:MyLoss --json > report.json
"""
DATASETS = """\
list the data sets, or describe one

Examples:
  python -m lossbook datasets
  python -m lossbook datasets ames
"""
NEW_ASSIGNMENT = """\
start an assignment that grades

Writes a master notebook for Otter-Grader: two questions with solutions, public
and hidden tests, and a written question. `otter assign` makes the students'
version and the autograder of it. A notebook that exists is not overwritten.

Examples:
  python -m lossbook new-assignment week-3
  python -m lossbook new-assignment course/week-4
"""
EXAMPLES = [LIST, SHOW, CHECK, DATASETS, NEW_ASSIGNMENT]
