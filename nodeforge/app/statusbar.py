"""The line at the bottom: what mouse and keys do now, how the graph stands, the zoom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from nodeforge.app.canvas import navigation
from nodeforge.app.canvas.navigation import Navigation
from nodeforge.app.controls import Press, paint_key
from nodeforge.app.keys import Keymap
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.base import units

Pairs = Sequence[tuple[str, str]]  # keys such as "Ctrl+D", or none, and what they do


def in_hand(doing: str, keys: Callable[[str], str]) -> Pairs:
    """What mouse and keys do in the middle of a gesture, or while a row on a node is written in."""
    back, on = (tr("Esc"), tr("Put it back")), (tr("Tab"), tr("Next row"))
    take, end = (tr("Enter"), tr("Take it")), (tr("Esc"), tr("Done"))
    doings: dict[str, Pairs] = {
        "scrub": (
            (tr("Drag"), tr("Change the value")),
            (tr("Shift"), tr("Finer")),
            (tr("Ctrl"), tr("Coarser")),
            back,
        ),
        "wire": (
            (tr("Drop"), tr("On a port or a node: connect. On nothing: add a node")),
            back,
        ),
        "line": (take, on, back),
        "choice": ((tr("Up+Down"), tr("Choose")), on, end),
        "switch": ((tr("Space"), tr("Turn it")), on, end),
        "words": (on, end),
        "prompt": (
            (keys("heavier"), tr("Weigh the words more")),
            (keys("lighter"), tr("Weigh them less")),
            on,
            end,
        ),
    }
    return [pair for pair in doings[doing] if pair[0]]


def usual(state: str, keys: Callable[[str], str], moves: Navigation) -> Pairs:
    """What is always true. keys: the key of an act, by its id; an act without one is not named."""
    add, wheel = (tr("Tab"), tr("Add node")), (tr("Wheel"), tr("Zoom"))
    pans, alt = moves.pans(navigation.NONE), moves.pans(navigation.ALT)
    select = (tr("Ctrl+Drag") if pans else tr("Drag"), tr("Select"))
    pan = (tr("Drag") if pans else tr("Alt+Drag") if alt else tr("Space+Drag"), tr("Pan"))
    run, mute = (keys("run"), tr("Run")), (keys("mute"), tr("Mute"))
    copy, delete = (keys("duplicate"), tr("Duplicate")), (keys("delete"), tr("Delete"))
    states: dict[str, Pairs] = {
        "empty": (add, (tr("Drop"), tr("Open a picture")), (keys("open"), tr("Open a graph"))),
        "resting": (add, select, pan, wheel, run),
        "inside": ((keys("go_up"), tr("Up")), add, select, pan, wheel, run),
        "group": (
            (keys("go_in"), tr("Go in")),
            (keys("unpack"), tr("Unpack")),
            *(mute, copy, delete),
        ),
        "simple": (
            (keys("generator"), tr("Show the canvas")),
            (keys("run"), tr("Make a picture")),
            (keys("heavier"), tr("Weigh the words more")),
        ),
        "chosen": (
            (tr("Drag"), tr("Move")),
            (tr("Ctrl+Drag"), tr("Duplicate")),
            *(mute, add, delete),
        ),
    }
    return [pair for pair in states[state] if pair[0]]


class Hints(QWidget):
    """Keys in chips and what they do."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.pairs: Pairs = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(25)

    def say(self, pairs: Pairs) -> None:
        if pairs != self.pairs:
            self.pairs = pairs
            self.setAccessibleName(self.text)
            self.update()

    @property
    def text(self) -> str:
        return " · ".join(f"{keys} {words}".strip() for keys, words in self.pairs)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.colour
        caption, body = self.theme.font("caption"), self.theme.font("body")
        x = 0.0
        for number, (keys, words) in enumerate(self.pairs):
            if number and x + self._width(keys, words) > self.width():
                return  # whole or not at all
            for key in filter(None, keys.split("+")):
                width = QFontMetrics(caption).horizontalAdvance(key) + 12
                box = QRectF(x, 4, width, 17)
                paint_key(painter, self.theme, box, key, colour("hover"), colour("text2"))
                x += width + 4
            painter.setFont(body)
            painter.setPen(colour("text2"))
            room = max(int(self.width() - x) - 2, 0)
            fitting = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(x + 2, 17), fitting)
            x += QFontMetrics(body).horizontalAdvance(words) + 18

    def _width(self, keys: str, words: str) -> float:
        """Of a pair, in px."""
        caption, body = (QFontMetrics(self.theme.font(role)) for role in ("caption", "body"))
        chips = [caption.horizontalAdvance(key) + 16 for key in keys.split("+") if key]
        return sum(chips) + body.horizontalAdvance(words) + 2.0


