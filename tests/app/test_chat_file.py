import stat
from pathlib import Path

import pytest

from app.chat_file import ChatFile, Person, load, save

URL = "http://127.0.0.1:8000"


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") == ChatFile()


def test_what_was_kept_comes_back_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    place = tmp_path / "aside" / "chat.json"
    file = ChatFile()
    file.keep(URL, Person(id="u1", name="Ann", token="secret", room="r1", seen={"r1": 7}))
    save(place, file)
    assert load(place) == file
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in place.parent.iterdir()] == ["chat.json"]


def test_several_people_on_one_server_and_the_last_one_is_the_default() -> None:
    file = ChatFile()
    ann, bob = Person(id="u1", name="Ann", token="a"), Person(id="u2", name="Bob", token="b")
    file.keep(URL, ann)
    file.keep(URL, bob)
    assert file.person(URL, None) == bob
    assert file.person(URL, "Ann") == ann
    assert file.person(URL, "Eve") is None
    assert file.person("http://elsewhere", None) is None


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "chat.json"
    place.write_text('{"servers": 3}')
    with pytest.raises(ValueError, match="is not a chat file of Aside"):
        load(place)
    assert place.read_text() == '{"servers": 3}'
