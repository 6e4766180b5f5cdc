"""The runs that wait behind the one that goes on: how many, and a menu to let go of them."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from nodeforge.app.actions import Act
from nodeforge.app.controls import Button
from nodeforge.app.runs import Job, Runs
from nodeforge.app.session import Session
from nodeforge.app.theme import Theme
from nodeforge.app.words import tr
from nodeforge.graph.document import NodeId
from nodeforge.graph.spec import Dice


class Waiting(Button):
    """Seen only while something waits."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(theme, "", "clock", "default")
        self.session = session
        self.setFixedHeight(30)
        self.clicked.connect(self.pop)
        session.runs.changed.connect(self.count)
        self.count()

    @property
    def runs(self) -> Runs:
        return self.session.runs

    def count(self) -> None:
        """Say how many wait."""
        many = len(self.runs.waiting)
        waits = many and not (self.runs.job is None and many == 1)  # the one the worker starts for
        words = tr("{} more").format(many)
        self.setText(words)
        said = tr("1 more run waits") if many == 1 else tr("{} more runs wait").format(many)
        self.setToolTip(tr("{}; a click shows them").format(said))
        self.setAccessibleName(said)
        self.setVisible(bool(waits))
        self.updateGeometry()

    def menu(self) -> QMenu:
        """A row for each, which lets go of it, and one for all."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for place, job in enumerate(self.runs.waiting, 1):
            row = menu.addAction(tr("Do not run {}").format(self._title(place, job)))
            row.triggered.connect(lambda _=False, job=job: self.runs.drop(job))
        menu.addSeparator()
        menu.addAction(tr("Run none of these")).triggered.connect(self.runs.clear)
        return menu

    def pop(self) -> None:
        self.menu().popup(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def _title(self, place: int, job: Job) -> str:
        """By what sets it apart: where it ends, and its seed."""
        parts = [f"{place}. {job.title}"]
        parts += [self._name(job, id) for id in job.targets[:1]]
        specs = self.session.specs
        for node in job.document.nodes.values():
            spec = specs.get(node.stage)
            for param in spec.params if spec else ():
                if isinstance(param.kind, Dice) and param.name not in node.links:
                    seed = node.values.get(param.name, param.default)
                    return " · ".join([*parts, tr("seed {}").format(seed)])
        return " · ".join(parts)

    def _name(self, job: Job, id: NodeId) -> str:
        node = job.document.nodes[id]
        spec = self.session.specs.get(node.stage)
        return tr("to {}").format(node.title or (spec.title if spec else node.stage))


def dress_cancel(button: Button, runs: Runs) -> None:
    """Cancel, as it is now: done at once, it says so; after a while it ends the engine."""
    words = tr("Stopping…") if runs.stopping else tr("Cancel")
    words = tr("Stop the engine now") if runs.stuck else words
    tip = tr("Stop the run after this step (Esc)")
    if runs.stuck:
        tip = tr("End what does not listen; what was made is kept (Esc)")
    button.setText(words)
    button.setAccessibleName(words)
    button.setToolTip(tip)
    button.setEnabled(runs.stuck or not runs.stopping)
    button.updateGeometry()


def stopping_words(runs: Runs) -> str:
    """That Cancel was heard, and what waits."""
    words = tr("Stopping after this step…")
    if many := len(runs.waiting):
        waits = tr("1 more run waits") if many == 1 else tr("{} more runs wait").format(many)
        words = f"{words} · {waits}"
    return words


def waiting_acts(session: Session) -> tuple[Act, ...]:
    """What can be done beside waiting."""
    return (
        Act(
            "replace",
            tr("Run now, in place of the run that goes on"),
            session.runs.replace,
            ("Alt+Return", "Alt+Enter"),
            "",
            "Run",
        ),
        Act(
            "clear_waiting",
            tr("Give up the runs that wait"),
            session.runs.clear,
            (),
            "",
            "Run",
            enabled=lambda: bool(session.runs.waiting),
            why=tr("No run waits."),
        ),
    )
