"""A storm from its beginning to its end."""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, select

from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.service.scrub import scrub
from cygnet_hub.services.sync.store import versions
from cygnet_hub.services.sync.store.contents import Contents
from cygnet_hub.services.sync.store.database import Database
from cygnet_hub.services.sync.store.schema import manifest, version
from tests.storm.clients import S3, Client, Nextcloud, Plain, Rclone, Tus
from tests.storm.oracle import Oracle, digest
from tests.storm.service import Service
from tests.sync_process import stub_hub

#: How many of the kills come while the service is still starting.
EARLY = 0.1
_CHECKED = re.compile(r"check finished: (\d+) damaged, (\d+) corrected")


@dataclass
class Result:
    """What a storm came to."""

    kills: int = 0
    checks: int = 0
    looks: int = 0
    versions: int = 0
    seconds: float = 0.0
    acknowledged: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        clients = ", ".join(f"{name} {count}" for name, count in self.acknowledged.items())
        return "\n".join(
            (
                f"{self.kills} kills in {self.seconds:.0f} s",
                f"acknowledged changes: {clients}",
                f"checks at start: {self.checks}, all clean",
                f"files read after a kill: {self.looks}, none wrong or half written",
                f"acknowledged versions: {self.versions}, all readable in the end",
            )
        )


def storm(
    folder: Path,
    kills: int,
    seed: str,
    mean: float,
    tell: Callable[[Result], None],
    enough: threading.Event | None = None,
) -> Result:
    """Kill the service `kills` times under load.

    Args:
        folder: an empty one.
        seed: of all that is left to chance.
        mean: seconds from when the service is ready to the kill.
        tell: called after each kill.
        enough: set when there shall be no more kills.

    Raises:
        AssertionError: a promise was broken.
    """
    result, oracle, begun = Result(), Oracle(), time.monotonic()
    enough = enough or threading.Event()
    with stub_hub() as api:
        service = Service(folder / "data", api, ("ada", "bob"), folder / "service.log")
        clients: list[Client] = [
            Plain(service, oracle, "ada", seed, "plain-1"),
            Plain(service, oracle, "ada", seed, "plain-2"),
            Tus(service, oracle, "ada", seed, "tuspy"),
            S3(service, oracle, "ada", seed, "boto3"),
            Rclone(service, oracle, "ada", seed, "rclone", folder),
            Nextcloud(service, oracle, "bob", seed, "nextcloudcmd", folder),
        ]
        chance = random.Random(seed)
        service.start()
        with writing(clients):
            while result.kills < kills and not enough.is_set():
                _round(service, oracle, chance, mean, result)
                look_after(clients)
                _note(clients, result, begun)
                tell(result)
            service.wait_until_ready()
        _note(clients, result, begun)
        assert all(result.acknowledged.values()), f"a client never succeeded: {result.acknowledged}"
        for place in oracle.places():
            oracle.check(place, service.look)
        service.kill()
    result.checks = checks(service)
    examine(service.data, oracle)
    result.versions = len(oracle.acknowledged)
    return result


@contextlib.contextmanager
def writing(clients: Sequence[Client]) -> Iterator[None]:
    """Let clients write as long as the block runs.

    Raises:
        AssertionError: one met what must not be.
    """
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.over.set()
        for client in clients:
            client.join(130)
    look_after(clients)


def look_after(clients: Sequence[Client]) -> None:
    """See that no client met what must not be.

    Raises:
        AssertionError: one did.
    """
    for client in clients:
        if client.fault is not None:
            raise AssertionError(f"{client.name} met what must not be") from client.fault


def _round(service: Service, oracle: Oracle, chance: random.Random, mean: float, result: Result) -> None:
    """Let the service run for a while, kill it, and start it again."""
    if chance.random() < EARLY:
        time.sleep(chance.uniform(0, 0.3))
    else:
        service.wait_until_ready()
        for place in oracle.places(fresh=True):
            oracle.check(place, service.look)
            result.looks += 1
        time.sleep(min(chance.expovariate(1 / mean), 6 * mean))
    service.kill()
    result.kills += 1
    service.start()


def _note(clients: Sequence[Client], result: Result, begun: float) -> None:
    result.acknowledged = {client.name: client.done for client in clients}
    result.seconds = time.monotonic() - begun


def checks(service: Service) -> int:
    """How often the service checked itself at start, having found that it had not ended cleanly.

    Raises:
        AssertionError: once not all was well.
    """
    found = _CHECKED.findall(service.said())
    assert set(found) <= {("0", "0")}, [line for line in service.said().splitlines() if "damage" in line]
    return len(found)


def examine(data: Path, oracle: Oracle) -> None:
    """See that everything is whole, and every version that was ever acknowledged is still there.

    Raises:
        AssertionError: it is not.
    """
    database, contents = Database.open(f"sqlite:///{data}/sync.db"), Contents.open(f"file://{data}/contents")
    try:
        report = check(database, contents)
        assert report.clean, report
        assert not scrub(database, contents).damage
        kept = database.read_now(lambda connection: set(_kept(connection, contents)))
    finally:
        database.close()
    assert oracle.acknowledged <= kept, f"{len(oracle.acknowledged - kept)} acknowledged versions are lost"


def _kept(connection: Connection, contents: Contents) -> Iterator[str]:
    """The digest of every version; what came in parts has none yet, and is read."""
    shown = select(version.c.id, manifest.c.sha256).join(manifest, version.c.manifest == manifest.c.id)
    for number, known in connection.execute(shown).all():
        whole = None if known else versions.content_of(connection, number)
        yield known if whole is None else digest(b"".join(contents.stretch(whole, 0, whole.size)))
