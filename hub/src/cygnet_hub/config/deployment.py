"""One start of the platform: what was chosen and found, handed from `cygnet up` to the hub process."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cygnet_hub.config.layout import Layout
from cygnet_hub.config.settings import Settings

SYNC_PREFIX = "/services/sync/"
DEPLOYMENT_VARIABLE = "CYGNET_DEPLOYMENT"
RUN_VARIABLE = "CYGNET_RUN"
#: Addresses to listen on at which only this machine is reached.
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Ports:
    """TCP ports: `public` the proxy, `sync` the sync service, `s3` its door for S3 clients.

    `hub` and `proxy_api` are on loopback only. `tls` and `s3_tls` are those of `sync` and `s3` with TLS; 0
    where there is none.
    """

    public: int
    sync: int
    s3: int
    hub: int
    proxy_api: int
    tls: int = 0
    s3_tls: int = 0


@dataclass(frozen=True)
class Deployment:
    """Everything that the functions of this package read; holds paths of secrets, never a secret.

    `proxy_command` starts configurable-http-proxy, `run_id` marks every process of this start, `confined`
    says whether notebook servers are kept apart, `hosts` are names by which people may call this machine.
    """

    settings: Settings
    layout: Layout
    ports: Ports
    proxy_command: tuple[str, ...]
    run_id: str
    confined: bool
    hosts: tuple[str, ...] = ()

    @property
    def local_host(self) -> str:
        """The address at which processes of this machine reach what is bound to `settings.bind`."""
        return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(  # noqa: S104 compared, not bound
            self.settings.bind, bracketed(self.settings.bind)
        )

    @property
    def hub_url(self) -> str:
        """The origin of everything, as this machine reaches it."""
        return f"http://{self.local_host}:{self.ports.public}/"

    @property
    def public_url(self) -> str:
        """The origin that people type."""
        return self.settings.url or self.hub_url

    @property
    def sync_url(self) -> str:
        """The sync service on its own port."""
        return f"http://{self.local_host}:{self.ports.sync}{SYNC_PREFIX}"

    @property
    def s3_url(self) -> str:
        """What S3 clients are given as their endpoint: no path, and no slash at the end."""
        return self.settings.s3_url or f"http://{self.local_host}:{self.ports.s3}"

    @property
    def tls_host(self) -> str:
        """The name by which clients with TLS reach this machine, unless the settings have another."""
        return "localhost" if self.settings.bind in LOOPBACK else socket.gethostname()

    @property
    def tls_url(self) -> str:
        """The origin of the sync service with TLS; empty where there is none."""
        chosen = self.settings.tls
        return (chosen.url or f"https://{self.tls_host}:{self.ports.tls}") if chosen else ""

    @property
    def s3_tls_url(self) -> str:
        """The same of S3."""
        chosen = self.settings.tls
        return (chosen.s3_url or f"https://{self.tls_host}:{self.ports.s3_tls}") if chosen else ""

    @property
    def public_sync_url(self) -> str:
        """The sync service as people reach it."""
        return self.public_url.rstrip("/") + SYNC_PREFIX

    def secret(self, name: str) -> str:
        """Return the text of the secret `name`."""
        return (self.layout.secrets / name).read_text(encoding="ascii").strip()

    def to_json(self) -> str:
        """Return the text that `from_json` reads."""
        fields: dict[str, Any] = {
            "settings": self.settings.model_dump(),
            "data": str(self.layout.data),
            "ports": asdict(self.ports),
            "proxy_command": self.proxy_command,
            "run_id": self.run_id,
            "confined": self.confined,
            "hosts": self.hosts,
        }
        return json.dumps(fields, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Deployment:
        """Return the deployment that `to_json` wrote."""
        fields = json.loads(text)
        return cls(
            settings=Settings.model_validate(fields["settings"]),
            layout=Layout(Path(fields["data"])),
            ports=Ports(**fields["ports"]),
            proxy_command=tuple(fields["proxy_command"]),
            run_id=fields["run_id"],
            confined=fields["confined"],
            hosts=tuple(fields["hosts"]),
        )


def bracketed(host: str) -> str:
    """Return `host` as it stands in a URL: an IPv6 address in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def deployment_of_this_process() -> Deployment:
    """Return the deployment that `cygnet up` named in the environment."""
    return Deployment.from_json(Path(os.environ[DEPLOYMENT_VARIABLE]).read_text(encoding="utf-8"))
