"""What every test shares: a test that cannot run here says so loudly at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import issued

issued.watch()
settings.register_profile("storm")  # chosen by `make storm`; see `test_two_laptops` and `test_mount_orders`

_SPECIAL: dict[str, Callable[[], bool]] = {
    "root": lambda: os.geteuid() == 0,
    "fuse": lambda: Path("/dev/fuse").exists() and _program("fusermount3"),
    "scitokens": lambda: any(Path("/usr/lib").glob("*/libXrdAccSciTokens-*.so")),
}


def _program(name: str) -> bool:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is not None


def missing(needs: tuple[str, ...]) -> list[str]:
    """Those of `needs` (a program's name, "root" or "fuse") that this machine does not have."""
    return [need for need in needs if not (_SPECIAL[need]() if need in _SPECIAL else _program(need))]


def pytest_configure(config: pytest.Config) -> None:
    text = "needs(*what): programs, or 'root', or 'fuse', without which the test cannot run"
    config.addinivalue_line("markers", text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        needs = tuple(what for mark in item.iter_markers("needs") for what in mark.args)
        if absent := missing(needs):
            item.add_marker(pytest.mark.skip(reason=f"CANNOT RUN HERE: no {', '.join(absent)}"))
        # A file's tests share its servers: on two workers each would start them.
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("NOT TESTED ON THIS MACHINE", red=True, bold=True)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}", red=True)


@pytest.fixture(scope="session", autouse=True)
def no_secret_in_any_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever the tests made the sync service log, here or in another process: no secret of its is in it."""
    yield
    # .ci/check looks for these words: this is never tried twice.
    assert issued.leaks(issued.LOG.getvalue()) == [], "a secret is in a log"
    assert issued.leaks_in_files(tmp_path_factory.getbasetemp()) == [], "a secret is in a log"
