"""Answers checked in the page: what the check says, and that the exercises of the book have one.

That a browser does the same is in tests/site/test_check_answer.py.
"""

import json
import re
import sys
import warnings

import pytest
from answers_given import RIGHT, WRONG

from chapters import TESTS

pytest.importorskip("sphinx")
sys.path.insert(0, str(TESTS.parent / "website"))
import answers
import check_answer

BOX = re.compile(r"^```\{check-answer\} (\S+)\n(.*?)^```$", flags=re.M | re.S)
BOXES = {
    label: (chapter.stem, *check_answer.parts(content))
    for chapter in sorted((TESTS.parent / "chapters").glob("*.ipynb"))
    for cell in json.loads(chapter.read_text("utf-8"))["cells"]
    if cell["cell_type"] == "markdown"
    for label, content in BOX.findall("".join(cell["source"]))
}
MISTAKES = [(label, said) for label in WRONG for said in WRONG[label]]


def judge(label, code):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a browser's reader sees none either
        return answers.judge(code, BOXES[label][2])


def test_ten_chapters_and_more_check_answers():
    assert len({chapter for chapter, _, _ in BOXES.values()}) >= 10
    assert set(BOXES) == set(RIGHT)
    assert set(WRONG) <= set(RIGHT)


@pytest.mark.parametrize("label", RIGHT)
def test_right_answer_is_right(label):
    verdict = judge(label, RIGHT[label])
    assert verdict.right, verdict.message


@pytest.mark.parametrize("label", BOXES)
def test_untouched_starter_is_told_where_to_write(label):
    starter = BOXES[label][1]
    verdict = judge(label, starter)
    assert not verdict.right
    # two exercises start with code that is to be mended
    assert ("your own code goes there" in verdict.message) == ("..." in starter)


@pytest.mark.parametrize(("label", "said"), MISTAKES)
def test_wrong_answer_is_told_why(label, said):
    verdict = judge(label, WRONG[label][said])
    assert not verdict.right
    assert said in verdict.message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("answer =", "SyntaxError"),
        ("answer = 1 / 0", "Line 1: ZeroDivisionError"),
        ("other = 1", "looks for `answer`"),
        ("answer = None", "is `return` missing?"),
        ("answer = 'two'", "Expected numbers"),
        ("answer = [2, 2]", "expected one number"),
        ("answer = float('nan')", "NaN"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_what_goes_wrong_before_the_check(code, said):
    verdict = answers.judge(code, "close(answer, 2)")
    assert not verdict.right
    assert said in verdict.message


def test_what_is_printed_is_kept_and_cut():
    verdict = answers.judge("print('x' * 10_000)\nanswer = 2", "close(answer, 2)")
    assert verdict.right
    assert verdict.printed == "x" * answers.PRINTED


def test_an_answer_cannot_change_what_a_check_means():
    assert not answers.judge("answer = 3\ndef close(*a): return True", "close(answer, 2)").right


@pytest.mark.parametrize("content", ["answer = ...", "x = 1\n# Check\ny = 2", "x =\n# Check\n1"])
def test_a_box_without_a_check_is_refused(content):
    with pytest.raises((ValueError, SyntaxError)):
        check_answer.parts(content)


def test_for_the_worker_it_is_json():
    told = json.loads(answers.judge_as_json("answer = 2", "close(answer, 2)"))
    assert told == {"right": True, "message": "", "printed": ""}
