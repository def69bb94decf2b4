"""The hub's pages in the language of who sees them, and the choice of one, kept for the person."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from jinja2 import pass_context
from jinja2.runtime import Context
from jupyterhub import orm
from jupyterhub.handlers import BaseHandler
from sqlalchemy import Column, ForeignKey, Integer, Unicode
from sqlalchemy.orm import Session
from tornado import web
from tornado.web import RequestHandler

from cygnet_fs_bridge import texts
from cygnet_hub.config.deployment import SYNC_PREFIX

_YEAR = 365  # days


class PersonLanguage(orm.Base):
    """The language that a person has chosen."""

    __tablename__ = "cygnet_languages"

    user_id = Column(Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    language = Column(Unicode(15), nullable=False)


class LanguageHandler(BaseHandler):
    """`/hub/language`: keeps for the person what their browser has chosen, and goes back to where they were.

    The page that offers the choice sets the cookie, which no other site can do; so a link that leads here
    from elsewhere changes nothing.
    """

    @web.authenticated
    async def get(self) -> None:
        """Keep the language of the cookie."""
        keep(self.db, self.current_user.id, self.get_cookie(texts.COOKIE))
        self.redirect(back(self.get_argument("next", "")))


def back(address: str) -> str:
    """An address on this site: that which was asked for, or that of the Files site."""
    parts = urlsplit(address)
    local = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if local else SYNC_PREFIX


def keep(session: Session, user_id: int, language: str | None) -> None:
    """Keep a person's choice, if it is a language that there is."""
    if language in texts.languages():
        session.merge(PersonLanguage(user_id=user_id, language=language))
        session.commit()


async def at_login(_authenticator: Any, handler: Any, authentication: dict[str, Any]) -> dict[str, Any]:
    """Bring browser and person together: a choice made in the browser is kept, else the kept one set there.

    Args:
        handler: the hub's request of the login.
        authentication: who has logged in; given back as it came (`Authenticator.post_auth_hook`).
    """
    person = orm.User.find(handler.db, authentication["name"])
    if person is None:
        return authentication  # their first login; the account is made after it
    chosen = handler.get_cookie(texts.COOKIE)
    if chosen:
        keep(handler.db, person.id, chosen)
    elif kept := handler.db.get(PersonLanguage, person.id):
        how = {"samesite": "Lax", "secure": handler.request.protocol == "https"}
        handler.set_cookie(texts.COOKIE, kept.language, path="/", expires_days=_YEAR, **how)
    return authentication


def language_of(handler: RequestHandler) -> str:
    """The language of who has sent a request to the hub."""
    accepted = handler.request.headers.get("Accept-Language")
    return texts.chosen(handler.get_cookie(texts.COOKIE), accepted)


def _handler(context: Context) -> RequestHandler:
    # JupyterHub gives its templates no request, but a method of what handles it.
    handler: RequestHandler = context["static_url"].__self__
    return handler


@pass_context
def translate(context: Context, text: str, **values: Any) -> str:
    """What templates call as `t`: a text in the language of who sees the page."""
    return texts.catalogue(language_of(_handler(context))).say(text, **values)


@pass_context
def spoken(context: Context) -> str:
    """What templates call as `language()`: the code for the attribute `lang`."""
    return language_of(_handler(context))


def _translate(_user: Any) -> Any:
    return translate


def _spoken(_user: Any) -> Any:
    return spoken


def variables() -> dict[str, Any]:
    """Return what all templates have: `t`, `language` and the languages to choose from, by their own names.

    JupyterHub calls a function among these with the person, and takes what it gives.
    """
    names = {code: texts.catalogue(code).name for code in texts.languages()}
    return {"t": _translate, "language": _spoken, "languages": names}
