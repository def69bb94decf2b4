"""What the handlers of the JSON API share: bodies, arguments, answers."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from cygnet_fs_bridge import models as wire

from ...model.conditions import Conditions, parse_etags
from ...model.errors import BadRequest, InvalidName, TooLarge
from ...model.names import clean_path
from ...model.node import Node
from ..base import MAX_SMALL_BODY, BaseHandler
from .operations import Request, read


class ApiHandler(BaseHandler):
    """A JSON door; the Files site's login counts, with its header where something changes."""

    cookie_login: ClassVar[bool] = True

    def challenge(self) -> None:
        """Ask for credentials, but not in a way that makes browsers open their own dialog."""
        tried_basic = self.request.headers.get("Authorization", "").lower().startswith("basic")
        self.set_header("WWW-Authenticate", f'{"Basic" if tried_basic else "Bearer"} realm="Cygnet"')

    def send(self, data: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))

    def argument(self, name: str, default: str = "") -> str:
        """The last value of a query argument, exactly as it was sent.

        Raises:
            InvalidName: it is not UTF-8.
        """
        values = self.request.query_arguments.get(name)
        return _decode(values[-1]) if values else default

    def arguments_of(self, name: str) -> list[str]:
        """All values of a query argument, exactly as they were sent."""
        return [_decode(value) for value in self.request.query_arguments.get(name, [])]

    def path_argument(self, default: str = "/") -> str:
        """The canonical path in the argument `path`.

        Raises:
            InvalidName: it is none.
        """
        return clean_path(self.argument("path", default))

    def number_argument(self, name: str, default: int, largest: int) -> int:
        """A whole number from 0 to `largest` in a query argument; larger ones are cut.

        Raises:
            BadRequest: it is no number.
        """
        text = self.argument(name)
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 20):
            raise BadRequest('"{name}" must be a whole number.', name=name)
        return min(int(text), largest)

    def conditions(self) -> Conditions:
        """What If-Match and If-None-Match demand (RFC 9110)."""
        return Conditions(
            parse_etags(self.request.headers.get("If-Match")),
            parse_etags(self.request.headers.get("If-None-Match")),
        )

    def _object(self) -> dict[str, Any]:
        if len(self.request.body) > MAX_SMALL_BODY:
            raise TooLarge("This request is too large.")
        try:
            data = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError):
            raise BadRequest("The request is not JSON.") from None
        if not isinstance(data, dict):
            raise BadRequest("The request must be a JSON object.")
        return data

    def read(self, model: type[Request]) -> Request:
        """The request's JSON object, which the method's `operation` declares.

        Raises:
            BadRequest: it is none, or does not fit.
            TooLarge: over 1 MiB.
        """
        return read(model, self._object())

    async def node(self, node: Node) -> dict[str, Any]:
        """A node as JSON."""
        return (await self.nodes([node]))[0]

    async def nodes(self, nodes: list[Node]) -> list[dict[str, Any]]:
        """Nodes as JSON."""
        owners = {name: await self.owner(name) for name in {node.owner for node in nodes}}
        return [wire_node(node, owners[node.owner]).to_json() for node in nodes]

    async def owner(self, name: str) -> wire.Owner:
        """A person as the owner of something."""
        person = await self.services.share_views.person(name)
        return wire.Owner(person.name, person.display_name)


class Body:
    """The JSON object that a request brought, read with types.

    Args:
        data: the object.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def text(self, key: str, default: str | None = None) -> str:
        """A text.

        Raises:
            BadRequest: it is missing and there is no default, or is no text.
        """
        value = self._data.get(key)
        value = default if value is None else value
        if not isinstance(value, str):
            raise BadRequest('"{key}" must be a text.', key=key)
        return value

    def optional_text(self, key: str) -> str | None:
        """A text, or None when the key is not there; null counts as an empty text.

        Raises:
            BadRequest: it is neither.
        """
        return None if key not in self._data else self.text(key, "")

    def path(self, key: str) -> str:
        """A canonical path.

        Raises:
            BadRequest: it is missing.
            InvalidName: it is none.
        """
        return clean_path(self.text(key))

    def number(self, key: str, default: float) -> float:
        """A number.

        Raises:
            BadRequest: it is none.
        """
        value = self._data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadRequest('"{key}" must be a number.', key=key)
        return float(value)


def wire_node(node: Node, owner: wire.Owner) -> wire.Node:
    """A node as the wire models have it."""
    return wire.Node(
        id=str(node.id),
        name=node.name,
        path=node.path,
        kind=node.kind,
        size=node.size,
        mtime=node.mtime,
        etag=node.etag,
        permissions=node.letters,
        mime=node.mime,
        share_types=node.share_types,
        owner=owner,
        children_count=node.children_count,
    )


def _decode(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidName("The address holds a name that is not valid UTF-8.") from None
