"""The seam behind sharing: what every sync service can do, by whatever protocol it does it.

A provider is found by its name among the entry points of the group `cygnet.share_providers`; each is called
with a `Caller` and gives a `ShareProvider`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Literal, Protocol

from .client.api import ApiClient
from .client.caller import Caller, with_query
from .errors import NotConfigured
from .models import Node, Person, Role, Share, ShareKind
from .transport import Request, Response

GROUP = "cygnet.share_providers"

View = Literal["item", "with-me", "by-me", "links"]
Part = Literal["files", "content", "preview"]


@dataclass(frozen=True)
class ShareRequest:
    """A share that is to be made; `grantee` is the id of a person or group, None for a link."""

    path: str
    kind: ShareKind
    grantee: str | None = None
    role: Role = "viewer"
    password: str | None = None
    expires: str | None = None
    note: str = ""


@dataclass(frozen=True)
class ShareUpdate:
    """What is to change in a share; None leaves it, an empty text takes a password or a date away."""

    role: Role | None = None
    password: str | None = None
    expires: str | None = None
    note: str | None = None


class ShareProvider(Protocol):
    """Sharing in one service, on behalf of one person. Every method raises ServiceError."""

    async def find_people(self, query: str) -> Sequence[Person]:
        """Return people and groups that match what somebody typed."""

    async def list_shares(self, view: View, path: str | None = None) -> Sequence[Share]:
        """Return the shares of an item, those with or by the person, or the person's links."""

    async def create(self, request: ShareRequest) -> Share:
        """Share an item."""

    async def update(self, share_id: str, change: ShareUpdate) -> Share:
        """Change a share."""

    async def remove(self, share_id: str) -> None:
        """Take a share back."""

    async def answer(self, share_id: str, accept: bool) -> None:
        """Accept or decline what somebody shares with the person."""

    async def copy(self, share_id: str, destination: str) -> Node:
        """Copy a shared item into a folder of the person, under a free name."""

    def look(self, share_id: str, part: Part, path: str) -> AbstractAsyncContextManager[Response]:
        """Open what somebody shares, before it is accepted.

        Args:
            share_id: of a share with the person.
            part: `files` for JSON of a file or of a folder and its children, `content` for the bytes of a
                file, `preview` for a notebook as a page.
            path: in what is shared, which is itself at `/`.
        """


class EmbeddedProvider:
    """The sync service of Cygnet.

    Args:
        caller: reaches the service.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller, self._api = caller, ApiClient(caller)

    async def find_people(self, query: str) -> Sequence[Person]:
        """Return people and groups that match what somebody typed."""
        return await self._api.people(query)

    async def list_shares(self, view: View, path: str | None = None) -> Sequence[Share]:
        """Return shares."""
        return await self._api.shares(view, path)

    async def create(self, request: ShareRequest) -> Share:
        """Share an item."""
        return await self._api.create_share(_given(request))

    async def update(self, share_id: str, change: ShareUpdate) -> Share:
        """Change a share."""
        return await self._api.update_share(share_id, _given(change))

    async def remove(self, share_id: str) -> None:
        """Take a share back."""
        await self._api.delete_share(share_id)

    async def answer(self, share_id: str, accept: bool) -> None:
        """Accept or decline what somebody shares with the person."""
        await self._api.answer_share(share_id, accept)

    async def copy(self, share_id: str, destination: str) -> Node:
        """Copy a shared item into a folder of the person, under a free name."""
        return await self._api.copy_share(share_id, destination)

    def look(self, share_id: str, part: Part, path: str) -> AbstractAsyncContextManager[Response]:
        """Open what somebody shares, before it is accepted."""
        target = with_query(f"api/v1/shares/{share_id}/{part}", {"path": path})
        return self._caller.open(Request("GET", target), path)


def _given(settings: ShareRequest | ShareUpdate) -> dict[str, str]:
    return {name: value for name, value in vars(settings).items() if value is not None}


def load(name: str, caller: Caller) -> ShareProvider:
    """Return the provider called `name`, for the service that `caller` reaches.

    Raises:
        NotConfigured: no installed distribution has one of this name.
    """
    found = entry_points(group=GROUP, name=name)
    if not found:
        known = ", ".join(sorted(point.name for point in entry_points(group=GROUP)))
        raise NotConfigured(f"There is no share provider {name!r}; there are: {known}")
    provider: ShareProvider = next(iter(found)).load()(caller)
    return provider
