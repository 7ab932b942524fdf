"""What a student's notebook uses of Otter-Grader, for Python in the browser.

Otter-Grader itself needs pandas and much more, which the site's Python has not. Its own classes for
tests need nothing: the build puts them beside (see live.py), so that a check says here what it says
elsewhere. A student's notebook has the public tests alone; what is handed in is graded elsewhere.
"""

import base64
import datetime
import inspect
import json
import zipfile
from pathlib import Path

from IPython.display import HTML, display

from .test_files import ExceptionTestFile


class Notebook:
    """Runs the public tests that a notebook carries, and packs it to be handed in."""

    def __init__(self, nb_path=None, tests_dir="./tests", tests_url_prefix=None):
        if nb_path is None:
            (nb_path,) = Path().glob("*.ipynb")
        self.path = Path(nb_path)

    def tests(self):
        """Return the source of each question's tests."""
        return json.loads(self.path.read_text("utf-8"))["metadata"]["otter"]["tests"]

    def check(self, question, global_env=None):
        """Run the public tests of a question; what is returned shows itself under the cell."""
        if global_env is None:
            global_env = inspect.currentframe().f_back.f_globals
        tests = self.tests()
        if question not in tests:
            raise ValueError(f"Test {question} not found")
        found = ExceptionTestFile.from_string(tests[question], str(self.path))
        found.run(global_env)
        return found

    def check_all(self):
        """Run the public tests of all questions."""
        global_env = inspect.currentframe().f_back.f_globals
        return Results(self.check(question, global_env) for question in sorted(self.tests()))

    def export(self, nb_path=None, export_path=None, *_, run_tests=False, files=(), **__):
        """Pack the notebook as it was last saved, and show a link to the zip file.

        There is no second Python here: `run_tests` runs the tests on what is defined now.
        """
        global_env = inspect.currentframe().f_back.f_globals
        source = Path(nb_path or self.path)
        now = datetime.datetime.now().strftime("%Y_%m_%dT%H_%M_%S_%f")
        target = Path(export_path or f"{source.stem}_{now}.zip")
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("__zip_filename__", target.name)
            for file in [source, *map(Path, files)]:
                archive.write(file)
        if run_tests:
            found = Results(self.check(question, global_env) for question in sorted(self.tests()))
            print(f"The public tests, run on what is defined now:\n\n{found}")
        data = base64.b64encode(target.read_bytes()).decode()
        link = f'<a download="{target.name}" href="data:application/zip;base64,{data}">'
        display(HTML(f"<p>Hand in this file: {link}{target.name}</a></p>"))


class Results(list):
    """The results of all questions, as Otter prints them."""

    def __repr__(self):
        return "\n\n".join(result.summary() for result in self)
