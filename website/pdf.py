"""Make the PDF edition, _build/lossbook.pdf, of the pages that `make book` built.

The pages become chapters of one long page, which Chromium prints: so all links between them work,
headings become bookmarks, and page numbers count through.
"""

import json
import os
import re
import shutil
import sys
from html import escape

import cite
import pikepdf
import yaml
from bs4 import BeautifulSoup
from notebooks import ROOT
from playwright.sync_api import Error, sync_playwright

HTML = ROOT / "_build" / "html"
LONG_PAGE = ROOT / "_build" / "edition.html"
PDF = ROOT / "_build" / "lossbook.pdf"
WIDTH = 673  # pixels: A4 between margins of 16 mm
QUIZZES = ROOT / "chapters" / "quizzes"
ANSWERS = "Answers to the quizzes"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
ON_SCREEN_ONLY = (
    "script, .headerlink, .viewcode-link, .check-answer, .check-answer-missing, .lab-live, "
    ".explorer-sliders, .explorer-values, details.hide.above-input"
)
# Tables, formulas and pictures that are wider than the paper become smaller; code breaks by itself.
FIT = """() => {
  for (const wide of document.querySelectorAll("table, .katex-display > .katex, svg, img")) {
    const page = wide.closest("section.page").getBoundingClientRect();
    for (let zoom = 1; zoom > 0.3 && wide.getBoundingClientRect().right > page.right + 1; ) {
      zoom -= 0.05;
      wide.style.zoom = zoom;
    }
  }
}"""
CUT = """() => [...document.querySelectorAll("section.page *")].filter((thing) => {
  const page = thing.closest("section.page").getBoundingClientRect();
  const hidden = thing.closest(".katex-mathml, .katex svg, svg *");
  return !hidden && thing.getBoundingClientRect().right > page.right + 2;
}).map((thing) => thing.outerHTML.slice(0, 200))"""


def table_of_contents():
    """Return the pages in the order of _toc.yml, each with the name of its part or None."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    pages = [(toc["root"], None)]
    for part in toc["parts"]:
        for entry in part["chapters"]:
            names = [entry["file"], *(section["file"] for section in entry.get("sections", []))]
            pages += [(name, part["caption"]) for name in names]
    return pages


# One page of the site becomes one section -----------------------------------------------------


def section(name, names):
    """Return the text of a page, its anchors and links renamed for the long page."""
    page = BeautifulSoup((HTML / f"{name}.html").read_text("utf-8"), "html.parser")
    article = page.select_one("article.bd-article")
    for thing in article.select(ON_SCREEN_ONLY):
        thing.decompose()
    for box in article.select("[data-numquestions]"):
        questions = BeautifulSoup(quiz(number(name)), "html.parser")
        box.find_parent("div", class_="cell").replace_with(questions)
    for thing in article.find_all(True):
        rename(thing, name, names)
    article["class"].append("bd-content")
    for folded in article.select("details"):
        folded["open"] = ""
    return as_section(name, article)


def as_section(name, article):
    """Return a section whose pages have a name of their own, for what stands above them."""
    return f'<section class="page" id="{name}" style="page: {page_name(name)}">{article}</section>'


def page_name(name):
    return "page-" + re.sub(r"\W", "-", name)


def anchor(name, place=""):
    return f"{name}--{place}" if place else name


def rename(thing, name, names):
    """Let a tag's anchor, picture and link be those of the long page."""
    if thing.get("id"):
        thing["id"] = anchor(name, thing["id"])
    for key, value in thing.attrs.items():
        if isinstance(value, str):
            thing[key] = re.sub(r"url\(#(.+?)\)", rf"url(#{anchor(name)}--\1)", value)
    for key in ("src", "href", "xlink:href"):
        address = thing.get(key)
        if address and not re.match(r"[a-z]+:", address):
            thing[key] = target(address, name, names)
    if thing.get("href") == "":
        del thing["href"]  # leads to a page or file that is not in the book


