"""What a drag within the window carries: a stage of the library, with values for its node."""

from __future__ import annotations

import json
from typing import NamedTuple

from PySide6.QtCore import QMimeData

from nodeforge.graph.spec import Value

STAGE_MIME = "application/x-nodeforge-stage"


class Carried(NamedTuple):
    stage: str
    title: str
    values: dict[str, Value]


def mime(stage: str, title: str = "", values: dict[str, Value] | None = None) -> QMimeData:
    """What a drag from the library carries."""
    data = QMimeData()
    body = {"stage": stage, "title": title, "values": values or {}}
    data.setData(STAGE_MIME, json.dumps(body).encode())
    return data


def carried(data: QMimeData) -> Carried | None:
    if not data.hasFormat(STAGE_MIME):
        return None
    body = json.loads(bytes(data.data(STAGE_MIME).data()))
    return Carried(body["stage"], body.get("title", ""), body.get("values", {}))
