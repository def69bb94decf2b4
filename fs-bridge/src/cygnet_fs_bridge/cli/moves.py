"""Files on their way, several at a time, with their progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from .. import errors
from ..client.api import ApiClient
from ..client.receiving import Receiver
from ..client.resume import Ledger
from ..client.sending import Sender, Sent
from ..client.uploads import Conditions
from ..client.walk import make_folders, parent_of
from ..models import Node
from .exits import HOPELESS, code_of
from .jobs import Outcome, each
from .local import LocalFile
from .progress import Bars, bars

T = TypeVar("T")

#: Files up to this size travel together, so many in a request.
SMALL, BATCH = 32 << 10, 200
#: Bytes of the paths in one request; services take addresses of 64 KiB, and proxies less.
LONGEST_ADDRESS = 6 << 10


@dataclass(frozen=True)
class Upload:
    """A local file or folder, and the path that it gets."""

    source: LocalFile
    target: str
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True)
class Download:
    """A node, and the local path that it gets."""

    source: Node
    target: Path


class Moves:
    """Moves files up or down.

    Args:
        api: client of the tree.
        base: address of the service.
        jobs: how many files move at a time.
    """

    def __init__(self, api: ApiClient, base: str, jobs: int) -> None:
        self._api, self._jobs = api, jobs
        ledger = Ledger()
        self._sender, self._receiver = Sender(api, ledger, base), Receiver(api, ledger, base)
        self._made: set[str] = set()

    async def upload(self, uploads: Sequence[Upload]) -> Outcome:
        """Send files, after their folders were made."""
        nameless = [one for one in uploads if not _is_text(one.target)]
        uploads = [one for one in uploads if _is_text(one.target)]
        folders, files = _apart(uploads, [one.source.is_folder for one in uploads])
        await self._make([one.target for one in folders] + [parent_of(one.target) for one in files])

        small, large = _apart(files, [one.source.size <= SMALL for one in files])
        with bars(sum(one.source.size for one in files), len(files)) as shown:

            async def send(one: Upload) -> dict[str, Any]:
                with shown.moving(one.source.path.name, one.source.size) as moved:
                    sent = await self._sender.send(one.source.path, one.target, one.conditions, moved)
                return _told(str(one.source.path), one.target, sent)

            outcome = await each(large, send, lambda one: str(one.source.path), self._jobs)
            outcome += await self._upload_small(small, shown)
        outcome.failed += [(str(one.source.path), _refusal(one)) for one in nameless]
        return outcome

    async def _upload_small(self, uploads: Sequence[Upload], shown: Bars) -> Outcome:
        """Send small files, many in a request: what they take is mostly the way there and back."""
        outcome = Outcome()

        async def send(batch: Sequence[Upload]) -> dict[str, Any]:
            with shown.moving(f"{len(batch)} small files", sum(one.source.size for one in batch)) as moved:
                results = await self._send_batch(batch)
                for one, result in zip(batch, results, strict=True):
                    if isinstance(result, Sent):
                        outcome.done.append(_told(str(one.source.path), one.target, result))
                        moved(result.size)
                    else:
                        outcome.failed.append((str(one.source.path), result))
            _stop_if_hopeless(results)
            return {}

        batches = [uploads[at : at + BATCH] for at in range(0, len(uploads), BATCH)]
        await each(batches, send, lambda batch: str(batch[0].source.path), self._jobs)
        return outcome

    async def _send_batch(self, batch: Sequence[Upload]) -> Sequence[Sent | OSError]:
        try:
            return await self._sender.send_small(
                [(one.source.path, one.target, one.conditions) for one in batch]
            )
        except errors.ServiceError as error:
            return [error] * len(batch)

    async def _make(self, folders: Sequence[str]) -> None:
        for folder in folders:
            if folder not in self._made:
                await make_folders(self._api, folder)
                self._made.add(folder)

    async def download(self, downloads: Sequence[Download]) -> Outcome:
        """Fetch files, after their folders were made."""
        folders, files = _apart(downloads, [one.source.is_folder for one in downloads])
        for folder in {*(one.target for one in folders), *(one.target.parent for one in files)}:
            folder.mkdir(parents=True, exist_ok=True)

        with bars(sum(one.source.size for one in files), len(files)) as shown:

            async def fetch(one: Download) -> dict[str, Any]:
                with shown.moving(one.source.name, one.source.size) as moved:
                    sent = await self._receiver.fetch(one.source, one.target, moved)
                return _told(one.source.path, str(one.target), sent)

            small, large = _apart(files, [one.source.size <= SMALL for one in files])
            outcome, left = await self._download_small(small, shown)
            outcome += await each([*large, *left], fetch, lambda one: one.source.path, self._jobs)
            return outcome

    async def _download_small(
        self, downloads: Sequence[Download], shown: Bars
    ) -> tuple[Outcome, list[Download]]:
        """Fetch small files, many in a request; what came of them, and those to be fetched by themselves."""
        outcome = Outcome()

        async def fetch(batch: Sequence[Download]) -> dict[str, Any]:
            with shown.moving(f"{len(batch)} small files", sum(one.source.size for one in batch)) as moved:
                try:
                    pairs = [(one.source, one.target) for one in batch]
                    results = await self._receiver.fetch_small(pairs, SMALL)
                except OSError:
                    results = [None] * len(batch)  # whichever it was: asked for by itself, it says so itself
                for one, sent in zip(batch, results, strict=True):
                    if sent is None:
                        left.append(one)
                    else:
                        outcome.done.append(_told(one.source.path, str(one.target), sent))
                        moved(sent.size)
            return {}

        batches = _batches(downloads)
        left = [batch[0] for batch in batches if len(batch) == 1]
        several = [batch for batch in batches if len(batch) > 1]
        await each(several, fetch, lambda batch: batch[0].source.path, self._jobs)
        return outcome, left


def _batches(downloads: Sequence[Download]) -> list[list[Download]]:
    """Downloads in groups whose paths have room in an address; a single one is as quick by itself."""
    found: list[list[Download]] = []
    room = 0
    for one in downloads:
        length = len(quote(one.source.path)) + len("&path=")
        if length > room or len(found[-1]) >= BATCH:
            found.append([])
            room = LONGEST_ADDRESS
        found[-1].append(one)
        room -= length
    return found


def _stop_if_hopeless(results: Sequence[Sent | OSError]) -> None:
    for result in results:
        if isinstance(result, OSError) and code_of(result) in HOPELESS:
            raise result


def _is_text(name: str) -> bool:
    """Whether a name from the local disk, where names are bytes, can be stored."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refusal(one: Upload) -> Exception:
    return errors.InvalidRequest("Its name is not UTF-8, so it cannot be stored", repr(str(one.source.path)))


def _apart(things: Sequence[T], are_folders: Sequence[bool]) -> tuple[list[T], list[T]]:
    pairs = list(zip(things, are_folders, strict=True))
    return [thing for thing, yes in pairs if yes], [thing for thing, yes in pairs if not yes]


def _told(source: str, destination: str, sent: Sent) -> dict[str, Any]:
    """Return what came of a file, for `--json`."""
    return {
        "source": source,
        "destination": destination,
        "size": sent.size,
        "moved": sent.moved,
        "sha1": sent.sha1,
    }
