"""Acts on groups: gather, unpack, go in and out, and show inner parameters on the face."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId, Spot
from nodeforge.graph.groups import grouped, reveal_param, unpacked

PARAM_MIME = "application/x-nodeforge-parameter"


def chosen(session: Session) -> list[NodeId]:
    """The selected groups."""
    return [id for id in session.selection if id in session.document.groups]


def gather(session: Session) -> None:
    """Put what is selected into a group of its own."""
    rails = session.level.rails
    ids = [id for id in session.selection if id not in rails]
    after, group = grouped(session.document, session.specs, ids)
    if group:
        session.edit(tr("Group"), after)
        session.select([group])


def unpack(session: Session) -> None:
    """Put what lies in the selected groups where these are."""
    if ids := chosen(session):
        after, free = unpacked(session.document, ids)
        many = tr("Unpack {} groups").format(len(ids))
        session.edit(tr("Unpack group") if len(ids) == 1 else many, after)
        session.select(free)


def go_in(session: Session) -> None:
    """Into the group selected last."""
    if ids := chosen(session):
        session.sight.dive(ids[-1])


def add_to_menu(session: Session, node: NodeId, param: str, menu: QMenu) -> None:
    """What can be done with a parameter and the group around it, or its own face."""
    document, scope = session.document, session.sight.scope
    spot = inner_spot(session, node, param)
    if face := document.groups.get(node):
        seen = face.params[param]
        off = QAction(tr("Take off the group's face"), menu)
        off.triggered.connect(lambda: _reveal(session, node, seen, False))
        menu.addAction(off)
    elif spot is not None:
        shown = spot in document.groups[scope].params.values()
        off_or_on = tr("Take off the group's face") if shown else tr("Show on the group's face")
        on = QAction(off_or_on, menu)
        on.triggered.connect(lambda: _reveal(session, scope, spot, not shown))
        menu.addAction(on)


def _reveal(session: Session, group: NodeId, spot: Spot, shown: bool) -> None:
    label = tr("Show on the group") if shown else tr("Take off the group")
    session.edit(label, reveal_param(session.document, group, spot, shown))


def inner_spot(session: Session, node: NodeId, param: str) -> Spot | None:
    """A parameter that the group in view can show on its face; None for any other."""
    document, scope = session.document, session.sight.scope
    inside = node in document.nodes and scope and node in document.within([scope])
    return Spot(node, param) if inside else None


def mime(node: NodeId, param: str) -> QMimeData:
    """What the drag of a parameter carries."""
    data = QMimeData()
    data.setData(PARAM_MIME, json.dumps([node, param]).encode())
    return data


def carried(session: Session, data: QMimeData) -> Spot | None:
    """The parameter that a drag carries, if the group in view can show it."""
    if not data.hasFormat(PARAM_MIME):
        return None
    node, param = json.loads(bytes(data.data(PARAM_MIME).data()))
    return inner_spot(session, NodeId(node), param)


def is_shown(session: Session, spot: Spot) -> bool:
    """Whether the group in view has it on its face already."""
    return spot in session.document.groups[session.sight.scope].params.values()


def show(session: Session, spot: Spot) -> None:
    """On the face of the group in view."""
    _reveal(session, session.sight.scope, spot, True)
