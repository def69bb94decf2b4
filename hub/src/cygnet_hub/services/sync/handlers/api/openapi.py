"""The OpenAPI 3.1 document of the JSON API, made of the routes and of what the handlers declare."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, ClassVar

from pydantic import TypeAdapter
from tornado.web import RequestHandler

from ...model.settings import PREFIX
from ..base import Access, BaseHandler
from . import answers
from .base import ApiHandler
from .operations import COMMON_ERRORS, Operation, Parameter, Raw, operation

METHODS = ("get", "put", "post", "patch", "delete", "head")
_GROUP = re.compile(r"\(([^()]*)\)")
_REFERENCES = "#/components/schemas/{model}"

Route = tuple[str, type[RequestHandler]]

_SECURITY: dict[str, dict[str, Any]] = {
    "appPassword": {"type": "http", "scheme": "basic", "description": "account name and app password"},
    "token": {"type": "http", "scheme": "bearer", "description": "app password or token"},
    "linkPassword": {"type": "apiKey", "in": "header", "name": "X-Share-Password"},
}

_PERSON: list[dict[str, list[str]]] = [{"appPassword": []}, {"token": []}]
_WHO: dict[Access, list[dict[str, list[str]]]] = {
    Access.ANYONE: [],
    Access.USER: _PERSON,
    Access.LINK: [{}, {"linkPassword": []}],
    Access.USER_OR_LINK: _PERSON,
    Access.INTERNAL: [{"token": []}],
}


class OpenApiHandler(ApiHandler):
    """What this API is, for programs."""

    access: ClassVar[Access] = Access.ANYONE
    cookie_login: ClassVar[bool] = False

    @operation({200: dict[str, Any]})
    async def get(self) -> None:
        """GET openapi.json: this document."""
        self.send(self.application.settings["openapi"]())


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The document of these routes (pattern below the service's prefix, handler).

    Raises:
        TypeError: a method does not say what it takes and gives.
    """
    schemas: dict[str, Any] = {}
    paths = {
        path: dict(_methods(handler, parameters, schemas))
        for pattern, handler in routes
        for path, parameters in _paths(pattern, _names(handler))
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cygnet sync service",
            "version": version("cygnet-hub"),
            "description": "Files, shares, changes and credentials of the person who asks.",
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SECURITY},
    }


def _names(handler: type[RequestHandler]) -> list[str]:
    """What the methods of a handler call the parts of its address."""
    function = next(vars(handler)[method] for method in METHODS if method in vars(handler))
    return [name.strip("_") for name in list(inspect.signature(function).parameters)[1:]]


def _paths(pattern: str, names: list[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The paths that a pattern stands for, with the parameters in them.

    A group that only names words, such as (move|copy), is written out.
    """
    parts = _GROUP.split(pattern)
    texts, groups = parts[::2], parts[1::2]
    named = list(zip(names, groups, strict=True))
    choices = [group.split("|") if _is_choice(group) else [f"{{{name}}}"] for name, group in named]
    parameters = [_in_path(name, group) for name, group in named if not _is_choice(group)]
    for chosen in itertools.product(*choices):
        path = "".join(text + word for text, word in itertools.zip_longest(texts, chosen, fillvalue=""))
        yield f"/{path.replace(chr(92), '')}", parameters


def _is_choice(group: str) -> bool:
    return re.fullmatch(r"[a-z|]+", group) is not None


def _in_path(name: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _methods(
    handler: type[RequestHandler], parameters: list[dict[str, Any]], schemas: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    for method in METHODS:
        function = vars(handler).get(method)
        if function is None:
            continue
        declared = getattr(function, "operation", None)
        if not isinstance(declared, Operation) or not issubclass(handler, BaseHandler):
            raise TypeError(f"{handler.__name__}.{method} does not declare its operation")
        yield (
            method,
            {
                "summary": _summary(function),
                "tags": [handler.__module__.rpartition(".")[2]],
                "security": _WHO[handler.access],
                "parameters": [*parameters, *(_parameter(one) for one in declared.parameters)],
                **({"requestBody": _body(declared.body, schemas)} if declared.body else {}),
                "responses": _responses(declared, schemas, method, () if not parameters else (404,)),
            },
        )


def _summary(function: Any) -> str:
    """The words after the address in a method's docstring."""
    return " ".join((inspect.getdoc(function) or "").partition(": ")[2].split())


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": one.place,
        "required": one.required,
        "description": one.about,
        "schema": dict(one.schema),
    }


def _body(body: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": _content(body, schemas)}


def _responses(
    declared: Operation, schemas: dict[str, Any], method: str, more: tuple[int, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, answer in declared.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if answer is not None and method != "head":
            found[str(status)]["content"] = _content(answer, schemas)
    for status in sorted({*COMMON_ERRORS, *declared.errors, *more}):
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if method != "head":
            found[str(status)]["content"] = _content(answers.Error, schemas)
    return found


def _content(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, Raw):
        return {media: {"schema": {"type": "string"}} for media in kind.media}
    schema = TypeAdapter(kind).json_schema(ref_template=_REFERENCES)
    schemas |= schema.pop("$defs", {})
    name = getattr(kind, "__name__", "")
    if schema.get("title") != name:
        return {"application/json": {"schema": schema}}
    schemas[name] = schema
    return {"application/json": {"schema": {"$ref": _REFERENCES.format(model=name)}}}
