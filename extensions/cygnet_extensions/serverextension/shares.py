"""Shares: the same routes and shapes as the sync service's own."""

from __future__ import annotations

from typing import Any, get_args

from tornado.web import HTTPError

from cygnet_fs_bridge.models import Role, ShareKind
from cygnet_fs_bridge.providers import ShareRequest, ShareUpdate, View
from cygnet_fs_bridge.texts import said

from .base import CygnetHandler, guarded

_SETTINGS = ("role", "password", "expires", "note")
_CHOICES: dict[str, Any] = {"role": Role, "kind": ShareKind, "view": View}


class _ChangingHandler(CygnetHandler):
    def on_finish(self) -> None:
        """Let every page of this server know, not only the one that asked for the change."""
        if self.request.method != "GET":
            self.settings["cygnet_watch"].touch()
        super().on_finish()


class SharesHandler(_ChangingHandler):
    """`shares`: list and make."""

    @guarded
    async def get(self) -> None:
        """List the shares of one item, with the person, or by the person."""
        view: Any = checked({"view": self.get_query_argument("view", "item")})["view"]
        shares = await self.provider.list_shares(view, self.get_query_argument("path", None))
        self.answer({"shares": [share.to_json() for share in shares]})

    @guarded
    async def post(self) -> None:
        """Share an item with a person, a group, or whoever has a link."""
        wanted = checked(self.body("path", "kind", "grantee", *_SETTINGS), "path", "kind")
        share = await self.provider.create(ShareRequest(**wanted))
        self.answer(share.to_json(), 201)


class ShareHandler(_ChangingHandler):
    """`shares/ID`: change and take back."""

    @guarded
    async def patch(self, share_id: str) -> None:
        """Change role, password, last day or note."""
        share = await self.provider.update(share_id, ShareUpdate(**checked(self.body(*_SETTINGS))))
        self.answer(share.to_json())

    @guarded
    async def delete(self, share_id: str) -> None:
        """Take access away."""
        await self.provider.remove(share_id)
        self.set_status(204)


class AnswerHandler(_ChangingHandler):
    """`shares/ID/accept` and `shares/ID/decline`."""

    @guarded
    async def post(self, share_id: str, verb: str) -> None:
        """Accept or decline what somebody shares with the person."""
        await self.provider.answer(share_id, verb == "accept")
        self.set_status(204)


class CopyHandler(_ChangingHandler):
    """`shares/ID/copy`."""

    @guarded
    async def post(self, share_id: str) -> None:
        """Copy into a folder of the person's own."""
        destination = self.body("destination").get("destination", "/")
        self.answer((await self.provider.copy(share_id, destination)).to_json(), 201)


def checked(given: dict[str, str], *needed: str) -> dict[str, Any]:
    """Return `given` if `needed` are there and what has few values has one of them.

    Raises:
        HTTPError: 400, in words.
    """
    if missing := [key for key in needed if key not in given]:
        raise HTTPError(400, said("{name} is missing", name=missing[0]))
    for key, value in given.items():
        choices = get_args(_CHOICES.get(key))
        if choices and value not in choices:
            raise HTTPError(
                400, said("{name} has to be one of {choices}", name=key, choices=", ".join(choices))
            )
    return given
