"""What the pages for people name is there: files, make targets, subcommands, settings."""

import re
from pathlib import Path

import pytest

from app.cli import parser
from app.settings import Settings
from bench.__main__ import BENCHES

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "examples" / "README.md"]


def named(pattern: str, page: Path) -> set[str]:
    return set(re.findall(pattern, page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = named(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page)
    assert sorted(target for target in targets if not (page.parent / target).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named(r"`make ([a-z-]+)", page) <= targets
    choices = {name for action in parser()._actions for name in action.choices or ()}
    assert named(r"-m app ([a-z]+)", page) <= choices
    assert named(r"-m bench ([a-z]+)", page) <= set(BENCHES)


def test_settings_that_pages_and_recipes_name_exist() -> None:
    variables = {f"ASIDE_{name.upper()}" for name in Settings.model_fields}
    recipes = [ROOT / name for name in ("Makefile", "Dockerfile", "docker-compose.yml", ".ci/run")]
    for page in (*PAGES, *recipes):
        assert named(r"\bASIDE_[A-Z_]+\b", page) <= variables, page


def test_the_image_has_every_folder_that_serving_imports() -> None:
    sent = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - sent == {"bench", "evals", "tests", "training"}
