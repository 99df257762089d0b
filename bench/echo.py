"""A websocket app that gives back what it gets, behind the server that serves `/ws`: what Autobahn's cases want to talk to."""

import socket
from typing import Any

import uvicorn

from app.websocket import Websocket


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(
            echo, loop="uvloop", ws=Websocket, ws_max_size=64 * 1024 * 1024, ws_per_message_deflate=False, lifespan="off",
            log_level="critical",
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
