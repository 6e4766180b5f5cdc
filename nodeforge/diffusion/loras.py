"""LoRAs: low-rank changes to a model's weights, laid over a component without touching it.

A component with LoRAs is a twin of the bare one: modules of its own over the very same weights,
with the layers of peft between them. So a run that is cancelled or fails leaves nothing to put
back, the weights are there once, and another strength is only another number. What is applied
and in which order is what `load_lora_weights` and `set_adapters` of diffusers do, bit by bit.
(Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, arXiv 2106.09685.)
"""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError
from torch import Tensor

from nodeforge import resources
from nodeforge.diffusion import devices, recipes, single
from nodeforge.errors import BadModel, MissingModel
from nodeforge.models.header import Tensor as Entry
from nodeforge.models.header import header
from nodeforge.values import Lora, Model

FOLDER = "models/loras"
Shapes: TypeAlias = Mapping[str, Sequence[int]]
_MARKS = ("lora", "lokr", "hada_")  # in the names of a LoRA's tensors, whoever made it
_FAULTS = (OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError, SafetensorError)
log = logging.getLogger(__name__)


def resolve(model: Model, file: str, strength: float = 1.0) -> Model:
    """The recipe with one more LoRA: a safetensors file, or one of ours by its name.

    Reads headers only. At strength 0 the recipe stays as it was. Raises MissingModel when there
    is no such file, BadModel when it is no LoRA, is damaged, or was made for another model.
    """
    path = locate(file)
    parts = _parts(model, path)
    if strength == 0:
        return model
    lora = Lora(str(path), recipes.file_print(path.parent, path), parts, strength)
    return replace(model, loras=(*model.loras, lora))


def locate(file: str) -> Path:
    """The file that is meant. Raises MissingModel, or BadModel for a pickle."""
    name, folder = file.strip(), resources.path(FOLDER)
    ours = " or ".join(sorted(path.stem for path in folder.glob("*.safetensors")))
    advice = f", or type {ours}" if ours else ""
    if not name:
        raise MissingModel(f"No LoRA is chosen: choose a file{advice}")
    embedded = folder / f"{name.removesuffix('.safetensors')}.safetensors"
    if name == Path(name).name and embedded.is_file():
        return embedded
    path = Path(name).expanduser()
    recipes.refuse_pickle(path)
    if not path.is_file():
        raise MissingModel(f"There is no LoRA “{name}”: choose a file that exists{advice}")
    return path.resolve()


@dataclass(eq=False)
class Adapted:
    """A twin with its LoRAs. lock: to be held while it works, since strengths belong to it.

    layers: those of peft, with the name of a LoRA that they have; a layer with two is there twice.
    factors: their strengths in memory, once these are `live`. It counts as its own weights only:
    the rest are those of the bare component.
    """

    module: torch.nn.Module
    names: tuple[str, ...]
    layers: Sequence[tuple[Any, str]]
    lock: threading.RLock = field(default_factory=threading.RLock)
    factors: Tensor | None = None

    def parameters(self) -> Iterator[Tensor]:
        return (weight for name, weight in self.module.named_parameters() if ".lora_" in name)

    def buffers(self) -> Iterator[Tensor]:
        return iter(())

    def set(self, strengths: Sequence[float]) -> None:
        """One strength for each LoRA; takes a millisecond."""
        table = dict(zip(self.names, strengths, strict=True))
        for layer, name in self.layers:
            layer.set_scale(name, table[name])

    @torch.inference_mode()
    def live(self) -> bool:
        """Put what was set where the weights are, so that a recording of the twin reads it anew
        each time. False, and nothing done, if a layer does more with it than multiply."""
        if not all(_multiplies(layer) for layer, _ in self.layers):
            return False
        told = torch.tensor([layer.scaling[name] for layer, name in self.layers])
        if self.factors is None:
            self.factors = told.to(next(self.module.parameters()).device)
        self.factors.copy_(told)
        for (layer, name), factor in zip(self.layers, self.factors.unbind(), strict=True):
            layer.scaling[name] = Factor(factor)
        return True


