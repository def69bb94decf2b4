"""People and groups to share with."""

from __future__ import annotations

from .base import CygnetHandler, guarded


class PeopleHandler(CygnetHandler):
    """`people`."""

    @guarded
    async def get(self) -> None:
        """Find people and groups by what was typed so far."""
        people = await self.provider.find_people(self.get_query_argument("q", ""))
        self.answer({"people": [person.to_json() for person in people]})
