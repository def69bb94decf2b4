"""What the widgets have in common: words, one line for news, sizes, and progress."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets
from fsspec.callbacks import Callback

from cygnet_fs_bridge.errors import NotConfigured
from cygnet_fs_bridge.texts import catalogue

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def said(english: str, **values: Any) -> str:
    """Return a text in the language of the person, which the notebook server tells its kernels."""
    return catalogue(os.environ.get("CYGNET_LANGUAGE", "")).say(english, **values)


def size_of(n: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in _UNITS[:-1]:
        if n < 1000:
            return f"{n:.0f} {unit}" if unit == "B" or n >= 100 else f"{n:.1f} {unit}"
        n /= 1000
    return f"{n:.1f} {_UNITS[-1]}"


class News(ipywidgets.HTML):
    """One line that says what happened; screen readers read it out."""

    def tell(self, words: str, trouble: bool = False) -> None:
        """Show `words`; `trouble`: something went wrong."""
        role, colour = ("alert", "var(--jp-error-color1, #b00020)") if trouble else ("status", "inherit")
        self.value = f'<span role="{role}" style="color: {colour}">{html.escape(words)}</span>'

    @contextmanager
    def troubles(self) -> Iterator[None]:
        """Show what goes wrong with a store in its own words, instead of a traceback that nobody sees."""
        try:
            yield
        except (OSError, ValueError, ImportError, NotConfigured) as error:
            self.tell(str(error) or type(error).__name__, trouble=True)


class Bar(Callback):
    """A progress bar that fsspec moves.

    Args:
        name: of what is moved.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.bar = ipywidgets.FloatProgress(
            max=1.0, layout={"width": "220px"}, tooltip=name, style={"bar_color": "#0e6b80"}
        )
        self.label = ipywidgets.Label()
        self.widget = ipywidgets.HBox([self.bar, self.label])
        self.call()

    def call(self, *_: Any, **__: Any) -> None:
        """Draw how far it is."""
        done, of = self.value, self.size or 0
        self.bar.value = min(1.0, done / of) if of else 0.0
        known = f" / {size_of(of)}" if of else ""
        self.label.value = f"{self.name}: {size_of(done)}{known}"

    def finish(self) -> None:
        """Draw that all is there."""
        self.set_size(max(self.value, self.size or 0))
        self.bar.value, self.bar.bar_style = 1.0, "success"
        self.label.value = said("{name}: {size}, done", name=self.name, size=size_of(self.size or 0))
