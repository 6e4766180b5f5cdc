"""Colours of any ICC profile to sRGB, by LittleCMS.

8 bits are converted as every program that uses LittleCMS converts them. With more, LittleCMS's
tables would lose what they were kept for, and it reckons in float: slower, and exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Samples: TypeAlias = NDArray[Any]

SPACES: Mapping[bytes, str] = {b"RGB ": "rgb", b"GRAY": "gray", b"CMYK": "cmyk", b"Lab ": "lab"}
SAME = 1 / 255  # what moves no colour by more than a grey level is sRGB: not a bit may move
SRGB_PRIMARIES = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
D65 = (0.3127, 0.3290)
FAR = np.float32(64)  # times white: beyond, a matrix would make of it what is no number
INKS = 100.0  # LittleCMS counts ink in per cent where it reckons in float


class BadProfile(ValueError):
    """A profile that is damaged, or was made for another kind of picture."""


def space(profile: bytes) -> str:
    """What a profile's pictures are made of: "rgb", "gray", "cmyk", "lab", or "" if unknown."""
    return SPACES.get(profile[16:20], "") if profile[36:40] == b"acsp" else ""


def is_srgb(profile: bytes) -> bool:
    """Whether colours may stay as they are. Raises BadProfile."""
    return space(profile) == "rgb" and _moves_nothing(profile)


def to_srgb(samples: Samples, profile: bytes) -> Floats:
    """Colours of a profile as sRGB: (..., 3), float32, 0 to 1.

    samples: (rows, columns) for a grey profile, else (rows, columns, channels); uint8 or uint16,
    or float32 with 1 for white (and for full ink). What is outside of sRGB is cut. Raises
    BadProfile.
    """
    kind = space(profile)
    if kind not in ("rgb", "gray", "cmyk"):
        raise BadProfile("a colour profile that is damaged or of an unknown kind")
    exact = samples.dtype != np.uint8
    if exact and samples.dtype != np.uint16:
        top = np.float32(INKS if kind == "cmyk" else 1)
        samples = np.clip(np.asarray(samples, np.float32), -FAR, FAR) * top
    made = _transform(samples, profile, kind, np.float32 if exact else np.uint16)
    if not exact:
        made = np.asarray(made, np.float32) / np.float32(65535)
    return np.asarray(made.clip(0, 1), np.float32)


def png_profile(gamma: float | None, chromaticity: tuple[float, ...] | None, grey: bool) -> bytes:
    """What a PNG without a profile says of its colours, as a profile; empty for sRGB.

    gamma: as the file says it, 1 / 2.2 for most. chromaticity: x and y of white, red, green and
    blue. Within a twentieth of 1 / 2.2 it is sRGB's curve that is meant, as libpng takes it.
    (PNG, third edition, section 13.13: gamma and chromaticities count where nothing else does.)
    """
    import imagecodecs

    white, primaries = D65, SRGB_PRIMARIES
    if chromaticity and len(chromaticity) == 8 and not grey:
        white, primaries = (chromaticity[0], chromaticity[1]), chromaticity[2:]
    usual = gamma is None or gamma <= 0 or abs(gamma * 2.2 - 1) < 0.05
    close = np.allclose([*white, *primaries], [*D65, *SRGB_PRIMARIES], atol=0.005)
    if usual and close:
        return b""
    curve = 2.2 if usual or gamma is None else 1 / gamma
    try:
        if grey:
            return bytes(imagecodecs.cms_profile("gray", gamma=curve))
        points = [part for at in range(0, 6, 2) for part in (*primaries[at : at + 2], 1.0)]
        return bytes(
            imagecodecs.cms_profile("rgb", whitepoint=[*white, 1.0], primaries=points, gamma=curve)
        )
    except (imagecodecs.CmsError, ValueError):
        return b""  # numbers that are no colours


def cicp_profile(primaries: int, transfer: int, grey: bool) -> bytes:
    """The colours of a PNG's cICP chunk as a profile (ITU-T H.273); empty for sRGB.

    Raises BadProfile for HDR, whose whites are brighter than any here, and what is not known.
    """
    import imagecodecs

    if transfer in HDR:
        raise BadProfile(f"HDR ({HDR[transfer]})")
    if transfer not in CURVES or primaries not in PRIMARIES:
        raise BadProfile("cICP chunk of colours that are not known")
    if transfer == 13 and (primaries == 1 or grey):
        return b""
    curve = (CURVES[transfer](np.linspace(0, 1, 4096)) * 65535).round().astype(np.uint16)
    kind: dict[str, Any] = {"profile": "gray"} if grey else {"profile": "rgb"}
    if not grey:
        points = PRIMARIES[primaries]
        kind["whitepoint"] = [*D65, 1.0]
        kind["primaries"] = [p for at in (0, 2, 4) for p in (*points[at : at + 2], 1.0)]
    return bytes(imagecodecs.cms_profile(kind.pop("profile"), transferfunction=curve, **kind))


def lab_to_srgb(lab: Floats) -> Floats:
    """CIE L*a*b* of D50, (..., 3) with L from 0 to 100, as sRGB, 0 to 1."""
    light = (lab[..., 0] + 16) / 116
    parts = np.stack([light + lab[..., 1] / 500, light, light - lab[..., 2] / 200], axis=-1)
    xyz = np.where(parts > 6 / 29, parts**3, 3 * (6 / 29) ** 2 * (parts - 4 / 29)) * D50
    linear = xyz @ np.linalg.inv(SRGB_TO_D50).T
    low, high = 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear <= 0.0031308, low, high).clip(0, 1), np.float32)


HDR = {16: "PQ", 18: "HLG"}
PRIMARIES = {
    1: SRGB_PRIMARIES,
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}


def _srgb_curve(values: NDArray[Any]) -> NDArray[Any]:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _bt709_curve(values: NDArray[Any]) -> NDArray[Any]:
    return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))


CURVES: Mapping[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    **dict.fromkeys((1, 6, 14, 15), _bt709_curve),
    4: lambda values: values**2.2,
    5: lambda values: values**2.8,
    8: lambda values: values,
    13: _srgb_curve,
}
D50 = np.array([0.9642, 1.0, 0.8249])
# ICC's own: the primaries of sRGB, adapted to D50 (Bradford); columns are red, green, blue.
SRGB_TO_D50 = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)


@lru_cache(maxsize=16)
def _moves_nothing(profile: bytes) -> bool:
    steps = np.linspace(0, 1, 17, dtype=np.float32)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    return bool(np.abs(to_srgb(grid, profile) - grid).max() <= SAME)


@lru_cache(maxsize=1)
def _srgb() -> bytes:
    import imagecodecs

    return bytes(imagecodecs.cms_profile("srgb"))


def _transform(samples: Samples, profile: bytes, kind: str, dtype: Any) -> Samples:
    import imagecodecs

    intent = profile[67] if profile[67] in (0, 1, 2) else 1  # absolute would tint white
    try:
        return np.asarray(
            imagecodecs.cms_transform(
                np.ascontiguousarray(samples),
                profile,
                _srgb(),
                colorspace=kind,
                outcolorspace="rgb",
                outdtype=dtype,
                intent=intent,
            )
        )
    except (imagecodecs.CmsError, ValueError, TypeError) as error:
        raise BadProfile("a colour profile that is damaged") from error
