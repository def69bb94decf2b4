"""The JSON that requests and answers about classes hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import Field

from ...model.classes import Mode
from ...service.collecting import Kept
from ...service.handouts import HandoutView, Standing
from ...store.handouts import SubmissionRow
from .group_models import Accounts
from .operations import RequestModel
from .requests import Path

#: A moment, seconds since 1970.
Moment = Annotated[float, Field(ge=0, lt=1 << 40)]


class NewClass(RequestModel):
    """A class to make."""

    name: str
    about: str = ""


class NewHandout(RequestModel):
    """Something of the caller's to hand out: a copy for each student, or to read together."""

    path: Path
    mode: Mode = "copy"
    deadline: Moment | None = None


class Deadline(RequestModel):
    """Until when; null: as long as one likes. With `user` only for that student."""

    deadline: Moment | None
    user: str | None = None


class Collection(RequestModel):
    """From whom to collect; null: from all."""

    users: Accounts | None = None


class GivenBack(RequestModel):
    """What one student gets back; `path`: a file or folder of the caller's.

    `submission` is the id of what it is about; null: what was collected last.
    """

    user: str
    mark: str = ""
    comment: str = ""
    path: Path | None = None
    submission: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None


@dataclass(frozen=True)
class Enrolled:
    """What came of a roster; `repeated` were in it more than once."""

    added: list[str]
    known: list[str]
    repeated: list[str]


@dataclass(frozen=True)
class Submission:
    """What was collected: when, whether late, its checksum; `mark` and `comment` once they were given back.

    `sha256` is that of one line "SHA-256, two blanks, path" for each file, by path.
    """

    made: float
    late: bool
    sha256: str
    files: int
    size: int
    by: str
    mark: str
    comment: str
    returned: float | None


@dataclass(frozen=True)
class KeptSubmission:
    """One thing that was collected; `name` is that of its folder, `path` where a teacher finds it."""

    id: str
    user: str
    name: str
    path: str | None
    submission: Submission


@dataclass(frozen=True)
class Submissions:
    """Oldest first."""

    submissions: list[KeptSubmission]


@dataclass(frozen=True)
class StudentStanding:
    """How a student stands: where their copy is for the caller, since when, and what was collected."""

    user: str
    display_name: str
    path: str | None
    revision: int | None
    due: float | None
    extended: bool
    opened: float | None
    worked: float | None
    notes: list[str]
    submission: Submission | None


@dataclass(frozen=True)
class Handout:
    """What was handed out; `students` is everybody where the caller teaches, else the caller alone."""

    id: str
    name: str
    mode: Mode
    source: str | None
    path: str | None
    revision: int
    deadline: float | None
    created: float
    changed: float
    students: list[StudentStanding]


@dataclass(frozen=True)
class Handouts:
    """Oldest first."""

    handouts: list[Handout]


def handout_json(
    view: HandoutView, names: dict[str, str], say: Callable[[str], str], *, teaches: bool
) -> dict[str, Any]:
    """A handout as JSON; `names`: display names of the students."""
    row = view.row
    students = [_standing(one, names, say, teaches=teaches) for one in view.standings]
    return asdict(
        Handout(
            str(row.id),
            row.name,
            row.mode,  # type: ignore[arg-type]  # only the two modes are stored
            row.source if teaches else None,
            view.path,
            row.revision,
            row.deadline,
            row.created,
            row.changed,
            students,
        )
    )


def _standing(
    one: Standing, names: dict[str, str], say: Callable[[str], str], *, teaches: bool
) -> StudentStanding:
    copy = one.copy
    return StudentStanding(
        one.user,
        names.get(one.user, one.user),
        one.teacher_path if teaches else one.path,
        copy.revision if copy else None,
        one.due,
        copy is not None and copy.due is not None,
        copy.opened if copy else None,
        one.worked,
        [say(note) for note in copy.notes] if copy else [],
        _submission(one.submission, teaches=teaches) if one.submission else None,
    )


def _submission(row: SubmissionRow, *, teaches: bool) -> Submission:
    shown = teaches or row.returned is not None
    return Submission(
        row.made,
        row.late,
        row.sha256,
        row.files,
        row.size,
        row.actor,
        row.mark if shown else "",
        row.comment if shown else "",
        row.returned,
    )


def kept_json(one: Kept) -> dict[str, Any]:
    """Something that was collected as JSON."""
    seen = _submission(one.row, teaches=one.path is not None)
    return asdict(KeptSubmission(str(one.row.id), one.row.user, one.name, one.path, seen))
