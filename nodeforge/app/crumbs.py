"""Where we are: the graph and the groups around what the canvas shows, each a way back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr
from nodeforge.graph.document import TOP, NodeId


class Crumbs(QWidget):
    """Hidden at the top, where there is no way back."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.steps: list[tuple[NodeId, str]] = []
        self.buttons: list[Button] = []
        self.setFixedHeight(33)
        self.setAccessibleName(tr("Where we are"))
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 2, 8, 3)
        self.row.setSpacing(2)
        session.sight.dived.connect(self.show_path)
        session.changed.connect(lambda _: self.show_path())
        session.titled.connect(self.show_path)
        self.hide()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.steps = []
        self.show_path()

    def show_path(self) -> None:
        """Made anew only where it is another."""
        document, scope = self.session.document, self.session.sight.scope
        groups = [scope, *document.path(scope)][::-1] if scope else []
        titles = [document.groups[id].title or "Group" for id in groups]
        steps = [(TOP, self.session.name), *zip(groups, titles, strict=True)] if groups else []
        if steps != self.steps:
            self.steps = steps
            self._make()
        self.setVisible(bool(steps))

    def _make(self) -> None:
        while (item := self.row.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        for id, title in self.steps[:-1]:
            button = Button(self.theme, title)
            button.setToolTip(tr("Back to {}").format(title))
            button.clicked.connect(lambda _=False, id=id: self.session.sight.dive(id))
            self.buttons.append(button)
            self.row.addWidget(button)
            arrow = QLabel()
            arrow.setPixmap(icon("chevron-right", self.theme.colour("text3"), 14))
            self.row.addWidget(arrow)
        if self.steps:
            here = QLabel(self.steps[-1][1])
            here.setFont(self.theme.font("strong"))
            here.setContentsMargins(8, 0, 8, 0)
            self.row.addWidget(here)
            self.row.addStretch(1)
            up = Button(self.theme, tr("Up"), key="U")
            up.setToolTip(tr("To the level around this group"))
            up.clicked.connect(self.session.sight.up)
            self.buttons.append(up)
            self.row.addWidget(up)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setPen(Qt.PenStyle.NoPen)
        line = self.rect()
        line.setTop(line.bottom())
        painter.fillRect(line, self.theme.colour("line"))
