"""The download page: an id is pasted, what would come is shown, and it comes when it is asked for.

The hub is asked on threads of this page's; the window hears of them by signals.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from nodeforge.app import settings
from nodeforge.app.controls import Button
from nodeforge.app.frame.dialog import Dialog
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.base.units import amount, clock
from nodeforge.errors import Cancelled, NodeForgeError
from nodeforge.models import hub, transfer
from nodeforge.models.hub import File, Offer
from nodeforge.models.transfer import Status, Transfer

TOKEN, FOLDER = "models/token", "models/downloads"
WEIGHTS = (".safetensors", ".gguf")
BYTES = 1000  # steps of the bar


class Downloads(Dialog):
    """arrived: the path of a model that came over. host: another hub's address."""

    arrived: Any = Signal(object)
    _looked: Any = Signal(object, object)
    _heard: Any = Signal(object)
    _ended: Any = Signal(object, object)

    def __init__(self, parent: QWidget | None, theme: Theme, host: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Download a model"))
        self.host = host
        self.offer: Offer | None = None
        self.transfer: Transfer | None = None
        self._thread: threading.Thread | None = None
        self._dropped = False
        self.id = QLineEdit(placeholderText=tr("org/name, or the address of a model's page"))
        self.id.setAccessibleName(tr("Model"))
        self.look = Button(theme, tr("Look"), "search", kind="default")
        self.token = QLineEdit(settings.text(TOKEN), echoMode=QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText(tr("Token: only for models behind terms"))
        self.token.setAccessibleName(tr("Token of the hub"))
        self.about, self.room, self.said = QLabel(), QLabel(), QLabel(wordWrap=True)
        self.about.setProperty("role", "strong")
        self.room.setProperty("role", "dim")
        self.files = QListWidget()
        self.files.setAccessibleName(tr("Files"))
        self.folder = Button(theme, tr("Folder…"), "folder-open")
        self.bar = QProgressBar(maximum=BYTES, textVisible=False)
        self.bar.setAccessibleName(tr("How far the download is"))
        self.speed = QLabel()
        self.speed.setProperty("role", "dim")
        self.start = Button(theme, tr("Download"), "download", kind="primary")
        self.pause = Button(theme, tr("Pause"), kind="default")
        self.cancel = Button(theme, tr("Cancel"))
        self._arrange()
        self._connect()
        self._refresh()
        self.usual = self.start
        self.fit(QSize(560, 480))

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        line = QHBoxLayout()
        line.addWidget(self.id, 1)
        line.addWidget(self.look)
        column.addLayout(line)
        column.addWidget(self.token)
        column.addWidget(self.about)
        column.addWidget(self.files, 1)
        where = QHBoxLayout()
        where.addWidget(self.room, 1)
        where.addWidget(self.folder)
        column.addLayout(where)
        column.addWidget(self.bar)
        foot = QHBoxLayout()
        foot.addWidget(self.speed, 1)
        for button in (self.cancel, self.pause, self.start):
            foot.addWidget(button)
        column.addWidget(self.said)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.id.setProperty("enters", True)
        self.id.returnPressed.connect(self.ask)
        self.look.clicked.connect(self.ask)
        self.token.editingFinished.connect(lambda: settings.put(TOKEN, self.token.text().strip()))
        self.files.itemChanged.connect(lambda _: self._refresh())
        self.folder.clicked.connect(self._choose_folder)
        self.start.clicked.connect(self.begin)
        self.pause.clicked.connect(self.hold)
        self.cancel.clicked.connect(self.drop)
        self._looked.connect(self._show_offer)
        self._heard.connect(self._show_status)
        self._ended.connect(self._end)

    # Looking

    def ask(self) -> None:
        """Look the model up; nothing of it is fetched."""
        if self.busy:
            return
        text, token, host = self.id.text(), self._token(), self.host

        def work() -> None:
            try:
                wanted = hub.wish(text)
                offer = hub.look(wanted, token, host)
                self._looked.emit(offer, hub.needed(offer, wanted.file))
            except NodeForgeError as error:
                self._ended.emit(None, error)

        self.offer = self.transfer = None
        self.files.clear()
        self.about.clear()
        self._say(tr("Asking the hub…"))
        self._work(work)

    def _show_offer(self, offer: Offer, needed: tuple[File, ...]) -> None:
        self._thread = None
        self.offer = offer
        licence = offer.licence or tr("not told")
        self.about.setText(tr("{} · licence: {}").format(offer.id, licence))
        self.files.blockSignals(True)
        for file in offer.files:
            if file in needed or file.name.endswith(WEIGHTS):
                row = QListWidgetItem(f"{file.name}   {amount(file.size)}")
                row.setData(Qt.ItemDataRole.UserRole, file)
                ticked = Qt.CheckState.Checked if file in needed else Qt.CheckState.Unchecked
                row.setCheckState(ticked)
                self.files.addItem(row)
        self.files.blockSignals(False)
        self._say("")
        self._refresh()

    def wanted(self) -> list[File]:
        """The ticked files."""
        rows = [self.files.item(n) for n in range(self.files.count())]
        on = Qt.CheckState.Checked
        return [row.data(Qt.ItemDataRole.UserRole) for row in rows if row.checkState() == on]

    # Fetching

    def begin(self) -> None:
        """Fetch the ticked files, or go on with them."""
        if self.busy or self.offer is None or not self.wanted():
            return
        made = Transfer(self.offer, self.wanted(), self._place(), self._token(), self.host)
        made.news = self._heard.emit
        self.transfer = made

        def work() -> None:
            try:
                self._ended.emit(made.run(), None)
            except (NodeForgeError, Cancelled) as error:
                self._ended.emit(None, error)

        self._say("")
        self._work(work)

    def hold(self) -> None:
        """Pause: what came stays, and Download goes on from there."""
        if self.transfer is not None:
            self.transfer.stop()
            if self.busy:
                self._say(tr("Stopping…"))

    def drop(self) -> None:
        """Stop, and take away what is not whole: at once, or when the thread has heard of it, which
        takes as long as a line that went dead is waited for."""
        if self.transfer is None:
            return
        self._dropped = True
        self.transfer.stop()
        if self.busy:
            self._say(tr("Stopping…"))
            self._refresh()
        else:
            self._discard()

    def _discard(self) -> None:
        if self.transfer is not None:
            self.transfer.discard()
        self.transfer, self._dropped = None, False
        self.bar.setValue(0)
        self.speed.clear()
        self._say(tr("Cancelled."))
        self._refresh()

    def _show_status(self, status: Status) -> None:
        self.bar.setValue(status.done * BYTES // max(status.total, 1))
        words = tr("{} of {} · {}/s").format(
            amount(status.done), amount(status.total), amount(status.speed)
        )
        if status.left is not None:
            words += " · " + tr("{} left").format(clock(status.left))
        self.speed.setText(words)

    def _end(self, place: Path | None, error: Exception | None) -> None:
        self._thread = None
        if place is not None:
            self._say(tr("“{}” is here.").format(place.name))
            self.bar.setValue(BYTES)
            self.arrived.emit(place)
        elif self._dropped:
            self._discard()
        elif isinstance(error, Cancelled):
            self._say(tr("Paused. Download goes on from here."))
        elif error is not None:
            self._say(str(error), "fault")
        self._refresh()

    # Around

    @property
    def busy(self) -> bool:
        return self._thread is not None

    def _work(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name="download", daemon=True)
        self._thread.start()
        self._refresh()

    def _place(self) -> Path:
        assert self.offer is not None
        home = Path(settings.text(FOLDER) or transfer.home())
        return home / self.offer.id.replace("/", "--")

    def _choose_folder(self) -> None:
        home = settings.text(FOLDER) or str(transfer.home())
        if chosen := QFileDialog.getExistingDirectory(self, tr("Where to"), home):
            settings.put(FOLDER, chosen)
            self._refresh()

    def _token(self) -> str:
        return self.token.text().strip() or hub.token()

    def _say(self, words: str, role: str = "dim") -> None:
        self.said.setProperty("role", role)
        self.said.style().polish(self.said)
        self.said.setText(words)

    def _refresh(self) -> None:
        files = self.wanted()
        self.look.setEnabled(not self.busy)
        self.files.setEnabled(not self.busy)
        self.start.setEnabled(not self.busy and bool(files))
        held = self.transfer is not None and not self._dropped
        self.pause.setEnabled(self.busy and held)
        self.cancel.setEnabled(held)
        home = Path(settings.text(FOLDER) or transfer.home())
        words = tr("{} into {}, where {} are free").format(
            amount(sum(file.size for file in files)), home, amount(transfer.free(home))
        )
        self.room.setText(words if files else "")

    def closeEvent(self, event: QCloseEvent) -> None:
        """A download that runs is paused: what came stays."""
        self.hold()
        if self._thread is not None:
            self._thread.join(timeout=2)
        super().closeEvent(event)
