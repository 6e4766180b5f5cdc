"""A model in one file, as its makers and other programs keep it, seen as a diffusers folder.

The file's header tells the family; `resources/families` has what a folder's model_index.json and
configs would say, and the tokenizers; shapes tell the rest. Each component is read by itself,
and converted by diffusers' own functions. Nothing is asked of any hub.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import torch

from nodeforge import resources
from nodeforge.diffusion import shapes, tensors
from nodeforge.diffusion.parts import Part, Piece
from nodeforge.diffusion.pool import LOADING
from nodeforge.errors import BadModel
from nodeforge.families.table import TOLD

TABLES = ("safetensors", "gguf", *(suffix[1:] for suffix in tensors.PICKLES))
UNET = "model.diffusion_model."
WIDTHS = ("latent_channels", "hidden_size", "d_model")


@dataclass(frozen=True)
class Layout:
    """What resources/families says of a kind of checkpoint.

    index: as model_index.json. configs: what shapes cannot tell, by component. tokenizers: which
    of ours, and words for it. prefixes: where a component lies in a whole checkpoint.
    """

    family: str
    index: Mapping[str, Any]
    configs: Mapping[str, Mapping[str, Any]]
    tokenizers: Mapping[str, Mapping[str, Any]]
    prefixes: Mapping[str, tuple[str, ...]]


def layout(path: Path) -> Layout:
    """The kind of checkpoint a file is. Raises MissingModel or BadModel."""
    return _layout(variant(tensors.table(path)))


@cache
def _layout(name: str) -> Layout:
    found = json.loads(resources.path(f"families/{name}.json").read_text("utf-8"))
    prefixes = {part: tuple(each) for part, each in found["inside"].items()}
    return Layout(found["family"], found["index"], found["configs"], found["tokenizers"], prefixes)


@lru_cache(maxsize=256)
def variant(table: tensors.Table) -> str:
    """Which file of resources/families describes it. Raises BadModel for what is no model."""
    for entry in TOLD:
        for prefix in (UNET, ""):
            bare = _bare(table, prefix)
            if read := shapes.reader(entry.network, bare):
                config = _told(table, "denoiser", read, bare)
                resource = entry.resource(config, table.entries)
                if resource is not None:
                    return resource or entry.id
    raise BadModel(
        f"“{table.path.name}” holds no diffusion model that NodeForge knows: choose a checkpoint, "
        f"or the model as a diffusers folder"
    )


def holds(path: Path, name: str) -> bool:
    """Whether the file brings this component, or NodeForge does (tokenizers, the scheduler)."""
    known = layout(path)
    if name in known.tokenizers or name == "scheduler":
        return True
    return _found(tensors.table(path), known, name, _prefixes(known, name)) is not None


def fits(path: Path, known: Layout, name: str, exactly: bool = False) -> bool:
    """Whether a file beside a model could be this component of it. exactly: as wide as usual."""
    prefixes = _prefixes(known, name, beside=True)
    found = _found(tensors.table(path), known, name, prefixes) if packs(path) else None
    if found is None:
        return False
    usual = known.configs.get(name, {})
    same = all(found.config[key] == usual[key] for key in WIDTHS if key in usual)
    return same or (name != "vae" and not exactly)


def part(path: Path, name: str, known: Layout | None = None) -> Part:
    """One component. known: the layout of the model it is for, if the file is one beside it.

    Raises MissingModel or BadModel.
    """
    own = known or layout(path)
    library, cls = _class(own, name)
    if name in own.tokenizers:
        words = dict(own.tokenizers[name])
        folder = resources.path("families/tokenizers") / str(words.pop("from"))
        files = tuple(sorted(folder.iterdir()))
        return Part(name, folder, library, cls, "", (), files, words=words)
    prefixes = _prefixes(own, name, beside=known is not None)
    found = _found(tensors.table(path), own, name, prefixes)
    if found is None:
        raise BadModel(f"“{path.name}” holds no {name}: give one that has it with Assemble model")
    return Part(name, path / name, library, cls, "", (path,), (path,), piece=found)


def config(path: Path, name: str, known: Layout | None = None) -> Mapping[str, Any]:
    """The config of one component, fitted to the file."""
    own = known or layout(path)
    if name == "scheduler":
        return {**own.configs["scheduler"], **_prediction(tensors.table(path))}
    found = part(path, name, known).piece
    return found.config if found else {}


def _prefixes(known: Layout, name: str, beside: bool = False) -> tuple[str, ...]:
    """Where a component may lie: a denoiser, and what is beside a model, may be all of a file."""
    alone = beside or name in ("unet", "transformer")
    return (*known.prefixes.get(name, ()), *([""] if alone else []))


def _class(known: Layout, name: str) -> tuple[str, str]:
    """Library and class, both empty for what this kind of model has not."""
    library, cls = known.index.get(name) or ("", "")
    return library or "", cls or ""


def _bare(table: tensors.Table, prefix: str) -> dict[str, tuple[int, ...]]:
    cut = len(prefix)
    return {n[cut:]: e.shape for n, e in table.entries.items() if n.startswith(prefix)}


def _found(table: tensors.Table, known: Layout, name: str, prefixes: Iterable[str]) -> Piece | None:
    cls = _class(known, name)[1]
    for prefix in prefixes:
        bare = _bare(table, prefix)
        if read := shapes.reader(cls, bare):
            fitted = _fitted(table, known, name, read, bare)
            return Piece(prefix, fitted, _bytes(table, prefix), sum(map(math.prod, bare.values())))
    return None


def _bytes(table: tensors.Table, prefix: str) -> int:
    return table.size(name for name in table.entries if name.startswith(prefix))


def _fitted(
    table: tensors.Table, known: Layout, name: str, read: Any, bare: shapes.Shapes
) -> dict[str, Any]:
    fitted = {**known.configs.get(name, {}), **_told(table, name, read, bare)}
    cls = known.index[name][1]
    if cls == "UNet2DConditionModel" and "addition_embed_type" in fitted:
        fitted["addition_time_embed_dim"] = _time_width(table, known, fitted)
    return {"_class_name": cls, **fitted}


def _told(table: tensors.Table, name: str, read: Any, bare: shapes.Shapes) -> shapes.Config:
    """What the shapes say. Raises BadModel where they make no network."""
    try:
        found: shapes.Config = read(bare)
    except (KeyError, IndexError, ValueError, StopIteration, ZeroDivisionError) as error:
        raise BadModel(
            f"The {name} in “{table.path.name}” lacks {error}: copy the file again, or choose "
            f"another one"
        ) from error
    return found


def _time_width(table: tensors.Table, known: Layout, fitted: Mapping[str, Any]) -> int:
    """How many numbers SDXL makes of each size it is told: 6 of them, 5 for the refiner."""
    second = _found(table, known, "text_encoder_2", known.prefixes["text_encoder_2"])
    pooled = second.config["projection_dim"] if second else 1280
    told = 5 if "requires_aesthetics_score" in known.index else 6
    return int(fitted["projection_class_embeddings_input_dim"] - pooled) // told


def _prediction(table: tensors.Table) -> dict[str, Any]:
    """What a UNet predicts, where the file says it or, for SD 2, its weights betray it.

    Sources: the metadata standard modelspec; the empty tensors v_pred and ztsnr in SDXL; ComfyUI's
    test for SD 2, the spread of one bias.
    """
    mark = f"{UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias"
    said = table.metadata.get("modelspec.prediction_type", "")
    if "v_pred" in table.entries or said.startswith("v"):
        zero = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
        return {"prediction_type": "v_prediction", **(zero if "ztsnr" in table.entries else {})}
    if said or mark not in table.entries or variant(table) != "sd2":
        return {}
    spread = float(tensors.read(table, [mark], torch.float32)[mark].std(correction=0))
    eight = table.shape(f"{UNET}input_blocks.0.0.weight")[1:2] != (4,)
    return {} if eight or spread <= 0.09 else {"prediction_type": "v_prediction"}


def load(found: Part, dtype: torch.dtype) -> Any:
    """The component, in main memory, as precise as asked. Raises MissingModel or BadModel."""
    import diffusers
    import transformers

    assert found.piece is not None
    library = {"diffusers": diffusers, "transformers": transformers}[found.library]
    cls = getattr(library, found.cls)
    state = _state(found, dtype)
    make = _diffusers if found.library == "diffusers" else _transformers
    lacking = f"The {found.title} lacks some of its weights: copy the file again"
    try:
        model = make(cls, found, state, dtype)
    except NotImplementedError as error:  # diffusers moved a tensor that was never filled
        raise BadModel(lacking) from error
    if any(weight.is_meta for weight in model.parameters()):
        raise BadModel(lacking)
    return model.eval()


def _state(found: Part, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """The component's tensors by their names without the prefix; float8 with scales spread out."""
    assert found.piece is not None
    table, prefix = tensors.table(found.weights[0]), found.piece.prefix
    names = [name for name in table.entries if name.startswith(prefix)]
    scaled = {n for n in names if n.endswith((".scale_weight", ".weight_scale"))}
    state = tensors.read(table, [n for n in names if n not in scaled], dtype)
    for name, scale in tensors.read(table, scaled, torch.float32).items():
        weight = name.rpartition(".")[0] + ".weight"
        state[weight] = (state[weight].float() * scale).to(dtype)
    return {name[len(prefix) :]: state.pop(name) for name in list(state)}


