"""The picture of the selected node, or of the last one in the graph, live while it is made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from nodeforge.app.controls import Badge, Button, Empty, PanelTitle
from nodeforge.app.inspector import title_of
from nodeforge.app.outgoing import Outgoing, Whole
from nodeforge.app.picture import PictureView
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.engine.messages import Event, Fetched
from nodeforge.graph.document import NodeId

SHOWN = ("Image", "Mask")


class _Arrival(QObject):
    came: Any = Signal(object, object, object)  # Fetched, QImage or None, its bytes


class _Reading(QRunnable):
    """Reads a raw picture file away from the window's thread, and deletes it."""

    def __init__(
        self, event: Fetched, tell: Callable[[Fetched, QImage | None, bytes], None]
    ) -> None:
        super().__init__()
        self._event, self._tell = event, tell

    def run(self) -> None:
        path = Path(self._event.path)
        image, data = None, b""
        with suppress(OSError, RuntimeError):
            data = path.read_bytes()
            image = raw_image(data, self._event.shape)
        with suppress(OSError):
            path.unlink()
        with suppress(RuntimeError):  # the window closed meanwhile
            self._tell(self._event, image, data if self._event.shape[2] == 4 else b"")


def raw_image(data: bytes, shape: tuple[int, int, int]) -> QImage | None:
    """From uint8 (height, width, channels); None where the bytes do not fit the shape."""
    height, width, channels = shape
    formats = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }
    if len(data) != height * width * channels or channels not in formats:
        return None
    image = QImage(data, width, height, width * channels, formats[channels])
    fast = (
        QImage.Format.Format_ARGB32_Premultiplied if channels == 4 else QImage.Format.Format_RGB32
    )
    return image.convertToFormat(fast)  # a copy, so the bytes may go


