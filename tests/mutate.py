"""Change one token of a loss module and see whether the tests notice, for many such changes.

``python tests/mutate.py --seed 2`` (or ``make mutate``) draws 200 places at random from all code of
the loss modules, changes each alone (+ to -, < to <=, a number by one, ...), and runs the tests of
that module, then the generic tests for its losses, in a copy of the package. It lists the changes
that no test noticed and fails if they are more than one in twenty. Changes that cannot be observed
count as unnoticed too: they show code that could be simpler.
"""

import argparse
import ast
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tokenize
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from tqdm import tqdm

ROOT = Path(__file__).parents[1]
# module: its own tests, and the losses for which the generic tests run
CLASSES = "CategoricalCrossEntropy or SoftmaxCrossEntropy or SoftmaxFocal"
MODULES = {
    "barron": ("test_robust", "Barron"),
    "base": ("test_base", f"SquaredError or Huber or Hinge or {CLASSES} or IoU"),
    "boxes": ("test_detection", "IoU"),
    "centres": ("test_regression test_robust", "Huber or Quantile or AbsoluteError or Cauchy"),
    "classification": ("test_classification", f"CrossEntropy or Brier or {CLASSES}"),
    "counts": ("test_counts", "SquaredLogError or Poisson or NegativeBinomial or Gamma"),
    "detection": ("test_detection", "IoU"),
    "divergence": ("test_divergence", "Divergence or JensenShannon"),
    "embedding": ("test_embedding", "Contrastive or Triplet or InfoNCE"),
    "focal": ("test_focal", "Focal"),
    "margins": ("test_margins", "ZeroOne or Hinge or Perceptron or Exponential"),
    "quantiles": ("test_regression", "Quantile or EpsilonInsensitive"),
    "regression": (
        "test_regression",
        "SquaredError or AbsoluteError or Huber or SmoothL1 or LogCosh",
    ),
    "robust": ("test_robust", "Tukey or Cauchy or Welsch or Geman"),
    "rows": ("test_classification test_focal", f"{CLASSES} or Brier or Divergence"),
    "segmentation": ("test_segmentation", "Dice or Tversky or Lovasz"),
    "sets": ("test_segmentation test_base", "Dice or Tversky or Lovasz"),
    "tweedie": ("test_counts", "Tweedie"),
}
GENERIC = ("test_all_losses", "test_traits")
SWAPS = {
    **{"+": "-", "-": "+", "*": "/", "/": "*", "**": "*", "//": "*", "%": "*", "@": "*"},
    **{"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    **{"&": "|", "|": "&", "~": "", "and": "or", "or": "and", "not": ""},
    **{"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="},
    **{"True": "False", "False": "True", "min": "max", "max": "min"},
    **{"minimum": "maximum", "maximum": "minimum", "fmax": "fmin", "all": "any", "any": "all"},
    **{"argmax": "argmin", "argmin": "argmax"},
    **{"floor": "ceil", "log1p": "log", "expm1": "exp", "exp": "expm1"},
}
SECONDS = 400  # a change that makes a test run for ever counts as noticed


@dataclass(frozen=True)
class Mutant:
    """One token of a module, and what takes its place."""

    module: str
    line: int
    column: int
    before: str
    after: str

    def __str__(self) -> str:
        text = (ROOT / f"lossbook/{self.module}.py").read_text("utf-8").splitlines()[self.line - 1]
        return f"{self.module}.py:{self.line}: {self.before} → {self.after}   {text.strip()}"

    def apply(self, text: str) -> str:
        lines = text.splitlines(keepends=True)
        line = lines[self.line - 1]
        end = self.column + len(self.before)
        lines[self.line - 1] = line[: self.column] + self.after + line[end:]
        return "".join(lines)


def mutants(module: str) -> list[Mutant]:
    """Return every change of one token of a module that is still Python, and another program."""
    text = (ROOT / f"lossbook/{module}.py").read_text("utf-8")
    tree = ast.parse(text)
    skipped = [span(node) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for node in ast.walk(tree):
        for name in ("annotation", "returns", "decorator_list"):
            found = getattr(node, name, None)
            skipped += [
                span(part) for part in (found if isinstance(found, list) else [found]) if part
            ]
    result = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if any(first <= token.start < last for first, last in skipped):
            continue
        after = changed(token)
        if after is None:
            continue
        mutant = Mutant(module, *token.start, token.string, after)
        try:
            other = ast.parse(mutant.apply(text))
            compile(other, module, "exec")
        except SyntaxError:
            continue
        if ast.dump(other) != ast.dump(tree):
            result.append(mutant)
    return result


def span(node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]]:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def changed(token: tokenize.TokenInfo) -> str | None:
    """Return what takes the place of a token: its opposite, or a number that is larger by one."""
    if token.type == tokenize.NUMBER:
        number = ast.literal_eval(token.string)
        return repr(number + 1 if number + 1 != number else 2 * number)
    return SWAPS.get(token.string) if token.type in (tokenize.OP, tokenize.NAME) else None


def noticed(mutant: Mutant, copy: Path) -> bool:
    """Run the tests of a mutant in a copy of the package; tell whether one failed."""
    file = copy / f"lossbook/{mutant.module}.py"
    text = file.read_text("utf-8")
    own, losses = MODULES[mutant.module]
    file.write_text(mutant.apply(text), "utf-8")
    try:
        runs = [
            [f"lossbook/{mutant.module}.py", *(f"tests/{name}.py" for name in own.split())],
            [*(f"tests/{name}.py" for name in GENERIC), "-k", losses],
        ]
        return any(fails(run, copy) for run in runs)
    finally:
        file.write_text(text, "utf-8")


def unchanged(copy: Path, processes: int) -> None:
    """Stop unless all tests pass as they are; their bytecode, left behind, saves time later."""
    own = {name for names, _ in MODULES.values() for name in names.split()}
    tests = [f"tests/{name}.py" for name in (*GENERIC, *sorted(own))]
    done = pytest(["-p", "xdist", "-n", str(processes), "--dist", "loadfile", *tests], copy, {})
    if done.returncode != 0:
        sys.exit(f"error: the tests fail before anything is changed:\n{done.stdout[-2000:]}")


def fails(tests: list[str], copy: Path) -> bool:
    try:
        # bytecode of one change might be taken for that of the next
        done = pytest(["-x", *tests], copy, {"PYTHONDONTWRITEBYTECODE": "1"})
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in (0, 1, 2):  # 2: the module cannot even be imported
        sys.exit(f"error: pytest could not run {tests}:\n{done.stdout[-2000:]}")
    return done.returncode != 0


def pytest(options: list[str], copy: Path, settings: dict) -> subprocess.CompletedProcess[str]:
    """Run pytest in a copy, without plugins, which take longer to load than most tests."""
    own = {"PYTHONPATH": str(copy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-m",
            "not slow",
            "-p",
            "no:cacheprovider",
            *options,
        ],
        cwd=copy,
        env=os.environ | own | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="which places are drawn")
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--module", choices=MODULES, help="of this module alone")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    places = [m for name in ([asked.module] if asked.module else MODULES) for m in mutants(name)]
    drawn = random.Random(asked.seed).sample(places, min(asked.number, len(places)))
    print(f"{len(drawn)} of {len(places)} places, seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "0"
        for name in ("lossbook", "tests"):
            shutil.copytree(ROOT / name, first / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", first)
        unchanged(first, asked.processes)
        copies: Queue[Path] = Queue()
        copies.put(first)
        for i in range(1, asked.processes):
            copies.put(shutil.copytree(first, Path(folder) / str(i)))

        def run(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return noticed(mutant, copy)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(asked.processes) as pool:
            found = list(tqdm(pool.map(run, drawn), total=len(drawn), unit="change"))
    alive = [mutant for mutant, seen in zip(drawn, found, strict=True) if not seen]
    print(*alive, sep="\n")
    print(f"{len(drawn) - len(alive)} of {len(drawn)} noticed")
    return int(len(alive) > 0.05 * len(drawn))


if __name__ == "__main__":
    sys.exit(main())
