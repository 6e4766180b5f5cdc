"""The picture of the selected node, or of the last one in the graph, live while it is made."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QThreadPool, Signal
from PySide6.QtGui import QFontMetrics, QImage, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from nodeforge.app.controls import Badge, Button, Empty, PanelTitle
from nodeforge.app.fullsize import Arrival, Reading
from nodeforge.app.inspector import title_of
from nodeforge.app.outgoing import Outgoing, Whole
from nodeforge.app.picture import PictureView
from nodeforge.app.session import Session
from nodeforge.app.state import RunState, doing_words
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.engine.messages import Event, Fetched
from nodeforge.graph.document import NodeId

SHOWN = ("Image", "Mask")
ROOMY = 480  # px of width, from which on what goes on stands beside the title


class Viewer(QWidget):
    """It shows the picture of what is selected, and stays with it where a latent, a mask or a
    number is selected, unless it is asked for that. pinned: the node it stays with whatever is
    selected. alone: without the canvas it shows what comes of the selected node, not that node.
    """

    turned_pin = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.node: NodeId | None = None
        self.pinned: NodeId | None = None
        self.alone = False
        self._named = ""
        self.index = 0
        self._full: tuple[NodeId, str, int, QImage] | None = None
        self._asked: tuple[NodeId, str, int] | None = None
        self._whole: Whole | None = None
        self._asked_of = session.document
        self.outgoing = Outgoing(session, self, self.whole)
        self._arrival = Arrival()
        self._arrival.came.connect(self._came)
        self._build()
        session.selected.connect(lambda: self.follow(selected=True))
        session.changed.connect(lambda _: self.follow())
        session.offered.connect(lambda: self.follow())
        session.opened.connect(self._opened)
        session.stated.connect(self._stated)
        session.news.connect(self._heard)
        session.running_changed.connect(lambda _: self.refresh())
        self.follow()

    def _build(self) -> None:
        theme = self.theme
        self.bar = PanelTitle(theme, tr("Viewer"))
        self.name = Badge(theme)
        self.before = _button(theme, "chevron-left", "The picture before (Left)")
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after = _button(theme, "chevron-right", "The next picture (Right)")
        self.after.clicked.connect(lambda: self.turn(1))
        self.pin = _button(theme, "pin", "Keep the Viewer on this (P)")
        self.pin.setCheckable(True)
        self.pin.clicked.connect(self.turn_pin)
        self.copy_button = _button(theme, "copy", "Copy the picture")
        self.copy_button.clicked.connect(self.copy)
        self.save_button = _button(theme, "download", "Save the picture as…")
        self.save_button.clicked.connect(lambda: self.save_as())
        self.live = Badge(theme)
        self.bar.add(self.name, self.live)
        self.bar.stretch()
        self.buttons = (
            self.before,
            self.after,
            self.pin,
            self.copy_button,
            self.save_button,
        )
        self.bar.add(*self.buttons)
        self.view = PictureView(theme)
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

    def follow(self, selected: bool = False) -> None:
        """The pinned node; else the selected one if it makes a picture, else the one shown, else
        the last. selected: just now, which counts more than what was asked for before."""
        if self.pinned is not None and self.pinned not in self.session.document.nodes:
            self._set_pin(None)
        main = self._selected()
        kept = self.node if self.node is not None and self._shows(self.node) else None
        if self.alone:
            node = self._last(main) or self._last()
        elif self.pinned is not None:
            node = self.pinned
        elif main is not None and self._draws(main) and (selected or kept is None):
            node = main
        else:
            node = kept or self._last()
        self._turn_to(node)

    def _selected(self) -> NodeId | None:
        current = self.session.current
        return self.session.sight.main(current.id) if current is not None else None

    def _turn_to(self, node: NodeId | None) -> None:
        if node != self.node:
            self.node, self.index = node, 0
        self.refresh()

    def ask(self, id: NodeId) -> bool:
        """Show what this node made, also a latent or a mask; False where there is nothing to see.

        A pin goes with it: it was on what was looked at.
        """
        id = self.session.sight.main(id)
        if not self._shows(id):
            return False
        if self.pinned is not None:
            self._set_pin(id)
        self._turn_to(id)
        return True

    def ask_selected(self) -> None:
        current = self.session.current
        if current is None or not self.ask(current.id):
            words = tr("There is nothing to see of it yet. Select a node that was run.")
            self.session.told.emit("info", words, "")

    def turn_pin(self) -> None:
        """Stay with what is shown, or follow the selection again."""
        self._set_pin(self.node if self.pinned is None else None)
        self.follow(selected=True)

    def _set_pin(self, id: NodeId | None) -> None:
        self.pinned = id
        self.pin.setChecked(id is not None)
        words = tr("Keep the Viewer on this (P)")
        if id is not None:
            words = tr("The Viewer stays here; a click lets it follow the selection (P)")
        self.pin.setToolTip(words)
        self.pin.setAccessibleName(words)
        self.turned_pin.emit()

    def stand_alone(self, on: bool) -> None:
        self.alone = on
        self.follow(selected=True)

    def _shows(self, id: NodeId) -> bool:
        node = self.session.document.nodes.get(id)
        spec = self.session.specs.get(node.stage) if node else None
        if spec is None:
            return False
        made = any(port.type in SHOWN for port in spec.outputs)
        return made or self.session.state(id).thumb is not None

    def _draws(self, id: NodeId) -> bool:
        """Whether what it shows is a picture, not a latent, a mask or a number."""
        node = self.session.document.nodes.get(id)
        spec = self.session.specs.get(node.stage) if node else None
        ports = (spec.outputs or spec.inputs) if spec else ()
        return any(port.type == "Image" for port in ports)

    def _last(self, of: NodeId | None = None) -> NodeId | None:
        """Of all that have something to show, or of those that come of this node."""
        document = self.session.document
        shown = [
            id
            for id in reversed(document.order())
            if self._shows(id) and (of is None or document.feeds(of, id))
        ]
        return next((id for id in shown if self._draws(id)), shown[0] if shown else None)

    def _opened(self) -> None:
        self.node, self.index, self._full, self._asked = None, 0, None, None
        self._whole = None
        self._set_pin(None)
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
        if running and not live and (before := self._before(running[0])):
            live, shown, source = True, self.session.state(before), before
        node = document.nodes[source]
        self._named = title_of(node, self.session.specs.get(node.stage))
        self._say_state(running[1] if running else None)
        full = self._full_of(shown, source)
        image = full or shown.thumb
        self.stack.setCurrentWidget(self.view if image is not None else self.empty)
        for button in self.buttons:
            button.setEnabled(image is not None or button is self.pin)
        self.before.setVisible(shown.count > 1)
        self.after.setVisible(shown.count > 1)
        size = (full.width(), full.height()) if full else shown.size
        if live and state.size[0] > 0:
            size = state.size  # a preview is drawn as large as the picture it becomes
        if image is not self.view.image or size != self.view.full.toTuple():
            self.view.put(image, size, soft=full is None)
        self._note()
        self._fit_title()

    def _before(self, id: NodeId) -> NodeId | None:
        """What a node is made of, if that was just made and can be seen: it stands in for it."""
        for node in reversed(self.session.document.order([id])):
            state = self.session.state(node)
            if node != id and state.phase == "cached" and state.thumb and not state.stale:
                return node
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_title()

    def _fit_title(self) -> None:
        """The node's name, as much of it as there is room for."""
        parts = [part for part in (*self.buttons, self.live) if part.isVisibleTo(self)]
        taken = (
            self.bar.room()
            + sum(max(part.minimumWidth(), part.sizeHint().width()) + 4 for part in parts)
            + 24
        )
        metrics = QFontMetrics(self.theme.font("badge"))
        room = max(self.width() - taken, 0)
        self.name.say(metrics.elidedText(self._named, Qt.TextElideMode.ElideRight, room), "text")
        self.name.setToolTip(self._named)

    def _blank(self) -> None:
        self._named = ""
        self.name.say("")
        self.live.say("")
        self.stack.setCurrentWidget(self.empty)
        self.view.put(None)
        for button in self.buttons:
            button.setEnabled(False)
        self.before.hide()
        self.after.hide()

    def _say_state(self, running: RunState | None) -> None:
        """What goes on, beside the title and where there is no picture yet."""
        asks = tr("Your picture appears here. Ctrl+Enter runs the graph.")
        words = ""
        if running is not None:
            words = doing_words(running.doing, running.step, running.steps) or tr("running")
            asks = f"{words[:1].upper()}{words[1:]}"
        elif self.session.running:
            asks = tr("Your picture appears here.")
        self.live.say(words if self.width() >= ROOMY else "", "heat")
        self.empty.words.setText(asks)

    def _full_of(self, state: RunState, id: NodeId) -> QImage | None:
        """The full picture, if it is here; else it is asked for, and the small one stands in."""
        spec = self.session.specs.get(self.session.document.nodes[id].stage)
        shows = spec is not None and any(port.type in SHOWN for port in spec.outputs)
        takes = spec is not None and not spec.outputs  # its key is that of the picture it takes
        if not (shows or takes) or not state.key:
            return None
        if state.thumb is None or state.phase == "running":
            return None
        self.index = min(self.index, state.count - 1)
        wanted = (id, state.key, self.index)
        if self._full is not None and self._full[:3] == wanted:
            return self._full[3]
        made = state.phase == "cached" or (takes and not state.stale)
        if self._asked != wanted and made:
            self._asked, self._asked_of = wanted, self.session.document
            self.session.fetch(*wanted)
        if self._full is not None and self._full[:2] == wanted[:2]:
            return self._full[3]  # another of the batch, until this one is here
        return None

    def _heard(self, event: Event) -> None:
        if isinstance(event, Fetched):
            QThreadPool.globalInstance().start(Reading(event, self._arrival.came.emit))

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
        said: list[str] = []
        if running is not None and running[1].steps and self.width() < ROOMY:
            said.append(tr("Step {} of {}").format(running[1].step, running[1].steps))
        if running is None and state.stale and state.thumb is not None:
            said.append(tr("before this edit"))
        if running is None and state.count > 1:
            said.append(tr("{} of {}").format(self.index + 1, state.count))
        left = " · ".join(said)
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
