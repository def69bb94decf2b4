"""Macaroons for clients of the grid: made for one place, some activities and a time, out of a credential.

What a macaroon may do is what its caveats say and the credential that it was made with may do too, as that
is when it is used. It ends with that credential. Nothing is stored of it: only this instance can sign one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..model.errors import BadRequest, Forbidden, InvalidName, Unauthorized
from ..model.macaroon import BadMacaroon, Macaroon
from ..model.names import clean_path, is_inside
from ..model.principal import Grant, Principal
from .access import Action, actions_of, require_reach, require_scope
from .tokens import Keys, new_token

#: Seconds that a macaroon lives if nothing is asked for, and at most.
USUAL, LONGEST = 3600.0, 86400.0

#: What is allowed of the folders above, too: clients look whether those are there, and make them.
_ABOVE = frozenset({Action.STAT.name, Action.CREATE_FOLDER.name})

#: The words of dCache and XRootD for what a macaroon is good for.
ACTIVITIES = {
    "DOWNLOAD": {Action.READ},
    "LIST": {Action.LOOK, Action.STAT},
    "READ_METADATA": {Action.STAT},
    "UPLOAD": {Action.CREATE, Action.CREATE_FOLDER, Action.OVERWRITE},
    "DELETE": {Action.DELETE},
    "MANAGE": {Action.LOOK, Action.STAT, Action.CREATE_FOLDER, Action.MOVE, Action.RENAME, Action.LOCK},
    "UPDATE_METADATA": {Action.PROPERTIES},
}

_DURATION = re.compile(
    r"P(?=.)(?:(?P<days>\d{1,6})D)?(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
_STAMP = "%Y-%m-%dT%H:%M:%SZ"

#: Finds who holds a credential of one kind by its id, if it is still good.
Holder = Callable[[str], Awaitable[Principal | None]]


@dataclass(frozen=True)
class Limits:
    """What caveats leave: a folder or file, activities, a time (seconds since 1970); None: nowhere."""

    path: str | None = "/"
    activities: frozenset[str] = frozenset(ACTIVITIES)
    before: float = float("inf")

    def limited(self, caveat: str) -> Limits:
        """These limits and those of one caveat.

        Raises:
            BadRequest: the caveat is not known here, so nobody could keep to it.
        """
        name, _, value = caveat.partition(":")
        try:
            if name == "path":
                return replace(self, path=_narrower(self.path, clean_path(value)))
            if name == "activity":
                return replace(self, activities=self.activities & _activities(value))
            if name == "before":
                return replace(self, before=min(self.before, _moment(value)))
        except (InvalidName, ValueError) as error:
            raise BadRequest('The caveat "{caveat}" cannot be understood.', caveat=caveat[:100]) from error
        raise BadRequest('The caveat "{caveat}" is not known here.', caveat=caveat[:100])


def _narrower(one: str | None, other: str) -> str | None:
    """What lies in both of two places."""
    if one is None or one == other or is_inside(one, other):
        return one
    return other if is_inside(other, one) else None


def _activities(value: str) -> frozenset[str]:
    named = frozenset(word.strip() for word in value.split(","))
    if not named <= ACTIVITIES.keys():
        raise ValueError("an activity that is not known")
    return named


def _moment(value: str) -> float:
    moment = datetime.fromisoformat(value.strip())
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.timestamp()


def parse_duration(text: str) -> float:
    """The seconds of a duration such as "PT180M" (ISO 8601).

    Raises:
        BadRequest: it is none, or of months or years, which have no length.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise BadRequest('The validity is not a duration such as "PT3H".')
    units = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
    return float(sum(int(match[name] or 0) * length for name, length in units.items()))


