"""A real kernel of a person's running server, driven as the page in the browser does."""

from __future__ import annotations

import asyncio
import uuid

import aiohttp

from tests.spawner.small_hub import Person

LIMIT = 120.0


def in_kernel(person: Person, code: str, path: str = "") -> str:
    """Run `code` in a new kernel, beginning in the folder of `path`; return what it printed.

    An error in the code fails the test with its traceback.
    """
    model = person.server("POST", "api/kernels", json={"name": "python3", "path": path}).json()
    try:
        return asyncio.run(asyncio.wait_for(_run(person, model["id"], code), LIMIT))
    finally:
        person.server("DELETE", f"api/kernels/{model['id']}")


async def _run(person: Person, kernel: str, code: str) -> str:
    cookies = "; ".join(f"{c.name}={c.value}" for c in person.browser.cookies if c.path != "/hub/")
    url = f"{person.url}/user/{person.name}/api/kernels/{kernel}/channels"
    message = {
        "header": {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False},
        "channel": "shell",
    }
    printed = ""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers={"Cookie": cookies}) as socket,
    ):
        await socket.send_json(message)
        while True:
            told = await socket.receive_json()
            if told.get("parent_header", {}).get("msg_id") != message["header"]["msg_id"]:
                continue
            if told["msg_type"] == "stream":
                printed += told["content"]["text"]
            elif told["msg_type"] == "error":
                raise AssertionError("\n".join([*told["content"]["traceback"], told["content"]["evalue"]]))
            elif told["msg_type"] == "status" and told["content"]["execution_state"] == "idle":
                return printed
