"""What a row of the table says: a loss of ours, the call of a peer, and how they compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import lossbook as lb

Part = Literal["value", "gradient"]


@dataclass(frozen=True)
class Difference:
    """Where a peer's result is not ours: asserted to be there, so that the table cannot go stale.

    Attributes
    ----------
    inputs : tuple of str
        Names of the input sets at which it shows.
    parts : tuple of str
        "value", "gradient" or both.
    kind : str
        "convention": both are right by their own definition. "limit": digits, clipping or range.
        "defect": the peer's result is wrong by its own definition.
    why : str
        A sentence for the page.
    reference : str
        Where the peer's documentation, source or issue says so.
    theirs : str
        What the peer gives there: an expression of y, p and `ours`, compared as any result is
        (and up to `within`, if that is given). Empty: no formula.
    within : float
        Without `theirs`: the largest difference from ours, relative to the larger of the
        result's largest size and 1. NaN is never within it.
    """

    inputs: tuple[str, ...]
    parts: tuple[Part, ...]
    kind: Literal["convention", "limit", "defect"]
    why: str
    reference: str
    theirs: str = ""
    within: float = 0.0

    def __post_init__(self):
        if not (self.theirs or self.within):
            raise ValueError(f"expected theirs or within: {self.why}")


@dataclass(frozen=True)
class Row:
    """A loss, the equivalent call of a peer, and the input sets on which both are compared.

    Attributes
    ----------
    loss : Loss or SetLoss
        Ours. A result of one number is compared with its cost, any other with its loss.
    peer : str
        Name of the library, a key of `libraries.LIBRARIES`.
    call : str
        The peer's call as a user writes it, of y (labels), p (predictions) and perhaps w
        (weights). The test evaluates this very text, and the page prints it.
    domain : str
        Which inputs suit it, a key of `inputs.DOMAINS`.
    conversion : str
        Ours as an expression of `theirs`, the result of the call.
    gradient : str
        The call for the gradient (conversion included), where the peer has no automatic
        differentiation; empty where it has none to compare.
    differences : tuple of Difference
        Known ones.
    note : str
        What a user should know, for the page.
    """

    loss: lb.Loss | lb.SetLoss
    peer: str
    call: str
    domain: str
    conversion: str = "theirs"
    gradient: str = ""
    differences: tuple[Difference, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        return f"{self.loss!r}-{self.peer}-{self.call.split('(')[0].split('.')[-1]}"
