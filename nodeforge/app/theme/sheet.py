"""Fusion, one palette and one style sheet, all filled from the tokens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from nodeforge.app.theme.icons import icon
from nodeforge.app.theme.tokens import DARK, LIGHT, TOKENS, Theme

Role = QPalette.ColorRole
ROLES = {
    Role.Window: "panel",
    Role.WindowText: "text",
    Role.Base: "field",
    Role.AlternateBase: "panel",
    Role.Text: "text",
    Role.PlaceholderText: "text3",
    Role.Button: "raised",
    Role.ButtonText: "text",
    Role.BrightText: "error",
    Role.Highlight: "handFill",
    Role.HighlightedText: "onHandFill",
    Role.ToolTipBase: "raised",
    Role.ToolTipText: "text",
    Role.Link: "hand",
    Role.Light: "hover",
    Role.Midlight: "raised",
    Role.Mid: "line",
    Role.Dark: "void",
    Role.Shadow: "void",
    Role.Accent: "hand",
}
PICTURES = (
    *("chevron-down", "chevron-right", "check", "x", "folder", "folder-open", "image"),
    *("file-plus", "list", "grid-2x2", "chevron-left", "hard-drive"),
)

SHEET = Template("""
* { outline: none; }
QWidget { color: $text; }
QMainWindow, QDialog { background: $panel; }
QMainWindow::separator { width: 1px; height: 1px; background: $void; }
QMainWindow::separator:hover { background: $hand; }
QSplitter::handle { background: $void; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QDockWidget { color: $text; background: $panel; border: none; }
QStatusBar { background: $panel; color: $text2; border: none; min-height: 26px; }
QStatusBar::item { border: none; }
QLabel { background: transparent; }
QToolTip { background: $raised; color: $text; border: 1px solid $lineStrong; padding: 4px 6px; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
  background: $field; color: $text; border: 1px solid $line; border-radius: 6px;
  selection-background-color: $handFill; selection-color: $onHandFill;
}
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 26px; padding: 0 8px; }
QPlainTextEdit, QTextEdit { padding: 4px 6px; }
QLineEdit:hover, QPlainTextEdit:hover, QTextEdit:hover, QAbstractSpinBox:hover, QComboBox:hover {
  border-color: $lineStrong;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border-color: $hand;
}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"] { border-color: $error; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { color: $text3; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$chevron_down"); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
  background: $raised; border: 1px solid $lineStrong; padding: 4px;
  selection-background-color: $handFill; selection-color: $onHandFill;
}

QLineEdit { lineedit-clear-button-icon: url("$x"); }
QFileDialog {
  file-icon: url("$image"); directory-icon: url("$folder"); directory-closed-icon: url("$folder");
  directory-open-icon: url("$folder_open"); directory-link-icon: url("$folder");
  file-link-icon: url("$image"); home-icon: url("$folder"); desktop-icon: url("$folder");
  computer-icon: url("$hard_drive"); harddisk-icon: url("$hard_drive");
  filedialog-parent-directory-icon: url("$folder_open");
  filedialog-new-directory-icon: url("$file_plus");
  filedialog-detailedview-icon: url("$list"); filedialog-listview-icon: url("$grid_2x2");
  filedialog-backward-icon: url("$chevron_left"); filedialog-start-icon: url("$chevron_right");
  backward-icon: url("$chevron_left"); forward-icon: url("$chevron_right");
}
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }

QPushButton {
  background: $raised; color: $text; border: 1px solid $line; border-radius: 6px;
  min-height: 26px; padding: 0 12px;
}
QPushButton:hover { background: $hover; border-color: $lineStrong; }
QPushButton:pressed { background: $field; }
QPushButton:focus { border-color: $hand; }
QPushButton:disabled { color: $text3; }
QPushButton:default, QPushButton[kind="primary"] {
  background: $handFill; color: $onHandFill; border-color: $handFill;
}
QPushButton[kind="heat"] { background: $heat; color: $onHeat; border-color: $heat; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: $text2; }
QToolButton {
  background: transparent; color: $text2; border: none; border-radius: 6px; padding: 4px;
}
QToolButton:hover { background: $hover; color: $text; }
QToolButton:pressed, QToolButton:checked { background: $field; color: $text; }

