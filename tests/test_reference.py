"""The reference pages: all that the package exports has its place, every loss its card."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import lossbook
from lossbook import SquaredError, cards

ROOT = Path(__file__).resolve().parent.parent
pytest.importorskip("matplotlib")

LOSSES = cards.exported_losses()


def test_every_public_name_is_on_a_page():
    text = "".join(page.read_text("utf-8") for page in (ROOT / "appendix").glob("*.md"))
    modules = re.findall(r"automodule:: (\S+)", text)
    assert len(modules) == len(set(modules))
    missing = {
        f"{thing.__module__}.{name}"
        for name, thing in vars(lossbook).items()
        if inspect.isclass(thing) or inspect.isfunction(thing)
        if thing.__module__ not in modules
    }
    assert not missing, "add an automodule to a page of appendix/"


@pytest.mark.parametrize("cls", LOSSES, ids=lambda cls: cls.__name__)
def test_every_loss_has_a_curve(cls):
    loss = cards.shown(cls)
    path = cards.view(loss)
    values, slopes = path.curves(loss)
    assert len(values) == len(slopes) == len(path.x)
    # The slope drawn is that of the curve drawn: a mistaken direction of the path shows here.
    risen = (slopes[1:] + slopes[:-1]) / 2 * (path.x[1] - path.x[0])
    difference = abs(values[1:] - values[:-1] - risen)
    if cls.__name__ == "ZeroOne":  # its one jump has no slope
        assert sorted(difference)[-2:] == [0, 1]
    else:
        assert difference.sum() < 0.1 * np.ptp(values)


@pytest.mark.parametrize("cls", LOSSES, ids=lambda cls: cls.__name__)
def test_every_card_is_complete(cls):
    for key, value in cards.card(cards.shown(cls)):
        assert key
        assert value
        assert "\n" not in value


def test_picture_comes_with_a_sentence():
    svg, alt = cards.picture(SquaredError())
    assert b"<svg" in svg
    assert alt == (
        "Curves of SquaredError over the residual ŷ − y. The loss is 9 at −3, 0 at 0, 9 at 3; "
        "its gradient −6 at −3, 0 at 0, 6 at 3."
    )


def test_numbers_are_written_for_readers():
    assert [cards.number(x) for x in (2**0.5, -1.0, -0.0, 50 - 1e-14, float("-inf"))] == [
        "1.41",
        "−1",
        "0",
        "50",
        "−∞",
    ]
