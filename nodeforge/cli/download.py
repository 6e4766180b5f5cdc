"""`nodeforge download`: a model from a hub, by its id, when somebody asks for it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from nodeforge.base.units import amount, clock
from nodeforge.cli.bar import WIDTH, Stream
from nodeforge.cli.words import OK, Help, say, tell
from nodeforge.models import hub
from nodeforge.models.transfer import Status, Transfer, home


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge download",
        formatter_class=Help,
        description="Download a model: only the files it needs, in one precision. What was cut "
        "goes on where it stopped.",
        epilog="examples:\n  nodeforge download org/name\n  nodeforge download org/name --list\n"
        "  nodeforge download org/name --file model.safetensors --to ~/models",
    )
    parser.add_argument("id", metavar="ORG/NAME", help="the model's id, or its address")
    parser.add_argument("--file", default="", help="this file alone")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help=f"where to, instead of {home()}")
    parser.add_argument("--full", action="store_true", help="32-bit weights, where there are both")
    parser.add_argument("--list", action="store_true", help="say what would come, and stop")
    given = parser.parse_args(argv)
    wanted = hub.wish(given.id)
    token = hub.token()
    offer = hub.look(wanted, token)
    files = hub.needed(offer, given.file or wanted.file, not given.full)
    transfer = Transfer(offer, files, (given.to or home()) / offer.id.replace("/", "--"), token)
    if given.list:
        for file in files:
            tell(f"{amount(file.size):>10}  {file.name}")
    say(f"{offer.id}: {amount(transfer.total)}, licence {offer.licence or 'not told'}.")
    if not given.list:
        transfer.news = drawn(sys.stderr)
        place = transfer.run()
        sys.stderr.write("\n" if sys.stderr.isatty() else "")
        tell(str(place))
    return OK


def drawn(stream: Stream) -> Callable[[Status], None]:
    """A line that fills on a terminal; in a log a line each tenth."""
    told = [-1]

    def draw(status: Status) -> None:
        share = status.done / status.total if status.total else 1.0
        left = f", {clock(status.left)} left" if status.left is not None else ""
        words = f"{amount(status.done)} of {amount(status.total)}, {amount(status.speed)}/s{left}"
        if stream.isatty():
            full = round(share * WIDTH)
            stream.write(f"\r\x1b[K{'█' * full}{'░' * (WIDTH - full)}  {words}")
            stream.flush()
        elif int(share * 10) > told[0]:
            told[0] = int(share * 10)
            stream.write(f"{share:.0%}  {words}\n")

    return draw
