"""`make audit`: every pinned package against the advisories of PyPI, by pip-audit.

Fails for a package with a known vulnerability. Where no advisory can be fetched it says that nothing was audited, and does not
fail: the other checks must run without a network.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 180
"""Seconds."""


def pins() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(pin for extra in project["optional-dependencies"].values() for pin in extra)]


def told(report: dict[str, Any]) -> tuple[list[str], int, list[str]]:
    """What is wrong, how many packages were looked up, and which could not be."""
    found = report["dependencies"]
    wrong = [
        f"{one['name']} {one['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in found
        for flaw in one.get("vulns", ())
    ]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    return wrong, len(found) - len(skipped), skipped


def audit(command: Sequence[str]) -> tuple[int, str]:
    """The exit status, and what to say. `command` prints pip-audit's report."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        wrong, looked_up, skipped = told(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return 0, f"audit: NOTHING WAS AUDITED: no advisories within {PATIENCE} seconds"
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return 0, f"audit: NOTHING WAS AUDITED: advisories cannot be fetched: {last[:200]}"
    if wrong:
        return 1, "\n".join(wrong)
    if not looked_up:
        return 0, "audit: NOTHING WAS AUDITED: no package was found where pip-audit looks for advisories"
    note = f"; NOT AUDITED: {', '.join(skipped)}" if skipped else ""
    return 0, f"audit: {looked_up} packages have no known vulnerability{note}"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(pins()), encoding="utf-8")
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--timeout", "5"]
        status, words = audit([sys.executable, "-m", "pip_audit", "-r", str(listed), *options])
    sys.stdout.write(words + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
