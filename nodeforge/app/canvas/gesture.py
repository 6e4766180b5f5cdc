"""A drag that the view leaves to someone else, or lets look on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent


class Gesture:
    """Every press, move and release is told; one that takes a press has the drag to itself.

    cursor: where the mouse is it could take something, and shows that by this.
    """

    cursor: Qt.CursorShape | None = None

    def pressed(self, event: QMouseEvent) -> bool:
        """True: the drag is mine."""
        return False

    def moved(self, event: QMouseEvent) -> None:
        """The mouse is somewhere else, whoever has the drag."""

    def released(self, event: QMouseEvent) -> None:
        """The drag is over, if there was one."""
