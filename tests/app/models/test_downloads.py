"""The download page against a hub on this machine: looked at, fetched, paused, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from nodeforge.app import settings
from nodeforge.app.models.downloads import FOLDER, TOKEN, Downloads
from nodeforge.app.theme import DARK
from nodeforge.models import hub, transfer
from tests.app.models.conftest import Shelf
from tests.models.hub_server import FOLDER as FILES
from tests.models.hub_server import Hub, serving
from tests.models.test_hub import WANTED


@pytest.fixture
def server() -> Iterator[Hub]:
    with serving(Hub()) as found:
        yield found


@pytest.fixture
def page(server: Hub, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Downloads:
    monkeypatch.setattr(hub, "token", lambda: "")
    settings.put(FOLDER, str(tmp_path))
    settings.put(TOKEN, "")
    page = Downloads(None, DARK, server.address)
    qtbot.addWidget(page)
    page.show()
    return page


def looked(page: Downloads, qtbot: QtBot, text: str = "org/name") -> None:
    page.id.setText(text)
    with qtbot.waitSignal(page._looked):
        page.ask()


def test_nothing_is_asked_before_the_artist_does(page: Downloads, server: Hub) -> None:
    page.id.setText("org/name")
    assert server.asked == []
    assert not page.start.isEnabled()


def test_what_would_come_is_shown_and_nothing_fetched(
    page: Downloads, server: Hub, qtbot: QtBot, tmp_path: Path
) -> None:
    looked(page, qtbot)
    assert [file.name for file in page.wanted()] == WANTED
    assert page.about.text() == "org/name · licence: openrail++"
    assert page.room.text().startswith(f"1.0 MB into {tmp_path}, where ")
    rows = [page.files.item(n) for n in range(page.files.count())]
    others = [row.text() for row in rows if row.checkState() == Qt.CheckState.Unchecked]
    assert others == [
        "unet/diffusion_pytorch_model.safetensors   1.2 MB",
        "v1.safetensors   10 kB",
    ]
    assert len(server.asked) == 1


def test_a_model_comes_over_and_is_told_of(page: Downloads, qtbot: QtBot, tmp_path: Path) -> None:
    looked(page, qtbot)
    with qtbot.waitSignal(page.arrived) as came:
        page.begin()
    assert came.args == [tmp_path / "org--name"]
    assert (tmp_path / "org--name" / "model_index.json").read_bytes() == FILES["model_index.json"]
    assert page.bar.value() == page.bar.maximum()
    assert "is here" in page.said.text()


def begun(page: Downloads, server: Hub) -> None:
    """A file is on its way, and stands still."""
    server.stalled.clear()
    server.go.clear()
    page.begin()
    assert server.stalled.wait(10)


def test_pause_then_on_then_cancel(
    page: Downloads, server: Hub, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paused twice; Cancel then leaves nothing on the disk."""
    monkeypatch.setattr(transfer, "CHUNK", 10)
    server.stall = 15
    looked(page, qtbot)
    part = tmp_path / "org--name/model_index.json.part"
    sizes = [0]
    for _ in range(2):
        begun(page, server)
        with qtbot.waitSignal(page._ended):
            page.hold()
            assert page.said.text() == "Stopping…"
            server.go.set()
        assert page.said.text() == "Paused. Download goes on from here."
        assert page.start.isEnabled()
        sizes.append(part.stat().st_size)
        assert FILES["model_index.json"].startswith(part.read_bytes())
    assert sizes[0] < sizes[1] < sizes[2]
    assert [asked[1] for asked in server.asked[1:]] == ["", f"bytes={sizes[1]}-"]
    page.drop()
    assert not list(tmp_path.rglob("*.part"))
    assert page.said.text() == "Cancelled."
    assert not page.cancel.isEnabled()


def test_cancel_does_not_wait_for_a_line_that_is_dead(
    page: Downloads, server: Hub, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "CHUNK", 10)
    server.stall = 15
    looked(page, qtbot)
    begun(page, server)
    with qtbot.waitSignal(page._ended):
        page.drop()
        assert page.said.text() == "Stopping…"
        assert not page.cancel.isEnabled()
        server.go.set()
    assert page.said.text() == "Cancelled."
    assert not list(tmp_path.rglob("*.part"))
    assert page.start.isEnabled()


def test_a_model_behind_terms_wants_a_token(page: Downloads, server: Hub, qtbot: QtBot) -> None:
    server.gated = {"org/name"}
    page.id.setText("org/name")
    with qtbot.waitSignal(page._ended):
        page.ask()
    assert "agree to its terms" in page.said.text()
    assert page.look.isEnabled()
    page.token.setText("secret")
    page.token.editingFinished.emit()
    assert settings.text(TOKEN) == "secret"
    looked(page, qtbot)
    assert page.wanted()


def test_words_that_are_no_model(page: Downloads, server: Hub, qtbot: QtBot) -> None:
    page.id.setText("what is this")
    with qtbot.waitSignal(page._ended):
        page.ask()
    assert "is no id of a model" in page.said.text()
    assert server.asked == []


def test_the_page_opens_from_the_menu_and_what_came_is_looked_through(
    shelf: Shelf, tmp_path: Path
) -> None:
    window = shelf.desk.window
    window.actions_by_id["models_download"].trigger()
    page = window.supply.downloads
    assert page is not None
    assert page.isVisible()
    (tmp_path / "came").mkdir()
    with shelf.qtbot.waitSignal(shelf.stock.busy, check_params_cb=lambda on: not on):
        page.arrived.emit(tmp_path / "came" / "model")
    assert tmp_path / "came" in [place.path for place in shelf.stock.places]
