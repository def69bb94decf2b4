"""What the sync service is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .egress import EgressPolicy

PREFIX = "/services/sync"


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
    copies: EgressPolicy = EgressPolicy()

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
            EgressPolicy.from_environment(environ),
        )


def _audit_log(data: Path, name: str) -> Path | None:
    return None if name == "-" else Path(name) if name else data / "audit.log"
