"""The commit path: every change of the tree, each a function that runs inside the writer's transaction.

Contents are durable before any of these runs. Each re-checks conditions, locks, permission and quota against
the state it is about to change, changes it, tells every ancestor, and writes a row of the journal.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from ..model.conditions import Conditions
from ..model.errors import Conflict, Forbidden, MethodNotAllowed, QuotaExceeded
from ..model.names import base_name, check_name, child_path, parent_path
from ..model.node import Content
from ..store import journal, locks, nodes, spaces, versions
from ..store.schema import share, share_answer, trash
from .access import Action, authorize
from .guard import check_conditions, check_entry_locks, check_locks, check_tree_locks, locks_below, locks_over
from .view import Location, View


@dataclass(frozen=True)
class Change:
    """What a commit did: where the node is now, whether it is new there, and, if known already, the node."""

    path: str
    created: bool
    here: Location | None = None


def put_file(
    view: View,
    path: str,
    content: Content,
    *,
    mtime: float | None,
    conditions: Conditions,
    target: str | None = None,
) -> Change:
    """Make `content` the file at `path`: a new file, or a new version of the one that is there.

    Args:
        target: the path that untagged conditions are about, when it is not `path` itself.
    """
    check_conditions(view, conditions, target or path)
    parent = view.parent(path)
    here = view.child(parent, base_name(path))
    stamp = view.now if mtime is None else mtime
    if here is None:
        made = new_file(view, parent, base_name(path), content, stamp, conditions)
        return Change(path, True, _placed(view, parent, path, made))
    _check_overwrite(view, here, conditions)
    check_room(view, here.row.space, content.size - here.row.size, creates=False)
    replace(view, here, versions.add_manifest(view.connection, content), content.size, stamp)
    return Change(path, False, _again(view, here))


def _placed(view: View, parent: Location, path: str, node_id: int) -> Location:
    """A node that has just been added to a folder."""
    row = nodes.get(view.connection, node_id)
    chain = (*parent.chain, row) if row else parent.chain
    return Location(path, chain, parent.inside, parent.owner, parent.mount)


def _again(view: View, here: Location) -> Location:
    """A node after it was changed."""
    row = nodes.get(view.connection, here.row.id)
    return dataclasses.replace(here, chain=(*here.chain[:-1], row or here.row))


def check_put(view: View, path: str, size: int, conditions: Conditions) -> None:
    """Refuse what `put_file` would refuse, as far as that can be known before the body has come."""
    check_conditions(view, conditions, path)
    parent = view.parent(path)
    here = view.child(parent, base_name(path))
    if here is None:
        check_new(view, parent, base_name(path), conditions)
        check_room(view, parent.row.space, size, creates=True)
        return
    _check_overwrite(view, here, conditions)
    check_room(view, here.row.space, size - here.row.size, creates=False)


def _check_overwrite(view: View, here: Location, conditions: Conditions) -> None:
    if here.folder:
        raise MethodNotAllowed(
            '"{name}" is a folder; a file cannot take its place.', name=base_name(here.path)
        )
    authorize(view.principal, Action.OVERWRITE, here)
    check_locks(view, locks_over(view, here), conditions)


def new_file(
    view: View, parent: Location, name: str, content: Content, mtime: float, conditions: Conditions
) -> int:
    """Add a file to a folder and return its id."""
    check_new(view, parent, name, conditions)
    check_room(view, parent.row.space, content.size, creates=True)
    manifest = versions.add_manifest(view.connection, content)
    return insert_file(view, parent, name, manifest, content.size, mtime)


def insert_file(view: View, parent: Location, name: str, manifest: int, size: int, mtime: float) -> int:
    """Add a file that was already checked, and return its id."""
    space = parent.row.space
    seq = spaces.next_seq(view.connection, space, size)
    node_id = nodes.add(view.connection, parent.row, name, folder=False, mtime=mtime, now=view.now, seq=seq)
    version = versions.add_version(
        view.connection, node_id, manifest, size, mtime, view.now, view.principal.name
    )
    nodes.set_version(view.connection, node_id, version, size, mtime, seq)
    nodes.set_mtime(view.connection, parent.row.id, view.now)
    record(view, "put", parent, node_id, name, folder=False, seq=seq, growth=size)
    return node_id


def replace(view: View, here: Location, manifest: int, size: int, mtime: float) -> None:
    """Give a file new contents; the old ones stay as a version."""
    row = here.row
    seq = spaces.next_seq(view.connection, row.space, size)
    author = view.principal.name
    version = versions.add_version(view.connection, row.id, manifest, size, mtime, view.now, author)
    nodes.set_version(view.connection, row.id, version, size, mtime, seq)
    touch(view, "put", here, seq, size - row.size)


def touch(view: View, op: str, here: Location, seq: int, growth: int = 0) -> None:
    """Tell the ancestors of `here`, and the journal, of a change to it."""
    above = [row.id for row in here.chain[:-1]]
    nodes.propagate(view.connection, above, seq, growth)
    journal.append(
        view.connection,
        space=here.row.space,
        seq=seq,
        op=op,
        node=here.row.id,
        folder=here.row.folder,
        path=here.space_path,
        lineage=here.lineage,
        actor=view.principal.name,
        credential=view.principal.credential_id,
        now=view.now,
    )


def record(
    view: View,
    op: str,
    parent: Location,
    node_id: int,
    name: str,
    *,
    folder: bool,
    seq: int,
    growth: int,
    old: Location | None = None,
) -> None:
    """`touch` for a node that has just come to `parent`."""
    view.principal.note(op, child_path(parent.path, name), node_id)
    nodes.propagate(view.connection, [row.id for row in parent.chain], seq, growth)
    base = parent.space_path.rstrip("/")
    journal.append(
        view.connection,
        space=parent.row.space,
        seq=seq,
        op=op,
        node=node_id,
        folder=folder,
        path=f"{base}/{name}",
        lineage=f"{parent.lineage}{node_id}/",
        actor=view.principal.name,
        credential=view.principal.credential_id,
        now=view.now,
        old_path=old.space_path if old else None,
        old_lineage=old.lineage if old else None,
    )


def make_folder(view: View, path: str, conditions: Conditions, mtime: float | None = None) -> Change:
    """Add an empty folder."""
    check_conditions(view, conditions, path)
    if view.lookup(path) is not None:
        raise MethodNotAllowed('"{name}" exists already.', name=base_name(path) or "/")
    parent = view.parent(path)
    check_new(view, parent, base_name(path), conditions, Action.CREATE_FOLDER)
    check_room(view, parent.row.space, 0, creates=True)
    insert_folder(view, parent, base_name(path), view.now if mtime is None else mtime)
    return Change(path, created=True)


def insert_folder(view: View, parent: Location, name: str, mtime: float) -> int:
    """Add a folder that was already checked, and return its id."""
    space = parent.row.space
    seq = spaces.next_seq(view.connection, space)
    node_id = nodes.add(view.connection, parent.row, name, folder=True, mtime=mtime, now=view.now, seq=seq)
    nodes.set_mtime(view.connection, parent.row.id, view.now)
    record(view, "mkdir", parent, node_id, name, folder=True, seq=seq, growth=0)
    return node_id


def check_new(
    view: View, parent: Location, name: str, conditions: Conditions, action: Action = Action.CREATE
) -> None:
    """Whether something called `name` may be added to a folder; `action` says whether it is a folder."""
    check_entry(view, parent, name, action)
    check_entry_locks(view, parent, conditions)


def check_entry(view: View, parent: Location, name: str, action: Action = Action.CREATE) -> None:
    """`check_new` without a look at locks, which are those of the folder."""
    check_name(name)
    authorize(view.principal, action, parent, name)
    if view.is_reserved(parent, name):
        raise Forbidden('The name "{name}" is kept here for what others share with you.', name=name)
    if parent.virtual:
        raise Forbidden("Nothing can be added here; it shows what others share with you.")


def check_room(view: View, space_id: int, growth: int, *, creates: bool) -> None:
    """Whether a space has room for `growth` bytes more.

    Raises:
        QuotaExceeded: it has not; a full space takes no new entries, not even empty ones.
    """
    space = spaces.get(view.connection, space_id)
    if space.quota is None or (growth <= 0 and not creates):
        return
    root = nodes.get(view.connection, space.root)
    free = space.quota - (root.size if root else 0)
    if growth > free or free <= 0:
        raise QuotaExceeded(
            "There is not enough room: {free} of {quota} bytes are free.",
            free=max(free, 0),
            quota=space.quota,
        )


def check_room_at(view: View, path: str, size: int) -> None:
    """Whether a file of `size` bytes has room at `path`.

    Raises:
        Conflict: there is no folder for it. QuotaExceeded: see `check_room`.
    """
    parent = view.parent(path)
    here = view.child(parent, base_name(path))
    if here is None or here.folder:
        check_room(view, parent.row.space, size, creates=True)
    else:
        check_room(view, here.row.space, size - here.row.size, creates=False)


def delete(view: View, path: str, conditions: Conditions, *, only_empty: bool = False) -> None:
    """Put what is at `path` into the trash; a mounted share is declined instead.

    Raises:
        Conflict: it is a folder with something in it, and that was not meant.
    """
    check_conditions(view, conditions, path)
    here = view.find(path)
    if path == "/":
        raise Forbidden("The root folder cannot be deleted.")
    authorize(view.principal, Action.DELETE, here)
    if only_empty and view.page(here, "", 1)[0]:
        raise Conflict("The folder is not empty.")
    if here.mounted and view.principal.kind == "user":
        decline(view, here)
        return
    check_entry_locks(view, parent_of(here), conditions)
    check_tree_locks(view, here, conditions)
    discard(view, here)


def decline(view: View, here: Location) -> None:
    """Take a mounted share out of the receiver's tree; the owner's files stay as they are."""
    answer_mount(view, here, state="declined")


def answer_mount(view: View, here: Location, **values: str) -> None:
    """Change what the receiver answered to the shares of a mounted node."""
    ids = select(share_answer.c.share).where(share_answer.c.user == view.principal.user)
    same = list(view.connection.execute(ids).scalars())
    shares = _shares_of_node(view, here.row.id, same)
    view.connection.execute(
        share_answer.update()
        .where(share_answer.c.user == view.principal.user, share_answer.c.share.in_(shares))
        .values(answered=view.now, **values)
    )
    _share_changed(view, here)
    del view.mounts


def _shares_of_node(view: View, node_id: int, among: Sequence[int]) -> list[int]:
    wanted = select(share.c.id).where(share.c.node == node_id, share.c.id.in_(among))
    return list(view.connection.execute(wanted).scalars())


def _share_changed(view: View, here: Location) -> None:
    """Tell the receiver's own feed that its mounts are different now."""
    root = view.root
    seq = spaces.next_seq(view.connection, root.row.space)
    nodes.propagate(view.connection, [root.row.id], seq, 0)
    journal.append(
        view.connection,
        space=root.row.space,
        seq=seq,
        op="share",
        node=here.row.id,
        folder=here.row.folder,
        path=here.path,
        lineage=root.lineage,
        actor=view.principal.name,
        credential=view.principal.credential_id,
        now=view.now,
    )


def discard(view: View, here: Location) -> None:
    """Put a node, with all below it, into the trash of its space: one row moves, however much is below."""
    row = here.row
    seq = spaces.next_seq(view.connection, row.space)
    locks.remove(view.connection, [lock.token for lock in locks_below(view, here)])
    nodes.place(view.connection, row.id, None, row.name)
    view.connection.execute(
        insert(trash).values(
            node=row.id,
            space=row.space,
            parent=row.parent,
            path=here.space_path,
            deleted=view.now,
            actor=view.principal.name,
        )
    )
    nodes.set_mtime(view.connection, here.chain[-2].id, view.now)
    touch(view, "delete", here, seq, -row.size)


def parent_of(here: Location) -> Location:
    """The real folder that holds a node."""
    return Location(parent_path(here.path), here.chain[:-1], here.permissions, here.owner, here.mount)
