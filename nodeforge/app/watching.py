"""The commands that say which node the Viewer watches."""

from __future__ import annotations

from nodeforge.app.actions import Act
from nodeforge.app.session import Session
from nodeforge.app.viewer import Viewer
from nodeforge.app.words import tr


def watching_acts(viewer: Viewer, session: Session) -> tuple[Act, ...]:
    return (
        Act(
            "view_node",
            tr("Look at the selected node"),
            viewer.ask_selected,
            ("1",),
            "eye",
            "View",
            canvas=True,
            enabled=lambda: bool(session.selection),
        ),
        Act(
            "pin_view",
            tr("Keep the Viewer where it is"),
            viewer.turn_pin,
            ("P",),
            "pin",
            "View",
            canvas=True,
            checked=lambda: viewer.pinned is not None,
        ),
    )
