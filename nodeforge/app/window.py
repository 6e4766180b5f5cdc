"""The main window: its parts side by side, and what joins them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, QTimer
from PySide6.QtGui import QCloseEvent, QIcon, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app import about, actions, garbage, settings, sheet, showing, theme
from nodeforge.app.adding import Adding
from nodeforge.app.canvas import Canvas, faults, fitting
from nodeforge.app.canvas.keyview import Key, Modifier
from nodeforge.app.commands import commands
from nodeforge.app.crumbs import Crumbs
from nodeforge.app.files import Files
from nodeforge.app.focus import Focus
from nodeforge.app.forecast import Forecast
from nodeforge.app.frame.column import Column
from nodeforge.app.frame.geometry import Keeper
from nodeforge.app.frame.listing import ListRail
from nodeforge.app.frame.logo import app_pixmap
from nodeforge.app.frame.shell import Panel, Shell
from nodeforge.app.incoming.arrivals import Arrivals
from nodeforge.app.keys import Keymap
from nodeforge.app.keyspage import KeysDialog
from nodeforge.app.library import Library
from nodeforge.app.memory import MemoryPopup
from nodeforge.app.menus import Menus
from nodeforge.app.models.page import LeftSide, Supply
from nodeforge.app.models.stock import Stock
from nodeforge.app.palette import Palette
from nodeforge.app.panels import INSPECTOR, Generator, Panels
from nodeforge.app.preferences import Preferences
from nodeforge.app.reach import next_panel
from nodeforge.app.recovery import Recovery
from nodeforge.app.row import furnish
from nodeforge.app.search import Search
from nodeforge.app.session import Session
from nodeforge.app.statusbar import StatusBar
from nodeforge.app.theme import DARK, LIGHT, Theme
from nodeforge.app.toasts import Banner, Toasts
from nodeforge.app.topbar import TopBar
from nodeforge.app.tuning import Tuning
from nodeforge.app.viewer import Viewer
from nodeforge.app.welcome import Welcome
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId

SIZE = QSize(1600, 1000)  # px, at first


class Window(QMainWindow):
    """Everything lies beside the canvas, in a shell that remembers what is where."""

    def __init__(
        self, session: Session, chosen: Theme | None = None, journals: Path | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.theme = chosen or self._chosen_theme()
        self.keeper = Keeper(self)
        self._build()
        self.adding, self.focus = Adding(self), Focus(self)
        self.supply = Supply(self, self.left.stock)
        self.tuning = Tuning(session)
        self.recovery = Recovery(session, journals)
        self.files = Files(session, self.recovery, self.banner, self)
        self.files.models = self.left.stock.entries.values
        self.acts = commands(self)
        self.actions_by_id = actions.made(self.acts, self, self.canvas.widget, self.theme)
        self.keymap = Keymap(self.acts, self.actions_by_id, self)
        self.palette_box = Palette(self.theme, self.keymap, self)
        self.menus = Menus(self)
        self.arrivals = Arrivals(self)
        self.list_rail = ListRail(session, self.shell, self.left, self.menus.pop_templates)
        self._connect()
        self.wear(self.theme)
        self._restore()
        self._titled()
        self._emptied()
        session.shelf.load()

    # Parts

    def _build(self) -> None:
        session, theme = self.session, self.theme
        self.top = TopBar(session, theme)
        self.memory = MemoryPopup(session, theme, self)
        self.library = Library(session, theme)
        self.left = LeftSide(session, self.library, Stock(session), theme)
        self.left.setObjectName("library")
        self.left.setMinimumWidth(150)
        self.canvas = Canvas(session, theme)
        self.canvas.rows.editor.furnish = furnish
        self.viewer = Viewer(session, theme)
        self.panels = Panels(session, theme)
        self.inspector = self.panels.inspector
        self.status = StatusBar(session, theme)
        self.banner = Banner(theme)
        self.crumbs = Crumbs(session, theme)
        self.middle = QWidget()
        column = QVBoxLayout(self.middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.left.offer)
        column.addWidget(self.crumbs)
        column.addWidget(self.canvas.widget, 1)
        self.welcome = Welcome(theme, self.canvas.widget)
        self.welcome.setParent(self.middle)
        self.toasts = Toasts(self.middle, theme)
        self.search = Search(theme, self)
        self.forecast = Forecast(self.canvas, theme, self.top.run, self)
        self.column = Column(self.viewer, self.panels, self.panels.tabs, self.panels.stack)
        self.shell = Shell(theme, self.left, self.middle, self.column, self._panels())
        self.generator = Generator(self.panels, self.shell, self.top.run)
        holder = QWidget()
        whole = QVBoxLayout(holder)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.top)
        whole.addWidget(self.shell, 1)
        whole.addWidget(self.status)
        self.setCentralWidget(holder)

    def _panels(self) -> tuple[Panel, ...]:
        return (
            Panel("list", tr("Nodes"), "list", "left", self.left),
            Panel("viewer", tr("Viewer"), "image", "right", self.viewer),
            Panel("panels", tr("Inspector"), "settings", "right", self.panels),
        )

    def _connect(self) -> None:
        session = self.session
        session.titled.connect(self._titled)
        session.selected.connect(self.refresh_actions)
        session.running_changed.connect(lambda _: self.refresh_actions())
        session.runs.changed.connect(self.refresh_actions)
        self.viewer.turned_pin.connect(self.refresh_actions)
        session.changed.connect(lambda _: self._emptied())
        session.opened.connect(self._opened)
        session.told.connect(self.toasts.tell)
        session.noticed.connect(self.toasts.notice)
        session.runs.said.connect(self.toasts.report)
        session.runs.begun.connect(lambda: self.toasts.forget("run"))
        session.opened.connect(lambda: self.toasts.forget("graph", "run"))
        session.wrote.connect(lambda paths: showing.tell(self.toasts, session, paths))
        self.tuning.renewed.connect(self.top.say_device)
        session.shelf.removed.connect(self.toasts.offer_back)
        self.generator.turned.connect(self._turned)
        self.top.undo.clicked.connect(session.undo)
        self.top.redo.clicked.connect(session.redo)
        self.top.run.clicked.connect(lambda: session.run())
        self.top.cancel.clicked.connect(session.cancel)
        self.top.menu_wanted.connect(self.menus.pop)
        self.top.gauge.pressed.connect(lambda: self.memory.pop(self.top.gauge))
        self.memory.tune.clicked.connect(lambda: self.show_preferences().go_to("memory_"))
        self.canvas.zoomed.connect(self.status.zoomed)
        self.canvas.hint.connect(self.status.hint)
        self.canvas.doing.connect(self.status.do)
        self.canvas.asked.connect(self.ask_node)
        self.canvas.activated.connect(lambda id: self._activated(NodeId(str(id))))
        self.canvas.rows.sent.connect(self._row_asked)
        self.canvas.set_menu(self.menus.context)
        self.status.map.pressed.connect(self.actions_by_id["map"].trigger)
        self.status.wrong.pressed.connect(lambda: faults.go_to_next(self.canvas))
        self.status.zoom.pressed.connect(lambda: fitting.swap(self.canvas))
        self.library.chosen.connect(lambda entry: self.adding.add(entry))
        self.welcome.chosen.connect(self.files.open)
        self.welcome.opening.connect(self.files.ask_open)
        self.welcome.recent.connect(lambda: self.menus.pop_recent(self.welcome.last))
        self.top.name.recent.connect(lambda: self.menus.pop_recent(self.top.name))
        self.top.name.renamed.connect(self.files.rename)
        self.top.open.clicked.connect(self.files.ask_open)
        self.top.templates.clicked.connect(lambda: self.menus.pop_templates(self.top.templates))
        self.top.mode.chosen.connect(self.generator.toggle)
        self.middle.installEventFilter(self)
        self.left.wanted.connect(self.shell.list.pull)
        self.shell.changed.connect(self.list_rail.fill)
        self.shell.changed.connect(self.refresh_actions)
        session.offered.connect(self.list_rail.fill)
        session.shelf.changed.connect(self.list_rail.fill)
        self.keymap.changed.connect(self._bind)
        self.status.follow(self.keymap)
        self._bind()
        hints = QApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)

    def _bind(self) -> None:
        view = self.canvas.widget
        view.keys = {(Key.Key_Tab, Modifier.NoModifier): view.ask, **self.keymap.bound()}

    # Looks

    def _chosen_theme(self) -> Theme:
        app = QApplication.instance()
        match settings.text("theme", "system"):
            case "dark":
                return DARK
            case "light":
                return LIGHT
            case _:
                assert isinstance(app, QApplication)
                return theme.system_theme(app)

    def theme_choice(self) -> str:
        return settings.text("theme", "system")

    def choose_theme(self, choice: str) -> None:
        settings.put("theme", choice)
        self.wear(self._chosen_theme())
        self.refresh_actions()

    def _system_changed(self) -> None:
        if self.theme_choice() == "system":
            self.wear(self._chosen_theme())

    def wear(self, chosen: Theme) -> None:
        """Dress every part in this theme."""
        self.theme = chosen
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, chosen)
        self.setFont(chosen.font("body"))
        self.setStyleSheet(sheet.sheet(chosen))
        self.setWindowIcon(QIcon(app_pixmap(chosen, 64)))
        parts = (self.top, self.left, self.canvas, self.viewer, self.panels, self.status)
        above = (self.banner, self.crumbs, self.welcome, self.toasts, self.search, self.menus)
        for part in (*parts, *above, self.palette_box, self.memory, self.forecast, self.shell):
            part.wear(chosen)
        actions.dress(self.acts, self.actions_by_id, chosen)

    def _turned(self, simple: bool) -> None:
        self.toasts.lie_over(self.viewer if simple else self.middle)
        self.status.set_simple(simple)
        self.top.mode.put(int(simple))
        self.refresh_actions()
        self.viewer.stand_alone(simple)
        if not simple:
            self.canvas.widget.setFocus()

    def _titled(self) -> None:
        session = self.session
        self.setWindowTitle(tr("{}[*] - NodeForge").format(session.name))
        self.setWindowModified(session.dirty)
        self.refresh_actions()

    def refresh_actions(self) -> None:
        actions.refresh(self.acts, self.actions_by_id)
        history = self.session.history
        undo, redo = history.undo_label.lower(), history.redo_label.lower()
        self.actions_by_id["undo"].setText(tr("Undo {}").format(undo).strip())
        self.actions_by_id["redo"].setText(tr("Redo {}").format(redo).strip())

    def _opened(self) -> None:
        self._emptied()
        self.focus.to_canvas()
        QTimer.singleShot(0, self, lambda: self.canvas.fit())
        QTimer.singleShot(garbage.AFTER, self, garbage.settle)

    def _emptied(self) -> None:
        document = self.session.document
        self.welcome.setVisible(not (document.nodes or document.frames or document.notes))
        self._place_welcome()

    def _place_welcome(self) -> None:
        """In the middle, a little high; as large as there is room for: it scrolls."""
        room = self.middle.size()
        size = self.welcome.fit(room.width()).boundedTo(room)
        left = (room.width() - size.width()) // 2
        top = min(max((room.height() - size.height()) // 2 - 40, 12), room.height() - size.height())
        self.welcome.setGeometry(left, top, size.width(), size.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place_welcome()
        return False

    # Hands

    def ask_node(self, at: QPoint | None = None) -> None:
        """Open the search under the cursor; what is found is put there."""
        self.adding.ask(at)

    def _activated(self, id: NodeId) -> None:
        """A double click beside its values: into a group; of a node, that it is shown."""
        if id in self.session.document.groups:
            self.session.sight.dive(id)
            return
        self.session.select([id])
        self.viewer.ask(id)
        self.shell.show_panels()
        self.panels.tabs.choose(INSPECTOR)

    def _row_asked(self, id: NodeId, name: str) -> None:
        """A double click on a value that is too far away to be read."""
        self.shell.show_panels()
        self.panels.open_row(id, name)

    def run_selected(self) -> None:
        document = self.session.document
        chosen = document.within(self.session.selection)
        if ids := tuple(id for id in document.nodes if id in chosen):
            self.session.run(ids)
        else:
            self.session.told.emit("info", tr("Nothing to run. Select a node first."), "")

    def escape(self) -> None:
        """Stop the run; with none, let go of the selection."""
        if self.session.running:
            self.session.cancel()
        else:
            self.session.select([])

    def next_panel(self, step: int) -> None:
        shell, canvas = self.shell, self.canvas.widget
        rails = (shell.rail, self.left, canvas, shell.right_rail)
        next_panel((self.top, *rails, self.viewer, self.panels), self.focusWidget(), step)

    def ask_command(self) -> None:
        self.palette_box.ask()

    def show_keys(self) -> None:
        KeysDialog(self, self.keymap, self.theme).show()

    def show_preferences(self) -> Preferences:
        for page in self.findChildren(Preferences):
            if page.isVisible():
                page.activateWindow()
                return page
        dialog = Preferences(self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        return dialog

    def show_shortcuts(self) -> None:
        about.Shortcuts(self, self.keymap).show()

    def show_about(self) -> None:
        about.About(self, self.theme, self.session).show()

    # Coming and going

    def _restore(self) -> None:
        self.keeper.restore(settings.store().value("window"), SIZE)
        self.shell.restore()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.keeper.soon()
        self.canvas.widget.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.keeper.soon()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_leave():
            event.ignore()
            return
        if self.generator.on:
            self.generator.toggle()
        settings.put("window", self.saveGeometry())
        self.shell.remember()
        self.supply.close()
        self.arrivals.close()
        self.hide()
        self.session.close()
        self.canvas.close()
        self.recovery.clear()
        event.accept()
        QApplication.quit()