class Viewer(QWidget):
    """alone: without the canvas it shows what comes of the selected node, not that node."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.node: NodeId | None = None
        self.alone = False
        self.index = 0
        self._full: tuple[NodeId, str, int, QImage] | None = None
        self._asked: tuple[NodeId, str, int] | None = None
        self._whole: Whole | None = None
        self._asked_of = session.document
        self.outgoing = Outgoing(session, self, self.whole)
        self._arrival = _Arrival()
        self._arrival.came.connect(self._came)
        self._build()
        session.selected.connect(self.follow)
        session.changed.connect(lambda _: self.follow())
        session.offered.connect(self.follow)
        session.opened.connect(self._opened)
        session.stated.connect(self._stated)
        session.news.connect(self._heard)
        session.running_changed.connect(lambda _: self.refresh())
        self.follow()

    def _build(self) -> None:
        theme = self.theme
        self.bar = PanelTitle(theme, tr("Viewer"))
        self.name = Badge(theme)
        self.live = Badge(theme)
        self.before = _button(theme, "chevron-left", "The picture before (Left)")
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after = _button(theme, "chevron-right", "The next picture (Right)")
        self.after.clicked.connect(lambda: self.turn(1))
        self.copy_button = _button(theme, "copy", "Copy the picture")
        self.copy_button.clicked.connect(self.copy)
        self.save_button = _button(theme, "download", "Save the picture as…")
        self.save_button.clicked.connect(lambda: self.save_as())
        self.fit_button = _button(theme, "maximize", "Fit (F)")
        self.bar.add(self.name, self.live)
        self.bar.stretch()
        self.buttons = (
            self.before,
            self.after,
            self.copy_button,
            self.save_button,
            self.fit_button,
        )
        self.bar.add(*self.buttons)
        self.view = PictureView(theme)
        self.fit_button.clicked.connect(self.view.fit)
        self.view.moved.connect(self._note)
        self.view.turned.connect(self.turn)
        self.view.dragged_out.connect(self.drag_out)
        self.empty = Empty(
            theme, "image", tr("Your picture appears here. Ctrl+Enter runs the graph."), "viewer"
        )
        self.empty.setObjectName("viewerEmpty")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        for part in (self.bar, self.name, self.live, self.view, self.empty, *self.buttons):
            part.wear(theme)

    # What to show

    def follow(self) -> None:
        """The selected node if it has something to show, else the one shown, else the last."""
        current = self.session.current
        main = self.session.sight.main(current.id) if current is not None else None
        if self.alone:
            node = self._last(main) or self._last()
        elif main is not None and self._shows(main):
            node = main
        elif self.node is not None and self._shows(self.node):
            node = self.node
        else:
            node = self._last()
        if node != self.node:
            self.node, self.index = node, 0
        self.refresh()

    def stand_alone(self, on: bool) -> None:
        self.alone = on
        self.follow()

    def _shows(self, id: NodeId) -> bool:
        node = self.session.document.nodes.get(id)
        spec = self.session.specs.get(node.stage) if node else None
        if spec is None:
            return False
        made = any(port.type in SHOWN for port in spec.outputs)
        return made or self.session.state(id).thumb is not None

    def _last(self, of: NodeId | None = None) -> NodeId | None:
        """Of all that have something to show, or of those that come of this node."""
        document = self.session.document
        for id in reversed(document.order()):
            if self._shows(id) and (of is None or document.feeds(of, id)):
                return id
        return None

    def _opened(self) -> None:
        self.node, self.index, self._full, self._asked = None, 0, None, None
        self._whole = None
        self.follow()

    def _stated(self, id: NodeId) -> None:
        if self.node is None or self.node not in self.session.document.nodes:
            self.follow()
        elif id == self.node or self.session.running:
            self.refresh()

    def _running(self) -> tuple[NodeId, RunState] | None:
        """The node whose live picture will become the one shown."""
        if not self.session.running or self.node is None:
            return None
        if self.session.state(self.node).phase not in ("queued", "running"):
            return None
        for id, state in self.session.states.items():
            if state.phase == "running" and self.session.document.feeds(id, self.node):
                return id, state
        return None

    def refresh(self) -> None:
        """Draw what is known; ask for the full picture where only a small one is here."""
        document = self.session.document
        if self.node is None or self.node not in document.nodes:
            self._blank()
            return
        state = self.session.state(self.node)
        running = self._running()
        live = running is not None and running[1].thumb is not None and not running[1].stale
        shown, source = (running[1], running[0]) if running and live else (state, self.node)
        node = document.nodes[source]
        self.name.say(title_of(node, self.session.specs.get(node.stage)), "text")
        self._say_state(state, running is not None)
        full = self._full_of(shown, source)
        image = full or shown.thumb
        self.stack.setCurrentWidget(self.view if image is not None else self.empty)
        for button in self.buttons:
            button.setEnabled(image is not None)
        self.before.setVisible(shown.count > 1)
        self.after.setVisible(shown.count > 1)
        size = (full.width(), full.height()) if full else shown.size
        if live and state.size[0] > 0:
            size = state.size  # a preview is drawn as large as the picture it becomes
        if image is not self.view.image or size != self.view.full.toTuple():
            self.view.put(image, size, soft=full is None)
        self._note()

    def _blank(self) -> None:
        self.name.say("")
        self.live.say("")
        self.stack.setCurrentWidget(self.empty)
        self.view.put(None)
        for button in self.buttons:
            button.setEnabled(False)
        self.before.hide()
        self.after.hide()

    def _say_state(self, state: RunState, running: bool) -> None:
        if running:
            self.live.say(tr("live"), "heat")
        elif state.stale and state.thumb is not None:
            self.live.say(tr("before this edit"), "idle")
        else:
            self.live.say("")

    def _full_of(self, state: RunState, id: NodeId) -> QImage | None:
        """The full picture, if it is here; else it is asked for, and the small one stands in."""
        spec = self.session.specs.get(self.session.document.nodes[id].stage)
        shows = spec is not None and any(port.type in SHOWN for port in spec.outputs)
        makes = shows or (spec is not None and spec.effect)  # what a sink took can be fetched, too
        if not makes or not state.key or state.thumb is None or state.phase in ("running",):
            return None
        self.index = min(self.index, state.count - 1)
        wanted = (id, state.key, self.index)
        if self._full is not None and self._full[:3] == wanted:
            return self._full[3]
        if self._asked != wanted and state.phase == "cached":
            self._asked, self._asked_of = wanted, self.session.document
            self.session.fetch(*wanted)
        if self._full is not None and self._full[:2] == wanted[:2]:
            return self._full[3]  # another of the batch, until this one is here
        return None

    def _heard(self, event: Event) -> None:
        if isinstance(event, Fetched):
            QThreadPool.globalInstance().start(_Reading(event, self._arrival.came.emit))

    def _came(self, event: Fetched, image: QImage | None, straight: bytes) -> None:
        if image is not None and (event.node, event.key, event.index) == self._asked:
            name = self.session.name
            self._whole = Whole(image, self._asked_of, event.told, name, straight)
            self._full = (event.node, event.key, event.index, image)
            self.refresh()

    def _note(self) -> None:
        if self.node is None:
            return
        state = self.session.state(self.node)
        running = self._running()
        left = ""
        if running is not None and running[1].steps:
            left = f"Step {running[1].step} of {running[1].steps}"
        elif state.count > 1:
            left = f"{self.index + 1} of {state.count}"
        size = self.view.full
        ratio = self.view.zoom * self.devicePixelRatioF()
        right = f"{size.width()} \u00d7 {size.height()} · {ratio * 100:.0f} %"
        self.view.notes = (left, right)
        self.view.update()

    # Acts

    def turn(self, way: int) -> None:
        """To another picture of the batch."""
        if self.node is None:
            return
        count = self.session.state(self.node).count
        index = min(max(self.index + way, 0), count - 1)
        if index != self.index:
            self.index = index
            self.refresh()

    def whole(self) -> Whole | str:
        """The picture in view as it was made, or a sentence that says why it is not there."""
        if self.view.image is None:
            return tr("There is no picture yet. Run the graph first.")
        if self._whole and self.view.image is self._whole.image:
            return self._whole
        if self.session.running:
            return tr("This is a preview only: wait until the picture is done.")
        if self._asked and self.session.state(self._asked[0]).phase == "cached":
            return tr("The whole picture is on its way: try again in a moment.")
        return tr("Only a small picture of this is left: run the graph to make it again.")

    def copy(self) -> None:
        self.outgoing.copy()

    def save_as(self, path: Path | None = None) -> None:
        self.outgoing.save(path)

    def drag_out(self) -> None:
        """Alt and a drag: the picture as a file, for any other program."""
        self.outgoing.drag()


def _button(theme: Theme, image: str, tip: str) -> Button:
    button = Button(theme, image=image)
    button.setFixedSize(26, 26)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
