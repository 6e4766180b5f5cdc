"""The line at the bottom: what mouse and keys do now, how the graph stands, the zoom."""

from __future__ import annotations

import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from nodeforge.app.controls import Press, paint_key
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr

EMPTY = "Tab Add node · Drop Open a picture · Ctrl+O Open a graph"
RESTING = "Tab Add node · Drag Select · Space+Drag Pan · Wheel Zoom · Ctrl+Enter Run"
INSIDE = "U Up · Tab Add node · Drag Select · Space+Drag Pan · Wheel Zoom · Ctrl+Enter Run"
GROUP = "Enter Go in · Ctrl+Shift+G Unpack · D Mute · Ctrl+D Duplicate · Del Delete"
SIMPLE = "F11 Show the canvas · Ctrl+Enter Make a picture · Ctrl+Up Weigh the words more"
CHOSEN = "Drag Move · Ctrl+D Duplicate · D Mute · Tab Add node · Del Delete"
KEYS = re.compile(
    r"^((?:Ctrl|Shift|Alt|Tab|Space|Esc|Enter|Del|Drag|Drop|Wheel|Double-click|Click|Right-click|"
    r"Middle|F11|[A-Z0-9])(?:\+(?:Ctrl|Shift|Alt|Drag|Enter|Click|Wheel|Up|[A-Z0-9]))*)\s+(.+)$"
)


class Hints(QWidget):
    """Pairs of keys in chips and what they do, from text such as "Tab Add node · D Mute"."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.text = theme, ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(25)

    def say(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.colour
        caption, body = self.theme.font("caption"), self.theme.font("body")
        x = 0.0
        for part in self.text.split(" · "):
            match = KEYS.match(part)
            keys, words = (match[1].split("+"), match[2]) if match else ([], part)
            for key in keys:
                width = QFontMetrics(caption).horizontalAdvance(key) + 12
                box = QRectF(x, 4, width, 17)
                paint_key(painter, self.theme, box, key, colour("hover"), colour("text2"))
                x += width + 4
            painter.setFont(body)
            painter.setPen(colour("text2"))
            painter.drawText(QPointF(x + 2, 17), words)
            x += QFontMetrics(body).horizontalAdvance(words) + 18


class StatusBar(QWidget):
    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.simple = session, False
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(26)
        self.hints = Hints(theme)
        self.counts = QLabel()
        self.counts.setProperty("role", "dim")
        self.zoom = Press("100 %")
        self.zoom.setProperty("role", "dim")
        self.zoom.setToolTip(tr("Zoom; a click goes to 100 %"))
        self.zoom.setFixedWidth(44)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.map = Press(tr("Map"))
        self.map.setProperty("role", "dim")
        self.map.setToolTip(tr("Show or hide the map: M"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 14, 0)
        row.setSpacing(14)
        row.addWidget(self.hints, 1)
        row.addWidget(self.counts)
        row.addWidget(self.map)
        row.addWidget(self.zoom)
        for signal in (session.changed, session.stated):
            signal.connect(lambda _: self.count())
        for plain in (session.selected, session.opened):
            plain.connect(self.count)
        self.count()

    def wear(self, theme: Theme) -> None:
        self.hints.theme = theme
        self.hints.update()

    def hint(self, text: str) -> None:
        """What the mouse may do now; empty goes back to what is always true."""
        self.hints.say(text or tr(self._usual()))

    def set_simple(self, simple: bool) -> None:
        """Whether the canvas is out of view."""
        self.simple = simple
        self.zoom.setVisible(not simple)
        self.map.setVisible(not simple)
        self.hint("")

    def _usual(self) -> str:
        session = self.session
        if self.simple:
            return SIMPLE
        if not session.document.nodes:
            return EMPTY
        if not session.selection:
            return INSIDE if session.sight.scope else RESTING
        return GROUP if session.selection[-1] in session.document.groups else CHOSEN

    def zoomed(self, zoom: float) -> None:
        self.zoom.setText(f"{zoom * 100:.0f} %")

    def count(self) -> None:
        nodes = len(self.session.document.nodes)
        if not nodes:
            self.counts.setText(tr("Empty graph"))
        else:
            cached = [s for s in self.session.states.values() if s.phase == "cached"]
            wrong = sum(s.phase == "error" for s in self.session.states.values())
            parts = [tr("{} nodes").format(nodes) if nodes != 1 else tr("1 node")]
            if cached:
                parts.append(tr("{} made").format(len(cached)))
            if (saved := sum(state.seconds for state in cached)) >= 0.05:
                parts.append(tr("{:.1f} s saved").format(saved))
            if wrong:
                parts.append(tr("{} problems").format(wrong) if wrong != 1 else tr("1 problem"))
            self.counts.setText(" · ".join(parts))
        self.hint("")
