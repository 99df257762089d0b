"""Three app processes behind the proxy of docker-compose.scale.yml: members of one room wherever the proxy sends them."""

import asyncio
import contextlib
import shutil
import tempfile
from itertools import repeat
from pathlib import Path

import pytest

from app.client import Client, register
from app.frames import MessageEvent
from bench.victims import App, Database, Redis, Victim, free_port, installed

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"


class Proxy(Victim):
    """nginx with the shipped configuration; only where it listens and finds the apps is this machine's."""

    def __init__(self, folder: Path, apps: list[App]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        servers = "".join(f"server {app.url.removeprefix('http://')};" for app in apps)
        shipped = CONFIG.read_text(encoding="utf-8")
        ours = shipped.replace("listen 8000", f"listen 127.0.0.1:{self.port}").replace("http://app:8000", "http://apps")
        assert ours.count(str(self.port)) == ours.count("http://apps") == 1
        ours = ours.replace("http {", f"http {{ upstream apps {{ {servers} }}", 1)
        # What it writes stays in the folder, and it needs no rights.
        lines = [f"pid {folder}/nginx.pid;", "daemon off;", "master_process off;", "error_log stderr;", ours]
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
            lines[-1] = lines[-1].replace("http {", f"http {{ {kind}_temp_path {folder}/{kind};", 1)
        (folder / "nginx.conf").write_text("\n".join(lines), encoding="utf-8")
        super().__init__(folder, ["nginx", "-c", str(folder / "nginx.conf"), "-e", "stderr"])

    def answers(self) -> None:
        self.listening(self.port)


async def heard(client: Client, n: int) -> list[str]:
    texts: list[str] = []
    async with asyncio.timeout(60):
        async for event in client.events():
            if isinstance(event, MessageEvent):
                texts.append(event.message.text)
                if len(texts) == n:
                    break
    return texts


def test_a_room_of_members_on_different_processes_outlives_one_of_them() -> None:
    if not installed() or shutil.which("nginx") is None:
        pytest.skip("no PostgreSQL in /usr/lib/postgresql, or no redis-server or nginx in PATH")

    async def go(url: str, apps: list[App]) -> None:
        async with contextlib.AsyncExitStack() as stack:
            clients = []
            for i in range(3):
                user = await register(url, f"Person {i}")
                client = Client(url, user.token, delays=lambda: iter(repeat(0.2)))  # type: ignore[arg-type]
                clients.append(await stack.enter_async_context(client))
            room = (await clients[0].create_room("Tea", None)).id
            invite = await clients[0].invite(room)
            for client in clients[1:]:
                await client.join(room, invite)
            for i, client in enumerate(clients):
                await client.send(room, f"before {i}")
            await asyncio.to_thread(apps[0].kill)
            for i, client in enumerate(clients):
                await client.send(room, f"after {i}")
            wanted = [f"before {i}" for i in range(3)] + [f"after {i}" for i in range(3)]
            for client in clients:
                assert await heard(client, 6) == wanted

    with contextlib.ExitStack() as stack:
        # Not pytest's: PostgreSQL's own user cannot reach that.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aside-proxy-")))
        database = stack.enter_context(Database(folder))
        redis = stack.enter_context(Redis(folder))
        apps = [stack.enter_context(App(database.url, redis.url, folder)) for _ in range(3)]
        proxy = stack.enter_context(Proxy(folder, apps))
        asyncio.run(go(proxy.url, apps))
