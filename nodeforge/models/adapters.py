"""LoRAs and what goes by that name: whose weights they change, by module names and shapes.

Four ways to write the same name are common: kohya's with underscores, that of diffusers, of peft,
and that of the model's makers. All are brought to underscores before anything is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from nodeforge.families.modules import Modules
from nodeforge.families.table import TOLD
from nodeforge.models.header import Tensor
from nodeforge.models.kinds import LORA, Kind

Tensors = Mapping[str, Tensor]
_ENDS = re.compile(
    r"[._](lora_(down|up|A|B|mid)(\.\w+)?\.weight|lora\.(down|up)\.weight|lora_(A|B)|"
    r"lora_linear_layer\.(down|up)\.weight|hada_w[12]_[ab]|hada_t[12]|lokr_w[12](_[ab])?|lokr_t2|"
    r"oft_blocks|oft_diag|dora_scale|lora_magnitude_vector(\.\w+)*)$"
)
_DOWN = re.compile(r"(lora_down|lora_A|lora\.down|layer\.down)(\.\w+)*$|hada_w[12]_b$")
_UP = re.compile(r"(lora_up|lora_B|lora\.up|layer\.up)(\.\w+)*$|hada_w[12]_a$")
_UNET = ("down_blocks", "up_blocks", "mid_block", "input_blocks", "output_blocks", "middle_block")


def lora(names: Tensors) -> Kind | None:
    """A LoRA, LoHa, LoKr, DoRA or OFT; None if this is none of them."""
    modules = Modules()
    for name, tensor in names.items():
        if end := _ENDS.search(name):
            widths = modules.setdefault(_plain(name[: end.start()]), [0, 0])
            if len(tensor.shape) > 1 and _DOWN.search(name):
                widths[0] = tensor.shape[1]
            elif tensor.shape and _UP.search(name):
                widths[1] = tensor.shape[0]
    if not modules:
        return None
    family, release = _family(modules)
    return Kind(LORA, family, release, _variant(modules), layout=_layout(names))


def of_blocks(names: Tensors) -> str:
    """The family of a control network by the blocks it copied."""
    modules = Modules()
    for name, tensor in names.items():
        if name.endswith(".weight") and len(tensor.shape) == 2:
            modules[_plain(name.removesuffix(".weight"))] = [tensor.shape[1], tensor.shape[0]]
    return _family(modules)[0]


def _plain(name: str) -> str:
    return name.replace(".", "_")


def _layout(names: Tensors) -> str:
    first = next(iter(names))
    if first.startswith(("lora_", "lycoris_")):
        return "kohya"
    if first.startswith("base_model."):
        return "peft"
    original = ("diffusion_model.", "double_blocks.", "single_blocks.", "joint_blocks.")
    return "original" if first.startswith(original) else "diffusers"


def _variant(modules: Modules) -> str:
    """Flux's own control LoRAs widen the input from 64 to 128 channels."""
    return "control" if modules.width("img_in") == 128 else ""


def _family(modules: Modules) -> tuple[str, str]:
    """Id and release; both empty if nothing tells."""
    structure = _structure(modules)
    for entry in TOLD if structure else ():
        if (release := entry.lora(structure, modules)) is not None:
            return entry.id, release
    return "", ""


def _structure(modules: Modules) -> str:
    """How the network is built whose modules these are; several families may share it."""
    found = next((found for found, parts in _STRUCTURES if modules.has(*parts)), "")
    if found != "transformer":
        return found
    if modules.has("img_mod", "img_mlp", "txt_mlp"):
        return "streams"
    if modules.has("conv_inverted"):
        return "inverted"
    crossed = modules.has("attn1", "attn2") and not modules.has("add_k_proj", "add_q_proj")
    return "cross" if crossed else "attention"


# The first of which a name has one of these parts counts.
_STRUCTURES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AnimateDiff", ("motion_modules",)),
    ("double", ("double_blocks", "single_blocks", "single_transformer_blocks")),
    ("AuraFlow", ("joint_transformer_blocks",)),
    ("joint", ("joint_blocks",)),
    ("unet", _UNET),
    ("text", ("text_model_encoder_layers", "self_attn_q_proj", "self_attn_k_proj")),
    ("layers", ("layers_", "context_refiner")),
    ("transformer", ("transformer_blocks",)),
    ("blocks", ("blocks_",)),
)
