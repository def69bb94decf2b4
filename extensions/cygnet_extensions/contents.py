"""The person's tree in the file browser where it cannot be mounted, through `cygnet://`.

jupyter_server's contents API on any fsspec filesystem. One listing is one request: children are told from
their parent's listing. A save is one upload of the whole document, which the service shows at once
or not at all.
"""

from __future__ import annotations

import asyncio
import base64
import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import fsspec
import nbformat
from jupyter_server.services.contents.manager import AsyncContentsManager
from tornado.web import HTTPError
from traitlets import Instance, Unicode, default

from cygnet_fs_bridge.texts import said

from .saves import CheckedSaves, digest

Model = dict[str, Any]


class _FsspecFiles(AsyncContentsManager):
    """Serves the tree at `address`; calls of the filesystem run in threads, never on the event loop."""

    address = Unicode("cygnet://", config=True, help="fsspec address of the tree.")
    filesystem = Instance(fsspec.AbstractFileSystem)

    @default("filesystem")
    def _default_filesystem(self) -> fsspec.AbstractFileSystem:
        return fsspec.core.url_to_fs(self.address)[0]

    @default("checkpoints_class")
    def _default_checkpoints_class(self) -> str:
        return "cygnet_extensions.checkpoints.CopiedCheckpoints"

    def _address(self, path: str) -> str:
        parts = [part for part in path.split("/") if part]
        if any(part in (".", "..") for part in parts):
            raise HTTPError(400, said("{path} is not a path inside your files", path=path))
        root = self.filesystem._strip_protocol(self.address).rstrip("/")
        return "/".join([root, *parts]) or "/"

    async def _call(self, method: str, *arguments: Any, **options: Any) -> Any:
        with _words():
            return await asyncio.to_thread(getattr(self.filesystem, method), *arguments, **options)

    async def _info(self, path: str) -> dict[str, Any] | None:
        try:
            info = await asyncio.to_thread(self.filesystem.info, self._address(path))
        except FileNotFoundError:
            return None
        return dict(info)

    # -- questions

    async def dir_exists(self, path: str) -> bool:
        """Whether there is a folder at `path`."""
        info = await self._info(path)
        return info is not None and info["type"] == "directory"

    async def file_exists(self, path: str) -> bool:
        """Whether there is a file at `path`."""
        info = await self._info(path)
        return info is not None and info["type"] != "directory"

    async def is_hidden(self, path: str) -> bool:
        """Whether a part of `path` begins with a dot."""
        return any(part.startswith(".") for part in path.split("/"))

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> Model:
        """Return what is at `path`; the arguments are those of jupyter_server's contents API."""
        with _words():
            info = await self._info(path)
        if info is None:
            raise HTTPError(404, said("There is nothing at {path}", path=path))
        model = _model(path, info, type)
        if model["type"] == "directory":
            return await self._with_children(model) if content else model
        if not content and not require_hash:
            return model
        data = await self._call("cat_file", self._address(path))
        if require_hash:
            model |= {"hash": digest(data), "hash_algorithm": "sha256"}
        return self._with_content(model, data, format) if content else model

    async def _with_children(self, model: Model) -> Model:
        folder = model["path"]
        infos = await self._call("ls", self._address(folder), detail=True)
        names = [str(info["name"]).rstrip("/").rpartition("/")[2] for info in infos]
        pairs = zip(names, infos, strict=True)
        children = [_model(f"{folder}/{name}".strip("/"), info) for name, info in pairs if self._shown(name)]
        return model | {"content": children, "format": "json"}

    def _shown(self, name: str) -> bool:
        return self.should_list(name) and (self.allow_hidden or not name.startswith("."))

    def _with_content(self, model: Model, data: bytes, wanted: str | None) -> Model:
        if model["type"] == "notebook":
            return self._with_notebook(model, data)
        if wanted != "base64":
            try:
                text = data.decode()
                return model | {
                    "content": text,
                    "format": "text",
                    "mimetype": model["mimetype"] or "text/plain",
                }
            except UnicodeDecodeError:
                if wanted == "text":
                    raise HTTPError(
                        400, said("{path} is not text in UTF-8", path=model["path"]), reason="bad format"
                    ) from None
        encoded = base64.b64encode(data).decode()
        return model | {
            "content": encoded,
            "format": "base64",
            "mimetype": model["mimetype"] or "application/octet-stream",
        }

    def _with_notebook(self, model: Model, data: bytes) -> Model:
        try:
            notebook = nbformat.reads(data.decode(), as_version=4)
        except (ValueError, nbformat.reader.NotJSONError) as error:
            raise HTTPError(
                400, said("{path} is not a notebook: {error}", path=model["path"], error=str(error))
            ) from error
        self.mark_trusted_cells(notebook, model["path"])
        model |= {"content": notebook, "format": "json"}
        self.validate_notebook_model(model)
        return model

    # -- changes

    async def save(self, model: Model, path: str = "") -> Model:
        """Write a model as jupyter_server's contents API describes it."""
        self.run_pre_save_hooks(model=model, path=path)
        kind = model.get("type")
        if kind == "directory":
            if not await self.dir_exists(path):
                await self._call("mkdir", self._address(path), create_parents=False)
        else:
            data = self._bytes(model, path)
            await self._call("pipe_file", self._address(path), data)
        saved = await self.get(path, content=False, type=kind)
        self.emit(data={"action": "save", "path": path})
        return saved

    def _bytes(self, model: Model, path: str) -> bytes:
        if model.get("chunk") is not None:
            raise HTTPError(400, said("Large files are sent on the Files page; they show here at once"))
        if "content" not in model or model.get("type") not in ("file", "notebook"):
            raise HTTPError(400, said("A file needs a type and a content"))
        if model["type"] == "notebook":
            notebook = nbformat.from_dict(model["content"])
            self.check_and_sign(notebook, path)
            text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
            return text.encode() + b"\n"
        try:
            if model.get("format") == "base64":
                return base64.b64decode(model["content"], validate=True)
            content = model["content"]
            return (content if isinstance(content, str) else json.dumps(content)).encode()
        except ValueError as error:
            raise HTTPError(
                400, said("{path} cannot be read from the request: {error}", path=path, error=str(error))
            ) from error

    async def delete_file(self, path: str) -> None:
        """Delete a file or a folder with all that is in it; the service keeps it in its bin."""
        await self._call("rm", self._address(path), recursive=True)

    async def rename_file(self, old_path: str, new_path: str) -> None:
        """Move a file or a folder; nothing is overwritten."""
        if old_path.strip("/") == new_path.strip("/"):
            return
        if await self.exists(new_path):
            raise HTTPError(409, said("There is something at {path} already", path=new_path))
        await self._call("mv", self._address(old_path), self._address(new_path), recursive=True)


