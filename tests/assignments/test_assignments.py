"""Every assignment: its form, its solution, and what typical wrong solutions score and are told."""

import importlib
import json
import re
import subprocess
import sys

import nbformat
import pytest
from assign import BUILT, ROOT, assign, check_solution
from submissions import Wrong, filled, grade, grade_in_kernel, masters, questions, student_version

MASTERS = masters()
SOLVED, UNFILLED = "the solution", "nothing filled in"


def wrong(master):
    """Return the typical wrong solutions of an assignment."""
    return importlib.import_module(f"wrong_{master.stem[:2]}").WRONG


def cases(items, **options):
    return [
        pytest.param(master, item, id=f"{master.stem}: {getattr(item, 'name', item)}", **options)
        for master in MASTERS
        for item in items(master)
    ]


for_each_master = pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)


def each(master):
    return [SOLVED, UNFILLED, *wrong(master)]


@pytest.mark.parametrize(("master", "item"), cases(wrong))
def test_score(master, item, tmp_path, record_property):
    check_score(master, item, tmp_path, record_property, grade)


@pytest.mark.parametrize(
    ("master", "item"),
    cases(lambda master: [SOLVED, UNFILLED]) + cases(wrong, marks=pytest.mark.slow),
)
def test_score_in_a_kernel(master, item, tmp_path, record_property):
    check_score(master, item, tmp_path, record_property, grade_in_kernel)


def check_score(master, item, folder, record_property, grade):
    target, is_wrong = BUILT / master.stem, isinstance(item, Wrong)
    answers = item.answers if is_wrong else {}
    notebook = student_version(target) if item == UNFILLED else filled(master, answers)
    graded = grade(notebook, target, folder)
    total, possible = sum(graded.points.values()), sum(graded.possible.values())
    lost = {name: got for name, got in graded.points.items() if got != graded.possible[name]}
    where = ", ".join(f"{name} {got:g} of {graded.possible[name]:g}" for name, got in lost.items())
    order = f"{each(master).index(item):02}"
    name = item.name if is_wrong else item
    record_property("score", (master.stem, order, name, f"{total:g} of {possible:g}", where))
    if item == UNFILLED:
        assert total == 0, f"points for nothing: {graded.points}"
    elif is_wrong:
        assert lost == item.points
        assert item.says in graded.said, graded.said
    else:
        assert not lost


@for_each_master
def test_wrong_solutions_are_many_and_some_get_part_of_the_points(master):
    names = {name for name in questions(master) if name not in written(master)}
    assert len(wrong(master)) >= 6
    assert set().union(*(item.answers for item in wrong(master))) == names
    assert len({item.name for item in wrong(master)}) == len(wrong(master))
    tests = student_and_hidden_points(master)
    partial = [
        (item.name, name)
        for item in wrong(master)
        for name, got in item.points.items()
        if 0 < got < sum(tests[name])
    ]
    assert partial, "no wrong solution gets part of a question's points"


def raw(master, begin):
    cells = nbformat.read(master, as_version=4).cells
    return [c.source for c in cells if c.cell_type == "raw" and c.source.startswith(begin)]


def field(text, name):
    found = re.search(rf"^{name}: *(.+)$", text, re.MULTILINE)
    return found and found[1].strip()


def written(master):
    """Map the questions that a person marks to their points."""
    configs = [text for text in raw(master, "# BEGIN QUESTION") if field(text, "manual") == "true"]
    return {field(text, "name"): float(field(text, "points")) for text in configs}


def student_and_hidden_points(master):
    """Map each question to the points of its public tests and of its hidden ones."""
    found, name = {}, None
    for cell in nbformat.read(master, as_version=4).cells:
        if cell.cell_type == "raw" and cell.source.startswith("# BEGIN QUESTION"):
            name = field(cell.source, "name")
        elif cell.cell_type == "code" and "# BEGIN TEST CONFIG" in cell.source:
            points = found.setdefault(name, [0, 0])
            points[field(cell.source, "hidden") == "true"] += float(field(cell.source, "points"))
    return found


