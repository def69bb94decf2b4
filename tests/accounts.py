"""Running the platform as an ordinary account of the machine, from tests that run as root."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parent.parent


def as_account(uid: int) -> list[str]:
    """The start of a command line that runs the rest as `uid`.

    Where Python or the checkout lies in a directory that only root may enter (a home of root's), the command
    gets a view of the machine in which the way to it is open.
    """
    setpriv = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    needed = sorted({Path(sys.base_prefix).resolve(), _CHECKOUT, Path(sys.prefix)})
    closed = {path: folder for path in needed if (folder := _closed_above(path)) is not None}
    if not closed:
        return setpriv
    lines = ["set -e", "keep=$(mktemp -d)"]
    for number, path in enumerate(closed):
        lines += [f"mkdir $keep/{number}", f"mount --bind {shlex.quote(str(path))} $keep/{number}"]
    lines += [
        f"mount -t tmpfs -o mode=755 none {shlex.quote(str(folder))}" for folder in set(closed.values())
    ]
    for number, path in enumerate(closed):
        lines += [
            f"mkdir -p {shlex.quote(str(path))}",
            f"mount --bind $keep/{number} {shlex.quote(str(path))}",
        ]
    script = "\n".join([*lines, 'exec "$@"'])
    return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh", *setpriv]


def _closed_above(path: Path) -> Path | None:
    """The outermost directory above `path` that other accounts may not enter."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)
