"""What a public link shows, for programs: the file at an address that they make of the link's own."""

from __future__ import annotations

from .api.public import PublicHandler
from .api.views import send_archive
from .download import send_file


class PublicDownloadHandler(PublicHandler):
    """A shared file, or a file of a shared folder, with ranges; all of a folder as an archive."""

    async def get(self, _token: str) -> None:
        """GET s/TOKEN/download?path=/a."""
        if self._whole_folder():
            await send_archive(self, self.principal, ["/"], self.link.node.name)
            return
        await self._send()

    async def head(self, _token: str) -> None:
        """HEAD s/TOKEN/download: the headers of GET; of an archive nothing is known before it is made."""
        if not self._whole_folder():
            await self._send()

    def _whole_folder(self) -> bool:
        return self.link.node.folder and self.path_argument() == "/"

    async def _send(self) -> None:
        file = await self.services.tree.open(self.principal, self.link_path(self.path_argument()))
        await send_file(self, file, attachment=True)
