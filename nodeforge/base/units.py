"""Amounts as people read and write them: bytes, seconds, counts. 1 GB is 10⁹ bytes, as on disks."""

from __future__ import annotations

import re
from collections.abc import Callable

from nodeforge.errors import BadValue

KB, MB, GB, TB = 10**3, 10**6, 10**9, 10**12  # bytes
LEAST = MB  # bytes: a size that is written below it was meant in another unit
_NAMES = {TB: "TB", GB: "GB", MB: "MB", KB: "kB"}
_BYTES = {
    "": 1,
    "kb": KB,
    "mb": MB,
    "gb": GB,
    "tb": TB,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}


def amount(size: float) -> str:
    """Bytes: "512 bytes", "12 kB", "1.5 MB", "144 MB", "6.9 GB", "1.2 TB"."""
    unit = _unit(size)
    return f"{_count(size, unit)} {_NAMES[unit]}" if unit > 1 else _plain(round(size))


def share(part: float, whole: float) -> str:
    """Bytes of bytes, in the unit of the whole: "3.4 / 85.0 GB"."""
    unit = _unit(whole)
    if unit == 1:
        return f"{part:.0f} / {_plain(round(whole))}"
    return f"{_count(part, unit)} / {_count(whole, unit)} {_NAMES[unit]}"


def read_amount(text: str, total: Callable[[], int]) -> int:
    """Bytes meant by "6000000000", "6 GB", "5.5 GiB", "half" or "40 %"; 0 for no text.

    total: bytes there are, asked only for a share. Raises BadValue.
    """
    text = text.strip().lower().replace("half", "50 %").replace(",", ".")
    if not text:
        return 0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?b|%|)", text)
    if found:
        number, unit = float(found[1]), found[2]
        if unit == "%" and 1 <= number <= 100:
            return int(total() * number / 100)
        if unit != "%" and number * _BYTES[unit] >= LEAST:  # 12 is not meant to be 12 bytes
            return int(number * _BYTES[unit])
    raise BadValue("write a size such as 12 GB or half, or nothing for all")


def duration(seconds: float) -> str:
    """How long something took or takes: "0.02 s", "1.9 s", "2 min 05 s", "1 h 02 min"."""
    if round(seconds, 2) < 0.1:
        return f"{seconds:.2f} s"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, second = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {second:02} s"
    hours, minute = divmod(round(seconds / 60), 60)
    return f"{hours} h {minute:02} min"


def clock(seconds: float) -> str:
    """What is left, as a countdown: "0:07", "12:30", "1:02:03"."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _unit(size: float) -> int:
    """The largest unit of which there is one, as it would be shown: 999.6 kB is 1.0 MB."""
    if round(size) < KB:
        return 1
    return next((u for u in _NAMES if size / u >= 1 or (u > KB and round(size * KB / u) >= KB)), KB)


def _count(size: float, unit: int) -> str:
    """One decimal where it says something: of a few MB, and of all but hundreds of GB."""
    value = size / unit
    most = 0 if unit == KB else 10 if unit == MB else 100
    return f"{value:.1f}" if round(value, 1) < most else f"{value:.0f}"


def _plain(size: int) -> str:
    return "1 byte" if size == 1 else f"{size} bytes"
