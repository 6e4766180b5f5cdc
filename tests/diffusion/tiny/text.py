"""Tokenizers and text encoders of every kind, tiny and random, made from nothing."""

from __future__ import annotations

import string
from typing import Any

import tokenizers.pre_tokenizers
import transformers

from nodeforge import resources

SIGNS = (*string.ascii_letters, *string.digits, *".,:;!?'\"-_()<>|/\\\n*#&%+=[]{}@$~`")
QWEN_SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_QWEN_TEMPLATE = (
    "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}"
    "{%- if enable_thinking is defined and not enable_thinking %}{{ '<think>\\n\\n</think>\\n' }}"
    "{%- endif %}"
)
_MISTRAL_TEMPLATE = (
    "{{ bos_token }}{%- for m in messages %}"
    "{{ '[SYSTEM_PROMPT]' if m.role == 'system' else '[INST]' }}"
    "{%- for part in m.content %}{{ '[IMG]' if part.type == 'image' else part.text }}{%- endfor %}"
    "{{ '[/SYSTEM_PROMPT]' if m.role == 'system' else '[/INST]' }}{%- endfor %}"
)


def clip_tokenizer() -> Any:
    return transformers.CLIPTokenizer.from_pretrained(
        resources.path("models/forge-tiny") / "tokenizer"
    )


def clip(width: int = 32, projected: bool = False) -> Any:
    """A text tower of CLIP; projected, its class has the projection that SDXL and SD3 read."""
    cls = transformers.CLIPTextModelWithProjection if projected else transformers.CLIPTextModel
    return cls(
        transformers.CLIPTextConfig(
            vocab_size=8192,
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=3,
            num_attention_heads=2,
            projection_dim=width,
            bos_token_id=8190,
            eos_token_id=8191,
            pad_token_id=8191,
        )
    ).eval()


def t5_tokenizer() -> Any:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    return transformers.T5TokenizerFast(
        vocab=[*pieces, *((sign, -3.0) for sign in SIGNS)], extra_ids=0, model_max_length=512
    )


def t5(width: int = 32) -> Any:
    return transformers.T5EncoderModel(
        transformers.T5Config(
            vocab_size=128,
            d_model=width,
            d_kv=8,
            d_ff=2 * width,
            num_layers=2,
            num_heads=4,
            feed_forward_proj="gated-gelu",
        )
    ).eval()


def gemma_tokenizer() -> Any:
    pieces = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *SIGNS)
    made = transformers.GemmaTokenizer(
        vocab={piece: number for number, piece in enumerate(pieces)}, model_max_length=8192
    )
    made.backend_tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", 2)]
    )
    return made


def gemma(width: int = 16) -> Any:
    return transformers.Gemma2Model(
        transformers.Gemma2Config(
            vocab_size=128,
            hidden_size=width,
            head_dim=8,
            intermediate_size=2 * width,
            num_attention_heads=2,
            num_key_value_heads=2,
            num_hidden_layers=2,
            sliding_window=64,
        )
    ).eval()


def qwen_tokenizer() -> Any:
    """Bytes and the signs of a talk; no merges."""
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    made = transformers.Qwen2Tokenizer(
        vocab={piece: number for number, piece in enumerate((*letters, *QWEN_SPECIALS))},
        extra_special_tokens=list(QWEN_SPECIALS[1:]),
        model_max_length=4096,
    )
    made.chat_template = _QWEN_TEMPLATE
    return made


def qwen3(width: int = 16, layers: int = 2, talks: bool = False) -> Any:
    """Qwen 3; talks: the class that also predicts words."""
    cls = transformers.Qwen3ForCausalLM if talks else transformers.Qwen3Model
    return cls(
        transformers.Qwen3Config(
            vocab_size=263,
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=layers,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=4096,
        )
    ).eval()


def qwen_vl(width: int = 16) -> Any:
    """Qwen 2.5 with eyes."""
    ids = {name: 256 + number for number, name in enumerate(QWEN_SPECIALS)}
    return transformers.Qwen2_5_VLForConditionalGeneration(
        transformers.Qwen2_5_VLConfig(
            text_config={
                "vocab_size": 263,
                "hidden_size": width,
                "intermediate_size": 2 * width,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "max_position_embeddings": 4096,
                "rope_parameters": {
                    "mrope_section": [1, 1, 2],
                    "rope_type": "default",
                    "rope_theta": 1e6,
                },
                "bos_token_id": None,
                "eos_token_id": None,
                "pad_token_id": None,
            },
            vision_config={
                "depth": 2,
                "hidden_size": 16,
                "intermediate_size": 16,
                "num_heads": 2,
                "out_hidden_size": width,
                "fullatt_block_indexes": [1],
            },
            vocab_size=263,
            image_token_id=ids["<|image_pad|>"],
            video_token_id=ids["<|video_pad|>"],
            vision_start_token_id=ids["<|vision_start|>"],
            vision_end_token_id=ids["<|vision_end|>"],
        )
    ).eval()


def qwen_processor() -> Any:
    """What cuts pictures for Qwen's eyes."""
    tokenizer = qwen_tokenizer()
    return transformers.Qwen2VLProcessor(
        image_processor=transformers.Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=84 * 84),
        video_processor=transformers.Qwen2VLVideoProcessor(),
        tokenizer=tokenizer,
        chat_template=_QWEN_TEMPLATE,
    )


def mistral(width: int = 16, layers: int = 30) -> Any:
    """Mistral Small 3, with the 30 layers that Flux.2 reads at three heights."""
    return transformers.Mistral3ForConditionalGeneration(
        transformers.Mistral3Config(
            text_config={
                "model_type": "mistral",
                "vocab_size": 263,
                "hidden_size": width,
                "intermediate_size": 2 * width,
                "num_hidden_layers": layers,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "head_dim": 8,
                "max_position_embeddings": 1024,
                "sliding_window": None,
            },
            vision_config={
                "model_type": "pixtral",
                "hidden_size": 16,
                "intermediate_size": 16,
                "num_hidden_layers": 1,
                "num_attention_heads": 2,
                "image_size": 28,
                "patch_size": 14,
            },
            image_token_index=258,
        )
    ).eval()


def mistral_processor() -> Any:
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    specials = ("<s>", "</s>", "[IMG]", "[IMG_BREAK]", "[IMG_END]", "<pad>", "<unk>")
    core = tokenizers.Tokenizer(
        tokenizers.models.BPE(
            vocab={piece: number for number, piece in enumerate((*letters, *specials))}, merges=[]
        )
    )
    core.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens=["[IMG]", "[IMG_BREAK]", "[IMG_END]"],
        model_max_length=1024,
    )
    return transformers.PixtralProcessor(
        image_processor=transformers.PixtralImageProcessor(
            patch_size=14, size={"longest_edge": 28}
        ),
        tokenizer=tokenizer,
        patch_size=14,
        chat_template=_MISTRAL_TEMPLATE,
    )