@for_each_master
def test_form(master):
    text = master.read_text("utf-8")
    notebook = nbformat.from_dict(json.loads(text))
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert not [c.id for c in notebook.cells if c.get("outputs") or c.get("execution_count")]
    (config,) = raw(master, "# ASSIGNMENT CONFIG")
    assert field(config, "name").strip("\"'") == master.stem
    assert "ok_format: false" in config
    assert "requirements:" not in config


@for_each_master
def test_title_says_the_time_and_the_points(master):
    cells = nbformat.read(master, as_version=4).cells
    title = next(cell.source for cell in cells if cell.cell_type == "markdown")
    assert title.startswith("# ")
    stated = re.search(
        r"^\*Estimated time: \d+ (?:minutes|hours?)\. (\d+) points\.\*$", title, re.MULTILINE
    )
    assert stated, "no line such as *Estimated time: 45 minutes. 11 points.*"
    tested = sum(map(sum, student_and_hidden_points(master).values()))
    assert tested + sum(written(master).values()) == int(stated[1])


@for_each_master
def test_page_for_instructors_says_chapters_minutes_and_points(master):
    cells = nbformat.read(master, as_version=4).cells
    title = next(cell.source for cell in cells if cell.cell_type == "markdown")
    chapters = sorted({int(number) for number in re.findall(r"Chapter (\d+)", title)})
    number, unit, points = re.search(r"time: (\d+) (\w+)\. (\d+) points", title).groups()
    minutes = int(number) * (60 if unit.startswith("hour") else 1)
    page = (ROOT / "appendix" / "instructors.md").read_text("utf-8")
    (row,) = re.findall(rf"^\| `{master.stem}` \| .*", page, re.MULTILINE)
    stated = [", ".join(map(str, chapters)), str(minutes), points]
    assert row.strip("| ").split(" | ")[2:] == stated


@for_each_master
def test_questions(master):
    points = student_and_hidden_points(master)
    assert 5 <= len(questions(master)) <= 8
    assert set(points) | set(written(master)) == set(questions(master))
    for name, (public, hidden) in points.items():
        assert public > 0, f"{name} has no public test"
        assert hidden > 0, f"{name} has no hidden test"


@for_each_master
def test_rubric_has_one_line_a_point(master):
    assert written(master), "no written question"
    cells = {cell.id: cell.source for cell in nbformat.read(master, as_version=4).cells}
    for name, points in written(master).items():
        rubric = "\n".join(cells[cell] for cell in questions(master)[name])
        assert "**Rubric**, one point each" in rubric
        numbers = [int(n) for n in re.findall(r"^(\d+)\. ", rubric, re.MULTILINE)]
        assert numbers == list(range(1, int(points) + 1))


@for_each_master
def test_students_see_neither_solutions_nor_hidden_tests(master):
    target = BUILT / master.stem
    text = (target / "student" / f"{master.stem}.ipynb").read_text("utf-8")
    assert "SOLUTION" not in text
    assert "hidden=True" not in text
    assert "Rubric" not in text
    solved = filled(master)
    for given, answered in zip(student_version(target).cells, solved.cells, strict=True):
        if "otter_answer_cell" in given.metadata.get("tags", []) and "..." in given.source:
            assert given.cell_type == "markdown" or given.source != answered.source


class TestNewAssignment:
    """What `python -m lossbook new-assignment` writes is an assignment too, and grades at once."""

    @pytest.fixture(scope="class")
    def made(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("new")
        command = [sys.executable, "-m", "lossbook", "new-assignment", "week-3"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        assign(folder / "week-3.ipynb", folder / "week-3")
        return folder / "week-3.ipynb", folder / "week-3"

    def test_solution_gets_all_points(self, made):
        assert check_solution(made[1]) == 8

    def test_nothing_filled_in_gets_none(self, made, tmp_path):
        graded = grade_in_kernel(student_version(made[1]), made[1], tmp_path)
        assert graded.points == {"q1": 0, "q2": 0}
        assert "huber returns None: is `return` missing?" in graded.said

    def test_wrong_answer_gets_part_of_the_points(self, made, tmp_path):
        code = "def huber_gradient(y_true, y_pred):\n    return y_pred - y_true"
        graded = grade(filled(made[0], {"q2": code}, made[1]), made[1], tmp_path)
        assert graded.points == {"q1": 5, "q2": 1}
        assert graded.possible == {"q1": 5, "q2": 3}
