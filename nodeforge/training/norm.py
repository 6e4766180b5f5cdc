"""GroupNorm with an optional bias per sample and SiLU, fused into one pass over channels-last data.

PyTorch runs the three operations at 0.3 to 0.5 TB/s on an H100; one Triton program per sample
reaches 1.6 to 1.8 TB/s. The mathematics: Wu and He, arXiv:1803.08494.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor, nn

BLOCK = 8192  # values a program holds at a time


@triton.jit
def _forward(
    x, weight, bias, shift, y, means, rates,
    HW: tl.constexpr, C: tl.constexpr, WIDE: tl.constexpr, G: tl.constexpr, eps,
    SILU: tl.constexpr, SHIFTED: tl.constexpr, BC: tl.constexpr, BH: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0).to(tl.int64)
    c, h, g = tl.arange(0, BC), tl.arange(0, BH), tl.arange(0, G)
    real = c < C
    at = h[:, None] * C + c[None, :]
    inside = real[None, :] & (h[:, None] >= 0)
    data = x + n * HW * C
    add = tl.zeros([BC], tl.float32)
    if SHIFTED:
        add = tl.load(shift + n * C + c, mask=real, other=0.0).to(tl.float32)
    sums, squares = tl.zeros([BH, BC], tl.float32), tl.zeros([BH, BC], tl.float32)
    for i in range(0, HW, BH):
        v = tl.load(data + i * C + at, mask=inside, other=0.0).to(tl.float32) + add[None, :]
        sums += v
        squares += v * v
    member = ((c[:, None] // WIDE) == g[None, :]).to(tl.float32) * real[:, None].to(tl.float32)
    mean = tl.sum(member * tl.sum(sums, 0)[:, None], 0) / (HW * WIDE)
    var = tl.sum(member * tl.sum(squares, 0)[:, None], 0) / (HW * WIDE) - mean * mean
    rate = 1.0 / tl.sqrt(tl.maximum(var, 0.0) + eps)
    tl.store(means + n * G + g, mean)
    tl.store(rates + n * G + g, rate)
    mean_c, rate_c = tl.sum(member * mean[None, :], 1), tl.sum(member * rate[None, :], 1)
    scale = rate_c * tl.load(weight + c, mask=real, other=0.0).to(tl.float32)
    base = tl.load(bias + c, mask=real, other=0.0).to(tl.float32) + (add - mean_c) * scale
    for i in range(0, HW, BH):
        v = tl.load(data + i * C + at, mask=inside, other=0.0).to(tl.float32)
        z = v * scale[None, :] + base[None, :]
        if SILU:
            z = z * tl.sigmoid(z)
        tl.store(y + n * HW * C + i * C + at, z.to(y.dtype.element_ty), mask=inside)


@triton.jit
def _backward(
    x, dy, weight, bias, shift, means, rates, dx, dweight, dbias, dshift,
    HW: tl.constexpr, C: tl.constexpr, WIDE: tl.constexpr, G: tl.constexpr,
    SILU: tl.constexpr, SHIFTED: tl.constexpr, BC: tl.constexpr, BH: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0).to(tl.int64)
    c, h, g = tl.arange(0, BC), tl.arange(0, BH), tl.arange(0, G)
    real = c < C
    at = h[:, None] * C + c[None, :]
    inside = real[None, :] & (h[:, None] >= 0)
    data, grads = x + n * HW * C, dy + n * HW * C
    add = tl.zeros([BC], tl.float32)
    if SHIFTED:
        add = tl.load(shift + n * C + c, mask=real, other=0.0).to(tl.float32)
    mean = tl.load(means + n * G + c // WIDE, mask=real, other=0.0)
    rate = tl.load(rates + n * G + c // WIDE, mask=real, other=0.0)
    w = tl.load(weight + c, mask=real, other=0.0).to(tl.float32)
    b = tl.load(bias + c, mask=real, other=0.0).to(tl.float32)
    base = (add - mean) * rate
    flat, slope = tl.zeros([BH, BC], tl.float32), tl.zeros([BH, BC], tl.float32)
    for i in range(0, HW, BH):
        v = tl.load(data + i * C + at, mask=inside, other=0.0).to(tl.float32)
        v = v * rate[None, :] + base[None, :]
        d = tl.load(grads + i * C + at, mask=inside, other=0.0).to(tl.float32)
        if SILU:
            z = v * w[None, :] + b[None, :]
            s = tl.sigmoid(z)
            d = d * (s * (1.0 + z * (1.0 - s)))
        flat += d
        slope += d * v
    s1, s2 = tl.sum(flat, 0), tl.sum(slope, 0)
    tl.store(dbias + n * C + c, s1, mask=real)
    tl.store(dweight + n * C + c, s2, mask=real)
    member = ((c[:, None] // WIDE) == g[None, :]).to(tl.float32) * real[:, None].to(tl.float32)
    p1 = tl.sum(member * (w * s1)[:, None], 0) / (HW * WIDE)
    p2 = tl.sum(member * (w * s2)[:, None], 0) / (HW * WIDE)
    q1, q2 = tl.sum(member * p1[None, :], 1), tl.sum(member * p2[None, :], 1)
    total = tl.zeros([BH, BC], tl.float32)
    for i in range(0, HW, BH):
        v = tl.load(data + i * C + at, mask=inside, other=0.0).to(tl.float32)
        v = v * rate[None, :] + base[None, :]
        d = tl.load(grads + i * C + at, mask=inside, other=0.0).to(tl.float32)
        if SILU:
            z = v * w[None, :] + b[None, :]
            s = tl.sigmoid(z)
            d = d * (s * (1.0 + z * (1.0 - s)))
        o = rate[None, :] * (d * w[None, :] - q1[None, :] - v * q2[None, :])
        tl.store(dx + n * HW * C + i * C + at, o.to(dx.dtype.element_ty), mask=inside)
        if SHIFTED:
            total += o
    if SHIFTED:
        tl.store(dshift + n * C + c, tl.sum(total, 0), mask=real)


def _shape(channels: int, area: int) -> tuple[int, int, int]:
    """Channels and rows of a block, and warps of a program."""
    wide = int(triton.next_power_of_2(channels))
    rows = max(1, min(BLOCK // wide, area))
    while area % rows:
        rows //= 2
    return wide, rows, 16 if area > 4096 else 8


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        shift: Tensor | None,
        groups: int,
        eps: float,
        silu: bool,
    ) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        y = torch.empty_like(x, memory_format=torch.channels_last)
        means = torch.empty(n, groups, device=x.device)
        rates = torch.empty_like(means)
        wide, rows, warps = _shape(c, h * w)
        given = shift.contiguous() if shift is not None else x
        _forward[(n,)](
            x, weight, bias, given, y, means, rates, h * w, c, c // groups, groups, eps,
            silu, shift is not None, wide, rows, num_warps=warps,
        )  # fmt: skip
        ctx.save_for_backward(x, weight, bias, given, means, rates)
        ctx.how = groups, silu, shift is not None
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        x, weight, bias, given, means, rates = ctx.saved_tensors
        groups, silu, shifted = ctx.how
        dy = dy.contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        dx = torch.empty_like(x, memory_format=torch.channels_last)
        dweight = torch.empty(n, c, device=x.device)
        dbias = torch.empty_like(dweight)
        dshift = torch.empty_like(dweight) if shifted else dweight
        wide, rows, warps = _shape(c, h * w)
        _backward[(n,)](
            x, dy, weight, bias, given, means, rates, dx, dweight, dbias, dshift,
            h * w, c, c // groups, groups, silu, shifted, wide, rows, num_warps=warps,
        )  # fmt: skip
        back = dshift.to(given.dtype) if shifted else None
        return dx, dweight.sum(0).to(weight.dtype), dbias.sum(0).to(bias.dtype), back, *([None] * 3)


def fused(x: Tensor, norm: nn.GroupNorm, shift: Tensor | None = None, silu: bool = True) -> Tensor:
    """silu(group_norm(x + shift)) of x [n, c, h, w] on CUDA and shift [n, c]; channels last."""
    made = _Fused.apply(x, norm.weight, norm.bias, shift, norm.num_groups, norm.eps, silu)
    assert isinstance(made, Tensor)
    return made
