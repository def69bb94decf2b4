"""What a session sees of a person's storage, said once for every kind of spawner.

A `MountPlan` names places by their role. A translator turns roles into what its platform has: host
directories here, volumes elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cygnet_spawner.stores import ChosenStore, session_environment

Role = Literal["home", "files", "store", "token", "state"]

TOKEN_DIR = "/run/cygnet"  # noqa: S105 - a directory
STATE_DIR = "/run/cygnet/mount"


@dataclass(frozen=True)
class Place:
    """One directory of a session.

    Args:
        role: what it is for.
        target: its path in the session.
        writable: whether the session may write there.
    """

    role: Role
    target: str
    writable: bool


@dataclass(frozen=True)
class MountPlan:
    """All places of a session, outer ones first, and the variables that name them.

    Args:
        home: the home directory in the session.
        places: what is mounted where.
        environment: variables that tell the session about it.
        root: the folder that the notebook server shows.
    """

    home: str
    places: tuple[Place, ...]
    environment: tuple[tuple[str, str], ...]
    root: str


def mount_plan(
    *,
    user: str,
    home: str,
    sync_url: str,
    public_sync_url: str,
    fuse: bool,
    token_dir: str = TOKEN_DIR,
    state_dir: str = STATE_DIR,
    stores: Sequence[ChosenStore] = (),
) -> MountPlan:
    """Return the plan of `user`'s session.

    Args:
        user: the hub's name of the person.
        home: absolute path of the home directory in the session.
        sync_url: the sync service as the session reaches it.
        public_sync_url: the same in the person's browser; empty means the same.
        fuse: whether the person's tree can be mounted; otherwise it is reached by `cygnet://` only.
        token_dir: where the session finds its token.
        state_dir: where the session finds the state of its mount.
        stores: further stores; they are mounted where the person's tree can be.
    """
    places = [Place("home", home, writable=True)]
    if fuse:
        places.append(Place("files", f"{home}/files", writable=True))
        places += [Place("store", f"{home}/stores/{one.name}", writable=not one.read_only) for one in stores]
    places += [Place("token", token_dir, writable=False), Place("state", state_dir, writable=False)]
    environment = {
        "CYGNET_URL": sync_url,
        "CYGNET_PUBLIC_URL": public_sync_url or sync_url,
        "CYGNET_TOKEN_FILE": f"{token_dir}/token",
        "CYGNET_USER": user,
        "CYGNET_MOUNT": "fuse" if fuse else "none",
        "CYGNET_MOUNT_STATE": f"{state_dir}/state.json",
        **session_environment(stores, f"{token_dir}/stores", f"{home}/stores" if fuse else ""),
    }
    root = f"{home}/files" if fuse else home
    return MountPlan(home, tuple(places), tuple(environment.items()), root)
