"""Classes: made, filled, and what is handed out, collected and given back in them."""

from __future__ import annotations

from typing import ClassVar

from ...model.classes import is_staff
from ...model.names import clean_path
from ...model.roster import read_roster
from ...service.handouts import HandoutView
from ..base import Access
from . import class_models as models
from . import group_models
from .groups import GroupHandler
from .operations import UPLOAD, operation


class ClassHandler(GroupHandler):
    """What the handlers about classes share."""

    async def shown(self, group_id: int, views: list[HandoutView]) -> list[dict[str, object]]:
        """Handouts as JSON, for a teacher or for a student."""
        mine = (await self.services.teaching.classes.one(self.principal, group_id)).mine
        users = {one.user for view in views for one in view.standings}
        people = {user: await self.services.share_views.person(user) for user in users}
        names = {user: person.display_name for user, person in people.items()}
        teaches = mine is not None and is_staff(mine.role)
        return [models.handout_json(view, names, self.say, teaches=teaches) for view in views]

    async def send_handout(self, group_id: str, view: HandoutView, status: int = 200) -> None:
        """Answer with a handout."""
        self.send((await self.shown(int(group_id), [view]))[0], status)


class ClassesHandler(ClassHandler):
    """The caller's classes, and new ones."""

    access: ClassVar[Access] = Access.USER

    @operation({200: group_models.Groups})
    async def get(self) -> None:
        """GET classes: {groups}, those that the caller is in, without members."""
        found = await self.services.teaching.classes.mine(self.principal)
        self.send({"groups": [group_models.group_json(view) for view in found]})

    @operation({201: group_models.Group}, body=models.NewClass, errors=(409,))
    async def post(self) -> None:
        """POST classes {name, about}: 201 with the class, whose teacher the caller is."""
        body = self.read(models.NewClass)
        classes = self.services.teaching.classes
        await self.send_group(await classes.create(self.principal, body.name, body.about), 201)


class RosterHandler(ClassHandler):
    """Who is in a class, from a file."""

    @operation({200: models.Enrolled}, body=UPLOAD, errors=(404, 409))
    async def post(self, group_id: str) -> None:
        """POST classes/ID/roster, the body a CSV file: {added, known, repeated}; all are added, or nobody."""
        roster = read_roster(self.request.body)
        done = await self.services.teaching.classes.enrol(self.principal, int(group_id), roster)
        self.send({"added": done.added, "known": done.known, "repeated": roster.repeated})


class HandoutsHandler(ClassHandler):
    """What was handed out in a class."""

    @operation({200: models.Handouts}, errors=(404,))
    async def get(self, group_id: str) -> None:
        """GET classes/ID/handouts: {handouts}, oldest first."""
        views = await self.services.teaching.handouts.listing(self.principal, int(group_id))
        self.send({"handouts": await self.shown(int(group_id), views)})

    @operation({201: models.Handout}, body=models.NewHandout, errors=(404, 409, 507))
    async def post(self, group_id: str) -> None:
        """POST classes/ID/handouts {path, mode: copy|read, deadline}: 201 with the handout."""
        body = self.read(models.NewHandout)
        view = await self.services.teaching.handouts.create(
            self.principal, int(group_id), clean_path(body.path), body.mode, body.deadline
        )
        await self.send_handout(group_id, view, 201)


class HandoutHandler(ClassHandler):
    """One handout."""

    @operation({200: models.Handout}, errors=(404,))
    async def get(self, group_id: str, handout_id: str) -> None:
        """GET classes/ID/handouts/ID: the handout."""
        handouts = self.services.teaching.handouts
        await self.send_handout(group_id, await handouts.one(self.principal, int(group_id), int(handout_id)))


class UpdateHandler(ClassHandler):
    """New versions."""

    @operation({200: models.Handout}, errors=(404, 409, 507))
    async def post(self, group_id: str, handout_id: str) -> None:
        """POST classes/ID/handouts/ID/update: hands out what lies there now; no student's work is lost."""
        updates = self.services.teaching.updates
        await self.send_handout(
            group_id, await updates.update(self.principal, int(group_id), int(handout_id))
        )


class DeadlineHandler(ClassHandler):
    """Until when something is to be done."""

    @operation({200: models.Handout}, body=models.Deadline, errors=(404,))
    async def put(self, group_id: str, handout_id: str) -> None:
        """PUT classes/ID/handouts/ID/deadline {deadline, user}: moves it, of all or of one student."""
        body = self.read(models.Deadline)
        view = await self.services.teaching.collecting.set_deadline(
            self.principal, int(group_id), int(handout_id), body.deadline, body.user or ""
        )
        await self.send_handout(group_id, view)


class SubmitHandler(ClassHandler):
    """Handing in."""

    @operation({200: models.Handout}, errors=(404, 507))
    async def post(self, group_id: str, handout_id: str) -> None:
        """POST classes/ID/handouts/ID/submit: hands in the caller's copy as it is now."""
        collecting = self.services.teaching.collecting
        await self.send_handout(
            group_id, await collecting.submit(self.principal, int(group_id), int(handout_id))
        )


class SubmissionsHandler(ClassHandler):
    """All that was collected."""

    @operation({200: models.Submissions}, errors=(404,))
    async def get(self, group_id: str, handout_id: str) -> None:
        """GET classes/ID/handouts/ID/submissions: {submissions}, oldest first; a student sees their own."""
        collecting = self.services.teaching.collecting
        found = await collecting.kept(self.principal, int(group_id), int(handout_id))
        self.send({"submissions": [models.kept_json(one) for one in found]})


class CollectHandler(ClassHandler):
    """Collecting."""

    @operation({200: models.Handout}, body=models.Collection, errors=(404, 507))
    async def post(self, group_id: str, handout_id: str) -> None:
        """POST classes/ID/handouts/ID/collect {users}: keeps what they have now."""
        users = self.read(models.Collection).users
        view = await self.services.teaching.collecting.collect(
            self.principal, int(group_id), int(handout_id), users
        )
        await self.send_handout(group_id, view)


class FeedbackHandler(ClassHandler):
    """Giving back."""

    @operation({200: models.Handout}, body=models.GivenBack, errors=(404, 409, 507))
    async def post(self, group_id: str, handout_id: str) -> None:
        """POST classes/ID/handouts/ID/feedback {user, mark, comment, path, submission}: for them only."""
        body = self.read(models.GivenBack)
        view = await self.services.teaching.collecting.give_back(
            self.principal,
            int(group_id),
            int(handout_id),
            body.user,
            mark=body.mark,
            comment=body.comment,
            path=clean_path(body.path) if body.path else None,
            submission=int(body.submission) if body.submission else None,
        )
        await self.send_handout(group_id, view)
