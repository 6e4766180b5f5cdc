"""What goes around a denoiser for one drawing; the denoiser, which is shared, is not touched."""

from __future__ import annotations

from typing import Any

import torch


class Shell(torch.nn.Module):
    """Called instead of the denoiser."""

    def __init__(self, denoiser: Any) -> None:
        super().__init__()
        self.denoiser = denoiser

    def __getattr__(self, name: str) -> Any:
        """What a pipeline asks of its denoiser: config, dtype and the like."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("denoiser"), name)
