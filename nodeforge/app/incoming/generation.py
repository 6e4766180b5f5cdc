"""How another picture was drawn, laid over a graph: which value goes to which node, and what of it
no node can take, with the reason.

Values in, a document out. The whole document is meant, whatever group is in view: wires run
between the nodes themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nodeforge.app.incoming.additions import known, lora_stage, with_lora, with_negative, words
from nodeforge.app.incoming.placement import file_param, title_of
from nodeforge.app.models.placing import reference
from nodeforge.app.words import tr
from nodeforge.base.numbers import written
from nodeforge.errors import BadValue
from nodeforge.graph.document import Document, NodeId, wires
from nodeforge.graph.spec import Choice, Dice, Number, Param, Specs, StageSpec, Text, Value
from nodeforge.interop.a1111 import GenerationData
from nodeforge.models.entry import Entry
from nodeforge.models.kinds import LORA

DISTILLED = "distilled cfg scale"  # what Flux calls guidance; its other one is 1
# Names in other programs that mean one of ours; all others must be the same but for their case.
SAMPLERS = {
    "euler ancestral": "Euler a", "euler_ancestral": "Euler a", "dpm2 ancestral": "DPM2 a",
    "dpm_2": "DPM2", "dpm_2_ancestral": "DPM2 a", "dpmpp_2m": "DPM++ 2M", "dpmpp_sde": "DPM++ SDE",
    "dpmpp_2m_sde": "DPM++ 2M SDE", "dpmpp_3m_sde": "DPM++ 3M SDE", "uni_pc": "UniPC",
    "undefined": "model default",
}  # fmt: skip
SCHEDULES = {
    "automatic": "default", "ddim": "DDIM uniform", "sgm_uniform": "SGM uniform",
    "ddim_uniform": "DDIM uniform",
}  # fmt: skip


class Put(NamedTuple):
    node: NodeId
    param: str
    value: Value


@dataclass(frozen=True)
class Setting:
    """One thing that is told. shown: its value in words. puts: the values that it sets; without a
    parameter, the words of a negative prompt that is made beside that node. lora: its file and
    weight, for a node of its own. why: why nothing takes it; it puts nothing then."""

    name: str
    shown: str
    puts: tuple[Put, ...] = ()
    lora: tuple[str, float] | None = None
    why: str = ""


def samplers(document: Document, specs: Specs) -> list[NodeId]:
    """The nodes that draw: with steps and a seed."""
    return [id for id, node in document.nodes.items() if _draws(specs.get(node.stage))]


def settings(
    document: Document,
    specs: Specs,
    sampler: NodeId,
    data: GenerationData,
    models: Iterable[Entry] = (),
) -> tuple[Setting, ...]:
    """All that is told, in the order people read it. models: those known here."""
    reading = _Reading(document, specs, sampler, data)
    return tuple(each for each in (*reading.all(tuple(models)),) if each)


def apply(document: Document, specs: Specs, sampler: NodeId, chosen: Iterable[Setting]) -> Document:
    """The document with these values; what has a reason against it is passed over."""
    for each in chosen:
        for node, param, value in each.puts:
            if param:
                document = document.set(node, **{param: value})
            else:
                document = with_negative(document, specs, sampler, node, str(value))
        if each.lora is not None:
            document = with_lora(document, specs, sampler, *each.lora)
    return document


def summary(data: GenerationData) -> str:
    """In one line: 20 steps · DPM++ 2M · seed 41 · 512 x 768."""
    size = f"{data.width} \u00d7 {data.height}" if data.width and data.height else ""
    parts = (
        tr("{} steps").format(data.steps) if data.steps else "",
        " ".join(filter(None, (data.sampler, data.schedule))),
        tr("seed {}").format(data.seed) if data.seed is not None else "",
        size,
    )
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class _Reading:
    document: Document
    specs: Specs
    sampler: NodeId
    data: GenerationData

    def all(self, models: tuple[Entry, ...]) -> Iterable[Setting | None]:
        data = self.data
        distilled = next((v for k, v in data.extras if k.lower() == DISTILLED), "")
        yield self._prompt(tr("Prompt"), "positive", data.prompt)
        yield self._prompt(tr("Negative prompt"), "negative", data.negative)
        yield self._own(tr("Seed"), Dice, "seed", data.seed)
        yield self._own(tr("Steps"), Number, "steps", data.steps)
        yield self._own(tr("Guidance"), Number, "guidance", _number(distilled) or data.cfg)
        yield self._choice(tr("Sampler"), "sampler", data.sampler, SAMPLERS)
        schedule = data.schedule or ("default" if data.sampler else "")
        yield self._choice(tr("Schedule"), "schedule", schedule, SCHEDULES)
        yield from self._size()
        yield self._strength()
        yield self._model(models)
        yield from self._loras(models)
        yield from self._rest()

    # Each

    def _own(
        self, name: str, kind: type[Number], param: str, value: Value | None
    ) -> Setting | None:
        """A number of the sampler's own."""
        if value is None:
            return None
        spec = self.specs[self.document.nodes[self.sampler].stage]
        found = spec.param.get(param)
        if found is None or not isinstance(found.kind, kind):
            return Setting(name, f"{value}", why=tr("{} has no such value.").format(spec.title))
        return self._set(name, written(value) if isinstance(value, float) else f"{value}",
                         self.sampler, found, value)  # fmt: skip

    def _choice(
        self, name: str, param: str, told: str, aliases: Mapping[str, str]
    ) -> Setting | None:
        spec = self.specs[self.document.nodes[self.sampler].stage]
        found = spec.param.get(param)
        if not told:
            return None
        if found is None or not isinstance(found.kind, Choice):
            return Setting(name, told, why=tr("{} has no such choice.").format(spec.title))
        wanted = aliases.get(told.lower(), told).lower()
        ours = next((each for each in found.kind.options if each.lower() == wanted), "")
        if not ours:
            why = tr("NodeForge has no {} of this name.").format(name.lower())
            return Setting(name, told, why=why)
        return self._set(name, ours, self.sampler, found, ours)

    def _prompt(self, name: str, input: str, text: str) -> Setting | None:
        at = self._text_before(input)
        had = str(self.document.nodes[at[0]].values.get(at[1].name, at[1].default)) if at else ""
        if not text and (input == "positive" or not had):
            return None
        shown = text.strip() or tr("none")
        if at is None:
            links = self.document.nodes[self.sampler].links
            model = self._text_before("positive")
            if input == "negative" and not links.get(input) and model:
                return Setting(name, shown, (Put(model[0], "", text),))
            return Setting(name, shown, why=tr("No prompt is wired to {} here.").format(input))
        other = self._text_before("positive") if input == "negative" else None
        if other and other[0] == at[0]:
            return Setting(name, shown, why=tr("Both prompts are the same node here."))
        return self._set(name, shown, at[0], at[1], text)

    def _size(self) -> Iterable[Setting]:
        wide, high = self.data.width, self.data.height
        if not wide or not high:
            return
        name, shown = tr("Size"), f"{wide} \u00d7 {high}"
        id = self._canvas()
        if id is None:
            why = tr("The size comes from the picture here.")
            yield Setting(name, shown, why=why)
            return
        spec = self.specs[self.document.nodes[id].stage]
        pair = [self._set(name, shown, id, spec.param[p], v)
                for p, v in (("width", wide), ("height", high))]  # fmt: skip
        why = next((each.why for each in pair if each.why), "")
        puts = () if why else tuple(put for each in pair for put in each.puts)
        yield Setting(name, shown, puts, why=why)

    def _strength(self) -> Setting | None:
        value = self.data.strength
        if value is None:
            return None
        name, shown = tr("Strength"), written(value)
        if self._canvas() is not None:
            if self.data.hires:
                return None  # it belongs to the second drawing, which is told below
            return Setting(name, shown, why=tr("Nothing is drawn over a picture here."))
        return self._own(name, Number, "strength", value)

    def _model(self, models: tuple[Entry, ...]) -> Setting | None:
        name, told, hash = tr("Model"), self.data.model, self.data.model_hash
        if not told and not hash:
            return None
        id = self._before("model", lambda spec: file_param(spec, "model") is not None)
        if id is None:
            return Setting(name, told or hash, why=tr("No node loads a model here."))
        param = file_param(self.specs[self.document.nodes[id].stage], "model")
        whole = tuple(each for each in models if each.kind.kind != LORA)
        entry = known(whole, told, hash)
        if param is None or entry is None:
            now = tr("This model is not among yours.")
            return Setting(name, told or hash, why=now)
        return self._set(name, entry.name, id, param, reference(entry))

    def _loras(self, models: tuple[Entry, ...]) -> Iterable[Setting]:
        ours = tuple(each for each in models if each.kind.kind == LORA)
        for lora in self.data.loras:
            name, shown = tr("LoRA"), f"{lora.name}, {written(lora.weight)}"
            entry, stage = known(ours, lora.name, lora.hash), lora_stage(self.specs)
            if entry is None or stage is None or not self._before("model", _any):
                why = tr("This LoRA is not among yours; its tag was left out of the words.")
                yield Setting(name, shown, why=why)
                continue
            try:
                stage.param["strength"].kind.check(lora.weight)
            except BadValue as error:
                yield Setting(name, shown, why=f"{error}.")
            else:
                yield Setting(name, shown, lora=(reference(entry), lora.weight))

    def _rest(self) -> Iterable[Setting]:
        if self.data.clip_skip and self.data.clip_skip > 1:
            yield Setting(tr("Clip skip"), f"{self.data.clip_skip}", why=tr("No node does this."))
        if hires := self.data.hires:
            scale = f"\u00d7 {written(hires.scale)}" if hires.scale else ""
            size = f"{hires.width} \u00d7 {hires.height}" if hires.width else ""
            why = tr("A second Sample would do this: it is not added.")
            yield Setting(tr("Second pass"), scale or size or tr("yes"), why=why)
        left = [(n, v) for n, v in self.data.extras if n.lower() != DISTILLED]
        if left:
            names = ", ".join(name for name, _ in left)
            yield Setting(tr("Not used"), names, why=tr("No node has these."))

    # Where

    def _set(self, name: str, shown: str, id: NodeId, param: Param, value: Value) -> Setting:
        node = self.document.nodes[id]
        if node.links.get(param.name):
            why = tr("In {} it comes by a wire.").format(title_of(node, self.specs))
            return Setting(name, shown, why=why)
        try:
            param.kind.check(value)
        except BadValue as error:
            return Setting(name, shown, why=f"{error}.")
        return Setting(name, shown, (Put(id, param.name, value),))

    def _text_before(self, input: str) -> tuple[NodeId, Param] | None:
        """The words that reach an input: of the nearest prompt, or of what a wire feeds it by."""
        id = self._before(input, lambda spec: words(spec) is not None)
        while id is not None:
            node = self.document.nodes[id]
            param = words(self.specs[node.stage]) or _text(self.specs[node.stage])
            if param is None:
                return None
            link = next(iter(node.links.get(param.name, ())), None)
            if link is None:
                return id, param
            giver = self.document.nodes.get(link.node)
            id = giver.id if giver and giver.stage in self.specs else None
        return None

    def _canvas(self) -> NodeId | None:
        """The empty latent that is drawn on."""
        return self._before("latent", lambda spec: _sizes(spec) and _makes(spec, "Latent"))

    def _before(self, input: str, fits: Callable[[StageSpec], bool]) -> NodeId | None:
        """The nearest node up the wires from an input of the sampler that fits."""
        row = [link.node for link in self.document.nodes[self.sampler].links.get(input, ())]
        seen = set(row)
        while row:
            after: list[NodeId] = []
            for id in row:
                node = self.document.nodes.get(id)
                spec = self.specs.get(node.stage) if node else None
                if node is None or spec is None:
                    continue
                if fits(spec):
                    return id
                after += (link.node for link in wires(node) if link.node not in seen)
            row = list(dict.fromkeys(after))
            seen.update(row)
        return None


def _draws(spec: StageSpec | None) -> bool:
    if spec is None or "steps" not in spec.param:
        return False
    return any(isinstance(param.kind, Dice) for param in spec.params)


def _sizes(spec: StageSpec) -> bool:
    return {"width", "height"} <= spec.param.keys()


def _makes(spec: StageSpec, type: str) -> bool:
    return any(port.type == type for port in spec.outputs)


def _text(spec: StageSpec) -> Param | None:
    return next((p for p in spec.params if type(p.kind) is Text), None)


def _any(spec: StageSpec) -> bool:
    return True


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