class Macaroons:
    """Makes macaroons, and says who holds one.

    Args:
        keys: of this instance.
        location: what they are good for, a hint to people.
        holders: who holds the credentials that macaroons may be made with, by kind.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        keys: Keys,
        location: str,
        holders: Mapping[str, Holder],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = keys.derive("macaroon")
        self._location = location
        self._holders = holders
        self._clock = clock

    def issue(
        self, principal: Principal, path: str, caveats: Sequence[str] = (), validity: float | None = None
    ) -> tuple[str, float]:
        """Make a macaroon for `path`, which need not exist: it, and the seconds that it lives.

        Args:
            caveats: such as "activity:DOWNLOAD,LIST", "path:/below" or "before:2030-01-01T00:00:00Z".
            validity: seconds; a day at most.

        Raises:
            BadRequest: a caveat cannot be understood, or leaves no time.
            Forbidden: the principal's credential is not one that macaroons are made with.
        """
        source = self._source(principal)
        require_reach(principal, path)
        now = self._clock()
        until = now + min(USUAL if validity is None else validity, LONGEST)
        limits = Limits(path, before=min(until, principal.ends or until))
        for caveat in caveats:
            limits = limits.limited(caveat)
        if limits.before <= now or limits.path is None or not limits.activities:
            raise BadRequest("These caveats leave nothing that such a macaroon could be used for.")
        made = Macaroon.make(self._location, f"{source} {new_token(22)}".encode(), self._key)
        for caveat in self._written(limits):
            made = made.limited(caveat)
        return made.serialize(), limits.before - now

    def _source(self, principal: Principal) -> str:
        """The credential that a macaroon of this principal hangs on."""
        require_scope(principal, "files:read")
        source = principal.credential_id.partition("#")[0]
        if principal.kind != "user" or source.partition(":")[0] not in self._holders:
            raise Forbidden("Macaroons are made with an app password or a certificate.")
        return source

    def _written(self, limits: Limits) -> list[str]:
        before = datetime.fromtimestamp(limits.before, UTC).strftime(_STAMP)
        activities = ",".join(sorted(limits.activities))
        return [f"path:{limits.path}", f"activity:{activities}", f"before:{before}"]

    async def principal(self, token: str) -> Principal:
        """Who holds a macaroon, limited to what it says.

        Raises:
            Unauthorized: it is not one of this service, has ended, or has a caveat that is not known here.
        """
        try:
            macaroon = Macaroon.parse(token)
        except BadMacaroon as error:
            raise Unauthorized("This macaroon cannot be read: {problem}.", problem=str(error)) from error
        if not macaroon.is_signed_with(self._key):
            raise Unauthorized("This macaroon was not made here, or was changed.")
        limits = self._limits(macaroon)
        source, _, nonce = macaroon.identifier.decode().rpartition(" ")
        kind, _, credential = source.partition(":")
        holder = self._holders.get(kind)
        maker = await holder(credential) if holder else None
        if maker is None:
            raise Unauthorized("The credential that this macaroon was made with is revoked or has ended.")
        return _limited(maker, limits, f"macaroon:{nonce}")

    def _limits(self, macaroon: Macaroon) -> Limits:
        """What all caveats leave; those that nobody here understands are not passed over."""
        limits = Limits()
        try:
            for caveat in macaroon.caveats:
                limits = limits.limited(caveat.decode())
        except (BadRequest, UnicodeDecodeError) as error:
            raise Unauthorized("This macaroon has a caveat that is not known here.") from error
        if limits.before <= self._clock():
            raise Unauthorized("This macaroon has ended.")
        return limits


def _limited(maker: Principal, limits: Limits, credential_id: str) -> Principal:
    """The holder of a macaroon: whoever made it, but for what its limits and the maker's own leave."""
    path = _narrower(limits.path, maker.folder or "/")
    wanted = {action for name in limits.activities for action in ACTIVITIES[name]}
    actions = frozenset(action.name for action in wanted & actions_of(maker.scopes))
    grants = () if path is None else (Grant(path, actions, actions & _ABOVE),)
    return replace(
        maker, scopes=frozenset(), grants=grants, folder=None, admin=False, credential_id=credential_id
    )
