"""The menus made from the commands: behind the button, in the menu bar, and under the cursor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtWidgets import QApplication, QMenu, QWidget, QWidgetAction

from nodeforge.app import actions, settings
from nodeforge.app.canvas import frames
from nodeforge.app.templates import templates
from nodeforge.app.theme import Theme, qicon
from nodeforge.app.welcome import Row
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId

if TYPE_CHECKING:
    from nodeforge.app.window import Window


class Menus(QObject):
    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self.rows: list[Row] = []
        self.menus = [self._made(title) for title in actions.MENUS]
        bar = window.menuBar()
        for each in self.menus:
            bar.addMenu(each)
        # Elsewhere the menus are behind the button; hidden, the bar still keeps them together.
        bar.setVisible(sys.platform == "darwin")

    def _made(self, title: str) -> QMenu:
        window = self.window
        menu = actions.menu(title, window.acts, window.actions_by_id, window)
        if title == "File":
            after = window.actions_by_id["save"]
            menu.insertMenu(after, self.recent(menu))
            templates = self._templates(menu)
            menu.insertMenu(after, templates)
            self.rows = templates.findChildren(Row)
            menu.insertSeparator(after)
        return menu

    def recent(self, parent: QWidget) -> QMenu:
        """The files opened lately, read anew each time it opens."""
        menu = QMenu(tr("Open recent"), parent)

        def fill() -> None:
            menu.clear()
            for path in settings.recent():
                action = menu.addAction(f"{path.stem}   {path.parent}")
                action.triggered.connect(lambda _=False, p=path: self.window.files.open(p))
            if menu.isEmpty():
                menu.addAction(tr("Nothing yet")).setEnabled(False)

        menu.aboutToShow.connect(fill)
        fill()
        return menu

    def _choice(self, title: str, prefix: str, parent: QWidget) -> QMenu:
        """A menu of all acts whose names begin so."""
        menu = QMenu(title, parent)
        menu.setToolTipsVisible(True)
        for name, action in self.window.actions_by_id.items():
            if name.startswith(prefix):
                menu.addAction(action)
        return menu

    def _templates(self, parent: QWidget) -> QMenu:
        menu = QMenu(tr("Templates"), parent)
        for template in templates():
            action = QWidgetAction(menu)
            action.setText(template.title)
            row = Row(self.window.theme, template)
            row.clicked.connect(action.trigger)
            row.clicked.connect(_close_menus)
            action.setDefaultWidget(row)
            action.triggered.connect(lambda _=False, t=template: self.window.files.open(t.file))
            menu.addAction(action)
        return menu

    def wear(self, theme: Theme) -> None:
        for row in self.rows:
            row.theme = theme

    def pop(self) -> None:
        """Under the button of the top bar."""
        menu = QMenu(self.window)
        for each in self.menus:
            menu.addMenu(each)
        button = self.window.top.menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def pop_templates(self, button: QWidget, beside: bool = False) -> None:
        """The templates, below a button or beside it."""
        menu = self._templates(self.window)
        menu.aboutToHide.connect(menu.deleteLater)
        place = QPoint(button.width() + 8, 0) if beside else QPoint(0, button.height() + 4)
        menu.popup(button.mapToGlobal(place))

    def pop_recent(self, button: QWidget) -> None:
        """The files opened lately, below a button."""
        menu = self.recent(self.window)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def context(self, id: NodeId | None, at: QPointF) -> QMenu:
        """For what is under the cursor, which is selected first; for the canvas where None is."""
        window = self.window
        if id is not None and id not in window.session.selection:
            window.session.select([id])
        act = window.actions_by_id
        menu = QMenu(window)
        menu.aboutToHide.connect(menu.deleteLater)
        if id is None:
            self._for_canvas(menu, at)
        elif id in window.session.level.rails:
            menu.addAction(act["go_up"])
        else:
            self._for_thing(menu, id)
        return menu

    def _for_canvas(self, menu: QMenu, at: QPointF) -> None:
        act = self.window.actions_by_id
        for name in ("add", "paste", "select_all", "fit"):
            menu.addAction(act[name])
        if self.window.session.sight.scope:
            menu.addAction(act["go_up"])
        menu.addSeparator()
        note = menu.addAction(act["note"].icon(), act["note"].text())
        note.triggered.connect(lambda: frames.add_note(self.window.canvas, at))
        for name in ("tidy", "map"):
            menu.addAction(act[name])
        menu.addMenu(self._choice(tr("Bookmarks"), "bookmark_", menu))

    def _fixes(self, menu: QMenu, id: NodeId) -> None:
        session = self.window.session
        for label in session.state(id).fixes:
            action = menu.addAction(qicon("wand-sparkles", self.window.theme), label)
            action.triggered.connect(lambda _=False, label=label: session.mending.mend(id, label))
        if menu.actions():
            menu.addSeparator()

    def _for_thing(self, menu: QMenu, id: NodeId) -> None:
        window, act = self.window, self.window.actions_by_id
        if id in window.session.level.document.nodes:
            self._fixes(menu, id)
            for name in ("run_selected", "rename", "mute", "group"):
                menu.addAction(act[name])
            if id in window.session.document.groups:
                for name in ("go_in", "unpack", "keep_group"):
                    menu.addAction(act[name])
            menu.addSeparator()
            for name in ("take_out", "frame", "collapse", "tidy"):
                menu.addAction(act[name])
        else:
            menu.addAction(act["rename"])
        menu.addMenu(self._choice(tr("Colour"), "tint_", menu))
        if len(window.session.selection) > 1:
            menu.addMenu(self._choice(tr("Align"), "align_", menu))
        menu.addSeparator()
        for name in ("cut", "copy", "duplicate"):
            menu.addAction(act[name])
        menu.addSeparator()
        menu.addAction(act["delete"])


def _close_menus() -> None:
    """A widget in a menu does not close it by itself."""
    while (open := QApplication.activePopupWidget()) is not None:
        if not open.close():
            return
