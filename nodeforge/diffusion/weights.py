"""Components of a model, loaded one by one through the pool, and the hollow pipelines of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from safetensors import SafetensorError

from nodeforge.diffusion import (
    compiled,
    devices,
    graphs,
    loras,
    lossy,
    memory,
    recipes,
    single,
    strategy,
    streamed,
)
from nodeforge.diffusion.family import Config, Pipeline
from nodeforge.diffusion.pool import LOADING, Place, Pool, pool
from nodeforge.diffusion.strategy import LOSSY, Need, Plan
from nodeforge.diffusion.streamed import Streamed
from nodeforge.errors import BadModel, NodeForgeError
from nodeforge.models.header import header
from nodeforge.values import Lora, Model


def component(model: Model, name: str, store: Pool | None = None) -> Any:
    """A component on the device, in the model's precision, from the pool or from disk; bare,
    without the model's LoRAs.

    Raises MissingModel or BadModel. Safe to call from any thread; what is computed with it at
    once from two threads has to go through `using`.
    """
    found = _held(model, name, store or pool())[0]
    return found.module if isinstance(found, Streamed) else found


def network(part: recipes.Part, model: Model) -> Any:
    """A network that works beside a model, where the model works and as precise."""
    return _whole(part, precision(model), pool())


@contextmanager
def using(model: Model, name: str, store: Pool | None = None) -> Iterator[Any]:
    """A component with the model's LoRAs, as quick as it is set, for as long as the block runs.

    The bare component is not touched. Raises MissingModel or BadModel. Safe to use from any
    thread: who wants the same LoRAs waits.
    """
    store = store or pool()
    found, place = _held(model, name, store)
    own = [lora for lora in model.loras if name in lora.parts]
    with ExitStack() as stack:
        bare, ring = found, None
        if isinstance(found, Streamed):
            stack.enter_context(found.lock)
            bare, ring = found.module, found.ring
        denoises, only = name == recipes.family(model).pipelines.denoiser, ""
        if own:
            if ring:
                graphs.forget(bare)  # there is no room for what it worked in beside this
            twin = stack.enter_context(_adapted(model, name, bare, own, place, store))
            bare = twin.module
            records = denoises and not ring and compiled.records() and twin.live()
            only = "auto" if records else "off"
        if denoises:
            stack.enter_context(compiled.quick(bare, ring, only))
        yield bare


@contextmanager
def _adapted(
    model: Model, name: str, bare: Any, own: Sequence[Lora], place: Place, store: Pool
) -> Iterator[loras.Adapted]:
    place = replace(place, loras=tuple(f"{lora.path} {lora.print}" for lora in own))
    expected = sum(Path(lora.path).stat().st_size for lora in own if Path(lora.path).is_file())
    adapted = store.get(place, lambda: loras.adapted(model, name, bare, own), expected)
    with adapted.lock:
        adapted.set([lora.strength for lora in own])
        yield adapted


def precision(model: Model, name: str = "") -> torch.dtype:
    """Of the whole model, or of one component: a VAE that overflows in float16 is in float32."""
    family = recipes.family(model)
    dtype = devices.dtype(model.precision, family.call.half)
    if name == "vae" and family.latent.upcast and dtype == torch.float16:
        safe = not recipes.config(model, "vae").get("force_upcast", True)
        return dtype if safe else torch.float32
    return dtype


def placed(model: Model, tensor: torch.Tensor) -> torch.Tensor:
    """Where the model works, and as precise; masks in whole numbers stay that."""
    dtype = precision(model) if tensor.is_floating_point() else tensor.dtype
    return tensor.to(devices.device().torch, dtype)


def hollow(model: Model, cls: str, **parts: Any) -> Pipeline:
    """A diffusers pipeline with only these components, all others None. Takes a millisecond."""
    import diffusers

    family, vae = recipes.family(model), recipes.config(model, "vae")
    with LOADING:  # diffusers resolves its lazy imports here
        made = getattr(diffusers, cls)
        takes = inspect.signature(made.__init__).parameters
        slots = {n: None for n, p in takes.items() if n != "self" and p.default is p.empty}
        own = {n: v for n, v in recipes.index(model).items() if not isinstance(v, list)}
        extra = {
            name: value
            for name, value in {**own, **family.call.init_kwargs}.items()
            if name in takes
        }
        pipeline = made(**(slots | extra | parts))
    _measure(
        pipeline, family.latent.factor(vae), int(vae.get("latent_channels", vae.get("z_dim", 4)))
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


class StandIn:
    """Stands for a component where a pipeline asks for its shape only, so that it need not be
    loaded."""

    dtype = torch.float32

    def __init__(self, config: Config) -> None:
        self.config = SimpleNamespace(**config)

    def __getattr__(self, name: str) -> Any:
        """Some pipelines look for an entry of the config on the component itself."""
        return getattr(self.config, name)

    @property
    def bn(self) -> Any:
        """Statistics that leave latents as they are."""
        self.config.batch_norm_eps = 1.0
        nothing = torch.zeros(4 * self.config.latent_channels)
        return SimpleNamespace(running_mean=nothing, running_var=nothing)

    @property
    def device(self) -> torch.device:
        """Where what it is given is to lie."""
        return torch.device(devices.device().torch)

    def modules(self) -> Iterator[Any]:
        """None."""
        return iter(())

    def encode(self, latents: torch.Tensor) -> Any:
        """Latents are what it is given; some pipelines encode what they then do not use."""
        return SimpleNamespace(latents=latents)


class Even(StandIn):
    """A VAE whose statistics leave latents as they are, but for those it has just encoded: of
    pictures that are spoken of, before the first step."""

    def __init__(self, vae: Any, late: Callable[[], bool]) -> None:
        super().__init__(vae.config)
        self.vae, self.late, self.encoded = vae, late, False
        self.dtype = vae.dtype  # of what it is given to encode

    def __getattr__(self, name: str) -> Any:
        return getattr(self.vae, name)

    @property
    def bn(self) -> Any:
        if not self.encoded or self.late():
            return super().bn
        self.config.batch_norm_eps = self.vae.config.batch_norm_eps
        return self.vae.bn

    def encode(self, latents: torch.Tensor) -> Any:
        self.encoded = True
        return self.vae.encode(latents)


def _measure(pipeline: Pipeline, factor: int, channels: int) -> None:
    """Without a VAE a pipeline assumes a factor of 8 or so, whatever the model's is."""
    assumed, pipeline.vae_scale_factor = pipeline.vae_scale_factor, factor
    for name in ("image_processor", "mask_processor"):
        if (processor := getattr(pipeline, name, None)) is not None:
            cells = processor.config.vae_scale_factor * factor // assumed
            processor.register_to_config(vae_scale_factor=cells, vae_latent_channels=channels)
    if hasattr(pipeline, "latent_channels"):
        pipeline.latent_channels = channels


