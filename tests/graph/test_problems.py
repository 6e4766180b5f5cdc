from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given

from nodeforge.errors import BadValue
from nodeforge.graph.document import Document
from nodeforge.graph.problems import check_link, problems
from nodeforge.graph.spec import File, Text
from tests.graph.samples import SPECS, chain, documents, n, node, picture


def found(document: Document, id: str) -> list[tuple[str, str]]:
    return [(each.kind, each.message) for each in problems(document, SPECS).get(n(id), [])]


def test_a_sound_document_has_no_problems() -> None:
    assert problems(picture(), SPECS) == {}


@pytest.mark.parametrize(
    ("stage", "messages"),
    [
        ("guide.prompt", ["Needs a model: connect a Load model node to it."]),
        ("finish.view", ["Needs an image: connect a Load image node to it."]),
        (
            "generate.sample",
            [
                "Needs a model: connect a Load model node to it.",
                "Needs conditioning on positive: connect a Prompt node to it.",
                "Needs a latent: connect an Empty latent node to it.",
            ],
        ),
        ("any.relay", ["Needs something on thing: connect a node that makes it."]),
    ],
)
def test_a_missing_input_says_which_node_to_connect(stage: str, messages: list[str]) -> None:
    document = Document().add(node("x", stage))
    assert found(document, "x") == [("missing_input", message) for message in messages]
    assert found(document.mute(True, n("x")), "x") == []


def test_a_muted_node_that_passes_nothing_on_is_named_by_the_one_that_needs_it() -> None:
    document = picture().mute(True, n("sharp"))
    assert problems(document, SPECS) == {}
    document = document.mute(True, n("load"))
    assert found(document, "view") == [
        (
            "missing_input",
            "Needs an image, but Sharpen is muted and has nothing to pass on: "
            "unmute it or connect another.",
        )
    ]


def test_an_unknown_stage_is_one_problem_and_its_wires_are_taken_as_they_are() -> None:
    document = picture().add(node("sharp", "pack.glow", "odd=load.image", amount=1))
    assert list(problems(document, SPECS)) == [n("sharp")]
    assert found(document, "sharp") == [
        (
            "unknown_stage",
            "pack.glow is not installed: install the pack it came from, or delete the node.",
        )
    ]


def test_a_node_newer_than_its_stage_is_one_problem() -> None:
    document = picture()
    document = document.add(replace(document.nodes[n("sharp")], version=3, values={"new": 1}))
    assert found(document, "sharp") == [
        (
            "newer_stage",
            "Made with a newer Sharpen (version 3, here 1): update the pack nodeforge.",
        )
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": 0}, "Change steps: 0 is not between 1 and 150."),
        ({"steps": 2.5}, "Change steps: 2.5 is not a whole number."),
        ({"steps": "many"}, "Change steps: 'many' is not a number."),
        ({"steps": True}, "Change steps: True is not a number."),
        ({"steps": float("nan")}, "Change steps: nan is not a number."),
        ({"steps": float("inf")}, "Change steps: inf is not a number."),
        ({"steps": 10**5000}, "Change steps: a number this large is not between 1 and 150."),
        ({"sampler": "magic"}, "Change sampler: 'magic' is not one of ddim, euler."),
    ],
)
def test_a_bad_value_says_what_is_allowed(values: dict[str, int], message: str) -> None:
    document = Document().add(node("x", "generate.sample", **values))
    bad = [each for each in problems(document, SPECS)[n("x")] if each.kind == "bad_value"]
    assert [(each.message, each.param) for each in bad] == [(message, *values)]


def test_a_value_driven_by_a_wire_is_not_looked_at() -> None:
    document = picture().add(
        node("number", "source.number"),
        node("sharp", "picture.sharpen", "image=load.image", "amount=number.number", amount=99),
    )
    assert problems(document, SPECS) == {}


