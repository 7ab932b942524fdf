"""Every work in the list is cited, every citation names a work, every work can be found."""

import re

import pytest

from chapters import TESTS

ROOT = TESTS.parent
BIBLIOGRAPHY = (ROOT / "references.bib").read_text("utf-8")
WORKS = dict(re.findall(r"^@\w+\{([^,]+),\n(.*?)^\}", BIBLIOGRAPHY, flags=re.M | re.S))
PAGES = [
    ROOT / "intro.md",
    ROOT / "glossary.md",
    *ROOT.glob("appendix/*.md"),
    *ROOT.glob("chapters/*.ipynb"),
]
CITED = {
    key.strip()
    for page in PAGES
    for keys in re.findall(r"\{(?:foot)?cite:\w+\}`([^`]+)`", page.read_text("utf-8"))
    for key in keys.split(",")
}


def test_list_was_read():
    assert len(WORKS) == BIBLIOGRAPHY.count("\n@") + BIBLIOGRAPHY.startswith("@") > 50


def test_every_work_is_cited():
    assert set(WORKS) - CITED == set()


def test_every_citation_names_a_work():
    assert CITED - set(WORKS) == set()


def test_works_come_in_alphabetical_order():
    assert list(WORKS) == sorted(WORKS)


@pytest.mark.parametrize("key", WORKS)
def test_work_can_be_found(key):
    fields = dict(re.findall(r"^\s*(\w+)\s*=\s*[{\"](.+?)[}\"],?$", WORKS[key], flags=re.M))
    assert {"title", "year"} <= set(fields), key
    assert {"author", "editor", "organization"} & set(fields), key
    places = {"doi", "url", "isbn", "publisher", "eprint", "journal", "booktitle", "institution"}
    assert places & set(fields), key
    if "doi" in fields:
        assert re.fullmatch(r"10\.\d{4,9}/\S+", fields["doi"]), fields["doi"]
