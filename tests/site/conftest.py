"""A browser that can reach the built site and nothing else.

A test asks for ``page`` and one of ``site`` and ``subsite``, the site's address at the root of a
server and in a folder as on GitHub Pages::

    def test_title(page, site):
        page.goto(site + "intro.html")
        assert "Loss" in page.title()

What goes wrong while the page is open is listed in ``problems``, and fails the test at its end.
"""

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from built import HTML, served
from playwright.sync_api import Error, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1]))  # what tests share: answers_given
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# Every name but this machine's leads nowhere.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


def pytest_sessionstart():
    if not (HTML / "index.html").exists():
        pytest.exit("there is no built site to test: run make book first", returncode=1)


@pytest.fixture(scope="session")
def site():
    """Address of the site at the root of a server."""
    with served("/") as address:
        yield address


@pytest.fixture(scope="session")
def subsite():
    """Address of the site in a folder of a server, as on GitHub Pages."""
    with served("/lossbook/") as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium, or the one of ``playwright install chromium``."""
    if sys.platform == "linux" and os.geteuid() == 0:
        ARGUMENTS.append("--no-sandbox")  # Chromium refuses to run as root with one
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            if "CI" in os.environ:
                raise
            pytest.skip(f"no Chromium here: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def problems():
    """List what goes wrong on the pages of this test; a test that expects a problem clears it."""
    return []


@pytest.fixture
def page(browser, problems):
    """A page on a wide screen; ``page.set_viewport_size(PHONE)`` makes it a phone's."""
    context = browser.new_context(viewport=DESKTOP)
    context.set_default_timeout(60_000)  # of a busy machine
    watch(context, problems)
    yield context.new_page()
    context.close()
    assert not problems, "\n".join(problems)


def watch(context, problems):
    """Note errors in the console and in scripts, failed requests, and requests off the site."""

    def note_message(message):
        if message.type == "error":
            problems.append(f"console: {message.text} ({message.location['url']})")

    def note_request(request):
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            problems.append(f"request off the site: {request.url}")

    def note_failure(request):
        if request.failure != "net::ERR_ABORTED":  # the test went on to another page
            problems.append(f"request failed: {request.url}: {request.failure}")

    def note_answer(response):
        if response.status >= 400:
            problems.append(f"request answered {response.status}: {response.url}")

    context.on("console", note_message)
    context.on("weberror", lambda error: problems.append(f"script: {error.error}"))
    context.on("request", note_request)
    context.on("requestfailed", note_failure)
    context.on("response", note_answer)
