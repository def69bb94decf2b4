"""A transport that needs no network: it answers as a test says, and remembers what was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cygnet_fs_bridge.transport import Request


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    async def read(self) -> bytes:
        return self.body

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.body), 7):
            yield self.body[start : start + 7]


def told(status: int, code: str = "x", message: str = "words") -> Answer:
    return Answer(status, json.dumps({"error": {"code": code, "message": message}}).encode())


class ScriptedTransport:
    """Gives the answers in their order; an exception is raised, a function is called with the request."""

    def __init__(self, *answers: Answer | Exception | Callable[[Request], Answer]) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Answer]:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        yield answer(request) if callable(answer) else answer

    async def close(self) -> None:
        return
