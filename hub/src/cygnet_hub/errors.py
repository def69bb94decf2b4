"""What can go wrong on the way up, in words for the person at the terminal."""

from __future__ import annotations


class PlatformError(Exception):
    """`cygnet up` or `cygnet user` cannot go on; the message says why in one line."""
