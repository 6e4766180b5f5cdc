"""Lucide icons in any colour and size, drawn sharp for the screen they are on."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from nodeforge import resources
from nodeforge.app.theme.tokens import Theme

STROKE = "1.75"
FALLBACK = "puzzle"  # for an icon name of some pack that Lucide (or our part of it) has not


def icon(name: str, colour: QColor | str, size: int = 16, ratio: float = 1.0) -> QPixmap:
    """Drawn in one colour. size: logical pixels. ratio: the screen's device pixel ratio."""
    return _drawn(name, QColor(colour).name(QColor.NameFormat.HexArgb), size, ratio)


pixmap = icon


def qicon(name: str, theme: Theme, colour: str = "text2", size: int = 16) -> QIcon:
    """For buttons and menus; `colour` is a token. Dimmed where the action is off."""
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(icon(name, theme.colour(colour), size, ratio))
        off = theme.colour("text3")
        off.setAlphaF(0.55)
        result.addPixmap(icon(name, off, size, ratio), QIcon.Mode.Disabled)
    return result


@lru_cache(maxsize=2048)
def _drawn(name: str, argb: str, size: int, ratio: float) -> QPixmap:
    colour = QColor(argb)
    source = _source(name).replace('stroke-width="2"', f'stroke-width="{STROKE}"')
    source = source.replace("currentColor", colour.name())
    picture = QPixmap(QSize(size, size) * ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setOpacity(colour.alphaF())
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    path = resources.path(f"icons/{name}.svg")
    if not name.replace("-", "").isalnum() or not path.is_file():
        path = resources.path(f"icons/{FALLBACK}.svg")
    return path.read_text("utf-8")
