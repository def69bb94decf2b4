"""Giving feedback back, and fetching it."""

from __future__ import annotations

import os
import re
import shutil
from glob import glob
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange import default
from nbgrader.utils import parse_utc

from .course import Submission
from .exchange import CygnetExchange

#: Time stamps that differ by less are of the same submission: formats may leave out parts of a second.
_SAME_SECONDS = 1.0


class ReleaseFeedback(CygnetExchange, default.ExchangeReleaseFeedback):
    """Gives each student their feedback, seen by nobody else of the class, with the score as the mark."""

    def init_dest(self) -> None:
        """Find the class."""
        self.dest_path = self.taught.path("Feedback")

    def copy_files(self) -> None:
        """Give back what lies in the feedback folders."""
        name, excluded = self.coursedir.assignment_id, set(self.coursedir.student_id_exclude.split(","))
        step = self.coursedir.feedback_directory
        pattern = self.coursedir.format_path(step, "(?P<student>.*)", name, escape=True)
        given = self.taught.submissions(name)
        for folder in sorted(glob(self.src_path)):  # noqa: PTH207 an absolute pattern
            match = re.fullmatch(pattern, folder)
            if match is not None and match["student"] not in excluded:
                self._give_back(Path(folder), [one for one in given if one.user == match["student"]])

    def _give_back(self, folder: Path, given: list[Submission]) -> None:
        pages, about = sorted(folder.glob("*.html")), self._about(folder, given)
        if not pages:
            return
        if about is None:
            self.log.error("The submission that %s is about was not handed in here", folder)
            return
        chosen = self.scratch / about.id
        chosen.mkdir()
        for page in pages:
            shutil.copy(page, chosen)
        self.taught.give_back(self.coursedir.assignment_id, about, chosen, self._mark(about))
        self.log.info("Feedback released to: %s (%s)", about.user, self.timestamp_of(about))

    def _about(self, folder: Path, given: list[Submission]) -> Submission | None:
        moment = self.coursedir.get_existing_timestamp(str(folder))
        if moment is None or not given:
            return None
        nearest = min(given, key=lambda one: abs(one.moment - parse_utc(moment)))
        apart = abs(nearest.moment - parse_utc(moment)).total_seconds()
        return nearest if apart < _SAME_SECONDS else None

    def _mark(self, about: Submission) -> str:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                graded = gradebook.find_submission(self.coursedir.assignment_id, about.user)
                return f"{graded.score:g}/{graded.max_score:g}"
            except MissingEntry:
                return about.mark


class FetchFeedback(CygnetExchange, default.ExchangeFetchFeedback):
    """Copies the student's feedback next to the assignment."""

    def init_src(self) -> None:
        """Find it, and copy it here."""
        name, course = self.coursedir.assignment_id, self.course
        self.src_path = course.path("Feedback", name)
        self.feedback_files: list[tuple[str, str, str]] = []
        for one in course.submissions(name):
            if one.returned is None or one.user != self.service.me:
                continue
            there = f"{self.src_path}/{one.name}"
            if not self.service.files.exists(there):
                continue
            for page in sorted(self.service.download(there, self.scratch / one.id).glob("*.html")):
                os.utime(page, (one.returned, one.returned))  # the list tells by it what is newer
                self.feedback_files.append((page.stem, self.timestamp_of(one), str(page)))

    def do_copy(self, src: str, dest: str) -> None:
        """Copy the pages, with the time at which they were given."""
        super().do_copy(src, dest)
        for page, timestamp, path in self.feedback_files:
            shutil.copystat(path, Path(dest) / timestamp / f"{page}.html")
