"""What the inboxes are told, in the transaction of what happens."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ..model.classes import WORK
from ..model.names import CLASSES, join_path
from ..model.notices import Facts, Kind, News
from ..store import notices as store
from ..store.groups import GroupRow
from ..store.handouts import HandoutRow


def share_subject(share_id: int) -> str:
    """What notices of a share are about."""
    return f"share:{share_id}"


def shared(
    connection: Connection,
    members: Iterable[str],
    *,
    share_id: int,
    who: str,
    name: str,
    note: str,
    now: float,
) -> None:
    """Something was shared with people."""
    facts = Facts(who=who, item=name, share=str(share_id), words=note)
    store.put(connection, members, News("share", share_subject(share_id), facts), now)


def share_ended(connection: Connection, share_ids: Iterable[int]) -> None:
    """Shares were taken back: there is nothing to answer any more."""
    for share_id in share_ids:
        store.forget(connection, share_subject(share_id))


def share_answered(connection: Connection, user: str, share_id: int) -> None:
    """Somebody has accepted or declined a share."""
    store.settle(connection, user, share_subject(share_id))


def invited(connection: Connection, group: GroupRow, user: str, who: str, now: float) -> None:
    """Somebody was invited to a group."""
    facts = Facts(who=who, group=group.name, group_id=str(group.id))
    store.put(connection, [user], News("invitation", _invitation(group.id), facts), now)


def invitation_answered(connection: Connection, group_id: int, user: str) -> None:
    """Somebody is in a group now, or did not want to be."""
    store.forget(connection, _invitation(group_id), [user])


def _invitation(group_id: int) -> str:
    return f"invitation:{group_id}"


def of_handout(
    connection: Connection,
    users: Iterable[str],
    kind: Kind,
    group: GroupRow,
    handout: HandoutRow,
    *,
    now: float,
    who: str = "",
    moment: float | None = None,
    words: str = "",
) -> None:
    """Something about a handout; the newest word of each kind counts."""
    copied = handout.mode == "copy" and kind != "collected"  # which is for the teacher
    path = join_path(CLASSES, group.name, WORK, handout.name) if copied else ""
    facts = Facts(
        who=who,
        item=handout.name,
        group=group.name,
        path=path,
        group_id=str(group.id),
        handout=str(handout.id),
        moment=moment,
        words=words,
    )
    store.put(connection, users, News(kind, f"{kind}:{handout.id}", facts), now)
