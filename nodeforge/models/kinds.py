"""What a file of weights is: its kind, its family, and what else the header tells."""

from __future__ import annotations

from dataclasses import dataclass

CHECKPOINT, DENOISER, TEXT = "checkpoint", "diffusion model", "text encoder"
VAE, LORA, CONTROL = "vae", "lora", "control"
EMBEDDING, UPSCALER, UNKNOWN = "embedding", "upscaler", "unknown"
KINDS = (CHECKPOINT, DENOISER, TEXT, VAE, LORA, CONTROL, EMBEDDING, UPSCALER, UNKNOWN)


@dataclass(frozen=True)
class Kind:
    """What the header of a file, or the configs of a folder, say it is.

    kind: one of KINDS. family: an id in the table of families; "" where nothing tells. release: a
    finer name, as "2.x" or "schnell". variant: "inpaint", "refiner", "fill", "edit", "control" or
    "". prediction: "v", "epsilon", "edm" where told. precision: "fp32", "fp16", "bf16", "fp8",
    "nf4", "Q4_K", … of most bytes. layout: "diffusers", "original" (as its makers published it);
    of LoRAs also "kohya", "peft". parts: what a checkpoint holds: "denoiser", "vae", "text".
    fits: the families it may serve, where several can.
    """

    kind: str
    family: str = ""
    release: str = ""
    variant: str = ""
    prediction: str = ""
    precision: str = ""
    layout: str = ""
    parts: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()

    def serves(self, family: str) -> bool:
        """Whether it can be used with models of this family; yes as long as nothing speaks
        against it."""
        known = self.fits or ((self.family,) if self.family else ())
        return not known or not family or family in known
