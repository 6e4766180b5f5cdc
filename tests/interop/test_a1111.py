"""The text that A1111 and Civitai read says what was meant, and theirs is understood."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.interop.a1111 import (
    LIMIT,
    GenerationData,
    Hires,
    LoraUse,
    format_parameters,
    parse_parameters,
)

SIGNS = st.sampled_from(
    [
        *("Negative prompt:", "\nNegative prompt: x", "\n", "Steps: 20, Sampler: Euler, Seed: 1"),
        *('"', ",", ":", "\\", "<lora:x:1>", "{", "]", "Steps: 3\n", "\r\n", "  ", "\u2028"),
        *("(red:1.2)", "a cat", "Köln", "龍", "BREAK", "x: y, z: w, seed: 3, steps: 4"),
    ]
)
TEXTS = st.lists(SIGNS | st.text(max_size=8), max_size=6).map("".join)
NAMES = st.text("abcXYZ019_-. äλ", min_size=1, max_size=12).map(str.strip).filter(bool)
NUMBERS = st.floats(-1e6, 1e6)
LORAS = st.builds(LoraUse, NAMES, NUMBERS, st.text("0123456789abcdef", max_size=12))
COUNT = st.none() | st.integers(1, 10**6)
HIRES = st.builds(
    Hires,
    scale=st.none() | NUMBERS,
    steps=COUNT,
    upscaler=TEXTS.map(str.strip),
    sampler=st.sampled_from(["", "Euler a"]),
    prompt=TEXTS.map(str.strip),
).filter(lambda hires: hires != Hires())
DATA = st.builds(
    GenerationData,
    prompt=TEXTS,
    negative=TEXTS,
    steps=st.integers(1, 1000),
    sampler=st.sampled_from(["Euler", "Euler a", "DPM++ 2M", "DPM++ 2M SDE", "UniPC"]),
    schedule=st.sampled_from(["", "Karras", "SGM Uniform"]),
    cfg=st.none() | NUMBERS,
    seed=st.integers(0, 2**64 - 1),
    model=TEXTS.map(str.strip),
    model_hash=st.text("0123456789abcdef", max_size=10),
    strength=st.none() | st.floats(0, 1),
    clip_skip=COUNT,
    loras=st.lists(LORAS, max_size=3, unique_by=lambda lora: lora.name).map(tuple),
    hires=st.none() | HIRES,
    extras=st.dictionaries(
        st.sampled_from(["Version", "ENSD", "Mask blur", "Civitai x"]),
        TEXTS.map(str.strip).filter(bool),
    ).map(lambda some: tuple(some.items())),
)


@given(DATA)
def test_what_is_written_is_read_again(data: GenerationData) -> None:
    assert parse_parameters(format_parameters(data)) == data


@given(DATA)
def test_civitai_and_a1111_find_the_settings_and_the_negative(data: GenerationData) -> None:
    lines = format_parameters(data).split("\n")
    assert [line for line in lines if line.startswith("Steps: ")][:1] == lines[-1:]
    heads = [line for line in lines[:-1] if "Negative prompt:" in line]
    assert len(heads) == bool(data.negative.strip())


@given(TEXTS, st.integers(0, 40))
def test_any_text_is_read_or_is_none(text: str, cut: int) -> None:
    found = parse_parameters(text[cut:])
    assert found is None or isinstance(found, GenerationData)


def test_the_line_that_everybody_knows() -> None:
    data = GenerationData(
        *("a red dragon, (golden:1.2)", "blurry, low quality", 20, "DPM++ 2M", "Karras", 6.5, 41),
        *(512, 768, "dreamshaper_8", "879db523c3", 0.5, 2),
        (LoraUse("ink", 0.8, "0a1b2c3d4e5f"),),
        Hires(scale=2.0, steps=10, upscaler="4x-UltraSharp"),
        (("Version", "1.10"),),
    )
    assert format_parameters(data) == (
        "a red dragon, (golden:1.2) <lora:ink:0.8>\n"
        "Negative prompt: blurry, low quality\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 41, "
        "Size: 512x768, Model hash: 879db523c3, Model: dreamshaper_8, Denoising strength: 0.5, "
        "Clip skip: 2, Hires upscale: 2, Hires steps: 10, Hires upscaler: 4x-UltraSharp, "
        'Lora hashes: "ink: 0a1b2c3d4e5f", Version: 1.10'
    )


def test_a_picture_of_a1111() -> None:
    found = parse_parameters(
        "masterpiece, <lora:add_detail:0.5>, 1girl\nsecond line <lyco:style:1:0.7>\n"
        "Negative prompt: bad hands,\nworse feet\n"
        "Steps: 31, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1234567890, Size: 512x512, "
        'Model hash: abcdef1234, Model: "a, b: c", Lora hashes: "add_detail: 7c6bad76eb54", '
        "Denoising strength: 0.35, Hires resize: 1024x1024, Hires upscaler: R-ESRGAN 4x+, "
        'ControlNet 0: "Module: canny, Model: x", Version: v1.10.1'
    )
    assert found is not None
    assert found.prompt == "masterpiece, 1girl\nsecond line"
    assert found.negative == "bad hands,\nworse feet"
    assert (found.steps, found.sampler, found.schedule) == (31, "DPM++ 2M", "Karras")
    assert (found.cfg, found.seed, found.width, found.height) == (7, 1234567890, 512, 512)
    assert (found.model, found.model_hash, found.strength) == ("a, b: c", "abcdef1234", 0.35)
    assert found.loras == (LoraUse("add_detail", 0.5, "7c6bad76eb54"), LoraUse("style", 1.0))
    assert found.hires == Hires(width=1024, height=1024, upscaler="R-ESRGAN 4x+")
    assert dict(found.extras)["ControlNet 0"] == "Module: canny, Model: x"


def test_a_picture_of_forge_with_another_order_and_a_flow_model() -> None:
    found = parse_parameters(
        "a cat\nSteps: 20, Sampler: Euler, Schedule type: Simple, CFG scale: 1, "
        "Distilled CFG Scale: 3.5, Seed: 18446744073709551615, Size: 896x1152, Model: flux1-dev, "
        "Version: f2.0.1v1.10.1, Module 1: ae, Module 2: clip_l\n"
        "Template: a {cat|dog}"
    )
    assert found is not None
    assert (found.prompt, found.negative, found.seed) == ("a cat", "", 2**64 - 1)
    assert found.schedule == "Simple"
    assert dict(found.extras)["Distilled CFG Scale"] == "3.5"
    assert dict(found.extras)["Template"] == "a {cat|dog}"


def test_what_civitai_copies_as_generation_data() -> None:
    found = parse_parameters(
        "portrait of a fox\nNegative prompt: text\nSteps: 25, CFG scale: 4, Sampler: Euler a, "
        "Seed: 7, width: 832, height: 1216, Created Date: 2026-11-01T10:00:00.0000000Z, "
        "Clip skip: 2, "
        'Civitai resources: [{"type":"checkpoint","modelVersionId":128713,"modelName":"X, Y"},'
        '{"type":"lora","weight":0.8,"modelVersionId":5,"modelName":"Ink"}], '
        'Civitai metadata: {"remixOfId": 1}'
    )
    assert found is not None
    assert (found.width, found.height, found.clip_skip, found.steps) == (832, 1216, 2, 25)
    assert found.loras == (LoraUse("Ink", 0.8),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a cat",
        "ratio 16:9, at 12:30, score: 9",
        '{"format": 2, "nodes": {}}',
        "Steps: to the castle, made of stone",
        "x" * (LIMIT + 1),
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert parse_parameters(text) is None


def test_a_prompt_that_looks_like_settings_stays_a_prompt() -> None:
    data = GenerationData("Steps: 20, Sampler: X, Seed: 1\nNegative prompt: no", "", 4, seed=2)
    text = format_parameters(data)
    assert text.splitlines()[0].startswith("- Steps: 20")
    assert parse_parameters(text) == data


def test_a_comma_without_quotes_stays_in_its_value() -> None:
    found = parse_parameters("a\nSteps: 3, Model: one, two, Seed: 4")
    assert found is not None
    assert (found.model, found.seed) == ("one, two", 4)


@pytest.mark.parametrize(
    "text",
    ["Steps: 1, " + ", " * 300_000, "a: " * 300_000, "Steps: 1, a: " + "[" * 900_000],
    ids=["commas", "names", "brackets"],
)
def test_a_hostile_text_takes_no_longer_than_it_is_long(text: str) -> None:
    began = time.perf_counter()
    parse_parameters(text)
    assert time.perf_counter() - began < 2
