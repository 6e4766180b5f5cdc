"""Multiple choice about pictures: which caption is right, by a judge that knows nothing else.

One exam for whatever drew the pictures. Among the captions of other prompts it measures whether
the prompt was followed; among captions that differ in one word, whether that word was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from nodeforge.training.judge import Judge
from nodeforge.training.scenes.captions import article
from nodeforge.training.scenes.colours import COLOURS
from nodeforge.training.scenes.held_out import Prompt
from nodeforge.training.scenes.words import NUMBERS, RELATIONS, STYLES

CHOICES = 100  # captions to choose from, the right one among them
SIDES = ("left", "right")
UNDIRECTED = "beside"  # either subject may be named first
ASKED = tuple(name for name, style in STYLES.items() if style.openings and style.weight)

Options = tuple[str, ...]  # the first is right
Questions = Mapping[int, Options]  # by the number of the prompt


@dataclass(frozen=True)
class Score:
    """How many answers were right."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """0..1; not a number if nothing was asked."""
        return self.right / self.of if self.of else float("nan")


def questions(
    prompts: Sequence[Prompt], captions: Sequence[str], seed: int = 0
) -> dict[str, Questions]:
    """All that is asked about pictures of prompts, by the name of the measure.

    captions: from which wrong ones are drawn for "fidelity", always the same for a seed.
    """
    drawn = [others(prompt.caption, captions, seed) for prompt in prompts]
    asked: dict[str, Questions] = {"fidelity": dict(enumerate(drawn))}
    names = sorted({name for prompt in prompts for name in prompt.subjects})
    kinds: dict[str, Callable[[Prompt], Options]] = {
        "subject": lambda prompt: subjects(prompt, names),
        "colour": colours,
        "count": counts,
        "style": styles,
        "relation": relations,
    }
    for name, ask in kinds.items():
        options = {number: ask(prompt) for number, prompt in enumerate(prompts)}
        asked[name] = {number: some for number, some in options.items() if len(some) > 1}
    return asked


def others(caption: str, captions: Sequence[str], seed: int) -> Options:
    """The caption and up to 99 other ones."""
    rng = np.random.default_rng([seed, *caption.encode()])
    rest = sorted(set(captions) - {caption})
    count = min(CHOICES - 1, len(rest))
    return (caption, *(rest[at] for at in rng.choice(len(rest), count, replace=False)))


def subjects(prompt: Prompt, names: Sequence[str]) -> Options:
    """The caption with each other thing in the place of its first one: all else is as told."""
    told = prompt.subjects[:1]
    return changed(prompt.caption, told, [name for name in names if name not in prompt.subjects])


def colours(prompt: Prompt) -> Options:
    """The caption in thirteen colours; only the caption if none is asked for."""
    told = [word for colour in COLOURS if colour.name == prompt.colour for word in colour.words]
    return changed(prompt.caption, told, [colour.name for colour in COLOURS])


def counts(prompt: Prompt) -> Options:
    """The caption with two to six of the things."""
    return changed(
        prompt.caption, NUMBERS.get(prompt.count, ()), [words[0] for words in NUMBERS.values()]
    )


def changed(caption: str, told: Sequence[str], names: Sequence[str]) -> Options:
    """The caption, and what it becomes with other names for the one of `told` that is in it."""
    found = [word for word in told if re.search(rf"\b{word}\b", caption)]
    if not found:
        return (caption,)
    word = max(found, key=len)
    return (caption, *(replaced(caption, {word: name}) for name in names if name not in told))


def styles(prompt: Prompt) -> Options:
    """What the caption shows, in its own style and in all others; the words all in one place."""
    bare = unstyled(prompt)
    if bare == prompt.caption:
        return (prompt.caption,)
    names = [prompt.style, *(name for name in ASKED if name != prompt.style)]
    return tuple(f"{bare}, {STYLES[name].endings[0]}" for name in names)


def unstyled(prompt: Prompt) -> str:
    """The caption without the words for its style."""
    style, caption = STYLES[prompt.style], prompt.caption
    for words in sorted(style.openings, key=len, reverse=True):
        caption = caption.removeprefix(f"{words} ")
    for words in sorted(style.endings, key=len, reverse=True):
        caption = caption.removesuffix(f", {words}")
    if style.adjective:
        caption = re.sub(
            rf"^an? {style.adjective} (.)", lambda found: article(found.group(1)), caption
        )
    return caption


def relations(prompt: Prompt) -> Options:
    """The caption, and the one in which the two subjects, or the sides, are exchanged."""
    caption = prompt.caption
    if prompt.relation not in RELATIONS or prompt.relation == UNDIRECTED:
        return (caption,)
    one, two = SIDES if prompt.relation == "left" else prompt.subjects[:2]
    turned = replaced(caption, {one: two, two: one})
    return (caption, turned) if turned != caption else (caption,)


def replaced(caption: str, words: Mapping[str, str]) -> str:
    """The caption with words exchanged for others, all at once, and "a" or "an" as they need.

    "an orange cat" with {"orange": "red"} is "a red cat".
    """
    told = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

    def other(found: re.Match[str]) -> str:
        word = words[found.group(2)]
        return article(word) if found.group(1) else word

    return re.sub(rf"\b(an? )?({told})\b", other, caption)


def answers(judge: Judge, seen: Tensor, asked: Questions) -> dict[int, str]:
    """What the judge chooses for each question.

    seen: [n, d], the pictures of all prompts as the judge sees them.
    """
    told = sorted({option for options in asked.values() for option in options})
    place = {caption: number for number, caption in enumerate(told)}
    if not told:
        return {}
    fits = (seen @ judge.words(told).T).cpu()
    return {
        number: max(options, key=lambda option: float(fits[number, place[option]]))
        for number, options in asked.items()
    }


def mark(judge: Judge, seen: Tensor, asked: Mapping[str, Questions]) -> dict[str, Score]:
    """Scores by the name of the measure."""
    return {name: score(answers(judge, seen, some), some) for name, some in asked.items()}


def score(given: Mapping[int, str], asked: Questions) -> Score:
    return Score(sum(given[number] == asked[number][0] for number in asked), len(asked))
