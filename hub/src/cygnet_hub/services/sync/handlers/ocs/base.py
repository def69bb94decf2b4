"""What the OCS handlers share."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ...model.errors import BadRequest, InvalidName
from ..base import MAX_SMALL_BODY, BaseHandler
from .envelope import OK_V1, OK_V2, SERVER_ERROR, UNAUTHORIZED, render


class OcsHandler(BaseHandler):
    """An OCS door. The first thing in its address is the version; cookies need `OCS-APIRequest: true`."""

    cookie_login: ClassVar[bool] = True
    cookie_needs_header: ClassVar[bool] = True

    @property
    def version(self) -> int:
        """1 or 2."""
        return 1 if self.path_args and self.path_args[0] == "1" else 2

    def send(self, data: Any) -> None:
        """Answer that it went well."""
        self._send(data, OK_V1 if self.version == 1 else OK_V2, "")

    def finish_error(self, status: int, code: str, message: str) -> None:
        """Answer how it failed; version 1 has HTTP's 401 only."""
        ocs = UNAUTHORIZED if status == 401 else SERVER_ERROR if status >= 500 and status != 507 else status
        if self.version == 1 and status != 401:
            self.set_status(200)
        self._send([], ocs, message)
        self.finish()

    def challenge(self) -> None:
        """Ask for credentials; browsers must not open a dialog of their own."""
        by_script = self.request.headers.get("X-Requested-With") or self.request.headers.get("Cookie")
        self.set_header("WWW-Authenticate", f'{"Bearer" if by_script else "Basic"} realm="Cygnet"')

    def _send(self, data: Any, code: int, message: str) -> None:
        as_json = self._wants_json()
        kind = "application/json" if as_json else "application/xml"
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.write(render(data, code=code, message=message, as_json=as_json))

    def _wants_json(self) -> bool:
        asked = self.request.query_arguments.get("format", [b""])[-1].lower()
        accepted = self.request.headers.get("Accept", "")
        return asked == b"json" or (not asked and "json" in accepted and "xml" not in accepted)

    def given(self, name: str) -> str | None:
        """The last value of a field of the form, the JSON body or the address; None when it is not there.

        Raises:
            InvalidName: it is not UTF-8.
            BadRequest: the JSON body cannot be read.
        """
        if name in self._json:
            value = self._json[name]
            if value is None:
                return None
            return str(value).lower() if isinstance(value, bool) else str(value)
        for source in (self.request.body_arguments, self.request.query_arguments):
            if name in source:
                try:
                    return source[name][-1].decode()
                except UnicodeDecodeError:
                    raise InvalidName('The field "{name}" is not valid UTF-8.', name=name) from None
        return None

    def text(self, name: str, default: str = "") -> str:
        """`given`, or a default."""
        value = self.given(name)
        return default if value is None else value

    def number(self, name: str) -> int | None:
        """A whole number; None when it is not there.

        Raises:
            BadRequest: it is no number.
        """
        value = self.given(name)
        if value is None or value == "":
            return None
        if not (value.isascii() and value.isdecimal() and len(value) < 10):
            raise BadRequest('"{name}" must be a whole number.', name=name)
        return int(value)

    def flag(self, name: str) -> bool:
        """Whether a field says yes."""
        return self.text(name).lower() in ("true", "1", "yes")

    @property
    def _json(self) -> dict[str, Any]:
        if "json" not in self.request.headers.get("Content-Type", "") or not self.request.body:
            return {}
        if len(self.request.body) > MAX_SMALL_BODY:
            raise BadRequest("This request is too large.")
        try:
            data = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise BadRequest("The request is not JSON.") from None
        return data if isinstance(data, dict) else {}