@pytest.mark.parametrize(
    ("wires", "kind", "message"),
    [
        (["image=gone.image"], "bad_link", "The node that fed image is gone: connect another."),
        (
            ["image=load.picture"],
            "bad_link",
            "Load image no longer has the output picture: connect image anew.",
        ),
        (
            ["image=load.image", "image=sharp.image"],
            "bad_link",
            "Takes one wire on image: take the others away.",
        ),
        (
            ["image=load.image", "odd=load.image"],
            "bad_link",
            "View has no input called odd: take its wire away.",
        ),
        (
            ["image=latent.latent"],
            "bad_type",
            "Takes an image on image, not a latent: put Decode between them.",
        ),
        (
            ["image=text.text"],
            "bad_type",
            "Takes an image on image, not text: connect another.",
        ),
    ],
)
def test_a_bad_wire_says_what_to_do_with_it(wires: list[str], kind: str, message: str) -> None:
    document = picture().add(
        node("latent", "source.empty_latent"),
        node("text", "source.text"),
        node("view", "finish.view", *wires),
    )
    assert found(document, "view") == [(kind, message)]


def test_an_unused_value_is_told_from_a_bad_one() -> None:
    document = picture().set(n("view"), colour="red")
    assert found(document, "view") == [
        ("unused_value", "View has no setting called colour: it can be taken away.")
    ]


def test_only_the_nodes_in_a_circle_are_said_to_be_in_it() -> None:
    document = Document().add(
        node("load", "source.load_image"),
        node("a", "picture.blend", "a=load.image", "b=b.image"),
        node("b", "picture.sharpen", "image=a.image"),
        node("view", "finish.view", "image=b.image"),
    )
    kinds = {id: [each.kind for each in some] for id, some in problems(document, SPECS).items()}
    assert kinds == {"a": ["cycle"], "b": ["cycle"]}


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (("load", "image", "view", "image"), ""),
        (("load", "image", "relay", "thing"), ""),
        (("relay", "thing", "view", "image"), ""),
        (("unknown", "glow", "view", "image"), ""),
        (("load", "image", "unknown", "glow"), ""),
        (("number", "number", "sharp", "amount"), ""),
        (("load", "image", "gone", "image"), "A wire needs a node at both ends."),
        (("load", "x", "view", "image"), "Load image has no output called x; choose another."),
        (("load", "image", "view", "x"), "View has no input called x; choose another."),
        (
            ("number", "number", "view", "image"),
            "Takes an image on image, not a number: connect another.",
        ),
        (
            ("view", "image", "sharp", "image"),
            "A node cannot feed itself, not even by a detour.",
        ),
    ],
)
def test_a_wire_is_checked_before_it_is_made(ends: tuple[str, str, str, str], why: str) -> None:
    document = picture().add(
        node("relay", "any.relay"), node("unknown", "pack.glow"), node("number", "source.number")
    )
    source, output, target, input = ends
    assert check_link(document, SPECS, n(source), output, n(target), input) == why


@given(documents())
def test_each_message_is_one_sentence(document: Document) -> None:
    for some in problems(document, SPECS).values():
        for each in some:
            assert each.message.endswith(".")
            assert "\n" not in each.message or any("\n" in name for name in (each.param, each.port))


def test_ten_thousand_nodes_are_checked_in_linear_time_without_recursion() -> None:
    document = chain(10_000)
    started = time.process_time()
    assert list(problems(document, SPECS)) == [n("n0")]
    muted = document.mute(True, *list(document.nodes)[:-1])
    assert list(problems(muted, SPECS)) == [n("n9999")]
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", ["\ud800", "a cat \udfff", "\udc41 dog"])
def test_half_a_letter_in_a_prompt_is_told_with_its_place(text: str) -> None:
    at = next(n for n, sign in enumerate(text, 1) if "\ud800" <= sign <= "\udfff")
    with pytest.raises(BadValue, match=f"^sign {at} is half a letter"):
        Text(prompt=True).check(text)
    File().check("/pictures/\udcff.png")  # a name that is no text, as Linux may have


def test_whole_letters_of_any_plane_are_fine() -> None:
    Text(prompt=True).check("\U0001f600 \U00020000 e\u0301")
