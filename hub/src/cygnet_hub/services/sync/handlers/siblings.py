"""The metrics of several processes behind one address, each sample labelled with its process.

Whoever collects them reaches one process. Each writes its own to a file now and then, so that any can tell
those of all.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

log = logging.getLogger("cygnet.sync")

#: How old the numbers of the others may be.
NOTE_SECONDS = 2.0


class Siblings:
    """The processes that serve the same addresses.

    Args:
        data: folder of the service's own files.
        number: of this process.
    """

    def __init__(self, data: Path, number: int) -> None:
        self._folder, self._number = _folder(data), number

    @staticmethod
    def forget(data: Path) -> None:
        """Forget those of an earlier start; before the first of the new ones is there."""
        shutil.rmtree(_folder(data), ignore_errors=True)
        _folder(data).mkdir(mode=0o700)

    async def keep_telling(self, metrics: Callable[[], bytes]) -> None:
        """Let the others know the metrics of this process, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.tell, metrics())
            except OSError:
                # On a full disk the numbers grow old, and files are served all the same.
                log.warning("the metrics of this process cannot be written", exc_info=True)
            await asyncio.sleep(NOTE_SECONDS)

    def tell(self, metrics: bytes) -> None:
        """Let the others know the metrics of this process. Blocks."""
        draft = self._folder / f"{self._number}.new"
        draft.write_bytes(metrics)
        draft.replace(self._folder / f"{self._number}.prom")

    def merged(self, own: bytes) -> bytes:
        """The metrics of all; `own` are those of this one as they are now. Blocks."""
        texts = {path.stem: path.read_text() for path in sorted(self._folder.glob("*.prom"))}
        texts[str(self._number)] = own.decode()
        registry = CollectorRegistry()
        registry.register(_Texts(texts))
        return generate_latest(registry)


class _Texts(Collector):
    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for process, text in self._texts.items():
            for found in text_string_to_metric_families(text):
                one = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                for sample in found.samples:
                    one.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
        yield from families.values()


def _folder(data: Path) -> Path:
    return data / "metrics"
