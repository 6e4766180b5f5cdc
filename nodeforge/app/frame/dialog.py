"""Windows above the window: as large as the screen allows, and done with the keyboard alone."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from nodeforge.app.controls import Button
from nodeforge.app.frame.geometry import areas, frame_of, inside
from nodeforge.app.theme import DARK, LIGHT, Theme
from nodeforge.app.words import tr

EDGE = 8  # px that stay free around a dialog
ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def worn(part: QWidget) -> Theme:
    """The theme that a widget is dressed in, by its palette."""
    return DARK if part.palette().window().color().lightness() < 128 else LIGHT


class Dialog(QDialog):
    """Enter presses the button with the focus, else `usual`; Escape closes."""

    usual: QAbstractButton | None = None

    def fit(self, wanted: QSize) -> None:
        """Take this size, or what the screen has room for."""
        self.resize(wanted)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        screens = [area.adjusted(EDGE, EDGE, -EDGE, -EDGE) for area in areas()]
        host = self.parentWidget()
        wanted = self.geometry()
        if host is not None and not self.testAttribute(Qt.WidgetAttribute.WA_Moved):
            wanted.moveCenter(host.window().geometry().center())
        found = inside(wanted, screens, frame_of(self))
        self.setMinimumSize(self.minimumSize().boundedTo(found.size()))
        if found != self.geometry():
            self.setGeometry(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ENTERS or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        focus = self.focusWidget()
        if isinstance(focus, QAbstractButton) and not isinstance(focus, QPushButton):
            focus.click()
        elif isinstance(focus, QLineEdit) and focus.property("enters"):
            return  # it has its own use for Enter
        elif self.usual is not None and self.usual.isEnabled():
            self.usual.click()


def closing(dialog: Dialog, edge: int = 16) -> QHBoxLayout:
    """A foot with the button that closes it: the usual one. edge: px around it."""
    button = Button(worn(dialog), tr("Close"), kind="default")
    button.clicked.connect(dialog.close)
    dialog.usual = button
    foot = QHBoxLayout()
    foot.setContentsMargins(edge, edge and 10, edge, edge and 12)
    foot.addStretch(1)
    foot.addWidget(button)
    return foot


def scrolling(inside: QWidget) -> QScrollArea:
    """A page that scrolls where it is higher than its place; it is never wider."""
    area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
