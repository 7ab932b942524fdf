"""A first assignment of one's own: a master notebook for Otter-Grader that grades at once."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any


def master_notebook(name: str) -> dict[str, Any]:
    r"""Return a master notebook with two questions, their solutions and tests, and a written one.

    Parameters
    ----------
    name : str
        Name of the assignment, such as "robust-losses".

    Returns
    -------
    dict
        The notebook as what JSON knows, in nbformat 4.5.

    Examples
    --------
    >>> notebook = master_notebook("robust-losses")
    >>> notebook["cells"][1]["source"][0]
    '# Robust losses\n'
    """
    title = re.sub(r"[-_]+", " ", name).strip()
    text = (files("lossbook") / "assignment.txt").read_text("utf-8")
    text = text.replace("@NAME@", json.dumps(name))
    text = text.replace("@TITLE@", title[:1].upper() + title[1:])
    parts = re.split(r"^--- (\w+)\n", text, flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {
        "cells": [_cell(number, kind, source) for number, (kind, source) in enumerate(pairs)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    cell = {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": source.rstrip("\n").splitlines(keepends=True),
    }
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def new_assignment(path: Path) -> None:
    """Write a master notebook; FileExistsError if there is a file already.

    Parameters
    ----------
    path : Path
        The notebook to write; its name without the ending names the assignment.
    """
    text = json.dumps(master_notebook(path.stem), indent=1, ensure_ascii=False)
    with path.open("x", encoding="utf-8") as file:
        file.write(f"{text}\n")
