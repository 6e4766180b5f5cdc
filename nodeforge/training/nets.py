"""The shapes of the Forge Tiny family, and its weights in the layout of diffusers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from nodeforge import resources
from nodeforge.errors import NodeForgeError

Part = Literal["vae", "unet", "text_encoder"]
TOKENIZER = resources.path("models") / "forge-tiny" / "tokenizer"
TOKENS = 77  # of a caption, padding included, as in CLIP
SHARD = "15MB"  # no file in the tree is larger than 16 MiB

VAE: dict[str, Any] = {
    "block_out_channels": (32, 64, 128, 192),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 1,
    "latent_channels": 4,
    "norm_num_groups": 16,
    "sample_size": 256,
    "mid_block_add_attention": False,
    "scaling_factor": 1.0,  # latents are normalised inside the 1x1 convolutions
    "force_upcast": False,
}
UNET: dict[str, Any] = {
    "sample_size": 32,
    "in_channels": 4,
    "out_channels": 4,
    "cross_attention_dim": 256,
    "norm_num_groups": 32,
    "block_out_channels": (96, 192, 256),
    "layers_per_block": 1,
    "attention_head_dim": (2, 3, 4),  # heads in fact: 64 wide, 1.4 x faster than 32 on an H100
    "use_linear_projection": True,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
}
TEXT: dict[str, Any] = {
    "vocab_size": 8192,
    "hidden_size": 256,
    "intermediate_size": 1024,
    "projection_dim": 256,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": TOKENS,
    "hidden_act": "quick_gelu",
    "bos_token_id": 8190,
    "eos_token_id": 8191,
    "pad_token_id": 8191,
}
# v-prediction with trailing steps and 0.02 at the end: a signal-to-noise ratio of nearly zero, so
# that every sampler starts from pure noise without a flag (Lin et al., arXiv:2305.08891).
SCHEDULE: dict[str, Any] = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.02,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "timestep_spacing": "trailing",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
}
SMALL_VAE = {**VAE, "block_out_channels": (16,) * 4}
SMALL_UNET = {
    **UNET,
    "block_out_channels": (32, 32, 32),
    "norm_num_groups": 8,
    "attention_head_dim": (1, 1, 1),
    "cross_attention_dim": 32,
}
SMALL_TEXT = {
    **TEXT,
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
}


def vae(small: bool = False) -> AutoencoderKL:
    """Pictures [n, 3, 8h, 8w] of -1..1 to latents [n, 4, h, w] of mean 0 and deviation 1."""
    return AutoencoderKL(**(SMALL_VAE if small else VAE))


def unet(small: bool = False) -> UNet2DConditionModel:
    """Noisy latents [n, 4, h, w], steps [n] and words [n, 77, 256] to velocities [n, 4, h, w]."""
    return UNet2DConditionModel(**(SMALL_UNET if small else UNET))


def text(small: bool = False) -> CLIPTextModel:
    """Token ids [n, 77] to hidden states [n, 77, 256]."""
    return CLIPTextModel(CLIPTextConfig(**(SMALL_TEXT if small else TEXT)))


def schedule() -> DDIMScheduler:
    """The noise of the family: step 0 is nearly clean, step 999 nearly pure noise."""
    return DDIMScheduler(**SCHEDULE)


def alphas(device: str = "cpu") -> Tensor:
    """The share of signal [1000] in the variance of each step, float32."""
    made: Tensor = schedule().alphas_cumprod.to(device)
    return made


def load(folder: Path, part: Part, dtype: torch.dtype = torch.float32) -> nn.Module:
    """One network of a diffusers folder.

    Raises:
        NodeForgeError: the folder lacks it.
    """
    classes = {"vae": AutoencoderKL, "unet": UNet2DConditionModel, "text_encoder": CLIPTextModel}
    key = "dtype" if part == "text_encoder" else "torch_dtype"
    try:
        network = classes[part].from_pretrained(
            str(folder / part), local_files_only=True, **{key: dtype}
        )
    except (OSError, ValueError) as error:
        raise NodeForgeError(
            f"{folder} has no {part} to start from: "
            "give a diffusers folder, such as the model folder of an earlier training run."
        ) from error
    assert isinstance(network, nn.Module)
    return network


def tokenizer(folder: Path = TOKENIZER) -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(str(folder), local_files_only=True)


def ids(tokenizer: CLIPTokenizer, captions: Sequence[str]) -> Tensor:
    """Token ids [n, 77], int64, cut or padded."""
    told = tokenizer(list(captions), padding="max_length", max_length=TOKENS, truncation=True)
    return torch.tensor(told["input_ids"])


def pipeline(vae: nn.Module, unet: nn.Module, text: nn.Module) -> StableDiffusionPipeline:
    """The three networks as a plain diffusers pipeline."""
    made = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer(),
        unet=unet,
        scheduler=schedule(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    made.set_progress_bar_config(disable=True)
    return made


@torch.no_grad()
def draw(
    pipe: StableDiffusionPipeline,
    prompts: Sequence[str],
    *,
    steps: int = 20,
    guidance: float = 5.0,
    seed: int = 42,
    size: int = 256,
    batch: int = 32,
) -> list[Image.Image]:
    """Pictures of prompts by DPM++ 2M; each has its own noise, drawn on the CPU from seed."""
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(schedule().config)
    device = pipe.unet.device
    made: list[Image.Image] = []
    for first in range(0, len(prompts), batch):
        words = list(prompts[first : first + batch])
        noise = [torch.Generator().manual_seed(seed) for _ in words]
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            made += pipe(
                words,
                num_inference_steps=steps,
                guidance_scale=guidance,
                generator=noise,
                height=size,
                width=size,
            ).images
    return made


def save_model(folder: Path, vae: nn.Module, unet: nn.Module, text: nn.Module) -> None:
    """Write a whole diffusers folder in half precision; an older one there is replaced.

    transformers loads a text encoder in the precision that its config names, diffusers all else in
    full: so the config names that, and both agree where nobody says otherwise.
    """
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    pipe = pipeline(plain(vae), plain(unet), plain(text))
    pipe.save_pretrained(part, max_shard_size=SHARD)
    config = part / "text_encoder" / "config.json"
    told = json.loads(config.read_text("utf-8")) | {"dtype": "float32"}
    config.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def plain(network: Any) -> Any:
    """A copy in half precision on the CPU, without any patch made for training."""
    kind = type(network)
    if isinstance(network, CLIPTextModel):
        made = kind(network.config)
    else:
        made = kind.from_config(dict(network.config))
    made.load_state_dict({key: value.cpu() for key, value in network.state_dict().items()})
    return made.to(torch.float16).eval()


def save_weights(tensors: Mapping[str, Tensor], folder: Path, name: str) -> None:
    """Write one safetensors file of half precision, `folder/name.safetensors`.

    Raises:
        NodeForgeError: it would be larger than 15 MB, which the tree does not hold.
    """
    halves = {key: value.detach().half().cpu().contiguous() for key, value in tensors.items()}
    size = sum(value.numel() * 2 for value in halves.values())
    if size > 15e6:
        raise NodeForgeError(f"{name} would be {size / 1e6:.0f} MB: choose a smaller network.")
    folder.mkdir(parents=True, exist_ok=True)
    save_file(halves, folder / f"{name}.safetensors", metadata={"format": "pt"})


def save_config(config: Mapping[str, object], folder: Path) -> None:
    """Write a config.json beside weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(dict(config), indent=2) + "\n")
