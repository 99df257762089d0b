"""Says hello in a room of its own and prints what comes: ten lines, nothing of Aside imported, only the public wire.

python examples/ten_lines.py [http://127.0.0.1:8000]
"""

import json
import sys

import httpx
from websockets.sync.client import connect

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
me = httpx.post(f"{url}/api/v1/users", json={"name": "Ann"}).raise_for_status().json()
auth = {"Authorization": f"Bearer {me['token']}"}
room = httpx.post(f"{url}/api/v1/rooms", json={"name": "Kitchen"}, headers=auth).raise_for_status().json()["id"]
with connect(f"ws{url.removeprefix('http')}/ws") as ws:
    ws.send(json.dumps({"type": "hello", "token": me["token"], "rooms": [{"room": room}]}))
    ws.send(
        json.dumps({"type": "send", "room": room, "client_id": "1", "text": "Hello! What goes well with leeks, Aside?"})
    )
    for frame in map(json.loads, ws):
        if frame["type"] == "message":
            print(f"{frame['message']['author']['name']}: {frame['message']['text']}", flush=True)
