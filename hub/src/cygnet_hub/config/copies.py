"""The setting `copies`: other servers that the sync service may copy files from and to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

#: A name, an address, `*` or `*.` and a name; and a port, if only that one is meant.
_HOST = r"^(\*|(\*\.)?[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$"

Host = Annotated[str, Field(pattern=_HOST)]


class Copies(BaseModel):
    """Servers; docs/how-to/copy-between-servers.md says what is what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosts: tuple[Host, ...] = ()
    inside: tuple[Host, ...] = ()
    authorities: str | None = None

    @field_validator("authorities")
    @classmethod
    def _is_there(cls, path: str | None) -> str | None:
        if path is not None and not Path(path).exists():
            raise ValueError("there is no such file or folder")
        return path

    def environment(self) -> dict[str, str]:
        """Return what the sync service is told."""
        found = {"CYGNET_COPY_HOSTS": " ".join(self.hosts), "CYGNET_COPY_INSIDE": " ".join(self.inside)}
        return found | ({"CYGNET_COPY_AUTHORITIES": self.authorities} if self.authorities else {})
