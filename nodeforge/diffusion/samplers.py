"""The samplers that diffusers offers, under the names artists know, and their schedules.

A sampler is the solver that walks from noise to picture; a schedule says at which noise levels it
stops on the way. Every run builds a fresh scheduler from the model's own config, since schedulers
keep state and the config says what the model was trained for (v-prediction, spacing, betas).

Left out: EDM solvers, Cosine DPM and iPNDM (for models trained on other noise levels), k-diffusion
SDE (its noise does not come from the seed's generator, and it needs one more package; DPM++ SDE
here is the single-step SDE solver of the same paper).
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from nodeforge.errors import BadModel, BadValue

Config: TypeAlias = Mapping[str, Any]
Scheduler: TypeAlias = Any  # diffusers is untyped

MODEL_DEFAULT = "model default"
DEFAULT = "default"
# Schedules by name: the config entries that ask for them. A solver has a schedule when its class
# has all of these entries.
_NO_SIGMAS = {"use_karras_sigmas": False, "use_exponential_sigmas": False, "use_beta_sigmas": False}
SCHEDULES: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "Karras": _NO_SIGMAS | {"use_karras_sigmas": True},
    "exponential": _NO_SIGMAS | {"use_exponential_sigmas": True},
    "beta": _NO_SIGMAS | {"use_beta_sigmas": True},
    "lu": {"use_lu_lambdas": True, "use_karras_sigmas": False},
    "SGM uniform": {"timestep_spacing": "trailing"},
    "normal": {"timestep_spacing": "linspace"},
    "DDIM uniform": {"timestep_spacing": "leading"},
}


@dataclass(frozen=True)
class Sampler:
    """cls: a scheduler class of diffusers. only: the schedules that work, if not by its config.

    least: the fewest steps it can take.
    """

    cls: str
    config: Config = field(default_factory=dict[str, Any])
    only: tuple[str, ...] = ()
    least: int = 1


_MULTI = "DPMSolverMultistepScheduler"
_SINGLE = "DPMSolverSinglestepScheduler"
_PP = {"algorithm_type": "dpmsolver++", "solver_order": 2, "final_sigmas_type": "zero"}
_SDE = _PP | {"algorithm_type": "sde-dpmsolver++"}
_FEW = (DEFAULT,)  # solvers for distilled models, or for flows, pick their own noise levels

SAMPLERS: dict[str, Sampler] = {
    "Euler": Sampler("EulerDiscreteScheduler"),
    "Euler a": Sampler("EulerAncestralDiscreteScheduler"),
    "Heun": Sampler("HeunDiscreteScheduler"),
    "DPM2": Sampler("KDPM2DiscreteScheduler"),
    "DPM2 a": Sampler("KDPM2AncestralDiscreteScheduler"),
    "LMS": Sampler("LMSDiscreteScheduler"),
    "DPM++ 2M": Sampler(_MULTI, _PP),
    "DPM++ 2M SDE": Sampler(_MULTI, _SDE),
    "DPM++ 3M": Sampler(_MULTI, _PP | {"solver_order": 3}),
    "DPM++ 3M SDE": Sampler(_MULTI, _SDE | {"solver_order": 3}),
    "DPM++ 2S": Sampler(_SINGLE, _PP | {"lower_order_final": True}),
    "DPM++ 3S": Sampler(_SINGLE, _PP | {"solver_order": 3, "lower_order_final": True}),
    "DPM++ SDE": Sampler(_SINGLE, _SDE | {"lower_order_final": True}),
    "UniPC": Sampler("UniPCMultistepScheduler"),
    "DEIS": Sampler("DEISMultistepScheduler"),
    "SA-Solver": Sampler("SASolverScheduler"),
    "DDIM": Sampler("DDIMScheduler"),
    "DDPM": Sampler("DDPMScheduler"),
    "PLMS": Sampler("PNDMScheduler", {"skip_prk_steps": True}),
    "PNDM": Sampler("PNDMScheduler", {"skip_prk_steps": False}, least=4),
    "LCM": Sampler("LCMScheduler", only=_FEW),
    "TCD": Sampler("TCDScheduler", only=_FEW),
}
NAMES: tuple[str, ...] = (MODEL_DEFAULT, *SAMPLERS)
# For models that were trained by flow matching, which know no other noise levels than from 0 to 1.
_FLOW: dict[str, Any] = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
FLOWS: dict[str, Sampler] = {
    "Euler": Sampler("FlowMatchEulerDiscreteScheduler"),
    "Heun": Sampler("FlowMatchHeunDiscreteScheduler"),
    "DPM++ 2M": Sampler(_MULTI, _PP | _FLOW, only=_FEW),
    "DPM++ 2M SDE": Sampler(_MULTI, _SDE | _FLOW, only=_FEW),
    "DPM++ 3M": Sampler(_MULTI, _PP | _FLOW | {"solver_order": 3}, only=_FEW),
    "UniPC": Sampler("UniPCMultistepScheduler", _FLOW, only=_FEW),
}


def flows(config: Config) -> bool:
    """Whether a model was trained by flow matching. config: its scheduler_config.json."""
    named = str(config.get("_class_name", "")).startswith("FlowMatch")
    said = config.get("prediction_type") == "flow_prediction"
    return named or said or bool(config.get("use_flow_sigmas"))


def fitted(name: str, schedule: str, config: Config, keeps: bool) -> tuple[str, str, str]:
    """The sampler and schedule that a model takes instead of those, and a sentence if they differ.

    So a graph made for one family runs with another. keeps: whether a picture is changed, which
    pipelines for flows cannot do with two calls a step. Raises BadValue for an unknown name.
    """
    if config.get("prediction_type") == "trigflow":
        return _own(name, schedule)
    if not flows(config):
        return name, schedule, ""
    said: list[str] = []
    if name not in (MODEL_DEFAULT, *FLOWS):
        _sampler(name, {})
        said.append(f"sampler {name}")
        name = MODEL_DEFAULT
    elif name == "Heun" and keeps:
        said.append("sampler Heun that begins with a picture")
        name = MODEL_DEFAULT
    if schedule not in schedules(name, config):
        said.append(f"schedule {schedule}")
        schedule = DEFAULT
    if not said:
        return name, schedule, ""
    note = (
        f"This model draws by flow matching, which has no {' and no '.join(said)}: its own is used"
    )
    return name, schedule, note


def _own(name: str, schedule: str) -> tuple[str, str, str]:
    """As `fitted`, for models of few steps that no other solver can draw with."""
    _sampler(name, {})
    if (name, schedule) == (MODEL_DEFAULT, DEFAULT):
        return name, schedule, ""
    note = "This model draws in few steps with a sampler of its own, which is used"
    return MODEL_DEFAULT, DEFAULT, note


def named(name: str, schedule: str, config: Config) -> tuple[str, str]:
    """The names of what `build` makes, where "model default" and "default" leave it to the model.

    What has no name here goes by that of its class.
    """
    if name == MODEL_DEFAULT:
        name = _name_of(str(config.get("_class_name", "DDIMScheduler")), config)
    if schedule != DEFAULT:
        return name, schedule
    entries = _entries(_solver(name, config).cls) if name in SAMPLERS else frozenset(config)
    return name, _schedule_of({k: v for k, v in config.items() if k in entries}, flows(config))


def _name_of(cls: str, config: Config) -> str:
    """The sampler of this class whose own entries are those of the model."""
    known = FLOWS if flows(config) else SAMPLERS
    usual = {k: p.default for k, p in inspect.signature(_class(cls).__init__).parameters.items()}
    own = {**usual, **config}
    same = [(name, each) for name, each in known.items() if each.cls == cls]
    best = sorted(same, key=lambda pair: -sum(own.get(k) == v for k, v in pair[1].config.items()))
    return best[0][0] if best else cls.removesuffix("Scheduler")


def _schedule_of(config: Config, flow: bool) -> str:
    """What the model's own entries ask for."""
    asked = {"use_karras_sigmas": "Karras", "use_exponential_sigmas": "exponential"}
    asked |= {"use_beta_sigmas": "beta", "use_lu_lambdas": "lu"}
    for entry, schedule in asked.items():
        if config.get(entry):
            return schedule
    spaced = {"trailing": "SGM uniform", "leading": "DDIM uniform"}
    return "simple" if flow else spaced.get(str(config.get("timestep_spacing")), "normal")


