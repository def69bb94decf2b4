"""Whether a change may go on: conditions and locks, evaluated in the transaction that makes the change."""

from __future__ import annotations

from ..model.conditions import ANY, Clause, Conditions, IfList
from ..model.errors import Locked, PreconditionFailed
from ..store import locks, nodes
from ..store.locks import LockRow
from .view import Location, View


def locks_over(view: View, location: Location) -> list[LockRow]:
    """The locks that cover a location: its own, and deep ones on the folders above it."""
    if location.virtual:
        return []
    own = location.row.id
    found = locks.on_nodes(view.connection, [row.id for row in location.chain])
    return [lock for lock in found if lock.node == own or lock.deep]


def locks_below(view: View, location: Location) -> list[LockRow]:
    """The locks on a location and on anything below it."""
    held = locks.in_space(view.connection, location.row.space)
    chains = nodes.lineages(view.connection, list({lock.node for lock in held}))
    inside = {node for node, chain in chains.items() if any(row.id == location.row.id for row in chain)}
    return [lock for lock in held if lock.node in inside]


def check_conditions(view: View, conditions: Conditions, path: str) -> None:
    """Compare what the caller expects of `path`, the target of the request, with what is there.

    Raises:
        PreconditionFailed: it is not so (RFC 9110 13.1, RFC 4918 10.4).
    """
    if conditions.if_match is None and conditions.if_none_match is None and not conditions.lists:
        return
    here = view.lookup(path)
    etag = view.etag(here) if here else None
    if conditions.if_match is not None and not _matches(conditions.if_match, etag):
        raise PreconditionFailed("It was changed by somebody else in the meantime.")
    if conditions.if_none_match is not None and _matches(conditions.if_none_match, etag):
        raise PreconditionFailed("It exists already.")
    if conditions.lists and not any(_holds(view, item, path) for item in conditions.lists):
        raise PreconditionFailed("The state is not what the If header expects.")


def _matches(expected: tuple[str, ...], etag: str | None) -> bool:
    return etag is not None and (ANY in expected or etag in expected)


def _holds(view: View, item: IfList, target: str) -> bool:
    here = None if item.foreign else view.lookup(item.path or target)
    etag = view.etag(here) if here else None
    tokens = {lock.token for lock in locks_over(view, here)} if here else set()
    return all(_clause_holds(clause, etag, tokens) for clause in item.clauses)


def _clause_holds(clause: Clause, etag: str | None, tokens: set[str]) -> bool:
    there = clause.value == etag if clause.is_etag else clause.value in tokens
    return there is not clause.negated


def check_locks(view: View, held: list[LockRow], conditions: Conditions) -> None:
    """Let a change pass if for everything locked the caller submitted the token of a lock of their own.

    Raises:
        Locked: somebody else holds it, or the token was not sent (RFC 4918 section 7).
    """
    mine = {lock.node for lock in held if _is_mine(view, lock) and lock.token in conditions.tokens}
    if any(lock.node not in mine for lock in held):
        raise Locked("It is locked. Wait until whoever is editing it has finished.")


def _is_mine(view: View, lock: LockRow) -> bool:
    return lock.holder == view.principal.name


def check_entry_locks(view: View, folder: Location, conditions: Conditions) -> None:
    """Check the locks that adding to a folder, or taking away from it, has to respect."""
    check_locks(view, locks_over(view, folder), conditions)


def check_tree_locks(view: View, location: Location, conditions: Conditions) -> None:
    """Check the locks that removing a whole tree has to respect."""
    over = {lock.token: lock for lock in (*locks_over(view, location), *locks_below(view, location))}
    check_locks(view, list(over.values()), conditions)
