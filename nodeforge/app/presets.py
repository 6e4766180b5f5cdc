"""The presets of the stage in the Inspector: pick one, keep what is there under a name, delete."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from platformdirs import user_config_path
from PySide6.QtCore import QPoint
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidgetAction

from nodeforge.app.controls import Button
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme, qicon
from nodeforge.app.words import tr
from nodeforge.errors import DiskError
from nodeforge.graph.document import Node
from nodeforge.graph.presets import drop_preset, keep_preset, preset_of, presets, with_preset
from nodeforge.graph.spec import StageSpec

LONGEST = 60  # characters of a name


def folder() -> Path:
    return user_config_path("nodeforge", appauthor=False) / "presets"


class _Menu(QMenu):
    """What is typed goes into its line at once."""

    line: QLineEdit | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text().strip()
        if self.line is None or not typed or not typed.isprintable():
            super().keyPressEvent(event)
            return
        self.line.setFocus()
        self.line.insert(typed)


class PresetMenu:
    def __init__(self, session: Session, theme: Theme) -> None:
        self.session, self.theme = session, theme
        self.button = Button(theme, image="list")
        self.button.setFixedSize(24, 24)
        self.button.setToolTip(tr("Presets"))
        self.button.setAccessibleName(tr("Presets"))
        self.button.clicked.connect(self.pop)
        self.menu = _Menu(self.button)
        self.line = QLineEdit()

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self.button.wear(theme)

    @property
    def stage(self) -> tuple[Node, StageSpec] | None:
        """The node shown and its stage; a group has no presets, nor has a stage without values."""
        node = self.session.current
        if node is None or node.id not in self.session.document.nodes:
            return None
        spec = self.session.specs.get(node.stage)
        return (node, spec) if spec and spec.params else None

    def pop(self) -> None:
        """Under its button."""
        if not self.button.isVisible() or not self.fill():
            words = tr("Select a node that has parameters: presets are for those.")
            self.session.told.emit("info", words, "")
            return
        self.menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 4)))

    def fill(self) -> bool:
        """Make the menu anew; False where there is nothing to make it for."""
        self.menu.clear()
        if self.stage is None:
            return False
        _, spec = self.stage
        names = list(presets(folder(), spec.id))
        for name in names:
            self.menu.addAction(name, partial(self.take, name))
        if not names:
            self.menu.addAction(tr("No presets of {} yet").format(spec.title)).setEnabled(False)
        self.menu.addSeparator()
        entry = QWidgetAction(self.menu)
        self.line = QLineEdit(placeholderText=tr("Save as: type a name, Enter"), maxLength=LONGEST)
        self.line.setMinimumWidth(220)
        self.menu.line = self.line
        self.line.returnPressed.connect(self.keep)
        entry.setDefaultWidget(self.line)
        self.menu.addAction(entry)
        if names:
            self.menu.addSeparator()
            delete = self.menu.addMenu(qicon("trash-2", self.theme), tr("Delete"))
            for name in names:
                delete.addAction(name, partial(self.drop, name))
        return True

    def take(self, name: str) -> None:
        """Set the node's parameters as this preset has them: one step."""
        if self.stage is None:
            return
        node, spec = self.stage
        if preset := presets(folder(), spec.id).get(name):
            after = with_preset(self.session.document, node.id, spec, preset)
            self.session.edit(tr("Preset {}").format(name), after)

    def keep(self) -> None:
        """Save what the node has under the name that is typed."""
        name = self.line.text().strip()
        if self.stage is None or not name:
            return
        self.session.settling.emit()
        node, spec = self.stage
        try:
            keep_preset(folder(), spec.id, name, preset_of(node, spec))
        except DiskError as error:
            self.session.told.emit("error", str(error), "")
        else:
            self.session.told.emit(
                "done", tr("“{}” is a preset of {} now.").format(name, spec.title), ""
            )
        self.menu.close()

    def drop(self, name: str) -> None:
        if self.stage is None:
            return
        _, spec = self.stage
        try:
            drop_preset(folder(), spec.id, name)
        except DiskError as error:
            self.session.told.emit("error", str(error), "")
