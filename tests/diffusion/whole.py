"""The whole bare pipeline of a family, and the same picture through the stations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nodeforge.diffusion import devices, sampling, weights
from nodeforge.diffusion.sampling import Settings
from nodeforge.values import Image, Latent, Mask, Model

PROMPT, NEGATIVE = "a dragon flying over a castle", "blurry"
SETTINGS = Settings(seed=3, steps=4, guidance=4.0)
STRENGTH = 0.6


def generators(seed: int, count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed + number) for number in range(count)]


def picture(width: int, height: int, batch: int = 2) -> Image:
    return Image(np.random.default_rng(0).random((batch, height, width, 3), np.float32))


def tensor(image: Image) -> torch.Tensor:
    """(batch, 3, height, width) from 0 to 1, where the pipelines are."""
    pixels = torch.from_numpy(image.pixels).movedim(-1, 1)
    return pixels.to(devices.device().torch)


def right_half(width: int, height: int) -> Mask:
    """White on the right."""
    alpha = np.zeros((1, height, width), np.float32)
    alpha[:, :, width // 2 :] = 1
    return Mask(alpha)


@contextmanager
def modes() -> Iterator[None]:
    """Pipelines draw from what a VAE says of a picture; our Encode takes the mode of it. Here
    they do, too, so that all the rest can be held against each other from pixels to pixels."""
    from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
        )
        yield


def bare(model: Model, cls: str, **parts: Any) -> Any:
    """The pipeline, loaded the plain way."""
    import diffusers

    pipeline = getattr(diffusers, cls).from_pretrained(
        model.path, dtype=weights.precision(model), local_files_only=True, **parts
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(devices.device().torch)


def network(model: Model, cls: str, path: Path | str) -> Any:
    """A ControlNet or the like, as precise as the model."""
    import diffusers

    return getattr(diffusers, cls).from_pretrained(path, dtype=weights.precision(model))


def from_whole(pipeline: Any, size: Latent, **words: Any) -> NDArray[np.float32]:
    """(batch, height, width, 3), 0 to 1."""
    words = {
        "prompt": PROMPT,
        "num_inference_steps": SETTINGS.steps,
        "num_images_per_prompt": size.batch,
        "generator": generators(SETTINGS.seed, size.batch),
        "output_type": "np",
    } | words
    with modes():
        pixels: NDArray[np.float32] = pipeline(**words).images
    return pixels


def from_stations(
    model: Model, size: Latent, settings: Settings, negative: str | None, **words: Any
) -> NDArray[np.float32]:
    """As `from_whole`."""
    reference = words.pop("reference", ())
    given = {"reference": reference} if reference else {}
    positive = sampling.encode_prompt(model, PROMPT, **given)
    avoid = None if negative is None else sampling.encode_prompt(model, negative, **given)
    made = sampling.sample(model, positive, avoid, size, settings, **words)
    return sampling.decode(model, made).pixels
