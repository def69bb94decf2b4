"""The gallery: notebooks that everybody with an account may look at and copy."""

from __future__ import annotations

from typing import Any, ClassVar

from cygnet_fs_bridge import models as wire

from ...model.gallery import GalleryEntry, NewEntry
from ...model.names import clean_path
from ..base import Access
from . import gallery_models as models
from . import requests
from .base import ApiHandler
from .operations import PAGE, PATH, Parameter, operation
from .views import send_preview


class _GalleryHandler(ApiHandler):
    async def shown(self, entry: GalleryEntry) -> dict[str, Any]:
        """An entry as the caller sees it."""
        mine = entry.author == self.principal.user
        return {
            "id": str(entry.id),
            "name": entry.node.name,
            "title": entry.title,
            "about": entry.about,
            "tags": list(entry.tags),
            "author": (await self.owner(entry.author)).to_json(),
            "group": entry.group,
            "size": entry.node.size,
            "published": entry.published,
            "mine": mine,
            "path": entry.node.path if mine else None,
        }


class GalleryHandler(_GalleryHandler):
    """All of it."""

    access: ClassVar[Access] = Access.USER

    @operation(
        {200: models.Entries},
        parameters=(Parameter("q", "words in it"), Parameter("tag", "a tag that it must have"), PATH),
        errors=(404,),
    )
    async def get(self) -> None:
        """GET gallery?q=words&tag=physics: entries and tags; with path=/a what the caller published of it."""
        if self.argument("path"):
            one = await self.services.gallery.of_path(self.principal, self.path_argument())
            self.send({"entries": [await self.shown(one)] if one else [], "tags": []})
            return
        found = await self.services.gallery.search(self.argument("q")[:500], self.argument("tag"))
        self.send(
            {
                "entries": [await self.shown(entry) for entry in found.entries],
                "tags": [{"tag": tag, "count": count} for tag, count in found.tags],
            }
        )

    @operation({201: models.Entry}, body=models.Publication, errors=(404, 405, 409, 415))
    async def post(self) -> None:
        """POST gallery {path, about, tags, group}: 201 with the entry; the notebook is shown as it is now."""
        body = self.read(models.Publication)
        self.principal.note("gallery.publish", body.path)
        new = NewEntry(body.about, tuple(body.tags), body.group)
        entry = await self.services.gallery.publish(self.principal, clean_path(body.path), new)
        self.send(await self.shown(entry), 201)


class GalleryEntryHandler(_GalleryHandler):
    """One entry."""

    access: ClassVar[Access] = Access.USER

    @operation({200: models.Entry}, errors=(404,))
    async def get(self, entry_id: str) -> None:
        """GET gallery/ID: the entry."""
        self.send(await self.shown(await self.services.gallery.one(int(entry_id))))

    @operation({204: None}, errors=(404,))
    async def delete(self, entry_id: str) -> None:
        """DELETE gallery/ID: out of the gallery; the notebook stays where it is."""
        await self.services.gallery.remove(self.principal, int(entry_id))
        self.set_status(204)


class GalleryPreviewHandler(ApiHandler):
    """The notebook of an entry as a page."""

    access: ClassVar[Access] = Access.USER

    @operation({200: PAGE}, errors=(404, 413, 415))
    async def get(self, entry_id: str) -> None:
        """GET gallery/ID/preview: a page without script, for a frame."""
        await send_preview(self, await self.services.gallery.open(int(entry_id)))


class GalleryCopyHandler(ApiHandler):
    """A copy of one's own."""

    access: ClassVar[Access] = Access.USER

    @operation({201: wire.Node}, body=requests.Destination, errors=(404, 405, 409, 507))
    async def post(self, entry_id: str) -> None:
        """POST gallery/ID/copy {destination}: 201 with the copy, under the first free name."""
        destination = clean_path(self.read(requests.Destination).destination or "/")
        made = await self.services.gallery.copy(self.principal, int(entry_id), destination)
        self.send(await self.node(made), 201)
