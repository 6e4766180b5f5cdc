"""What is drawn is the document, whatever happened before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from nodeforge.app.canvas import Canvas
from nodeforge.app.canvas.badge import said
from nodeforge.app.canvas.face import GAP, THUMB, Face, face, shown, wrapped
from nodeforge.app.canvas.items import Card
from nodeforge.app.canvas.paint import Look, picture
from nodeforge.app.canvas.scenery import FAR
from nodeforge.app.session import Session
from nodeforge.app.state import RunState
from nodeforge.app.theme import DARK, LIGHT, Theme
from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, Frame, Node, NodeId, Note
from nodeforge.graph.spec import Dice, Number, Param, StageSpec
from tests.app.canvas.conftest import BLUR, GRID, LOAD, SPECS, B, G, L, drawn, links, three

IDS = [NodeId(name) for name in "lbgxyz"]
STAGES = (LOAD.id, BLUR.id, GRID.id, "gone.stage")
edit = st.tuples(
    st.sampled_from(["add", "remove", "wire", "cut", "mute", "move", "expose", "set", "undo"]),
    st.sampled_from(IDS),
    st.sampled_from(IDS),
    st.integers(0, 3),
)


def edited(document: Document, act: str, one: NodeId, two: NodeId, number: int) -> Document:
    """One of the edits, or the same document where it makes no sense."""
    if act == "add":
        return document.add(Node(one, STAGES[number], at=(number * 200.0, number * 90.0)))
    if act == "wire":
        return wired(document, one, two, number)
    if one not in document.nodes:
        return document
    acts: dict[str, Callable[[], Document]] = {
        "remove": lambda: document.remove(one),
        "cut": lambda: document.disconnect(one, "image"),
        "mute": lambda: document.mute(number > 1, one),
        "move": lambda: document.move({one: (number * 50.0, 10.0)}),
        "expose": lambda: document.expose(one, "radius", number > 0),
        "set": lambda: document.set(one, prompt="word " * number * 9),
    }
    return acts[act]()


def wired(document: Document, one: NodeId, two: NodeId, number: int) -> Document:
    output, entry = ("image", "mask")[number % 2], ("image", "images", "mask", "radius")[number]
    try:
        return document.connect(one, output, two, entry, many=entry == "images")
    except BadLink:
        return document


def sight(canvas: Canvas) -> dict[NodeId, tuple[Face, float, float, frozenset[str], bool]]:
    """All that can be seen of the nodes."""
    return {
        id: (card.look.face, card.x(), card.y(), card.look.wired, card.look.selected)
        for id, card in canvas.cards.items()
    }


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(edit, max_size=14))
def test_after_any_edits_the_drawing_is_that_of_a_fresh_canvas(
    qtbot: QtBot, edits: list[tuple[str, NodeId, NodeId, int]]
) -> None:
    session = Session(SPECS)
    session.new(three())
    canvas = Canvas(session, DARK)
    for act, one, two, number in edits:
        if act == "undo":
            session.undo()
        else:
            session.edit(act, edited(session.document, act, one, two, number))
        session.select([one])
    fresh = Canvas(session, DARK)
    assert drawn(canvas) == drawn(fresh)
    assert drawn(canvas) <= links(session)
    assert sight(canvas) == sight(fresh)
    assert canvas.undo_stack().count() == 0
    for each in (canvas, fresh):
        each.widget.grab()
        each.close()
    session.close()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None cannot run out of references")
def test_no_call_into_qt_takes_a_reference_from_none(canvas: Canvas) -> None:
    before = sys.getrefcount(None)
    for _ in range(500):
        canvas.widget.viewport().update()
        canvas.cards[B].update()
    assert sys.getrefcount(None) > before - 50


def test_a_canvas_closes_with_a_paint_pending(qtbot: QtBot) -> None:
    for _ in range(3):
        session = Session(SPECS)
        session.new(three())
        canvas = Canvas(session, DARK)
        canvas.widget.show()
        canvas.widget.viewport().update()
        canvas.close()
        session.edit("after", session.document.remove(B))
        session.close()


def test_a_new_document_takes_the_place_of_the_old(canvas: Canvas, session: Session) -> None:
    session.new(Document().add(Node(B, GRID.id), Frame(NodeId("f")), Note(NodeId("n"))))
    assert set(canvas.cards) == {B}
    assert set(canvas.scenery.boards) == {"f", "n"}
    session.new()
    assert not canvas.cards
    assert not canvas.scenery.boards


def test_an_unknown_stage_keeps_its_wires_and_comes_alive(canvas: Canvas, session: Session) -> None:
    document = session.document.add(Node(NodeId("u"), "pack.magic"))
    document = document.connect(L, "image", NodeId("u"), "picture")
    session.edit("", document.connect(NodeId("u"), "glow", B, "image"))
    card = canvas.cards[NodeId("u")]
    assert not card.look.face.known
    assert len(drawn(canvas)) == 2
    session.specs = {**session.specs, "pack.magic": replace(BLUR, id="pack.magic", title="Magic")}
    session.offered.emit()
    assert card.look.face.title == "Magic"
    session.edit("", document.remove(NodeId("u")))


def test_wires_take_the_colour_of_stages_that_are_known_later(
    canvas: Canvas, session: Session
) -> None:
    known = session.specs
    session.specs = {}
    session.offered.emit()
    canvas.widget.grab()
    session.specs = known
    session.offered.emit()
    shot = canvas.widget.grab().toImage()
    for pipe in canvas.scenery.pipes:
        middle = canvas.widget.mapFromScene(pipe.path().pointAtPercent(0.5))
        assert shot.pixelColor(middle) == DARK.type_colour("image")


def test_what_is_at_fault_lies_above_its_neighbours(canvas: Canvas, session: Session) -> None:
    session.states[B] = RunState("error", message="Too large: make it smaller.")
    session.stated.emit(B)
    below = canvas.cards[B].box.bottomLeft()
    session.edit("", session.document.move({L: (below.x(), below.y() - 30)}))
    session.select([L])
    spot = below + QPointF(40, -10)
    found = canvas.widget.scene().items(spot)
    assert next(item for item in found if isinstance(item, Card)) is canvas.cards[B]
    session.states[B] = RunState("idle")
    session.stated.emit(B)
    found = canvas.widget.scene().items(spot)
    assert next(item for item in found if isinstance(item, Card)) is canvas.cards[L]


def test_the_state_of_a_run_is_shown(canvas: Canvas, session: Session) -> None:
    look = canvas.cards[B].look
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    session.states[B] = RunState("running", fraction=0.5, step=3, steps=6, thumb=image)
    session.stated.emit(B)
    card = canvas.cards[B]
    assert card.look.pictured
    assert card.look.box.height() == look.box.height() + THUMB + GAP
    assert said(card.look) == ("", "50\u2009%", "heat")
    shot = canvas.widget.grab().toImage()
    at = canvas.widget.mapFromScene(card.pos() + card.look.face.picture.center())
    assert shot.pixelColor(at).red() > 200


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState("cached", seconds=0.84), ""),
        (RunState("cached", seconds=0.01), ""),
        (RunState("will run", seconds=2), "2.0 s"),
        (RunState("queued", place=2), "2nd"),
        (RunState("missing", message="Waits for Decode, which cannot run."), "blocked"),
        (
            RunState("missing", message="Needs an image.", fixes=("Connect Decode",)),
            "needs an image",
        ),
        (RunState("error", message="The folder does not exist. " * 9), "1 problem"),
        (RunState(), ""),
    ],
)
def test_every_state_has_its_badge(qtbot: QtBot, theme: Theme, state: RunState, words: str) -> None:
    look = Look(face(Node(B, BLUR.id), BLUR), state, selected=True)
    assert said(look)[1] == words
    assert bool(look.apron) == (state.phase == "error" or bool(state.fixes))
    assert not picture(theme, look, 1.0, 2.0).isNull()


def test_values_read_as_an_artist_writes_them(qtbot: QtBot) -> None:
    assert shown(BLUR.param["seed"], 831204771) == "831\u2009204\u2009771"
    assert shown(BLUR.param["radius"], 0.5) == "0.5"
    rows = face(Node(G, BLUR.id, values={"radius": 5.0, "prompt": "a " * 200}), BLUR)
    assert [row.label for row in rows.rows] == ["radius", "seed"]
    assert rows.rows[0].fill == 0.5
    assert len(rows.lines) == 3


def test_long_words_and_many_lines_end_in_an_ellipsis(qtbot: QtBot) -> None:
    assert wrapped("one two", 1000, 3) == ("one two",)
    assert wrapped("a\nb\nc\nd", 1000, 3)[2].endswith("…")
    assert wrapped("x" * 300, 100, 3)[0].endswith("…")


def test_a_long_name_is_worth_more_than_the_time(qtbot: QtBot) -> None:
    """Where both have no room, the dot stays and the seconds go."""

    def shown_at(title: str, seconds: float) -> QImage:
        look = Look(
            face(Node(B, BLUR.id, title=title), BLUR), RunState("will run", seconds=seconds)
        )
        image = picture(DARK, look, 1.0, 1.0).toImage()
        return image.copy(0, 0, image.width(), 44)

    long = "Negative prompt of mine"
    assert shown_at(long, 4.8) == shown_at(long, 0.0)
    assert shown_at("Blur", 4.8) != shown_at("Blur", 0.0)


def test_a_place_on_a_node_is_that_of_a_value() -> None:
    shown_node = Node(B, BLUR.id, values={"radius": 2.0, "prompt": "one two"})
    made = face(shown_node, BLUR)
    row = next(row for row in made.rows if row.name == "seed")
    assert made.value_at(row.box.center()) == "seed"
    assert made.value_at(made.values["prompt"].center()) == "prompt"
    assert made.value_at(QPointF(row.box.center().x(), row.box.bottom() + 1)) == ""
    assert made.value_at(QPointF(100, 10)) == ""
    folded = face(replace(shown_node, collapsed=True), BLUR)
    assert folded.values == {}


def test_only_a_changed_value_is_marked_and_only_ends_with_a_meaning_make_a_bar() -> None:
    sizes = Number(8, 64, bar=False)
    spec = StageSpec(
        "x.y", "Y", "x", "",
        params=(
            Param("radius", Number(0, 10), 5.0), Param("side", sizes, 8), Param("seed", Dice(), 0),
        ),
    )  # fmt: skip
    made = face(Node(B, spec.id, values={"radius": 5.0, "seed": 3}), spec)
    assert [(row.name, row.fill, row.changed) for row in made.rows] == [
        ("radius", 0.5, False),
        ("side", None, False),
        ("seed", None, True),
    ]


def test_a_prompt_can_be_read_from_further_away_than_the_rest(qtbot: QtBot) -> None:
    """Labels and values to 60 %, the prompt, in larger letters, to 40 %."""

    def ink(scale: float, **values: str | float) -> bytes:
        look = Look(face(Node(B, BLUR.id, values=values), BLUR), RunState())
        image = picture(DARK, look, scale, 1.0).toImage()  # its bits are gone with it
        return bytes(image.constBits())

    for scale in (1.0, 0.6):
        assert ink(scale, radius=3.0) != ink(scale, radius=3.1)
        assert ink(scale, prompt="a cat") != ink(scale, prompt="a dog")
    for scale in (0.59, 0.4):
        assert ink(scale, seed=3) == ink(scale, seed=4)
        assert ink(scale, prompt="a cat") != ink(scale, prompt="a dog")
    assert FAR == 0.4, "from here nodes are rectangles"
    small, large = DARK.font("nodeText").pixelSize(), DARK.font("nodeTextFar").pixelSize()
    assert large >= 1.5 * small
