"""Embeddings: prompts with their words are read as `load_textual_inversion` of diffusers does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from nodeforge.diffusion import devices, embeddings, loras, recipes, sampling, weights
from nodeforge.errors import BadModel, BadValue, MissingModel
from nodeforge.values import Model
from tests.diffusion import additions, whole

PROMPT = "a moody-9 castle at night, moody-9"
Tiny = Callable[[str], Model]


def vectors(model: Model, encoder: str, count: int, seed: int) -> Tensor:
    wide = recipes.config(model, encoder)["hidden_size"]
    return torch.randn(count, wide, generator=torch.Generator().manual_seed(seed)) * 0.1


def one(model: Model, path: Path, count: int = 3, seed: int = 1) -> Path:
    save_file({"emb_params": vectors(model, "text_encoder", count, seed)}, path)
    return path


def read(model: Model, text: str = PROMPT) -> Tensor:
    return sampling.encode_prompt(model, text).tensors["prompt_embeds"]


@pytest.mark.parametrize("count", [1, 3])
def test_as_diffusers_reads_them(random: Model, tmp_path: Path, count: int) -> None:
    path = one(random, tmp_path / "moody-9.safetensors", count)
    plain = read(random)
    mine = read(embeddings.resolve(random, str(path)))
    pipeline = whole.bare(random, "StableDiffusionPipeline")
    pipeline.load_textual_inversion(vectors(random, "text_encoder", count, 1), token="moody-9")
    with torch.inference_mode():
        theirs, _ = pipeline.encode_prompt(PROMPT, devices.device().torch, 1, False)
    assert torch.equal(mine, theirs.cpu())
    assert not torch.equal(mine, plain)
    assert torch.equal(read(random), plain)


def test_both_towers_of_sdxl(tiny: Tiny, tmp_path: Path) -> None:
    model, path = tiny("sdxl"), tmp_path / "moody-9.safetensors"
    sets = {
        "clip_l": vectors(model, "text_encoder", 2, 1),
        "clip_g": vectors(model, "text_encoder_2", 2, 2),
    }
    save_file(sets, path)
    mine = sampling.encode_prompt(embeddings.resolve(model, str(path)), PROMPT).tensors
    pipeline = whole.bare(model, "StableDiffusionXLPipeline")
    for key, number in (("clip_l", ""), ("clip_g", "_2")):
        pipeline.load_textual_inversion(
            sets[key],
            token="moody-9",
            text_encoder=getattr(pipeline, f"text_encoder{number}"),
            tokenizer=getattr(pipeline, f"tokenizer{number}"),
        )
    with torch.inference_mode():
        theirs, _, pooled, _ = pipeline.encode_prompt(
            PROMPT, None, devices.device().torch, 1, False
        )
    assert torch.equal(mine["prompt_embeds"], theirs.cpu())
    assert torch.equal(mine["pooled_prompt_embeds"], pooled.cpu())


def test_several_with_loras_and_in_pickles(random: Model, tmp_path: Path) -> None:
    """A pickle as A1111 writes it: read by what runs nothing."""
    first = one(random, tmp_path / "first.safetensors")
    made = vectors(random, "text_encoder", 2, 7)
    torch.save({"string_to_param": {"*": made}, "name": "x", "step": 9}, tmp_path / "second.pt")
    both = embeddings.resolve(random, str(first), "kappa7")
    both = embeddings.resolve(both, str(tmp_path / "second.pt"))
    text = "a kappa7 castle, second"
    alone = embeddings.resolve(random, str(tmp_path / "second.pt"))
    assert not torch.equal(read(both, text), read(alone, text))
    style = additions.lora(random, tmp_path, "style", 1)
    styled = loras.resolve(both, str(style))
    changed = read(styled, text)
    assert not torch.equal(changed, read(both, text))
    assert torch.equal(changed, read(styled, text))


def test_weights_act_on_all_its_vectors(random: Model, tmp_path: Path) -> None:
    """Start, a, then the three vectors."""
    model = embeddings.resolve(random, str(one(random, tmp_path / "moody-9.safetensors")))
    moved = (read(model, "a (moody-9:1.5) castle") != read(model, "a moody-9 castle")).any(dim=-1)
    assert moved[0].nonzero().flatten().tolist() == [2, 3, 4]


def test_nothing_shared_is_touched(random: Model, tmp_path: Path) -> None:
    with weights.using(random, "text_encoder") as encoder:
        table: Any = encoder.get_input_embeddings()
        model = embeddings.resolve(random, str(one(random, tmp_path / "moody-9.safetensors")))
        read(model)
        assert encoder.get_input_embeddings() is table
    with weights.using(random, "tokenizer") as tokenizer:
        assert "moody-9" not in tokenizer.get_vocab()


def test_what_is_no_embedding_for_this_model_is_told(
    random: Model, tiny: Tiny, tmp_path: Path
) -> None:
    good = one(random, tmp_path / "good.safetensors")
    wide, lora, long, cut = (tmp_path / f"{n}.safetensors" for n in ("wide", "lora", "long", "cut"))
    save_file({"emb_params": torch.zeros(2, 999)}, wide)
    save_file({"a.lora_down": torch.zeros(2, 9), "a.lora_up": torch.zeros(9, 2)}, lora)
    save_file({"emb_params": torch.zeros(80, 32)}, long)
    cut.write_bytes(good.read_bytes()[:-8])
    for path, sentence in (
        (wide, "made for another kind of model"),
        (lora, "is not an embedding"),
        (long, "is not an embedding"),
        (cut, "cut"),
    ):
        with pytest.raises(BadModel, match=sentence):
            embeddings.resolve(random, str(path))
    for model in ("sdxl", "flux-dev"):
        with pytest.raises(BadModel, match=r"made for another|takes no embeddings"):
            embeddings.resolve(tiny(model), str(good))
    for file in ("", str(tmp_path / "none.safetensors")):
        with pytest.raises(MissingModel):
            embeddings.resolve(random, file)
    taught = embeddings.resolve(random, str(good))
    for word, sentence in (("two words", "cannot stand"), ("GOOD", "another embedding")):
        with pytest.raises(BadValue, match=sentence):
            embeddings.resolve(taught, str(good), word)
    with pytest.raises(BadValue, match="“ing” is a word that the model knows"):
        read(embeddings.resolve(random, str(good), "ing"))
