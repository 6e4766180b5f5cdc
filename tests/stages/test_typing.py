"""Checked by mypy, not run: an unused ignore here means a mistake went unseen."""

from nodeforge.stages.picture import blend, resize
from nodeforge.stages.source import number
from nodeforge.stages.stage import stage
from nodeforge.values import Image, Latent


def mistakes(image: Image, latent: Latent) -> None:
    resize(image, width="wide")  # type: ignore[arg-type]
    resize(image, filter="cubic")  # type: ignore[arg-type]
    resize(latent)  # type: ignore[arg-type]
    resize(image, colour=3)  # type: ignore[call-arg]
    resize(image).samples  # type: ignore[attr-defined]
    blend(image)  # type: ignore[call-arg]
    stage(versoin=2)  # type: ignore[call-overload]
    number(2.0).pixels  # type: ignore[attr-defined]


def no_mistakes(image: Image) -> tuple[int, float]:
    return resize(image, 64, height=64, filter="box").width, number(2)
