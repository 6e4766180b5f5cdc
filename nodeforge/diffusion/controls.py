"""Controls: networks that read a hint picture and tell the denoiser where things go.

A denoiser that follows hints is a shell around the plain one: at each step it asks the networks
and hands on what they say. So one way serves drawing from nothing, from a picture and under a
mask, with any number of controls, and where diffusers has a pipeline for it, it is bitwise that.
(T2I-Adapter: arXiv 2302.08453. ControlNet: arXiv 2302.05543.)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor

from nodeforge import resources
from nodeforge.base.numbers import written
from nodeforge.diffusion import branches, fitting, recipes, weights
from nodeforge.diffusion.family import Config
from nodeforge.diffusion.shell import Shell
from nodeforge.errors import BadModel, BadValue, MissingModel
from nodeforge.imaging import alpha, sizes
from nodeforge.values import Control, Image, Model

FOLDER = "models/control"
Extra: TypeAlias = dict[str, Any]  # further arguments for the denoiser, by name


def resolve(
    file: str,
    hint: Image,
    strength: float = 1.0,
    start: float = 0.0,
    end: float = 1.0,
    fit: sizes.Fit = "crop",
) -> Control:
    """The recipe of a control: a folder that diffusers wrote, or one of ours by its name.

    Reads headers only. Raises MissingModel or BadModel for what is no control network, BadValue
    if it would end before it starts.
    """
    if start >= end:
        raise BadValue(f"This control ends before it starts: set its end above {written(start)}")
    part = recipes.lone(locate(file), "control")
    if part.cls not in KINDS:
        raise BadModel(
            f"“{part.folder.name}” is a {part.cls}, not a control network: choose a T2I-Adapter "
            f"or a ControlNet"
        )
    recipes.check_weights(part)
    return Control(part.cls, str(part.folder), part.print, hint, strength, start, end, fit)


def locate(file: str) -> Path:
    """The folder that is meant. Raises MissingModel or BadModel."""
    name, home = file.strip(), resources.path(FOLDER)
    ours = " or ".join(sorted(path.parent.name for path in home.glob("*/config.json")))
    advice = f", or type {ours}" if ours else ""
    if not name:
        raise MissingModel(f"No control is chosen: choose its folder{advice}")
    if name == Path(name).name and (home / name / "config.json").is_file():
        return home / name
    path = Path(name).expanduser()
    recipes.refuse_pickle(path)
    if path.is_file():  # the weights or the config in the folder that is meant
        path = path.parent
    if not path.is_dir():
        raise MissingModel(f"There is no control “{name}”: choose a folder that exists{advice}")
    if not (path / "config.json").is_file():
        raise BadModel(
            f"“{path.name}” is no control, for it has no config.json: choose a folder that "
            f"diffusers wrote{advice}"
        )
    return path.resolve()


def check(control: Control, model: Model, batch: int, masked: bool) -> None:
    """Whether this model can follow it, in so many pictures, under a mask or without.

    Raises BadModel or BadValue, or MissingModel if the network is gone.
    """
    family, name = recipes.family(model), Path(control.path).name
    config = recipes.config(Path(control.path))
    denoiser = recipes.config(model, family.pipelines.denoiser)
    if control.kind not in family.pipelines.controls or not KINDS[control.kind].fits(
        config, denoiser
    ):
        raise BadModel(
            f"The control “{name}” was made for another kind of model than "
            f"“{Path(model.path).name}”: choose one made for it"
        )
    if branches.needs_mask(config) and not masked:
        raise BadValue(
            f"The control “{name}” only fills what a mask shows: connect a mask to Sample, and the "
            f"picture to the control"
        )
    if control.hint.batch not in (1, batch):
        raise BadValue(
            f"There are {control.hint.batch} hints for {batch} pictures: give one, or one for "
            f"each picture"
        )


def fills(control: Control) -> bool:
    """Whether it sees what is around a mask."""
    return branches.fills(recipes.config(Path(control.path)))


class Hint(Protocol):
    """What a network says at a step, from the arguments of the denoiser."""

    def __call__(self, given: Mapping[str, Any]) -> Extra: ...


class Adapter:
    """T2I-Adapter: features of the hint, the same at every step."""

    def __init__(self, network: Any, hint: Tensor, strength: float) -> None:
        self.features = [feature * strength for feature in network(hint)]

    def __call__(self, given: Mapping[str, Any]) -> Extra:
        self.features = [_rows(feature, len(given["sample"])) for feature in self.features]
        return {"down_intrablock_additional_residuals": list(self.features)}


class Net:
    """ControlNet: a copy of the denoiser's first half, asked anew at every step."""

    def __init__(self, network: Any, hint: Tensor, strength: float) -> None:
        self.network, self.hint, self.strength = network, hint, strength

    def __call__(self, given: Mapping[str, Any]) -> Extra:
        sample = given["sample"]
        self.hint = _rows(self.hint, len(sample))
        down, middle = self.network(
            sample,
            given["timestep"],
            encoder_hidden_states=given["encoder_hidden_states"],
            controlnet_cond=self.hint,
            conditioning_scale=self.strength,
            added_cond_kwargs=given.get("added_cond_kwargs"),
            return_dict=False,
        )
        return {
            "down_block_additional_residuals": list(down),
            "mid_block_additional_residual": middle,
        }


