"""`make storm`: at least a thousand kills of the service under mixed load."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.storm.run import Result, storm


def main() -> None:
    """Run it, and print the result. The first interruption ends the kills, the second everything."""
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", default=secrets.token_hex(4), help="repeats the choices of an earlier run")
    parser.add_argument("--mean", type=float, default=0.5, help="seconds between two kills, about")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    enough = threading.Event()

    def end(_number: int, _frame: object) -> None:
        print("interrupted: examining what is there", flush=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        enough.set()

    signal.signal(signal.SIGINT, end)

    def tell(result: Result) -> None:
        if result.kills % 10 == 0:
            counts = " ".join(f"{name}={count}" for name, count in result.acknowledged.items())
            print(f"{result.kills}/{chosen.kills} kills, {result.seconds:.0f} s, {counts}", flush=True)

    with tempfile.TemporaryDirectory(prefix="cygnet-storm-") as folder:
        print(storm(Path(folder), chosen.kills, chosen.seed, chosen.mean, tell, enough))


try:
    main()
except KeyboardInterrupt:
    sys.exit("interrupted")
