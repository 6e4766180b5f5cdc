"""The same networks, trained faster: channels-last throughout, GroupNorm and SiLU in one pass.

diffusers calls `.contiguous()` in upsampling, before shortcut convolutions and after attention,
which undoes channels-last in training; the patches leave that out. Weights keep their names, and
outputs agree within rounding. On an H100 with batch 1024: 3,718 to 7,927 samples/s for the UNet.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import torch
import torch._dynamo as dynamo
from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from diffusers.models.upsampling import Upsample2D
from torch import Tensor, nn
from torch.nn import functional

Normalise = Callable[..., Tensor]


def hasten(network: Any) -> Any:
    """Patch a diffusers network in place for training on its device."""
    network.to(memory_format=torch.channels_last)
    norm = normaliser(next(network.parameters()).device)
    part: Any
    for part in list(network.modules()):
        if isinstance(part, ResnetBlock2D):
            part.forward = types.MethodType(resnet(norm), part)
        elif isinstance(part, Upsample2D):
            part.forward = types.MethodType(upsample, part)
        elif isinstance(part, Transformer2DModel):
            part._get_output_for_continuous_inputs = types.MethodType(leave_attention, part)
            part.norm.forward = types.MethodType(normalise(norm, silu=False), part.norm)
        last: Any = getattr(part, "conv_norm_out", None)
        if last is not None:
            last.forward = types.MethodType(normalise(norm, silu=True), last)
            part.conv_act = nn.Identity()
    return network


def compile_attention(network: nn.Module) -> None:
    """Compile each transformer block on its own: seconds instead of minutes for the whole."""
    dynamo.config.recompile_limit = 64  # each block, in two sizes
    for part in network.modules():
        if isinstance(part, BasicTransformerBlock):
            part.compile(dynamic=False)


def normaliser(device: torch.device) -> Normalise:
    """The fused kernel on CUDA, plain PyTorch elsewhere."""
    if device.type != "cuda":
        return plain
    from nodeforge.training.norm import fused  # needs Triton, which comes with torch for CUDA

    return fused


def plain(x: Tensor, norm: nn.GroupNorm, shift: Tensor | None = None, silu: bool = True) -> Tensor:
    """silu(group_norm(x + shift)) in three operations."""
    if shift is not None:
        x = x + shift[:, :, None, None]
    y = functional.group_norm(x, norm.num_groups, norm.weight, norm.bias, norm.eps)
    return functional.silu(y) if silu else y


def normalise(norm: Normalise, silu: bool) -> Callable[..., Tensor]:
    def forward(self: nn.GroupNorm, x: Tensor) -> Tensor:
        return norm(x, self, None, silu)

    return forward


def resnet(norm: Normalise) -> Callable[..., Tensor]:
    """ResnetBlock2D.forward for the blocks of our family: no resampling, no scale and shift."""

    def forward(self: Any, x: Tensor, temb: Tensor | None = None, *_: Any, **__: Any) -> Tensor:
        shift = None
        if temb is not None and self.time_emb_proj is not None:
            shift = self.time_emb_proj(functional.silu(temb))
        hidden = self.conv1(norm(x, self.norm1))
        hidden = self.conv2(norm(hidden, self.norm2, shift))
        made: Tensor = hidden + (x if self.conv_shortcut is None else self.conv_shortcut(x))
        return made

    return forward


def upsample(self: Any, x: Tensor, output_size: Any = None, *_: Any, **__: Any) -> Tensor:
    """Upsample2D.forward, nearest, without leaving channels-last."""
    n, c, h, w = x.shape
    rows = x.permute(0, 2, 3, 1)[:, :, None, :, None, :].expand(n, h, 2, w, 2, c)
    made: Tensor = self.conv(rows.reshape(n, 2 * h, 2 * w, c).permute(0, 3, 1, 2))
    return made


def leave_attention(
    self: Any,
    hidden_states: Tensor,
    residual: Tensor,
    batch_size: int,
    height: int,
    width: int,
    inner_dim: int,
) -> Tensor:
    """Back from tokens [n, h*w, c] to pictures, as a view."""

    def view(tokens: Tensor) -> Tensor:
        return tokens.reshape(batch_size, height, width, -1).permute(0, 3, 1, 2)

    linear = self.use_linear_projection
    made: Tensor = (
        view(self.proj_out(hidden_states)) if linear else self.proj_out(view(hidden_states))
    )
    return made + residual


def embed(text: Any, ids: Tensor) -> Tensor:
    """CLIPTextModel(ids)[0] without attention masks or host synchronisation.

    Args:
        text: transformers.CLIPTextModel with quick_gelu.
        ids: [n, l], int64.

    Returns:
        Hidden states [n, l, d] after the final layer norm, in the weights' dtype.
    """
    model = getattr(text, "text_model", text)
    places = model.embeddings.position_embedding.weight[: ids.shape[1]]
    x = _Lookup.apply(model.embeddings.token_embedding.weight, ids) + places
    n, length, wide = x.shape
    for layer in model.encoder.layers:
        attention, heads = layer.self_attn, layer.self_attn.num_heads
        hidden = layer.layer_norm1(x)
        query, key, value = (
            part(hidden).view(n, length, heads, wide // heads).transpose(1, 2)
            for part in (attention.q_proj, attention.k_proj, attention.v_proj)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + attention.out_proj(mixed.transpose(1, 2).reshape(n, length, wide))
        hidden = layer.mlp.fc1(layer.layer_norm2(x))
        x = x + layer.mlp.fc2(hidden * torch.sigmoid(1.702 * hidden))
    made: Tensor = model.final_layer_norm(x)
    return made


class _Lookup(torch.autograd.Function):
    """An embedding whose backward is one kernel, and may be part of a CUDA graph."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, ids: Tensor) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape, ctx.dtype = weight.shape, weight.dtype
        return functional.embedding(ids, weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        (ids,) = ctx.saved_tensors
        total = torch.zeros(ctx.shape, device=grad.device)
        total.index_add_(0, ids.reshape(-1), grad.reshape(-1, ctx.shape[1]).float())
        return total.to(ctx.dtype), None
