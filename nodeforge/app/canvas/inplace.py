"""Titles and notes are written where they stand: an editor lies over them, as large as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit

from nodeforge.app.canvas.face import HEADER, WIDTH
from nodeforge.app.canvas.frames import lie_over
from nodeforge.app.canvas.items import Card
from nodeforge.app.words import tr
from nodeforge.graph.document import Frame, NodeId, Note, Thing

if TYPE_CHECKING:
    from nodeforge.app.canvas.canvas import Canvas

LEAST = 11  # pixels of a letter; from further away it is as large as this
HIGH = 120  # of what is brought into view of a thing that is edited
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class InPlace(QObject):
    """One thing is edited at a time. Enter keeps a title, Esc gives it up; Esc and
    Ctrl+Enter keep a note."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.widget)
        self.canvas = canvas
        self._id: NodeId | None = None
        view = canvas.widget
        self.line = QLineEdit(view.viewport())
        self.line.setAccessibleName(tr("Title"))
        self.text = QPlainTextEdit(view.viewport())
        self.text.setAccessibleName(tr("Note"))
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for editor in (self.line, self.text):
            editor.hide()
            editor.installEventFilter(self)
        view.named.connect(self.begin)
        view.zoomed.connect(lambda _: self._place())
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(lambda _: self._place())
        canvas.session.settling.connect(self.keep)
        canvas.session.selected.connect(self._left)

    @property
    def editor(self) -> QLineEdit | QPlainTextEdit | None:
        """The one that is open."""
        if self._id is None:
            return None
        return self.text if isinstance(self._thing(), Note) else self.line

    def begin(self, id: NodeId) -> bool:
        """Edit the title of a node, group or frame, or the text of a note."""
        self.keep()
        level = self.canvas.session.level
        thing = level.document.thing(id)
        if thing is None or id in level.rails:
            return False
        self._id = id
        if isinstance(thing, Note):
            self.text.setPlainText(thing.text)
            self.text.selectAll()
        else:
            self.line.setText(self._title(thing))
            self.line.selectAll()
        editor = self.editor
        assert editor is not None
        self._reveal()
        self._place()
        editor.show()
        editor.setFocus()
        return True

    def begin_selected(self) -> None:
        """What was selected last."""
        if chosen := self.canvas.session.selection:
            self.begin(chosen[-1])

    def keep(self) -> None:
        """What was typed goes into the document, in one step."""
        thing, editor = self._thing(), self.editor
        self._close()
        session = self.canvas.session
        document = session.level.document
        if isinstance(thing, Note):
            text = self.text.toPlainText()
            if text != thing.text:
                session.act(tr("Write"), document.add(replace(thing, text=text)))
        elif thing is not None and editor is not None:
            title = self.line.text().strip()
            if title == self._title(thing):
                return
            if isinstance(thing, Frame):
                session.act(tr("Rename"), document.add(replace(thing, title=title)))
            else:
                spec = session.level.specs.get(document.nodes[thing.id].stage)
                usual = spec is not None and title == spec.title
                session.act(tr("Rename"), document.rename(thing.id, "" if usual else title))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and watched is self.editor:
            self.keep()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if event.key() == Qt.Key.Key_Escape and watched is self.line:
                self._close()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.keep()  # a text is worth more than a title
                return True
            if event.key() in ENTER and (held or watched is self.line):
                self.keep()
                return True
        elif event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()  # while typing, every key is a letter
            return True
        return False

    def _left(self) -> None:
        """Something else is selected."""
        if self._id is not None and self._id not in self.canvas.session.selection:
            self.keep()

    def _close(self) -> None:
        editor, self._id = self.editor, None
        if editor is not None:
            focused = editor.hasFocus()
            editor.hide()
            if focused:
                self.canvas.widget.setFocus()

    def _thing(self) -> Thing | None:
        return self.canvas.session.level.document.thing(self._id) if self._id else None

    def _title(self, thing: Thing) -> str:
        if isinstance(thing, Frame):
            return thing.title
        node = self.canvas.session.level.document.nodes.get(thing.id)
        return self.canvas.session.sight.title(node) if node else ""

    def _reveal(self) -> None:
        """Where the words begin, also of a frame that is wider than the view."""
        scenery = self.canvas.scenery
        assert self._id is not None
        thing = scenery.cards.get(self._id) or scenery.boards.get(self._id)
        if thing is not None:
            box = thing.box
            self.canvas.reveal(QRectF(box.topLeft(), box.size().boundedTo(QSizeF(WIDTH, HIGH))))

    def _place(self) -> None:
        editor, view = self.editor, self.canvas.widget
        if editor is None or self._id is None:
            return
        scenery = self.canvas.scenery
        thing = scenery.cards.get(self._id) or scenery.boards.get(self._id)
        if thing is None:
            self._close()
            return
        theme, box = scenery.theme, thing.box
        if isinstance(thing, Card):
            font, box = theme.font("nodeTitle"), QRectF(box.x(), box.y(), WIDTH, HEADER)
            box = box.adjusted(25, 3, -5, -4)
        elif thing.note:
            font, box = theme.font("body"), box.adjusted(6, 6, -6, -6)
        else:
            font = theme.font("label")
            box = QRectF(box.x() + 6, box.y() + 4, max(box.width() - 12, 60), 24)
        pixels = max(LEAST, round(font.pixelSize() * view.zoom))
        editor.setStyleSheet(self._sheet(font, pixels))
        lie_over(editor, view, box)
        if editor is self.line:
            editor.resize(max(editor.width(), 120), max(editor.height(), pixels + 8))

    def _sheet(self, font: QFont, pixels: int) -> str:
        theme = self.canvas.scenery.theme
        ground, ink = theme.colour("field").name(), theme.colour("text").name()
        edge = theme.colour("hand").name()
        return (
            f'QLineEdit, QPlainTextEdit {{ font: {font.weight()} {pixels}px "{font.family()}"; '
            f"color: {ink}; background: {ground}; border: 1px solid {edge}; border-radius: 4px; "
            "padding: 0 4px; margin: 0; min-height: 0; }"
        )
