"""What a person chooses before their server starts, and whether they may."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cygnet_fs_bridge.texts import Text, WordedError
from cygnet_spawner.stores import StoreOffer

GIB = 1 << 30
_LONGEST_PATH = 4096  # bytes, the kernel's own limit


class OptionError(WordedError, ValueError):
    """A choice that is not offered; the message is a sentence for the person who chose."""


@dataclass(frozen=True)
class Environment:
    """A software environment.

    Args:
        title: its name for people.
        python: path of its interpreter.
        description: a sentence about it, may be empty.
    """

    title: str
    python: str
    description: str = ""


class SpawnOptions(BaseModel):
    """A person's choices. Unknown names are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    environment: str = Field(max_length=200)
    cores: float = Field(ge=0, le=100_000, allow_inf_nan=False)
    memory: int = Field(ge=0, le=1 << 60)
    interface: Literal["lab", "notebook"] = "lab"
    open_file: str = ""
    stores: tuple[str, ...] = ()

    @field_validator("open_file")
    @classmethod
    def _in_the_tree(cls, path: str) -> str:
        path = path.strip().strip("/")
        if len(path.encode("utf-8", "surrogatepass")) > _LONGEST_PATH:
            raise OptionError("File to open: is longer than {n} bytes.", n=_LONGEST_PATH)
        if any(ord(character) < 32 or ord(character) == 127 for character in path):
            raise OptionError("File to open: has control characters in it.")
        if any(part in ("", ".", "..") for part in path.split("/") if path):
            raise OptionError('File to open: must be a path inside your files, without ".." or empty parts.')
        return path

    def start_page(self) -> str:
        """Address of the page to show first, below the server's own address."""
        if self.interface == "lab":
            return "/lab" + (f"/tree/{quote(self.open_file)}" if self.open_file else "")
        if not self.open_file:
            return "/tree"
        return ("/notebooks/" if self.open_file.endswith(".ipynb") else "/edit/") + quote(self.open_file)


@dataclass(frozen=True)
class Catalogue:
    """What is offered, in the order in which it is shown; the first of each is preselected.

    Args:
        environments: identifier -> software environment.
        cores: words -> number of cores, 0 for all.
        memory: words -> bytes, 0 for no limit.
        stores: name -> store that can be mounted.
    """

    environments: Mapping[str, Environment]
    cores: Mapping[str, float]
    memory: Mapping[str, int]
    stores: Mapping[str, StoreOffer] = field(default_factory=dict)

    def default(self) -> SpawnOptions:
        """What is preselected for somebody who has not chosen before."""
        return SpawnOptions(
            environment=next(iter(self.environments)),
            cores=next(iter(self.cores.values())),
            memory=next(iter(self.memory.values())),
        )

    def choose(self, raw: Mapping[str, Any]) -> SpawnOptions:
        """Check choices as they came in; what is not named is as preselected.

        Raises:
            OptionError: one of them is not offered, or makes no sense.
        """
        try:
            options = SpawnOptions.model_validate({**self.default().model_dump(), **raw})
        except ValidationError as error:
            raise OptionError(_words(error)) from error
        self._check_offered(options)
        return options

    def remembered(self, raw: Mapping[str, Any]) -> SpawnOptions:
        """Return earlier choices as far as they are still offered, to preselect them."""
        options = self.default()
        offered = [name for name in raw.get("stores") or () if name in self.stores]
        for name, value in {**raw, "stores": offered}.items():
            try:
                options = self.choose({**options.model_dump(), name: value})
            except OptionError:
                continue
        return options.model_copy(update={"open_file": ""})

    def _check_offered(self, options: SpawnOptions) -> None:
        if options.environment not in self.environments:
            raise OptionError(
                'There is no software environment "{name}". Choose one of: {offered}.',
                name=options.environment[:80],
                offered=", ".join(self.environments),
            )
        if unknown := [name for name in options.stores if name not in self.stores]:
            raise OptionError(
                'There is no store "{name}". Choose from: {offered}.',
                name=unknown[0][:80],
                offered=", ".join(self.stores) or Text("none"),
            )
        _offered(Text("cores"), options.cores, self.cores)
        _offered(Text("memory"), options.memory, self.memory)


def _offered(what: str, value: float, choices: Mapping[str, float]) -> None:
    if value not in choices.values():
        raise OptionError(
            "{value} is not offered for {what}. Choose one of: {offered}.",
            value=f"{value:g}",
            what=what,
            offered=", ".join(choices),
        )


_NAMES = {
    "environment": Text("Software environment"),
    "cores": Text("Cores"),
    "memory": Text("Memory"),
    "interface": Text("Interface"),
    "open_file": Text("File to open"),
    "stores": Text("Stores"),
}


def _words(error: ValidationError) -> Text:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return Text(
            'There is no option "{name}". Options are: {offered}.', name=name[:80], offered=", ".join(_NAMES)
        )
    known = (first.get("ctx") or {}).get("error")
    if isinstance(known, OptionError):
        return known.text
    # Only a program that makes up its own requests gets here: pydantic speaks English.
    reason = str(first["msg"])
    return Text("{what}: {reason}.", what=_NAMES.get(name, name), reason=f"{reason[:1].lower()}{reason[1:]}")


def from_form(form: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Turn a form (or the query of a link) into values: of several the last counts, of stores each.

    Numbers stay text here; they are converted where they are checked.
    """
    single = {name: values[-1] for name, values in form.items() if values and name != "_xsrf"}
    return {**single, "stores": list(dict.fromkeys(form.get("stores", ())))}


def machine_cores() -> dict[str, float]:
    """Offer all cores of this machine, and 1, 2, 4, ... of them."""
    count = len(os.sched_getaffinity(0))
    powers = [1 << i for i in range(count.bit_length()) if 1 << i < count]
    words: dict[str, float] = {Text("{n} core", "{n} cores", n=n): float(n) for n in powers}
    all_of_them = Text("All {count} cores", count=count) if count > 1 else Text("{n} core", "{n} cores", n=1)
    return {all_of_them: 0.0, **words}


def machine_memory() -> dict[str, int]:
    """Offer the machine's memory without a limit, and 1, 2, 4, ... GB of it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    sizes = [1 << i for i in range(10) if (1 << i) * GIB < total]
    return {Text("No limit"): 0, **{Text("{n} GB", n=n): n * GIB for n in sizes}}
