"""The sandbox as a pure function: which bubblewrap command keeps a session to itself.

Two cases, one shape. As root, each person has a number of their own and `setpriv` changes to it as
the last step inside the sandbox. Otherwise bubblewrap makes a user namespace and everybody has the
hub's number; what then keeps people apart is that nothing of another person is there to be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from cygnet_spawner.identity import Identity

# What programs need of /etc; no account, no key, no configuration of services is among it.
ETC = (
    "alternatives", "bash.bashrc", "bash_completion.d", "ca-certificates", "ca-certificates.conf",
    "cygnet/fixed", "fonts",
    "gai.conf", "grid-security", "host.conf", "hosts", "inputrc", "krb5.conf", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "locale.alias", "localtime", "magic", "mime.types", "nsswitch.conf", "pki", "profile",
    "profile.d", "protocols", "resolv.conf", "services", "ssl", "terminfo", "timezone", "vomses", "xrootd",
)  # fmt: skip
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")


@dataclass(frozen=True)
class Bind:
    """A host directory (or file) and where the session sees it."""

    source: str
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Sandbox:
    """Everything that a sandboxed process sees.

    Args:
        identity: who it runs as.
        software: read-only host directories, seen under the same path (missing ones are left out).
        binds: further directories, outer ones first.
        hidden: host directories that must stay empty even where one of `software` holds them.
        workdir: directory to start in.
        passwd: host path of the session's account file, or empty for none.
        group: the same for groups.
    """

    identity: Identity
    software: tuple[str, ...]
    binds: tuple[Bind, ...]
    hidden: tuple[str, ...] = ()
    workdir: str = "/"
    passwd: str = ""
    group: str = ""


def sandbox_argv(sandbox: Sandbox, command: Sequence[str], options: int) -> list[str]:
    """Return the command line that runs `command` in `sandbox`.

    Neither the environment nor the options are part of it: a command line is seen by every account of the
    machine, and this one by the session itself, which has no need to know the host's paths.

    Args:
        sandbox: what the command sees; its `sandbox_options` have to be readable from `options`.
        command: program and arguments.
        options: number of a descriptor that bubblewrap inherits, with the options, each ended by NUL.
    """
    drop = drop_privileges(sandbox.identity) if sandbox.identity.own else ()
    return ["bwrap", "--args", str(options), "--", *drop, *command]


def sandbox_options(sandbox: Sandbox) -> list[str]:
    """Return bubblewrap's options for `sandbox`, outer mounts first."""
    return [
        *_namespaces(own=sandbox.identity.own),
        *_system(sandbox.software),
        *_hide(sandbox.hidden, sandbox.software),
        *_accounts(sandbox),
        *_binds(sandbox.binds),
        "--remount-ro", "/",
        "--chdir", sandbox.workdir,
    ]  # fmt: skip


def drop_privileges(identity: Identity) -> list[str]:
    """Return the prefix that turns root into the session's number, without a way back."""
    return [
        "setpriv", f"--reuid={identity.uid}", f"--regid={identity.gid}", "--clear-groups",
        "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs",
    ]  # fmt: skip


def _namespaces(*, own: bool) -> list[str]:
    user = [] if own else ["--unshare-user", "--cap-drop", "ALL"]
    return [
        *user,
        "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--hostname", "cygnet",
        "--new-session",
        "--die-with-parent",
    ]  # fmt: skip


def _system(software: Iterable[str]) -> list[str]:
    binds = [part for path in SYSTEM for part in ("--ro-bind-try", path, path)]
    etc = [part for name in ETC for part in ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")]
    environment = [part for path in software for part in ("--ro-bind-try", path, path)]
    # Parents that bubblewrap makes by itself are 0700 of root: those that a session walks through are named.
    parents = [part for path in _parents(software) for part in ("--perms", "0755", "--dir", path)]
    return [
        *binds,
        "--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/etc/cygnet", *etc,
        "--perms", "0755", "--dir", "/home", "--perms", "0755", "--dir", "/run",
        "--proc", "/proc",
        "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm",  # noqa: S108 - the sandbox's own, as below
        "--perms", "1777", "--tmpfs", "/tmp",  # noqa: S108
        "--perms", "0755", "--dir", "/var", "--symlink", "/tmp", "/var/tmp",  # noqa: S108
        # After the private /tmp: a checkout below the host's /tmp is seen, and nothing else that lies there.
        *parents, *environment,
    ]  # fmt: skip


def _parents(paths: Iterable[str]) -> list[str]:
    """All directories above `paths` that the system does not bring, outer ones first."""
    above = {str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"/"}
    return sorted(path for path in above if not _inside(path, SYSTEM))


def _inside(path: str, places: Iterable[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(place) for place in places)


def _hide(hidden: Iterable[str], software: Iterable[str]) -> list[str]:
    """Empty the hidden directories that would be seen; the others need nothing."""
    seen = [path for path in hidden if _inside(path, (*SYSTEM, *software))]
    return [part for path in seen for part in ("--tmpfs", path, "--remount-ro", path)]


def _accounts(sandbox: Sandbox) -> list[str]:
    pairs = ((sandbox.passwd, "/etc/passwd"), (sandbox.group, "/etc/group"))
    return [part for source, target in pairs if source for part in ("--ro-bind", source, target)]


def _binds(binds: Iterable[Bind]) -> list[str]:
    return [
        part
        for bind in binds
        for part in ("--bind" if bind.writable else "--ro-bind", bind.source, bind.target)
    ]
