"""Moving and copying, part of the commit path: each function runs inside the writer's transaction."""

from __future__ import annotations

from sqlalchemy import insert, select

from ..model.conditions import Conditions
from ..model.errors import Conflict, Forbidden, PreconditionFailed
from ..model.names import base_name, check_name, child_path, is_inside, parent_path
from ..store import locks, nodes, spaces, versions
from ..store.nodes import NodeRow
from ..store.schema import prop
from .access import Action, authorize
from .commit import (
    Change,
    answer_mount,
    check_new,
    check_room,
    discard,
    insert_file,
    insert_folder,
    parent_of,
    record,
    replace,
    touch,
)
from .guard import check_conditions, check_entry_locks, check_locks, check_tree_locks, locks_below, locks_over
from .view import Location, View


def move(view: View, source: str, destination: str, *, overwrite: bool, conditions: Conditions) -> Change:
    """Give a node another name or folder; its id, versions, shares and properties go with it."""
    check_conditions(view, conditions, source)
    here = view.find(source)
    _check_apart(source, destination)
    authorize(view.principal, _move_action(source, destination), here)
    parent, there = _target(view, destination, overwrite)
    if here.mounted and view.principal.kind == "user":
        return _rename_mount(view, here, parent, destination, there)
    check_entry_locks(view, parent_of(here), conditions)
    check_tree_locks(view, here, conditions)
    if there is not None and there.chain and there.row.id == here.row.id:
        return _respell(view, here, parent, destination)
    if parent.chain and parent.row.space != here.row.space:
        return _move_across(view, here, parent, there, destination, conditions)
    if there is not None and not there.folder and not here.folder:
        return _move_onto(view, here, there, conditions)
    created = _make_way(view, parent, there, destination, conditions)
    move_within(view, here, parent, base_name(destination))
    return Change(destination, created)


def _check_apart(source: str, destination: str) -> None:
    if "/" in (source, destination):
        raise Forbidden("The root folder cannot be moved, copied or replaced.")
    if source == destination:
        raise Forbidden("It is there already.")
    if is_inside(destination, source):
        raise Conflict("A folder cannot be put into itself.")
    if is_inside(source, destination):
        raise Conflict("A folder cannot take the place of one that holds it.")


def _move_action(source: str, destination: str) -> Action:
    return Action.RENAME if parent_path(source) == parent_path(destination) else Action.MOVE


def _target(view: View, destination: str, overwrite: bool) -> tuple[Location, Location | None]:
    parent = view.parent(destination)
    there = view.child(parent, base_name(destination))
    if there is not None and not overwrite:
        raise PreconditionFailed('"{name}" exists already.', name=base_name(destination))
    return parent, there


def _respell(view: View, here: Location, parent: Location, destination: str) -> Change:
    """The same name in another spelling of Unicode: only the bytes of the name change."""
    move_within(view, here, parent, base_name(destination))
    return Change(destination, created=False)


def _rename_mount(
    view: View, here: Location, parent: Location, destination: str, there: Location | None
) -> Change:
    if not parent.virtual:
        raise Forbidden("What others share with you stays in Shares; copy it instead.")
    if there is not None and not there.row.id == here.row.id:
        raise PreconditionFailed('"{name}" exists already.', name=base_name(destination))
    answer_mount(view, here, mount_name=check_name(base_name(destination)))
    return Change(destination, created=True)


def _make_way(
    view: View, parent: Location, there: Location | None, destination: str, conditions: Conditions
) -> bool:
    """Remove what is at the destination, if anything; True when there was nothing."""
    if there is None:
        check_new(view, parent, base_name(destination), conditions)
        return True
    if there.virtual or there.mounted:
        raise Forbidden("What others share with you cannot be replaced.")
    authorize(view.principal, Action.DELETE, there)
    check_entry_locks(view, parent, conditions)
    check_tree_locks(view, there, conditions)
    discard(view, there)
    return False


def move_within(view: View, here: Location, parent: Location, name: str) -> None:
    """Give a node another folder of its space, or another name; what is to be checked was."""
    row = here.row
    seq = spaces.next_seq(view.connection, row.space)
    locks.remove(view.connection, [lock.token for lock in locks_below(view, here)])
    nodes.place(view.connection, row.id, parent.row.id, name)
    if row.folder:
        nodes.propagate(view.connection, [row.id], seq, 0)
    nodes.propagate(view.connection, [item.id for item in here.chain[:-1]], seq, -row.size)
    for folder in {row.parent, parent.row.id} - {None}:
        nodes.set_mtime(view.connection, int(folder or 0), view.now)
    record(view, "move", parent, row.id, name, folder=row.folder, seq=seq, growth=row.size, old=here)


