"""What *Check* does: run the reader's code, run the check of the exercise, say what came out.

The browser runs this file in a worker, beside NumPy and lossbook; the tests run it as it is.
"""

import ast
import builtins
import contextlib
import io
import json
import traceback
from dataclasses import asdict, dataclass, replace

import numpy as np

import lossbook as lb
from lossbook import check_gradient, check_loss, grade
from lossbook.checks import Grade, GradientReport, LossReport
from lossbook.diagnosis import name_factor

ANSWER, CHECK = "your answer", "the check"  # file names in a traceback
PRINTED = 4000  # characters of output that are shown


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, what there is to say, and what the reader's code printed."""

    right: bool
    message: str = ""
    printed: str = ""

    def __bool__(self):
        """Tell whether the answer is right, so that ``a and b`` is the first that is wrong."""
        return self.right


def judge(code, check):
    """Run an answer and then its check, whose last line is an expression that gives the verdict."""
    printed = io.StringIO()
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            exec(compile(code, ANSWER, "exec"), names)
            verdict = run_check(ast.parse(check, CHECK), names)
        except (Exception, SystemExit) as error:
            verdict = Verdict(False, explained(error, code))
    if not verdict and (line := left_open(code)):
        verdict = Verdict(False, f"Line {line} still has `...`: your own code goes there.")
    return replace(verdict, printed=printed.getvalue()[:PRINTED])


def judge_as_json(code, check):
    """Judge for the worker: JavaScript reads JSON and knows no dataclasses."""
    return json.dumps(asdict(judge(code, check)))


def run_check(check, names):
    """Return the verdict of a check on the names that the reader's code has left."""
    missing = sorted(asked_for(check) - set(names))
    if missing:
        return Verdict(False, f"The check looks for `{missing[0]}`: your code has to define it.")
    names = names | CHECKERS  # these last, so that no answer changes what a check means
    *statements, last = check.body
    exec(compile(ast.Module(statements, []), CHECK, "exec"), names)
    return as_verdict(eval(compile(ast.Expression(last.value), CHECK, "eval"), names))


def asked_for(check):
    """List the names that a check expects the answer to define."""
    every = list(ast.walk(check))
    used = [node for node in every if isinstance(node, ast.Name)]
    own = {node.arg for node in every if isinstance(node, ast.arg)}
    own |= {node.name for node in every if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own |= {node.id for node in used if isinstance(node.ctx, ast.Store)}
    return {node.id for node in used} - own - set(CHECKERS) - set(dir(builtins))


def as_verdict(result):
    """Turn what a check returns into a verdict, in the words of the check itself."""
    match result:
        case Verdict():
            return result
        case Grade():
            return accept(result, ["bad input"])  # exercises ask for formulas
        case GradientReport() | LossReport():
            return Verdict(result.ok, str(result))
        case _:
            return Verdict(bool(result))


def left_open(code):
    """Return the first line with a `...` that is no index, None if there is none."""
    try:
        every = list(ast.walk(ast.parse(code)))
    except SyntaxError:
        return None
    indices = [node.slice for node in every if isinstance(node, ast.Subscript)]
    inside = {id(node) for index in indices for node in ast.walk(index)}
    dots = [node for node in every if isinstance(node, ast.Constant) and node.value is ...]
    return min((node.lineno for node in dots if id(node) not in inside), default=None)


def explained(error, code):
    """Say what went wrong, and in which line of the answer."""
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.filename == ANSWER:
        line, what = error.lineno, f"{type(error).__name__}: {error.msg}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((f.lineno for f in reversed(frames) if f.filename == ANSWER), None)
    lines = code.splitlines()
    if line is None or not 0 < line <= len(lines):
        return what
    return f"Line {line}: {what}\n    {lines[line - 1].strip()}"


# What a check may call, besides NumPy, lossbook and its checks -------------------------------


def accept(result, leave):
    """Accept a grade or a report with faults in these groups; all that it says is shown."""
    match result:
        case Grade():
            wrong = [name for name, (got, of) in result.points.items() if got < of]
        case LossReport():
            wrong = [name for name, ok, _ in result.checks if ok is False]
    return Verdict(set(wrong) <= set(leave), str(result))


def close(answer, wanted, *hints, rtol=2e-3):
    """Compare numbers. Each hint is a pair: what a likely mistake gives, and what to say then."""
    if answer is None:
        return Verdict(False, "That is None: is `return` missing?")
    try:
        got, wanted = np.asarray(answer, float), np.asarray(wanted, float)
    except (TypeError, ValueError):
        return Verdict(False, f"Expected numbers, got {type(answer).__name__}.")
    if got.shape != wanted.shape:
        return Verdict(False, f"That is {shape(got)}: expected {shape(wanted)}.")
    if np.allclose(got, wanted, rtol, atol=1e-9):
        return Verdict(True)
    for mistake, text in hints:
        if np.shape(mistake) == got.shape and np.allclose(got, mistake, rtol, atol=1e-9):
            return Verdict(False, text)
    return Verdict(False, difference(got, wanted))


def difference(got, wanted):
    """Say how numbers differ, without giving the wanted ones away."""
    if np.isnan(got).any():
        return "NaN: 0/0, ∞ − ∞ or 0 · ∞ in the formula?"
    if text := name_factor(got, wanted, max(got.size, 2)):
        return text[0].upper() + text[1:]
    i = np.flatnonzero(~np.isclose(got, wanted, rtol=2e-3, atol=1e-9))[0]
    side = "large" if got.flat[i] > wanted.flat[i] else "small"
    place = f"Number {i + 1}, {got.flat[i]:.6g}," if got.size > 1 else f"{got.flat[i]:.6g}"
    return f"{place} is too {side}."


def shape(array):
    """Name the shape of an array in words."""
    return f"an array of shape {array.shape}" if array.ndim else "one number"


def same(function, reference, *cases, rtol=1e-6):
    """Call both functions with the arguments of each case; they must return the same numbers."""
    for arguments in cases:
        wanted = np.asarray(reference(*arguments), float)
        copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in arguments]
        got = function(*copies)
        call = f"{function.__name__}({', '.join(map(short, arguments))})"
        if got is None:
            return Verdict(False, f"{call} returns None: is `return` missing?")
        try:
            got = np.asarray(got, float)
        except (TypeError, ValueError):
            return Verdict(False, f"{call} returns {got!r}: expected numbers.")
        if got.shape != wanted.shape:
            return Verdict(False, f"{call} returns {shape(got)}: expected {shape(wanted)}.")
        if not np.allclose(got, wanted, rtol, atol=1e-12, equal_nan=True):
            text = name_factor(got, wanted, max(map(np.size, arguments)))
            return Verdict(False, f"{call} is {short(got)}: {text or f'expected {short(wanted)}'}")
    return Verdict(True)


def short(value):
    """Write an argument or a result in one line."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        return repr(value)
    how = {"formatter": {"all": "{:.6g}".format}, "threshold": 6, "separator": ", "}
    return " ".join(np.array2string(array, **how).split())


def expect(condition, text):
    """Ask for something else than numbers; the text says what is wrong."""
    return Verdict(bool(condition), "" if condition else text)


CHECKERS = {
    "np": np,
    "lb": lb,
    "grade": grade,
    "check_gradient": check_gradient,
    "check_loss": check_loss,
    "accept": accept,
    "close": close,
    "same": same,
    "expect": expect,
}
