"""Names and paths: the one place that says what a name may be."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

from .errors import InvalidName

MAX_NAME_BYTES = 255
MAX_DEPTH = 128

#: The folder at the root of everyone's tree that holds what others shared with them.
SHARES = "Shares"

#: The folder at the root of everyone's tree that holds a folder for each class that they are in.
CLASSES = "Classes"


def check_name(name: str) -> str:
    """Return `name` if a file or folder may be called so.

    Raises:
        InvalidName: empty, ".", "..", a slash, a NUL, a lone surrogate, or more than 255 bytes in UTF-8.
    """
    if name in ("", ".", ".."):
        raise InvalidName('"{name}" is not a name that a file or folder can have.', name=name)
    if "/" in name or "\0" in name:
        raise InvalidName("A name cannot contain a slash or a NUL character.")
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise InvalidName("The name is not valid UTF-8.") from None
    if size > MAX_NAME_BYTES:
        raise InvalidName("The name has {size} bytes; {most} are allowed.", size=size, most=MAX_NAME_BYTES)
    return name


def name_key(name: str) -> str:
    """The form in which names are compared: NFC, so that the same letters are the same name."""
    return unicodedata.normalize("NFC", name)


def split_path(path: str) -> tuple[str, ...]:
    """The names in a path such as "/a/b"; empty segments are ignored.

    Raises:
        InvalidName: a segment is not a name, or there are more than 128 of them.
    """
    names = tuple(check_name(name) for name in path.split("/") if name)
    if len(names) > MAX_DEPTH:
        raise InvalidName("The path is {n} folders deep; {most} are allowed.", n=len(names), most=MAX_DEPTH)
    return names


def join_path(*names: str) -> str:
    """The path "/a/b" made of these names; "/" for none."""
    return "/" + "/".join(names)


def clean_path(path: str) -> str:
    """The canonical form of a path: one leading slash, no trailing or double ones.

    Raises:
        InvalidName: see `split_path`.
    """
    return join_path(*split_path(path))


def parent_path(path: str) -> str:
    """The path of the folder that holds `path` (canonical form); "/" for the root itself."""
    return path.rpartition("/")[0] or "/"


def base_name(path: str) -> str:
    """The last name in a canonical path; empty for the root."""
    return path.rpartition("/")[2]


def child_path(folder: str, name: str) -> str:
    """The path of `name` in the folder with the canonical path `folder`."""
    return f"/{name}" if folder == "/" else f"{folder}/{name}"


def is_inside(path: str, folder: str) -> bool:
    """Whether the canonical `path` lies below the canonical `folder`; compared name by name."""
    return path != folder and (folder == "/" or path.startswith(folder + "/"))


def decode_url_path(raw: str) -> str:
    """The canonical path in a URL's still percent-encoded path.

    Each segment is decoded by itself, so that an encoded slash cannot make two names of one.

    Raises:
        InvalidName: bad percent-encoding, bytes that are not UTF-8, or a segment that is no name.
    """
    return join_path(*_segments(raw))


def _segments(raw: str) -> tuple[str, ...]:
    names = tuple(check_name(_decode_segment(part)) for part in raw.split("/") if part)
    if len(names) > MAX_DEPTH:
        raise InvalidName("The path is {n} folders deep; {most} are allowed.", n=len(names), most=MAX_DEPTH)
    return names


def _decode_segment(part: str) -> str:
    try:
        return unquote_to_bytes(part).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise InvalidName("The name in the address is not valid UTF-8.") from None


#: Paths that look the same in an address.
_PLAIN = re.compile(r"[A-Za-z0-9/\-._~!$'()*,@]*")


def is_plain(text: str) -> bool:
    """Whether a text is the same in an address, and in XML."""
    return _PLAIN.fullmatch(text) is not None


def encode_url_path(path: str) -> str:
    """The percent-encoded form of a path, slashes kept."""
    return path if is_plain(path) else quote(path, safe="/-._~!$'()*,@")
