"""The audit of dependencies, with a pip-audit that says what it is told to."""

import json
import sys
from typing import Any

from tests.audit import audit, pins


def saying(text: str, error: str = "") -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.stdout.write({text!r}); sys.stderr.write({error!r})"]


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


CLEAN = {"name": "httpx", "version": "1", "vulns": []}
BAD = {"name": "jinja2", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2", "3"], "aliases": []}]}
SKIPPED = {"name": "ours", "skip_reason": "not on PyPI"}


def test_every_pin_is_asked_about() -> None:
    assert len(pins()) > 30
    assert all("==" in pin for pin in pins())


def test_a_known_vulnerability_fails_and_is_named() -> None:
    assert audit(saying(report(CLEAN, BAD))) == (1, "jinja2 1: PYSEC-1, fixed in 2, 3")


def test_what_was_not_looked_up_is_said() -> None:
    assert audit(saying(report(CLEAN))) == (0, "audit: 1 packages have no known vulnerability")
    assert audit(saying(report(CLEAN, SKIPPED)))[1].endswith("NOT AUDITED: ours")


def test_without_a_network_it_says_so_and_does_not_fail() -> None:
    assert "NOTHING WAS AUDITED" in audit(saying(report(SKIPPED)))[1]
    status, words = audit(saying("", "Traceback …\nConnectionError: no route"))
    assert (status, words) == (
        0,
        "audit: NOTHING WAS AUDITED: advisories cannot be fetched: ConnectionError: no route",
    )
