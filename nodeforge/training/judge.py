"""A small CLIP at work: pictures and words as directions in one space, near where they agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn import functional
from transformers import CLIPModel, CLIPTokenizer

from nodeforge.errors import MissingModel
from nodeforge.training import nets

PICTURES, CAPTIONS = 64, 256  # at a time


class Judge:
    """Says how well words fit pictures: the dot product of their directions.

    Args:
        net: CLIPModel, in float32 on its device.
        tokenizer: Of its words.
    """

    def __init__(self, net: Any, tokenizer: CLIPTokenizer) -> None:
        self.net, self.tokenizer = net.eval(), tokenizer
        self.size: int = net.config.vision_config.image_size

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> Self:
        """The CLIP of a folder in the layout of transformers.

        Raises:
            MissingModel: there is none, or it cannot be read.
        """
        try:
            net = CLIPModel.from_pretrained(str(folder), local_files_only=True, dtype=torch.float32)
            tokenizer = nets.tokenizer(folder)
        except (OSError, ValueError, RuntimeError) as error:
            raise MissingModel(
                f"{folder} has no CLIP that can be read: "
                "give the model folder that `nodeforge train clip` made."
            ) from error
        return cls(net.to(device), tokenizer)

    @torch.no_grad()
    def pictures(self, pictures: Tensor) -> Tensor:
        """Pictures [n, 3, h, w] of -1..1 to unit vectors [n, d], float32 on the judge's device."""
        parts = [
            self.net.visual_projection(
                self.net.vision_model(
                    pixel_values=fit(part.to(self.net.device), self.size)
                ).pooler_output
            )
            for part in torch.split(pictures, PICTURES)
        ]
        return functional.normalize(torch.cat(parts), dim=-1)

    @torch.no_grad()
    def words(self, captions: Sequence[str]) -> Tensor:
        """Captions to unit vectors [n, d], float32 on the judge's device."""
        ids = nets.ids(self.tokenizer, captions).to(self.net.device)
        parts = [
            self.net.text_projection(self.net.text_model(input_ids=part).pooler_output)
            for part in torch.split(ids, CAPTIONS)
        ]
        return functional.normalize(torch.cat(parts), dim=-1)


def fit(pictures: Tensor, size: int) -> Tensor:
    """Pictures [n, 3, h, w] of -1..1 as float32 [n, 3, size, size], smoothly made smaller."""
    if pictures.shape[-2:] == (size, size):
        return pictures.float()
    made: Tensor = functional.interpolate(
        pictures.float(), (size, size), mode="bilinear", antialias=True
    )
    return made.clamp(-1, 1)
