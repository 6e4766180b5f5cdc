"""Pipelines without a family of their own: bitwise the bare pipeline, or one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nodeforge.diffusion import recipes, sampling
from nodeforge.errors import BadModel
from nodeforge.values import Latent, Model
from tests.diffusion import whole
from tests.diffusion.tiny import aura_flow
from tests.diffusion.whole import NEGATIVE, SETTINGS, STRENGTH

Tiny = Callable[[str], Model]
SIZE = Latent(48, 32, 2)


@pytest.fixture(scope="module")
def aura(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return recipes.resolve(str(aura_flow.make(tmp_path_factory.mktemp("other") / "aura-flow")))


@pytest.mark.parametrize("negative", [NEGATIVE, None])
def test_a_pipeline_nobody_wrote_a_family_for(negative: str | None, aura: Model) -> None:
    assert aura.family == "other"
    mine = whole.from_stations(aura, SIZE, SETTINGS, negative)
    theirs = whole.from_whole(
        whole.bare(aura, "AuraFlowPipeline"),
        SIZE,
        width=48,
        height=32,
        guidance_scale=SETTINGS.guidance,
        negative_prompt=negative,
    )
    assert theirs.std() > 0.02
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", ["sd3", "flux-dev", "qwen-image", "lumina2", "pixart", "sdxl"])
def test_known_ones_taken_for_others_draw_the_same(name: str, tiny: Tiny) -> None:
    """What is read off the class is what their families say."""
    known = tiny(name)
    other = recipes.resolve(known.path, picked="other")
    size = replace(SIZE, batch=1)
    assert other.family == "other"
    np.testing.assert_array_equal(
        whole.from_stations(other, size, SETTINGS, NEGATIVE),
        whole.from_stations(known, size, SETTINGS, NEGATIVE),
    )


@pytest.mark.parametrize("name", ["sd3", "flux-dev"])
def test_a_picture_is_changed_by_the_class_that_diffusers_takes(name: str, tiny: Tiny) -> None:
    known = tiny(name)
    other = recipes.resolve(known.path, picked="other")
    settings = replace(SETTINGS, strength=STRENGTH)
    made = []
    for model in (known, other):
        start = sampling.encode(model, whole.picture(48, 32))
        words = sampling.encode_prompt(model, "a dragon")
        drawn = sampling.sample(model, words, None, start, settings).samples
        assert drawn is not None
        made.append(drawn)
    assert torch.equal(made[0], made[1])


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({"_class_name": "NobodysPipeline"}, "NobodysPipeline, which diffusers does not have"),
        (
            {"_class_name": "DDPMPipeline", "unet": ["diffusers", "UNet2DModel"]},
            "prompts and latents cannot be handed in",
        ),
        (
            {"_class_name": "AuraFlowPipeline", "vae": ["diffusers", "AutoencoderKL"]},
            "no single denoiser, scheduler and VAE",
        ),
    ],
)
def test_what_cannot_be_run_is_said_in_one_sentence(
    index: dict[str, object], said: str, tmp_path: Path
) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(BadModel, match=said):
        recipes.resolve(str(tmp_path))