@dataclass(frozen=True)
class Kind:
    """channels: the entry of the network's config that says how many its hint has. fits: whether
    a network of this config fits a denoiser of that one. Empty for one that reads a
    latent of the hint. hint: how it is asked."""

    channels: str
    fits: Callable[[Config, Config], bool]
    hint: Callable[[Any, Tensor, float], Hint]


def _adapter_fits(config: Config, denoiser: Config) -> bool:
    blocks = list(denoiser["block_out_channels"])
    return list(config["channels"])[: len(blocks)] == blocks


def _net_fits(config: Config, denoiser: Config) -> bool:
    same = ("block_out_channels", "cross_attention_dim", "in_channels")
    return all(config.get(name) == denoiser.get(name) for name in same)


KINDS: Mapping[str, Kind] = {
    "T2IAdapter": Kind("in_channels", _adapter_fits, Adapter),
    "ControlNetModel": Kind("conditioning_channels", _net_fits, Net),
    **dict.fromkeys(branches.ASKED, Kind("", branches.fits, branches.Branch)),
    "ZImageControlNetModel": Kind("", branches.lent_fits, branches.Lent),
}


class Guided(Shell):
    """A denoiser that follows hints.

    at, steps: which step it is from 0 on, and how many there will be, known once the pipeline has
    begun. A pipeline that asks twice at a step, to draw and to avoid, is told the same.
    """

    def __init__(
        self,
        denoiser: Any,
        hints: Sequence[tuple[Control, Hint]],
        at: Callable[[], int],
        steps: Callable[[], int],
    ) -> None:
        super().__init__(denoiser)
        self.hints, self.at, self.steps = hints, at, steps
        # of its class: one that is recorded has another forward
        self.names = list(inspect.signature(type(denoiser).forward).parameters)[1:]
        self.told: tuple[int, Extra] = (-1, {})

    def forward(self, *first: Any, **words: Any) -> Any:
        given = dict(zip(self.names, first, strict=False)) | words
        if self.told[0] != (at := self.at()):
            self.told = (at, self._extra(at, given))
        return self.denoiser(*first, **words, **self.told[1])

    def _extra(self, at: int, given: Mapping[str, Any]) -> Extra:
        steps = self.steps()
        extra: Extra = {}
        for control, hint in self.hints:
            # as the pipelines of ControlNet: a step counts when it lies wholly inside
            if control.start <= at / steps and (at + 1) / steps <= control.end:
                extra = _sum(extra, hint(given))
        return extra


def followed(
    control: Control,
    model: Model,
    denoiser: Any,
    numbers: Sequence[int],
    size: tuple[int, int],
    whole: tuple[int, int],
    scene: branches.Scene | None,
) -> Hint:
    """The hint for the pictures with these numbers, with its network loaded.

    size: width and height of the picture. whole: of what is drawn, as `fitting.laid` means it.
    scene: what is around a mask, for a network that fills.
    """
    network = weights.network(recipes.lone(Path(control.path), "control"), model)
    kind = KINDS[control.kind]
    channels = int(network.config[kind.channels]) if kind.channels else 3
    pixels = fitting.chosen(_coloured(control, channels), numbers)
    # an adapter may see coarser than the latents are: it halves as the denoiser does, rounding up
    cell = int(network.config.get("downscale_factor", 1))
    covered = (sizes.whole(whole[0], cell), sizes.whole(whole[1], cell))
    pixels = fitting.laid(pixels, size, covered, control.fit)
    # a copy has the strides of any other picture: kernels, and so last bits, depend on them
    hint = torch.from_numpy(np.array(pixels, np.float32, order="C")).movedim(-1, 1)
    if kind.channels:
        placed = weights.placed(model, hint)
    else:
        placed = weights.placed(model, hint * 2 - 1)  # before it loses digits
        vae = weights.component(model, "vae")
        placed = branches.latents(vae, recipes.family(model), network, placed, scene)
        network = branches.joined(network, denoiser)
    return kind.hint(network, placed, control.strength)


def _coloured(control: Control, channels: int) -> fitting.Floats:
    """(batch, height, width, channels): grey for a network that reads one.

    Where a hint is transparent it says nothing, which is black; a picture to fill is white there.
    """
    if channels == 1:
        return control.hint.luminance()[..., None]
    return alpha.flatten(control.hint.pixels, "white" if fills(control) else "black")


def _rows(tensor: Tensor, count: int) -> Tensor:
    """Repeated for so many rows: guidance doubles the pictures."""
    if len(tensor) == count:
        return tensor
    return tensor.repeat(count // len(tensor), *[1] * (tensor.ndim - 1))


def _sum(first: Extra, second: Extra) -> Extra:
    return first | {name: _added(first.get(name), value) for name, value in second.items()}


def _added(first: Any, second: Any) -> Any:
    if first is None:
        return second
    if isinstance(second, list):
        return [a + b for a, b in zip(first, second, strict=True)]
    if isinstance(second, dict):  # by the numbers of blocks
        return _sum(first, second)
    return first + second
