"""Every family and task: pictures through the stations are bitwise those of the bare pipeline."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image as Pil

from nodeforge.diffusion import controls, devices, job, recipes, sampling
from nodeforge.diffusion.sampling import Settings
from nodeforge.errors import BadModel, BadValue
from nodeforge.values import Control, Image, Latent, Mask, Model
from tests.diffusion import whole
from tests.diffusion.whole import NEGATIVE, SETTINGS, STRENGTH

Tiny = Callable[[str], Model]


@dataclass(frozen=True)
class Case:
    """How the bare pipelines of a tiny model are called.

    text, image, inpaint: their classes, empty where diffusers has none. guidance: the argument
    that Sample's guidance goes to. guided: whether it takes a negative prompt as
    words; if not, `negative` is what it takes by itself, or nothing. words: what else
    our stations do alike.
    """

    name: str
    text: str = ""
    image: str = ""
    inpaint: str = ""
    guidance: str = "guidance_scale"
    guided: bool = True
    negative: str = NEGATIVE
    width: int = 48
    height: int = 32
    words: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def size(self) -> Latent:
        return Latent(self.width, self.height, 2)


# PixArt and Sana would move the size to the nearest they were trained for: here the size is what
# the empty latent says. Captions are cleaned only where another package is there.
EXACT = {"use_resolution_binning": False, "clean_caption": False}
CASES = (
    Case(
        "sdxl",
        "StableDiffusionXLPipeline",
        "StableDiffusionXLImg2ImgPipeline",
        "StableDiffusionXLInpaintPipeline",
    ),
    Case("sdxl-refiner", image="StableDiffusionXLImg2ImgPipeline"),
    Case("flux-dev", "FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline", guided=False),
    Case(
        "flux-schnell", "FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline", guided=False
    ),
    Case("flux2", "Flux2Pipeline", guided=False),
    Case(
        "flux2-klein",
        "Flux2KleinPipeline",
        inpaint="Flux2KleinInpaintPipeline",
        guided=False,
        negative="",
    ),
    Case(
        "chroma",
        "ChromaPipeline",
        "ChromaImg2ImgPipeline",
        "ChromaInpaintPipeline",
        words={"max_sequence_length": 512},  # the one that inpaints would cut prompts at half that
    ),
    Case(
        "sd3",
        "StableDiffusion3Pipeline",
        "StableDiffusion3Img2ImgPipeline",
        "StableDiffusion3InpaintPipeline",
    ),
    Case("z-image", "ZImagePipeline", "ZImageImg2ImgPipeline", "ZImageInpaintPipeline"),
    Case(
        "qwen-image",
        "QwenImagePipeline",
        "QwenImageImg2ImgPipeline",
        "QwenImageInpaintPipeline",
        guidance="true_cfg_scale",
    ),
    Case("sana", "SanaPipeline", width=64, words=EXACT),
    Case(
        "sana-sprint",
        "SanaSprintPipeline",
        "SanaSprintImg2ImgPipeline",
        guided=False,
        width=64,
        words=EXACT | {"intermediate_timesteps": None},
    ),
    Case("pixart", "PixArtSigmaPipeline", words=EXACT),
    Case("lumina2", "Lumina2Pipeline"),
)


def having(task: str) -> pytest.MarkDecorator:
    cases = [case for case in CASES if getattr(case, task)]
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def words(case: Case, pipeline: Any, negative: str | None) -> dict[str, Any]:
    takes = inspect.signature(pipeline.__call__).parameters
    size = {"width": case.width, "height": case.height}
    found: dict[str, Any] = {name: value for name, value in size.items() if name in takes}
    found[case.guidance] = SETTINGS.guidance
    if case.guided:
        found["negative_prompt"] = negative
    return found | case.words


@having("text")
def test_text_to_image(case: Case, tiny: Tiny) -> None:
    model = tiny(case.name)
    mine = whole.from_stations(model, case.size, SETTINGS, case.negative)
    pipeline = whole.bare(model, case.text)
    theirs = whole.from_whole(pipeline, case.size, **words(case, pipeline, NEGATIVE))
    assert mine.shape == (2, case.height, case.width, 3)
    assert theirs.std() > 0.02
    assert not np.array_equal(theirs[0], theirs[1])
    np.testing.assert_array_equal(mine, theirs)


@having("text")
def test_without_guidance(case: Case, tiny: Tiny) -> None:
    """Half the work; one picture."""
    model, size = tiny(case.name), replace(case.size, batch=1)
    mine = whole.from_stations(model, size, replace(SETTINGS, guidance=1.0), None)
    pipeline = whole.bare(model, case.text)
    given = words(case, pipeline, None) | {case.guidance: 0.0 if case.name == "z-image" else 1.0}
    np.testing.assert_array_equal(mine, whole.from_whole(pipeline, size, **given))


def test_a_sprint_in_two_steps_stops_half_way(tiny: Tiny) -> None:
    """As it was trained; only with two."""
    model, size = tiny("sana-sprint"), Latent(64, 32, 2)
    mine = whole.from_stations(model, size, replace(SETTINGS, steps=2), None)
    pipeline = whole.bare(model, "SanaSprintPipeline")
    given = {"guidance_scale": SETTINGS.guidance, "num_inference_steps": 2, **EXACT}
    theirs = whole.from_whole(pipeline, size, width=64, height=32, **given)
    np.testing.assert_array_equal(mine, theirs)


@having("image")
def test_image_to_image(case: Case, tiny: Tiny) -> None:
    model, given = tiny(case.name), whole.picture(case.width, case.height)
    start = sampling.encode(model, given)
    settings = replace(SETTINGS, strength=STRENGTH)
    mine = whole.from_stations(model, start, settings, case.negative)
    pipeline = whole.bare(model, case.image)
    one_at_a_time(pipeline.vae)
    theirs = whole.from_whole(
        pipeline,
        case.size,
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        strength=STRENGTH,
        **words(case, pipeline, NEGATIVE),
    )
    np.testing.assert_array_equal(mine, theirs)


@having("inpaint")
@pytest.mark.parametrize("strength", [STRENGTH, 1.0])
def test_inpaint(case: Case, strength: float, tiny: Tiny) -> None:
    model, given = tiny(case.name), whole.picture(case.width, case.height)
    mask = whole.right_half(case.width, case.height)
    start = sampling.encode(model, given)
    settings = replace(SETTINGS, strength=strength)
    mine = whole.from_stations(model, start, settings, case.negative, mask=mask)
    pipeline = whole.bare(model, case.inpaint)
    one_at_a_time(pipeline.vae)
    if case.name == "chroma":
        # diffusers 0.42.1 asks for this entry here, and only here
        pipeline.transformer.register_to_config(guidance_embeds=False)
    if case.name == "sd3":
        # diffusers 0.42.1 forgets the VAE's shift here, and only here, when it decodes
        shift = pipeline.vae.config.shift_factor
        decode = pipeline.vae.decode
        pipeline.vae.decode = lambda latents, **words: decode(latents + shift, **words)
    theirs = whole.from_whole(
        pipeline,
        case.size,
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        mask_image=torch.from_numpy(mask.alpha[:, None]),
        strength=strength,
        **words(case, pipeline, NEGATIVE),
    )
    np.testing.assert_array_equal(mine, theirs)


def test_inpainting_by_reference(tiny: Tiny) -> None:
    """The words may speak of one more picture."""
    model, given, mask = tiny("flux2-klein"), whole.picture(48, 32), whole.right_half(48, 32)
    start, spoken = sampling.encode(model, given), whole.picture(64, 64, 1)

    def drawn(*reference: Image) -> NDArray[np.float32]:
        return whole.from_stations(model, start, SETTINGS, "", mask=mask, reference=reference)

    pipeline = whole.bare(model, "Flux2KleinInpaintPipeline")
    one_at_a_time(pipeline.vae)
    theirs = whole.from_whole(
        pipeline,
        Latent(48, 32, 2),
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        image_reference=Pil.fromarray(spoken.bytes8()[0]),
        mask_image=torch.from_numpy(mask.alpha[:, None]),
        strength=1.0,
        guidance_scale=SETTINGS.guidance,
    )
    np.testing.assert_array_equal(drawn(spoken), theirs)
    assert not np.array_equal(drawn(), theirs)
    with pytest.raises(BadValue, match="one picture only"):
        drawn(spoken, spoken)


@pytest.mark.parametrize("strength", [STRENGTH, 1.0])
def test_kontext_under_a_mask(strength: float, tiny: Tiny) -> None:
    """Its own pipeline begins with pixels, ours with their latents."""
    model, given, mask = tiny("flux-kontext"), whole.picture(48, 32), whole.right_half(48, 32)
    spoken = whole.picture(64, 32, 1)
    settings = replace(SETTINGS, strength=strength)
    start = sampling.encode(model, given)
    mine = whole.from_stations(model, start, settings, None, mask=mask, reference=[spoken])
    pipeline = whole.bare(model, "FluxKontextInpaintPipeline")
    theirs = whole.from_whole(
        pipeline,
        Latent(48, 32, 2),
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        image_reference=Pil.fromarray(spoken.bytes8()[0]),
        mask_image=torch.from_numpy(mask.alpha[:, None]),
        strength=strength,
        guidance_scale=SETTINGS.guidance,
        _auto_resize=False,
    )
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("strength", [STRENGTH, 1.0])
def test_an_editor_of_qwen_under_a_mask(
    strength: float, tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own pipeline speaks of the picture that it starts from."""
    for cls in ("QwenImageEditPipeline", "QwenImageEditInpaintPipeline"):
        small(cls, monkeypatch)
    model, mask = tiny("qwen-image-edit"), whole.right_half(64, 64)
    given = Image((whole.picture(64, 64, 1).bytes8() / 255).astype(np.float32))
    settings = replace(SETTINGS, strength=strength)
    start = sampling.encode(model, Image(given.pixels.repeat(2, 0)))
    mine = whole.from_stations(model, start, settings, NEGATIVE, mask=mask, reference=[given])
    pipeline = whole.bare(model, "QwenImageEditInpaintPipeline")
    theirs = whole.from_whole(
        pipeline,
        Latent(64, 64, 2),
        image=Pil.fromarray(given.bytes8()[0]),
        mask_image=torch.from_numpy(mask.alpha[:, None]),
        strength=strength,
        true_cfg_scale=SETTINGS.guidance,
        negative_prompt=NEGATIVE,
    )
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", ["flux-kontext", "qwen-image-edit-plus"])
def test_an_editor_that_starts_from_a_picture(
    name: str, tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which diffusers has no pipelines for: the closer to its start the less strength, and it
    looks at what the words speak of."""
    for cls in ("QwenImageEditPipeline", "QwenImageEditPlusPipeline"):
        small(cls, monkeypatch)
    model, start = tiny(name), sampling.encode(tiny(name), whole.picture(48, 32))

    def drawn(strength: float, seed: int = 0) -> torch.Tensor:
        spoken = Image(np.random.default_rng(seed).random((1, 64, 64, 3), np.float32))
        positive = sampling.encode_prompt(model, whole.PROMPT, [spoken])
        settings = replace(SETTINGS, strength=strength, steps=20)
        made = sampling.sample(model, positive, None, start, settings).samples
        assert made is not None
        return made

    assert start.samples is not None
    far, near = ((drawn(strength) - start.samples).abs().mean() for strength in (0.9, 0.05))
    assert near < far / 2
    assert not torch.equal(drawn(0.5), drawn(0.5, seed=1))


def test_a_mask_covers_whole_patches_where_latents_are_mixed_in_patches(tiny: Tiny) -> None:
    model, start = tiny("flux2-klein"), sampling.encode(tiny("flux2-klein"), whole.picture(48, 32))
    alpha = np.zeros((1, 32, 48), np.float32)
    alpha[:, 9, 10] = 1  # in the latent cell (4, 5), and so in the patch (2, 2)
    positive = sampling.encode_prompt(model, whole.PROMPT)
    made = sampling.sample(model, positive, None, start, SETTINGS, mask=Mask(alpha)).samples
    assert made is not None
    assert start.samples is not None
    moved = (made != start.samples).any(1)[0].nonzero().tolist()
    assert moved == [[4, 4], [4, 5], [5, 4], [5, 5]]


@pytest.mark.parametrize(
    ("name", "cls", "negative"),
    [
        ("sd1-inpaint", "StableDiffusionInpaintPipeline", NEGATIVE),
        ("flux-fill", "FluxFillPipeline", None),
    ],
)
def test_models_that_only_fill(name: str, cls: str, negative: str | None, tiny: Tiny) -> None:
    """They see the picture around the mask: here what its latents decode to, for Sample has no
    other."""
    model, mask = tiny(name), whole.right_half(48, 32)
    start = sampling.encode(model, whole.picture(48, 32))
    mine = whole.from_stations(model, start, SETTINGS, negative, mask=mask)
    pipeline = whole.bare(model, cls)
    assert start.samples is not None
    with torch.inference_mode():
        there = start.samples.to(devices.device().torch)
        seen = recipes.family(model).latent.decode(pipeline.vae, there)
    one_at_a_time(pipeline.vae)
    given = {"negative_prompt": negative} if negative else {}
    theirs = whole.from_whole(
        pipeline,
        Latent(48, 32, 2),
        image=seen.contiguous(),  # a tensor below 0 is taken to be from -1 to 1
        mask_image=torch.from_numpy(mask.alpha[:, None]).to(seen.device),
        strength=1.0,
        width=48,
        height=32,
        guidance_scale=SETTINGS.guidance,
        **given,
    )
    np.testing.assert_array_equal(mine, theirs)
    with pytest.raises(BadValue, match="only fills"):
        whole.from_stations(model, Latent(48, 32), SETTINGS, None)


def small(cls: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editors of Qwen scale pictures to a million pixels, which takes a CPU seconds: for both
    sides a smaller area here."""
    home = sys.modules[getattr(diffusers, cls).__module__]
    reckon = home.calculate_dimensions
    monkeypatch.setattr(home, "calculate_dimensions", lambda _, ratio: reckon(64 * 64, ratio))


@pytest.mark.parametrize(
    ("name", "cls", "count"),
    [
        ("qwen-image-edit", "QwenImageEditPipeline", 1),
        ("qwen-image-edit-plus", "QwenImageEditPlusPipeline", 2),
        ("flux-kontext", "FluxKontextPipeline", 1),
        ("flux2", "Flux2Pipeline", 2),
        ("flux2-klein", "Flux2KleinPipeline", 1),
    ],
)
def test_editing_by_reference(
    name: str, cls: str, count: int, tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, size = tiny(name), Latent(48, 32, 2)
    pictures = whole.picture(64, 64 if name.startswith("flux2") else 32, count)
    words: dict[str, Any] = {
        "guidance_scale": SETTINGS.guidance,
        "max_area": 48 * 32,
        "_auto_resize": False,
    }
    if name.startswith("flux2"):
        words = {"guidance_scale": SETTINGS.guidance}
    negative = None
    if name.startswith("qwen"):
        small(cls, monkeypatch)
        negative = NEGATIVE
        words = {"true_cfg_scale": SETTINGS.guidance, "negative_prompt": NEGATIVE}
    mine = whole.from_stations(model, size, SETTINGS, negative, reference=[pictures])
    given = [Pil.fromarray(one) for one in pictures.bytes8()]
    theirs = whole.from_whole(
        whole.bare(model, cls),
        size,
        image=given if count > 1 else given[0],
        width=48,
        height=32,
        **words,
    )
    np.testing.assert_array_equal(mine, theirs)
    other = whole.from_stations(
        model, size, SETTINGS, negative, reference=[Image(1 - pictures.pixels)]
    )
    assert not np.array_equal(mine, other)


def one_at_a_time(vae: Any) -> None:
    """The bare pipelines encode pictures in one batch, and a hint once for each picture and each to
    avoid; we do it one by one. Kernels add up in another order for a batch of another size."""
    encode = vae.encode

    def alone(pictures: torch.Tensor) -> Any:
        vae.enable_slicing()
        try:
            return encode(pictures)
        finally:
            vae.disable_slicing()

    vae.encode = alone


@pytest.mark.parametrize(
    ("name", "cls", "net"),
    [
        ("sd3", "StableDiffusion3ControlNetPipeline", "sd3"),
        ("flux-dev", "FluxControlNetPipeline", "flux-dev"),
        ("qwen-image", "QwenImageControlNetPipeline", "qwen-image"),
        ("sana", "SanaControlNetPipeline", "sana"),
        ("z-image", "ZImageControlNetPipeline", "z-image"),
        ("z-image", "ZImageControlNetPipeline", "z-image-2"),
    ],
)
def test_control(
    name: str,
    cls: str,
    net: str,
    tiny: Tiny,
    tiny_control: Callable[[str], Path],
) -> None:
    model, size, hint = tiny(name), Latent(64, 32, 2), whole.picture(64, 32, 1)
    case = next(case for case in CASES if case.name == name)
    control = controls.resolve(str(tiny_control(net)), hint, 0.8)
    mine = whole.from_stations(model, size, SETTINGS, NEGATIVE, controls=[control])
    pipeline = controlled(model, cls, control)
    given = words(replace(case, width=64), pipeline, NEGATIVE)
    theirs = whole.from_whole(
        pipeline, size, control_image=spread(hint), controlnet_conditioning_scale=0.8, **given
    )
    np.testing.assert_array_equal(mine, theirs)
    without = whole.from_stations(model, size, SETTINGS, NEGATIVE)
    assert not np.array_equal(mine, without)


def controlled(model: Model, cls: str, control: Control) -> Any:
    """The bare pipeline with a ControlNet."""
    network = whole.network(model, control.kind, control.path)
    pipeline = whole.bare(model, cls, controlnet=network)
    one_at_a_time(pipeline.vae)
    return pipeline


def spread(image: Image) -> torch.Tensor:
    """From -1 to 1: these pipelines take a tensor as it is."""
    return whole.tensor(image) * 2 - 1


@pytest.mark.parametrize(
    ("cls", "masked"),
    [("FluxControlNetImg2ImgPipeline", False), ("FluxControlNetInpaintPipeline", True)],
)
def test_control_from_a_picture(
    cls: str, masked: bool, tiny: Tiny, tiny_control: Callable[[str], Path]
) -> None:
    model, given = tiny("flux-dev"), whole.picture(48, 32)
    mask = whole.right_half(48, 32) if masked else None
    control = controls.resolve(str(tiny_control("flux-dev")), Image(1 - given.pixels[:1]), 0.8)
    mine = whole.from_stations(
        model,
        sampling.encode(model, given),
        replace(SETTINGS, strength=STRENGTH),
        None,
        controls=[control],
        mask=mask,
    )
    pipeline = controlled(model, cls, control)
    words = {"mask_image": torch.from_numpy(mask.alpha[:, None])} if mask else {}
    theirs = whole.from_whole(
        pipeline,
        Latent(48, 32, 2),
        image=torch.from_numpy(given.pixels).movedim(-1, 1),
        control_image=spread(control.hint),
        controlnet_conditioning_scale=0.8,
        strength=STRENGTH,
        guidance_scale=SETTINGS.guidance,
        width=48,
        height=32,
        **words,
    )
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", ["sd3", "z-image"])
def test_controls_add_up(name: str, tiny: Tiny, tiny_control: Callable[[str], Path]) -> None:
    model, size, hint = tiny(name), Latent(48, 32), whole.picture(48, 32, 1)
    folder = str(tiny_control(name))
    halves = [controls.resolve(folder, hint, share) for share in (0.2, 0.6)]
    twice = whole.from_stations(model, size, SETTINGS, None, controls=halves)
    once = controls.resolve(folder, hint, 0.8)
    np.testing.assert_allclose(
        twice, whole.from_stations(model, size, SETTINGS, None, controls=[once]), atol=5e-4
    )


@pytest.mark.parametrize(
    ("name", "cls", "net"),
    [
        ("sd3", "StableDiffusion3ControlNetInpaintingPipeline", "sd3-fill"),
        ("qwen-image", "QwenImageControlNetInpaintPipeline", "qwen-image-fill"),
        ("z-image", "ZImageControlNetInpaintPipeline", "z-image-2"),
    ],
)
def test_controls_that_fill(
    name: str, cls: str, net: str, tiny: Tiny, tiny_control: Callable[[str], Path]
) -> None:
    """What they draw under the mask is bitwise theirs; around it, where these pipelines draw too,
    the picture stays."""
    model, mask, picture = tiny(name), whole.right_half(64, 32), whole.picture(64, 32, 1)
    case = replace(next(case for case in CASES if case.name == name), width=64)
    hint = Image(1 - picture.pixels) if name == "z-image" else picture
    control = controls.resolve(str(tiny_control(net)), hint, 0.8)
    start = sampling.encode(model, Image(picture.pixels.repeat(2, 0)))
    positive, avoid = (sampling.encode_prompt(model, text) for text in (whole.PROMPT, NEGATIVE))

    def drawn(start: Latent, settings: Settings, **given: Any) -> torch.Tensor:
        made = sampling.sample(model, positive, avoid, start, settings, **given).samples
        assert made is not None
        return made

    mine = drawn(start, SETTINGS, controls=[control], mask=mask)
    pipeline = controlled(model, cls, control)
    given: dict[str, Any] = words(case, pipeline, NEGATIVE)
    assert start.samples is not None
    white = torch.from_numpy(mask.alpha[:, None]).to(devices.device().torch)
    if name == "z-image":
        with torch.inference_mode():  # here they see what the picture's latents decode to
            there = start.samples.to(devices.device().torch)
            given["image"] = recipes.family(model).latent.decode(pipeline.vae, there)[:1]
        given["mask_image"] = white.repeat(2, 1, 1, 1)
    else:
        given["control_mask"] = white
    drawn_by: Any = whole.from_whole(
        pipeline,
        case.size,
        control_image=spread(hint),
        controlnet_conditioning_scale=0.8,
        output_type="latent",
        **given,
    )
    theirs = drawn_by.cpu()
    middle = start.samples.shape[-1] // 2
    made = recipes.family(model).latent.as_grid(theirs, 2 * middle, start.samples.shape[-2])
    assert torch.equal(mine[..., middle:], made[..., middle:])
    assert torch.equal(mine[..., :middle], start.samples[..., :middle])
    # less than all strength keeps some of the picture under the mask, too: by the other pipeline
    weak = replace(SETTINGS, strength=STRENGTH)
    less, plain = (drawn(start, weak, controls=c, mask=mask) for c in ([control], []))
    assert torch.equal(less[..., :middle], plain[..., :middle])
    assert not torch.equal(less, plain)
    if name != "z-image":
        with pytest.raises(BadValue, match="only fills what a mask shows"):
            drawn(Latent(64, 32), SETTINGS, controls=[control])


def test_what_diffusers_cannot_do_is_said(tiny: Tiny) -> None:
    model = tiny("pixart")
    start = sampling.encode(model, whole.picture(48, 32))
    positive = sampling.encode_prompt(model, whole.PROMPT)
    with pytest.raises(BadModel, match="draws from nothing only"):
        sampling.sample(model, positive, None, start, replace(SETTINGS, strength=0.5))
    with pytest.raises(BadModel, match="cannot draw under a mask"):
        sampling.sample(model, positive, None, start, SETTINGS, mask=whole.right_half(48, 32))
    with pytest.raises(BadModel, match="reads words only"):
        sampling.encode_prompt(model, whole.PROMPT, [whole.picture(48, 32)])
    with pytest.raises(BadModel, match="edits pictures"):
        sampling.encode_prompt(tiny("flux-kontext"), whole.PROMPT)
    with pytest.raises(BadModel, match="another kind of model"):
        sampling.sample(tiny("sd3"), positive, None, Latent(48, 32), SETTINGS)


class Stop(Exception):
    """The artist's."""


ALL = ("sdxl", "sd3", "flux-dev", "flux2", "flux2-klein", "z-image", "qwen-image", "chroma", "sana")


@pytest.mark.parametrize("name", [*ALL, "sana-sprint", "pixart", "lumina2"])
def test_stopped_between_steps_and_used_again(name: str, tiny: Tiny) -> None:
    """Every step is told, with a preview in latent cells, and what a step raises ends the run at
    once; the next run is as if nothing had been."""
    model, size = tiny(name), Latent(64, 32)
    positive = sampling.encode_prompt(model, whole.PROMPT)
    told: list[tuple[int, int]] = []

    def step(done: int, steps: int, preview: Callable[[], Image] | None) -> None:
        told.append((done, steps))
        assert preview is not None
        seen = preview().pixels
        factor = job.factor(model)
        assert seen.shape == (1, 32 // factor, 64 // factor, 3)
        assert np.isfinite(seen).all()
        assert seen.std() > 0

    first = sampling.sample(model, positive, None, size, SETTINGS, step)
    assert told == [(done, 4) for done in (1, 2, 3, 4)]

    def stop(done: int, steps: int, preview: Callable[[], Image] | None) -> None:
        if done == 2:
            raise Stop

    with pytest.raises(Stop):
        sampling.sample(model, positive, None, size, SETTINGS, stop)
    again = sampling.sample(model, positive, None, size, SETTINGS)
    assert first.samples is not None
    assert again.samples is not None
    assert torch.equal(first.samples, again.samples)
