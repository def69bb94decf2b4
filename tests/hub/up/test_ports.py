"""Which ports are chosen, and what is said when they cannot be."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cygnet_hub.config.settings import Settings
from cygnet_hub.errors import PlatformError
from cygnet_hub.up.ports import choose_ports, host_names


def test_zero_finds_four_different_free_ports_outside_the_range_of_outgoing_connections() -> None:
    ports = choose_ports("127.0.0.1", 0)
    found = {ports.public, ports.sync, ports.hub, ports.proxy_api}
    assert len(found) == 4
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(found) < lowest


def test_the_sync_service_takes_the_next_port() -> None:
    public = choose_ports("127.0.0.1", 0).public
    ports = choose_ports("127.0.0.1", public)
    assert (ports.public, ports.sync) == (public, public + 1)


def test_a_port_in_use_is_named() -> None:
    before = choose_ports("127.0.0.1", 0).public  # the one before it is free too
    with socket.create_server(("127.0.0.1", before + 1)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PlatformError, match=rf"port {port}: Address already in use"):
            choose_ports("127.0.0.1", port)
        with pytest.raises(PlatformError, match=rf"port {port}: Address already in use"):
            choose_ports("127.0.0.1", before)


def test_a_machine_that_others_reach_answers_to_its_name() -> None:
    assert host_names(Settings(hosts=("cygnet.local",))) == ("cygnet.local",)
    assert host_names(Settings(bind="0.0.0.0")) == (socket.gethostname(),)


@pytest.mark.parametrize("port", [0, 18000])
def test_a_foreign_address_is_named(port: int) -> None:
    with pytest.raises(PlatformError, match=r"192\.0\.2\.1|No free port"):
        choose_ports("192.0.2.1", port)