def target(address, name, names):
    """Return where a relative address of a page leads in the long page: '' where nothing does."""
    path, _, place = address.partition("#")
    folder = HTML / name
    file = os.path.relpath(folder.parent / path, HTML) if path else f"{name}.html"
    other = file.removesuffix(".html")
    if not file.endswith(".html"):
        return f"html/{file}" if file.endswith((".png", ".svg", ".webp")) else ""
    return f"#{anchor(other, place)}" if other in names else ""


# Quizzes -------------------------------------------------------------------------------------


def number(name):
    return re.match(r"chapters/(\d+)", name)[1]


def questions_of(number):
    return json.loads((QUIZZES / f"{number}.json").read_text("utf-8"))


def quiz(number):
    """Write the questions of a chapter, with the answers there are to choose from."""
    items = []
    for question in questions_of(number):
        text = f"<p>{question['question']}</p>"
        if "code" in question:
            text += f"<pre>{escape(question['code'])}</pre>"
        if question["type"] != "numeric":
            options = "".join(f"<li>{option['answer']}</li>" for option in question["answers"])
            more = " (several may be right)" if question["type"] == "many_choice" else ""
            text += f"<p>Choose{more}:</p><ol>{options}</ol>"
        items.append(f"<li>{text}</li>")
    link = f'<a href="#answers--{number}">the end of the book</a>'
    return f'<ol class="quiz">{"".join(items)}</ol><p>The answers are at {link}.</p>'


def right(question):
    """Return the right answers of a question with their feedback."""
    for place, option in enumerate(question["answers"]):
        if option.get("correct"):
            said = option.get("value", option.get("range", chr(ord("a") + place)))
            yield f"<strong>{said}</strong>: {option['feedback']}"


def answers(titles):
    """Write the right answers of all quizzes."""
    parts = []
    for name, title in titles.items():
        if name.startswith("chapters/"):
            items = "".join(
                f"<li>{'<br>'.join(right(question))}</li>"
                for question in questions_of(number(name))
            )
            heading = f'<h2 id="answers--{number(name)}">{title}</h2>'
            parts.append(f'{heading}<ol class="quiz">{items}</ol>')
    return own_section("answers", ANSWERS, "".join(parts))


# The long page -------------------------------------------------------------------------------


def cover(citation):
    title, _, subtitle = citation["title"].partition(": ")
    return f"""<section class="page" id="cover">
<div><p class="title">{title}</p><p class="subtitle">{subtitle}</p></div>
<img src="html/_static/logo.svg" alt="">
<div><p>{", ".join(cite.names(citation))}</p>
<p>Version {citation["version"]}, {citation["year"]}</p>
<p>Text and figures: CC BY 4.0 · Code: BSD 3-Clause</p></div>
</section>"""


def contents(titles, parts, pages):
    """List the chapters by part, with the page where each begins as far as that is known."""
    lines, current = [], None
    for name, title in titles.items():
        if parts.get(name) != current:
            current = parts.get(name)
            lines.append(f"</ol><p>{current}</p><ol>" if current else "</ol><ol>")
        lines.append(
            f'<li><a href="#{name}"><span>{title}</span><span>{pages.get(name, "")}</span></a>'
        )
    return own_section("contents", "Contents", f"<ol>{''.join(lines)}</ol>")


def own_section(name, title, html):
    """Return a section that is no page of the site."""
    return as_section(name, f'<article class="bd-article"><h1>{title}</h1>{html}</article>')


def running_heads(titles):
    """Return the style that writes a chapter's title at the top of each of its pages."""
    font = 'font: 9pt "DejaVu Sans", sans-serif; color: #555'
    quoted = {name: json.dumps(title, ensure_ascii=False) for name, title in titles.items()}
    return "".join(
        f"@page {page_name(name)} {{ @top-right {{ content: {title}; {font} }} }}"
        for name, title in quoted.items()
    )


