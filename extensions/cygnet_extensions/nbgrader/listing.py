"""What is released, what was handed in, and whether there is feedback to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from nbgrader.exchange import default

from .course import Course, Submission
from .exchange import CygnetExchange


class List(CygnetExchange, default.ExchangeList):
    """Lists from the service: released assignments, or what was handed in, wherever that was done.

    `cached` lists one's own submissions; the local cache is not looked at.
    """

    def init_dest(self) -> None:
        """Find what is to be listed."""
        wanted, courses = self.coursedir.course_id, self.service.courses()
        self.assignments = sorted(
            self._found([one for one in courses if wanted in ("", one.name)]), key=_order
        )

    def _found(self, courses: list[Course]) -> Iterator[dict[str, Any]]:
        for course in courses:
            wanted, known = self.coursedir.assignment_id, course.assignments()
            for name in known if not wanted else {wanted} & set(known):
                pages = [page for page in self.service.names(course.assignment(name)) if _is_notebook(page)]
                if self.inbound or self.cached:
                    yield from self._handed_in(course, name, pages)
                else:
                    yield self._released(course, name, pages)

    def _local(self, course: Course, name: str) -> Path:
        above = (course.name,) if self.path_includes_course else ()
        return Path(self.assignment_dir, *above, name)

    def _released(self, course: Course, name: str, pages: list[str]) -> dict[str, Any]:
        place = self._local(course, name)
        fetched = place.exists()
        if fetched:
            pages = sorted(page.name for page in place.glob("*.ipynb"))
        top = str(place.resolve()) if fetched else course.assignment(name)
        status = "removed" if self.remove else "fetched" if fetched else "released"
        notebooks = [{"notebook_id": Path(page).stem, "path": f"{top}/{page}"} for page in pages]
        what = {"course_id": course.name, "assignment_id": name, "status": status, "path": top}
        return {**what, "notebooks": notebooks}

    def _handed_in(self, course: Course, name: str, pages: list[str]) -> Iterator[dict[str, Any]]:
        student = self.service.me if self.cached else self.coursedir.student_id or "*"
        for one in course.submissions(name):
            if student in ("*", one.user):
                timestamp = self.timestamp_of(one)
                feedback = self._local(course, name) / "feedback" / timestamp
                given = self._has_feedback(course, one, name)
                notebooks = [_with_feedback(Path(page).stem, feedback, one, given) for page in pages]
                what: dict[str, Any] = {"course_id": course.name, "student_id": one.user}
                what |= {
                    "assignment_id": name,
                    "timestamp": timestamp,
                    "path": one.path,
                    "notebooks": notebooks,
                }
                yield {**what, **_in_all(notebooks, feedback), "status": "submitted"}

    def _has_feedback(self, course: Course, one: Submission, name: str) -> bool:
        """Whether there is something to fetch; a student may also have got a mark and no more."""
        given = one.returned is not None
        # An instructor's list would take a request for each student.
        return given and (course.teaches or bool(self.service.names(course.path("Feedback", name, one.name))))

    def parse_assignments(self) -> list[dict[str, Any]]:
        """What was found; submissions by course, student and assignment."""
        if not (self.inbound or self.cached):
            return self.assignments
        key = itemgetter("course_id", "student_id", "assignment_id")
        return [
            dict(zip(("course_id", "student_id", "assignment_id"), names, strict=True))
            | {"status": "submitted", "submissions": sorted(those, key=itemgetter("timestamp"))}
            for names, those in groupby(sorted(self.assignments, key=key), key)
        ]

    def remove_files(self) -> list[dict[str, Any]]:
        """Take back what was released; students keep their copies. What was handed in cannot be removed."""
        if self.inbound or self.cached:
            self.fail("What was handed in is kept by the class, and cannot be removed.")
        teaching = {one.name: one for one in self.service.courses() if one.teaches}
        for one in self.assignments:
            course = teaching.get(one["course_id"]) or self.refuse(one["course_id"])
            self.service.files.rm(course.assignment(one["assignment_id"]), recursive=True)
        self.log.info("Removed: %s", ", ".join(one["assignment_id"] for one in self.assignments))
        return self.assignments


def _order(info: dict[str, Any]) -> tuple[str, ...]:
    names = ("course_id", "assignment_id", "student_id", "timestamp")
    return tuple(info.get(name, "") for name in names)


def _is_notebook(name: str) -> bool:
    return name.endswith(".ipynb")


def _with_feedback(notebook: str, folder: Path, about: Submission, given: bool) -> dict[str, Any]:
    """How it stands with the feedback to one notebook: given, fetched, given anew since."""
    page = folder / f"{notebook}.html"
    here = page.is_file()
    newer = here and about.returned is not None and abs(page.stat().st_mtime - about.returned) > 0.001
    return {
        "notebook_id": notebook,
        "path": f"{about.path}/{notebook}.ipynb",
        "has_local_feedback": here,
        "has_exchange_feedback": given,
        "local_feedback_path": str(page) if here else None,
        "feedback_updated": newer,
    }


def _in_all(notebooks: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    here = bool(notebooks) and all(one["has_local_feedback"] for one in notebooks)
    return {
        "has_local_feedback": here,
        "has_exchange_feedback": bool(notebooks) and all(one["has_exchange_feedback"] for one in notebooks),
        "feedback_updated": any(one["feedback_updated"] for one in notebooks),
        "local_feedback_path": str(folder.resolve()) if here else None,
    }
