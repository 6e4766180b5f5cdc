"""A small CLIP: which words fit a picture (Radford et al., arXiv:2103.00020).

Two transformers, one for patches and one for tokens, learn from scenes and their captions to point
in the same direction, and away from the captions of all other scenes and from captions that are
nearly true (see swaps). It judges the base, finds pictures by words, and fits in 8.5 MB.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import ImageOps
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import CLIPConfig, CLIPModel

from nodeforge.training import nets, ranks, sheets
from nodeforge.training.data.sprites import Pack
from nodeforge.training.fast import embed
from nodeforge.training.feed import Feed, Taken
from nodeforge.training.flat import Flat
from nodeforge.training.judge import Judge, fit
from nodeforge.training.loop import Settings, count_flops
from nodeforge.training.replay import Replay
from nodeforge.training.stock import Stock
from nodeforge.training.swaps import Swaps
from nodeforge.training.vae import cool, decay, warm

RATE = 1.5e-3
SIZE, PATCH = 144, 12  # pixels: a subject of a third of the picture covers four patches each way
LENGTH = 32  # tokens of a caption while training; longer ones are cut
STOCK, FIRST = 60_000, 20_000  # pictures held (3.7 GB), and made before the first step
FRESH = 0.08  # new scenes for every sample drawn
LONGEST = 0.998  # memory of the average
SHARPEST = 100.0  # of the softmax: the inverse of its temperature
SHOWN, ANSWERS = 32, 100  # pictures of the sheet, captions to choose from

VISION: dict[str, Any] = {
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 6,
    "num_attention_heads": 3,
    "image_size": SIZE,
    "patch_size": PATCH,
    "hidden_act": "gelu",
}
TEXT: dict[str, Any] = {
    "vocab_size": 8192,
    "hidden_size": 128,
    "intermediate_size": 512,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "max_position_embeddings": nets.TOKENS,
    "hidden_act": "quick_gelu",
    "bos_token_id": 8190,
    "eos_token_id": 8191,
    "pad_token_id": 8191,
}
WIDTH = 192  # of the space in which both meet
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
PREPARED: dict[str, Any] = {  # what transformers must do to a picture before the network sees it
    "image_processor_type": "CLIPImageProcessor",
    "do_convert_rgb": True,
    "do_resize": True,
    "size": {"height": SIZE, "width": SIZE},
    "resample": 2,  # bilinear
    "do_center_crop": False,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}


class Source(Protocol):
    """Where scenes come from: a Feed."""

    @property
    def pack(self) -> Pack: ...

    def take(self, count: int) -> Taken: ...

    def close(self) -> None: ...


def task(settings: Settings) -> Clip:
    return Clip(settings, Feed(settings, seed=3))


class Clip:
    """Learns from scenes which caption is whose.

    Args:
        settings: device, seed, batch, small.
        source: Scenes, and the pack that they are made from.
    """

    name = "clip"

    def __init__(self, settings: Settings, source: Source) -> None:
        self.settings, self.device, self.source = settings, settings.device, source
        self.batch = settings.batch or (8 if settings.small else 1024)
        torch.manual_seed(settings.seed * 137 + ranks.rank())
        self.tokenizer = nets.tokenizer()
        self.swaps = Swaps(self.tokenizer, source.pack.subjects, self.device)
        self.end = nets.ids(self.tokenizer, [""])[0, 1].item()
        small = settings.small
        self.stock = Stock(self.shrunk, 8 if small else STOCK, 8 if small else FIRST)
        self.net = clip(settings.small)
        self.flops = 0.0 if settings.small else self.batch * flops()
        self.net.to(self.device).train()
        cuda = self.device.startswith("cuda")
        self.flat = Flat([self.net], self.device, torch.bfloat16 if cuda else torch.float32)
        ranks.same([self.flat.exact, self.flat.kept])
        self.flat.work.copy_(self.flat.exact)
        self.loss = torch.zeros((), device=self.device)
        self.right = torch.zeros((), device=self.device)
        self.learn = Replay(self.backward, self.device)
        self.update = Replay(self.flat.update, self.device)
        self.steps = 0
        self.shown = source.take(8 if settings.small else ANSWERS)

    def shrunk(self, count: int) -> tuple[Tensor, Tensor]:
        """New scenes: pictures [n, 3, SIZE, SIZE] uint8 and ids [n, LENGTH] int16."""
        taken = self.source.take(count)
        ids = taken.ids[:, :LENGTH].to(torch.int16)
        ids[:, -1] = self.end
        return ((fit(taken.pictures, SIZE) + 1) * 127.5).round().byte(), ids

    def backward(self) -> None:
        """Gradients of one batch, left in `flat.grad`; loss and share of right choices beside."""
        pixels, short = self.stock.draw(self.batch)
        pictures, ids = pixels.float() / 127.5 - 1, short.long()
        ids = torch.cat([ids, self.swaps(ids)])
        self.flat.clear()
        seen = see(self.net, softened(pictures).to(self.flat.work.dtype))
        said = say(self.net, ids)
        sharpness = self.net.logit_scale.float().exp().clamp(max=SHARPEST)
        loss, right = contrast(seen, said, ids, sharpness)
        torch.autograd.backward(loss)
        self.loss.copy_(loss.detach())
        self.right.copy_(right)

    def step(self, done: float) -> dict[str, Tensor]:
        self.learn()
        self.stock.owe(FRESH * self.batch)
        ranks.average(self.flat.grad)
        self.flat.rate.fill_(RATE * warm(self.steps, 200) * cool(done, 0.3, 0.01))
        self.flat.stay.fill_(decay(self.steps, LONGEST))
        self.update()
        self.steps += 1
        return {"loss": self.loss.clone(), "right": self.right.clone()}

    def state(self) -> dict[str, Any]:
        return {"flat": self.flat.state(), "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        self.flat.restore(state["flat"])
        self.steps = state["steps"]

    def averaged(self) -> Any:
        """A copy with the averaged weights, float32, ready for use."""
        made = clip(self.settings.small).to(self.device)
        self.flat.averaged((made,))
        return made.eval()

    def sheet(self, path: Path) -> None:
        """Pictures with the best of all their captions, green if it is their own, else red."""
        judge = Judge(self.averaged(), self.tokenizer)
        captions, shown = self.shown.captions, self.shown.pictures[:SHOWN]
        best = (judge.pictures(shown) @ judge.words(captions).T).argmax(1).tolist()
        framed, words = [], []
        for picture, own, chosen in zip(sheets.pictures(shown), captions, best, strict=False):
            right = captions[chosen] == own
            ink = "#2e933c" if right else "#d1495b"
            framed.append(ImageOps.expand(picture, border=8, fill=ink))
            words.append(f"{'right' if right else 'WRONG'}: {captions[chosen]}")
        sheets.contact_sheet(framed, words, path)

    def export(self, folder: Path) -> None:
        """Write a folder that `transformers.CLIPModel.from_pretrained` loads."""
        made = self.averaged().cpu().half()
        made.save_pretrained(folder, max_shard_size=nets.SHARD)
        self.tokenizer.save_pretrained(folder)
        (folder / "preprocessor_config.json").write_text(json.dumps(PREPARED, indent=2) + "\n")

    def close(self) -> None:
        self.source.close()


def clip(small: bool = False) -> Any:
    """A new CLIPModel: pictures [n, 3, SIZE, SIZE] of -1..1, ids [n, l]."""
    vision = VISION | (SMALL | {"patch_size": 36, "num_attention_heads": 1} if small else {})
    text = TEXT | (SMALL if small else {})
    config = CLIPConfig(
        vision_config=vision | {"projection_dim": WIDTH},
        text_config=text | {"projection_dim": WIDTH},
        projection_dim=WIDTH,
    )
    return CLIPModel(config)


def see(net: Any, pictures: Tensor) -> Tensor:
    """CLIPModel's image features [n, d] of pictures [n, 3, h, w] in the weights' dtype.

    The same as `get_image_features`, with patches taken by one matrix product.
    """
    model, n = net.vision_model, len(pictures)
    embeddings = model.embeddings
    weight, side = embeddings.patch_embedding.weight, embeddings.patch_size
    count = pictures.shape[-1] // side
    patches = pictures.view(n, 3, count, side, count, side).permute(0, 2, 4, 1, 3, 5)
    x = patches.reshape(n, count * count, -1) @ weight.reshape(len(weight), -1).T
    first = embeddings.class_embedding.expand(n, 1, -1)
    x = torch.cat([first, x], 1) + embeddings.position_embedding.weight
    x = model.pre_layrnorm(x)
    for layer in model.encoder.layers:
        attention, heads = layer.self_attn, layer.self_attn.num_heads
        hidden = layer.layer_norm1(x)
        query, key, value = (
            part(hidden).unflatten(-1, (heads, -1)).transpose(1, 2)
            for part in (attention.q_proj, attention.k_proj, attention.v_proj)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value)
        x = x + attention.out_proj(mixed.transpose(1, 2).flatten(2))
        x = x + layer.mlp(layer.layer_norm2(x))
    made: Tensor = net.visual_projection(model.post_layernorm(x[:, 0]))
    return made


def say(net: Any, ids: Tensor) -> Tensor:
    """CLIPModel's text features [n, d] of ids [n, l]: what stands at the first end token."""
    hidden = embed(net.text_model, ids)
    ends = (ids == net.config.text_config.eos_token_id).int().argmax(1)
    last = hidden.gather(1, ends[:, None, None].expand(-1, 1, hidden.shape[-1]))
    made: Tensor = net.text_projection(last[:, 0])
    return made


