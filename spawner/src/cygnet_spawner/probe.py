"""Whether sessions can be confined and files mounted on this machine, found by really trying."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cygnet_spawner import fuse
from cygnet_spawner.confine import Bind, Sandbox, sandbox_argv
from cygnet_spawner.identity import Identity, identity_of
from cygnet_spawner.launch import options_file

_LIMIT = 20.0  # seconds for a sandbox that does nothing
_SCRIPT = (
    "test ! -e {secret} && test -w /probe && touch /probe/made && kill -0 {pid} 2>/dev/null; test $? -eq 1"
)


@dataclass(frozen=True)
class Finding:
    """Answer of a probe.

    Args:
        possible: whether it works here.
        reason: why not, as a sentence that says what to do; empty when it works.
    """

    possible: bool
    reason: str = ""


def confinement(uid_base: int = 700_000) -> Finding:
    """Run a tiny sandbox as a session would run, and say whether it keeps things apart."""
    if shutil.which("bwrap") is None:
        return Finding(False, "bubblewrap is not installed (on Debian: apt-get install bubblewrap).")
    root = os.geteuid() == 0
    if root and shutil.which("setpriv") is None:
        return Finding(False, "setpriv is not installed (on Debian it is part of util-linux).")
    with tempfile.TemporaryDirectory(prefix="cygnet-probe-") as folder:
        return _try_sandbox(identity_of("probe", uid_base if root else None), Path(folder))


def _try_sandbox(identity: Identity, folder: Path) -> Finding:
    shared = folder / "shared"
    shared.mkdir()
    if identity.own:
        os.chown(shared, identity.uid, identity.gid)
    script = _SCRIPT.format(secret=folder, pid=os.getpid())
    sandbox = Sandbox(identity, (), (Bind(str(shared), "/probe", writable=True),))
    try:
        with options_file(sandbox) as options:
            done = subprocess.run(
                sandbox_argv(sandbox, ["/bin/sh", "-c", script], options),
                capture_output=True, timeout=_LIMIT, check=False, pass_fds=[options],
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Finding(False, f"bubblewrap did not finish an empty sandbox in {_LIMIT:.0f} seconds.")
    if done.returncode == 0 and (shared / "made").exists():
        return Finding(True)
    return Finding(False, _why(done.stderr.decode(errors="replace").strip()))


def _why(words: str) -> str:
    if "namespace" in words or "uid map" in words:
        return (
            f"the kernel does not let this account make namespaces ({words}). "
            "Allow unprivileged user namespaces (sysctl user.max_user_namespaces, "
            "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), or run as root."
        )
    if "proc" in words:
        return f"a private /proc cannot be mounted here ({words}); containers need --privileged for that."
    return f"bubblewrap failed: {words or 'the sandbox was not private'}."


def mounting() -> Finding:
    """Say whether a person's files can be mounted here."""
    with tempfile.TemporaryDirectory(prefix="cygnet-probe-") as folder:
        try:
            fd = fuse.attach(Path(folder), os.getuid(), os.getgid())
        except fuse.CannotMount as failed:
            return Finding(False, str(failed))
        os.close(fd)
        fuse.detach(Path(folder))
    return Finding(True)
