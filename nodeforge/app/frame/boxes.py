"""The one box that asks: a question with named answers, or a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app.controls import Button
from nodeforge.app.frame.dialog import ENTERS, Dialog, worn
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr

RADIUS, SHADOW, WIDTH = 12, 16, 420  # px
A = TypeVar("A")


@dataclass(frozen=True)
class Choice(Generic[A]):
    """An answer as a button. words: with & before the letter that chooses it."""

    answer: A
    words: str
    kind: str = "default"


class _Answer(Button):
    """Its letter is underlined, and works with Alt or alone."""

    def __init__(self, theme: Theme, choice: Choice[A]) -> None:
        super().__init__(theme, choice.words, kind=choice.kind)
        self.setAccessibleName(choice.words.replace("&", ""))
        self.setFixedHeight(30)

    @property
    def letter(self) -> str:
        return self.text().partition("&")[2][:1].lower()

    def sizeHint(self) -> QSize:
        words = self.text().replace("&", "")
        return QSize(QFontMetrics(self.theme.font("strong")).horizontalAdvance(words) + 28, 30)

    def _paint_words(self, painter: QPainter, text: QColor) -> None:
        painter.setFont(self.theme.font("strong"))
        painter.setPen(text)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic
        painter.drawText(self.rect(), flags, self.text())


class Box(Dialog):
    """Asks over the window it belongs to. Enter gives the first primary answer, Escape none."""

    def __init__(self, host: QWidget, title: str, words: str = "", image: str = "info") -> None:
        super().__init__(host.window(), Qt.WindowType.FramelessWindowHint)
        self.theme = worn(host)
        self.setModal(True)
        self.setObjectName("box")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.answers: list[_Answer] = []
        self._given: object = None
        picture = QLabel()
        picture.setPixmap(icon(image, self.theme.colour("hand"), 20))
        self.title = QLabel(title, wordWrap=True)
        self.title.setProperty("role", "heading")
        self.words = QLabel(words, wordWrap=True)
        self.words.setProperty("role", "dim")
        self.words.setVisible(bool(words))
        for label in (self.title, self.words):
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        self.page = QVBoxLayout()
        self.page.setSpacing(8)
        self.page.addWidget(self.title)
        self.page.addWidget(self.words)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self.page, 1)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.foot.addStretch(1)
        column = QVBoxLayout(self)
        edge = SHADOW + 20
        column.setContentsMargins(edge, edge - 2, edge, edge - 4)
        column.setSpacing(18)
        column.addLayout(top, 1)
        column.addLayout(self.foot)

    def ask(self, choices: Sequence[Choice[A]], otherwise: A) -> A:
        """The answer that was chosen; `otherwise` where the box was left."""
        self.offer(choices)
        self._given = otherwise
        self.exec()
        self.deleteLater()
        return self._given

    def offer(self, choices: Sequence[Choice[A]]) -> None:
        """Put the answers below, the first primary one as the usual one."""
        for choice in choices:
            button = _Answer(self.theme, choice)
            button.clicked.connect(lambda _=False, c=choice: self._give(c.answer))
            self.answers.append(button)
            self.foot.addWidget(button)
        usual = [b for b, c in zip(self.answers, choices, strict=True) if c.kind == "primary"]
        self.usual = (usual or self.answers)[0]
        self.usual.setFocus()
        width = WIDTH + 2 * SHADOW
        layout = self.layout()
        assert layout is not None
        layout.activate()
        height = max(layout.totalHeightForWidth(width), layout.totalSizeHint().height())
        self.fit(QSize(width, height))

    def _give(self, answer: object) -> None:
        self._given = answer
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typing = isinstance(self.focusWidget(), QLineEdit | QPlainTextEdit)
        letter = event.text().lower()
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in ENTERS and self.usual is not None:
            self.usual.click()  # where Enter alone begins another line
            return
        for button in self.answers:
            if letter and not typing and button.letter == letter:
                button.click()
                return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(SHADOW, SHADOW - 4, -SHADOW, -SHADOW - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(SHADOW, 0, -2):
            shade = QColor(0, 0, 0, 5 if self.theme.dark else 3)
            painter.setBrush(shade)
            around = box.translated(QPointF(0, 3)).adjusted(-step, -step, step, step)
            painter.drawRoundedRect(around, RADIUS + step, RADIUS + step)
        painter.setBrush(self.theme.colour("panel"))
        painter.setPen(QPen(self.theme.colour("lineStrong"), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def ask(host: QWidget, title: str, words: str, choices: Sequence[Choice[A]], otherwise: A) -> A:
    """Ask a question over the window of `host`, and wait for the answer."""
    return Box(host, title, words).ask(choices, otherwise)


def ask_text(
    host: QWidget, title: str, text: str = "", words: str = "", lines: bool = False
) -> str | None:
    """A text of one line or of several; None where the box was left."""
    box = Box(host, title, words, "type")
    field: QLineEdit | QPlainTextEdit
    if lines:
        field = QPlainTextEdit(text)
        field.setTabChangesFocus(True)
        field.setMinimumHeight(110)
    else:
        field = QLineEdit(text)
        field.selectAll()
    field.setAccessibleName(title)
    box.page.addWidget(field)
    choices = (Choice(False, tr("&Cancel")), Choice(True, tr("&OK"), "primary"))
    box.offer(choices)
    field.setFocus()
    box._given = False
    box.exec()
    given = box._given
    box.deleteLater()
    if not given:
        return None
    return field.toPlainText() if isinstance(field, QPlainTextEdit) else field.text()
