"""Shares: the same routes and shapes as the sync service's own."""

from __future__ import annotations

from .base import CygnetHandler, guarded

_SETTINGS = ("role", "password", "expires", "note")


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
        shares = await self.client.shares(
            self.get_query_argument("view", "item"), self.get_query_argument("path", None)
        )
        self.answer({"shares": [share.to_json() for share in shares]})

    @guarded
    async def post(self) -> None:
        """Share an item with a person, a group, or whoever has a link."""
        share = await self.client.create_share(self.body("path", "kind", "grantee", *_SETTINGS))
        self.answer(share.to_json(), 201)


class ShareHandler(_ChangingHandler):
    """`shares/ID`: change and take back."""

    @guarded
    async def patch(self, share_id: str) -> None:
        """Change role, password, last day or note."""
        share = await self.client.update_share(share_id, self.body(*_SETTINGS))
        self.answer(share.to_json())

    @guarded
    async def delete(self, share_id: str) -> None:
        """Take access away."""
        await self.client.delete_share(share_id)
        self.set_status(204)


class AnswerHandler(_ChangingHandler):
    """`shares/ID/accept` and `shares/ID/decline`."""

    @guarded
    async def post(self, share_id: str, verb: str) -> None:
        """Accept or decline what somebody shares with the person."""
        await self.client.answer_share(share_id, verb == "accept")
        self.set_status(204)


class CopyHandler(_ChangingHandler):
    """`shares/ID/copy`."""

    @guarded
    async def post(self, share_id: str) -> None:
        """Copy into a folder of the person's own."""
        destination = str(self.body("destination").get("destination", "/"))
        self.answer((await self.client.copy_share(share_id, destination)).to_json(), 201)
