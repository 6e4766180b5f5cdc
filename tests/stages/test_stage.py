"""A signature is read as a declaration, and every fault in it is said in a sentence."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pytest

from nodeforge.errors import BadStage
from nodeforge.graph.spec import Choice, Number, Port, Text, Toggle, Variant
from nodeforge.stages.params import Seed, Unit
from nodeforge.stages.run import QUIET, Run
from nodeforge.stages.stage import Values, stage
from nodeforge.values import Image, Latent, Mask

GREY = Image(np.full((1, 8, 16, 3), 0.5, np.float32))


class Halves(NamedTuple):
    left: Image
    right: Image


@stage(
    version=3,
    icon="scissors",
    category="cut",
    variants=(Variant("Cut hard", "axe", {"edge": "hard"}),),
)
def cut_up(
    image: Image,
    mask: Mask | None,
    more: list[Image] | None = None,
    anything: Any = None,
    share: Unit = 1,
    edge: Literal["soft", "hard"] = "soft",
    count: int = 2,
    size: float = 1,
    label: str = "",
    on: bool = True,
    seed: Seed = 0,
    run: Run = QUIET,
) -> Halves:
    """Cut a picture
    into halves.

    It does so down the middle.

    image: The picture to cut,
        whole.
    left: What was left.
    """
    middle = image.width // 2
    return Halves(Image(image.pixels[:, :, :middle]), Image(image.pixels[:, :, middle:]))


@stage
def plain(latent: Latent) -> Latent:
    """Hand on."""
    return latent


def test_names_come_from_the_function() -> None:
    spec = cut_up.spec
    assert (spec.id, spec.title, spec.category) == ("cut.cut_up", "Cut up", "cut")
    assert (spec.version, spec.icon, spec.pack) == (3, "scissors", "tests")
    assert plain.spec.id == "test_stage.plain"


def test_inputs_come_from_wire_types() -> None:
    assert cut_up.spec.inputs[1:] == (
        Port("mask", "Mask", optional=True),
        Port("more", "Image", optional=True, many=True),
        Port("anything", "Any", optional=True),
    )


def test_parameters_come_from_everything_with_a_default() -> None:
    kinds = {param.name: param.kind for param in cut_up.spec.params}
    assert list(kinds) == ["share", "edge", "count", "size", "label", "on", "seed"]
    assert kinds["edge"] == Choice(("soft", "hard"))
    assert kinds["count"] == Number(whole=True)
    assert (kinds["label"], kinds["on"]) == (Text(), Toggle())


def test_a_whole_default_of_a_float_is_kept_as_a_float() -> None:
    assert isinstance(cut_up.spec.param["size"].default, float)
    assert isinstance(cut_up.spec.param["count"].default, int)


def test_a_range_on_an_int_is_whole_without_saying_so() -> None:
    @stage
    def few(count: Annotated[int, Number(0, 9)] = 3) -> float:
        """Count."""
        return count

    assert few.spec.param["count"].kind == Number(0, 9, whole=True)
    assert few.spec.outputs == (Port("number", "Number"),)


def test_the_docstring_is_split_into_prose_and_names() -> None:
    assert cut_up.spec.doc == "Cut a picture into halves.\n\nIt does so down the middle."
    assert cut_up.spec.input["image"].doc == "The picture to cut, whole."
    assert [port.doc for port in cut_up.spec.outputs] == ["What was left.", ""]


def test_outputs_are_named_by_a_named_tuple_or_by_their_type() -> None:
    assert [(port.name, port.type) for port in cut_up.spec.outputs] == [
        ("left", "Image"),
        ("right", "Image"),
    ]
    assert plain.spec.outputs == (Port("latent", "Latent"),)


def test_a_stage_is_called_like_the_function_it_is() -> None:
    assert cut_up(GREY, None).left.width == 8
    assert cut_up.__wrapped__ is cut_up.fn  # type: ignore[attr-defined]
    assert inspect.signature(cut_up) == inspect.signature(cut_up.fn)
    assert (getattr(cut_up, "__name__", ""), cut_up.run_name, plain.run_name) == (
        "cut_up",
        "run",
        "",
    )


def test_results_are_the_values_of_the_outputs() -> None:
    halves = cut_up(GREY, None)
    assert cut_up.results(halves) == [halves.left, halves.right]
    assert plain.results(latent := Latent(8, 8)) == [latent]


@pytest.mark.parametrize("returned", [GREY, None, (GREY,), (GREY, 3)])
def test_results_that_were_not_promised_are_refused(returned: object) -> None:
    with pytest.raises(BadStage, match="Cut up should have"):
        cut_up.results(returned)


def test_old_values_are_upgraded_step_by_step() -> None:
    @stage(version=3)
    def aged(new: float = 0.0) -> float:
        """Age."""
        return new

    @aged.upgrade(to=2)
    def _(values: Values) -> Values:
        return {"middle": values["old"]}

    @aged.upgrade(to=3)
    def _(values: Values) -> Values:
        return {"new": values["middle"]}

    assert aged.upgraded({"old": 1.0}, 1) == {"new": 1.0}
    assert aged.upgraded({"middle": 1.0}, 2) == {"new": 1.0}
    assert aged.upgraded({"new": 1.0}, 3) == {"new": 1.0}
    assert aged.upgraded({"later": 1.0}, 4) == {"later": 1.0}
    with pytest.raises(BadStage, match="versions 1 to 3"):
        aged.upgrade(to=4)


# Functions with a fault each. They are only declared, never run.


def no_default(size: int) -> float:
    """Size."""
    return size


def illegal_default(share: Unit = 2.0) -> float:
    """Share."""
    return share


def illegal_choice(way: Literal["a", "b"] = "c") -> str:  # type: ignore[assignment]
    """Choose."""
    return way


def default_of_no_kind(size: int = b"") -> float:  # type: ignore[assignment]
    """Size."""
    return size


def unknown_type(data: bytes) -> str:
    """Read."""
    return str(data)


def unknown_result(size: int = 0) -> bytes:
    """Write."""
    return bytes(size)


def no_docstring(image: Image) -> Image:
    return image


def no_prose(image: Image) -> Image:
    """
    image: A picture.
    """
    return image


def no_hint(image) -> Image:  # type: ignore[no-untyped-def]
    """Hand on."""
    return GREY


def no_result(image: Image):  # type: ignore[no-untyped-def]
    """Hand on."""
    return image


def lost(image: Nowhere) -> Image:  # type: ignore[name-defined]  # noqa: F821
    """Hand on."""
    return GREY


def starred(*images: Image) -> Image:
    """Hand on."""
    return images[0]


def useless(image: Image) -> None:
    """Do nothing."""


def either(image: Image | Latent) -> Image:
    """Hand on."""
    return GREY


def maybe_number(size: int | None = None) -> float:
    """Size."""
    return size or 0


def port_default(image: Image = GREY) -> Image:
    """Hand on."""
    return image


def wrong_kind(size: Annotated[int, Text()] = 1) -> float:
    """Size."""
    return size


def number_choice(size: Literal[1, 2] = 1) -> float:
    """Size."""
    return size


def Capital(image: Image) -> Image:  # noqa: N802
    """Hand on."""
    return image


@pytest.mark.parametrize(
    ("fn", "sentence"),
    [
        (no_default, "needs a default for 'size'"),
        (illegal_default, "default for 'share' that is not allowed: 2 is not between 0 and 1"),
        (illegal_choice, "not one of a, b"),
        (default_of_no_kind, "is neither a number"),
        (unknown_type, "no wire carries, bytes"),
        (unknown_result, "the result that no wire carries, bytes"),
        (no_docstring, "no docstring"),
        (no_prose, "no docstring"),
        (no_hint, "type of 'image'"),
        (no_result, "what it returns"),
        (lost, "Nowhere"),
        (starred, "images"),
        (useless, "effect=True"),
        (either, "of several"),
        (maybe_number, "'size' that may be None"),
        (port_default, "input 'image' a default"),
        (wrong_kind, "a Text for 'size', which cannot be int"),
        (number_choice, "not all text"),
        (Capital, "'Capital'"),
    ],
)
def test_a_fault_is_said_in_a_sentence_that_names_the_function(
    fn: Callable[..., object], sentence: str
) -> None:
    with pytest.raises(BadStage, match=f"The stage .*{fn.__name__} .*{sentence}"):
        stage(fn)


def test_only_functions_are_stages() -> None:
    with pytest.raises(BadStage, match="not a function"):
        stage(functools.partial(plain.fn))


@pytest.mark.parametrize(
    ("values", "sentence"), [({"b": 1}, "unknown parameter 'b'"), ({"a": "x"}, "not a number")]
)
def test_a_variant_sets_parameters_that_exist(values: Values, sentence: str) -> None:
    with pytest.raises(BadStage, match=sentence):

        @stage(variants=(Variant("Other", values=values),))
        def varied(a: int = 1) -> float:
            """Count."""
            return a


def test_versions_count_from_one() -> None:
    with pytest.raises(BadStage, match="version 0"):
        stage(version=0)(plain.fn)
