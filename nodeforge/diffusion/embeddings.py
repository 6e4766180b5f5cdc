"""Embeddings: words that a prompt may use, taught to a model's text encoders without touching them.

Each is a few vectors that stand where a word's own would (textual inversion: Gal et al., An Image
is Worth One Word, arXiv 2208.01618). A tokenizer that knows the word is a copy, a text encoder a
twin over the very same weights. What comes out is what `load_textual_inversion` of diffusers
makes, bit by bit.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nodeforge.diffusion import recipes, tensors
from nodeforge.diffusion.loras import twin
from nodeforge.errors import BadModel, BadValue, MissingModel
from nodeforge.values import Embedding, Model

READERS = {"text_encoder": "tokenizer", "text_encoder_2": "tokenizer_2"}
MOST = 75  # vectors: as many as CLIP reads
_WORD = re.compile(r"[\w.+-]*[^\W_][\w.+-]*")
_NAMED = {"clip_l": "text_encoder", "clip_g": "text_encoder_2"}  # where a file has one set for each


def resolve(model: Model, file: str, word: str = "") -> Model:
    """The recipe with one more word for prompts: a file in safetensors, or a pickle of weights.

    word: what the prompt calls it; else the file's name. Reads headers only. Raises MissingModel
    when there is no such file, BadModel when it is no embedding or was made for another model,
    BadValue for a word that a prompt cannot hold, or that stands for another one already.
    """
    if not file.strip():
        raise MissingModel("No embedding is chosen: choose a file")
    path = Path(file.strip()).expanduser()
    if not path.is_file():
        raise MissingModel(f"There is no embedding “{file.strip()}”: choose a file that exists")
    path = path.resolve()
    _sets(model, tensors.table(path))
    word = word.strip() or path.stem
    if not _WORD.fullmatch(word):
        raise BadValue(
            f"“{word}” cannot stand in a prompt: call it by letters and digits, with . _ + or - "
            f"between them"
        )
    if any(word.lower() == known.word.lower() for known in model.embeddings):
        raise BadValue(f"“{word}” is the word of another embedding here: call this one otherwise")
    taught = Embedding(str(path), recipes.file_print(path.parent, path), word)
    return replace(model, embeddings=(*model.embeddings, taught))


def taught(model: Model, parts: Mapping[str, Any]) -> dict[str, Any]:
    """The components that read a prompt; those among them that learn as copies that know the
    model's words.

    Raises MissingModel for a file that has gone, BadModel for one that has changed, BadValue for a
    word that is one already.
    """
    made = dict(parts)
    for encoder, tokenizer in READERS.items() if model.embeddings else ():
        if encoder not in parts:
            continue
        made[tokenizer], learnt = copy.deepcopy(parts[tokenizer]), []
        start = len(made[tokenizer])
        for each in model.embeddings:
            vectors = _vectors(model, each, encoder)
            names = [each.word, *(f"{each.word}_{n}" for n in range(1, len(vectors)))]
            if known := set(names) & made[tokenizer].get_vocab().keys():
                raise BadValue(
                    f"“{min(known)}” is a word that the model knows: call the embedding otherwise"
                )
            made[tokenizer].add_tokens(names)
            learnt.append(vectors)
        made[encoder] = twin(parts[encoder])
        plain = made[encoder].get_input_embeddings()
        own = torch.cat(learnt).to(plain.weight)
        made[encoder].set_input_embeddings(Taught(plain, start, own))
    return made


class Taught(nn.Module):
    """The vectors of words: plain ones for tokens below `start`, learnt ones from there on."""

    def __init__(self, plain: nn.Module, start: int, learnt: Tensor) -> None:
        super().__init__()
        self.plain, self.start = plain, start
        self.register_buffer("learnt", learnt, persistent=False)

    @property
    def weight(self) -> Any:
        return self.plain.weight

    def forward(self, ids: Tensor) -> Tensor:
        is_plain = ids < self.start
        found: Tensor = self.plain(torch.where(is_plain, ids, 0))
        own: Any = self.learnt
        return torch.where(is_plain[..., None], found, own[(ids - self.start).clamp(min=0)])


def _vectors(model: Model, one: Embedding, encoder: str) -> Tensor:
    """(count, width), for one text encoder."""
    table = tensors.table(Path(one.path))
    name = _sets(model, table)[encoder]
    found = tensors.read(table, [name])[name]
    return found.reshape(-1, found.shape[-1])


def _sets(model: Model, table: tensors.Table) -> dict[str, str]:
    """By text encoder, the name in the file of what it learns. Raises BadModel."""
    name, entries = table.path.name, table.entries
    if not recipes.family(model).limits.learns:
        raise BadModel(f"“{Path(model.path).name}” takes no embeddings: leave this one out")
    widths = {e: recipes.config(model, e)["hidden_size"] for e in READERS if recipes.has(model, e)}
    sets = {_NAMED[key]: key for key in entries if key in _NAMED}
    if not sets and len(entries) == 1:
        sets = dict.fromkeys(list(widths)[-1:], next(iter(entries)))
    shapes = {e: entries[key].shape for e, key in sets.items()}
    if not sets or not all(
        len(s) in (1, 2) and 0 < math.prod(s[:-1]) <= MOST for s in shapes.values()
    ):
        raise BadModel(f"“{name}” is not an embedding: choose another file")
    if any(shapes.get(encoder, (0,))[-1] != width for encoder, width in widths.items()):
        raise BadModel(
            f"“{name}” was made for another kind of model than “{Path(model.path).name}”: choose "
            f"an embedding made for it"
        )
    return {encoder: sets[encoder] for encoder in widths}
