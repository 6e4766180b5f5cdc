"""LoRAs and what goes by that name: whose weights they change, by module names and shapes.

Four ways to write the same name are common: kohya's with underscores, that of diffusers, of peft,
and that of the model's makers. All are brought to underscores before anything is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

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
_WORDS = {768: "sd1", 1024: "sd1", 2048: "sdxl", 1280: "sdxl"}


class Modules(dict[str, list[int]]):
    """Module names with underscores, each with [inputs, outputs] of its change; 0: not told."""

    def width(self, part: str) -> int:
        """Inputs of the first module whose name has this part and a width; else 0."""
        return next((io[0] for name, io in self.items() if part in name and io[0]), 0)

    def ratio(self, part: str) -> int:
        """Outputs by inputs of the first module that has this part; else 0."""
        found = (io for name, io in self.items() if part in name and io[0] and io[1])
        return next((io[1] // io[0] for io in found), 0)

    def has(self, *parts: str) -> bool:
        return any(part in name for name in self for part in parts)

    def last(self, part: str) -> int:
        """The highest number behind this part of a name; -1 if none has it."""
        numbers = (re.search(rf"{part}_(\d+)", name) for name in self)
        return max((int(n[1]) for n in numbers if n), default=-1)


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
    return next((tell(modules) for parts, tell in _TELLERS if modules.has(*parts)), ("", ""))


def _double(modules: Modules) -> tuple[str, str]:
    """Families of double and single blocks: Flux, Flux 2, Chroma, HunyuanVideo."""
    if modules.has("to_qkv_mlp_proj", "stream_modulation", "ff_linear_in"):
        return "flux2", ""
    if modules.ratio("img_mlp_0") == 6 or modules.ratio("linear1") == 9:
        return "flux2", ""
    if modules.has("individual_token_refiner", "img_mlp_fc1", "token_refiner"):
        return "other", "HunyuanVideo"
    return ("chroma", "") if modules.has("distilled_guidance") else ("flux", "")


def _unet(modules: Modules) -> tuple[str, str]:
    words = modules.width("attn2_to_k") or modules.width("attn2_to_v")
    if words in _WORDS:
        release = {1024: "2.x", 768: "1.x"}.get(words, "")
        return _WORDS[words], release
    many = modules.last("transformer_blocks") > 0
    return (
        "sdxl" if many or modules.has("_te2_", "text_encoder_2", "add_embedding") else "sd1"
    ), ""


def _layers(modules: Modules) -> tuple[str, str]:
    """Z-Image and Lumina 2 share their names; their widths differ."""
    wide = {modules.width(part) for part in ("attention", "feed_forward_w1", "attn_to_q")}
    lumina = 2304 in wide or modules.has("linear_1", "caption_embedder")
    return ("lumina2" if lumina else "z-image"), ""


def _blocks(modules: Modules) -> tuple[str, str]:
    """Transformers whose blocks diffusers calls transformer_blocks."""
    if modules.has("img_mod", "img_mlp", "txt_mlp"):
        return "qwen-image", ""
    if modules.has("conv_inverted") or modules.width("attn1_to_q") == 2240:
        return "sana", ""
    if modules.has("attn1", "attn2") and not modules.has("add_k_proj", "add_q_proj"):
        return ("pixart", "") if modules.width("attn1_to_q") in (0, 1152) else ("other", "")
    wide = modules.width("attn_to_q") or modules.width("attn_to_k")
    if wide == 3072:
        return ("qwen-image" if modules.last("transformer_blocks") > 18 else "flux"), ""
    return "sd3", {1536: "medium", 2432: "3.5 large"}.get(wide, "")


def _text(modules: Modules) -> tuple[str, str]:
    """Only text encoders are changed."""
    if modules.has("te2_", "text_encoder_2"):
        return "sdxl", ""
    wide = modules.width("self_attn_q_proj") or modules.width("mlp_fc1")
    return {768: "sd1", 1024: "sd1", 1280: "sdxl"}.get(wide, ""), ""


def _plain_blocks(modules: Modules) -> tuple[str, str]:
    return ("pixart" if modules.has("cross_attn_q_linear") else "other"), ""


# Which of these parts a name has decides who tells the rest; the first that fits counts.
_TELLERS: tuple[tuple[tuple[str, ...], Callable[[Modules], tuple[str, str]]], ...] = (
    (("motion_modules",), lambda _: ("other", "AnimateDiff")),
    (("double_blocks", "single_blocks", "single_transformer_blocks"), _double),
    (("joint_transformer_blocks",), lambda _: ("other", "AuraFlow")),
    (("joint_blocks",), lambda _: ("sd3", "")),
    (_UNET, _unet),
    (("text_model_encoder_layers", "self_attn_q_proj", "self_attn_k_proj"), _text),
    (("layers_", "context_refiner"), _layers),
    (("transformer_blocks",), _blocks),
    (("blocks_",), _plain_blocks),
)
