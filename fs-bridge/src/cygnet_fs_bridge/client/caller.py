"""One way to call a service: signed, with typed errors, and patient while the service is away."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from .. import errors
from ..credentials import Credentials, Endpoint
from ..texts import served
from ..tls import Certificate
from ..transport import SILENCE, Body, HttpTransport, NeverSent, Request, Response, Transport

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "PROPFIND", "OPTIONS", "PROPPATCH"})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


def quote_path(path: str) -> str:
    """Return `path` percent-encoded, its slashes kept."""
    return quote(path.lstrip("/"), safe="/~!$'()*,;=:@")


class Caller:
    """Sends requests with the credential and turns bad answers into errors.

    Args:
        transport: what carries the requests.
        credentials: signs them; asked for a newer secret after a 401.
        patience: for how many seconds a request is tried again while the service is away; 0 tries once.
        client: name of this client, whose own changes the changes feed leaves out; several clients of one
            session share a credential.
    """

    def __init__(
        self, transport: Transport, credentials: Credentials, patience: float = 10.0, client: str = ""
    ) -> None:
        self.transport = transport
        self.credentials = credentials
        self.patience = patience
        self.client = client
        self._own = {"X-Cygnet-Client": client} if client else {}

    @classmethod
    def to(
        cls, endpoint: Endpoint, patience: float = 10.0, client: str = "", silence: float = SILENCE
    ) -> Caller:
        """Return a caller that reaches `endpoint` over the network.

        Args:
            endpoint: where, and as whom.
            patience: as of the caller.
            client: as of the caller.
            silence: longest time in seconds without a byte from the service before a request fails.
        """
        own = endpoint.credentials
        certificate = own if isinstance(own, Certificate) else None
        transport = HttpTransport(endpoint.url, silence=silence, certificate=certificate)
        return cls(transport, own, patience, client)

    async def close(self) -> None:
        """Close the transport."""
        await self.transport.close()

    @asynccontextmanager
    async def open(self, request: Request, path: str | None = None) -> AsyncIterator[Response]:
        """Send `request` and give the answer, whose body the caller reads.

        Args:
            request: what to send.
            path: what the request is about, for the error's words.

        Raises:
            ServiceError: the service refused, or stayed away longer than the caller's patience.
        """
        async with AsyncExitStack() as stack:
            yield await self._persist(stack, request, path)

    async def _persist(self, stack: AsyncExitStack, request: Request, path: str | None) -> Response:
        pause, deadline = _FIRST_PAUSE, asyncio.get_running_loop().time() + self.patience
        while True:
            try:
                return await self._signed(stack, request, path)
            except errors.Unavailable as error:
                if not self._may_repeat(request, error):
                    raise
                if asyncio.get_running_loop().time() + pause > deadline:
                    raise
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 no secret
            pause = min(2 * pause, _LONGEST_PAUSE)

    @staticmethod
    def _may_repeat(request: Request, error: errors.Unavailable) -> bool:
        # 503 and 502 come from a proxy or a service that did not begin; anything else may have been done.
        return isinstance(error, NeverSent) or error.status in (502, 503) or request.method in _IDEMPOTENT

    async def _signed(self, stack: AsyncExitStack, request: Request, path: str | None) -> Response:
        try:
            return await self._once(stack, request, path)
        except errors.NotLoggedIn:
            if not self.credentials.refresh():
                raise
        return await self._once(stack, request, path)

    async def _once(self, stack: AsyncExitStack, request: Request, path: str | None) -> Response:
        authorization = self.credentials.authorization()
        signed = {"Authorization": authorization} if authorization is not None else {}
        asked_for = {"Accept-Language": language} if (language := served()) else {}
        request = replace(request, headers={**request.headers, **self._own, **asked_for, **signed})
        response = await stack.enter_async_context(self.transport.send(request))
        if response.status < 300:
            return response
        body = await response.read()
        raise errors.from_response(response.status, body, path)

    async def call(
        self,
        method: str,
        target: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body = None,
        path: str | None = None,
    ) -> tuple[Mapping[str, str], bytes]:
        """Send a request and return headers and body of the answer; arguments and errors as in `open`."""
        request = Request(method, with_query(target, query), headers or {}, body)
        async with self.open(request, path) as response:
            return response.headers, await response.read()

    async def call_json(
        self,
        method: str,
        target: str,
        data: object = None,
        *,
        query: Mapping[str, str] | None = None,
        path: str = "",
    ) -> Any:
        """Send JSON and return the JSON of the answer, None if that is empty."""
        body = None if data is None else json.dumps(data).encode()
        headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body else {})
        _, answer = await self.call(
            method, target, query=query, headers=headers, body=body, path=path or None
        )
        try:
            return json.loads(answer) if answer else None
        except ValueError as error:
            raise errors.ServiceError(
                "The answer is not what a Cygnet service sends", path or None
            ) from error


def with_query(target: str, query: Mapping[str, str] | None) -> str:
    """Return `target` with `query` behind it."""
    return f"{target}?{urlencode(query, quote_via=quote)}" if query else target
