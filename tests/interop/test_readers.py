"""Readers that others wrote find in our pictures what we wrote into them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from sd_parsers import ParserManager

from nodeforge.interop.a1111 import (
    GenerationData,
    Hires,
    LoraUse,
    format_parameters,
    parse_parameters,
)
from nodeforge.interop.encode import SUFFIX, Format, encode
from nodeforge.interop.metadata import Metadata
from nodeforge.interop.xmp import COMPOSED

DATA = GenerationData(
    "a red dragon, 龍, (castle:1.2)\nat night",
    "blurry, dark\nugly",
    steps=20,
    sampler="DPM++ 2M",
    schedule="Karras",
    cfg=6.5,
    seed=2**64 - 1,
    width=512,
    height=768,
    model="dream, shaper: 8",
    model_hash="879db523c3",
    strength=0.5,
    loras=(LoraUse("ink", 0.8, "0a1b2c3d4e5f"),),
    hires=Hires(scale=2.0, upscaler="4x-UltraSharp"),
)
TOLD = Metadata('{"format": 2, "nodes": {}}', format_parameters(DATA), source=COMPOSED)


def written(folder: Path, format: Format) -> Path:
    noise = np.random.default_rng(0).integers(0, 255, (16, 24, 3), np.uint8)
    path = folder / f"a{SUFFIX[format]}"
    path.write_bytes(encode(Pil.fromarray(noise), format, told=TOLD))
    return path


@pytest.mark.parametrize("format", list(SUFFIX))
def test_sd_parsers_reads_all_of_it(tmp_path: Path, format: Format) -> None:
    found = ParserManager().parse(written(tmp_path, format))
    assert found is not None
    (sampler,) = found.samplers
    assert sampler.name == "DPM++ 2M"
    assert sampler.parameters["scheduler"] == "Karras"
    assert sampler.parameters["cfg_scale"] == "6.5"
    assert sampler.parameters["steps"] == "20"
    assert sampler.parameters["seed"] == str(2**64 - 1)
    assert sampler.model is not None
    assert sampler.model.hash == "879db523c3"
    (prompt,), (negative,) = found.prompts, found.negative_prompts
    assert prompt.value.startswith("a red dragon, 龍, (castle:1.2)\nat night")
    assert negative.value == "blurry, dark\nugly"
    assert found.metadata["Size"] == "512x768"
    assert found.metadata["Denoising strength"] == "0.5"
    assert found.metadata["Hires upscaler"] == "4x-UltraSharp"


@pytest.mark.parametrize("format", list(SUFFIX))
def test_pillow_reads_the_parameters_where_a1111_looks(tmp_path: Path, format: Format) -> None:
    with Pil.open(written(tmp_path, format)) as picture:
        if format == "png":
            assert picture.info["parameters"] == TOLD.parameters
            return
        comment = picture.getexif().get_ifd(0x8769)[0x9286]
        assert comment[:8] == b"UNICODE\0"
        assert comment[8:].decode("utf-16-be") == TOLD.parameters


@pytest.mark.parametrize(
    "prompt",
    [
        "Steps: 9, Sampler: Euler, CFG scale: 3, Seed: 7, Size: 3x3, Model hash: 0",
        'a "Sampler: LMS, Seed: 8"\nSteps: 9, Sampler: Euler, Model: x, CFG scale: 3',
        "Negative prompt: Steps: 9, Sampler: Euler",
    ],
)
def test_settings_in_a_prompt_are_nobodys_settings(tmp_path: Path, prompt: str) -> None:
    for data in (replace(DATA, prompt=prompt), replace(DATA, negative=prompt)):
        text = format_parameters(data)
        path = tmp_path / "a.png"
        path.write_bytes(encode(Pil.new("RGB", (8, 8)), "png", told=Metadata("", text)))
        found = ParserManager().parse(path)
        assert found is not None
        (sampler,) = found.samplers
        told = sampler.parameters
        assert (sampler.name, told["cfg_scale"], told["seed"]) == (
            "DPM++ 2M",
            "6.5",
            str(2**64 - 1),
        )
        assert sampler.model is not None
        assert sampler.model.hash == "879db523c3"
        assert len(found.prompts) == len(found.negative_prompts) == 1
        assert parse_parameters(text) == replace(data, loras=DATA.loras, model=DATA.model)