def contrast(seen: Tensor, said: Tensor, ids: Tensor, sharpness: Tensor) -> tuple[Tensor, Tensor]:
    """How badly pictures and captions find each other, and the share of pictures that do.

    Args:
        seen: [n, d], of pictures.
        said: [n + m, d], of their captions and of false ones.
        ids: [n + m, l]. Where two captions are the same, neither is wrong for the other's picture.
        sharpness: [], the inverse temperature.

    Returns:
        The mean of both cross entropies, [], and right choices among the n captions, [].
    """
    count = len(seen)
    seen = functional.normalize(seen.float(), dim=-1)
    said = functional.normalize(said.float(), dim=-1)
    logits = sharpness * seen @ said.T
    own = torch.arange(count, device=ids.device)
    same = keys(ids[:count])[:, None] == keys(ids)[None]
    logits = logits.masked_fill(same.fill_diagonal_(False), float("-inf"))
    forth = functional.cross_entropy(logits, own)
    back = functional.cross_entropy(logits[:, :count].T, own)
    right = (logits[:, :count].argmax(1) == own).float().mean()
    return (forth + back) / 2, right.detach()


def keys(ids: Tensor) -> Tensor:
    """Numbers [n] that are equal where rows of ids [n, l] are, and hardly ever otherwise."""
    factors = torch.arange(1, ids.shape[1] + 1, device=ids.device) ** 5
    return (ids * factors).sum(1)