def _move_onto(view: View, here: Location, there: Location, conditions: Conditions) -> Change:
    """A file takes the place of another, which is how editors save.

    The one that was there keeps its id and shares; it gets contents, history and properties of the other.
    """
    authorize(view.principal, Action.OVERWRITE, there)
    check_locks(view, locks_over(view, there), conditions)
    row, target = here.row, there.row
    seq = spaces.next_seq(view.connection, row.space)
    locks.remove(view.connection, [lock.token for lock in locks_below(view, here)])
    versions.adopt(view.connection, row.id, target.id)
    _take_properties(view, row.id, target.id)
    nodes.set_version(view.connection, target.id, row.version or 0, row.size, row.mtime, seq)
    nodes.place(view.connection, row.id, None, row.name)
    touch(view, "delete", here, seq, -row.size)
    touch(view, "put", there, spaces.next_seq(view.connection, row.space), row.size - target.size)
    nodes.remove(view.connection, row.id)
    return Change(there.path, created=False)


def _take_properties(view: View, source: int, destination: int) -> None:
    view.connection.execute(prop.delete().where(prop.c.node == destination))
    view.connection.execute(prop.update().where(prop.c.node == source).values(node=destination))


def _move_across(
    view: View,
    here: Location,
    parent: Location,
    there: Location | None,
    destination: str,
    conditions: Conditions,
) -> Change:
    """From one owner's space to another's: copied there, and left in the trash of the one it came from."""
    change = _copy_to(view, here, parent, there, destination, conditions, deep=True)
    discard(view, here)
    return change


def copy(
    view: View, source: str, destination: str, *, overwrite: bool, deep: bool, conditions: Conditions
) -> Change:
    """Copy a file, or a folder with (`deep`) or without what is in it; contents are shared, not copied."""
    check_conditions(view, conditions, source)
    here = view.find(source)
    authorize(view.principal, Action.READ, here)
    if source == destination:
        raise Forbidden("It is there already.")
    if destination == "/" or is_inside(source, destination):
        raise Conflict("A folder cannot take the place of one that holds it.")
    if is_inside(destination, source):
        raise Conflict("A folder cannot be put into itself.")
    parent, there = _target(view, destination, overwrite)
    return _copy_to(view, here, parent, there, destination, conditions, deep=deep)


def _copy_to(
    view: View,
    here: Location,
    parent: Location,
    there: Location | None,
    destination: str,
    conditions: Conditions,
    *,
    deep: bool,
) -> Change:
    row = here.row
    if there is not None and not there.folder and not row.folder:
        authorize(view.principal, Action.OVERWRITE, there)
        check_locks(view, locks_over(view, there), conditions)
        check_room(view, there.row.space, row.size - there.row.size, creates=False)
        replace(view, there, versions.manifest_of(view.connection, row.version or 0), row.size, row.mtime)
        _copy_properties(view, row.id, there.row.id)
        return Change(destination, created=False)
    if there is None:
        check_new(view, parent, base_name(destination), conditions)
    check_room(view, parent.row.space, row.size if deep or not row.folder else 0, creates=True)
    created = _make_way(view, parent, there, destination, conditions)
    copy_tree(view, row, parent, base_name(destination), deep=deep)
    return Change(destination, created)


def copy_tree(view: View, top: NodeRow, parent: Location, name: str, *, deep: bool = True) -> None:
    """Add a copy to a folder, of a file or folder that was already checked; contents are shared."""
    waiting = [(top, parent, name)]
    while waiting:
        row, folder, as_name = waiting.pop()
        if not row.folder:
            manifest = versions.manifest_of(view.connection, row.version or 0)
            _copy_properties(view, row.id, insert_file(view, folder, as_name, manifest, row.size, row.mtime))
            continue
        new_id = insert_folder(view, folder, as_name, row.mtime)
        _copy_properties(view, row.id, new_id)
        new = nodes.get(view.connection, new_id)
        if deep and new is not None:
            inner = Location(
                child_path(folder.path, as_name), (*folder.chain, new), folder.permissions, folder.owner
            )
            waiting.extend((item, inner, item.name) for item in nodes.children(view.connection, row.id))


def _copy_properties(view: View, source: int, destination: int) -> None:
    view.connection.execute(prop.delete().where(prop.c.node == destination))
    rows = view.connection.execute(select(prop).where(prop.c.node == source)).mappings().all()
    if rows:
        view.connection.execute(insert(prop), [{**row, "node": destination} for row in rows])
