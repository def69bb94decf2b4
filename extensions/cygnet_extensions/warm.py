"""Has all imports done and forks servers into sandboxes: `python -m cygnet_extensions.warm FD`.

The hub starts one and sends requests over the socket FD. Each request names a sandbox that bubblewrap has
made and that holds nothing yet but a sleeping process; a fork of this one enters its namespaces, gives up
every privilege, and becomes the notebook server or the mount. Imports are done once, and their memory is
shared.

No request's environment, token or file ever is in this process: they travel to the fork only.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import json
import os
import resource
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from cygnet_extensions import singleuser

_NS_GET_PARENT = 0xB702  # ioctl_nsfs(2)
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 24, 38
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63
_MOST_DESCRIPTORS = 4096
_LONGEST = 1 << 20  # bytes of a request
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Request:
    """What to start.

    Args:
        sandbox: number of a process in the sandbox, as the host counts.
        entry: "server" or "mount".
        arguments: its arguments.
        environment: its whole environment.
        workdir: where it starts, in the sandbox.
        uid: number to change to; None to stay what the sandbox's user namespace says.
        memory: bytes of private memory; 0 for no limit.
        cores: the cores to stay on; empty for all.
        cgroup: path of the group to enter; empty for none.
    """

    sandbox: int
    entry: str
    arguments: list[str]
    environment: dict[str, str]
    workdir: str
    uid: int | None
    memory: int
    cores: list[int]
    cgroup: str


def main(descriptor: int) -> None:
    """Answer requests until the hub closes its end."""
    channel = socket.socket(fileno=descriptor)
    singleuser.without_slow_imports()
    os.environ.setdefault("JUPYTERHUB_SINGLEUSER_APP", "jupyter_server.serverapp.ServerApp")
    singleuser.preload()
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, what is shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are not waited for: they belong to their sandboxes
    channel.send(b'{"ready": true}')
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(channel, _LONGEST, 8)
        except ConnectionResetError:  # the hub ended without reading our last answer
            return
        if not message:
            return
        channel.send(json.dumps(_start(channel, message, descriptors)).encode())
        for one in descriptors:
            os.close(one)


def _start(channel: socket.socket, message: bytes, descriptors: list[int]) -> dict[str, Any]:
    """Fork twice: the first enters the sandbox, the second is born in it. Return the second's number."""
    reading, writing = os.pipe()
    first = os.fork()
    if first == 0:
        _first(channel, message, descriptors, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    return dict(json.loads(told)) if told else {"error": "the fork ended"}


def _first(channel: socket.socket, message: bytes, descriptors: list[int], writing: int) -> NoReturn:
    code = 1
    try:
        channel.close()
        request = Request(**json.loads(message))
        if request.cgroup:
            Path(request.cgroup, "cgroup.procs").write_text("0")
        enter(request.sandbox)
        second = os.fork()
        if second == 0:
            os.close(writing)
            _second(request, descriptors)
        os.write(writing, json.dumps({"pid": second}).encode())
        code = 0
    except BaseException as error:  # noqa: BLE001 - a fork must never return into the loop of its parent
        os.write(writing, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
    os._exit(code)


def _second(request: Request, descriptors: list[int]) -> NoReturn:
    code = 1
    try:
        _settle(request, descriptors)
        code = _run(request)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - the same; it is told in the session's log
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def _settle(request: Request, descriptors: list[int]) -> None:
    """Become the session's own process: its session, output, limits, account and environment."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log, *others = descriptors
    nothing = os.open(os.devnull, os.O_RDWR)
    for target, source in enumerate((nothing, log, log, *others)):  # further ones are 3, 4, ...
        os.dup2(source, target, inheritable=target < 3)
    os.closerange(3 + len(others), _MOST_DESCRIPTORS)
    if request.memory:
        resource.setrlimit(resource.RLIMIT_DATA, (request.memory, request.memory))
    if request.cores:
        os.sched_setaffinity(0, request.cores)
    drop(request.uid)
    os.umask(0o022)
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.workdir)


def _run(request: Request) -> int:
    sys.argv = [request.entry, *request.arguments]
    if request.entry == "server":
        singleuser.main(request.arguments)
        return 0
    from cygnet_fs_bridge.cli import main as bridge

    bridge(request.arguments, prog_name="cygnet")
    return 0


def enter(pid: int) -> None:
    """Enter the namespaces of process `pid`; the caller's next fork is born in its pid namespace.

    Raises:
        OSError: the kernel refused.
    """
    before, after = _user_spaces(pid)
    others = [_open_space(pid, kind) for kind in ("ipc", "uts", "pid", "mnt")]
    for descriptor in (*before, *others, *after):
        _check(_libc.setns(descriptor, 0), "setns")
        os.close(descriptor)


def _user_spaces(pid: int) -> tuple[list[int], list[int]]:
    """Return the user namespaces to enter before the others, which belong to them, and after.

    Bubblewrap without root makes its mounts in one user namespace, and may run the command in a second one
    inside it.
    """
    own, space = Path("/proc/self/ns/user").stat(), _open_space(pid, "user")
    if os.path.samestat(own, os.fstat(space)):
        os.close(space)
        return [], []
    parent = fcntl.ioctl(space, _NS_GET_PARENT)
    if os.path.samestat(own, os.fstat(parent)):
        os.close(parent)
        return [space], []
    return [parent], [space]


def _open_space(pid: int, kind: str) -> int:
    return os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)


def drop(uid: int | None) -> None:
    """Give up every privilege, without a way back.

    Args:
        uid: number, of the account and of its group, to change to; None to keep the present one.
    """
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # those that the kernel does not know are refused
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    # As after an exec: otherwise the session's own /proc entries belong to root.
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