class StatusBar(QWidget):
    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.simple = session, False
        self.doing = ""  # what is in the hand or written in
        self.keys: Callable[[str], str] = lambda id: ""
        self.moves = navigation.PRESETS[navigation.chosen()]
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(26)
        self.hints = Hints(theme)
        self.counts = QLabel()
        self.counts.setProperty("role", "dim")
        self.wrong = Press()
        self.wrong.setProperty("role", "fault")
        self.zoom = Press("100 %")
        self.zoom.setProperty("role", "dim")
        self.zoom.setToolTip(tr("Zoom: a click goes to 100 %, another back to the graph"))
        self.zoom.setFixedWidth(44)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.map = Press(tr("Map"))
        self.map.setProperty("role", "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 14, 0)
        row.setSpacing(14)
        row.addWidget(self.hints, 1)
        row.addWidget(self.counts)
        row.addWidget(self.wrong)
        row.addWidget(self.map)
        row.addWidget(self.zoom)
        session.stated.connect(lambda _: self.count())  # a sentence stays: no hand has moved
        session.changed.connect(lambda _: self._follow())
        for plain in (session.selected, session.opened):
            plain.connect(self._follow)
        self._follow()

    def wear(self, theme: Theme) -> None:
        self.hints.theme = theme
        self.hints.update()

    def hint(self, text: str) -> None:
        """What the mouse may do now; empty goes back to what is always true."""
        if text:
            self.hints.say([("", text)])
        elif self.doing:
            self.hints.say(in_hand(self.doing, self.keys))
        else:
            self.hints.say(usual(self._state(), self.keys, self.moves))

    def do(self, doing: str) -> None:
        """Name what can be done with what is in the hand now, or written in; nothing ends it."""
        self.doing = doing
        self.hint("")

    def navigate(self, moves: Navigation) -> None:
        """Name what the mouse does from now on."""
        self.moves = moves
        self.hint("")

    def follow(self, keymap: Keymap) -> None:
        """Name the keys of this keymap, also when they are changed."""
        self.keys = keymap.shown
        keymap.changed.connect(self._renamed)
        self._renamed()

    def _renamed(self) -> None:
        self.map.setToolTip(
            tr("Show or hide the map: {}").format(key)
            if (key := self.keys("map"))
            else tr("Show or hide the map")
        )
        self.wrong.setToolTip(
            tr("Go there: {}").format(key) if (key := self.keys("next_problem")) else tr("Go there")
        )
        self.hint("")

    def set_simple(self, simple: bool) -> None:
        """Whether the canvas is out of view."""
        self.simple = simple
        self.zoom.setVisible(not simple)
        self.map.setVisible(not simple)
        self.hint("")

    def _state(self) -> str:
        session = self.session
        if self.simple:
            return "simple"
        if not session.document.nodes:
            return "empty"
        if not session.selection:
            return "inside" if session.sight.scope else "resting"
        return "group" if session.selection[-1] in session.document.groups else "chosen"

    def zoomed(self, zoom: float) -> None:
        self.zoom.setText(f"{zoom * 100:.0f} %")

    def count(self) -> None:
        nodes = len(self.session.document.nodes)
        states, inside = self.session.states, self.session.document.nodes
        wrong = sum(state.at_fault and id in inside for id, state in states.items())
        self.wrong.setText(tr("{} problems").format(wrong) if wrong != 1 else tr("1 problem"))
        self.wrong.setVisible(bool(wrong))
        if not nodes:
            self.counts.setText(tr("Empty graph"))
        else:
            cached = [s for s in self.session.states.values() if s.phase == "cached"]
            parts = [tr("{} nodes").format(nodes) if nodes != 1 else tr("1 node")]
            if cached:
                parts.append(tr("{} made").format(len(cached)))
            spared = sum(state.seconds for state in cached)
            self.counts.setToolTip(
                tr("A run spares {}").format(units.duration(spared)) if spared >= 0.05 else ""
            )
            self.counts.setText(" · ".join(parts))

    def _follow(self) -> None:
        """The document or what is selected is another."""
        self.count()
        self.hint("")
