"""Section 4: pictures go out, remember what they are, and come back."""

from __future__ import annotations

from PIL import Image as Pil
from PySide6.QtWidgets import QApplication, QFileDialog

from tests.app.conftest import SAMPLE
from tests.app.walk.walker import Walker


def walk(walker: Walker) -> None:
    walker.here.begin()
    walker.hands.click(walker.void())
    walker.hands.keys("ctrl+Return")
    view = walker.window.viewer.view
    walker.until(lambda: view.image is not None and view.image.width() == 256)
    saved(walker)


def dialog() -> QFileDialog | None:
    open_ = (each for each in QApplication.topLevelWidgets() if isinstance(each, QFileDialog))
    return next((each for each in open_ if each.isVisible()), None)


def saved(walker: Walker) -> None:
    walker.say("Save the picture: other programs read in it how it was made")
    hands, session, path = walker.hands, walker.session, walker.folder / "castle-kept.png"
    graph = session.document
    hands.answer(dialog, ("key", "ctrl+a"), ("type", path), ("key", "Return"))
    hands.keys("ctrl+alt+s")
    walker.until(path.exists)
    walker.until(lambda: dialog() is None)
    with Pil.open(path) as picture:
        text = str(picture.info["parameters"])
    assert text.splitlines()[-1].startswith("Steps: 3, Sampler: DPM++ 2M")
    assert "Seed: 12" in text
    walker.say("Open that picture: its graph is back")
    session.new(name="empty")
    hands.answer(dialog, ("key", "ctrl+a"), ("type", path), ("key", "Return"))
    hands.keys("ctrl+o")
    walker.until(lambda: SAMPLE in session.document.nodes)
    walker.until(lambda: session.document.nodes.keys() == graph.nodes.keys())
    walker.until(lambda: session.document.nodes[SAMPLE].values == graph.nodes[SAMPLE].values)
