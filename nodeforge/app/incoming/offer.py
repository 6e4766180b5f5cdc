"""A small panel at the cursor that offers what can be done with what came: by mouse or by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.controls import Button
from nodeforge.app.incoming.generation import Setting
from nodeforge.app.outside import Outside
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr

SHADOW, INSET, WIDE = 12, 14, 380
LONG = 200  # characters of a value that are shown
TALL, AROUND = 460, 190  # px of the list of settings, before it scrolls; of what is beside it


@dataclass(frozen=True)
class Choice:
    """detail: in a dim line below. do: what is done, once the panel is gone."""

    label: str
    do: Callable[[], object]
    icon: str = "image"
    detail: str = ""


class _Row(QAbstractButton):
    """A choice, drawn as a row of a menu."""

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__()
        self.theme, self.choice = theme, choice
        self.setText(choice.label)
        self.setAccessibleName(f"{choice.label}. {choice.detail}".strip())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(WIDE - 2 * INSET, 48 if self.choice.detail else 34)

    def enterEvent(self, event: QEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, lit = self.theme.colour, self.hasFocus()
        if lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("handFill"))
            painter.drawRoundedRect(self.rect(), 6, 6)
        text = colour("onHandFill" if lit else "text")
        image = icon(self.choice.icon, text, 16, self.devicePixelRatioF())
        painter.drawPixmap(10, (self.height() - 16) // 2, image)
        painter.setPen(text)
        painter.setFont(self.theme.font("strong"))
        left, wide = 36.0, self.width() - 46.0
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if not self.choice.detail:
            painter.drawText(QRectF(left, 0, wide, self.height()), middle, self.text())
            return
        painter.drawText(QRectF(left, 7, wide, 18), middle, self.text())
        painter.setFont(self.theme.font("caption"))
        painter.setPen(colour("onHandFill" if lit else "text2"))
        words = painter.fontMetrics().elidedText(
            one_line(self.choice.detail), Qt.TextElideMode.ElideRight, int(wide)
        )
        painter.drawText(QRectF(left, 25, wide, 16), middle, words)


class Offer(QWidget):
    """One at a time. It lies inside the window, and goes at Escape or a press beside it: that is
    `dismissed`, which does what would have been done without asking."""

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self.theme, self.host = theme, host
        self.rows: list[_Row] = []
        self.ticks: list[tuple[QCheckBox, Setting]] = []
        self.apply: Button | None = None
        self.instead: Button | None = None
        self.title = ""
        self._dismissed: Callable[[], object] | None = None
        self._before: QWidget | None = None
        self._body = QVBoxLayout(self)
        edge = SHADOW + INSET
        self._body.setContentsMargins(edge, edge - 2, edge, edge)
        self._body.setSpacing(6)
        self.hide()
        Outside(self)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        for row in self.rows:
            row.theme = theme
        if self.apply is not None:
            self.apply.wear(theme)
        self.update()

    # Asking

    def ask(
        self,
        at: QPoint,
        title: str,
        words: str,
        choices: Sequence[Choice],
        dismissed: Callable[[], object] | None = None,
    ) -> None:
        """at: on the screen. Enter takes the first of the choices."""
        self._begin(title, words)
        for choice in choices:
            row = _Row(self.theme, choice)
            row.clicked.connect(lambda _=False, choice=choice: self._end(choice.do))
            row.installEventFilter(self)
            self.rows.append(row)
            self._body.addWidget(row)
        self._dismissed = dismissed
        self._open(at)
        if self.rows:
            self.rows[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def ask_settings(
        self,
        at: QPoint,
        title: str,
        words: str,
        settings: Iterable[Setting],
        taken: Callable[[tuple[Setting, ...]], object],
        instead: Choice | None = None,
    ) -> None:
        """What of these to take: those that can be are ticked, the others say why not."""
        self._begin(title, words)
        holder, grid = QWidget(), QGridLayout()
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        holder.setLayout(grid)
        for line, each in enumerate(settings):
            self._line(grid, line, each)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        holder.adjustSize()
        room = WIDE - 2 * INSET
        tallest = min(TALL, max(self.host.height() - AROUND, 80))
        scroll.setFixedHeight(min(holder.heightForWidth(room) + 4, tallest))
        self._body.addWidget(scroll)
        self.apply = Button(self.theme, tr("Take these"), kind="primary", key=tr("Enter"))
        self.apply.clicked.connect(lambda: self._end(partial(taken, self._chosen())))
        no = Button(self.theme, tr("Cancel"), key=tr("Esc"))
        no.clicked.connect(self.hide)
        foot = QHBoxLayout()
        if instead is not None:
            self.instead = Button(self.theme, instead.label)
            self.instead.clicked.connect(lambda: self._end(instead.do))
            foot.addWidget(self.instead)
        foot.addStretch(1)
        foot.addWidget(no)
        foot.addWidget(self.apply)
        self._body.addSpacing(4)
        self._body.addLayout(foot)
        self._ticked()
        self._open(at)
        first = self.ticks[0][0] if self.ticks else no
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def _line(self, grid: QGridLayout, line: int, each: Setting) -> None:
        value = one_line(each.shown)
        shown = QLabel(value if len(value) <= LONG else f"{value[:LONG]}…", wordWrap=True)
        shown.setTextFormat(Qt.TextFormat.PlainText)
        shown.setMinimumWidth(40)
        top = Qt.AlignmentFlag.AlignTop
        if each.why:
            name = QLabel(each.name)
            name.setContentsMargins(24, 0, 0, 0)
            shown.setText(f"{shown.text()}\n{each.why}")
            for label in (name, shown):
                label.setProperty("role", "dim")
            grid.addWidget(name, line, 0, top)
        else:
            tick = QCheckBox(each.name)
            tick.setChecked(True)
            tick.toggled.connect(self._ticked)
            tick.installEventFilter(self)
            self.ticks.append((tick, each))
            grid.addWidget(tick, line, 0, top)
        grid.addWidget(shown, line, 1)

    def _chosen(self) -> tuple[Setting, ...]:
        return tuple(setting for tick, setting in self.ticks if tick.isChecked())

    def _ticked(self) -> None:
        if self.apply is not None:
            self.apply.setEnabled(bool(self._chosen()))

    # Coming and going

    def _begin(self, title: str, words: str) -> None:
        if self.isVisible():
            self.hide()
        while (item := self._body.takeAt(0)) is not None:
            _discard(item)
        self.rows, self.ticks = [], []
        self.apply = self.instead = None
        self.title = title
        head = QLabel(title, wordWrap=True)
        head.setTextFormat(Qt.TextFormat.PlainText)
        head.setProperty("role", "heading")
        self._body.addWidget(head)
        if words:
            text = QLabel(words, wordWrap=True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setProperty("role", "dim")
            self._body.addWidget(text)
            self._body.addSpacing(4)

    def _open(self, at: QPoint) -> None:
        self._before = QApplication.focusWidget()
        self.setFixedWidth(WIDE + 2 * SHADOW)
        self._body.activate()
        self.resize(self.width(), self._body.totalHeightForWidth(self.width()))
        here, area = self.host.mapFromGlobal(at), self.host.rect()
        x = min(max(here.x() - SHADOW, area.left()), max(area.right() - self.width(), 0))
        y = min(max(here.y() - SHADOW, area.top()), max(area.bottom() - self.height(), 0))
        self.move(x, y)
        self.show()
        self.raise_()
        self.host.window().activateWindow()  # what was dropped came from another one

    def _end(self, do: Callable[[], object]) -> None:
        self._dismissed = None
        self.hide()
        do()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not self.isHidden():
            return  # the whole window goes, or is minimised
        before, self._before = self._before, None
        if before is not None and before.isVisible():
            before.setFocus()
        if (dismissed := self._dismissed) is not None:
            self._dismissed = None
            dismissed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.apply is not None:
            if self.apply.isEnabled():
                self.apply.click()
        elif not self._walk(event.key()):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() == QEvent.Type.KeyRelease:
            return False
        keys = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in keys:
            event.accept()  # the window's shortcuts wait while this is open
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if isinstance(watched, _Row) and event.key() in keys[1:]:
            watched.click()
            return True
        if event.key() in (*keys, Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.keyPressEvent(event)
            return True
        return False

    def _walk(self, key: int) -> bool:
        """Up and down, round and round."""
        stops: list[QWidget] = [*self.rows, *(tick for tick, _ in self.ticks)]
        way = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(key), 0)
        if not way or not stops:
            return False
        here = next((n for n, stop in enumerate(stops) if stop.hasFocus()), 0)
        stops[(here + way) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
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


def one_line(text: str) -> str:
    return " ".join(text.split())


def _discard(item: object) -> None:
    """A widget of a layout, or all that is in a layout in it."""
    widget = getattr(item, "widget", lambda: None)()
    if widget is not None:
        widget.hide()
        widget.deleteLater()
    layout = getattr(item, "layout", lambda: None)()
    while layout is not None and (inner := layout.takeAt(0)) is not None:
        _discard(inner)
