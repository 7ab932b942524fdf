"""What the tests of chapters share: independent results, and functions as a page defines them."""

import ast
import json
from pathlib import Path

import numpy as np

import lossbook as lb

TESTS = Path(__file__).parent
REFERENCE = {
    entry["id"]: entry["values"]
    for entry in json.loads((TESTS / "data/reference_results.json").read_text("utf-8"))["entries"]
}
"""Fits by independent tools, each named in the file: id to values."""


def functions(chapter, *names, **space):
    """Return functions as the chapter defines them, so that what readers see is what is tested.

    `space` holds the global names that they use besides np and lb.
    """
    path = TESTS.parent / "chapters" / f"{chapter}.ipynb"
    space |= {"np": np, "lb": lb}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        for node in ast.parse("".join(cell["source"])).body:
            if isinstance(node, ast.FunctionDef) and node.name in names:
                exec(compile(ast.Module([node], []), str(path), "exec"), space)
    return [space[name] for name in names]
