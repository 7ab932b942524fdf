"""What the command line reads: names of losses, their parameters, and losses in files."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from lossbook import cards
from lossbook.base import Loss
from lossbook.formulas import paragraphs, sections
from lossbook.sets import SetLoss


class Mistake(Exception):
    """What a user asked for cannot be done; the text says why, in one line."""


def plain(name: str) -> str:
    """Return a name as it is compared.

    >>> plain("Smooth-L1"), plain("geman_mcclure")
    ('smoothl1', 'gemanmcclure')
    """
    return "".join(letter for letter in name.lower() if letter not in "-_ ")


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a question that suggests the nearest name, or nothing.

    >>> nearest("hubr", ["Huber", "Hinge"])
    '; did you mean Huber?'
    """
    known = {plain(other): other for other in names}
    found = difflib.get_close_matches(plain(name), known, n=1)
    return f"; did you mean {known[found[0]]}?" if found else ""


def find_loss(name: str) -> type:
    """Return the loss of the book that has this name.

    >>> find_loss("smooth-l1").__name__
    'SmoothL1'
    """
    losses = {cls.__name__: cls for cls in cards.exported_losses()}
    for known, cls in losses.items():
        if plain(known) == plain(name):
            return cls
    about = [known for known, cls in losses.items() if name.lower() in _words(cls)]
    hint = f"; did you mean {about[0]}?" if about else nearest(name, losses)
    raise Mistake(f"there is no loss {name!r}{hint or '; `list` shows all'}")


def _words(cls: type) -> list[str]:
    """Return the words by which a loss introduces itself, such as MSE or pinball."""
    first = paragraphs(dict(sections(cls))[""])[1][0].lower()
    return "".join(sign if sign.isalnum() else " " for sign in first).split()


def make_loss(cls: type, pairs: Sequence[str]) -> Any:
    """Return a loss with parameters such as ``delta=2``.

    >>> from lossbook import Huber
    >>> make_loss(Huber, ["delta=2"])
    Huber(delta=2)
    """
    given: dict[str, Any] = {}
    parameters = inspect.signature(cls).parameters.values()
    known = [
        one.name for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise Mistake(f"{pair!r} is no parameter: expected NAME=VALUE, such as delta=2")
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise Mistake(f"{cls.__name__} has no parameter {name!r}: {has}{nearest(name, known)}")
        if name in given:
            raise Mistake(f"the parameter {name!r} is given twice")
        given[name] = _value(text)
    try:
        return cls(**given)
    except Exception as error:  # a class of the user's own may raise anything
        raise Mistake(f"{cls.__name__} cannot be made: {said(error)}") from error


def _value(text: str) -> Any:
    """Return a number, True, False or None where the text is one, else the text itself."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for read in (ast.literal_eval, float):
        try:
            return read(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return text


def said(error: BaseException) -> str:
    """Return an exception in one line.

    >>> said(KeyError("x")), said(FileNotFoundError(2, "No such file", "a.png"))
    ("KeyError: 'x'", 'a.png: No such file')
    """
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    words = " ".join(str(error).split())
    if words and isinstance(error, Mistake | ValueError | ImportError):
        return words
    return f"{type(error).__name__}: {words}".removesuffix(": ")


# Losses in a file ------------------------------------------------------------------------------


def load(target: str, pairs: Sequence[str] = ()) -> Any:
    """Run a file and return the loss in it that ``path.py:Name`` asks for."""
    file, colon, name = target.rpartition(":")
    if not colon or not file.endswith(".py") or not name.isidentifier():
        raise Mistake(f"{target!r} names no loss: expected FILE.py:NAME, such as losses.py:MyLoss")
    path = Path(file)
    if not path.is_file():
        raise Mistake(f"there is no file {file!r}")
    module = vars(_run(path))
    if name not in module:
        losses = [key for key, thing in module.items() if _own(thing)]
        hint = nearest(name, losses) or (f"; it has {', '.join(losses)}" if losses else "")
        raise Mistake(f"{file} has no {name!r}{hint}")
    thing = module[name]
    if isinstance(thing, type) and issubclass(thing, Loss | SetLoss):
        return make_loss(thing, pairs)
    if not isinstance(thing, Loss | SetLoss):
        raise Mistake(f"{name} of {file} is no loss: derive a class from lossbook.Loss or SetLoss")
    if pairs:
        raise Mistake(f"{name} of {file} is made already: parameters go with a class")
    return thing


def _own(thing: Any) -> bool:
    return cards.is_loss(thing) and not thing.__module__.startswith("lossbook.")


def _run(path: Path) -> ModuleType:
    """Run a file as a module, as `import` would, but under a name that nothing else has."""
    name = f"_lossbook_checks_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None  # as the name ends in .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        with _beside(path):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise Mistake(f"{path}{_place(error, path)}: {said(error)}") from error
    return module


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let a file import what lies beside it."""
    before = list(sys.path)
    sys.path.insert(0, str(path.resolve().parent))
    try:
        yield
    finally:
        sys.path[:] = before


def _place(error: BaseException, path: Path) -> str:
    """Return the line of a file at which an exception arose."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path.resolve())]
    return f", line {lines[-1]}" if lines else ""
