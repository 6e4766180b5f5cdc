"""The words of the window, in the artist's language where there is a translation."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "NodeForge"


def tr(text: str, note: str = "") -> str:
    """The text as it is to be read. note: what a translator must know to tell it from another.

    Values go in afterwards: `tr("{} nodes").format(3)`.
    """
    return QCoreApplication.translate(CONTEXT, text, note)
