"""Random weights of which something is to be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers


def lively(module: Any, seed: int = 7) -> Any:
    """Drawn anew, so that what libraries leave empty or at zero says something too: every matrix
    keeps the size of what goes through it, every vector is near to what it was."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in module.named_parameters():
            noise = torch.randn(tensor.shape, generator=generator)
            if tensor.dim() < 2:
                neutral = 1.0 if name.endswith("weight") and "norm" in name else 0.0
                tensor.copy_(neutral + 0.1 * noise)
            else:
                tensor.copy_(noise / max(tensor[0].numel(), 1) ** 0.5)
    return module.eval()


def saved(pipeline: Any, folder: Path) -> Path:
    """A pipeline as a diffusers folder."""
    for quiet in (diffusers.utils.logging, transformers.utils.logging):
        quiet.disable_progress_bar()
    pipeline.save_pretrained(folder)
    return folder
