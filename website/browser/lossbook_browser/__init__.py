"""What the kernel in the browser lacks."""

import json

from js import JSON


def as_js(data):
    """Hand outputs to the page as the JSON they are; Pyodide alone would drop each None in them."""
    return JSON.parse(json.dumps(data))
