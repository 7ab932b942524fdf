"""Every page, as a reader's browser sees it."""

import pytest
from built import pages


@pytest.mark.parametrize("address", pages())
def test_page_opens_without_a_problem(page, site, address):
    page.goto(site + address, wait_until="networkidle")
    assert page.title()
