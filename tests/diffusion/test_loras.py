"""LoRAs through the stations: bitwise as plain diffusers, and without a trace."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch
from peft.tuners.lora.layer import Linear
from safetensors.torch import load_file, save_file

from nodeforge import ways
from nodeforge.diffusion import compiled, devices, loras, sampling, weights
from nodeforge.diffusion.pool import Pool, pool, weight
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel, Cancelled, MissingModel, NodeForgeError
from nodeforge.values import Latent, Model
from tests.diffusion import additions
from tests.diffusion.conftest import PROMPT

SIZE = Latent(24, 16)
SETTINGS = Settings(seed=4, steps=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loras")


@pytest.fixture(scope="module")
def style(random: Model, folder: Path) -> Path:
    return additions.lora(random, folder, "style", 1)


@pytest.fixture(scope="module")
def draft(random: Model, folder: Path) -> Path:
    return additions.lora(random, folder, "draft", 2, text=False)


@pytest.fixture
def plain(random: Model) -> Any:
    """A whole pipeline of diffusers, with no LoRA yet."""
    import diffusers

    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
        random.path, torch_dtype=weights.precision(random), local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(devices.device().torch)


def drawn(model: Model, step: Any = None) -> torch.Tensor:
    words = sampling.encode_prompt(model, PROMPT)
    given = {"step": step} if step else {}
    made = sampling.sample(model, words, None, SIZE, SETTINGS, **given)
    assert made.samples is not None
    return made.samples


def drawn_by(pipeline: Any) -> torch.Tensor:
    samples: torch.Tensor = pipeline(
        PROMPT,
        width=SIZE.width,
        height=SIZE.height,
        num_inference_steps=SETTINGS.steps,
        guidance_scale=SETTINGS.guidance,
        generator=torch.Generator().manual_seed(SETTINGS.seed),
        output_type="latent",
    ).images
    return samples.cpu()


def prints(model: Model) -> dict[str, str]:
    """What the bare components are, to the last bit, and which modules they are made of."""
    found = {}
    for name in ("unet", "text_encoder"):
        component = weights.component(model, name)
        digest = hashlib.sha256()
        for key, tensor in component.state_dict().items():
            digest.update(key.encode() + tensor.cpu().numpy().tobytes())
        kinds = sorted({type(module).__module__ for module in component.modules()})
        found[name] = f"{digest.hexdigest()} {kinds} {hasattr(component, 'peft_config')}"
    return found


def test_one_lora_is_bitwise_plain_diffusers(random: Model, style: Path, plain: Any) -> None:
    before = drawn(random)
    plain.load_lora_weights(style, adapter_name="style")
    mine = drawn(loras.resolve(random, str(style)))
    assert torch.equal(mine, drawn_by(plain))
    assert not torch.equal(mine, before)


def test_several_with_strengths_are_bitwise_plain_diffusers(
    random: Model, style: Path, draft: Path, plain: Any
) -> None:
    plain.load_lora_weights(style, adapter_name="style")
    plain.load_lora_weights(draft, adapter_name="draft")
    for first, second in ((0.7, -0.4), (1.5, 0.2)):
        model = loras.resolve(loras.resolve(random, str(style), first), str(draft), second)
        plain.set_adapters(["style", "draft"], [first, second])
        assert torch.equal(drawn(model), drawn_by(plain))


@pytest.mark.parametrize("half", [torch.float32, torch.bfloat16, torch.float16])
def test_a_strength_in_memory_is_as_a_number(
    half: torch.dtype, random: Model, style: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a recording of a denoiser with LoRAs heeds the strengths of later runs."""
    monkeypatch.setattr(devices, "dtype", lambda *_, **__: half)
    both = [(0.7, -0.4), (1 / 3, 0.2)]
    models = [
        loras.resolve(loras.resolve(random, str(style), first), str(draft), second)
        for first, second in both
    ]
    monkeypatch.setenv(ways.COMPILE, "off")
    as_numbers = [drawn(model) for model in models]
    monkeypatch.setenv(ways.COMPILE, "")
    monkeypatch.setattr(compiled, "records", lambda: True)
    for model, expected in zip(models, as_numbers, strict=True):
        assert torch.equal(drawn(model), expected)
    with weights.using(models[0], "unet") as twin:
        kept = [f for part in twin.modules() for f in getattr(part, "scaling", {}).values()]
        assert kept
        assert all(isinstance(factor, loras.Factor) for factor in kept)
    places = {factor.number.data_ptr() for factor in kept}
    with weights.using(models[1], "unet") as twin:
        again = [f for part in twin.modules() for f in getattr(part, "scaling", {}).values()]
    assert places == {factor.number.data_ptr() for factor in again}
    assert len(places) == len(kept)


