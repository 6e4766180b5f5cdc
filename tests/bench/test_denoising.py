"""The benchmark of full-size families, on denoisers made small."""

from __future__ import annotations

from typing import Any

import pytest

from nodeforge.bench import denoising

TINY: dict[str, dict[str, Any]] = {
    "sd1": {
        "sample_size": 8,
        "block_out_channels": [32, 64],
        "layers_per_block": 1,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
        "cross_attention_dim": 32,
    },
    "sdxl": {
        "sample_size": 8,
        "block_out_channels": [32, 64],
        "layers_per_block": 1,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
        "cross_attention_dim": 64,
        "attention_head_dim": [2, 4],
        "transformer_layers_per_block": [1, 2],
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 80,
    },
    "flux": {
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "joint_attention_dim": 32,
        "pooled_projection_dim": 32,
        "axes_dims_rope": [4, 4, 8],
    },
}


@pytest.mark.parametrize("family", TINY)
def test_a_family_is_held_against_the_bare_pipeline(family: str) -> None:
    """Which also checks that the latents are the same, bit by bit."""
    found = denoising.measure(family, 64, 2, 1, "float32", config=TINY[family])
    assert found["second_run_loads"] == 0
    for name in ("ratio_to_diffusers", "with_previews", "steps_per_second"):
        assert float(found[name]) > 0
    assert float(found["lora_switch_ms"]) >= 0
    assert "CPU" in str(found["device"]) or "peak_memory_ratio" in found
