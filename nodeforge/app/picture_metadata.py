"""What pictures tell besides what is seen, as the artist chooses it; kept in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from nodeforge.app import settings
from nodeforge.app.actions import Act
from nodeforge.app.words import tr

TELLS, MARKS = "pictures/metadata", "pictures/ai_mark"


def tells() -> str:
    """What pictures of the Viewer tell: "everything", "settings only" or "nothing"."""
    found = settings.text(TELLS, "everything")
    return found if found in ("settings only", "nothing") else "everything"


def marks() -> bool:
    """Whether pictures say that a model drew them."""
    return settings.text(MARKS, "on") != "off"


def metadata_acts() -> Iterator[Act]:
    """What pictures may tell, whoever writes them; each file of Save image says so itself."""
    within = tr("Pictures tell")
    for keep, title, about in (
        (
            "everything",
            tr("The graph and the settings"),
            tr("Open the picture to get its graph back; A1111 and Civitai read the settings."),
        ),
        (
            "settings only",
            tr("The settings only"),
            tr("Prompt, seed, steps and so on, as A1111 and Civitai read them."),
        ),
        ("nothing", tr("Neither"), tr("Nobody learns from the file how it was made.")),
    ):
        yield Act(
            f"tells_{keep.split()[0]}",
            title,
            partial(settings.put, TELLS, keep),
            menu="File",
            within=within,
            checked=partial(_is_told, keep),
            about=about,
        )
    yield Act(
        "ai_mark",
        tr("That a model drew them"),
        lambda: settings.put(MARKS, "off" if marks() else "on"),
        menu="File",
        within=within,
        checked=marks,
        about=tr(
            "A mark of the IPTC that sites and programs read; the law of some countries asks for "
            "it. Where no model drew there is none."
        ),
    )


def _is_told(keep: str) -> bool:
    return tells() == keep
