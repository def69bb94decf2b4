"""Makes the two generated data files of the examples: `python -m cygnet_extensions.examples.generate`.

The numbers come from NumPy's legacy generator, whose stream for a seed is frozen, so the files are the
same whenever and wherever they are made. Each shipped file is tested against what is made here.
"""

from __future__ import annotations

import csv
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cygnet_extensions.examples import CONTENT

# --- transfers.csv: two weeks of file transfers between five invented sites ---------------------------

TRANSFERS = 5000
FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 14
# The disks of this site write slowly, and sometimes not at all, for 30 hours.
BROKEN_SITE, BROKEN_FROM, BROKEN_UNTIL = "harbour", timedelta(days=8, hours=9), timedelta(days=9, hours=15)
TCP_WINDOW_MB = 4.0
SETUP_S = 1.8  # authentication and opening the file, whatever its size


@dataclass(frozen=True)
class Site:
    """A storage site: disk speeds in MB/s, and its place on a map in ms of round-trip time."""

    read: float
    write: float
    x: float
    y: float


SITES = {
    "alpine": Site(read=900, write=700, x=0, y=0),
    "harbour": Site(read=600, write=450, x=8, y=5),
    "forest": Site(read=500, write=350, x=14, y=-6),
    "desert": Site(read=700, write=500, x=60, y=-35),
    "island": Site(read=400, write=300, x=150, y=40),
}


class Transfer(NamedTuple):
    """One row of the log."""

    start: str
    source: str
    destination: str
    size_bytes: int
    streams: int
    rtt_ms: float
    duration_s: float
    status: str
    error: str


def transfers(seed: int = 20260302) -> Iterator[Transfer]:
    """The rows of the log in the order in which the transfers started."""
    random = np.random.RandomState(seed)
    starts = sorted(_start(random) for _ in range(TRANSFERS))
    return (_transfer(random, offset) for offset in starts)


def _start(random: np.random.RandomState) -> float:
    """Seconds since the first day, more of them in the afternoon."""
    while True:
        second = random.uniform(0, DAYS * 86400)
        busy = 0.6 - 0.4 * math.cos(2 * math.pi * (second / 86400 - 3 / 24))
        if random.uniform() < busy:
            return second


def _transfer(random: np.random.RandomState, second: float) -> Transfer:
    source, destination = random.choice(list(SITES), 2, replace=False)
    offset = timedelta(seconds=round(second))
    broken = destination == BROKEN_SITE and BROKEN_FROM <= offset < BROKEN_UNTIL
    size = int(min(random.lognormal(math.log(4e8), 1.9), 2e10))
    streams = int(random.choice([1, 4, 8], p=[0.3, 0.5, 0.2]))
    rtt = _round_trip(source, destination) * random.lognormal(0, 0.05)
    speed = _speed(source, destination, streams, rtt, broken) * random.lognormal(0, 0.25)
    duration = SETUP_S * random.lognormal(0, 0.3) + 4 * rtt / 1000 + size / 1e6 / speed
    error = _error(random, source, destination, broken)
    if error:
        duration = 300.0 if "timed out" in error else duration * random.uniform(0.1, 1)
    return Transfer(
        (FIRST_DAY + offset).strftime("%Y-%m-%dT%H:%M:%SZ"), str(source), str(destination), size, streams,
        round(rtt, 1), round(duration, 2), "failed" if error else "done", error,
    )  # fmt: skip


def _round_trip(source: str, destination: str) -> float:
    """Milliseconds there and back; nothing is nearer than 2 ms."""
    a, b = SITES[source], SITES[destination]
    return 2 + math.hypot(a.x - b.x, a.y - b.y)


def _speed(source: str, destination: str, streams: int, rtt: float, broken: bool) -> float:
    """MB/s: one stream carries a window each round trip; no transfer is faster than its disks."""
    network = streams * TCP_WINDOW_MB / (rtt / 1000)
    write = SITES[destination].write / (25 if broken else 1)
    # The slower of the three decides, but not sharply: they all wait for one another a little.
    return float(sum(limit**-2.0 for limit in (network, SITES[source].read, write)) ** -0.5)


