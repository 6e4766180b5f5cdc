"""Weights in a prompt act on their tokens; without any, not a bit changes."""

from __future__ import annotations

import logging

import pytest
import torch
from torch import Tensor

from nodeforge.diffusion import emphasis, sampling
from nodeforge.graph.wording import wording
from nodeforge.values import Model


def read(model: Model, text: str) -> Tensor:
    return sampling.encode_prompt(model, text).tensors["prompt_embeds"]


@pytest.mark.parametrize(
    "text",
    ["a (red:1.0) dragon", "a red dragon // at night", r"a red/* , big */ dragon"],
)
def test_words_that_all_weigh_one_are_the_plain_prompt(forge: Model, text: str) -> None:
    assert torch.equal(read(forge, text), read(forge, wording(text).plain))


def test_a_comment_alone_is_the_empty_prompt(forge: Model) -> None:
    assert torch.equal(read(forge, "/* a red dragon */"), read(forge, ""))


def test_a_weight_moves_its_own_tokens_away_from_the_empty_prompt(forge: Model) -> None:
    plain, empty = read(forge, "a red dragon"), read(forge, "")
    more = read(forge, "a (red:1.5) dragon")
    moved = (more != plain).any(dim=-1)[0]
    assert moved.nonzero().flatten().tolist() == [2], "start, a, red"
    wanted = empty[0, 2] + 1.5 * (plain[0, 2] - empty[0, 2])
    torch.testing.assert_close(more[0, 2], wanted, rtol=1e-2, atol=1e-3)


def test_at_weight_nothing_the_token_is_that_of_the_empty_prompt(forge: Model) -> None:
    nothing = read(forge, "a (red:0) dragon")
    torch.testing.assert_close(nothing[0, 2], read(forge, "")[0, 2])


def test_a_bracket_without_its_partner_is_read_and_told(
    forge: Model, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        made = read(forge, "a (red dragon")
    assert "never closed" in caplog.text
    assert torch.isfinite(made).all()


class Tokens:
    """A tokenizer of words, with a sign at the start and the end."""

    def __call__(self, text: str, add_special_tokens: bool = True, **_: object) -> Tokens:
        self.input_ids = [len(word) for word in text.split()]
        if add_special_tokens:
            self.input_ids = [0, *self.input_ids, 99]
        return self


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("a red cat", [1, 1, 1, 1]),
        ("a (red:2) cat", [1, 1, 2, 1]),
        ("(a red:2) (cat:.5)", [1, 2, 2, 0.5]),
        ("(re:2)d cat", [1, 2, 1]),
    ],
)
def test_each_token_gets_the_weight_it_begins_in(text: str, weights: list[float]) -> None:
    assert emphasis.token_weights(Tokens(), wording(text)) == weights