def styles(name, titles):
    """Return the style sheets of a page, and ours for paper."""
    page = BeautifulSoup((HTML / f"{name}.html").read_text("utf-8"), "html.parser")
    sheets = [
        "html/" + os.path.relpath((HTML / name).parent / link["href"].split("?")[0], HTML)
        for link in page.select("link[rel=stylesheet]")
    ]
    links = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in sheets)
    own = (ROOT / "website" / "pdf.css").read_text("utf-8") + running_heads(titles)
    return f"{links}<style>{own}</style>"


def title_of(text):
    heading = BeautifulSoup(text, "html.parser").h1
    return heading.get_text().strip()


def first_pages(titles):
    """Return the number of the page on which each chapter begins, from the bookmarks."""
    with pikepdf.open(PDF) as pdf, pdf.open_outline() as outline:
        places = [pikepdf.Page(mark.destination[0]).index + 1 for mark in outline.root]
    return dict(zip(["contents", *titles], places, strict=True))


def headings(html):
    """Return the titles of all chapters and sections, formulas as they are seen."""
    page = BeautifulSoup(html, "html.parser")
    for hidden in page.select(".katex-mathml"):
        hidden.decompose()
    return [heading.get_text().strip() for heading in page.select("h1, h2, h3, h4, h5, h6")]


def bookmarks(marks):
    """Return all bookmarks, each before those below it."""
    for mark in marks:
        yield mark
        yield from bookmarks(mark.children)


def finish(titles, citation):
    """Give the PDF its title and whole titles to its bookmarks, and halve its size.

    Chromium's bookmarks lack the space where a heading breaks, and say a moved one twice.
    """
    with pikepdf.open(PDF, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            for mark, title in zip(bookmarks(outline.root), titles, strict=True):
                mark.title = title
        pdf.docinfo["/Title"] = citation["title"]
        pdf.docinfo["/Author"] = ", ".join(cite.names(citation))
        pdf.save(PDF, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return len(pdf.pages)


def chromium(playwright):
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    root = sys.platform == "linux" and os.geteuid() == 0
    arguments = ["--no-sandbox"] if root else []  # Chromium refuses to run as root with one
    return playwright.chromium.launch(executable_path=path, args=arguments)


def print_pages(page, html):
    LONG_PAGE.write_text(html, "utf-8")
    page.goto(LONG_PAGE.as_uri(), wait_until="load")
    page.evaluate("document.fonts.ready")
    page.evaluate(FIT)
    LONG_PAGE.write_text(page.content(), "utf-8")  # as it is printed
    if cut := page.evaluate(CUT):
        sys.exit("\n".join(["error: wider than the paper:", *cut]))
    page.pdf(path=PDF, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def link_from_site():
    """Put the PDF into the site, and a link to it where the landing page left room."""
    shutil.copy(PDF, HTML)
    landing = HTML / "intro.html"
    link = f'<p>On paper: <a href="{PDF.name}">the whole book as a PDF</a>.</p>'
    text = landing.read_text("utf-8")
    landing.write_text(text.replace("<!-- pdf -->", link), "utf-8")


def make():
    toc = table_of_contents()
    parts = dict(toc)
    sections = {name: section(name, set(parts)) for name in parts}
    titles = {name: title_of(text) for name, text in sections.items()} | {"answers": ANSWERS}
    citation = cite.preferred(cite.FILE.read_text("utf-8"))
    head = f'<meta charset="utf-8"><title>{citation["title"]}</title>{styles(toc[1][0], titles)}'
    body = "".join(sections.values()) + answers(titles)

    def long_page(pages):
        front = cover(citation) + contents(titles, parts, pages)
        start = '<!doctype html><html lang="en" data-theme="light">'
        return f"{start}<head>{head}</head><body>{front}{body}</body></html>"

    with sync_playwright() as playwright:
        try:
            browser = chromium(playwright)
        except Error as error:
            sys.exit(f"error: the PDF needs Chromium: {error.message.splitlines()[0]}")
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.emulate_media(media="print")
        print_pages(page, long_page({}))
        html = long_page(first_pages(titles))
        print_pages(page, html)
        browser.close()
    count = finish(headings(html), citation)
    link_from_site()
    print(f"{PDF.relative_to(ROOT)}: {count} pages, {PDF.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    make()
