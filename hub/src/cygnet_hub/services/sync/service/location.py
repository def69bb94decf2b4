"""Where something is in a principal's tree, and what they may do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.errors import Forbidden
from ..model.names import join_path
from ..model.node import Permission
from ..store.nodes import NodeRow
from .mounts import Mount


@dataclass(frozen=True)
class Location:
    """Where something is in a principal's tree.

    Args:
        path: canonical, in that tree.
        chain: from the root of its space down to it; empty for a virtual folder.
        permissions: what the principal may do with it.
        owner: account that owns the space.
        mount: the share that it was reached by, if any.
    """

    path: str
    chain: tuple[NodeRow, ...]
    permissions: Permission
    owner: str
    mount: Mount | None = None

    @property
    def node_id(self) -> int | None:
        """The node's id; None for a virtual folder."""
        return self.chain[-1].id if self.chain else None

    @property
    def virtual(self) -> bool:
        """Whether it exists in this view only."""
        return not self.chain

    @property
    def row(self) -> NodeRow:
        """The node itself.

        Raises:
            Forbidden: it is virtual, so nothing can be done with it.
        """
        if not self.chain:
            raise Forbidden('"{path}" shows what others give you; it cannot be changed.', path=self.path)
        return self.chain[-1]

    @property
    def folder(self) -> bool:
        """Whether it can hold others."""
        return not self.chain or self.chain[-1].folder

    @property
    def mounted(self) -> bool:
        """Whether it is the root of a share that the principal received."""
        return self._is_top and self.mount is not None and not self.mount.fixed

    @property
    def _is_top(self) -> bool:
        return self.mount is not None and bool(self.chain) and self.mount.row.id == self.chain[-1].id

    @property
    def inside(self) -> Permission:
        """What the principal may do with what is in it: the folder of a class itself stays as it is."""
        return self.mount.permissions if self._is_top and self.mount is not None else self.permissions

    @property
    def space_path(self) -> str:
        """The path in the owner's space."""
        return join_path(*(row.name for row in self.chain[1:]))

    @property
    def lineage(self) -> str:
        """Ids from the root of the space, as the journal has them: "/1/5/9/"."""
        return lineage(self.chain)


def lineage(chain: Sequence[NodeRow]) -> str:
    """The ids of a chain as the journal has them: "/1/5/9/"."""
    return "/" + "".join(f"{row.id}/" for row in chain)
