"""The one thing that `bench.normal` changes."""

import importlib

import pytest

from app.store import database


def test_only_the_flushing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = database.PRAGMAS
    monkeypatch.setattr(database, "PRAGMAS", before)
    importlib.import_module("bench.normal")
    importlib.reload(importlib.import_module("bench.normal"))
    assert set(database.PRAGMAS) ^ set(before) == {"synchronous=FULL", "synchronous=NORMAL"}