class FsspecContentsManager(CheckedSaves, _FsspecFiles):
    """The same, and a save says which contents it began from."""


@contextmanager
def _words() -> Iterator[None]:
    """Turn errors of the filesystem into answers with the service's own words."""
    try:
        yield
    except FileNotFoundError as error:
        raise HTTPError(404, str(error)) from error
    except FileExistsError as error:
        raise HTTPError(409, str(error)) from error
    except PermissionError as error:
        raise HTTPError(403, str(error)) from error
    except ConnectionError as error:
        raise HTTPError(503, str(error)) from error
    except OSError as error:
        raise HTTPError(500, str(error)) from error


def _model(path: str, info: dict[str, Any], kind: str | None = None) -> Model:
    """Return the model of one node without its content."""
    folder = info["type"] == "directory"
    path = path.strip("/")
    if kind is not None and (kind == "directory") != folder:
        raise HTTPError(
            400,
            said("{path} is a folder", path=path) if folder else said("{path} is not a folder", path=path),
            reason="bad type",
        )
    changed = datetime.fromtimestamp(float(info.get("mtime") or 0), UTC)
    found = "directory" if folder else kind or ("notebook" if path.endswith(".ipynb") else "file")
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "type": found,
        "created": changed,
        "last_modified": changed,
        "size": None if folder else info["size"],
        "mimetype": None if found != "file" else mimetypes.guess_type(path)[0],
        "writable": "W" in str(info.get("permissions", "W")) or folder,
        "content": None,
        "format": None,
        "hash": None,
        "hash_algorithm": None,
    }
