"""Run inside a session, from a terminal: try all that confinement must prevent, and write what came of it.

Plain Python without imports from this repository: it is copied into the session's home.
"""

import ctypes
import json
import os
import sys
from pathlib import Path


def attempt(action):
    try:
        return {"worked": True, "value": action()}
    except OSError as error:
        return {"worked": False, "value": error.errno}


def ptrace(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, 0, 0):  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    return "attached"


def mount_something():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", b"/mnt", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "mount")


def status(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return line.split()[1]
    return None


def main(wanted):
    home = Path(os.environ["HOME"])
    token = Path(os.environ["CYGNET_TOKEN_FILE"])
    return {
        "uid": os.getuid(),
        "groups": os.getgroups(),
        "paths": {path: attempt(lambda path=path: os.stat(path).st_mode) for path in wanted["paths"]},
        "homes": os.listdir("/home"),
        "tmp": os.listdir("/tmp"),
        "dev": sorted(os.listdir("/dev")),
        "accounts": Path("/etc/passwd").read_text(),
        "pids": [int(name) for name in os.listdir("/proc") if name.isdecimal()],
        "commands": [
            attempt(lambda name=name: Path("/proc", name, "cmdline").read_bytes().decode())["value"]
            for name in os.listdir("/proc")
            if name.isdecimal()
        ],
        "kill": {pid: attempt(lambda pid=pid: os.kill(pid, 0)) for pid in wanted["pids"]},
        "ptrace": {pid: attempt(lambda pid=pid: ptrace(pid)) for pid in wanted["pids"]},
        "proc": {pid: attempt(lambda pid=pid: os.listdir(f"/proc/{pid}/fd")) for pid in wanted["pids"]},
        "init_root": attempt(lambda: os.listdir("/proc/1/root")),
        "init_environ": attempt(lambda: Path("/proc/1/environ").read_bytes().decode()),
        "init_commands": attempt(lambda: Path("/proc/1/cmdline").read_bytes().decode()),
        "write": {
            path: attempt(lambda path=path: Path(path, "made-inside").touch()) for path in wanted["write"]
        },
        "token_read": attempt(lambda: len(token.read_text())),
        "token_write": attempt(lambda: token.write_text("forged")),
        "mount": attempt(mount_something),
        "chroot": attempt(lambda: os.chroot("/tmp")),
        "device": attempt(lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0))),
        "become_root": attempt(lambda: os.setuid(0)),
        "capabilities": [status(name) for name in ("CapPrm", "CapEff", "CapBnd", "CapInh")],
        "no_new_privs": status("NoNewPrivs"),
        "hostname": os.uname().nodename,
        "environment": dict(os.environ),
        "files": sorted(os.listdir(home / "files")),
        "hello": attempt(lambda: (home / "files" / "hello.txt").read_text()),
        "home_writable": attempt(lambda: (home / "note.txt").write_text("mine")),
        "venv": sys.prefix,
    }


answer = main(json.loads(Path(sys.argv[1]).read_text()))
scratch = Path(sys.argv[2] + ".part")
scratch.write_text(json.dumps(answer))
scratch.rename(sys.argv[2])
