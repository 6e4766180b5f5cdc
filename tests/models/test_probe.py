"""Every family and kind is told from headers alone, by the names that diffusers gives tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from nodeforge import resources
from nodeforge.families.table import FAMILIES
from nodeforge.models.header import Header, Tensor, header
from nodeforge.models.kinds import KINDS, Kind
from nodeforge.models.probe import probe
from tests.models import files

Shapes = Mapping[str, Sequence[int]]


def told(shapes: Shapes, dtype: str = "F16", **metadata: str) -> Kind:
    tensors = {
        name: Tensor(dtype, tuple(shape), 0, 2 * max(1, _count(shape)))
        for name, shape in shapes.items()
    }
    return probe(Header(Path("a.safetensors"), 0, tensors, metadata))


def _count(shape: Sequence[int]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def made(name: str, **config: Any) -> dict[str, tuple[int, ...]]:
    """The tensors of a class of diffusers, of full width, but without numbers."""
    import diffusers
    from accelerate import init_empty_weights

    with init_empty_weights():
        model = getattr(diffusers, name)(**config)
    return {n: tuple(t.shape) for n, t in model.state_dict().items()}


SD1 = {"cross_attention_dim": 768, "attention_head_dim": 8}
SD2 = {"cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20)}
SDXL = {
    "cross_attention_dim": 2048,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
}
SMALL = {"num_layers": 1}
DENOISERS: dict[str, tuple[str, dict[str, Any], str, str, str]] = {
    "sd1": ("UNet2DConditionModel", SD1, "sd1", "1.x", ""),
    "sd1 inpaint": ("UNet2DConditionModel", SD1 | {"in_channels": 9}, "sd1", "1.x", "inpaint"),
    "pix2pix": ("UNet2DConditionModel", SD1 | {"in_channels": 8}, "sd1", "1.x", "edit"),
    "sd2": ("UNet2DConditionModel", SD2, "sd1", "2.x", ""),
    "sdxl": ("UNet2DConditionModel", SDXL, "sdxl", "", ""),
    "sdxl inpaint": ("UNet2DConditionModel", SDXL | {"in_channels": 9}, "sdxl", "", "inpaint"),
    "refiner": (
        "UNet2DConditionModel",
        SDXL | {"cross_attention_dim": 1280},
        "sdxl",
        "",
        "refiner",
    ),
    "sd3": ("SD3Transformer2DModel", SMALL, "sd3", "", ""),
    "sd3 medium": (
        "SD3Transformer2DModel",
        SMALL | {"num_attention_heads": 24},
        "sd3",
        "3 medium",
        "",
    ),
    "sd3.5 large": (
        "SD3Transformer2DModel",
        SMALL | {"num_attention_heads": 38},
        "sd3",
        "3.5 large",
        "",
    ),
    "flux": (
        "FluxTransformer2DModel",
        SMALL | {"num_single_layers": 1, "guidance_embeds": True},
        "flux",
        "dev",
        "",
    ),
    "schnell": ("FluxTransformer2DModel", SMALL | {"num_single_layers": 1}, "flux", "schnell", ""),
    "fill": (
        "FluxTransformer2DModel",
        SMALL | {"num_single_layers": 1, "in_channels": 384, "guidance_embeds": True},
        "flux",
        "dev",
        "fill",
    ),
    "flux2": ("Flux2Transformer2DModel", SMALL | {"num_single_layers": 1}, "flux2", "", ""),
    "chroma": ("ChromaTransformer2DModel", SMALL | {"num_single_layers": 1}, "chroma", "", ""),
    "qwen": ("QwenImageTransformer2DModel", SMALL, "qwen-image", "", ""),
    "z-image": (
        "ZImageTransformer2DModel",
        {"n_layers": 1, "n_refiner_layers": 1},
        "z-image",
        "",
        "",
    ),
    "sana": ("SanaTransformer2DModel", SMALL, "sana", "", ""),
    "sana sprint": (
        "SanaTransformer2DModel",
        SMALL | {"guidance_embeds": True},
        "sana",
        "Sprint",
        "",
    ),
    "pixart": (
        "PixArtTransformer2DModel",
        SMALL | {"use_additional_conditions": False, "caption_channels": 4096},
        "pixart",
        "sigma",
        "",
    ),
    "lumina2": (
        "Lumina2Transformer2DModel",
        {"num_layers": 1, "num_refiner_layers": 1},
        "lumina2",
        "",
        "",
    ),
    "wan": ("WanTransformer3DModel", SMALL, "other", "Wan", ""),
    "auraflow": (
        "AuraFlowTransformer2DModel",
        {"num_mmdit_layers": 1, "num_single_dit_layers": 1},
        "other",
        "AuraFlow",
        "",
    ),
}


@pytest.mark.parametrize("name", DENOISERS)
def test_denoisers_as_diffusers_names_them(name: str) -> None:
    cls, config, family, release, variant = DENOISERS[name]
    found = told(made(cls, **config))
    assert (found.kind, found.family, found.release, found.variant) == (
        "diffusion model",
        family,
        release,
        variant,
    )
    assert found.layout == "diffusers"
    assert found.precision == "fp16"


OTHERS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "vae": ("AutoencoderKL", {}, "vae", ""),
    "control": ("ControlNetModel", {"cross_attention_dim": 768}, "control", "sd1"),
    "control xl": ("ControlNetModel", SDXL | {"up_block_types": None}, "control", "sdxl"),
    "adapter": ("T2IAdapter", {"adapter_type": "full_adapter"}, "control", "sd1"),
    "adapter xl": (
        "T2IAdapter",
        {"adapter_type": "full_adapter_xl", "downscale_factor": 16},
        "control",
        "sdxl",
    ),
    "flux control": ("FluxControlNetModel", SMALL | {"num_single_layers": 1}, "control", "flux"),
    "sd3 control": ("SD3ControlNetModel", {"num_layers": 1}, "control", "sd3"),
    "qwen control": ("QwenImageControlNetModel", {"num_layers": 1}, "control", "qwen-image"),
    "sana control": ("SanaControlNetModel", {"num_layers": 1}, "control", "sana"),
    "z-image control": (
        "ZImageControlNetModel",
        {"control_layers_places": [0], "control_in_dim": 33, "dim": 120},
        "control",
        "z-image",
    ),
    "qwen vae": ("AutoencoderKLQwenImage", {}, "vae", ""),
    "sana vae": ("AutoencoderDC", {}, "vae", "sana"),
    "flux2 vae": ("AutoencoderKLFlux2", {}, "vae", "flux2"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_stands_beside_a_denoiser(name: str) -> None:
    cls, config, kind, family = OTHERS[name]
    config = {k: v for k, v in config.items() if v is not None}
    found = told(made(cls, **config))
    assert (found.kind, found.family) == (kind, family)


def test_a_vae_serves_the_families_of_its_channels() -> None:
    four = told(made("AutoencoderKL", latent_channels=4))
    sixteen = told(made("AutoencoderKL", latent_channels=16))
    assert four.serves("sdxl")
    assert not four.serves("flux")
    assert sixteen.serves("flux")
    assert not sixteen.serves("sd1")


def _bare(name: str) -> str:
    return name.removeprefix("model.diffusion_model.")


SINGLE = {
    "v1": "sd1", "v2": "sd1", "inpainting": "sd1", "inpainting_v2": "sd1", "xl_base": "sdxl",
    "xl_refiner": "sdxl", "xl_inpaint": "sdxl", "playground-v2-5": "sdxl", "sd3": "sd3",
    "sd35_large": "sd3", "sd35_medium": "sd3", "flux-dev": "flux", "flux-fill": "flux",
    "flux-depth": "flux", "flux-schnell": "flux", "flux-2-dev": "flux2", "chroma": "chroma",
    "z-image-turbo": "z-image", "lumina2": "lumina2", "sana": "sana", "wan-t2v-1.3B": "other",
    "hidream": "other", "qwen-image-2.1": "other", "krea2": "other", "auraflow": "other",
    "flux-3-image": "other", "mochi-1-preview": "other", "hunyuan-video": "other",
    "stable_cascade_stage_b": "other", "stable_cascade_stage_c": "other",
}  # fmt: skip
UNET: dict[str, Sequence[int]] = {
    "model.diffusion_model.time_embed.0.weight": (1280, 320),
    "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
}
DIFFUSION = "model.diffusion_model."
IN, TO_K = (
    f"{DIFFUSION}input_blocks.0.0.weight",
    "input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight",
)
XL = UNET | {
    IN: (320, 4, 3, 3),
    f"{DIFFUSION}label_emb.0.0.weight": (1280, 2816),
    "conditioner.embedders.0.transformer.text_model.embeddings.position_embedding.weight": (
        77,
        768,
    ),
    "conditioner.embedders.1.model.transformer.resblocks.9.mlp.c_proj.bias": (1280,),
}
V1 = UNET | {
    IN: (320, 4, 3, 3),
    f"{DIFFUSION}{TO_K}": (320, 768),
    "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (77, 768),
}
V2 = UNET | {
    IN: (320, 4, 3, 3),
    f"{DIFFUSION}{TO_K}": (320, 1024),
    "cond_stage_model.model.token_embedding.weight": (49408, 1024),
}
FLUX: dict[str, Sequence[int]] = {
    "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
    "img_in.weight": (3072, 64),
}
GUIDED: dict[str, Sequence[int]] = {"guidance_in.in_layer.bias": (3072,)}
CHECKPOINTS: dict[str, Shapes] = {
    "v1": V1,
    "inpainting": V1 | {IN: (320, 9, 3, 3)},
    "v2": V2,
    "inpainting_v2": V2 | {IN: (320, 9, 3, 3)},
    "xl_base": XL,
    "xl_inpaint": XL | {IN: (320, 9, 3, 3)},
    "playground-v2-5": XL | {"edm_mean": (4,)},
    "xl_refiner": UNET
    | {
        IN: (384, 4, 3, 3),
        f"{DIFFUSION}label_emb.0.0.weight": (1536, 2560),
        "conditioner.embedders.0.model.transformer.resblocks.9.mlp.c_proj.bias": (1280,),
    },
    "sd3": {
        f"{DIFFUSION}joint_blocks.0.context_block.adaLN_modulation.1.bias": (9216,),
        f"{DIFFUSION}pos_embed": (1, 36864, 1536),
        f"{DIFFUSION}joint_blocks.0.x_block.attn.qkv.weight": (4608, 1536),
    },
    "sd35_large": {
        f"{DIFFUSION}joint_blocks.0.context_block.adaLN_modulation.1.bias": (14592,),
        f"{DIFFUSION}joint_blocks.37.x_block.mlp.fc1.weight": (9728, 2432),
    },
    "flux-dev": FLUX | GUIDED,
    "flux-schnell": FLUX,
    "flux-fill": FLUX | GUIDED | {"img_in.weight": (3072, 384)},
    "flux-depth": FLUX | GUIDED | {"img_in.weight": (3072, 128)},
    "flux-2-dev": {"single_stream_modulation.lin.weight": (18432, 6144)},
    "chroma": FLUX | {"distilled_guidance_layer.in_proj.bias": (5120,)},
    "z-image-turbo": {
        "layers.0.adaLN_modulation.0.weight": (15360, 256),
        "cap_embedder.0.weight": (2560,),
    },
    "lumina2": {
        "cap_embedder.0.weight": (2304,),
        "noise_refiner.0.attention.qkv.weight": (4608, 2304),
    },
    "wan-t2v-1.3B": {
        "head.modulation": (1, 2, 1536),
        "patch_embedding.weight": (1536, 16, 1, 2, 2),
    },
    "sana": {
        "blocks.0.cross_attn.q_linear.weight": (2240, 2240),
        "attention_y_norm.weight": (2240,),
    },
    "auraflow": {
        "double_layers.0.attn.w2q.weight": (3072, 3072),
        "double_layers.0.attn.w1q.weight": (3072, 3072),
        "cond_seq_linear.weight": (3072, 2048),
        "t_embedder.mlp.0.weight": (3072, 256),
    },
    **{
        name: {key: (8, 8)}
        for name, key in {
            "qwen-image-2.1": "txt_in.text_norm.weight",
            "krea2": "txtfusion.projector.weight",
            "flux-3-image": "early_stream_modulations.image.lin.weight",
            "mochi-1-preview": "blocks.0.attn.qkv_x.weight",
            "hidream": "double_stream_blocks.0.block.adaLN_modulation.1.bias",
        }.items()
    },
    "stable_cascade_stage_c": {"clip_txt_mapper.weight": (2048, 1280)},
}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_diffusers_tells_the_same(name: str) -> None:
    import torch
    from diffusers.loaders import single_file_utils as theirs

    bare = {n: torch.empty(tuple(s), device="meta") for n, s in CHECKPOINTS[name].items()}
    assert theirs.infer_diffusers_model_type(bare) == name
    assert told(CHECKPOINTS[name]).family == SINGLE[name]


def test_variants_of_checkpoints() -> None:
    assert told(CHECKPOINTS["xl_inpaint"]).variant == "inpaint"
    assert told(CHECKPOINTS["xl_refiner"]).variant == "refiner"
    assert told(CHECKPOINTS["inpainting_v2"]).release == "2.x"
    assert told(CHECKPOINTS["v1"]).kind == "checkpoint"
    assert told(CHECKPOINTS["v1"]).parts == ("denoiser", "vae", "text")
    assert told(CHECKPOINTS["flux-dev"]).kind == "diffusion model"
    assert told(CHECKPOINTS["flux-depth"]).variant == "control"
    assert told({**CHECKPOINTS["xl_base"], "v_pred": ()}).prediction == "v"
    assert told(CHECKPOINTS["v2"], **{"modelspec.prediction_type": "v"}).prediction == "v"
    assert told(FLUX, **{"modelspec.architecture": "flux-1-kontext-dev"}).variant == "edit"


@pytest.mark.parametrize(
    ("dtypes", "precision"),
    [
        ({"a.weight": "F32"}, "fp32"),
        ({"a.weight": "BF16", "b.weight": "BF16", "c.weight": "F32"}, "bf16"),
        ({"a.weight": "F8_E4M3", "b.weight": "F8_E4M3", "a.scale": "F32"}, "fp8"),
        ({"a.weight": "U8", "a.weight.quant_state.bitsandbytes__nf4": "U8"}, "nf4"),
        ({"a.weight": "U8", "a.weight.quant_state.bitsandbytes__fp4": "U8"}, "fp4"),
        ({"a.qweight": "I8"}, "int4"),
        ({"a.weight": "I8", "b.weight": "I8"}, "int8"),
        ({"a.weight": "Q4_K", "b.weight": "F16", "c.weight": "Q4_K"}, "Q4_K"),
        ({}, ""),
    ],
)
def test_precision(dtypes: dict[str, str], precision: str) -> None:
    tensors = {name: Tensor(dtype, (8, 8), 0, 128) for name, dtype in dtypes.items()}
    assert probe(Header(Path("a"), 0, tensors)).precision == precision


def pair(
    module: str, inputs: int, outputs: int = 64, style: str = "kohya"
) -> dict[str, tuple[int, ...]]:
    down, up = {
        "kohya": ("lora_down.weight", "lora_up.weight"),
        "peft": ("lora_A.weight", "lora_B.weight"),
        "diffusers": ("lora.down.weight", "lora.up.weight"),
    }[style]
    return {f"{module}.{down}": (8, inputs), f"{module}.{up}": (outputs, 8), f"{module}.alpha": ()}


PROCESSOR = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.processor"
LORAS: dict[str, tuple[Shapes, str, str]] = {
    "kohya sd1": (
        pair("lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k", 768),
        "sd1",
        "kohya",
    ),
    "kohya sd2": (
        pair("lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k", 1024),
        "sd1",
        "kohya",
    ),
    "kohya sdxl": (
        pair("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 2048),
        "sdxl",
        "kohya",
    ),
    "kohya sdxl self only": (
        pair("lora_unet_input_blocks_8_1_transformer_blocks_9_attn1_to_k", 1280),
        "sdxl",
        "kohya",
    ),
    "diffusers sdxl": (
        pair(
            "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_v", 2048, style="diffusers"
        ),
        "sdxl",
        "diffusers",
    ),
    "peft sd1": (
        pair(
            "base_model.model.unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k",
            768,
            style="peft",
        ),
        "sd1",
        "peft",
    ),
    "old diffusers": (
        {
            f"{PROCESSOR}.to_k_lora.down.weight": (
                4,
                768,
            ),
            f"{PROCESSOR}.to_k_lora.up.weight": (
                1280,
                4,
            ),
        },
        "sd1",
        "diffusers",
    ),
    "kohya flux": (pair("lora_unet_double_blocks_0_img_attn_qkv", 3072, 9216), "flux", "kohya"),
    "bfl flux": (pair("double_blocks.3.txt_mod.lin", 3072, 18432, "peft"), "flux", "original"),
    "diffusers flux": (
        pair("transformer.single_transformer_blocks.0.attn.to_q", 3072, 3072, "peft"),
        "flux",
        "diffusers",
    ),
    "flux attention of the first blocks": (
        pair("transformer.transformer_blocks.0.attn.to_q", 3072, 3072, "peft"),
        "flux",
        "diffusers",
    ),
    "kohya flux2": (pair("lora_unet_double_blocks_0_img_mlp_0", 6144, 6144 * 6), "flux2", "kohya"),
    "comfy flux2": (
        pair("diffusion_model.single_blocks.0.linear1", 3072, 3072 * 9, "peft"),
        "flux2",
        "original",
    ),
    "diffusers flux2": (
        pair("transformer.single_transformer_blocks.0.attn.to_qkv_mlp_proj", 6144, 100, "peft"),
        "flux2",
        "diffusers",
    ),
    "chroma": (
        pair("diffusion_model.distilled_guidance_layer.layers.0.in_layer", 64, 8, "peft")
        | pair("diffusion_model.double_blocks.0.img_attn.qkv", 3072, 9216, "peft"),
        "chroma",
        "original",
    ),
    "sd3": (pair("lora_unet_joint_blocks_0_x_block_attn_qkv", 1536), "sd3", "kohya"),
    "diffusers sd3": (
        pair("transformer.transformer_blocks.0.attn.add_k_proj", 2432, 2432, "peft")
        | pair("transformer.transformer_blocks.0.attn.to_k", 2432, 2432, "peft"),
        "sd3",
        "diffusers",
    ),
    "qwen": (
        pair("transformer.transformer_blocks.59.attn.to_q", 3072, 3072, "peft"),
        "qwen-image",
        "diffusers",
    ),
    "qwen mlp": (
        pair("transformer_blocks.0.img_mlp.net.2", 12288, 3072, "peft"),
        "qwen-image",
        "diffusers",
    ),
    "z-image": (
        pair("diffusion_model.layers.0.attention.qkv", 3840, 11520, "peft"),
        "z-image",
        "original",
    ),
    "diffusers z-image": (
        pair("transformer.layers.0.attention.to_q", 3840, 3840, "peft"),
        "z-image",
        "diffusers",
    ),
    "lumina2": (pair("transformer.layers.0.attn.to_q", 2304, 2304, "peft"), "lumina2", "diffusers"),
    "sana": (
        pair("transformer.transformer_blocks.0.attn1.to_q", 2240, 2240, "peft"),
        "sana",
        "diffusers",
    ),
    "pixart": (
        pair("transformer.transformer_blocks.0.attn1.to_q", 1152, 1152, "peft"),
        "pixart",
        "diffusers",
    ),
    "wan": (pair("diffusion_model.blocks.0.self_attn.q", 5120, 5120, "peft"), "other", "original"),
    "text sdxl": (
        pair("lora_te2_text_model_encoder_layers_0_self_attn_q_proj", 1280),
        "sdxl",
        "kohya",
    ),
    "text sd1": (pair("lora_te_text_model_encoder_layers_0_self_attn_q_proj", 768), "sd1", "kohya"),
    "loha": (
        {
            "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.hada_w1_a": (
                640,
                8,
            ),
            "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.hada_w1_b": (
                8,
                768,
            ),
        },
        "sd1",
        "kohya",
    ),
    "lokr": (
        {
            "lycoris_double_blocks_0_img_attn_qkv.lokr_w1": (4, 4),
            "lycoris_double_blocks_0_img_attn_qkv.lokr_w2": (8, 8),
        },
        "flux",
        "kohya",
    ),
    "tiny": (
        pair("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k", 32, 32, "peft"),
        "sd1",
        "diffusers",
    ),
}


@pytest.mark.parametrize("name", LORAS)
def test_loras(name: str) -> None:
    shapes, family, layout = LORAS[name]
    found = told(shapes)
    assert (found.kind, found.family, found.layout) == ("lora", family, layout)


def test_notes_of_a_lora_tell_what_its_weights_do_not() -> None:
    flux = LORAS["kohya flux"][0]
    assert told(flux, **{"modelspec.architecture": "chroma/lora"}).family == "chroma"
    assert told(
        {"strange.weight": (3, 3)}, ss_network_module="x", ss_base_model_version="sdxl_base_v1-0"
    ) == Kind("lora", "sdxl", precision="fp16")


SMALL_ONES: dict[str, tuple[Shapes, str, str]] = {
    "embedding": ({"emb_params": (4, 768)}, "embedding", "sd1"),
    "embedding 2": ({"<castle>": (1024,)}, "embedding", "sd1"),
    "embedding xl": ({"clip_l": (4, 768), "clip_g": (4, 1280)}, "embedding", "sdxl"),
    "clip": ({"text_model.final_layer_norm.bias": (768,)}, "text encoder", ""),
    "t5": ({"encoder.block.0.layer.0.SelfAttention.q.weight": (4096, 4096)}, "text encoder", ""),
    "gguf t5": (
        {"enc.blk.0.attn_q.weight": (4096, 4096), "token_embd.weight": (32128, 4096)},
        "text encoder",
        "",
    ),
    "qwen": ({"model.layers.0.self_attn.q_proj.weight": (3584, 3584)}, "text encoder", ""),
    "esrgan": ({"model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)}, "upscaler", ""),
    "real esrgan": ({"params_ema.body.0.rdb1.conv1.weight": (32, 64, 3, 3)}, "upscaler", ""),
    "ip adapter": (
        {"ip_adapter.1.to_k_ip.weight": (320, 768), "image_proj.proj.weight": (3, 3)},
        "unknown",
        "",
    ),
    "nothing": ({}, "unknown", ""),
    "strange": ({"w": (3, 3), "v": (3, 3)}, "unknown", ""),
}


@pytest.mark.parametrize("name", SMALL_ONES)
def test_small_ones(name: str) -> None:
    shapes, kind, family = SMALL_ONES[name]
    found = told(shapes)
    assert (found.kind, found.family) == (kind, family)
    assert kind in KINDS


def test_our_own_files() -> None:
    models = resources.path("models")
    kinds = {
        path.relative_to(models).as_posix(): probe(header(path))
        for path in models.rglob("*.safetensors")
        if "-0000" not in path.name
    }
    told_ = {name: (kind.kind, kind.family) for name, kind in kinds.items()}
    assert told_ == {
        "control/edges/diffusion_pytorch_model.safetensors": ("control", ""),
        "forge-tiny-clip/model.safetensors": ("text encoder", ""),
        "forge-tiny/text_encoder/model.safetensors": ("text encoder", ""),
        "forge-tiny/vae/diffusion_pytorch_model.safetensors": ("vae", ""),
        "loras/blueprint.safetensors": ("lora", "sd1"),
        "loras/draft.safetensors": ("lora", "sd1"),
        "upscalers/forge-tiny-x4.safetensors": ("upscaler", ""),
        "upscalers/realesr-animevideov3.safetensors": ("upscaler", ""),
    }


def test_gguf_of_a_family(tmp_path: Path) -> None:
    tensors = {
        "double_blocks.0.img_attn.norm.key_norm.scale": ((128,), 0, 0),
        "img_in.weight": ((256, 256), 12, 512),
    }
    path = files.gguf(tmp_path / "f.gguf", tensors, {"general.architecture": "flux"}, 512 + 36864)
    found = probe(header(path))
    assert (found.kind, found.family, found.precision) == ("diffusion model", "flux", "Q4_K")


def test_families_are_the_ones_everybody_names() -> None:
    assert set(SINGLE.values()) <= set(FAMILIES)


def test_whatever_the_shapes_it_never_raises() -> None:
    looks: list[Callable[[int], tuple[int, ...]]] = [
        lambda n: (),
        lambda n: (n,),
        lambda n: (n, 0, 1),
    ]
    shapes: list[Shapes] = [
        *CHECKPOINTS.values(),
        *(s for s, *_ in [*LORAS.values(), *SMALL_ONES.values()]),
    ]
    for look in looks:
        for one in shapes:
            assert told({name: look(3) for name in one}).kind in KINDS
