"""The shape of the tree: a test for each module, modules that can be read, a README of one sitting."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "thoughts", "heuristics", "personalization", "memory", "inference", "conversation")
LONGEST_MODULE = 500
LONGEST_README = 150


def modules() -> list[Path]:
    return sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize(
    "module", [m for m in modules() if m.name not in ("__init__.py", "__main__.py")], ids=lambda module: str(module)
)
def test_every_module_has_a_test_file_of_its_name(module: Path) -> None:
    assert (ROOT / "tests" / module.with_name(f"test_{module.name}")).is_file()


def test_no_module_is_too_long_to_read() -> None:
    lines = {str(m): len((ROOT / m).read_text(encoding="utf-8").splitlines()) for m in modules()}
    assert {m: n for m, n in lines.items() if n > LONGEST_MODULE} == {}


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST_README
