"""Small random LoRAs and control networks, made on the fly."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from nodeforge.diffusion import weights
from nodeforge.values import Model

UNET = ("to_q", "to_k", "to_v", "to_out.0", "conv1")
TEXT = ("q_proj", "k_proj", "v_proj", "out_proj")


def lora(
    model: Model, folder: Path, name: str, seed: int, text: bool = True, size: float = 0.3
) -> Path:
    """A LoRA file as diffusers writes it, for the UNet and (text) the text encoder."""
    import diffusers

    layers = {"unet_lora_layers": _layers(model, "unet", UNET, seed, size)}
    if text:
        layers["text_encoder_lora_layers"] = _layers(model, "text_encoder", TEXT, seed + 1, size)
    diffusers.StableDiffusionPipeline.save_lora_weights(
        folder, weight_name=f"{name}.safetensors", **layers
    )
    return folder / f"{name}.safetensors"


def kohya(diffusers_file: Path, folder: Path, alpha: float) -> Path:
    """The same LoRA as trainers of the Kohya kind write it: flat names, and alphas."""
    from safetensors.torch import load_file

    found: dict[str, torch.Tensor] = {}
    for name, tensor in load_file(diffusers_file).items():
        part, _, rest = name.partition(".")
        module, _, end = rest.rpartition(".lora_")
        prefix = "lora_unet_" if part == "unet" else "lora_te_text_model_"
        flat = prefix + module.replace(".", "_")
        found[f"{flat}.lora_{'down' if end.startswith('A') else 'up'}.weight"] = tensor
        found[f"{flat}.alpha"] = torch.tensor(alpha)
    path = folder / "kohya.safetensors"
    save_file(found, path)
    return path


def adapter(
    folder: Path, seed: int, channels: Sequence[int] = (16, 32, 32), hint: int = 3, cell: int = 4
) -> Path:
    """A T2I-Adapter, if not told otherwise for the random model. cell: two latent cells, in px."""
    import diffusers

    torch.manual_seed(seed)
    network = diffusers.T2IAdapter(
        in_channels=hint,
        channels=list(channels),
        num_res_blocks=1,
        downscale_factor=cell,
        adapter_type="full_adapter_xl",
    )
    network.save_pretrained(folder)
    return folder


def control_net(folder: Path, model: Model, seed: int) -> Path:
    """A ControlNet of the model's own shape, with noise for the layers that begin as zeros."""
    import diffusers

    torch.manual_seed(seed)
    network = diffusers.ControlNetModel.from_unet(
        weights.component(model, "unet"), conditioning_embedding_out_channels=(16, 32)
    )
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.05)
    network.save_pretrained(folder)
    return folder


def _layers(model: Model, part: str, names: Sequence[str], seed: int, size: float) -> Any:
    from peft import LoraConfig, inject_adapter_in_model
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(seed)
    twin = copy.deepcopy(weights.component(model, part))
    config = LoraConfig(r=4, lora_alpha=4, init_lora_weights=False, target_modules=list(names))
    inject_adapter_in_model(config, twin, adapter_name="made")
    state = get_peft_model_state_dict(twin, adapter_name="made")
    return {name: (size * tensor).half().contiguous() for name, tensor in state.items()}