def test_layers_that_do_more_than_multiply_are_left_alone(
    random: Model, style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "records", lambda: True)
    model = loras.resolve(random, str(style), 0.5)
    expected = drawn(model)
    with weights.using(model, "unet") as twin:
        part = next(part for part in twin.modules() if isinstance(part, Linear))
        monkeypatch.setitem(part.lora_variant, "lora0", part)  # as DoRA has one
    adapted = loras.Adapted(twin, ("lora0",), [(part, "lora0")])
    adapted.set([0.5])
    assert not adapted.live()
    assert isinstance(part.scaling["lora0"], float)
    monkeypatch.undo()
    assert torch.equal(drawn(model), expected)


def test_a_file_of_the_kohya_kind_counts_its_alphas(
    random: Model, style: Path, tmp_path: Path, plain: Any
) -> None:
    path = additions.kohya(style, tmp_path, alpha=2.0)
    plain.load_lora_weights(path, adapter_name="kohya")
    model = loras.resolve(random, str(path))
    assert model.loras[0].parts == ("unet", "text_encoder")
    mine = drawn(model)
    assert torch.equal(mine, drawn_by(plain))
    # rank 4 and alpha 2: half the strength
    half = drawn(loras.resolve(random, str(style), 0.5))
    torch.testing.assert_close(mine, half, atol=1e-3, rtol=1e-3)


def test_it_leaves_no_trace(random: Model, style: Path) -> None:
    before, bare = prints(random), drawn(random)
    model = loras.resolve(random, str(style))
    drawn(model)
    assert prints(random) == before
    assert torch.equal(drawn(random), bare)

    def stop(done: int, steps: int, preview: object) -> None:
        raise Cancelled if done == 1 else RuntimeError

    with pytest.raises(Cancelled):
        drawn(model, stop)
    assert prints(random) == before

    def fail(done: int, steps: int, preview: object) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        drawn(model, fail)
    assert prints(random) == before
    assert torch.equal(drawn(random), bare)
    assert torch.equal(drawn(model), drawn(model))


