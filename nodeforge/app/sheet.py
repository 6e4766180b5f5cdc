"""What the window's own panels add to the theme's style sheet."""

from __future__ import annotations

from string import Template

from nodeforge.app.theme import Theme, css_font

FONTS = ("body", "changed", "panelTitle", "pageTitle", "strong")
# The font is named here again: a label under a styled parent would else fall back to Qt's own.
SHEET = Template("""
QLabel, QLineEdit, QPlainTextEdit, QComboBox, QMenu { font: $body; }
QLabel[role="dim"] { color: $text2; }
QLabel[role="faint"] { color: $text3; }
QLabel[role="fault"] { color: $error; }
QLabel[role="label"] { color: $text2; }
QLabel[role="label"][changed="true"] { color: $text; font: $changed; }
QLabel[role="heading"] { font: $panelTitle; }
QLabel[role="title"] { font: $pageTitle; }
QLabel[role="strong"] { font: $strong; }
QLabel[role="wired"] {
  color: $text2; background: $panel; border: 1px dashed $line; border-radius: 6px;
  padding: 0 10px; min-height: 26px;
}
QLineEdit[field="true"], QComboBox[field="true"] { min-height: 24px; }
QLineEdit[changed="true"], QComboBox[changed="true"] { font: $changed; }
#topBar, #statusBar { background: $panel; }
#topBar { border-bottom: 1px solid $void; }
#statusBar { border-top: 1px solid $void; }
#library, #side { background: $panel; }
#viewerEmpty { background: $viewer; }
#viewerEmpty QLabel { color: $viewerText; }
#stateLine { border-top: 1px solid $void; background: $panel; }
#details { font-family: monospace; font-size: 11px; }
#toast { background: $raised; border: 1px solid $lineStrong; border-radius: 8px; }
#memory, #forecast { background: $raised; border: 1px solid $lineStrong; }
#banner { background: $handFill; }
#banner QLabel { color: $onHandFill; }
#searchList { background: transparent; border: none; }
#searchList::item { padding: 0; }
QTreeWidget::item, QTreeWidget::item:hover, QTreeWidget::item:selected {
  background: transparent; padding: 0; border: none;
}
#shortcuts QLabel { padding: 2px 0; }
""")


def sheet(theme: Theme) -> str:
    names = (
        "text", "text2", "text3", "panel", "line", "lineStrong", "void", "viewer", "raised",
        "handFill", "onHandFill", "error",
    )  # fmt: skip
    colours = {name: theme.colour(name).name() for name in names}
    fonts = {role: css_font(role) for role in FONTS}
    return SHEET.substitute(colours, **fonts, viewerText="#ABAFBA" if theme.dark else "#F2F2F2")
