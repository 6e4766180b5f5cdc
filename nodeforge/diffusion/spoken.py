"""Pictures that the words speak of, beside one to start from: an editor under a mask.

diffusers has a pipeline of its own for that, but not for every editor, and none that starts from
latents. So the family's usual pipelines draw, and the denoiser is shown the pictures at each step,
behind what it draws, as editors do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion import recipes, weights
from nodeforge.diffusion.family import Beside
from nodeforge.diffusion.shell import Shell
from nodeforge.values import Model


class Spoken(Shell):
    """A denoiser that also sees cells of pictures, (1, cells, channels). sizes: the (height, width)
    of each picture in patches."""

    def __init__(
        self, denoiser: Any, beside: Beside, cells: Tensor, sizes: Sequence[tuple[int, int]]
    ) -> None:
        super().__init__(denoiser)
        self.beside, self.cells, self.sizes = beside, cells, sizes

    def forward(self, *, hidden_states: Tensor, **words: Any) -> tuple[Tensor]:
        cells = self.cells.expand(len(hidden_states), -1, -1)
        both = torch.cat([hidden_states, cells], dim=1)
        found = self.denoiser(hidden_states=both, **self.beside.extra_kwargs(words, self.sizes))[0]
        return (found[:, : hidden_states.shape[1]],)


def shown(model: Model, denoiser: Any, pictures: Sequence[Pil.Image], cell: int) -> Spoken:
    """The denoiser of an editor, shown these pictures. cell: pixels of a latent cell."""
    from diffusers.image_processor import VaeImageProcessor

    family, vae = recipes.family(model), weights.component(model, "vae")
    assert family.beside is not None
    patch = cell * family.latent.patch
    processor, cells, sizes = VaeImageProcessor(vae_scale_factor=patch), [], []
    for picture in pictures:
        width, height = (side // patch * patch for side in family.beside.size(picture))
        pixels = processor.preprocess(processor.resize(picture, height, width), height, width)
        cells.append(
            family.latent.packed(
                family.latent.encode(vae, weights.placed(model, pixels).to(vae.dtype))
            )
        )
        sizes.append((height // patch, width // patch))
    return Spoken(denoiser, family.beside, weights.placed(model, torch.cat(cells, dim=1)), sizes)
