"""Weights in one piece: the same networks, and an optimiser that can be checked by hand."""

from __future__ import annotations

import copy

import torch
from torch import nn

from nodeforge.training import nets
from nodeforge.training.flat import SHRINK, Flat, orthogonal


def small() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8), nn.Conv2d(8, 8, 1), nn.Flatten())


def test_networks_compute_the_same_on_flat_weights() -> None:
    net = small()
    x = torch.randn(2, 3, 6, 6)
    before = net(x).detach()
    flat = Flat([net], "cpu", torch.float32)
    assert torch.allclose(net(x), before, atol=1e-6)
    flat.work.zero_()
    assert not net(x).any()


def test_gradients_land_in_the_flat_buffer() -> None:
    net = small()
    other = copy.deepcopy(net)
    flat = Flat([net], "cpu", torch.float32)
    x = torch.randn(2, 3, 6, 6)
    for one in (net, other):
        one(x).square().sum().backward()
    for mine, theirs in zip(net.parameters(), other.parameters(), strict=True):
        assert mine.grad is not None
        assert theirs.grad is not None
        assert torch.allclose(mine.grad, theirs.grad, atol=1e-5)
    theirs_all = [weight.grad for weight in other.parameters() if weight.grad is not None]
    total = torch.stack([grad.square().sum() for grad in theirs_all]).sum()
    assert torch.isclose(flat.grad.square().sum(), total)
    flat.clear()
    assert not any(weight.grad.any() for weight in net.parameters() if weight.grad is not None)


def test_a_matrix_moves_by_an_orthogonal_step() -> None:
    torch.manual_seed(0)
    net = nn.Linear(16, 32, bias=False)
    flat = Flat([net], "cpu", torch.float32)
    before, grad = net.weight.detach().clone(), torch.randn(32, 16)
    flat.grad[: grad.numel()] = grad.flatten()
    flat.rate.fill_(0.01)
    flat.update()
    step = (before * (1 - 0.01 * SHRINK) - net.weight.detach()) / (0.01 * 0.2 * 32**0.5)
    values = torch.linalg.svdvals(step)
    assert values.min() > 0.6
    assert values.max() < 1.3
    assert (step * grad).sum() > 0  # downhill


def test_orthogonal_keeps_directions() -> None:
    torch.manual_seed(0)
    made = orthogonal(torch.diag_embed(torch.tensor([[3.0, 2.0, 1.0]])))
    assert torch.allclose(made.diagonal(dim1=1, dim2=2), torch.ones(1, 3), atol=0.35)
    assert (made - torch.diag_embed(made.diagonal(dim1=1, dim2=2))).abs().max() < 1e-5


def test_a_flat_family_learns_and_its_average_can_be_taken() -> None:
    torch.manual_seed(0)
    unet, text = nets.unet(small=True), nets.text(small=True)
    flat = Flat([unet, text], "cpu", torch.float32)
    latents, words = torch.randn(2, 4, 8, 8), torch.zeros(2, 77, dtype=torch.long)
    losses = []
    flat.rate.fill_(2e-3)
    flat.stay.fill_(0.5)
    for _ in range(12):
        flat.clear()
        made = unet(latents, torch.tensor([5, 500]), text(words)[0]).sample
        loss = (made - latents).square().mean()
        loss.backward()
        flat.update()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]
    fresh = nets.unet(small=True), nets.text(small=True)
    flat.averaged(fresh)
    kept = torch.cat([weight.flatten() for net in fresh for weight in net.parameters()])
    mine = torch.cat(
        [weight.detach().flatten() for net in (unet, text) for weight in net.parameters()]
    )
    assert 0 < (kept - mine).abs().max() < 0.1


def test_restoring_goes_on_exactly() -> None:
    net = small()
    flat = Flat([net], "cpu", torch.float32)
    flat.rate.fill_(0.01)

    def step() -> None:
        flat.grad.copy_(torch.linspace(-1, 1, len(flat.grad)))
        flat.update()

    step()
    kept = copy.deepcopy(flat.state())
    step()
    there = flat.exact.clone()
    flat.restore(kept)
    step()
    assert torch.equal(flat.exact, there)
