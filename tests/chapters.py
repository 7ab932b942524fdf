"""What the tests of chapters share: reference results, what a page defines, answers of a quiz."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import lossbook as lb

TESTS = Path(__file__).parent
ENTRIES = {
    entry["id"]: entry
    for entry in json.loads((TESTS / "data/reference_results.json").read_text("utf-8"))["entries"]
}
"""Fits by independent tools, each named in the file: id to entry."""
REFERENCE = {name: entry["values"] for name, entry in ENTRIES.items()}


def definitions(chapter, *names, **space):
    """Return functions, classes and values as the chapter has them: what readers see is tested.

    `space` holds the global names that they use besides np, lb and dataclass. Of a name that the
    chapter binds twice, the last function or class counts, and the first value.
    """
    path = TESTS.parent / "chapters" / f"{chapter}.ipynb"
    space |= {"__name__": chapter, "np": np, "lb": lb, "dataclass": dataclass}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        for node in ast.parse("".join(cell["source"])).body:
            name = getattr(node, "name", None)
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") not in space:
                name = getattr(node.targets[0], "id", None)
            if name in names:
                exec(compile(ast.Module([node], []), str(path), "exec"), space)
    return [space[name] for name in names]


def quiz(chapter):
    """Return the questions of a chapter, named by its number of two digits."""
    path = TESTS.parent / "chapters" / "quizzes" / f"{chapter}.json"
    return json.loads(path.read_text("utf-8"))


def check_quiz(chapter, *truths):
    """Compare what a quiz calls right with what code found.

    For a question with answers to choose from, its truth says of each in turn whether it is right;
    for a question that asks for a number, it is that number.
    """
    for question, truth in zip(quiz(chapter), truths, strict=True):
        if question["type"] == "numeric":
            assert verdict(question, truth), f"{truth} is called wrong: {question['question']}"
        else:
            marked = [answer["correct"] for answer in question["answers"]]
            assert marked == [bool(x) for x in truth], question["question"]


def verdict(question, number):
    """Tell whether the quiz takes a number as right: the first answer that it fits decides."""
    rounded = float(f"{number:.{question['precision']}g}")
    for answer in question["answers"]:
        if answer["type"] == "value" and rounded == answer["value"]:
            return answer["correct"]
        if answer["type"] == "range" and answer["range"][0] <= rounded < answer["range"][1]:
            return answer["correct"]
    return False
