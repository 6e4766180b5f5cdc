"""Components of a model, loaded one by one through the pool, and the hollow pipelines of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from nodeforge.diffusion import devices, loras, recipes
from nodeforge.diffusion.family import Pipeline
from nodeforge.diffusion.pool import LOADING, Place, Pool, pool
from nodeforge.errors import BadModel, NodeForgeError
from nodeforge.values import Model


def component(model: Model, name: str, store: Pool | None = None) -> Any:
    """A component on the device, in the model's precision, from the pool or from disk; bare,
    without the model's LoRAs.

    Raises MissingModel or BadModel. Safe to call from any thread.
    """
    return _pooled(recipes.part(Path(model.path), name), precision(model), store or pool())


def network(part: recipes.Part, model: Model) -> Any:
    """A network that works beside a model, where the model works and as precise."""
    return _pooled(part, precision(model), pool())


@contextmanager
def using(model: Model, name: str, store: Pool | None = None) -> Iterator[Any]:
    """A component with the model's LoRAs, for as long as the block runs.

    The bare component is not touched. Raises MissingModel or BadModel. Safe to use from any
    thread: who wants the same LoRAs waits.
    """
    store = store or pool()
    bare = component(model, name, store)
    own = [lora for lora in model.loras if name in lora.parts]
    if not own:
        yield bare
        return
    place = _place(recipes.part(Path(model.path), name), precision(model))
    place = replace(place, loras=tuple(f"{lora.path} {lora.print}" for lora in own))
    expected = sum(Path(lora.path).stat().st_size for lora in own if Path(lora.path).is_file())
    adapted = store.get(place, lambda: loras.adapted(model, name, bare, own), expected)
    with adapted.lock:
        adapted.set([lora.strength for lora in own])
        yield adapted.module


def precision(model: Model) -> torch.dtype:
    return devices.dtype(model.precision, recipes.family(model).half)


def placed(model: Model, tensor: torch.Tensor) -> torch.Tensor:
    """Where the model works, and as precise."""
    return tensor.to(devices.device().torch, precision(model))


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


def _place(part: recipes.Part, dtype: torch.dtype) -> Place:
    where = devices.device().torch if part.weights else "cpu"
    return Place(f"{part.folder} {part.print}", where, str(dtype))


def _pooled(part: recipes.Part, dtype: torch.dtype, store: Pool) -> Any:
    place = _place(part, dtype)
    # Weights on disk are mostly float16.
    expected = part.size * (2 if dtype == torch.float32 else 1)
    return store.get(place, lambda: _load(part, place.device, dtype), expected)


@torch.inference_mode(False)  # torch multiplies by weights made within it in another order
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
            f"The {part.title} cannot be loaded ({devices.first_line(error)}): copy the model again"
        ) from error
    return loaded.to(where).eval() if part.weights else loaded
