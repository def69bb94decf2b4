"""What the plug-ins of the exchange have in common."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from dateutil.tz import gettz
from nbgrader.exchange import ExchangeError, default

from cygnet_fs_bridge.errors import NotConfigured, ServiceError

from .course import Course, Service, Submission


class CygnetExchange(default.Exchange):
    """An exchange that is the sync service: its `root`, a folder on a disk that all share, is not used."""

    scratch: Path

    def ensure_root(self) -> None:
        """There is no folder that everybody may write to, and none is needed."""

    def start(self) -> Any:
        """Do it; what the service refuses is told in its words."""
        with tempfile.TemporaryDirectory(prefix="nbgrader-") as folder:
            self.scratch = Path(folder)
            try:
                return super().start()
            except (ServiceError, NotConfigured) as error:
                return self.fail(str(error))

    @cached_property
    def service(self) -> Service:
        """The service, as whoever runs nbgrader."""
        return Service()

    @cached_property
    def course(self) -> Course:
        """The class that is the course; fails where there is none."""
        wanted = self.coursedir.course_id
        if not wanted:
            self.fail("No course id specified. Re-run with --course flag.")
        found = next((one for one in self.service.courses() if one.name == wanted), None)
        return found or self.refuse_unknown(wanted)

    @cached_property
    def taught(self) -> Course:
        """The same, for those who teach or assist in it; fails for others."""
        return self.course if self.course.teaches else self.refuse(self.course.name)

    def refuse(self, name: str) -> NoReturn:
        """Fail, because this is for teachers."""
        raise self._failed(f'Only those who teach the class "{name}" may do this.')

    def refuse_unknown(self, name: str) -> NoReturn:
        """Fail, because the caller is in no such class."""
        raise self._failed(f'You are in no class "{name}". A teacher makes it on the page "Classes".')

    def _failed(self, words: str) -> ExchangeError:
        self.log.fatal(words)
        return ExchangeError(words)

    def timestamp_of(self, submission: Submission) -> str:
        """When something was handed in, as nbgrader writes it."""
        moment = datetime.fromtimestamp(submission.made, UTC).astimezone(gettz(self.timezone))
        return moment.strftime(self.timestamp_format)