def schedules(name: str, config: Config | None = None) -> tuple[str, ...]:
    """The schedules a sampler has. config: the model's, which "model default" depends on."""
    sampler = _solver(name, config or {})
    if sampler.only:
        return sampler.only
    entries = _entries(sampler.cls)
    if "use_flow_sigmas" in entries and flows(config or {}):
        return _FEW
    return tuple(s for s, asked in SCHEDULES.items() if entries.issuperset(asked))


def build(name: str, schedule: str, config: Config, steps: int) -> Scheduler:
    """A fresh scheduler. config: the model's scheduler_config.json.

    Raises BadValue for an unknown name, a schedule that this solver does not have, or too few
    steps for it.
    """
    sampler = _solver(name, config)
    if schedule not in SCHEDULES:
        raise BadValue(f"There is no schedule “{schedule}”: choose one of {', '.join(SCHEDULES)}")
    able = schedules(name, config)
    if schedule not in able:
        raise BadValue(
            f"The sampler {name} has no {schedule} schedule: choose one of {', '.join(able)}, "
            f"or another sampler"
        )
    if steps < sampler.least:
        raise BadValue(f"The sampler {name} needs {sampler.least} steps or more, not {steps}")
    asked = {**sampler.config, **SCHEDULES[schedule]}
    if "original_inference_steps" in (entries := _entries(sampler.cls)):
        # These pick their steps out of that many, and refuse to take more.
        asked["original_inference_steps"] = max(50, steps)
    own = {k: v for k, v in config.items() if k in entries and k not in asked}
    if name in FLOWS and flows(config):
        return _flow(sampler.cls, {**own, **asked}, config)
    scheduler = _class(sampler.cls).from_config({**own, **asked})
    if schedule == "beta" and hasattr(scheduler, "alphas_cumprod"):
        scheduler._convert_to_beta = functools.partial(_beta_sigmas, scheduler)
    return scheduler


