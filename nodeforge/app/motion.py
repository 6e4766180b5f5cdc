"""Whether things may move by themselves: slides and pulses, or (the artist's choice) neither."""

from __future__ import annotations

from nodeforge.app import settings

NAME = "animations"


def moving() -> bool:
    return settings.text(NAME, "on") == "on"


def toggle() -> None:
    settings.put(NAME, "off" if moving() else "on")
