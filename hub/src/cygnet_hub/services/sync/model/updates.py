"""What becomes of a student's copy when the teacher hands out a new version: the rules, and nothing else.

Each file is compared in three states: as it was handed out to the student (base), as it is handed out now
(new), and as the student has it (mine). A student's own work always stays under its own name.

| base and new | mine | what happens |
|---|---|---|
| the same | anything | nothing |
| changed | untouched | replaced; the old one stays as a version |
| changed | changed too | merged by cell if both are notebooks, else the new one is put beside |
| changed | the same change | nothing |
| changed | deleted | it comes again |
| deleted | untouched | deleted; it can be restored |
| deleted | changed | stays |
| new | nothing there | added |
| new | something else of that name | the new one is put beside |
| renamed | there, and the new name is free | renamed, with what the student did to it |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from cygnet_fs_bridge.texts import Text

Kind = Literal["replace", "merge", "again", "delete", "keep", "add", "beside", "rename"]

#: What the student is told; `{path}` is the file, `{other}` where else something is now.
WORDS: dict[Kind, Text] = {
    "replace": Text('"{path}" has a new version.'),
    "merge": Text('"{path}" has your work and the teacher\'s changes, cell by cell.'),
    "again": Text('"{path}" changed, so it is here again although you had deleted it.'),
    "delete": Text('"{path}" is no longer handed out; yours is among the deleted files.'),
    "keep": Text('"{path}" is no longer handed out; yours stays, because you changed it.'),
    "add": Text('"{path}" is new.'),
    "beside": Text(
        '"{path}" was changed by you and by the teacher: yours is as it was, theirs is "{other}".'
    ),
    "rename": Text('"{path}" is called "{other}" now; what you did to it is in it.'),
}


@dataclass(frozen=True)
class Action:
    """Something to do with the file at `path`; `other`: its new name, for a rename."""

    kind: Kind
    path: str
    other: str = ""


def plan(
    base: Mapping[str, str],
    new: Mapping[str, str],
    mine: Mapping[str, str],
    folders: Collection[str] = (),
) -> list[Action]:
    """What to do with a student's copy.

    Args:
        base, new, mine: what identifies the contents of each file, by its path.
        folders: the student's folders, whose names are taken too.
    """
    renamed = _renamed(base, new, mine, folders)
    actions = [Action("rename", old, other) for old, other in sorted(renamed.items())]
    done = set(renamed) | set(renamed.values())
    for path in sorted({*base, *new} - done):
        kind = _kind(base.get(path), new.get(path), mine.get(path), taken=_taken(path, mine, folders))
        if kind is not None:
            actions.append(Action(kind, path))
    return actions


def _renamed(
    base: Mapping[str, str], new: Mapping[str, str], mine: Mapping[str, str], folders: Collection[str]
) -> dict[str, str]:
    """Files that have the same contents under another name, where the student's can follow."""
    coming = {new[path]: path for path in sorted(set(new) - set(base), reverse=True)}
    found: dict[str, str] = {}
    for path in sorted(set(base) - set(new)):
        other = coming.get(base[path])
        if other and path in mine and other not in found.values() and not _taken(other, mine, folders):
            found[path] = other
    return found


def _kind(base: str | None, new: str | None, mine: str | None, *, taken: bool) -> Kind | None:
    if base == new or mine == new:
        return None
    if new is None:
        return "delete" if mine == base else "keep"
    if mine is None:
        return "beside" if taken else "add" if base is None else "again"
    if base is None:
        return "beside"
    return "replace" if mine == base else "merge"


def _taken(path: str, mine: Mapping[str, str], folders: Collection[str]) -> bool:
    """Whether a file cannot be put at a path: something is there, or a file is where a folder must be."""
    parts = path.split("/")
    above = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    return path in mine or path in folders or any(folder in mine for folder in above)
