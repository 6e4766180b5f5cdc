"""Every command by a few letters: Ctrl+Shift+P, type, Enter."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.actions import Act
from nodeforge.app.controls import paint_key
from nodeforge.app.entries import score
from nodeforge.app.keys import Keymap
from nodeforge.app.library import SearchLine
from nodeforge.app.outside import Outside
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr

WIDTH, ROW, SHOWN = 520, 32, 11
SHADOW = 12
FRAME = 2 * SHADOW + 3 * 8 + 34  # all of its height but the rows
LETTERS = 40  # a score below this met letters, no words
TOP = 72  # px below the top of the window
ACT = Qt.ItemDataRole.UserRole
KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class _Painter(QStyledItemDelegate):
    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self.palette = palette

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(80, ROW)  # at least: a row is as wide as the list

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        act: Act = index.data(ACT)  # type: ignore[attr-defined]
        theme, action = self.palette.theme, self.palette.actions_by_id[act.id]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        able = action.isEnabled()
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("handFill" if able else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        ink = theme.colour("onHandFill" if chosen and able else "text" if able else "text3")
        ratio = painter.device().devicePixelRatio()
        if act.icon:
            place = (int(box.x()) + 12, int(box.y()) + (ROW - 16) // 2)
            painter.drawPixmap(*place, icon(act.icon, ink, 16, ratio))
        painter.setFont(theme.font("strong"))
        painter.setPen(ink)
        title = self.palette.words(act)
        painter.drawText(box.adjusted(40, 0, -12, 0), LEFT, title)
        used = 40 + painter.fontMetrics().horizontalAdvance(title) + 12
        right = self._right(painter, theme, act, box, chosen and able)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("onHandFill" if chosen and able else "text3"))
        room = box.adjusted(used, 0, -right - 12, 0)
        note = act.menu if able else act.why
        elide = Qt.TextElideMode.ElideRight
        note = painter.fontMetrics().elidedText(note, elide, int(room.width()))
        painter.drawText(room, RIGHT, note)
        painter.restore()

    def _right(self, painter: QPainter, theme: Theme, act: Act, box: QRectF, strong: bool) -> float:
        """The key in a chip; how much room it takes."""
        key = self.palette.keymap.shown(act.id)
        if not key:
            return 0.0
        painter.setFont(theme.font("caption"))
        wide = painter.fontMetrics().horizontalAdvance(key) + 14.0
        chip = QRectF(box.right() - wide - 10, box.y() + (ROW - 19) / 2, wide, 19)
        ground = theme.colour("hand" if strong else "hover")
        if strong:
            ground.setAlphaF(0.25)
        paint_key(painter, theme, chip, key, ground, theme.colour("text" if strong else "text2"))
        return wide + 10


class Palette(QWidget):
    """Inside the window, above all its parts. acts: those that are offered."""

    def __init__(self, theme: Theme, keymap: Keymap, parent: QWidget) -> None:
        super().__init__(parent)
        self.host, self.theme, self.keymap = parent, theme, keymap
        self.actions_by_id: Mapping[str, QAction] = keymap.actions
        self.hide()
        self._back: QWidget | None = None
        self.line = SearchLine(theme, tr("What shall be done?"))
        self.line.setFixedHeight(34)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("searchList")
        self.list.setAccessibleName(tr("Commands"))
        self.list.setItemDelegate(_Painter(self))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._choose)
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.none = QLabel(tr("No command is called so."))
        self.none.setProperty("role", "dim")
        self.none.setContentsMargins(12, 0, 12, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(SHADOW + 8, SHADOW + 8, SHADOW + 8, SHADOW + 8)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        column.addWidget(self.none, 1)
        Outside(self)

    def wear(self, theme: Theme) -> None:
        self.theme = self.line.theme = theme
        self.update()

    def words(self, act: Act) -> str:
        return act.words(self.actions_by_id[act.id].text())

    def ask(self) -> None:
        """Open in the middle of the window; what had the focus gets it back."""
        self._back = self.host.focusWidget()
        self.line.clear()
        self._fill()
        top = min(TOP, self.host.height() - self.height())
        self.move((self.host.width() - self.width()) // 2, max(top, 0))
        self.show()
        self.raise_()
        self.line.setFocus()

    def _fill(self) -> None:
        """The best first; what cannot be done now stands below what can and fits as well: by its
        words, or by letters only."""
        text = self.line.text()
        found = []
        for number, act in enumerate(self.keymap.acts.values()):
            fit = max(score(text, self.words(act)), 0.5 * score(text, f"{act.menu} {act.title}"))
            if fit > 0 and act.id != "palette":
                able = self.actions_by_id[act.id].isEnabled()
                found.append((fit < LETTERS, not able, -fit, number, act))
        self.list.clear()
        for *_, act in sorted(found, key=lambda each: each[:4]):
            item = QListWidgetItem(self.words(act))
            item.setData(ACT, act)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(found))
        self.none.setVisible(not found)
        rows = min(max(self.list.count(), 1), SHOWN)
        self.resize(QSize(WIDTH + 2 * SHADOW, rows * ROW + FRAME).boundedTo(self.host.size()))

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None or not self.actions_by_id[item.data(ACT).id].isEnabled():
            return
        self._leave()
        self.actions_by_id[item.data(ACT).id].trigger()

    def _leave(self) -> None:
        self.hide()
        if self._back is not None:
            self._back.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.hide()  # a click elsewhere closes it
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in KEYS:
            event.accept()  # the window's shortcuts wait while this is open
        if event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up | Qt.Key.Key_PageDown | Qt.Key.Key_PageUp:
                self.list.keyPressEvent(event)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(self.list.currentItem())
            case Qt.Key.Key_Tab | Qt.Key.Key_Escape:
                self._leave()
            case _:
                return False
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        shade = QColor(self.theme.colour("shadow"))
        shade.setAlphaF(shade.alphaF() / 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        for grow in range(2, SHADOW, 2):
            painter.drawRoundedRect(box.adjusted(-grow, 3 - grow, grow, grow), 10, 10)
        painter.setBrush(self.theme.colour("raised"))
        painter.setPen(QPen(self.theme.colour("lineStrong"), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
