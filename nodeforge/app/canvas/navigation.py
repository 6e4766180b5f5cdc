"""How the hand moves the view: as in other programs, by choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from nodeforge.app import settings
from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.canvas.viewer import Viewer

Button: TypeAlias = Qt.MouseButton
Modifier: TypeAlias = Qt.KeyboardModifier
Way: TypeAlias = Literal["pan", "zoom"]
Wheel: TypeAlias = Literal["zoom", "across", "down"]
NONE = Modifier.NoModifier
KEYS = Modifier.ShiftModifier | Modifier.ControlModifier | Modifier.AltModifier
NAME = "navigation"  # of the setting
USUAL = "nodeforge"
TURN = 60.0  # pixels to pan by one notch of the wheel
PULL = 1.008  # zoom for one pixel of a drag
STILL = 4  # pixels that a click may move


@dataclass(frozen=True)
class Navigation:
    """about: what it does, in a sentence. drags: by button and keys; void: those that begin where
    nothing lies. wheel: by keys.

    Whatever is not named here selects, moves and wires. Space with the left button always pans.
    """

    title: str
    about: str
    drags: Mapping[tuple[Button, Modifier], Way]
    void: Mapping[tuple[Button, Modifier], Way] = field(
        default_factory=dict[tuple[Button, Modifier], Way]
    )
    wheel: Mapping[Modifier, Wheel] = field(default_factory=dict[Modifier, Wheel])

    def way(self, button: Button, keys: Modifier, nothing: bool) -> Way | None:
        """What a drag does to the view. nothing: nothing lies where it begins."""
        held = (button, keys & KEYS)
        return self.drags.get(held) or (self.void.get(held) if nothing else None)

    def pans(self, keys: Modifier) -> bool:
        """Whether the left button pans where nothing lies."""
        return self.void.get((LEFT, keys)) == "pan"

    def turned(self, keys: Modifier) -> Wheel:
        return self.wheel.get(keys & KEYS, "zoom")


MIDDLE, LEFT = Button.MiddleButton, Button.LeftButton
CTRL, SHIFT, ALT = Modifier.ControlModifier, Modifier.ShiftModifier, Modifier.AltModifier
PRESETS = {
    USUAL: Navigation(
        "NodeForge",
        tr("The middle button pans, with Ctrl it zooms. The wheel zooms."),
        {(MIDDLE, NONE): "pan", (MIDDLE, CTRL): "zoom"},
    ),
    "nuke": Navigation(
        "Nuke",
        tr(
            "The middle button or Alt and a drag pans, Alt or Ctrl with the middle zooms. "
            "The wheel zooms."
        ),
        {(MIDDLE, NONE): "pan", (MIDDLE, ALT): "zoom", (MIDDLE, CTRL): "zoom"},
        {(LEFT, ALT): "pan"},
    ),
    "blender": Navigation(
        "Blender",
        tr(
            "The middle button pans, with Ctrl it zooms. The wheel zooms, with Ctrl it goes "
            "across, with Shift down."
        ),
        {(MIDDLE, NONE): "pan", (MIDDLE, CTRL): "zoom", (MIDDLE, SHIFT): "pan"},
        wheel={CTRL: "across", SHIFT: "down"},
    ),
    "comfyui": Navigation(
        "ComfyUI",
        tr(
            "A drag on nothing pans, with Ctrl it selects. The wheel zooms, with Shift it goes "
            "across, with Ctrl down."
        ),
        {(MIDDLE, NONE): "pan"},
        {(LEFT, NONE): "pan"},
        wheel={CTRL: "down", SHIFT: "across"},
    ),
}


def chosen() -> str:
    name = settings.text(NAME, USUAL)
    return name if name in PRESETS else USUAL


def choose(name: str) -> Navigation:
    """This one from now on, in the next start, too."""
    settings.put(NAME, name)
    return PRESETS[name]


class Roaming(Gesture):
    """The view in the hand."""

    def __init__(self, view: Viewer) -> None:
        self.view = view
        self._way: Way | None = None
        self._button = Button.NoButton
        self._start = self._last = QPointF()

    def pressed(self, event: QMouseEvent) -> bool:
        view, button = self.view, event.button()
        nothing = button == LEFT and view.itemAt(event.position().toPoint()) is None
        spaced = button == LEFT and view.spaced
        self._way = "pan" if spaced else view.navigation.way(button, event.modifiers(), nothing)
        if self._way is None:
            return False
        self._button, self._start, self._last = button, event.position(), event.position()
        view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        return True

    def moved(self, event: QMouseEvent) -> None:
        if self._way is None:
            return
        by, self._last = event.position() - self._last, event.position()
        self.view.roamed = True
        if self._way == "pan":
            self.view.pan_by(by)
        else:
            self.view.zoom_by(PULL ** (by.x() - by.y()), self._start.toPoint())

    def released(self, event: QMouseEvent) -> None:
        way, self._way = self._way, None
        if way is None:
            return
        self.view.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        still = (event.position() - self._start).manhattanLength() < STILL
        if still and self._button == LEFT and not self.view.spaced:
            self.view.scene().clearSelection()
