"""How one node stands: what the last run or the last plan said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from PySide6.QtGui import QImage

from nodeforge.app.words import tr
from nodeforge.engine.messages import Face, Failed, Finished, Picture, Progress

Phase: TypeAlias = Literal["idle", "cached", "will run", "queued", "running", "error", "missing"]


@dataclass(frozen=True)
class RunState:
    """phase "missing": it cannot run, and `message` says why. fraction: 0 to 1.

    seconds: what making it took. thumb: the last picture, kept while a new one is made; stale:
    it is from before the last edit. count: pictures in the batch; size: of the full picture, in
    pixels. place: 1 for the node that is next in the queue. text: shown where there is no picture.
    fixes: what would mend a node that cannot run, in a few words each. held: bytes of memory under
    the results. asked: how many runs needed it; hits: how many found it made.
    doing: what goes on while no steps are counted. at_fault: it is itself in the way, and does
    not only wait for what is.
    """

    phase: Phase = "idle"
    fraction: float = 0.0
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    message: str = ""
    details: str = ""
    fixes: tuple[str, ...] = ()
    thumb: QImage | None = None
    key: str = ""
    stale: bool = False
    place: int = 0
    count: int = 1
    size: tuple[int, int] = (0, 0)
    text: str = ""
    held: int = 0
    asked: int = 0
    hits: int = 0
    doing: str = ""
    at_fault: bool = False


IDLE = RunState()


def doing_words(doing: str, step: int, steps: int) -> str:
    """What goes on: "Loading the model…", "step 13 of 20", or nothing that is known."""
    if steps and not doing:
        return tr("step {} of {}").format(step, steps)
    return f"{tr(doing)}…" if doing else ""


def calm(state: RunState, phase: Phase, **changes: Any) -> RunState:
    """The state in another phase, without the progress and words of the one before."""
    plain = {"fraction": 0.0, "step": 0, "steps": 0, "message": "", "details": "", "place": 0}
    rest = {"fixes": (), "doing": "", "at_fault": False}
    return replace(state, phase=phase, **{**plain, **rest, **changes})


def progressed(state: RunState, event: Progress) -> RunState:
    """While it runs; a node never slides backwards."""
    fraction = event.fraction
    if state.phase == "running":
        fraction = max(fraction, state.fraction)
    step, steps, doing = event.step, event.steps, event.doing
    running = calm(state, "running", fraction=fraction, step=step, steps=steps, doing=doing)
    if event.preview is None:
        return running
    return replace(running, **_shown(event.preview), stale=False)


def finished(state: RunState, event: Finished) -> RunState:
    done = calm(state, "cached", seconds=event.seconds, key=event.key, text=event.text, stale=False)
    asked, hits = state.asked + 1, state.hits + event.cached
    done = replace(done, held=event.held, asked=asked, hits=hits)
    if event.picture is not None:
        return replace(done, **_shown(event.picture))
    return done if event.key == state.key else replace(done, thumb=None, count=1, size=(0, 0))


def faced(state: RunState, event: Face) -> RunState:
    """A result that was made before is seen again; a sink stays as it is, with the picture."""
    known = replace(state, key=event.key, stale=False)
    if state.phase == "cached":
        known = replace(known, seconds=event.seconds, text=event.text, held=event.held)
    if event.picture is not None:
        return replace(known, **_shown(event.picture))
    return replace(known, thumb=None, count=1, size=(0, 0))


def failed(state: RunState, event: Failed) -> RunState:
    return calm(
        state,
        "error",
        message=event.message,
        details=event.details,
        stale=state.thumb is not None,
        at_fault=True,
    )


def planned(state: RunState, fate: str, key: str = "", at_fault: bool = False) -> RunState:
    """What a run would do: the fate is "cached", "run" or why it cannot run.

    key: of what the node will show; what it shows under another one is from before an edit.
    """
    old = state.thumb is not None
    if old and key:
        old = key != state.key if state.key else state.stale
    if fate == "cached":
        old = old and bool(key)
        if state.phase == "cached":
            return replace(state, stale=old)
        return calm(state, "cached", stale=old)
    if fate == "run":
        return calm(state, "will run", stale=old)
    return calm(state, "missing", message=fate, stale=old, at_fault=at_fault)


def _shown(picture: Picture) -> dict[str, Any]:
    image = QImage.fromData(picture.data)
    return {
        "thumb": None if image.isNull() else image,
        "size": (picture.width, picture.height),
        "count": picture.count,
    }
