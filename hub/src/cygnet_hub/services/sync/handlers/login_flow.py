"""Login flow v2: what programs ask for, and the page on which a person agrees."""

from __future__ import annotations

import html
from typing import ClassVar

from cygnet_fs_bridge.client.login_flow import confirmation
from cygnet_fs_bridge.texts import Text

from .authentication import forgery_token, session_token
from .base import Access, BaseHandler
from .site import PageHandler

#: No script at all, and in nobody's frame.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem }}
h1 {{ font-size: 1.3rem }}
button {{ font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .4rem; background: #1f5fae;
  color: #fff; cursor: pointer }}
button:focus-visible {{ outline: 3px solid currentColor; outline-offset: 2px }}
</style>
<main><h1>{title}</h1>
{body}
</main>
"""

_QUESTION = """<p>{wanted}</p>
<p>{compare}</p>
<form method="post"><input type="hidden" name="_xsrf" value="{token}">
<button type="submit">{agree}</button></form>
<p>{later}</p>"""


class BeginHandler(BaseHandler):
    """The beginning, for the program."""

    access: ClassVar[Access] = Access.ANYONE

    async def post(self) -> None:
        """POST index.php/login/v2: where to poll, and what to open in the browser."""
        client = self.request.headers.get("User-Agent", "").strip() or "A program"
        begun = await self.services.login_flow.begin(client)
        base = f"{self.services.settings.public_url}index.php/login/v2"
        self.set_header("Cache-Control", "no-store")
        poll = {"token": begun.poll, "endpoint": f"{base}/poll"}
        self.write({"poll": poll, "login": f"{base}/flow/{begun.flow}"})


class PollHandler(BaseHandler):
    """The end, for the program."""

    access: ClassVar[Access] = Access.ANYONE

    async def post(self) -> None:
        """POST index.php/login/v2/poll with token: 404 until somebody has agreed, then once the password."""
        granted = await self.services.login_flow.poll(self.get_body_argument("token", ""))
        server = self.services.settings.public_url.rstrip("/")
        self.set_header("Cache-Control", "no-store")
        self.write({"server": server, "loginName": granted.user, "appPassword": granted.password})


class GrantHandler(PageHandler):
    """The page on which a person agrees."""

    access: ClassVar[Access] = Access.USER

    async def prepare(self) -> None:
        """A form cannot send headers: its field stands for the one that shows where it came from."""
        if self.request.method == "POST":
            self.request.headers["X-XSRFToken"] = self.get_body_argument("_xsrf", "")
        await super().prepare()
        self.set_header("Content-Security-Policy", POLICY)

    async def get(self, flow: str = "") -> None:
        """GET index.php/login/v2/flow/TOKEN: the question."""
        client = await self.services.login_flow.client(flow)
        wanted = Text(
            "A program that calls itself {client} wants to read and change your files, as {user}. "
            "Agree only if you have just started it yourself.",
            client=_strong(client),
            user=_strong(self.principal.user),
        )
        compare = Text("If it shows a code, that must be {code}.", code=_strong(confirmation(flow)))
        later = Text("You can take the access away at any time, under “App passwords” on the Files site.")
        body = _QUESTION.format(
            wanted=self.say(wanted),
            compare=self.say(compare),
            token=forgery_token(self, session_token(self)),
            agree=self.say(Text("Grant access")),
            later=self.say(later),
        )
        self._send(Text("Let a program use your files?"), body)

    async def post(self, flow: str) -> None:
        """POST: the answer is yes."""
        await self.services.login_flow.grant(self.principal, flow)
        done = self.say(Text("You can close this page and go back to the program."))
        self._send(Text("The program has access now"), f"<p>{done}</p>")

    def _send(self, title: Text, body: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(_PAGE.format(language=self.language, title=self.say(title), body=body))


def _strong(value: str) -> str:
    """A value that stands out in a sentence."""
    return f"<strong>{html.escape(value)}</strong>"


_BASE = r"(?:index\.php/)?login/v2"

ROUTES: list[tuple[str, type[BaseHandler]]] = [
    (_BASE, BeginHandler),
    (rf"{_BASE}/poll", PollHandler),
    (rf"{_BASE}/flow/([A-Za-z0-9]{{1,128}})", GrantHandler),
]
