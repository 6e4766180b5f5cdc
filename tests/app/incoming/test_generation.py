"""The settings of other pictures, laid over graphs: what is taken, and what is not and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nodeforge import resources
from nodeforge.app.incoming.generation import Setting, apply, samplers, settings
from nodeforge.graph import file
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.spec import Specs, StageSpec
from nodeforge.interop.a1111 import parse_parameters
from nodeforge.models.entry import Entry
from nodeforge.models.kinds import LORA, Kind
from tests.app.conftest import MODEL, NEGATIVE, PROMPT, SAMPLE

SIZE = NodeId("size")
CIVITAI = """a red dragon, (castle:1.2) <lora:ink:0.8>
Negative prompt: blurry, lowres
Steps: 31, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 965400086, Size: 512x768, \
Model hash: 6ce0161689, Model: v1-5, Clip skip: 2, ENSD: 31337"""


@pytest.fixture
def known(specs: tuple[StageSpec, ...]) -> Specs:
    return {spec.id: spec for spec in specs}


def found(
    document: Document, known: Specs, text: str, models: tuple[Entry, ...] = ()
) -> dict[str, Setting]:
    data = parse_parameters(text)
    assert data is not None
    told = settings(document, known, samplers(document, known)[0], data, models)
    return {each.name: each for each in told}


def test_all_that_civitai_copies_finds_its_place(graph: Document, known: Specs) -> None:
    told = found(graph, known, CIVITAI)
    after = apply(graph, known, SAMPLE, told.values())
    assert after.nodes[PROMPT].values["text"] == "a red dragon, (castle:1.2)"
    assert after.nodes[NEGATIVE].values["text"] == "blurry, lowres"
    want = {"steps": 31, "seed": 965400086, "guidance": 7.5, "sampler": "DPM++ 2M"}
    assert want.items() <= after.nodes[SAMPLE].values.items()
    assert after.nodes[SAMPLE].values["schedule"] == "Karras"
    assert after.nodes[SIZE].values == {"width": 512, "height": 768}
    assert after.nodes.keys() == graph.nodes.keys()


def test_what_no_node_takes_says_why(graph: Document, known: Specs) -> None:
    told = found(graph, known, CIVITAI)
    left = {name: each.why for name, each in told.items() if each.why}
    assert left.keys() == {"Model", "LoRA", "Clip skip", "Not used"}
    assert "not among yours" in left["Model"]
    assert told["Not used"].shown == "ENSD"
    assert all(not each.puts for each in told.values() if each.why)


def test_only_what_is_ticked_is_taken(graph: Document, known: Specs) -> None:
    told = found(graph, known, CIVITAI)
    after = apply(graph, known, SAMPLE, [told["Seed"]])
    assert after == graph.set(SAMPLE, seed=965400086)


@pytest.mark.parametrize(
    ("name", "sampler", "schedule"),
    [
        ("Euler a", "Euler a", "default"),
        ("euler_ancestral", "Euler a", "default"),
        ("DPM++ 2M SDE Karras", "DPM++ 2M SDE", "Karras"),
        ("dpmpp_2m", "DPM++ 2M", "default"),
        ("UniPC, Schedule type: SGM Uniform", "UniPC", "SGM uniform"),
        ("Euler, Schedule type: Automatic", "Euler", "default"),
        ("DDIM, Schedule type: Exponential", "DDIM", "exponential"),
    ],
)
def test_samplers_go_by_the_names_of_other_programs(
    graph: Document, known: Specs, name: str, sampler: str, schedule: str
) -> None:
    told = found(graph, known, f"x\nSteps: 5, Sampler: {name}, Seed: 1")
    values = apply(graph, known, SAMPLE, told.values()).nodes[SAMPLE].values
    assert (values["sampler"], values["schedule"]) == (sampler, schedule)


def test_a_sampler_that_there_is_not_says_so(graph: Document, known: Specs) -> None:
    told = found(graph, known, "x\nSteps: 5, Sampler: Restart, Schedule type: Simple, Seed: 1")
    assert "no sampler" in told["Sampler"].why
    assert "no schedule" in told["Schedule"].why


def test_a_value_out_of_range_says_so_and_is_not_clamped(graph: Document, known: Specs) -> None:
    told = found(graph, known, "x\nSteps: 5000, Sampler: Euler, Seed: 1, Size: 4x99999")
    assert "between" in told["Steps"].why
    assert "between" in told["Size"].why
    after = apply(graph, known, SAMPLE, told.values())
    assert after.nodes[SIZE] == graph.nodes[SIZE]


def test_what_comes_by_a_wire_stays(graph: Document, known: Specs) -> None:
    number = Node(NodeId("n"), "source.number")
    document = graph.add(number).expose(SAMPLE, "steps")
    document = document.connect(number.id, "value", SAMPLE, "steps")
    assert "by a wire" in found(document, known, CIVITAI)["Steps"].why


def test_the_words_of_a_wired_text_are_the_prompt(graph: Document, known: Specs) -> None:
    text = Node(NodeId("t"), "source.text", values={"text": "a house"})
    document = graph.add(text).expose(PROMPT, "text").connect(text.id, "value", PROMPT, "text")
    after = apply(document, known, SAMPLE, found(document, known, CIVITAI).values())
    assert after.nodes[text.id].values["text"] == "a red dragon, (castle:1.2)"


def test_a_negative_prompt_that_is_missing_is_made(graph: Document, known: Specs) -> None:
    document = graph.remove(NEGATIVE)
    after = apply(document, known, SAMPLE, found(document, known, CIVITAI).values())
    (link,) = after.nodes[SAMPLE].links["negative"]
    made = after.nodes[link.node]
    assert (made.stage, made.title) == ("guide.prompt", "Negative prompt")
    assert made.values == {"text": "blurry, lowres"}
    assert made.links["model"] == (Link(MODEL, "model"),)


def test_no_negative_prompt_empties_the_one_there_is(graph: Document, known: Specs) -> None:
    document = graph.set(NEGATIVE, text="ugly")
    told = found(document, known, "x\nSteps: 5, Sampler: Euler, Seed: 1")
    assert told["Negative prompt"].shown == "none"
    after = apply(document, known, SAMPLE, told.values())
    assert after.nodes[NEGATIVE].values["text"] == ""


def test_one_prompt_for_both_is_not_overwritten_by_the_negative(
    graph: Document, known: Specs
) -> None:
    document = graph.connect(PROMPT, "conditioning", SAMPLE, "negative")
    assert "same node" in found(document, known, CIVITAI)["Negative prompt"].why


def test_over_a_picture_the_size_stays_and_the_strength_is_taken(known: Specs) -> None:
    document = file.load(resources.path("graphs/image-to-image.nodeforge"))
    told = found(document, known, f"{CIVITAI}, Denoising strength: 0.35")
    assert "from the picture" in told["Size"].why
    after = apply(document, known, samplers(document, known)[0], told.values())
    assert after.nodes[samplers(document, known)[0]].values["strength"] == 0.35


def test_the_strength_of_a_second_pass_is_no_strength_here(graph: Document, known: Specs) -> None:
    text = f"{CIVITAI}, Denoising strength: 0.5, Hires upscale: 2, Hires upscaler: Latent"
    told = found(graph, known, text)
    assert "Strength" not in told
    assert "second Sample" in told["Second pass"].why
    assert (
        "over a picture"
        in found(graph, known, f"{CIVITAI}, Denoising strength: 0.5")["Strength"].why
    )


@pytest.mark.parametrize("told", ["hash", "name"])
def test_a_model_that_is_here_is_chosen(graph: Document, known: Specs, told: str) -> None:
    path = "/models/SD/v1-5.safetensors" if told == "name" else "/models/other.safetensors"
    entry = Entry(path, str(Path(path).parent), "", "")
    if told == "hash":
        entry = replace(
            entry, sha256="6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa"
        )
    setting = found(graph, known, CIVITAI, (entry,))["Model"]
    after = apply(graph, known, SAMPLE, [setting])
    assert after.nodes[MODEL].values["file"] == path


def test_a_lora_that_is_here_comes_between_the_model_and_what_draws(
    graph: Document, known: Specs
) -> None:
    entry = Entry("/loras/ink.safetensors", "/loras", "", "", kind=Kind(LORA))
    told = found(graph, known, CIVITAI, (entry,))["LoRA"]
    after = apply(graph, known, SAMPLE, [told])
    (new,) = [node for id, node in after.nodes.items() if id not in graph.nodes]
    assert (new.stage, new.values) == ("guide.lora", {"file": entry.path, "strength": 0.8})
    assert new.links == {"model": (Link(MODEL, "model"),)}
    for id in (SAMPLE, PROMPT, NEGATIVE):
        assert after.nodes[id].links["model"] == (Link(new.id, "model"),)
    assert not any(node.at == new.at for node in after.nodes.values() if node is not new)
    after.order()  # no circle


def test_a_checkpoint_of_the_same_name_is_no_lora(graph: Document, known: Specs) -> None:
    entry = Entry("/models/ink.safetensors", "/models", "", "")
    assert "not among yours" in found(graph, known, CIVITAI, (entry,))["LoRA"].why


def test_guidance_of_flux_is_its_distilled_one(graph: Document, known: Specs) -> None:
    text = "x\nSteps: 5, Sampler: Euler, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 1"
    told = found(graph, known, text)
    assert told["Guidance"].puts[0].value == 3.5
    assert "Not used" not in told


def test_the_largest_seed_is_exact_or_says_so(graph: Document, known: Specs) -> None:
    told = found(graph, known, f"x\nSteps: 5, Sampler: Euler, Seed: {2**64 - 1}")["Seed"]
    assert told.why or told.puts[0].value == 2**64 - 1
