"""The stores that a site offers beside a person's own files: what they are, and what a session is told."""

from __future__ import annotations

import base64
import configparser
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cygnet_fs_bridge.session_stores import ADDRESSES
from cygnet_fs_bridge.texts import Text

Kind = Literal["none", "keys", "password", "token"]

#: What a person enters for each kind of credential: name of the field -> words, and whether it is secret.
FIELDS: Mapping[Kind, Mapping[str, tuple[str, bool]]] = {
    "none": {},
    "keys": {"key": (Text("Access key"), False), "secret": (Text("Secret key"), True)},
    "password": {"user": (Text("User name"), False), "password": (Text("Password"), True)},
    "token": {"token": (Text("Token"), True)},
}

_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"
_S3, _WEB, _XROOTD, _WEBDAV = ("s3", "s3a"), ("http", "https"), ("root", "roots", "xroot"), ("webdav",)
_TAKES: Mapping[Kind, tuple[str, ...]] = {
    "keys": _S3,
    "password": (*_WEB, *_WEBDAV),
    "token": (*_WEB, *_XROOTD, *_WEBDAV),
}
_NOT_OFFERED = ("memory", "file", "local")


class StoreOffer(BaseModel):
    """A store that people may mount.

    Args:
        title: its name for people.
        url: address of fsspec, such as `s3://bucket/folder`.
        description: a sentence about it, may be empty.
        credential: what a person needs for it of their own.
        options: options of the filesystem; every session that mounts it sees them.
        read_only: whether nothing may be changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=100)
    url: str
    description: str = Field("", max_length=300)
    credential: Kind = "none"
    options: dict[str, Any] = Field(default_factory=dict)
    read_only: bool = False

    @property
    def scheme(self) -> str:
        """What its address begins with."""
        return self.url.partition("://")[0]

    @property
    def address(self) -> str:
        """Where it is, for people: a WebDAV store has that among its options."""
        return str(self.options.get("base_url") or self.url)

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        scheme, found, _ = url.partition("://")
        if not found or scheme in _NOT_OFFERED:
            raise ValueError(
                "must be the address of a store, such as s3://bucket/folder or root://host//folder"
            )
        return url

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.credential != "none" and self.scheme not in _TAKES[self.credential]:
            schemes = ", ".join(f"{one}://" for one in _TAKES[self.credential])
            raise ValueError(f'credential = "{self.credential}" is for {schemes}')
        return self


@dataclass(frozen=True)
class ChosenStore:
    """A store that a session mounts, with what opens it.

    Args:
        name: its name; the folder where it is mounted.
        url: address of fsspec.
        read_only: whether nothing may be changed.
        options: options of the filesystem, with the person's credential.
        token: content of the token file, where its protocol reads one.
    """

    name: str
    url: str
    read_only: bool
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """Where its files are for programs: those of WebDAV are read by HTTP too."""
        return str(self.options.get("base_url") or self.url)


def offers(configured: Mapping[str, Any]) -> dict[str, StoreOffer]:
    """Return the catalogue that a configuration describes.

    Args:
        configured: name -> fields of `StoreOffer`.

    Raises:
        ValueError: something in it does not fit; the message says what.
    """
    found = {}
    for name, fields in configured.items():
        try:
            found[_checked_name(name)] = StoreOffer.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"store {name}: {where} {first['msg'].removeprefix('Value error, ')}") from error
    return found


def _checked_name(name: str) -> str:
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"store {name!r}: a name has small letters, digits, - and _, at most 63")
    return name


def opened(name: str, offer: StoreOffer, entered: Mapping[str, str]) -> ChosenStore:
    """Return a store with a person's credential put where its filesystem looks for it.

    Args:
        name: its name.
        offer: what the site offers.
        entered: the fields of the person's credential; empty if it needs none.
    """
    options: dict[str, Any] = {**offer.options, **_secret_options(offer, entered)}
    if "base_url" in options:
        options["base_url"] = str(options["base_url"]).replace(
            "{user}", quote(entered.get("user", ""), safe="")
        )
    token = entered.get("token", "") if offer.scheme in _XROOTD else ""
    return ChosenStore(name, offer.url, offer.read_only, options, token)


def _secret_options(offer: StoreOffer, entered: Mapping[str, str]) -> dict[str, Any]:
    if offer.scheme in (*_WEB, *_WEBDAV) and entered:
        headers = offer.options.get("headers", {})
        return {"headers": {**headers, "Authorization": _authorization(entered)}}
    return {} if offer.scheme in _XROOTD else dict(entered)


def _authorization(entered: Mapping[str, str]) -> str:
    if "token" in entered:
        return f"Bearer {entered['token']}"
    pair = f"{entered['user']}:{entered['password']}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def session_files(stores: Sequence[ChosenStore]) -> dict[str, str]:
    """Return what a session finds in its folder of store options: name of the file -> text."""
    files = {f"{store.name}.json": json.dumps(dict(store.options)) for store in stores}
    if stores:
        files[ADDRESSES] = json.dumps({store.name: store.address for store in stores})
    files |= {f"{store.name}.token": store.token for store in stores if store.token}
    if buckets := _buckets(stores):
        files |= {
            "aws-config": _ini(buckets, "profile ", _places),
            "aws-credentials": _ini(buckets, "", _keys),
        }
    return files


def session_environment(stores: Sequence[ChosenStore], folder: str, mounted: str) -> dict[str, str]:
    """Return the variables by which programs find the stores.

    Args:
        stores: those of the session.
        folder: where it finds the files of `session_files`.
        mounted: the folder below which they are mounted; empty if they are not.
    """
    if not stores:
        return {}
    found = {"CYGNET_STORES": mounted} if mounted else {}
    found["CYGNET_STORE_OPTIONS"] = folder
    if _buckets(stores):
        found |= {
            "AWS_CONFIG_FILE": f"{folder}/aws-config",
            "AWS_SHARED_CREDENTIALS_FILE": f"{folder}/aws-credentials",
        }
    if token := next((store for store in stores if store.token), None):
        found["BEARER_TOKEN_FILE"] = f"{folder}/{token.name}.token"
    return found


def _buckets(stores: Sequence[ChosenStore]) -> list[ChosenStore]:
    return [store for store in stores if store.url.partition("://")[0] in _S3]


def _ini(stores: Sequence[ChosenStore], prefix: str, lines: Any) -> str:
    """Return a file as the AWS tools read it: the first store is the default, each is a profile."""
    parser, text = configparser.RawConfigParser(default_section="none"), io.StringIO()
    parser["default"] = lines(stores[0])
    for store in stores:
        parser[f"{prefix}{store.name}"] = lines(store)
    parser.write(text)
    return text.getvalue()


def _places(store: ChosenStore) -> dict[str, str]:
    client = store.options.get("client_kwargs", {})
    endpoint = store.options.get("endpoint_url") or client.get("endpoint_url")
    told = {"endpoint_url": endpoint, "region": client.get("region_name")}
    return {name: str(value) for name, value in told.items() if value}


def _keys(store: ChosenStore) -> dict[str, str]:
    told = {
        "aws_access_key_id": store.options.get("key"),
        "aws_secret_access_key": store.options.get("secret"),
    }
    return {name: str(value) for name, value in told.items() if value}