def test_base_weights_are_there_once_and_another_strength_loads_nothing(
    random: Model, style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Pool(2**30)
    bare = weights.component(random, "unet", store)
    alone = store.used
    with weights.using(loras.resolve(random, str(style)), "unet", store) as first:
        shared = {tensor.data_ptr() for tensor in bare.parameters()}
        own = [t for t in first.parameters() if t.data_ptr() not in shared]
    assert len(list(first.parameters())) == len(shared) + len(own)
    assert store.used == alone + sum(t.numel() * t.element_size() for t in own)
    monkeypatch.setattr(loras, "adapted", lambda *_: pytest.fail("loaded again"))
    with weights.using(loras.resolve(random, str(style), 0.25), "unet", store) as second:
        assert second is first
    store.free()
    assert not store.resident()


def test_a_twin_leaves_with_what_it_stands_on(random: Model, style: Path) -> None:
    store = Pool(2**30)
    with weights.using(loras.resolve(random, str(style)), "unet", store):
        pass
    bare, twin = store.resident()
    if bare.loras:
        bare, twin = twin, bare
    assert twin.bare == bare
    store.free(keep=[twin])
    assert set(store.resident()) == {bare, twin}
    store.budget = 0
    weights.component(random, "text_encoder", store)
    assert not {bare, twin} & set(store.resident())


def test_a_part_that_no_lora_changes_stays_bare(random: Model, draft: Path) -> None:
    model = loras.resolve(random, str(draft))
    assert model.loras[0].parts == ("unet",)
    with weights.using(model, "text_encoder") as encoder:
        assert encoder is weights.component(random, "text_encoder")


def test_at_strength_0_nothing_is_added(random: Model, style: Path) -> None:
    assert loras.resolve(random, str(style), 0) == random


def test_the_recipe_moves_with_the_file(random: Model, style: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(style.read_bytes())
    before = loras.resolve(random, str(path)).loras[0]
    save_file({k: 2 * v for k, v in load_file(style).items()}, path, {"again": "yes"})
    after = loras.resolve(random, str(path)).loras[0]
    assert before.print != after.print
    assert hash(before) != hash(after)


def bad(folder: Path, random: Model, forge: Model) -> dict[str, tuple[str, str]]:
    """File names and what is said of them."""
    good = additions.lora(random, folder, "good", 5)
    (folder / "cut.safetensors").write_bytes(good.read_bytes()[:-10])
    (folder / "noise.safetensors").write_bytes(b"not at all")
    (folder / "bomb.safetensors").write_bytes((2**60).to_bytes(8, "little") + b"{}")
    (folder / "old.pt").write_bytes(b"")
    save_file({"unet.conv_in.weight": torch.zeros(2, 2)}, folder / "model.safetensors")
    half = {k: v for k, v in load_file(good).items() if k.startswith("text")}
    save_file(
        {k: v.new_zeros(4, 99) if "lora_A" in k else v for k, v in half.items()},
        folder / "wide.safetensors",
    )
    save_file(
        {f"lora_unet_mid.hada_w1_{x}": torch.zeros(2, 2) for x in "ab"}, folder / "loha.safetensors"
    )
    other = additions.lora(forge, folder, "other", 6)
    return {
        "": ("MissingModel", "No LoRA is chosen"),
        "nowhere.safetensors": ("MissingModel", "There is no LoRA “.*nowhere"),
        "cut.safetensors": ("BadModel", "cut short or damaged"),
        "noise.safetensors": ("BadModel", "is not a safetensors file|cannot be read"),
        "bomb.safetensors": ("BadModel", "is not a safetensors file"),
        "old.pt": ("BadModel", "“old.pt” is a pickle"),
        "model.safetensors": ("BadModel", "“model.safetensors” is not a LoRA"),
        "wide.safetensors": ("BadModel", "made for another kind of model than “random”"),
        "loha.safetensors": ("BadModel", "a kind of LoRA that cannot be read|another kind"),
        other.name: ("BadModel", "“other.safetensors” was made for another kind of model"),
    }


def test_what_is_wrong_is_said_in_a_sentence(random: Model, forge: Model, tmp_path: Path) -> None:
    for name, (kind, said) in bad(tmp_path, random, forge).items():
        with pytest.raises(NodeForgeError, match=said) as caught:
            loras.resolve(random, str(tmp_path / name) if name else "")
        assert type(caught.value).__name__ == kind, name
        assert "\n" not in str(caught.value)


def test_a_file_that_goes_or_changes_before_it_is_read(
    random: Model, style: Path, tmp_path: Path
) -> None:
    path = tmp_path / "late.safetensors"
    path.write_bytes(style.read_bytes())
    model = loras.resolve(random, str(path))
    path.write_bytes(style.read_bytes()[:-100])
    with pytest.raises(BadModel, match=r"“late\.safetensors” cannot be loaded"):
        drawn(model)
    path.unlink()
    with pytest.raises(MissingModel, match=r"“late\.safetensors” is gone"):
        drawn(model)
    drawn(random)


def test_ours_go_by_their_names(
    random: Model, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nodeforge import resources

    home = tmp_path / loras.FOLDER
    home.mkdir(parents=True)
    (home / "blueprint.safetensors").write_bytes(style.read_bytes())
    monkeypatch.setattr(resources, "path", lambda name="": tmp_path / name)
    for name in ("blueprint", "blueprint.safetensors"):
        assert loras.locate(name) == home / "blueprint.safetensors"
    with pytest.raises(MissingModel, match="or type blueprint"):
        loras.locate("blue")


def test_threads_with_other_strengths_do_not_mix(random: Model, style: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    models = [loras.resolve(random, str(style), strength) for strength in (0.2, 1.0)]
    alone = [drawn(model) for model in models]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(drawn, models * 2))
    for number, made in enumerate(together):
        assert torch.equal(made, alone[number % 2])


def test_what_it_weighs_is_its_own(random: Model, style: Path) -> None:
    with weights.using(loras.resolve(random, str(style)), "unet"):
        sizes = {place: size for place, size in pool().resident().items() if place.loras}
    assert all(0 < size < weight(weights.component(random, "unet")) for size in sizes.values())
    assert any("unet" in place.component for place in sizes)
