"""What each method of the JSON API takes and gives, declared beside it: the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from cygnet_fs_bridge.texts import Text

from ...model.errors import BadRequest

Method = TypeVar("Method", bound=Callable[..., Any])
Request = TypeVar("Request", bound="RequestModel")

#: What every door may answer: not readable, not signed in, not allowed, guessed too often, ending or away.
COMMON_ERRORS = (400, 401, 403, 429, 503)


class RequestModel(BaseModel):
    """A JSON object that a request brings. What is not known is ignored; nothing is converted."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


@dataclass(frozen=True)
class Parameter:
    """Something that a request says in its address or in a header.

    Args:
        name: as it is sent.
        about: words for the document.
        schema: of its value, JSON Schema.
        place: "query" or "header".
        required: whether nothing works without it.
    """

    name: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: str = "query"
    required: bool = False


PATH = Parameter("path", 'in the tree of whoever asks, such as "/a/b"; "/" when left out')


@dataclass(frozen=True)
class Raw:
    """An answer that is not JSON: its media types."""

    media: tuple[str, ...]


#: Contents of a file, whatever it is.
CONTENTS = Raw(("*/*",))
PAGE = Raw(("text/html",))
ARCHIVE = Raw(("application/zip",))
UPLOAD = Raw(("application/octet-stream",))

DOWNLOAD = Parameter("download", "1 makes a browser save it", {"type": "string", "enum": ["0", "1"]})
RANGE = Parameter("Range", "which bytes (RFC 9110)", place="header")
IF_MATCH = Parameter("If-Match", "the etag that it must have", place="header")
IF_NONE_MATCH = Parameter("If-None-Match", "the etag that it must not have", place="header")
MTIME = Parameter("X-OC-Mtime", "time of modification, seconds since 1970", place="header")
CHECKSUM = Parameter("OC-Checksum", "such as SHA1:da39...", place="header")
GETTING = (PATH, DOWNLOAD, RANGE, IF_NONE_MATCH)


@dataclass(frozen=True)
class Operation:
    """One method of one handler.

    Args:
        answers: by status the type of the JSON, `Raw`, or None for an empty body.
        body: what the request brings, a RequestModel or `Raw`.
        parameters: query arguments and headers.
        errors: statuses that it may refuse with, besides COMMON_ERRORS.
    """

    answers: Mapping[int, Any]
    body: type[RequestModel] | Raw | None = None
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()


def operation(
    answers: Mapping[int, Any],
    *,
    body: type[RequestModel] | Raw | None = None,
    parameters: tuple[Parameter, ...] = (),
    errors: tuple[int, ...] = (),
) -> Callable[[Method], Method]:
    """Declare what a method takes and gives; see `Operation`."""
    declared = Operation(answers, body, parameters, errors)

    def declare(method: Method) -> Method:
        method.operation = declared  # type: ignore[attr-defined]  # functions take attributes
        return method

    return declare


def read(model: type[Request], data: object) -> Request:
    """The request that `data` holds.

    Raises:
        BadRequest: it does not fit; the words name the first thing that does not.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise BadRequest(_in_words(error.errors(include_url=False, include_input=False)[0])) from None


_WORDS = {
    "string_type": Text("must be a text"),
    "bool_type": Text("must be true or false"),
    "list_type": Text("must be a list"),
    "int_type": Text("must be a whole number"),
    "float_type": Text("must be a number"),
    "finite_number": Text("must be a number"),
    "missing": Text("is missing"),
    "too_short": Text("must name at least one thing"),
    "too_long": Text("has too many entries"),
}


def _in_words(detail: Any) -> Text:
    place = next((str(step) for step in detail["loc"]), Text("the request"))
    if detail["type"] == "literal_error":
        choices = detail["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return Text('"{place}" must be one of {choices}.', place=place, choices=choices)
    problem = _WORDS.get(detail["type"], Text("does not fit"))
    return Text('"{place}" {problem}.', place=place, problem=problem)
