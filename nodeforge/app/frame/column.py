"""The right column: the picture above, as large as a square of its width; the Inspector below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from nodeforge.app.controls import Tabs

TITLE = 34  # px, of a panel's title or tabs
BELOW = 150  # px that the panels below keep
FOLD_AT = 520  # px of height, below which the panels fold to their tabs
OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Up)
OPENED = 300  # px of folded panels while they are open, at most


class Column(QWidget):
    """tall: the picture's part of the height, once the artist has chosen it; else a square first.

    Where it is low, the panels fold to their tabs, and open over the picture by a click on one.
    """

    tuned = Signal()  # by hand

    def __init__(self, picture: QWidget, panels: QWidget, tabs: Tabs, body: QWidget) -> None:
        super().__init__()
        self.picture, self.panels, self.tabs, self.body = picture, panels, tabs, body
        self.tall: float | None = None
        self.folded = False
        self.opened = False
        self.alone = False
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setObjectName("side")
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(picture)
        self.split.addWidget(panels)
        self.split.splitterMoved.connect(self._moved)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.split)
        tabs.installEventFilter(self)
        panels.installEventFilter(self)

    def set_alone(self, on: bool) -> None:
        """Only the picture."""
        self.alone = on
        self.panels.setVisible(not on)
        self.lay()

    def unfold(self) -> None:
        """Have the panels in view, folded or not."""
        if self.folded and not self.opened:
            self.opened = True
            self._lay_folded()
            self.panels.raise_()

    def fold_again(self) -> None:
        if self.folded and self.opened:
            self.opened = False
            self._lay_folded()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay()

    def lay(self) -> None:
        """Share the height out."""
        fold = self.height() < FOLD_AT and not self.alone
        if fold != self.folded:
            self.folded, self.opened = fold, False
            if fold:
                self.panels.setParent(self)
                self.panels.show()
            else:
                self.split.addWidget(self.panels)
                self.panels.setVisible(not self.alone)
                self.body.show()
            self._column.setContentsMargins(0, 0, 0, TITLE if fold else 0)
        if self.folded:
            self._lay_folded()
        elif not self.alone:
            room = self.height() - 1
            wanted = TITLE + self.width() if self.tall is None else round(self.tall * room)
            above = max(min(wanted, room - BELOW), room // 4)
            self.split.setSizes([above, room - above])

    def _lay_folded(self) -> None:
        self.body.setVisible(self.opened)
        most = self.height() - TITLE if self.opened else TITLE
        height = min(max(OPENED, self.height() * 2 // 3), most) if self.opened else most
        self.panels.setGeometry(0, self.height() - height, self.width(), height)

    def _moved(self) -> None:
        above, below = self.split.sizes()
        self.tall = above / max(above + below, 1)
        self.tuned.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Folded, a press on the tabs opens the panels, and on the open one closes them again."""
        if not self.folded:
            return False
        if isinstance(event, QKeyEvent):
            return self._keyed(event, watched is self.tabs)
        if watched is self.tabs and event.type() == QEvent.Type.MouseButtonPress:
            assert isinstance(event, QMouseEvent)
            before = self.tabs.at
            self.tabs.mousePressEvent(event)
            if self.opened and self.tabs.at == before:
                self.fold_again()
            else:
                self.unfold()
            return True
        return False

    def _keyed(self, event: QKeyEvent, at_tabs: bool) -> bool:
        shuts = event.key() == Qt.Key.Key_Escape and self.opened
        if shuts and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # closes this before it stops a run
        elif shuts and event.type() == QEvent.Type.KeyPress:
            self.fold_again()
            self.tabs.setFocus()
        elif at_tabs and event.type() == QEvent.Type.KeyPress and event.key() in OPENS:
            self.unfold()
        else:
            return False
        return True
