"""Everything about `LocalSpawner` that an administrator or `cygnet up` sets."""

from __future__ import annotations

from traitlets import Any, Bool, Dict, Float, HasTraits, Integer, Unicode


class LocalSettings(HasTraits):
    """The traits of `LocalSpawner`; set them as `c.LocalSpawner.NAME = value`.

    A mixin derives from `HasTraits`: JupyterHub refuses a `Spawner` without `start`, `stop` and `poll`.
    """

    data_dir = Unicode(
        help="""
        The platform's data directory. Below it this spawner owns `homes/` (one home a person),
        `run/` (sockets, tokens and states of running servers) and `mount-cache/` (journals of writes
        that the service has not acknowledged yet: never delete them by hand).
        """,
    ).tag(config=True)

    sync_url = Unicode(
        help="Address of the sync service as sessions on this machine reach it, ending in `/services/sync/`.",
    ).tag(config=True)

    public_sync_url = Unicode(
        help="Address of the sync service in a person's browser; empty means the same as `sync_url`.",
    ).tag(config=True)

    internal_key_file = Unicode(
        help="""
        File (mode 0600) with the key by which the hub asks the sync service for the credentials of
        servers. It is read by the hub's process only and never enters a session.
        """,
    ).tag(config=True)

    confined = Bool(
        True,
        help="""
        Whether each server runs in a sandbox of its own. `False` is right for one person on their own
        machine only: servers then run as the hub's account and see all that it sees.
        """,
    ).tag(config=True)

    idle_seconds = Integer(
        0,
        help="""
        For how long a server may go unused before the idle culler stops it, in seconds; 0 for ever. Only
        for telling the person afterwards: the culler has its own option.
        """,
    ).tag(config=True)

    environments = Dict(
        help="""
        Software environments offered on the start page: identifier -> {"title": words for a person,
        "python": path of its Python, "description": a sentence (optional)}. The first one is preselected.
        Empty offers the environment that the hub itself runs in.
        """,
    ).tag(config=True)

    core_choices = Dict(
        key_trait=Unicode(),
        value_trait=Float(),
        help="Offered numbers of cores: words -> cores; 0 means all. Empty offers what the machine has.",
    ).tag(config=True)

    memory_choices = Dict(
        key_trait=Unicode(),
        value_trait=Integer(),
        help="Offered memory sizes: words -> bytes; 0 means no limit. Empty offers what the machine has.",
    ).tag(config=True)

    stores = Dict(
        help="""
        Stores offered on the start page: name -> fields of `cygnet_spawner.stores.StoreOffer`. Those that a
        person chooses are mounted below `~/stores`.
        """,
    ).tag(config=True)

    store_credentials = Any(
        help="""
        Coroutine function that is given a person's name at the hub and returns what they have entered for
        stores: name of the store -> fields. Without it only stores that need no credential can be used.
        """,
    ).tag(config=True)

    uid_base = Integer(
        700_000,
        min=1000,
        help="""
        When the hub runs as root, each person's server has a uid (and gid) of its own above this; none is
        ever given to a second person. No system account is made; keep the range free of system accounts and
        of /etc/subuid.
        """,
    ).tag(config=True)

    mount_timeout = Float(20.0, help="Seconds to wait for the mount of a person's files.").tag(config=True)

    flush_timeout = Float(
        65.0,
        help="""
        Seconds that a stopping server's mount has to send what it still holds. What does not fit stays in
        its journal on this machine's disk and is sent at the next start.
        """,
    ).tag(config=True)

    credential_ttl = Integer(
        3600,
        min=10,
        help="Seconds that a server's credential is valid; it is renewed at half of them.",
    ).tag(config=True)

    warm = Bool(
        True,
        help="""
        Keep one process with the notebook server's imports done, and fork servers from it: a server then
        starts in a fraction of a second and shares most of its memory with the others. Only for the
        environment that the hub itself runs in.
        """,
    ).tag(config=True)
