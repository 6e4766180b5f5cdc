"""The trained base, frozen: what small networks that learn beside it need of it.

On CUDA the frozen parts are bfloat16 throughout, so that nothing is cast at run time; on the CPU
they are float32. Steps of noise are told as angles: a noisy latent is cos a * clean + sin a * noise
and its velocity is the derivative by a (v-prediction, Salimans and Ho, arXiv:2202.00512).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from PIL import Image
from torch import Tensor

from nodeforge.training import nets
from nodeforge.training.fast import embed, hasten
from nodeforge.training.loop import Settings
from nodeforge.training.stock import Source

GUIDANCE = 5.0  # what the base is used with
STEPS = 20


@dataclass(frozen=True)
class Frozen:
    """The networks of a diffusers folder, on the device, without gradients.

    Attributes:
        unet, text, vae: As diffusers and transformers load them.
        device: As in Settings.
        dtype: Of the weights: bfloat16 on CUDA, else float32.
        angles: Noise of each of the 1000 steps as an angle, 0 (clean) to pi/2; float32 on the
            device.
    """

    unet: Any
    text: Any
    vae: Any
    device: str
    dtype: torch.dtype
    angles: Tensor

    @torch.no_grad()
    def words(self, ids: Tensor) -> Tensor:
        """Token ids [n, 77] to hidden states [n, 77, d] in the weights' dtype."""
        return embed(self.text, ids)

    def told(self, captions: Sequence[str]) -> Tensor:
        """Hidden states of captions, as `words`."""
        ids = nets.ids(nets.tokenizer(), captions)
        return self.words(ids.to(self.device))

    @torch.no_grad()
    def latents(self, pictures: Tensor) -> Tensor:
        """Pictures [n, 3, h, w] of -1..1 to latents [n, 4, h/8, w/8], float32."""
        pixels = pictures.to(self.dtype, memory_format=torch.channels_last)
        made: Tensor = self.vae.encode(pixels).latent_dist.mode()
        return made.float()

    def velocity(self, unet: Any, noisy: Tensor, steps: Tensor, words: Tensor, **more: Any) -> Any:
        """What a UNet says of noisy latents [n, 4, h, w] at steps [n]; float32."""
        given = noisy.to(self.dtype, memory_format=torch.channels_last)
        return unet(given, steps, words, **more).sample.float()


class Encoder:
    """The encoder half of a VAE, for pictures on a device.

    Args:
        folder: A diffusers folder with `vae`.
        device: Where; on CUDA it works in bfloat16 and channels-last.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self.fast = device.startswith("cuda")
        net: Any = nets.load(folder, "vae", torch.bfloat16 if self.fast else torch.float32)
        del net.decoder
        self.net = net.to(device).eval().requires_grad_(False)
        if self.fast:
            hasten(self.net)

    @torch.no_grad()
    def __call__(self, pictures: Tensor) -> Tensor:
        """Pictures [n, 3, 8h, 8w] of -1..1 to latents [n, 4, h, w]."""
        if self.fast:
            pictures = pictures.bfloat16().contiguous(memory_format=torch.channels_last)
        made: Tensor = self.net.encode(pictures).latent_dist.mode()
        return made


def load(settings: Settings) -> Frozen:
    """The base of `settings.model`.

    Raises:
        NodeForgeError: the folder lacks a part.
    """
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
        library.utils.logging.set_verbosity_error()
    cuda = settings.device.startswith("cuda")
    torch.backends.cudnn.benchmark = cuda
    dtype = torch.bfloat16 if cuda else torch.float32
    unet, text, vae = (
        nets.load(settings.model, part, dtype).to(settings.device).requires_grad_(False).eval()
        for part in ("unet", "text_encoder", "vae")
    )
    return Frozen(
        unet=hasten(unet),
        text=text,
        vae=hasten(vae),
        device=settings.device,
        dtype=dtype,
        angles=nets.alphas().double().sqrt().acos().float().to(settings.device),
    )


def encoded(
    frozen: Frozen, source: Source, more: Callable[[Tensor], Tensor] | None = None
) -> Callable[[int], list[Tensor]]:
    """What a Stock makes of scenes: latents [n, 4, h/8, w/8] float32, ids [n, 77] int16, and what
    `more` keeps of pictures [n, 3, h, w] of -1..1."""

    def make(count: int) -> list[Tensor]:
        taken = source.take(count)
        kept = [frozen.latents(taken.pictures), taken.ids.to(torch.int16)]
        return [*kept, *([more(taken.pictures)] if more else [])]

    return make


def wide(angles: Tensor) -> Tensor:
    """Angles [n] beside latents: [n, 1, 1, 1]."""
    return angles[:, None, None, None]


def noised(clean: Tensor, noise: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    """Noisy latents and their velocities. clean, noise: [n, 4, h, w]. angles: [n]."""
    near, far = wide(angles).cos(), wide(angles).sin()
    return near * clean + far * noise, near * noise - far * clean


def paint(
    frozen: Frozen,
    prompts: Sequence[str],
    *,
    unet: Any = None,
    scheduler: str = "DPMSolverMultistepScheduler",
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    **control: Any,
) -> list[Image.Image]:
    """Pictures of prompts, one seed each, by the plain pipeline of diffusers.

    Args:
        frozen: The base.
        prompts: What to paint; equal places in the list get equal noise.
        unet: In place of the base's.
        scheduler: A class of diffusers.
        steps: Of the scheduler.
        guidance: 1: without.
        control: adapter (a T2IAdapter) and image (hints [n, c, h, w]), or nothing.
    """
    parts = {
        "vae": frozen.vae,
        "text_encoder": frozen.text,
        "tokenizer": nets.tokenizer(),
        "unet": unet or frozen.unet,
        "scheduler": getattr(diffusers, scheduler).from_config(nets.schedule().config),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }
    if adapter := control.pop("adapter", None):
        pipe = diffusers.StableDiffusionAdapterPipeline(adapter=adapter, **parts)
    else:
        pipe = diffusers.StableDiffusionPipeline(**parts)
    pipe.set_progress_bar_config(disable=True)
    made = pipe(
        prompt=list(prompts),
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=[torch.Generator().manual_seed(42 + seed) for seed in range(len(prompts))],
        **control,
    )
    pictures: list[Image.Image] = made.images
    return pictures
