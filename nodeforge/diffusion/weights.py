"""Components of a model, loaded one by one through the pool, and the hollow pipelines of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from nodeforge.diffusion import devices, recipes
from nodeforge.diffusion.family import Pipeline
from nodeforge.diffusion.pool import LOADING, Place, Pool, pool
from nodeforge.errors import BadModel, NodeForgeError
from nodeforge.values import Model


def component(model: Model, name: str, store: Pool | None = None) -> Any:
    """A component on the device, in the model's precision, from the pool or from disk.

    Raises MissingModel or BadModel. Safe to call from any thread.
    """
    part = recipes.part(Path(model.path), name)
    where = devices.device().torch if part.weights else "cpu"
    dtype = precision(model)
    place = Place(f"{part.folder} {part.print}", where, str(dtype))
    # Weights on disk are mostly float16.
    expected = part.size * (2 if dtype == torch.float32 else 1)
    return (store or pool()).get(place, lambda: _load(part, where, dtype), expected)


def precision(model: Model) -> torch.dtype:
    return devices.dtype(model.precision, recipes.family(model).half)


def hollow(model: Model, cls: str, **parts: Any) -> Pipeline:
    """A diffusers pipeline with only these components, all others None. Takes a millisecond."""
    import diffusers
    from diffusers.image_processor import VaeImageProcessor

    family = recipes.family(model)
    with LOADING:  # diffusers resolves its lazy imports here
        slots = dict.fromkeys(family.slots) | parts
        pipeline = getattr(diffusers, cls)(**slots, **family.extra)
    # Without a VAE a pipeline assumes a factor of 8, whatever the model's is.
    factor = family.factor(recipes.config(Path(model.path), "vae"))
    pipeline.vae_scale_factor = factor
    pipeline.image_processor = VaeImageProcessor(vae_scale_factor=factor)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _load(part: recipes.Part, where: str, dtype: torch.dtype) -> Any:
    import diffusers
    import transformers

    for quiet in (diffusers.utils.logging, transformers.utils.logging):
        quiet.disable_progress_bar()
        quiet.set_verbosity_error()  # what matters is said in our own sentences
    library = {"diffusers": diffusers, "transformers": transformers}[part.library]
    cls = getattr(library, part.cls, None)
    if cls is None or not hasattr(cls, "from_pretrained"):
        raise BadModel(f"The model asks for {part.cls}, which {part.library} does not have")
    words: dict[str, Any] = {"local_files_only": True}
    if part.weights:
        words |= {"dtype": dtype, "use_safetensors": True}
    if part.variant:
        words["variant"] = part.variant
    try:
        loaded = cls.from_pretrained(str(part.folder), **words)
    except NodeForgeError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if devices.is_full(error):
            raise
        raise BadModel(
            f"The {part.name} of “{part.folder.parent.name}” cannot be loaded "
            f"({devices.first_line(error)}): copy the model again"
        ) from error
    return loaded.to(where).eval() if part.weights else loaded
