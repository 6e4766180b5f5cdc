"""The canvas: the document drawn with NodeGraphQt, and gestures turned into edits."""

from __future__ import annotations

from nodeforge.app.canvas.canvas import Canvas

__all__ = ["Canvas"]
