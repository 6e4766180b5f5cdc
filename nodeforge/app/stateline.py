"""The strip under the parameters: whether the node is made, will run or failed, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from nodeforge.app.controls import Button
from nodeforge.app.state import RunState, doing_words
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr
from nodeforge.base import units
from nodeforge.graph.document import Node


class StateLine(QWidget):
    mended = Signal(str)  # by the button with these words
    shown = Signal(str)  # where this file lies

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setObjectName("stateLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.image = QLabel()
        self.words = QLabel(wordWrap=True, textInteractionFlags=_SELECT)
        self.right = QLabel()
        self.right.setProperty("role", "dim")
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setObjectName("details")
        self.details.setFixedHeight(140)
        self.details.hide()
        self.fixes: tuple[str, ...] = ()
        self.buttons: list[Button] = []
        self.mends = QHBoxLayout()
        self.mends.setSpacing(6)
        self.mends.addStretch(1)
        self.more = Button(theme, tr("Details"), kind="default")
        self.more.clicked.connect(self._unfold)
        self.folder = Button(theme, tr("Show in folder"), "folder-open", kind="default")
        self._path: str = ""
        self.folder.clicked.connect(lambda: self.shown.emit(self._path))
        self.copy = Button(theme, tr("Copy"), "copy", kind="default")
        self.copy.clicked.connect(self._copy)
        self._arrange()

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.image, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.words, 1, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.right, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.folder)
        buttons.addWidget(self.more)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addLayout(line)
        column.addLayout(self.mends)
        column.addLayout(buttons)
        column.addWidget(self.details)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        for button in self.buttons:
            button.wear(theme)
        self.more.wear(theme)
        self.copy.wear(theme)
        self.folder.wear(theme)

    def say(self, node: Node, state: RunState, writes: bool = False) -> None:
        """writes: its text is the paths of files that it wrote, one a line."""
        self._path = state.text.partition("\n")[0] if writes else ""
        self.folder.setVisible(bool(self._path))
        image, colour, words, right = _said(node, state, writes)
        self.setVisible(bool(words))
        ratio = self.devicePixelRatioF()
        self.image.setPixmap(icon(image, self.theme.colour(colour), 16, ratio))
        self.words.setText(words)
        self.right.setText(right)
        self._offer(() if node.muted else state.fixes)
        wrong = state.phase == "error" and not node.muted
        self.copy.setVisible(wrong)
        self.more.setVisible(wrong and bool(state.details))
        self.details.setPlainText(state.details if wrong else "")
        if not wrong:
            self.details.hide()

    def _offer(self, fixes: tuple[str, ...]) -> None:
        """A button for each of what would mend the node."""
        if fixes == self.fixes:
            return
        self.fixes = fixes
        for old in self.buttons:
            old.hide()
            old.deleteLater()
        self.buttons.clear()
        for label in fixes:
            button = Button(self.theme, label, "wand-sparkles", kind="default")
            button.clicked.connect(lambda _=False, label=label: self.mended.emit(label))
            self.buttons.append(button)
            self.mends.insertWidget(len(self.buttons) - 1, button)

    def _unfold(self) -> None:
        self.details.setVisible(self.details.isHidden())

    def _copy(self) -> None:
        report = f"{self.words.text()}\n\n{self.details.toPlainText()}".strip()
        QGuiApplication.clipboard().setText(report)


def _said(node: Node, state: RunState, writes: bool = False) -> tuple[str, str, str, str]:
    """Icon, colour, words, words at the right."""
    last = tr("{} last time").format(units.duration(state.seconds)) if state.seconds >= 0.05 else ""
    if node.muted:
        return "eye-off", "text3", tr("Muted: what comes in passes through."), ""
    match state.phase:
        case "running":
            words = doing_words(state.doing, state.step, state.steps)
            return "flame", "heat", words[:1].upper() + words[1:] or tr("Running"), last
        case "queued":
            return "clock", "text2", tr("Waits for its turn."), last
        case "error":
            return "circle-x", "error", state.message, ""
        case "missing":
            return "ban", "needs" if state.fixes or state.at_fault else "error", state.message, ""
        case "will run":
            return _to_run(state, writes, last)
        case "cached":
            words = state.text or tr("Made; nothing to do.")
            return "check", "ok", words, last
        case _:
            return "clock", "text3", "", ""


def _to_run(state: RunState, writes: bool, last: str) -> tuple[str, str, str, str]:
    if writes and state.text:
        return "check", "ok", tr("Saved {}").format(state.text), tr("saves with each run")
    again = tr("Runs again with the next run.")
    return "circle-small", "text2", again if state.key else tr("Runs with the next run."), last


_SELECT = Qt.TextInteractionFlag.TextSelectableByMouse
