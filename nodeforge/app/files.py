"""New, open, save and recover, with what must be asked before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from nodeforge import resources
from nodeforge.app import settings
from nodeforge.app.frame import boxes
from nodeforge.app.frame.boxes import Choice
from nodeforge.app.recovery import Recovery
from nodeforge.app.session import Session
from nodeforge.app.toasts import Banner
from nodeforge.app.words import tr
from nodeforge.errors import NodeForgeError
from nodeforge.graph import file
from nodeforge.graph.document import Document
from nodeforge.graph.journal import read
from nodeforge.interop.metadata import graph_of, is_picture
from nodeforge.interop.portable import among, restored
from nodeforge.models.entry import Entry

NAMES = "NodeForge graphs (*.nodeforge);;All files (*)"
OPENED = "Graphs, and pictures that hold one (*.nodeforge *.png *.jpg *.jpeg *.webp);;All files (*)"


class Answer(Enum):
    """What is to become of unsaved changes."""

    Save = auto()
    Discard = auto()
    Cancel = auto()


class Files(QObject):
    """ask: what to do with unsaved changes; ask_runs: whether runs that wait may be given up;
    others in tests. models: those that are known here."""

    def __init__(self, session: Session, recovery: Recovery, banner: Banner, host: QWidget) -> None:
        super().__init__(host)
        self.session, self.recovery, self.banner, self.host = session, recovery, banner, host
        self.ask: Callable[[], Answer] = self._ask
        self.models: Callable[[], Iterable[Entry]] = tuple
        self._found: Path | None = None
        self.ask_runs: Callable[[], bool] = self._ask_runs
        session.opened.connect(self._forget)
        banner.yes.clicked.connect(self._keep)
        banner.no.clicked.connect(self._discard)

    def new(self) -> None:
        if self.may_leave():
            self.session.new()

    def ask_open(self) -> None:
        start = str(self.session.path.parent) if self.session.path else str(Path.home())
        name, _ = QFileDialog.getOpenFileName(self.host, tr("Open a graph"), start, OPENED)
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Open a graph; a template is opened as a copy without a file, so it stays as it is, and
        so is the graph in a picture."""
        if is_picture(path):
            return self._open_picture(path)
        if not self.may_leave():
            return False
        if path.resolve().is_relative_to(resources.path("graphs").resolve()):
            return self._open_copy(path)
        if not self.session.open(path):
            return False
        settings.remember(path)
        self.look_back(path)
        return True

    def show_copy(self, document: Document, picture: Path) -> bool:
        """Show a document that came in a picture; it has no file of its own. Its files are looked
        for by their names and contents: among the models, and beside the picture."""
        if not self.may_leave():
            return False
        find = among(self.models, [picture.absolute().parent])
        self.session.new(restored(document, self.session.specs, find), picture.stem)
        return True

    def _open_picture(self, path: Path) -> bool:
        try:
            document, left_out = graph_of(path)
        except NodeForgeError as error:
            self.session.told.emit("error", str(error), "")
            return False
        if not self.show_copy(document, path):
            return False
        settings.remember(path)
        if left_out:
            words = tr("Parts of this graph could not be read.")
            self.session.told.emit("warn", words, "\n".join(left_out))
        return True

    def _open_copy(self, path: Path) -> bool:
        try:
            self.session.new(file.load(path), path.stem)
        except NodeForgeError as error:
            self.session.told.emit("error", str(error), "")
            return False
        return True

    def save(self) -> bool:
        if self.session.path is None:
            return self.save_as()
        return self._saved(None)

    def save_as(self) -> bool:
        start = self.session.path or Path.home() / f"{self.session.name}{file.SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self.host, tr("Save the graph"), str(start), NAMES)
        if not name:
            return False
        path = Path(name)
        return self._saved(path if path.suffix else path.with_suffix(file.SUFFIX))

    def _saved(self, path: Path | None) -> bool:
        if not self.session.save(path):
            return False
        if self.session.path is not None:
            settings.remember(self.session.path)
            self.session.told.emit("done", tr("Saved {}.").format(self.session.path.name), "")
        return True

    def rename(self, name: str) -> bool:
        """Call the graph so: its file too, if it has one. False, and why is told, if it cannot."""
        path = self.session.path
        wrong = ""
        if name in (".", "..") or any(sign in name for sign in "/\\\0") or len(name) > 200:
            wrong = tr("A name cannot have a slash, and not more than 200 letters.")
        elif path is not None:
            target = path.with_name(name + path.suffix)
            wrong = _move(path, target)
            if not wrong:
                self.session.path = target
                settings.remember(target)
        else:
            self.session.untitled = name
        if wrong:
            self.session.told.emit("error", wrong, "")
        self.session.titled.emit()
        return not wrong

    def may_leave(self) -> bool:
        """Whether the document may be replaced: it is saved, or the artist said what to do.

        What is not saved stays noted down until another document really is in its place.
        """
        self.session.settling.emit()
        if self.session.runs.waiting and not self.ask_runs():
            return False
        if not self.session.dirty:
            return True
        match self.ask():
            case Answer.Save:
                return self.save()
            case Answer.Discard:
                return True
            case _:
                return False

    def _ask_runs(self) -> bool:
        many = len(self.session.runs.waiting)
        words = tr("{} more runs wait. Give them up?").format(many)
        title = tr("One more run waits. Give it up?") if many == 1 else words
        choices = (
            Choice(Answer.Discard, tr("&Give up"), "quiet"),
            Choice(Answer.Cancel, tr("&Stay"), "primary"),
        )
        said = tr("What was made and saved so far stays.")
        return boxes.ask(self.host, title, said, choices, Answer.Cancel) == Answer.Discard

    def _ask(self) -> Answer:
        choices = (
            Choice(Answer.Discard, tr("&Don't save"), "quiet"),
            Choice(Answer.Cancel, tr("&Cancel")),
            Choice(Answer.Save, tr("&Save"), "primary"),
        )
        title = tr("Save the changes to {}?").format(self.session.name)
        return boxes.ask(self.host, title, tr("What is not saved is lost."), choices, Answer.Cancel)

    # What a crash left behind

    def look_back(self, path: Path | None = None) -> None:
        """Offer what another start, now gone, had not saved of this file (none: of no file)."""
        for journal, recovered in self.recovery.left_behind(path):
            if recovered.document == self.session.document or not recovered.document.nodes:
                self.recovery.discard(journal)
                continue
            name = recovered.file.stem if recovered.file else "an unsaved graph"
            self._found = journal
            self.banner.ask(f"Recovered {name}: NodeForge ended before it was saved.")
            return

    def _forget(self) -> None:
        """The question was asked beside another document; the next start asks again."""
        self.banner.hide()
        self._found = None

    def _keep(self) -> None:
        journal = self._found
        if journal is None or not self.may_leave():
            return
        self._forget()
        try:
            recovered = read(journal)
        except NodeForgeError as error:
            self.session.told.emit("error", str(error), "")
            return
        self.session.adopt(recovered.document, recovered.file)
        self.recovery.write()
        self.recovery.discard(journal)

    def _discard(self) -> None:
        self.banner.hide()
        journal, self._found = self._found, None
        if journal is not None:
            self.recovery.discard(journal)


def _move(path: Path, target: Path) -> str:
    """Give a file another name; why it cannot have it, or nothing."""
    if target.exists():
        return tr("There is a {} already: choose another name.").format(target.name)
    try:
        path.rename(target)
    except OSError as error:
        why = error.strerror or str(error)
        return tr("{} cannot be renamed: {}.").format(path.name, why)
    return ""
