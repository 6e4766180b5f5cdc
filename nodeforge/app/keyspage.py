"""The page on which keys are changed: every act, its key, and who else wants it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.controls import Button
from nodeforge.app.entries import score
from nodeforge.app.frame.dialog import Dialog, closing
from nodeforge.app.keys import Keymap
from nodeforge.app.library import SearchLine
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr


class KeysPage(QWidget):
    """rows: the field of each act, by its id."""

    def __init__(self, keymap: Keymap, theme: Theme) -> None:
        super().__init__()
        self.keymap, self.theme = keymap, theme
        self.search = SearchLine(theme, tr("Search commands"))
        self.search.textChanged.connect(self._sift)
        self.reset_all = Button(theme, tr("Reset all"), "rotate-ccw", kind="default")
        self.reset_all.clicked.connect(lambda: keymap.reset())
        self.rows: dict[str, QKeySequenceEdit] = {}
        self.said: dict[str, QLabel] = {}
        self.resets: dict[str, Button] = {}
        self._titles: dict[str, QLabel] = {}
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(self.reset_all)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(2, 1)
        for row, id in enumerate(keymap.acts):
            self._add(row, id)
        self._grid.setRowStretch(len(self.rows), 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(scroll, 1)
        keymap.changed.connect(self.show_all)
        self.show_all()

    def wear(self, theme: Theme) -> None:
        self.theme = self.search.theme = theme
        for button in (self.reset_all, *self.resets.values()):
            button.wear(theme)
        self.search.update()

    def show_all(self) -> None:
        for id, row in self.rows.items():
            keys = self.keymap.of(id)
            row.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
            self.resets[id].setVisible(self.keymap.differs(id))
            rivals = tr(" and ").join(f"“{act.words()}”" for act in self.keymap.rivals(id))
            self.said[id].setText(tr("Also {}: neither works.").format(rivals) if rivals else "")

    def _add(self, row: int, id: str) -> None:
        act = self.keymap.acts[id]
        title = self._titles[id] = QLabel(act.words())
        field = self.rows[id] = QKeySequenceEdit(maximumSequenceLength=1)
        field.setAccessibleName(tr("Key of {}").format(title.text()))
        field.setClearButtonEnabled(True)
        field.setFixedWidth(150)
        field.editingFinished.connect(lambda: self._changed(id))
        field.installEventFilter(self)
        said = self.said[id] = QLabel()
        said.setProperty("role", "fault")
        back = self.resets[id] = Button(self.theme, image="rotate-ccw")
        back.setToolTip(tr("As it came"))
        back.setAccessibleName(tr("Reset the key of {}").format(title.text()))
        back.clicked.connect(lambda: self.keymap.reset(id))
        for column, part in enumerate((title, field, said, back)):
            self._grid.addWidget(part, row, column)

    def _changed(self, id: str) -> None:
        key = self.rows[id].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        before = self.keymap.of(id)
        wanted = (key, *before[1:]) if key else ()
        if wanted != before:
            self.keymap.choose(id, wanted)

    def _sift(self, text: str) -> None:
        for id, title in self._titles.items():
            fits = score(text, title.text()) > 0
            for part in (title, self.rows[id], self.said[id]):
                part.setVisible(fits)
            self.resets[id].setVisible(fits and self.keymap.differs(id))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tab goes on to the next field and Escape leaves this one; neither becomes a key."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Escape:
                self.show_all()
                self.search.setFocus()
            case Qt.Key.Key_Tab | Qt.Key.Key_Backtab:
                self.focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
            case _:
                return False
        return True


class KeysDialog(Dialog):
    def __init__(self, parent: QWidget, keymap: Keymap, theme: Theme) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keys"))
        self.page = KeysPage(keymap, theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self.page)
        column.addLayout(closing(self, 0))
        self.fit(QSize(720, 640))
