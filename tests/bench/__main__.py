"""Run every module of this folder that has `main()`: `python -m tests.bench [NAME ...]`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def run(names: list[str]) -> int:
    """Run the named benchmarks, or all; return how many were not found."""
    found = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    unknown = [name for name in names if name not in found]
    for name in unknown:
        print(f"There is no benchmark {name}; there are: {', '.join(found)}", file=sys.stderr)
    for name in [name for name in found if name in names or not names]:
        main = getattr(importlib.import_module(f"{__package__}.{name}"), "main", None)
        if main is not None and not name.startswith("_"):
            print(f"\n## {name}\n", flush=True)
            main()
    return len(unknown)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
