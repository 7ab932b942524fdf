"""The built site: where it lies, its pages, and a server for it."""

import contextlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"


def pages():
    """List the book's pages, as addresses relative to the site's."""
    # The theme leaves templates among the static files; live/ is JupyterLite's own application.
    not_ours = {"_static", "live"}
    found = (page.relative_to(HTML) for page in HTML.rglob("*.html"))
    return sorted(page.as_posix() for page in found if page.parts[0] not in not_ours)


class Handler(SimpleHTTPRequestHandler):
    """Serve the site's files under a prefix, and nothing outside of it."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",  # some systems' registries say otherwise
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, *args, prefix, **options):
        self.prefix = prefix
        super().__init__(*args, **options)

    def translate_path(self, path):
        if not path.startswith(self.prefix):
            return str(HTML / "no such file")
        return super().translate_path("/" + path.removeprefix(self.prefix))

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(prefix="/", handler=Handler):
    """Serve the site on a free port of this machine; give its address, which ends in a slash."""
    handler = partial(handler, directory=str(HTML), prefix=prefix)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
        server.shutdown()