QMenuBar { background: $panel; color: $text2; }
QMenuBar::item { padding: 6px 10px; border-radius: 6px; background: transparent; }
QMenuBar::item:selected { background: $hover; color: $text; }
QMenu { background: $raised; color: $text; border: 1px solid $lineStrong; padding: 4px; }
QMenu::item { min-height: 28px; padding: 0 28px 0 10px; border-radius: 5px; }
QMenu::item:selected { background: $handFill; color: $onHandFill; }
QMenu::item:disabled { color: $text3; background: transparent; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }

QTabWidget::pane { border: none; background: $panel; }
QTabBar { background: $panel; qproperty-drawBase: 0; }
QTabBar::tab {
  background: $panel; color: $text2; padding: 0 10px; min-height: 32px; margin: 0 2px;
  border: none; border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $hand; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $lineStrong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $text3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; }

QTreeView, QListView, QTableView {
  background: $panel; color: $text; border: none; show-decoration-selected: 1;
}
QTreeView::item, QListView::item { min-height: 26px; border-radius: 6px; padding: 0 4px; }
QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected { background: $raised; color: $text; }
QListView#completions { background: $raised; border: 1px solid $lineStrong; padding: 4px; }
QFrame#wordHint { background: $raised; border: 1px solid $lineStrong; }
QListView#completions::item:selected { background: $handFill; color: $onHandFill; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url("$chevron_right"); }
QTreeView::branch:has-children:open { image: url("$chevron_down"); }
QHeaderView::section { background: $panel; color: $text3; border: none; padding: 4px 8px; }

QProgressBar { background: $field; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk {
  border-radius: 2px;
  background: qlineargradient(x1:0, x2:1, stop:0 $heat, stop:1 $heatEnd);
}
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $hand; }
QSlider::handle:horizontal {
  width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: $text;
}
QCheckBox { spacing: 8px; background: transparent; }
QCheckBox::indicator {
  width: 14px; height: 14px; border-radius: 4px; border: 1px solid $lineStrong; background: $field;
}
QCheckBox::indicator:checked { background: $hand; border-color: $hand; image: url("$check"); }
QCheckBox::indicator:focus { border-color: $hand; }
""")


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole application. May be called again with the other theme."""
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(theme.font("body"))
    app.setPalette(palette(theme))
    app.setStyleSheet(sheet(theme))


def palette(theme: Theme) -> QPalette:
    result = QPalette()
    for role, name in ROLES.items():
        result.setColor(role, theme.colour(name))
    off = QPalette.ColorGroup.Disabled
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        result.setColor(off, role, theme.colour("text3"))
    return result


def sheet(theme: Theme) -> str:
    words = {name: _css(theme.colour(name)) for name in TOKENS["dark"]}
    pictures = {name.replace("-", "_"): _file(name, theme) for name in PICTURES}
    return SHEET.substitute(words, **pictures)


def system_theme(app: QApplication) -> Theme:
    """What the desktop asks for; dark where it does not say."""
    return LIGHT if app.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK


def follow_system(app: QApplication, wear: Callable[[Theme], None]) -> None:
    """Call `wear` with the theme whenever the desktop changes between dark and light."""
    app.styleHints().colorSchemeChanged.connect(lambda _: wear(system_theme(app)))


def _css(colour: QColor) -> str:
    return f"rgba({colour.red()},{colour.green()},{colour.blue()},{colour.alpha()})"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A style sheet takes pictures only from files; they go when the process ends."""
    return tempfile.TemporaryDirectory(prefix="nodeforge-")


@cache
def _file(name: str, theme: Theme) -> str:
    colour = theme.colour("void" if name == "check" else "text2")
    path = Path(_folder().name) / f"{name}-{theme.name}.png"
    icon(name, colour, 14, 2.0).save(str(path))
    return path.as_posix()
