"""Classes: the folders of one, and who is who in it."""

from __future__ import annotations

from typing import Literal

#: Folders in the space of a class.
MATERIALS = "Materials"
STUDENTS = "Students"
COLLECTED = "Collected"
FEEDBACK = "Feedback"
#: Revisions as they were handed out: the common ancestors of merges. No door leads here.
HANDOUTS = "Handouts"
FOLDERS = (MATERIALS, STUDENTS, COLLECTED, FEEDBACK, HANDOUTS)

#: What a student calls their own folder below STUDENTS.
WORK = "Work"

Mode = Literal["copy", "read"]


def is_staff(role: str) -> bool:
    """Whether a role in the group is a teacher's (admin) or an assistant's (manager)."""
    return role in ("admin", "manager")
