"""What an administrator may choose, in `cygnet.toml` or on the command line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cygnet_hub.config.copies import Copies
from cygnet_hub.config.tls import TlsSettings
from cygnet_hub.errors import PlatformError
from cygnet_spawner.stores import offers


class Settings(BaseModel):
    """Every setting of the platform; docs/reference/configuration.md describes each one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bind: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65531)] = 8000
    url: str | None = None
    s3_url: str | None = None
    hosts: tuple[str, ...] = ()
    copies: Copies = Copies()
    unconfined: bool = False
    idle_minutes: Annotated[int, Field(ge=0)] = 240
    minimum_password_length: Annotated[int, Field(ge=8, le=64)] = 10
    uid_base: Annotated[int, Field(ge=1000)] | None = None
    environments: dict[str, Any] | None = None
    stores: dict[str, Any] = Field(default_factory=dict)
    database_url: str | None = None
    storage_url: str | None = None
    sync_processes: Annotated[int, Field(ge=1, le=64)] = 1
    tls: TlsSettings | None = None

    @field_validator("stores")
    @classmethod
    def _usable_stores(cls, stores: dict[str, Any]) -> dict[str, Any]:
        offers(stores)
        return stores

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return url

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("file:///", "s3://")):
            raise ValueError("must begin with s3:// or file:///")
        return url

    @field_validator("s3_url")
    @classmethod
    def _root_address(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[^/?#]+/?", url):
            raise ValueError("must be http:// or https:// and a host, without a path")
        return None if url is None else url.rstrip("/")

    @field_validator("url")
    @classmethod
    def _whole_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/") + "/"


def load_settings(path: Path, overrides: dict[str, Any]) -> Settings:
    """Return the settings in `path` (it need not exist) with `overrides` (None means "not given") on top.

    Raises PlatformError, in words for the administrator, when a setting is unknown or out of range.
    """
    chosen = _read(path) | {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate(chosen)
    except ValidationError as invalid:
        problems = "; ".join(_sentence(error) for error in invalid.errors())
        raise PlatformError(f"{path.name}: {problems}") from invalid


def check_addresses(database: str | None, storage: str | None) -> None:
    """See that settings could have these as `database_url` and `storage_url`; None is none.

    Raises PlatformError when they could not.
    """
    try:
        Settings(database_url=database, storage_url=storage)
    except ValidationError as invalid:
        raise PlatformError("; ".join(_sentence(error) for error in invalid.errors())) from invalid


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise PlatformError(f"{path} is not a TOML file: {broken}") from broken


def _sentence(error: Any) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"there is no setting `{name}`"
    return f"`{name}`: {error['msg'].removeprefix('Value error, ')}"
