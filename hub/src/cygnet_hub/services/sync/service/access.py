"""The one place that says who may do what: every door asks `authorize`, none decides by itself.

Two things must both agree: what the credential is limited to (an app password to reading, a key to a folder,
a token of the grid to what it says), and the permissions that the person has on the node: all on one's own
files, on a shared one those of the share.
"""

from __future__ import annotations

import enum
from typing import Protocol

from cygnet_fs_bridge.texts import Text

from ..model.errors import Forbidden, Unauthorized
from ..model.names import child_path, is_inside
from ..model.node import Permission
from ..model.principal import Principal


class Action(enum.Enum):
    """What somebody wants to do with a node; the values are the words for "You are not allowed to ..."."""

    READ = Text("see this")
    LOOK = Text("see what is there")
    STAT = Text("see what this is")
    OVERWRITE = Text("change this")
    CREATE = Text("add anything here")
    CREATE_FOLDER = Text("add a folder here")
    DELETE = Text("delete this")
    MOVE = Text("move this away")
    RENAME = Text("rename this")
    PROPERTIES = Text("change the properties of this")
    LOCK = Text("lock this")
    SHARE = Text("share this")


#: For each action the scope that the credential must have, and the permissions that the person must have.
_NEEDS = {
    Action.READ: ("files:read", Permission.READ),
    Action.LOOK: ("files:read", Permission.READ),
    Action.STAT: ("files:read", Permission.READ),
    Action.OVERWRITE: ("files:write", Permission.UPDATE),
    Action.CREATE: ("files:write", Permission.CREATE),
    Action.CREATE_FOLDER: ("files:write", Permission.CREATE),
    Action.DELETE: ("files:write", Permission.DELETE),
    Action.MOVE: ("files:write", Permission.UPDATE | Permission.DELETE),
    Action.RENAME: ("files:write", Permission.UPDATE),
    Action.PROPERTIES: ("files:write", Permission.UPDATE),
    Action.LOCK: ("files:write", Permission.UPDATE),
    Action.SHARE: ("shares", Permission.SHARE),
}

#: What one may always do with the root of a share that one received: it changes one's own tree only.
_OWN_MOUNT = frozenset({Action.DELETE, Action.MOVE, Action.RENAME})


class Location(Protocol):
    """What `authorize` needs to know of a node, as seen by the principal."""

    @property
    def permissions(self) -> Permission:
        """What the person may do with the node."""
        ...

    @property
    def mounted(self) -> bool:
        """Whether the node is the root of a share that the person received."""
        ...

    @property
    def path(self) -> str:
        """Where it is in the principal's tree."""
        ...

    @property
    def node_id(self) -> int | None:
        """Its id; None for a folder that exists in this view only."""
        ...


def actions_of(scopes: frozenset[str]) -> set[Action]:
    """What a credential with these scopes may be used for."""
    return {action for action, (scope, _) in _NEEDS.items() if scope in scopes}


def require_scope(principal: Principal, scope: str) -> None:
    """Raise unless the principal's credential may be used for `scope` (one of ALL_SCOPES).

    Raises:
        Unauthorized: nobody has said who they are.
        Forbidden: the credential is limited to other things.
    """
    if scope in principal.scopes:
        return
    if principal.kind == "anonymous":
        raise Unauthorized("Please log in.")
    raise Forbidden("This password or token is not allowed to do that.")


def require_upload(principal: Principal, target: str, scope: str = "files:write") -> None:
    """Raise unless the principal may have to do with an upload in parts; the end of it asks `authorize`.

    Args:
        target: path of the file that it is to become; empty when that is not said yet.
        scope: that a credential without places of its own must have.

    Raises:
        Forbidden: a token is good for places, and this one is not, or is not known.
    """
    if principal.grants is None:
        require_scope(principal, scope)
    elif not target:
        raise Forbidden("With a token an upload in parts must say what it is to become when it begins.")
    else:
        _require_grant(principal, Action.CREATE, target)


def require_reach(principal: Principal, path: str) -> None:
    """Raise unless the principal's credential is good for what is, or could be, at `path` in their tree.

    Raises:
        Forbidden: the credential is limited to another folder.
    """
    if not principal.reaches(path):
        raise Forbidden("This key is limited to another folder.")


def require_sight(principal: Principal, path: str) -> None:
    """Raise if a token is good neither for `path`, nor for anything in it, nor for a folder that it is in.

    So a token does not tell, by the kind of refusal, what there is elsewhere.

    Raises:
        Forbidden: the token is for other places.
    """
    grants = principal.grants
    if grants is not None and not any(one.covers(path) or is_inside(one.folder, path) for one in grants):
        raise Forbidden("This token is for another place.")


def _require_grant(principal: Principal, action: Action, path: str) -> None:
    for grant in principal.grants or ():
        if action.name in grant.actions and grant.covers(path):
            return
        if action.name in grant.above and is_inside(grant.folder, path):
            return
    raise Forbidden("This token does not allow you to {action}.", action=action.value)


def authorize(principal: Principal, action: Action, location: Location, name: str = "") -> None:
    """Raise unless `principal` may do `action` with the node at `location`.

    Args:
        name: of what is to be made in `location`, for CREATE and CREATE_FOLDER; a token may be good for a
            single new file.

    Raises:
        Unauthorized: nobody has said who they are.
        Forbidden: what the credential is limited to or the permissions on the node do not allow it.
    """
    principal.note(action.name.lower(), location.path, location.node_id)
    scope, needed = _NEEDS[action]
    if principal.grants is not None:
        _require_grant(principal, action, child_path(location.path, name) if name else location.path)
    else:
        require_scope(principal, scope)
        require_reach(principal, location.path)
    if location.mounted and action in _OWN_MOUNT and principal.kind == "user":
        return
    if needed not in location.permissions:
        raise Forbidden("You are not allowed to {action}.", action=action.value)