def _multiplies(layer: Any) -> bool:
    from peft.tuners.lora.layer import Conv2d, Linear

    return type(layer) in (Linear, Conv2d) and not layer.lora_variant


@dataclass(frozen=True, eq=False)
class Factor:
    """A tensor times this is a tensor times a number of Python, bit by bit, but the number lies
    in memory, as a float32: torch multiplies by its own numbers as coarsely as by tensors."""

    number: Tensor

    def __rmul__(self, tensor: Tensor) -> Tensor:
        return (tensor.float() * self.number).to(tensor.dtype)


def adapted(model: Model, name: str, bare: Any, loras: Sequence[Lora]) -> Adapted:
    """A twin of the component `name`, which is `bare`, with these LoRAs.

    Raises MissingModel or BadModel for a file that has changed since it was resolved.
    """
    made = twin(bare)
    names = tuple(f"lora{number}" for number in range(len(loras)))
    for adapter, lora in zip(names, loras, strict=True):
        path = Path(lora.path)
        if not path.is_file():
            raise MissingModel(f"The LoRA “{path.name}” is gone: choose another file")
        try:
            _add(_pipeline(model), made, name, path, adapter)
        except _FAULTS as error:
            if devices.is_full(error):
                raise
            raise BadModel(
                f"The LoRA “{path.name}” cannot be loaded ({devices.first_line(error)}): copy it "
                f"again, or choose one made for this model"
            ) from error
    return _adapted(made.eval(), names)


@torch.inference_mode()  # peft marks what is active as trainable
def _adapted(twin: torch.nn.Module, names: tuple[str, ...]) -> Adapted:
    """All LoRAs active, as `set_adapters` of diffusers does."""
    from diffusers.utils import set_weights_and_activate_adapters
    from peft.tuners.tuners_utils import BaseTunerLayer

    set_weights_and_activate_adapters(twin, list(names), [1.0] * len(names))
    layers = [part for part in twin.modules() if isinstance(part, BaseTunerLayer)]
    kept = [(each, name) for each in layers for name in names if name in each.scaling]
    return Adapted(twin, names, kept)


def twin(bare: torch.nn.Module) -> torch.nn.Module:
    """Modules of its own on the same memory.

    Its parameters are objects of their own: peft freezes them, and torch multiplies by frozen
    weights in another order, which the bare component must not notice.
    """
    shared: dict[int, Any] = {id(tensor): tensor for tensor in bare.buffers()}
    for weight in bare.parameters():
        shared[id(weight)] = torch.nn.Parameter(weight.detach(), weight.requires_grad)
    return copy.deepcopy(bare, shared)


def _add(cls: Any, twin: Any, name: str, path: Path, adapter: str) -> None:
    """As the pipeline's load_lora_weights does, for one component."""
    state, alphas, metadata = _read(cls, str(path), local_files_only=True, use_safetensors=True)
    words = {"network_alphas": alphas, "metadata": metadata, "low_cpu_mem_usage": True}
    if hasattr(twin, "load_lora_adapter"):
        twin.load_lora_adapter(state, prefix=name, adapter_name=adapter, **words)
    else:
        cls.load_lora_into_text_encoder(
            state, text_encoder=twin, prefix=name, adapter_name=adapter, **words
        )


def _parts(model: Model, path: Path) -> tuple[str, ...]:
    """The components that this LoRA changes, if it fits the model; else BadModel."""
    table = header(path).tensors
    if not any(mark in name for name in table for mark in _MARKS):
        raise BadModel(f"“{path.name}” is not a LoRA: choose another file")
    family = recipes.family(model)
    names = [
        n for n in (family.pipelines.denoiser, *family.text.components) if recipes.has(model, n)
    ]
    with _understood(path):
        state = _converted(model, table)
        found = {n: _changes(state, n, recipes.part(model, n).library) for n in names}
    parts: list[str] = []
    strangers = 0
    for name, changes in found.items():
        if not changes:
            continue
        shapes = _shapes(model, name)
        homeless = [module for module in changes if module not in shapes]
        wrong = [m for m, shape in changes.items() if m in shapes and shape != shapes[m]]
        if wrong or len(homeless) == len(changes):
            raise _another(model, path)
        strangers += len(homeless)
        parts.append(name)
    if not parts:
        raise _another(model, path)
    if any("dora_scale" in name for name in table):
        log.warning("%s is a DoRA, of which only the LoRA is applied", path.name)
    if strangers:
        log.warning("%s changes %d layers that the model has not", path.name, strangers)
    return tuple(parts)


