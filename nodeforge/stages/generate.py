"""The stations that turn noise into pictures, and pictures back."""

from __future__ import annotations

from typing import Literal, TypeAlias

from nodeforge.imaging.alpha import Background
from nodeforge.stages.params import Guidance, Seed, Steps, Unit
from nodeforge.stages.run import QUIET, Run
from nodeforge.stages.stage import stage
from nodeforge.values import Conditioning, Control, Image, Latent, Mask, Model

# The names in nodeforge.diffusion.samplers, again, so that the palette needs no torch. A test
# keeps the two alike.
Sampler: TypeAlias = Literal[
    "model default",
    "Euler",
    "Euler a",
    "Heun",
    "DPM2",
    "DPM2 a",
    "LMS",
    "DPM++ 2M",
    "DPM++ 2M SDE",
    "DPM++ 3M",
    "DPM++ 3M SDE",
    "DPM++ 2S",
    "DPM++ 3S",
    "DPM++ SDE",
    "UniPC",
    "DEIS",
    "SA-Solver",
    "DDIM",
    "DDPM",
    "PLMS",
    "PNDM",
    "LCM",
    "TCD",
]
Schedule: TypeAlias = Literal[
    "default", "Karras", "exponential", "beta", "lu", "SGM uniform", "normal", "DDIM uniform"
]


@stage(icon="sparkles", doing="Getting ready to draw")
def sample(
    model: Model,
    positive: Conditioning,
    negative: Conditioning | None,
    latent: Latent,
    control: list[Control] | None = None,
    mask: Mask | None = None,
    seed: Seed = 0,
    steps: Steps = 20,
    guidance: Guidance = 5.0,
    sampler: Sampler = "model default",
    schedule: Schedule = "default",
    strength: Unit = 1.0,
    start: Unit = 0.0,
    end: Unit = 1.0,
    run: Run = QUIET,
) -> Latent:
    """Draw: take the noise away, step by step, until what the prompt describes is left.

    The same settings give the same picture, always.

    positive: What to draw.
    negative: What to avoid. May be left open.
    latent: An empty latent to draw from nothing, or an encoded picture to change.
    control: Where things go. May be left open; several add up.
    mask: With an encoded picture: draw anew where it is white, keep the rest. May be left open;
        one of another size is stretched over the picture.
    seed: Another seed is another picture. In a batch the next has the next seed, after 2^64-1 0.
    steps: More steps are slower and finer; beyond 30 little changes.
    guidance: How closely to follow the words. 1 is free and quick, above 12 is harsh.
    sampler: The method. DPM++ 2M and UniPC need few steps, those with “a” or SDE add fresh noise.
    schedule: Where the steps are spent. Karras spends more on detail. Not every sampler has all.
    strength: With an encoded picture: 0 keeps it, 1 draws anew, 0.6 changes it clearly.
    start: SDXL: go on where another Sample ended, as the refiner does at 0.8. 0 is the beginning.
    end: SDXL: stop there and leave the noise in, for a Sample that starts there. 1 is to finish.
    """
    from nodeforge.diffusion import sampling

    settings = sampling.Settings(seed, steps, guidance, sampler, schedule, strength, start, end)
    run.check()
    if mask is not None and not _same_shape(mask, latent):
        high, wide = mask.alpha.shape[1:]
        run.say(
            f"The mask ({wide} by {high} px) has another shape than the picture ({latent.width} by "
            f"{latent.height} px) and was stretched over it."
        )
    return sampling.sample(
        model,
        positive,
        negative,
        latent,
        settings,
        run.step,
        controls=control or (),
        mask=mask,
    )


@stage(icon="aperture", doing="Decoding")
def decode(latent: Latent, model: Model) -> Image:
    """Make a finished latent visible: turn it into a picture.

    latent: What Sample made.
    model: The model it was made with.
    """
    from nodeforge.diffusion import sampling

    return sampling.decode(model, latent)


@stage(version=2, icon="arrow-down-to-line", doing="Encoding the picture")
def encode(image: Image, model: Model, background: Background = "white") -> Latent:
    """Turn a picture into a latent, for Sample to change it with a strength below 1.

    Any size will do: Decode gives it back with every pixel in its place.

    image: The picture to change.
    model: The model that will change it.
    background: What shows where the picture is transparent, for models know no transparency.
    """
    from nodeforge.diffusion import sampling

    return sampling.encode(model, image, background)


def _same_shape(mask: Mask, latent: Latent) -> bool:
    """But for a pixel that rounding takes or gives."""
    high, wide = mask.alpha.shape[1:]
    off = abs(wide * latent.height - high * latent.width)
    return bool(off <= max(wide, high, latent.width, latent.height))
