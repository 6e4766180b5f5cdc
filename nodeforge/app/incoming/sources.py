"""The node that brings in a picture or a model, and how it names the file."""

from __future__ import annotations

from nodeforge.app.incoming.kinds import Item, Model, Picture
from nodeforge.app.incoming.placement import Source
from nodeforge.app.models import placing
from nodeforge.app.models.stock import stock_of
from nodeforge.app.session import Session
from nodeforge.models.entry import Entry

LOAD = "source.load_image"


def source_of(session: Session, item: Item) -> Source | None:
    """None for a model that no node takes alone, and for all that is neither."""
    if isinstance(item, Picture):
        return picture(str(item.path))
    if not isinstance(item, Model):
        return None
    known, path = entry_at(session, str(item.path)), item.path
    return model(session, known or Entry(str(path), str(path.parent), "", "", kind=item.kind))


def picture(path: str) -> Source:
    return Source(LOAD, "file", "image", {"file": path})


def model(session: Session, entry: Entry) -> Source | None:
    spec = placing.stage(session.specs, entry)
    taking = placing.what(entry.kind.kind)
    param = placing.param(spec, taking) if spec else None
    if spec is None or param is None:
        return None
    return Source(spec.id, param.name, taking, placing.values(spec, entry))


def entry_at(session: Session, path: str) -> Entry | None:
    """The model of the library that lies there."""
    stock = stock_of(session)
    return stock.entries.get(path) if stock else None
