"""TLS and certificates of people: the table `[tls]` of the settings, and what is told of it."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator


class TlsSettings(BaseModel):
    """The listeners with TLS; docs/reference/configuration.md describes each setting."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificate: str
    key: str
    authorities: str | None = None
    vomsdir: str | None = None
    revocation: Literal["required", "if-present"] = "required"
    url: str | None = None
    s3_url: str | None = None

    @field_validator("url", "s3_url")
    @classmethod
    def _root_address(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https://[^/?#]+/?", url):
            raise ValueError("must be https:// and a host, without a path")
        return None if url is None else url.rstrip("/")

    @field_validator("certificate", "key", "authorities", "vomsdir")
    @classmethod
    def _whole_path(cls, path: str | None) -> str | None:
        if path is not None and not Path(path).is_absolute():
            raise ValueError("must be a path from the root")
        return path

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"the certificate or its key cannot be used: {error}") from error
        for folder in (self.authorities, self.vomsdir):
            if folder is not None and not Path(folder).is_dir():
                raise ValueError(f"{folder} is not a folder")
        return self

    def environment(self) -> dict[str, str]:
        """Return what the sync service reads, but for the addresses."""
        told = {
            "CYGNET_TLS_CERTIFICATE": self.certificate,
            "CYGNET_TLS_KEY": self.key,
            "CYGNET_TLS_AUTHORITIES": self.authorities,
            "CYGNET_TLS_VOMSDIR": self.vomsdir,
            "CYGNET_TLS_REVOCATION": self.revocation,
        }
        return {name: value for name, value in told.items() if value is not None}
