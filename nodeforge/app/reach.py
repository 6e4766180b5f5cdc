"""F6 goes from panel to panel, since Tab has another meaning on the canvas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def next_panel(every: Sequence[QWidget], here: QWidget | None, step: int = 1) -> None:
    """Give the focus to the next of the panels in view; backwards with -1. here: what has it."""
    panels = [panel for panel in every if panel.isVisible() and first(panel)]
    at = next((n for n, panel in enumerate(panels) if _holds(panel, here)), -step)
    target = first(panels[(at + step) % len(panels)])
    if target is not None:
        target.setFocus(Qt.FocusReason.TabFocusReason)


def first(panel: QWidget) -> QWidget | None:
    """What in a panel takes the focus first: the panel itself, or the first part that Tab finds."""
    if panel.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return panel
    part = panel.nextInFocusChain()
    while part is not None and part is not panel:
        able = part.isVisible() and part.isEnabled()
        if panel.isAncestorOf(part) and able and part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return part
        part = part.nextInFocusChain()
    return None


def _holds(panel: QWidget, part: QWidget | None) -> bool:
    return part is not None and (panel is part or panel.isAncestorOf(part))
