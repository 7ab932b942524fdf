"""Every chapter has the form that readers rely on."""

import ast
import json
import re

import pytest

from chapters import TESTS, quiz

CHAPTERS = sorted((TESTS.parent / "chapters").glob("[0-9][0-9]-*.ipynb"))
SECTIONS = [
    "The formula",
    "The same formula as code",
    "The data",
    "Gradient receipt",
    "What the web says, and what is true",
    "Try it",
    "Exercises",
    "Quiz",
    "In other libraries",
    "References",
]
EXPLORED = {*range(1, 13), 14, 15, 16}
"""Chapters with something to try: a figure with sliders."""


def sources(path, kind):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param


def test_sections_come_in_the_same_order(chapter):
    text = "\n".join(sources(chapter, "markdown"))
    number = int(chapter.stem[:2])
    assert text.startswith(f"# {number} · ")
    assert "What you will learn" in text[:300]
    headings = re.findall(r"^#{2,3} (.+)$", text, flags=re.M)
    found = [heading for heading in headings if heading in SECTIONS]
    tried = number in EXPLORED
    assert found == [section for section in SECTIONS if tried or section != "Try it"]
    experiments = [h for h in headings if re.search(r"experiment", h, flags=re.I)]
    assert experiments, "no section on the experiment"


def test_exercises_have_folded_solutions_that_ran(chapter):
    text = "\n".join(sources(chapter, "markdown"))
    exercises = re.findall(r"\{exercise\}[^\n]*\n:label: (\S+)", text)
    solutions = re.findall(r"\{solution-start\} (\S+)\n:class: dropdown", text)
    assert 3 <= len(exercises) <= 6
    assert exercises == solutions
    assert all(label.startswith(f"ex{int(chapter.stem[:2])}-") for label in exercises)
    assert re.search(r"open-ended", text, flags=re.I), "no open-ended exercise"


def test_receipt_is_printed_by_the_check_of_the_tests(chapter):
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    printed = "".join(
        "".join(output.get("text", []))
        for cell in cells
        if "check_gradient" in "".join(cell["source"])
        for output in cell.get("outputs", [])
    )
    assert "the gradient is right" in printed


def test_figures_are_shown_with_a_sentence(chapter):
    code = "\n".join(sources(chapter, "code"))
    assert code.count("plots.show(") >= 3
    assert "plt.show" not in code


def test_corrections_quote_and_settle(chapter):
    text = "\n".join(sources(chapter, "markdown"))
    boxes = re.findall(r"\{admonition\} ([^\n]+)\n:class: warning", text)
    assert any('"' in box or "“" in box for box in boxes)


def test_works_are_cited(chapter):
    text = "\n".join(sources(chapter, "markdown"))
    assert re.search(r"\{footcite:[pt]\}`", text)
    assert "{footbibliography}" in text


def test_quiz_answers_every_choice(chapter):
    number = chapter.stem[:2]
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    call = f'display_quiz("quizzes/{number}.json")'
    (cell,) = [cell for cell in cells if call in "".join(cell["source"])]
    # its output holds random names
    assert cell["metadata"]["tags"] == ["hide-input", "nbval-ignore-output"]
    questions = quiz(number)
    assert 3 <= len(questions) <= 5
    for question in questions:
        answers = question["answers"]
        kind = question["type"]
        if kind == "numeric":
            assert answers[-1]["type"] == "default"
            assert sum(answer.get("correct", False) for answer in answers) == 1
        else:
            right = sum(answer["correct"] for answer in answers)
            assert right == 1 if kind == "multiple_choice" else right > 1
            assert len({answer["answer"] for answer in answers}) == len(answers) >= 3
        feedback = [answer["feedback"] for answer in answers]
        assert len(set(feedback)) == len(feedback), "each answer needs feedback of its own"
        texts = [question["question"], *feedback, *(answer.get("answer", "") for answer in answers)]
        assert not re.search(r"[$\\]|\]\(", "".join(texts)), "no LaTeX, no links: plain HTML"


def test_quiz_is_checked_by_code(chapter):
    tests = ast.parse((TESTS / f"test_chapter_{chapter.stem[:2]}.py").read_text("utf-8"))
    (test,) = [node for node in tests.body if getattr(node, "name", "") == "test_quiz"]
    assert "check_quiz" in {getattr(node, "id", "") for node in ast.walk(test)}
