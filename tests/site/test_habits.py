"""What good book sites have: icon, 404 page, citation, offline reading, downloads, PDF edition."""

import json
import re
import sys
import time
import zipfile
from importlib.metadata import version

import nbformat
import pytest
import yaml
from built import HTML, Handler, served
from nbclient import NotebookClient
from pypdf import PdfReader

ROOT = HTML.parents[1]
PDF = ROOT / "_build" / "lossbook.pdf"
CHAPTER = "chapters/01-loss-cost-objective.html"


def test_icon_is_there_and_is_a_picture(page, subsite):
    page.goto(subsite + CHAPTER)
    address = page.locator("link[rel=icon]").evaluate("link => link.href")
    answer = page.request.get(address)
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/svg+xml"


def test_manifest_names_files_that_are_there(page, subsite):
    page.goto(subsite + CHAPTER)
    address = page.locator("link[rel=manifest]").evaluate("link => link.href")
    assert address == subsite + "manifest.webmanifest"
    manifest = page.request.get(address).json()
    assert {"name", "short_name", "icons", "start_url", "display"} <= manifest.keys()
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for name in [manifest["start_url"], *(icon["src"] for icon in manifest["icons"])]:
        assert page.request.get(subsite + name).status == 200


@pytest.mark.parametrize("address", ["", "intro.html"])
def test_page_describes_itself_without_a_relative_address(page, site, address):
    page.goto(site + address)
    assert page.url == site + address  # the first page itself, not a way to it
    for name in ("description", "og:description"):
        tag = page.locator(f"meta[name='{name}'], meta[property='{name}']").first
        assert 50 < len(tag.get_attribute("content")) < 210
    for tag in ("og:url", "og:image"):
        for address in page.locator(f"meta[property='{tag}']").all():
            assert address.get_attribute("content").startswith("https://")


@pytest.fixture
def server_with_404(monkeypatch):
    """Answer as GitHub Pages does: what is not there is the site's 404.html."""

    def send_error(self, code, *_):
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((HTML / "404.html").read_bytes())

    monkeypatch.setattr(Handler, "send_error", send_error)


@pytest.mark.parametrize("prefix", ["/", "/lossbook/"])
@pytest.mark.parametrize("wrong", ["no-page", "chapters/no/page.html"])
def test_page_not_found_is_dressed_and_leads_home(page, problems, server_with_404, prefix, wrong):
    with served(prefix) as address:
        assert page.goto(address + wrong, wait_until="networkidle").status == 404
        assert page.get_by_role("heading", level=1).inner_text() == "This page is not here"
        assert page.locator("link[rel=stylesheet]").evaluate_all(
            "links => links.every(link => link.sheet?.cssRules.length > 0)"
        )
        page.get_by_role("link", name="Start at the beginning").click()
        page.wait_for_load_state("networkidle")
        assert page.url == address + "intro.html"
    problems[:] = [problem for problem in problems if "404" not in problem]


def test_citation_is_that_of_the_file(page, site):
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    cited = cff["preferred-citation"]
    page.goto(site + "intro.html")
    text = page.locator(".cite-book pre").text_content()
    fields = dict(re.findall(r"(\w+) = \{+(.*?)\}+,?\n", text + "\n"))
    assert text.startswith("@book{lossbook,")
    assert fields["title"] == cited["title"]
    assert fields["year"] == str(cited["year"])
    assert fields["edition"] == cff["version"]
    assert fields["author"] == " and ".join(author["name"] for author in cited["authors"])


def test_citation_names_the_version_of_the_package():
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cff["version"] == version("lossbook")


@pytest.mark.parametrize("prefix", ["/", "/lossbook/"])
def test_page_that_was_read_opens_without_a_server(page, problems, prefix):
    with served(prefix) as address:
        page.goto(address + CHAPTER, wait_until="networkidle")
        wait_until_kept(page, CHAPTER)
        styles = page.evaluate("getComputedStyle(document.body).fontFamily")
    assert not problems
    page.goto("about:blank")
    page.goto(address + CHAPTER, wait_until="networkidle")
    assert "Loss, cost, objective" in page.get_by_role("heading", level=1).first.inner_text()
    assert page.evaluate("getComputedStyle(document.body).fontFamily") == styles
    assert page.locator("article img").evaluate_all(
        """images => Promise.all(images.map(image => {
          image.loading = "eager";
          return image.decode().then(() => image.naturalWidth > 0);
        }))"""
    )
    page.goto(address + "chapters/never-read.html", wait_until="networkidle")
    assert page.get_by_role("heading", level=1).inner_text() == "This page is not here"
    problems.clear()


def wait_until_kept(page, name):
    """Wait until the service worker has the page, and has done nothing new for a second."""
    kept = """async () => {
      const names = [];
      for (const cache of await caches.keys())
        names.push(...(await (await caches.open(cache)).keys()).map((request) => request.url));
      return names;
    }"""
    before, deadline = [], time.monotonic() + 20
    while time.monotonic() < deadline:
        names = page.evaluate(kept)
        if names == before and any(address.endswith(name) for address in names):
            return
        before = names
        page.wait_for_timeout(1000)
    pytest.fail(f"{name} was not kept; kept were {before}")


