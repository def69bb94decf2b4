"""TCP ports: free ones, and a clear word when the wanted one is taken."""

from __future__ import annotations

import random
import socket
from pathlib import Path

from cygnet_hub.config.deployment import LOOPBACK, Ports
from cygnet_hub.config.settings import Settings
from cygnet_hub.errors import PlatformError

_RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_TRIES = 200


def choose_ports(bind: str, port: int, *, tls: bool = False) -> Ports:
    """Return the ports to listen on: `port` and the next two, four with `tls`; free ones where `port` is 0.

    Raises PlatformError when one of them is taken or `bind` is no address of this machine.
    """
    taken: set[int] = set()
    public = _wanted(bind, port, taken)
    sync = _wanted(bind, port + 1 if port else 0, taken)
    s3 = _wanted(bind, port + 2 if port else 0, taken)
    secure = [_wanted(bind, port + after if port else 0, taken) for after in (3, 4)] if tls else []
    return Ports(public, sync, s3, _free("127.0.0.1", taken), _free("127.0.0.1", taken), *secure)


def host_names(settings: Settings) -> tuple[str, ...]:
    """Return the names that people may use for this machine: the chosen ones, and its own if others reach it.

    Requests to any other name are refused, or a foreign page could point its own name here (DNS rebinding).
    """
    own = () if settings.bind in LOOPBACK else (socket.gethostname(),)
    return (*settings.hosts, *own)


def _wanted(bind: str, port: int, taken: set[int]) -> int:
    if port == 0:
        return _free(bind, taken)
    try:
        _try_to_listen(bind, port)
    except PermissionError as denied:
        raise PlatformError(f"Only root may listen on port {port}; choose another with --port.") from denied
    except socket.gaierror as unknown:
        raise PlatformError(f"{bind} is not an address of this machine.") from unknown
    except OSError as busy:
        raise PlatformError(
            f"Cannot listen on {bind} port {port}: {busy.strerror}. Choose another with --port."
        ) from busy
    taken.add(port)
    return port


def _free(bind: str, taken: set[int]) -> int:
    """Return a free port below those that the kernel gives to outgoing connections.

    A port of the kernel's own range could be taken by any connection before our server listens on it.
    """
    below = _first_outgoing_port()
    for _ in range(_TRIES):
        port = random.randrange(max(1024, below - 16000), below)  # noqa: S311 not a secret
        if port in taken:
            continue
        try:
            _try_to_listen(bind, port)
        except socket.gaierror as unknown:
            raise PlatformError(f"{bind} is not an address of this machine.") from unknown
        except OSError:
            continue
        taken.add(port)
        return port
    raise PlatformError(f"No free port found at {bind}.")


def _first_outgoing_port() -> int:
    try:
        return int(_RANGE_FILE.read_text(encoding="ascii").split()[0])
    except OSError:
        return 32768


def _try_to_listen(bind: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(
        bind or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as listener:
        # As the servers do: the closing connections of a platform just stopped are no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1)
