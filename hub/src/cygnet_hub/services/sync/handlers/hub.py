"""What this service asks of the hub: who holds a token, who exists, who is in which group.

The service's own token needs the scopes `list:users`, `read:users:name`, `read:users`, `list:groups`,
`read:groups` and `read:groups:name`, and `admin:groups` for groups made here (see `hub_groups`). Answers are
kept for a second or two, so that a busy client costs the hub little and a change on the hub is seen at once
by people's measure.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

from jupyterhub.services.auth import HubOAuth, check_scopes
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import RequestHandler

from ..model.errors import Conflict, Unavailable
from ..service.directory import Person

log = logging.getLogger(__name__)

TOKEN_SECONDS = 2.0
GROUP_SECONDS = 1.0
USER_SECONDS = 5.0
LISTING_SECONDS = 30.0
#: While the hub is away (a restart, an upgrade), what it said last is believed for this long.
GRACE_SECONDS = 300.0
TIMEOUT_SECONDS = 10.0
PAGE = 200
_MAX_CACHED = 10_000

T = TypeVar("T")


class Cached(Generic[T]):
    """Answers of one question, kept for `seconds`; when the hub is away, for up to five minutes.

    Args:
        ask: asks the hub, and raises Unavailable when it does not answer.
        seconds: how long an answer is good.
    """

    def __init__(
        self, ask: Callable[[str], Awaitable[T]], seconds: float, grace: float = GRACE_SECONDS
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._grace = grace
        self._answers: dict[str, tuple[float, T]] = {}
        self._asking: dict[str, asyncio.Task[T]] = {}

    async def get(self, key: str) -> T:
        """The answer for `key`; concurrent callers share one question.

        Raises:
            Unavailable: the hub does not answer, and said nothing of late.
        """
        now = time.monotonic()
        known = self._answers.get(key)
        if known is not None and now - known[0] < self._seconds:
            return known[1]
        try:
            return await asyncio.shield(self._question(key))
        except Unavailable:
            if known is None or now - known[0] > self._grace:
                raise
            return known[1]

    def last(self, key: str) -> T | None:
        """What was answered last, however long ago."""
        known = self._answers.get(key)
        return known[1] if known else None

    def _question(self, key: str) -> asyncio.Task[T]:
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key), name="ask-hub")
            self._asking[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        return task

    def _done(self, key: str, task: asyncio.Task[T]) -> None:
        self._asking.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen by whoever waited; nobody may wait any more

    async def _fetch(self, key: str) -> T:
        answer = await self._ask(key)
        if len(self._answers) >= _MAX_CACHED:
            self._answers.clear()
        self._answers[key] = (time.monotonic(), answer)
        return answer


class HubApi:
    """The hub's REST API.

    Args:
        url: its address, such as "http://127.0.0.1:8081/hub/api".
        token: the service's own token.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._client = AsyncHTTPClient(force_instance=True, max_clients=50)

    def close(self) -> None:
        """Drop the connections."""
        self._client.close()

    async def get(self, path: str, token: str = "") -> Any:
        """The JSON at `path`; None when there is no such thing or `token` (default: our own) is not accepted.

        Raises:
            Unavailable: the hub does not answer, or refuses our own token.
        """
        return await self._ask("GET", path, token)

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """Change something; what is not there any more is fine.

        Raises:
            Conflict: the hub refuses it. Unavailable: the hub does not answer, or our token is not accepted.
        """
        await self._ask(method, path, body=body)

    async def _ask(self, method: str, path: str, token: str = "", body: dict[str, Any] | None = None) -> Any:
        headers = {
            "Authorization": f"token {token or self._token}",
            "Accept": "application/jupyterhub-pagination+json, application/json",
        }
        request = HTTPRequest(
            self._url + path,
            method,
            headers,
            None if body is None else json.dumps(body),
            connect_timeout=TIMEOUT_SECONDS,
            request_timeout=TIMEOUT_SECONDS,
            allow_nonstandard_methods=True,
        )
        try:
            answer = await self._client.fetch(request)
        except HTTPClientError as error:
            if error.code == 404 or (token and error.code in (401, 403)):
                return None
            if method != "GET" and error.code in (400, 409):
                raise Conflict("The hub answered {code}.", code=error.code) from error
            log.warning("the hub answered %s to %s", error.code, path.partition("?")[0])
            raise Unavailable("The hub does not answer. Please try again in a moment.") from error
        except OSError as error:
            log.warning("the hub cannot be reached: %s", error)
            raise Unavailable("The hub cannot be reached. Please try again in a moment.") from error
        return json.loads(answer.body or b"null")

    async def pages(self, path: str) -> list[dict[str, Any]]:
        """All items of a listing, however many pages it has."""
        items: list[dict[str, Any]] = []
        while True:
            query = urlencode({"offset": len(items), "limit": PAGE})
            answer = await self.get(f"{path}?{query}")
            page = answer["items"] if isinstance(answer, dict) else answer or []
            items.extend(page)
            following = answer["_pagination"]["next"] if isinstance(answer, dict) else None
            if not page or following is None:
                return items


