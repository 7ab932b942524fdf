r"""The formulas of docstrings, from TeX to what a terminal can show.

Each formula becomes one line, or one line per case; a fraction is written with a slash.

>>> print(*readable(r"\rho(r) = \frac{2u^2}{u^2 + 4}, \qquad u = r/c"), sep="\n")
ρ(r) = 2u²/(u² + 4)
u = r/c
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

LETTERS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "varepsilon": "ε",
    "mu": "μ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "varphi": "φ",
    "psi": "ψ",
    "ell": "ℓ",
    "hat y": "ŷ",
    "hat w": "ŵ",
    "hat h": "ĥ",
    "nabla": "∇",
    "partial": "∂",
    "sum": "Σ",
    "|": "‖",
}
OPERATORS = {
    **{sign: sign for sign in "+=<>/"},
    "-": "−",
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "cdot": "·",
    "cap": "∩",
    "cup": "∪",
}
FUNCTIONS = {"log", "arctan", "cosh", "tanh", "max", "min", "exp"}
SPACES = {",", ";", " ", "quad", "qquad"}
SIZES = {"left", "right", "bigl", "bigr", "Bigl", "Bigr"}
# What may follow a fraction; anything else would be read as part of what it is divided by.
AFTER_FRACTION = {"", "+", "-", "=", "}", ")", "]", ",", r"\cdot", r"\right", r"\Bigr", r"\bigr"}
VULGAR = {"1/2": "½", "1/4": "¼"}
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
TOKEN = re.compile(r"\\hat\s*[a-z]|\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)


class _Reader:
    """Reads the tokens of a formula from left to right, and writes as it goes."""

    def __init__(self, source: str):
        self.tokens = [_clean(token) for token in TOKEN.findall(source)]
        self.place = 0

    def more(self) -> bool:
        return self.place < len(self.tokens)

    def next(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def argument(self) -> str:
        """Return what a command or a script applies to: a group, a command or one sign."""
        while self.tokens[self.place].isspace():
            self.place += 1
        return self.written(self.next(), "").strip()

    def until(self, end: str) -> str:
        """Return everything up to a token."""
        text = ""
        while self.more() and (token := self.next()) != end:
            text += self.written(token, text)
        return _tidy(text)

    def written(self, token: str, before: str) -> str:
        """Return a token with the spaces that it wants after `before`."""
        name = token.removeprefix("\\")
        gap = " " if before and before[-1] not in " ([|/" else ""
        if token.isspace() or (token != name and name in SPACES):
            return "" if before.endswith((" ", "(", "[", "½", "¼")) else " "
        if name in OPERATORS:
            return self.operator(OPERATORS[name], before)
        if token in "^_":
            return _script(token, self.argument())
        if (token != name and name in FUNCTIONS) or token == "\\operatorname":
            word = self.argument() if token == "\\operatorname" else name
            return (gap if before[-1:].isalnum() or (gap and before[-1] in ")½") else "") + word
        if name in ("frac", "tfrac"):
            return self.fraction(before)
        if name == "sqrt":
            return f"√({self.argument()})"
        if name in ("text", "mathrm"):
            return "".join(iter(lambda: self.next().replace("{", ""), "}"))
        if name in SIZES:
            return ""
        if token == "{":
            return self.until("}")
        return LETTERS.get(name, name) if token != name else token

    def operator(self, sign: str, before: str) -> str:
        """Return an operator between spaces, but a sign and a slash without."""
        last = before.rstrip()[-1:]
        if sign == "/" or (sign in "+−" and (not last or last in "([|,=<>≤≥≠·−+/")):
            return sign
        return ("" if before.endswith(" ") else " ") + sign + " "

    def fraction(self, before: str) -> str:
        above, below = self.argument(), self.argument()
        if (simple := f"{above}/{below}") in VULGAR:
            return VULGAR[simple]
        text = f"{_bracketed(above, '+−Σ')}/{_bracketed(below, '+−·/ ')}"
        if any(before.rstrip().endswith(name) for name in FUNCTIONS):
            return f"({text})"
        while self.more() and self.tokens[self.place].isspace():
            self.place += 1
        following = self.tokens[self.place] if self.more() else ""
        return text if following in AFTER_FRACTION else f"{text} · "


def _clean(token: str) -> str:
    return "\\hat " + token[-1] if token.startswith("\\hat") else token


def _tidy(text: str) -> str:
    """Take out the spaces that a formula in one line does not want."""
    text = " ".join(text.split())
    text = re.sub(r"(?<=∂) | (?=[)\],])| ?/ ?", lambda found: found[0].strip(), text)
    return re.sub(rf"\b({'|'.join(sorted(FUNCTIONS))}) \(", r"\1(", text)


def _script(mark: str, text: str) -> str:
    """Write a power or an index."""
    if mark == "^" and text.isdigit():
        return text.translate(SUPERSCRIPTS)
    if mark == "_" and text in "+−":
        return {"+": "₊", "−": "₋"}[text]
    return mark + (text if len(text) == 1 or text[0] + text[-1] == "()" else f"({text})")


def _bracketed(text: str, signs: str) -> str:
    """Put brackets around a part of a fraction that has one of these signs outside brackets."""
    inner = re.sub(r"\|[^|]*\|", "", text)
    while inner != (inner := re.sub(r"\([^()]*\)", "", inner)):
        pass
    return f"({text})" if any(sign in inner.lstrip("−") for sign in signs) else text


def readable(tex: str) -> list[str]:
    r"""Return a formula in TeX as lines of text.

    Parameters
    ----------
    tex : str
        What stands under ``.. math::`` in a docstring of this package.

    Examples
    --------
    >>> readable(r"\ell(y, p) = -y \log p - (1-y) \log(1-p)")
    ['ℓ(y, p) = −y log p − (1 − y) log(1 − p)']
    >>> readable(r"\rho = \begin{cases} r & r > 0 \\ 2\,|r| & r \le 0 \end{cases}")
    ['ρ = r      if r > 0', '    2 |r|  if r ≤ 0']
    """
    lines: list[str] = []
    tex = " ".join(tex.split())
    for part in re.split(r"\\q?quad", re.sub(r"(\\end\{cases\})(?!$)", r"\1\\qquad", tex)):
        head, _, rest = part.strip().rstrip(",").partition(r"\begin{cases}")
        start = _Reader(head).until("")
        if not rest:
            lines += [start] * bool(start)
            continue
        rows = rest.removesuffix(r"\end{cases}").split(r"\\")
        pairs = [[_Reader(half).until("") for half in row.split("&")] for row in rows]
        width = max(len(value) for value, _ in pairs)
        for number, (value, when) in enumerate(pairs):
            margin = f"{start} " if number == 0 else " " * (len(start) + 1)
            lines.append(f"{margin}{value:<{width}}  if {when}")
    return lines


def prose(text: str) -> str:
    r"""Return a paragraph of a docstring without its marks.

    >>> prose("`Huber` with mean :math:`e^z` and *style*; ``x`` stays.")
    'Huber with mean e^z and style; x stays.'
    """
    text = re.sub(r":math:`([^`]*)`", lambda found: readable(found[1])[0], " ".join(text.split()))
    return re.sub(r"``(.+?)``|`([^`]+)`|\*([^*\s][^*]*)\*", _inside, text)


def _inside(found: re.Match[str]) -> str:
    return found[1] or found[2] or found[3]


def sections(thing: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield the sections of a docstring as pairs of heading and lines, the first without heading.

    >>> from lossbook import Huber
    >>> [heading for heading, _ in sections(Huber)]
    ['', 'Parameters', 'Examples', 'References']
    """
    heading = ""
    lines: list[str] = []
    for line in (inspect.getdoc(thing) or "").splitlines():
        if lines and line and set(line) == {"-"}:
            following = lines.pop()
            yield heading, lines
            heading, lines = following, []
        else:
            lines.append(line)
    yield heading, lines


def paragraphs(lines: list[str]) -> tuple[list[str], list[str]]:
    r"""Separate the formulas from the text: lines of formulas, and paragraphs.

    >>> paragraphs(["It is", "", ".. math:: a^2", "", "a", "square."])
    (['a²'], ['It is', 'a square.'])
    """
    formulas: list[str] = []
    texts: list[str] = []
    for block in re.split(r"\n(?:\s*\n)+", "\n".join(lines).strip()):
        if block.startswith(".. math::"):
            formulas += readable(block.removeprefix(".. math::"))
        elif block:
            texts.append(prose(block))
    return formulas, texts
