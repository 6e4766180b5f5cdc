"""The popup under the memory gauge: which weights are loaded and where, and letting go of them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.frame.geometry import areas, inside
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.topbar import Bar
from nodeforge.app.words import tr
from nodeforge.base.units import amount
from nodeforge.engine.messages import Died, Event, Resident, Weights

WIDE, NAMED = 380, 170  # px: the popup, and the name in a row


def place(where: str) -> str:
    """The word for where weights lie: "cuda:0" is the GPU, "cuda:1" GPU 2, "cpu" and "ram" RAM."""
    kind, _, index = where.partition(":")
    if kind in ("cpu", "ram"):
        return tr("RAM")
    return tr("GPU {}").format(int(index) + 1) if index not in ("", "0") else tr("GPU")


def total(news: Resident) -> int:
    """Bytes of all weights."""
    return sum(weights.size for weights in news.weights)


class Row(QWidget):
    """One component. part: its share of all weights, 0 to 1."""

    def __init__(self, theme: Theme, weights: Weights, part: float) -> None:
        super().__init__()
        said = (weights.name, place(weights.where), amount(weights.size))
        self.words = ", ".join(said)
        self.setAccessibleName(self.words)
        self.setToolTip(self.words)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.labels = [QLabel(text) for text in said]
        name, where, size = self.labels
        name.setFixedWidth(NAMED)
        name.ensurePolished()
        shown = name.fontMetrics().elidedText(said[0], Qt.TextElideMode.ElideMiddle, NAMED)
        name.setText(shown)
        where.setProperty("role", "dim")
        where.setFixedWidth(44)
        size.setFixedWidth(60)
        size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = Bar(theme, 50, "hand" if where.text() != tr("RAM") else "text3")
        self.bar.put(part)
        for widget in (*self.labels, self.bar):
            row.addWidget(widget)


class MemoryPopup(QFrame):
    """Follows the worker also while it is closed."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.session, self.theme, self.held = session, theme, Resident()
        self.rows: list[Row] = []
        self._asked = 0
        self.setObjectName("memory")
        self.setAccessibleName(tr("Memory"))
        self.setFixedWidth(WIDE)
        title = QLabel(tr("Models in memory"))
        title.setProperty("role", "heading")
        self.empty = QLabel(tr("No model is loaded; a run loads what it needs."))
        self.empty.setWordWrap(True)
        self.plan = QLabel(wordWrap=True)
        for label in (self.empty, self.plan):
            label.setProperty("role", "dim")
        self.free = Button(theme, tr("Free memory now"), "trash-2", "default")
        self.free.clicked.connect(self.let_go)
        self.tune = Button(theme, tr("How models are held…"), "settings")
        self.tune.setToolTip(tr("Speed and memory, in the preferences"))
        self.tune.clicked.connect(self.hide)
        foot = QHBoxLayout()
        foot.addWidget(self.tune)
        foot.addStretch(1)
        foot.addWidget(self.free)
        self.lines = QVBoxLayout()
        self.lines.setSpacing(6)
        self.column = column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(title)
        column.addWidget(self.empty)
        column.addLayout(self.lines)
        column.addWidget(self.plan)
        column.addLayout(foot)
        session.news.connect(self._heard)
        self._fill()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.free.wear(theme)
        self.tune.wear(theme)
        self._fill()

    def pop(self, gauge: QWidget) -> None:
        """Open under the gauge, its right edge at the gauge's."""
        self.adjustSize()
        corner = gauge.mapToGlobal(QPoint(gauge.width() - self.width(), gauge.height() + 4))
        self.move(inside(QRect(corner, self.size()), areas()).topLeft())
        self.show()
        self.free.setFocus(Qt.FocusReason.PopupFocusReason)

    def let_go(self) -> None:
        """Ask the worker to let go of all weights; what a run uses stays until it is done."""
        worker = self.session.worker
        if not self.held.weights or worker is None:
            self.session.told.emit("info", tr("No model is loaded; there is nothing to free."), "")
            return
        self._asked = total(self.held)
        worker.free()

    def _heard(self, event: Event) -> None:
        match event:
            case Resident():
                self._hold(event)
            case Died():
                self._asked = 0
                self._hold(Resident())
            case _:
                pass

    def _hold(self, news: Resident) -> None:
        self.held = news
        self._fill()
        if self._asked and (freed := self._asked - total(news)) > 0:
            self.session.noticed.emit("done", tr("Freed {}.").format(amount(freed)), "")
        self._asked = 0

    def _fill(self) -> None:
        for row in self.rows:
            self.lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        whole = max(total(self.held), 1)
        self.rows = [Row(self.theme, each, each.size / whole) for each in self.held.weights]
        for row in self.rows:
            self.lines.addWidget(row)
            row.show()  # now: a layout does it later, and the popup is sized here
        some = bool(self.rows)
        self.empty.setVisible(not some)
        self.plan.setText(self.held.plan)
        self.plan.setVisible(some and bool(self.held.plan))
        self.free.setEnabled(some)
        if self.isVisible():
            self.column.activate()
            self.adjustSize()