def _error(random: np.random.RandomState, source: str, destination: str, broken: bool) -> str:
    chance = random.uniform()
    if broken and chance < 0.25:
        return "destination: write failed: device busy"
    if "island" in (source, destination) and chance < 0.04:
        return "connection timed out"
    if chance < 0.006:
        return "checksum mismatch"
    return "source: no such file" if chance < 0.012 else ""


def write_transfers(path: Path) -> None:
    """Write the log as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Transfer._fields)
        writer.writerows(transfers())


# --- beam.sqlite: what one beam-position monitor of an invented ring measured during an hour ----------

SHOTS, TURNS = 60, 256
REVOLUTION_HZ = 11245.0
TUNE_X, TUNE_Y = 0.2750, 0.3100  # after the decay has ended
TUNE_DECAY, TUNE_DECAY_S = -0.0060, 900.0  # of the horizontal tune, at the start
BETA_RATIO_Y = 0.8
FIRST_SHOT = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)

SCHEMA = """
CREATE TABLE shot (id INTEGER PRIMARY KEY, time TEXT NOT NULL, temperature_c REAL NOT NULL);
CREATE TABLE position (
    shot INTEGER NOT NULL REFERENCES shot (id), turn INTEGER NOT NULL,
    x_um INTEGER NOT NULL, y_um INTEGER NOT NULL, PRIMARY KEY (shot, turn)
) WITHOUT ROWID;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def write_beam(path: Path, seed: int = 20260310) -> None:
    """Write the database: once a minute the beam is kicked, and its position measured on 256 turns."""
    random = np.random.RandomState(seed)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(SCHEMA)
        about = {"revolution_frequency_hz": f"{REVOLUTION_HZ:.0f}", "origin": "generated, not measured"}
        database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        for shot in range(SHOTS):
            _write_shot(database, random, shot)
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")


def _write_shot(database: sqlite3.Connection, random: np.random.RandomState, shot: int) -> None:
    seconds = 60.0 * shot
    temperature = 22.0 + 1.5 * (1 - math.exp(-seconds / 1500)) + random.normal(0, 0.03)
    time = (FIRST_SHOT + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    database.execute("INSERT INTO shot VALUES (?, ?, ?)", (shot, time, round(temperature, 2)))
    x, y = _positions(random, seconds, temperature)
    rows = zip([shot] * TURNS, range(TURNS), x.tolist(), y.tolist(), strict=True)
    database.executemany("INSERT INTO position VALUES (?, ?, ?, ?)", rows)


def _positions(
    random: np.random.RandomState, seconds: float, temperature: float
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Horizontal and vertical position on each turn, in micrometres."""
    turns = np.arange(TURNS)
    tune_x = TUNE_X + TUNE_DECAY * math.exp(-seconds / TUNE_DECAY_S)
    fading = np.exp(-turns / 180.0)  # particles of slightly different tunes fall out of step
    phase_x, phase_y = random.uniform(0, 2 * math.pi, 2)
    swing_x = 800 * fading * np.cos(2 * math.pi * tune_x * turns + phase_x)
    swing_y = 800 * BETA_RATIO_Y * fading * np.cos(2 * math.pi * TUNE_Y * turns + phase_y)
    # Warm supports lift the magnets: the orbit follows the temperature. A little of x is seen in y.
    x = 150 + 120 * (temperature - 22) + swing_x + random.normal(0, 40, TURNS)
    y = -80 + 10 * (temperature - 22) + swing_y + 0.05 * swing_x + random.normal(0, 40, TURNS)
    glitch = random.uniform(size=TURNS) < 0.01
    x[glitch] += random.choice([-1, 1], glitch.sum()) * random.uniform(4000, 9000, glitch.sum())
    return np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)


def main() -> None:
    """Make both files anew where the package keeps them."""
    write_transfers(CONTENT / "data" / "transfers.csv")
    write_beam(CONTENT / "data" / "beam.sqlite")


if __name__ == "__main__":
    main()
