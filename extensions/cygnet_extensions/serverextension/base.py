"""What the handlers have in common: who may call them, what they read, and errors in words."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from cygnet_fs_bridge import texts
from cygnet_fs_bridge.errors import NotConfigured, ServiceError
from cygnet_fs_bridge.providers import ShareProvider
from cygnet_fs_bridge.texts import Text

from .gateway import Gateway

P = ParamSpec("P")
H = TypeVar("H", bound="CygnetHandler")

# The person is logged in here; it is this server that the service does not know (any more).
_STATUS_HERE = {0: 502, 401: 502}


class CygnetHandler(APIHandler):
    """Base of all handlers; the subclasses' verbs are wrapped in `guarded`."""

    auth_resource: ClassVar[str] = "contents"

    @property
    def language(self) -> str:
        """The language of the page: the person's choice, else what their browser asks for."""
        return texts.chosen(self.get_cookie(texts.COOKIE), self.request.headers.get("Accept-Language"))

    @property
    def provider(self) -> ShareProvider:
        """What shares, whichever service does it."""
        gateway: Gateway = self.settings["cygnet_gateway"]
        return gateway.provider

    def body(self, *keys: str) -> dict[str, str]:
        """Return those of `keys` that the JSON body has, each a text; what is null is left out.

        Raises:
            HTTPError: 400, the body is no JSON object, or one of them is no text.
        """
        try:
            data = json.loads(self.request.body or b"{}")
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise HTTPError(400, texts.said("The request is not a JSON object"))
        given = {key: data[key] for key in keys if data.get(key) is not None}
        if wrong := [key for key, value in given.items() if not isinstance(value, str)]:
            raise HTTPError(400, texts.said("{name} has to be a text", name=wrong[0]))
        return given

    def answer(self, data: object, status: int = 200) -> None:
        """Finish with JSON."""
        self.set_status(status)
        self.finish(json.dumps(data))

    def refuse(self, status: int, code: str, message: str) -> None:
        """Finish with an error that can be shown to the person."""
        words = texts.catalogue(self.language).say(message)
        self.answer({"error": {"code": code, "message": words}}, status)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Give every other error the same shape."""
        reason = kwargs.get("exc_info", (None, None))[1]
        words = reason.log_message if isinstance(reason, HTTPError) and reason.log_message else ""
        self.set_header("Content-Type", "application/json")
        unknown = Text("The notebook server could not do this. Try again.")
        self.refuse(status_code, f"http-{status_code}", words or unknown)


def guarded(
    method: Callable[Concatenate[H, P], Awaitable[None]],
) -> Callable[Concatenate[H, P], Awaitable[None]]:
    """Let only the authenticated and authorized call a verb, and put the service's errors into words."""

    @wraps(method)
    async def worded(self: H, *args: P.args, **kwargs: P.kwargs) -> None:
        texts.serve(self.language)
        os.environ["CYGNET_LANGUAGE"] = self.language  # for the kernels that start from now on
        try:
            await method(self, *args, **kwargs)
        except NotConfigured as error:
            self.refuse(503, "not-configured", str(error))
        except ServiceError as error:
            code = error.code or "unavailable"
            self.refuse(_STATUS_HERE.get(error.status, error.status), code, error.message)

    return cast(Callable[Concatenate[H, P], Awaitable[None]], authenticated(authorized(worded)))
