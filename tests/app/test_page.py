"""The page."""

import asyncio
from pathlib import Path

from tests.app.harness import served


def test_the_page_is_served_with_headers_that_bind_it_to_itself(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            for path in ("/", "/r/abc", "/r/abc/def", "/index.html"):
                response = await house.http.get(path)
                assert response.status_code == 200, path
                assert response.headers["content-type"].startswith("text/html")
                policy = response.headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "script-src 'self'" in policy
                assert "require-trusted-types-for 'script'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "unsafe" not in policy
                assert response.headers["x-content-type-options"] == "nosniff"
            script = await house.http.get("/app.js")
            assert "javascript" in script.headers["content-type"]
            assert "default-src 'none'" in script.headers["content-security-policy"]

    asyncio.run(go())


def test_nothing_beside_the_page_is_served(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            for path in (
                "/nothing.js",
                "/..%2fapp/main.py",
                "/%2e%2e/pyproject.toml",
                "/app/main.py",
                "/api/v1/nothing",
            ):
                response = await house.http.get(path)
                assert response.status_code == 404, path
                assert response.json()["error"]["code"] == "not_found"
            assert (await house.http.post("/")).status_code == 405

    asyncio.run(go())
