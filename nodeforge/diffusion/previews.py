"""Small pictures of a latent on its way, by one matrix: no VAE, a tenth of a millisecond."""

from __future__ import annotations

import json
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nodeforge.diffusion.family import Colours
from nodeforge.errors import BadModel
from nodeforge.imaging import sizes
from nodeforge.values import Image

FILE = "preview.json"


def picture(samples: Tensor, colours: Colours, seen: tuple[float, float] | None = None) -> Image:
    """samples: (batch, channels, h, w). One pixel a cell: float32 (batch, h, w, 3), 0 to 1.

    seen: columns and rows that the picture covers, where it ends within a cell; all if None.
    """
    planes = samples.detach().to("cpu", torch.float32).movedim(1, 0).numpy()
    factors = np.array(colours.factors, np.float32)
    if len(factors) != len(planes):  # no fit of this VAE is known: shapes, in odd colours
        factors = np.eye(len(planes), 3, dtype=np.float32) * np.float32(0.25)
    pixels = np.empty((*planes.shape[1:], 3), np.float32)
    for number, bias in enumerate(colours.bias):  # too little for the threads BLAS would wake
        shares = (factor * plane for factor, plane in zip(factors[:, number], planes, strict=True))
        pixels[..., number] = sum(shares, np.float32(bias))
    pixels = pixels.clip(0, 1)
    if seen is None or seen == (pixels.shape[2], pixels.shape[1]):
        return Image(pixels)
    width, height = seen
    return Image(sizes.scale(pixels, ceil(width), ceil(height), "bilinear", (0, 0, width, height)))


def fit(samples: NDArray[np.float32], pixels: NDArray[np.float32]) -> Colours:
    """The factors that explain pictures best (least squares).

    samples: (batch, channels, h, w). pixels: what they decode to, (batch, h f, w f, 3), 0 to 1.
    """
    batch, channels, h, w = samples.shape
    f = pixels.shape[1] // h
    small = pixels.reshape(batch, h, f, w, f, 3).mean(axis=(2, 4)).reshape(-1, 3)
    cells = np.moveaxis(samples, 1, -1).reshape(-1, channels)
    known = np.concatenate([cells, np.ones((len(cells), 1), np.float32)], axis=1)
    found, *_ = np.linalg.lstsq(known.astype(np.float64), small.astype(np.float64))
    rows = [tuple(round(float(x), 4) for x in row) for row in found]
    red, green, blue = rows[-1]
    return Colours(tuple(rows[:-1]), (red, green, blue))


def save(root: Path, colours: Colours) -> None:
    """Put factors beside a model, where `colours` finds them."""
    rows = ",\n    ".join(json.dumps(row) for row in colours.factors)
    bias = json.dumps(colours.bias)
    (root / FILE).write_text(f'{{\n  "factors": [\n    {rows}\n  ],\n  "bias": {bias}\n}}\n')


@lru_cache(maxsize=64)
def colours(root: Path, default: Colours) -> Colours:
    """The model's own factors, or its family's. Raises BadModel if its file is damaged."""
    path = root / FILE
    if not path.is_file():
        return default
    try:
        found = json.loads(path.read_text("utf-8"))
        red, green, blue = (float(x) for x in found["bias"])
        factors = tuple(tuple(float(x) for x in row) for row in found["factors"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadModel(f"{path.parent.name}/{FILE} is damaged: delete it") from error
    return Colours(factors, (red, green, blue))


def clean(scheduler: Any, output: Tensor, t: Any, sample: Tensor) -> Tensor:
    """The picture that the denoiser has in mind at time t, without the noise.

    output: what it predicted. sample: (batch, channels, h, w) as the scheduler holds it, which is
    scaled by its noise level in solvers that think in sigmas. In the latent space of `decode`.
    Nothing is asked of the device: t may lie there, too.
    """
    output, sample = output.float(), sample.float()
    at = torch.as_tensor(t).to(sample.device, torch.float32, non_blocking=True)
    if scheduler.config.get("prediction_type") == "trigflow":
        at = at.view(-1, 1, 1, 1)
        found = torch.cos(at) * sample - torch.sin(at) * output
        return torch.div(found, scheduler.config.sigma_data)
    if not hasattr(scheduler, "alphas_cumprod") or scheduler.config.get("use_flow_sigmas"):
        # a flow: t says how much of the sample is noise, the output where the noise lies
        return torch.sub(sample, at / scheduler.config.num_train_timesteps * output)
    alphas = scheduler.alphas_cumprod.to(sample.device, torch.float32, non_blocking=True)
    at = at.clamp(0, len(alphas) - 1)
    low = at.long()
    below, above = (alphas.take(i) for i in (low, (low + 1).clamp(max=len(alphas) - 1)))
    share = below + (above - below) * (at - low)
    keep, noise = share.clamp(min=1e-5).sqrt(), (1 - share).sqrt()
    # A solver in sigmas starts at noise of sigma, one in alphas at noise of 1.
    if float(scheduler.init_noise_sigma) != 1.0:
        sample = sample * keep
    if scheduler.config.prediction_type == "v_prediction":
        return torch.sub(keep * sample, noise * output)
    if scheduler.config.prediction_type == "sample":
        return output
    return torch.div(sample - noise * output, keep)
