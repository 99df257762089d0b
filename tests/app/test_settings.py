import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import BLAS_THREADS, Settings, spare_cores


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ASIDE_{name.upper()}", raising=False)


def test_out_of_the_box_it_is_a_service_for_this_machine_only() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.model) == ("127.0.0.1", 8000, "tiny")
    assert settings.registration_open


def test_each_field_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_PORT", "8123")
    monkeypatch.setenv("ASIDE_ORIGINS", '["https://chat.example"]')
    monkeypatch.setenv("ASIDE_CACHE", "/srv/cache")
    settings = Settings()
    assert (settings.port, settings.origins, settings.cache) == (8123, ["https://chat.example"], Path("/srv/cache"))


@pytest.mark.parametrize(
    ("host", "asked", "is_open"),
    [
        ("127.0.0.1", None, True),
        ("localhost", None, True),
        ("::1", None, True),
        ("0.0.0.0", None, False),
        ("chat.example", None, False),
        ("0.0.0.0", True, True),
        ("127.0.0.1", False, False),
    ],
)
def test_registration_is_open_on_loopback_unless_said_otherwise(host: str, asked: bool | None, is_open: bool) -> None:
    assert Settings(host=host, open_registration=asked).registration_open is is_open


@pytest.mark.parametrize(
    ("name", "value"), [("port", "70000"), ("port", "x"), ("model_timeout", "0"), ("threads", "-1")]
)
def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ASIDE_{name.upper()}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_the_key_is_not_in_what_is_logged() -> None:
    assert "secret" not in repr(Settings(openai_api_key="secret"))


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_dimensions_of_its_own_that_do_not_fit_are_refused_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "coach.json"
    file.write_text('{"name": "coach", "dimensions": {"goal": {"values": {"strength": 0.5, "calm": 0.6}}}}')
    with pytest.raises(ValidationError, match=r"goal: prior must be above 0 and sum to 1: \(0.5, 0.6\)"):
        Settings(own_dimensions=file)
    with pytest.raises(ValidationError, match="cannot be read"):
        Settings(own_dimensions=tmp_path / "none.json")


def test_products_of_this_process_take_one_core_unless_somebody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BLAS_THREADS, "3")
    spare_cores()
    assert os.environ[BLAS_THREADS] == "3"
    monkeypatch.delenv(BLAS_THREADS)
    spare_cores()
    assert os.environ[BLAS_THREADS] == "1"
