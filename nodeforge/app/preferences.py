"""What the artist may choose about the window, on one page; each line is a view of its acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QLabel, QVBoxLayout

from nodeforge.app.controls import HEIGHT, Switch
from nodeforge.app.keyspage import KeysPage
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.window import Window

WIDTH = 240  # px, of a choice


class Preferences(QDialog):
    """choices: by what the ids of their acts begin with. motion: whether things may move."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window_of = window
        self.setObjectName("preferences")
        self.setWindowTitle(tr("Preferences"))
        self.choices: dict[str, QComboBox] = {}
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(16)
        self.grid.setColumnStretch(2, 1)
        self._choice("theme_", tr("Theme"))
        self._choice("navigate_", tr("Mouse and wheel"))
        self._choice("snap_", tr("Snapping"))
        self.motion = Switch(window.theme)
        self.motion.clicked.connect(self._turn)
        self._line(tr("Animations"), self.motion)
        heading = QLabel(tr("Keys"))
        heading.setProperty("role", "heading")
        self.keys = KeysPage(window.keymap, window.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addLayout(self.grid)
        column.addSpacing(6)
        column.addWidget(heading)
        column.addWidget(self.keys, 1)
        self.resize(720, 680)
        self.show_all()

    def show_all(self) -> None:
        """As things stand, whoever changed them."""
        window = self.window_of
        window.refresh_actions()
        for box in self.choices.values():
            ids = [str(box.itemData(row)) for row in range(box.count())]
            on = [window.actions_by_id[id].isChecked() for id in ids]
            box.setCurrentIndex(on.index(True) if True in on else -1)
        self.motion.theme = window.theme
        self.keys.wear(window.theme)
        self.motion.setChecked(window.actions_by_id["animations"].isChecked())

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
        box.activated.connect(lambda row: self._choose(str(box.itemData(row))))
        self._line(title, box)

    def _line(self, title: str, part: QComboBox | Switch) -> None:
        row = self.grid.rowCount()
        label = QLabel(title)
        label.setProperty("role", "label")
        label.setBuddy(part)
        part.setAccessibleName(title)
        self.grid.addWidget(label, row, 0)
        self.grid.addWidget(part, row, 1)

    def _choose(self, id: str) -> None:
        self.window_of.actions_by_id[id].trigger()
        self.show_all()

    def _turn(self) -> None:
        self.window_of.actions_by_id["animations"].trigger()
        self.show_all()
