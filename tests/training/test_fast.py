"""Patched networks compute what the plain ones compute."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor

from nodeforge.training import nets
from nodeforge.training.fast import embed, hasten, plain


def outputs(net: Any, large: bool) -> list[Tensor]:
    """The output for one input, and the gradients of its sum of squares."""
    torch.manual_seed(1)
    side = 48 if large else 32
    made = net(torch.randn(2, 4, side, side), torch.tensor([3, 700]), torch.randn(2, 77, 32))
    made = made.sample
    torch.autograd.backward(made.square().sum())
    return [made.detach(), *(weight.grad for weight in net.parameters())]


@pytest.mark.parametrize("large", [False, True])
def test_a_patched_unet_agrees_with_the_plain_one(large: bool) -> None:
    torch.manual_seed(0)
    plain_net = nets.unet(small=True).train()
    patched = hasten(copy.deepcopy(plain_net))
    for mine, theirs in zip(outputs(patched, large), outputs(plain_net, large), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-4 + 1e-3 * float(theirs.abs().max()))


def test_a_patched_vae_agrees_with_the_plain_one() -> None:
    torch.manual_seed(0)
    net: Any = nets.vae(small=True).train()
    patched = hasten(copy.deepcopy(net))
    picture = torch.rand(1, 3, 64, 64) * 2 - 1
    latents = net.encode(picture).latent_dist.mode()
    assert torch.allclose(patched.encode(picture).latent_dist.mode(), latents, atol=1e-4)
    assert torch.allclose(patched.decode(latents).sample, net.decode(latents).sample, atol=1e-4)


def test_embedding_is_that_of_the_text_model() -> None:
    torch.manual_seed(0)
    text = nets.text(small=True)
    ids = nets.ids(nets.tokenizer(), ["a dragon flying over a castle", ""])
    assert torch.allclose(embed(text, ids), text(ids)[0], atol=1e-5)
    torch.autograd.backward(embed(text, ids).sum())  # through our own lookup
    table = getattr(text, "text_model", text).embeddings.token_embedding.weight
    assert table.grad is not None
    assert int((table.grad.abs().sum(1) > 0).sum()) == len(set(ids.flatten().tolist()))


KERNEL = """
import torch
from nodeforge.training.fast import plain
from nodeforge.training.norm import fused
for channels, side, groups, shifted, silu in (
    (96, 4, 32, 1, 1), (48, 4, 16, 0, 0), (32, 8, 16, 0, 1)
):
    torch.manual_seed(0)
    norm = torch.nn.GroupNorm(groups, channels)
    norm.weight.data.normal_(1, 0.3)
    x = torch.randn(2, channels, side, side).contiguous(memory_format=torch.channels_last)
    shift = torch.randn(2, channels) if shifted else None
    back = torch.randn_like(x)
    seen = []
    for way in (fused, plain):
        norm.zero_grad()
        inputs = [v.clone().requires_grad_() for v in (x, shift) if v is not None]
        y = way(inputs[0], norm, inputs[1] if shifted else None, bool(silu))
        y.backward(back)
        seen.append([y, *(v.grad for v in inputs), norm.weight.grad, norm.bias.grad])
    for mine, theirs in zip(*seen):
        assert torch.allclose(mine, theirs, atol=1e-4), (channels, (mine - theirs).abs().max())
print("agrees")
"""


def test_the_kernel_agrees_with_pytorch() -> None:
    """Run by Triton's interpreter, which must be chosen before Triton is imported."""
    pytest.importorskip("triton")
    told = subprocess.run(
        [sys.executable, "-c", KERNEL],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "agrees" in told.stdout, told.stderr[-2000:]


def test_plain_normalisation_adds_the_shift_before() -> None:
    norm = torch.nn.GroupNorm(2, 4)
    x, shift = torch.randn(1, 4, 3, 3), torch.randn(1, 4)
    made = plain(x, norm, shift, silu=False)
    assert torch.allclose(made, norm(x + shift[:, :, None, None]), atol=1e-6)
