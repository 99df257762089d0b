"""docs/dependencies.md has one line for each pin, and for nothing else."""

import re
import tomllib
from pathlib import Path

from inference.weights import EMBEDDER, SOURCES

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")


def rows(section: str) -> dict[str, str]:
    """Package → version of the table under `section`."""
    body = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| ([\w.-]+)(?: … part\d+)? (\S+) \| [^|]+ \| [^|]+ \|$", body, re.MULTILINE)
    return dict(found)


def pins(requirements: list[str]) -> dict[str, str]:
    found = {}
    for requirement in requirements:
        match = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?==(\S+)", requirement)
        assert match, f"{requirement!r} is not pinned"
        found[match[1]] = match[2]
    return found


def test_every_pin_has_its_line_and_no_line_is_stale() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert rows("To run") == pins(project["dependencies"])
    assert rows("To develop") == pins(project["optional-dependencies"]["dev"])
    assert rows("To trace") == pins(project["optional-dependencies"]["tracing"])
    assert rows("To train") == pins(project["optional-dependencies"]["training"])


def test_the_packages_that_carry_weights_are_listed() -> None:
    listed = {f"{name}=={version}" for name, version in rows("Weights").items()}
    assert listed == {EMBEDDER, *(source.package.format(part=1) for source in SOURCES.values())}
