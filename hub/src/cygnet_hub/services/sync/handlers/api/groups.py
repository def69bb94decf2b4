"""Groups of people: made, joined and left."""

from __future__ import annotations

from typing import ClassVar, get_args

from ...model.errors import BadRequest
from ...service.groups import GroupView
from ..base import Access
from . import group_models as models
from .base import ApiHandler
from .operations import Parameter, operation

VIEW = Parameter(
    "view",
    "the caller's own, or those that everybody may find",
    {"type": "string", "enum": list(get_args(models.View)), "default": "mine"},
)


class GroupHandler(ApiHandler):
    """What the handlers about groups share."""

    access: ClassVar[Access] = Access.USER

    async def send_group(self, view: GroupView, status: int = 200) -> None:
        """Answer with a group and the members whom the caller may see."""
        people = {one.user: await self.services.share_views.person(one.user) for one in view.members}
        self.send(models.group_json(view, {k: v.display_name for k, v in people.items()}), status)

    async def send_after(self, group_id: str) -> None:
        """Answer with a group as it is now."""
        await self.send_group(await self.services.teaching.groups.one(self.principal, int(group_id)))


class GroupsHandler(GroupHandler):
    """Lists of groups, and new ones."""

    @operation({200: models.Groups}, parameters=(VIEW,))
    async def get(self) -> None:
        """GET groups?view=mine|everyone: {groups}, without members."""
        which, groups = self.argument("view", "mine"), self.services.teaching.groups
        if which not in get_args(models.View):
            raise BadRequest('"view" must be one of {names}.', names=", ".join(get_args(models.View)))
        found = await (groups.mine if which == "mine" else groups.public)(self.principal)
        self.send({"groups": [models.group_json(view) for view in found]})

    @operation({201: models.Group}, body=models.NewGroup, errors=(409,))
    async def post(self) -> None:
        """POST groups {name, about, visibility, members_visible, joining, fields}: 201 with the group."""
        body = self.read(models.NewGroup)
        made = await self.services.teaching.groups.create(self.principal, body.name, body.policies())
        await self.send_group(made, 201)


class OneGroupHandler(GroupHandler):
    """One group."""

    @operation({200: models.Group}, errors=(404,))
    async def get(self, group_id: str) -> None:
        """GET groups/ID: the group with the members whom the caller may see."""
        await self.send_after(group_id)

    @operation({200: models.Group}, body=models.GroupPolicies, errors=(404,))
    async def patch(self, group_id: str) -> None:
        """PATCH groups/ID {about, visibility, members_visible, joining, fields}: for its admins."""
        body = self.read(models.GroupPolicies)
        groups = self.services.teaching.groups
        await self.send_group(await groups.change(self.principal, int(group_id), body.policies()))

    @operation({204: None}, errors=(404,))
    async def delete(self, group_id: str) -> None:
        """DELETE groups/ID: ends it, for its admins; everybody loses what it gave them."""
        await self.services.teaching.groups.remove(self.principal, int(group_id))
        self.set_status(204)


class GroupCodeHandler(GroupHandler):
    """The code by which a group is joined."""

    @operation({200: models.Group}, errors=(404,))
    async def post(self, group_id: str) -> None:
        """POST groups/ID/code: takes the code back and makes another."""
        groups = self.services.teaching.groups
        await self.send_group(await groups.new_code(self.principal, int(group_id)))


class JoinHandler(GroupHandler):
    """Joining by a code."""

    @operation({200: models.Group}, body=models.JoinCode, errors=(404, 409))
    async def post(self) -> None:
        """POST groups/join {code}: the group that the caller is in now."""
        code = self.read(models.JoinCode).code
        await self.send_group(await self.services.teaching.groups.join(self.principal, code))


class AnswerHandler(GroupHandler):
    """An invitation's answer."""

    @operation({204: None}, errors=(404, 409))
    async def post(self, group_id: str, verb: str) -> None:
        """POST groups/ID/accept or groups/ID/decline: answers an invitation."""
        groups = self.services.teaching.groups
        await groups.answer(self.principal, int(group_id), accept=verb == "accept")
        self.set_status(204)


class RequestHandler(GroupHandler):
    """Asking to be let in."""

    @operation({200: models.Group}, body=models.JoinRequest, errors=(404, 409))
    async def post(self, group_id: str) -> None:
        """POST groups/ID/request {answers}: asks to be let in."""
        answers = self.read(models.JoinRequest).answers
        await self.services.teaching.groups.request(self.principal, int(group_id), answers)
        await self.send_after(group_id)


class MembersHandler(GroupHandler):
    """Who is in a group."""

    @operation({200: models.Group}, body=models.Invitation, errors=(404, 409))
    async def post(self, group_id: str) -> None:
        """POST groups/ID/members {users, role}: invites; who asked to be let in is."""
        body = self.read(models.Invitation)
        groups = self.services.teaching.groups
        await self.send_group(await groups.invite(self.principal, int(group_id), body.users, body.role))


class MemberHandler(GroupHandler):
    """Somebody in a group."""

    @operation({200: models.Group}, body=models.NewRole, errors=(404, 409))
    async def patch(self, group_id: str, user: str) -> None:
        """PATCH groups/ID/members/NAME {role}: for the group's admins."""
        role = self.read(models.NewRole).role
        groups = self.services.teaching.groups
        await self.send_group(await groups.set_role(self.principal, int(group_id), user, role))

    @operation({204: None}, errors=(404, 409))
    async def delete(self, group_id: str, user: str) -> None:
        """DELETE groups/ID/members/NAME: removes somebody, or leaves; it counts at once."""
        await self.services.teaching.groups.take_out(self.principal, int(group_id), user)
        self.set_status(204)


class DecisionHandler(GroupHandler):
    """What becomes of a request."""

    @operation({200: models.Group}, errors=(404, 409))
    async def post(self, group_id: str, user: str, verb: str) -> None:
        """POST groups/ID/members/NAME/approve or .../reject: answers a request to join."""
        groups = self.services.teaching.groups
        await groups.decide(self.principal, int(group_id), user, approve=verb == "approve")
        await self.send_after(group_id)
