"""From a request to the principal behind it.

Six kinds of credential: an app password (Basic or Bearer), the credential of a notebook server (the same), a
token of the hub or of the grid or a macaroon (Bearer), and the login of the Files site (a cookie). The cookie
counts only where a handler says so, and never for WebDAV: a page that somebody else wrote could make a
browser send it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from ..model.errors import Forbidden, Unauthorized
from ..model.macaroon import looks_like_macaroon
from ..model.principal import ALL_SCOPES, ANONYMOUS, Principal
from ..model.settings import PREFIX
from ..service.grid_tokens import is_jwt
from ..service.throttle import Guess, login_guesses
from ..service.tokens import same_secret
from .tls import presented

if TYPE_CHECKING:
    from ..service.services import Services
    from .base import BaseHandler

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def authenticate(handler: BaseHandler) -> Principal:
    """Who asks; ANONYMOUS when the request carries no credential.

    Several clients may share one credential (a mount and an extension in one notebook server). One that names
    itself in `X-Cygnet-Client` is told by its changes feed what the others do.

    Raises:
        Unauthorized: a credential was sent and is wrong.
        TooManyRequests: too many were.
    """
    principal = await _authenticate(handler)
    client = handler.request.headers.get("X-Cygnet-Client", "") or handler.client_argument()
    return _named(principal, client)


def _named(principal: Principal, client: str) -> Principal:
    """A principal whose client has named itself."""
    if not client or principal.kind != "user":
        return principal
    tag = hashlib.sha256(client.encode("utf-8", "replace")).hexdigest()[:16]
    return replace(principal, credential_id=f"{principal.credential_id}#{tag}")


async def _authenticate(handler: BaseHandler) -> Principal:
    header = handler.request.headers.get("Authorization", "")
    if not header:
        principal = await by_certificate(handler)
        if principal is ANONYMOUS and handler.cookie_login:
            return await _by_cookie(handler)
        return principal
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        return await _by_password(handler, *_basic(value.strip()))
    if scheme.lower() in ("bearer", "token"):
        return await by_token(handler, value.strip())
    raise Unauthorized("This kind of credential is not known here.")


async def by_certificate(handler: BaseHandler) -> Principal:
    """Whose certificate the connection was made with; ANONYMOUS without one, or where nobody need be known.

    Raises:
        Unauthorized: it does not count, or belongs to no account.
    """
    try:
        chain = presented(handler.request)
        if not chain:
            return ANONYMOUS
        handler.brought_certificate = True
        return await handler.services.certificates.principal(chain)
    except Unauthorized:
        if handler.is_open:
            return ANONYMOUS
        raise


def basic_credentials(handler: BaseHandler) -> tuple[str, str] | None:
    """The user and password of a Basic `Authorization` header, None if there is none.

    Raises:
        Unauthorized: the header cannot be read.
    """
    scheme, _, value = handler.request.headers.get("Authorization", "").partition(" ")
    return _basic(value.strip()) if scheme.lower() == "basic" else None


def _basic(value: str) -> tuple[str, str]:
    try:
        user, separator, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        separator = ""
    if not separator:
        raise Unauthorized("The credentials could not be read.")
    return user, password


async def _by_password(handler: BaseHandler, user: str, password: str) -> Principal:
    known = await _lately(handler, password, user)
    if known is not None:
        return known
    guesses = login_guesses(handler.client_address, user)
    await handler.services.throttle.check(guesses)
    principal = await handler.services.credentials.principal(password, user)
    if principal is None:
        await _wrong(handler, guesses)
        raise Unauthorized("The user name or the app password is wrong.")
    return principal


async def by_token(handler: BaseHandler, token: str) -> Principal:
    """Who holds a token: of a program, of the hub, or the hub itself.

    Raises:
        Unauthorized: it is wrong. TooManyRequests: too many were.
    """
    internal = handler.services.settings.internal_key
    if same_secret(token, internal):
        return Principal("service", "hub", scopes=frozenset({"internal"}), credential_id="internal")
    if handler.services.grid_tokens.enabled and is_jwt(token):
        return await handler.services.grid_tokens.principal(token)
    if looks_like_macaroon(token):
        return await handler.services.macaroons.principal(token)
    known = await _lately(handler, token, None)
    if known is not None:
        return known
    guesses = login_guesses(handler.client_address, "")
    await handler.services.throttle.check(guesses)
    principal = await handler.services.credentials.principal(token)
    if principal is None:
        principal = await _by_hub_token(handler, token, "token")
    if principal is None:
        await _wrong(handler, guesses)
        raise Unauthorized("The token is wrong, revoked or has expired.")
    return principal


async def holder_of(services: Services, authorization: str, client: str, sender: str) -> Principal | None:
    """Who sent a password or token that is right and ours; None: `authenticate` has to say, or to refuse.

    Args:
        authorization: the Authorization header.
        client: see `authenticate`.
        sender: the address of who asks.

    Raises:
        Unauthorized: the header cannot be read. TooManyRequests: too many wrong ones were sent.
    """
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() in ("bearer", "token"):
        principal = await services.credentials.lately(value.strip())
    elif scheme.lower() == "basic":
        user, password = _basic(value.strip())
        principal = await services.credentials.lately(password, user)
        if principal is None:
            await services.throttle.check(login_guesses(sender, user))
            principal = await services.credentials.principal(password, user)
    else:
        return None
    return _named(principal, client) if principal else None


async def _lately(handler: BaseHandler, secret: str, user: str | None) -> Principal | None:
    """Who held this secret a moment ago, where the work of the handler makes sure that it still counts."""
    return await handler.services.credentials.lately(secret, user) if handler.looks_at_tree else None


async def _wrong(handler: BaseHandler, guesses: tuple[Guess, ...]) -> None:
    """Count a wrong guess; from now on a right one is looked up too, so that a block covers it."""
    await handler.services.throttle.failed(guesses)
    handler.services.credentials.forget_lately()


async def _by_hub_token(handler: BaseHandler, token: str, kind: str) -> Principal | None:
    login = handler.login
    if login is None or not token:
        return None
    user = await login.user_for_token(token, handler.get_cookie("jupyterhub-session-id", "") or "")
    if user is None:
        return None
    digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:16]
    return await handler.services.credentials.person(user, ALL_SCOPES, f"{kind}:{digest}")


async def _by_cookie(handler: BaseHandler) -> Principal:
    token = session_token(handler)
    if not token:
        return ANONYMOUS
    principal = await _by_hub_token(handler, token, "login")
    if principal is None:
        return ANONYMOUS
    if handler.request.method not in _SAFE_METHODS or handler.cookie_needs_header:
        _check_forgery(handler, token)
    return principal


def session_token(handler: BaseHandler) -> str:
    """The hub's token in the Files site's login cookie; empty when there is none."""
    if handler.login is None:
        return ""
    return (handler.get_secure_cookie(handler.login.cookie_name) or b"").decode("ascii", "replace")


def forgery_token(handler: BaseHandler, token: str) -> str:
    """What a page of the Files site must send back in `X-XSRFToken`; only this login has it."""
    return handler.services.keys.sign("xsrf", token)


def offer_forgery_token(handler: BaseHandler) -> None:
    """Give the pages of this login the token that they must send back; a script of the site reads it."""
    token = session_token(handler)
    if token:
        value, secure = forgery_token(handler, token), handler.request.protocol == "https"
        handler.set_cookie("_xsrf", value, path=f"{PREFIX}/", samesite="Lax", secure=secure)


def _check_forgery(handler: BaseHandler, token: str) -> None:
    """Refuse what a foreign page could have made the browser send.

    Raises:
        Forbidden: a header is missing or wrong.
    """
    safe = handler.request.method in _SAFE_METHODS
    if handler.cookie_needs_header and handler.request.headers.get("OCS-APIRequest", "").lower() != "true":
        raise Forbidden("The header OCS-APIRequest: true is missing.")
    given = handler.request.headers.get("X-XSRFToken", "")
    if not safe and not same_secret(given, forgery_token(handler, token)):
        raise Forbidden("This page is out of date. Please load it again.")
