"""The files that are not code: models, graphs, icons, tokens."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def path(name: str = "") -> Path:
    """The file or folder of this name under `resources`, which need not exist.

    A wheel carries the folder inside the package, as `nodeforge/_resources`; in a checkout it
    lies beside the package.
    """
    inside = _PACKAGE / "_resources"
    return (inside if inside.is_dir() else _PACKAGE.parent / "resources") / name
