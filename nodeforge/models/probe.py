"""Tells what a file of weights is from the names and shapes in its header: nothing is loaded.

The marks of checkpoints are those of diffusers' loaders/single_file_utils.py, and a test holds the
two against each other; those of parts and adapters were read off the libraries that write them.
Nothing is refused: what no mark fits is "unknown", and the artist says what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from nodeforge.families.foreign import OTHER
from nodeforge.families.table import FAMILIES, TOLD, fits_vae
from nodeforge.models import adapters, denoisers, told
from nodeforge.models.header import Header, Tensor
from nodeforge.models.kinds import (
    CHECKPOINT,
    CONTROL,
    DENOISER,
    EMBEDDING,
    TEXT,
    UNKNOWN,
    UPSCALER,
    VAE,
    Kind,
)

Tensors = Mapping[str, Tensor]
_DTYPES = {"F64": "fp64", "F32": "fp32", "F16": "fp16", "BF16": "bf16", "I8": "int8"}
_TEXTS = ("cond_stage_model.", "conditioner.embedders.", "text_encoders.", "text_encoder.")
_CLIP = "text_model.final_layer_norm.bias"
_VAES = ("first_stage_model.", "vae.")
_DENOISERS = ("model.diffusion_model.", "diffusion_model.", "model.model.", "transformer.", "unet.")
_UPSCALERS = (
    "body.0.rdb1.conv1.weight",
    "model.1.sub.0.RDB1.conv1.0.weight",
    "body.0.weight",
    "conv_first.weight",
    "conv_1.sk.weight",
    "to_feat.0.weight",
    "block_1.c1_r.sk.weight",
    "first_conv.weight",
)
_WRAPS = ("params_ema.", "params.", "params-ema.", "state_dict.")


def probe(header: Header) -> Kind:
    """What this file is; milliseconds, whatever its size. Never raises."""
    names = header.tensors
    found = next((kind for look in _LOOKS if (kind := look(names))), Kind(UNKNOWN))
    found = told.refined(found, header.metadata)
    return replace(found, precision=precision(names))


def precision(tensors: Tensors) -> str:
    """In which numbers most of its bytes are: "fp16", "fp8", "nf4", "Q4_K"; "" for no tensors."""
    heavy = [t for t in tensors.values() if len(t.shape) > 1] or list(tensors.values())
    bytes_: Counter[str] = Counter()
    for tensor in heavy:
        bytes_[tensor.dtype] += tensor.end - tensor.start
    if not bytes_:
        return ""
    most = bytes_.most_common(1)[0][0]
    if most.startswith("F8"):
        return "fp8"
    if most in ("U8", "I8"):
        return _packed(tensors)
    return _DTYPES.get(most, most)


def _packed(tensors: Tensors) -> str:
    """Bytes that stand for something smaller or scaled."""
    for name in tensors:
        if "bitsandbytes__" in name:
            return name.rpartition("bitsandbytes__")[2]
        if name.endswith(".qweight"):
            return "int4"
    return "int8"


def _adapter(names: Tensors) -> Kind | None:
    """A small thing beside a model: IP-Adapter, LoRA, control network."""
    if any(n.startswith(("ip_adapter.", "ip_adapter_")) for n in names):
        return Kind(UNKNOWN, release="IP-Adapter")
    if any("motion_modules." in n for n in names):
        return Kind(UNKNOWN, OTHER.id, release="AnimateDiff")
    return _control(names) or adapters.lora(names)


def _control(names: Tensors) -> Kind | None:
    if "lora_controlnet" in names:
        return Kind(CONTROL, denoisers.of_unet(names).family, variant="lora")
    own = {p: entry.id for entry in FAMILIES.values() for p in entry.control_prefixes}
    if any(n.startswith(("control_model.", "controlnet_", *own)) for n in names):
        bare = denoisers.bare(names, ("control_model.",))
        found = denoisers.of(bare) or Kind(CONTROL)
        named = (id for p, id in own.items() if any(n.startswith(p) for n in bare))
        family = next(named, found.family)
        if "controlnet_blocks.0.weight" in names and not family:
            family = adapters.of_blocks(names)
        return Kind(CONTROL, family, layout=found.layout)
    if {"adapter.conv_in.weight", "adapter.body.0.resnets.0.block1.weight"} & names.keys():
        return Kind(CONTROL, _adapted(names), variant="t2i-adapter", layout="diffusers")
    if "body.0.block1.weight" in names:
        return Kind(CONTROL, _adapted(names), variant="t2i-adapter", layout="original")
    return None


def _adapted(names: Tensors) -> str:
    """Of T2I-Adapters the family tells how much they shrink the picture before they look; of
    unusual width they are for an unusual model."""
    first = names.get("adapter.conv_in.weight") or names.get("conv_in.weight")
    if first is None or len(first.shape) != 4 or first.shape[0] != 320:
        return ""
    return next((entry.id for entry in TOLD if first.shape[1] in entry.t2i_channels), "")


def _model(names: Tensors) -> Kind | None:
    """A denoiser, alone or with its VAE and text encoders."""
    bare = denoisers.bare(names, _DENOISERS)
    found = denoisers.of(bare)
    if found is None:
        return None
    beside = {"vae": _VAES, "text": _TEXTS}
    held = (part for part, marks in beside.items() if any(n.startswith(marks) for n in names))
    parts = ("denoiser", *held)
    found = denoisers.with_text(found, names)
    return replace(found, kind=CHECKPOINT if len(parts) > 1 else DENOISER, parts=parts)


def _vae(names: Tensors) -> Kind | None:
    bare = denoisers.bare(names, (*_VAES, "model.", "module."))
    if "decoder.middle.0.residual.0.gamma" in bare:
        return _vae_for("video", "original")
    if {
        "decoder.project_in.main.conv.weight",
        "encoder.down_blocks.0.0.conv1.weight",
    } & bare.keys():
        return _vae_for("deep", "")
    if "decoder.conv_in.weight" not in bare:
        return Kind(VAE, variant="tiny") if "decoder.layers.0.weight" in bare else None
    layout = "diffusers" if "decoder.conv_norm_out.weight" in bare else "original"
    shape = bare["decoder.conv_in.weight"].shape
    if len(shape) == 5:
        return _vae_for("video", layout)
    return _vae_for(str(shape[1]) if len(shape) > 1 else "", layout)


def _vae_for(vae: str, layout: str) -> Kind:
    """Of the family that has such a VAE; of none in particular where several have."""
    fits = fits_vae(vae) if vae else ()
    return Kind(VAE, fits[0] if len(fits) == 1 else "", fits=fits, layout=layout)


def _text(names: Tensors) -> Kind | None:
    sees = any(n.startswith(("vision_model.", "visual.", "model.visual.")) for n in names)
    if sees and not any("embed_tokens" in n or "text_model" in n for n in names):
        return Kind(UNKNOWN, release="CLIP vision")
    if clip := next((t for n, t in names.items() if n.endswith(_CLIP)), None):
        wide = clip.shape == (1280,)
        return Kind(TEXT, release="CLIP-G" if wide else "CLIP-L", layout="diffusers")
    if {"encoder.block.0.layer.0.SelfAttention.q.weight", "enc.blk.0.attn_q.weight"} & names.keys():
        return Kind(TEXT, release="T5")
    if any(n.endswith("layers.0.self_attn.q_proj.weight") for n in names):
        return Kind(TEXT, release="language model")
    if {"blk.0.attn_q.weight", "token_embd.weight"} <= names.keys():
        return Kind(TEXT, release="language model")
    return None


def _embedding(names: Tensors) -> Kind | None:
    """Textual inversion: a few vectors, one set for each text encoder."""
    if not names or len(names) > 4 or any(t.count > 2**22 for t in names.values()):
        return None
    for entry in FAMILIES.values():
        if entry.embedding_names and entry.embedding_names <= names.keys():
            return Kind(EMBEDDING, entry.id)
    if any(n == "emb_params" or n.startswith("string_to_param") for n in names) or len(names) == 1:
        width = max(names.values(), key=lambda t: t.count).shape[-1:]
        for entry in FAMILIES.values() if width else ():
            if width[0] in entry.text_widths:
                return Kind(EMBEDDING, entry.id, entry.text_widths[width[0]])
        return Kind(EMBEDDING) if "emb_params" in names else None
    return None


def _upscaler(names: Tensors) -> Kind | None:
    bare = denoisers.bare(names, _WRAPS)
    if any(n in bare for n in _UPSCALERS) and sum(t.count for t in bare.values()) < 2**28:
        return Kind(UPSCALER)
    return None


_LOOKS: tuple[Callable[[Tensors], Kind | None], ...] = (
    _adapter,
    _model,
    _vae,
    _text,
    _embedding,
    _upscaler,
)
