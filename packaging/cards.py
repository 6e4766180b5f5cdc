"""`python packaging/cards.py`: the pictures of the templates, made of what each takes and makes.

Every template is run, and what differs is laid side by side: the sketch and the picture, the lines
and the picture, the masked place and what stands there now, without and with a style. Run it again
after a template or the model in the box has changed; it writes resources/graphs/cards.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPainterPath, QPen, QPixmap

from nodeforge import resources
from nodeforge.app.theme import DARK
from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.messages import Event, Failed, Finished, Start
from nodeforge.graph import file
from nodeforge.graph.document import Document, NodeId
from nodeforge.stages.library import Library
from nodeforge.values import Image, Mask

SIZE = (640, 462)  # px: the card's picture of 208 x 150, for a screen of 300 %
SLANT = 26  # px by which the line between two halves leans


class Runs:
    """Runs documents on one cache, so that a model is loaded once."""

    def __init__(self) -> None:
        self.library, self.cache = Library.installed(), MemoryCache()

    def made(self, document: Document, *wanted: str) -> list[QImage]:
        """What these nodes make."""
        keys: dict[str, str] = {}

        def hear(event: Event) -> None:
            if isinstance(event, Failed):
                raise SystemExit(f"{event.node}: {event.message}")
            if isinstance(event, Finished):
                keys[str(event.node)] = event.key

        targets = tuple(NodeId(id) for id in wanted)
        execute(Start(1, document, targets), self.library, self.cache, hear)
        return [self._image(keys[id]) for id in wanted]

    def _image(self, key: str) -> QImage:
        entry = self.cache.get(key)
        assert entry is not None
        (result, *_) = entry.results
        if isinstance(result, Mask):
            return picture(np.repeat(result.alpha[0][..., None], 3, axis=2))
        assert isinstance(result, Image)
        return picture(result.pixels[0][..., :3])


def picture(pixels: NDArray[np.float32]) -> QImage:
    """From (height, width, 3), 0 to 1."""
    bytes8 = np.ascontiguousarray(np.clip(pixels * 255 + 0.5, 0, 255).astype(np.uint8))
    height, width, _ = bytes8.shape
    made = QImage(bytes8.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888)
    return made.convertToFormat(QImage.Format.Format_RGB32)


def part(image: QImage, zoom: float = 1.0, sharp: bool = False, up: float = 0.5) -> QImage:
    """The card's part of a picture. zoom: how near. up: 0 for the top of it, 1 for the bottom."""
    width = image.width() / zoom
    height = min(width * SIZE[1] / SIZE[0], float(image.height()))
    box = QRectF((image.width() - width) / 2, (image.height() - height) * up, width, height)
    way = Qt.TransformationMode.FastTransformation if sharp else SMOOTH
    return image.copy(box.toAlignedRect()).scaled(*SIZE, Qt.AspectRatioMode.IgnoreAspectRatio, way)


def beside(before: QImage, after: QImage) -> QImage:
    """The one at the left, the other at the right of a leaning line."""
    card = before.copy()
    painter = QPainter(card)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle, height = SIZE[0] / 2, SIZE[1]
    right = QPainterPath(QPointF(middle + SLANT, 0))
    for point in ((SIZE[0], 0), (SIZE[0], height), (middle - SLANT, height)):
        right.lineTo(*point)
    right.closeSubpath()
    painter.setClipPath(right)
    painter.drawImage(0, 0, after)
    painter.setClipping(False)
    for width, colour in ((9.0, QColor(0, 0, 0, 90)), (4.5, QColor("white"))):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(middle + SLANT, -4), QPointF(middle - SLANT, height + 4))
    painter.end()
    return card


def masked(image: QImage, mask: QImage) -> QImage:
    """The picture with the mask's colour over what is to be drawn anew, and a white outline."""
    card, cover = image.copy(), QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    cover.fill(DARK.type_colour("Mask"))
    light = mask.scaled(image.size(), Qt.AspectRatioMode.IgnoreAspectRatio, SMOOTH)
    cover.setAlphaChannel(light.convertToFormat(QImage.Format.Format_Grayscale8))
    painter = QPainter(card)
    painter.setOpacity(0.52)
    painter.drawImage(0, 0, cover)
    painter.setOpacity(1.0)
    painter.setPen(QPen(QColor("white"), 4))
    for y in range(light.height()):
        for x in range(1, light.width()):
            here, left = (
                light.pixelColor(x, y).value() > 127,
                light.pixelColor(x - 1, y).value() > 127,
            )
            above = light.pixelColor(x, max(y - 1, 0)).value() > 127
            if here != left or here != above:
                painter.drawPoint(x, y)
    painter.end()
    return card


def worded(image: QImage, words: str) -> QImage:
    """With words in a chip at the lower left."""
    card = image.copy()
    painter = QPainter(card)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = DARK.font("nodeTitle")
    font.setPixelSize(34)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(words) + 44
    box = QRectF(24, SIZE[1] - 92, width, 66)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(DARK.colour("hud"))
    painter.drawRoundedRect(box, 15, 15)
    painter.setPen(QColor("#ECEDF0"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return card


def graph(name: str) -> Document:
    return file.load(resources.path(f"graphs/{name}.nodeforge"))


def cards() -> dict[str, QImage]:
    runs = Runs()
    made: dict[str, QImage] = {}
    words, draft = graph("text-to-image"), graph("draft")
    (told,) = runs.made(words, "decode")
    made["text-to-image"] = worded(part(told, up=0.0), "a dragon …")
    sketch, drawn = runs.made(graph("image-to-image"), "picture", "decode")
    made["image-to-image"] = beside(part(sketch), part(drawn))
    lines, led = runs.made(graph("control"), "edges", "decode")
    made["control"] = beside(part(lines), part(led))
    before, mask, after = runs.made(graph("inpaint"), "picture", "mask", "blend")
    made["inpaint"] = beside(part(masked(before, mask), up=0.0), part(after, up=0.0))
    rough, fine = runs.made(graph("finish"), "decode", "resize")
    made["finish"] = beside(part(rough, 2.4, sharp=True, up=0.4), part(fine, 2.4, up=0.4))
    steps = draft.nodes[NodeId("sample")].values["steps"]
    (quick,) = runs.made(draft, "decode")
    made["draft"] = worded(part(quick, up=0.0), f"{steps} steps")
    style = graph("blueprint")
    (plain,) = runs.made(style.mute(True, NodeId("lora")), "decode")
    (styled,) = runs.made(style, "decode")
    made["blueprint"] = beside(part(plain), part(styled))
    return made


def main() -> None:
    app = QGuiApplication([])
    QPixmap(1, 1)  # only where pictures can be drawn
    folder = resources.path("graphs/cards")
    folder.mkdir(exist_ok=True)
    for name, card in cards().items():
        small = card.convertToFormat(QImage.Format.Format_RGB32)
        small.save(str(folder / f"{name}.jpg"), "JPG", 90)
    app.quit()


SMOOTH = Qt.TransformationMode.SmoothTransformation

if __name__ == "__main__":
    main()