def _beta_sigmas(scheduler: Scheduler, in_sigmas: object, num_inference_steps: int) -> Any:
    """Noise levels at times spread by a beta distribution, dense at both ends, high to low.

    As the paper (arXiv 2407.12173) and artists mean it. diffusers spreads the sigmas themselves
    in that way, not the times, so that the fine end gets hardly a step and pictures fall apart.
    """
    from scipy.stats import beta

    alphas = scheduler.alphas_cumprod.cpu().numpy().astype(np.float64)
    sigmas = np.log(((1 - alphas) / alphas) ** 0.5)
    shares = beta.ppf(1 - np.linspace(0, 1, num_inference_steps, endpoint=False), 0.6, 0.6)
    return np.exp(np.interp(shares * (len(sigmas) - 1), np.arange(len(sigmas)), sigmas))


def _flow(cls: str, own: Config, config: Config) -> Scheduler:
    """A solver as flow pipelines call it: with noise levels, and a shift by the picture's size.

    Those that were made for other models neither take them nor mix noise into a picture by that
    name.
    """
    entries = _entries(cls)
    if "use_dynamic_shifting" in entries and "use_flow_sigmas" not in entries:
        return _class(cls).from_config(dict(own))
    entry = "shift" if "shift" in entries else "flow_shift"
    plain = {"use_dynamic_shifting": False, entry: 1.0}  # Heun would shift once more, at the start
    solver = _class(cls).from_config({k: v for k, v in {**own, **plain}.items() if k in entries})
    shift = float(config.get("flow_shift", config.get("shift", 1.0)))
    solver.register_to_config(**{entry: shift})
    set_timesteps = solver.set_timesteps

    def shifted(
        num_inference_steps: int | None = None,
        device: Any = None,
        sigmas: Any = None,
        mu: float | None = None,
    ) -> None:
        if mu is not None and config.get("use_dynamic_shifting"):
            solver.register_to_config(**{entry: math.exp(mu)})
        count = len(sigmas) if num_inference_steps is None else num_inference_steps
        set_timesteps(count, device=device)

    solver.set_timesteps = shifted
    if not hasattr(solver, "scale_noise"):
        solver.scale_noise = lambda sample, timestep, noise: solver.add_noise(
            sample, noise, timestep
        )
    return solver


def _solver(name: str, config: Config) -> Sampler:
    if name in FLOWS and flows(config):
        return FLOWS[name]
    return _sampler(name, config)


def _sampler(name: str, config: Config) -> Sampler:
    if name == MODEL_DEFAULT:
        return Sampler(str(config.get("_class_name", "DDIMScheduler")))
    if name not in SAMPLERS:
        raise BadValue(f"There is no sampler “{name}”: choose one of {', '.join(NAMES)}")
    return SAMPLERS[name]


@cache
def _class(name: str) -> Any:
    import diffusers  # here, so that the names above can be read without it

    found = getattr(diffusers, name, None) if name.endswith("Scheduler") else None
    if found is None:
        raise BadModel(
            f"The model's scheduler, {name}, is none that diffusers has: choose a sampler by name"
        )
    return found


@cache
def _entries(name: str) -> frozenset[str]:
    return frozenset(inspect.signature(_class(name).__init__).parameters) - {"self"}