def _another(model: Model, path: Path) -> BadModel:
    return BadModel(
        f"“{path.name}” was made for another kind of model than “{Path(model.path).name}”: choose "
        f"a LoRA made for it"
    )


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Converters of foreign names may raise anything: BadModel."""
    try:
        yield
    except (*_FAULTS, NotImplementedError) as error:
        raise BadModel(
            f"“{path.name}” is a kind of LoRA that cannot be read ({devices.first_line(error)}): "
            f"choose a plain LoRA made for this model"
        ) from error


def _converted(model: Model, table: Mapping[str, Entry]) -> dict[str, Tensor]:
    """The LoRA's tensors by the names of diffusers, without their numbers."""
    bare = {
        name: torch.ones(entry.shape)  # an alpha: converters read it
        if entry.count == 1
        else torch.empty(entry.shape, device="meta")
        for name, entry in table.items()
    }
    return _read(_pipeline(model), bare)[0]


def _read(cls: Any, source: object, **words: object) -> tuple[dict[str, Tensor], Any, Any]:
    """Tensors, alphas and metadata; newer pipelines have alphas among the tensors."""
    state, *alphas, metadata = cls.lora_state_dict(source, return_lora_metadata=True, **words)
    return state, alphas[0] if alphas else None, metadata


def _changes(state: Mapping[str, Tensor], part: str, library: str) -> dict[str, tuple[int, int]]:
    """What a LoRA changes in one component: (outputs, inputs) of each module by its name."""
    from diffusers.utils import (
        convert_state_dict_to_diffusers,
        convert_state_dict_to_peft,
        convert_unet_state_dict_to_peft,
    )

    own = {k.removeprefix(f"{part}."): v for k, v in state.items() if k.startswith(f"{part}.")}
    if own and library == "transformers":
        own = convert_state_dict_to_peft(convert_state_dict_to_diffusers(own))
    elif own and "lora_A" not in next(iter(own)):
        own = convert_unet_state_dict_to_peft(own)
    downs = {k.partition(".lora_A.")[0]: v for k, v in own.items() if k.endswith("lora_A.weight")}
    ups = {k.partition(".lora_B.")[0]: v for k, v in own.items() if k.endswith("lora_B.weight")}
    return {
        _module(name): (int(ups[name].shape[0]), int(down.shape[1]))
        for name, down in downs.items()
        if name in ups
    }


def _shapes(model: Model, name: str) -> dict[str, tuple[int, int]]:
    """(outputs, inputs) of each module of a component, from the headers of its files."""
    part = recipes.part(model, name)
    shapes = single.outline(part) if part.piece else {}
    for path in part.weights if not part.piece else ():
        shapes |= {tensor: entry.shape for tensor, entry in header(path).tensors.items()}
    return {
        _module(tensor.removesuffix(".weight")): (shape[0], shape[1])
        for tensor, shape in shapes.items()
        if tensor.endswith(".weight") and len(shape) > 1
    }


def _module(name: str) -> str:
    """CLIP's modules had another prefix in older files."""
    return name.removeprefix("text_model.")


def _pipeline(model: Model) -> Any:
    import diffusers

    cls = getattr(diffusers, recipes.family(model).pipelines.text_to_image)
    if not hasattr(cls, "lora_state_dict"):
        raise BadModel(f"Models of {recipes.family(model).title} take no LoRA: take it away")
    return cls
