"""Handing in and collecting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange import default

from .course import Submission
from .exchange import CygnetExchange

_TIMESTAMP = "timestamp.txt"


class Submit(CygnetExchange, default.ExchangeSubmit):
    """Puts the student's files into their folder of the class, where the service keeps them as they are."""

    def init_dest(self) -> None:
        """Find the class; nobody hands in for somebody else."""
        if self.coursedir.student_id not in ("*", "", self.service.me):
            self.fail(f"You are {self.service.me}, and cannot submit as {self.coursedir.student_id}.")
        self.inbound_path = self.course.path("Work")

    def init_release(self) -> None:
        """Make empty files with the names of what was released: only these are compared."""
        top = self.course.assignment(self.coursedir.assignment_id)
        for path in self.service.files.find(top):
            stand_in = self.scratch / "released" / path.removeprefix(f"{top}/")
            stand_in.parent.mkdir(parents=True, exist_ok=True)
            stand_in.touch()
        self.release_path = str(self.scratch / "released")

    def copy_files(self) -> None:
        """Hand in; the service says when, and a copy stays in nbgrader's local cache."""
        name = self.coursedir.assignment_id
        self.init_release()
        self.check_filename_diff()
        chosen = self.scratch / name
        self.do_copy(self.src_path, chosen)
        made = self.course.submit(name, chosen)
        self.timestamp = self.timestamp_of(made)
        kept = Path(self.cache) / self.course.name / f"{made.user}+{name}+{self.timestamp}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        self.do_copy(self.src_path, str(kept))
        (kept / _TIMESTAMP).write_text(self.timestamp)
        self.log.info("Submitted as: %s %s %s", self.course.name, name, self.timestamp)


class Collect(CygnetExchange, default.ExchangeCollect):
    """Copies what was handed in to the instructor's `submitted` folder."""

    def init_src(self) -> None:
        """Choose one submission of each student."""
        chosen = self.coursedir.student_id or "*"
        found = self.taught.submissions(self.coursedir.assignment_id)
        self._kept = {one.id: one for one in found if chosen in ("*", one.user)}
        by_user: dict[str, list[Submission]] = {}
        for one in self._kept.values():
            by_user.setdefault(one.user, []).append(one)
        self.src_records = [self._record(self._choose(those)) for those in by_user.values()]
        self.inbound_path = str(self.scratch)
        self.check_owner = False  # the service knows who handed in: nobody can claim to be another

    def _choose(self, those: list[Submission]) -> Submission:
        due = self._due() if self.before_duedate else None
        in_time = [one for one in those if due is None or one.moment <= due]
        return (in_time or those)[-1]

    def _due(self) -> Any:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                return gradebook.find_assignment(self.coursedir.assignment_id).duedate
            except MissingEntry:
                return None

    @staticmethod
    def _record(one: Submission) -> dict[str, Any]:
        return {"username": one.user, "filename": one.id, "timestamp": one.moment}

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission, with the service's time of it."""
        one = self._kept[Path(src).name]
        super().do_copy(str(self.service.download(one.path or "", Path(src))), dest, log)
        (Path(dest) / _TIMESTAMP).write_text(self.timestamp_of(one))
