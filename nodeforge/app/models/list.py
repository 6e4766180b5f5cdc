"""The list of models: rows of one height, painted, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nodeforge.app.models.pictures import Pictures
from nodeforge.app.theme import Theme, icon
from nodeforge.app.words import tr
from nodeforge.base import units
from nodeforge.models.entry import Entry
from nodeforge.models.kinds import (
    CHECKPOINT,
    CONTROL,
    DENOISER,
    EMBEDDING,
    LORA,
    TEXT,
    UNKNOWN,
    UPSCALER,
    VAE,
)
from nodeforge.models.search import haystack, order

ROW, THUMB = 48, 34
ENTRY, DIM = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
ICONS = {
    CHECKPOINT: "box",
    DENOISER: "box",
    TEXT: "type",
    VAE: "aperture",
    LORA: "layers",
    CONTROL: "spline",
    EMBEDDING: "hash",
    UPSCALER: "scaling",
}
OF_A_FAMILY = (CHECKPOINT, DENOISER, LORA, UNKNOWN)  # where it must be known to be used
_PLACE = QModelIndex()


def _none(entry: Entry) -> bool:
    return False


class Rows(QAbstractListModel):
    """All entries, or those that a search and the two choices leave.

    carry: what a drag of an entry carries. dims: whether an entry does not fit what is asked for.
    """

    def __init__(self, carry: Callable[[Entry], QMimeData | None] | None = None) -> None:
        super().__init__()
        self.carry = carry
        self.dims: Callable[[Entry], bool] = _none
        self.shown: list[Entry] = []
        self._all: list[tuple[tuple[int, str, str], str, Entry]] = []
        self._known: dict[str, tuple[tuple[int, str, str], str, Entry]] = {}
        self._asked: tuple[list[str], frozenset[str], str] = ([], frozenset(), "")

    def fill(self, entries: Mapping[str, Entry]) -> None:
        old = self._known
        self._known = {
            path: known
            if (known := old.get(path)) is not None and known[2] is entry
            else (order(entry), haystack(entry), entry)
            for path, entry in entries.items()
        }
        self._all = sorted(self._known.values(), key=lambda known: known[0])
        self._show()

    def ask(self, text: str, kinds: frozenset[str] = frozenset(), family: str = "") -> None:
        """Show what has all these words, is of one of these kinds (none: any) and this family."""
        self._asked = (text.lower().split(), kinds, family)
        self._show()

    def _show(self) -> None:
        words, kinds, family = self._asked
        self.beginResetModel()
        found = [
            entry
            for _, hay, entry in self._all
            if (not kinds or entry.kind.kind in kinds)
            and (not family or entry.family == family)
            and all(word in hay for word in words)
        ]
        self.shown = sorted(found, key=self.dims) if self.dims is not _none else found
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _PLACE) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not 0 <= index.row() < len(self.shown):
            return None
        entry = self.shown[index.row()]
        if role == ENTRY:
            return entry
        if role == DIM:
            return self.dims(entry)
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(entry)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.name, *facts(entry)) if part)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:
        entries = [index.data(ENTRY) for index in indexes]
        made = self.carry(entries[0]) if self.carry and entries else None
        return made or QMimeData()


def facts(entry: Entry) -> tuple[str, ...]:
    """What the second line of a row says, the family first."""
    kind = entry.kind
    if entry.away:
        return (tr("its disk is away"),)
    if entry.fault:
        return (tr("damaged"),)
    variant = kind.variant or ("" if entry.badge else kind.release)
    first = entry.badge or (tr("unknown") if kind.kind in OF_A_FAMILY else "")
    told = kind.precision or ("pickle" if entry.pickle else "")
    words = (first, variant, told, units.amount(entry.size))
    return tuple(word for word in words if word)


def tip(entry: Entry) -> str:
    """All that is known, in a few lines."""
    lines = [entry.beside.title or entry.name, f"{entry.kind.kind} · {' · '.join(facts(entry))}"]
    if entry.fault:
        lines.append(entry.fault)
    if not entry.family and entry.kind.kind in OF_A_FAMILY:
        lines.append(tr("Its family cannot be told: choose one in its menu (right click)."))
    if entry.pickle:
        lines.append(tr("A pickle could run any program when opened: get it in safetensors."))
    if entry.beside.words:
        lines.append(tr("Words: {}").format(", ".join(entry.beside.words[:12])))
    lines += [text for text in (entry.remark, entry.beside.notes[:300]) if text]
    return "\n".join([*lines, entry.path])


class Painter(QStyledItemDelegate):
    """A picture or an icon, the name, and below it a badge with the family and the facts."""

    def __init__(self, view: QListView, theme: Theme, pictures: Pictures) -> None:
        super().__init__(view)
        self.theme, self.pictures = theme, pictures

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry = index.data(ENTRY)
        if not isinstance(entry, Entry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRect(option.rect)
        self._ground(painter, option, box)
        if index.data(DIM) or entry.away:
            painter.setOpacity(0.45)
        self._thumb(painter, entry, QRect(box.left() + 12, box.top() + 7, THUMB, THUMB))
        self._words(painter, entry, box.adjusted(12 + THUMB + 8, 6, -10, -6))
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect) -> None:
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if not chosen and not state & QStyle.StateFlag.State_MouseOver:
            return
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        ground = "raised" if chosen and not focused else "handFill" if chosen else "hover"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour(ground))
        painter.drawRoundedRect(box.adjusted(8, 1, -8, -1), 6, 6)

    def _thumb(self, painter: QPainter, entry: Entry, box: QRect) -> None:
        theme = self.theme
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(box), 5, 5)
        if (picture := self.pictures.picture(entry.beside.picture)) is not None:
            painter.save()
            painter.setClipPath(shape)
            painter.drawPixmap(box, picture)
            painter.restore()
            return
        painter.fillPath(shape, theme.colour("field"))
        broken = bool(entry.fault)
        name = "triangle-alert" if broken else ICONS.get(entry.kind.kind, "info")
        colour = theme.colour("warn") if broken else self._colour(entry)
        painter.drawPixmap(box.center() - QPoint(7, 7), icon(name, colour, 16))

    def _colour(self, entry: Entry) -> QColor:
        types = {CHECKPOINT: "Model", DENOISER: "Model", LORA: "Model", CONTROL: "Control"}
        types[UPSCALER] = "Image"
        type = types.get(entry.kind.kind)
        return self.theme.type_colour(type) if type else self.theme.colour("text2")

    def _words(self, painter: QPainter, entry: Entry, box: QRect) -> None:
        theme = self.theme
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("text"))
        right = Qt.TextElideMode.ElideRight
        name = QFontMetrics(theme.font("body")).elidedText(entry.name, right, box.width())
        upper = QRect(box.left(), box.top(), box.width(), 18)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, name)
        lower = QRect(box.left(), box.bottom() - 16, box.width(), 16)
        first, *rest = facts(entry)
        measure = QFontMetrics(theme.font("caption"))
        if entry.badge and not entry.away and not entry.fault:
            wide = measure.horizontalAdvance(first) + 10
            chip = QRect(lower.left(), lower.top(), wide, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tint("idle"))
            painter.drawRoundedRect(chip, 4, 4)
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.colour("text"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, first)
            lower.setLeft(lower.left() + wide + 6)
        else:
            rest = [first, *rest]
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("warn" if entry.fault or entry.away else "text2"))
        line = measure.elidedText(" · ".join(rest), right, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, line)


def dress(view: QListView, rows: Rows, theme: Theme, pictures: Pictures) -> Painter:
    """Make a view show rows as they are meant."""
    view.setModel(rows)
    view.setUniformItemSizes(True)
    view.setMouseTracking(True)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFrameShape(QListView.Shape.NoFrame)
    painter = Painter(view, theme, pictures)
    view.setItemDelegate(painter)
    pictures.ready.connect(view.viewport().update)
    return painter
