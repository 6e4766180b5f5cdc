"""Upscalers: networks that enlarge a picture and draw the edges a larger one would have.

Any that spandrel knows by its weights: ESRGAN, SwinIR, DAT, SPAN and some forty more. Pictures go
through in tiles, so memory does not grow with their size, and one can stop between two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nodeforge import resources
from nodeforge.diffusion import devices, memory, recipes
from nodeforge.diffusion.pool import Place, pool
from nodeforge.errors import BadModel, MissingModel
from nodeforge.models.header import header
from nodeforge.values import Image

FOLDER = "models/upscalers"
TILE, SMALL = 320, 112  # pixels of a side before enlarging
# What a tile knows of its neighbours: MARGIN pixels are thrown away, for they did not see enough
# around them (our small nets see 18 pixels far), and over FEATHER pixels one fades into the other.
MARGIN, FEATHER = 20, 12
Floats: TypeAlias = NDArray[np.float32]
Step: TypeAlias = Callable[[int, int], None]


class Upscaler(torch.nn.Module):
    """A network with what is known of it. Pictures (1, 3, h, w) of 0 to 1, on its device and in
    its precision, to (1, 3, scale * h, scale * w)."""

    def __init__(self, found: Any) -> None:
        super().__init__()
        self.found, self.network = found, found.model
        self.scale: int = found.scale

    def forward(self, picture: Tensor) -> Tensor:
        made: Tensor = self.found(picture.to(self.found.device, self.found.dtype))
        return made


@torch.inference_mode()
def enlarge(file: str, image: Image, step: Step) -> Image:
    """Pictures as many times larger as the upscaler makes them; what is transparent too.

    step(done, tiles) is called after every tile; what it raises ends the work at once. Raises
    MissingModel or BadModel for what is no upscaler, MemoryFull.
    """
    path = locate(file)
    header(path)

    def work(tile: int = TILE) -> Image:
        upscaler = load(path)
        layers = [layer for picture in image.pixels for layer in _layers(picture)]
        tiles = len(layers) * _count(image.height, tile) * _count(image.width, tile)
        done = iter(range(1, tiles + 1))
        made = [_tiled(upscaler, layer, tile, lambda: step(next(done), tiles)) for layer in layers]
        if image.pixels.shape[-1] == 4:
            made = [
                np.concatenate([colour, alpha.mean(-1, keepdims=True)], -1)
                for colour, alpha in zip(made[::2], made[1::2], strict=True)
            ]
        return Image(np.stack(made), image.seeds)

    return memory.fitted(
        f"upscaling {image.width} by {image.height} px",
        "make the picture smaller, or close other programs that use the device",
        [
            ("as it is", work),
            ("with nothing else loaded", work),
            ("in small tiles", lambda: work(SMALL)),
        ],
    )


def locate(file: str) -> Path:
    """The file that is meant: a path, or the name of one of ours. Raises MissingModel, BadModel."""
    name, home = file.strip(), resources.path(FOLDER)
    ours = " or ".join(sorted(path.stem for path in home.glob("*.safetensors")))
    advice = f", or type {ours}" if ours else ""
    if not name:
        raise MissingModel(f"No upscaler is chosen: choose its file{advice}")
    if name == Path(name).name and (home / f"{name}.safetensors").is_file():
        return home / f"{name}.safetensors"
    path = Path(name).expanduser()
    recipes.refuse_pickle(path)
    if not path.is_file():
        raise MissingModel(f"There is no upscaler “{name}”: choose a file that exists{advice}")
    return path.resolve()


def load(path: Path) -> Upscaler:
    """The network on the device, from the pool or from disk. Raises BadModel."""
    where, dtype = devices.device().torch, devices.dtype("auto")
    print_ = recipes.file_print(path.parent, path)
    place = Place(f"{path} {print_}", where, str(dtype))
    made: Upscaler = pool().get(place, lambda: _load(path, where, dtype), path.stat().st_size)
    return made


def _load(path: Path, where: str, dtype: torch.dtype) -> Upscaler:
    import spandrel

    try:
        found = spandrel.ModelLoader().load_from_file(path)
    except Exception as error:
        if devices.is_full(error):
            raise
        # forty architectures fail in their own ways on weights that are almost theirs
        raise BadModel(
            f"“{path.name}” is no upscaler that NodeForge knows ({devices.first_line(error)}): "
            f"choose one such as ESRGAN, Real-ESRGAN, SwinIR or DAT, in safetensors"
        ) from error
    colours = (found.input_channels, found.output_channels)
    if not isinstance(found, spandrel.ImageModelDescriptor) or colours != (3, 3):
        raise BadModel(
            f"“{path.name}” is a {found.architecture.name} network that does not turn one colour "
            f"picture into another: choose an upscaler"
        )
    if dtype == torch.float16 and not found.supports_half:
        dtype = torch.bfloat16 if found.supports_bfloat16 else torch.float32
    return Upscaler(found.to(torch.device(where), dtype).eval())


def _layers(picture: Floats) -> Iterator[Floats]:
    """What is enlarged of a picture (height, width, 3 or 4): its colours, then its alpha as grey.

    Where nothing is seen the nearest colour goes on, lest an edge mix with what is hidden.
    """
    colours, alpha = picture[..., :3], picture[..., 3:]
    if not alpha.size:
        yield colours
        return
    from scipy.ndimage import distance_transform_edt

    hidden = alpha[..., 0] == 0
    if hidden.all():
        colours = np.zeros_like(colours)
    elif hidden.any():
        rows, columns = distance_transform_edt(hidden, return_distances=False, return_indices=True)
        colours = colours[rows, columns]
    yield colours
    yield np.repeat(alpha, 3, axis=-1)


def _tiled(upscaler: Upscaler, picture: Floats, tile: int, done: Callable[[], None]) -> Floats:
    """A picture (height, width, 3), enlarged tile by tile."""
    height, width = picture.shape[:2]
    scale = upscaler.scale
    pixels = torch.from_numpy(np.array(picture, np.float32, order="C")).movedim(-1, 0)
    made = torch.zeros(3, height * scale, width * scale)
    for top, rows in _spans(height, tile, scale):
        for left, columns in _spans(width, tile, scale):
            bottom, right = top + len(rows) // scale, left + len(columns) // scale
            part = upscaler(pixels[None, :, top:bottom, left:right])[0].float().cpu()
            place = made[:, top * scale : bottom * scale, left * scale : right * scale]
            place += part * rows[:, None] * columns
            done()
    return made.clamp(0, 1).movedim(0, -1).contiguous().numpy()


def _count(length: int, tile: int) -> int:
    """Tiles along a side."""
    overlap = 2 * MARGIN + FEATHER
    return max(1, math.ceil((length - overlap) / (tile - overlap)))


def _spans(length: int, tile: int, scale: int) -> list[tuple[int, Tensor]]:
    """Where each tile along a side begins, and its share of each enlarged pixel it covers.

    All are about as long as each other; the shares of a pixel add up to 1.
    """
    count = _count(length, tile)
    size = min(length, math.ceil((length + (count - 1) * (2 * MARGIN + FEATHER)) / count))
    starts = [round(index * (length - size) / max(1, count - 1)) for index in range(count)]
    place = (torch.arange(length * scale) + 0.5) / scale
    shares = torch.zeros(count, length * scale)
    for share, start in zip(shares, starts, strict=True):
        before = (place - start - MARGIN) / FEATHER if start else torch.ones_like(place)
        end = start + size
        after = (end - MARGIN - place) / FEATHER if end < length else torch.ones_like(place)
        share.copy_(torch.minimum(before, after).clamp(0, 1))
    shares /= shares.sum(0)
    return [
        (start, share[start * scale : (start + size) * scale])
        for start, share in zip(starts, shares, strict=True)
    ]
