"""Reads of many parts of many files: those of one file belong together, whatever the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from fsspec.asyn import AsyncFileSystem

from .rangecache import Range

Slice = tuple[int | None, int | None]  # as Python slices: either may be missing or count from the end


def spans_of(wanted: Iterable[Slice], size: int) -> list[Range]:
    """Return the bytes that slices mean in a file.

    Args:
        wanted: first byte, byte after the last.
        size: of the file, in bytes.
    """
    spans = (slice(start, end).indices(size)[:2] for start, end in wanted)
    return [(start, max(start, end)) for start, end in spans]


def merged(spans: Iterable[Range], gap: int) -> list[Range]:
    """Return spans that cover others, in order; no two of them lie within `gap` bytes of one another."""
    found: list[Range] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + gap:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


class RangesByFile(AsyncFileSystem):
    """A filesystem that reads parts of one file together. What derives from it says how, by `_slices`."""

    async def _slices(self, path: str, wanted: Sequence[Slice]) -> list[bytes]:
        """Return parts of one file as Python slices it."""
        raise NotImplementedError

    async def _cat_ranges(
        self,
        paths: Sequence[str],
        starts: Sequence[int | None] | int | None,
        ends: Sequence[int | None] | int | None,
        max_gap: int | None = None,
        batch_size: int | None = None,
        on_error: str = "return",
        **_: Any,
    ) -> list[Any]:
        first = starts if isinstance(starts, Sequence) else [starts] * len(paths)
        last = ends if isinstance(ends, Sequence) else [ends] * len(paths)
        by_path: dict[str, list[int]] = {}
        for index, path in enumerate(paths):
            by_path.setdefault(path, []).append(index)
        found: list[Any] = [b""] * len(paths)

        async def fetch(path: str, indices: list[int]) -> None:
            parts = await self._parts(path, [(first[i], last[i]) for i in indices], on_error)
            for index, part in zip(indices, parts, strict=True):
                found[index] = part

        await asyncio.gather(*(fetch(path, indices) for path, indices in by_path.items()))
        return found

    async def _parts(self, path: str, wanted: Sequence[Slice], on_error: str) -> list[Any]:
        try:
            return list(await self._slices(path, wanted))
        except OSError as error:
            if on_error == "raise":
                raise
            return [error] * len(wanted)
