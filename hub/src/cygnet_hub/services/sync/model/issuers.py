"""Who may give out tokens for this service, and what their tokens are good for: read from a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BadRequest, InvalidName
from .names import clean_path

#: What a token is made for that any storage may accept, says the WLCG profile.
ANY_AUDIENCE = "https://wlcg.cern.ch/jwt/v1/any"


@dataclass(frozen=True)
class Issuer:
    """One issuer of tokens.

    Args:
        url: as it stands in the `iss` of its tokens.
        folder: where the paths in its tokens begin, in the tree of the account.
        account: whose tree that is, for subjects that `subjects` does not name; empty: nobody's.
        subjects: accounts of single subjects.
        groups: by the name of a group, the scopes that a token of its members has if it says none itself.
    """

    url: str
    folder: str = "/"
    account: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def account_of(self, subject: str) -> str:
        """The account that a token for `subject` is good for; empty when there is none."""
        return self.subjects.get(subject, self.account)


@dataclass(frozen=True)
class TokenPolicy:
    """All issuers by their addresses, and what a token must be made for, one of `audience`."""

    audience: frozenset[str] = frozenset({ANY_AUDIENCE})
    issuers: Mapping[str, Issuer] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> TokenPolicy:
        """Read a file; without one there are no issuers. Blocks.

        Raises:
            BadRequest: the file cannot be understood; the message says where.
        """
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except ValueError as error:
            raise BadRequest("{path} is not TOML: {error}", path=path, error=str(error)) from error
        try:
            issuers = [_issuer(one) for one in told.get("issuer", [])]
            audience = {_text(one) for one in told.get("audience", [])}
        except (KeyError, TypeError, AttributeError, InvalidName) as error:
            raise BadRequest("{path} cannot be understood: {error}", path=path, error=str(error)) from error
        return cls(frozenset(audience | {ANY_AUDIENCE}), {one.url: one for one in issuers})


def _issuer(told: Mapping[str, Any]) -> Issuer:
    unknown = sorted(set(told) - {"url", "folder", "account", "subjects", "groups"})
    if unknown:
        raise KeyError(", ".join(unknown))
    url = _text(told["url"])
    if not url.startswith(("https://", "http://")):
        raise TypeError(f"{url!r} does not begin with https://")
    subjects = {_text(key): _text(value) for key, value in told.get("subjects", {}).items()}
    groups = {_group(key): tuple(_text(value).split()) for key, value in told.get("groups", {}).items()}
    folder, account = clean_path(_text(told.get("folder", "/"))), _text(told.get("account", ""))
    return Issuer(url, folder, account, subjects, groups)


def _group(name: str) -> str:
    if not name.startswith("/"):
        raise TypeError(f"{name!r} does not begin with a slash")
    return name


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value
