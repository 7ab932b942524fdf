"""Check what readers read: British spelling by codespell, style by proselint.

What is no prose (code, formulas, addresses, names of labels) is blanked first. Lines keep their
numbers; those of a notebook are counted over the text of its Markdown cells.
"""

import ast
import io
import json
import re
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

import codespell_lib
from proselint.checks import __register__
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    "*.md",
    "appendix/*.md",
    "assignments/*.ipynb",
    "lossbook/datasets/*.md",
    "chapters/*.ipynb",
    "chapters/quizzes/*.json",
]
FOLDERS = ("assignments", "benchmarks", "lossbook", "tests", "website")
SOURCES = [f"{folder}/**/*.py" for folder in FOLDERS]
# `optimizer` as in every library; the machine's program; the noun practice; one s; people's names.
TERMS = (
    "optimizer,optimizers,program,programs,practice,license,biased,focusing,focused,gool,winn,tread"
)
# proselint's families that are left out, each with its reason.
OFF = {
    "archaism",  # calls "for ever" archaic, which is British
    "dates_times",  # reads 45–55 m as a time
    "spelling",  # stumbles over versicolor, and codespell does this
    "typography",  # quotation marks are set by Sphinx
    "uncomparables",  # "more false alarms" compares numbers
}
MARK = "⟨⟩"  # for what was blanked: its neighbours must not look like one word said twice
CODE = {"{check-answer}", "{code-cell}", "{eval-rst}", "{math}", "{tableofcontents}"}
NO_PROSE = re.compile(
    r"""
    \$\$.*?\$\$ | (?<!\\)\$[^$\n]+\$ | \\\$[\d,.]+  # formulas, prices
    | \{[\w:-]+\}`[^`]*` | :[\w:]+:`[^`]*` | ``.+?`` | `[^`]+`  # roles, code in a line
    | \]\([^)]*\) | <?https?://[^\s>)]+ | doi:\S+ | \{[.#][^}]*\}  # addresses, attributes
    | ^:[\w-]+:[^\n]* | ^\([\w-]+\)=$ | ^\s*\.\.\ [^\n]* | ^%[^\n]*  # labels, directives, remarks
    | \b\d[\d.,]*\b | <[^<>\n]+> | ^\s*(?:>>>|\.\.\.)\ [^\n]*  # numbers, HTML, doctests
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
TITLE = re.compile(r"\*[^*]+\*")  # of a work, in a docstring: its spelling is its author's


def prose(path):
    """Return the prose of a file, in as many lines as it had."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        cells = [(c["cell_type"], "".join(c["source"])) for c in json.loads(text)["cells"]]
        text = "\n\n".join(strings(code) if kind == "code" else code for kind, code in cells)
    elif path.suffix == ".json":
        text = "\n".join(re.findall(r'"(?:question|answer|feedback)": "(.*)"', text))
    elif path.suffix == ".py":
        text = TITLE.sub(blank, comments(text))
    return NO_PROSE.sub(blank, outside_code(text))


def blank(found):
    """Keep the ends of lines of what is taken out."""
    return "\n" * found[0].count("\n") or MARK


def outside_code(text):
    """Blank front matter, fences, and what stands between those that hold code."""
    lines = text.splitlines()
    code = "---" if lines[:1] == ["---"] else ""
    for number, line in enumerate(lines):
        fence = re.match(r"(`{3,}|:{3,}|---)(.*)", line)
        if code or (fence and line != "---"):
            lines[number] = ""
        if code:
            code = "" if line == code and number else code
        elif fence and fence[2] and (fence[2][0] != "{" or fence[2].split()[0] in CODE):
            code = fence[1]
        elif fence and fence[2]:
            lines[number] = fence[2].partition("}")[2]
    # a sign for an empty line, so that the last word of a heading and the next do not meet
    return "\n".join(line or MARK for line in lines)


def strings(source):
    """Return what a code cell says in sentences: titles, labels, alternative texts."""
    constants = (getattr(node, "value", None) for node in ast.walk(ast.parse(source)))
    texts = [text for text in constants if isinstance(text, str) and text.count(" ") > 2]
    return f"\n{MARK}\n".join(text for text in texts if not re.search(r"  |\n", text))  # no tables


def comments(source):
    """Return the comments and docstrings of a module, each on its line."""
    lines = [""] * (source.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0]] = token.string
    for node in ast.walk(ast.parse(source)):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node):
            string = node.body[0].value
            for number, line in enumerate(string.value.splitlines(), string.lineno):
                lines[number] = line
    return "\n".join(lines[1:])


def british():
    """Return codespell's list of British words with their American forms, turned around."""
    listed = Path(codespell_lib.__file__).parent / "data" / "dictionary_en-GB_to_en-US.txt"
    pairs = (line.split("->") for line in listed.read_text("utf-8").splitlines())
    return "".join(f"{american}->{word}\n" for word, american in pairs if "," not in american)


def misspelt(texts):
    """Let codespell look at copies of the texts; tell whether it found anything."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            copy = Path(folder) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
        (Path(folder) / ".british").write_text(british(), "utf-8")
        codespell = Path(sys.executable).with_name("codespell")
        command = [codespell, "-D", "-", "-D", ".british", "-L", TERMS, "."]
        return subprocess.run(command, cwd=folder).returncode != 0


def styleless(texts):
    """Let proselint read the texts; tell whether it found anything."""
    CheckRegistry().register_many(__register__)
    checks = {name: on and name not in OFF for name, on in DEFAULT["checks"].items()}
    findings = [
        f"{name}:{line}: {result.message}"
        for name, text in texts.items()
        if text
        for result, (line, _) in LintFile(name, text).lint({"max_errors": 99, "checks": checks})
    ]
    print(*findings, sep="\n")
    return bool(findings)


def main():
    texts = {
        path.relative_to(ROOT).as_posix(): prose(path)
        for pattern in PAGES + SOURCES
        for path in sorted(ROOT.glob(pattern))
    }
    pages = {name: text for name, text in texts.items() if not name.endswith(".py")}
    found = [misspelt(texts), styleless(pages)]
    print(f"{len(texts)} files read")
    sys.exit(any(found))


if __name__ == "__main__":
    main()
