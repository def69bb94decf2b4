"""A class of the service, as the course that nbgrader sees in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from fsspec.asyn import sync

from cygnet_fs_bridge.errors import NotFound, ServiceError
from cygnet_fs_bridge.filesystem import CygnetFileSystem

#: Where a class keeps what was released: below its materials, which its members read.
_RELEASED = "Materials/Assignments"


@dataclass(frozen=True)
class Submission:
    """Something that was handed in and is kept as it was.

    Args:
        name: of the folder that the service made for it, and of that with the feedback.
        path: where an instructor finds it; None for students.
        made: when, by the service's clock, seconds since 1970.
        returned: when feedback was given; None: not yet.
    """

    id: str
    user: str
    name: str
    path: str | None
    made: float
    mark: str
    comment: str
    returned: float | None

    @property
    def moment(self) -> datetime:
        """When it was made, in UTC and without a zone, as nbgrader counts."""
        return datetime.fromtimestamp(self.made, UTC).replace(tzinfo=None)


class Service:
    """The sync service as the exchange uses it. Every method raises ServiceError when it refuses."""

    def __init__(self) -> None:
        # Not shared with others: who the caller is may change with the environment.
        self.files = CygnetFileSystem(skip_instance_cache=True)

    def call(self, method: str, route: str, data: object = None) -> Any:
        """Call the JSON API."""
        return sync(self.files.loop, self.files.caller.call_json, method, f"api/v1/{route}", data)

    @cached_property
    def me(self) -> str:
        """The account name of the caller."""
        return str(sync(self.files.loop, self.files.api.me).name)

    def courses(self) -> list[Course]:
        """The classes that the caller is in, by name."""
        found = self.call("GET", "classes")["groups"]
        return [Course(self, one["id"], one["name"], one["role"] in ("admin", "manager")) for one in found]

    def names(self, folder: str) -> list[str]:
        """The names in a folder, in order; none if it is not there."""
        try:
            return sorted(path.rpartition("/")[2] for path in self.files.ls(folder, detail=False))
        except NotFound:
            return []

    def download(self, folder: str, target: Path) -> Path:
        """Copy all files in a folder of the service into a new local one."""
        target.mkdir(parents=True)
        found = self.files.find(folder)
        self.files.get(found, [str(target / path.removeprefix(f"{folder}/")) for path in found])
        return target

    def replace(self, source: Path, folder: str) -> None:
        """Make a folder of the service hold the files of a local one, and no others."""
        files = sorted(path for path in source.rglob("*") if path.is_file())
        wanted = [f"{folder}/{path.relative_to(source).as_posix()}" for path in files]
        self.files.makedirs(folder, exist_ok=True)
        for gone in sorted(set(self.files.find(folder)) - set(wanted)):
            self.files.rm_file(gone)
        self.files.put([str(path) for path in files], wanted)


@dataclass(frozen=True)
class Course:
    """One class.

    Args:
        teaches: whether the caller teaches or assists in it.
    """

    service: Service
    id: str
    name: str
    teaches: bool

    def path(self, *names: str) -> str:
        """The path of something in the class in the caller's tree."""
        return "/".join(("/Classes", self.name, *names))

    def assignment(self, name: str) -> str:
        """Where a released assignment lies."""
        return self.path(_RELEASED, name)

    def assignments(self) -> list[str]:
        """The names of what is released."""
        return self.service.names(self.path(_RELEASED))

    def hand_out(self, name: str) -> None:
        """Give every student a copy of a released assignment, or bring theirs up to date."""
        known = self.handout(name)
        if known is None:
            self._call("POST", "handouts", {"path": self.assignment(name), "mode": "copy"})
        else:
            self._call("POST", f"handouts/{known['id']}/update", {})

    def handout(self, name: str) -> dict[str, Any] | None:
        """What the service knows of an assignment that was released at some time."""
        found = self._call("GET", "handouts")["handouts"]
        return next((dict(one) for one in found if one["name"] == name and one["mode"] == "copy"), None)

    def submissions(self, name: str) -> list[Submission]:
        """What was handed in for an assignment, oldest first; a student sees their own."""
        known = self.handout(name)
        if known is None:
            return []
        found = self._call("GET", f"handouts/{known['id']}/submissions")["submissions"]
        return [_submission(one) for one in found]

    def submit(self, name: str, source: Path) -> Submission:
        """Hand in the files of a local folder.

        Raises:
            ServiceError: the assignment was not released, or the caller is no student.
        """
        known = self.handout(name)
        if known is None or self.teaches:
            raise ServiceError(f'"{name}" was not handed out to you')
        folder = known["students"][0]["path"] or self.path("Work", name)
        self.service.replace(source, folder)
        self._call("POST", f"handouts/{known['id']}/submit")
        return self.submissions(name)[-1]

    def give_back(self, name: str, about: Submission, source: Path, mark: str) -> None:
        """Give a student the files of a local folder back, and a mark.

        They lie in the instructor's own files for a moment, and are gone from there for good.
        """
        known = self.handout(name) or {}
        files, staged = self.service.files, f"/.feedback {about.user} {about.id}"
        self.service.replace(source, f"{staged}/{about.name}")
        told = {"user": about.user, "submission": about.id, "mark": mark, "comment": about.comment}
        try:
            back = {**told, "path": f"{staged}/{about.name}"}
            self._call("POST", f"handouts/{known.get('id')}/feedback", back)
        finally:
            node = files.info(staged)["id"]
            files.rm(staged, recursive=True)
            self.service.call("POST", "trash/delete", {"ids": [node]})

    def _call(self, method: str, route: str, data: object = None) -> Any:
        return self.service.call(method, f"classes/{self.id}/{route}", data)


def _submission(one: dict[str, Any]) -> Submission:
    told = one["submission"]
    about = (told["made"], told["mark"], told["comment"], told["returned"])
    return Submission(one["id"], one["user"], one["name"], one["path"], *about)
