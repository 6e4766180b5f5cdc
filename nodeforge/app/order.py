"""Acts that put the canvas in order: frames, lining up, tidying, colours and bookmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeforge.app.actions import Act
from nodeforge.app.canvas import frames, navigation, snapping
from nodeforge.app.canvas.canvas import Canvas
from nodeforge.app.canvas.tints import CHOICES
from nodeforge.app.session import Session
from nodeforge.app.words import tr
from nodeforge.graph.document import Bookmark, NodeId
from nodeforge.graph.lanes import Box, Places
from nodeforge.graph.layout import aligned, distributed, laid_out
from nodeforge.graph.notes import beside

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
    cards = {id: _box(card.room.getRect()) for id, card in canvas.cards.items() if id in some}
    document = session.level.document
    around = {id: Box(*frame.at, *frame.size) for id, frame in document.frames.items()}
    places, shown = laid_out(document, cards, around, partial(_end, canvas))
    rooms = {id: _box(card.room.getRect()) for id, card in canvas.cards.items()}
    moved = {id: box.moved(places.get(id, (box.x, box.y))) for id, box in rooms.items()}
    notes = {id: Box(*note.at, *note.size) for id, note in document.notes.items()}
    places |= beside(notes, rooms, moved)
    after = document.move({**places, **{id: (box.x, box.y) for id, box in shown.items()}})
    for id, box in shown.items():
        after = frames.sized(after, id, (box.width, box.height))
    seen = canvas.in_view()
    session.act(tr("Tidy"), after)
    if seen and not canvas.in_view():
        canvas.fit(whole=True)


def _end(canvas: Canvas, id: NodeId, port: str, out: bool) -> float:
    """How far down a node a wire ends."""
    card = canvas.cards[id]
    pin = card.ports.get((out, port))
    return pin.pin.y if pin else card.box.height() / 2


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
    return (
        *_arrange(window.canvas),
        *_lining_up(window.canvas),
        *_snapping(window),
        *_view(window),
    )


def _act(
    canvas: Canvas,
    id: str,
    title: str,
    do: Callable[[], object],
    *keys: str,
    least: int = 0,
    opens: bool = False,
    icon: str = "",
    within: str = "",
) -> Act:
    """One in the menu Arrange. least: how many things must be selected."""
    selection = canvas.session
    why = (tr("Select something first."), tr("Select two or more."), tr("Select three or more."))
    enabled = (lambda: len(selection.selection) >= least) if least else None
    reason = why[max(least, 1) - 1]
    return Act(
        id, title, do, keys, icon, MENU, opens, True, enabled=enabled, within=within, why=reason
    )


def _arrange(canvas: Canvas) -> Iterator[Act]:
    act = partial(_act, canvas)
    frame, note = partial(frames.frame_selected, canvas), partial(frames.add_note, canvas)
    yield act("frame", tr("Frame the selection"), frame, "Shift+F", least=1, icon="square-dashed")
    yield act("note", tr("Add a note"), note, "Shift+N", icon="sticky-note")
    yield act("collapse", tr("Collapse"), partial(collapse, canvas), "H", least=1, opens=True)
    colour = tr("Colour")
    for name, title in CHOICES.items():
        yield act(f"tint_{name}", title, partial(tint, canvas, name), least=1, within=colour)
    usual = tr("The usual colour")
    yield act("tint_", usual, partial(tint, canvas, ""), least=1, within=colour)


def _lining_up(canvas: Canvas) -> Iterator[Act]:
    act = partial(_act, canvas)
    yield act("tidy", tr("Tidy"), partial(tidy, canvas), "L", opens=True, icon="workflow")
    for edge, title, key in EDGES:
        do = partial(line_up, canvas, edge)
        yield act(f"align_{edge}", title, do, key, least=TWO, opens=edge == "left")
    for id, title, key, across in (
        ("spread_across", tr("Distribute across"), "Shift+H", True),
        ("spread_down", tr("Distribute down"), "Shift+V", False),
    ):
        yield act(id, title, partial(spread, canvas, across), key, least=THREE, opens=across)
    for key, title, x, y in (
        ("Left", tr("To the left"), -8, 0),
        ("Right", tr("To the right"), 8, 0),
        ("Up", tr("Up"), 0, -8),
        ("Down", tr("Down"), 0, 8),
    ):
        do = partial(nudge, canvas, x, y)
        yield act(f"nudge_{key.lower()}", title, do, key, least=1, within=tr("Move a little"))


def _snapping(window: Window) -> Iterator[Act]:
    snap = window.canvas.scenery.snapping
    for mode, title in SNAPS:
        yield Act(
            f"snap_{mode}",
            title,
            partial(_snap, window, mode),
            menu=MENU,
            opens=mode == snapping.GUIDES,
            checked=_equals(lambda: snap.mode, mode),
        )


def _view(window: Window) -> Iterator[Act]:
    canvas, session = window.canvas, window.session
    chart = canvas.map
    yield Act("map", tr("Map"), chart.toggle, ("M",), "map", VIEW, True, True, lambda: chart.on)
    for name, preset in navigation.PRESETS.items():
        yield Act(
            f"navigate_{name}",
            tr("As in {}").format(preset.title),
            partial(_navigate, window, name),
            menu=VIEW,
            checked=_equals(navigation.chosen, name),
            within=tr("Mouse and wheel"),
            about=preset.about,
        )
    for number in map(str, range(1, BOOKMARKS + 1)):
        yield Act(
            f"bookmark_go_{number}",
            tr("Go to {}").format(number),
            partial(go_to_bookmark, canvas, number),
            (f"Alt+{number}",),
            menu=VIEW,
            canvas=True,
            enabled=_among(session, number),
            within=tr("Bookmarks"),
            why=tr("Ctrl+Shift+{} makes this view a bookmark.").format(number),
        )
    for number in map(str, range(1, BOOKMARKS + 1)):
        yield Act(
            f"bookmark_set_{number}",
            tr("Set {}").format(number),
            partial(set_bookmark, canvas, number),
            (f"Ctrl+Shift+{number}",),
            menu=VIEW,
            canvas=True,
            within=tr("Bookmarks"),
        )


def _navigate(window: Window, name: str) -> None:
    window.canvas.widget.navigation = navigation.choose(name)
    window.status.navigate(navigation.PRESETS[name])
    window.refresh_actions()


def _snap(window: Window, mode: str) -> None:
    window.canvas.scenery.snapping.choose(mode)
    window.refresh_actions()


def _equals(now: Callable[[], str], wanted: str) -> Callable[[], bool]:
    return lambda: now() == wanted


def _among(session: Session, name: str) -> Callable[[], bool]:
    return lambda: name in session.document.bookmarks
