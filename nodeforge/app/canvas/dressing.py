"""A field that lies on the canvas, in letters as large as those under it."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetricsF

from nodeforge.app.canvas.face import PADDING
from nodeforge.app.fields import ChoiceField, Field, PromptField, WordsField
from nodeforge.app.numberline import NumberLine
from nodeforge.app.theme import Theme, css_font

LEAST = 11  # pixels of a letter; from further away it is as large as this
ABOVE = 6  # from the edge of a text to its first line, as it is painted
TALL = 9  # lines of a prompt, before it scrolls
EDGE = 1  # px of a line around a field


def dress(made: Field | NumberLine, theme: Theme, zoom: float) -> None:
    """In letters as large as those of the row."""
    plain = isinstance(made, WordsField | ChoiceField)
    font = theme.font("nodeText" if plain else "nodeValueChanged")
    pixels = max(LEAST, round(font.pixelSize() * zoom))
    side, above = max(round(PADDING * zoom) - EDGE, 0), 0
    if isinstance(made, WordsField):
        margin = round(made.words.document().documentMargin())
        side, above = max(side - margin, 0), max(round(ABOVE * zoom) - EDGE - margin, 0)
    ground, ink = theme.colour("field").name(), theme.colour("text").name()
    hand, wrong = theme.colour("hand").name(), theme.colour("error").name()
    sheet = (
        f"QLineEdit, QPlainTextEdit, QComboBox {{ font: {int(font.weight())} {pixels}px "
        f'"{font.family()}"; color: {ink}; background: {ground}; border: {EDGE}px solid {hand};'
        f" border-radius: 4px; padding: {above}px {side}px; margin: 0; min-height: 0; }}"
        "QComboBox { combobox-popup: 0; }"  # its list opens below, and is as long as it may be
        f"QComboBox QAbstractItemView {{ font: {css_font('menu')}; }}"
        f'QLineEdit[wrong="true"] {{ border-color: {wrong}; }}'
        f'QLabel[role="fault"] {{ background: {theme.colour("raised").name()}; '
        "border-radius: 4px; padding: 2px 6px; }"
    )
    if made.property("dressed") != sheet:
        made.setProperty("dressed", sheet)
        made.setStyleSheet(sheet)


def grown(made: WordsField, box: QRect) -> QRect:
    """High enough for its lines, up to some; then it scrolls."""
    words = made.words
    words.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    words.setFixedWidth(box.width())
    made.resize(box.size())
    lines = round(words.document().size().height())
    if lines > TALL:
        words.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    around = words.height() - words.viewport().height()
    margin = round(2 * words.document().documentMargin()) + around
    line = QFontMetricsF(words.font()).lineSpacing()
    high = max(box.height(), ceil(min(max(lines, 1), TALL) * line) + margin)
    words.setFixedHeight(high)
    fault = made.fault if isinstance(made, PromptField) else None
    extra = fault.heightForWidth(box.width()) + 4 if fault and not fault.isHidden() else 0
    return box.adjusted(0, 0, 0, high + extra - box.height())
