"""Login flow v2: what programs ask for, and the page on which a person agrees."""

from __future__ import annotations

import html
from typing import ClassVar

from cygnet_fs_bridge.client.login_flow import confirmation

from .authentication import forgery_token, session_token
from .base import Access, BaseHandler
from .site import PageHandler

#: No script at all, and in nobody's frame.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem;
  color-scheme: light dark }}
h1 {{ font-size: 1.3rem }}
button {{ font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .4rem; background: #1f5fae;
  color: #fff; cursor: pointer }}
button:focus-visible {{ outline: 3px solid currentColor; outline-offset: 2px }}
</style>
<main><h1>{title}</h1>
{body}
</main>
"""

_QUESTION = """<p>A program that calls itself <strong>{client}</strong> wants to read and change your files,
as <strong>{user}</strong>. Agree only if you have just started it yourself.</p>
<p>If it shows a code, that must be <strong>{code}</strong>.</p>
<form method="post"><input type="hidden" name="_xsrf" value="{token}">
<button type="submit">Grant access</button></form>
<p>You can take the access away at any time, under <em>App passwords</em> on the Files site.</p>"""


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
        token = forgery_token(self, session_token(self))
        shown = {"client": client, "user": self.principal.user, "token": token, "code": confirmation(flow)}
        body = _QUESTION.format(**{key: html.escape(value) for key, value in shown.items()})
        self._send("Let a program use your files?", body)

    async def post(self, flow: str) -> None:
        """POST: the answer is yes."""
        await self.services.login_flow.grant(self.principal, flow)
        self._send("The program has access now", "<p>You can close this page and go back to the program.</p>")

    def _send(self, title: str, body: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(_PAGE.format(title=title, body=body))


_BASE = r"(?:index\.php/)?login/v2"

ROUTES: list[tuple[str, type[BaseHandler]]] = [
    (_BASE, BeginHandler),
    (rf"{_BASE}/poll", PollHandler),
    (rf"{_BASE}/flow/([A-Za-z0-9]{{1,128}})", GrantHandler),
]
