"""Digit keys on layouts where a digit needs Shift: Ctrl and the key itself count as Ctrl and the
digit, as in other programs. On a French keyboard Ctrl+& is Ctrl+1."""

from __future__ import annotations

import sys

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence

Key, Modifier = Qt.Key, Qt.KeyboardModifier
HELD = Modifier.ControlModifier | Modifier.AltModifier | Modifier.MetaModifier
DIGITS = tuple(range(Key.Key_0.value, Key.Key_9.value + 1))
# The row of digits from 1 to 9 and 0: X11 and Wayland count from 10, PC keyboards from 2; a Mac
# numbers its keys in an order of its own (kVK_ANSI_1 to kVK_ANSI_0 of Apple's Events.h).
X11, PC = range(10, 20), range(2, 12)
MAC = (18, 19, 20, 21, 23, 22, 26, 28, 25, 29)


def digit_of(event: QKeyEvent) -> int | None:
    """The digit on a key of the row above the letters, whatever the key gives on this layout."""
    if event.modifiers() & Modifier.KeypadModifier:
        return None
    if sys.platform == "darwin":
        row, code = MAC, event.nativeVirtualKey()
    else:
        windows = QGuiApplication.platformName() == "windows"
        row, code = tuple(PC if windows else X11), event.nativeScanCode()
    return (row.index(code) + 1) % 10 if code in row else None


class Digits:
    """What the layout gives instead of digits, as far as was seen: keys to digits."""

    def __init__(self) -> None:
        self.keys: dict[int, int] = {}

    def learn(self, event: QKeyEvent) -> bool:
        """See which key was pressed; whether that was news."""
        digit, key, keys = digit_of(event), event.key(), event.modifiers()
        if digit is None or not keys & HELD or keys & Modifier.GroupSwitchModifier:
            return False
        plain = not keys & Modifier.ShiftModifier
        if self.keys.get(key, digit) != digit or (plain and key in DIGITS and self.keys):
            self.keys = {}  # the layout is another
            return True
        if not plain or key in DIGITS or key in self.keys:
            return False
        self.keys = {**self.keys, key: digit}
        return True

    def also(self, key: QKeyCombination) -> list[QKeySequence]:
        """What else is this key, if it is a digit."""
        digit = key.key().value - DIGITS[0]
        if key.key().value not in DIGITS or not key.keyboardModifiers() & HELD:
            return []
        held = key.keyboardModifiers()
        others = (Qt.Key(each) for each, means in self.keys.items() if means == digit)
        return [QKeySequence(QKeyCombination(held, other)) for other in others]
