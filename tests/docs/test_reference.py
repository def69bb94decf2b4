"""Every command, route, setting and environment variable is in the reference: read from the live objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
from pydantic import BaseModel

from cygnet_extensions.serverextension.extension import ROUTES as EXTENSION_ROUTES
from cygnet_fs_bridge.cli import main
from cygnet_fs_bridge.cli.exits import Exit
from cygnet_hub.config.settings import Settings
from cygnet_hub.services.sync.app import make_app
from cygnet_spawner.options import SpawnOptions
from cygnet_spawner.traits import LocalSettings
from tests.sync_server import sync_server

from .pages import ROOT, reference, reference_spans

SYNC = "/services/sync"
SOURCES = ("fs-bridge/src", "spawner/src", "hub/src", "extensions/cygnet_extensions")


def commands(command: click.Command, path: str = "cygnet") -> Iterator[tuple[str, click.Command]]:
    """All commands below `command` with what a person types for them."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{path} {name}")


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("path", COMMANDS)
def test_command_and_its_options(path: str) -> None:
    text = reference()
    assert path in text
    options = [
        parameter.opts[0] for parameter in COMMANDS[path].params if isinstance(parameter, click.Option)
    ]
    assert [option for option in options if f"{option}" not in text] == []


@pytest.mark.parametrize("code", Exit)
def test_exit_code(code: Exit) -> None:
    assert f"\n| {int(code)} | " in (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")


def documented_paths(prefixes: tuple[str, ...]) -> set[str]:
    """Paths in the reference's code, with each of `prefixes` in front of them, without method and query."""
    words = {word.partition("?")[0] for span in reference_spans() for word in span.split()}
    # Some routes take numbers only where the reference writes ID.
    words |= {re.sub(r"\b[A-Z]{2,}\b", "1", word) for word in words}
    return {prefix + word.removeprefix(prefix).lstrip("/") for word in words for prefix in prefixes}


def undocumented(patterns: list[str], prefixes: tuple[str, ...]) -> list[str]:
    paths = documented_paths(prefixes)
    return [
        pattern for pattern in patterns if not any(re.fullmatch(pattern.rstrip("$"), path) for path in paths)
    ]


def test_routes_of_the_sync_service() -> None:
    with sync_server() as server:
        rules = make_app(server.services).wildcard_router.rules
    patterns = [rule.matcher.regex.pattern for rule in rules]
    assert undocumented(patterns, (f"{SYNC}/", f"{SYNC}/api/v1/")) == []


def test_routes_of_the_server_extension() -> None:
    assert undocumented([pattern for pattern, _ in EXTENSION_ROUTES], ("/", "/cygnet/api/")) == []


def fields(model: type[BaseModel]) -> list[str]:
    return sorted(model.model_fields)


def traits() -> list[str]:
    found: dict[str, Any] = LocalSettings.class_own_traits(config=True)
    return sorted(found)


@pytest.mark.parametrize("name", [*fields(Settings), *fields(SpawnOptions), *traits()])
def test_setting(name: str) -> None:
    assert f"`{name}`" in reference() or f"{name} =" in reference()


def environment_variables() -> list[str]:
    texts = (path.read_text(encoding="utf-8") for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))
    return sorted({name for text in texts for name in re.findall(r"\bCYGNET_[A-Z_]+\b", text)})


@pytest.mark.parametrize("name", environment_variables())
def test_environment_variable(name: str) -> None:
    assert name in reference()
