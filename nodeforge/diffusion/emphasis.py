"""Weights of a prompt's words, as ComfyUI applies them.

Each token's embedding moves on the line from the embedding at its place in the empty prompt:
`empty + weight * (prompt - empty)`. Where the weight is 1, not a bit of it changes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nodeforge.graph.wording import Wording


def marks(pipeline: Any, names: Sequence[str], read: Wording) -> list[float]:
    """The weight of each token in the embeddings, where those of several tokenizers follow each
    other. One that a model lacks is left out, as in a refiner, which reads with its second alone.
    """
    there = [name for name in names if getattr(pipeline, name, None)] or ["tokenizer_2"]
    found: list[float] = []
    for name in there:
        tokenizer = getattr(pipeline, name)
        own = token_weights(tokenizer, read, _spelling(pipeline, tokenizer))
        if name != there[-1]:  # the next one begins where this one has no more room
            room = int(tokenizer.model_max_length)
            own = [*own[:room], *[1.0] * (room - len(own))]
        found += own
    return found


def token_weights(tokenizer: Any, read: Wording, spelt: Callable[[str], str] = str) -> list[float]:
    """The weight of each token of the plain words, from the first special token on.

    spelt: the words as the tokenizer is given them. A token that two phrases share has the weight
    of the one it begins in.
    """
    whole = list(tokenizer(spelt(read.plain), verbose=False).input_ids)
    bare = _bare(tokenizer, spelt(read.plain))
    count = len(bare)
    before = next((at for at in range(len(whole)) if whole[at : at + count] == bare), 0)
    weights = [1.0] * before
    said = ""
    for phrase in read.phrases:
        said += phrase.text
        end = before + min(len(_bare(tokenizer, spelt(said))), count)
        weights += [phrase.weight] * (end - len(weights))
    return weights


def _spelling(pipeline: Any, tokenizer: Any) -> Callable[[str], str]:
    """Embeddings of several vectors have as many tokens, which pipelines write out."""
    convert = getattr(pipeline, "maybe_convert_prompt", None)
    return functools.partial(convert, tokenizer=tokenizer) if convert else str


def weighed(
    tensors: Mapping[str, Tensor], empty: Mapping[str, Tensor], weights: list[float]
) -> dict[str, Tensor]:
    """The embeddings, one a token, with these weights; what is said once for all stays."""
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if tensor.dim() != 3 or tensor.shape != empty[name].shape:
            found[name] = tensor
            continue
        scale = torch.ones(tensor.shape[1], device=tensor.device)
        known = torch.tensor(weights[: tensor.shape[1]], device=tensor.device)
        scale[: len(known)] = known
        nothing = empty[name].float()
        moved = nothing + (tensor.float() - nothing) * scale[None, :, None]
        found[name] = torch.where((scale == 1)[None, :, None], tensor, moved.to(tensor.dtype))
    return found


def _bare(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
