"""VAEs of every kind, tiny and random. Few have the factor of 8 that pipelines fall back to."""

from __future__ import annotations

from typing import Any

import diffusers


def kl(
    channels: int,
    scaling: float = 0.18215,
    shift: float | None = None,
    blocks: int = 2,
    **words: Any,
) -> Any:
    """The common one. Its factor is 2 with 2 blocks, 8 with 4."""
    return diffusers.AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * blocks,
        up_block_types=["UpDecoderBlock2D"] * blocks,
        block_out_channels=[8] * (blocks - 1) + [16],
        norm_num_groups=4,
        latent_channels=channels,
        scaling_factor=scaling,
        shift_factor=shift,
        **words,
    )


def flux(channels: int = 4, blocks: int = 2) -> Any:
    """As Flux, SD3, Chroma, Z-Image and Lumina 2 have it: shifted, without the two convolutions."""
    return kl(channels, 0.3611, 0.1159, blocks, use_quant_conv=False, use_post_quant_conv=False)


def flux2(channels: int = 4) -> Any:
    """Normalised by statistics over packed cells; these must not be 0 and 1 to be of use here."""
    made = diffusers.AutoencoderKLFlux2(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 16),
        layers_per_block=1,
        latent_channels=channels,
        norm_num_groups=4,
    )
    count = 4 * channels
    made.bn.running_mean += 0.1
    made.bn.running_var *= 1.5
    assert made.bn.running_mean.shape == (count,)
    return made


def qwen(channels: int = 4) -> Any:
    """Of videos with one frame, with a factor of 4."""
    return diffusers.AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=channels,
        dim_mult=[1, 2, 2],
        num_res_blocks=1,
        temperal_downsample=[False, True],
        latents_mean=[0.1 * number for number in range(channels)],
        latents_std=[1.0 + 0.2 * number for number in range(channels)],
    )


def dc(channels: int = 4) -> Any:
    """Deep compression, as Sana has it; here with a factor of 4."""
    return diffusers.AutoencoderDC(
        in_channels=3,
        latent_channels=channels,
        attention_head_dim=4,
        encoder_block_types=("ResBlock", "ResBlock", "EfficientViTBlock"),
        decoder_block_types=("ResBlock", "ResBlock", "EfficientViTBlock"),
        encoder_block_out_channels=(8, 8, 8),
        decoder_block_out_channels=(8, 8, 8),
        encoder_qkv_multiscales=((), (), (5,)),
        decoder_qkv_multiscales=((), (), (5,)),
        encoder_layers_per_block=(1, 1, 1),
        decoder_layers_per_block=(1, 1, 1),
        downsample_block_type="conv",
        upsample_block_type="interpolate",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
        scaling_factor=0.41407,
    )
