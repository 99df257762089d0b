"""Secrets and ids."""

import secrets

import pytest

from app.store.tokens import digest, new_id, new_secret


def test_ids_and_secrets_do_not_repeat() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
    assert len({new_secret() for _ in range(1000)}) == 1000


def test_a_secret_has_256_bits_and_fits_a_header() -> None:
    assert len(new_secret()) >= 43
    assert new_secret().isascii()


def test_a_secret_is_no_option_of_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["-VST1", "_VST1", "VST1-"])
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: next(drawn))
    assert new_secret() == "VST1-"


def test_digest_is_sha256() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
