"""Tables of items against a world: previewed, imported, and what was found."""

import json
from copy import deepcopy
from typing import Any

from tests.annexes import sheet
from tests.world import World, programme_content

HEADER = ["序号", "事项名称", "权利类型", "赋权部门", "监管部门"]
WEIGHT = ["51", "示例许可", "行政许可", "区卫健局", "区卫健局"]


def without_items(programme: str) -> dict[str, Any]:
    """The content of a folder whose catalogue comes apart, as a table."""
    return deepcopy(programme_content(programme)) | {"items": [], "scopes": [], "limits": []}


def another(
    content: dict[str, Any], programme: str, code: str, jurisdiction: str
) -> dict[str, Any]:
    """The content of a folder as that of another programme, elsewhere."""
    text = json.dumps(content, ensure_ascii=False).replace(f"{programme}-", f"{code}-")
    made: dict[str, Any] = json.loads(text)
    made["programme"] |= {"id": code, "jurisdiction_id": jurisdiction}
    return made


def rows_of(programme: str) -> list[list[str | None]]:
    """The catalogue of a folder as a table with the organs' full names."""
    content = programme_content(programme)
    names = {row["org_id"]: row["name"] for row in content["organs"]}
    return [HEADER, *(
        [str(row["seq"]), row["name"], row["power_type"], names[row["granting_org_id"]],
         names.get(row["supervising_org_id"])]
        for row in content["items"]
    )]


def previewed(world: World, programme: str, data: bytes) -> dict[str, Any]:
    asked = {"programme": programme, "sheet": sheet(data, "目录")}
    return world.ask("catalog", "preview_catalogue", asked)


def imported(world: World, programme: str, data: bytes, **how: Any) -> dict[str, Any]:
    request = {"programme": programme, "sheet": sheet(data, "目录")}
    answer = world.do("catalog", "import_catalogue", request, **how)
    world.settle()
    return answer


def errors(preview: dict[str, Any]) -> list[tuple[int | None, str | None, str, str | None]]:
    return [
        (one["row"], one["column"], one["code"], one["suggestion"])
        for one in preview["findings"] if one["severity"] == "error"
    ]


def warnings(preview: dict[str, Any], code: str) -> list[str]:
    return [one["message_zh"] for one in preview["findings"] if one["code"] == code]
