"""Write the appendix *In other libraries* from the table that the tests run."""

from __future__ import annotations

import inspect
from collections import Counter
from pathlib import Path

import lossbook as lb
from peers.compare import comparisons
from peers.libraries import LIBRARIES, has_gradient
from peers.row import Difference, Row
from peers.table import ROWS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "appendix" / "other-libraries.md"
FAMILIES = {
    "Numbers": ("regression", "quantiles"),
    "Numbers with outliers": ("robust", "barron"),
    "Counts and positive numbers": ("counts", "tweedie"),
    "Probabilities and logits": ("classification",),
    "Margins": ("margins",),
    "Focal losses": ("focal",),
    "Distributions": ("divergence",),
    "Boxes": ("detection",),
    "Masks": ("segmentation",),
    "Distances and similarities": ("embedding",),
}

HEAD = """\
(other-libraries)=
# In other libraries

% Written by `make test-peers` from tests/peers: change the table there, not this page.

The same loss has many names and factors. This page has, for each loss of the book, the call that
gives the same numbers elsewhere, and what is left to convert. Nothing here is from memory: a test
evaluates every call as it is printed and compares the result with ours, losses and gradients, on
random and on extreme inputs. That makes {count} comparisons; {equal} agree, and {listed} differ
in a way that is listed here with its reference, and tested to be still there.

In the calls, `y` are the labels, `p` the predictions and `w` the weights of the examples, as
arrays of the library. *Ours* says how to get our loss from `theirs`, the result of the call.
*Compared* says what was compared: the losses or, where the call gives one number, the cost; and
the gradients, where the library has them.

A difference is a *convention* where both sides are right by their own definition, a *limit* where
digits or range are lost, and a *defect* where a result is wrong by its own definition. The words
in italics after it name the inputs on which it shows.

## The libraries

| Library | Version | Comparisons | Differences | What the calls import |
|---|---|---|---|---|
{libraries}

torchvision is compared by its formulas, written out from its source, and Keras runs on its PyTorch
backend. Keras averages in float32 whatever it is given, so its results are held to 1e-6; the
others to 1e-9 in float64. All are held to 5e-5 in float32.
"""


def pinned() -> dict[str, str]:
    """Return the versions of requirements-peers.txt."""
    lines = (ROOT / "requirements-peers.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {name: version.strip() for name, version in pairs}


def render() -> str:
    """Return the page."""
    everything = comparisons(ROWS)
    listed = sum(c.difference is not None for c in everything)
    head = HEAD.format(
        count=len(everything),
        equal=len(everything) - listed,
        listed=listed,
        libraries="\n".join(_library(name, everything) for name in LIBRARIES),
    )
    return "\n".join([head, *_families(), _without()]).rstrip() + "\n"


def _library(name: str, everything: list) -> str:
    library = LIBRARIES[name]
    mine = [c for c in everything if c.row.peer == name]
    listed = sum(c.difference is not None for c in mine)
    versions = pinned()
    version = ", ".join(f"{p} {versions[p]}" for p in library.packages) or "formulas"
    ours = "from peers import torchvision_formulas as ops"
    imports = library.imports.replace(ours, "from torchvision import ops").splitlines()
    shown = "<br>".join(f"`{line}`" for line in imports)
    return f"| [{name}]({library.home}) | {version} | {len(mine)} | {listed} | {shown} |"


def _families() -> list[str]:
    found = []
    homeless = {name for name in _names() if _section(name)}
    for title, modules in FAMILIES.items():
        losses = [name for m in modules for name in _names() if _module(name) == m]
        sections = [section for name in losses if (section := _section(name))]
        found += [f"## {title}\n", *sections]
        homeless -= set(losses)
    if homeless:
        raise ValueError(f"no family for {sorted(homeless)}: add their modules to FAMILIES")
    return found


def _names() -> list[str]:
    """Return the names of all losses that can be used as they are, in the order of the source."""
    classes = [c for _, c in inspect.getmembers(lb, inspect.isclass)]
    losses = [
        c for c in classes if issubclass(c, lb.Loss | lb.SetLoss) and not inspect.isabstract(c)
    ]
    place = {c: (c.__module__, inspect.getsourcelines(c)[1]) for c in losses}
    return [c.__name__ for c in sorted(losses, key=place.__getitem__)]


def _module(name: str) -> str:
    return getattr(lb, name).__module__.rsplit(".", 1)[1]


def _section(name: str) -> str:
    rows = [row for row in ROWS if type(row.loss).__name__ == name]
    if not rows:
        return ""
    lines = [f"### {name}\n", "| Library | Call | Ours | Compared |", "|---|---|---|---|"]
    lines += [_line(row) for row in rows]
    notes = [f"- {row.peer}, `{_function(row)}`: {row.note}" for row in rows if row.note]
    differences = _differences(rows)
    if notes or differences:
        lines.append("")
    return "\n".join([*lines, *dict.fromkeys(notes), *differences]) + "\n"


def _line(row: Row) -> str:
    compared = "losses, gradients" if has_gradient(row) else "losses"
    ours = f"`{row.loss!r}`"
    if row.conversion != "theirs":
        ours += f"<br>= `{row.conversion}`"
    return f"| {row.peer} | `{row.call}` | {ours} | {compared} |"


def _function(row: Row) -> str:
    """Return the name that is called, without its arguments."""
    call = row.call.removeprefix("-").removeprefix("np.vectorize(").removeprefix("jax.vmap(")
    return call.split("(")[0].split(")")[0]


def _differences(rows: list[Row]) -> list[str]:
    """Return one point for each reason; rows that share it share the point."""
    points: dict[tuple[str, str, str, str], Counter] = {}
    for row in rows:
        for d in row.differences:
            key = row.peer, d.kind, d.why, d.reference
            points.setdefault(key, Counter()).update(dict.fromkeys(_where(d), 1))
    return [
        f"- {peer}, *{kind}*: {why} ({', '.join(where)}; [reference]({reference}))"
        for (peer, kind, why, reference), where in points.items()
    ]


def _where(difference: Difference) -> list[str]:
    parts = " and ".join("loss" if part == "value" else part for part in difference.parts)
    return [f"{parts}: " + ", ".join(f"*{name}*" for name in difference.inputs)]


def _without() -> str:
    """Return the list of losses that no library here has."""
    compared = {type(row.loss).__name__ for row in ROWS}
    missing = [f"`{name}`" for name in _names() if name not in compared]
    return (
        "## In none of them\n\n"
        f"No call of these libraries gives {', '.join(missing[:-1])} or {missing[-1]}. Their "
        "values and gradients are tested against closed forms and numerical differentiation alone."
    )


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"{PAGE.name}: {len(comparisons(ROWS))} comparisons")