def plan(model: Model, store: Pool | None = None) -> Plan:
    """How the model is held now, and why: see `strategy`."""
    store, family = store or pool(), recipes.family(model)
    if devices.device().kind != "cuda" and strategy.wish() == "auto":
        return Plan("resident", "a CPU works in main memory")
    dtype = precision(model)
    text = [name for name in family.text.components if recipes.has(model, name)]
    sizes = [_size(recipes.part(model, name), dtype) for name in text]
    denoiser, vae = (
        _size(recipes.part(model, name), dtype) for name in (family.pipelines.denoiser, "vae")
    )
    need = Need(sum(sizes), denoiser, vae, memory.working())
    ram = max(store.ram - store.used_ram, 0)
    if _place(recipes.part(model, family.pipelines.denoiser), dtype) in store.parked():
        ram = max(ram, denoiser)
    return strategy.choose(need, devices.room(), ram, strategy.wish())


def put(model: Model, name: str, module: Any, store: Pool | None = None) -> None:
    """Take a ready-made component into the pool, as if it had been loaded from the model."""
    part = recipes.part(model, name)
    (store or pool()).put(_place(part, precision(model, name)), module)


def _held(model: Model, name: str, store: Pool) -> tuple[Any, Place]:
    """The component in the way in which it fits, and its place."""
    part, dtype = recipes.part(model, name), precision(model, name)
    way = _way(model, name, part, store) if part.weights else ""
    place = _place(part, dtype)
    if not way:
        return _whole(part, dtype, store), place
    there = replace(place, how=way)
    room = max(devices.room() - memory.working(), 0)
    if way in LOSSY:
        return store.get(
            there,
            lambda: lossy.kept(_load(part, "cpu", dtype), way, dtype, place.device),
            expected=_size(part, dtype) // 2,
            budget=room,
        ), there
    tight = 0 if memory.is_squeezed() else room

    def build() -> Streamed:
        source = store.in_ram(place, lambda: _load(part, "cpu", dtype))
        return streamed.build(source, place.device, tight)

    return store.get(there, build, expected=store.budget, budget=room), there


def _way(model: Model, name: str, part: recipes.Part, store: Pool) -> str:
    """How this component is held: "" whole, "stream", or one of LOSSY."""
    size, dtype = _size(part, precision(model)), precision(model)
    if part.packed:
        return ""  # its weights are no plain numbers to copy about
    if memory.is_squeezed() and size > 2**28:
        return "stream"
    if name == recipes.family(model).pipelines.denoiser:
        if strategy.wish() == "auto" and _place(part, dtype) in store.resident():
            return ""  # it is there already: work that does not fit beside it says so
        store.plan = plan(model, store)
        return store.plan.way if store.plan.way not in ("resident", "offload") else ""
    on_gpu = devices.device().kind == "cuda"
    return "stream" if on_gpu and size > devices.room() - 2**28 else ""


def _size(part: recipes.Part, dtype: torch.dtype) -> int:
    """Bytes of its weights in this precision, from their headers."""
    if part.piece:
        return part.piece.size if part.packed else part.piece.count * dtype.itemsize
    return sum(_count(path, path.stat().st_mtime_ns) for path in part.weights) * dtype.itemsize


@lru_cache(maxsize=256)
def _count(path: Path, changed: int) -> int:
    """How many numbers a file holds, once per version of it."""
    return sum(tensor.count for tensor in header(path).tensors.values())


def _place(part: recipes.Part, dtype: torch.dtype) -> Place:
    where = devices.device().torch if part.weights else "cpu"
    return Place(f"{part.folder} {part.print}", where, str(dtype))


def _whole(part: recipes.Part, dtype: torch.dtype, store: Pool) -> Any:
    place, size = _place(part, dtype), _size(part, dtype)
    room = None
    if size and devices.device().kind == "cuda":
        room = max(devices.room() - memory.working(), 0)
    return store.get(place, lambda: _load(part, place.device, dtype), size, room)


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
    words: dict[str, Any] = {"local_files_only": True, **part.words}
    if part.weights:
        words |= {"dtype": dtype, "use_safetensors": True}
    if part.variant:
        words["variant"] = part.variant
    try:
        folder = str(part.folder)
        loaded = single.load(part, dtype) if part.piece else cls.from_pretrained(folder, **words)
    except NodeForgeError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if devices.is_full(error):
            raise
        raise BadModel(
            f"The {part.title} cannot be loaded ({devices.first_line(error)}): copy the model again"
        ) from error
    return compiled.arranged(loaded.to(where).eval()) if part.weights else loaded
