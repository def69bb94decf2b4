"""People and groups to share with, and the person's own account."""

from __future__ import annotations

from .base import CygnetHandler, guarded


class PeopleHandler(CygnetHandler):
    """`people`."""

    @guarded
    async def get(self) -> None:
        """Find people and groups by what was typed so far."""
        people = await self.client.people(self.get_query_argument("q", ""))
        self.answer({"people": [person.to_json() for person in people]})


class MeHandler(CygnetHandler):
    """`me`."""

    @guarded
    async def get(self) -> None:
        """Say who the person is, and how much room is left."""
        self.answer((await self.client.me()).to_json())
