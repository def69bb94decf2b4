"""The Files site: its pages and files, and the login that leads to it."""

from __future__ import annotations

import asyncio
import html
import mimetypes
from pathlib import Path
from typing import ClassVar

from cygnet_fs_bridge.texts import Text

from ..model.errors import Forbidden, NotFound, Unauthorized
from ..model.settings import PREFIX
from .authentication import offer_forgery_token
from .base import Access, BaseHandler
from .public_download import PublicDownloadHandler

STATIC = Path(__file__).resolve().parent.parent / "static"

#: The site's own pages: its own scripts only, no one else's frames around it. ROOT files and PDFs are drawn
#: by
#: workers, previews of notebooks in frames of their own without script.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' blob:; "
    "worker-src 'self' blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)

#: What draws ROOT files evaluates formulas as code, so it has no origin, whoever opens it.
VIEWER_POLICY = "sandbox allow-scripts; frame-ancestors 'self'"

#: Types that depend on the machine's tables otherwise.
_TYPES = {"js": "text/javascript", "mjs": "text/javascript", "wasm": "application/wasm"}

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Cygnet</title>
<h1>The Files site is not built</h1>
<p>Sync clients and notebooks work. To build the pages, run <code>make up</code> in the source tree,
or <code>npm ci &amp;&amp; npm run build</code> in <code>hub/web</code>.</p>
"""

_MESSAGE = """<!doctype html>
<html lang="{language}" style="color-scheme:light dark"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem">
<h1 style="font-size:1.3rem">{title}</h1>
<p><a href="{home}">{back}</a></p>
"""


class MissingHandler(BaseHandler):
    """Everything that is not there."""

    access: ClassVar[Access] = Access.ANYONE

    async def prepare(self) -> None:
        """Say so."""
        raise NotFound("There is nothing at this address.")


class HtmlHandler(BaseHandler):
    """Answers that a person sees in a browser; errors too."""

    def challenge(self) -> None:
        """Do not make the browser open a dialog of its own."""
        self.set_header("WWW-Authenticate", 'Bearer realm="Cygnet"')

    def finish_error(self, status: int, code: str, message: str) -> None:
        """The error in words."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        back = self.say(Text("To your files"))
        title, home = html.escape(message), f"{PREFIX}/"
        self.finish(_MESSAGE.format(language=self.language, title=title, home=home, back=back))


class PageHandler(HtmlHandler):
    """The pages of the Files site: one document, whatever the path; the browser's script does the rest."""

    access: ClassVar[Access] = Access.USER
    cookie_login: ClassVar[bool] = True

    async def prepare(self) -> None:
        """Send whoever is not logged in to the hub, and back here afterwards."""
        self.set_header("Content-Security-Policy", PAGE_POLICY)
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        try:
            await super().prepare()
        except Unauthorized:
            if self.login is None or not self._is_visit():
                raise
            self.redirect(self.login.start(self, self.request.uri or f"{PREFIX}/"))

    def _is_visit(self) -> bool:
        """Whether a person opens a page; a script's call is told that it needs a login."""
        mode = self.request.headers.get("Sec-Fetch-Mode", "navigate")
        credential = self.request.headers.get("Authorization")
        return self.request.method == "GET" and mode == "navigate" and credential is None

    async def get(self) -> None:
        """GET any page."""
        offer_forgery_token(self)
        await send_page(self)


class PublicPageHandler(HtmlHandler):
    """The page of a public link: the same document; what it shows comes from api/v1/public."""

    access: ClassVar[Access] = Access.ANYONE

    async def get(self) -> None:
        """GET s/TOKEN; who asks for a part of it is a program that reads the file."""
        if "Range" in self.request.headers:
            await self.head()
            return
        self.set_header("Content-Security-Policy", PAGE_POLICY)
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        await send_page(self)

    async def head(self) -> None:
        """HEAD s/TOKEN: where the file is; a page is of no use to who wants to know how long it is."""
        self.redirect(f"{self.request.path.rstrip('/')}/download", status=307)


class AssetHandler(BaseHandler):
    """The scripts, styles and pictures of the Files site; nothing in them is anybody's."""

    access: ClassVar[Access] = Access.ANYONE

    async def get(self, name: str) -> None:
        """GET assets/NAME and the like; a name in assets/ holds a hash of the contents."""
        data = await asyncio.to_thread(read_asset, name)
        if data is None:
            raise NotFound("There is nothing at this address.")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.set_header("Content-Type", _TYPES.get(name.rpartition(".")[2], kind))
        fixed = name.startswith("assets/")
        self.set_header("Cache-Control", f"public, max-age={'31536000, immutable' if fixed else '3600'}")
        if name.startswith("root-viewer/"):
            self.set_header("Content-Security-Policy", VIEWER_POLICY)
        self.write(data)

    async def head(self, name: str) -> None:
        """HEAD assets/NAME and the like."""
        await self.get(name)


class CallbackHandler(HtmlHandler):
    """The end of a login: the hub sends the browser here."""

    access: ClassVar[Access] = Access.ANYONE

    async def get(self) -> None:
        """GET oauth_callback?code=...&state=..."""
        if self.login is None:
            raise NotFound("There is nothing at this address.")
        done = await self.login.finish(self)
        if done is None:
            raise Forbidden("The login did not work. Please open the Files site again.")
        token, next_url = done
        self.set_secure_cookie(
            self.login.cookie_name,
            token,
            path=f"{PREFIX}/",
            httponly=True,
            samesite="Lax",
            secure=self.request.protocol == "https",
        )
        self.redirect(next_url)


class LogoutHandler(HtmlHandler):
    """Leaving: the Files site forgets the login, then the hub does."""

    access: ClassVar[Access] = Access.ANYONE

    async def get(self) -> None:
        """GET logout."""
        if self.login is not None:
            self.clear_cookie(self.login.cookie_name, path=f"{PREFIX}/")
        self.clear_cookie("_xsrf", path=f"{PREFIX}/")
        self.redirect(f"{self.services.settings.hub_base}hub/logout")


async def send_page(handler: BaseHandler) -> None:
    """Answer with the document of the Files site, or with how to build it."""
    page = await asyncio.to_thread(read_asset, "index.html")
    if page is None:
        handler.set_status(503)
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.write(page if page is not None else _NOT_BUILT)


def read_asset(name: str) -> bytes | None:
    """The bytes of a file of the built site; None if it has none of this name."""
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        return None
    return path.read_bytes()


#: Pages of the site are whatever is no door of another kind.
_DOORS = (
    r"api|ocs|remote\.php|public\.php|status\.php|index\.php|assets|pdfjs|root-viewer|health|ready|metrics"
)
_PAGES = rf"(?!(?:{_DOORS})(?:/|$)).*"

ROUTES: list[tuple[str, type[BaseHandler]]] = [
    (r"oauth_callback", CallbackHandler),
    (r"logout", LogoutHandler),
    (r"((?:assets|pdfjs|root-viewer)/.+|[A-Za-z0-9_-]+\.(?:svg|png|ico|webmanifest))", AssetHandler),
    (r"s/([^/]+)/download", PublicDownloadHandler),
    (r"s/.*", PublicPageHandler),
    (_PAGES, PageHandler),
]
