"""Commands as data; the menus, the shortcuts and the list of shortcuts are views of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from nodeforge.app.theme import Theme, qicon
from nodeforge.app.words import tr

MENUS = ("File", "Edit", "Arrange", "Run", "View", "Help")


@dataclass(frozen=True)
class Act:
    """keys: shortcuts, the first one shown. menu: where it is listed, and in which menu in that.

    opens: a line above it. canvas: the keys count only while the canvas has the focus, since a
    field or a list has its own use for them. prompt: only while a prompt has it. about: what it
    does, for a tool tip. why: what to do first, where it is not enabled.
    """

    id: str
    title: str
    do: Callable[[], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    menu: str = ""
    opens: bool = False
    canvas: bool = False
    checked: Callable[[], bool] | None = None
    enabled: Callable[[], bool] | None = None
    within: str = ""
    about: str = ""
    why: str = field(default_factory=lambda: tr("Select a node first."))
    prompt: bool = False

    def words(self, title: str = "") -> str:
        """Its title (or what that is now) where it stands alone, outside the menus."""
        return f"{self.within}: {title or self.title}".removeprefix(": ").rstrip("…")


def made(acts: Iterable[Act], window: QWidget, canvas: QWidget, theme: Theme) -> dict[str, QAction]:
    """An action for each, added to the window (or the canvas) so that its keys work there."""
    actions: dict[str, QAction] = {}
    for act in acts:
        action = QAction(act.title, window)
        action.setToolTip(act.about or act.title)
        action.setShortcuts([QKeySequence(key) for key in act.keys])
        context = Qt.ShortcutContext.WindowShortcut
        if act.canvas:
            context = Qt.ShortcutContext.WidgetWithChildrenShortcut
        action.setShortcutContext(context)
        action.setCheckable(act.checked is not None)
        action.triggered.connect(lambda _=False, act=act: act.do())
        (canvas if act.canvas else window).addAction(action)
        actions[act.id] = action
    dress(acts, actions, theme)
    return actions


def dress(acts: Iterable[Act], actions: dict[str, QAction], theme: Theme) -> None:
    """The icons in the theme's colours."""
    for act in acts:
        if act.icon:
            actions[act.id].setIcon(qicon(act.icon, theme))


def refresh(acts: Iterable[Act], actions: dict[str, QAction]) -> None:
    """Which can be done now and which are on."""
    for act in acts:
        action = actions[act.id]
        if act.enabled is not None and (able := act.enabled()) is not action.isEnabled():
            action.setEnabled(able)
            action.setToolTip((act.about or act.title) if able else act.why)
        if act.checked is not None:
            action.setChecked(act.checked())


def menu(title: str, acts: Iterable[Act], actions: dict[str, QAction], parent: QWidget) -> QMenu:
    """The menu of this title, in the order of the acts."""
    result = QMenu(tr(title), parent)
    result.setToolTipsVisible(True)
    inner: dict[str, QMenu] = {}
    for act in acts:
        if act.menu != title:
            continue
        if act.opens:
            result.addSeparator()
        if act.within and act.within not in inner:
            inner[act.within] = result.addMenu(act.within)
            inner[act.within].setToolTipsVisible(True)
        inner.get(act.within, result).addAction(actions[act.id])
    return result