class HubDirectory:
    """The directory of people that a JupyterHub keeps."""

    def __init__(self, api: HubApi) -> None:
        self._api = api
        self._users = Cached(self._ask_user, USER_SECONDS)
        self._groups = Cached(self._ask_groups, GROUP_SECONDS)
        self._listing = Cached(self._ask_listing, LISTING_SECONDS)

    async def user(self, name: str) -> Person | None:
        """See `Directory`."""
        return await self._users.get(name) if name else None

    async def group(self, name: str) -> Person | None:
        """See `Directory`."""
        return Person(name, name, "group") if name in await self._groups.get("") else None

    async def find(self, query: str, limit: int = 20) -> list[Person]:
        """See `Directory`."""
        users, groups = await self._listing.get(""), await self._groups.get("")
        everyone = [*users, *(Person(name, name, "group") for name in groups)]
        return best_matches(everyone, query, limit)

    async def groups_of(self, name: str) -> frozenset[str]:
        """See `Directory`."""
        await self._groups.get("")
        return self.groups_lately(name)

    def groups_lately(self, name: str) -> frozenset[str]:
        """See `Directory`."""
        groups = self._groups.last("") or {}
        return frozenset(group for group, members in groups.items() if name in members)

    async def members_of(self, group: str) -> frozenset[str]:
        """See `Directory`."""
        return (await self._groups.get("")).get(group, frozenset())

    async def _ask_user(self, name: str) -> Person | None:
        model = await self._api.get(f"/users/{quote(name, safe='')}")
        return _person(model) if model else None

    async def _ask_groups(self, _key: str) -> dict[str, frozenset[str]]:
        return {
            model["name"]: frozenset(model.get("users", ())) for model in await self._api.pages("/groups")
        }

    async def _ask_listing(self, _key: str) -> list[Person]:
        return [_person(model) for model in await self._api.pages("/users")]


def _person(model: dict[str, Any]) -> Person:
    return Person(model["name"], model["name"], "user", bool(model.get("admin", False)))


def best_matches(people: list[Person], query: str, limit: int) -> list[Person]:
    """Whose name or display name contains `query`: exact names first, then beginnings, then the rest."""
    word = query.casefold()

    def rank(person: Person) -> tuple[int, str]:
        texts = (person.name.casefold(), person.display_name.casefold())
        if word in texts:
            return 0, texts[0]
        return (1 if any(text.startswith(word) for text in texts) else 2), texts[0]

    found = [p for p in people if word in p.name.casefold() or word in p.display_name.casefold()]
    return sorted(found, key=rank)[:limit]


class Login(Protocol):
    """How people log in to the Files site, and whose a hub token is."""

    cookie_name: str

    async def user_for_token(self, token: str, session_id: str = "") -> str | None:
        """The account name behind a token that may use this service, or None."""
        ...

    def start(self, handler: RequestHandler, next_url: str) -> str:
        """Begin a login that ends at `next_url`; the address to send the browser to."""
        ...

    async def finish(self, handler: RequestHandler) -> tuple[str, str] | None:
        """End a login on the callback's request: the token for the cookie, and where to go; None if it
        failed.
        """
        ...


class HubLogin:
    """Login by the hub's OAuth.

    Args:
        api: the hub's API.
        auth: JupyterHub's side of it, configured from the environment of a managed service.
    """

    def __init__(self, api: HubApi, auth: HubOAuth) -> None:
        self._api = api
        self._auth = auth
        self.cookie_name: str = auth.cookie_name
        # A token that was revoked must not outlive its two seconds because the hub is away.
        self._users = Cached(self._ask, TOKEN_SECONDS, grace=TOKEN_SECONDS)

    async def user_for_token(self, token: str, session_id: str = "") -> str | None:
        """See `Login`."""
        return await self._users.get(f"{session_id} {token}")  # a logout ends the session: asked anew

    async def _ask(self, key: str) -> str | None:
        model = await self._api.get("/user", key.partition(" ")[2])
        if not model or model.get("kind") != "user":
            return None
        allowed = check_scopes(self._auth.access_scopes, set(model.get("scopes", ())))
        return str(model["name"]) if allowed else None

    def start(self, handler: RequestHandler, next_url: str) -> str:
        """See `Login`."""
        verifier, challenge, method = self._auth.generate_pkce_code_challenge()
        state = self._auth.set_state_cookie(handler, next_url=next_url, code_verifier=verifier)
        query = {"state": state, "code_challenge": challenge, "code_challenge_method": method}
        return f"{self._auth.login_url}&{urlencode(query)}"

    async def finish(self, handler: RequestHandler) -> tuple[str, str] | None:
        """See `Login`."""
        state = handler.get_query_argument("state", "")
        code = handler.get_query_argument("code", "")
        cookie = handler.get_secure_cookie(self._auth.get_state_cookie_name(state)) or b""
        if not state or not code or cookie.decode("ascii", "replace") != state:
            return None
        next_url, verifier = self._auth.get_next_url(state), self._auth.get_code_verifier(state)
        self._auth.clear_oauth_state(state)
        self._auth.clear_oauth_state_cookies(handler)
        token = await self._auth.token_for_code(code, sync=False, code_verifier=verifier)
        return str(token), str(next_url)
