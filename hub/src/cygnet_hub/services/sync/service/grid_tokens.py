"""Bearer tokens of the grid: WLCG Common JWT Profiles, of the issuers that an administrator has named.

Such a token says itself what it is good for: `storage.read:/data` and the like. It is good for nothing else,
whatever the account behind it may do.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from joserfc import jws, jwt
from joserfc.errors import JoseError

from ..model.errors import InvalidName, Unauthorized
from ..model.issuers import Issuer, TokenPolicy
from ..model.names import clean_path, join_path, split_path
from ..model.principal import Grant, Principal
from .access import Action
from .credentials import Credentials
from .issuer_keys import IssuerKeys

#: Signatures that the profile knows; those with a shared secret are none.
ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
#: Seconds by which clocks may differ.
LEEWAY = 60
MAX_GRANTS = 100

_ACTIONS = {
    "storage.read": frozenset({Action.READ, Action.LOOK, Action.STAT}),
    "storage.create": frozenset({Action.CREATE, Action.CREATE_FOLDER}),
    "storage.modify": frozenset(Action) - {Action.READ, Action.LOOK, Action.STAT, Action.SHARE},
}


def is_jwt(token: str) -> bool:
    """Whether a bearer token looks like a signed JSON Web Token; no credential of ours does."""
    return token.startswith("eyJ") and token.count(".") == 2


class GridTokens:
    """The tokens of all issuers.

    Args:
        policy: who they are.
        credentials: say whether accounts still exist.
        keys: of the issuers.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        policy: TokenPolicy,
        credentials: Credentials,
        keys: IssuerKeys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._policy = policy
        self._credentials = credentials
        self._keys = keys
        self._clock = clock

    @property
    def enabled(self) -> bool:
        """Whether there is an issuer at all."""
        return bool(self._policy.issuers)

    async def principal(self, token: str) -> Principal:
        """Who holds a token, limited to what it says.

        Raises:
            Unauthorized: it is not one that counts here; the message says why.
            Unavailable: it cannot be checked now.
        """
        issuer, key_id = self._issuer(token)
        keys = await self._keys.of(issuer.url, key_id)
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            self._registry().validate(claims)
        except (JoseError, ValueError) as error:
            raise Unauthorized("This token does not count: {error}", error=str(error)) from None
        if not str(claims["wlcg.ver"]).startswith("1."):
            raise Unauthorized("This token is of a version of the WLCG profile that is not known here.")
        return await self._person(issuer, claims, hashlib.sha256(token.encode()).hexdigest()[:16])

    def _issuer(self, token: str) -> tuple[Issuer, str | None]:
        """Who claims to have made a token, and with which key; nothing of it is believed yet."""
        try:
            unchecked = jws.extract_compact(token.encode())
            claims, header = _object(unchecked.payload), unchecked.headers()
        except (JoseError, ValueError) as error:
            raise Unauthorized("This token cannot be read.") from error
        issuer = self._policy.issuers.get(str(claims.get("iss")))
        if issuer is None:
            raise Unauthorized("Whoever gave out this token is not known here.")
        key_id = header.get("kid")
        return issuer, key_id if isinstance(key_id, str) else None

    def _registry(self) -> jwt.JWTClaimsRegistry:
        needed: jwt.ClaimsOption = {"essential": True}
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=LEEWAY,
            iss=needed,
            sub=needed,
            exp=needed,
            aud={"essential": True, "values": sorted(self._policy.audience)},
            **{"wlcg.ver": needed},
        )

    async def _person(self, issuer: Issuer, claims: dict[str, Any], digest: str) -> Principal:
        account = issuer.account_of(str(claims["sub"]))
        person = await self._credentials.person(account, frozenset(), f"grid:{digest}") if account else None
        if person is None:
            raise Unauthorized("The subject of this token has no account here.")
        return replace(person, grants=tuple(grants(scopes_of(claims, issuer), issuer.folder)))


def scopes_of(claims: Mapping[str, Any], issuer: Issuer) -> list[str]:
    """What a token says that it is good for; one that says nothing of storage, what its groups are good for.

    A token with capabilities is limited to them, whatever groups its holder is in, says the profile.

    Raises:
        Unauthorized: it says so in a form that is not that of the profile.
    """
    told, groups = claims.get("scope", ""), claims.get("wlcg.groups", [])
    if not isinstance(told, str) or not isinstance(groups, list):
        raise Unauthorized("This token cannot be read.")
    own = [scope for scope in told.split() if scope.startswith("storage.")]
    members = [scope for group in map(str, groups) for scope in issuer.groups.get(group, ())]
    return own or list(dict.fromkeys(members))


def grants(scopes: Iterable[str], folder: str) -> list[Grant]:
    """What scopes of the WLCG profile allow, below a folder; those that are not about storage are left out.

    Args:
        scopes: such as "storage.read:/data"; the path is percent-encoded, and without one nothing is allowed.
        folder: where their paths begin.
    """
    found = []
    for scope in scopes:
        name, separator, path = scope.partition(":")
        if name not in _ACTIONS or not separator or not path.startswith("/"):
            continue
        try:
            below = clean_path(unquote(path, errors="strict"))
        except (InvalidName, UnicodeDecodeError):
            continue
        place = join_path(*split_path(folder), *split_path(below))
        actions = frozenset(action.name for action in _ACTIONS[name])
        # Whoever may make a/b/c may make the folders that it needs.
        found.append(Grant(place, actions, actions & {Action.CREATE_FOLDER.name}))
    return found[:MAX_GRANTS]


def _object(payload: bytes) -> dict[str, Any]:
    found = json.loads(payload)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found
