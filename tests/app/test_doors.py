"""Names and pages that requests come by."""

import asyncio
from pathlib import Path

import pytest

from app.doors import header, host_allowed, origin_allowed, secret_in
from tests.app.harness import served

HOST = "chat.example:8000"
STRANGE = [
    "null",
    "",
    " ",
    "https://evil.example",
    "https://chat.example.evil.example:8000",
    "https://evil.chat.example:8000",
    "https://chat.example",
    "https://chat.example:80",
    "https://chat.example:80000",
    "https://chat.example:8000.evil.example",
    "https://chat.example:8000@evil.example",
    "https://evil.example@chat.example:8000",
    "https://chat.example:8000/",
    "https://chat.example:8000/path",
    "https://chat.example:8000?x",
    "https://chat.example:8000#x",
    "https://chat.example.:8000",
    "https://.chat.example:8000",
    "https://chat.example\\:8000",
    "https://chat.example :8000",
    "https://xn--cht-hoa.example:8000",
    "https://chаt.example:8000",
    "https://chat.example:08000",
    "https://*.example:8000",
    "https://[::1]:8000",
    "https://[chat.example]:8000",
    "https://[chat.example:8000",
    "https:chat.example:8000",
    "https:///chat.example:8000",
    "//chat.example:8000",
    "chat.example:8000",
    "ftp://chat.example:8000",
    "file://chat.example:8000",
    "javascript://chat.example:8000",
    "chrome-extension://chat.example:8000",
    "ws://chat.example:8000",
    "data:text/html,chat.example:8000",
    "https://chat.example:8000, https://evil.example",
    "https://evil.example, https://chat.example:8000",
    "https://chat.example:8000\x00",
    "https://127.0.0.1:8000",
    "https://localhost:8000",
    "https://friend.example.evil.example",
    "http://friend.example",
]


@pytest.mark.parametrize("origin", STRANGE)
def test_a_strange_origin_is_not_ours(origin: str) -> None:
    assert not origin_allowed(origin, HOST, {"https://friend.example"})


@pytest.mark.parametrize(
    "origin", [None, "https://chat.example:8000", "http://CHAT.example:8000", "https://friend.example"]
)
def test_ours_none_and_those_of_the_list_are(origin: str | None) -> None:
    assert origin_allowed(origin, HOST, {"https://friend.example"})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "[::1]",
        "[::1]:8000",
        "localhost:8000",
        "LOCALHOST",
        "app",
        "app:8000",
        "10.1.2.3:80",
    ],
)
def test_without_a_list_addresses_and_bare_names_are_ours(host: str) -> None:
    assert host_allowed(host, ())


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        ":8000",
        "evil.example",
        "evil.example:8000",
        "localhost.",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1:evil",
        "evil@127.0.0.1",
        "127.0.0.1, evil.example",
        "127.1.evil",
        "app:8000:8000",
        "loca lhost",
        "lокalhost",
    ],
)
def test_and_no_other_is(host: str | None) -> None:
    assert not host_allowed(host, ())


def test_with_a_list_only_those() -> None:
    hosts = {"chat.example", "other.example:8443"}
    given = ["chat.example", "Chat.Example:8000", "other.example:8443", "other.example", "127.0.0.1", "x.chat.example"]
    assert [host_allowed(host, hosts) for host in given] == [True, True, True, False, False, False]


@pytest.mark.parametrize(
    "query", [b"token=x", b"a=b&TOKEN=x", b"ticket", b"access-token=", b"%74oken=x", b"Authorization=x", b"invite=x"]
)
def test_a_secret_in_a_url_is_seen(query: bytes) -> None:
    assert secret_in({"query_string": query}) is not None


def test_other_parameters_are_not_secrets() -> None:
    assert secret_in({"query_string": b"after=1&limit=2&tokens=3&q=token"}) is None


def test_a_header_given_twice_is_neither_of_the_two() -> None:
    scope = {"headers": [(b"Host", b"localhost"), (b"host", b"evil.example")]}
    assert not host_allowed(header(scope, b"host"), ())
    assert header(scope, b"origin") is None


def test_the_service_refuses_what_comes_by_a_foreign_name_or_page(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            rebound = await house.http.get("/api/v1/info", headers={"Host": "evil.example"})
            assert (rebound.status_code, rebound.json()["error"]["field"]) == (403, "Host")
            for origin in ("https://evil.example", "null"):
                posted = await house.http.post("/api/v1/users", json={"name": "Ann"}, headers={"Origin": origin})
                assert (posted.status_code, posted.json()["error"]["field"]) == (403, "Origin")
            own = await house.http.post("/api/v1/users", json={"name": "Ann"}, headers={"Origin": house.url})
            assert own.status_code == 201

    asyncio.run(go())
