"""Every family of models, an entry each. All that names a family outside torch reads it here.

Adding one: an entry here, a module in `diffusion/families`, a file in `resources/families`, a
test: see docs/families.md.
"""

from __future__ import annotations

from dataclasses import replace

from nodeforge.families import by_weights as by
from nodeforge.families.family_entry import Editing, FamilyEntry, Limits, Pipelines, TensorMark
from nodeforge.families.foreign import OTHER

SD1 = FamilyEntry(
    id="sd1",
    title="Stable Diffusion 1 and 2",
    short="SD 1 · 2",
    classes=frozenset(
        {
            "StableDiffusionPipeline",
            "StableDiffusionImg2ImgPipeline",
            "StableDiffusionInpaintPipeline",
        }
    ),
    pipelines=Pipelines(
        "StableDiffusionPipeline",
        "StableDiffusionImg2ImgPipeline",
        "StableDiffusionInpaintPipeline",
        "unet",
        frozenset({"T2IAdapter", "ControlNetModel"}),
    ),
    limits=Limits(learns=True),
    class_prefix=r"StableDiffusion|LatentConsistency|T2IAdapter",
    named=r"sd[-_]?v?[12]|diffusion[-_]v?[12]",
    badges={"1.x": "SD 1.5", "2.x": "SD 2"},
    unet=by.unet_sd1,
    text_marks={"cond_stage_model.model.": ("2.x", "")},
    lora=by.lora_sd1,
    t2i_channels=(64, 192),
    text_widths={768: "", 1024: "2.x"},
    vae="4",
    network="UNet2DConditionModel",
    resource=by.resource_sd1,
)

SDXL = FamilyEntry(
    id="sdxl",
    title="Stable Diffusion XL",
    short="SDXL",
    classes=frozenset(
        {
            "StableDiffusionXLPipeline",
            "StableDiffusionXLImg2ImgPipeline",
            "StableDiffusionXLInpaintPipeline",
        }
    ),
    pipelines=Pipelines(
        "StableDiffusionXLPipeline",
        "StableDiffusionXLImg2ImgPipeline",
        "StableDiffusionXLInpaintPipeline",
        "unet",
        frozenset({"T2IAdapter", "ControlNetModel"}),
    ),
    limits=Limits(learns=True, splits=True),
    class_prefix=r"StableDiffusionXL|SDXL|KDiffusionXL",
    named=r"xl",
    precedence=1,
    unet=by.unet_sdxl,
    text_marks={"conditioner.embedders.0.model.": ("", "refiner")},
    lora=by.lora_sdxl,
    t2i_channels=(256, 768),
    embedding_names=frozenset({"clip_l", "clip_g"}),
    text_widths={1280: ""},
    vae="4",
    network="UNet2DConditionModel",
    resource=by.resource_sdxl,
)

SD3 = FamilyEntry(
    id="sd3",
    title="Stable Diffusion 3",
    short="SD 3",
    classes=frozenset({"StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline"}),
    pipelines=Pipelines(
        "StableDiffusion3Pipeline",
        "StableDiffusion3Img2ImgPipeline",
        "StableDiffusion3InpaintPipeline",
        controls=frozenset({"SD3ControlNetModel"}),
    ),
    class_prefix=r"StableDiffusion3|SD3",
    named=r"sd[-_]?3|diffusion[-_]v?3",
    precedence=1,
    marks=(
        TensorMark("original", ("joint_blocks.0.context_block.adaLN_modulation.1.bias",)),
        TensorMark(
            "diffusers", ("transformer_blocks.0.attn.add_k_proj.weight", "pos_embed.proj.weight")
        ),
    ),
    release=by.release_sd3,
    lora=by.lora_sd3,
    vae="16",
    network="SD3Transformer2DModel",
)

_FLUX = Pipelines(
    "FluxPipeline",
    "FluxImg2ImgPipeline",
    "FluxInpaintPipeline",
    controls=frozenset({"FluxControlNetModel"}),
)