def _diffusers(cls: Any, found: Part, state: dict[str, torch.Tensor], dtype: torch.dtype) -> Any:
    assert found.piece is not None
    words: dict[str, Any] = {"dtype": dtype, "local_files_only": True}
    if any(hasattr(tensor, "quant_type") for tensor in state.values()):
        from diffusers import GGUFQuantizationConfig

        words["quantization_config"] = GGUFQuantizationConfig(compute_dtype=dtype)
    if "input_blocks.0.0.weight" in state:
        state = {UNET + name: state.pop(name) for name in list(state)}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(found.piece.config), "utf-8")
        return cls.from_single_file(state, config=folder, **words)


def _transformers(cls: Any, found: Part, state: dict[str, torch.Tensor], dtype: torch.dtype) -> Any:
    from accelerate import init_empty_weights
    from diffusers.loaders import single_file_utils
    from diffusers.models.model_loading_utils import load_model_dict_into_meta

    assert found.piece is not None
    words = found.piece.config
    with init_empty_weights():
        model = _empty(cls, words)
    if "token_embedding.weight" in state:
        state = single_file_utils.convert_open_clip_checkpoint(model, state, prefix="")
    if "CLIP" in found.cls and not hasattr(model, "text_model"):
        state = {name.removeprefix("text_model."): tensor for name, tensor in state.items()}
    if found.cls.endswith("WithProjection"):  # CLIP-L in SD3 comes without: diffusers, too
        state.setdefault("text_projection.weight", torch.eye(words["hidden_size"], dtype=dtype))
    load_model_dict_into_meta(model, state, dtype=dtype)
    model.tie_weights()
    return model


def _empty(cls: Any, config: Mapping[str, Any]) -> Any:
    """A network of this config with whatever weights torch makes: on "meta" none."""
    words = {k: v for k, v in config.items() if k != "_class_name"}
    return cls(cls.config_class(**words)) if hasattr(cls, "config_class") else cls(**words)


def outline(found: Part) -> dict[str, tuple[int, ...]]:
    """The shapes of a component's tensors by the names they have once it is loaded."""
    import diffusers
    import transformers
    from accelerate import init_empty_weights

    assert found.piece is not None
    library = {"diffusers": diffusers, "transformers": transformers}[found.library]
    with LOADING, init_empty_weights():
        model = _empty(getattr(library, found.cls), found.piece.config)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def packs(path: Path) -> bool:
    """Whether a file could be a model in one file, by its name."""
    return path.suffix[1:].lower() in TABLES
