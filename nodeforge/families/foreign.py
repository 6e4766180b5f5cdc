"""What is of no family here, though some of it is named or built like one that is."""

from __future__ import annotations

from nodeforge.families import by_weights as by
from nodeforge.families.family_entry import FamilyEntry, Limits, Pipelines, TensorMark

OTHER = FamilyEntry(
    id="other",
    title="Other pipelines of diffusers",
    short="Other",
    pipelines=Pipelines("DiffusionPipeline"),
    limits=Limits(weighs=False),
    class_prefix=r"Flux3|QwenImage21|QwenImageLayered|SanaVideo",
    named=r"wan|hunyuan|ltx|hidream|cosmos|aura",
    badge_is_release=True,
    marks=(
        TensorMark("original", ("early_stream_modulations.image.lin.weight",), "Flux 3"),
        TensorMark(
            "original",
            ("txt_in.individual_token_refiner.blocks.0.norm1.weight",),
            "HunyuanVideo",
        ),
        TensorMark("original", ("txt_in.text_norm.weight",), "Qwen-Image 2.1"),
        TensorMark("original", ("txtfusion.projector.weight",), "Krea 2"),
        TensorMark("original", ("head.modulation",), "Wan"),
        TensorMark("original", ("patchify_proj.weight",), "LTX-Video"),
        TensorMark(
            "diffusers", ("double_stream_blocks.0.block.adaLN_modulation.1.bias",), "HiDream"
        ),
        TensorMark("original", ("double_layers.0.attn.w2q.weight",), "AuraFlow"),
        TensorMark("diffusers", ("joint_transformer_blocks.0.attn.to_q.weight",), "AuraFlow"),
        TensorMark("original", ("blocks.0.attn.qkv_x.weight",), "Mochi"),
        TensorMark("original", ("net.x_embedder.proj.1.weight",), "Cosmos"),
        TensorMark("original", ("clip_txt_mapper.weight",), "Stable Cascade"),
        TensorMark("original", ("down_blocks.1.0.channelwise.0.weight",), "Stable Cascade"),
        TensorMark("original", ("token_refiner.blocks.0.attn.qkv_proj.weight",), "MiniMax"),
        TensorMark("diffusers", ("condition_embedder.text_embedder.linear_1.weight",), "Wan"),
    ),
    unet=by.unet_other,
    lora=by.lora_other,
    vae="video",
)
