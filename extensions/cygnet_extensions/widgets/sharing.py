"""Sharing a file or a folder of one's own from a notebook."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable
from typing import Any

import ipywidgets
from fsspec.asyn import sync

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from cygnet_fs_bridge.models import Person, Share

from .parts import News, said


class ShareFile(ipywidgets.VBox):
    """Shares something with people, groups or by a link, and shows who has access.

    Args:
        address: `cygnet://` address of a file or folder, or its path in one's own tree.
    """

    def __init__(self, address: str, **options: Any) -> None:
        self._path = CygnetFileSystem._strip_protocol(address)
        self._people: dict[str, Person] = {}
        self.who = ipywidgets.Combobox(description=said("Share with"), placeholder=said("A name"))
        self.role = ipywidgets.Dropdown(
            options=[(said("Can view"), "viewer"), (said("Can edit"), "editor")], layout={"width": "130px"}
        )
        self.share = ipywidgets.Button(description=said("Share"), icon="share-alt", button_style="primary")
        self.link = ipywidgets.Button(description=said("Make a link"), icon="link")
        self.list, self.news = ipywidgets.HTML(), News()
        row = ipywidgets.HBox([self.who, self.role, self.share, self.link], layout={"flex_flow": "row wrap"})
        super().__init__([row, self.news, self.list], **options)
        self.who.observe(lambda _: self._suggest(), "value")
        self.share.on_click(lambda _: self._share())
        self.link.on_click(lambda _: self._create("link", None))
        with self.news.troubles():
            self._files = CygnetFileSystem()
            self._show()

    def _ask(self, method: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        return sync(self._files.loop, method, *arguments)

    def _suggest(self) -> None:
        typed = self.who.value.strip()
        if typed in self._people or not typed:
            return
        with self.news.troubles():
            found: list[Person] = self._ask(self._files.api.people, typed)
            self._people = {f"{one.display_name} ({one.id})": one for one in found}
            self.who.options = tuple(self._people)

    def _share(self) -> None:
        typed = self.who.value.strip()
        person = self._people.get(typed)
        if person is None and len(self._people) == 1:
            person = next(iter(self._people.values()))
        if person is None:
            self.news.tell(said("Type a name, and choose one of those that are offered."), trouble=True)
            return
        self._create(str(person.kind), person.id)

    def _create(self, kind: str, grantee: str | None) -> None:
        told = {"path": self._path, "kind": kind, "grantee": grantee, "role": self.role.value}
        with self.news.troubles():
            self._ask(self._files.api.create_share, told)
            self.news.tell(said("Shared."))
            self.who.value = ""
            self._show()

    def _show(self) -> None:
        shares: list[Share] = self._ask(self._files.api.shares, "item", self._path)
        rows = "".join(f"<li>{_line(one)}</li>" for one in shares)
        title = html.escape(said("Who has access to {path}", path=self._path))
        empty = html.escape(said("Nobody else."))
        self.list.value = f"<b>{title}</b>" + (f"<ul>{rows}</ul>" if rows else f"<p>{empty}</p>")


def _line(one: Share) -> str:
    if one.url:
        address = html.escape(one.url, quote=True)
        return f'<a href="{address}" target="_blank" rel="noopener">{address}</a>'
    who = one.grantee.display_name if one.grantee else ""
    return (
        f"{html.escape(who)}: {html.escape(said('can edit') if one.role == 'editor' else said('can view'))}"
    )
