"""One file in its makers' layout is the same model as the diffusers folder, bit by bit."""

from __future__ import annotations

import json
import math
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from diffusers.loaders import single_file_utils
from safetensors.torch import load_file, save_file

from nodeforge import resources
from nodeforge.diffusion import loras, recipes, sampling, single, supplies, tensors, weights
from nodeforge.errors import BadModel, MissingModel, ModelError
from tests.diffusion import checkpoints

Pair = tuple[Path, Path]
PARTS = {
    "sd1": ("text_encoder", "unet", "vae"),
    "sdxl": ("text_encoder", "text_encoder_2", "unet", "vae"),
}


@pytest.fixture(scope="module")
def sd1(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return checkpoints.sd1(tmp_path_factory.mktemp("single"))


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return checkpoints.sdxl(tmp_path_factory.mktemp("single"))


def loaded(path: Path, name: str, dtype: torch.dtype = torch.float32) -> Any:
    return single.load(recipes.part(path, name), dtype)


def plain(folder: Path, name: str) -> Any:
    """As diffusers and transformers load it."""
    part = recipes.part(folder, name)
    import transformers

    library = {"diffusers": diffusers, "transformers": transformers}[part.library]
    return getattr(library, part.cls).from_pretrained(part.folder, dtype=torch.float32)


def same(one: Any, other: Any) -> None:
    theirs = other.state_dict()
    assert one.state_dict().keys() == theirs.keys()
    for key, tensor in one.state_dict().items():
        assert torch.equal(tensor, theirs[key]), key


@pytest.mark.parametrize(("which", "name"), [(w, n) for w, names in PARTS.items() for n in names])
def test_a_component_is_bitwise_the_folders(
    which: str, name: str, request: pytest.FixtureRequest
) -> None:
    folder, file = request.getfixturevalue(which)
    ours, theirs = loaded(file, name), plain(folder, name)
    same(ours, theirs)
    kept = {k: v for k, v in recipes.config(file, name).items() if k != "_class_name"}
    said = theirs.config.to_dict() if hasattr(theirs.config, "to_dict") else dict(theirs.config)
    said["use_linear_projection"] = said.get("use_linear_projection", False)
    for key in kept.keys() & said.keys() - {"sample_size", "transformer_layers_per_block"}:
        assert _plain(kept[key]) == _plain(said[key]), key


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("which", PARTS)
def test_pictures_are_bitwise_the_folders(which: str, request: pytest.FixtureRequest) -> None:
    folder, file = (recipes.resolve(str(p), "float32") for p in request.getfixturevalue(which))
    assert file.family == folder.family == which
    for name in PARTS[which]:  # MKL's way depends on where in memory a matrix begins, and a
        for weight in weights.component(folder, name).parameters():  # mapped file begins anywhere
            weight.data = weight.data.clone()
    made: list[dict[str, torch.Tensor]] = []
    for model in (folder, file):
        text = sampling.encode_prompt(model, "a photo of a cat")
        made.append({**text.tensors})
        with weights.using(model, "unet") as unet, torch.inference_mode():
            again = {"added_cond_kwargs": _added(text.tensors)} if which == "sdxl" else {}
            latent = torch.linspace(-1, 1, 4 * 16 * 16).reshape(1, 4, 16, 16)
            noise = unet(latent, 500, text.tensors["prompt_embeds"], **again).sample
            made[-1]["picture"] = weights.component(model, "vae").decode(latent + noise).sample
    for name, tensor in made[0].items():
        assert torch.equal(tensor, made[1][name]), name


def _added(text: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    ids = torch.tensor([[128.0, 128, 0, 0, 128, 128]])
    return {"text_embeds": text["pooled_prompt_embeds"], "time_ids": ids}


def test_a_tokenizer_comes_with_nodeforge(sd1: Pair) -> None:
    tokenizer = weights.component(recipes.resolve(str(sd1[1])), "tokenizer")
    ids = [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer("a photo of a cat").input_ids == ids
    assert tokenizer.model_max_length == 77


def test_sdxls_second_tokenizer_fills_up_with_exclamation_marks(sdxl: Pair) -> None:
    part = recipes.part(sdxl[1], "tokenizer_2")
    assert part.words == {"pad_token": "!"}


def test_t5s_tokenizer_comes_with_nodeforge() -> None:
    from transformers import T5Tokenizer

    folder = resources.path("families/tokenizers/t5")
    assert T5Tokenizer.from_pretrained(folder)("A photo of a cat.").input_ids == [
        *(71, 1202, 13, 3, 9, 1712, 5, 1)
    ]


def test_one_component_reads_nothing_of_the_others(
    sd1: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = tensors.read

    def spy(table: tensors.Table, names: Any, dtype: Any = None) -> dict[str, torch.Tensor]:
        names = list(names)
        read.extend(names)
        return whole(table, names, dtype)

    monkeypatch.setattr(tensors, "read", spy)
    loaded(sd1[1], "unet")
    assert read
    assert all(name.startswith("model.diffusion_model.") for name in read)
    part = recipes.part(sd1[1], "unet")
    assert part.size == sum(load_file(sd1[1])[name].nbytes for name in read)


def test_a_checkpoint_for_inpainting(sd1: Pair, tmp_path: Path) -> None:
    state = load_file(sd1[1])
    name = "model.diffusion_model.input_blocks.0.0.weight"
    state[name] = torch.randn(32, 9, 3, 3)
    save_file(state, tmp_path / "inpaint.safetensors")
    unet = loaded(tmp_path / "inpaint.safetensors", "unet")
    assert unet.config.in_channels == 9
    assert torch.equal(unet.conv_in.weight, state[name])


@pytest.mark.parametrize(
    ("key", "words"), [("v_pred", {}), ("", {"modelspec.prediction_type": "v"})]
)
def test_a_checkpoint_that_predicts_velocity(
    key: str, words: dict[str, str], sd1: Pair, tmp_path: Path
) -> None:
    path = tmp_path / "v.safetensors"
    save_file(load_file(sd1[1]) | ({key: torch.zeros(1)} if key else {}), path, words)
    assert recipes.config(path, "scheduler")["prediction_type"] == "v_prediction"
    assert "prediction_type" not in recipes.config(sd1[1], "scheduler")


def test_float8_is_the_same_as_its_numbers(sd1: Pair, tmp_path: Path) -> None:
    """Plain float8, and float8 with a scale to each weight as ComfyUI keeps it."""
    plain8, scaled, wide = dict(load_file(sd1[1])), {}, {}
    for name, tensor in plain8.items():
        scaled[name] = wide[name] = tensor
        if name.startswith(single.UNET) and tensor.ndim > 1:
            plain8[name] = tensor.to(torch.float8_e4m3fn)
            scaled[name], scale = (tensor / 0.25).to(torch.float8_e4m3fn), torch.tensor(0.25)
            scaled[name.removesuffix("weight") + "scale_weight"] = scale
            wide[name] = scaled[name].float() * scale
    want = {n: t.float() for n, t in plain8.items()}
    for state, numbers in ((plain8, want), (scaled, wide)):
        save_file(state, tmp_path / "a.safetensors")
        save_file(numbers, tmp_path / "b.safetensors")
        same(loaded(tmp_path / "a.safetensors", "unet"), loaded(tmp_path / "b.safetensors", "unet"))


def test_a_lone_unet_takes_the_rest_from_a_folder_or_files(sd1: Pair, tmp_path: Path) -> None:
    state = load_file(sd1[1])
    (tmp_path / "unet").mkdir()
    lone = tmp_path / "unet" / "lone.safetensors"
    save_file({n.removeprefix(single.UNET): t for n, t in state.items() if single.UNET in n}, lone)
    with pytest.raises(MissingModel, match=r"no text encoder CLIP-L and no VAE.*Assemble model"):
        recipes.resolve(str(lone))
    model = recipes.resolve(str(lone), "float32", [str(sd1[0])])
    assert dict(model.beside) == dict.fromkeys(("text_encoder", "vae"), str(sd1[0].resolve()))
    same(weights.component(model, "unet"), plain(sd1[0], "unet"))
    vae, text = tmp_path / "some vae.safetensors", tmp_path / "clip.safetensors"
    save_file({n[18:]: t for n, t in state.items() if n.startswith("first_stage_model.")}, vae)
    start = "cond_stage_model.transformer."
    save_file({n[len(start) :]: t for n, t in state.items() if n.startswith(start)}, text)
    model = recipes.resolve(str(lone), "float32", [str(vae), str(text)])
    assert dict(model.beside) == {"vae": str(vae), "text_encoder": str(text)}
    same(weights.component(model, "vae"), plain(sd1[0], "vae"))
    same(weights.component(model, "text_encoder"), plain(sd1[0], "text_encoder"))


@pytest.mark.parametrize("which", PARTS)
def test_files_out_of_a_diffusers_folder(
    which: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """As they are when somebody takes a UNet and a VAE from a folder and gives them names."""
    folder = request.getfixturevalue(which)[0]
    for name in ("unet", "vae"):
        source = folder / name / "diffusion_pytorch_model.safetensors"
        (tmp_path / f"{name}.safetensors").write_bytes(source.read_bytes())
    extras = [str(tmp_path / "vae.safetensors"), str(folder)]
    model = recipes.resolve(str(tmp_path / "unet.safetensors"), "float32", extras)
    assert model.family == which
    for name in ("unet", "vae"):
        same(weights.component(model, name), plain(folder, name))


def test_a_vae_in_the_folder_beside_is_found(sd1: Pair, tmp_path: Path) -> None:
    """As ComfyUI lays them out: models/checkpoints and models/vae."""
    state = load_file(sd1[1])
    bare = {n: t for n, t in state.items() if not n.startswith("first_stage_model.")}
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "vae").mkdir()
    save_file(bare, tmp_path / "checkpoints" / "a.safetensors")
    save_file({"x": torch.zeros(1)}, tmp_path / "vae" / "a.safetensors")
    (tmp_path / "vae" / "b.safetensors").write_bytes(b"no model")
    vae = {n[18:]: t for n, t in state.items() if n.startswith("first_stage_model.")}
    save_file(vae, tmp_path / "vae" / "c.safetensors")
    model = recipes.resolve(str(tmp_path / "checkpoints" / "a.safetensors"))
    assert dict(model.beside) == {"vae": str(tmp_path / "vae" / "c.safetensors")}


def test_another_vae_than_the_checkpoints_own(sd1: Pair, sdxl: Pair) -> None:
    own = recipes.resolve(str(sd1[1]))
    other = recipes.resolve(str(sd1[1]), extras=[str(sdxl[0] / "vae")])
    assert dict(other.beside) == {"vae": str((sdxl[0] / "vae").resolve())}
    assert own.print != other.print
    assert recipes.config(other, "vae")["scaling_factor"] == 0.13025
    with pytest.raises(BadModel, match="brings nothing"):
        recipes.resolve(str(sd1[1]), extras=[str(sd1[0])])


def test_a_pickle_that_holds_weights_only(sd1: Pair, tmp_path: Path) -> None:
    path = tmp_path / "old.ckpt"
    torch.save({"state_dict": load_file(sd1[1]), "global_step": 5}, path)
    same(loaded(path, "vae"), plain(sd1[0], "vae"))


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("trapped",)


def test_a_pickle_that_would_run_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"w": Trap()}}, tmp_path / "bad.ckpt")
    (tmp_path / "worse.pt").write_bytes(pickle.dumps(Trap()))
    for name in ("bad.ckpt", "worse.pt"):
        with pytest.raises(BadModel, match="could run any program"):
            recipes.resolve(str(tmp_path / name))
    assert not (tmp_path / "trapped").exists()


def test_a_file_that_is_cut_while_it_is_read(sd1: Pair, tmp_path: Path) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(sd1[1].read_bytes())
    part = recipes.part(path, "unet")
    table = tensors.table(path)
    os.truncate(path, 400_000)
    with pytest.raises(BadModel, match=r"cut\.safetensors is cut short: copy it again"):
        tensors.read(table, [n for n in table.entries if n.startswith("model.")])
    path.unlink()
    with pytest.raises(MissingModel, match="went away while it was read"):
        tensors.read(table, [n for n in table.entries if n.startswith("model.")])
    with pytest.raises(ModelError):
        single.load(part, torch.float32)


def test_a_file_that_is_no_diffusion_model(tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    save_file({"lora_unet_x.lora_down.weight": torch.zeros(4, 8)}, path)
    with pytest.raises(BadModel, match="holds no diffusion model"):
        recipes.resolve(str(path))


def test_a_checkpoint_that_lacks_a_tensor(sd1: Pair, tmp_path: Path) -> None:
    state = load_file(sd1[1])
    del state["model.diffusion_model.out.0.bias"]
    save_file(state, tmp_path / "a.safetensors")
    with pytest.raises(BadModel, match=r"unet of “a\.safetensors” lacks some of its weights"):
        loaded(tmp_path / "a.safetensors", "unet")
    del state["model.diffusion_model.out.2.weight"]
    save_file(state, tmp_path / "b.safetensors")
    with pytest.raises(BadModel, match=r"denoiser in “b\.safetensors” lacks 'out\.2\.weight'"):
        recipes.part(tmp_path / "b.safetensors", "unet")


def test_a_transformer_in_gguf(tmp_path: Path) -> None:
    import gguf

    torch.manual_seed(5)
    bare = diffusers.QwenImageTransformer2DModel(
        num_layers=1, num_attention_heads=1, joint_attention_dim=64
    )
    path, blocks = tmp_path / "qwen-Q8_0.gguf", gguf.GGMLQuantizationType.Q8_0
    writer = gguf.GGUFWriter(path, "qwen_image")
    for name, tensor in bare.state_dict().items():
        numbers = tensor.numpy()
        if tensor.ndim == 2:
            packed = gguf.quantize(numbers, blocks)
            writer.add_tensor(name, packed, raw_dtype=blocks)
            tensor.copy_(torch.from_numpy(gguf.dequantize(packed, blocks)))
        else:
            writer.add_tensor(name, numbers)
    for step in ("header", "kv_data", "tensors"):
        getattr(writer, f"write_{step}_to_file")()
    writer.close()
    part = recipes.part(path, "transformer")
    assert part.packed
    assert part.size < sum(t.nbytes for t in bare.state_dict().values()) / 3
    loaded = single.load(part, torch.float32)
    feed = {
        "hidden_states": torch.randn(1, 4, 64),
        "encoder_hidden_states": torch.randn(1, 3, 64),
        "timestep": torch.tensor([0.5]),
        "img_shapes": [[(1, 2, 2)]],
    }
    with torch.inference_mode():
        assert torch.allclose(
            loaded(**feed)[0], bare.eval()(**feed)[0], atol=2e-3
        )  # scales are float16
    with pytest.raises(MissingModel, match="no text encoder and no VAE"):
        supplies.assigned(path, recipes.index(path), ["text_encoder", "vae"], [])


def flux_shapes(width: int = 3072, double: int = 19, one: int = 38) -> dict[str, tuple[int, ...]]:
    """Flux.1 dev in its makers' layout: names and shapes."""
    wide = 4 * width
    found = {"img_in": (width, 64), "txt_in": (width, 4096)}
    for name, into in (("time_in", 256), ("vector_in", 768), ("guidance_in", 256)):
        found |= {f"{name}.in_layer": (width, into), f"{name}.out_layer": (width, width)}
    found |= {
        "final_layer.linear": (64, width),
        "final_layer.adaLN_modulation.1": (2 * width, width),
    }
    scales: dict[str, tuple[int, ...]] = {}
    for block in range(double):
        for side in ("img", "txt"):
            stem = f"double_blocks.{block}.{side}_"
            found |= {f"{stem}mod.lin": (6 * width, width), f"{stem}attn.qkv": (3 * width, width)}
            found |= {f"{stem}attn.proj": (width, width)}
            found |= {f"{stem}mlp.0": (wide, width), f"{stem}mlp.2": (width, wide)}
            scales |= {f"{stem}attn.norm.{each}_norm.scale": (128,) for each in ("query", "key")}
    for block in range(one):
        stem = f"single_blocks.{block}."
        found |= {f"{stem}linear1": (3 * width + wide, width)}
        found |= {
            f"{stem}linear2": (width, width + wide),
            f"{stem}modulation.lin": (3 * width, width),
        }
        scales |= {f"{stem}norm.{each}_norm.scale": (128,) for each in ("query", "key")}
    both = {f"{name}.weight": shape for name, shape in found.items()}
    return both | {f"{name}.bias": shape[:1] for name, shape in found.items()} | scales


@pytest.mark.parametrize("schnell", [False, True])
def test_flux_in_full_size_fits_its_config(schnell: bool, tmp_path: Path) -> None:
    """Twelve billion numbers that are not there: names and shapes go through the converter."""
    sizes = flux_shapes()
    if schnell:
        sizes = {name: shape for name, shape in sizes.items() if not name.startswith("guidance")}
    path = empty_file(tmp_path / "flux.safetensors", sizes)
    part = recipes.part(path, "transformer")
    state = {name: torch.empty(shape, device="meta") for name, shape in sizes.items()}
    convert = single_file_utils.convert_flux_transformer_checkpoint_to_diffusers
    converted = {name: tuple(tensor.shape) for name, tensor in convert(state).items()}
    assert converted == single.outline(part)
    assert recipes.config(path, "scheduler")["use_dynamic_shifting"] is not schnell
    with pytest.raises(MissingModel, match="no text encoder CLIP-L and no text encoder T5 and no"):
        supplies.assigned(path, recipes.index(path), ["text_encoder", "text_encoder_2", "vae"], [])


def empty_file(path: Path, sizes: Mapping[str, tuple[int, ...]]) -> Path:
    """A safetensors file in bfloat16 that takes no room on disk."""
    table, at = {}, 0
    for name, shape in sizes.items():
        end = at + 2 * math.prod(shape)
        table[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(table).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    os.truncate(path, 8 + len(text) + at)
    return path


def test_a_lora_changes_a_single_file_as_its_folder(sd1: Pair, tmp_path: Path) -> None:
    stem = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_v"
    state = {f"{stem}.lora_down.weight": torch.randn(4, 64), f"{stem}.alpha": torch.tensor(4.0)}
    path = tmp_path / "lora.safetensors"
    save_file(state | {f"{stem}.lora_up.weight": torch.randn(32, 4)}, path)
    drawn = []
    for file in sd1:
        model = loras.resolve(recipes.resolve(str(file), "float32"), str(path), 0.8)
        assert model.loras[0].parts == ("unet",)
        with weights.using(model, "unet") as unet, torch.no_grad():
            drawn.append(unet(torch.ones(1, 4, 16, 16), 500, torch.ones(1, 77, 64)).sample)
    assert torch.equal(*drawn)
    bare = weights.component(model, "unet")
    with torch.no_grad():
        without = bare(torch.ones(1, 4, 16, 16), 500, torch.ones(1, 77, 64)).sample
    assert not torch.equal(drawn[1], without)
