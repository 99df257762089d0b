from pathlib import Path

import pytest

from app.docs import pages, settings_page
from app.settings import Settings


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    return pages()


def test_the_committed_pages_are_what_the_code_says(made: dict[Path, str]) -> None:
    stale = [path.name for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make docs`"


def test_making_them_twice_gives_the_same(made: dict[Path, str]) -> None:
    assert pages() == made


def test_every_setting_has_its_line_and_its_reason() -> None:
    page = settings_page()
    for name, field in Settings.model_fields.items():
        assert f"`ASIDE_{name.upper()}`" in page
        assert field.description, name


def test_no_secret_default_is_printed() -> None:
    assert "sk-" not in settings_page()
