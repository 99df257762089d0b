"""What must hold for the files of the page, without a browser."""

import re
from pathlib import Path

import pytest

from app.page import WEB

SCRIPTS = sorted(WEB.glob("*.js"))


def test_all_scripts_together_are_small() -> None:
    assert sum(path.stat().st_size for path in SCRIPTS) <= 150_000


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_module_is_short_and_never_makes_markup_or_reaches_out(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 300
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    imported = re.findall(r"""^(?:import|export)(?: .*? from)? ["'](.*?)["'];$""", text, re.MULTILINE)
    assert all(name.startswith("./") for name in imported), "modules come from this folder only"


def test_the_document_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    html = (WEB / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
