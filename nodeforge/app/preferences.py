"""What the artist may choose, on one page; each line is a view of its acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from nodeforge import ways
from nodeforge.app import settings, tuning
from nodeforge.app.controls import HEIGHT, Switch
from nodeforge.app.frame.dialog import Dialog, closing, scrolling
from nodeforge.app.keyspage import KeysPage
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.window import Window

WIDTH = 240  # px, of a choice
TALL, KEYS = 840, 240  # px: of the page, and of the list of keys at least


class Preferences(Dialog):
    """choices: by what the ids of their acts begin with. motion: whether things may move. limit:
    of memory. abouts: what stands beside a line, by its prefix or variable."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window_of = window
        self.setObjectName("preferences")
        self.setWindowTitle(tr("Preferences"))
        self.choices: dict[str, QComboBox] = {}
        self.abouts: dict[str, QLabel] = {}
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(16)
        self.grid.setColumnStretch(2, 1)
        self._choice("theme_", tr("Theme"))
        self._choice("navigate_", tr("Mouse and wheel"))
        self._beside("navigate_")
        self._choice("snap_", tr("Snapping"))
        self.motion = Switch(window.theme)
        self.motion.clicked.connect(self._turn)
        self._line(tr("Animations"), self.motion)
        self._pictures()
        self._tuning()
        self.keys = KeysPage(window.keymap, window.theme)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 16, 20, 8)
        column.setSpacing(10)
        column.addLayout(self.grid)
        column.addSpacing(6)
        column.addWidget(_heading(tr("Keys")))
        column.addWidget(self.keys, 1)
        self.keys.setMinimumHeight(KEYS)
        self.limit.setProperty("enters", True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolling(inside), 1)
        whole.addLayout(closing(self))
        self.fit(QSize(760, TALL))
        window.tuning.changed.connect(self.show_all)
        window.tuning.renewed.connect(self.show_all)
        self.show_all()

    def show_all(self) -> None:
        """As things stand, whoever changed them."""
        window = self.window_of
        window.refresh_actions()
        for box in self.choices.values():
            ids = [str(box.itemData(row)) for row in range(box.count())]
            on = [window.actions_by_id[id].isChecked() for id in ids]
            box.setCurrentIndex(on.index(True) if True in on else -1)
        about = window.canvas.widget.navigation.about
        self.abouts["navigate_"].setText(about)
        self.choices["navigate_"].setAccessibleDescription(about)
        for choice in tuning.choices():
            self._show(choice)
        self._show_limit()
        self.motion.theme = window.theme
        self.keys.wear(window.theme)
        self.motion.setChecked(window.actions_by_id["animations"].isChecked())
        self.mark.theme = window.theme
        self.mark.setChecked(window.actions_by_id["ai_mark"].isChecked())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.show_all()

    def _choice(self, prefix: str, title: str) -> None:
        """Between all acts whose names begin so."""
        box = self.choices[prefix] = QComboBox()
        box.setFixedSize(WIDTH, HEIGHT)
        for act in self.window_of.acts:
            if act.id.startswith(prefix):
                words = act.title.rpartition(": ")[2]
                box.addItem(words[:1].upper() + words[1:], act.id)
                box.setItemData(box.count() - 1, act.about, Qt.ItemDataRole.ToolTipRole)
        box.activated.connect(lambda row: self._choose(str(box.itemData(row))))
        self._line(title, box)

    def _line(self, title: str, part: QWidget) -> None:
        row = self.grid.rowCount()
        label = QLabel(title)
        label.setProperty("role", "label")
        label.setBuddy(part)
        part.setAccessibleName(title)
        self.grid.addWidget(label, row, 0)
        self.grid.addWidget(part, row, 1)

    def _pictures(self) -> None:
        """What they tell besides what is seen."""
        self._choice("tells_", tr("Saved pictures tell"))
        self._beside("tells_")
        self.abouts["tells_"].setText(
            tr("Those saved, copied or dragged from the Viewer; Save image says it for its own.")
        )
        self.mark = Switch(self.window_of.theme)
        self.mark.clicked.connect(self._turn_mark)
        self._line(tr("Say that a model drew them"), self.mark)
        self._beside("ai_mark")
        about = next(act.about for act in self.window_of.acts if act.id == "ai_mark")
        self.abouts["ai_mark"].setText(about)
        self.mark.setAccessibleDescription(about)

    def _tuning(self) -> None:
        """How models are run; changed while one runs, it counts from the next run on."""
        heading = _heading(tr("Speed and memory"))
        self.grid.addWidget(heading, self.grid.rowCount(), 0, 1, 2)
        self._beside("")
        for label in (heading, self.abouts[""]):
            label.setContentsMargins(0, 10, 0, 0)
        for choice in tuning.choices():
            self._choice(choice.prefix, choice.title)
            self._beside(choice.prefix)
        self.limit = QLineEdit()
        self.limit.setFixedSize(WIDTH, HEIGHT)
        self.limit.setPlaceholderText(tr("All there is"))
        self.limit.editingFinished.connect(self._take_limit)
        self._line(tr("Memory limit"), self.limit)
        self._beside(ways.LIMIT)

    def _beside(self, name: str) -> None:
        """A place for quiet words at the end of the last line."""
        label = self.abouts[name] = _quiet()
        self.grid.addWidget(label, self.grid.rowCount() - 1, 2)

    def _show(self, choice: tuning.Choice) -> None:
        box, free = self.choices[choice.prefix], not tuning.outside(choice.variable)
        now = self.window_of.tuning.option(choice)
        if box.currentIndex() < 0:
            box.setPlaceholderText(now.title)
        box.setEnabled(free)
        said = now.about if free else tuning.from_outside(choice.variable)
        self.abouts[choice.prefix].setText(said)
        box.setAccessibleDescription(said)

    def _show_limit(self) -> None:
        mine, free = self.window_of.tuning, not tuning.outside(ways.LIMIT)
        self.limit.setEnabled(free)
        typed = self.limit.isModified()  # and not taken, or not yet
        if not typed:
            self.limit.setText(settings.text(ways.LIMIT) if free else mine.value(ways.LIMIT))
        about = self.abouts[ways.LIMIT]
        wrong = tuning.fault(self.limit.text()) if typed else ""
        usual = tr("For models; such as 12 GB, half or 40 %.")
        about.setText((wrong or usual) if free else tuning.from_outside(ways.LIMIT))
        self.limit.setAccessibleDescription(about.text())
        about.setProperty("role", "fault" if wrong else "dim")
        about.style().polish(about)
        waits = mine.pending and self.window_of.session.running
        told = tr("In force when this run has ended.") if waits else tr("The same for every graph.")
        self.abouts[""].setText(told)

    def _take_limit(self) -> None:
        text = self.limit.text().strip()
        if not tuning.fault(text):
            self.limit.setModified(False)
            self.window_of.tuning.choose(ways.LIMIT, text)
        self.show_all()

    def go_to(self, name: str) -> None:
        """Put the focus on a choice, by its prefix, or on the limit."""
        self.activateWindow()
        part = self.choices.get(name, self.limit)
        part.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if part is self.limit:
            self.limit.selectAll()

    def _choose(self, id: str) -> None:
        self.window_of.actions_by_id[id].trigger()
        self.show_all()

    def _turn(self) -> None:
        self.window_of.actions_by_id["animations"].trigger()
        self.show_all()

    def _turn_mark(self) -> None:
        self.window_of.actions_by_id["ai_mark"].trigger()
        self.show_all()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _quiet() -> QLabel:
    label = QLabel(wordWrap=True)
    label.setProperty("role", "dim")
    return label
