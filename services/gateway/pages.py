"""Pages for people, without script or cookie: the towns' lists, the API's documentation."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Flask, Response, render_template, request, send_file

from services.gateway.api import Call
from services.gateway.certificates import add_certificates
from services.gateway.problems import TITLES, Problem
from services.gateway.timelines import add_timelines
from shared.clock import day_of
from shared.sheets.read import TEXT, WORKBOOK
from shared.sheets.write import list_file

MEDIA = {"xlsx": WORKBOOK, "csv": TEXT}
ZH = re.compile(r"\s*\(([^()]*[\u4e00-\u9fff][^()]*)\)")


def add_pages(app: Flask, call: Call, spec: Mapping[str, Any]) -> None:
    """Add the public pages to *app*; they show the services' answers and the API's description."""

    def ask(door: str, **asked: str) -> Any:
        return call("catalog", "ask", door=door, request=asked)["answer"]

    services = [
        {**tag, "operations": list(operations(spec, tag["name"]))} for tag in spec["tags"]
    ]
    headers = command_headers(spec)

    @app.template_filter()
    def day(instant: str) -> str:
        return day_of(datetime.fromisoformat(instant)).isoformat()

    @app.get("/")
    def index() -> str:
        return render_template("index.html", programmes=ask("programmes"))

    @app.get("/towns")
    def towns() -> str:
        programmes = ask("programmes")
        wanted = request.args.get("programme")
        chosen = [one for one in programmes if wanted in (None, one["programme_id"])]
        if not chosen:
            raise Problem(404, "gateway.unknown-programme", f"没有实施方案：{wanted}")
        found = {
            one["programme_id"]: [
                town for town in ask("towns", programme=one["programme_id"]) if town["recipient"]
            ]
            for one in chosen
        }
        return render_template("towns.html", programmes=chosen, towns=found)

    @app.get("/towns/<town_id>")
    def town(town_id: str) -> str:
        programme, found = _town(ask, town_id)
        published = ask("published_list", programme=programme["programme_id"], town=town_id)
        return render_template("town.html", programme=programme, town=found, published=published)

    @app.get("/towns/<town_id>/list.<any(xlsx, csv):form>")
    def town_file(town_id: str, form: str) -> Response:
        """The published list as a file that imports again."""
        programme, found = _town(ask, town_id)
        published = ask("published_list", programme=programme["programme_id"], town=town_id)
        if published["list_version"] is None:
            raise Problem(404, "gateway.no-published-list", f"{found['name']}的清单尚未公布")
        title = f"{found['name']}赋权事项清单（第{published['list_version']}版）"
        return send_file(
            BytesIO(list_file(title, published["entries"], form)), mimetype=MEDIA[form],
            as_attachment=True, download_name=f"{title}.{form}",
        )

    add_timelines(app, call)
    add_certificates(app, call)

    @app.get("/docs")
    def docs() -> str:
        return render_template("docs.html", services=services, headers=headers, problems=TITLES)


def operations(spec: Mapping[str, Any], service: str) -> Iterator[dict[str, Any]]:
    """The operations of one service, as the documentation page shows them."""
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if service in operation["tags"]:
                told = operation.get("summary", "")
                zh = ZH.search(told)
                yield {
                    "id": operation["operationId"], "method": method.upper(), "path": path,
                    "title": zh[1] if zh else told.rstrip("."), "text": ZH.sub("", told),
                    "public": not operation.get("security"),
                    "fields": list(_fields(spec, operation)),
                }


def command_headers(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The headers that every command takes."""
    for methods in spec["paths"].values():
        told = methods.get("post", {}).get("parameters", ())
        if any(one["in"] == "header" for one in told):
            return [_field(one["name"], one, one.get("required")) for one in told]
    return []


def _fields(
    spec: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    if "requestBody" in operation:
        schema = _resolved(spec, operation["requestBody"]["content"]["application/json"]["schema"])
        required = schema.get("required", ())
        for name, told in schema.get("properties", {}).items():
            yield _field(name, {**told, "schema": told}, name in required)
        return
    for parameter in operation.get("parameters", ()):
        yield _field(parameter["name"], parameter, parameter.get("required"))


def _field(name: str, told: Mapping[str, Any], required: Any) -> dict[str, Any]:
    return {
        "name": name, "required": bool(required), "description": told.get("description", ""),
        "type": _type(told.get("schema") or told["content"]["application/json"]["schema"]),
    }


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"] if value is not None)
    if schema.get("type") == "array":
        return f"{_type(schema['items'])}[]"
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    return str(schema.get("format") or schema.get("type") or "object")


def _resolved(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found: Mapping[str, Any] = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _town(ask: Callable[..., Any], town_id: str) -> tuple[Any, Any]:
    """The programme and the town with that id.

    Raises:
        Problem: 404, no programme has such a town.
    """
    for programme in ask("programmes"):
        for town in ask("towns", programme=programme["programme_id"]):
            if town["town_id"] == town_id:
                return programme, town
    raise Problem(404, "gateway.unknown-town", f"没有镇街：{town_id}")
