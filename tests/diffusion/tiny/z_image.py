"""Z-Image, tiny and random."""

from __future__ import annotations

from pathlib import Path

import diffusers

from tests.diffusion.tiny import text, vae
from tests.diffusion.tiny.lively import lively, saved


def make(folder: Path) -> Path:
    pipeline = diffusers.ZImagePipeline(
        transformer=lively(
            diffusers.ZImageTransformer2DModel(
                all_patch_size=(2,),
                all_f_patch_size=(1,),
                in_channels=4,
                dim=32,
                n_layers=2,
                n_refiner_layers=1,
                n_heads=2,
                n_kv_heads=2,
                cap_feat_dim=16,
                axes_dims=[8, 4, 4],
                axes_lens=[1024, 64, 64],
            )
        ),
        vae=lively(vae.flux()),
        text_encoder=lively(text.qwen3()),
        tokenizer=text.qwen_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    return saved(pipeline, folder)


def make_control(folder: Path, filling: bool = False) -> Path:
    """A ControlNet for it, alone in its folder; filling: as from version 2 on, which also sees a
    mask and the picture around it."""
    net = diffusers.ZImageControlNetModel(
        control_layers_places=[0, 1],
        control_refiner_layers_places=[0],
        control_in_dim=9 if filling else 4,
        add_control_noise_refiner="control_noise_refiner" if filling else None,
        dim=32,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
    )
    lively(net, 10).save_pretrained(folder)
    return folder