FLUX = FamilyEntry(
    id="flux",
    title="Flux.1",
    short="Flux",
    classes=frozenset(
        {
            "FluxPipeline",
            "FluxImg2ImgPipeline",
            "FluxInpaintPipeline",
            "FluxKontextPipeline",
            "FluxFillPipeline",
        }
    ),
    pipelines=_FLUX,
    # its guidance is learned
    limits=Limits(negates=False),
    variants={
        "FluxKontextPipeline": {
            "pipelines": replace(_FLUX, text_to_image="FluxKontextPipeline", controls=frozenset()),
            "edit": Editing(references=1),
        },
        "FluxFillPipeline": {
            "pipelines": Pipelines("FluxPipeline", inpaint="FluxFillPipeline"),
            "limits": Limits(negates=False, fills=True),
        },
    },
    class_prefix=r"Flux",
    named=r"flux",
    precedence=2,
    badges={"dev": "Flux dev", "schnell": "Flux schnell"},
    marks=(
        TensorMark("original", ("double_blocks.0.img_attn.norm.key_norm.scale",)),
        TensorMark(
            "diffusers",
            ("single_transformer_blocks.0.proj_mlp.weight", "context_embedder.weight"),
        ),
    ),
    release=by.release_flux,
    lora=by.lora_flux,
    vae="16",
    network="FluxTransformer2DModel",
    resource=by.resource_flux,
)

_KLEIN = {
    "pipelines": Pipelines("Flux2KleinPipeline", inpaint="Flux2KleinInpaintPipeline"),
    "limits": Limits(weighs=False, coarse=True),
}

FLUX2 = FamilyEntry(
    id="flux2",
    title="Flux.2",
    short="Flux 2",
    classes=frozenset({"Flux2Pipeline", "Flux2KleinPipeline", "Flux2KleinInpaintPipeline"}),
    pipelines=Pipelines("Flux2Pipeline"),
    edit=Editing(references=8, needs_reference=False, least_reference=64),
    limits=Limits(negates=False, weighs=False),
    variants=dict.fromkeys(("Flux2KleinPipeline", "Flux2KleinInpaintPipeline"), _KLEIN),
    class_prefix=r"Flux2",
    named=r"flux[-_.]?2",
    precedence=3,
    marks=(
        TensorMark("original", ("single_stream_modulation.lin.weight",)),
        TensorMark("diffusers", ("double_stream_modulation_img.linear.weight",)),
    ),
    lora=by.lora_flux2,
    vae="32",
    network="Flux2Transformer2DModel",
)

Z_IMAGE = FamilyEntry(
    id="z-image",
    title="Z-Image",
    short="Z-Image",
    classes=frozenset({"ZImagePipeline"}),
    pipelines=Pipelines(
        "ZImagePipeline",
        "ZImageImg2ImgPipeline",
        "ZImageInpaintPipeline",
        controls=frozenset({"ZImageControlNetModel"}),
    ),
    limits=Limits(weighs=False),
    class_prefix=r"ZImage",
    named=r"z[-_]?image",
    marks=(
        TensorMark("diffusers", ("all_x_embedder.2-1.weight",)),
        TensorMark("original", ("layers.0.adaLN_modulation.0.weight", "cap_embedder.0.weight")),
    ),
    lora=by.lora_z_image,
    control_prefixes=("control_layers.", "control_all_x_embedder."),
    vae="16",
    network="ZImageTransformer2DModel",
)

_QWEN = Pipelines(
    "QwenImagePipeline",
    "QwenImageImg2ImgPipeline",
    "QwenImageInpaintPipeline",
    controls=frozenset({"QwenImageControlNetModel"}),
)

QWEN_IMAGE = FamilyEntry(
    id="qwen-image",
    title="Qwen-Image",
    short="Qwen-Image",
    classes=frozenset({"QwenImagePipeline", "QwenImageEditPipeline", "QwenImageEditPlusPipeline"}),
    pipelines=_QWEN,
    limits=Limits(weighs=False),
    variants={
        "QwenImageEditPipeline": {
            "pipelines": replace(
                _QWEN, text_to_image="QwenImageEditPipeline", controls=frozenset()
            ),
            "edit": Editing(references=1),
        },
        "QwenImageEditPlusPipeline": {
            "pipelines": replace(
                _QWEN, text_to_image="QwenImageEditPlusPipeline", controls=frozenset()
            ),
            "edit": Editing(references=3, repeats=True),
        },
    },
    class_prefix=r"QwenImage",
    named=r"qwen[-_]?image",
    marks=(TensorMark("diffusers", ("txt_norm.weight", "transformer_blocks.0.img_mod.1.weight")),),
    lora=by.lora_qwen_image,
    vae="video",
    network="QwenImageTransformer2DModel",
)

