"""A value is edited where it is seen: the rows on nodes.

A drag on a number scrubs it, a click types; a click on a switch turns it, on a choice or a file
opens its list, on a text writes in it. From too far away to read, the Inspector gets the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from nodeforge.app.canvas.bubble import Bubble, Ring
from nodeforge.app.canvas.face import PITCH, WIDTH, is_long
from nodeforge.app.canvas.gesture import Gesture
from nodeforge.app.canvas.items import Board, Card, Port
from nodeforge.app.canvas.paint import WORDS
from nodeforge.app.canvas.roweditor import RowEditor
from nodeforge.app.parameter import Parameter
from nodeforge.app.pull import SLACK, Pull
from nodeforge.app.words import tr
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.spec import Choice, File, Kind, Number, Toggle

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

Button, Modifier, Cursor = Qt.MouseButton, Qt.KeyboardModifier, Qt.CursorShape
FINER = Modifier.ShiftModifier | Modifier.ControlModifier
KNOWN = 0.3  # the zoom from which a row can be told from its neighbour, though not be read
SAID = 2500  # ms that a bubble stays that only says something


@dataclass
class Hold:
    """What is pressed. before: what was there then. pull: it is being scrubbed. far: moved, though
    there is nothing to scrub."""

    card: Card
    parameter: Parameter
    start: QPointF
    keys: Qt.KeyboardModifier
    last: QPointF
    before: Document
    pull: Pull | None = None
    far: bool = False


class Rows(Gesture, QObject):
    """editor: what is typed in. sent: a row for the Inspector (the node, the parameter's name)."""

    sent: Any = Signal(object, str)

    def __init__(self, canvas: Canvas) -> None:
        QObject.__init__(self, canvas.widget)
        self.canvas, self.view = canvas, canvas.widget
        self.editor = RowEditor(self)
        self.ring = Ring(canvas.scenery.theme, self.view.viewport())
        self.bubble = Bubble(canvas.scenery.theme, self.view.viewport())
        self._hold: Hold | None = None
        self._over = Cursor.ArrowCursor
        self._quiet = QTimer(self, singleShot=True, interval=SAID)
        self._quiet.timeout.connect(self.bubble.hide)
        self.view.installEventFilter(self)
        self.view.viewport().installEventFilter(self)
        self.view.zoomed.connect(lambda _: self.bubble.hide())
        canvas.session.settling.connect(self.let_go)

    def wear(self) -> None:
        self.ring.theme = self.bubble.theme = self.canvas.scenery.theme
        self.editor.keep()

    # Which row

    def at(self, place: QPointF, zoom: float = WORDS) -> tuple[Card, Parameter] | None:
        """The parameter that shows at a place in the viewport, from this zoom on."""
        if self.view.zoom < zoom:
            return None
        at = place.toPoint()
        things = (item for item in self.view.items(at) if isinstance(item, Port | Card | Board))
        card = next(things, None)
        if not isinstance(card, Card):
            return None
        name = card.look.face.value_at(self.view.mapToScene(at) - card.pos())
        parameter = self.parameter(card.id, name)
        return (card, parameter) if parameter else None

    def parameter(self, id: NodeId, name: str) -> Parameter | None:
        level = self.canvas.session.level
        node = level.document.nodes.get(id)
        spec = level.specs.get(node.stage) if node else None
        param = spec.param.get(name) if spec else None
        return Parameter(self.canvas.session, id, param) if param else None

    def box(self, card: Card, name: str) -> QRectF:
        """Where a row is seen in the viewport; empty if it is not there."""
        box = card.look.face.values.get(name)
        if box is None:
            return QRectF()
        return QRectF(self.view.viewportTransform().mapRect(box.translated(card.pos())))

    # The mouse

    def pressed(self, event: QMouseEvent) -> bool:
        self._hold = None
        keys = event.modifiers() & ~Modifier.KeypadModifier
        if event.button() != Button.LeftButton or keys & ~FINER:
            return False
        found = self.at(event.position())
        if found is None or (keys and not isinstance(found[1].param.kind, Number)):
            return False
        card, parameter = found
        self.bubble.hide()
        if not keys:
            self._select(card)
        at = event.position()
        self._hold = Hold(card, parameter, at, keys, at, parameter.document)
        return True

    def moved(self, event: QMouseEvent) -> None:
        hold = self._hold
        if hold is None:
            if not event.buttons() and not self.view.spaced:
                self._hover(event.position())
            return
        way = event.position() - hold.start
        if hold.pull is None and not hold.far and way.manhattanLength() < SLACK:
            return
        kind = hold.parameter.param.kind
        if hold.parameter.whence or not isinstance(kind, Number):
            self._drag_over(hold, event.position())
        else:
            self._scrub(hold, kind, event)

    def released(self, event: QMouseEvent) -> None:
        hold, self._hold = self._hold, None
        if hold is None:
            return
        if hold.pull is not None:
            self._end()
        elif hold.far:
            if not self.editor.is_open:
                self.canvas.hint.emit(self._told(hold.parameter))
        elif hold.keys:
            hold.card.setSelected(not hold.card.isSelected())
        else:
            self.act(hold.card, hold.parameter, event.position().toPoint())

    def _drag_over(self, hold: Hold, at: QPointF) -> None:
        """In a text a drag marks words; any other row has nothing to scrub."""
        if not hold.far and is_long(hold.parameter.param) and not hold.parameter.whence:
            self.editor.open(hold.card, hold.parameter, hold.start.toPoint())
        hold.far = True
        if self.editor.is_open:
            self.editor.mark_to(at.toPoint())

    def _scrub(self, hold: Hold, kind: Number, event: QMouseEvent) -> None:
        value = hold.parameter.value
        if hold.pull is None:
            if isinstance(value, bool | str):
                return
            width = self.box(hold.card, hold.parameter.name).width()
            hold.pull = Pull(kind, value, width)
            self._select(hold.card)
            self.view.viewport().setCursor(Cursor.SizeHorCursor)
            self.canvas.doing.emit("scrub")
        pull = hold.pull
        hold.parameter.put(
            pull.move(event.position().x() - hold.last.x(), event.modifiers()), pull.merge
        )
        hold.last = event.position()
        self._show(hold)

    def _show(self, hold: Hold) -> None:
        pull, kind = hold.pull, hold.parameter.param.kind
        assert pull is not None
        assert isinstance(kind, Number)
        row = self.box(hold.card, hold.parameter.name)
        self.ring.lie(row)
        before, now = kind.shown(pull.start), kind.shown(pull.value)
        finer = (tr("Shift: finer"), "dim")
        self.bubble.say((before, "body"), ("\u2192", "dim"), (now, "changed"), finer)
        self.bubble.lie(self._seen(hold.card), row)

    def _end(self) -> None:
        self.ring.hide()
        self.bubble.hide()
        self.canvas.doing.emit("")
        self.view.viewport().setCursor(self._over)

    def let_go(self) -> None:
        """What is scrubbed stays as it is now."""
        if self._hold is not None and self._hold.pull is not None:
            self._hold = None
            self._end()

    def put_back(self) -> None:
        """The scrub never was."""
        hold, self._hold = self._hold, None
        if hold is not None and hold.pull is not None:
            hold.parameter.return_to(hold.before, hold.pull.merge)
            self._end()

    # What a click does

    def act(self, card: Card, parameter: Parameter, at: QPoint) -> None:
        """Type in the row, turn it, or open its list. at: in the viewport."""
        if parameter.whence:
            self.say(card, card.look.face.values[parameter.name], self._told(parameter))
        elif isinstance(parameter.param.kind, Toggle):
            self.editor.keep()
            parameter.put(not parameter.value)
        else:
            self.editor.open(card, parameter, at)

    def begin_selected(self) -> None:
        """By keys: in the first row of the node that the Inspector shows."""
        node = self.canvas.session.current
        card = self.canvas.cards.get(node.id) if node else None
        if card is None or not card.look.face.values:
            self.canvas.hint.emit(tr("Select a node that shows values first."))
        elif self.view.zoom < WORDS:
            self.sent.emit(card.id, next(iter(card.look.face.values)))
        elif not self.editor.open_first(card, card.look.face.values):
            self.canvas.hint.emit(tr("Wires bring all values of this node."))

    def say(self, card: Card, row: QRectF, words: str) -> None:
        """Beside a row of the node, for a moment."""
        self.canvas.hint.emit(words)
        self.bubble.say((words, "body"))
        there = self.view.viewportTransform().mapRect(row.translated(card.pos()))
        self.bubble.lie(self._seen(card), there)
        self._quiet.start()

    def _told(self, parameter: Parameter) -> str:
        if whence := parameter.whence:
            return tr("A wire brings {}: it comes {}.").format(parameter.title.lower(), whence)
        return tr("A click changes {}. Drag the header to move the node.").format(
            parameter.title.lower()
        )

    def _double_clicked(self, event: QMouseEvent) -> bool:
        """True: it was on a row."""
        if event.button() != Button.LeftButton or event.modifiers():
            return False
        found = self.at(event.position())
        if found is not None:
            card, parameter = found
            quick = isinstance(parameter.param.kind, Toggle)  # its first click has turned it
            if not quick and not self.editor.is_at(card.id, parameter.name):
                self.act(card, parameter, event.position().toPoint())
            return True
        found = self.at(event.position(), KNOWN)
        if found is not None:
            self.sent.emit(found[0].id, found[1].name)
        return found is not None or self._named(event.position())

    def _named(self, place: QPointF) -> bool:
        """Whether it is the name of a port whose wire brings a value: it says so."""
        card = self.view.thing_at(place.toPoint())
        if not isinstance(card, Card) or card.look.face.folded or self.view.zoom < WORDS:
            return False
        at = self.view.mapToScene(place.toPoint()) - card.pos()
        for pin in card.look.face.pins:
            here = self.parameter(card.id, pin.name) if not pin.out else None
            if here and here.whence and abs(at.y() - pin.y) < PITCH / 2 and at.x() < WIDTH / 2:
                self.say(card, QRectF(0, pin.y, WIDTH, 0), self._told(here))
                return True
        return False

    # Looks

    def _hover(self, place: QPointF) -> None:
        """Show by the cursor what a press would do here."""
        found = self.at(place)
        shape = _cursor(found[1]) if found else Cursor.ArrowCursor
        if shape != self._over:
            held = self.view.viewport().cursor().shape()
            if shape != Cursor.ArrowCursor or held == self._over:
                self.view.viewport().setCursor(shape)
            self._over = shape

    def _seen(self, card: Card) -> QRect:
        return QRect(self.view.viewportTransform().mapRect(card.box).toAlignedRect())

    def _select(self, card: Card) -> None:
        """The Inspector shows its node, whatever else is selected with it."""
        session = self.canvas.session
        others = [id for id in session.selection if id != card.id] if card.isSelected() else []
        session.select([*others, card.id])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() == kinds.MouseButtonDblClick and isinstance(event, QMouseEvent):
            return watched is self.view.viewport() and self._double_clicked(event)
        if self._hold is None or self._hold.pull is None or not isinstance(event, QKeyEvent):
            return False
        if event.key() != Qt.Key.Key_Escape:
            return False
        event.accept()  # also as a shortcut: it does not stop a run
        if event.type() == kinds.KeyPress:
            self.put_back()
        return True


def _cursor(parameter: Parameter) -> Qt.CursorShape:
    kind: Kind = parameter.param.kind
    if parameter.whence:
        return Cursor.ArrowCursor
    if isinstance(kind, Number):
        return Cursor.SizeHorCursor
    pointed = isinstance(kind, Toggle | Choice | File)
    return Cursor.PointingHandCursor if pointed else Cursor.IBeamCursor
