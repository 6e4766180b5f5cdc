"""A drag that the view leaves to someone else, or lets look on."""

from __future__ import annotations

from PySide6.QtGui import QMouseEvent


class Gesture:
    """Every press, move and release is told; one that takes a press has the drag to itself."""

    def pressed(self, event: QMouseEvent) -> bool:
        """True: the drag is mine."""
        return False

    def moved(self, event: QMouseEvent) -> None:
        """The mouse is somewhere else, whoever has the drag."""

    def released(self, event: QMouseEvent) -> None:
        """The drag is over, if there was one."""
