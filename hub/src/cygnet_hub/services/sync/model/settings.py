"""What the sync service is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .egress import EgressPolicy

PREFIX = "/services/sync"


@dataclass(frozen=True)
class Tls:
    """How the service listens for clients that come with TLS, and with certificates of their own.

    Args:
        certificate: file with the service's certificate and those that it needs (PEM).
        key: file with its key (PEM).
        authorities: folder with the authorities whose clients are accepted; None: no client is.
        vomsdir: folder that names the servers that speak for organisations; None: none does.
        needs_lists: whether an authority counts only with a list of what it has revoked.
        bind: "address:port" of WebDAV and the JSON API.
        s3_bind: the same of S3; empty: there is none.
        url: how people reach `bind`; empty: not known.
        s3_url: the same of `s3_bind`.
    """

    certificate: Path
    key: Path
    authorities: Path | None = None
    vomsdir: Path | None = None
    needs_lists: bool = True
    bind: str = "127.0.0.1:0"
    s3_bind: str = ""
    url: str = ""
    s3_url: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Tls | None:
        """As the hub sets it; None where it does not."""
        if "CYGNET_TLS_CERTIFICATE" not in environ:
            return None
        folders = {
            name: Path(environ[f"CYGNET_TLS_{name.upper()}"])
            for name in ("authorities", "vomsdir")
            if environ.get(f"CYGNET_TLS_{name.upper()}")
        }
        return cls(
            Path(environ["CYGNET_TLS_CERTIFICATE"]),
            Path(environ["CYGNET_TLS_KEY"]),
            needs_lists=environ.get("CYGNET_TLS_REVOCATION", "required") == "required",
            bind=environ["CYGNET_TLS_BIND"],
            s3_bind=environ.get("CYGNET_TLS_S3_BIND", ""),
            url=environ.get("CYGNET_TLS_URL", ""),
            s3_url=environ.get("CYGNET_TLS_S3_URL", ""),
            **folders,
        )


@dataclass(frozen=True)
class Settings:
    """Where things are.

    Args:
        data: folder of the service's own files.
        database_url: SQLAlchemy URL of the metadata.
        storage_url: fsspec URL of the file contents.
        public_url: how people reach the service, ending in "/"; links are made of it.
        bind: "address:port" of the service's own listener.
        internal_key: what the spawner authenticates with; empty: nobody can.
        hub_base: path of the hub's origin that everything lies below, beginning and ending in "/".
        audit_log: file of the audit log; None: it is written where the other log goes.
        s3_bind: "address:port" of the listener for S3 clients; empty: there is none.
        s3_url: how people reach that listener; empty: not known.
        copies: where copies between servers may go.
        hosts: further host names that the service answers to, in lower case.
        tls: the listeners with TLS; None: there are none.
        processes: how many serve side by side.
    """

    data: Path
    database_url: str
    storage_url: str
    public_url: str
    bind: str = "127.0.0.1:0"
    internal_key: str = ""
    hosts: tuple[str, ...] = ()
    hub_base: str = "/"
    audit_log: Path | None = None
    s3_bind: str = ""
    s3_url: str = ""
    tls: Tls | None = None
    copies: EgressPolicy = field(default_factory=EgressPolicy)
    processes: int = 1

    @property
    def token_issuers(self) -> Path:
        """The file that names whose tokens of the grid count."""
        return self.data / "token-issuers.toml"

    @classmethod
    def in_folder(
        cls, data: Path, public_url: str, bind: str = "127.0.0.1:0", internal_key: str = ""
    ) -> Settings:
        """SQLite and a directory, both in `data`."""
        return cls(
            data, f"sqlite:///{data}/sync.db", f"file://{data}/contents", public_url, bind, internal_key
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """As the hub sets it for a managed service; blocks to read the key file.

        Raises:
            KeyError: CYGNET_DATA or CYGNET_PUBLIC_URL is missing.
        """
        data = Path(environ["CYGNET_DATA"])
        key_file = environ.get("CYGNET_INTERNAL_KEY_FILE")
        return cls(
            data,
            environ.get("CYGNET_DATABASE_URL", f"sqlite:///{data}/sync.db"),
            environ.get("CYGNET_STORAGE_URL", f"file://{data}/contents"),
            environ["CYGNET_PUBLIC_URL"],
            environ.get("CYGNET_SYNC_BIND", "127.0.0.1:8001"),
            Path(key_file).read_text().strip() if key_file else "",
            tuple(environ.get("CYGNET_SYNC_HOSTS", "").lower().split()),
            environ.get("JUPYTERHUB_BASE_URL", "/"),
            _audit_log(data, environ.get("CYGNET_AUDIT_LOG", "")),
            environ.get("CYGNET_S3_BIND", ""),
            environ.get("CYGNET_S3_URL", ""),
            Tls.from_environment(environ),
            EgressPolicy.from_environment(environ),
            int(environ.get("CYGNET_SYNC_PROCESSES", "1")),
        )


def _audit_log(data: Path, name: str) -> Path | None:
    return None if name == "-" else Path(name) if name else data / "audit.log"
