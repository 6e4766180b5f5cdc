"""Short notices at the lower right of the canvas; errors stay until they are dismissed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr

WIDTH, MARGIN, GAP, MOST = 330, 16, 8, 3
STAYS, LONGER = 4000, 10_000  # ms; with something to undo
LOOKS = {
    "done": ("circle-check", "ok"),
    "info": ("info", "hand"),
    "warn": ("triangle-alert", "warn"),
    "error": ("circle-x", "error"),
}


class Toast(QFrame):
    """topic: what it is about: "graph" leaves with the document, "run" also before the next run."""

    def __init__(
        self, theme: Theme, kind: str, words: str, details: str, topic: str, host: QWidget
    ) -> None:
        super().__init__(host)
        self.words, self.kind, self.topic = words, kind, topic
        self.setObjectName("toast")
        self.setFixedWidth(WIDTH)
        image, colour = LOOKS.get(kind, LOOKS["info"])
        picture = QLabel()
        picture.setPixmap(icon(image, theme.colour(colour), 18))
        text = QLabel(words, wordWrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setMinimumWidth(40)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        if details:
            copy = Button(theme, image="copy")
            copy.setToolTip(tr("Copy the details"))
            copy.setFixedSize(22, 22)
            report = f"{words}\n\n{details}"
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report))
            row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self.act = Button(theme, "", kind="default")
        self.act.hide()
        row.addWidget(self.act, 0, Qt.AlignmentFlag.AlignTop)
        self.shut = Button(theme, image="x")
        self.shut.setAccessibleName(tr("Dismiss"))
        self.shut.setFixedSize(22, 22)
        row.addWidget(self.shut, 0, Qt.AlignmentFlag.AlignTop)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 10, 8, 10)
        self.column.addLayout(row)


class Toasts(QObject):
    """At most three, the newest lowest; the same words are not said twice."""

    def __init__(self, host: QWidget, theme: Theme) -> None:
        super().__init__(host)
        self.host, self.theme = host, theme
        self.shown: list[Toast] = []
        host.installEventFilter(self)

    def wear(self, theme: Theme) -> None:
        self.theme = theme

    def lie_over(self, host: QWidget) -> None:
        """Over another part of the window, since this one goes out of view."""
        self.host.removeEventFilter(self)
        self.host = host
        host.installEventFilter(self)
        for toast in self.shown:
            toast.setParent(host)
            toast.show()
        self._arrange()

    def tell(
        self,
        kind: str,
        words: str,
        details: str = "",
        stays: int = STAYS,
        topic: str = "graph",
    ) -> None:
        for old in [toast for toast in self.shown if toast.words == words]:
            self.dismiss(old)
        while len(self.shown) >= MOST:
            self.dismiss(self.shown[0])
        toast = Toast(self.theme, kind, words, details, topic, self.host)
        toast.shut.clicked.connect(lambda: self.dismiss(toast))
        self.shown.append(toast)
        toast.show()
        self._arrange()
        if kind not in ("error", "warn"):
            QTimer.singleShot(stays, toast, lambda: self.dismiss(toast))

    def notice(self, kind: str, words: str, details: str = "") -> None:
        """Say something about the program, which stays when another document is opened."""
        self.tell(kind, words, details, topic="")

    def report(self, kind: str, words: str, details: str = "") -> None:
        """Say how a run ended; the next one takes it away."""
        self.tell(kind, words, details, topic="run")

    def offer_back(self, words: str, undo: Callable[[], object]) -> None:
        """Say what was removed, with a button that brings it back."""
        self.offer("info", words, tr("Undo"), undo)

    def offer(self, kind: str, words: str, label: str, act: Callable[[], object]) -> None:
        """Say something, with a button for what can be done about it."""
        self.tell(kind, words, stays=LONGER)
        toast = self.shown[-1]
        toast.act.setText(label)
        toast.act.setAccessibleName(label)
        toast.act.clicked.connect(lambda: act())
        toast.act.clicked.connect(lambda: self.dismiss(toast))
        toast.act.show()
        self._arrange()

    def forget(self, *topics: str) -> None:
        """Take away what was said about these."""
        for toast in [toast for toast in self.shown if toast.topic in topics]:
            self.dismiss(toast)

    def dismiss(self, toast: Toast) -> None:
        if toast in self.shown:
            self.shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._arrange()

    def _arrange(self) -> None:
        bottom = self.host.height() - MARGIN
        for toast in reversed(self.shown):
            toast.resize(WIDTH, toast.column.totalHeightForWidth(WIDTH))
            toast.move(self.host.width() - WIDTH - MARGIN, bottom - toast.height())
            toast.raise_()
            bottom -= toast.height() + GAP

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False


class Banner(QFrame):
    """A question across the top of the canvas that does not stop the work."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setObjectName("banner")
        self.words = QLabel()
        self.picture = QLabel()
        self.yes = Button(theme, tr("Open it"), kind="default")
        self.no = Button(theme, tr("Discard"), kind="default")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self.picture)
        row.addWidget(self.words, 1)
        row.addWidget(self.no)
        row.addWidget(self.yes)
        self.hide()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.yes.wear(theme)
        self.no.wear(theme)

    def ask(self, words: str) -> None:
        self.picture.setPixmap(icon("history", self.theme.colour("onHandFill"), 16))
        self.words.setText(words)
        self.show()