def softened(pictures: Tensor) -> Tensor:
    """Pictures [n, 3, h, w] of -1..1 as they might come from a model or a camera.

    Cut by up to a sixth, brighter or darker, softer or sharper, with fine and with blocky noise.
    """
    n, _, tall, wide = pictures.shape

    def chance(low: float, high: float) -> Tensor:
        return torch.rand(n, 1, 1, 1, device=pictures.device) * (high - low) + low

    zoom = chance(0.83, 1.0)
    shift = torch.cat([chance(-1, 1), chance(-1, 1)], 2) * (1 - zoom)
    turn = torch.eye(2, device=pictures.device).expand(n, 2, 2) * zoom[:, 0]
    grid = functional.affine_grid(
        torch.cat([turn, shift[:, 0]], 2), list(pictures.shape), align_corners=False
    )
    x = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    x = x * chance(0.85, 1.15) + chance(-0.1, 0.1)
    soft = x
    for _ in range(2):
        soft = functional.avg_pool2d(soft, 3, 1, 1, count_include_pad=False)
    x = x + (soft - x) * chance(-0.3, 1.0)
    blocks = torch.randn(n, 3, tall // 6, wide // 6, device=pictures.device)
    blocks = functional.interpolate(blocks, size=(tall, wide))
    x = x + torch.randn_like(x) * chance(-0.06, 0.06).clamp(min=0)
    return (x + blocks * chance(-0.06, 0.06).clamp(min=0)).clamp(-1, 1)


def flops() -> float:
    """Of forward and backward for one picture and its two captions."""
    net = clip()
    ids = torch.full((2, LENGTH), TEXT["eos_token_id"])
    pictures = torch.zeros(1, 3, SIZE, SIZE)
    with sdpa_kernel(SDPBackend.MATH):  # the counter does not know the CPU's own kernel
        return count_flops(
            lambda: torch.autograd.backward(see(net, pictures).sum() + say(net, ids).sum())
        )
