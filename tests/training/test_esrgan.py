"""The converter of ncnn weights, on files written here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nodeforge.errors import NodeForgeError
from nodeforge.training.data import esrgan

LAYERS = """7767517
4 4
Input                    input.1                  0 1 data
Convolution              Conv_0                   1 1 data 54 0=5 1=3 4=1 5=1 6=135
PReLU                    PRelu_1                  1 1 54 56 0=5
Convolution              Conv_2                   1 1 56 57 0=2 1=3 4=1 5=1 6=90
"""


def written() -> tuple[dict[str, NDArray[np.floating[Any]]], bytes]:
    random = np.random.default_rng(1)
    weights: dict[str, NDArray[np.floating[Any]]] = {
        "body.0.weight": random.normal(size=(5, 3, 3, 3)).astype(np.float16),
        "body.0.bias": random.normal(size=5).astype(np.float32),
        "body.1.weight": random.normal(size=5).astype(np.float32),
        "body.2.weight": random.normal(size=(2, 5, 3, 3)).astype(np.float32),
        "body.2.bias": random.normal(size=2).astype(np.float32),
    }
    marks = {"body.0.weight": 0x01306B47, "body.2.weight": 0}
    numbers = b""
    for name, values in weights.items():
        if name in marks:
            numbers += np.uint32(marks[name]).tobytes()
        part = values.tobytes()
        numbers += part + bytes(-len(part) % 4)
    return weights, numbers


def test_weights_come_out_as_they_went_in() -> None:
    weights, numbers = written()
    made = esrgan.converted(LAYERS, numbers)
    assert list(made) == list(weights)
    for name, values in weights.items():
        assert made[name].dtype == torch.float32
        assert np.array_equal(made[name].numpy(), values.astype(np.float32))


@pytest.mark.parametrize(
    ("change", "message"),
    [(lambda b: b[:-4], "cannot be read"), (lambda b: b + bytes(4), "4 bytes left")],
)
def test_files_that_do_not_fit_are_told(change: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(NodeForgeError, match=message):
        esrgan.converted(LAYERS, change(written()[1]))
