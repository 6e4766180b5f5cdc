"""Acts on wires: take nodes out of them, paste into them, bend them, go along them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nodeforge.app import motion
from nodeforge.app.actions import Act
from nodeforge.app.canvas import dots, hand
from nodeforge.app.canvas.walking import Way
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.window import Window

MENU = "Edit"
WALKS: tuple[tuple[Way, str, str], ...] = (
    ("right", tr("To what it feeds"), "Ctrl+Right"),
    ("left", tr("To what feeds it"), "Ctrl+Left"),
    ("up", tr("To the one above"), "Ctrl+Up"),
    ("down", tr("To the one below"), "Ctrl+Down"),
)


def wire_acts(window: Window) -> tuple[Act, ...]:
    session, canvas = window.session, window.canvas

    def some() -> bool:
        return bool(session.selection)

    return (
        *(
            Act(
                f"walk_{way}",
                title,
                partial(canvas.walking.go, way),
                (key,),
                menu="View",
                canvas=True,
                within=tr("From node to node"),
            )
            for way, title, key in WALKS
        ),
        Act(
            "paste_inputs",
            tr("Paste with inputs"),
            lambda: canvas.paste(inputs=True),
            ("Ctrl+Shift+V",),
            menu=MENU,
            canvas=True,
        ),
        Act(
            "take_out",
            tr("Take out of its wires"),
            canvas.take_out,
            ("Ctrl+Shift+X",),
            menu=MENU,
            canvas=True,
            opens=True,
            enabled=some,
        ),
        Act(
            "dissolve",
            tr("Delete and heal"),
            lambda: hand.delete(session, heal=True),
            ("Ctrl+Del",),
            menu=MENU,
            canvas=True,
            enabled=some,
        ),
        Act(
            "animations",
            tr("Animations"),
            motion.toggle,
            menu="View",
            checked=motion.moving,
        ),
        Act(
            "dot",
            tr("Put a dot on its wire"),
            lambda: dots.put_after(canvas),
            (".",),
            menu=MENU,
            canvas=True,
            enabled=some,
        ),
    )
