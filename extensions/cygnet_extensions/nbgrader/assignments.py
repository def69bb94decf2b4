"""Releasing and fetching assignments."""

from __future__ import annotations

import difflib

from nbgrader.exchange import default

from .exchange import CygnetExchange


class ReleaseAssignment(CygnetExchange, default.ExchangeReleaseAssignment):
    """Puts an assignment into the class's materials, and hands it out to every student."""

    def init_dest(self) -> None:
        """Find the class."""
        self.dest_path = self.taught.assignment(self.coursedir.assignment_id)

    def copy_files(self) -> None:
        """Release, or with `force` release again: students keep what they did."""
        name = self.coursedir.assignment_id
        if name in self.taught.assignments() and not self.force:
            self.fail(f"Destination already exists, add --force to overwrite: {self.course.name} {name}")
        chosen = self.scratch / name
        self.do_copy(self.src_path, chosen)
        self.service.replace(chosen, self.dest_path)
        self.taught.hand_out(name)
        self.log.info("Released as: %s %s", self.course.name, name)


class FetchAssignment(CygnetExchange, default.ExchangeFetchAssignment):
    """Copies an assignment as it was released."""

    def init_src(self) -> None:
        """Find it, and copy it here."""
        name, known = self.coursedir.assignment_id, self.course.assignments()
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            self.fail(f"Assignment not found: {name}." + (f" Did you mean {close[0]}?" if close else ""))
        self.src_path = str(self.service.download(self.course.assignment(name), self.scratch / name))