CHROMA = FamilyEntry(
    id="chroma",
    title="Chroma",
    short="Chroma",
    classes=frozenset({"ChromaPipeline", "ChromaImg2ImgPipeline", "ChromaInpaintPipeline"}),
    pipelines=Pipelines("ChromaPipeline", "ChromaImg2ImgPipeline", "ChromaInpaintPipeline"),
    class_prefix=r"Chroma",
    named=r"chroma",
    precedence=3,
    marks=(
        TensorMark("original", ("distilled_guidance_layer.in_proj.bias", "img_in.weight")),
        TensorMark("diffusers", ("distilled_guidance_layer.in_proj.bias",)),
    ),
    lora=by.lora_chroma,
    lora_like=FLUX.id,
    vae="16",
    network="ChromaTransformer2DModel",
)

_SPRINT = {
    "pipelines": Pipelines("SanaSprintPipeline", "SanaSprintImg2ImgPipeline"),
    "limits": Limits(multiple=32, negates=False, weighs=False),
}

SANA = FamilyEntry(
    id="sana",
    title="Sana",
    short="Sana",
    classes=frozenset({"SanaPipeline", "SanaSprintPipeline", "SanaSprintImg2ImgPipeline"}),
    pipelines=Pipelines("SanaPipeline", controls=frozenset({"SanaControlNetModel"})),
    limits=Limits(multiple=32, weighs=False),
    variants=dict.fromkeys(("SanaSprintPipeline", "SanaSprintImg2ImgPipeline"), _SPRINT),
    class_prefix=r"Sana",
    named=r"sana",
    marks=(
        TensorMark(
            "diffusers",
            ("caption_norm.weight", "transformer_blocks.0.ff.conv_inverted.weight"),
        ),
        TensorMark("original", ("attention_y_norm.weight",)),
    ),
    release=by.release_sana,
    lora=by.lora_sana,
    vae="deep",
    network="SanaTransformer2DModel",
)

PIXART = FamilyEntry(
    id="pixart",
    title="PixArt-Σ",
    short="PixArt",
    classes=frozenset({"PixArtSigmaPipeline"}),
    pipelines=Pipelines("PixArtSigmaPipeline"),
    class_prefix=r"PixArt",
    named=r"pixart",
    badges={"alpha": "PixArt alpha", "sigma": "PixArt sigma"},
    marks=(
        TensorMark(
            "diffusers",
            (
                "adaln_single.linear.weight",
                "caption_projection.linear_1.weight",
                "pos_embed.proj.weight",
            ),
        ),
        TensorMark("original", ("y_embedder.y_embedding", "t_block.1.weight")),
    ),
    release=by.release_pixart,
    lora=by.lora_pixart,
    vae="4",
)

LUMINA2 = FamilyEntry(
    id="lumina2",
    title="Lumina 2",
    short="Lumina 2",
    classes=frozenset({"Lumina2Pipeline"}),
    pipelines=Pipelines("Lumina2Pipeline"),
    limits=Limits(weighs=False),
    class_prefix=r"Lumina2|LuminaPipeline2",
    named=r"lumina[-_]?(image[-_]?)?2",
    marks=(
        TensorMark("original", ("cap_embedder.0.weight", "noise_refiner.0.attention.qkv.weight")),
        TensorMark("diffusers", ("time_caption_embed.caption_embedder.0.weight",)),
    ),
    lora=by.lora_lumina2,
    vae="16",
    network="Lumina2Transformer2DModel",
)

# As lists show them.
FAMILIES: dict[str, FamilyEntry] = {
    entry.id: entry
    for entry in (
        SD1,
        SDXL,
        SD3,
        FLUX,
        FLUX2,
        Z_IMAGE,
        QWEN_IMAGE,
        CHROMA,
        SANA,
        PIXART,
        LUMINA2,
        OTHER,
    )
}
# As they are looked for by marks: what is built like a family and is none of it, then what bears
# the marks of another as well.
TOLD = (OTHER, *sorted([*FAMILIES.values()][:-1], key=lambda entry: -entry.precedence))
# As they are looked for by names in notes, which are vaguest for what is of no family.
NAMED = (*TOLD[1:], OTHER)


def fits_vae(vae: str) -> tuple[str, ...]:
    """The ids of the families that have such a VAE."""
    return tuple(entry.id for entry in FAMILIES.values() if entry.vae == vae)