def test_installed_book_is_kept_whole(page, subsite):
    page.goto(subsite + "intro.html", wait_until="networkidle")
    page.evaluate("navigator.serviceWorker.ready.then(({ active }) => active.postMessage('book'))")
    wait_until_kept(page, "glossary.html")
    # pages of the service worker's own list, whatever else a build has
    script = (HTML / "service-worker.js").read_text("utf-8")
    book = json.loads(re.search(r"const BOOK = (.*);\n", script)[1])
    kept = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
        (await (await caches.open(name)).keys()).map((request) => request.url)))).flat()"""
    )
    assert {subsite + name for name in book} <= set(kept)


def test_search_finds_a_word(page, site):
    page.goto(site + "search.html?q=Huber", wait_until="networkidle")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li").count() > 1


def test_first_key_reaches_the_skip_link(page, site):
    page.goto(site + CHAPTER, wait_until="networkidle")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Skip to main content"
    focused.press("Enter")
    assert page.evaluate("location.hash") == "#main-content"


def test_nothing_moves_for_who_asked_for_less_motion(page, site):
    page.emulate_media(reduced_motion="reduce")
    page.goto(site + CHAPTER, wait_until="networkidle")
    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter(element => {
          const style = getComputedStyle(element);
          const times = style.transitionDuration + "," + style.animationDuration;
          return style.scrollBehavior === "smooth"
            || times.split(",").some(time => parseFloat(time) > 0.01);
        }).map(element => element.outerHTML.slice(0, 80))"""
    )
    assert moving == []


def test_notebooks_run_from_their_archive(tmp_path):
    with zipfile.ZipFile(HTML / "lossbook-notebooks.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "lossbook-notebooks"
    notebooks = sorted(folder.glob("*.ipynb"))
    assert [path.name for path in notebooks] == [
        path.name for path in sorted((ROOT / "chapters").glob("*.ipynb"))
    ]
    (wheel,) = folder.glob("*.whl")
    assert f"./{wheel.name}[plots,widgets]" in (folder / "requirements.txt").read_text("utf-8")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # found before the lossbook that is installed here
    notebook = nbformat.read(notebooks[0], as_version=4)
    where = nbformat.v4.new_code_cell("import lossbook\nprint(lossbook.__file__)")
    notebook.cells.append(where)
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    assert str(folder) in notebook.cells[-1].outputs[0]["text"]


def test_archives_requirements_name_what_notebooks_import():
    with zipfile.ZipFile(HTML / "lossbook-notebooks.zip") as archive:
        names = archive.namelist()
        needed = archive.read("lossbook-notebooks/requirements.txt").decode()
        cells = [
            cell.source
            for name in names
            if name.endswith(".ipynb")
            for cell in nbformat.reads(archive.read(name).decode(), as_version=4).cells
            if cell.cell_type == "code"
        ]
    imports = set(re.findall(r"^(?:import|from) (\w+)", "\n".join(cells), re.MULTILINE))
    given = {"lossbook", "numpy", "matplotlib", "ipywidgets"}  # by lossbook[plots,widgets]
    given.add("IPython")  # by ipykernel
    others = imports - given - set(sys.stdlib_module_names)
    assert others <= set(re.findall(r"^(\w+)", needed, re.MULTILINE))


@pytest.fixture(scope="module")
def pdf():
    """The PDF edition, where there is one: `make pdf` makes it of the built pages."""
    if not PDF.exists():
        pytest.skip("there is no PDF edition: run make pdf first")
    return PdfReader(PDF)


def test_pdf_has_a_bookmark_for_each_page_of_the_contents(pdf):
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    written = len(re.findall(r"(?:root|file): ", toc))
    marks = [mark for mark in pdf.outline if not isinstance(mark, list)]
    assert len(marks) == written + 2  # contents and answers
    places = [pdf.get_destination_page_number(mark) for mark in marks]
    assert places == sorted(places)
    for mark, place in list(zip(marks, places, strict=True))[1:]:
        # a title may break, and letters of formulas are set apart
        assert squeezed(mark.title) in squeezed(pdf.pages[place].extract_text())


def squeezed(text):
    """Return the letters and digits alone."""
    return re.sub(r"\W", "", text)


def test_pdf_numbers_its_pages_as_its_contents_say(pdf):
    marks = [mark for mark in pdf.outline if not isinstance(mark, list)]
    contents = pdf.pages[1].extract_text()
    for mark in marks[1:]:
        number = pdf.get_destination_page_number(mark) + 1
        assert re.search(rf"{re.escape(mark.title)}\s*{number}\b", contents)
        head = pdf.pages[number - 1].extract_text().splitlines()[:2]
        assert head[-1 if number > 2 else 0] == str(number)


def test_pdf_links_lead_within_it_or_to_the_web(pdf):
    links = [link.get_object() for page in pdf.pages for link in page.get("/Annots", [])]
    addresses = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert len(links) - len(addresses) > len(pdf.outline)  # those within
    assert all(address.startswith(("http://", "https://")) for address in addresses)
    assert not any("127.0.0.1" in address for address in addresses)


def test_pdf_has_nothing_beyond_its_margins(pdf, page, problems):
    page.set_viewport_size({"width": 673, "height": 900})  # A4 between its margins
    page.emulate_media(media="print")
    page.goto((PDF.parent / "edition.html").as_uri())
    beyond = page.evaluate(
        """() => [...document.querySelectorAll("pre, table, img, figure, p, li, dd, .katex")]
          .filter((thing) => !thing.closest(".katex-mathml"))
          .filter((thing) => thing.getBoundingClientRect().right > 675
            || (thing.clientWidth > 0 && thing.scrollWidth > thing.clientWidth + 8))
          .map((thing) => thing.outerHTML.slice(0, 120))"""
    )
    assert beyond == []
    problems.clear()  # it was opened as a file, off the site
