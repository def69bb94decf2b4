"""The service as the hub starts it, with TLS; and the administrator's command beside it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from cygnet_hub.cli.admin import command
from cygnet_hub.config.layout import Layout
from cygnet_hub.services.sync import __main__ as process
from cygnet_hub.services.sync.app import make_server, make_tls_server
from cygnet_hub.services.sync.listeners import Listeners
from cygnet_hub.services.sync.model.settings import Settings, Tls
from cygnet_hub.services.sync.service.services import Services
from tests.backends import free_port
from tests.grid import SERVER, Authority, Identity
from tests.sync_process import service_process
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory


def admin(data: Path, *arguments: str | Path, code: int = 0) -> str:
    """What `cygnet admin certificates` prints."""
    result: Result = CliRunner().invoke(command, ["certificates", *map(str, arguments), "--data", str(data)])
    assert result.exit_code == code, result.output
    return result.output


def get(authority: Authority, who: Identity, address: str) -> httpx.Response:
    """A request with a certificate."""
    context = ssl.create_default_context(cafile=authority.own.certificate)
    context.load_cert_chain(who.bundle)
    return httpx.get(address, verify=context, trust_env=False, timeout=60)


def test_the_process_and_the_command(authority: Authority, tls: Tls, tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.version.write_text("1\n")
    ports = free_port(), free_port(), free_port()
    told = {
        "CYGNET_S3_BIND": f"127.0.0.1:{ports[2]}",
        "CYGNET_TLS_CERTIFICATE": str(tls.certificate),
        "CYGNET_TLS_KEY": str(tls.key),
        "CYGNET_TLS_AUTHORITIES": str(tls.authorities),
        "CYGNET_TLS_BIND": f"127.0.0.1:{ports[0]}",
        "CYGNET_TLS_S3_BIND": f"127.0.0.1:{ports[1]}",
    }
    ada, named = authority.person("Ada of the process"), authority.person("Ada by name")
    with service_process(layout.sync, **told) as running:
        assert httpx.get(f"{running.url}/api/v1/me", auth=running.auth(), trust_env=False).status_code == 200
        me = f"https://localhost:{ports[0]}/services/sync/api/v1/me"
        assert get(authority, ada, me).status_code == 401
        assert "opens the files of ada" in admin(tmp_path, "add", "ada", "--file", ada.certificate)
        assert get(authority, ada, me).json()["name"] == "ada"
        assert "<Name>home</Name>" in get(authority, ada.proxy(), f"https://localhost:{ports[1]}/").text
        admin(tmp_path, "add", "ada", "--subject", named.subject, "--issuer", authority.subject)
        assert get(authority, named, me).json()["name"] == "ada"
        assert "belongs to an account already" in admin(
            tmp_path, "add", "ada", "--file", ada.certificate, code=1
        )
        assert "no files of an account" in admin(tmp_path, "add", "nobody", "--subject", "CN=a", code=1)
        assert "is not the subject" in admin(tmp_path, "add", "ada", "--subject", "a", code=1)
        admin(tmp_path, "add", "ada", code=2)
        rows = [line.split("  ") for line in admin(tmp_path, "list", "ada").splitlines()]
        assert {row[2] for row in rows} == {
            "CN=Ada of the process,DC=cygnet,DC=org",
            "CN=Ada by name,DC=cygnet,DC=org",
        }
        for row in rows:
            admin(tmp_path, "remove", row[0])
        assert get(authority, ada, me).status_code == 401
        assert "There is no certificate" in admin(tmp_path, "remove", rows[0][0], code=1)
    log = next(layout.sync.glob("service-*.log")).read_text()
    assert "belongs to no account" in log
    assert "Traceback" not in log


async def test_a_new_certificate_and_a_new_authority_count_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, later = Authority(tmp_path / "one"), Authority(tmp_path / "two", "Later CA")
    host = authority.person("localhost", SERVER)
    own = tmp_path / "own.pem"
    own.write_text(host.bundle.read_text())
    port = free_port()
    tls = Tls(own, own, authority.accepted, bind=f"127.0.0.1:{port}")
    settings = Settings(
        tmp_path, f"sqlite:///{tmp_path}/sync.db", f"file://{tmp_path}/contents", "http://localhost/", tls=tls
    )
    services = Services.open(settings, MemoryDirectory(PEOPLE, GROUPS))
    server = make_tls_server(make_server(services), services)
    server.add_sockets(Listeners().sockets(tls.bind))
    monkeypatch.setattr(process, "TRUST_SECONDS", 0.05)
    keeping = asyncio.create_task(process.keep_trust([server], services))
    address = f"https://localhost:{port}/services/sync/api/v1/certificates/presented"

    async def until(status: int, who: Identity, by: Authority) -> None:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await asyncio.to_thread(get, by, who, address)).status_code == status:
                    return
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

    try:
        await until(200, authority.person("First"), authority)
        (authority.accepted / "later.pem").write_text(later.own.pem)
        await until(200, later.person("Second"), authority)
        own.write_text("half of it")
        await asyncio.sleep(0.2)
        await until(200, later.person("Third"), authority)
        own.write_text(later.person("localhost", SERVER).bundle.read_text())
        await until(200, later.person("Fourth"), later)
    finally:
        keeping.cancel()
        server.stop()
        await server.close_all_connections()
        services.close()
