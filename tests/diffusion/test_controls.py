"""Controls through the stations: bitwise as the pipelines of diffusers made for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nodeforge.diffusion import controls, devices, graphs, recipes, sampling, weights
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel, BadValue, MissingModel
from nodeforge.imaging import sizes
from nodeforge.imaging.sizes import Fit
from nodeforge.values import Control, Image, Latent, Model
from tests.diffusion import additions, whole
from tests.diffusion.conftest import PROMPT

SIZE = Latent(32, 24)
SETTINGS = Settings(seed=4, steps=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("control")


@pytest.fixture(scope="module")
def adapters(folder: Path) -> list[Path]:
    return [additions.adapter(folder / f"lines{seed}", seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def nets(random: Model, folder: Path) -> list[Path]:
    return [additions.control_net(folder / f"net{seed}", random, seed) for seed in (3, 4)]


def hint(batch: int = 1, width: int = 32, height: int = 24, seed: int = 0) -> Image:
    rng = np.random.default_rng(seed)
    return Image(rng.random((batch, height, width, 3), np.float32))


def drawn(model: Model, *given: Control, latent: Latent = SIZE, **words: Any) -> torch.Tensor:
    prompt = sampling.encode_prompt(model, PROMPT)
    settings = words.pop("settings", SETTINGS)
    made = sampling.sample(model, prompt, None, latent, settings, controls=given, **words)
    assert made.samples is not None
    return made.samples


def drawn_by(cls: str, model: Model, part: str, folders: list[Path], **words: Any) -> torch.Tensor:
    """The whole pipeline of diffusers, loaded the plain way."""
    import diffusers

    network = getattr(diffusers, {"adapter": "T2IAdapter", "controlnet": "ControlNetModel"}[part])
    dtype = weights.precision(model)
    loaded = [network.from_pretrained(folder, dtype=dtype) for folder in folders]
    pipeline = getattr(diffusers, cls).from_pretrained(
        model.path,
        local_files_only=True,
        torch_dtype=dtype,
        **{part: loaded[0] if len(loaded) == 1 else loaded},
    )
    pipeline.set_progress_bar_config(disable=True)
    samples: torch.Tensor = pipeline.to(devices.device().torch)(
        PROMPT,
        width=SIZE.width,
        height=SIZE.height,
        guidance_scale=SETTINGS.guidance,
        generator=torch.Generator().manual_seed(SETTINGS.seed),
        output_type="latent",
        **{"num_inference_steps": SETTINGS.steps, **words},
    ).images
    return samples.cpu()


def test_an_adapter_is_bitwise_its_pipeline(random: Model, adapters: list[Path]) -> None:
    mine = drawn(random, controls.resolve(str(adapters[0]), hint(), 0.8))
    words = {"image": whole.tensor(hint()), "adapter_conditioning_scale": 0.8}
    theirs = drawn_by("StableDiffusionAdapterPipeline", random, "adapter", adapters[:1], **words)
    assert torch.equal(mine, theirs)
    assert not torch.equal(mine, drawn(random))


def test_two_adapters_are_bitwise_their_pipeline(random: Model, adapters: list[Path]) -> None:
    hints = [hint(seed=1), hint(seed=2)]
    both = zip(adapters, hints, (0.5, 1.2), strict=True)
    mine = drawn(random, *(controls.resolve(str(path), h, s) for path, h, s in both))
    words = {"image": [whole.tensor(h) for h in hints], "adapter_conditioning_scale": [0.5, 1.2]}
    theirs = drawn_by("StableDiffusionAdapterPipeline", random, "adapter", adapters, **words)
    assert torch.equal(mine, theirs)


@pytest.mark.parametrize("count", [1, 2])
def test_control_nets_are_bitwise_their_pipeline(
    random: Model, nets: list[Path], count: int
) -> None:
    """Between a start and an end, too."""
    windows = [(0.0, 0.7), (0.3, 1.0)][:count]
    given = [
        controls.resolve(str(path), hint(), 0.9, *window)
        for path, window in zip(nets, windows, strict=False)
    ]
    one = count == 1
    words = {
        "image": whole.tensor(hint()) if one else [whole.tensor(hint())] * 2,
        "controlnet_conditioning_scale": 0.9 if one else [0.9, 0.9],
        "control_guidance_start": [start for start, _ in windows],
        "control_guidance_end": [end for _, end in windows],
    }
    theirs = drawn_by(
        "StableDiffusionControlNetPipeline", random, "controlnet", nets[:count], **words
    )
    assert torch.equal(drawn(random, *given), theirs)


def test_from_a_picture_it_is_bitwise_the_pipeline(random: Model, nets: list[Path]) -> None:
    start = sampling.encode(random, hint(seed=5))
    assert start.samples is not None
    control = controls.resolve(str(nets[0]), hint())
    settings = Settings(seed=4, steps=4, strength=0.75)
    mine = drawn(random, control, latent=start, settings=settings)
    words = {"image": start.samples, "control_image": whole.tensor(hint()), "strength": 0.75}
    theirs = drawn_by(
        "StableDiffusionControlNetImg2ImgPipeline",
        random,
        "controlnet",
        nets[:1],
        **words,
        controlnet_conditioning_scale=1.0,
        num_inference_steps=4,
    )
    assert torch.equal(mine, theirs)
    assert not torch.equal(mine, drawn(random, latent=start, settings=settings))


def test_under_a_mask_it_is_bitwise_the_pipeline(random: Model, nets: list[Path]) -> None:
    picture, mask = hint(seed=5), whole.right_half(32, 24)
    start, control = sampling.encode(random, picture), controls.resolve(str(nets[0]), hint())
    mine = drawn(random, control, latent=start, mask=mask)
    words = {
        "image": whole.tensor(picture),
        "mask_image": torch.from_numpy(mask.alpha[:, None]).to(devices.device().torch),
        "control_image": whole.tensor(hint()),
        "controlnet_conditioning_scale": 1.0,
    }
    cls = "StableDiffusionControlNetInpaintPipeline"
    with whole.modes():
        theirs = drawn_by(cls, random, "controlnet", nets[:1], **words)
    assert torch.equal(mine, theirs)
    assert not torch.equal(mine, drawn(random, latent=start, mask=mask))


def test_the_window_of_steps(random: Model, adapters: list[Path]) -> None:
    """Outside it, the plain picture."""
    always = controls.resolve(str(adapters[0]), hint())
    early = controls.resolve(str(adapters[0]), hint(), end=0.4)
    never = controls.resolve(str(adapters[0]), hint(), start=0.1, end=0.2)
    plain = drawn(random)
    assert torch.equal(drawn(random, never), plain)
    assert not torch.equal(drawn(random, early), plain)
    assert not torch.equal(drawn(random, early), drawn(random, always))


def test_a_picture_of_a_batch_follows_its_own_hint(random: Model, adapters: list[Path]) -> None:
    pair = hint(2)
    control = controls.resolve(str(adapters[0]), pair)
    batch = drawn(random, control, latent=Latent(32, 24, 2))
    second = controls.resolve(str(adapters[0]), Image(pair.pixels[1:]))
    alone = drawn(random, second, settings=Settings(seed=5, steps=3))
    torch.testing.assert_close(batch[1:], alone, atol=1e-3, rtol=1e-3)
    with pytest.raises(BadValue, match="2 hints for 3 pictures"):
        drawn(random, control, latent=Latent(32, 24, 3))


def test_a_hint_is_made_to_fit(random: Model, folder: Path) -> None:
    """Grey for a network of one channel; scaled."""
    grey = additions.adapter(folder / "grey", 9, hint=1)
    flat = Image(hint().pixels[..., :1].repeat(3, -1))
    first = drawn(random, controls.resolve(str(grey), flat))
    alpha = Image(np.concatenate([flat.pixels, np.ones_like(flat.pixels[..., :1])], -1))
    assert torch.equal(drawn(random, controls.resolve(str(grey), alpha)), first)
    large = Image(flat.pixels.repeat(2, 1).repeat(2, 2))
    assert drawn(random, controls.resolve(str(grey), large)).shape == first.shape


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_hint_of_another_shape_is_fitted_as_chosen(
    random: Model, adapters: list[Path], fit: Fit
) -> None:
    wide = hint(width=64)
    chosen = controls.resolve(str(adapters[0]), wide, fit=fit)
    ready = controls.resolve(str(adapters[0]), Image(sizes.fit(wide.pixels, 32, 24, fit)))
    assert torch.equal(drawn(random, chosen), drawn(random, ready))


def test_what_a_hint_hides_is_black(random: Model, adapters: list[Path]) -> None:
    shown = hint().pixels.copy()
    shown[:, :, 16:] = 0
    alpha = np.ones_like(shown[..., :1])
    alpha[:, :, 16:] = 0
    hidden = Image(np.concatenate([hint().pixels, alpha], -1))
    one, other = (controls.resolve(str(adapters[0]), each) for each in (Image(shown), hidden))
    assert torch.equal(drawn(random, one), drawn(random, other))


def test_a_hint_of_an_odd_size_lies_over_its_cells(random: Model, adapters: list[Path]) -> None:
    """Cells of 2 px here, of 4 in the adapter."""
    odd = hint(width=33, height=23)
    whole = Image(np.pad(odd.pixels, [(0, 0), (0, 1), (0, 1), (0, 0)], mode="edge"))
    one, other = (controls.resolve(str(adapters[0]), each) for each in (odd, whole))
    mine = drawn(random, one, latent=Latent(33, 23))
    assert torch.equal(mine, drawn(random, other, latent=Latent(34, 24)))


def test_the_denoiser_is_not_touched(random: Model, adapters: list[Path]) -> None:
    before = drawn(random)
    unet = weights.component(random, "unet")
    kinds = [type(module) for module in unet.modules()]

    def fail(done: int, steps: int, preview: object) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        drawn(random, controls.resolve(str(adapters[0]), hint()), step=fail)
    assert weights.component(random, "unet") is unet
    assert [type(module) for module in unet.modules()] == kinds
    assert not unet._forward_pre_hooks
    assert torch.equal(drawn(random), before)


def test_a_recorded_denoiser_is_guided_as_a_plain_one(random: Model, nets: list[Path]) -> None:
    """On a GPU its forward is another for as long as it draws."""
    control = controls.resolve(str(nets[0]), hint())
    plain = drawn(random, control)
    with graphs.replayed(weights.component(random, "unet")):
        assert torch.equal(drawn(random, control), plain)


def test_the_recipe_is_read_from_headers(
    adapters: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nodeforge import resources

    control = controls.resolve(str(adapters[0] / "config.json"), hint(), 0.5, 0.1, 0.9)
    assert (control.kind, control.path) == ("T2IAdapter", str(adapters[0].resolve()))
    assert (control.strength, control.start, control.end) == (0.5, 0.1, 0.9)
    home = tmp_path / controls.FOLDER
    home.mkdir(parents=True)
    (home / "edges").symlink_to(adapters[0])
    monkeypatch.setattr(resources, "path", lambda name="": tmp_path / name)
    assert controls.resolve("edges", hint()).print == control.print
    with pytest.raises(MissingModel, match="or type edges"):
        controls.resolve("depth", hint())


def test_what_is_wrong_is_said_in_a_sentence(
    random: Model, forge: Model, adapters: list[Path], nets: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(MissingModel, match="No control is chosen"):
        controls.resolve(" ", hint())
    with pytest.raises(BadModel, match=r"has no config\.json"):
        controls.resolve(str(tmp_path), hint())
    with pytest.raises(BadModel, match="“unet” is a UNet2DConditionModel, not a control network"):
        controls.resolve(f"{random.path}/unet", hint())
    with pytest.raises(BadValue, match=r"set its end above 0\.5"):
        controls.resolve(str(adapters[0]), hint(), 1, 0.5, 0.5)
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in adapters[0].iterdir():
        (broken / file.name).write_bytes(
            file.read_bytes()[: -100 * (file.suffix != ".json") or None]
        )
    with pytest.raises(BadModel, match="cut short or damaged"):
        controls.resolve(str(broken), hint())
    for path in (adapters[0], nets[0]):
        with pytest.raises(BadModel, match="another kind of model than “forge-tiny”"):
            drawn(forge, controls.resolve(str(path), hint()), latent=Latent(64, 64))
    gone = controls.resolve(str(adapters[0]), hint())
    with pytest.raises(MissingModel):
        drawn(random, Control(gone.kind, str(tmp_path / "gone"), "", hint()))


def test_the_weights_of_the_family_fit_an_adapter_of_three_blocks(forge: Model) -> None:
    """The shape in which the edges of Forge Tiny are trained."""
    denoiser = recipes.config(Path(forge.path), "unet")
    assert json.dumps(denoiser["block_out_channels"]) == "[96, 192, 256]"
    fits = controls.KINDS["T2IAdapter"].fits
    assert fits({"channels": [96, 192, 256, 256]}, denoiser)
    assert not fits({"channels": [320, 640, 1280, 1280]}, denoiser)
