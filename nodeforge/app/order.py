"""Acts that put the canvas in order: frames, lining up, tidying, colours and bookmarks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeforge.app.actions import Act
from nodeforge.app.canvas import frames, navigation, snapping
from nodeforge.app.canvas.canvas import Canvas
from nodeforge.app.canvas.tints import CHOICES
from nodeforge.app.words import tr
from nodeforge.graph.document import Bookmark, NodeId
from nodeforge.graph.layout import Box, Places, aligned, distributed, laid_out

if TYPE_CHECKING:
    from nodeforge.app.window import Window

MENU, VIEW = "Arrange", "View"
TWO, THREE = 2, 3
EDGES = (
    ("left", tr("Align left edges"), "Shift+Left"),
    ("right", tr("Align right edges"), "Shift+Right"),
    ("top", tr("Align top edges"), "Shift+Up"),
    ("bottom", tr("Align bottom edges"), "Shift+Down"),
    ("centre", tr("Align centres"), "Alt+Shift+Up"),
    ("middle", tr("Align middles"), "Alt+Shift+Left"),
)
SNAPS = (
    (snapping.GUIDES, tr("Snap to neighbours")),
    (snapping.GRID, tr("Snap to the grid")),
    (snapping.OFF, tr("No snapping")),
)
BOOKMARKS = 9


def boxes(canvas: Canvas) -> dict[NodeId, Box]:
    """The selected nodes, frames and notes, where they lie."""
    return {thing.id: _box(thing.box.getRect()) for thing in canvas.selected_things()}


def line_up(canvas: Canvas, edge: str) -> None:
    _place(canvas, tr("Align"), aligned(boxes(canvas), edge))


def spread(canvas: Canvas, across: bool) -> None:
    _place(canvas, tr("Distribute"), distributed(boxes(canvas), across))


def tidy(canvas: Canvas) -> None:
    """The selected nodes (fewer than two: all) in layers along their wires."""
    session = canvas.session
    chosen = {id for id in session.selection if id in canvas.cards}
    some = chosen if len(chosen) >= TWO else set(canvas.cards)
    cards = {id: _box(card.box.getRect()) for id, card in canvas.cards.items() if id in some}
    document = session.level.document
    around = {id: Box(*frame.at, *frame.size) for id, frame in document.frames.items()}
    places, shown = laid_out(document, cards, around)
    after = document.move({**places, **{id: (box.x, box.y) for id, box in shown.items()}})
    for id, box in shown.items():
        after = frames.sized(after, id, (box.width, box.height))
    session.act(tr("Tidy"), after)


def nudge(canvas: Canvas, x: int, y: int) -> None:
    """Move the selection a little; steps in a row are one."""
    places = {id: (box.x + x, box.y + y) for id, box in boxes(canvas).items()}
    _place(canvas, tr("Move"), places, "nudge")


def collapse(canvas: Canvas) -> None:
    """Show only the headers of the selected nodes; of all that are so, the whole again."""
    session = canvas.session
    nodes, rails = session.level.document.nodes, session.level.rails
    if ids := [id for id in session.selection if id in nodes and id not in rails]:
        down = not all(nodes[id].collapsed for id in ids)
        label = tr("Collapse") if down else tr("Unfold")
        session.act(label, session.level.document.collapse(down, *ids))


def tint(canvas: Canvas, colour: str) -> None:
    """Give what is selected a colour of its own, or (empty) the usual one."""
    session = canvas.session
    ids = [id for id in session.selection if id not in session.level.rails]
    session.act(tr("Colour"), session.level.document.tint(colour, *ids))


def set_bookmark(canvas: Canvas, name: str) -> None:
    session, view = canvas.session, canvas.widget
    centre = view.visible().center()
    at = float(round(centre.x())), float(round(centre.y()))
    mark = Bookmark(at, round(view.zoom, 4), session.sight.scope)
    session.edit(tr("Set bookmark {}").format(name), session.document.mark(name, mark))
    session.told.emit("info", tr("Bookmark {0} is this view: Alt+{0} comes back.").format(name), "")


def go_to_bookmark(canvas: Canvas, name: str) -> None:
    session = canvas.session
    mark = session.document.bookmarks.get(name)
    if mark is None:
        canvas.hint.emit(tr("There is no bookmark {0} yet: Ctrl+Shift+{0} sets it.").format(name))
        return
    if mark.group != session.sight.scope and (
        not mark.group or mark.group in session.document.groups
    ):
        session.sight.dive(mark.group)
    canvas.widget.look_at(QPointF(*mark.at), mark.zoom)


def _box(rect: tuple[float, float, float, float]) -> Box:
    return Box(*rect)


def _place(canvas: Canvas, label: str, places: Places, merge: str = "") -> None:
    document = canvas.session.level.document
    canvas.session.act(label, document.move(places), merge)


def order_acts(window: Window) -> tuple[Act, ...]:
    """All of them, for the menus Arrange and View."""
    canvas, session = window.canvas, window.session

    def chosen(least: int) -> Callable[[], bool]:
        return lambda: len(session.selection) >= least

    def act(
        id: str,
        title: str,
        do: Callable[[], object],
        *keys: str,
        least: int = 0,
        opens: bool = False,
        icon: str = "",
        menu: str = MENU,
        checked: Callable[[], bool] | None = None,
    ) -> Act:
        few = (tr("Select something first."), tr("Select two or more first."))
        why = (few[0], few[0], few[1], tr("Select three or more first."))[least]
        enabled = chosen(least) if least else None
        return Act(id, title, do, keys, icon, menu, opens, True, checked, enabled, why)

    return (
        act(
            "frame",
            tr("Frame the selection"),
            lambda: frames.frame_selected(canvas),
            "Shift+F",
            least=1,
            icon="square-dashed",
        ),
        act(
            "note", tr("Add a note"), lambda: frames.add_note(canvas), "Shift+N", icon="sticky-note"
        ),
        act("collapse", tr("Collapse"), lambda: collapse(canvas), "H", least=1, opens=True),
        *(
            act(
                f"tint_{name}",
                tr("Colour: {}").format(title),
                partial(tint, canvas, name),
                least=1,
                menu="",
            )
            for name, title in CHOICES.items()
        ),
        act("tint_", tr("The usual colour"), lambda: tint(canvas, ""), least=1, menu=""),
        act("tidy", tr("Tidy"), lambda: tidy(canvas), "L", opens=True, icon="workflow"),
        *(
            act(
                f"align_{edge}",
                title,
                partial(line_up, canvas, edge),
                key,
                least=TWO,
                opens=edge == "left",
            )
            for edge, title, key in EDGES
        ),
        act(
            "spread_across",
            tr("Distribute across"),
            lambda: spread(canvas, True),
            "Shift+H",
            least=THREE,
            opens=True,
        ),
        act(
            "spread_down",
            tr("Distribute down"),
            lambda: spread(canvas, False),
            "Shift+V",
            least=THREE,
        ),
        *(
            act(
                f"nudge_{key.lower()}",
                tr("Move a little: {}").format(key),
                partial(nudge, canvas, x, y),
                key,
                least=1,
                menu="",
            )
            for key, x, y in (("Left", -8, 0), ("Right", 8, 0), ("Up", 0, -8), ("Down", 0, 8))
        ),
        *(
            act(
                f"snap_{mode}",
                title,
                partial(_snap, window, mode),
                opens=mode == snapping.GUIDES,
                checked=_equals(lambda: canvas.scenery.snapping.mode, mode),
            )
            for mode, title in SNAPS
        ),
        act(
            "map",
            tr("Map"),
            window.canvas.map.toggle,
            "M",
            menu=VIEW,
            icon="map",
            opens=True,
            checked=lambda: canvas.map.on,
        ),
        *(
            act(
                f"navigate_{name}",
                tr("Mouse: as in {}").format(preset.title),
                partial(_navigate, window, name),
                menu="",
                checked=_equals(navigation.chosen, name),
            )
            for name, preset in navigation.PRESETS.items()
        ),
        *(
            act(
                f"bookmark_{verb}_{number}",
                title.format(number),
                partial(do, canvas, str(number)),
                f"{keys}+{number}",
                menu="",
            )
            for verb, title, keys, do in (
                ("set", tr("Set bookmark {}"), "Ctrl+Shift", set_bookmark),
                ("go", tr("Go to bookmark {}"), "Alt", go_to_bookmark),
            )
            for number in range(1, BOOKMARKS + 1)
        ),
    )


def _navigate(window: Window, name: str) -> None:
    window.canvas.widget.navigation = navigation.choose(name)
    window.refresh_actions()


def _snap(window: Window, mode: str) -> None:
    window.canvas.scenery.snapping.choose(mode)
    window.refresh_actions()


def _equals(now: Callable[[], str], wanted: str) -> Callable[[], bool]:
    return lambda: now() == wanted
