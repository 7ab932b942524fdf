"""Sphinx extension: 404.html, which a server shows at any address that leads nowhere.

So it must find its style sheets and links from everywhere, in whatever folder the site is
published: before anything else, a script looks for the nearest folder above that has the site's
manifest. The service worker shows it, too, for pages that it has not kept, without a network.
"""

BODY = """
<section id="not-found">
<h1>This page is not here</h1>
<p>The address leads to no page of this book. Or you are offline, and had not opened the page
before.</p>
<p><a href="intro.html">Start at the beginning</a>, choose a chapter from the contents,
or <a href="search.html">search the book</a>.</p>
</section>
"""
FIND_ROOT = """
<meta name="robots" content="noindex" />
<script>
for (let path = location.pathname; path; path = path.slice(0, -1)) {
  path = path.slice(0, path.lastIndexOf("/") + 1);
  try {
    const request = new XMLHttpRequest();
    request.open("GET", path + "manifest.webmanifest", false);
    request.send();
    if (request.status !== 200) continue;
  } catch { continue; }
  const base = document.createElement("base");
  base.href = path;
  document.head.prepend(base);
  break;
}
</script>
"""


def not_found_page(app):
    yield "404", {"title": "Page not found", "body": BODY, "metatags": FIND_ROOT}, "page.html"


def setup(app):
    app.connect("html-collect-pages", not_found_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
