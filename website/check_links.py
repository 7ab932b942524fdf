"""Check that every internal link of the built site leads to a page, file or place that exists.

``python website/check_links.py --external`` lists the addresses outside the site instead: whether
they answer is for a machine with a network to say.
"""

import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"


@cache
def parse(page):
    """Return the places a page offers and the addresses it refers to."""
    soup = BeautifulSoup(page.read_bytes(), "html.parser")
    places = {tag[key] for key in ("id", "name") for tag in soup.find_all(attrs={key: True})}
    addresses = {tag[key] for key in ("href", "src") for tag in soup.find_all(attrs={key: True})}
    return places, addresses


def problem(page, address):
    """Say what is wrong with a link, or nothing."""
    link = urlsplit(address)
    if link.scheme or link.netloc:
        return None
    target = page.parent / unquote(link.path) if link.path else page
    if link.path.startswith("/"):
        return "starts at the server's root, which is not the site's"
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return "no such file"
    place = unquote(link.fragment)
    if place and target.suffix == ".html" and place not in parse(target)[0]:
        return "no such place on that page"
    return None


def main():
    # The theme leaves templates of its own among the static files.
    pages = [page for page in sorted(HTML.rglob("*.html")) if HTML / "_static" not in page.parents]
    problems = [
        f"error: {page.relative_to(HTML)}: {address}: {found}"
        for page in pages
        for address in sorted(parse(page)[1])
        if (found := problem(page, address))
    ]
    if "--external" in sys.argv:
        outside = {address for page in pages for address in parse(page)[1] if "://" in address}
        print(*sorted(outside), sep="\n")
        return
    if problems or not pages:
        sys.exit("\n".join(problems or ["error: there is no built site to check"]))
    links = sum(len(parse(page)[1]) for page in pages)
    print(f"{len(pages)} pages, {links} links, and every internal one leads somewhere")


if __name__ == "__main__":
    main()
